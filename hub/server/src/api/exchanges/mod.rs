//! `/v1/exchanges` and `/v1/messages/{id}/exchanges`: what came in, what was sent on and what was answered, for those who
//! connect systems. Values of documents are shown to who may read messages; to others only their structure.

mod list;
mod show;
mod views;
mod mask;

use crate::api::door::Door;

/// The exchanges of the institution's messages.
#[must_use]
pub fn routes(door: Door) -> Door {
    door.get("/v1/exchanges", list::list).get("/v1/messages/{id}/exchanges", show::show)
}
