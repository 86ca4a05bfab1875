//! The SQL of dead letters.

use std::collections::HashMap;

use connectors_contract::SideEffect;

use crate::audit::{self, AuditEvent};
use crate::clock::Timestamp;
use crate::db::{Db, DbError, Row, Tx, WriteVerb};
use crate::delivery::DeliveryState;
use crate::message::{DeliveryId, MessageId};
use crate::params;

use super::model::{DeadLetter, Kind, Statement, effect, parse_effect};

/// A delivery about to be parked.
#[derive(Debug, Clone)]
pub struct Parked {
    /// The delivery.
    pub delivery: DeliveryId,
    /// The message.
    pub message: MessageId,
    /// Party that sent it.
    pub sender: String,
    /// Who must act.
    pub owner: String,
    /// Folder of the system.
    pub system: String,
    /// Why.
    pub kind: Kind,
    /// What a second sending does there.
    pub side_effect: SideEffect,
    /// The idempotency key its sendings had.
    pub sent_key: String,
    /// What happened, in words.
    pub reason: String,
}

/// Parks deliveries. One that was parked before is parked anew, with what was found out about it.
///
/// # Errors
/// The database refused a row.
pub async fn park(tx: &mut Tx<'_>, parked: &[&Parked], at: Timestamp) -> Result<(), DbError> {
    if parked.is_empty() {
        return Ok(());
    }
    let sql = "insert into dead_letter (delivery_id, message_id, sender, owner, system, kind, side_effect, sent_key,
               reason, since) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
               on conflict (delivery_id) do update set owner = $4, kind = $6, reason = $9, since = $10, closed_at = null";
    let set = |one: &&Parked| {
        params![
            one.delivery,
            one.message,
            &one.sender,
            &one.owner,
            &one.system,
            one.kind.as_str(),
            effect(one.side_effect),
            &one.sent_key,
            &one.reason,
            at.0,
        ]
    };
    tx.execute_each(sql, parked.iter().map(set).collect()).await?;
    let act =
        |one: &&Parked| NewAct { act: "parked", note: Some(one.reason.clone()), ..NewAct::of(one.delivery, "hub") };
    record(tx, &parked.iter().map(act).collect::<Vec<_>>(), at).await
}

/// Something done about a dead letter.
#[derive(Debug, Clone)]
pub struct NewAct {
    /// The delivery.
    pub delivery: DeliveryId,
    /// `parked`, `arrived`, `not_arrived`, `replayed` or `ended`.
    pub act: &'static str,
    /// The party whose system asked for it; `hub` for the hub itself.
    pub party: String,
    /// What was written with it.
    pub note: Option<String>,
    /// What a person found out.
    pub statement: Option<Statement>,
    /// The idempotency key of the message that is about to replace it.
    pub replay_key: Option<String>,
    /// Whether nothing is left to be done.
    pub closes: bool,
    /// The act as the audit tells it; none for what the hub does by itself.
    pub audit: Option<AuditEvent>,
}

impl NewAct {
    /// An act with nothing more to say.
    #[must_use]
    pub fn of(delivery: DeliveryId, party: &str) -> Self {
        Self {
            delivery,
            act: "ended",
            party: party.to_owned(),
            note: None,
            statement: None,
            replay_key: None,
            closes: false,
            audit: None,
        }
    }
}

