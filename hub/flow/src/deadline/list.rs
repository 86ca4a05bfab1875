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
    /// Due before this moment; those that stand have none and are left out then.
    pub before: Option<Timestamp>,
    /// Most rows.
    pub limit: i64,
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
               order by coalesce(d.due_at, 9223372036854775807), d.year, d.number limit $6";
    let before = choice.before.map_or(i64::MAX, |at| at.0);
    // Written in one text between bars, which no id of a register has; an empty list is a bar and chooses nothing.
    let registers = choice.registers.as_ref().map_or(String::new(), |all| format!("|{}|", all.join("||")));
    let bounded = i64::from(choice.before.is_some());
    let parameters = params![&choice.party, &choice.unit, &choice.person, bounded, before, choice.limit, &registers];
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
