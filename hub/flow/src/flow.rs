//! The road of a message, on one page.
//!
//! ```text
//! accept :  check ─► [ receive ─► register ─► evidence ─► keep ─► enqueue ]          one transaction, then 201
//! advance:  route ─► translate ─► [ deliveries ─► register ─► evidence ─► enqueue ]
//!           breaker and quota, or wait ─► deliver or ask ─► [ change ─► register ─► evidence ─► reschedule ]
//!           notify ─► [ change ─► evidence ─► what waits ]
//!           relay to another service ─► [ its evidence ─► change ─► evidence ─► what waits ]
//! admit  :  believe ─► check ─► accept, by B.1 instead of A.1 ─► ... ─► report to the service it came from
//! hear   :  believe ─► [ its evidence ─► change ]
//! settle :  the recipient consents, accepts or rejects ─► [ change ─► register ─► evidence ]
//! replay :  a person says what became of a dead letter, or sends it again ─► [ change ─► evidence ─► journal ], or accept
//! enter  :  a clerk brings a document ─► [ seen before? ─► issuer ─► register ]
//! record :  what a clerk does to an entry ─► [ act on it ]
//! look   :  the recipient looks for the first time ─► [ evidence ]
//! file   :  what has ended ─► vault ─► [ dossier ─► documents ─► register ], and destroys what a selection decided
//! entry  :  what institutions do with entries of their registers, and their terms: `flow/registry.rs`
//! close  :  one clerk draws a year's closing up, another approves ─► [ strike ─► seal ─► close the series ]
//! push   :  open a file ─► [ its rows ] ─► accept each row ─► [ its verdict ]
//! ask    :  permission ─► [ journal ─► enqueue ] ─► a copy, or breaker and quota ─► the register ─► [ its end ─► what waits ]
//! ```
//!
//! Square brackets are transactions: state, evidence, register entry and next job commit together, and no target is
//! called inside one. Stages do not know each other; their order stands here and in the verbs below this page.

mod accept;
mod reject;
mod route;
mod deliver;
mod held;
mod notify;
mod relay;
mod admit;
mod report;
mod hear;
mod settle;
mod replay;
mod access;
mod ask;
mod filing;
mod enter;
mod likeness;
mod record;
mod registry;
mod correspondence;
mod close;
mod continue_register;
mod step;
mod push;
pub mod transfer;

use std::collections::HashMap;
use std::io::ErrorKind;
use std::sync::Arc;

use schemas::Violation;

use crate::clock::Timestamp;
use crate::db::DbError;
use crate::evidence::Evidence;
use crate::hub::{Hub, Parts};
use crate::message::{Message, MessageId, Submission};
use crate::queue::{Job, JobKind};
use crate::relay::NewReceived;
use crate::standing::Halt;
use crate::validation::{self, Problem, Rules};
use crate::{breaker, dead_letters, encryption, evidence, queue, quota, submission};

pub use access::{Look, look};
pub use admit::{Admitted, Dispatched, NotAdmitted, admit};
pub(crate) use ask::Landed;
pub use ask::{Askable, Asking, NotAsked, NotRead, Reader, ask, ask_all, askable, read_again, search_journal};
pub use close::{Proposed, UNUSED, approve_closing, propose_closing};
pub use continue_register::{Continued, Row as ContinuedRow, continue_register};
pub use correspondence::{
    Came, Coming, Going, Held, Lines, MOST, Open, Page, Related, SCAN, Sent, SentTo, Whose, Work, came, entries_of,
    sent, taking, work,
};
pub use enter::{Entered, Entering, NotEntered, enter};
pub use filing::{Archivist, ArchivistError, Kept, NotKept, Turn, Uploading, act_on_archive, keep_contents};
pub use hear::{NotHeard, hear};
pub use push::{Opener, Pushed};
pub use record::{NotRecorded, Recording, anonymise, record};
pub use registry::{
    Assignment, By, Changed, Closing, Extension, NotDone, NotRedirected, Orphan, Outcome, Redirected, Redirection,
    Resolution, Scan, Told, Verdict, approve, assign, close, complete_part, decide_extension, dispatch, orphans,
    propose_extension, redirect, resolve, resume, suspend, take_up, watch,
};
pub use replay::{Finding, NotReplayed, Replayed, replay, state};
pub use settle::{Actor, Settled, Settlement, Unsettled, settle};

/// An accepted message with the evidence of its acceptance: what the first answer is made of.
#[derive(Debug, Clone)]
pub struct Acceptance {
    /// The message.
    pub message: Arc<Message>,
    /// `SubmissionAcceptance`, sealed.
    pub evidence: Evidence,
    /// Whether this very submission was accepted before.
    pub again: bool,
    /// What a person should look at, though it refuses nothing.
    pub warnings: Vec<Violation>,
}

