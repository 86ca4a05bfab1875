//! What people are told of deadlines, until somebody says that it was read.

use serde::Serialize;
use uuid::Uuid;

use crate::clock::Timestamp;
use crate::db::{Db, DbError, Row, Tx, WriteVerb};
use crate::params;
use crate::registration::EntryKey;

use super::model::Step;

/// For whom a notice is.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Addressee {
    /// The unit; none: whoever registers.
    pub unit: Option<String>,
    /// The clerk; none: the whole unit.
    pub person: Option<String>,
}

/// A notice about to be kept.
#[derive(Debug, Clone)]
pub struct NewNotice {
    /// Its id.
    pub id: Uuid,
    /// The entry.
    pub key: EntryKey,
    /// What it tells.
    pub step: Step,
    /// For whom.
    pub to: Addressee,
    /// The last day of the term.
    pub due_on: String,
    /// When.
    pub at: Timestamp,
}

/// Keeps notices.
///
/// # Errors
/// The database refused a row.
pub async fn tell(tx: &mut Tx<'_>, notices: &[NewNotice]) -> Result<(), DbError> {
    let row = |one: &NewNotice| {
        let kind = match one.step {
            Step::Warning(_) => "warning",
            Step::Overdue => "overdue",
            Step::Escalated => "escalation",
        };
        params![
            one.id.into_bytes(),
            &one.key.party,
            &one.key.register,
            one.key.year,
            one.key.number,
            kind,
            one.to.unit.as_ref(),
            one.to.person.as_ref(),
            &one.due_on,
            one.step.code().min(100),
            one.at.0,
        ]
    };
    tx.insert(
        "insert into deadline_notice (id, party, register, year, number, kind, unit, person, due_on, share, at) values",
        11,
        notices.iter().map(row).collect(),
    )
    .await
}

/// A notice as its addressee reads it.
#[derive(Debug, Clone, Serialize)]
pub struct Notice {
    /// Its id.
    pub id: Uuid,
    /// The register.
    pub register: String,
    /// The year.
    pub year: i64,
    /// The number.
    pub number: i64,
    /// `warning`, `overdue` or `escalation`.
    pub kind: String,
    /// For which unit.
    pub unit: Option<String>,
    /// For which clerk.
    pub person: Option<String>,
    /// The last day of the term.
    pub due_on: String,
    /// Percent of the term that has passed.
    pub share: i64,
    /// When, in UTC.
    pub at: String,
}

/// The notices nobody has read yet, oldest first: all of an institution, or those for a unit or a clerk.
///
/// # Errors
/// The database does not answer.
pub async fn notices(db: &Db, party: &str, to: &Addressee, limit: i64) -> Result<Vec<Notice>, DbError> {
    let sql = "select id, register, year, number, kind, unit, person, due_on, share, at from deadline_notice
               where party = $1 and read_at is null
               and ($2 = '' or unit = $2) and ($3 = '' or person = $3) order by at, number limit $4";
    let (unit, person) = (to.unit.clone().unwrap_or_default(), to.person.clone().unwrap_or_default());
    let read = |mut row: Row| {
        let id: [u8; 16] = row.take("id")?;
        Ok(Notice {
            id: Uuid::from_bytes(id),
            register: row.take("register")?,
            year: row.take("year")?,
            number: row.take("number")?,
            kind: row.take("kind")?,
            unit: row.take("unit")?,
            person: row.take("person")?,
            due_on: row.take("due_on")?,
            share: row.take("share")?,
            at: Timestamp(row.take("at")?).to_utc(),
        })
    };
    db.query(sql, params![party, unit, person, limit]).await?.into_iter().map(read).collect()
}

/// Marks a notice of an institution as read; answers whether there was one. The first reader stays.
pub struct ReadNotice;

impl WriteVerb for ReadNotice {
    /// Institution, notice, clerk, moment.
    type Item = (String, Uuid, String, Timestamp);
    type Output = bool;
    const ORDER: u16 = 941;

    async fn run(&self, tx: &mut Tx<'_>, items: &[Self::Item]) -> Result<Vec<bool>, DbError> {
        let sql = "update deadline_notice set read_at = coalesce(read_at, $3), read_by = coalesce(read_by, $4)
                   where party = $1 and id = $2";
        let set = |(party, id, clerk, at): &Self::Item| params![party, id.into_bytes(), at.0, clerk];
        let changed = tx.execute_each(sql, items.iter().map(set).collect()).await?;
        Ok(changed.into_iter().map(|rows| rows == 1).collect())
    }
}
