//! `/v1/directory/{kind}`: the entries of the directory by API, each with all its versions, who wrote them and why.
//!
//! Institutions are seen by all; systems, channels, sources and rules of competence by their own institution and by those who
//! run the hub. Keys are never shown. Writing asks for the version that was read (`If-Match`), a clerk and a reason.

pub mod entry;
mod list;
pub(crate) mod show;
mod write;
pub(crate) mod table;
pub(crate) mod import;
mod export;

use super::door::Door;

/// The routes of the directory.
#[must_use]
pub fn routes(door: Door) -> Door {
    door.post("/v1/directory/import", import::import)
        .carrying("application/toml")
        .carrying("text/csv")
        .get("/v1/directory/export", export::export)
        .get("/v1/directory/{kind}", list::list)
        .post("/v1/directory/{kind}", write::create)
        .taking::<entry::Written>()
        .get("/v1/directory/{kind}/{id}", show::show)
        .put("/v1/directory/{kind}/{id}", write::change)
        .taking::<entry::Written>()
        .post("/v1/directory/{kind}/{id}/withdraw", write::withdraw)
        .taking::<entry::Said>()
        .get("/v1/directory/{kind}/{id}/history", show::history)
}
