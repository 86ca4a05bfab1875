//! What is looked at again: messages of which evidence came after their filing, batches of evidence whose stamp is new, and
//! entries without a message to which something happened. Triggers leave notes of them; a note goes once it was looked at.

use uuid::Uuid;

use crate::archive::content::EntryPlace;
use crate::clock::Timestamp;
use crate::db::{Db, DbError, Row, Tx, WriteVerb};
use crate::message::MessageId;
use crate::params;

use super::due::{self, Due};

/// Leaves of a batch looked at in one turn.
const LEAVES: i64 = 256;

/// A message to be looked at.
#[derive(Debug, Clone)]
pub struct MessageLook {
    /// The message.
    pub message: MessageId,
    /// The note as it was read.
    pub mark: i64,
}

/// An entry to be looked at.
#[derive(Debug, Clone)]
pub struct EntryLook {
    /// The institution.
    pub party: String,
    /// The entry.
    pub place: EntryPlace,
    /// The note as it was read.
    pub mark: i64,
}

/// The messages to be looked at now, at most `limit`.
///
/// # Errors
/// The database does not answer.
pub async fn messages_to_look_at(db: &Db, now: Timestamp, limit: i64) -> Result<Vec<MessageLook>, DbError> {
    let sql =
        "select message_id, mark from archive_look_message where due_at <= $1 order by due_at, message_id limit $2";
    let read = |mut row: Row| Ok(MessageLook { message: row.take("message_id")?, mark: row.take("mark")? });
    db.query(sql, params![now.0, limit]).await?.into_iter().map(read).collect()
}

/// The entries to be looked at now, at most `limit`.
///
/// # Errors
/// The database does not answer.
pub async fn entries_to_look_at(db: &Db, now: Timestamp, limit: i64) -> Result<Vec<EntryLook>, DbError> {
    let sql = "select party, register, year, number, mark from archive_look_entry where due_at <= $1
               order by due_at, party, register, year, number limit $2";
    let read = |mut row: Row| {
        let place =
            EntryPlace { register: row.take("register")?, year: row.take("year")?, number: row.take("number")? };
        Ok(EntryLook { party: row.take("party")?, place, mark: row.take("mark")? })
    };
    db.query(sql, params![now.0, limit]).await?.into_iter().map(read).collect()
}

/// The filings of a message that are filed.
///
/// # Errors
/// The database does not answer.
pub async fn filed_of_message(db: &Db, message: MessageId) -> Result<Vec<Due>, DbError> {
    let sql = "select id, party, message_id, register, year, number, code, place from archive_filing
               where message_id = $1 and state = 'filed' order by id";
    db.query(sql, params![message]).await?.into_iter().map(due::read).collect()
}

/// The filing of an entry without a message, and its state.
///
/// # Errors
/// The database does not answer.
pub async fn filing_of_entry(db: &Db, party: &str, place: &EntryPlace) -> Result<Option<(Due, String)>, DbError> {
    let sql = "select id, party, message_id, register, year, number, code, place, state from archive_filing
               where party = $1 and register = $2 and year = $3 and number = $4";
    let rows = db.query(sql, params![party, &place.register, place.year, place.number]).await?;
    let Some(mut row) = rows.into_iter().next() else { return Ok(None) };
    let state = row.take("state")?;
    Ok(Some((due::read(row)?, state)))
}

/// What a filing holds: role, name and SHA-256.
///
/// # Errors
/// The database does not answer.
pub async fn known(db: &Db, filing: Uuid) -> Result<Vec<(String, String, [u8; 32])>, DbError> {
    let sql = "select role, name, sha256 from archive_document where filing = $1";
    let read = |mut row: Row| Ok((row.take("role")?, row.take("name")?, row.take("sha256")?));
    db.query(sql, params![filing.into_bytes()]).await?.into_iter().map(read).collect()
}

/// Takes up the filing of an entry without a message, once.
pub struct TakeUpEntry;

impl WriteVerb for TakeUpEntry {
    /// The id of the filing, the institution, the entry, and when.
    type Item = (Uuid, String, EntryPlace, Timestamp);
    type Output = ();
    const ORDER: u16 = 936;

    async fn run(&self, tx: &mut Tx<'_>, items: &[Self::Item]) -> Result<Vec<()>, DbError> {
        let sql = "insert into archive_filing (id, party, register, year, number, state, due_at)
                   values ($1, $2, $3, $4, $5, 'waiting', $6) on conflict do nothing";
        let set = |(id, party, place, at): &Self::Item| {
            params![id.into_bytes(), party, &place.register, place.year, place.number, at.0]
        };
        tx.execute_each(sql, items.iter().map(set).collect()).await?;
        Ok(vec![(); items.len()])
    }
}

