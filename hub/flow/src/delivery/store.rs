//! The SQL of deliveries, attempts and translations.

use crate::clock::Timestamp;
use crate::db::{Db, DbError, Row, Tx, Value};
use crate::evidence::Course;
use crate::message::{DeliveryId, MessageId, Registration};
use crate::params;

use super::model::{AttemptRecord, Delivery, DeliveryState};

/// A change of a delivery's state. It takes effect only from the state it was decided on.
#[derive(Debug, Clone)]
pub struct Change {
    /// The delivery.
    pub id: DeliveryId,
    /// State and ended attempts the decision was made on.
    pub from: (DeliveryState, i64),
    /// The new state and ended attempts.
    pub to: (DeliveryState, i64),
    /// The course its evidence leads to.
    pub course: Course,
    /// Why, in words.
    pub reason: Option<String>,
    /// The target's reference.
    pub receipt: Option<String>,
    /// When the next act is due.
    pub due_at: Option<Timestamp>,
    /// When this change happens.
    pub at: Timestamp,
}

/// Inserts new deliveries.
///
/// # Errors
/// The database refused a row.
pub async fn insert(tx: &mut Tx<'_>, deliveries: &[Delivery]) -> Result<(), DbError> {
    tx.insert(
        "insert into delivery (id, message_id, position, recipient, state, course, reason, route, attempts, due_at,
         receipt, recipient_registration, changed_at) values",
        13,
        deliveries.iter().map(row).collect(),
    )
    .await
}

fn row(delivery: &Delivery) -> Vec<Value> {
    params![
        delivery.id,
        delivery.message_id,
        delivery.position,
        &delivery.recipient,
        delivery.state.as_str(),
        delivery.course.as_str(),
        delivery.reason.as_ref(),
        delivery.route.to_string(),
        delivery.attempts,
        delivery.due_at.map(|moment| moment.0),
        delivery.receipt.as_ref(),
        delivery.recipient_registration.as_ref().map(json),
        delivery.changed_at.map(|moment| moment.0),
    ]
}

fn json(registration: &Registration) -> String {
    serde_json::to_string(registration).expect("a registration is plain data")
}

/// Applies changes; answers which took effect. One that lost to another worker does not.
///
/// # Errors
/// The database refused a statement.
pub async fn change(tx: &mut Tx<'_>, changes: &[Change]) -> Result<Vec<bool>, DbError> {
    let sql = "update delivery set state = $4, attempts = $5, reason = $6, receipt = coalesce($7, receipt),
               due_at = $8, changed_at = $9, course = $10 where id = $1 and state = $2 and attempts = $3";
    let set = |change: &Change| {
        debug_assert!(change.from.0.may_become(change.to.0), "{:?} may not become {:?}", change.from.0, change.to.0);
        params![
            change.id,
            change.from.0.as_str(),
            change.from.1,
            change.to.0.as_str(),
            change.to.1,
            change.reason.as_ref(),
            change.receipt.as_ref(),
            change.due_at.map(|moment| moment.0),
            change.at.0,
            change.course.as_str(),
        ]
    };
    let counts = tx.execute_each(sql, changes.iter().map(set).collect()).await?;
    Ok(counts.into_iter().map(|count| count == 1).collect())
}

/// Writes the recipients' register numbers.
///
/// # Errors
/// The database refused a statement.
pub async fn set_registrations(tx: &mut Tx<'_>, numbers: &[(DeliveryId, &Registration)]) -> Result<(), DbError> {
    if !numbers.is_empty() {
        let sets = numbers.iter().map(|(id, number)| params![*id, json(number)]).collect();
        tx.execute_each("update delivery set recipient_registration = $2 where id = $1", sets).await?;
    }
    Ok(())
}

/// Completes the messages whose every delivery has ended.
///
/// # Errors
/// The database refused a statement.
pub async fn complete(tx: &mut Tx<'_>, messages: &[MessageId]) -> Result<(), DbError> {
    if !messages.is_empty() {
        let sql = "update message set state = 'completed' where id = $1 and state = 'routed' and not exists
                   (select 1 from delivery where message_id = $1
                    and state in ('pending', 'waiting', 'unknown', 'announced', 'consigned', 'relayed'))";
        tx.execute_each(sql, messages.iter().map(|id| params![*id]).collect()).await?;
    }
    Ok(())
}

