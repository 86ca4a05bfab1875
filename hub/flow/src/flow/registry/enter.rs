//! Registering, and the deadlines that begin with it.

use hub_deadlines::{Rule, Start};

use crate::db::{DbError, Tx};
use crate::deadline::{self, Deadlines, NewDeadline};
use crate::registration::{self, Direction, Kind, NewAct, NewEntry, Registered};

/// An entry, and the rule its document falls under.
pub(in crate::flow) struct Entering {
    pub(in crate::flow) entry: NewEntry,
    /// None where the document expects no answer; of no weight for what goes out.
    pub(in crate::flow) rule: Option<Rule>,
}

/// Registers the entries in order. What came in has its deadline from then on, counted from the registration at this
/// institution, whoever registered the document before (OG 27/2002), or from its receipt where the rule says so.
///
/// # Errors
/// The database refused a statement; then no number was taken.
pub(in crate::flow) async fn enter(
    tx: &mut Tx<'_>,
    with: &Deadlines,
    entering: Vec<Entering>,
) -> Result<Vec<Registered>, DbError> {
    let (entries, rules): (Vec<_>, Vec<_>) = entering.into_iter().map(|one| (one.entry, one.rule)).unzip();
    let registered = registration::register(tx, &entries).await?;
    let all = entries.iter().zip(&registered).zip(rules);
    let incoming = all.filter(|((entry, _), _)| entry.direction == Direction::In && entry.kind == Kind::Document);
    let new: Vec<NewDeadline> = incoming.map(|((entry, registered), rule)| begins(entry, registered, rule)).collect();
    deadline::begin(tx, with, &new).await?;
    Ok(registered)
}

fn begins(entry: &NewEntry, registered: &Registered, rule: Option<Rule>) -> NewDeadline {
    let received =
        entry.particulars.received_at.filter(|_| rule.as_ref().is_some_and(|rule| rule.start == Start::Receipt));
    NewDeadline {
        key: registered.key.clone(),
        rule,
        // Nothing is received after it was registered, whatever was written down.
        start: received.map_or(registered.at, |at| at.min(registered.at)).romanian_date(),
        escalate_to: entry.author.as_ref().and_then(|author| author.clerk.clone()),
    }
}

/// The deadline that begins with an act: a kept number that gets a document which came in. It was not here before, so the
/// term is counted from that day, or from the true receipt where that was earlier.
pub(in crate::flow) fn begins_with(act: &NewAct, rule: Option<Rule>) -> Option<NewDeadline> {
    act.effect.filled.as_ref().filter(|filled| filled.direction == Direction::In)?;
    let received = act.effect.particulars.as_ref().and_then(|particulars| particulars.received_at);
    let start = received.map_or(act.at, |at| at.min(act.at)).romanian_date();
    Some(NewDeadline { key: act.key.clone(), rule, start, escalate_to: act.author.clerk.clone() })
}
