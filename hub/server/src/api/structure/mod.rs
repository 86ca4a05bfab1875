//! `/v1/structure`: an institution's own units, posts, staff, delegations and rules of competence. Nobody else sees them.

mod tree;
mod entries;

use super::door::Door;

/// The routes of the structure.
#[must_use]
pub fn routes(door: Door) -> Door {
    door.get("/v1/structure", tree::tree)
        .get("/v1/structure/acting/{person}", tree::acting)
        .get("/v1/structure/{kind}", entries::list)
        .post("/v1/structure/{kind}", entries::create)
        .get("/v1/structure/{kind}/{id}", entries::show)
        .put("/v1/structure/{kind}/{id}", entries::change)
        .post("/v1/structure/{kind}/{id}/withdraw", entries::withdraw)
        .get("/v1/structure/{kind}/{id}/history", entries::history)
}
