//! Quotas: how often a system may be called, kept before the call, for all nodes together, across restarts.
//!
//! A permit is taken from the database in the same grouped write that carries up to 128 other items: a thousand callers
//! cost about eight transactions, and a call without a quota costs nothing. Counting in the database is what makes a quota
//! hold for several nodes and after a fall; a node that falls wastes the permits it took, no more. `governor` is not
//! used: it counts in memory, and its algorithm lets up to twice the rate through in one window (a full burst, then the
//! steady rate), which an institution that counts by the minute refuses.
//!
//! `N/s`, `N/min` and `N/h` hold for any such span: time is cut into slices, and a slice counts until its last moment is
//! a whole window ago. `N/day` is counted from midnight to midnight in Romania. Nodes count by their own clocks; what one
//! that runs ahead took counts for the others too.

mod window;
mod store;

use connectors_contract::manifest::{Quota, Rate};

use crate::calls::{Call, Place};
use crate::clock::Timestamp;
use crate::hub::Hub;

pub use store::{TakePermits, Use, in_use};
pub use window::Used;

/// What a rate is counted for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Scope {
    /// All calls together.
    Calls,
    /// The calls for one message.
    Message,
    /// The calls about one subject.
    Subject,
}

impl Scope {
    /// The word used in the API and the database.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Calls => "calls",
            Self::Message => "message",
            Self::Subject => "subject",
        }
    }
}

/// What one count belongs to.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Key {
    /// The system and its address.
    pub place: Place,
    /// The lookup operation whose own quota this is; empty for the quota of the whole system.
    pub operation: String,
    /// What is counted.
    pub scope: Scope,
    /// The message id, or a keyed digest of system and subject: no CNP stands in a counter, nor can one be guessed from it. Empty for all calls.
    pub about: String,
}

/// The permits one call needs: all of them or none.
#[derive(Debug, Clone)]
pub struct Wanted {
    /// Every rate the call falls under.
    pub rates: Vec<(Key, Rate)>,
    /// The present moment.
    pub now: Timestamp,
}

/// A rate that has no room.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Full {
    /// Which of the wanted rates.
    pub which: usize,
    /// When it has room again, if nobody else comes first.
    pub at: Timestamp,
}

/// The rates a call falls under; none where its system has no quota.
#[must_use]
pub fn rates(hub: &Hub, call: &Call<'_>) -> Vec<(Key, Rate)> {
    let Some(manifest) = hub.connectors.manifest(&call.place.system) else { return Vec::new() };
    let mut rates = Vec::new();
    collect(hub, &mut rates, (&manifest.quota, ""), call);
    let own = call.operation.and_then(|operation| Some((operation, manifest.lookups.get(operation)?)));
    if let Some((operation, lookup)) = own {
        collect(hub, &mut rates, (&lookup.quota, operation), call);
    }
    rates
}

fn collect(hub: &Hub, rates: &mut Vec<(Key, Rate)>, (quota, operation): (&Quota, &str), call: &Call<'_>) {
    let key = |scope, about| Key { place: call.place.clone(), operation: operation.to_owned(), scope, about };
    rates.extend(quota.calls.as_slice().iter().map(|rate| (key(Scope::Calls, String::new()), *rate)));
    if let Some(message) = call.message {
        let of = quota.per_message.as_slice().iter();
        rates.extend(of.map(|rate| (key(Scope::Message, message.to_string()), *rate)));
    }
    for subject in call.subjects {
        let of = quota.per_subject.as_slice().iter();
        rates.extend(of.map(|rate| (key(Scope::Subject, unnamed(hub, &call.place.system, subject)), *rate)));
    }
}

fn unnamed(hub: &Hub, system: &str, subject: &str) -> String {
    hex::encode(hub.journal_key.question(["quota", system, subject]))
}
