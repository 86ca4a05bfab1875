//! `/health` and `/metrics`: for those who run the hub.

use axum::Json;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use hub_flow::clock::Timestamp;
use hub_flow::queue;
use hub_flow::standing::Halt;
use serde_json::json;

use super::App;

/// The process answers.
pub async fn live() -> &'static str {
    "ok\n"
}

/// The hub can take documents: each dependency by name.
pub async fn ready(State(app): State<App>) -> Response {
    let database = queue::depth(&app.hub.db).await;
    let state = |ok: bool| if ok { "ok" } else { "unavailable" };
    let blobs = tokio::fs::metadata(app.hub.blobs.path(&[0; 32]).ancestors().nth(2).unwrap_or("/".as_ref())).await;
    let halted = app.hub.halted();
    let seal = app.hub.seal.signer();
    let seal = seal.certificate_chain().first().map(|certificate| {
        let report = app.seal_report.borrow();
        json!({
            "subject": certificate.subject(),
            "not_after": Timestamp(certificate.not_after() * 1_000_000).to_utc(),
            "revocation": report.revocation,
            "revocation_detail": report.detail,
        })
    });
    let document = json!({
        "database": state(database.is_ok()),
        "blobs": state(blobs.is_ok()),
        "evidence": halted.map_or("ok", Halt::as_str),
        "seal": seal,
        "jobs": database.as_ref().ok(),
    });
    let status = if database.is_ok() && blobs.is_ok() && halted.is_none() {
        StatusCode::OK
    } else {
        StatusCode::SERVICE_UNAVAILABLE
    };
    (status, Json(document)).into_response()
}

/// Metrics in the Prometheus text format.
pub async fn metrics(State(app): State<App>) -> Response {
    let waiting = queue::depth(&app.hub.db).await.unwrap_or(-1);
    let media_type = "application/openmetrics-text; version=1.0.0; charset=utf-8";
    ([(header::CONTENT_TYPE, media_type)], app.metrics.text(waiting)).into_response()
}
