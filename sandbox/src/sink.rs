//! A target that takes everything with as little work as possible and still sees doubles; for measuring.

use std::collections::HashSet;
use std::io;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use axum::Json;
use axum::Router;
use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use futures_util::StreamExt;
use openssl::sha::sha256;
use serde::{Deserialize, Serialize};

use crate::running::{Recorded, Running, start};

/// The most keys remembered, at 16 bytes each; later ones are counted as unwatched.
const MOST_KEYS: usize = 8_000_000;

/// A target that takes everything.
#[derive(Default)]
pub struct Sink {
    taken: AtomicU64,
    doubles: AtomicU64,
    unwatched: AtomicU64,
    bytes: AtomicU64,
    keys: Mutex<HashSet<[u8; 16]>>,
}

/// What a sink counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct SinkCounts {
    /// Sendings whose key was new.
    pub taken: u64,
    /// Sendings whose key was known.
    pub doubles: u64,
    /// Sendings without a key, or after the memory for keys was full.
    pub unwatched: u64,
    /// Bytes of all bodies.
    pub bytes: u64,
}

impl Sink {
    /// Starts the sink. It answers a POST at any path like eSocial, and a GET with `?cheie=` too.
    ///
    /// # Errors
    /// The address cannot be bound.
    pub async fn start(address: SocketAddr) -> io::Result<Running<SinkCounts>> {
        let sink = Arc::new(Self::default());
        let pages =
            Router::new().route("/_sandbox/counts", get(counts)).fallback(receive).with_state(Arc::clone(&sink));
        start(address, sink, pages).await
    }

    fn counts(&self) -> SinkCounts {
        let read = |count: &AtomicU64| count.load(Ordering::Relaxed);
        SinkCounts {
            taken: read(&self.taken),
            doubles: read(&self.doubles),
            unwatched: read(&self.unwatched),
            bytes: read(&self.bytes),
        }
    }

    fn count(&self, key: Option<[u8; 16]>) {
        let counter = match key {
            None => &self.unwatched,
            Some(key) => {
                let mut keys = self.keys.lock().unwrap_or_else(PoisonError::into_inner);
                if keys.contains(&key) {
                    &self.doubles
                } else if keys.len() >= MOST_KEYS {
                    &self.unwatched
                } else {
                    keys.insert(key);
                    &self.taken
                }
            }
        };
        counter.fetch_add(1, Ordering::Relaxed);
    }
}

impl Recorded for Sink {
    type Record = SinkCounts;

    fn records(&self) -> Vec<SinkCounts> {
        vec![self.counts()]
    }
}

async fn counts(State(sink): State<Arc<Sink>>) -> Json<SinkCounts> {
    Json(sink.counts())
}

async fn receive(State(sink): State<Arc<Sink>>, request: Request<Body>) -> Response {
    if request.method() == axum::http::Method::GET {
        return find(&sink, request.uri().query().unwrap_or_default());
    }
    let key = request.headers().get("idempotency-key").or_else(|| request.headers().get("webhook-id"));
    let key = key.map(|key| folded(key.as_bytes()));
    let mut body = request.into_body().into_data_stream();
    while let Some(chunk) = body.next().await {
        let Ok(chunk) = chunk else { return StatusCode::BAD_REQUEST.into_response() };
        sink.bytes.fetch_add(chunk.len() as u64, Ordering::Relaxed);
    }
    sink.count(key);
    case(StatusCode::CREATED, key.unwrap_or_default())
}

fn find(sink: &Sink, query: &str) -> Response {
    let key = query.strip_prefix("cheie=").map(|key| folded(key.as_bytes()));
    let keys = sink.keys.lock().unwrap_or_else(PoisonError::into_inner);
    match key.filter(|key| keys.contains(key)) {
        Some(key) => {
            let body = format!("{{\"cazuri\":[{{\"numarCaz\":\"S-{}\"}}]}}", hex::encode(key));
            ([(header::CONTENT_TYPE, "application/json")], body).into_response()
        }
        None => (StatusCode::NOT_FOUND, [(header::CONTENT_TYPE, "application/json")], "{\"cod\":\"ES-404\"}")
            .into_response(),
    }
}

fn case(status: StatusCode, key: [u8; 16]) -> Response {
    let number = hex::encode(key);
    let body = format!("{{\"numarCaz\":\"S-{number}\",\"numarInregistrare\":1,\"dataInregistrare\":\"2026-01-01\"}}");
    (status, [(header::CONTENT_TYPE, "application/json")], body).into_response()
}

fn folded(key: &[u8]) -> [u8; 16] {
    let mut folded = [0; 16];
    folded.copy_from_slice(&sha256(key)[..16]);
    folded
}
