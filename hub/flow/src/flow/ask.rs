//! Asking a register: permission, journal, an earlier answer or the register, and the end in the journal.
//!
//! A question is durable before the register hears of it, with a claimed job that outlives a fall: whoever finds it
//! later asks again where the register works on it, and otherwise notes that it was cut off. What was begun ends in the
//! journal even where the caller went away.

mod matter;
mod put;
mod call;
mod others;
mod close;
mod reread;

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use connectors_contract::{Answer, Exchange};
use schemas::Violation;

use crate::clock::Timestamp;
use crate::db::DbError;
use crate::directory::Permission;
use crate::hub::Hub;
use crate::lookup::decision::{self, Next, Situation};
use crate::lookup::reasons::Said;
use crate::lookup::{self, Copy, Ending, Entry, Lookup, Outcome, Waiting, Wish};
use crate::message::{Authentication, LookupId};
use crate::queue::Job;

use close::{Closing, Entering, close, closing, ended, given, with_reason};
use matter::Matter;
use put::Put;

pub(super) use close::{CloseQuestions, EnterQuestions};
pub use matter::{Askable, askable};
pub use reread::{NotRead, Reader, read_again, search_journal};

/// A question, or several, as the door takes them.
#[derive(Debug, Clone)]
pub struct Asking {
    /// The institution that asks.
    pub party: String,
    /// How it was known.
    pub authentication: Authentication,
    /// The system.
    pub system: String,
    /// Its operation.
    pub operation: String,
    /// Why, and who inside the institution.
    pub said: Said,
    /// How old an answer may be.
    pub wish: Wish,
}

/// Why nothing was asked.
#[derive(Debug)]
pub enum NotAsked {
    /// There is no such operation, or no channel of the directory leads to it.
    Unknown,
    /// The question breaks rules.
    Invalid(Vec<Violation>),
    /// No agreement allows it. That it was tried is in the journal.
    Denied {
        /// Its entry.
        id: LookupId,
        /// What comes nearest.
        permission: Permission,
    },
    /// It could not be written into the journal, so the register was not asked, or its end could not, so it is not told.
    Unrecorded(DbError),
}

impl From<DbError> for NotAsked {
    fn from(error: DbError) -> Self {
        Self::Unrecorded(error)
    }
}

/// Asks one question; answers where it stands then.
///
/// # Errors
/// [`NotAsked`] says why the register was not asked.
pub async fn ask(hub: &Arc<Hub>, asking: Asking, arguments: BTreeMap<String, String>) -> Result<Lookup, NotAsked> {
    let party = asking.party.clone();
    let matter = Matter::of(hub, asking)?;
    let put = Put::of(hub, &matter, &arguments, None).map_err(NotAsked::Invalid)?;
    let id = put.entry.id;
    enter(hub, &matter, std::slice::from_ref(&put)).await?;
    // On its own, so that it ends in the journal whoever goes away.
    let hub_of_task = Arc::clone(hub);
    let asked = tokio::spawn(async move { alone(&hub_of_task, &put).await });
    asked.await.expect("asking does not panic")?;
    standing(hub, &party, id).await
}

/// Asks several questions of one operation, in as few requests as the register allows; answers each in its place.
///
/// # Errors
/// [`NotAsked`] says why nothing at all was asked; a row's own error is its broken rules.
pub async fn ask_all(
    hub: &Arc<Hub>,
    asking: Asking,
    rows: &[BTreeMap<String, String>],
) -> Result<Vec<Result<Lookup, Vec<Violation>>>, NotAsked> {
    let party = asking.party.clone();
    let matter = Matter::of(hub, asking)?;
    let batch = Some(hub.ids.uuid(hub.clock.now()));
    let rows: Vec<_> = rows.iter().map(|arguments| Put::of(hub, &matter, arguments, batch)).collect();
    let ids: Vec<_> = rows.iter().map(|row| row.as_ref().map(|put| put.entry.id).map_err(Clone::clone)).collect();
    let puts: Vec<Put> = rows.into_iter().flatten().collect();
    enter(hub, &matter, &puts).await?;
    let hub_of_task = Arc::clone(hub);
    let asked = tokio::spawn(async move { together(&hub_of_task, puts).await });
    asked.await.expect("asking does not panic")?;
    let mut told = Vec::with_capacity(ids.len());
    for id in ids {
        told.push(match id {
            Ok(id) => Ok(standing(hub, &party, id).await?),
            Err(violations) => Err(violations),
        });
    }
    Ok(told)
}