/// A look that ended.
#[derive(Debug, Clone)]
pub enum Looked {
    /// A message, and when it is looked at again; none: when something happens to it.
    Message(MessageLook, Option<Timestamp>),
    /// An entry, and the same.
    Entry(EntryLook, Option<Timestamp>),
}

impl WriteVerb for Looked {
    type Item = Self;
    type Output = ();
    const ORDER: u16 = 937;

    async fn run(&self, tx: &mut Tx<'_>, items: &[Self]) -> Result<Vec<()>, DbError> {
        for one in items {
            // A note that grew meanwhile stays.
            match one {
                Self::Message(MessageLook { message, mark }, None) => {
                    let sql = "delete from archive_look_message where message_id = $1 and mark = $2";
                    tx.execute_each(sql, vec![params![*message, *mark]]).await?;
                }
                Self::Message(MessageLook { message, mark }, Some(at)) => {
                    let sql = "update archive_look_message set due_at = $3 where message_id = $1 and mark = $2";
                    tx.execute_each(sql, vec![params![*message, *mark, at.0]]).await?;
                }
                Self::Entry(EntryLook { party, place, mark }, None) => {
                    let sql = "delete from archive_look_entry
                               where party = $1 and register = $2 and year = $3 and number = $4 and mark = $5";
                    let set = params![party, &place.register, place.year, place.number, *mark];
                    tx.execute_each(sql, vec![set]).await?;
                }
                Self::Entry(EntryLook { party, place, mark }, Some(at)) => {
                    let sql = "update archive_look_entry set due_at = $6
                               where party = $1 and register = $2 and year = $3 and number = $4 and mark = $5";
                    let set = params![party, &place.register, place.year, place.number, *mark, at.0];
                    tx.execute_each(sql, vec![set]).await?;
                }
            }
        }
        Ok(vec![(); items.len()])
    }
}

/// One step through the batches whose stamp is new: the messages of the next leaves get a note. Answers whether there was
/// one.
///
/// # Errors
/// The database does not answer.
pub async fn looked_batches(db: &Db) -> Result<bool, DbError> {
    let sql = "select l.batch, l.after, l.mark, b.last_leaf from archive_look_batch l
               join preservation_batch b on b.number = l.batch order by l.batch limit 1";
    let Some(mut row) = db.query(sql, vec![]).await?.into_iter().next() else { return Ok(false) };
    let (batch, after): (i64, i64) = (row.take("batch")?, row.take("after")?);
    let step = BatchStep { batch, after, mark: row.take("mark")?, last: row.take("last_leaf")? };
    db.write(&std::sync::Arc::new(LookIntoBatch), step).await?;
    Ok(true)
}

#[derive(Clone)]
struct BatchStep {
    batch: i64,
    after: i64,
    mark: i64,
    last: i64,
}

struct LookIntoBatch;

impl WriteVerb for LookIntoBatch {
    type Item = BatchStep;
    type Output = ();
    const ORDER: u16 = 938;

    async fn run(&self, tx: &mut Tx<'_>, items: &[BatchStep]) -> Result<Vec<()>, DbError> {
        for one in items {
            let sql = "select first_leaf from preservation_batch where number = $1";
            let first: i64 = tx.query(sql, params![one.batch]).await?[0].take("first_leaf")?;
            let begin = first.max(one.after + 1);
            let end = one.last.min(begin + LEAVES - 1);
            let sql = "select distinct m.id from log_leaf l join evidence e on e.sequence = l.evidence_sequence
                       join message m on m.id = e.message_id where l.position between $1 and $2 and m.archived_at is not null";
            let mut messages: Vec<MessageId> = Vec::new();
            for mut row in tx.query(sql, params![begin, end]).await? {
                messages.push(row.take("id")?);
            }
            let sql = "insert into archive_look_message (message_id, mark, due_at) values ($1, 1, 0)
                       on conflict (message_id) do update set mark = archive_look_message.mark + 1, due_at = 0";
            tx.execute_each(sql, messages.into_iter().map(|id| params![id]).collect()).await?;
            let step = if end >= one.last {
                ("delete from archive_look_batch where batch = $1 and mark = $2", params![one.batch, one.mark])
            } else {
                let sql = "update archive_look_batch set after = $3 where batch = $1 and mark = $2";
                (sql, params![one.batch, one.mark, end])
            };
            tx.execute_each(step.0, vec![step.1]).await?;
        }
        Ok(vec![(); items.len()])
    }
}
