//! `GET /v1/correspondents` and `POST /v1/correspondents/{id}/anonymise`: issuers and addressees of the institution's
//! registers.

use axum::Json;
use axum::extract::{Path, State};
use hub_flow::authorization::to;
use hub_flow::flow;
use hub_flow::registration;
use serde::Deserialize;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::api::App;
use crate::api::clerk::Clerk;
use crate::api::may::May;
use crate::api::problem::Problem;
use crate::api::request::Wanted;
use crate::problems;

/// Which of them.
#[derive(Deserialize)]
pub struct Choice {
    name: String,
    limit: Option<i64>,
}

/// Those whose name contains a text.
///
/// # Errors
/// A problem document.
pub async fn list(
    caller: May<to::CorrespondentsRead>,
    State(app): State<App>,
    Wanted(wanted): Wanted<Choice>,
) -> Result<Json<Value>, Problem> {
    let limit = wanted.limit.unwrap_or(50).clamp(1, 500);
    let known = registration::correspondents(&app.hub.db, &caller.party, &wanted.name, limit).await?;
    Ok(Json(json!({"items": known})))
}

/// Makes one unrecognisable, for good; its entries stay. Asked again, it answers the same.
///
/// # Errors
/// A problem document.
pub async fn anonymise(
    caller: May<to::CorrespondentsAnonymise>,
    State(app): State<App>,
    clerk: Clerk,
    Path(id): Path<String>,
) -> Result<Json<Value>, Problem> {
    clerk.person()?;
    let not_found = || Problem::of(&problems::NOT_FOUND);
    let id: Uuid = id.parse().map_err(|_| not_found())?;
    flow::anonymise(&app.hub, &caller.party, id).await?;
    let known = registration::correspondent(&app.hub.db, &caller.party, id).await?.ok_or_else(not_found)?;
    Ok(Json(json!(known)))
}
