//! A node at its sources: turn by turn.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use connectors_contract::{Arrival, Inbound, SideEffect, Trouble, Verdict};
use serde_json::json;
use uuid::Uuid;

use crate::calls::{self, Admission, Call, Heard, Place};
use crate::clock::Timestamp;
use crate::db::DbError;
use crate::delivery::retry::{self, History, Next, RetryPolicy};
use crate::directory::{Source, Versioned};
use crate::flow::{self, Refused};
use crate::hub::Hub;
use crate::message::printable;
use crate::{evidence, submission};

use super::inspection::{Inspect, NotInspected};
use super::model::{Decided, Limits, Passed, Refusal, Unheard};
use super::reading::{self, Unread};
use super::store::{self, Claim, Decide, EndPoll, Hold, LetGo, Polled, Take, Tell, Told};

/// Arrivals fetched in one turn.
const TURN: usize = 32;
/// So long a node has a source without renewing.
const HOLD_SECONDS: i64 = 120;
/// It renews so often while the system is at work.
const RENEWAL: Duration = Duration::from_secs(40);
/// A call that takes longer has lost its system: engines bound their own, this bounds the engines.
const LONGEST_CALL: Duration = Duration::from_secs(15 * 60);
/// The longest pause after polls or tellings that failed.
const LONGEST_PAUSE: Duration = Duration::from_secs(15 * 60);

/// Words a refusal in the way the API does.
pub type Explain = Arc<dyn Fn(Refused) -> Refusal + Send + Sync>;

/// Receives, for a node of the hub.
pub struct Receiver {
    hub: Arc<Hub>,
    node: Uuid,
    explain: Explain,
    inspector: Arc<dyn Inspect>,
    limits: Limits,
}

/// Why a turn stops here.
enum Stop {
    /// The hub cannot take anything now.
    Hub(String),
    /// Another node has the source.
    Lost,
    Database(DbError),
}

impl From<DbError> for Stop {
    fn from(error: DbError) -> Self {
        Self::Database(error)
    }
}

impl Receiver {
    /// For a node, which has an id of its own.
    #[must_use]
    pub fn new(hub: Arc<Hub>, node: Uuid, explain: Explain, inspector: Arc<dyn Inspect>, limits: Limits) -> Self {
        Self { hub, node, explain, inspector, limits }
    }

    /// The sources that are due, or owed a verdict.
    ///
    /// # Errors
    /// The database does not answer.
    pub async fn due(&self) -> Result<Vec<String>, DbError> {
        let directory = self.hub.directory();
        if directory.sources().next().is_none() || self.hub.halted().is_some() {
            return Ok(Vec::new());
        }
        let now = self.hub.clock.now();
        let dues = store::dues(&self.hub.db, self.node, self.over(now)).await?;
        let due = |source: &&Versioned<Source>| match dues.get(&source.entry.id) {
            None => true,
            Some(due) => due.is_some_and(|due| due <= now),
        };
        Ok(directory.sources().filter(due).map(|source| source.entry.id.clone()).collect())
    }

    /// One turn at a source: what is owed is told, what waits is fetched, taken and answered.
    ///
    /// # Errors
    /// The database does not answer; the source is looked at again.
    pub async fn pass(&self, id: &str) -> Result<Passed, DbError> {
        let (hub, now) = (&self.hub, self.hub.clock.now());
        let directory = hub.directory();
        let Some(source) = directory.source(id) else { return Ok(Passed::Elsewhere) };
        let until = now.plus_seconds(HOLD_SECONDS);
        let claim = Claim { source: id.to_owned(), node: self.node, over: self.over(now), until };
        if !hub.db.write(&Arc::new(Take), claim).await? {
            return Ok(Passed::Elsewhere);
        }
        let place = store::place(&hub.db, id).await?;
        let (due_at, failures) = place.unwrap_or((Timestamp(0), 0));
        let connector = match hub.connectors.inbound(source) {
            Ok(connector) => connector,
            Err(error) => return self.troubled(&source.entry, &error.to_string(), None, failures).await,
        };
        match self.turn(&source.entry, &*connector, (due_at, now), failures).await {
            Ok(passed) => Ok(passed),
            Err(Stop::Lost) => Ok(Passed::Elsewhere),
            Err(Stop::Hub(reason)) => self.troubled(&source.entry, &reason, None, failures).await,
            Err(Stop::Database(error)) => Err(error),
        }
    }

    /// Gives back what this node holds, for the others or its next start.
    ///
    /// # Errors
    /// The database does not answer; the holds end by themselves.
    pub async fn let_go(&self) -> Result<(), DbError> {
        self.hub.db.write(&Arc::new(LetGo), self.node).await
    }

