//! One act on an entry with what it changes beside it: the term and the path; one transaction.

use std::sync::Arc;

use hub_deadlines::{Length, NotExtended};
use jiff::civil::Date;
use serde_json::Value as Json;

use crate::assignment::{self, LegState, NewLeg};
use crate::clock::Timestamp;
use crate::db::{DbError, Tx, WriteVerb};
use crate::deadline::{self, Deadlines, Held};
use crate::hub::Hub;
use crate::message::MessageId;
use crate::params;
use crate::registration::{self, Author, Effect, Entry, EntryKey, NewAct, NotActed, State};

/// Times an act is tried anew when the entry changed under it.
const TRIES: usize = 4;

/// Who acts, and how many acts that person knew of.
#[derive(Debug, Clone)]
pub struct By {
    /// Clerk and unit.
    pub author: Author,
    /// The number of acts the author saw; an entry with another count refuses the act. None: whatever there is.
    pub expected: Option<i64>,
}

/// What a second clerk says to what another proposed.
#[derive(Debug, Clone)]
pub struct Verdict {
    /// Whether it is done.
    pub approved: bool,
    /// Why not; nothing is refused without a reason.
    pub reason: Option<String>,
}

/// How an entry stands after an act.
#[derive(Debug, Clone)]
pub struct Changed {
    /// The act's number.
    pub act_number: i64,
    /// Status, particulars, person.
    pub state: State,
    /// The last day of the term; none where it stands, or where there is none.
    pub due_on: Option<Date>,
}

/// Why nothing was done to an entry.
#[derive(Debug, Clone, thiserror::Error)]
pub enum NotDone {
    /// The institution has no such entry.
    #[error("there is no such entry")]
    NotFound,
    /// The entry's state, its number of acts or the rule of two people does not allow it.
    #[error(transparent)]
    Refused(NotActed),
    /// The clerk's unit does not have the document.
    #[error("the document is with {has:?}")]
    WrongUnit {
        /// The units that have it.
        has: Vec<String>,
    },
    /// The register knows no such unit.
    #[error("the register knows no unit {0}")]
    UnknownUnit(String),
    /// The entry has no term that this could change.
    #[error("the entry has no term")]
    NoTerm,
    /// The term stands already, or runs.
    #[error("the term is suspended: {0}")]
    Suspended(bool),
    /// The term ended before.
    #[error("the term ended on {0}")]
    Over(Date),
    /// The extension is not what the rule allows.
    #[error(transparent)]
    NotExtended(NotExtended),
    /// The database failed; nothing was done.
    #[error(transparent)]
    Unavailable(#[from] DbError),
}

impl From<NotActed> for NotDone {
    fn from(not: NotActed) -> Self {
        if not == NotActed::NotFound { Self::NotFound } else { Self::Refused(not) }
    }
}

/// What an act changes of the term.
#[derive(Debug, Clone, Default)]
pub(crate) enum TermChange {
    #[default]
    None,
    /// Who hears from now on that it is overdue.
    EscalateTo(Option<String>),
    Suspend,
    Resume,
    /// Only whether it would be allowed.
    Try(Wanted),
    Extend(Wanted),
}

/// An extension that is wanted.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Wanted {
    pub(crate) length: Length,
    /// The day the person was told.
    pub(crate) told: Option<Date>,
    /// The day it was proposed: who decides later takes nothing away.
    pub(crate) proposed: Date,
}

/// What an act changes of the path.
#[derive(Debug, Clone, Default)]
pub(crate) enum PathChange {
    #[default]
    None,
    /// These units have it from now on, and no others.
    Give(Vec<NewLeg>),
    /// A clerk of this unit works on it.
    TakeUp(String, String),
    /// This unit did its part.
    Part(String),
    /// Everybody did theirs.
    End,
    /// Everybody did theirs, and the document goes on to another institution.
    Redirect { competent: String, message: MessageId },
}

/// An act with what it changes.
pub(crate) struct EntryAct {
    pub(crate) act: NewAct,
    pub(crate) term: TermChange,
    pub(crate) path: PathChange,
}

/// Writes acts of people.
pub(crate) struct ActOnEntry(pub(crate) Arc<Deadlines>);

impl WriteVerb for ActOnEntry {
    type Item = EntryAct;
    type Output = Result<Changed, NotDone>;
    const ORDER: u16 = 930;

    async fn run(&self, tx: &mut Tx<'_>, items: &[EntryAct]) -> Result<Vec<Self::Output>, DbError> {
        let keys: Vec<&EntryKey> = items.iter().map(|item| &item.act.key).collect();
        let mut terms = deadline::lock(tx, &keys).await?;
        let mut outputs = Vec::with_capacity(items.len());
        // One by one, and people do not come in hundreds: a term moves only with its act.
        for EntryAct { act, term, path } in items {
            let mut held = terms.get(&act.key).cloned();
            if let Err(not) = term.apply(held.as_mut(), &self.0, act.at) {
                outputs.push(Err(not));
                continue;
            }
            let acted = registration::act(tx, std::slice::from_ref(act)).await?;
            let acted = match acted.into_iter().next().expect("one act has one answer") {
                Ok(acted) => acted,
                Err(not) => {
                    outputs.push(Err(not.into()));
                    continue;
                }
            };
            path.apply(tx, &act.key, act.at).await?;
            let mut due_on = None;
            if let Some(held) = held {
                deadline::put(tx, &self.0, &[(&act.key, &held)]).await?;
                due_on = held.running.as_ref().and_then(|running| running.due(&self.0.calendar).ok().flatten());
                terms.insert(act.key.clone(), held);
            }
            outputs.push(Ok(Changed { act_number: acted.act_number, state: acted.state, due_on }));
        }
        Ok(outputs)
    }
}