async fn standing(hub: &Hub, party: &str, id: LookupId) -> Result<Lookup, NotAsked> {
    let lost = || DbError::Unavailable(format!("the question {id} is not readable yet"));
    Ok(lookup::load(&hub.db, party, id).await?.ok_or_else(lost)?)
}

/// Makes questions durable; those that nothing allows end here.
async fn enter(hub: &Hub, matter: &Matter, puts: &[Put]) -> Result<(), NotAsked> {
    let entries: Vec<Entry> = puts.iter().map(|put| put.entry.clone()).collect();
    let Some(first) = entries.first().map(|entry| entry.id) else { return Ok(()) };
    let now = hub.clock.now();
    let denial = |put: &Put| Ending { outcome: Outcome::Denied, ..Ending::at(put.entry.id, now) };
    let denied = match &matter.permission {
        Permission::Granted { .. } => None,
        _ => Some(puts.iter().map(denial).collect()),
    };
    let lease_end = hub.policy.lease_end(now);
    hub.db.write(&hub.verbs.enter, Entering { entries, denied, lease_end }).await?;
    match &matter.permission {
        Permission::Granted { .. } => Ok(()),
        other => Err(NotAsked::Denied { id: first, permission: other.clone() }),
    }
}

/// What a question that was put to the register came to, for all who asked it at once.
#[derive(Debug, Clone)]
pub(crate) enum Landed {
    /// It had been answered meanwhile.
    Copy(Copy),
    /// The register said something to this question.
    Told(LookupId, Arc<Told>),
    /// What it said could not be written, and is told to nobody.
    Failed(DbError),
}

/// What the register said, and when.
#[derive(Debug)]
pub(crate) struct Told {
    answer: Answer,
    exchange: Exchange,
    /// None where it was not called: a quota or a breaker held the question.
    asked: bool,
    at: Timestamp,
}

/// One question to its end, or to where the register works on it.
async fn alone(hub: &Hub, put: &Put) -> Result<(), DbError> {
    call::holding_leases(hub, &[put.entry.id], async {
        if let Some(copy) = fresh_copy(hub, put).await? {
            return close(hub, vec![Closing::End(Box::new(given(hub, put, &copy, false)))]).await;
        }
        // What is about a person is told to nobody but to whom asked.
        if put.personal {
            let told = call::register(hub, std::slice::from_ref(put)).await?;
            return conclude(hub, put, (put.entry.id, &told[0])).await;
        }
        loop {
            match hub.flights.share(put.digest, lead(hub, put)).await {
                Landed::Failed(error) => return Err(error),
                Landed::Told(by, _) if by == put.entry.id => return Ok(()),
                Landed::Told(by, told) => return conclude(hub, put, (by, &told)).await,
                Landed::Copy(copy) if put.takes(&copy, hub.clock.now()) => {
                    return close(hub, vec![Closing::End(Box::new(given(hub, put, &copy, false)))]).await;
                }
                // Good enough for whoever asked first, too old for this caller.
                Landed::Copy(_) => {}
            }
        }
    })
    .await
}

/// Asks for all who ask the same: it may have been answered since this question was written.
async fn lead(hub: &Hub, put: &Put) -> Landed {
    let asked = async {
        if let Some(copy) = fresh_copy(hub, put).await? {
            return Ok(Landed::Copy(copy));
        }
        let mut told = call::register(hub, std::slice::from_ref(put)).await?;
        let told = told.pop().expect("one answer for one question");
        conclude(hub, put, (put.entry.id, &told)).await?;
        Ok(Landed::Told(put.entry.id, Arc::new(told)))
    };
    asked.await.unwrap_or_else(Landed::Failed)
}