    async fn turn(
        &self,
        source: &Source,
        connector: &dyn Inbound,
        (due_at, now): (Timestamp, Timestamp),
        failures: i64,
    ) -> Result<Passed, Stop> {
        let turn = i64::try_from(TURN).unwrap_or(i64::MAX);
        let place = Place::new(&source.system, source.address.as_deref());
        let call = Call { place: &place, operation: None, message: None, subjects: &[] };
        for unheard in store::unheard(&self.hub.db, &source.id, now, turn).await? {
            calls::counted(&self.hub, &call, false, self.tell(source, connector, unheard, true)).await?;
            self.hold(source).await?;
        }
        if due_at > now {
            self.hub.db.write(&Arc::new(Hold), (source.id.clone(), self.node, Timestamp(0))).await?;
            return Ok(Passed::Done);
        }
        if let Admission::Later(later) = calls::admit(&self.hub, &call).await? {
            self.end(source, later.at, Some(later.reason), false).await?;
            return Ok(Passed::Trouble);
        }
        let arrivals = match self.holding(source, calls::counted(&self.hub, &call, true, connector.poll(TURN))).await? {
            Ok(arrivals) => arrivals,
            Err(Trouble { reason, retry_after }) => {
                calls::heard(&self.hub, &place, Heard::Silence { reason: reason.clone(), retry_after }).await;
                return Ok(self.troubled(source, &reason, retry_after, failures).await?);
            }
        };
        calls::heard(&self.hub, &place, Heard::Answer).await;
        let more = arrivals.len() >= TURN;
        for arrival in arrivals {
            calls::counted(&self.hub, &call, false, self.receive(source, connector, arrival)).await?;
            self.hold(source).await?;
        }
        let pause = if more { 0 } else { i64::from(source.poll_seconds.get()) };
        self.end(source, self.hub.clock.now().plus_seconds(pause), None, false).await?;
        Ok(if more { Passed::More } else { Passed::Done })
    }

    /// Takes or refuses one arrival, writes the verdict down, and tells it.
    async fn receive(&self, source: &Source, connector: &dyn Inbound, arrival: Arrival) -> Result<(), Stop> {
        let (db, id) = (&self.hub.db, arrival.id.clone());
        if let Some(known) = store::decided(db, &source.id, &id).await? {
            // It came again, so the verdict was not heard.
            return self.tell(source, connector, known, true).await;
        }
        let (decided, again) = self.decide(source, arrival).await?;
        let now = self.hub.clock.now();
        db.write(&Arc::new(Decide), (source.id.clone(), id.clone(), decided.clone(), now)).await?;
        self.tell(source, connector, Unheard { id, decided, failures: 0 }, again).await
    }

    async fn decide(&self, source: &Source, mut arrival: Arrival) -> Result<(Decided, bool), Stop> {
        let refused = |reason: String| {
            let problem = json!({"code": "malformed-request", "status": 400, "detail": reason});
            let refusal = Refusal { reason: printable(&reason).into_owned(), problem };
            (Decided::Refused { refusal, receipt: None }, false)
        };
        if let Some(reason) = arrival.unreadable.take() {
            return Ok(refused(reason));
        }
        let mut submission = match reading::submission(&self.hub, source, arrival, self.limits).await {
            Ok(submission) => submission,
            Err(Unread::Wrong(reason)) => return Ok(refused(reason)),
            Err(Unread::Unavailable(error)) => {
                return Err(Stop::Hub(format!("conținutul nu poate fi păstrat: {error}")));
            }
        };
        submission.found = match self.inspector.inspect(&submission).await {
            Ok(found) => found,
            Err(NotInspected(reason)) => return Err(Stop::Hub(reason)),
        };
        match flow::accept(&self.hub, submission).await {
            Ok(acceptance) => Ok((Decided::Accepted(acceptance.message.id), acceptance.again)),
            Err(Refused::Halted(halt)) => Err(Stop::Hub(halt.in_romanian().to_owned())),
            Err(Refused::Unavailable(error)) => Err(Stop::Database(error)),
            Err(refused) => {
                let receipt = match &refused {
                    Refused::Rejected { evidence, .. } => Some(evidence.document.clone()),
                    _ => None,
                };
                Ok((Decided::Refused { refusal: (self.explain)(refused), receipt }, false))
            }
        }
    }