/// Writes acts into the journal, and what they change.
///
/// # Errors
/// The database refused a row.
pub async fn record(tx: &mut Tx<'_>, acts: &[NewAct], at: Timestamp) -> Result<(), DbError> {
    if acts.is_empty() {
        return Ok(());
    }
    let sql = "update dead_letter set statement = coalesce($2, statement), replay_key = coalesce($3, replay_key),
               closed_at = coalesce($4, closed_at) where delivery_id = $1";
    let set = |act: &NewAct| {
        params![act.delivery, act.statement.map(Statement::as_str), act.replay_key.as_ref(), act.closes.then_some(at.0)]
    };
    tx.execute_each(sql, acts.iter().map(set).collect()).await?;
    let sql = "insert into dead_letter_act (delivery_id, number, act, party, note, at)
               values ($1, (select coalesce(max(number), 0) + 1 from dead_letter_act where delivery_id = $1),
                       $2, $3, $4, $5)";
    let row = |act: &NewAct| params![act.delivery, act.act, &act.party, act.note.as_ref(), at.0];
    tx.execute_each(sql, acts.iter().map(row).collect()).await?;
    audit::append(tx, &acts.iter().filter_map(|act| act.audit.clone()).collect::<Vec<_>>()).await
}

/// Writes an act that changes no delivery.
pub struct RecordAct;

impl WriteVerb for RecordAct {
    type Item = (NewAct, Timestamp);
    /// Whether it was recorded: one on a letter that was closed meanwhile is not.
    type Output = bool;
    const ORDER: u16 = 31;

    async fn run(&self, tx: &mut Tx<'_>, items: &[Self::Item]) -> Result<Vec<bool>, DbError> {
        let sql = "update dead_letter set since = since where delivery_id = $1 and closed_at is null";
        let open = tx.execute_each(sql, items.iter().map(|(act, _)| params![act.delivery]).collect()).await?;
        let open: Vec<bool> = open.into_iter().map(|count| count == 1).collect();
        for ((act, at), _) in items.iter().zip(&open).filter(|(_, open)| **open) {
            record(tx, std::slice::from_ref(act), *at).await?;
        }
        Ok(open)
    }
}

const SELECT: &str = "select d.delivery_id, d.message_id, d.sender, d.owner, d.system, d.kind, d.side_effect, d.reason,
    d.since, d.statement, d.closed_at, e.recipient, e.state, m.envelope, r.id as replaced_by
    from dead_letter d join delivery e on e.id = d.delivery_id join message m on m.id = d.message_id
    left join message r on r.sender = d.sender and r.idempotency_key = d.replay_key
    where d.delivery_id = $1";
const LIST: &str = "select d.delivery_id, d.message_id, d.sender, d.owner, d.system, d.kind, d.side_effect, d.reason,
    d.since, d.statement, d.closed_at, e.recipient, e.state, m.envelope, r.id as replaced_by
    from dead_letter d join delivery e on e.id = d.delivery_id join message m on m.id = d.message_id
    left join message r on r.sender = d.sender and r.idempotency_key = d.replay_key
    where (d.sender = $1 or $2 = 1) and (d.closed_at is null or $3 = 1) order by d.since desc limit $4";

/// One dead letter.
///
/// # Errors
/// The database does not answer.
pub async fn load(db: &Db, id: DeliveryId) -> Result<Option<DeadLetter>, DbError> {
    db.query(SELECT, params![id]).await?.into_iter().next().map(read).transpose()
}

/// The dead letters of a sender, or of all where `all`; those with nothing left to do too where `closed`. Newest first.
///
/// # Errors
/// The database does not answer.
pub async fn list(db: &Db, sender: &str, (all, closed): (bool, bool), limit: i64) -> Result<Vec<DeadLetter>, DbError> {
    let parameters = params![sender, i64::from(all), i64::from(closed), limit];
    db.query(LIST, parameters).await?.into_iter().map(read).collect()
}

