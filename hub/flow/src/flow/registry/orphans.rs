//! The rule that nothing is forgotten: whatever has not ended has somebody, a clock and a next act.

use serde::Serialize;
use uuid::Uuid;

use crate::clock::Timestamp;
use crate::db::{Db, DbError, Row};
use crate::params;

/// Something that has not ended, and that nobody and nothing would bring to its end.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Orphan {
    /// `entry` or `delivery`.
    pub kind: &'static str,
    /// The institution that must act.
    pub party: String,
    /// The register of an entry.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub register: Option<String>,
    /// Its year.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub year: Option<i64>,
    /// Its number.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub number: Option<i64>,
    /// The delivery.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub delivery_id: Option<String>,
    /// Where it stands.
    pub status: String,
    /// What it lacks: `owner`, `clock` or `next_act`.
    pub missing: &'static str,
    /// Since when it stands there, in UTC.
    pub since: String,
}

/// Numbers of a register that are looked at for a missing term.
const NEWEST: i64 = 10_000;

/// What is orphaned: of one institution, or of all where none is named; at most `limit` of each kind.
///
/// # Errors
/// The database does not answer.
pub async fn orphans(db: &Db, party: Option<&str>, limit: i64) -> Result<Vec<Orphan>, DbError> {
    let mut found = entries(db, party.unwrap_or_default(), limit).await?;
    found.extend(deliveries(db, party.unwrap_or_default(), limit).await?);
    Ok(found)
}

/// Entries of what came in, by the terms that have not ended. Those of releases before had no deadlines (`document` is null)
/// and are left out. A term begins in the transaction that numbers an entry: whether one is missing is looked at among the
/// newest [`NEWEST`] numbers of each register, so that the look costs the same after ten million.
async fn entries(db: &Db, party: &str, limit: i64) -> Result<Vec<Orphan>, DbError> {
    // A cross join: register by register, whatever a planner without statistics thinks.
    let without_clock =
        "select e.party, e.register, e.year, e.number, e.recorded_at, coalesce(s.status, 'registered') as status,
               'clock' as missing
               from register_series r
               cross join register_entry e
               left join register_state s
               on s.party = e.party and s.register = e.register and s.year = e.year and s.number = e.number
               where e.party = r.party and e.register = r.register and e.year = r.year and e.number >= r.next - $3
               and ($1 = '' or r.party = $1) and e.direction = 'in' and e.document is not null
               and coalesce(s.status, 'registered') in ('registered', 'assigned', 'in_progress', 'waiting_approval')
               and not exists (select 1 from deadline d
               where d.party = e.party and d.register = e.register and d.year = e.year and d.number = e.number)
               order by e.recorded_at limit $2";
    let without_owner =
        "select e.party, e.register, e.year, e.number, e.recorded_at, coalesce(s.status, 'registered') as status,
               case when s.status = 'waiting_approval' and s.pending is null then 'next_act' else 'owner' end as missing
               from deadline d
               join register_entry e
               on e.party = d.party and e.register = d.register and e.year = d.year and e.number = d.number
               left join register_state s
               on s.party = d.party and s.register = d.register and s.year = d.year and s.number = d.number
               where d.ended = 0 and ($1 = '' or d.party = $1) and e.direction = 'in' and e.document is not null
               and coalesce(s.status, 'registered') in ('registered', 'assigned', 'in_progress', 'waiting_approval')
               and ((s.status = 'waiting_approval' and s.pending is null)
               or (s.unit is null and s.person is null
               and (s.status in ('assigned', 'in_progress', 'waiting_approval') or d.reached > 0)))
               order by e.recorded_at limit $2";
    let read = |mut row: Row| {
        let missing: String = row.take("missing")?;
        Ok(Orphan {
            kind: "entry",
            party: row.take("party")?,
            register: Some(row.take("register")?),
            year: Some(row.take("year")?),
            number: Some(row.take("number")?),
            delivery_id: None,
            status: row.take("status")?,
            missing: ["clock", "next_act"].into_iter().find(|word| *word == missing).unwrap_or("owner"),
            since: Timestamp(row.take("recorded_at")?).to_utc(),
        })
    };
    let mut rows = db.query(without_clock, params![party, limit, NEWEST]).await?;
    rows.extend(db.query(without_owner, params![party, limit]).await?);
    let mut found = rows.into_iter().map(read).collect::<Result<Vec<Orphan>, DbError>>()?;
    found.sort_by(|one, other| one.since.cmp(&other.since));
    found.truncate(usize::try_from(limit).unwrap_or_default());
    Ok(found)
}

/// Deliveries that have not ended and for which nothing is scheduled and nobody is asked.
async fn deliveries(db: &Db, party: &str, limit: i64) -> Result<Vec<Orphan>, DbError> {
    let sql = "select d.id, d.recipient, d.state, d.changed_at from delivery d
               where d.state in ('pending', 'waiting', 'unknown', 'announced', 'consigned', 'relayed')
               and ($1 = '' or d.recipient = $1)
               and not exists (select 1 from job j where j.subject = d.id)
               and not exists (select 1 from dead_letter l where l.delivery_id = d.id and l.closed_at is null)
               order by d.changed_at limit $2";
    let read = |mut row: Row| {
        let id: [u8; 16] = row.take("id")?;
        Ok(Orphan {
            kind: "delivery",
            party: row.take("recipient")?,
            register: None,
            year: None,
            number: None,
            delivery_id: Some(Uuid::from_bytes(id).to_string()),
            status: row.take("state")?,
            missing: "next_act",
            since: Timestamp(row.take("changed_at")?).to_utc(),
        })
    };
    db.query(sql, params![party, limit]).await?.into_iter().map(read).collect()
}
