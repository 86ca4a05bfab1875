//! The SQL of messages and payloads.

use std::collections::HashMap;

use bytes::Bytes;

use crate::clock::Timestamp;
use crate::db::{Db, DbError, Row, Tx, Value};
use crate::message::{Message, MessageId, MessageState, Payload, Submission};
use crate::params;

/// Whether a submission is new.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Received {
    /// It is.
    New,
    /// It was accepted before as this message.
    Again(MessageId),
    /// The sender used the same key before for other content.
    Conflict(MessageId),
}

/// A submission as the receiver compares it: sender, idempotency key, content hash, and the id it would get.
#[derive(Debug, Clone)]
pub struct Key<'a> {
    /// The sending party.
    pub sender: &'a str,
    /// The sender's own id.
    pub idempotency_key: &'a str,
    /// Hash of the content.
    pub content_hash: [u8; 32],
    /// The id it gets when it is new.
    pub id: MessageId,
}

/// Tells which submissions are new; of two equal ones in the same set, the first is.
///
/// # Errors
/// The database does not answer.
pub async fn receive(tx: &mut Tx<'_>, keys: &[Key<'_>]) -> Result<Vec<Received>, DbError> {
    let held = "select id, content_hash from message where sender = $1 and idempotency_key = $2";
    let sets = keys.iter().map(|key| params![key.sender, key.idempotency_key]).collect();
    let answers = tx.query_each(held, sets).await?;
    let mut seen: HashMap<(&str, &str), (MessageId, [u8; 32])> = HashMap::new();
    let mut received = Vec::with_capacity(keys.len());
    for (key, rows) in keys.iter().zip(answers) {
        let stored = match rows.into_iter().next() {
            Some(mut row) => Some((row.take("id")?, row.take("content_hash")?)),
            None => seen.get(&(key.sender, key.idempotency_key)).copied(),
        };
        received.push(match stored {
            None => {
                seen.insert((key.sender, key.idempotency_key), (key.id, key.content_hash));
                Received::New
            }
            Some((id, hash)) if hash == key.content_hash => Received::Again(id),
            Some((id, _)) => Received::Conflict(id),
        });
    }
    Ok(received)
}

/// Keeps accepted messages with their payloads.
///
/// # Errors
/// The database refused a row.
pub async fn keep(tx: &mut Tx<'_>, messages: &[(Key<'_>, &Message)]) -> Result<(), DbError> {
    let payloads = messages.iter().flat_map(|(_, message)| payload_rows(message)).collect();
    tx.insert(
        "insert into message (id, sender, idempotency_key, content_hash, document_type, document_version, state,
         envelope, submitted_at, sender_registration, authentication, relay) values",
        12,
        messages.iter().map(|(key, message)| message_row(key, message)).collect(),
    )
    .await?;
    tx.insert(
        "insert into payload (message_id, position, name, role, content_type, size, sha256, content) values",
        8,
        payloads,
    )
    .await
}

fn message_row(key: &Key<'_>, message: &Message) -> Vec<Value> {
    params![
        message.id,
        &message.sender,
        key.idempotency_key,
        key.content_hash,
        &message.envelope.document_type,
        &message.envelope.document_version,
        message.state.as_str(),
        json(&message.envelope),
        message.submitted_at.0,
        json(&message.sender_registration),
        json(&message.authentication),
        message.relay.as_ref().map(json),
    ]
}

fn payload_rows(message: &Message) -> impl Iterator<Item = Vec<Value>> + '_ {
    message.payloads.iter().zip(0_i64..).map(|(payload, position)| {
        params![
            message.id,
            position,
            &payload.name,
            &payload.role,
            &payload.content_type,
            i64::try_from(payload.size).unwrap_or(i64::MAX),
            payload.sha256,
            payload.content.as_ref().map(|content| content.to_vec()),
        ]
    })
}

fn json(value: &impl serde::Serialize) -> String {
    serde_json::to_string(value).expect("envelopes and registrations are plain data")
}

/// Remembers refused submissions: who, when and why; nothing of the content.
///
/// # Errors
/// The database refused a row.
pub async fn reject(tx: &mut Tx<'_>, rejections: Vec<Vec<Value>>) -> Result<(), DbError> {
    tx.insert("insert into rejection (message_id, sender, reason, violations, rejected_at) values", 5, rejections).await
}

/// The message that this very submission became before, if it did.
///
/// # Errors
/// The database does not answer.
pub async fn accepted(db: &Db, submission: &Submission) -> Result<Option<MessageId>, DbError> {
    let sql = "select id from message where sender = $1 and idempotency_key = $2 and content_hash = $3";
    let parameters = params![&submission.sender, &submission.idempotency_key, submission.content_hash()];
    db.query(sql, parameters).await?.into_iter().next().map(|mut row| row.take("id")).transpose()
}

/// Who sent a submission that was refused.
///
/// # Errors
/// The database does not answer.
pub async fn rejected_sender(db: &Db, id: MessageId) -> Result<Option<String>, DbError> {
    let rows = db.query("select sender from rejection where message_id = $1", params![id]).await?;
    rows.into_iter().next().map(|mut row| row.take("sender")).transpose()
}

/// Loads a message with its payloads.
///
/// # Errors
/// The database does not answer, or what it holds is not a message.
pub async fn load(db: &Db, id: MessageId) -> Result<Option<Message>, DbError> {
    let sql = "select sender, state, envelope, submitted_at, sender_registration, authentication, relay
               from message where id = $1";
    let Some(mut row) = db.query(sql, params![id]).await?.into_iter().next() else { return Ok(None) };
    let sql = "select name, role, content_type, size, sha256, content from payload
               where message_id = $1 order by position";
    let payloads = db.query(sql, params![id]).await?.into_iter().map(payload).collect::<Result<_, _>>()?;
    let state: String = row.take("state")?;
    let relay: Option<String> = row.take("relay")?;
    let relay = relay.map(|text| serde_json::from_str(&text)).transpose();
    Ok(Some(Message {
        id,
        sender: row.take("sender")?,
        envelope: read_json(&mut row, "envelope")?,
        submitted_at: Timestamp(row.take("submitted_at")?),
        sender_registration: read_json(&mut row, "sender_registration")?,
        authentication: read_json(&mut row, "authentication")?,
        payloads,
        state: MessageState::parse(&state).ok_or_else(|| unreadable("state", "a message state", state))?,
        relay: relay.map_err(|error| unreadable("relay", "the JSON of its type", error.to_string()))?,
    }))
}

fn payload(mut row: Row) -> Result<Payload, DbError> {
    let size: i64 = row.take("size")?;
    let content: Option<Vec<u8>> = row.take("content")?;
    Ok(Payload {
        name: row.take("name")?,
        role: row.take("role")?,
        content_type: row.take("content_type")?,
        size: size.unsigned_abs(),
        sha256: row.take("sha256")?,
        content: content.map(Bytes::from),
    })
}

fn read_json<T: serde::de::DeserializeOwned>(row: &mut Row, column: &str) -> Result<T, DbError> {
    let text: String = row.take(column)?;
    serde_json::from_str(&text).map_err(|error| unreadable(column, "the JSON of its type", error.to_string()))
}

fn unreadable(column: &str, expected: &'static str, found: String) -> DbError {
    DbError::Inconsistent { column: column.to_owned(), expected, found }
}
