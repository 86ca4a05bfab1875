//! The HTTP door: one folder per resource, one file per verb.

pub mod problem;
pub mod caller;
pub mod clerk;
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
use axum::routing::{get, post};
use hub_flow::hub::Hub;
use hub_flow::preservation::Preservation;
use tokio::sync::watch;

use crate::config::Limits;
use crate::pages;
use crate::problems;
use crate::seal::Report;
use crate::telemetry::Metrics;

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

/// All routes of the door.
pub fn router(app: App) -> Router {
    Router::new()
        .route("/v1/messages", post(messages::submit::submit))
        .route("/v1/messages/{id}", get(messages::show::show))
        .route("/v1/messages/{id}/evidence", get(messages::evidence::list))
        .route("/v1/messages/{id}/evidence/{evidence}", get(messages::evidence::document))
        .route("/v1/messages/{id}/evidence/{evidence}/log-proof", get(messages::evidence::log_proof))
        .route("/v1/messages/{id}/evidence/{evidence}/receipt", get(messages::papers::receipt))
        .route("/v1/messages/{id}/evidence/{evidence}/view", get(messages::papers::view))
        .route("/v1/messages/{id}/package", get(messages::papers::package))
        .route("/v1/messages/{id}/evidence/{evidence}/record", get(messages::record::record))
        .route("/v1/messages/{id}/parts/{name}", get(messages::part::part))
        .route("/v1/evidence", get(evidence::list))
        .route("/v1/inbox", get(inbox::list::list))
        .route("/v1/inbox/{delivery}", get(inbox::show::show))
        .route("/v1/inbox/{delivery}/consent", post(inbox::settle::consent))
        .route("/v1/inbox/{delivery}/accept", post(inbox::settle::accept))
        .route("/v1/inbox/{delivery}/reject", post(inbox::settle::reject))
        .route("/v1/relay", post(relay::dispatch::dispatch))
        .route("/v1/relay/evidence", post(relay::evidence::tell))
        .route(
            "/v1/registers/{register}/{year}/closing",
            get(registers::closing::show).post(registers::closing::propose),
        )
        .route("/v1/registers/{register}/{year}/closing/approve", post(registers::closing::approve))
        .route("/v1/registers/{register}/{year}/closing/withdraw", post(registers::closing::withdraw))
        .route("/v1/registers/{register}/{year}/proof", get(registers::outgoing::proof))
        .route("/v1/registers/{register}/{year}/import", get(registers::import::show).post(registers::import::take))
        .route("/v1/registers/{register}/{year}/print.pdf", get(registers::outgoing::print))
        .route("/v1/registers/{register}/{year}/entries.csv", get(registers::outgoing::csv))
        .route("/v1/registers/{register}/{year}/entries.xlsx", get(registers::outgoing::xlsx))
        .route("/v1/registers/{register}/{year}/{number}/deadline", get(deadlines::show::show))
        .route("/v1/registers/{register}/{year}/{number}/assignment", post(registry_acts::handling::assign))
        .route("/v1/registers/{register}/{year}/{number}/work", post(registry_acts::handling::take_up))
        .route("/v1/registers/{register}/{year}/{number}/part", post(registry_acts::handling::complete_part))
        .route("/v1/registers/{register}/{year}/{number}/resolution", post(registry_acts::resolving::resolve))
        .route("/v1/registers/{register}/{year}/{number}/approval", post(registry_acts::resolving::approve))
        .route("/v1/registers/{register}/{year}/{number}/dispatch", post(registry_acts::resolving::dispatch))
        .route("/v1/registers/{register}/{year}/{number}/filing", post(registry_acts::resolving::file))
        .route("/v1/registers/{register}/{year}/{number}/suspension", post(registry_acts::terms::suspend))
        .route("/v1/registers/{register}/{year}/{number}/resumption", post(registry_acts::terms::resume))
        .route("/v1/registers/{register}/{year}/{number}/extension", post(registry_acts::terms::extend))
        .route("/v1/registers/{register}/{year}/{number}/extension/decision", post(registry_acts::terms::decide))
        .route("/v1/registers/{register}/{year}/{number}/redirection", post(registry_acts::redirection::redirect))
        .route("/v1/deadlines", get(deadlines::list::list))
        .route("/v1/deadlines/notices", get(deadlines::notices::list))
        .route("/v1/deadlines/notices/{id}/read", post(deadlines::notices::read))
        .route("/v1/orphans", get(deadlines::orphans::list))
        .route("/v1/registers", get(registers::defined::list))
        .route("/v1/registers/{register}", get(registers::defined::show).put(registers::define::define))
        .route("/v1/registers/{register}/entries", get(registers::list::list).post(registers::enter::enter))
        .route("/v1/registers/{register}/reservations", post(registers::keep::reserve))
        .route("/v1/registers/{register}/allocations", post(registers::keep::allocate))
        .route("/v1/registers/{register}/fillings", post(registers::fill::fill_all))
        .route("/v1/registers/{register}/{year}/{number}", get(registers::show::show))
        .route("/v1/registers/{register}/{year}/{number}/fill", post(registers::fill::fill))
        .route("/v1/registers/{register}/{year}/{number}/correct", post(registers::correct::correct))
        .route("/v1/registers/{register}/{year}/{number}/connect", post(registers::connect::connect))
        .route("/v1/registers/{register}/{year}/{number}/annul", post(registers::annul::propose))
        .route("/v1/registers/{register}/{year}/{number}/approve-annulment", post(registers::annul::approve))
        .route("/v1/registers/{register}/{year}/{number}/refuse-annulment", post(registers::annul::refuse))
        .route("/v1/correspondents", get(registers::correspondents::list))
        .route("/v1/correspondents/{id}/anonymise", post(registers::correspondents::anonymise))
        .route("/v1/systems", get(systems::list))
        .route("/v1/systems/{system}/resume", post(systems::resume))
        .route("/v1/dead-letters", get(dead_letters::list))
        .route("/v1/dead-letters/{delivery}/replay", post(dead_letters::replay))
        .route("/v1/dead-letters/{delivery}/settle", post(dead_letters::settle))
        .route("/v1/lookups", get(lookups::list::list))
        .route("/v1/lookups/{id}", get(lookups::again::show))
        .route("/v1/lookups/{id}/document", get(lookups::again::document))
        .route("/v1/lookups/{system}/{operation}", post(lookups::ask::ask))
        .route("/v1/lookups/{system}/{operation}/batch", post(lookups::batch::ask_all))
        .route("/v1/archive/nomenclator", get(archive::nomenclator::list).post(archive::nomenclator::import))
        .route("/v1/archive/nomenclator/{version}", get(archive::nomenclator::show))
        .route("/v1/archive/dossiers", get(archive::dossiers::list).post(archive::dossiers::open))
        .route("/v1/archive/dossiers/{id}", get(archive::dossiers::show))
        .route("/v1/archive/dossiers/{id}/documents", get(archive::dossiers::documents))
        .route("/v1/archive/dossiers/{id}/close", post(archive::dossiers::close))
        .route("/v1/archive/dossiers/{id}/rights", post(archive::dossiers::rights))
        .route("/v1/archive/documents/{id}", get(archive::documents::show))
        .route("/v1/archive/documents/{id}/sheet", get(archive::documents::sheet))
        .route("/v1/archive/documents/{id}/content", get(archive::documents::content))
        .route("/v1/archive/filings", get(archive::filings::list))
        .route("/v1/archive/filings/{id}/classify", post(archive::filings::classify))
        .route("/v1/archive/inventories", get(archive::inventories::list).post(archive::inventories::make))
        .route("/v1/archive/inventories/{id}", get(archive::inventories::show))
        .route("/v1/archive/inventories/{id}/handover", post(archive::inventories::hand_over))
        .route("/v1/archive/inventories/{id}/paper", get(archive::papers::inventory))
        .route("/v1/archive/inventories/{id}/minutes", get(archive::papers::minutes))
        .route("/v1/archive/holds", get(archive::holds::list).post(archive::holds::place))
        .route("/v1/archive/holds/{id}/release", post(archive::holds::release))
        .route("/v1/archive/due", get(archive::selections::due))
        .route("/v1/archive/selections", get(archive::selections::list).post(archive::selections::propose))
        .route("/v1/archive/selections/{id}", get(archive::selections::show))
        .route("/v1/archive/selections/{id}/confirmation", post(archive::selections::confirm))
        .route("/v1/archive/selections/{id}/destruction", post(archive::selections::destroy))
        .route("/v1/archive/selections/{id}/proof", get(archive::selections::proof))
        .route("/v1/archive/selections/{id}/proof.pdf", get(archive::papers::proof))
        .route("/v1/archive/selections/{id}/minutes", get(archive::papers::selection))
        .route("/v1/journal", get(journal::list))
        .route("/v1/journal/search", post(journal::search))
        .route("/v1/search", get(search::search))
        .route("/v1/directory", get(reference::directory))
        .route("/v1/document-types", get(reference::document_types))
        .route("/v1/seal", get(reference::seal))
        .route("/v1/seals", get(reference::seals))
        .route("/v1/verify", post(reference::verify))
        .route("/verify", get(pages::verification::page))
        .route("/verify.css", get(pages::verification::style))
        .route("/v1/log", get(log::show))
        .route("/v1/log/checkpoint", get(log::heads::checkpoint))
        .route("/v1/log/heads", get(log::heads::list))
        .route("/v1/log/heads/{size}", get(log::heads::show))
        .route("/v1/log/heads/{size}/stamp", get(log::heads::stamp))
        .route("/v1/log/consistency", get(log::proofs::consistency))
        .route("/v1/log/inclusion", get(log::proofs::inclusion))
        .route("/v1/log/tile/{level}/{*number}", get(log::tiles::tile))
        .route("/v1/log/witness", post(log::witness::cosign))
        .route("/v1/proofs/expiring", get(proofs::expiring))
        .route("/problems/{code}", get(reference::problem_page))
        .route("/health/live", get(operations::live))
        .route("/health/ready", get(operations::ready))
        .route("/metrics", get(operations::metrics))
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
