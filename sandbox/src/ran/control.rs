//! What only a sandbox has: how fast it works, what it received, its certificate.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use serde_json::{Value, json};

use super::Ran;
use super::register::Pace;

/// What it received and how it works.
pub(super) async fn show(State(twin): State<Arc<Ran>>) -> Json<Value> {
    twin.register.advance((twin.clock)(), &twin.seal);
    Json(json!({ "ritm": twin.register.pace(), "transmisii": twin.register.all() }))
}

/// Another pace.
pub(super) async fn set(State(twin): State<Arc<Ran>>, Json(pace): Json<Pace>) -> Json<Pace> {
    twin.register.set_pace(pace);
    Json(twin.register.pace())
}

/// The sweep of the end of the day: everything is processed and signed now.
pub(super) async fn process(State(twin): State<Arc<Ran>>) -> Json<Value> {
    twin.register.advance(i64::MAX / 2, &twin.seal);
    Json(json!({ "transmisii": twin.register.all() }))
}

/// The certificate its receipts are signed with.
pub(super) async fn certificate(State(twin): State<Arc<Ran>>) -> String {
    twin.seal.pem()
}
