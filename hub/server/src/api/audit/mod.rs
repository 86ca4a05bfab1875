//! `/v1/audit`: what operators, administrators and people did, in the words an auditor reads.

pub mod list;
pub mod export;
mod trail;

pub use trail::Trail;

use crate::api::door::Door;

/// The audit of acts.
#[must_use]
pub fn routes(door: Door) -> Door {
    door.get("/v1/audit", list::list).get("/v1/audit/events.csv", export::csv)
}
