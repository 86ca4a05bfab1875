//! Registers on their way out, for the API and the commands alike: rows as people read them, files, paper.
//!
//! It may assume that somebody checked who asks. It writes nothing into a register.

mod rows;
mod old;
mod files;
mod paper;

pub use files::{csv, xlsx};
pub use old::{part as old_part, told as old_told};
pub use paper::{NotPrinted, Printed, closing_act, printed, volumes};
pub use rows::record;

use std::sync::Arc;

use hub_flow::clock::Timestamp;
use hub_flow::db::Db;
use hub_flow::directory::Directory;

/// What an extract is made from.
#[derive(Clone)]
pub struct Source {
    /// The database.
    pub db: Db,
    /// Names of institutions and registers.
    pub directory: Arc<Directory>,
    /// The service, as papers name it.
    pub service: String,
    /// The present moment.
    pub now: Timestamp,
}

impl Source {
    /// The institution's name; its id where the directory does not know it.
    #[must_use]
    pub fn institution(&self, party: &str) -> String {
        self.directory.party(party).map_or_else(|| party.to_owned(), |known| known.name.clone())
    }

    /// The register's title; its id where it is no longer defined.
    #[must_use]
    pub fn title(&self, party: &str, register: &str) -> String {
        self.directory.register(party, register).map_or_else(|| register.to_owned(), |held| held.entry.title)
    }
}
