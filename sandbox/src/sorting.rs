//! Which requests of a twin deliver and which ask, and in what words it fails, where the HTTP method does not tell.

use axum::body::{Body, to_bytes};
use axum::extract::{Request, State};
use axum::http::StatusCode;
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use crate::faults::Operation;

/// The longest request that is looked into; longer ones deliver.
const LONGEST: usize = 16 * 1024 * 1024;

/// How to tell what asks from what delivers.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Sorting {
    /// What the body of a request that asks has in it.
    asks_with: &'static [&'static str],
    /// What the path of a request that asks begins with.
    asks_at: &'static [&'static str],
    tongue: Tongue,
}

/// The words of a twin's technical failures.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Tongue {
    /// `{"cod", "mesaj"}`.
    Json,
    /// A SOAP fault.
    Soap,
}

impl Sorting {
    /// A SOAP service: every call is a POST, one with any of these operations in its body asks.
    pub(crate) const fn soap(asks_with: &'static [&'static str]) -> Self {
        Self { asks_with, asks_at: &[], tongue: Tongue::Soap }
    }

    /// A service where every call is a POST and the path tells.
    pub(crate) const fn paths(asks_at: &'static [&'static str]) -> Self {
        Self { asks_with: &[], asks_at, tongue: Tongue::Json }
    }
}

/// Notes on the request what it is, before the plan of faults is asked.
pub(crate) async fn sort(State(sorting): State<Sorting>, request: Request, next: Next) -> Response {
    let (mut parts, body) = request.into_parts();
    parts.extensions.insert(sorting.tongue);
    let mut asks = sorting.asks_at.iter().any(|path| parts.uri.path().starts_with(path));
    let body = if sorting.asks_with.is_empty() || parts.method != axum::http::Method::POST {
        body
    } else {
        let Ok(bytes) = to_bytes(body, LONGEST).await else { return StatusCode::PAYLOAD_TOO_LARGE.into_response() };
        asks |= sorting.asks_with.iter().any(|word| bytes.windows(word.len()).any(|window| window == word.as_bytes()));
        Body::from(bytes)
    };
    if asks {
        parts.extensions.insert(Operation::Inquire);
    }
    next.run(Request::from_parts(parts, body)).await
}
