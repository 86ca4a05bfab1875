//! The directory's SQL.

use serde_json::Value;

use crate::audit;
use crate::clock::Timestamp;
use crate::db::{Db, DbError, Tx, WriteVerb};
use crate::params;

use super::changing::{Act, Planned};
use super::document::{DirectoryDocument, DirectoryError};
use super::{Directory, Held, Kind, Ledger, telling};

/// What is stored in place of an entry that is taken out of force.
const WITHDRAWN: &str = r#"{"withdrawn":true}"#;
/// Who wrote what a file brought.
pub(super) const FILE: &str = "file";

/// Writes a directory document: each changed entry becomes a new version, unchanged ones stay.
pub struct ImportDirectory;

impl WriteVerb for ImportDirectory {
    type Item = (DirectoryDocument, Timestamp);
    /// How many entries are new or changed.
    type Output = usize;
    const ORDER: u16 = 0;

    async fn run(&self, tx: &mut Tx<'_>, items: &[Self::Item]) -> Result<Vec<usize>, DbError> {
        let mut changed = Vec::with_capacity(items.len());
        for (document, at) in items {
            changed.push(import(tx, document, *at).await?);
        }
        Ok(changed)
    }
}

async fn import(tx: &mut Tx<'_>, document: &DirectoryDocument, at: Timestamp) -> Result<usize, DbError> {
    // Taken first: it holds back other writers of the directory on other nodes.
    tx.execute_each("update directory_state set number = number + 1 where one = $1", vec![params![1]]).await?;
    let entries = document.entries();
    let newest = "select version, document from directory_entry where kind = $1 and id = $2
                  order by version desc limit 1";
    let asked = entries.iter().map(|entry| params![entry.kind.as_str(), &entry.id]).collect();
    let held = tx.query_each(newest, asked).await?;
    let mut rows = Vec::new();
    for (entry, mut held) in entries.into_iter().zip(held) {
        let text = entry.document.to_string();
        let (version, same) = match held.first_mut() {
            Some(row) => (row.take::<i64>("version")?, row.take::<String>("document")? == text),
            None => (0, false),
        };
        if !same {
            rows.push(params![entry.kind.as_str(), entry.id, version + 1, text, at.0]);
        }
    }
    let changed = rows.len();
    tx.insert("insert into directory_entry (kind, id, version, document, recorded_at) values", 5, rows).await?;
    Ok(changed)
}

/// Writes changes that were decided on a ledger, unless the directory was written meanwhile.
pub(super) struct ChangeDirectory;

impl WriteVerb for ChangeDirectory {
    type Item = (Vec<Planned>, Act, i64);
    /// Whether they were written; not where the directory has another number than they were decided on.
    type Output = bool;
    const ORDER: u16 = 0;

    async fn run(&self, tx: &mut Tx<'_>, items: &[Self::Item]) -> Result<Vec<bool>, DbError> {
        let mut written = Vec::with_capacity(items.len());
        for (planned, act, number) in items {
            written.push(write(tx, planned, act, *number).await?);
        }
        Ok(written)
    }
}

async fn write(tx: &mut Tx<'_>, planned: &[Planned], act: &Act, number: i64) -> Result<bool, DbError> {
    let next = "update directory_state set number = number + 1 where one = 1 and number = $1";
    if tx.execute_each(next, vec![params![number]]).await? != [1] {
        return Ok(false);
    }
    let row = |one: &Planned| {
        let text = one.document.as_ref().map_or_else(|| WITHDRAWN.to_owned(), Value::to_string);
        params![one.kind.as_str(), &one.id, one.version, text, act.at.0, &act.by, act.clerk.as_ref(), &act.reason]
    };
    let head =
        "insert into directory_entry (kind, id, version, document, recorded_at, written_by, clerk, reason) values";
    tx.insert(head, 8, planned.iter().map(row).collect()).await?;
    audit::append(tx, &telling::told(planned, act)).await?;
    Ok(true)
}

