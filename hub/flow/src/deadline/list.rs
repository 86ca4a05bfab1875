//! Deadlines that run, by who has the document and by when it is due.

use serde::Serialize;

use crate::clock::Timestamp;
use crate::db::{Db, DbError, Row};
use crate::params;

/// Which deadlines of one institution. Empty texts choose all.
#[derive(Debug, Clone, Default)]
pub struct Choice {
    /// The institution.
    pub party: String,
    /// Unit that has the document, alone or with others.
    pub unit: String,
    /// Clerk that has it.
    pub person: String,
    /// Only of entries of these registers; of all where absent.
    pub registers: Option<Vec<String>>,
    /// Due at this moment or later.
    pub from: Option<Timestamp>,
    /// Due before this moment; those that stand have none and are left out then.
    pub before: Option<Timestamp>,
    /// The place after which the list goes on.
    pub after: Option<Place>,
    /// Most rows.
    pub limit: i64,
}

/// Where a deadline stands in the list: by its moment, then by its entry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    due_at: i64,
    year: i64,
    number: i64,
    register: String,
}

/// Moment of those that stand: after all others.
const STANDING: i64 = i64::MAX;

impl Place {
    /// Reads what [`Place::to_text`] wrote.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let mut parts = text.splitn(4, '.');
        let mut count = || parts.next()?.parse().ok();
        let (due_at, year, number) = (count()?, count()?, count()?);
        Some(Self { due_at, year, number, register: parts.next()?.to_owned() })
    }

    /// As an address names it; its parts mean nothing to others.
    #[must_use]
    pub fn to_text(&self) -> String {
        format!("{}.{}.{}.{}", self.due_at, self.year, self.number, self.register)
    }
}

/// A deadline that runs or stands.
#[derive(Debug, Clone, Serialize)]
pub struct Due {
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
    /// Where the entry stands.
    pub status: String,
    /// Unit that has it.
    pub unit: Option<String>,
    /// Clerk that has it.
    pub person: Option<String>,
    /// Code of the rule.
    pub rule: String,
    /// Law and article.
    pub basis: String,
    /// Last day; none while it stands.
    pub due_on: Option<String>,
    /// Whether it stands.
    pub suspended: bool,
    /// Whether the last day has passed.
    pub overdue: bool,
    #[serde(skip)]
    due_at: Option<i64>,
}

impl Due {
    /// Its place in the list.
    #[must_use]
    pub fn place(&self) -> Place {
        let due_at = self.due_at.unwrap_or(STANDING);
        Place { due_at, year: self.year, number: self.number, register: self.register.clone() }
    }
}

/// Deadlines of entries that are not at their end, soonest first; those that stand come last.
///
/// # Errors
/// The database does not answer.
pub async fn list(db: &Db, choice: &Choice, now: Timestamp) -> Result<Vec<Due>, DbError> {
    let sql = "select d.register, d.year, d.number, e.shown, coalesce(s.subject, e.subject) as subject,
               coalesce(s.status, 'registered') as status, s.unit, s.person, d.rule, d.basis, d.due_on, d.due_at
               from deadline d
               join register_entry e
               on e.party = d.party and e.register = d.register and e.year = d.year and e.number = d.number
               left join register_state s
               on s.party = d.party and s.register = d.register and s.year = d.year and s.number = d.number
               where d.party = $1 and d.ended = 0 and d.document is not null
               and coalesce(s.status, 'registered') not in ('resolved', 'redirected', 'rejected', 'filed', 'annulled')
               and ($2 = '' or s.unit = $2 or exists (select 1 from entry_path p where p.party = d.party
               and p.register = d.register and p.year = d.year and p.number = d.number
               and p.unit = $2 and p.left_at is null))
               and ($3 = '' or s.person = $3)
               and coalesce(d.due_at, 9223372036854775807) <= $5 and ($4 = 0 or d.due_at is not null)
               and ($7 = '' or replace($7, '|' || d.register || '|', '') <> $7)
               and coalesce(d.due_at, 9223372036854775807) >= $8
               and (coalesce(d.due_at, 9223372036854775807), d.year, d.number, d.register) > ($9, $10, $11, $12)
               order by coalesce(d.due_at, 9223372036854775807), d.year, d.number, d.register limit $6";
    let before = choice.before.map_or(STANDING, |at| at.0);
    let first = Place { due_at: i64::MIN, year: 0, number: 0, register: String::new() };
    let after = choice.after.as_ref().unwrap_or(&first);
    // The first bound is read by the index, the place itself among its equals.
    let from = choice.from.map_or(i64::MIN, |at| at.0).max(after.due_at);
    // Written in one text between bars, which no id of a register has; an empty list is a bar and chooses nothing.
    let registers = choice.registers.as_ref().map_or(String::new(), |all| format!("|{}|", all.join("||")));
    let bounded = i64::from(choice.before.is_some());
    let parameters = params![
        &choice.party,
        &choice.unit,
        &choice.person,
        bounded,
        before,
        choice.limit,
        &registers,
        from,
        after.due_at,
        after.year,
        after.number,
        &after.register,
    ];
    let read = |mut row: Row| {
        let (number, due_at): (i64, Option<i64>) = (row.take("number")?, row.take("due_at")?);
        let shown: Option<String> = row.take("shown")?;
        Ok(Due {
            register: row.take("register")?,
            year: row.take("year")?,
            number,
            shown: shown.unwrap_or_else(|| number.to_string()),
            subject: row.take("subject")?,
            status: row.take("status")?,
            unit: row.take("unit")?,
            person: row.take("person")?,
            rule: row.take("rule")?,
            basis: row.take("basis")?,
            due_on: row.take("due_on")?,
            suspended: due_at.is_none(),
            overdue: due_at.is_some_and(|at| at <= now.0),
            due_at,
        })
    };
    db.query(sql, parameters).await?.into_iter().map(read).collect()
}

/// How many entries of all institutions are late.
///
/// # Errors
/// The database does not answer.
pub async fn overdue(db: &Db, now: Timestamp) -> Result<i64, DbError> {
    let sql = "select cast(count(*) as bigint) as late from deadline d
               left join register_state s
               on s.party = d.party and s.register = d.register and s.year = d.year and s.number = d.number
               where d.due_at <= $1 and d.ended = 0 and coalesce(s.status, 'registered') not in ('resolved', 'redirected', 'rejected', 'filed', 'annulled')";
    let mut rows = db.query(sql, params![now.0]).await?;
    rows.first_mut().map_or(Ok(0), |row| row.take("late"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_is_read_as_it_was_written() {
        let place = Place { due_at: STANDING, year: 2026, number: 17, register: "petitii.vechi".to_owned() };
        assert_eq!(Place::parse(&place.to_text()), Some(place));
        for wrong in ["", "1.2.3", "1.2.x.general", "general"] {
            assert_eq!(Place::parse(wrong), None, "{wrong}");
        }
    }
}
