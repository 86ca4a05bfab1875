//! Relay between delivery services (EN 319 522-1, four-corner model).
//!
//! What goes with a document to the next service, what of that service's words is believed, and what is kept of them.
//! It may assume that a partner's certificates are in the directory. It never calls anybody, never issues evidence, and
//! never changes or forgets what another service sealed.

mod metadata;
mod reading;
mod belief;
mod store;

pub use belief::{Disbelief, about, certificates, evidence, sealed};
pub use metadata::{Dispatch, MessageType};
pub use reading::{Metadata, Unreadable};
pub use store::{Answer, Kept, NewReceived, Received, Standing, keep, received, tell, told_all, untold};