impl TermChange {
    fn apply(&self, held: Option<&mut Held>, with: &Deadlines, at: Timestamp) -> Result<(), NotDone> {
        let today = at.romanian_date();
        match (self, held) {
            (Self::None, _) | (Self::EscalateTo(_), None) => return Ok(()),
            (Self::EscalateTo(clerk), Some(held)) => {
                held.escalate_to.clone_from(clerk);
                return Ok(());
            }
            (_, None) => return Err(NotDone::NoTerm),
            (change, Some(held)) => {
                let running = held.running.as_mut().ok_or(NotDone::NoTerm)?;
                let uncounted = |error| NotDone::NotExtended(NotExtended::NotCounted(error));
                match change {
                    Self::Suspend => {
                        let due = running.due(&with.calendar).map_err(uncounted)?.ok_or(NotDone::Suspended(true))?;
                        if today > due {
                            return Err(NotDone::Over(due));
                        }
                        running.term.suspend(today);
                    }
                    Self::Resume => {
                        running.term.paused().ok_or(NotDone::Suspended(false))?;
                        running.term.resume(today);
                    }
                    Self::Try(wanted) => {
                        let mut tried = running.term.clone();
                        wanted.extend(&mut tried, running, with)?;
                        return Ok(());
                    }
                    Self::Extend(wanted) => {
                        let mut extended = running.term.clone();
                        wanted.extend(&mut extended, running, with)?;
                        running.term = extended;
                    }
                    Self::None | Self::EscalateTo(_) => {}
                }
                held.settle(&with.calendar, at).map_err(uncounted)?;
            }
        }
        Ok(())
    }
}

impl Wanted {
    fn extend(
        self,
        term: &mut hub_deadlines::Term,
        running: &deadline::Running,
        with: &Deadlines,
    ) -> Result<Date, NotDone> {
        let days = (self.proposed, self.told);
        term.extend(&running.rule, self.length, days, &with.calendar).map_err(NotDone::NotExtended)
    }
}

impl PathChange {
    async fn apply(&self, tx: &mut Tx<'_>, key: &EntryKey, at: Timestamp) -> Result<(), DbError> {
        match self {
            Self::None => Ok(()),
            Self::Give(legs) => {
                assignment::leave(tx, key, None, (LegState::TakenBack, at)).await?;
                assignment::enter(tx, key, legs, at).await
            }
            Self::TakeUp(unit, clerk) => assignment::take_up(tx, key, unit, clerk).await,
            Self::Part(unit) => assignment::leave(tx, key, Some(unit), (LegState::Done, at)).await,
            Self::End => assignment::leave(tx, key, None, (LegState::Done, at)).await,
            Self::Redirect { competent, message } => {
                assignment::leave(tx, key, None, (LegState::Done, at)).await?;
                let sql = "insert into redirection (party, register, year, number, competent, message_id, at)
                           values ($1, $2, $3, $4, $5, $6, $7)";
                let set = params![&key.party, &key.register, key.year, key.number, competent, *message, at.0];
                tx.execute_each(sql, vec![set]).await.map(drop)
            }
        }
    }
}

/// What a verb makes of an entry as it stands: the word, what is kept of it, what it changes.
pub(super) struct Made {
    pub(super) act: &'static str,
    pub(super) content: Json,
    pub(super) effect: Effect,
    pub(super) term: TermChange,
    pub(super) path: PathChange,
}

/// Does to an entry what `make` says of it as it stands. Where it changed meanwhile, it is looked at anew, unless the
/// author named how many acts there must be.
pub(super) async fn act(
    hub: &Hub,
    key: &EntryKey,
    by: &By,
    make: impl Fn(&Entry) -> Result<Made, NotDone>,
) -> Result<Changed, NotDone> {
    let mut tries = TRIES;
    loop {
        let entry = registration::find(&hub.db, key).await?.ok_or(NotDone::NotFound)?;
        let Made { act, content, effect, term, path } = make(&entry)?;
        let act = NewAct {
            key: key.clone(),
            act: act.to_owned(),
            content,
            author: by.author.clone(),
            expected: Some(by.expected.unwrap_or(entry.state.acts)),
            effect,
            salt: hub.ids.salt(),
            at: hub.clock.now(),
        };
        let done = hub.db.write(&hub.verbs.entry_act, EntryAct { act, term, path }).await?;
        tries -= 1;
        match done {
            Err(NotDone::Refused(NotActed::Outdated { .. })) if by.expected.is_none() && tries > 0 => {}
            done => return done,
        }
    }
}

/// The units that have the document on their path, the author's among them; none where it was assigned by nobody, or only
/// named at the registration, and then to the author's unit.
///
/// # Errors
/// [`NotDone::WrongUnit`] where others have it.
pub(super) async fn has_it(hub: &Hub, key: &EntryKey, author: &Author) -> Result<Vec<String>, NotDone> {
    let path = assignment::path(&hub.db, key).await?;
    let open: Vec<String> = path.into_iter().filter(|leg| leg.left_at.is_none()).map(|leg| leg.unit).collect();
    let mut has = open.clone();
    if has.is_empty() {
        let entry = registration::find(&hub.db, key).await?.ok_or(NotDone::NotFound)?;
        has.extend(entry.state.particulars.unit);
    }
    if has.is_empty() || author.unit.as_ref().is_some_and(|unit| has.contains(unit)) {
        return Ok(open);
    }
    Err(NotDone::WrongUnit { has })
}