/// Why a submission was not accepted.
#[derive(Debug)]
pub enum Refused {
    /// It breaks rules; the evidence of its rejection is all that remains of it.
    Rejected {
        /// The problem as a whole.
        problem: Problem,
        /// Every rule it breaks.
        violations: Vec<Violation>,
        /// `SubmissionRejection`, sealed.
        evidence: Evidence,
    },
    /// The sender used the idempotency key before for another document.
    Conflict {
        /// The message that has the key.
        first: MessageId,
    },
    /// No evidence may be issued now, so nothing is taken.
    Halted(Halt),
    /// The hub cannot make anything durable now; nothing was taken.
    Unavailable(DbError),
}

impl From<DbError> for Refused {
    fn from(error: DbError) -> Self {
        Self::Unavailable(error)
    }
}

impl From<std::io::Error> for Refused {
    fn from(error: std::io::Error) -> Self {
        Self::Unavailable(match error.kind() {
            ErrorKind::StorageFull | ErrorKind::QuotaExceeded => DbError::Full(error.to_string()),
            _ => DbError::Unavailable(error.to_string()),
        })
    }
}

/// The door: a submission becomes a durable, registered message with a receipt, or nothing but a rejection.
///
/// # Errors
/// [`Refused`] says why nothing was taken.
pub async fn accept(hub: &Hub, submission: Submission) -> Result<Acceptance, Refused> {
    if let Some(halt) = hub.halted() {
        return Err(Refused::Halted(halt));
    }
    let now = hub.clock.now();
    let mut violations = checked(hub, &submission).await?;
    violations.extend(submission.found.iter().cloned());
    let id = MessageId(hub.ids.uuid(now));
    if validation::refuses(&violations) {
        // What was accepted once is answered as it was, even if the rules have changed since.
        if let Some(first) = submission::accepted(&hub.db, &submission).await? {
            return Ok(accepted_before(hub, first).await?);
        }
        let problem = Problem::of(&violations);
        let rejected = reject::Rejected::new(hub, id, submission, problem, &violations);
        let evidence = hub.db.write(&hub.verbs.reject, rejected).await?;
        return Err(Refused::Rejected { problem, violations, evidence });
    }
    match take(hub, id, submission, Vec::new()).await? {
        accept::Accepted::New(message, evidence) => {
            Ok(Acceptance { message, evidence: *evidence, again: false, warnings: violations })
        }
        accept::Accepted::Again(first) => {
            let mut acceptance = accepted_before(hub, first).await?;
            acceptance.warnings = violations;
            Ok(acceptance)
        }
        accept::Accepted::Conflict(first) => Err(Refused::Conflict { first }),
    }
}

/// Every rule a submission breaks, warnings among them, and nothing of it kept: what [`accept`] would say first.
///
/// # Errors
/// The database does not answer.
pub async fn checked(hub: &Hub, submission: &Submission) -> Result<Vec<Violation>, DbError> {
    let now = hub.clock.now();
    let directory = hub.directory();
    let code_lists = hub.code_lists();
    let rules =
        Rules { directory: &directory, catalogue: &hub.catalogue, code_lists: &code_lists, day: now.romanian_date() };
    let mut violations = validation::check(rules, submission);
    if submission.envelope.is_sealed() {
        violations.extend(sealing(hub, submission, now).await?);
    }
    Ok(violations)
}

/// Whether a sealed document is sealed for everybody it is sent to, by the keys they published.
async fn sealing(hub: &Hub, submission: &Submission, now: Timestamp) -> Result<Vec<Violation>, DbError> {
    let mut keys = HashMap::new();
    for recipient in submission.envelope.recipients.iter().take(encryption::jwe::MOST_RECIPIENTS) {
        keys.insert(recipient.party.clone(), encryption::keys_of(&hub.db, &recipient.party).await?);
    }
    Ok(encryption::violations(submission, &keys, now))
}

/// Makes a checked submission durable, and sends a new message on its way.
async fn take(
    hub: &Hub,
    id: MessageId,
    mut submission: Submission,
    received: Vec<NewReceived>,
) -> Result<accept::Accepted, Refused> {
    // The bytes must be durable before the commit that names them.
    hub.blobs.settle(std::mem::take(&mut submission.staged)).await?;
    let place = hub.onward.place();
    let accepting = accept::Accepting::new(hub, id, submission, place.is_some()).with(received);
    let accepted = hub.db.write(&hub.verbs.accept, accepting).await?;
    if let accept::Accepted::New(message, _) = &accepted {
        match place {
            Some(place) => drop(place.send(Arc::clone(message))),
            None => hub.wake.ring(),
        }
    }
    Ok(accepted)
}

async fn accepted_before(hub: &Hub, first: MessageId) -> Result<Acceptance, DbError> {
    let lost = || DbError::Unavailable(format!("the message {first} is not readable yet"));
    let message = submission::load(&hub.db, first).await?.ok_or_else(lost)?;
    let evidence = evidence::list(&hub.db, first).await?.into_iter().next().ok_or_else(lost)?;
    Ok(Acceptance { message: Arc::new(message), evidence, again: true, warnings: Vec::new() })
}

