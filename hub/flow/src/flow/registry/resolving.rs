//! How a document is resolved, approved, dispatched and closed.

use jiff::civil::Date;
use serde_json::json;

use crate::hub::Hub;
use crate::registration::{Effect, EntryKey, Pending, Status};

use super::acting::{By, Changed, Made, NotDone, PathChange, TermChange, Verdict, act, has_it};

/// The act that waits for a second person.
const RESOLUTION: &str = "resolution";

/// What was worked out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// The document is resolved.
    Resolved,
    /// It is answered that it cannot be.
    Rejected,
}

impl Outcome {
    const fn status(self) -> Status {
        match self {
            Self::Resolved => Status::Resolved,
            Self::Rejected => Status::Rejected,
        }
    }
}

/// A way of resolution.
#[derive(Debug, Clone)]
pub struct Resolution {
    /// What was worked out.
    pub outcome: Outcome,
    /// The way of resolution, in words (Instructions 217/1996, art. 9).
    pub text: String,
    /// Whether another clerk must approve it.
    pub for_approval: bool,
}

/// Notes the way of resolution. With approval, the term runs on until another clerk approves.
///
/// # Errors
/// [`NotDone`] says why not.
pub async fn resolve(hub: &Hub, key: &EntryKey, by: &By, resolution: Resolution) -> Result<Changed, NotDone> {
    has_it(hub, key, &by.author).await?;
    act(hub, key, by, |entry| {
        let mut particulars = entry.state.particulars.clone();
        let before = particulars.resolution.replace(resolution.text.clone());
        let (to, pending, path) = if resolution.for_approval {
            (Status::WaitingApproval, Pending::Propose(RESOLUTION), PathChange::None)
        } else {
            (resolution.outcome.status(), Pending::Apart, PathChange::End)
        };
        Ok(Made {
            act: if resolution.for_approval { "resolution_proposed" } else { "resolved" },
            content: json!({
                "outcome": resolution.outcome.status(),
                "resolution": resolution.text,
                "before": before,
            }),
            effect: Effect {
                from: vec![Status::Assigned, Status::InProgress],
                to: Some(to),
                particulars: Some(particulars),
                pending,
                ..Effect::default()
            },
            term: TermChange::None,
            path,
        })
    })
    .await
}

/// Another clerk approves the resolution, or sends it back into work with a reason.
///
/// # Errors
/// [`NotDone`] says why not; the clerk who proposed it cannot approve it.
pub async fn approve(hub: &Hub, key: &EntryKey, by: &By, verdict: Verdict) -> Result<Changed, NotDone> {
    let Verdict { approved, reason } = verdict;
    act(hub, key, by, |entry| {
        let proposed = entry.acts.iter().rev().find(|act| act.act == "resolution_proposed");
        let outcome = proposed.and_then(|act| Status::of(act.content["outcome"].as_str()?));
        let to = if approved { outcome.unwrap_or(Status::Resolved) } else { Status::InProgress };
        Ok(Made {
            act: if approved { "resolved" } else { "resolution_returned" },
            content: json!({"outcome": to, "reason": reason}),
            effect: Effect {
                from: vec![Status::WaitingApproval],
                to: Some(to),
                // Also a refusal is another clerk's: who proposed it takes it back by a new resolution.
                pending: Pending::Approve(RESOLUTION),
                ..Effect::default()
            },
            term: TermChange::None,
            path: if approved { PathChange::End } else { PathChange::None },
        })
    })
    .await
}

/// Notes the date of dispatch.
///
/// # Errors
/// [`NotDone`] says why not.
pub async fn dispatch(
    hub: &Hub,
    key: &EntryKey,
    by: &By,
    (on, way): (Date, Option<String>),
) -> Result<Changed, NotDone> {
    act(hub, key, by, |entry| {
        let mut particulars = entry.state.particulars.clone();
        let before = particulars.dispatched_on.replace(on);
        Ok(Made {
            act: "dispatched",
            content: json!({"on": on, "way": way, "before": before}),
            effect: Effect {
                from: vec![Status::Resolved, Status::Redirected, Status::Rejected],
                particulars: Some(particulars),
                ..Effect::default()
            },
            term: TermChange::None,
            path: PathChange::None,
        })
    })
    .await
}

/// Why an entry is closed.
#[derive(Debug, Clone)]
pub struct Closing {
    /// The reason; needed where nothing was answered (OG 27/2002: anonymous petitions are filed).
    pub reason: Option<String>,
    /// Code of the dossier, where known.
    pub dossier_code: Option<String>,
}

/// Closes an entry (clasare).
///
/// # Errors
/// [`NotDone`] says why not.
pub async fn close(hub: &Hub, key: &EntryKey, by: &By, closing: Closing) -> Result<Changed, NotDone> {
    act(hub, key, by, |entry| {
        let mut particulars = entry.state.particulars.clone();
        if let Some(code) = &closing.dossier_code {
            particulars.dossier_code = Some(code.clone());
        }
        let mut from = vec![Status::Resolved, Status::Redirected, Status::Rejected];
        if closing.reason.is_some() {
            from.extend([Status::Registered, Status::Assigned, Status::InProgress]);
        }
        Ok(Made {
            act: "filed",
            content: json!({"reason": closing.reason, "dossier_code": closing.dossier_code}),
            effect: Effect { from, to: Some(Status::Filed), particulars: Some(particulars), ..Effect::default() },
            term: TermChange::None,
            path: PathChange::End,
        })
    })
    .await
}
