//! The follower's pass: what became known or changed since, into the index, a little at a time.
//!
//! Registers have no gaps that fill later, so that a number per series is how far it has come; what changes afterwards
//! and what the archive files or destroys is noted by triggers. It reads outside the writer and hands it small batches.
//! Several followers at once double nothing: a batch is made for a turn, and the database takes it at that turn or not.

use std::sync::Arc;

use crate::db::DbError;
use crate::hub::Hub;
use crate::log::Lease;

use super::facts::{DocumentFacts, EntryFacts};
use super::store::{self, Batch, Change, Index, Series};
use super::text::{LARGEST, ReadText, plain};

/// Items in one transaction; the writer is held for a few milliseconds.
const CHUNK: i64 = 32;

/// What a pass did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Followed {
    /// There was nothing to do.
    Idle,
    /// Another node follows.
    Elsewhere,
    /// Something was indexed; there may be more at once.
    More,
}

/// Keeps the index of a hub.
pub struct Follower {
    hub: Arc<Hub>,
    lease: Arc<Lease>,
    reader: Arc<dyn ReadText>,
}

impl Follower {
    /// A follower for a node of the hub; whoever keeps the log follows.
    #[must_use]
    pub fn new(hub: Arc<Hub>, lease: Arc<Lease>, reader: Arc<dyn ReadText>) -> Self {
        Self { hub, lease, reader }
    }

    /// Indexes the next batch: new numbers, then what changed, then documents, then imported rows.
    ///
    /// # Errors
    /// The database does not answer; nothing of the batch was indexed.
    pub async fn pass(&self) -> Result<Followed, DbError> {
        if !self.lease.hold(&self.hub.db, self.hub.clock.now()).await? {
            return Ok(Followed::Elsewhere);
        }
        let turn = store::turn(&self.hub.db).await?;
        let batch = match self.new_numbers().await? {
            Some(batch) => batch,
            None => match self.changed().await? {
                Some(batch) => batch,
                None => match self.document().await? {
                    Some(batch) => batch,
                    // A long register of the past comes last: it never stands before what happens today.
                    None => match self.imported().await? {
                        Some(batch) => batch,
                        None => return Ok(Followed::Idle),
                    },
                },
            },
        };
        let taken = self.hub.db.write(&Arc::new(Index), Batch { turn, ..batch }).await?;
        Ok(if taken { Followed::More } else { Followed::Elsewhere })
    }

    async fn new_numbers(&self) -> Result<Option<Batch>, DbError> {
        let db = &self.hub.db;
        let Some(reached) = store::reached(db).await? else { return Ok(None) };
        let series = reached.series;
        let entries = store::entries_from(db, &series, (reached.next, reached.end), CHUNK).await?;
        // Where a series begins later than at 1, there is nothing before.
        let next = entries.last().map_or(reached.end, |last| last.number + 1);
        let changes = entries.iter().map(|entry| self.entry(entry)).collect();
        let party = series.party.clone();
        Ok(Some(Batch { party, changes, series: Some((series, next)), ..Batch::default() }))
    }

    async fn changed(&self) -> Result<Option<Batch>, DbError> {
        let marks = store::changed(&self.hub.db, CHUNK).await?;
        let Some((Series { party, .. }, ..)) = marks.first().cloned() else { return Ok(None) };
        let mut batch = Batch { party, ..Batch::default() };
        for (series, number, mark) in marks {
            if let Some(entry) = store::entry(&self.hub.db, &series, number).await? {
                batch.changes.push(self.entry(&entry));
            }
            batch.changed.push((series.register, series.year, number, mark));
        }
        Ok(Some(batch))
    }

    fn entry(&self, entry: &EntryFacts) -> Change {
        Change { thing: entry.thing(), item: Some(entry.item(&self.hub.directory())) }
    }

    async fn document(&self) -> Result<Option<Batch>, DbError> {
        let Some((id, mark)) = store::filed(&self.hub.db, 1).await?.into_iter().next() else { return Ok(None) };
        let mut batch = Batch { filed: vec![(id.clone(), mark)], ..Batch::default() };
        if let Some((party, facts)) = store::document(&self.hub.db, &id).await? {
            batch.party = party;
            let item = match facts.destroyed {
                true => None,
                false => Some(facts.item(self.text(&facts).await.as_deref())),
            };
            batch.changes.push(Change { thing: facts.thing(), item });
        }
        Ok(Some(batch))
    }

    async fn imported(&self) -> Result<Option<Batch>, DbError> {
        let rows = store::imported(&self.hub.db, CHUNK).await?;
        let Some(party) = rows.first().map(|row| row.series.party.clone()) else { return Ok(None) };
        let mut batch = Batch { party, ..Batch::default() };
        for row in rows {
            batch.changes.push(Change { thing: row.thing(), item: Some(row.item()) });
            batch.imported.push((row.series.register, row.series.year, row.number));
        }
        Ok(Some(batch))
    }

    /// The text of a document; none where it cannot be read, which the examination of the vault tells, not the search.
    async fn text(&self, facts: &DocumentFacts) -> Option<String> {
        let bytes = self.hub.vault.read_all(&facts.sha256, LARGEST).await.ok()?;
        match plain(&facts.content_type, &bytes) {
            Some(text) => Some(text),
            None => self.reader.read(&facts.content_type, &bytes).await,
        }
    }
}
