//! The SQL of feeds.

use crate::clock::Timestamp;
use crate::db::{Db, DbError, Row, Tx, WriteVerb};
use crate::log::Place;
use crate::params;

use super::model::{Entry, Item, OtherIssuer, Source, Which};

/// How far the feeder has followed.
#[derive(Debug, Clone, Copy)]
pub(super) struct Reached {
    pub next_leaf: i64,
    pub turn: i64,
}

/// Entries made for a turn, with their numbers, and how far they lead.
pub(super) struct Addition {
    pub turn: i64,
    pub next_leaf: i64,
    pub entries: Vec<(Entry, i64)>,
    /// Received evidence that is in its feeds now.
    pub fed: Vec<i64>,
}

/// Adds entries; answers whether it was their turn. If not, nothing was written.
pub(super) struct Add;

impl WriteVerb for Add {
    type Item = Addition;
    type Output = bool;
    const ORDER: u16 = 905;

    async fn run(&self, tx: &mut Tx<'_>, items: &[Addition]) -> Result<Vec<bool>, DbError> {
        let mut outputs = Vec::with_capacity(items.len());
        for item in items {
            outputs.push(add(tx, item).await?);
        }
        Ok(outputs)
    }
}

async fn add(tx: &mut Tx<'_>, item: &Addition) -> Result<bool, DbError> {
    let sql = "update evidence_feed_place set next_leaf = $1, turn = turn + 1 where id = 1 and turn = $2";
    if tx.execute_each(sql, vec![params![item.next_leaf, item.turn]]).await? != [1] {
        return Ok(false);
    }
    let row = |(entry, number): &(Entry, i64)| {
        let (own, received) = match entry.evidence {
            Which::Own(sequence) => (Some(sequence), None),
            Which::Received(sequence) => (None, Some(sequence)),
        };
        params![&entry.party, *number, own, received, i64::from(entry.sent)]
    };
    let rows = item.entries.iter().map(row).collect();
    tx.insert("insert into evidence_feed (party, number, evidence_sequence, received_sequence, sent) values", 5, rows)
        .await?;
    let fed = item.fed.iter().map(|sequence| params![*sequence]).collect();
    tx.execute_each("delete from received_unfed where sequence = $1", fed).await?;
    Ok(true)
}

pub(super) async fn reached(db: &Db) -> Result<Reached, DbError> {
    let mut rows = db.query("select next_leaf, turn from evidence_feed_place where id = 1", vec![]).await?;
    let row = rows.first_mut().ok_or_else(|| DbError::Statement("the feeder's place is gone".to_owned()))?;
    Ok(Reached { next_leaf: row.take("next_leaf")?, turn: row.take("turn")? })
}

/// The number of the newest entry of a party; 0 before the first.
pub(super) async fn newest(db: &Db, party: &str) -> Result<i64, DbError> {
    let sql = "select cast(coalesce(max(number), 0) as bigint) as newest from evidence_feed where party = $1";
    let mut rows = db.query(sql, params![party]).await?;
    rows.first_mut().map_or(Ok(0), |row| row.take("newest"))
}

/// An evidence with one of those who may see it.
pub(super) struct Seen {
    /// Its leaf, or the sequence of a received one.
    pub at: i64,
    pub evidence: i64,
    pub sender: Option<String>,
    pub recipient: Option<String>,
}

/// The leaves from one up to another, once for each recipient that may see them, with their sender: it sees everything, a
/// recipient what is about no delivery and what is about its own.
pub(super) async fn leaves(db: &Db, from: i64, to: i64) -> Result<Vec<Seen>, DbError> {
    let sql = "select l.position as place, e.sequence, coalesce(m.sender, j.sender) as sender, d.recipient
               from log_leaf l join evidence e on e.sequence = l.evidence_sequence
               left join message m on m.id = e.message_id left join rejection j on j.message_id = e.message_id
               left join delivery d on d.message_id = e.message_id and (e.delivery_id is null or d.id = e.delivery_id)
               where l.position >= $1 and l.position < $2 order by l.position, d.position";
    db.query(sql, params![from, to]).await?.into_iter().map(seen).collect()
}

