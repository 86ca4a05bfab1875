//! The SQL of telling systems.

use uuid::Uuid;

use crate::clock::Timestamp;
use crate::db::{Db, DbError, Tx, WriteVerb};
use crate::message::{DeliveryId, MessageId, Registration};
use crate::params;

/// Begins to tell a party, from what is logged and received from now on. Who is told already goes on where it is.
pub(super) struct Enlist;

impl WriteVerb for Enlist {
    type Item = String;
    type Output = ();
    const ORDER: u16 = 906;

    async fn run(&self, tx: &mut Tx<'_>, items: &[String]) -> Result<Vec<()>, DbError> {
        let sql =
            "insert into evidence_push (party, next_number, first_leaf, first_received, failures, due_at, held_until)
                   select $1, (select coalesce(max(number), 0) + 1 from evidence_feed where party = $1),
                     (select coalesce(max(position), -1) + 1 from log_leaf),
                     (select coalesce(max(sequence), 0) + 1 from received_evidence), 0, 0, 0
                   where not exists (select 1 from evidence_push where party = $1) on conflict do nothing";
        tx.execute_each(sql, items.iter().map(|party| params![party]).collect()).await?;
        Ok(vec![(); items.len()])
    }
}

/// Takes the telling of a party for a node, where it is due and nobody else has it; answers whether it did.
pub(super) struct Take;

/// A node's claim.
pub(super) struct Claim {
    pub party: String,
    pub node: Uuid,
    pub now: Timestamp,
    /// Holds of others that end until then have ended.
    pub over: Timestamp,
    pub until: Timestamp,
}

impl WriteVerb for Take {
    type Item = Claim;
    type Output = bool;
    const ORDER: u16 = 907;

    async fn run(&self, tx: &mut Tx<'_>, items: &[Claim]) -> Result<Vec<bool>, DbError> {
        let sql = "update evidence_push set holder = $2, held_until = $5 where party = $1 and due_at <= $3
                   and (holder is null or holder = $2 or held_until <= $4)";
        let set = |one: &Claim| params![&one.party, one.node.into_bytes(), one.now.0, one.over.0, one.until.0];
        let changed = tx.execute_each(sql, items.iter().map(set).collect()).await?;
        Ok(changed.into_iter().map(|rows| rows == 1).collect())
    }
}

/// Writes how far a party was told; answers whether the node still had the telling. A place never goes back.
pub(super) struct Record;

/// What came of telling.
pub(super) struct Told {
    pub party: String,
    pub node: Uuid,
    pub place: Place,
    pub held_until: Timestamp,
}

impl WriteVerb for Record {
    type Item = Told;
    type Output = bool;
    const ORDER: u16 = 908;

    async fn run(&self, tx: &mut Tx<'_>, items: &[Told]) -> Result<Vec<bool>, DbError> {
        let sql =
            "update evidence_push set next_number = $3, failures = $4, failing_since = $5, reason = $6, due_at = $7,
                   held_until = $8 where party = $1 and holder = $2 and next_number <= $3";
        let set = |one: &Told| {
            params![
                &one.party,
                one.node.into_bytes(),
                one.place.next_number,
                one.place.failures,
                one.place.failing_since.map(|at| at.0),
                one.place.reason.as_ref(),
                one.place.due_at.0,
                one.held_until.0,
            ]
        };
        let changed = tx.execute_each(sql, items.iter().map(set).collect()).await?;
        Ok(changed.into_iter().map(|rows| rows == 1).collect())
    }
}

/// Gives back whatever a node holds.
pub(super) struct LetGo;

impl WriteVerb for LetGo {
    type Item = Uuid;
    type Output = ();
    const ORDER: u16 = 909;

    async fn run(&self, tx: &mut Tx<'_>, items: &[Uuid]) -> Result<Vec<()>, DbError> {
        let sql = "update evidence_push set held_until = 0 where holder = $1";
        tx.execute_each(sql, items.iter().map(|node| params![node.into_bytes()]).collect()).await?;
        Ok(vec![(); items.len()])
    }
}

