//! `…/suspension`, `…/resumption`, `…/extension`, `…/extension/decision`: the term of an entry.

use axum::Json;
use hub_deadlines::Length;
use hub_flow::authorization::to;
use hub_flow::directory::Right;
use hub_flow::flow::{self, Extension};
use jiff::civil::Date;
use serde::Deserialize;
use serde_json::Value;

use crate::api::problem::Problem;
use crate::api::request::SmallBody;

use super::asking::{Asking, body, words, wrong};
use super::refusals::problem;
use super::resolving::Decision;
use super::telling::told;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Reasoned {
    reason: String,
}

/// Suspends the term from today on.
///
/// # Errors
/// A problem document.
pub async fn suspend(asking: Asking<to::ActsTerms>, SmallBody(bytes): SmallBody) -> Result<Json<Value>, Problem> {
    let (key, by) = asking.with(Right::Register)?;
    let Reasoned { reason } = body(&bytes)?;
    let changed = flow::suspend(&asking.app.hub, &key, &by, &words("reason", &reason)?).await.map_err(problem)?;
    Ok(told(&key, &changed))
}

/// Lets the term run again; today counts.
///
/// # Errors
/// A problem document.
pub async fn resume(asking: Asking<to::ActsTerms>, SmallBody(bytes): SmallBody) -> Result<Json<Value>, Problem> {
    let (key, by) = asking.with(Right::Register)?;
    let Reasoned { reason } = body(&bytes)?;
    let changed = flow::resume(&asking.app.hub, &key, &by, &words("reason", &reason)?).await.map_err(problem)?;
    Ok(told(&key, &changed))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Extended {
    length: Length,
    reason: String,
    told_on: Option<Date>,
}

/// Proposes an extension to another clerk.
///
/// # Errors
/// A problem document.
pub async fn extend(asking: Asking<to::ActsTerms>, SmallBody(bytes): SmallBody) -> Result<Json<Value>, Problem> {
    let (key, by) = asking.with(Right::Register)?;
    let Extended { length, reason, told_on } = body(&bytes)?;
    if told_on.is_some_and(|told| told > asking.app.hub.clock.now().romanian_date()) {
        return Err(wrong("told_on", "Înștiințarea nu poate fi din viitor", "Nobody was told in the future"));
    }
    let extension = Extension { length, reason: words("reason", &reason)?, told_on };
    let changed = flow::propose_extension(&asking.app.hub, &key, &by, extension).await.map_err(problem)?;
    Ok(told(&key, &changed))
}

/// Approves the extension another clerk proposed, or refuses it.
///
/// # Errors
/// A problem document.
pub async fn decide(
    asking: Asking<to::ActsDecideExtension>,
    SmallBody(bytes): SmallBody,
) -> Result<Json<Value>, Problem> {
    let (key, by) = asking.with(Right::Approve)?;
    let decision: Decision = body(&bytes)?;
    let changed = flow::decide_extension(&asking.app.hub, &key, &by, decision.checked()?).await.map_err(problem)?;
    Ok(told(&key, &changed))
}
