//! What a twin was asked and what it answered, for whoever integrates: the last exchanges, without credentials.

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use axum::body::{Body, to_bytes};
use axum::extract::{Request, State};
use axum::http::{HeaderMap, header};
use axum::middleware::Next;
use axum::response::Response;
use axum::routing::get;
use axum::{Json, Router};
use bytes::Bytes;
use serde::{Deserialize, Serialize};

/// How many exchanges are remembered.
const MOST: usize = 200;
/// The longest body that is remembered, in bytes. A longer one passes by unread, so that large documents still stream.
const LONGEST: usize = 32 * 1024;
/// Headers that hold credentials; of an `Authorization` only the scheme is kept.
const SECRET: [&str; 5] = ["cookie", "set-cookie", "webhook-signature", "x-api-key", "proxy-authorization"];

/// One exchange with a twin.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RecordedRequest {
    /// The method.
    pub method: String,
    /// Path and query.
    pub path: String,
    /// The headers, without credentials.
    pub headers: BTreeMap<String, String>,
    /// The body as text; none where it is longer than 32 KiB.
    pub body: Option<String>,
    /// The status of the answer.
    pub status: u16,
    /// The body of the answer as text; none where it is longer than 32 KiB.
    pub answer: Option<String>,
}

/// The memory of one twin.
#[derive(Clone, Default)]
pub struct Recorder(Arc<Mutex<VecDeque<RecordedRequest>>>);

impl Recorder {
    /// What it remembers, oldest first.
    #[must_use]
    pub fn exchanges(&self) -> Vec<RecordedRequest> {
        self.locked().iter().cloned().collect()
    }

    fn keep(&self, exchange: RecordedRequest) {
        let mut exchanges = self.locked();
        if exchanges.len() == MOST {
            exchanges.pop_front();
        }
        exchanges.push_back(exchange);
    }

    fn locked(&self) -> MutexGuard<'_, VecDeque<RecordedRequest>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The pages with everything that passes remembered, and the page that shows it.
pub(crate) fn around(recorder: Recorder, pages: Router) -> Router {
    let shown = get(show).with_state(recorder.clone());
    pages.layer(axum::middleware::from_fn_with_state(recorder, record)).route("/_sandbox/requests", shown)
}

async fn show(State(recorder): State<Recorder>) -> Json<Vec<RecordedRequest>> {
    Json(recorder.exchanges())
}

async fn record(State(recorder): State<Recorder>, request: Request, next: Next) -> Response {
    if request.uri().path().starts_with("/_sandbox/") {
        return next.run(request).await;
    }
    let method = request.method().to_string();
    let path = request.uri().path_and_query().map_or("/", |path| path.as_str()).to_owned();
    let headers = shown(request.headers());
    let (request, body) = remembered(request).await;
    let answer = next.run(request).await;
    let status = answer.status().as_u16();
    let (parts, content) = answer.into_parts();
    let (content, said) = short(&parts.headers, content).await;
    recorder.keep(RecordedRequest { method, path, headers, body, status, answer: said });
    Response::from_parts(parts, content)
}

async fn remembered(request: Request) -> (Request, Option<String>) {
    let (parts, body) = request.into_parts();
    let (body, text) = short(&parts.headers, body).await;
    (Request::from_parts(parts, body), text)
}

/// Reads a body whose length is said and short; any other passes as it is.
async fn short(headers: &HeaderMap, body: Body) -> (Body, Option<String>) {
    let length = headers.get(header::CONTENT_LENGTH).and_then(|value| value.to_str().ok()?.parse::<usize>().ok());
    let exact = axum::body::HttpBody::size_hint(&body).exact().and_then(|size| usize::try_from(size).ok());
    match length.or(exact) {
        Some(length) if length <= LONGEST => match to_bytes(body, LONGEST).await {
            Ok(bytes) => (Body::from(bytes.clone()), Some(text(&bytes))),
            // Cut by the client; the twin sees it cut too.
            Err(_) => (Body::from_stream(cut()), None),
        },
        _ => (body, None),
    }
}

fn cut() -> impl futures_util::Stream<Item = Result<Bytes, std::io::Error>> {
    futures_util::stream::iter([Err(std::io::Error::from(std::io::ErrorKind::UnexpectedEof))])
}

fn text(bytes: &Bytes) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

fn shown(headers: &HeaderMap) -> BTreeMap<String, String> {
    let mut shown = BTreeMap::new();
    for (name, value) in headers {
        let value = value.to_str().unwrap_or("…");
        let value = match name.as_str() {
            "authorization" => format!("{} …", value.split(' ').next().unwrap_or_default()),
            name if SECRET.contains(&name) => "…".to_owned(),
            _ => value.to_owned(),
        };
        shown.insert(name.as_str().to_owned(), value);
    }
    shown
}
