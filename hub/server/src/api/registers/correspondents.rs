//! `GET /v1/correspondents` and `POST /v1/correspondents/{id}/anonymise`: issuers and addressees of the institution's
//! registers.

use axum::Json;
use axum::extract::State;
use hub_flow::audit::Kind;
use hub_flow::authorization::to;
use hub_flow::flow;
use hub_flow::registration::{self, Within};
use serde::Deserialize;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::api::App;
use crate::api::audit::Trail;
use crate::api::caller::Caller;
use crate::api::clerk::Clerk;
use crate::api::may::May;
use crate::api::problem::Problem;
use crate::api::request::{Path, Wanted};
use crate::problems;

/// Which of them.
#[derive(Deserialize)]
pub struct Choice {
    name: String,
    limit: Option<i64>,
}

/// Those whose name contains a text, and that stand in a register the clerk's unit may see.
///
/// # Errors
/// A problem document.
pub async fn list(
    caller: May<to::CorrespondentsRead>,
    State(app): State<App>,
    clerk: Clerk,
    Wanted(wanted): Wanted<Choice>,
) -> Result<Json<Value>, Problem> {
    let limit = wanted.limit.unwrap_or(50).clamp(1, 500);
    let within = visible(&app, &caller, &clerk);
    let known = registration::correspondents(&app.hub.db, (&caller.party, &within), &wanted.name, limit).await?;
    Ok(Json(json!({"items": known})))
}

/// Makes one unrecognisable, for good; its entries stay. Asked again, it answers the same.
///
/// # Errors
/// A problem document.
pub async fn anonymise(
    caller: May<to::CorrespondentsAnonymise>,
    (State(app), trail): (State<App>, Trail),
    clerk: Clerk,
    Path(id): Path<String>,
) -> Result<Json<Value>, Problem> {
    clerk.person()?;
    let not_found = || Problem::of(&problems::NOT_FOUND);
    let id: Uuid = id.parse().map_err(|_| not_found())?;
    let within = visible(&app, &caller, &clerk);
    if !registration::named_within(&app.hub.db, (&caller.party, &within), id).await? {
        return Err(not_found());
    }
    let event = trail.act(&app.hub, &caller, Kind::CorrespondentAnonymised).because(trail.purpose.clone());
    flow::anonymise(&app.hub, &caller.party, id, event).await?;
    let known = registration::correspondent(&app.hub.db, &caller.party, id).await?.ok_or_else(not_found)?;
    Ok(Json(json!(known)))
}

/// The registers whose issuers and addressees the clerk may see.
fn visible(app: &App, caller: &Caller, clerk: &Clerk) -> Within {
    match clerk.seen(app, &caller.party) {
        (_, true) => Within::All,
        (seen, false) => Within::Registers(seen.into_iter().map(|held| held.entry.id).collect()),
    }
}
