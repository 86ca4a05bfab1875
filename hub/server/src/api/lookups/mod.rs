//! `/v1/lookups`: what may be asked of registers, asking, and what was answered again.

pub mod list;
pub mod ask;
pub mod batch;
pub mod again;
mod body;
pub(super) mod told;
pub(super) mod refusals;

use crate::api::door::Door;

/// Questions to registers.
#[must_use]
pub fn routes(door: Door) -> Door {
    door.get("/v1/lookups", list::list)
        .get("/v1/lookups/{id}", again::show)
        .get("/v1/lookups/{id}/document", again::document)
        .post("/v1/lookups/{system}/{operation}", ask::ask)
        .taking::<body::One>()
        .post("/v1/lookups/{system}/{operation}/batch", batch::ask_all)
        .taking::<body::Several>()
}

pub(super) use body::read;
pub(super) use refusals::not_read;
