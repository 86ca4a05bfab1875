//! `POST /v1/credentials`: a new key, secret, client key or certificate of a system.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use hub_flow::audit::{Audited, Kind as Told, Outcome};
use hub_flow::authorization::to;
use hub_flow::credentials::{Credential, Issue, Issued, Kind, NewCredential};
use hub_flow::message::CredentialId;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::api::App;
use crate::api::audit::Trail;
use crate::api::may::May;
use crate::api::problem::Problem;
use crate::api::request::SmallBody;
use crate::problems;

use super::body::{self, Material};
use super::reach;
use super::told::told;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Asked {
    system: String,
    kind: String,
    label: String,
    operations: Option<Vec<String>>,
    expires_in_days: Option<u32>,
    #[serde(default)]
    material: Material,
}

/// Issues or registers a credential. A secret is in this answer, and in no other.
///
/// # Errors
/// A problem document.
pub async fn issue(
    may: May<to::CredentialsManage>,
    (State(app), trail): (State<App>, Trail),
    SmallBody(sent): SmallBody,
) -> Result<Response, Problem> {
    let asked: Asked = serde_json::from_slice(&sent).map_err(|error| {
        Problem::of(&problems::MALFORMED_REQUEST)
            .detail(format!("JSON greșit: {error}"), format!("Wrong JSON: {error}"))
    })?;
    let kind = Kind::parse(&asked.kind).ok_or_else(|| {
        body::wrong(
            "kind este api_key, client_secret, client_key sau certificate",
            "kind is api_key, client_secret, client_key or certificate",
        )
    })?;
    let system = reach::system(&app, &may, &asked.system)?;
    let operations = body::operations(asked.operations.as_deref())?;
    reach::check(&may, &system, operations)?;
    let now = app.hub.clock.now();
    let id = CredentialId(app.hub.ids.uuid(now));
    let made = body::made(&app, (kind, id), &asked.material)?;
    let expires_at = now.plus_seconds(body::life(asked.expires_in_days)?);
    let new = NewCredential {
        id,
        kind,
        party: system.party,
        system: system.id,
        label: body::text("label", &asked.label, 200)?,
        proof: made.proof,
        public_key: made.public_key,
        operations,
        created_at: now,
        created_by: may.principal.id(),
        expires_at: made.ends.map_or(expires_at, |ends| ends.min(expires_at)),
        replaces: None,
    };
    let event = trail.act(&app.hub, &may, Told::CredentialIssued).on(id.0.to_string()).with(details(&new));
    let issued = app.hub.db.write(&Audited::new(Arc::new(Issue), kept), (new.clone(), event)).await?;
    app.hub.credentials.stale();
    answered(issued, (new, made.secret), now)
}

/// Only what was kept is told.
#[expect(clippy::trivially_copy_pass_by_ref, reason = "answers of verbs are asked by reference")]
pub(super) fn kept(issued: &Issued) -> Option<Outcome> {
    (*issued == Issued::Kept).then_some(Outcome::Done)
}

/// What the audit is told of a credential: never what proves it.
pub(super) fn details(new: &NewCredential) -> Value {
    json!({
        "kind": new.kind.as_str(), "system": new.system, "of": new.party, "label": new.label,
        "expires_at": new.expires_at.to_utc(), "replaces": new.replaces.map(|id| id.0.to_string()),
    })
}

/// The answer with the secret, where there is one.
pub(super) fn answered(
    issued: Issued,
    (new, secret): (NewCredential, Option<String>),
    now: hub_flow::clock::Timestamp,
) -> Result<Response, Problem> {
    match issued {
        Issued::Kept => {}
        Issued::Known => {
            return Err(Problem::of(&problems::CREDENTIAL_CONFLICT).detail(
                "Cheia sau certificatul este înregistrat deja, poate pentru alt sistem; folosiți altul",
                "The key or certificate is registered already, maybe for another system; use another one",
            ));
        }
        Issued::TooMany => {
            return Err(Problem::of(&problems::CREDENTIAL_CONFLICT).detail(
                "Sistemul are prea multe de acest fel în vigoare; retrageți ce nu mai folosiți",
                "The system has too many of this kind in force; revoke those that are not used",
            ));
        }
        Issued::Over => {
            return Err(Problem::of(&problems::CREDENTIAL_CONFLICT).detail(
                "Între timp a fost retras sau înlocuit; emiteți unul nou",
                "It was revoked or replaced meanwhile; issue a new one",
            ));
        }
    }
    let mut document = told(&Credential { made: new, revoked: None, last_used_at: None }, now);
    if let Some(secret) = secret {
        document["secret"] = secret.into();
    }
    Ok((StatusCode::CREATED, [(header::CACHE_CONTROL, "no-store")], Json(document)).into_response())
}
