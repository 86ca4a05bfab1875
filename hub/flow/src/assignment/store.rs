//! The SQL of paths.

use serde::Serialize;

use crate::clock::Timestamp;
use crate::db::{Db, DbError, Row, Tx};
use crate::params;
use crate::registration::EntryKey;

/// What a unit does with a document.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum LegState {
    /// It lies there.
    Waiting,
    /// Somebody works on it.
    InProgress,
    /// The unit did its part.
    Done,
    /// It was given to others.
    TakenBack,
}

impl LegState {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::InProgress => "in_progress",
            Self::Done => "done",
            Self::TakenBack => "taken_back",
        }
    }

    fn of(word: &str) -> Option<Self> {
        [Self::Waiting, Self::InProgress, Self::Done, Self::TakenBack].into_iter().find(|one| one.as_str() == word)
    }
}

/// A stay of a document with a unit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Leg {
    /// From 1.
    pub step: i64,
    /// The unit.
    pub unit: String,
    /// The clerk.
    pub person: Option<String>,
    /// Whether the unit answers for the whole.
    pub leads: bool,
    /// What it does with it.
    pub state: LegState,
    /// When it came, in UTC.
    pub entered_at: String,
    /// When it left, in UTC; none while it is there.
    pub left_at: Option<String>,
}

/// A unit that gets a document.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct NewLeg {
    /// The unit.
    pub unit: String,
    /// The clerk; none: the unit names one itself.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub person: Option<String>,
}

/// Gives a document to units, the first of which leads.
///
/// # Errors
/// The database refused a row.
pub async fn enter(tx: &mut Tx<'_>, key: &EntryKey, legs: &[NewLeg], at: Timestamp) -> Result<(), DbError> {
    let sql = "insert into entry_path (party, register, year, number, step, unit, person, leads, state, entered_at)
               values ($1, $2, $3, $4, (select coalesce(max(step), 0) + 1 from entry_path
               where party = $1 and register = $2 and year = $3 and number = $4), $5, $6, $7, 'waiting', $8)";
    let set = |(place, leg): (usize, &NewLeg)| {
        params![
            &key.party,
            &key.register,
            key.year,
            key.number,
            &leg.unit,
            leg.person.as_ref(),
            i64::from(place == 0),
            at.0,
        ]
    };
    tx.execute_each(sql, legs.iter().enumerate().map(set).collect()).await.map(drop)
}

/// Closes what is open of the path: of one unit, or of all where none is named.
///
/// # Errors
/// The database refused a row.
pub async fn leave(
    tx: &mut Tx<'_>,
    key: &EntryKey,
    unit: Option<&str>,
    (state, at): (LegState, Timestamp),
) -> Result<(), DbError> {
    let sql = "update entry_path set state = $6, left_at = $7 where party = $1 and register = $2 and year = $3
               and number = $4 and left_at is null and ($5 = '' or unit = $5)";
    let unit = unit.unwrap_or_default();
    let set = params![&key.party, &key.register, key.year, key.number, unit, state.as_str(), at.0];
    tx.execute_each(sql, vec![set]).await.map(drop)
}

/// Notes that a clerk of a unit works on it.
///
/// # Errors
/// The database refused a row.
pub async fn take_up(tx: &mut Tx<'_>, key: &EntryKey, unit: &str, person: &str) -> Result<(), DbError> {
    let sql =
        "update entry_path set state = 'in_progress', person = $6 where party = $1 and register = $2 and year = $3
               and number = $4 and unit = $5 and left_at is null";
    tx.execute_each(sql, vec![params![&key.party, &key.register, key.year, key.number, unit, person]]).await.map(drop)
}

const PATH: &str = "select step, unit, person, leads, state, entered_at, left_at from entry_path
                    where party = $1 and register = $2 and year = $3 and number = $4 order by step";

/// The path of an entry, in order.
///
/// # Errors
/// The database does not answer.
pub async fn path(db: &Db, key: &EntryKey) -> Result<Vec<Leg>, DbError> {
    db.query(PATH, params![&key.party, &key.register, key.year, key.number]).await?.into_iter().map(read).collect()
}

/// The same within a transaction.
///
/// # Errors
/// The database does not answer.
pub async fn path_in(tx: &mut Tx<'_>, key: &EntryKey) -> Result<Vec<Leg>, DbError> {
    tx.query(PATH, params![&key.party, &key.register, key.year, key.number]).await?.into_iter().map(read).collect()
}

fn read(mut row: Row) -> Result<Leg, DbError> {
    let state: String = row.take("state")?;
    Ok(Leg {
        step: row.take("step")?,
        unit: row.take("unit")?,
        person: row.take("person")?,
        leads: row.take::<i64>("leads")? == 1,
        state: LegState::of(&state).ok_or_else(|| DbError::Inconsistent {
            column: "entry_path.state".to_owned(),
            expected: "a known word",
            found: state,
        })?,
        entered_at: Timestamp(row.take("entered_at")?).to_utc(),
        left_at: row.take::<Option<i64>>("left_at")?.map(|at| Timestamp(at).to_utc()),
    })
}
