//! RO e-Factura.
use super::Anaf;
use axum::Router;
use std::sync::Arc;
pub(super) struct Register;
impl Register {
    pub(super) fn new(_now: i64) -> Result<Self, openssl::error::ErrorStack> {
        Ok(Self)
    }
}
pub(super) fn pages(twin: &Arc<Anaf>) -> Router {
    Router::new().with_state(Arc::clone(twin))
}
