//! Telling the system of a party, over its channel for notices, of each evidence about what the party sent.
//!
//! In the order of the feed, one after the other: the next is told when the one before was taken. At least once, each
//! under its own name as idempotency key and with the same bytes every time, so that a system that has it knows it. Whoever
//! does not take an evidence is asked again with doubled pauses; after the hub's patience the telling is paused, which
//! means pauses as long as it has failed, up to a day. It never goes past an evidence that was not taken, and no party
//! waits for another.

use std::collections::{BTreeMap, HashSet};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use connectors_contract::{Attempt, Body, Consignment, Outbound, Outcome, SideEffect};
use openssl::sha::sha256;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::clock::Timestamp;
use crate::db::DbError;
use crate::delivery::retry::{self, History, Next, RetryPolicy};
use crate::evidence::Event;
use crate::hub::Hub;
use crate::message::printable;

use super::model::{Item, Source};
use super::push_store::{self as store, Claim, Enlist, LetGo, Place, Record, Take, Told};
use super::store as feed;

/// Evidences told in one turn of a party.
const TURN: i64 = 64;
/// So long a node has the telling of a party without renewing: longer than an attempt takes.
const HOLD_SECONDS: i64 = 60;
/// The longest pause of a paused party.
const DAY: Duration = Duration::from_secs(86_400);
/// The system whose channels take notices.
const NOTICE: &str = "notice";

/// What a turn of a party did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pushed {
    /// All there was in this turn was taken.
    Taken,
    /// Another node tells this party, or it is not due.
    Elsewhere,
    /// It did not take one; it is asked again when it is due.
    Failed {
        /// Whether the hub's patience is over.
        paused: bool,
    },
}

/// Tells systems, for a node of the hub.
pub struct Pusher {
    hub: Arc<Hub>,
    node: Uuid,
    enlisted: Mutex<HashSet<String>>,
}

impl Pusher {
    /// For a node, which has an id of its own.
    #[must_use]
    pub fn new(hub: Arc<Hub>, node: Uuid) -> Self {
        Self { hub, node, enlisted: Mutex::default() }
    }

    /// Parties that came to have a channel for notices are told from now on. One that loses its channel keeps its place.
    ///
    /// # Errors
    /// The database does not answer.
    pub async fn enlist(&self) -> Result<(), DbError> {
        let directory = self.hub.directory();
        let wanted: Vec<String> = {
            let enlisted = self.enlisted.lock().expect("no holder panics");
            let new = directory.parties().map(|party| &party.id).filter(|id| !enlisted.contains(*id));
            new.filter(|id| channel_of(&self.hub, id).is_some()).cloned().collect()
        };
        for party in wanted {
            self.hub.db.write(&Arc::new(Enlist), party.clone()).await?;
            self.enlisted.lock().expect("no holder panics").insert(party);
        }
        Ok(())
    }

    /// The parties that are due, have something to be told, and a channel for it.
    ///
    /// # Errors
    /// The database does not answer.
    pub async fn due(&self) -> Result<Vec<String>, DbError> {
        let now = self.hub.clock.now();
        let mut due = store::due(&self.hub.db, self.node, (now, self.over(now))).await?;
        due.retain(|party| channel_of(&self.hub, party).is_some());
        Ok(due)
    }

    /// Tells a party what there is, up to a turn's measure.
    ///
    /// # Errors
    /// The database does not answer; what was taken meanwhile may be told once more.
    pub async fn push(&self, party: &str) -> Result<Pushed, DbError> {
        let (hub, now) = (&self.hub, self.hub.clock.now());
        let until = now.plus_seconds(HOLD_SECONDS);
        let claim = Claim { party: party.to_owned(), node: self.node, now, over: self.over(now), until };
        if !hub.db.write(&Arc::new(Take), claim).await? {
            return Ok(Pushed::Elsewhere);
        }
        let Some(mut place) = store::place(&hub.db, party).await? else { return Ok(Pushed::Elsewhere) };
        for item in feed::sent_from(&hub.db, party, place.next_number, TURN).await? {
            let outcome = if before(&item, &place) { None } else { Some(self.tell(party, &item).await?) };
            match outcome {
                None | Some(Outcome::Delivered { .. }) => {
                    let (first_leaf, first_received) = (place.first_leaf, place.first_received);
                    place = Place { next_number: item.number + 1, first_leaf, first_received, ..Place::default() };
                }
                Some(outcome) => {
                    let paused = failed(&mut place, party, outcome, (hub.clock.now(), hub.policy.retry));
                    self.record(party, place, Timestamp(0)).await?;
                    return Ok(Pushed::Failed { paused });
                }
            }
            let until = hub.clock.now().plus_seconds(HOLD_SECONDS);
            if !self.record(party, place.clone(), until).await? {
                return Ok(Pushed::Elsewhere);
            }
        }
        self.record(party, place, Timestamp(0)).await?;
        Ok(Pushed::Taken)
    }

