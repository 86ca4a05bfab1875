//! All SQL of batches and their stamps.

use std::collections::BTreeSet;

use crate::clock::Timestamp;
use crate::db::{Db, DbError, FromValue, Row, Tx, WriteVerb};
use crate::message::EvidenceId;
use crate::params;

use super::model::{BatchRun, Kind, StampRecord, algorithm_name, parse_algorithm};

/// A batch with its first stamp and what it holds.
pub(super) struct NewBatch {
    pub run: BatchRun,
    pub stamp: StampRecord,
    pub content: Vec<Content>,
}

/// Evidences of one document type under one seal.
pub(super) struct Content {
    pub document_type: String,
    pub document_version: String,
    pub seal: Vec<u8>,
    pub evidences: i64,
    pub newest: i64,
}

/// Keeps a batch with its first stamp, where it follows the last one; answers whether it did.
pub(super) struct KeepBatch;

impl WriteVerb for KeepBatch {
    type Item = NewBatch;
    type Output = bool;
    const ORDER: u16 = 910;

    async fn run(&self, tx: &mut Tx<'_>, items: &[NewBatch]) -> Result<Vec<bool>, DbError> {
        let mut kept = Vec::with_capacity(items.len());
        for NewBatch { run, stamp, content } in items {
            // Another node may have closed this batch meanwhile: its stamp is as good, and there is one batch.
            let mut follows = tx.query(COVERED, vec![]).await?;
            let follows = match follows.first_mut() {
                Some(row) => (unsigned(row, "batches")?, unsigned(row, "leaves")?) == (run.number, run.first),
                None => false,
            };
            let sql = "insert into preservation_batch (number, first_leaf, last_leaf, leaves, closed_at)
                       values ($1, $2, $3, $4, $5) on conflict do nothing";
            let [number, first, last] = [run.number, run.first, run.last].map(number);
            let row = params![number, first, last, self::number(run.leaves()), stamp.recorded_at.0];
            let mine = follows && tx.execute_each(sql, vec![row]).await? == [1];
            kept.push(mine);
            if !mine {
                continue;
            }
            insert_stamp(tx, stamp).await?;
            let row = |one: &Content| {
                let (name, version) = (&one.document_type, &one.document_version);
                params![number, name, version, one.seal.clone(), one.evidences, one.newest]
            };
            let head = "insert into preservation_content
                        (batch, document_type, document_version, seal_sha256, evidences, newest) values";
            tx.insert(head, 6, content.iter().map(row).collect()).await?;
        }
        Ok(kept)
    }
}

/// Keeps a renewal where it follows the stamp it renews; answers whether it did.
pub(super) struct KeepRenewal;

impl WriteVerb for KeepRenewal {
    type Item = StampRecord;
    type Output = bool;
    const ORDER: u16 = 911;

    async fn run(&self, tx: &mut Tx<'_>, items: &[StampRecord]) -> Result<Vec<bool>, DbError> {
        let mut kept = Vec::with_capacity(items.len());
        for stamp in items {
            kept.push(insert_stamp(tx, stamp).await?);
        }
        Ok(kept)
    }
}

async fn insert_stamp(tx: &mut Tx<'_>, one: &StampRecord) -> Result<bool, DbError> {
    let sql = "select cast(count(*) as bigint) as stamps from preservation_stamp where batch = $1";
    let mut rows = tx.query(sql, params![number(one.batch)]).await?;
    if rows.first_mut().map_or(Ok(0), |row| unsigned(row, "stamps"))? != one.number {
        return Ok(false);
    }
    let sql = "insert into preservation_stamp (batch, number, kind, algorithm, root, leaf_hashes, token, authority,
                 authority_sha256, authority_ends, stamped_at, recorded_at)
               values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12) on conflict do nothing";
    let row = params![
        number(one.batch),
        number(one.number),
        one.kind.as_str(),
        algorithm_name(one.algorithm),
        one.root.clone(),
        one.leaf_hashes.clone(),
        one.token.clone(),
        &one.authority,
        one.authority_sha256,
        one.authority_ends.0,
        one.at.0,
        one.recorded_at.0,
    ];
    Ok(tx.execute_each(sql, vec![row]).await? == [1])
}

