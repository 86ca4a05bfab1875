//! A twin made of nothing but a system's folder: its manifest says which requests there are, its recorded exchanges what
//! is answered.
//!
//! So a system that is only a folder has a twin without a line of Rust. It keeps each key once, knows it again, answers
//! inquiries and lookups by what was recorded, and wants the credentials the manifest says. It cannot know the rules of
//! the real institution: where those matter, a twin is written.

mod answers;
mod credentials;
mod scripted;
mod store;

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::{DefaultBodyLimit, Request, State};
use axum::http::{HeaderMap, Method, StatusCode, header};
use axum::response::Response;
use bytes::Bytes;
use connectors_contract::manifest::{Auth, Deliver};
use connectors_contract::{RecordedExchange, SystemFolder};
use openssl::sha::sha256;

use crate::faulty::IgnoreKey;
use crate::intake::refused;
use crate::running::{Recorded, Running, start};

pub use scripted::Scripted;
pub use store::KeptDocument;
use store::{Documents, Kept};

/// The longest request, in bytes.
const LONGEST: usize = 64 * 1024 * 1024;

/// The twin of a folder.
pub struct FolderTwin {
    folder: SystemFolder,
    secret: String,
    documents: Documents,
}

impl FolderTwin {
    /// Starts the twin; `secret` is what a channel to it carries. Port 0 takes a free one.
    ///
    /// # Errors
    /// The address cannot be bound.
    pub async fn start(address: SocketAddr, folder: SystemFolder, secret: &str) -> io::Result<Running<KeptDocument>> {
        let twin = Arc::new(Self { folder, secret: secret.to_owned(), documents: Documents::default() });
        let pages = Router::new().fallback(answer).layer(DefaultBodyLimit::disable()).with_state(Arc::clone(&twin));
        start(address, twin, pages).await
    }

    /// The key of a sending, wherever the manifest puts it.
    fn key(&self, deliver: &Deliver, path: &str, headers: &HeaderMap, body: &[u8]) -> String {
        let header = |name: &str| headers.get(name).and_then(|value| value.to_str().ok()).map(str::to_owned);
        let named = deliver.idempotency_header.as_deref().and_then(header);
        let signed =
            || matches!(self.folder.manifest.endpoint.auth, Auth::StandardWebhooks).then(|| header("webhook-id"));
        let in_path = || percent_decoded(deliver.path.read_back(path)?.remove("idempotency_key")?.as_str());
        // A system without a key knows a document only by its bytes.
        named.or_else(|| signed().flatten()).or_else(in_path).unwrap_or_else(|| hex::encode(sha256(body)))
    }
}

impl Recorded for FolderTwin {
    type Record = KeptDocument;

    fn records(&self) -> Vec<KeptDocument> {
        self.documents.all()
    }
}

async fn answer(State(twin): State<Arc<FolderTwin>>, request: Request<Body>) -> Response {
    let (parts, body) = request.into_parts();
    let Ok(body) = to_bytes(body, LONGEST).await else {
        return refused(
            StatusCode::PAYLOAD_TOO_LARGE,
            "SIM-413",
            "Cererea este mai lungă de 64 MiB sau a fost întreruptă.",
        );
    };
    if let Err(problem) = credentials::check(&twin.folder.manifest.endpoint.auth, &twin.secret, &parts.headers) {
        return refused(StatusCode::UNAUTHORIZED, "SIM-401", problem);
    }
    let path = parts.uri.path_and_query().map_or("/", |path| path.as_str());
    let again = parts.extensions.get::<IgnoreKey>().is_some();
    let asked = Asked { method: &parts.method, path, headers: &parts.headers, body: &body, again };
    twin.delivered(&asked).or_else(|| twin.inquired(&asked)).or_else(|| twin.looked_up(&asked)).unwrap_or_else(|| {
        let problem = format!("Manifestul nu are o operație {} {path}.", parts.method);
        refused(StatusCode::NOT_FOUND, "SIM-404", &problem)
    })
}

/// A request as it came.
struct Asked<'a> {
    method: &'a Method,
    path: &'a str,
    headers: &'a HeaderMap,
    body: &'a Bytes,
    again: bool,
}