    /// Gives back what this node holds, for the others or its next start.
    ///
    /// # Errors
    /// The database does not answer; the holds end by themselves.
    pub async fn let_go(&self) -> Result<(), DbError> {
        self.hub.db.write(&Arc::new(LetGo), self.node).await
    }

    /// Until when the holds of others have ended. One process alone uses an embedded database: whoever held something
    /// before it is gone.
    fn over(&self, now: Timestamp) -> Timestamp {
        if self.hub.db.is_embedded() { Timestamp(i64::MAX) } else { now }
    }

    async fn record(&self, party: &str, place: Place, held_until: Timestamp) -> Result<bool, DbError> {
        let told = Told { party: party.to_owned(), node: self.node, place, held_until };
        self.hub.db.write(&Arc::new(Record), told).await
    }

    async fn tell(&self, party: &str, item: &Item) -> Result<Outcome, DbError> {
        let unavailable = |reason: String| Outcome::Unavailable { reason, retry_after: None };
        let connector = match channel_of(&self.hub, party) {
            Some(Ok(connector)) => connector,
            Some(Err(reason)) => return Ok(unavailable(reason)),
            None => return Ok(unavailable("canalul de înștiințare nu mai este în director".to_owned())),
        };
        let facts = self.facts_of(party, item).await?;
        let content = told(item, &self.hub.seal.issuer.name).to_string().into();
        let consignment = Consignment {
            idempotency_key: item.name(),
            facts,
            body: Body { content_type: "application/json".to_owned(), content },
            parts: Vec::new(),
            evidence: Vec::new(),
        };
        let Attempt { outcome, .. } = connector.deliver(&consignment).await;
        Ok(outcome)
    }

    /// The named facts of the notice; those that this evidence does not have are absent.
    async fn facts_of(&self, party: &str, item: &Item) -> Result<BTreeMap<String, String>, DbError> {
        let db = &self.hub.db;
        let about = store::about(db, item.message).await?;
        let recipient = match item.delivery {
            Some(delivery) => store::recipient(db, delivery).await?,
            None => None,
        };
        let number = about.as_ref().and_then(|about| about.registration.clone());
        let facts = [
            ("notice", Some("evidence.issued".to_owned())),
            ("message_id", Some(item.message.to_string())),
            ("delivery_id", item.delivery.map(|id| id.to_string())),
            ("sender", Some(party.to_owned())),
            ("sender_name", self.hub.party_facts(party).name),
            ("sender_number", number.as_ref().map(|number| number.number.clone())),
            ("sender_date", number.map(|number| number.date)),
            ("recipient", recipient),
            ("document_type", about.as_ref().map(|about| about.document_type.clone())),
            ("document_version", about.as_ref().map(|about| about.document_version.clone())),
            ("submitted_at", about.map(|about| about.submitted_at.to_utc())),
            ("hub_address", Some(self.hub.connectors.hub_address().to_owned())),
        ];
        Ok(facts.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?))).collect())
    }
}

/// The connector of a party's channel for notices, or what that channel lacks; none where it has no such channel.
fn channel_of(hub: &Hub, party: &str) -> Option<Result<Arc<dyn Outbound>, String>> {
    let directory = hub.directory();
    let channel = directory.channel(directory.party(party)?.notify.as_deref()?)?;
    if channel.entry.system != NOTICE {
        return None;
    }
    Some(hub.connectors.outbound(channel).map_err(|error| error.to_string()))
}

/// Whether an evidence was there before the party wanted to be told.
fn before(item: &Item, place: &Place) -> bool {
    match &item.source {
        Source::Own { place: leaf, .. } => leaf.index < place.first_leaf.unsigned_abs(),
        Source::Received(received) => received.sequence < place.first_received,
    }
}