const COVERED: &str = "select cast(count(*) as bigint) as batches,
    cast(coalesce(max(last_leaf) + 1, 0) as bigint) as leaves from preservation_batch";

/// What is preserved, and what waits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct State {
    /// Batches that are closed.
    pub batches: u64,
    /// Leaves of the log in them: the first so many.
    pub preserved: u64,
    /// Leaves under the newest head that are in no batch yet.
    pub waiting: u64,
    /// When the first of those was logged.
    pub since: Option<Timestamp>,
}

/// What is preserved now.
///
/// # Errors
/// The database does not answer.
pub async fn state(db: &Db) -> Result<State, DbError> {
    let mut rows = db.query(COVERED, vec![]).await?;
    let (batches, preserved) = match rows.first_mut() {
        Some(row) => (unsigned(row, "batches")?, unsigned(row, "leaves")?),
        None => (0, 0),
    };
    let headed = crate::log::newest_head(db).await?.map_or(0, |head| head.size);
    let since = crate::log::head_covering(db, preserved).await?.map(|head| head.made_at);
    Ok(State { batches, preserved, waiting: headed.saturating_sub(preserved), since })
}

/// SHA-256 of the evidences of a run, in its order.
pub(super) async fn digests(db: &Db, run: BatchRun) -> Result<Vec<[u8; 32]>, DbError> {
    let sql = "select e.sha256 from log_leaf l join evidence e on e.sequence = l.evidence_sequence
               where l.position between $1 and $2 order by l.position";
    let rows = db.query(sql, params![number(run.first), number(run.last)]).await?;
    rows.into_iter().map(|mut row| row.take("sha256")).collect()
}

/// The sealed documents of some leaves, in their order.
pub(super) async fn documents(db: &Db, (first, last): (u64, u64)) -> Result<Vec<String>, DbError> {
    let sql = "select e.document from log_leaf l join evidence e on e.sequence = l.evidence_sequence
               where l.position between $1 and $2 order by l.position";
    let rows = db.query(sql, params![number(first), number(last)]).await?;
    rows.into_iter().map(|mut row| row.take("document")).collect()
}

/// What a run holds, counted.
pub(super) async fn content(db: &Db, run: BatchRun) -> Result<Vec<Content>, DbError> {
    let sql = "select c.name, c.version, c.seal, cast(count(*) as bigint) as evidences, max(c.at) as newest from (
                 select coalesce(m.document_type, '') as name, coalesce(m.document_version, '') as version,
                   e.event_time as at,
                   (select s.sha256 from seal s where s.first_used <= e.event_time
                     order by s.first_used desc, s.sha256 limit 1) as seal
                 from log_leaf l join evidence e on e.sequence = l.evidence_sequence
                   left join message m on m.id = e.message_id
                 where l.position between $1 and $2) c
               group by c.name, c.version, c.seal order by c.name, c.version";
    let read = |mut row: Row| {
        Ok(Content {
            document_type: row.take("name")?,
            document_version: row.take("version")?,
            seal: row.take::<Option<Vec<u8>>>("seal")?.unwrap_or_default(),
            evidences: row.take("evidences")?,
            newest: row.take("newest")?,
        })
    };
    db.query(sql, params![number(run.first), number(run.last)]).await?.into_iter().map(read).collect()
}

/// The leaf of an evidence and its sealed document, where it is logged.
pub(super) async fn leaf_of(db: &Db, evidence: EvidenceId) -> Result<Option<(u64, String)>, DbError> {
    let sql = "select l.position, e.document from evidence e join log_leaf l on l.evidence_sequence = e.sequence
               where e.id = $1";
    let read = |mut row: Row| Ok((unsigned(&mut row, "position")?, row.take("document")?));
    db.query(sql, params![evidence]).await?.into_iter().next().map(read).transpose()
}

/// The batch of a leaf.
pub(super) async fn batch_of(db: &Db, leaf: u64) -> Result<Option<BatchRun>, DbError> {
    let sql = "select number, first_leaf, last_leaf from preservation_batch
               where first_leaf <= $1 and last_leaf >= $1 order by first_leaf desc limit 1";
    db.query(sql, params![number(leaf)]).await?.into_iter().next().map(read_run).transpose()
}

