//! All SQL of the log.

use std::collections::{BTreeSet, HashMap};
use std::fmt::Write as _;
use std::sync::LazyLock;

use hub_signatures::log::tree::{Hash, Node};

use crate::clock::Timestamp;
use crate::db::{Db, DbError, FromValue, Row, Tx, Value, WriteVerb};
use crate::ledger::{self, Commitment};
use crate::message::{EvidenceId, MessageId};
use crate::params;

use super::model::{Head, NewLeaf, Place, Stamp};
use super::nodes::{Fetched, Run};

/// Runs of nodes that one statement reads: about what a question asks for in a log of 100 million leaves.
const RUNS: usize = 64;
/// One append at a time among the nodes of a hub; held to the end of the transaction.
const APPEND_LOCK: i64 = 0x70_75_6e_74_65_6c_6f_67;

/// Appends leaves, the nodes they complete, and perhaps a head over all.
pub(super) struct Append;

/// What is to be appended, made for a log of `size` leaves.
pub(super) struct Addition {
    pub size: u64,
    pub leaves: Vec<NewLeaf>,
    pub nodes: Vec<Node>,
    pub head: Option<Head>,
    pub named: Vec<Commitment>,
    pub watermark: i64,
}

/// Whether it was.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Appended {
    Done,
    /// Another keeper is at work, or was: nothing was written.
    Elsewhere,
}

impl WriteVerb for Append {
    type Item = Addition;
    type Output = Appended;
    const ORDER: u16 = 900;

    async fn run(&self, tx: &mut Tx<'_>, items: &[Addition]) -> Result<Vec<Appended>, DbError> {
        let mut outputs = Vec::with_capacity(items.len());
        for item in items {
            outputs.push(append(tx, item).await?);
        }
        Ok(outputs)
    }
}

async fn append(tx: &mut Tx<'_>, item: &Addition) -> Result<Appended, DbError> {
    if tx.is_postgres() {
        let mut rows = tx.query("select pg_try_advisory_xact_lock($1) as mine", params![APPEND_LOCK]).await?;
        if !rows.first_mut().map_or(Ok(false), |row| row.take("mine"))? {
            return Ok(Appended::Elsewhere);
        }
    }
    if size_from(tx.query(SIZE, vec![]).await?)? != item.size {
        return Ok(Appended::Elsewhere);
    }
    let leaf = |(leaf, index): (&NewLeaf, u64)| params![number(index), leaf.sequence, leaf.salt, leaf.hash];
    let leaves = item.leaves.iter().zip(item.size..).map(leaf).collect();
    tx.insert("insert into log_leaf (position, evidence_sequence, salt, hash) values", 4, leaves).await?;
    let node = |node: &Node| params![i64::from(node.level), number(node.index), node.hash];
    let nodes = item.nodes.iter().map(node).collect();
    tx.insert("insert into log_node (level, position, hash) values", 3, nodes).await?;
    if let Some(head) = &item.head {
        let row = params![number(head.size), head.root, head.made_at.0, &head.checkpoint];
        tx.insert("insert into log_head (size, root, made_at, checkpoint) values", 4, vec![row]).await?;
        ledger::commit(tx, &item.named).await?;
    }
    let sql = "update log_keeper set watermark = $1 where id = 1 and watermark < $1";
    tx.execute_each(sql, vec![params![item.watermark]]).await?;
    Ok(Appended::Done)
}

/// Takes or renews the keeping for a node, where nobody else has it; answers whether it has.
pub(super) struct TakeKeeping;

/// Who wants it, the present, and until when.
pub(super) type Keeping = (uuid::Uuid, Timestamp, Timestamp);

impl WriteVerb for TakeKeeping {
    type Item = Keeping;
    type Output = bool;
    const ORDER: u16 = 899;

    async fn run(&self, tx: &mut Tx<'_>, items: &[Keeping]) -> Result<Vec<bool>, DbError> {
        let sql = "update log_keeper set holder = $1, held_until = $2
                   where id = 1 and (holder is null or holder = $1 or held_until <= $3)";
        let set = |(node, now, until): &Keeping| params![node.into_bytes(), until.0, now.0];
        let changed = tx.execute_each(sql, items.iter().map(set).collect()).await?;
        Ok(changed.into_iter().map(|rows| rows == 1).collect())
    }
}

/// Keeps a stamp; a head that has one keeps the one it has.
pub(super) struct KeepStamp;

