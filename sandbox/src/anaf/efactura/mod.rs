//! RO e-Factura, `/{test|prod}/FCTEL/rest/…`: what is refused is refused with 200, in the format of its operation.

mod register;
mod rules;
mod amount;
mod document;
mod upload;
mod status;
mod lists;
mod download;
mod validation;
mod seal;
mod archive;
mod pdf;
mod seeding;

use std::collections::HashMap;
use std::sync::Arc;

use axum::Router;
use axum::extract::Query;
use axum::http::HeaderMap;
use axum::response::Response;
use axum::routing::{get, post};

use super::{Anaf, answers, oauth};

pub(super) use register::Register;

/// The parameters of a request.
type Asked = Query<HashMap<String, String>>;

pub(super) fn pages(twin: &Arc<Anaf>) -> Router {
    Router::new()
        .route("/{environment}/FCTEL/rest/upload", post(upload::upload))
        .route("/{environment}/FCTEL/rest/uploadb2c", post(upload::upload))
        .route("/{environment}/FCTEL/rest/stareMesaj", get(status::status))
        .route("/{environment}/FCTEL/rest/listaMesajeFactura", get(lists::simple))
        .route("/{environment}/FCTEL/rest/listaMesajePaginatieFactura", get(lists::paged))
        .route("/{environment}/FCTEL/rest/descarcare", get(download::download))
        .route("/{environment}/FCTEL/rest/validare/{standard}", post(validation::validate))
        .route("/{environment}/FCTEL/rest/validare/", post(validation::malformed))
        .route("/{environment}/FCTEL/rest/transformare/{standard}", post(validation::transform))
        .route("/{environment}/FCTEL/rest/transformare/{standard}/DA", post(validation::transform_unvalidated))
        .route("/{environment}/FCTEL/rest/transformare/", post(validation::malformed))
        .route("/api/validate/signature", post(seal::validate_signature))
        .route("/_sandbox/anaf/invoices", get(seeding::list).post(seeding::seed))
        .route("/_sandbox/anaf/ministry.pem", get(seal::certificate))
        .with_state(Arc::clone(twin))
}

/// Refuses what is not one of the two environments, and a call without a living token.
fn enter(twin: &Anaf, environment: &str, headers: &HeaderMap) -> Option<Response> {
    if !matches!(environment, "test" | "prod") {
        return Some(answers::forbidden());
    }
    oauth::check(twin, headers)
}

fn parameter<'a>(asked: &'a Asked, name: &str) -> Option<&'a str> {
    asked.0.get(name).map(|value| value.trim()).filter(|value| !value.is_empty())
}

fn is_number(text: &str) -> bool {
    !text.is_empty() && text.len() <= 18 && text.bytes().all(|byte| byte.is_ascii_digit())
}
