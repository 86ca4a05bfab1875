//! The hub goes on with a register that was kept elsewhere: its rows get from the hub the very numbers they have.
//!
//! Only into a series of the present year that has no number yet, and only a register whole from 1: the hub numbers the rows
//! in their order, now. An entry says that it was taken over and on which day it was registered before; its moment is that of
//! the import, and nothing pretends otherwise.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde_json::json;

use crate::closing;
use crate::db::{DbError, Tx, WriteVerb};
use crate::hub::Hub;
use crate::old_registers::{self, NewImport};
use crate::registration::{self, Author, Correspondent, Effect, EntryKey, NewAct, NewEntry};

use super::Desk;

/// A row that the hub will number.
#[derive(Debug, Clone)]
pub struct Row {
    /// The entry; salt and moment are given when it is numbered.
    pub entry: NewEntry,
    /// Issuer or addressee.
    pub correspondent: Option<Correspondent>,
    /// The word of the act that ends it (`annulled`, `struck`), and the reason.
    pub ended: Option<(&'static str, String)>,
}

/// What became of a continuation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Continued {
    /// Its rows were numbered.
    Now,
    /// The same file was the continuation before.
    Before,
    /// The series has numbers already: this one is the newest.
    NotEmpty(i64),
}

/// Numbers the rows, which are in order and whole from 1.
///
/// # Errors
/// The database failed; nothing was numbered.
pub async fn continue_register(
    hub: &Hub,
    import: NewImport,
    author: Author,
    rows: Vec<Row>,
) -> Result<Continued, DbError> {
    hub.db.write(&Arc::clone(&hub.verbs.continue_register), (import, author, rows)).await
}

/// Numbers rows of registers that go on here.
pub(super) struct ContinueRegister(pub(super) Desk);

impl WriteVerb for ContinueRegister {
    type Item = (NewImport, Author, Vec<Row>);
    type Output = Continued;
    const ORDER: u16 = 81;

    async fn run(&self, tx: &mut Tx<'_>, items: &[Self::Item]) -> Result<Vec<Continued>, DbError> {
        let mut answers = Vec::with_capacity(items.len());
        for (import, author, rows) in items {
            answers.push(self.take(tx, import, author, rows).await?);
        }
        Ok(answers)
    }
}

impl ContinueRegister {
    async fn take(
        &self,
        tx: &mut Tx<'_>,
        import: &NewImport,
        author: &Author,
        rows: &[Row],
    ) -> Result<Continued, DbError> {
        let Desk { clock, ids, .. } = &self.0;
        let series = hub_proofs::register_proof::Series {
            party: import.party.clone(),
            register: import.register.clone(),
            year: import.year,
        };
        let held = closing::lock(tx, &series).await?;
        if old_registers::imported(tx, import).await? {
            return Ok(Continued::Before);
        }
        if held.next != 1 {
            return Ok(Continued::NotEmpty(held.next - 1));
        }
        let now = clock.now();
        // The same issuer stands in many rows; the registry knows it once.
        let mut named: BTreeMap<&str, (&Correspondent, uuid::Uuid)> = BTreeMap::new();
        for one in rows.iter().filter_map(|row| row.correspondent.as_ref()) {
            named.entry(one.name.trim()).or_insert_with(|| (one, ids.uuid(now)));
        }
        let met: Vec<_> = named.values().map(|(one, id)| (import.party.as_str(), *one, *id)).collect();
        let known = registration::acquaint(tx, &met, now).await?;
        let of: BTreeMap<&str, uuid::Uuid> = named.keys().copied().zip(known).collect();
        let entry = |row: &Row| {
            let mut entry = row.entry.clone();
            entry.particulars.correspondent =
                row.correspondent.as_ref().and_then(|one| of.get(one.name.trim()).copied());
            NewEntry { salt: ids.salt(), at: now, author: Some(author.clone()), ..entry }
        };
        let entries: Vec<NewEntry> = rows.iter().map(entry).collect();
        let registered = registration::register(tx, &entries).await?;
        let end = |(row, key): (&Row, &EntryKey)| {
            let (act, reason) = row.ended.as_ref()?;
            Some(NewAct {
                key: key.clone(),
                act: (*act).to_owned(),
                content: json!({"reason": reason, "taken_over": true}),
                author: author.clone(),
                expected: None,
                effect: Effect { to: Some(registration::Status::Annulled), ..Effect::default() },
                salt: ids.salt(),
                at: now,
            })
        };
        let acts: Vec<NewAct> = rows.iter().zip(registered.iter().map(|one| &one.key)).filter_map(end).collect();
        for answer in registration::act(tx, &acts).await? {
            answer.map_err(|refused| {
                DbError::Statement(format!("a row that was just numbered refused an act: {refused}"))
            })?;
        }
        old_registers::record_import(tx, import, rows.len()).await?;
        Ok(Continued::Now)
    }
}
