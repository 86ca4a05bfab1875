//! `GET /v1/token-keys` and `POST /v1/token-keys/rotate`: the keys that sign access tokens.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use hub_flow::approvals::ApprovalKind;
use hub_flow::audit::{Audited, Kind as Told};
use hub_flow::authorization::to;
use hub_flow::clock::Timestamp;
use hub_flow::credentials::{PREPUBLISHED_SECONDS, SigningKey, WithdrawSigningKeys};
use openssl::sha::sha256;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::api::App;
use crate::api::approvals::{Dangerous, approved};
use crate::api::audit::Trail;
use crate::api::may::May;
use crate::api::problem::Problem;
use crate::api::request::SmallBody;
use crate::problems;

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct Asked {
    /// The old keys are withdrawn at once: nothing they signed counts any more. For a key that leaked.
    withdraw: bool,
}

/// The keys that sign, will sign, or signed tokens that may still count.
///
/// # Errors
/// A problem document.
pub async fn list(_may: May<to::HubOversee>, State(app): State<App>) -> Result<Json<Value>, Problem> {
    let now = app.hub.clock.now();
    let known = app.hub.credentials.known(&app.hub.db, now).await?;
    let signs = known.signing_key(now).map(|key| key.id.clone());
    let items: Vec<Value> = known.published_keys(now).map(|key| told(key, signs.as_deref())).collect();
    Ok(Json(json!({"items": items})))
}

/// Makes the next key, where a second person approved it. It is made known at once and signs a minute later; what the old ones signed counts on, unless they are
/// withdrawn.
///
/// # Errors
/// A problem document.
pub async fn rotate(
    may: May<to::HubKeys>,
    (State(app), trail): (State<App>, Trail),
    headers: HeaderMap,
    SmallBody(sent): SmallBody,
) -> Result<(StatusCode, Json<Value>), Problem> {
    let asked: Asked =
        if sent.is_empty() { Ok(Asked::default()) } else { serde_json::from_slice(&sent) }.map_err(|error| {
            Problem::of(&problems::MALFORMED_REQUEST)
                .detail(format!("JSON greșit: {error}"), format!("Wrong JSON: {error}"))
        })?;
    let hub = &app.hub;
    let now = hub.clock.now();
    let known = hub.credentials.known(&hub.db, now).await?;
    // Where nothing signs yet, or nothing old is to count, nobody has to be told before.
    let at_once = asked.withdraw || known.signing_key(now).is_none();
    let signs_from = if at_once { now } else { now.plus_seconds(PREPUBLISHED_SECONDS) };
    // Good for the key that signs now: an approval does not outlive the rotation it was given for.
    let signing = known.signing_key(now).map_or("none", |key| key.id.as_str());
    let content = sha256(format!("rotate token-keys from {signing} withdraw {}", asked.withdraw).as_bytes());
    let act = Dangerous { kind: ApprovalKind::KeyRotation, subject: "token-keys", content };
    approved(&app, &may, &headers, act).await?;
    let event = trail.act(hub, &may, Told::TokenKeyMade).because(trail.purpose.clone());
    let key = app.tokens.add(hub, hub.ids.salt(), (now, signs_from), event).await?;
    if asked.withdraw {
        let event = trail.act(hub, &may, Told::TokenKeysWithdrawn).because(trail.purpose.clone());
        let event = event.with(json!({"kept": key.id}));
        let withdraw = Audited::always(Arc::new(WithdrawSigningKeys));
        hub.db.write(&withdraw, ((now, key.id.clone()), event)).await?;
        hub.credentials.stale();
    }
    Ok((StatusCode::CREATED, Json(told(&key, at_once.then_some(key.id.as_str())))))
}

fn told(key: &SigningKey, signs: Option<&str>) -> Value {
    json!({
        "id": key.id,
        "signs": signs == Some(key.id.as_str()),
        "created_at": key.created_at.to_utc(),
        "signs_from": key.signs_from.to_utc(),
        "withdrawn_at": key.withdrawn_at.map(Timestamp::to_utc),
    })
}