/// Several questions of one operation; the same one twice is put once.
async fn together(hub: &Hub, puts: Vec<Put>) -> Result<(), DbError> {
    let ids: Vec<LookupId> = puts.iter().map(|put| put.entry.id).collect();
    call::holding_leases(hub, &ids, async {
        let (mut closings, mut leaders, mut followers) = (Vec::new(), Vec::<Put>::new(), Vec::new());
        let mut by_digest = HashMap::new();
        for put in puts {
            if let Some(copy) = fresh_copy(hub, &put).await? {
                closings.push(Closing::End(Box::new(given(hub, &put, &copy, false))));
            } else if let Some(leader) = by_digest.get(&put.digest).copied().filter(|_| !put.personal) {
                followers.push((put, leader));
            } else {
                by_digest.insert(put.digest, leaders.len());
                leaders.push(put);
            }
        }
        let told = if leaders.is_empty() { Vec::new() } else { call::register(hub, &leaders).await? };
        for (put, told) in leaders.iter().zip(&told) {
            closings.push(closing(hub, put, (put.entry.id, told)).await?);
        }
        for (put, leader) in &followers {
            closings.push(closing(hub, put, (leaders[*leader].entry.id, &told[*leader])).await?);
        }
        close(hub, closings).await
    })
    .await
}

/// Takes a question up again whose job came due: the register works on it, or the hub fell while it asked.
pub(super) async fn again(hub: &Hub, job: &Job) -> Result<(), DbError> {
    let id = LookupId(job.subject);
    let Some(resumed) = lookup::resumed(&hub.db, id).await? else { return super::step::forget(hub, job).await };
    let now = hub.clock.now();
    let end = |outcome: Outcome, reason: &str| {
        let ending = Ending { outcome, ..Ending::at(id, now) };
        close(hub, vec![Closing::End(Box::new(with_reason(hub, ending, None, reason.to_owned())))])
    };
    let Some(waiting) = resumed.waiting else {
        return end(Outcome::Interrupted, "hubul s-a oprit în timp ce întreba; puneți întrebarea din nou").await;
    };
    let Some(put) = Put::resumed(hub, &resumed.entry) else {
        let reason =
            "registrul nu mai poate fi întrebat pe canalul pe care lucra la răspuns; puneți întrebarea din nou";
        return end(Outcome::Unavailable, reason).await;
    };
    let put = put.with_request(waiting.request.as_deref());
    call::holding_leases(hub, &[id], async {
        let told = call::register(hub, std::slice::from_ref(&put)).await?.pop().expect("one answer for one question");
        let asks = waiting.asks + i64::from(told.asked);
        let now = hub.clock.now();
        let situation = Situation { asks: asks.max(2), ends_at: waiting.ends_at, now, stale: None };
        let next = decision::after(&told.answer, situation, &hub.policy.lookups);
        let closing = match next {
            Next::Wait { request, next_at, reason } => {
                let request = request.or(waiting.request);
                Closing::Wait(Waiting { request, asks, reason, next_at, ..waiting })
            }
            next => Closing::End(Box::new(ended(hub, &put, (id, &told), next))),
        };
        close(hub, vec![closing]).await
    })
    .await
}

async fn fresh_copy(hub: &Hub, put: &Put) -> Result<Option<Copy>, DbError> {
    if put.fresh_for.is_none() || put.personal {
        return Ok(None);
    }
    let copy = lookup::copy(&hub.db, put.digest).await?;
    Ok(copy.filter(|copy| put.takes(copy, hub.clock.now())))
}

async fn conclude(hub: &Hub, put: &Put, told: (LookupId, &Told)) -> Result<(), DbError> {
    let closing = closing(hub, put, told).await?;
    close(hub, vec![closing]).await
}
