//! The beginnings and ends of questions: what follows what the register said, and how it comes into the journal.

use connectors_contract::Answer;

use crate::access_journal;
use crate::clock::Timestamp;
use crate::db::{DbError, Tx, WriteVerb};
use crate::hub::Hub;
use crate::lookup::decision::{self, Next, Situation};
use crate::lookup::{self, Content, Copy, DocumentFacts, Ending, Entry, Waiting};
use crate::message::LookupId;
use crate::queue::{self, Job, JobKind};

use super::Told;
use super::put::Put;

/// What follows for a question from what the register said, to it or to the same one of somebody else.
pub(super) async fn closing(hub: &Hub, put: &Put, (by, told): (LookupId, &Told)) -> Result<Closing, DbError> {
    let wants_old = put.wish.allow_stale && put.fresh_for.is_some() && !put.personal;
    let copy = match &told.answer {
        Answer::Unavailable { .. } if wants_old => lookup::copy(&hub.db, put.digest).await?,
        _ => None,
    };
    let (now, policy) = (hub.clock.now(), &hub.policy.lookups);
    let ends_at = policy.end(now);
    let situation = Situation { asks: 1, ends_at, now, stale: copy.as_ref() };
    Ok(match decision::after(&told.answer, situation, policy) {
        Next::Wait { request, next_at, reason } => {
            Closing::Wait(Waiting { id: put.entry.id, request, asks: 1, reason, next_at, ends_at })
        }
        next => Closing::End(Box::new(ended(hub, put, (by, told), next))),
    })
}

/// The end of a question, by what follows what the register said.
pub(super) fn ended(hub: &Hub, put: &Put, (by, told): (LookupId, &Told), next: Next) -> Ending {
    let own = by == put.entry.id && told.asked;
    let base = Ending {
        answered_at: told.at,
        took: own.then_some(told.exchange.took),
        status: told.exchange.status.filter(|_| own),
        sent_sha256: told.exchange.sent_sha256.filter(|_| own),
        ..Ending::at(put.entry.id, hub.clock.now())
    };
    match next {
        Next::GiveCopy(copy) => given(hub, put, &copy, true),
        Next::Answer { outcome, as_of, .. } if by != put.entry.id => {
            Ending { outcome, as_of, copied: Some((by, false)), ..base }
        }
        Next::Answer { outcome, value, as_of, document } => {
            let document = document.map(DocumentFacts::of);
            let erase_at = hub.policy.lookups.erase_at(base.ended_at);
            let content = Some(Content { value, document, erase_at, ..Content::default() });
            let repeatable = put.fresh_for.filter(|_| !put.personal).map(|_| put.digest);
            Ending { outcome, as_of, content, repeatable, ..base }
        }
        Next::End { outcome, code, reason, retry_at } => {
            with_reason(hub, Ending { outcome, retry_at, ..base }, code, reason)
        }
        Next::Wait { .. } => unreachable!("whoever calls this has seen that it does not wait"),
    }
}

/// An earlier answer, given again.
pub(super) fn given(hub: &Hub, put: &Put, copy: &Copy, stale: bool) -> Ending {
    let copied = Some((copy.id, stale));
    let (outcome, as_of, answered_at) = (copy.outcome, copy.as_of.clone(), copy.answered_at);
    Ending { outcome, as_of, copied, answered_at, ..Ending::at(put.entry.id, hub.clock.now()) }
}

pub(super) fn with_reason(hub: &Hub, ending: Ending, code: Option<String>, reason: String) -> Ending {
    let erase_at = hub.policy.lookups.erase_at(ending.ended_at);
    Ending { content: Some(Content { code, reason: Some(reason), erase_at, ..Content::default() }), ..ending }
}

pub(super) async fn close(hub: &Hub, closings: Vec<Closing>) -> Result<(), DbError> {
    hub.db.write(&hub.verbs.close, closings).await
}

/// Questions on their way into the journal.
pub(in crate::flow) struct Entering {
    pub entries: Vec<Entry>,
    /// Their ends, where no agreement allows them.
    pub denied: Option<Vec<Ending>>,
    /// So long this process has their jobs.
    pub lease_end: Timestamp,
}

/// Writes questions before anybody is asked.
pub(in crate::flow) struct EnterQuestions {
    /// The chain of the journal.
    pub(in crate::flow) journal_chain: uuid::Uuid,
}

impl WriteVerb for EnterQuestions {
    type Item = Entering;
    type Output = ();
    const ORDER: u16 = 70;

    async fn run(&self, tx: &mut Tx<'_>, items: &[Entering]) -> Result<Vec<()>, DbError> {
        let entries: Vec<Entry> = items.iter().flat_map(|item| item.entries.iter().cloned()).collect();
        lookup::enter(tx, &entries).await?;
        let links: Vec<_> = entries.iter().map(|entry| (entry.id.0, entry.digest())).collect();
        access_journal::link(tx, self.journal_chain, &links).await?;
        for item in items {
            let questions = item.entries.iter().filter(|entry| entry.is_question());
            match &item.denied {
                Some(endings) => lookup::end(tx, endings).await?,
                None => {
                    let job = |entry: &Entry| Job {
                        kind: JobKind::Ask,
                        subject: entry.id.0,
                        due_at: item.lease_end,
                        claims: 1,
                    };
                    queue::enqueue(tx, &questions.map(job).collect::<Vec<_>>()).await?;
                }
            }
        }
        Ok(vec![(); items.len()])
    }
}

/// What a question came to, on its way into the journal.
pub(in crate::flow) enum Closing {
    End(Box<Ending>),
    Wait(Waiting),
}

/// Writes what questions came to, and when those are asked again that the register works on.
pub(in crate::flow) struct CloseQuestions;

impl WriteVerb for CloseQuestions {
    type Item = Vec<Closing>;
    type Output = ();
    const ORDER: u16 = 71;

    async fn run(&self, tx: &mut Tx<'_>, items: &[Vec<Closing>]) -> Result<Vec<()>, DbError> {
        let (mut endings, mut waiting) = (Vec::new(), Vec::new());
        for closing in items.iter().flatten() {
            match closing {
                Closing::End(ending) => endings.push((**ending).clone()),
                Closing::Wait(one) => waiting.push(one.clone()),
            }
        }
        lookup::end(tx, &endings).await?;
        queue::finish(tx, &endings.iter().map(|ending| ending.id.0).collect::<Vec<_>>()).await?;
        lookup::wait(tx, &waiting).await?;
        queue::reschedule(tx, &waiting.iter().map(|one| (one.id.0, one.next_at)).collect::<Vec<_>>()).await?;
        Ok(vec![(); items.len()])
    }
}
