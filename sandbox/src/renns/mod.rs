//! The twin of RENNS, the electronic register of street names, as institutions look addresses up in it.
//!
//! Facts: the published WSDLs of its two services (contract sheet E4), with a UsernameToken. Ours: the limit of rows in
//! one answer, the digest form of the token, and answers whose body is signed when a client has to be tried with them.
//! The rows are invented.

mod rows;
mod service;

use std::io;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use axum::extract::State;
use axum::routing::{get, post};
use axum::{Json, Router};
use serde::{Deserialize, Serialize};

use crate::running::{Clock, Running, start_sorted};
use crate::soap::signing::Seal;
use crate::soap::username::Nonces;
use crate::sorting::Sorting;

/// The most questions remembered.
const MOST_RECORDS: usize = 100_000;

/// The twin of RENNS.
pub struct Renns {
    clock: Clock,
    seal: Seal,
    nonces: Nonces,
    questions: Mutex<Vec<QuestionRecord>>,
    signs: AtomicBool,
    most_rows: AtomicUsize,
}

/// One question the twin answered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct QuestionRecord {
    /// Who asked.
    pub user: String,
    /// `getAddressWSRequest` or `getRoadWSRequest`.
    pub operation: String,
    /// How many rows were found.
    pub found: usize,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Settings {
    #[serde(default)]
    sign_answers: bool,
    #[serde(default = "most_rows")]
    most_rows: usize,
}

fn most_rows() -> usize {
    100
}

impl Renns {
    /// Starts the twin. Port 0 takes a free one. Both services are at `/renns-public/soapws/`.
    ///
    /// # Errors
    /// The address cannot be bound, or no key can be made.
    pub async fn start(address: SocketAddr, clock: Clock) -> io::Result<Running<QuestionRecord>> {
        let seal = Seal::fresh("RENNS de test", clock()).map_err(io::Error::other)?;
        let twin = Arc::new(Self {
            clock,
            seal,
            nonces: Nonces::default(),
            questions: Mutex::default(),
            signs: AtomicBool::new(false),
            most_rows: AtomicUsize::new(most_rows()),
        });
        let pages = Router::new()
            .route(service::PATH, post(service::call).get(service::addresses))
            .route("/renns-public/soapws/addresses.wsdl", get(service::addresses))
            .route("/renns-public/soapws/roads.wsdl", get(service::roads))
            .route("/_sandbox/renns", get(show).put(set))
            .route("/_sandbox/renns/certificate.pem", get(certificate))
            .with_state(Arc::clone(&twin));
        start_sorted(address, twin, pages, Sorting::soap(&["WSRequest"])).await
    }

    fn note(&self, user: &str, operation: &str, found: usize) {
        let mut questions = self.questions.lock().unwrap_or_else(PoisonError::into_inner);
        if questions.len() < MOST_RECORDS {
            questions.push(QuestionRecord { user: user.to_owned(), operation: operation.to_owned(), found });
        }
    }

    fn settings(&self) -> Settings {
        Settings { sign_answers: self.signs.load(Ordering::Relaxed), most_rows: self.most_rows.load(Ordering::Relaxed) }
    }
}

impl crate::running::Recorded for Renns {
    type Record = QuestionRecord;

    fn records(&self) -> Vec<QuestionRecord> {
        self.questions.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

async fn show(State(twin): State<Arc<Renns>>) -> Json<Settings> {
    Json(twin.settings())
}

async fn set(State(twin): State<Arc<Renns>>, Json(settings): Json<Settings>) -> Json<Settings> {
    twin.signs.store(settings.sign_answers, Ordering::Relaxed);
    twin.most_rows.store(settings.most_rows, Ordering::Relaxed);
    Json(twin.settings())
}

async fn certificate(State(twin): State<Arc<Renns>>) -> String {
    twin.seal.pem()
}
