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

/// Entries, and the number the next page begins at; none at the end.
#[derive(Debug, Clone)]
pub struct Leaf {
    /// The entries.
    pub entries: Vec<Listed>,
    /// Where the next page begins.
    pub next: Option<i64>,
}

macro_rules! listed {
    ($from:literal, $chosen:literal, $order:literal) => {
        concat!(
            "select e.register, e.year, e.number, e.shown, e.kind, coalesce(s.direction, e.direction) as direction, e.message_id, e.delivery_id,
             coalesce(p.name, e.counterpart) as counterpart, e.counterpart_registration,
             coalesce(s.subject, e.subject) as subject,
             coalesce(s.status, 'registered') as status, s.unit, coalesce(s.acts, 0) as acts, e.recorded_at ",
            $from,
            " on s.party = e.party and s.register = e.register and s.year = e.year and s.number = e.number
             left join register_party p on p.id = coalesce(s.correspondent, e.correspondent)
             where e.recorded_at >= $6 and e.recorded_at < $7
             and ($8 = '' or coalesce(s.status, 'registered') = $8)
             and ($9 = '' or s.unit = $9)
             and ($10 = '' or coalesce(s.searched, e.searched, '') like $10)
             and ($11 = '' or e.counterpart = $11 or p.searched like $12) and ",
            $chosen,
            " order by ",
            $order,
            " limit $13"
        )
    };
}

/// Number by number.
const IN_ORDER: &str = listed!(
    "from register_entry e left join register_state s",
    "e.party = $1 and e.register = $2 and e.year = $3 and e.number >= $4 and e.number <= $5",
    "e.number"
);
/// Those that stand so, found in the index alone: an entry to which nothing happened yet has no such row and stands `registered`.
const BY_STATUS: &str = listed!(
    "from register_state k
     join register_entry e on e.party = k.party and e.register = k.register and e.year = k.year and e.number = k.number
     join register_state s",
    "k.party = $1 and k.register = $2 and k.status = $8 and k.year = $3 and k.number >= $4 and k.number <= $5",
    "k.number"
);
/// Those a unit has, found in the same way.
const BY_UNIT: &str = listed!(
    "from register_state k
     join register_entry e on e.party = k.party and e.register = k.register and e.year = k.year and e.number = k.number
     join register_state s",
    "k.party = $1 and k.register = $2 and k.unit = $9 and k.year = $3 and k.number >= $4 and k.number <= $5",
    "k.number"
);

/// The number at which a page that reads number by number ends.
const END: &str = "select number from register_entry
    where party = $1 and register = $2 and year = $3 and number >= $4 and number <= $5 order by number limit 1 offset $6";
/// The same of what a unit has.
const END_OF_UNIT: &str = "select number from register_state
    where party = $1 and register = $2 and year = $3 and number >= $4 and number <= $5 and unit = $7
    order by number limit 1 offset $6";
/// The same of what stands so.
const END_OF_STATUS: &str = "select number from register_state
    where party = $1 and register = $2 and year = $3 and number >= $4 and number <= $5 and status = $7
    order by number limit 1 offset $6";
/// Most rows a page looks at where a filter chooses among them; `next` leads on.
const SCAN: i64 = 5_000;

/// The entries a filter chooses, in order of number. A filter that no index answers looks at [`SCAN`] rows at most: the page
/// then ends there, and its `next` leads on.
///
/// # Errors
/// The database does not answer.
pub async fn list(db: &Db, filter: &Filter) -> Result<Leaf, DbError> {
    let mut from = filter.from;
    if let Some(since) = filter.since {
        from = from.max(first_since(db, filter, since).await?);
    }
    let mut to = filter.to.unwrap_or(i64::MAX);
    if let Some(until) = filter.until {
        to = to.min(first_since(db, filter, until).await? - 1);
    }
    let unit = filter.unit.clone().unwrap_or_default();
    let status = filter.status.map_or("", Status::as_str);
    let (sql, end, value) = if !unit.is_empty() {
        (BY_UNIT, END_OF_UNIT, unit.as_str())
    } else if !(status.is_empty() || filter.status == Some(Status::Registered)) {
        (BY_STATUS, END_OF_STATUS, status)
    } else {
        (IN_ORDER, END, "")
    };
    let among =
        (sql != BY_STATUS && !status.is_empty()) || !(filter.words.trim().is_empty() && filter.counterpart.is_empty());
    let end = if among { last_looked_at(db, filter, (end, value), (from, to)).await? } else { None };
    let parameters = params![
        &filter.party,
        &filter.register,
        filter.year,
        from,
        end.unwrap_or(to),
        filter.since.map_or(i64::MIN, |at| at.0),
        filter.until.map_or(i64::MAX, |at| at.0),
        status,
        &unit,
        pattern(&filter.words),
        &filter.counterpart,
        pattern(&filter.counterpart),
        filter.limit,
    ];
    let entries = db.query(sql, parameters).await?.into_iter().map(read).collect::<Result<Vec<_>, _>>()?;
    let full = i64::try_from(entries.len()).unwrap_or(i64::MAX) >= filter.limit;
    let last = if full { entries.last().map(|one| one.number) } else { end };
    Ok(Leaf { entries, next: last.map(|last| last + 1) })
}

async fn last_looked_at(
    db: &Db,
    filter: &Filter,
    (sql, value): (&'static str, &str),
    (from, to): (i64, i64),
) -> Result<Option<i64>, DbError> {
    let mut parameters = params![&filter.party, &filter.register, filter.year, from, to, SCAN - 1];
    if !value.is_empty() {
        parameters.extend(params![value]);
    }
    db.query(sql, parameters).await?.first_mut().map(|row| row.take("number")).transpose()
}

/// A number from which on everything recorded since a moment is found: numbers of a year are given in the order of time, so
/// that halving finds it, in as many looks as the largest number has bits.
async fn first_since(db: &Db, filter: &Filter, since: Timestamp) -> Result<i64, DbError> {
    const NEXT: &str = "select number, recorded_at from register_entry
        where party = $1 and register = $2 and year = $3 and number >= $4 order by number limit 1";
    const LAST: &str = "select number from register_entry
        where party = $1 and register = $2 and year = $3 order by number desc limit 1";
    let series = || params![&filter.party, &filter.register, filter.year];
    let Some(mut row) = db.query(LAST, series()).await?.into_iter().next() else { return Ok(0) };
    let (mut low, mut high) = (0, row.take::<i64>("number")? + 1);
    while low < high {
        let middle = low + (high - low) / 2;
        let mut parameters = series();
        parameters.extend(params![middle]);
        let Some(mut row) = db.query(NEXT, parameters).await?.into_iter().next() else { break };
        let (number, at): (i64, i64) = (row.take("number")?, row.take("recorded_at")?);
        if at < since.0 {
            low = number + 1;
        } else {
            high = middle;
        }
    }
    Ok(low)
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
