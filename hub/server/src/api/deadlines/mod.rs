//! `/v1/deadlines` and `/v1/orphans`: what is due, what people are told, what nobody has.

pub mod list;
pub mod show;
pub mod notices;
pub mod orphans;

use crate::api::door::Door;

/// Terms, notices and what waits without owner.
#[must_use]
pub fn routes(door: Door) -> Door {
    door.get("/v1/registers/{register}/{year}/{number}/deadline", show::show)
        .get("/v1/deadlines", list::list)
        .get("/v1/deadlines/notices", notices::list)
        .post("/v1/deadlines/notices/{id}/read", notices::read)
        .get("/v1/orphans", orphans::list)
}
