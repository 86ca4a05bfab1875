//! What the tests stand on: a whole hub in the test's process, played neighbours, both databases.

pub mod shared;
pub mod database;
pub mod county;
pub mod hub;
pub mod client;
pub mod documents;

pub use client::Client;
pub use database::Database;
pub use hub::TestHub;
