//! Watching terms: warnings, overdue and escalation are recorded once each, whoever looks and however often.
//!
//! Any number of nodes may look. Whoever records a step holds the row of the deadline, and looks there whether it is
//! recorded already; step, act and notice commit together.

use std::sync::Arc;

use serde_json::json;

use crate::clock::Clock;
use crate::db::{DbError, Row, Tx, WriteVerb};
use crate::deadline::{self, Addressee, Deadlines, Held, NewNotice, Passing, Step};
use crate::hub::Hub;
use crate::message::{Ids, Registration};
use crate::params;
use crate::registration::{self, Author, Effect, EntryKey, NewAct, Status};

/// Looks once: records what has come due, and which numbers redirected documents got; answers how many acts that were.
///
/// # Errors
/// The database failed; what was not recorded comes again.
pub async fn watch(hub: &Hub) -> Result<usize, DbError> {
    let passing = deadline::due_looks(&hub.db, hub.clock.now()).await?;
    let steps = if passing.is_empty() { 0 } else { hub.db.write(&hub.verbs.steps, passing).await? };
    let places = arrived(hub).await?;
    let arrived = if places.is_empty() { 0 } else { hub.db.write(&hub.verbs.places, places).await? };
    Ok(steps + arrived)
}

/// Records steps of terms.
pub(crate) struct RecordSteps {
    pub(crate) deadlines: Arc<Deadlines>,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) ids: Arc<dyn Ids>,
}

impl WriteVerb for RecordSteps {
    type Item = Vec<Passing>;
    type Output = usize;
    const ORDER: u16 = 931;

    async fn run(&self, tx: &mut Tx<'_>, items: &[Vec<Passing>]) -> Result<Vec<usize>, DbError> {
        let mut outputs = Vec::with_capacity(items.len());
        for item in items {
            outputs.push(self.record(tx, item).await?);
        }
        Ok(outputs)
    }
}

impl RecordSteps {
    async fn record(&self, tx: &mut Tx<'_>, passing: &[Passing]) -> Result<usize, DbError> {
        let now = self.clock.now();
        let keys: Vec<&EntryKey> = passing.iter().map(|one| &one.key).collect();
        let mut terms = deadline::lock(tx, &keys).await?;
        let (mut acts, mut notices) = (Vec::new(), Vec::new());
        for one in passing {
            let Some(held) = terms.get(&one.key) else { continue };
            for step in self.told(held)? {
                let to = addressee(one, held, step);
                let due_on = self.due_on(held);
                acts.push(self.act(&one.key, (step, &to, &due_on)));
                let id = self.ids.uuid(now);
                notices.push(NewNotice { id, key: one.key.clone(), step, to, due_on, at: now });
            }
        }
        // An entry that came to its end meanwhile refuses: nobody is told of it.
        let acted = registration::act(tx, &acts).await?;
        let recorded: Vec<NewNotice> =
            notices.into_iter().zip(&acted).filter(|(_, acted)| acted.is_ok()).map(|(notice, _)| notice).collect();
        for notice in &recorded {
            let held = terms.get_mut(&notice.key).expect("a notice is of a term that was locked");
            held.reached = held.reached.max(notice.step.code());
        }
        let moved: Vec<(&EntryKey, &Held)> =
            terms.iter().filter(|(key, _)| recorded.iter().any(|notice| notice.key == **key)).collect();
        deadline::put(tx, &self.deadlines, &moved).await?;
        deadline::tell(tx, &recorded).await?;
        Ok(recorded.len())
    }

    /// What is to be told now: of several shares that passed unseen only the last, and none once it is overdue.
    fn told(&self, held: &Held) -> Result<Vec<Step>, DbError> {
        let uncounted = |error: hub_deadlines::NotCounted| DbError::Statement(error.to_string());
        let (passed, _) = held.passed(&self.deadlines.calendar, self.clock.now()).map_err(uncounted)?;
        let late: Vec<Step> = passed.iter().copied().filter(|step| step.code() >= Step::Overdue.code()).collect();
        Ok(if late.is_empty() { passed.last().copied().into_iter().collect() } else { late })
    }

