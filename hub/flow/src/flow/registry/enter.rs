//! Registering, and the deadlines that begin with it.

use hub_deadlines::{Rule, Start};

use crate::db::{DbError, Tx};
use crate::deadline::{self, Deadlines, NewDeadline};
use crate::registration::{self, Direction, Kind, NewEntry, Registered};

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
