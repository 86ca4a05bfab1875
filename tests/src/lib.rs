//! What the tests stand on: a whole hub in the test's process or as one of its own, played neighbours, both databases.

pub mod shared;
pub mod judges;
pub mod database;
pub mod county;
pub mod operator;
pub mod clerks;
pub mod people;
pub mod hub;
pub mod hubs;
pub mod dispatches;
pub mod reference;
pub mod client;
pub mod documents;
pub mod standard;
pub mod verdicts;
pub mod scanner;
pub mod systems;
pub mod register;
pub mod asking;
pub mod issuer;
pub mod machines;
pub mod process;
pub mod log;
pub mod archive;
pub mod batches;
pub mod tenancy;

pub use client::Client;
pub use database::Database;
pub use hub::TestHub;
pub use hubs::Hubs;
