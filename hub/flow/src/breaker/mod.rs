//! The circuit breaker of each system: who does not answer several times in a row is left alone for a while, then tried
//! with one call, and used again once that is answered.
//!
//! Its truth is a row in the database, so that all nodes agree and a restart forgets nothing; every change is decided there
//! ([`decision`], pure). A node remembers what it last saw for [`FRESH`], so a healthy system costs no read, and a call
//! that is to wait is told so only after a look at the row itself.

pub mod decision;
mod store;

use std::collections::HashMap;
use std::sync::Mutex;

use crate::calls::Place;
use crate::clock::Timestamp;
use crate::db::DbError;
use crate::hub::Hub;

pub use decision::{Condition, Event, State};
pub use store::{MoveBreaker, Moved, all};

/// For so long a node trusts what it saw of other nodes' breakers, in microseconds.
const FRESH: i64 = 500_000;

/// Patience with a system that does not answer.
#[derive(Debug, Clone, Copy)]
pub struct BreakerPolicy {
    /// So many calls without an answer, one after the other, open it.
    pub failures: u32,
    /// Microseconds from the opening to the first trial; doubled at each trial that fails.
    pub first_pause: i64,
    /// The longest pause between trials, in microseconds.
    pub longest_pause: i64,
    /// So long a trial may be under way before another may begin: its caller may have fallen. In microseconds.
    pub trial: i64,
}

impl Default for BreakerPolicy {
    fn default() -> Self {
        Self { failures: 5, first_pause: 5_000_000, longest_pause: 300_000_000, trial: 120_000_000 }
    }
}

/// Whether a call may go in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Entry {
    /// It may.
    Go,
    /// It may be the trial, if nobody else begins it first.
    Try,
    /// It waits.
    Wait {
        /// Until then at least.
        at: Timestamp,
        /// Why the system was left alone.
        reason: Option<String>,
    },
}

/// What this node saw last.
#[derive(Default)]
pub struct Breakers(Mutex<Seen>);

#[derive(Default)]
struct Seen {
    at: Option<Timestamp>,
    /// Those that are not healthy.
    places: HashMap<Place, Condition>,
}

impl Breakers {
    /// Keeps what was just read or written of a place.
    pub(crate) fn see(&self, place: &Place, condition: Condition) {
        let mut seen = self.0.lock().expect("no holder panics");
        if condition.is_healthy() {
            seen.places.remove(place);
        } else {
            seen.places.insert(place.clone(), condition);
        }
    }

    /// Keeps the outcome of asking for the trial; the moment to come again where another has it.
    pub(crate) fn began(&self, place: &Place, moved: Moved, now: Timestamp) -> Result<(), Timestamp> {
        let own = moved.changed || moved.condition.is_closed();
        let again = moved.condition.next_look(now);
        self.see(place, moved.condition);
        if own { Ok(()) } else { Err(again) }
    }

    /// Whether nothing is known against a place.
    pub(crate) fn is_healthy(&self, place: &Place) -> bool {
        !self.0.lock().expect("no holder panics").places.contains_key(place)
    }

    fn known(&self, place: &Place, now: Timestamp) -> Option<Option<Condition>> {
        let seen = self.0.lock().expect("no holder panics");
        let fresh = seen.at.is_some_and(|at| now.0 - at.0 < FRESH);
        fresh.then(|| seen.places.get(place).cloned())
    }

    fn saw(&self, places: Vec<(Place, Condition)>, now: Timestamp) {
        let places = places.into_iter().filter(|(_, condition)| !condition.is_healthy()).collect();
        *self.0.lock().expect("no holder panics") = Seen { at: Some(now), places };
    }
}

/// Whether a call to a place may be made now.
///
/// # Errors
/// The database does not answer.
pub(crate) async fn entry(hub: &Hub, place: &Place, now: Timestamp) -> Result<Entry, DbError> {
    if let Some(None) = hub.breakers.known(place, now) {
        return Ok(Entry::Go);
    }
    // Not looked for a while, or something is known against it, which another node may have settled since.
    hub.breakers.saw(store::unhealthy(&hub.db).await?, now);
    let known = hub.breakers.known(place, now).flatten();
    Ok(known.map_or(Entry::Go, |condition| condition.entry(now)))
}
