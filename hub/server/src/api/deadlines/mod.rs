//! `/v1/deadlines` and `/v1/orphans`: what is due, what people are told, what nobody has.

pub mod list;
pub mod show;
pub mod notices;
pub mod orphans;
