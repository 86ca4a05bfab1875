//! `POST /v1/registers/{register}/{year}/{number}/…`: what clerks do with an entry, one address per act.
//!
//! Each needs `Punte-Clerk`; `If-Match: "<acts>"` with the number of acts the clerk saw refuses an act on what changed since.

mod asking;
mod refusals;
mod telling;
pub mod handling;
pub mod resolving;
pub mod terms;
pub mod redirection;

use crate::api::door::Door;

/// Acts on entries.
#[must_use]
pub fn routes(door: Door) -> Door {
    door.post("/v1/registers/{register}/{year}/{number}/assignment", handling::assign)
        .post("/v1/registers/{register}/{year}/{number}/work", handling::take_up)
        .post("/v1/registers/{register}/{year}/{number}/part", handling::complete_part)
        .post("/v1/registers/{register}/{year}/{number}/resolution", resolving::resolve)
        .post("/v1/registers/{register}/{year}/{number}/approval", resolving::approve)
        .post("/v1/registers/{register}/{year}/{number}/dispatch", resolving::dispatch)
        .post("/v1/registers/{register}/{year}/{number}/filing", resolving::file)
        .post("/v1/registers/{register}/{year}/{number}/suspension", terms::suspend)
        .post("/v1/registers/{register}/{year}/{number}/resumption", terms::resume)
        .post("/v1/registers/{register}/{year}/{number}/extension", terms::extend)
        .post("/v1/registers/{register}/{year}/{number}/extension/decision", terms::decide)
        .post("/v1/registers/{register}/{year}/{number}/redirection", redirection::redirect)
}
