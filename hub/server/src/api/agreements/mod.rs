//! `/v1/agreements`: who may send what to whom, and why. Proposed by one, approved by another, in force on its days, ended;
//! no agreement, no route.

mod list;
mod course;
mod conformity;

use super::directory::entry::{Said, Written};
use super::door::Door;

/// The routes of agreements.
#[must_use]
pub fn routes(door: Door) -> Door {
    door.get("/v1/agreements", list::list)
        .post("/v1/agreements", course::propose)
        .taking::<Written>()
        .get("/v1/agreements/expiring", list::expiring)
        .get("/v1/agreements/{id}", list::show)
        .put("/v1/agreements/{id}", course::revise)
        .taking::<Written>()
        .get("/v1/agreements/{id}/history", list::history)
        .post("/v1/agreements/{id}/approve", course::approve)
        .taking::<Said>()
        .post("/v1/agreements/{id}/end", course::end)
        .taking::<Said>()
        .get("/v1/agreements/{id}/conformity", conformity::json)
        .get("/v1/agreements/{id}/conformity.pdf", conformity::pdf)
}
