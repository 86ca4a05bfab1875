//! `/v1/structure`: an institution's own units, posts, staff, delegations and rules of competence. Nobody else sees them.

mod tree;
mod entries;
mod files;

use super::directory::entry::{Said, Written};
use super::door::Door;

/// The routes of the structure.
#[must_use]
pub fn routes(door: Door) -> Door {
    door.get("/v1/structure", tree::tree)
        .get("/v1/structure/acting/{person}", tree::acting)
        .get("/v1/structure/export", files::export)
        .post("/v1/structure/import", files::import)
        .carrying("text/csv")
        .get("/v1/structure/{kind}", entries::list)
        .post("/v1/structure/{kind}", entries::create)
        .taking::<Written>()
        .get("/v1/structure/{kind}/{id}", entries::show)
        .put("/v1/structure/{kind}/{id}", entries::change)
        .taking::<Written>()
        .post("/v1/structure/{kind}/{id}/withdraw", entries::withdraw)
        .taking::<Said>()
        .get("/v1/structure/{kind}/{id}/history", entries::history)
}
