//! `GET /v1/credentials`.

use axum::Json;
use axum::extract::State;
use hub_flow::authorization::to;
use hub_flow::credentials;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::api::App;
use crate::api::may::May;
use crate::api::problem::Problem;
use crate::api::request::Wanted;

use super::told::told;

/// Which credentials.
#[derive(Deserialize)]
pub struct Choice {
    system: Option<String>,
    /// Of all institutions, for those who run the hub.
    all: Option<bool>,
}

/// The credentials of the caller's institution, the newest first; never their secrets.
///
/// # Errors
/// A problem document.
pub async fn list(
    may: May<to::CredentialsRead>,
    State(app): State<App>,
    Wanted(wanted): Wanted<Choice>,
) -> Result<Json<Value>, Problem> {
    let party = (!(may.operator && wanted.all.unwrap_or(false))).then_some(may.party.as_str());
    let found = credentials::list(&app.hub.db, party, wanted.system.as_deref()).await?;
    let now = app.hub.clock.now();
    let items: Vec<Value> = found.iter().map(|one| told(one, now)).collect();
    Ok(Json(json!({"items": items})))
}