fn read(mut row: Row) -> Result<DeadLetter, DbError> {
    let unreadable = |column: &str, found: String| DbError::Inconsistent {
        column: format!("dead_letter.{column}"),
        expected: "one of its words",
        found,
    };
    let (kind, side_effect): (String, String) = (row.take("kind")?, row.take("side_effect")?);
    let (state, statement): (String, Option<String>) = (row.take("state")?, row.take("statement")?);
    let envelope: String = row.take("envelope")?;
    let envelope: serde_json::Value =
        serde_json::from_str(&envelope).map_err(|error| unreadable("envelope", error.to_string()))?;
    Ok(DeadLetter {
        delivery: row.take("delivery_id")?,
        message: row.take("message_id")?,
        subject: envelope["subject"].as_str().unwrap_or_default().to_owned(),
        sender: row.take("sender")?,
        recipient: row.take("recipient")?,
        state: DeliveryState::parse(&state).ok_or_else(|| unreadable("state", state))?,
        owner: row.take("owner")?,
        system: row.take("system")?,
        kind: Kind::parse(&kind).ok_or_else(|| unreadable("kind", kind))?,
        side_effect: parse_effect(&side_effect).ok_or_else(|| unreadable("side_effect", side_effect))?,
        reason: row.take("reason")?,
        since: Timestamp(row.take("since")?),
        statement: statement
            .map(|word| Statement::parse(&word).ok_or_else(|| unreadable("statement", word)))
            .transpose()?,
        replaced_by: row.take("replaced_by")?,
        closed_at: row.take::<Option<i64>>("closed_at")?.map(Timestamp),
    })
}

/// An act of the journal.
#[derive(Debug, Clone, serde::Serialize)]
pub struct Acted {
    /// What was done.
    pub act: String,
    /// By the system of which party; `hub` for the hub itself.
    pub party: String,
    /// What was written with it.
    pub note: Option<String>,
    /// When, in UTC.
    pub at: String,
}

/// What was done about the dead letters of a list, in order, by delivery.
///
/// # Errors
/// The database does not answer.
pub async fn acts(
    db: &Db,
    sender: &str,
    (all, closed): (bool, bool),
    limit: i64,
) -> Result<HashMap<DeliveryId, Vec<Acted>>, DbError> {
    let sql = "select delivery_id, act, party, note, at from dead_letter_act where delivery_id in
               (select d.delivery_id from dead_letter d where (d.sender = $1 or $2 = 1)
                and (d.closed_at is null or $3 = 1) order by d.since desc limit $4)
               order by delivery_id, number";
    let mut acts: HashMap<DeliveryId, Vec<Acted>> = HashMap::new();
    for mut row in db.query(sql, params![sender, i64::from(all), i64::from(closed), limit]).await? {
        acts.entry(row.take("delivery_id")?).or_default().push(Acted {
            act: row.take("act")?,
            party: row.take("party")?,
            note: row.take("note")?,
            at: Timestamp(row.take("at")?).to_utc(),
        });
    }
    Ok(acts)
}

/// The delivery that a message was sent in place of.
#[derive(Debug, Clone)]
pub struct Replaced {
    /// The idempotency key its sendings had.
    pub sent_key: String,
    /// Why it was a dead letter.
    pub kind: Kind,
}

/// What a message was sent in place of, where it was.
///
/// # Errors
/// The database does not answer.
pub async fn replaced_by(db: &Db, message: MessageId) -> Result<Option<Replaced>, DbError> {
    let sql = "select d.sent_key, d.kind from message m
               join dead_letter d on d.sender = m.sender and d.replay_key = m.idempotency_key where m.id = $1";
    let Some(mut row) = db.query(sql, params![message]).await?.into_iter().next() else { return Ok(None) };
    let kind: String = row.take("kind")?;
    let kind = Kind::parse(&kind).ok_or_else(|| DbError::Inconsistent {
        column: "dead_letter.kind".to_owned(),
        expected: "one of its words",
        found: kind,
    })?;
    Ok(Some(Replaced { sent_key: row.take("sent_key")?, kind }))
}

/// How many dead letters are open, by system.
///
/// # Errors
/// The database does not answer.
pub async fn open_counts(db: &Db) -> Result<Vec<(String, i64)>, DbError> {
    let sql = "select system, cast(count(*) as bigint) as open from dead_letter where closed_at is null
               group by system order by system";
    let read = |mut row: Row| Ok((row.take("system")?, row.take("open")?));
    db.query(sql, vec![]).await?.into_iter().map(read).collect()
}
