//! `POST …/{year}/{number}/connect`: a document belongs to the matter of another (conexare), or answers it.

use axum::Json;
use axum::extract::State;
use hub_flow::authorization::to;
use hub_flow::directory::Right;
use hub_flow::flow::{self, Recording};
use hub_flow::registration::{Effect, NewAct, Relation};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::api::App;
use crate::api::clerk::Clerk;
use crate::api::may::May;
use crate::api::problem::Problem;
use crate::api::request::SmallBody;

use super::draft::{Reference, read};
use super::place::Place;
use super::refusals::not_recorded;
use super::show;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Connecting {
    to: Reference,
    #[serde(default)]
    answers: bool,
}

/// Connects an entry to another; what is connected to a connected one goes to the first registered.
///
/// # Errors
/// A problem document; then nothing changed.
pub async fn connect(
    caller: May<to::RegistersCorrect>,
    State(app): State<App>,
    clerk: Clerk,
    place: Place,
    SmallBody(body): SmallBody,
) -> Result<Json<Value>, Problem> {
    clerk.person()?;
    let (held, key) = show::allowed(&app, (&caller, &clerk), place, Right::Register)?;
    let Connecting { to, answers } = read(&body)?;
    let tie = to.tie(if answers { Relation::Answers } else { Relation::ConnectedTo }, &held.entry.id);
    let act = NewAct {
        key: key.clone(),
        act: "connected".to_owned(),
        content: json!({"to": tie}),
        author: clerk.author(),
        expected: None,
        effect: Effect::default(),
        salt: [0; 16],
        at: app.hub.clock.now(),
    };
    let recording = Recording { act, correspondent: None, ties: vec![tie] };
    flow::record(&app.hub, recording).await.map_err(not_recorded)?;
    Ok(Json(show::described(&app, &show::found(&app, &key).await?).await?))
}
