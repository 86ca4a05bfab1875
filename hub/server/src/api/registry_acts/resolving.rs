//! `…/resolution`, `…/approval`, `…/dispatch`, `…/filing`: how a document comes to its end.

use axum::Json;
use hub_flow::authorization::to;
use hub_flow::directory::Right;
use hub_flow::flow::{self, Closing, Outcome, Resolution, Verdict};
use jiff::civil::Date;
use serde::Deserialize;
use serde_json::Value;

use crate::api::archive::classified;
use crate::api::problem::Problem;
use crate::api::request::SmallBody;

use super::asking::{Asking, body, words, wrong};
use super::refusals::problem;
use super::telling::told;

#[derive(Deserialize)]
#[serde(rename_all = "snake_case")]
enum Came {
    Resolved,
    Rejected,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Resolved {
    outcome: Came,
    resolution: String,
    #[serde(default)]
    for_approval: bool,
}

/// Notes the way of resolution, or proposes it to another clerk.
///
/// # Errors
/// A problem document.
pub async fn resolve(asking: Asking<to::ActsResolve>, SmallBody(bytes): SmallBody) -> Result<Json<Value>, Problem> {
    let (key, by) = asking.with(Right::See)?;
    let Resolved { outcome, resolution, for_approval } = body(&bytes)?;
    let outcome = match outcome {
        Came::Resolved => Outcome::Resolved,
        Came::Rejected => Outcome::Rejected,
    };
    let resolution = Resolution { outcome, text: words("resolution", &resolution)?, for_approval };
    let changed = flow::resolve(&asking.app.hub, &key, &by, resolution).await.map_err(problem)?;
    Ok(told(&key, &changed))
}

/// A decision on what another clerk proposed.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Decision {
    approved: bool,
    reason: Option<String>,
}

impl Decision {
    /// Whoever refuses says why.
    pub(super) fn checked(self) -> Result<Verdict, Problem> {
        let reason = self.reason.map(|reason| words("reason", &reason)).transpose()?;
        if !self.approved && reason.is_none() {
            return Err(wrong("reason", "O respingere are un motiv", "A refusal has a reason"));
        }
        Ok(Verdict { approved: self.approved, reason })
    }
}

/// Approves the resolution another clerk proposed, or returns it into work.
///
/// # Errors
/// A problem document.
pub async fn approve(asking: Asking<to::ActsApprove>, SmallBody(bytes): SmallBody) -> Result<Json<Value>, Problem> {
    let (key, by) = asking.with(Right::Approve)?;
    let decision: Decision = body(&bytes)?;
    let changed = flow::approve(&asking.app.hub, &key, &by, decision.checked()?).await.map_err(problem)?;
    Ok(told(&key, &changed))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Dispatched {
    on: Date,
    way: Option<String>,
}

/// Notes the date of dispatch.
///
/// # Errors
/// A problem document.
pub async fn dispatch(asking: Asking<to::ActsDispatch>, SmallBody(bytes): SmallBody) -> Result<Json<Value>, Problem> {
    let (key, by) = asking.with(Right::See)?;
    let Dispatched { on, way } = body(&bytes)?;
    let today = asking.app.hub.clock.now().romanian_date();
    if on > today || i64::from(on.year()) < key.year {
        return Err(wrong(
            "on",
            "Data expedierii este între anul înregistrării și ziua de azi",
            "The date of dispatch lies between the year of registration and today",
        ));
    }
    let way = way.map(|way| words("way", &way)).transpose()?;
    let changed = flow::dispatch(&asking.app.hub, &key, &by, (on, way)).await.map_err(problem)?;
    Ok(told(&key, &changed))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Filed {
    reason: Option<String>,
    dossier_code: Option<String>,
}

/// Closes an entry; without an answer only for a reason.
///
/// # Errors
/// A problem document.
pub async fn file(asking: Asking<to::ActsFile>, SmallBody(bytes): SmallBody) -> Result<Json<Value>, Problem> {
    let (key, by) = asking.with(Right::Register)?;
    let Filed { reason, dossier_code } = body(&bytes)?;
    let reason = reason.map(|reason| words("reason", &reason)).transpose()?;
    let dossier_code = match dossier_code {
        Some(code) => Some(classified(&asking.app, &asking.caller, &words("dossier_code", &code)?).await?),
        None => None,
    };
    let changed = flow::close(&asking.app.hub, &key, &by, Closing { reason, dossier_code }).await.map_err(problem)?;
    Ok(told(&key, &changed))
}
