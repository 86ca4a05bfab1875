//! The SQL of breakers.

use std::collections::BTreeMap;

use crate::calls::Place;
use crate::clock::Timestamp;
use crate::db::{Db, DbError, Row, Tx, WriteVerb};
use crate::params;

use super::{BreakerPolicy, Condition, Event, State};

/// Moves breakers: each event is decided on the row as it is, whichever node wrote it.
pub struct MoveBreaker;

/// What an event came to.
#[derive(Debug, Clone)]
pub struct Moved {
    /// The breaker as it stands now.
    pub condition: Condition,
    /// Whether this event changed it: of many who ask for the trial, the one who has it.
    pub changed: bool,
}

impl WriteVerb for MoveBreaker {
    type Item = (Place, Event, Timestamp, BreakerPolicy);
    type Output = Moved;
    const ORDER: u16 = 86;

    async fn run(&self, tx: &mut Tx<'_>, items: &[Self::Item]) -> Result<Vec<Moved>, DbError> {
        let now = items.iter().map(|(_, _, at, _)| *at).max().unwrap_or_default();
        // Always in the same order, so that nodes wait for each other and never in a circle.
        let mut held: BTreeMap<&Place, Condition> = BTreeMap::new();
        for (place, ..) in items {
            held.insert(place, Condition::new(now));
        }
        let sql = "insert into breaker (system, address, state, failures, openings, since, trial_at, reason)
                   values ($1, $2, 'closed', 0, 0, $3, 0, null)
                   on conflict (system, address) do update set failures = breaker.failures
                   returning system, address, state, failures, openings, since, trial_at, reason";
        let sets = held.keys().map(|place| params![&place.system, &place.address, now.0]).collect();
        let answers = tx.query_each(sql, sets).await?;
        for (condition, rows) in held.values_mut().zip(answers) {
            if let Some(row) = rows.into_iter().next() {
                *condition = read(row)?.1;
            }
        }
        let mut outputs = Vec::with_capacity(items.len());
        for (place, event, at, policy) in items {
            let condition = held.get_mut(place).expect("every place was read");
            let next = condition.clone().after(event, *at, *policy);
            let changed = *condition != next;
            *condition = next;
            outputs.push(Moved { condition: condition.clone(), changed });
        }
        let sql = "update breaker set state = $3, failures = $4, openings = $5, since = $6, trial_at = $7, reason = $8
                   where system = $1 and address = $2";
        let set = |(place, condition): (&&Place, &Condition)| {
            params![
                &place.system,
                &place.address,
                condition.state.as_str(),
                condition.failures,
                condition.openings,
                condition.since.0,
                condition.trial_at.0,
                condition.reason.as_ref(),
            ]
        };
        tx.execute_each(sql, held.iter().map(set).collect()).await?;
        Ok(outputs)
    }
}

/// Every breaker that ever moved.
///
/// # Errors
/// The database does not answer.
pub async fn all(db: &Db) -> Result<Vec<(Place, Condition)>, DbError> {
    let sql = "select system, address, state, failures, openings, since, trial_at, reason from breaker
               order by system, address";
    db.query(sql, vec![]).await?.into_iter().map(read).collect()
}

/// Those that something is known against: few, or none.
pub(super) async fn unhealthy(db: &Db) -> Result<Vec<(Place, Condition)>, DbError> {
    let sql = "select system, address, state, failures, openings, since, trial_at, reason from breaker
               where state <> 'closed' or failures > 0";
    db.query(sql, vec![]).await?.into_iter().map(read).collect()
}

fn read(mut row: Row) -> Result<(Place, Condition), DbError> {
    let word: String = row.take("state")?;
    let state = State::parse(&word).ok_or_else(|| DbError::Inconsistent {
        column: "breaker.state".to_owned(),
        expected: "a state of a breaker",
        found: word,
    })?;
    let count = |value: i64| u32::try_from(value).unwrap_or(u32::MAX);
    let place = Place { system: row.take("system")?, address: row.take("address")? };
    let condition = Condition {
        state,
        failures: count(row.take("failures")?),
        openings: count(row.take("openings")?),
        since: Timestamp(row.take("since")?),
        trial_at: Timestamp(row.take("trial_at")?),
        reason: row.take("reason")?,
    };
    Ok((place, condition))
}
