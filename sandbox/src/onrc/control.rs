//! How the twin is told to behave: `/_sandbox/onrc` and what is below it.

use std::sync::Arc;

use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::Onrc;
use super::document::Flaw;
use super::purpose::AuditRecord;
use super::register::Change;
use crate::date;

/// How the twin behaves; what is left out of a change is as at the start.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Behaviour {
    /// Seconds by which the twin's clock runs ahead.
    pub ahead_s: i64,
    /// Seconds until an ordinary certificate is issued; never more than 1200, the register's own ceiling.
    pub certificate_s: i64,
    /// Seconds until a historic report or a list is issued; the register says up to 30 days.
    pub slow_certificate_s: i64,
    /// Certificates wait for their payment.
    pub payment: bool,
    /// Seconds until an unpaid computation note expires.
    pub payment_expires_s: i64,
    /// Certificates are rejected.
    pub reject: bool,
    /// What is wrong with the signature of documents.
    pub flaw: Flaw,
    /// The end of a maintenance window, Unix seconds by the twin's clock; until then nothing is answered.
    pub maintenance_until: i64,
    /// Questions still answered before the quota is used up; none is no quota.
    pub quota: Option<u64>,
    /// The register answers so many milliseconds late.
    pub slow_ms: u64,
    /// Of a hundred questions so many run into a time-out, evenly spread.
    pub timeouts_percent: u64,
    /// Parts of a record that are not offered: `administratori`, `asociati`, `istoric` …
    pub without: Vec<String>,
    /// The file server cuts every answer after so many bytes; 0 is never.
    pub cut_files_after: u64,
    /// The file server knows no ranges.
    pub without_ranges: bool,
    /// The catalogue announces wrong checksums.
    pub wrong_checksums: bool,
}

impl Default for Behaviour {
    fn default() -> Self {
        Self {
            ahead_s: 0,
            certificate_s: 5,
            slow_certificate_s: 30 * 86_400,
            payment: false,
            payment_expires_s: 86_400,
            reject: false,
            flaw: Flaw::None,
            maintenance_until: 0,
            quota: None,
            slow_ms: 0,
            timeouts_percent: 0,
            without: Vec::new(),
            cut_files_after: 0,
            without_ranges: false,
            wrong_checksums: false,
        }
    }
}

pub(super) fn pages() -> Router<Arc<Onrc>> {
    Router::new()
        .route("/_sandbox/onrc", get(show).put(replace))
        .route("/_sandbox/onrc/audit", get(audit))
        .route("/_sandbox/onrc/evenimente", post(change))
        .route("/_sandbox/onrc/instantaneu", post(publish))
        .route("/_sandbox/onrc/plateste/{id}", post(pay))
        .route("/_sandbox/onrc/radacina.pem", get(root))
}

async fn show(State(twin): State<Arc<Onrc>>) -> Json<Behaviour> {
    Json(twin.locked().behaviour.clone())
}

async fn replace(State(twin): State<Arc<Onrc>>, Json(behaviour): Json<Behaviour>) -> Json<Behaviour> {
    let mut inner = twin.locked();
    inner.used = 0;
    inner.behaviour = behaviour;
    Json(inner.behaviour.clone())
}

async fn audit(State(twin): State<Arc<Onrc>>) -> Json<Vec<AuditRecord>> {
    Json(twin.locked().audit.clone())
}

async fn change(State(twin): State<Arc<Onrc>>, Json(change): Json<Change>) -> Response {
    let now = date::moment(twin.now());
    match twin.locked().register.change(change, &now) {
        Some(event) => Json(event).into_response(),
        None => (StatusCode::NOT_FOUND, Json(json!({ "mesaj": "Nu există firma." }))).into_response(),
    }
}

async fn publish(State(twin): State<Arc<Onrc>>) -> Json<Value> {
    let now = twin.now();
    let mut inner = twin.locked();
    let register = inner.register.clone();
    Json(json!({ "pachet": inner.snapshots.publish(&register, now) }))
}

async fn pay(State(twin): State<Arc<Onrc>>, Path(id): Path<String>) -> Response {
    let now = twin.now();
    match twin.locked().certificates.pay(&id, now) {
        true => Json(json!({ "mesaj": "Nota de calcul este plătită." })).into_response(),
        false => {
            (StatusCode::NOT_FOUND, Json(json!({ "mesaj": "Nicio notă de plată cu acest număr." }))).into_response()
        }
    }
}

async fn root(State(twin): State<Arc<Onrc>>) -> String {
    twin.seal.root_pem().to_owned()
}
