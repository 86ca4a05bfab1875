//! What the audit reads, a page at a time.

use std::collections::VecDeque;

use hub_signatures::log::tree::Hash;

use crate::db::{Db, DbError, FromValue, Row, Value};
use crate::log::model::{Head, Stamp};
use crate::log::store::{self, read_head, read_stamp, unsigned};
use crate::params;

/// A leaf with its evidence: the document and the hash its row states.
pub(super) struct Leaf {
    pub position: i64,
    pub sequence: i64,
    pub salt: Option<[u8; 32]>,
    pub hash: Hash,
    pub evidence: Option<(Vec<u8>, Vec<u8>)>,
}

/// A cosignature with the head it stands under.
pub(super) struct Cosigned {
    pub size: u64,
    pub witness: String,
    pub line: String,
    pub checkpoint: Option<String>,
}

/// Bytes of a column that somebody may have filled with the wrong kind of value.
struct Raw(Vec<u8>);

impl FromValue for Raw {
    const EXPECTED: &'static str = "text or bytes";
    fn from_value(value: Value) -> Result<Self, Value> {
        match value {
            Value::Text(text) => Ok(Self(text.into_bytes())),
            Value::Blob(bytes) => Ok(Self(bytes)),
            other => Err(other),
        }
    }
}

pub(super) async fn leaves(db: &Db, after: i64) -> Result<Vec<Leaf>, DbError> {
    let sql = "select l.position, l.evidence_sequence, l.salt, l.hash, e.document, e.sha256 from log_leaf l
               left join evidence e on e.sequence = l.evidence_sequence
               where l.position > $1 order by l.position limit 256";
    let read = |mut row: Row| {
        let (document, stated) = (row.take::<Option<Raw>>("document")?, row.take::<Option<Raw>>("sha256")?);
        Ok(Leaf {
            position: row.take("position")?,
            sequence: row.take("evidence_sequence")?,
            salt: row.take("salt")?,
            hash: row.take("hash")?,
            evidence: document.zip(stated).map(|(document, stated)| (document.0, stated.0)),
        })
    };
    db.query(sql, params![after]).await?.into_iter().map(read).collect()
}

pub(super) async fn count_leaves(db: &Db) -> Result<u64, DbError> {
    let mut rows = db.query("select cast(count(*) as bigint) as leaves from log_leaf", vec![]).await?;
    rows.first_mut().map_or(Ok(0), |row| unsigned(row, "leaves"))
}

/// The heads, smallest first.
#[derive(Default)]
pub(super) struct Heads {
    page: VecDeque<Head>,
    last: Option<i64>,
    ended: bool,
}

impl Heads {
    /// The next head whose size is not above this one.
    pub(super) async fn next_upto(&mut self, db: &Db, size: u64) -> Result<Option<Head>, DbError> {
        self.fill(db).await?;
        Ok(self.page.pop_front_if(|head| head.size <= size))
    }

    /// The next head.
    pub(super) async fn next(&mut self, db: &Db) -> Result<Option<Head>, DbError> {
        self.next_upto(db, u64::MAX).await
    }

    async fn fill(&mut self, db: &Db) -> Result<(), DbError> {
        if self.page.is_empty() && !self.ended {
            let sql = "select size, root, made_at, checkpoint from log_head where size > $1 order by size limit 256";
            let rows = db.query(sql, params![self.last.unwrap_or(-1)]).await?;
            self.page = rows.into_iter().map(read_head).collect::<Result<_, _>>()?;
            self.last = self.page.back().map(|head| store::number(head.size));
            self.ended = self.last.is_none();
        }
        Ok(())
    }
}

pub(super) async fn stamps(db: &Db, after: i64) -> Result<Vec<(Stamp, Option<String>)>, DbError> {
    let sql = "select s.size, s.token, s.authority, s.stamped_at, s.recorded_at, h.checkpoint from log_stamp s
               left join log_head h on h.size = s.size where s.size > $1 order by s.size limit 256";
    let read = |mut row: Row| {
        let checkpoint = row.take("checkpoint")?;
        Ok((read_stamp(row)?, checkpoint))
    };
    db.query(sql, params![after]).await?.into_iter().map(read).collect()
}

pub(super) async fn cosignatures(db: &Db, after: &(i64, String)) -> Result<Vec<Cosigned>, DbError> {
    let sql = "select c.size, c.witness, c.line, h.checkpoint from log_cosignature c
               left join log_head h on h.size = c.size
               where (c.size, c.witness) > ($1, $2) order by c.size, c.witness limit 256";
    let read = |mut row: Row| {
        Ok(Cosigned {
            size: unsigned(&mut row, "size")?,
            witness: row.take("witness")?,
            line: row.take("line")?,
            checkpoint: row.take("checkpoint")?,
        })
    };
    db.query(sql, params![after.0, &after.1]).await?.into_iter().map(read).collect()
}

pub(super) async fn highest_nodes(db: &Db) -> Result<Vec<(i64, u64)>, DbError> {
    let sql = "select level, max(position) as highest from log_node group by level";
    let read = |mut row: Row| Ok((row.take("level")?, unsigned(&mut row, "highest")?));
    db.query(sql, vec![]).await?.into_iter().map(read).collect()
}

/// Only where somebody has taken the rule away that refuses it.
pub(super) async fn doubled_evidence(db: &Db) -> Result<Vec<i64>, DbError> {
    let sql = "select evidence_sequence from log_leaf group by evidence_sequence having count(*) > 1 limit 1000";
    db.query(sql, vec![]).await?.into_iter().map(|mut row| row.take("evidence_sequence")).collect()
}

/// Only where somebody has taken the rule away that refuses it.
pub(super) async fn doubled_heads(db: &Db) -> Result<Vec<u64>, DbError> {
    let sql = "select size from log_head group by size having count(*) > 1 limit 1000";
    db.query(sql, vec![]).await?.into_iter().map(|mut row| unsigned(&mut row, "size")).collect()
}

/// The sequence up to which every evidence must be logged. On SQLite evidence is logged in the order of its sequence;
/// on PostgreSQL a lower one may still be on its way above the watermark.
pub(super) async fn whole_upto(db: &Db) -> Result<i64, DbError> {
    let watermark = store::watermark(db).await?;
    if !db.is_embedded() {
        return Ok(watermark);
    }
    let sql = "select cast(coalesce(max(evidence_sequence), 0) as bigint) as logged from log_leaf";
    let mut rows = db.query(sql, vec![]).await?;
    rows.first_mut().map_or(Ok(watermark), |row| Ok(watermark.max(row.take("logged")?)))
}