impl WriteVerb for KeepStamp {
    type Item = Stamp;
    type Output = ();
    const ORDER: u16 = 902;

    async fn run(&self, tx: &mut Tx<'_>, items: &[Stamp]) -> Result<Vec<()>, DbError> {
        let sql = "insert into log_stamp (size, token, authority, stamped_at, recorded_at)
                   values ($1, $2, $3, $4, $5) on conflict do nothing";
        let row =
            |one: &Stamp| params![number(one.size), one.token.clone(), &one.authority, one.at.0, one.recorded_at.0];
        tx.execute_each(sql, items.iter().map(row).collect()).await?;
        Ok(vec![(); items.len()])
    }
}

/// Keeps the cosignature of a witness; the first one under a head stays.
pub(super) struct KeepCosignature;

/// What a witness signed.
pub(super) struct Cosignature {
    pub size: u64,
    pub witness: String,
    pub signed_at: i64,
    pub line: String,
    pub recorded_at: Timestamp,
}

impl WriteVerb for KeepCosignature {
    type Item = Cosignature;
    type Output = ();
    const ORDER: u16 = 903;

    async fn run(&self, tx: &mut Tx<'_>, items: &[Cosignature]) -> Result<Vec<()>, DbError> {
        let sql = "insert into log_cosignature (size, witness, signed_at, line, recorded_at)
                   values ($1, $2, $3, $4, $5) on conflict do nothing";
        let row =
            |one: &Cosignature| params![number(one.size), &one.witness, one.signed_at, &one.line, one.recorded_at.0];
        tx.execute_each(sql, items.iter().map(row).collect()).await?;
        Ok(vec![(); items.len()])
    }
}

/// Erases the salt of an evidence's leaf, for good: afterwards nobody can show that a given document is the one in the
/// log, and the tree stays provable. Answers whether there was one to erase.
pub struct EraseSalt;

impl WriteVerb for EraseSalt {
    type Item = (MessageId, EvidenceId);
    type Output = bool;
    const ORDER: u16 = 904;

    async fn run(&self, tx: &mut Tx<'_>, items: &[Self::Item]) -> Result<Vec<bool>, DbError> {
        let sql = "update log_leaf set salt = null where salt is not null and evidence_sequence in
                   (select sequence from evidence where message_id = $1 and id = $2)";
        let set = |(message, evidence): &Self::Item| params![*message, *evidence];
        let changed = tx.execute_each(sql, items.iter().map(set).collect()).await?;
        Ok(changed.into_iter().map(|rows| rows == 1).collect())
    }
}

const SIZE: &str = "select cast(coalesce(max(position) + 1, 0) as bigint) as size from log_leaf";

/// Leaves in the log.
///
/// # Errors
/// The database does not answer.
pub async fn size(db: &Db) -> Result<u64, DbError> {
    size_from(db.query(SIZE, vec![]).await?)
}

fn size_from(mut rows: Vec<Row>) -> Result<u64, DbError> {
    rows.first_mut().map_or(Ok(0), |row| unsigned(row, "size"))
}

/// Up to where the log was known to be whole when something was last appended.
pub(super) async fn watermark(db: &Db) -> Result<i64, DbError> {
    let mut rows = db.query("select watermark from log_keeper where id = 1", vec![]).await?;
    rows.first_mut().map_or(Ok(0), |row| row.take("watermark"))
}

/// The newest committed evidence.
pub(super) async fn newest_evidence(db: &Db) -> Result<i64, DbError> {
    let sql = "select cast(coalesce(max(sequence), 0) as bigint) as newest from evidence";
    let mut rows = db.query(sql, vec![]).await?;
    rows.first_mut().map_or(Ok(0), |row| row.take("newest"))
}

/// The transactions that write evidence now. Whoever takes a sequence has locked the table before and holds it until the
/// end, and ends before the lock goes; on SQLite nobody commits out of order.
pub(super) async fn writing(db: &Db) -> Result<BTreeSet<String>, DbError> {
    if db.is_embedded() {
        return Ok(BTreeSet::new());
    }
    let sql = "select virtualtransaction as writer from pg_locks
               where locktype = 'relation' and relation = 'evidence'::regclass and mode = 'RowExclusiveLock' and granted
                 and database = (select oid from pg_database where datname = current_database())";
    db.query(sql, vec![]).await?.into_iter().map(|mut row| row.take("writer")).collect()
}