/// Records ended attempts.
///
/// # Errors
/// The database refused a row.
pub async fn attempts(tx: &mut Tx<'_>, rows: Vec<Vec<Value>>) -> Result<(), DbError> {
    tx.insert(
        "insert into attempt (delivery_id, number, act, started_at, finished_at, outcome, reason, status, sent_sha256)
         values",
        9,
        rows,
    )
    .await
}

/// Keeps translated bodies.
///
/// # Errors
/// The database refused a row.
pub async fn translations(tx: &mut Tx<'_>, rows: Vec<Vec<Value>>) -> Result<(), DbError> {
    tx.insert(
        "insert into translation (delivery_id, mapping, mapping_version, source_sha256, target_sha256, content_type,
         content) values",
        7,
        rows,
    )
    .await
}

/// The translated body of a delivery: mapping, version, source hash, target hash, media type, bytes.
pub type StoredTranslation = (String, String, [u8; 32], [u8; 32], String, Vec<u8>);

/// Reads a delivery's translated body.
///
/// # Errors
/// The database does not answer.
pub async fn translation(db: &Db, id: DeliveryId) -> Result<Option<StoredTranslation>, DbError> {
    let sql = "select mapping, mapping_version, source_sha256, target_sha256, content_type, content from translation
               where delivery_id = $1";
    let Some(mut row) = db.query(sql, params![id]).await?.into_iter().next() else { return Ok(None) };
    Ok(Some((
        row.take("mapping")?,
        row.take("mapping_version")?,
        row.take("source_sha256")?,
        row.take("target_sha256")?,
        row.take("content_type")?,
        row.take("content")?,
    )))
}

/// One delivery.
///
/// # Errors
/// The database does not answer.
pub async fn load(db: &Db, id: DeliveryId) -> Result<Option<Delivery>, DbError> {
    let sql = "select id, message_id, position, recipient, state, course, reason, route, attempts, due_at, receipt,
               recipient_registration, changed_at from delivery where id = $1";
    db.query(sql, params![id]).await?.into_iter().next().map(read).transpose()
}

/// The deliveries of a message with their ended attempts, in the order of the envelope.
///
/// # Errors
/// The database does not answer.
pub async fn of_message(db: &Db, id: MessageId) -> Result<Vec<(Delivery, Vec<AttemptRecord>)>, DbError> {
    let sql = "select id, message_id, position, recipient, state, course, reason, route, attempts, due_at, receipt,
               recipient_registration, changed_at from delivery where message_id = $1 order by position";
    let deliveries: Vec<Delivery> =
        db.query(sql, params![id]).await?.into_iter().map(read).collect::<Result<_, _>>()?;
    let sql = "select delivery_id, number, act, started_at, finished_at, outcome, reason, status, sent_sha256
               from attempt where delivery_id in (select id from delivery where message_id = $1)
               order by delivery_id, number";
    let mut attempts = Vec::new();
    for mut row in db.query(sql, params![id]).await? {
        attempts.push((row.take::<DeliveryId>("delivery_id")?, read_attempt(row)?));
    }
    let of = |delivery: &Delivery| {
        attempts.iter().filter(|(id, _)| *id == delivery.id).map(|(_, attempt)| attempt.clone()).collect()
    };
    Ok(deliveries.into_iter().map(|delivery| (of(&delivery), delivery)).map(|(a, d)| (d, a)).collect())
}

/// The deliveries of several messages, for lists: twenty messages at a question, in the order of the envelopes.
///
/// # Errors
/// The database does not answer.
pub async fn of_messages(db: &Db, ids: &[MessageId]) -> Result<Vec<Delivery>, DbError> {
    const AT_ONCE: usize = 20;
    let sql = "select id, message_id, position, recipient, state, course, reason, route, attempts, due_at, receipt,
               recipient_registration, changed_at from delivery where message_id in ($1, $2, $3, $4, $5, $6, $7, $8, $9,
               $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20) order by message_id, position";
    let mut deliveries = Vec::new();
    for some in ids.chunks(AT_ONCE) {
        // Places that are left over name the last message again.
        let filled = some.iter().chain(some.last().into_iter().cycle()).take(AT_ONCE);
        for row in db.query(sql, filled.map(|id| Value::from(*id)).collect()).await? {
            deliveries.push(read(row)?);
        }
    }
    Ok(deliveries)
}

/// The course of a delivery, seen from within a transaction.
///
/// # Errors
/// The database does not answer, or there is no such delivery.
pub async fn course(tx: &mut Tx<'_>, id: DeliveryId) -> Result<Course, DbError> {
    let row = tx.query("select course from delivery where id = $1", params![id]).await?.into_iter().next();
    let word: String = row.map(|mut row| row.take("course")).transpose()?.unwrap_or_default();
    Course::parse(&word).ok_or_else(|| DbError::Inconsistent {
        column: "delivery.course".to_owned(),
        expected: "a course",
        found: word,
    })
}

