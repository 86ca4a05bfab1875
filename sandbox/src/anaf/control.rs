//! What may be set and seen at `/_sandbox/anaf`: settings, faults, tokens, quotas and what was received.

use std::sync::Arc;

use axum::extract::{Query, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{delete, get, post};
use axum::{Json, Router};
use serde::Deserialize;
use serde_json::Value;

use super::Anaf;
use super::calls::AnafCall;
use super::faults::Fault;
use super::oauth::{self, Expire};
use super::settings::AnafSettings;

pub(super) fn pages(twin: &Arc<Anaf>) -> Router {
    Router::new()
        .route("/_sandbox/anaf", get(settings).put(set))
        .route("/_sandbox/anaf/faults", get(faults).put(plan))
        .route("/_sandbox/anaf/calls", get(calls))
        .route("/_sandbox/anaf/quotas", delete(forget_quotas))
        .route("/_sandbox/anaf/tokens", post(give_tokens).delete(expire_tokens))
        .route("/_sandbox/anaf/jwt.pem", get(jwt_key))
        .with_state(Arc::clone(twin))
}

async fn settings(State(twin): State<Arc<Anaf>>) -> Json<AnafSettings> {
    Json(twin.settings().clone())
}

/// Replaces the settings: what is left out gets its ordinary value again.
async fn set(State(twin): State<Arc<Anaf>>, Json(settings): Json<AnafSettings>) -> Json<AnafSettings> {
    *twin.settings() = settings.clone();
    Json(settings)
}

async fn faults(State(twin): State<Arc<Anaf>>) -> Json<Vec<Fault>> {
    Json(twin.faults.remaining())
}

async fn plan(State(twin): State<Arc<Anaf>>, Json(plan): Json<Vec<Fault>>) -> Response {
    if twin.faults.replace(plan) {
        Json(twin.faults.remaining()).into_response()
    } else {
        (StatusCode::UNPROCESSABLE_ENTITY, "Planul are prea multe defecte.").into_response()
    }
}

async fn calls(State(twin): State<Arc<Anaf>>) -> Json<Vec<AnafCall>> {
    Json(twin.calls.all())
}

async fn forget_quotas(State(twin): State<Arc<Anaf>>) -> StatusCode {
    twin.meter.clear();
    StatusCode::NO_CONTENT
}

/// Tokens without a browser, for the first registered application.
async fn give_tokens(State(twin): State<Arc<Anaf>>) -> Json<Value> {
    let settings = twin.settings().clone();
    let client = settings.applications.first().map(|one| one.client_id.clone()).unwrap_or_default();
    Json(oauth::answer(&twin.issuer.pair(&client, twin.now(), &settings)))
}

#[derive(Deserialize)]
struct Which {
    which: Expire,
}

async fn expire_tokens(State(twin): State<Arc<Anaf>>, Query(asked): Query<Which>) -> StatusCode {
    twin.issuer.expire(asked.which);
    StatusCode::NO_CONTENT
}

async fn jwt_key(State(twin): State<Arc<Anaf>>) -> Response {
    ([(header::CONTENT_TYPE, "application/x-pem-file")], twin.issuer.public_key_pem()).into_response()
}