const NEWEST: &str = "select b.number, b.first_leaf, b.last_leaf from preservation_stamp s
    join preservation_batch b on b.number = s.batch
    where s.authority_ends > $1 and s.authority_ends <= $2
      and s.number = (select max(x.number) from preservation_stamp x where x.batch = s.batch)
    order by s.authority_ends, s.batch limit $3";

/// The batch whose newest stamp ends first within two moments, some left out.
pub(super) async fn ending(
    db: &Db,
    (after, until): (Timestamp, Timestamp),
    without: &BTreeSet<u64>,
) -> Result<Option<BatchRun>, DbError> {
    first_without(db.query(NEWEST, params![after.0, until.0, without.len() as i64 + 1]).await?, without)
}

fn first_without(rows: Vec<Row>, without: &BTreeSet<u64>) -> Result<Option<BatchRun>, DbError> {
    let runs = rows.into_iter().map(read_run).collect::<Result<Vec<_>, _>>()?;
    Ok(runs.into_iter().find(|run| !without.contains(&run.number)))
}

const OTHERS: &str = "select b.number, b.first_leaf, b.last_leaf from preservation_stamp s
    join preservation_batch b on b.number = s.batch
    where s.authority_ends > $1 and s.algorithm in ($2, $3)
      and s.number = (select max(x.number) from preservation_stamp x where x.batch = s.batch)
    order by s.batch limit $4";

/// The first batch whose newest stamp uses one of two algorithms and can still be renewed, some left out.
pub(super) async fn of_algorithms(
    db: &Db,
    now: Timestamp,
    [one, other]: [&'static str; 2],
    without: &BTreeSet<u64>,
) -> Result<Option<BatchRun>, DbError> {
    first_without(db.query(OTHERS, params![now.0, one, other, without.len() as i64 + 1]).await?, without)
}

/// The stamps of a batch, oldest first.
pub(super) async fn stamps(db: &Db, batch: u64) -> Result<Vec<StampRecord>, DbError> {
    let sql =
        "select batch, number, kind, algorithm, root, leaf_hashes, token, authority, authority_sha256, authority_ends,
                 stamped_at, recorded_at from preservation_stamp where batch = $1 order by number";
    db.query(sql, params![number(batch)]).await?.into_iter().map(read_stamp).collect()
}

fn read_run(mut row: Row) -> Result<BatchRun, DbError> {
    let number = unsigned(&mut row, "number")?;
    Ok(BatchRun { number, first: unsigned(&mut row, "first_leaf")?, last: unsigned(&mut row, "last_leaf")? })
}

fn read_stamp(mut row: Row) -> Result<StampRecord, DbError> {
    let odd = |column: &str, expected, found: &str| DbError::Inconsistent {
        column: column.to_owned(),
        expected,
        found: found.to_owned(),
    };
    let (kind, algorithm): (String, String) = (row.take("kind")?, row.take("algorithm")?);
    Ok(StampRecord {
        batch: unsigned(&mut row, "batch")?,
        number: unsigned(&mut row, "number")?,
        kind: Kind::parse(&kind).ok_or_else(|| odd("kind", "a kind of archive time-stamp", &kind))?,
        algorithm: parse_algorithm(&algorithm).ok_or_else(|| odd("algorithm", "a digest algorithm", &algorithm))?,
        root: row.take("root")?,
        leaf_hashes: row.take("leaf_hashes")?,
        token: row.take("token")?,
        authority: row.take("authority")?,
        authority_sha256: row.take("authority_sha256")?,
        authority_ends: Timestamp(row.take("authority_ends")?),
        at: Timestamp(row.take("stamped_at")?),
        recorded_at: Timestamp(row.take("recorded_at")?),
    })
}

/// A column that counts and is never below zero.
pub(super) fn unsigned(row: &mut Row, column: &str) -> Result<u64, DbError> {
    let value: i64 = row.take(column)?;
    u64::try_from(value).map_err(|_| DbError::Inconsistent {
        column: column.to_owned(),
        expected: i64::EXPECTED,
        found: value.to_string(),
    })
}

/// Sizes and numbers as the database knows them; no log has more than 2^63 leaves.
pub(super) fn number(value: u64) -> i64 {
    i64::try_from(value).unwrap_or(i64::MAX)
}
