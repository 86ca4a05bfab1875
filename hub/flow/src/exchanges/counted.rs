//! Counts for reports: where what was sent stands, and which deadlines were kept.

use serde::Serialize;

use crate::authorization::Among;
use crate::clock::Timestamp;
use crate::db::{Db, DbError, Row};
use crate::params;

use super::model::begins;

/// How many deliveries stand so.
#[derive(Debug, Clone, Serialize)]
pub struct State {
    /// Where they stand.
    pub state: String,
    /// How many.
    pub count: i64,
}

/// What an institution sent within a period, of the document types whoever asks may see, by where it stands.
///
/// # Errors
/// The database does not answer.
pub async fn states(
    db: &Db,
    party: &str,
    (from, to): (Timestamp, Timestamp),
    seen: &Among,
) -> Result<Vec<State>, DbError> {
    let sql = "select d.state, cast(count(*) as bigint) as many from message m join delivery d on d.message_id = m.id
               where m.sender = $1 and m.id >= $2 and m.id < $3
               and ($4 = '' or replace($4, '|' || m.document_type || '|', '') <> $4) group by d.state order by d.state";
    let read = |mut row: Row| Ok(State { state: row.take("state")?, count: row.take("many")? });
    db.query(sql, params![party, begins(from), begins(to), seen.as_str()]).await?.into_iter().map(read).collect()
}

/// Deadlines of one register, unit and day of term, by what became of them.
#[derive(Debug, Clone, Serialize)]
pub struct Kept {
    /// The register.
    pub register: String,
    /// The unit that has, or had, the document; empty where nobody was named.
    pub unit: String,
    /// The month of the last day: `2026-11`.
    pub month: String,
    /// Ended within the term.
    pub kept: i64,
    /// Ended after it.
    pub late: i64,
    /// Not ended, and the term has passed.
    pub overdue: i64,
    /// Not ended, and the term runs.
    pub running: i64,
}

/// Deadlines whose last day lies within a period. Ended is what was resolved, answered or filed, at the first act that
/// says so; what was annulled counts nowhere. Of the registers
/// whoever asks may see.
///
/// # Errors
/// The database does not answer.
pub async fn kept(
    db: &Db,
    party: &str,
    (from, to): (Timestamp, Timestamp),
    now: Timestamp,
    seen: &Among,
) -> Result<Vec<Kept>, DbError> {
    let sql = "select t.register, t.unit, t.month,
               cast(sum(case when t.ended is not null and t.ended < t.due_at then 1 else 0 end) as bigint) as kept,
               cast(sum(case when t.ended is not null and t.ended >= t.due_at then 1 else 0 end) as bigint) as late,
               cast(sum(case when t.ended is null and t.due_at <= $4 then 1 else 0 end) as bigint) as overdue,
               cast(sum(case when t.ended is null and t.due_at > $4 then 1 else 0 end) as bigint) as running
               from (select d.register, coalesce(s.unit, '') as unit, substr(d.due_on, 1, 7) as month, d.due_at,
               case when s.status in ('resolved', 'rejected', 'filed')
               then coalesce((select min(a.at) from register_act a where a.party = d.party and a.register = d.register
               and a.year = d.year and a.number = d.number and a.act in ('resolved', 'filed', 'redirected')), s.changed_at)
               else null end as ended
               from deadline d left join register_state s
               on s.party = d.party and s.register = d.register and s.year = d.year and s.number = d.number
               where d.party = $1 and d.due_at > $2 and d.due_at <= $3 and coalesce(s.status, '') <> 'annulled'
               and ($5 = '' or replace($5, '|' || d.register || '|', '') <> $5)) t
               group by t.register, t.unit, t.month order by t.month, t.register, t.unit";
    let read = |mut row: Row| {
        Ok(Kept {
            register: row.take("register")?,
            unit: row.take("unit")?,
            month: row.take("month")?,
            kept: row.take("kept")?,
            late: row.take("late")?,
            overdue: row.take("overdue")?,
            running: row.take("running")?,
        })
    };
    db.query(sql, params![party, from.0, to.0, now.0, seen.as_str()]).await?.into_iter().map(read).collect()
}
