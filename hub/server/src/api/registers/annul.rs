//! `POST …/{year}/{number}/annul`, `/approve-annulment` and `/refuse-annulment`: a number that counts for nothing any more
//! stays in its register, with a reason, an author and another clerk who approved it.

use axum::Json;
use axum::extract::State;
use hub_flow::authorization::to;
use hub_flow::directory::Right;
use hub_flow::flow::{self, Recording};
use hub_flow::registration::{Effect, NewAct, Pending, Relation, Status, Tie};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::api::App;
use crate::api::caller::Caller;
use crate::api::clerk::Clerk;
use crate::api::may::May;
use crate::api::problem::Problem;
use crate::api::request::SmallBody;

use super::correct::reasoned;
use super::draft::{Reference, read};
use super::place::Place;
use super::refusals::not_recorded;
use super::show;

/// The act that two people make.
const ANNULMENT: &str = "annulment";

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Annulling {
    reason: String,
    replaced_by: Option<Reference>,
}

#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields, default)]
pub(super) struct Answer {
    reason: Option<String>,
}

/// Proposes that a number be annulled.
///
/// # Errors
/// A problem document; then nothing changed.
pub async fn propose(
    caller: May<to::RegistersAnnul>,
    State(app): State<App>,
    clerk: Clerk,
    place: Place,
    SmallBody(body): SmallBody,
) -> Result<Json<Value>, Problem> {
    clerk.person()?;
    let register = place.register.clone();
    let Annulling { reason, replaced_by } = read(&body)?;
    reasoned(&reason)?;
    let tie = replaced_by.map(|to| to.tie(Relation::ReplacedBy, &register));
    let content = json!({"reason": reason, "replaced_by": tie});
    let effect = Effect { pending: Pending::Propose(ANNULMENT), ..Effect::default() };
    let step = ("annulment_proposed", content, effect);
    record(&app, (&caller, &clerk), (place, Right::Annul), step, tie.into_iter().collect()).await
}

/// Approves it, as another clerk: the number is annulled.
///
/// # Errors
/// A problem document; then nothing changed.
pub async fn approve(
    caller: May<to::RegistersApprove>,
    State(app): State<App>,
    clerk: Clerk,
    place: Place,
) -> Result<Json<Value>, Problem> {
    clerk.person()?;
    let effect = Effect { to: Some(Status::Annulled), pending: Pending::Approve(ANNULMENT), ..Effect::default() };
    record(&app, (&caller, &clerk), (place, Right::Approve), ("annulled", json!({}), effect), Vec::new()).await
}

/// Refuses it, or takes it back: the entry stays as it is.
///
/// # Errors
/// A problem document; then nothing changed.
pub async fn refuse(
    caller: May<to::RegistersApprove>,
    State(app): State<App>,
    clerk: Clerk,
    place: Place,
    SmallBody(body): SmallBody,
) -> Result<Json<Value>, Problem> {
    clerk.person()?;
    let Answer { reason } = if body.is_empty() { Answer::default() } else { read(&body)? };
    let effect = Effect { pending: Pending::Withdraw(ANNULMENT), ..Effect::default() };
    let step = ("annulment_refused", json!({"reason": reason}), effect);
    record(&app, (&caller, &clerk), (place, Right::Annul), step, Vec::new()).await
}

async fn record(
    app: &App,
    (caller, clerk): (&Caller, &Clerk),
    (place, right): (Place, Right),
    (act, content, effect): (&str, Value, Effect),
    ties: Vec<Tie>,
) -> Result<Json<Value>, Problem> {
    let (_, key) = show::allowed(app, (caller, clerk), place, right)?;
    let act = NewAct {
        key: key.clone(),
        act: act.to_owned(),
        content,
        author: clerk.author(),
        expected: None,
        effect,
        salt: [0; 16],
        at: app.hub.clock.now(),
    };
    flow::record(&app.hub, Recording { act, correspondent: None, ties }).await.map_err(not_recorded)?;
    Ok(Json(show::described(app, &show::found(app, &key).await?).await?))
}