/// Evidence above a sequence that is not in the log, with its SHA-256, in order.
pub(super) async fn unlogged(db: &Db, above: i64, limit: i64) -> Result<Vec<(i64, Hash)>, DbError> {
    let sql = "select e.sequence, e.sha256 from evidence e where e.sequence > $1
                 and not exists (select 1 from log_leaf l where l.evidence_sequence = e.sequence)
               order by e.sequence limit $2";
    let read = |mut row: Row| Ok((row.take("sequence")?, row.take("sha256")?));
    db.query(sql, params![above, limit]).await?.into_iter().map(read).collect()
}

/// Reads runs of stored nodes.
pub(super) async fn fetch(db: &Db, runs: &[Run]) -> Result<Fetched, DbError> {
    static SQL: LazyLock<String> = LazyLock::new(|| {
        let mut rows = String::new();
        for run in 0..RUNS {
            let at = run * 3;
            let comma = if run == 0 { "" } else { ", " };
            let [level, lowest, highest] = [at + 1, at + 2, at + 3];
            // Writing into a string does not fail.
            let _ = write!(
                rows,
                "{comma}(cast(${level} as bigint), cast(${lowest} as bigint), cast(${highest} as bigint))"
            );
        }
        format!(
            "with wanted (level, lowest, highest) as (values {rows})
             select w.level, l.position, l.hash from wanted w cross join log_leaf l
              where w.level = 0 and l.position between w.lowest and w.highest
             union all
             select w.level, n.position, n.hash from wanted w cross join log_node n
              where n.level = w.level and n.position between w.lowest and w.highest"
        )
    });
    let mut nodes = HashMap::new();
    for runs in runs.chunks(RUNS) {
        let mut parameters = Vec::with_capacity(RUNS * 3);
        for run in runs {
            parameters.extend(params![i64::from(run.level), number(run.first), number(run.last)]);
        }
        parameters.resize(RUNS * 3, Value::Int(-1));
        for mut row in db.query(&SQL, parameters).await? {
            let level: i64 = row.take("level")?;
            let level = u8::try_from(level).map_err(|_| inconsistent("level", level))?;
            nodes.insert((level, unsigned(&mut row, "position")?), row.take("hash")?);
        }
    }
    Ok(Fetched(nodes))
}

/// The newest head.
///
/// # Errors
/// The database does not answer.
pub async fn newest_head(db: &Db) -> Result<Option<Head>, DbError> {
    let sql = "select size, root, made_at, checkpoint from log_head order by size desc limit 1";
    first(db.query(sql, vec![]).await?, read_head)
}

/// The head of exactly this size.
///
/// # Errors
/// The database does not answer.
pub async fn head(db: &Db, size: u64) -> Result<Option<Head>, DbError> {
    let sql = "select size, root, made_at, checkpoint from log_head where size = $1";
    first(db.query(sql, params![number(size)]).await?, read_head)
}

/// The first head above a size: the one that covers the leaf of that number.
///
/// # Errors
/// The database does not answer.
pub async fn head_covering(db: &Db, index: u64) -> Result<Option<Head>, DbError> {
    Ok(heads_after(db, index, 1).await?.pop())
}

/// Heads above a size, smallest first.
///
/// # Errors
/// The database does not answer.
pub async fn heads_after(db: &Db, size: u64, limit: u32) -> Result<Vec<Head>, DbError> {
    let sql = "select size, root, made_at, checkpoint from log_head where size > $1 order by size limit $2";
    db.query(sql, params![number(size), i64::from(limit)]).await?.into_iter().map(read_head).collect()
}

/// How many heads are above a size, and when the first of them was made.
pub(super) async fn waiting_above(db: &Db, size: u64) -> Result<(u64, Option<Timestamp>), DbError> {
    let sql = "select cast(count(*) as bigint) as heads,
                      (select made_at from log_head where size > $1 order by size limit 1) as since
               from log_head where size > $1";
    let mut rows = db.query(sql, params![number(size)]).await?;
    let Some(row) = rows.first_mut() else { return Ok((0, None)) };
    Ok((unsigned(row, "heads")?, row.take::<Option<i64>>("since")?.map(Timestamp)))
}

/// The stamp of the head of exactly this size.
///
/// # Errors
/// The database does not answer.
pub async fn stamp(db: &Db, size: u64) -> Result<Option<Stamp>, DbError> {
    let sql = "select size, token, authority, stamped_at, recorded_at from log_stamp where size = $1";
    first(db.query(sql, params![number(size)]).await?, read_stamp)
}

