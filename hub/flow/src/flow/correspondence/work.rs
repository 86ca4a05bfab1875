//! The work that waits for the people of an institution: open entries by who has them and by when they are due.
//!
//! Terms are looked at outward from the present moment, [`WINDOW`] of them each way, and only those of entries that are not
//! at their end (`deadline.ended`, which triggers keep); a count is bounded by [`MOST`].

use std::cmp::Reverse;
use std::collections::BTreeSet;

use serde::Serialize;

use crate::authorization::Among;
use crate::clock::Timestamp;
use crate::db::{Db, DbError, Row};
use crate::delivery::DeliveryState;
use crate::params;

/// Most of a kind that are counted; above it there are "more".
pub const MOST: usize = 99;
/// Terms looked at, before and after the present moment.
const WINDOW: i64 = 2_000;
/// How near a term is "near": seven days, in microseconds.
const NEAR: i64 = 7 * 86_400 * 1_000_000;

/// For whom.
#[derive(Debug, Clone, Default)]
pub struct Whose {
    /// The institution.
    pub party: String,
    /// The unit of the person.
    pub unit: String,
    /// The pseudonym of the person.
    pub person: String,
    /// Registers that are not shown to the unit.
    pub hidden: Vec<String>,
}

/// An open entry, or one that was answered.
#[derive(Debug, Clone, Serialize, PartialEq, Eq)]
pub struct Open {
    /// The register.
    pub register: String,
    /// The year.
    pub year: i64,
    /// The number.
    pub number: i64,
    /// The number as the register wrote it.
    pub shown: String,
    /// The content in brief.
    pub subject: String,
    /// Party id of the other side; empty where it has none.
    pub counterpart: String,
    /// Where the entry stands.
    pub status: String,
    /// Unit that has it.
    pub unit: Option<String>,
    /// Clerk that has it.
    pub person: Option<String>,
    /// Last day of its term.
    pub due_on: Option<String>,
    /// When it was registered, in UTC.
    pub recorded_at: String,
    #[serde(skip)]
    due_at: Option<i64>,
}

/// The work of a person.
#[derive(Debug, Clone, Default)]
pub struct Work {
    /// Open entries nobody has yet, soonest due first.
    pub to_assign: Vec<Open>,
    /// Open entries of the person or of its unit, soonest due first.
    pub mine: Vec<Open>,
    /// Open entries due within seven days.
    pub near: Vec<Open>,
    /// Open entries whose last day has passed, the latest first.
    pub overdue: Vec<Open>,
    /// Entries of the person or its unit that were answered, newest first.
    pub answered: Vec<Open>,
}

macro_rules! entries {
    ($($text:literal),*) => {
        concat!(
            "select e.register, e.year, e.number, e.shown, coalesce(s.subject, e.subject) as subject, e.counterpart,
             coalesce(s.status, 'registered') as status, s.unit, s.person, d.due_on, d.due_at, e.recorded_at ",
            $($text),*
        )
    };
}

macro_rules! by_term {
    ($side:literal, $order:literal) => {
        entries!(
            "from deadline d
             join register_entry e
             on e.party = d.party and e.register = d.register and e.year = d.year and e.number = d.number
             left join register_state s
             on s.party = d.party and s.register = d.register and s.year = d.year and s.number = d.number
             where d.party = $1 and d.ended = 0 and d.due_at is not null
             and coalesce(d.due_at, 9223372036854775807) ",
            $side,
            " $2 order by coalesce(d.due_at, 9223372036854775807) ",
            $order,
            " limit $3"
        )
    };
}

/// By unit, and by person, where it stands so, newest number first.
macro_rules! by_owner {
    ($owner:literal) => {
        entries!(
            "from register_state s
             join register_entry e
             on e.party = s.party and e.register = s.register and e.year = s.year and e.number = s.number
             left join deadline d
             on d.party = s.party and d.register = s.register and d.year = s.year and d.number = s.number
             where s.party = $1 and s.",
            $owner,
            " = $2 and s.status = $3 order by s.year desc, s.number desc limit $4"
        )
    };
}

const TO_COME: &str = by_term!(">", "asc");
const PAST: &str = by_term!("<=", "desc");
const OF_UNIT: &str = by_owner!("unit");
const OF_PERSON: &str = by_owner!("person");