/// The same of received evidence that is in no feed yet, in the order it came; whole evidences, at least one.
pub(super) async fn unfed(db: &Db, limit: i64) -> Result<Vec<Seen>, DbError> {
    let sql = "select r.sequence as place, r.sequence, m.sender, d.recipient
               from received_evidence r left join message m on m.id = r.message_id
               left join delivery d on d.message_id = r.message_id and (r.delivery_id is null or d.id = r.delivery_id)
               where r.sequence in (select sequence from received_unfed order by sequence limit $1)
               order by r.sequence, d.position";
    db.query(sql, params![limit]).await?.into_iter().map(seen).collect()
}

fn seen(mut row: Row) -> Result<Seen, DbError> {
    Ok(Seen {
        at: row.take("place")?,
        evidence: row.take("sequence")?,
        sender: row.take("sender")?,
        recipient: row.take("recipient")?,
    })
}

/// What a recipient may see only since there is a delivery to it, and was passed by before.
pub(super) struct Belated {
    /// The leaf, or the received evidence, about that delivery.
    pub occasion: i64,
    pub recipient: String,
    pub evidence: Which,
}

/// What belongs into feeds before the leaves from one up to another.
pub(super) async fn belated_at_leaves(db: &Db, from: i64, to: i64) -> Result<Vec<Belated>, DbError> {
    let sql = "select w.position as occasion, d.recipient, b.sequence as own, cast(null as bigint) as received,
                      l.position as place
               from log_leaf w join evidence e on e.sequence = w.evidence_sequence join delivery d on d.id = e.delivery_id
               join evidence b on b.message_id = e.message_id and b.delivery_id is null
               join log_leaf l on l.evidence_sequence = b.sequence and l.position < w.position
               where w.position >= $1 and w.position < $2 and not exists
                 (select 1 from evidence_feed f where f.evidence_sequence = b.sequence and f.party = d.recipient)
               union all
               select w.position as occasion, d.recipient, cast(null as bigint) as own, b.sequence as received,
                      -1 as place
               from log_leaf w join evidence e on e.sequence = w.evidence_sequence join delivery d on d.id = e.delivery_id
               join received_evidence b on b.message_id = e.message_id and b.delivery_id is null
               where w.position >= $1 and w.position < $2
                 and not exists (select 1 from received_unfed u where u.sequence = b.sequence) and not exists
                 (select 1 from evidence_feed f where f.received_sequence = b.sequence and f.party = d.recipient)
               order by 1, 5";
    db.query(sql, params![from, to]).await?.into_iter().map(belated).collect()
}

/// What belongs into feeds before received evidence; leaves from `fed_to` on are still to come.
pub(super) async fn belated_at_received(db: &Db, limit: i64, fed_to: i64) -> Result<Vec<Belated>, DbError> {
    let sql = "select r.sequence as occasion, d.recipient, b.sequence as own, cast(null as bigint) as received
               from received_evidence r join delivery d on d.id = r.delivery_id
               join evidence b on b.message_id = r.message_id and b.delivery_id is null
               join log_leaf l on l.evidence_sequence = b.sequence and l.position < $2
               where r.sequence in (select sequence from received_unfed order by sequence limit $1) and not exists
                 (select 1 from evidence_feed f where f.evidence_sequence = b.sequence and f.party = d.recipient)
               order by r.sequence, l.position";
    db.query(sql, params![limit, fed_to]).await?.into_iter().map(belated).collect()
}

fn belated(mut row: Row) -> Result<Belated, DbError> {
    let own: Option<i64> = row.take("own")?;
    let evidence = match own {
        Some(sequence) => Which::Own(sequence),
        None => Which::Received(row.take("received")?),
    };
    Ok(Belated { occasion: row.take("occasion")?, recipient: row.take("recipient")?, evidence })
}

