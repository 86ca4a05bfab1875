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
