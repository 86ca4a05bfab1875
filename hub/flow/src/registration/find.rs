//! One entry with everything that happened to it.

use serde::Serialize;
use serde_json::Value as Json;

use crate::clock::Timestamp;
use crate::db::{Db, DbError, Row};
use crate::message::{DeliveryId, MessageId, Registration};
use crate::params;

use super::entry::{Direction, EntryKey, Kind, Relation, State, Status, Tie};
use super::particulars::Particulars;

/// What decides whether an act is allowed. The columns [`state`] reads, and both ends of the chain.
pub(super) const STANDING: &str = "select e.document, e.subject as first_subject, e.digest, s.link as act_link, s.acts,
    s.status, s.particulars, s.person, s.direction as now_direction, s.pending, s.pending_by
    from register_entry e left join register_state s
    on s.party = e.party and s.register = e.register and s.year = e.year and s.number = e.number
    where e.party = $1 and e.register = $2 and e.year = $3 and e.number = $4";

/// An entry as it was recorded, and as it stands.
#[derive(Debug, Clone)]
pub struct Entry {
    /// Where it stands.
    pub key: EntryKey,
    /// The number as the register wrote it.
    pub shown: String,
    /// What the number was taken for.
    pub kind: Kind,
    /// Which way the document went.
    pub direction: Direction,
    /// When the number was given.
    pub recorded_at: Timestamp,
    /// The message.
    pub message: Option<MessageId>,
    /// The delivery, in a recipient's register.
    pub delivery: Option<DeliveryId>,
    /// Party id of the other side; empty where it has none.
    pub counterpart: String,
    /// The other side's number.
    pub counterpart_registration: Option<Registration>,
    /// Pseudonym of the clerk who registered it.
    pub author: Option<String>,
    /// The particulars as first recorded.
    pub first: Particulars,
    /// How it stands.
    pub state: State,
    /// What happened to it, in order.
    pub acts: Vec<Act>,
    /// What it belongs to.
    pub ties: Vec<Tie>,
    /// What belongs to it: the relation, and the other entry.
    pub tied: Vec<Tie>,
    /// Its salt and canonical JSON; none in entries of releases before.
    pub recorded: Option<([u8; 16], String)>,
    /// Its link; none in entries of releases before.
    pub link: Option<[u8; 32]>,
}

/// Something that happened to an entry.
#[derive(Debug, Clone, Serialize)]
pub struct Act {
    /// From 1.
    pub act_number: i64,
    /// What happened.
    pub act: String,
    /// When, in UTC.
    pub at: String,
    /// Who: clerk and unit.
    pub author: Json,
    /// What was kept of it.
    pub content: Json,
}

/// The entry with this key.
///
/// # Errors
/// The database does not answer.
pub async fn find(db: &Db, key: &EntryKey) -> Result<Option<Entry>, DbError> {
    let parameters = || params![&key.party, &key.register, key.year, key.number];
    let sql = "select e.document, e.subject as first_subject, e.digest, e.shown, e.kind, e.direction, e.recorded_at,
               e.message_id, e.delivery_id, e.counterpart, e.counterpart_registration, e.author, e.salt, e.link,
               s.acts, s.status, s.particulars, s.person, s.direction as now_direction, s.pending, s.pending_by
               from register_entry e left join register_state s
               on s.party = e.party and s.register = e.register and s.year = e.year and s.number = e.number
               where e.party = $1 and e.register = $2 and e.year = $3 and e.number = $4";
    let mut rows = db.query(sql, parameters()).await?;
    let Some(row) = rows.first_mut() else { return Ok(None) };
    let document: Option<String> = row.take("document")?;
    let subject: String = row.take("first_subject")?;
    let first = recorded(document.as_deref(), &subject)?;
    let salt: Option<[u8; 16]> = row.take("salt")?;
    let registration: Option<String> = row.take("counterpart_registration")?;
    let shown: Option<String> = row.take("shown")?;
    let state = stands(row, first.clone())?;
    let direction = state.direction.map_or_else(|| word(row, "direction", Direction::of), Ok)?;
    Ok(Some(Entry {
        key: key.clone(),
        shown: shown.unwrap_or_else(|| key.number.to_string()),
        kind: word(row, "kind", Kind::of)?,
        direction,
        recorded_at: Timestamp(row.take("recorded_at")?),
        message: row.take("message_id")?,
        delivery: row.take("delivery_id")?,
        counterpart: row.take("counterpart")?,
        counterpart_registration: registration.and_then(|text| serde_json::from_str(&text).ok()),
        author: row.take("author")?,
        state,
        first,
        acts: acts(db, key).await?,
        ties: ties(db, key, true).await?,
        tied: ties(db, key, false).await?,
        recorded: salt.zip(document),
        link: row.take("link")?,
    }))
}