/// Why the stored directory cannot be loaded.
#[derive(Debug, thiserror::Error)]
pub enum LoadError {
    /// The database did not answer.
    #[error(transparent)]
    Database(#[from] DbError),
    /// What it answered does not hang together.
    #[error(transparent)]
    Directory(#[from] DirectoryError),
}

/// Loads the newest version of every entry that is in force.
///
/// # Errors
/// The database does not answer, or the stored entries do not hang together.
pub async fn load(db: &Db) -> Result<Directory, LoadError> {
    Ok(Directory::of(ledger(db).await?)?)
}

/// The number of the last writing: another number than a snapshot's means that the snapshot is old.
///
/// # Errors
/// The database does not answer.
pub async fn number(db: &Db) -> Result<i64, DbError> {
    let row = db.query("select number from directory_state where one = 1", vec![]).await?.into_iter().next();
    row.map_or(Ok(0), |mut row| row.take("number"))
}

/// The entries as they stand.
pub(super) async fn ledger(db: &Db) -> Result<Ledger, DbError> {
    // Before the entries: what is written between is read with them, and read again for its number.
    let mut ledger = Ledger::default();
    ledger.number = number(db).await?;
    let newest = "select kind, id, version, document, recorded_at, written_by from directory_entry as held
                  where version = (select max(version) from directory_entry as other
                                   where other.kind = held.kind and other.id = held.id)
                  order by kind, id";
    for mut row in db.query(newest, vec![]).await? {
        let (kind, id): (String, String) = (row.take("kind")?, row.take("id")?);
        let document = read(row.take("document")?)?;
        let by: Option<String> = row.take("written_by")?;
        let by_file = by.is_none_or(|by| by == FILE);
        let kind = Kind::parse(&kind).ok_or_else(|| wrong("kind", kind))?;
        let held = Held::new(&id, row.take("version")?, document, (Timestamp(row.take("recorded_at")?), by_file));
        ledger.put(kind, id, held);
    }
    Ok(ledger)
}

fn read(text: String) -> Result<Option<Value>, DbError> {
    if text == WITHDRAWN {
        return Ok(None);
    }
    serde_json::from_str(&text).map(Some).map_err(|error| wrong("document", error.to_string()))
}

fn wrong(column: &str, found: String) -> DbError {
    DbError::Inconsistent {
        column: format!("directory_entry.{column}"),
        expected: "what this program writes there",
        found,
    }
}

/// A version of an entry.
#[derive(Debug, Clone, serde::Serialize)]
pub struct Former {
    /// 1 for the first.
    pub version: i64,
    /// What it said; nothing where it was withdrawn.
    pub document: Option<Value>,
    /// When it was written, UTC.
    pub recorded_at: String,
    /// Which institution's system wrote it; `file` for a file of those who run the hub.
    pub by: String,
    /// The pseudonym of the person, where one was named.
    pub clerk: Option<String>,
    /// Why.
    pub reason: Option<String>,
}

/// All versions of an entry, the newest first.
///
/// # Errors
/// The database does not answer.
pub async fn history(db: &Db, kind: Kind, id: &str) -> Result<Vec<Former>, DbError> {
    let sql = "select version, document, recorded_at, written_by, clerk, reason from directory_entry
               where kind = $1 and id = $2 order by version desc";
    let mut versions = Vec::new();
    for mut row in db.query(sql, params![kind.as_str(), id]).await? {
        versions.push(Former {
            version: row.take("version")?,
            document: read(row.take("document")?)?,
            recorded_at: Timestamp(row.take("recorded_at")?).to_utc(),
            by: row.take::<Option<String>>("written_by")?.unwrap_or_else(|| FILE.to_owned()),
            clerk: row.take("clerk")?,
            reason: row.take("reason")?,
        });
    }
    Ok(versions)
}
