//! The HTTP door: one folder per resource, one file per verb.

pub mod problem;
pub mod caller;
pub mod authentication;
pub mod clerk;
pub mod may;
pub mod arguments;
pub mod door;
pub mod request;
pub mod messages;
pub mod inbox;
pub mod evidence;
pub mod relay;
pub mod registers;
pub mod registry_acts;
pub mod deadlines;
pub mod systems;
pub mod dead_letters;
pub mod archive;
pub mod lookups;
pub mod journal;
pub mod search;
pub mod reference;
pub mod log;
pub mod proofs;
pub mod operations;

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::{MatchedPath, Request, State};
use axum::middleware::{self, Next};
use axum::response::Response;
use hub_flow::hub::Hub;
use hub_flow::preservation::Preservation;
use tokio::sync::watch;

use crate::config::Limits;
use crate::problems;
use crate::seal::Report;
use crate::telemetry::Metrics;

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
    /// Upload whose next bytes do not come for so long is dropped.
    pub idle: Duration,
}

/// Every route there is, each with who may come in.
#[must_use]
pub fn door() -> Door {
    Door::default()
        .with(messages::routes)
        .with(evidence::routes)
        .with(inbox::routes)
        .with(relay::routes)
        .with(registers::routes)
        .with(deadlines::routes)
        .with(registry_acts::routes)
        .with(systems::routes)
        .with(dead_letters::routes)
        .with(lookups::routes)
        .with(archive::routes)
        .with(journal::routes)
        .with(search::routes)
        .with(reference::routes)
        .with(log::routes)
        .with(proofs::routes)
        .with(operations::routes)
}

/// The program behind its door.
pub fn router(app: App) -> Router {
    door()
        .into_router()
        .fallback(|| async { Problem::of(&problems::NOT_FOUND) })
        .method_not_allowed_fallback(|| async { Problem::of(&problems::METHOD_NOT_ALLOWED) })
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
