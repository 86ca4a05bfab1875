//! The twin of a time-stamping authority: RFC 3161 over HTTP, with a root and a stamping certificate made at its start.
//!
//! It stamps the time of the clock it was given, under two policies, for SHA-256, SHA-384 and SHA-512; what else is asked
//! is rejected as the standard says. Nothing it makes proves anything to anybody.

mod der;
mod authority;
mod query;
mod reply;

use std::io;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use axum::body::{Body, to_bytes};
use axum::extract::{Request, State};
use axum::http::{Method, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::{Json, Router};
use serde::{Deserialize, Serialize};

use crate::faults::FaultKind;
use crate::intake::refused;
use crate::running::{Clock, Running, start};
use authority::{Authority, LIFETIME};
use query::Query;
use reply::{Rejection, Stamping};

/// The longest request, in bytes.
const LONGEST_QUERY: usize = 16 * 1024;
/// The most stamps remembered; later ones are made and forgotten.
const MOST_RECORDS: usize = 50_000;
/// The policy when none is asked for, and the other one that is accepted; both under the arc for examples.
const POLICIES: [&str; 2] = ["2.999.3161.1", "2.999.3161.2"];

/// The twin of a time-stamping authority.
pub struct Tsa {
    clock: Clock,
    authority: Authority,
    records: Mutex<Records>,
}

#[derive(Default)]
struct Records {
    serial: u64,
    kept: Vec<StampRecord>,
}

/// What the twin knows of one request that it could read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StampRecord {
    /// The number of the token; none when the request was rejected.
    pub serial: Option<u64>,
    /// The digest that was to be stamped, in hexadecimal.
    pub digest: String,
    /// The policy that was asked for.
    pub policy: Option<String>,
    /// The time of the clock, in seconds since 1970.
    pub time: i64,
}

impl Tsa {
    /// Starts the twin and tells the PEM of its root certificate. It receives at every path. Its certificates are valid
    /// around the time that the clock shows now.
    ///
    /// # Errors
    /// The address cannot be bound, or the keys cannot be made.
    pub async fn start(address: SocketAddr, clock: Clock) -> io::Result<(Running<StampRecord>, String)> {
        Self::start_lasting(address, clock, LIFETIME).await
    }

    /// The same with a stamping certificate that ends in so many seconds.
    ///
    /// # Errors
    /// As [`Tsa::start`].
    pub async fn start_lasting(
        address: SocketAddr,
        clock: Clock,
        lifetime: i64,
    ) -> io::Result<(Running<StampRecord>, String)> {
        let authority = Authority::new(clock(), lifetime).map_err(io::Error::other)?;
        let root = authority.root_pem.clone();
        let twin = Arc::new(Self { clock, authority, records: Mutex::default() });
        let pages = Router::new()
            .route("/_sandbox/stamps", get(list))
            .route("/_sandbox/root.pem", get(root_pem))
            .fallback(receive)
            .with_state(Arc::clone(&twin));
        Ok((start(address, twin, pages).await?, root))
    }

    /// The answer to a request, with what is to be wrong about it.
    fn answer(&self, query: &[u8], wrong: Option<FaultKind>) -> Vec<u8> {
        let Some(query) = Query::read(query) else { return reply::rejection(Rejection::BadDataFormat) };
        let policy = query.policy.as_deref().unwrap_or(POLICIES[0]);
        let time = (self.clock)();
        let rejected = match wrong {
            Some(FaultKind::Rejection) => Some(Rejection::TimeNotAvailable),
            _ if !query.is_sha2() => Some(Rejection::BadAlgorithm),
            _ if !POLICIES.contains(&policy) => Some(Rejection::UnacceptedPolicy),
            _ => None,
        };
        let serial = self.record(&query, time, rejected.is_none());
        match rejected {
            Some(rejection) => reply::rejection(rejection),
            None => {
                let stamping = Stamping { query: &query, policy, serial, time, wrong };
                stamping.granted(&self.authority).unwrap_or_else(|_| reply::rejection(Rejection::SystemFailure))
            }
        }
    }

    fn record(&self, query: &Query, time: i64, granted: bool) -> u64 {
        let mut records = self.locked();
        records.serial += u64::from(granted);
        let serial = records.serial;
        let (digest, policy) = (hex::encode(&query.digest), query.policy.clone());
        if records.kept.len() < MOST_RECORDS {
            records.kept.push(StampRecord { serial: granted.then_some(serial), digest, policy, time });
        }
        serial
    }

    fn locked(&self) -> MutexGuard<'_, Records> {
        self.records.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl crate::running::Recorded for Tsa {
    type Record = StampRecord;

    fn records(&self) -> Vec<StampRecord> {
        self.locked().kept.clone()
    }
}

async fn receive(State(twin): State<Arc<Tsa>>, request: Request<Body>) -> Response {
    let (head, body) = request.into_parts();
    if head.method != Method::POST {
        return refused(StatusCode::METHOD_NOT_ALLOWED, "TSA-405", "Aici se primesc doar cereri de marcă, cu POST.");
    }
    let content_type = head.headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
    if content_type != Some("application/timestamp-query") {
        return refused(StatusCode::UNSUPPORTED_MEDIA_TYPE, "TSA-415", "Se primește application/timestamp-query.");
    }
    let Ok(body) = to_bytes(body, LONGEST_QUERY).await else {
        return refused(StatusCode::PAYLOAD_TOO_LARGE, "TSA-413", "Cererea este prea lungă sau a fost întreruptă.");
    };
    let answer = twin.answer(&body, head.extensions.get::<FaultKind>().copied());
    ([(header::CONTENT_TYPE, "application/timestamp-reply")], answer).into_response()
}

async fn list(State(twin): State<Arc<Tsa>>) -> Json<Vec<StampRecord>> {
    Json(twin.locked().kept.clone())
}

async fn root_pem(State(twin): State<Arc<Tsa>>) -> Response {
    ([(header::CONTENT_TYPE, "application/x-pem-file")], twin.authority.root_pem.clone()).into_response()
}
