//! The SQL of the examination.

use serde::Serialize;

use crate::clock::Timestamp;
use crate::db::{Db, DbError, Row, Tx, WriteVerb};
use crate::params;

/// How far the examination has come.
pub(super) struct Place {
    pub after: String,
    pub ended_at: i64,
}

/// A flaw that was found.
pub(super) struct Note {
    pub name: String,
    pub store: String,
    pub flaw: &'static str,
    pub told: String,
    pub sha256: Option<[u8; 32]>,
    pub mended: bool,
}

/// What one look came to.
pub(super) struct Looked {
    /// The place of the blob; empty where the pass ended.
    pub after: String,
    pub ended: bool,
    pub bytes: i64,
    pub at: Timestamp,
    pub notes: Vec<Note>,
}

/// A damaged document, for whoever must act.
#[derive(Debug, Clone, Serialize)]
pub struct Finding {
    /// Its name in the stores.
    pub name: String,
    /// The store.
    pub store: String,
    /// `key_missing`, `key_damaged`, `master_key_missing`, `missing` or `damaged`.
    pub flaw: String,
    /// What was found, in words.
    pub told: String,
    /// SHA-256 of what it was; none where no copy of its key opens.
    pub sha256: Option<String>,
    /// First found, in UTC.
    pub first_at: String,
    /// Last found, in UTC.
    pub last_at: String,
    /// Ids of the archived documents that have these bytes, with their institutions.
    pub documents: Vec<Affected>,
}

/// An archived document whose bytes are damaged.
#[derive(Debug, Clone, Serialize)]
pub struct Affected {
    /// Its id.
    pub id: String,
    /// Its unique identifier in the archive.
    pub identifier: String,
    /// The institution.
    pub party: String,
}

pub(super) async fn place(db: &Db) -> Result<Place, DbError> {
    let mut rows = db.query("select after, ended_at from vault_examination where id = 1", vec![]).await?;
    let row = rows.first_mut().ok_or_else(|| DbError::Statement("the examination's place is gone".to_owned()))?;
    Ok(Place { after: row.take("after")?, ended_at: row.take("ended_at")? })
}

/// Notes what a look found, and the place it leads to.
pub(super) struct Look;

impl WriteVerb for Look {
    type Item = Looked;
    type Output = ();
    const ORDER: u16 = 917;

    async fn run(&self, tx: &mut Tx<'_>, items: &[Looked]) -> Result<Vec<()>, DbError> {
        for item in items {
            look(tx, item).await?;
        }
        Ok(vec![(); items.len()])
    }
}

async fn look(tx: &mut Tx<'_>, item: &Looked) -> Result<(), DbError> {
    let at = item.at.0;
    if item.ended {
        let sql = "update vault_examination set after = '', ended_at = $1 where id = 1";
        tx.execute_each(sql, vec![params![at]]).await?;
        return Ok(());
    }
    let sql = "update vault_examination set
               began_at = case when after = '' then $2 else began_at end,
               blobs = case when after = '' then 1 else blobs + 1 end,
               bytes = case when after = '' then cast($3 as bigint) else bytes + $3 end, after = $1 where id = 1";
    tx.execute_each(sql, vec![params![&item.after, at, item.bytes]]).await?;
    // Whatever stands open for this blob and was not found again is as it should be.
    let name = item.after.rsplit('/').next().unwrap_or_default();
    let sql = "update vault_finding set mended_at = $2, closed_at = $2
               where name = $1 and closed_at is null and last_at < $2";
    tx.execute_each(sql, vec![params![name, at]]).await?;
    let sql = "insert into vault_finding (name, store, flaw, told, sha256, first_at, last_at, mended_at, closed_at)
               values ($1, $2, $3, $4, $5, $6, $6, $7, $7) on conflict (name, store) do update set
               flaw = excluded.flaw, told = excluded.told, sha256 = coalesce(excluded.sha256, vault_finding.sha256),
               last_at = excluded.last_at, mended_at = excluded.mended_at, closed_at = excluded.closed_at,
               closed_by = null, note = null";
    let row = |note: &Note| {
        let mended = note.mended.then_some(at);
        params![&note.name, &note.store, note.flaw, &note.told, note.sha256, at, mended]
    };
    tx.execute_each(sql, item.notes.iter().map(row).collect()).await?;
    Ok(())
}

