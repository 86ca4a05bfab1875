//! Suspending, resuming and lengthening the term of an entry.

use hub_deadlines::Length;
use jiff::civil::Date;
use serde_json::json;

use crate::hub::Hub;
use crate::registration::{Effect, Entry, EntryKey, NotActed, Pending, Status};

use super::acting::{By, Changed, Made, NotDone, PathChange, TermChange, Verdict, Wanted, act};

/// The act that waits for a second person.
const EXTENSION: &str = "extension";
/// The act that proposes it.
const PROPOSED: &str = "extension_proposed";
/// Where a term runs.
const RUNS: [Status; 4] = [Status::Registered, Status::Assigned, Status::InProgress, Status::WaitingApproval];

/// Suspends the term from today on, with a reason: these days do not count.
///
/// # Errors
/// [`NotDone`] says why not; a term that is over or stands cannot be suspended.
pub async fn suspend(hub: &Hub, key: &EntryKey, by: &By, reason: &str) -> Result<Changed, NotDone> {
    change(hub, key, by, ("suspended", reason, TermChange::Suspend)).await
}

/// Lets the term run again: today counts.
///
/// # Errors
/// [`NotDone`] says why not.
pub async fn resume(hub: &Hub, key: &EntryKey, by: &By, reason: &str) -> Result<Changed, NotDone> {
    change(hub, key, by, ("resumed", reason, TermChange::Resume)).await
}

async fn change(
    hub: &Hub,
    key: &EntryKey,
    by: &By,
    (word, reason, term): (&'static str, &str, TermChange),
) -> Result<Changed, NotDone> {
    act(hub, key, by, |_| {
        Ok(Made {
            act: word,
            content: json!({"reason": reason, "on": hub.clock.now().romanian_date()}),
            effect: Effect { from: RUNS.to_vec(), ..Effect::default() },
            term: term.clone(),
            path: PathChange::None,
        })
    })
    .await
}

/// An extension that a clerk asks for.
#[derive(Debug, Clone)]
pub struct Extension {
    /// How much more.
    pub length: Length,
    /// Why.
    pub reason: String,
    /// The day the person was told, where the law wants that.
    pub told_on: Option<Date>,
}

/// Proposes an extension; another clerk must approve it. What the law does not allow is refused at once.
///
/// # Errors
/// [`NotDone`] says why not.
pub async fn propose_extension(hub: &Hub, key: &EntryKey, by: &By, extension: Extension) -> Result<Changed, NotDone> {
    act(hub, key, by, |_| {
        let today = hub.clock.now().romanian_date();
        // Nobody was told tomorrow.
        let told = extension.told_on.filter(|told| *told <= today);
        let wanted = Wanted { length: extension.length, told, proposed: today };
        Ok(Made {
            act: PROPOSED,
            content: json!({
                "length": extension.length,
                "reason": extension.reason,
                "told_on": told,
                "proposed_on": today,
            }),
            effect: Effect { from: RUNS.to_vec(), pending: Pending::Propose(EXTENSION), ..Effect::default() },
            term: TermChange::Try(wanted),
            path: PathChange::None,
        })
    })
    .await
}

/// Another clerk approves the extension that was proposed, or refuses it with a reason.
///
/// # Errors
/// [`NotDone`] says why not; the clerk who proposed it cannot approve it.
pub async fn decide_extension(hub: &Hub, key: &EntryKey, by: &By, verdict: Verdict) -> Result<Changed, NotDone> {
    let Verdict { approved, reason } = verdict;
    act(hub, key, by, |entry| {
        let wanted = proposed(entry).ok_or(NotDone::Refused(NotActed::NotProposed))?;
        let decided = |word, pending, term| Made {
            act: word,
            content: json!({"length": wanted.length, "reason": reason, "proposed_by": entry.state.pending_by}),
            effect: Effect { from: RUNS.to_vec(), pending, ..Effect::default() },
            term,
            path: PathChange::None,
        };
        Ok(if approved {
            decided("extended", Pending::Approve(EXTENSION), TermChange::Extend(wanted))
        } else {
            decided("extension_refused", Pending::Withdraw(EXTENSION), TermChange::None)
        })
    })
    .await
}

fn proposed(entry: &Entry) -> Option<Wanted> {
    entry.state.pending.as_ref().filter(|act| *act == EXTENSION)?;
    let content = &entry.acts.iter().rev().find(|act| act.act == PROPOSED)?.content;
    let day = |name: &str| content[name].as_str().and_then(|text| text.parse::<Date>().ok());
    Some(Wanted {
        length: serde_json::from_value(content["length"].clone()).ok()?,
        told: day("told_on"),
        proposed: day("proposed_on")?,
    })
}