/// Notes a failure and when to ask again; answers whether the patience is over.
fn failed(place: &mut Place, party: &str, outcome: Outcome, (now, policy): (Timestamp, RetryPolicy)) -> bool {
    // Nobody who refuses an evidence has it: that is asked again too.
    let (reason, retry_after) = match outcome {
        Outcome::Unavailable { reason, retry_after } => (reason, retry_after),
        Outcome::Refused { code, reason } => (format!("{code}: {reason}"), None),
        Outcome::Unknown { reason } => (reason, None),
        Outcome::Delivered { .. } | Outcome::Attested { .. } => ("răspunsul este neașteptat".to_owned(), None),
    };
    let since = *place.failing_since.get_or_insert(now);
    place.failures += 1;
    place.reason = Some(printable(&reason).into_owned());
    let digest = sha256(party.as_bytes());
    let history = History {
        side_effect: SideEffect::Repeatable,
        attempts: place.failures,
        since,
        now,
        spread: u64::from_be_bytes(*digest.first_chunk().expect("a digest is longer")),
    };
    match retry::after_sending(Outcome::Unavailable { reason, retry_after }, history, policy) {
        Next::SendAgain { at, .. } => {
            place.due_at = at;
            false
        }
        // Beyond the bounds of a delivery: an evidence is not given up.
        _ => {
            place.due_at = now.plus_micros(paused_for(since, now, policy));
            true
        }
    }
}

/// The pause of one that failed beyond the bounds, in microseconds: as long as it failed, up to a day.
fn paused_for(since: Timestamp, now: Timestamp, policy: RetryPolicy) -> i64 {
    let micros = |duration: Duration| i64::try_from(duration.as_micros()).unwrap_or(i64::MAX);
    let day = micros(DAY);
    (now.0 - since.0).clamp(micros(policy.first_pause).min(day), day)
}

/// What the event carries. The same bytes at every attempt: what may still change, as the stamp of a head, is left out.
fn told(item: &Item, hub: &str) -> Value {
    let meaning = Event::parse(&item.event).map(Event::in_romanian);
    let mut about = json!({
        "cursor": item.number,
        "event": item.event,
        "meaning": meaning,
        "sha256": hex::encode(item.sha256),
        "href": item.href(),
        "document": item.document,
    });
    match &item.source {
        Source::Own { at, place } => {
            about["evidence_id"] = place.evidence.to_string().into();
            about["issuer"] = hub.into();
            about["event_time"] = at.to_utc().into();
            about["log"] = json!({"index": place.index, "href": format!("{}/log-proof", item.href())});
        }
        Source::Received(other) => {
            about["evidence_id"] = other.identifier.as_str().into();
            about["issuer"] = other.issuer.as_str().into();
            about["event_time"] = other.event_time.as_str().into();
            about["log"] = Value::Null;
            about["received"] = json!({"from": other.partner, "at": other.received_at.to_utc()});
        }
    }
    about
}

#[cfg(test)]
mod tests {
    use super::*;

    const POLICY: RetryPolicy = RetryPolicy {
        first_pause: Duration::from_secs(1),
        longest_pause: Duration::from_secs(60),
        give_up_after: Duration::from_secs(600),
    };

    fn refused() -> Outcome {
        Outcome::Refused { code: "410".into(), reason: "closed".into() }
    }

    #[test]
    fn pauses_double_within_patience_and_grow_beyond_it_up_to_a_day() {
        let mut place = Place { next_number: 7, ..Place::default() };
        let (mut now, mut pauses, mut paused_at) = (Timestamp(0), Vec::new(), None);
        for attempt in 0..40 {
            let paused = failed(&mut place, "uat-1", refused(), (now, POLICY));
            pauses.push(place.due_at.0 - now.0);
            if paused && paused_at.is_none() {
                paused_at = Some(attempt);
            }
            assert_eq!(paused, paused_at.is_some(), "whoever is paused stays so until it takes one");
            now = place.due_at;
        }
        assert!((1_000_000..1_300_000).contains(&pauses[0]), "{pauses:?}");
        assert!(paused_at.is_some_and(|at| at > 5), "{paused_at:?} {pauses:?}");
        assert!(pauses[paused_at.unwrap()..].is_sorted(), "{pauses:?}");
        assert_eq!(pauses.last(), Some(&86_400_000_000));
        assert_eq!((place.next_number, place.failures), (7, 40), "its place stays");
    }
}
