//! The entries of an institution that a message has, and what belongs to them.

use serde::Serialize;

use crate::db::{Db, DbError, Row};
use crate::message::{DeliveryId, MessageId};
use crate::params;

/// An entry of a message in one institution's registers.
#[derive(Debug, Clone, Serialize)]
pub struct Held {
    /// The register.
    pub register: String,
    /// The year.
    pub year: i64,
    /// The number.
    pub number: i64,
    /// The number as the register wrote it.
    pub shown: String,
    /// `in`, `out` or `internal`.
    pub direction: String,
    /// The delivery, in a recipient's register.
    pub delivery_id: Option<DeliveryId>,
    /// Where it stands.
    pub status: String,
    /// Unit that has it.
    pub unit: Option<String>,
    /// Clerk that has it.
    pub person: Option<String>,
    /// Last day of its term, where one runs.
    pub due_on: Option<String>,
    /// Law and article of the term, or why there is none.
    pub basis: Option<String>,
    /// What it answers, belongs to, replaces or repeats, and what does so to it.
    pub related: Vec<Related>,
}

/// An entry that belongs to another one.
#[derive(Debug, Clone, Serialize)]
pub struct Related {
    /// How: `answers`, …
    pub relation: String,
    /// Whether the other entry says so of this one.
    pub backward: bool,
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
    /// Its message, where it has one.
    pub message_id: Option<MessageId>,
}

/// The entries that a message has in the registers of an institution.
///
/// # Errors
/// The database does not answer.
pub async fn entries_of(db: &Db, party: &str, message: MessageId) -> Result<Vec<Held>, DbError> {
    let sql = "select e.register, e.year, e.number, e.shown, coalesce(s.direction, e.direction) as direction,
               e.delivery_id, coalesce(s.status, 'registered') as status, s.unit, s.person, d.due_on, d.basis
               from register_entry e
               left join register_state s
               on s.party = e.party and s.register = e.register and s.year = e.year and s.number = e.number
               left join deadline d
               on d.party = e.party and d.register = e.register and d.year = e.year and d.number = e.number
               where e.message_id = $1 and e.party = $2 order by e.recorded_at, e.number";
    let mut held = Vec::new();
    for row in db.query(sql, params![message, party]).await? {
        let mut one = read(row)?;
        one.related = related(db, party, &one).await?;
        held.push(one);
    }
    Ok(held)
}

fn read(mut row: Row) -> Result<Held, DbError> {
    let (number, shown): (i64, Option<String>) = (row.take("number")?, row.take("shown")?);
    Ok(Held {
        register: row.take("register")?,
        year: row.take("year")?,
        number,
        shown: shown.unwrap_or_else(|| number.to_string()),
        direction: row.take("direction")?,
        delivery_id: row.take("delivery_id")?,
        status: row.take("status")?,
        unit: row.take("unit")?,
        person: row.take("person")?,
        due_on: row.take("due_on")?,
        basis: row.take("basis")?,
        related: Vec::new(),
    })
}

async fn related(db: &Db, party: &str, one: &Held) -> Result<Vec<Related>, DbError> {
    const TO: &str =
        "select c.relation, o.register, o.year, o.number, o.shown, coalesce(s.subject, o.subject) as subject,
        o.message_id from register_connection c
        join register_entry o
        on o.party = c.party and o.register = c.to_register and o.year = c.to_year and o.number = c.to_number
        left join register_state s
        on s.party = o.party and s.register = o.register and s.year = o.year and s.number = o.number
        where c.party = $1 and c.register = $2 and c.year = $3 and c.number = $4 order by o.year, o.number limit 50";
    const FROM: &str =
        "select c.relation, o.register, o.year, o.number, o.shown, coalesce(s.subject, o.subject) as subject,
        o.message_id from register_connection c
        join register_entry o
        on o.party = c.party and o.register = c.register and o.year = c.year and o.number = c.number
        left join register_state s
        on s.party = o.party and s.register = o.register and s.year = o.year and s.number = o.number
        where c.party = $1 and c.to_register = $2 and c.to_year = $3 and c.to_number = $4
        order by o.year, o.number limit 50";
    let mut found = Vec::new();
    for (sql, backward) in [(TO, false), (FROM, true)] {
        for mut row in db.query(sql, params![party, &one.register, one.year, one.number]).await? {
            let (number, shown): (i64, Option<String>) = (row.take("number")?, row.take("shown")?);
            found.push(Related {
                relation: row.take("relation")?,
                backward,
                register: row.take("register")?,
                year: row.take("year")?,
                number,
                shown: shown.unwrap_or_else(|| number.to_string()),
                subject: row.take("subject")?,
                message_id: row.take("message_id")?,
            });
        }
    }
    Ok(found)
}
