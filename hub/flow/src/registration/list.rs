//! Entries by what is known of them, a page at a time.

use serde::Serialize;

use crate::clock::Timestamp;
use crate::db::{Db, DbError, Row};
use crate::message::{DeliveryId, MessageId};
use crate::params;

use super::entry::{Direction, Kind, Status};
use super::find::word;

/// Which entries of one institution. Empty texts and absent values choose all.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    /// The institution.
    pub party: String,
    /// The register.
    pub register: String,
    /// The year.
    pub year: i64,
    /// From this number on.
    pub from: i64,
    /// Up to this number.
    pub to: Option<i64>,
    /// Recorded from this moment on.
    pub since: Option<Timestamp>,
    /// Recorded before this moment.
    pub until: Option<Timestamp>,
    /// Where it stands.
    pub status: Option<Status>,
    /// Unit that has it.
    pub unit: Option<String>,
    /// Words of the content in brief, all of them, whatever their case and diacritics.
    pub words: String,
    /// Party id of the other side, or part of the name of issuer or addressee.
    pub counterpart: String,
    /// Most entries.
    pub limit: i64,
}

/// An entry as a list shows it.
#[derive(Debug, Clone, Serialize)]
pub struct Listed {
    /// Its register.
    pub register: String,
    /// Its year.
    pub year: i64,
    /// Number within register and year.
    pub number: i64,
    /// The number as the register wrote it.
    pub shown: String,
    /// What the number was taken for.
    pub kind: Kind,
    /// Which way the document went.
    pub direction: Direction,
    /// The message.
    pub message_id: Option<MessageId>,
    /// The delivery, in a recipient's register.
    pub delivery_id: Option<DeliveryId>,
    /// Party id of the other side, or name of issuer or addressee; empty where unknown or made unrecognisable.
    pub counterpart: String,
    /// The other side's number.
    pub counterpart_registration: Option<serde_json::Value>,
    /// The content in brief, as it stands.
    pub subject: String,
    /// Where it stands.
    pub status: Status,
    /// Unit that has it.
    pub unit: Option<String>,
    /// How many acts there are.
    pub acts: i64,
    /// When the number was given, in UTC.
    pub recorded_at: String,
}

/// The entries a filter chooses, in order of number.
///
/// # Errors
/// The database does not answer.
pub async fn list(db: &Db, filter: &Filter) -> Result<Vec<Listed>, DbError> {
    let sql = "select e.register, e.year, e.number, e.shown, e.kind, coalesce(s.direction, e.direction) as direction, e.message_id, e.delivery_id,
               coalesce(p.name, e.counterpart) as counterpart, e.counterpart_registration,
               coalesce(s.subject, e.subject) as subject,
               coalesce(s.status, 'registered') as status, s.unit, coalesce(s.acts, 0) as acts, e.recorded_at
               from register_entry e
               left join register_state s
               on s.party = e.party and s.register = e.register and s.year = e.year and s.number = e.number
               left join register_party p on p.id = coalesce(s.correspondent, e.correspondent)
               where e.party = $1 and e.register = $2 and e.year = $3 and e.number >= $4 and e.number <= $5
               and e.recorded_at >= $6 and e.recorded_at < $7
               and ($8 = '' or coalesce(s.status, 'registered') = $8)
               and ($9 = '' or s.unit = $9)
               and ($10 = '' or coalesce(s.searched, e.searched, '') like $10)
               and ($11 = '' or e.counterpart = $11 or p.searched like $12)
               order by e.number limit $13";
    let parameters = params![
        &filter.party,
        &filter.register,
        filter.year,
        filter.from,
        filter.to.unwrap_or(i64::MAX),
        filter.since.map_or(i64::MIN, |at| at.0),
        filter.until.map_or(i64::MAX, |at| at.0),
        filter.status.map_or("", Status::as_str),
        filter.unit.clone().unwrap_or_default(),
        pattern(&filter.words),
        &filter.counterpart,
        pattern(&filter.counterpart),
        filter.limit,
    ];
    db.query(sql, parameters).await?.into_iter().map(read).collect()
}

/// What `like` compares: the words in their order, with anything between them; empty where there is none.
#[must_use]
pub fn pattern(words: &str) -> String {
    let folded = schemas::text::fold(words);
    let plain: String =
        folded.chars().map(|letter| if matches!(letter, '%' | '_' | '\\') { ' ' } else { letter }).collect();
    let words: Vec<&str> = plain.split_whitespace().collect();
    if words.is_empty() { String::new() } else { format!("%{}%", words.join("%")) }
}

fn read(mut row: Row) -> Result<Listed, DbError> {
    let registration: Option<String> = row.take("counterpart_registration")?;
    let number: i64 = row.take("number")?;
    let shown: Option<String> = row.take("shown")?;
    Ok(Listed {
        register: row.take("register")?,
        year: row.take("year")?,
        number,
        shown: shown.unwrap_or_else(|| number.to_string()),
        kind: word(&mut row, "kind", Kind::of)?,
        direction: word(&mut row, "direction", Direction::of)?,
        message_id: row.take("message_id")?,
        delivery_id: row.take("delivery_id")?,
        counterpart: row.take("counterpart")?,
        counterpart_registration: registration.and_then(|text| serde_json::from_str(&text).ok()),
        subject: row.take("subject")?,
        status: word(&mut row, "status", Status::of)?,
        unit: row.take("unit")?,
        acts: row.take("acts")?,
        recorded_at: Timestamp(row.take("recorded_at")?).to_utc(),
    })
}
