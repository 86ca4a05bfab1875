//! All SQL of the expiry board.

use hub_signatures::digest::DigestAlgorithm;

use crate::clock::Timestamp;
use crate::db::{Db, DbError, Row};
use crate::params;

use super::model::parse_algorithm;
use super::store::{number, unsigned};

/// Evidences of one document type under one seal.
#[derive(Debug, Clone)]
pub(super) struct Holding {
    pub document_type: String,
    pub document_version: String,
    pub seal: Vec<u8>,
    pub evidences: u64,
    pub newest: Timestamp,
}

/// A batch by its newest stamp.
pub(super) struct Standing {
    pub number: u64,
    pub algorithm: DigestAlgorithm,
    pub authority_ends: Timestamp,
}

/// Every batch with what it holds.
pub(super) async fn batches(db: &Db) -> Result<Vec<(Standing, Vec<Holding>)>, DbError> {
    let sql =
        "select s.batch, s.algorithm, s.authority_ends, c.document_type, c.document_version, c.seal_sha256 as seal,
                 c.evidences, c.newest
               from preservation_stamp s join preservation_content c on c.batch = s.batch
               where s.number = (select max(x.number) from preservation_stamp x where x.batch = s.batch)
               order by s.batch";
    let mut all: Vec<(Standing, Vec<Holding>)> = Vec::new();
    for mut row in db.query(sql, vec![]).await? {
        let batch = unsigned(&mut row, "batch")?;
        if all.last().is_none_or(|(last, _)| last.number != batch) {
            let name: String = row.take("algorithm")?;
            let algorithm = parse_algorithm(&name).ok_or_else(|| DbError::Inconsistent {
                column: "algorithm".to_owned(),
                expected: "a digest algorithm",
                found: name,
            })?;
            let authority_ends = Timestamp(row.take("authority_ends")?);
            all.push((Standing { number: batch, algorithm, authority_ends }, Vec::new()));
        }
        if let Some((_, held)) = all.last_mut() {
            held.push(holding(row)?);
        }
    }
    Ok(all)
}

/// What is logged and in no batch yet.
pub(super) async fn waiting(db: &Db, preserved: u64) -> Result<Vec<Holding>, DbError> {
    let sql = "select c.document_type, c.document_version, c.seal,
                 cast(count(*) as bigint) as evidences, max(c.at) as newest from (
                 select coalesce(m.document_type, '') as document_type,
                   coalesce(m.document_version, '') as document_version, e.event_time as at,
                   (select s.sha256 from seal s where s.first_used <= e.event_time
                     order by s.first_used desc, s.sha256 limit 1) as seal
                 from log_leaf l join evidence e on e.sequence = l.evidence_sequence
                   left join message m on m.id = e.message_id
                 where l.position >= $1) c
               group by c.document_type, c.document_version, c.seal";
    db.query(sql, params![number(preserved)]).await?.into_iter().map(holding).collect()
}

/// Evidences with a time-stamp of their own: the authority's certificate by its digest and in DER, and what it stamped,
/// each with whether a batch covers it.
#[allow(clippy::type_complexity, reason = "one caller, which takes it apart")]
pub(super) async fn own_stamps(
    db: &Db,
    preserved: u64,
) -> Result<Vec<(Vec<u8>, Vec<u8>, Vec<(bool, Holding)>)>, DbError> {
    let sql = "select c.authority, v.content, c.document_type, c.document_version, c.authority as seal, c.covered,
                 cast(count(*) as bigint) as evidences, max(c.at) as newest from (
                 select t.authority_sha256 as authority, coalesce(m.document_type, '') as document_type,
                   coalesce(m.document_version, '') as document_version, e.event_time as at,
                   cast(case when l.position < $1 then 1 else 0 end as bigint) as covered
                 from evidence_time_stamp t join evidence e on e.id = t.evidence_id
                   left join log_leaf l on l.evidence_sequence = e.sequence
                   left join message m on m.id = e.message_id) c
               join validation_material v on v.sha256 = c.authority
               group by c.authority, v.content, c.document_type, c.document_version, c.covered order by c.authority";
    let mut all: Vec<(Vec<u8>, Vec<u8>, Vec<(bool, Holding)>)> = Vec::new();
    for mut row in db.query(sql, params![number(preserved)]).await? {
        let authority: Vec<u8> = row.take("authority")?;
        if all.last().is_none_or(|(last, _, _)| *last != authority) {
            all.push((authority, row.take("content")?, Vec::new()));
        }
        let covered: bool = row.take::<i64>("covered")? == 1;
        if let Some((_, _, held)) = all.last_mut() {
            held.push((covered, holding(row)?));
        }
    }
    Ok(all)
}

fn holding(mut row: Row) -> Result<Holding, DbError> {
    Ok(Holding {
        document_type: row.take("document_type")?,
        document_version: row.take("document_version")?,
        seal: row.take::<Option<Vec<u8>>>("seal")?.unwrap_or_default(),
        evidences: unsigned(&mut row, "evidences")?,
        newest: Timestamp(row.take("newest")?),
    })
}
