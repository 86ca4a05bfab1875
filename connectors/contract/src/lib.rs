//! What a connector promises.
//!
//! An **engine** speaks a protocol (REST, SOAP, AS4 …). A **system** is a folder with a manifest that says how one
//! institution uses that protocol. The hub talks to both only through the traits here; retrying, leasing, quotas and
//! evidence live once, in the hub. This package knows nothing of the hub.

pub mod consignment;
pub mod outcome;
pub mod guard;
pub mod outbound;
pub mod lookup;
pub mod permits;
pub mod inbound;
pub mod manifest;
pub mod recorded;
pub mod systems;
pub mod reading;

pub use consignment::{Body, Consignment, Part, PartContent};
pub use guard::{Forbidden, Guard, Reach};
pub use inbound::{Arrival, Inbound, Trouble, Verdict};
pub use lookup::{Alone, Answer, Document, Lookup, Question, Reply, Systems};
pub use manifest::{Manifest, ManifestError};
pub use outbound::{Channel, Engine, Outbound, SideEffect};
pub use outcome::{Attempt, Exchange, Inquiry, Outcome};
pub use recorded::{RecordedAnswer, RecordedExchange, SystemFolder};