/// Where an entry stands while somebody must act on it.
const OPEN: [&str; 4] = ["registered", "assigned", "in_progress", "waiting_approval"];

/// The work of a person, each kind with at most one more than [`MOST`].
///
/// # Errors
/// The database does not answer.
pub async fn work(db: &Db, whose: &Whose, now: Timestamp) -> Result<Work, DbError> {
    let open = |one: &Open| OPEN.contains(&one.status.as_str()) && !whose.hidden.contains(&one.register);
    let by_term = async |sql| -> Result<Vec<Open>, DbError> {
        let rows = db.query(sql, params![&whose.party, now.0, WINDOW]).await?.into_iter().map(read);
        rows.filter(|row| row.as_ref().map_or(true, open)).collect()
    };
    let (to_come, overdue) = (by_term(TO_COME).await?, by_term(PAST).await?);
    let nobody = |one: &&Open| one.unit.is_none() && one.person.is_none();
    let soonest = || overdue.iter().rev().chain(&to_come);
    let mut mine = owned(db, whose, &OPEN[1..]).await?;
    mine.retain(open);
    mine.sort_by_key(|one| one.due_at.unwrap_or(i64::MAX));
    let mut answered = owned(db, whose, &["resolved"]).await?;
    answered.retain(|one| !whose.hidden.contains(&one.register));
    answered.sort_by_key(|one| Reverse((one.year, one.number)));
    let near = to_come.iter().filter(|one| one.due_at.is_some_and(|at| at <= now.0.saturating_add(NEAR)));
    Ok(Work {
        to_assign: first(soonest().filter(nobody)),
        near: first(near),
        mine: first(mine.iter()),
        answered: first(answered.iter()),
        overdue: first(overdue.iter()),
    })
}

fn first<'a>(rows: impl Iterator<Item = &'a Open>) -> Vec<Open> {
    rows.take(MOST + 1).cloned().collect()
}

/// What the person or its unit has, where it stands so.
async fn owned(db: &Db, whose: &Whose, statuses: &[&str]) -> Result<Vec<Open>, DbError> {
    let mut seen = BTreeSet::new();
    let mut found = Vec::new();
    let limit = i64::try_from(MOST + 1).unwrap_or(i64::MAX);
    for (sql, owner) in [(OF_PERSON, &whose.person), (OF_UNIT, &whose.unit)] {
        if owner.is_empty() {
            continue;
        }
        for status in statuses {
            for row in db.query(sql, params![&whose.party, owner, *status, limit]).await? {
                let one = read(row)?;
                if seen.insert((one.register.clone(), one.year, one.number)) {
                    found.push(one);
                }
            }
        }
    }
    Ok(found)
}

fn read(mut row: Row) -> Result<Open, DbError> {
    let (number, shown): (i64, Option<String>) = (row.take("number")?, row.take("shown")?);
    Ok(Open {
        register: row.take("register")?,
        year: row.take("year")?,
        number,
        shown: shown.unwrap_or_else(|| number.to_string()),
        subject: row.take("subject")?,
        counterpart: row.take("counterpart")?,
        status: row.take("status")?,
        unit: row.take("unit")?,
        person: row.take("person")?,
        due_on: row.take("due_on")?,
        due_at: row.take("due_at")?,
        recorded_at: Timestamp(row.take("recorded_at")?).to_utc(),
    })
}

/// How many deliveries of an institution wait in a state, of the document types whoever asks may see, up to [`MOST`] and one.
///
/// # Errors
/// The database does not answer.
pub async fn taking(db: &Db, party: &str, state: DeliveryState, seen: &Among) -> Result<i64, DbError> {
    let sql = "select cast(count(*) as bigint) as waiting from
               (select 1 as waits from delivery d where d.recipient = $1 and d.state = $2 and ($4 = '' or exists
               (select 1 from message m where m.id = d.message_id
               and replace($4, '|' || m.document_type || '|', '') <> $4)) limit $3) as waits";
    let limit = i64::try_from(MOST + 1).unwrap_or(i64::MAX);
    let mut rows = db.query(sql, params![party, state.as_str(), limit, seen.as_str()]).await?;
    rows.first_mut().map_or(Ok(0), |row| row.take("waiting"))
}
