//! RO e-Transport.
use super::Anaf;
use axum::Router;
use std::sync::Arc;
#[derive(Default)]
pub(super) struct Register;
pub(super) fn pages(twin: &Arc<Anaf>) -> Router {
    Router::new().with_state(Arc::clone(twin))
}