/// The stamp of the largest stamped head.
///
/// # Errors
/// The database does not answer.
pub async fn newest_stamp(db: &Db) -> Result<Option<Stamp>, DbError> {
    let sql = "select size, token, authority, stamped_at, recorded_at from log_stamp order by size desc limit 1";
    first(db.query(sql, vec![]).await?, read_stamp)
}

/// The stamp of the first stamped head above a size: the earliest proof of time for the leaf of that number.
///
/// # Errors
/// The database does not answer.
pub async fn first_stamped(db: &Db, index: u64) -> Result<Option<Stamp>, DbError> {
    let sql = "select size, token, authority, stamped_at, recorded_at from log_stamp where size > $1
               order by size limit 1";
    first(db.query(sql, params![number(index)]).await?, read_stamp)
}

/// The signature lines of witnesses under a head, in the order they came.
///
/// # Errors
/// The database does not answer.
pub async fn cosignatures(db: &Db, size: u64) -> Result<Vec<String>, DbError> {
    let sql = "select line from log_cosignature where size = $1 order by recorded_at, witness";
    db.query(sql, params![number(size)]).await?.into_iter().map(|mut row| row.take("line")).collect()
}

/// Number and salt of the leaf of an evidence.
pub(super) async fn leaf_of(
    db: &Db,
    message: MessageId,
    evidence: EvidenceId,
) -> Result<Option<(u64, Option<[u8; 32]>)>, DbError> {
    let sql = "select l.position, l.salt from evidence e join log_leaf l on l.evidence_sequence = e.sequence
               where e.message_id = $1 and e.id = $2";
    let read = |mut row: Row| Ok((unsigned(&mut row, "position")?, row.take("salt")?));
    first(db.query(sql, params![message, evidence]).await?, read)
}

/// Where the evidences of a message stand, so far as they are logged under a head.
pub(super) async fn places(db: &Db, message: MessageId) -> Result<Vec<Place>, DbError> {
    let sql = "select p.id, p.position, p.headed, s.size as stamped, s.stamped_at from (
                 select e.id, e.sequence, l.position,
                        (select min(h.size) from log_head h where h.size > l.position) as headed,
                        (select min(t.size) from log_stamp t where t.size > l.position) as stamped
                 from evidence e join log_leaf l on l.evidence_sequence = e.sequence where e.message_id = $1
               ) p left join log_stamp s on s.size = p.stamped where p.headed is not null order by p.sequence";
    let read = |mut row: Row| {
        let headed = unsigned(&mut row, "headed")?;
        let stamped = row.take::<Option<i64>>("stamped")?.and_then(|size| u64::try_from(size).ok());
        Ok(Place {
            evidence: row.take("id")?,
            index: unsigned(&mut row, "position")?,
            size: stamped.unwrap_or(headed),
            stamped_at: row.take::<Option<i64>>("stamped_at")?.map(Timestamp),
        })
    };
    db.query(sql, params![message]).await?.into_iter().map(read).collect()
}

fn first<T>(rows: Vec<Row>, read: impl FnOnce(Row) -> Result<T, DbError>) -> Result<Option<T>, DbError> {
    rows.into_iter().next().map(read).transpose()
}

pub(super) fn read_head(mut row: Row) -> Result<Head, DbError> {
    Ok(Head {
        size: unsigned(&mut row, "size")?,
        root: row.take("root")?,
        made_at: Timestamp(row.take("made_at")?),
        checkpoint: row.take("checkpoint")?,
    })
}

pub(super) fn read_stamp(mut row: Row) -> Result<Stamp, DbError> {
    Ok(Stamp {
        size: unsigned(&mut row, "size")?,
        token: row.take("token")?,
        authority: row.take("authority")?,
        at: Timestamp(row.take("stamped_at")?),
        recorded_at: Timestamp(row.take("recorded_at")?),
    })
}

/// A column that counts and is never below zero.
pub(super) fn unsigned(row: &mut Row, column: &str) -> Result<u64, DbError> {
    let value: i64 = row.take(column)?;
    u64::try_from(value).map_err(|_| inconsistent(column, value))
}

fn inconsistent(column: &str, value: i64) -> DbError {
    DbError::Inconsistent { column: column.to_owned(), expected: i64::EXPECTED, found: value.to_string() }
}

/// Sizes and numbers as the database knows them; no log has more than 2^63 leaves.
pub(super) fn number(value: u64) -> i64 {
    i64::try_from(value).unwrap_or(i64::MAX)
}
