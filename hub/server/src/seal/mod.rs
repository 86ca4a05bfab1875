//! The life of the seal: opened as configured, watched while it is used, replaced without a stop, and halted by when it may
//! not be used.
//!
//! It may assume a hub that is assembled. It asks issuers off the hot path, and never lets a half-replaced pair of key and
//! certificate seal anything.

mod open;
mod revocation;
mod watch;
mod stamping;

pub use open::{Opened, open};
pub use revocation::{Asked, Found, Issuers};
pub use stamping::{Authority, Stamping};
pub use watch::{Report, SealWatch};