/// Where a delivery stands, seen from within a transaction: state, ended attempts, course.
///
/// # Errors
/// The database does not answer, or there is no such delivery.
pub async fn standing(tx: &mut Tx<'_>, id: DeliveryId) -> Result<(DeliveryState, i64, Course), DbError> {
    let unreadable =
        |column: &str, found: String| DbError::Inconsistent { column: column.to_owned(), expected: "its type", found };
    let rows = tx.query("select state, attempts, course from delivery where id = $1", params![id]).await?;
    let mut row = rows.into_iter().next().ok_or_else(|| unreadable("delivery.id", id.to_string()))?;
    let (state, course): (String, String) = (row.take("state")?, row.take("course")?);
    Ok((
        DeliveryState::parse(&state).ok_or_else(|| unreadable("delivery.state", state))?,
        row.take("attempts")?,
        Course::parse(&course).ok_or_else(|| unreadable("delivery.course", course))?,
    ))
}

/// How many documents wait in a party's inbox.
///
/// # Errors
/// The database does not answer.
pub async fn waiting(db: &Db, party: &str) -> Result<i64, DbError> {
    let sql = "select cast(count(*) as bigint) as waiting from delivery
               where recipient = $1 and state in ('announced', 'consigned')";
    let rows = db.query(sql, params![party]).await?;
    rows.into_iter().next().map_or(Ok(0), |mut row| row.take("waiting"))
}

/// The deliveries that wait for a system, and not for a person, with the channel that leads to it; 10,000 of them at most.
///
/// # Errors
/// The database does not answer.
pub async fn waiting_for_systems(db: &Db) -> Result<Vec<(DeliveryId, String)>, DbError> {
    let sql = "select d.id, d.route from job j join delivery d on d.id = j.subject
               where j.kind = 'deliver' and d.state in ('waiting', 'unknown') and not exists
                 (select 1 from dead_letter l where l.delivery_id = d.id and l.closed_at is null)
               order by j.due_at limit 10000";
    let mut waiting = Vec::new();
    for mut row in db.query(sql, vec![]).await? {
        let (id, route): (DeliveryId, String) = (row.take("id")?, row.take("route")?);
        let route: serde_json::Value = serde_json::from_str(&route).unwrap_or_default();
        waiting.push((id, route["channel"].as_str().unwrap_or_default().to_owned()));
    }
    Ok(waiting)
}

fn read(mut row: Row) -> Result<Delivery, DbError> {
    let unreadable =
        |column: &str, found: String| DbError::Inconsistent { column: column.to_owned(), expected: "its type", found };
    let state: String = row.take("state")?;
    let course: String = row.take("course")?;
    let route: String = row.take("route")?;
    let registration: Option<String> = row.take("recipient_registration")?;
    Ok(Delivery {
        id: row.take("id")?,
        message_id: row.take("message_id")?,
        position: row.take("position")?,
        recipient: row.take("recipient")?,
        state: DeliveryState::parse(&state).ok_or_else(|| unreadable("state", state))?,
        course: Course::parse(&course).ok_or_else(|| unreadable("course", course))?,
        reason: row.take("reason")?,
        route: serde_json::from_str(&route).map_err(|error| unreadable("route", error.to_string()))?,
        attempts: row.take("attempts")?,
        due_at: row.take::<Option<i64>>("due_at")?.map(Timestamp),
        receipt: row.take("receipt")?,
        recipient_registration: registration
            .map(|text| serde_json::from_str(&text))
            .transpose()
            .map_err(|error| unreadable("recipient_registration", error.to_string()))?,
        changed_at: Some(Timestamp(row.take("changed_at")?)),
    })
}

fn read_attempt(mut row: Row) -> Result<AttemptRecord, DbError> {
    Ok(AttemptRecord {
        number: row.take("number")?,
        act: row.take("act")?,
        started_at: Timestamp(row.take("started_at")?).to_utc(),
        finished_at: row.take::<Option<i64>>("finished_at")?.map(|moment| Timestamp(moment).to_utc()),
        outcome: row.take("outcome")?,
        reason: row.take("reason")?,
        status: row.take("status")?,
        sent_sha256: row.take::<Option<Vec<u8>>>("sent_sha256")?.map(hex::encode),
    })
}
