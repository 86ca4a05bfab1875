//! `/v1/lookups`: what may be asked of registers, asking, and what was answered again.

pub mod list;
pub mod ask;
pub mod batch;
pub mod again;
mod body;
mod told;
mod refusals;

pub(super) use body::read;
pub(super) use refusals::not_read;
