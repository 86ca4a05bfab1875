//! RO e-Transport v2, `/{test|prod}/ETRANSPORT/ws/v1/…`: XML in, JSON out, refusals with 200.

mod declaration;
mod register;
mod upload;
mod questions;

use std::sync::Arc;

use axum::Router;
use axum::extract::State;
use axum::http::{HeaderMap, Uri};
use axum::response::Response;
use axum::routing::{any, get, post};

use super::{Anaf, answers, oauth};

pub(super) use register::Register;

pub(super) fn pages(twin: &Arc<Anaf>) -> Router {
    Router::new()
        .route("/{environment}/ETRANSPORT/ws/v1/upload/{standard}/{cif}/{version}", post(upload::upload))
        .route("/{environment}/ETRANSPORT/ws/v1/stareMesaj/{id}", get(questions::status))
        .route("/{environment}/ETRANSPORT/ws/v1/lista/{days}/{cif}", get(questions::list))
        .route("/{environment}/ETRANSPORT/ws/v1/info", get(questions::info))
        .route("/{environment}/ETRANSPORT/ws/v1/{*other}", any(malformed))
        .route("/_sandbox/anaf/transports", get(questions::all))
        .with_state(Arc::clone(twin))
}

fn enter(twin: &Anaf, environment: &str, headers: &HeaderMap) -> Option<Response> {
    if !matches!(environment, "test" | "prod") {
        return Some(answers::forbidden());
    }
    oauth::check(twin, headers)
}

async fn malformed(State(twin): State<Arc<Anaf>>, uri: Uri) -> Response {
    let path = uri.path();
    answers::not_found(path.find("/ETRANSPORT").map_or(path, |at| &path[at..]), twin.now())
}

fn is_number(text: &str) -> bool {
    !text.is_empty() && text.len() <= 18 && text.bytes().all(|byte| byte.is_ascii_digit())
}
