//! `POST /v1/registers/{register}/{year}/{number}/…`: what clerks do with an entry, one address per act.
//!
//! Each needs `Punte-Clerk`; `If-Match: "<acts>"` with the number of acts the clerk saw refuses an act on what changed since.

pub(crate) mod asking;
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
        .taking::<handling::Assigned>()
        .post("/v1/registers/{register}/{year}/{number}/work", handling::take_up)
        .taking::<handling::Nothing>()
        .post("/v1/registers/{register}/{year}/{number}/part", handling::complete_part)
        .taking::<handling::Part>()
        .post("/v1/registers/{register}/{year}/{number}/resolution", resolving::resolve)
        .taking::<resolving::Resolved>()
        .post("/v1/registers/{register}/{year}/{number}/approval", resolving::approve)
        .taking::<resolving::Decision>()
        .post("/v1/registers/{register}/{year}/{number}/dispatch", resolving::dispatch)
        .taking::<resolving::Dispatched>()
        .post("/v1/registers/{register}/{year}/{number}/filing", resolving::file)
        .taking::<resolving::Filed>()
        .post("/v1/registers/{register}/{year}/{number}/suspension", terms::suspend)
        .taking::<terms::Reasoned>()
        .post("/v1/registers/{register}/{year}/{number}/resumption", terms::resume)
        .taking::<terms::Reasoned>()
        .post("/v1/registers/{register}/{year}/{number}/extension", terms::extend)
        .taking::<terms::Extended>()
        .post("/v1/registers/{register}/{year}/{number}/extension/decision", terms::decide)
        .taking::<resolving::Decision>()
        .post("/v1/registers/{register}/{year}/{number}/redirection", redirection::redirect)
        .taking::<redirection::Asked>()
}
