//! `POST /v1/credentials/{id}/rotate`: a successor; both count during the overlap.

use std::sync::Arc;

use axum::extract::State;
use axum::response::Response;
use hub_flow::audit::{Audited, Kind as Told};
use hub_flow::authorization::to;
use hub_flow::credentials::{NewCredential, Replace, WrongRotation, rotated};
use hub_flow::message::CredentialId;
use serde::Deserialize;

use crate::api::App;
use crate::api::audit::Trail;
use crate::api::may::May;
use crate::api::problem::Problem;
use crate::api::request::{Path, SmallBody};
use crate::problems;

use super::body::{self, Material};
use super::{issue, reach};

/// Both count for so long where nothing is said: a week.
const OVERLAP: i64 = 7 * 86_400;

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct Asked {
    overlap_seconds: Option<i64>,
    expires_in_days: Option<u32>,
    material: Material,
}

/// Gives a credential a successor of the same kind, system and permissions.
///
/// # Errors
/// A problem document.
pub async fn rotate(
    may: May<to::CredentialsManage>,
    (State(app), trail): (State<App>, Trail),
    Path(id): Path<String>,
    SmallBody(sent): SmallBody,
) -> Result<Response, Problem> {
    let asked: Asked =
        if sent.is_empty() { Ok(Asked::default()) } else { serde_json::from_slice(&sent) }.map_err(|error| {
            Problem::of(&problems::MALFORMED_REQUEST)
                .detail(format!("JSON greșit: {error}"), format!("Wrong JSON: {error}"))
        })?;
    let old = reach::credential(&app, &may, &id).await?;
    let system = reach::system(&app, &may, &old.made.system)?;
    reach::check(&may, &system, old.made.operations)?;
    let now = app.hub.clock.now();
    let rotation = rotated(&old, now, asked.overlap_seconds.unwrap_or(OVERLAP), body::life(asked.expires_in_days)?);
    let rotation = rotation.map_err(|error| match error {
        WrongRotation::Over(_) => Problem::of(&problems::CREDENTIAL_CONFLICT).detail(
            "Nu mai este în vigoare; emiteți unul nou în locul lui",
            "It is not in force any more; issue a new one in its place",
        ),
        WrongRotation::Overlap => body::wrong(
            "overlap_seconds este între 0 și 7776000 (90 de zile)",
            "overlap_seconds is from 0 to 7776000 (90 days)",
        ),
    })?;
    let id = CredentialId(app.hub.ids.uuid(now));
    let made = body::made(&app, (old.made.kind, id), &asked.material)?;
    let new = NewCredential {
        id,
        proof: made.proof,
        public_key: made.public_key,
        created_at: now,
        created_by: may.principal.id(),
        expires_at: made.ends.map_or(rotation.new_ends, |ends| ends.min(rotation.new_ends)),
        replaces: Some(old.made.id),
        ..old.made
    };
    let event = trail.act(&app.hub, &may, Told::CredentialRotated).on(id.0.to_string()).with(issue::details(&new));
    let replace = Audited::new(Arc::new(Replace), issue::kept);
    let issued = app.hub.db.write(&replace, ((new.clone(), rotation.old_ends), event)).await?;
    app.hub.credentials.stale();
    issue::answered(issued, (new, made.secret), now)
}