/// A statement of somebody who acted on a finding.
pub struct Closing {
    /// Name of the blob.
    pub name: String,
    /// Who.
    pub by: String,
    /// What was done.
    pub note: String,
    /// When.
    pub at: Timestamp,
}

/// Closes the open findings of a blob; answers how many there were. The next look opens them again if it is still damaged.
pub struct CloseFinding;

impl WriteVerb for CloseFinding {
    type Item = Closing;
    type Output = u64;
    const ORDER: u16 = 918;

    async fn run(&self, tx: &mut Tx<'_>, items: &[Closing]) -> Result<Vec<u64>, DbError> {
        let sql = "update vault_finding set closed_at = $2, closed_by = $3, note = $4
                   where name = $1 and closed_at is null";
        let row = |item: &Closing| params![&item.name, item.at.0, &item.by, &item.note];
        tx.execute_each(sql, items.iter().map(row).collect()).await
    }
}

/// Open findings, the newest first, with the documents that have the bytes: of one institution, or of all.
///
/// # Errors
/// The database does not answer.
pub async fn findings(db: &Db, party: Option<&str>, limit: i64) -> Result<Vec<Finding>, DbError> {
    let sql = "select name, store, flaw, told, sha256, first_at, last_at from vault_finding
               where closed_at is null order by last_at desc, name limit $1";
    let mut found = Vec::new();
    for mut row in db.query(sql, params![limit]).await? {
        let sha256: Option<[u8; 32]> = row.take("sha256")?;
        let documents = match sha256 {
            Some(sha256) => affected(db, sha256, party).await?,
            None => Vec::new(),
        };
        if party.is_some() && documents.is_empty() {
            continue;
        }
        found.push(finding(row, sha256, documents)?);
    }
    Ok(found)
}

/// How many blobs are damaged and wait for somebody, by store and flaw.
///
/// # Errors
/// The database does not answer.
pub async fn open_findings(db: &Db) -> Result<Vec<(String, String, i64)>, DbError> {
    let sql = "select store, flaw, cast(count(*) as bigint) as number from vault_finding
               where closed_at is null group by store, flaw order by store, flaw";
    let read = |mut row: Row| Ok((row.take("store")?, row.take("flaw")?, row.take("number")?));
    db.query(sql, vec![]).await?.into_iter().map(read).collect()
}

fn finding(mut row: Row, sha256: Option<[u8; 32]>, documents: Vec<Affected>) -> Result<Finding, DbError> {
    Ok(Finding {
        name: row.take("name")?,
        store: row.take("store")?,
        flaw: row.take("flaw")?,
        told: row.take("told")?,
        sha256: sha256.map(hex::encode),
        first_at: Timestamp(row.take("first_at")?).to_utc(),
        last_at: Timestamp(row.take("last_at")?).to_utc(),
        documents,
    })
}

async fn affected(db: &Db, sha256: [u8; 32], party: Option<&str>) -> Result<Vec<Affected>, DbError> {
    let sql = "select id, identifier, party from archive_document
               where sha256 = $1 and erased_at is null and ($2 = '' or party = $2) order by id limit 1000";
    let rows = db.query(sql, params![sha256, party.unwrap_or_default()]).await?;
    let read = |mut row: Row| {
        let id: Vec<u8> = row.take("id")?;
        let id = uuid::Uuid::from_slice(&id).map_err(|error| DbError::Statement(error.to_string()))?.to_string();
        Ok(Affected { id, identifier: row.take("identifier")?, party: row.take("party")? })
    };
    rows.into_iter().map(read).collect()
}
