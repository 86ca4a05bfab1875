//! The SQL of deadlines.

use std::collections::BTreeMap;

use hub_deadlines::Rule;
use jiff::civil::Date;

use crate::clock::Timestamp;
use crate::db::{Db, DbError, Row, Tx, Value};
use crate::params;
use crate::registration::EntryKey;

use super::model::{Deadlines, Held, Running, day_ends};

/// Entries looked at in one turn.
const MOST: i64 = 200;

/// A deadline about to begin.
#[derive(Debug, Clone)]
pub struct NewDeadline {
    /// The entry.
    pub key: EntryKey,
    /// Its rule; none where the document expects no answer.
    pub rule: Option<Rule>,
    /// The civil day it begins with.
    pub start: Date,
    /// Who hears that it is overdue, until somebody else has the document.
    pub escalate_to: Option<String>,
}

/// Begins deadlines of entries that were just registered.
///
/// # Errors
/// The database refused a row.
pub async fn begin(tx: &mut Tx<'_>, with: &Deadlines, new: &[NewDeadline]) -> Result<(), DbError> {
    let mut rows = Vec::with_capacity(new.len());
    for one in new {
        let basis = one.rule.as_ref().map_or("documentul nu așteaptă răspuns", |rule| rule.basis.as_str()).to_owned();
        let running = one.rule.clone().map(|rule| Running::begin(rule, one.start));
        let held = Held { running, basis, reached: 0, escalate_to: one.escalate_to.clone() };
        rows.push(row(&one.key, &held, with)?);
    }
    tx.insert(
        "insert into deadline (party, register, year, number, rule, basis, document, due_on, due_at, reached, look_at,
         escalate_to) values",
        12,
        rows,
    )
    .await
}

fn row(key: &EntryKey, held: &Held, with: &Deadlines) -> Result<Vec<Value>, DbError> {
    let uncounted = |error: hub_deadlines::NotCounted| DbError::Statement(error.to_string());
    let due =
        held.running.as_ref().map(|running| running.due(&with.calendar)).transpose().map_err(uncounted)?.flatten();
    // The earliest step that is not recorded, also where its moment has passed.
    let (_, look) = held.passed(&with.calendar, Timestamp(i64::MIN)).map_err(uncounted)?;
    let document = held.running.as_ref().map(|running| serde_json::to_string(running).expect("a term is plain data"));
    Ok(params![
        &key.party,
        &key.register,
        key.year,
        key.number,
        held.running.as_ref().map_or("", |running| running.rule.code.as_str()),
        &held.basis,
        document,
        due.map(|due| due.to_string()),
        due.map(|due| day_ends(due).0),
        held.reached,
        look.map(|at| at.0),
        held.escalate_to.as_ref(),
    ])
}

const COLUMNS: &str = "select document, basis, reached, escalate_to from deadline
                       where party = $1 and register = $2 and year = $3 and number = $4";
const LOCKED: &str = "select document, basis, reached, escalate_to from deadline
                      where party = $1 and register = $2 and year = $3 and number = $4 for update";

/// The deadlines of entries, their rows locked until the transaction ends: before the entries themselves, by everybody.
///
/// # Errors
/// The database does not answer.
pub async fn lock(tx: &mut Tx<'_>, keys: &[&EntryKey]) -> Result<BTreeMap<EntryKey, Held>, DbError> {
    let ordered: BTreeMap<&EntryKey, ()> = keys.iter().map(|key| (*key, ())).collect();
    let sets = ordered.keys().map(|key| params![&key.party, &key.register, key.year, key.number]).collect();
    let sql = if tx.is_postgres() { LOCKED } else { COLUMNS };
    let answers = tx.query_each(sql, sets).await?;
    let mut held = BTreeMap::new();
    for (key, rows) in ordered.into_keys().zip(answers) {
        if let Some(row) = rows.into_iter().next() {
            held.insert(key.clone(), read(row)?);
        }
    }
    Ok(held)
}

/// Writes deadlines as they stand now.
///
/// # Errors
/// The database refused a row.
pub async fn put(tx: &mut Tx<'_>, with: &Deadlines, held: &[(&EntryKey, &Held)]) -> Result<(), DbError> {
    let sql = "update deadline set rule = $5, basis = $6, document = $7, due_on = $8, due_at = $9, reached = $10,
               look_at = $11, escalate_to = $12 where party = $1 and register = $2 and year = $3 and number = $4";
    let sets = held.iter().map(|(key, held)| row(key, held, with)).collect::<Result<Vec<_>, _>>()?;
    tx.execute_each(sql, sets).await.map(drop)
}

/// The deadline of an entry.
///
/// # Errors
/// The database does not answer.
pub async fn find(db: &Db, key: &EntryKey) -> Result<Option<Held>, DbError> {
    let rows = db.query(COLUMNS, params![&key.party, &key.register, key.year, key.number]).await?;
    rows.into_iter().next().map(read).transpose()
}

fn read(mut row: Row) -> Result<Held, DbError> {
    let document: Option<String> = row.take("document")?;
    let running = document.map(|text| serde_json::from_str::<Running>(&text)).transpose();
    Ok(Held {
        running: running.map_err(|error| DbError::Inconsistent {
            column: "deadline.document".to_owned(),
            expected: "a rule and a term",
            found: error.to_string(),
        })?,
        basis: row.take("basis")?,
        reached: row.take("reached")?,
        escalate_to: row.take("escalate_to")?,
    })
}

/// An entry whose next step has come.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Passing {
    /// The entry.
    pub key: EntryKey,
    /// Unit that has it.
    pub unit: Option<String>,
    /// Clerk that has it.
    pub person: Option<String>,
}

/// The entries that are not at their end and whose next step has come, earliest first.
///
/// # Errors
/// The database does not answer.
pub async fn due_looks(db: &Db, now: Timestamp) -> Result<Vec<Passing>, DbError> {
    let sql = "select d.party, d.register, d.year, d.number, s.unit, s.person from deadline d
               left join register_state s
               on s.party = d.party and s.register = d.register and s.year = d.year and s.number = d.number
               where d.look_at is not null and d.ended = 0 and d.look_at <= $1
               and coalesce(s.status, 'registered') not in ('resolved', 'redirected', 'rejected', 'filed', 'annulled')
               order by d.look_at limit $2";
    let read = |mut row: Row| {
        Ok(Passing {
            key: EntryKey {
                party: row.take("party")?,
                register: row.take("register")?,
                year: row.take("year")?,
                number: row.take("number")?,
            },
            unit: row.take("unit")?,
            person: row.take("person")?,
        })
    };
    db.query(sql, params![now.0, MOST]).await?.into_iter().map(read).collect()
}
