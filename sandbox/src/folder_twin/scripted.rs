//! A server that gives every request the same recorded answer.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::{DefaultBodyLimit, Request, State};
use axum::response::Response;
use connectors_contract::RecordedExchange;

use super::{LONGEST, answers};
use crate::running::{Recorded, Running, start};

/// Answers every request as one exchange was recorded.
pub struct Scripted(RecordedExchange);

impl Scripted {
    /// Starts it. Port 0 takes a free one.
    ///
    /// # Errors
    /// The address cannot be bound.
    pub async fn start(address: SocketAddr, exchange: RecordedExchange) -> io::Result<Running<()>> {
        let twin = Arc::new(Self(exchange));
        let pages = Router::new().fallback(answer).layer(DefaultBodyLimit::disable()).with_state(Arc::clone(&twin));
        start(address, twin, pages).await
    }
}

impl Recorded for Scripted {
    type Record = ();

    fn records(&self) -> Vec<()> {
        Vec::new()
    }
}

async fn answer(State(twin): State<Arc<Scripted>>, request: Request<Body>) -> Response {
    // Read to its end, so that the client sees the answer and not a broken upload.
    let _read = to_bytes(request.into_body(), LONGEST).await;
    answers::plain(&twin.0)
}
