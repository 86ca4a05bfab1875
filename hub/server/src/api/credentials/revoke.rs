//! `POST /v1/credentials/{id}/revoke`: it counts no more, from the next call on at this node, within a second at all others.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use hub_flow::audit::{Audited, Kind as Told, Outcome};
use hub_flow::authorization::to;
use hub_flow::credentials::{Revocation, Revoke};
use serde::Deserialize;
use serde_json::Value;

use crate::api::App;
use crate::api::audit::Trail;
use crate::api::may::May;
use crate::api::problem::Problem;
use crate::api::request::{Path, SmallBody};
use crate::problems;

use super::told::told;
use super::{body, issue, reach};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Asked {
    reason: String,
}

/// Takes a credential back, with all tokens that were given for it. One that was taken back before keeps its first reason.
///
/// # Errors
/// A problem document.
pub async fn revoke(
    may: May<to::CredentialsManage>,
    (State(app), trail): (State<App>, Trail),
    Path(id): Path<String>,
    SmallBody(sent): SmallBody,
) -> Result<Json<Value>, Problem> {
    let asked: Asked = serde_json::from_slice(&sent).map_err(|error| {
        Problem::of(&problems::MALFORMED_REQUEST)
            .detail(format!("Scrieți de ce, în reason: {error}"), format!("Say why, in reason: {error}"))
    })?;
    let reason = body::text("reason", &asked.reason, 500)?;
    let mut credential = reach::credential(&app, &may, &id).await?;
    let (at, by) = (app.hub.clock.now(), may.principal.id());
    if credential.revoked.is_none() {
        let revocation = Revocation { id: credential.made.id, at, by: by.clone(), reason: reason.clone() };
        let event = trail.act(&app.hub, &may, Told::CredentialRevoked).on(credential.made.id.0.to_string());
        let event = event.because(Some(reason.clone())).with(issue::details(&credential.made));
        let revoke = Audited::new(Arc::new(Revoke), |now| now.then_some(Outcome::Done));
        app.hub.db.write(&revoke, (revocation, event)).await?;
        app.hub.credentials.stale();
        credential.revoked = Some((at, by, reason));
    }
    Ok(Json(told(&credential, at)))
}