impl FolderTwin {
    fn delivered(&self, asked: &Asked<'_>) -> Option<Response> {
        let deliver = self.folder.manifest.deliver.as_ref()?;
        let path = if deliver.path.is_empty() { Some(Default::default()) } else { deliver.path.read_back(asked.path) };
        path.filter(|_| asked.method.as_str() == deliver.method.name())?;
        let key = self.key(deliver, asked.path, asked.headers, asked.body);
        // The boundary of a form is another one every time, and is no part of the document.
        let document = without_boundary(asked.headers, asked.body);
        let known = self.documents.number(&key).is_some();
        let Some(taken) = self.taken(known && !asked.again) else { return Some(unrecorded("deliver", "delivered")) };
        Some(match self.documents.keep(&key, sha256(&document), asked.again) {
            Kept::Here(number) => answers::numbered(taken, number),
            Kept::Conflict => match self.conflict() {
                Some(refusal) => answers::plain(refusal),
                None => refused(StatusCode::CONFLICT, "SIM-409", "Aceeași cheie a venit cu alt conținut."),
            },
        })
    }

    fn inquired(&self, asked: &Asked<'_>) -> Option<Response> {
        let inquire = self.folder.manifest.inquire.as_ref()?;
        let mut facts =
            inquire.path.read_back(asked.path).filter(|_| asked.method.as_str() == inquire.method.name())?;
        let key = facts.remove("idempotency_key").and_then(|key| percent_decoded(&key));
        let number = key.and_then(|key| self.documents.number(&key));
        let class = if number.is_some() { "present" } else { "absent" };
        let Some(exchange) = self.recorded("inquire", class) else { return Some(unrecorded("inquire", class)) };
        Some(number.map_or_else(|| answers::plain(exchange), |number| answers::numbered(exchange, number)))
    }

    fn looked_up(&self, asked: &Asked<'_>) -> Option<Response> {
        let mut operations = self.folder.manifest.lookups.iter();
        let (name, _) = operations.find(|(_, operation)| {
            asked.method.as_str() == operation.method.name()
                && (operation.path.read_back(asked.path).is_some_and(|facts| {
                    // A filled hole has its slashes encoded: one that is not begins the next part of the path.
                    facts.values().all(|value| !value.contains('/'))
                }) || (operation.path.is_empty() && asked.path == "/"))
        })?;
        let operation = format!("lookup.{name}");
        let text = format!("{} {}", percent_decoded(asked.path)?, String::from_utf8_lossy(asked.body));
        let fits = |exchange: &&RecordedExchange| {
            exchange.operation == operation
                && !exchange.arguments.is_empty()
                && exchange.arguments.values().all(|value| text.contains(value.as_str()))
        };
        let found = self.folder.exchanges.iter().find(fits).or_else(|| self.recorded(&operation, "absent"));
        Some(found.map_or_else(|| unrecorded(&operation, "absent"), answers::plain))
    }

    /// The refusal that fits another document under a known key best: a conflict, then any refusal by status.
    fn conflict(&self) -> Option<&RecordedExchange> {
        let refusals = self.folder.exchanges.iter();
        let refusals = refusals.filter(|one| one.operation == "deliver" && one.class() == "refused");
        refusals.min_by_key(|one| match one.answer.status {
            409 => 0,
            400..=499 => 1,
            _ => 2,
        })
    }

    /// How a document is taken: where both were recorded, 201 the first time, and 200 where its key is known already.
    fn taken(&self, known: bool) -> Option<&RecordedExchange> {
        let taken = self.folder.exchanges.iter();
        let taken = taken.filter(|one| one.operation == "deliver" && one.class() == "delivered");
        taken.min_by_key(|one| (one.answer.status == 201) == known)
    }

    fn recorded(&self, operation: &str, class: &str) -> Option<&RecordedExchange> {
        self.folder.meaning(operation, class)
    }
}

fn unrecorded(operation: &str, class: &str) -> Response {
    let problem = format!("Dosarul nu are un schimb înregistrat pentru {operation} cu sensul {class}: adăugați unul.");
    refused(StatusCode::NOT_IMPLEMENTED, "SIM-501", &problem)
}

fn without_boundary(headers: &HeaderMap, body: &[u8]) -> Vec<u8> {
    let content_type = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let Some((_, boundary)) = content_type.split_once("boundary=") else { return body.to_vec() };
    let boundary = boundary.trim_matches('"').as_bytes();
    let mut kept = Vec::with_capacity(body.len());
    let mut rest = body;
    while let Some(at) = rest.windows(boundary.len().max(1)).position(|window| window == boundary) {
        kept.extend_from_slice(&rest[..at]);
        rest = &rest[at + boundary.len()..];
    }
    kept.extend_from_slice(rest);
    kept
}

fn percent_decoded(text: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((first, after)) = rest.split_first() {
        match (first, after) {
            (b'%', [high, low, after @ ..]) => {
                bytes.push(u8::from_str_radix(std::str::from_utf8(&[*high, *low]).ok()?, 16).ok()?);
                rest = after;
            }
            (first, after) => {
                bytes.push(*first);
                rest = after;
            }
        }
    }
    String::from_utf8(bytes).ok()
}