async fn acts(db: &Db, key: &EntryKey) -> Result<Vec<Act>, DbError> {
    let sql = "select act_number, act, at, author, content from register_act
               where party = $1 and register = $2 and year = $3 and number = $4 order by act_number";
    let rows = db.query(sql, params![&key.party, &key.register, key.year, key.number]).await?;
    let read = |mut row: Row| {
        let mut whole: Json = json(&mut row, "content")?;
        Ok(Act {
            act_number: row.take("act_number")?,
            act: row.take("act")?,
            at: Timestamp(row.take("at")?).to_utc(),
            author: json(&mut row, "author")?,
            content: whole.get_mut("content").map(Json::take).unwrap_or_default(),
        })
    };
    rows.into_iter().map(read).collect()
}

async fn ties(db: &Db, key: &EntryKey, own: bool) -> Result<Vec<Tie>, DbError> {
    let of = "select relation, to_register as register, to_year as year, to_number as number from register_connection
              where party = $1 and register = $2 and year = $3 and number = $4 order by to_year, to_number";
    let to = "select relation, register, year, number from register_connection
              where party = $1 and to_register = $2 and to_year = $3 and to_number = $4 order by year, number";
    let sql = if own { of } else { to };
    let rows = db.query(sql, params![&key.party, &key.register, key.year, key.number]).await?;
    let read = |mut row: Row| {
        Ok(Tie {
            relation: word(&mut row, "relation", Relation::of)?,
            register: row.take("register")?,
            year: row.take("year")?,
            number: row.take("number")?,
        })
    };
    rows.into_iter().map(read).collect()
}

/// How an entry stands, by the columns of [`STANDING`].
pub(super) fn state(row: &mut Row) -> Result<State, DbError> {
    let document: Option<String> = row.take("document")?;
    let subject: String = row.take("first_subject")?;
    let first = recorded(document.as_deref(), &subject)?;
    stands(row, first)
}

fn stands(row: &mut Row, first: Particulars) -> Result<State, DbError> {
    let Some(acts) = row.take::<Option<i64>>("acts")? else { return Ok(State::untouched(first)) };
    Ok(State {
        acts,
        status: word(row, "status", Status::of)?,
        particulars: json(row, "particulars")?,
        person: row.take("person")?,
        direction: now_direction(row)?,
        pending: row.take("pending")?,
        pending_by: row.take("pending_by")?,
    })
}

fn now_direction(row: &mut Row) -> Result<Option<Direction>, DbError> {
    let text: Option<String> = row.take("now_direction")?;
    Ok(text.as_deref().and_then(Direction::of))
}

/// The particulars as first recorded; of an entry of a release before, its subject.
fn recorded(document: Option<&str>, subject: &str) -> Result<Particulars, DbError> {
    #[derive(serde::Deserialize)]
    struct Recorded {
        particulars: Particulars,
    }
    let Some(document) = document else { return Ok(Particulars::brief(subject)) };
    let read: Recorded = serde_json::from_str(document).map_err(|error| unreadable("document", &error))?;
    Ok(read.particulars)
}

pub(super) fn word<T>(row: &mut Row, column: &str, of: impl Fn(&str) -> Option<T>) -> Result<T, DbError> {
    let text: String = row.take(column)?;
    of(&text).ok_or_else(|| DbError::Inconsistent { column: column.to_owned(), expected: "a known word", found: text })
}

pub(super) fn json<T: serde::de::DeserializeOwned>(row: &mut Row, column: &str) -> Result<T, DbError> {
    let text: String = row.take(column)?;
    serde_json::from_str(&text).map_err(|error| unreadable(column, &error))
}

fn unreadable(column: &str, error: &serde_json::Error) -> DbError {
    DbError::Inconsistent { column: column.to_owned(), expected: "JSON of its kind", found: error.to_string() }
}