/// How far a party was told, and what hinders it.
#[derive(Debug, Clone, Default)]
pub(super) struct Place {
    pub next_number: i64,
    pub first_leaf: i64,
    pub first_received: i64,
    pub failures: i64,
    pub failing_since: Option<Timestamp>,
    pub reason: Option<String>,
    pub due_at: Timestamp,
}

pub(super) async fn place(db: &Db, party: &str) -> Result<Option<Place>, DbError> {
    let sql = "select next_number, first_leaf, first_received, failures, failing_since, reason, due_at
               from evidence_push where party = $1";
    let Some(mut row) = db.query(sql, params![party]).await?.into_iter().next() else { return Ok(None) };
    Ok(Some(Place {
        next_number: row.take("next_number")?,
        first_leaf: row.take("first_leaf")?,
        first_received: row.take("first_received")?,
        failures: row.take("failures")?,
        failing_since: row.take::<Option<i64>>("failing_since")?.map(Timestamp),
        reason: row.take("reason")?,
        due_at: Timestamp(row.take("due_at")?),
    }))
}

/// The parties that have something to be told, are due, and are told by no other node whose hold ends after `over`.
pub(super) async fn due(db: &Db, node: Uuid, (now, over): (Timestamp, Timestamp)) -> Result<Vec<String>, DbError> {
    let sql = "select p.party from evidence_push p where p.due_at <= $1
               and (p.holder is null or p.holder = $2 or p.held_until <= $3) and exists
               (select 1 from evidence_feed f where f.party = p.party and f.sent = 1 and f.number >= p.next_number)";
    let rows = db.query(sql, params![now.0, node.into_bytes(), over.0]).await?;
    rows.into_iter().map(|mut row| row.take("party")).collect()
}

/// How telling stands, for those who run the hub.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Standing {
    /// Parties that are told.
    pub parties: i64,
    /// Those whose system did not take the last event; the paused ones included.
    pub failing: i64,
    /// Those that failed for so long that they are tried at growing intervals up to a day.
    pub paused: i64,
}

/// How telling stands; who fails since before `patience_began` is paused.
///
/// # Errors
/// The database does not answer.
pub async fn standing(db: &Db, patience_began: Timestamp) -> Result<Standing, DbError> {
    let sql = "select cast(count(*) as bigint) as parties, cast(count(failing_since) as bigint) as failing,
               cast(count(case when failing_since <= $1 then 1 end) as bigint) as paused from evidence_push";
    let mut rows = db.query(sql, params![patience_began.0]).await?;
    let row = rows.first_mut().ok_or_else(|| DbError::Statement("a count answered nothing".to_owned()))?;
    Ok(Standing { parties: row.take("parties")?, failing: row.take("failing")?, paused: row.take("paused")? })
}

/// What an event tells of the message an evidence is about; nothing where only a refusal is left of it.
pub(super) struct About {
    pub document_type: String,
    pub document_version: String,
    pub submitted_at: Timestamp,
    pub registration: Option<Registration>,
}

pub(super) async fn about(db: &Db, message: MessageId) -> Result<Option<About>, DbError> {
    let sql = "select document_type, document_version, submitted_at, sender_registration from message where id = $1";
    let Some(mut row) = db.query(sql, params![message]).await?.into_iter().next() else { return Ok(None) };
    let registration: String = row.take("sender_registration")?;
    Ok(Some(About {
        document_type: row.take("document_type")?,
        document_version: row.take("document_version")?,
        submitted_at: Timestamp(row.take("submitted_at")?),
        // Stored by this program; an unreadable one keeps no evidence from its sender.
        registration: serde_json::from_str(&registration).ok(),
    }))
}

pub(super) async fn recipient(db: &Db, delivery: DeliveryId) -> Result<Option<String>, DbError> {
    let rows = db.query("select recipient from delivery where id = $1", params![delivery]).await?;
    rows.into_iter().next().map(|mut row| row.take("recipient")).transpose()
}