    /// Tells a verdict, and writes down whether it was heard.
    async fn tell(&self, source: &Source, connector: &dyn Inbound, unheard: Unheard, again: bool) -> Result<(), Stop> {
        let Some(verdict) = self.verdict(unheard.decided, again).await? else {
            return Err(Stop::Hub("recipisa nu poate fi citită încă".to_owned()));
        };
        let heard = self.holding(source, connector.acknowledge(&unheard.id, &verdict)).await?;
        let at = self.hub.clock.now();
        let failed = heard.err().map(|trouble| {
            let due_at = self.pause(&source.id, trouble.retry_after, unheard.failures + 1);
            (printable(&trouble.reason).into_owned(), due_at)
        });
        if let Some((reason, _)) = &failed {
            tracing::warn!(source = source.id, reason, "a verdict was not heard; it is told again");
        }
        let told = Told { source: source.id.clone(), id: unheard.id, at, failed };
        Ok(self.hub.db.write(&Arc::new(Tell), told).await?)
    }

    /// The verdict as the system gets it; none where the evidence of acceptance cannot be read yet.
    async fn verdict(&self, decided: Decided, again: bool) -> Result<Option<Verdict>, DbError> {
        let message = match decided {
            Decided::Refused { refusal, receipt } => {
                let receipt = receipt.map(Bytes::from);
                return Ok(Some(Verdict::Refused { reason: refusal.reason, problem: refusal.problem, receipt }));
            }
            Decided::Accepted(message) => message,
        };
        let held = submission::load(&self.hub.db, message).await?;
        let receipt = evidence::list(&self.hub.db, message).await?.into_iter().next();
        Ok(held.zip(receipt).map(|(held, receipt)| Verdict::Accepted {
            message_id: message.to_string(),
            number: Some(held.sender_registration.number),
            receipt: Bytes::from(receipt.document),
            again,
        }))
    }

    /// Keeps the source while the system is at work.
    async fn holding<T>(
        &self,
        source: &Source,
        call: impl Future<Output = Result<T, Trouble>>,
    ) -> Result<Result<T, Trouble>, Stop> {
        tokio::pin!(call);
        let mut took = Duration::ZERO;
        while took < LONGEST_CALL {
            match tokio::time::timeout(RENEWAL, &mut call).await {
                Ok(ended) => return Ok(ended),
                Err(_) => self.hold(source).await?,
            }
            took += RENEWAL;
        }
        Ok(Err(Trouble { reason: "sistemul nu a răspuns în timp util".to_owned(), retry_after: None }))
    }

    async fn hold(&self, source: &Source) -> Result<(), Stop> {
        let until = self.hub.clock.now().plus_seconds(HOLD_SECONDS);
        let held = self.hub.db.write(&Arc::new(Hold), (source.id.clone(), self.node, until)).await?;
        if held { Ok(()) } else { Err(Stop::Lost) }
    }

    async fn troubled(
        &self,
        source: &Source,
        reason: &str,
        retry_after: Option<Duration>,
        failures: i64,
    ) -> Result<Passed, DbError> {
        let due_at = self.pause(&source.id, retry_after, failures + 1);
        tracing::warn!(source = source.id, reason, "nothing could be fetched; trying again");
        self.end(source, due_at, Some(printable(reason).into_owned()), true).await?;
        Ok(Passed::Trouble)
    }

    async fn end(
        &self,
        source: &Source,
        due_at: Timestamp,
        error: Option<String>,
        failed: bool,
    ) -> Result<(), DbError> {
        let now = self.hub.clock.now();
        let polled = Polled { source: source.id.clone(), node: self.node, now, due_at, error, failed };
        self.hub.db.write(&Arc::new(EndPoll), polled).await
    }

    /// When to come again after so many failures: doubled pauses, for ever, since a source has no bound of patience.
    fn pause(&self, source: &str, retry_after: Option<Duration>, failures: i64) -> Timestamp {
        let now = self.hub.clock.now();
        let spread = source.bytes().fold(0_u64, |sum, byte| sum.wrapping_mul(31).wrapping_add(byte.into()));
        let history = History { side_effect: SideEffect::Repeatable, attempts: failures, since: now, now, spread };
        let policy = RetryPolicy {
            first_pause: self.hub.policy.retry.first_pause,
            longest_pause: LONGEST_PAUSE,
            give_up_after: Duration::from_secs(7 * 86_400),
        };
        let outcome = connectors_contract::Outcome::Unavailable { reason: String::new(), retry_after };
        match retry::after_sending(outcome, history, policy) {
            Next::SendAgain { at, .. } => at,
            _ => now.plus_seconds(LONGEST_PAUSE.as_secs().cast_signed()),
        }
    }

    /// Until when the holds of others have ended. One process alone uses an embedded database: whoever held something
    /// before it is gone.
    fn over(&self, now: Timestamp) -> Timestamp {
        if self.hub.db.is_embedded() { Timestamp(i64::MAX) } else { now }
    }
}
