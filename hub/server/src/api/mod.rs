//! The HTTP door: one folder per resource, one file per verb.

pub mod problem;
pub mod caller;
pub mod authentication;
pub mod clerk;
pub mod may;
pub mod arguments;
pub mod door;
pub mod openapi;
pub mod request;
pub mod messages;
pub mod batches;
pub mod tracking;
pub mod inbox;
pub mod work;
pub mod exchanges;
pub mod simulation;
pub mod playground;
pub mod evidence;
pub mod finding;
pub mod reports;
pub mod relay;
pub mod registers;
pub mod registry_acts;
pub mod deadlines;
pub mod credentials;
pub mod oauth;
pub mod systems;
pub mod upkeep;
pub mod dead_letters;
pub mod archive;
pub mod lookups;
pub mod journal;
pub mod audit;
pub mod journaling;
pub mod my_data;
pub mod search;
pub mod keys;
pub mod reference;
pub mod directory;
pub mod structure;
pub mod agreements;
pub mod persons;
pub mod nomenclatures;
pub mod log;
pub mod proofs;
pub mod operations;
pub mod accounts;
pub mod roles;
pub mod sessions;
pub mod approvals;
pub mod standing;

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::{MatchedPath, Request, State};
use axum::middleware::{self, Next};
use axum::response::Response;
use hub_flow::hub::Hub;
use hub_flow::preservation::Preservation;
use tokio::sync::watch;

use crate::config::{DoorConfig, Limits};
use crate::console;
use crate::lockdown;
use crate::problems;
use crate::protection::headers::OverTls;
use crate::protection::malware::Scanner;
use crate::protection::{Gate, layers};
use crate::seal::Report;
use crate::sign_in::{self, SignIn};
use crate::telemetry::Metrics;
use crate::tls::{Proxies, Tls};

use door::Door;
use problem::Problem;

/// What every handler may use.
#[derive(Clone)]
pub struct App {
    /// The hub.
    pub hub: Arc<Hub>,
    /// Sizes that are refused.
    pub limits: Limits,
    /// What is measured.
    pub metrics: Arc<Metrics>,
    /// What is known of the seal.
    pub seal_report: watch::Receiver<Report>,
    /// How evidence is preserved.
    pub preservation: Arc<Preservation>,
    /// The expiry board as it was last read.
    pub board: Arc<proofs::Board>,
    /// What the hub looks for before it says that it is safe.
    pub checks: Arc<lockdown::Checks>,
    /// Upload whose next bytes do not come for so long is dropped.
    pub idle: Duration,
    /// TLS of the door, where it speaks it.
    pub tls: Option<Arc<Tls>>,
    /// The proxies whose word about client certificates is believed.
    pub proxies: Arc<Proxies>,
    /// Who issues access tokens.
    pub tokens: Arc<oauth::Authority>,
    /// How people sign in.
    pub sign_in: Arc<SignIn>,
    /// Budgets and lines before the handlers.
    pub gate: Arc<Gate>,
    /// Bounds of requests.
    pub door: Arc<DoorConfig>,
    /// Who looks for malware, where a scanner is named.
    pub scanner: Option<Scanner>,
    /// Whether browsers may be told to come over TLS only.
    pub over_tls: OverTls,
    /// Where the hub keeps things.
    pub places: Arc<upkeep::Places>,
    /// Says when the hub stops: whoever waits for news goes home.
    pub stopped: watch::Receiver<bool>,
}

/// Every route there is, each with who may come in.
#[must_use]
pub fn door() -> Door {
    Door::default()
        .with(messages::routes)
        .with(batches::routes)
        .with(tracking::routes)
        .with(evidence::routes)
        .with(finding::routes)
        .with(reports::routes)
        .with(exchanges::routes)
        .with(simulation::routes)
        .with(playground::routes)
        .with(inbox::routes)
        .with(work::routes)
        .with(relay::routes)
        .with(registers::routes)
        .with(deadlines::routes)
        .with(registry_acts::routes)
        .with(credentials::routes)
        .with(oauth::routes)
        .with(systems::routes)
        .with(dead_letters::routes)
        .with(lookups::routes)
        .with(archive::routes)
        .with(journal::routes)
        .with(audit::routes)
        .with(my_data::routes)
        .with(search::routes)
        .with(keys::routes)
        .with(reference::routes)
        .with(directory::routes)
        .with(structure::routes)
        .with(agreements::routes)
        .with(persons::routes)
        .with(nomenclatures::routes)
        .with(log::routes)
        .with(proofs::routes)
        .with(operations::routes)
        .with(openapi::routes)
        .with(accounts::routes)
        .with(roles::routes)
        .with(sessions::routes)
        .with(approvals::routes)
        .with(sign_in::pages::routes)
        .with(standing::routes)
        .with(upkeep::routes)
        .with(console::routes)
}

/// The program behind its door.
pub fn router(app: App) -> Router {
    let routes = door()
        .into_router()
        .fallback(|| async { Problem::of(&problems::NOT_FOUND) })
        .method_not_allowed_fallback(|| async { Problem::of(&problems::METHOD_NOT_ALLOWED) })
        .layer(middleware::from_fn_with_state(app.clone(), journaling::journal))
        .layer(middleware::from_fn_with_state(app.clone(), lockdown::guard));
    layers::protected(console::before(routes, &app), &app)
        .layer(middleware::from_fn_with_state(app.clone(), count))
        .layer(axum::extract::DefaultBodyLimit::disable())
        .with_state(app)
}

async fn count(State(app): State<App>, request: Request, next: Next) -> Response {
    let route = request.extensions().get::<MatchedPath>().map_or("none", MatchedPath::as_str).to_owned();
    let response = next.run(request).await;
    app.metrics.request(&route, response.status().as_u16());
    response
}