/// The road: takes a claimed job one step further, and straight on while the next step is its own.
///
/// # Errors
/// The database failed; the job comes due again when its lease ends.
pub async fn advance(hub: &Hub, job: Job) -> Result<(), DbError> {
    match job.kind {
        JobKind::Route => match submission::load(&hub.db, MessageId(job.subject)).await? {
            Some(message) => set_off(hub, Arc::new(message)).await,
            None => step::forget(hub, &job).await,
        },
        JobKind::Deliver => match deliver::load(hub, &job).await? {
            Some(journey) => deliver::deliver(hub, job, journey).await,
            None => step::forget(hub, &job).await,
        },
        JobKind::Notify => notify::notify(hub, job).await,
        JobKind::Expire => settle::expire(hub, &job).await,
        JobKind::Report => report::report(hub, job).await,
        JobKind::Ask => ask::again(hub, &job).await,
    }
}

/// The road from its beginning: routes a message whose job is claimed, and goes straight on with its deliveries.
///
/// # Errors
/// The database failed; the job comes due again when its lease ends.
pub async fn set_off(hub: &Hub, message: Arc<Message>) -> Result<(), DbError> {
    let journeys = route::route(hub, message).await?;
    let onward = journeys.into_iter().map(|(job, journey)| deliver::deliver(hub, job, journey));
    futures_util::future::try_join_all(onward).await?;
    Ok(())
}

/// The verbs that write, in the order they run within one transaction.
pub(crate) struct Verbs {
    reject: Arc<reject::Reject>,
    accept: Arc<accept::Accept>,
    route: Arc<route::Route>,
    step: Arc<step::TakeStep>,
    look: Arc<access::RecordLook>,
    hear: Arc<hear::HearEvidence>,
    told: Arc<report::RecordTold>,
    register: Arc<enter::Enter>,
    record: Arc<record::Record>,
    anonymise: Arc<record::Anonymise>,
    enter: Arc<ask::EnterQuestions>,
    close: Arc<ask::CloseQuestions>,
    close_year: Arc<close::CloseYear>,
    continue_register: Arc<continue_register::ContinueRegister>,
    forget: Arc<queue::ForgetJob>,
    renew: Arc<queue::PostponeJob>,
    pub(crate) forward: Arc<queue::BringForward>,
    act: Arc<dead_letters::RecordAct>,
    pub(crate) permits: Arc<quota::TakePermits>,
    pub(crate) breaker: Arc<breaker::MoveBreaker>,
    entry_act: Arc<registry::ActOnEntry>,
    steps: Arc<registry::RecordSteps>,
    places: Arc<registry::RecordPlaces>,
}

impl Verbs {
    pub(crate) fn new(parts: &Parts, journal_chain: uuid::Uuid) -> Self {
        let desk = Desk {
            seal: parts.seal.clone(),
            clock: Arc::clone(&parts.clock),
            ids: Arc::clone(&parts.ids),
            deadlines: Arc::clone(&parts.deadlines),
        };
        let (clock, ids) = (Arc::clone(&parts.clock), Arc::clone(&parts.ids));
        Self {
            reject: Arc::new(reject::Reject(desk.clone())),
            accept: Arc::new(accept::Accept { desk: desk.clone(), policy: parts.policy }),
            route: Arc::new(route::Route { desk: desk.clone(), policy: parts.policy, journal_chain }),
            step: Arc::new(step::TakeStep(desk.clone())),
            look: Arc::new(access::RecordLook(desk.clone())),
            hear: Arc::new(hear::HearEvidence { desk: desk.clone(), policy: parts.policy }),
            register: Arc::new(enter::Enter(desk.clone())),
            record: Arc::new(record::Record(desk.clone())),
            anonymise: Arc::new(record::Anonymise(desk.clone())),
            close_year: Arc::new(close::CloseYear(desk.clone())),
            continue_register: Arc::new(continue_register::ContinueRegister(desk.clone())),
            told: Arc::new(report::RecordTold(desk)),
            enter: Arc::new(ask::EnterQuestions { journal_chain }),
            close: Arc::new(ask::CloseQuestions),
            forget: Arc::new(queue::ForgetJob),
            renew: Arc::new(queue::PostponeJob),
            forward: Arc::new(queue::BringForward),
            act: Arc::new(dead_letters::RecordAct),
            permits: Arc::default(),
            breaker: Arc::new(breaker::MoveBreaker),
            entry_act: Arc::new(registry::ActOnEntry(Arc::clone(&parts.deadlines))),
            steps: Arc::new(registry::RecordSteps {
                deadlines: Arc::clone(&parts.deadlines),
                clock: Arc::clone(&clock),
                ids: Arc::clone(&ids),
            }),
            places: Arc::new(registry::RecordPlaces { clock, ids }),
        }
    }
}

/// What a writing verb needs beside its items.
#[derive(Clone)]
struct Desk {
    seal: evidence::Seal,
    clock: Arc<dyn crate::clock::Clock>,
    ids: Arc<dyn crate::message::Ids>,
    deadlines: Arc<crate::deadline::Deadlines>,
}
