//! Looking through the messages of an institution, newest first.
//!
//! Ids are in order of time (UUID version 7), so a page goes on after an id and never counts. A step looks at [`CHUNK`]
//! messages of the hub at most, whatever is looked for: the cost of a page is bounded at any size.

use crate::authorization::Among;
use crate::clock::Timestamp;
use crate::db::{Db, DbError};
use crate::message::{MessageId, Registration};
use crate::params;

/// Messages of the hub that one step looks at.
const CHUNK: i64 = 2_000;

/// A message as a list shows it.
#[derive(Debug, Clone)]
pub struct Brief {
    /// Its id.
    pub id: MessageId,
    /// The sending party.
    pub sender: String,
    /// Document type.
    pub document_type: String,
    /// Its version.
    pub document_version: String,
    /// `accepted`, `routed`, `completed`.
    pub state: String,
    /// When it came in.
    pub submitted_at: Timestamp,
    /// The sender's register number.
    pub sender_registration: Option<Registration>,
}

/// Which messages are looked at.
#[derive(Debug, Clone, Copy)]
pub struct Window {
    /// The newest is older than this id.
    pub before: MessageId,
    /// The oldest is this id or newer.
    pub from: MessageId,
    /// Most that are answered.
    pub limit: i64,
}

impl Window {
    /// The first id a moment can give.
    #[must_use]
    pub fn id_at(at: Timestamp) -> MessageId {
        let milliseconds = u128::try_from(at.0.max(0) / 1_000).unwrap_or(0);
        MessageId(uuid::Uuid::from_u128(milliseconds << 80))
    }
}

/// What a step found, and where the next begins; none at the end.
#[derive(Debug, Default)]
pub struct Chunk {
    /// The messages that one party sent or was sent, newest first.
    pub found: Vec<Brief>,
    /// `before` of the next step.
    pub next: Option<MessageId>,
}

/// One step through the messages of a party: of one document type where one is named, of those whoever asks may see.
///
/// # Errors
/// The database does not answer.
pub async fn walk(
    db: &Db,
    party: &str,
    (document_type, seen): (Option<&str>, &Among),
    window: Window,
) -> Result<Chunk, DbError> {
    let sql = "select id, sender, document_type, document_version, state, submitted_at, sender_registration from
                 (select * from message where id < $2 and id >= $3 order by id desc limit $4) m
               where ($5 = '' or m.document_type = $5) and ($7 = '' or replace($7, '|' || m.document_type || '|', '') <> $7) and (m.sender = $1 or exists
                 (select 1 from delivery d where d.message_id = m.id and d.recipient = $1))
               order by id desc limit $6";
    let named = document_type.unwrap_or_default();
    let wanted = params![party, window.before, window.from, CHUNK, named, window.limit, seen.as_str()];
    let found: Vec<Brief> = db.query(sql, wanted).await?.into_iter().map(brief).collect::<Result<_, _>>()?;
    if i64::try_from(found.len()).unwrap_or(i64::MAX) >= window.limit {
        let next = found.last().map(|last| last.id);
        return Ok(Chunk { found, next });
    }
    let sql = "select id from message where id < $1 and id >= $2 order by id desc limit 1 offset $3";
    let last = db.query(sql, params![window.before, window.from, CHUNK - 1]).await?;
    let next = last.into_iter().next().map(|mut row| row.take("id")).transpose()?;
    Ok(Chunk { found, next })
}

/// The messages that bear a number in any register of a party, in a year or the four before it, newest first, at most 50, of
/// the document types whoever asks may see.
///
/// # Errors
/// The database does not answer.
pub async fn numbered(db: &Db, party: &str, (number, year): (i64, i64), seen: &Among) -> Result<Vec<Brief>, DbError> {
    // Registers and years are few; each leads to its number by the primary key.
    let sql = "select distinct m.id, m.sender, m.document_type, m.document_version, m.state, m.submitted_at,
                 m.sender_registration from (select distinct party, register from register_series where party = $1) s
               join register_entry e on e.party = s.party and e.register = s.register and e.number = $2
                 and e.year in ($3, $4, $5, $6, $7)
               join message m on m.id = e.message_id
               where $8 = '' or replace($8, '|' || m.document_type || '|', '') <> $8 order by m.id desc limit 50";
    let wanted = params![party, number, year, year - 1, year - 2, year - 3, year - 4, seen.as_str()];
    db.query(sql, wanted).await?.into_iter().map(brief).collect()
}

fn brief(mut row: crate::db::Row) -> Result<Brief, DbError> {
    let number: String = row.take("sender_registration")?;
    Ok(Brief {
        id: row.take("id")?,
        sender: row.take("sender")?,
        document_type: row.take("document_type")?,
        document_version: row.take("document_version")?,
        state: row.take("state")?,
        submitted_at: Timestamp(row.take("submitted_at")?),
        sender_registration: serde_json::from_str(&number).ok(),
    })
}
