//! The twin of the private space (SPV): the appliance that guards it, and its three calls.
//!
//! A session begins with a certificate and lives in a cookie. Where a line with TLS stands in front, it asks for the
//! certificate by renegotiation and says its serial in a header; without one everybody is taken for the holder. It knows
//! invented messages and answers every permitted request with an invented paper.

mod settings;
mod sessions;
mod login;
mod reports;
mod messages;
mod service;
mod paper;

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use axum::extract::State;
use axum::routing::{get, post};
use axum::{Json, Router};
use serde_json::{Value, json};

use crate::running::Clock;
use messages::Messages;
use sessions::Sessions;
use settings::Settings;

pub(super) use paper::page;

/// The private space.
pub(crate) struct Spv {
    clock: Clock,
    state: Mutex<SpvState>,
}

struct SpvState {
    settings: Settings,
    sessions: Sessions,
    messages: Messages,
    /// How often a certificate was asked for.
    log_ins: u64,
}

impl Spv {
    /// A private space with its messages.
    pub(crate) fn new(clock: Clock) -> Arc<Self> {
        let (settings, sessions, messages) = (Settings::default(), Sessions::default(), Messages::new(clock()));
        Arc::new(Self { clock, state: Mutex::new(SpvState { settings, sessions, messages, log_ins: 0 }) })
    }

    /// Its pages, under the real paths, and its switches at `/_sandbox/spv`.
    pub(crate) fn pages(self: &Arc<Self>) -> Router {
        Router::new()
            .route("/SPVWS2/rest/listaMesaje", get(service::list))
            .route("/SPVWS2/rest/descarcare", get(service::download))
            .route("/SPVWS2/rest/cerere", get(service::request))
            .route("/my.policy", get(login::policy))
            .route("/my.policy_nonce", get(login::nonce))
            .route("/vdesk/hangup.php3", get(login::hang_up))
            .route("/_sandbox/spv", get(show).put(set))
            .route("/_sandbox/spv/end-sessions", post(end_sessions))
            .with_state(Arc::clone(self))
    }

    fn locked(&self) -> MutexGuard<'_, SpvState> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

async fn show(State(here): State<Arc<Spv>>) -> Json<Value> {
    let state = here.locked();
    let (open, proved) = state.sessions.count();
    Json(json!({ "settings": state.settings, "sessions": open, "proved": proved, "log_ins": state.log_ins,
        "waiting": state.messages.waiting() }))
}

async fn set(State(here): State<Arc<Spv>>, Json(settings): Json<Settings>) -> Json<Value> {
    here.locked().settings = settings;
    show(State(here)).await
}

async fn end_sessions(State(here): State<Arc<Spv>>) -> Json<Value> {
    here.locked().sessions.end_all();
    show(State(here)).await
}
