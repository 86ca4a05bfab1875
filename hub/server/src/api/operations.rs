//! `/health` and `/metrics`: for those who run the hub.

use std::collections::BTreeMap;

use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use axum::{Json, Router};
use hub_flow::clock::Timestamp;
use hub_flow::db::DbError;
use hub_flow::feed::{self, Standing};
use hub_flow::standing::Halt;
use hub_flow::{breaker, dead_letters, deadline, examination, flow, log, preservation, queue};
use serde_json::{Value, json};

use crate::telemetry::LogFigures;

use super::App;
use crate::api::door::Door;
/// Why these are open to all.
const HEALTH: &str = "those who watch the service call from their own network, and learn counts alone";

/// Whether the service stands.
#[must_use]
pub fn routes(door: Door) -> Door {
    door.public_get("/health/live", HEALTH, live)
        .public_get("/health/ready", HEALTH, ready)
        .public_get("/metrics", HEALTH, metrics)
}

/// Health and metrics alone, for an address of their own.
pub fn router(app: App) -> Router {
    routes(Door::default()).into_router().with_state(app)
}

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
    let stamping = super::log::stamping(&app).await.ok();
    let push = push(&app).await.ok();
    let document = json!({
        "database": state(database.is_ok()),
        "blobs": state(blobs.is_ok()),
        "evidence": halted.map_or("ok", Halt::as_str),
        "causes": app.hub.standing.causes().iter().map(|cause| cause.halt.as_str()).collect::<Vec<_>>(),
        "people_may_sign_in": app.hub.standing.people_may_sign_in(),
        "seal": seal,
        "log": app.hub.log.trouble().unwrap_or_else(|| "ok".to_owned()),
        "time_stamping": stamping,
        "time_stamping_refusal": app.hub.log.last_refusal(),
        "evidence_push": push.map(|push| {
            json!({"parties": push.parties, "failing": push.failing, "paused": push.paused})
        }),
        "preservation": preserved(&app).await,
        "jobs": database.as_ref().ok(),
    });
    let status = if database.is_ok() && blobs.is_ok() && halted.is_none() {
        StatusCode::OK
    } else {
        StatusCode::SERVICE_UNAVAILABLE
    };
    (status, Json(document)).into_response()
}

/// How telling of evidence stands.
async fn push(app: &App) -> Result<Standing, DbError> {
    let patience = i64::try_from(app.hub.policy.retry.give_up_after.as_micros()).unwrap_or(i64::MAX);
    let began = app.hub.clock.now().0.saturating_sub(patience);
    feed::standing(&app.hub.db, Timestamp(began)).await
}

/// What is preserved and what waits: `off` where nobody stamps, `behind` after a refusal.
async fn preserved(app: &App) -> Value {
    if !app.preservation.is_on() {
        return json!({"state": "off"});
    }
    let trouble = app.preservation.trouble();
    let state = preservation::state(&app.hub.db).await.ok();
    json!({
        "state": if trouble.is_some() { "behind" } else { "ok" },
        "batches": state.map(|state| state.batches),
        "waiting": state.map(|state| state.waiting),
        "oldest_waiting_at": state.and_then(|state| state.since).map(Timestamp::to_utc),
        "trouble": trouble,
    })
}

/// Reads how the log stands; where the database does not answer, the figures stay as they were.
async fn log_figures(app: &App) {
    let db = &app.hub.db;
    let (Ok(head), Ok(leaves)) = (log::newest_head(db).await, log::size(db).await) else { return };
    let headed = head.map_or(0, |head| head.size);
    let unstamped = match app.hub.log.stamping() {
        Some(_) => log::state(db).await.ok(),
        None => None,
    };
    let now = app.hub.clock.now();
    let age = unstamped.and_then(|state| state.since).map_or(0, |since| (now.0 - since.0) / 1_000_000);
    app.metrics.log(LogFigures { leaves, headed, unstamped: unstamped.map_or(0, |state| state.waiting), age });
}

/// Reads which systems are left alone and what waits for a person.
async fn promises(app: &App) {
    if let Ok(breakers) = breaker::all(&app.hub.db).await {
        let mut open = BTreeMap::<String, i64>::new();
        for (place, condition) in breakers {
            *open.entry(place.system).or_default() += i64::from(!condition.is_closed());
        }
        app.metrics.systems(open);
    }
    if let Ok(letters) = dead_letters::open_counts(&app.hub.db).await {
        app.metrics.dead_letters(letters);
    }
}

/// Metrics in the Prometheus text format.
pub async fn metrics(State(app): State<App>) -> Response {
    let waiting = queue::depth(&app.hub.db).await.unwrap_or(-1);
    log_figures(&app).await;
    if let Ok(push) = push(&app).await {
        app.metrics.push(push);
    }
    if let Ok(lines) = app.board.lines(&app).await {
        let until = app.hub.clock.now().plus_seconds(90 * 86_400);
        app.metrics.weakening(preservation::weakening(&lines, until));
    }
    promises(&app).await;
    app.metrics.standing(&app.hub.standing.causes());
    let db = &app.hub.db;
    let late = deadline::overdue(db, app.hub.clock.now()).await;
    if let (Ok(orphans), Ok(late)) = (flow::orphans(db, None, 1000).await, late) {
        app.metrics.deadlines(orphans.len(), late);
    }
    if let Ok(open) = examination::open_findings(db).await {
        app.metrics.damaged(open);
    }
    let media_type = "application/openmetrics-text; version=1.0.0; charset=utf-8";
    ([(header::CONTENT_TYPE, media_type)], app.metrics.text(waiting)).into_response()
}