    fn due_on(&self, held: &Held) -> String {
        let due = held.running.as_ref().and_then(|running| running.due(&self.deadlines.calendar).ok().flatten());
        due.map(|due| due.to_string()).unwrap_or_default()
    }

    fn act(&self, key: &EntryKey, (step, to, due_on): (Step, &Addressee, &str)) -> NewAct {
        let (act, share) = match step {
            Step::Warning(share) => ("deadline_warned", Some(share)),
            Step::Overdue => ("deadline_overdue", None),
            Step::Escalated => ("deadline_escalated", None),
        };
        NewAct {
            key: key.clone(),
            act: act.to_owned(),
            content: json!({"due_on": due_on, "share": share, "unit": to.unit, "person": to.person}),
            author: Author { clerk: None, unit: None },
            expected: None,
            effect: Effect {
                from: vec![Status::Registered, Status::Assigned, Status::InProgress, Status::WaitingApproval],
                ..Effect::default()
            },
            salt: self.ids.salt(),
            at: self.clock.now(),
        }
    }
}

/// Who hears of a step: the clerk that has it, else the unit; of an escalation whoever assigned it.
fn addressee(passing: &Passing, held: &Held, step: Step) -> Addressee {
    let unit = passing.unit.clone();
    match step {
        Step::Escalated if held.escalate_to.is_some() => Addressee { unit: None, person: held.escalate_to.clone() },
        _ => Addressee { unit, person: passing.person.clone() },
    }
}

/// A redirected document whose number at the competent institution is known now.
pub(crate) struct Place {
    key: EntryKey,
    registered: String,
}

async fn arrived(hub: &Hub) -> Result<Vec<Place>, DbError> {
    let sql = "select r.party, r.register, r.year, r.number, d.recipient_registration as registered from redirection r
               join delivery d on d.message_id = r.message_id
               where r.registered is null and d.recipient_registration is not null limit 200";
    let read = |mut row: Row| {
        Ok(Place {
            key: EntryKey {
                party: row.take("party")?,
                register: row.take("register")?,
                year: row.take("year")?,
                number: row.take("number")?,
            },
            registered: row.take("registered")?,
        })
    };
    hub.db.query(sql, vec![]).await?.into_iter().map(read).collect()
}

/// Writes the number that a redirected document got into the entry it came from.
pub(crate) struct RecordPlaces {
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) ids: Arc<dyn Ids>,
}

impl WriteVerb for RecordPlaces {
    type Item = Vec<Place>;
    type Output = usize;
    const ORDER: u16 = 932;

    async fn run(&self, tx: &mut Tx<'_>, items: &[Vec<Place>]) -> Result<Vec<usize>, DbError> {
        let mut outputs = Vec::with_capacity(items.len());
        for places in items {
            let sql = "update redirection set registered = $5 where party = $1 and register = $2 and year = $3
                       and number = $4 and registered is null";
            let set =
                |one: &Place| params![&one.key.party, &one.key.register, one.key.year, one.key.number, &one.registered];
            let changed = tx.execute_each(sql, places.iter().map(set).collect()).await?;
            let won = places.iter().zip(changed).filter(|(_, rows)| *rows == 1).map(|(place, _)| self.act(place));
            let acts: Vec<NewAct> = won.collect();
            registration::act(tx, &acts).await?;
            outputs.push(acts.len());
        }
        Ok(outputs)
    }
}

impl RecordPlaces {
    fn act(&self, place: &Place) -> NewAct {
        let registered: Option<Registration> = serde_json::from_str(&place.registered).ok();
        NewAct {
            key: place.key.clone(),
            act: "redirection_registered".to_owned(),
            content: json!({"registration": registered}),
            author: Author { clerk: None, unit: None },
            expected: None,
            effect: Effect::default(),
            salt: self.ids.salt(),
            at: self.clock.now(),
        }
    }
}