/// The feed of a party after a number, in order; the documents only where asked for.
///
/// # Errors
/// The database does not answer.
pub async fn after(db: &Db, party: &str, number: i64, limit: i64, documents: bool) -> Result<Vec<Item>, DbError> {
    let sql = "select p.*, t.size as stamp_size, t.stamped_at from (
                 select f.number, f.sent, coalesce(e.message_id, r.message_id) as message_id,
                        coalesce(e.delivery_id, r.delivery_id) as delivery_id, coalesce(e.event, r.event) as event,
                        coalesce(e.sha256, r.sha256) as sha256,
                        case when cast($4 as bigint) = 1 then coalesce(e.document, r.document) end as document,
                        e.id, e.event_time as happened_at, l.position,
                        (select min(h.size) from log_head h where h.size > l.position) as headed,
                        (select min(s.size) from log_stamp s where s.size > l.position) as stamped,
                        r.sequence as received, r.identifier, r.event_time, r.issuer, r.partner, r.standing, r.received_at
                 from evidence_feed f left join evidence e on e.sequence = f.evidence_sequence
                 left join log_leaf l on l.evidence_sequence = f.evidence_sequence
                 left join received_evidence r on r.sequence = f.received_sequence
                 where f.party = $1 and f.number > $2 order by f.number limit $3
               ) p left join log_stamp t on t.size = p.stamped order by p.number";
    let rows = db.query(sql, params![party, number, limit, i64::from(documents)]).await?;
    rows.into_iter().map(item).collect()
}

/// The evidence of what a party sent, from a number on, with documents.
pub(super) async fn sent_from(db: &Db, party: &str, number: i64, limit: i64) -> Result<Vec<Item>, DbError> {
    let sql = "select f.number, f.sent, coalesce(e.message_id, r.message_id) as message_id,
                      coalesce(e.delivery_id, r.delivery_id) as delivery_id, coalesce(e.event, r.event) as event,
                      coalesce(e.sha256, r.sha256) as sha256, coalesce(e.document, r.document) as document,
                      e.id, e.event_time as happened_at, l.position, l.position + 1 as headed,
                      cast(null as bigint) as stamp_size, cast(null as bigint) as stamped_at,
                      r.sequence as received, r.identifier, r.event_time, r.issuer, r.partner, r.standing, r.received_at
               from evidence_feed f left join evidence e on e.sequence = f.evidence_sequence
               left join log_leaf l on l.evidence_sequence = f.evidence_sequence
               left join received_evidence r on r.sequence = f.received_sequence
               where f.party = $1 and f.number >= $2 and f.sent = 1 order by f.number limit $3";
    db.query(sql, params![party, number, limit]).await?.into_iter().map(item).collect()
}

fn item(mut row: Row) -> Result<Item, DbError> {
    let received: Option<i64> = row.take("received")?;
    let source = match received {
        None => own(&mut row)?,
        Some(sequence) => Source::Received(OtherIssuer {
            sequence,
            identifier: row.take("identifier")?,
            event_time: row.take("event_time")?,
            issuer: row.take("issuer")?,
            partner: row.take("partner")?,
            standing: row.take("standing")?,
            received_at: Timestamp(row.take("received_at")?),
        }),
    };
    let sent: i64 = row.take("sent")?;
    Ok(Item {
        number: row.take("number")?,
        sent: sent == 1,
        message: row.take("message_id")?,
        delivery: row.take("delivery_id")?,
        event: row.take("event")?,
        sha256: row.take("sha256")?,
        document: row.take("document")?,
        source,
    })
}

fn own(row: &mut Row) -> Result<Source, DbError> {
    // What is fed is under a head.
    let headed: i64 = row.take("headed")?;
    let stamped: Option<i64> = row.take("stamp_size")?;
    let index: i64 = row.take("position")?;
    let place = Place {
        evidence: row.take("id")?,
        index: index.unsigned_abs(),
        size: stamped.unwrap_or(headed).unsigned_abs(),
        stamped_at: row.take::<Option<i64>>("stamped_at")?.map(Timestamp),
    };
    Ok(Source::Own { at: Timestamp(row.take("happened_at")?), place })
}
