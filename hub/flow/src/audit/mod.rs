//! The audit of acts: what operators, administrators and people did to the hub, in the words an auditor reads.
//!
//! Events are appended in the transaction of the act they tell of: no act without its event, no event without its act.
//! They are one chain of hashes per hub. It may assume that callers put no personal data into subjects and details. It
//! never changes or removes an event, and knows no act beyond its kind.

mod kind;
mod model;
mod store;
mod recording;

pub use kind::{Kind, Severity};
pub use model::{AuditEvent, HUB, Outcome, Principal, PrincipalKind, Recorded};
pub use recording::{Audited, RecordEvents};
pub use store::{AuditFilter, after, append, broken, list};
