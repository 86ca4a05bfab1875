//! What eSocial sends: documents that wait until the hub fetched and confirmed them.

use std::sync::{Mutex, MutexGuard, PoisonError};

use axum::extract::{Path, Query, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use openssl::sha::sha256;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::sync::Arc;

use super::Esocial;
use crate::date;
use crate::intake::refused;

/// The most documents that may wait.
const MOST_DOCUMENTS: usize = 10_000;

/// A document to be sent, as the page of the sandbox takes it.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OutgoingDocument {
    /// Document type of the catalogue.
    pub tip: String,
    /// Party id of the recipient in the hub's directory.
    pub destinatar: String,
    /// The matter in brief.
    pub subiect: String,
    /// The purpose, in the words of the agreements.
    pub scop: String,
    /// The rule that allows it.
    pub temei: String,
    /// The structured document.
    pub document: Value,
    /// Its files.
    #[serde(default)]
    pub fisiere: Vec<OutgoingFile>,
}

/// A file of a document.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OutgoingFile {
    /// File name.
    pub nume: String,
    /// What it is for.
    pub rol: String,
    /// Media type.
    #[serde(rename = "tipMime")]
    pub media_type: String,
    /// The bytes in base64.
    pub continut: String,
}

/// What became of a document.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct OutgoingRecord {
    /// Its number in eSocial.
    pub id: String,
    /// How often its confirmation was taken.
    pub confirmations: u32,
    /// The confirmation: verdict, number, reasons.
    pub confirmed: Option<Value>,
}

#[derive(Default)]
pub(super) struct Outgoing(Mutex<Vec<Waiting>>);

struct Waiting {
    record: OutgoingRecord,
    listed: Value,
    files: Vec<(String, Bytes)>,
}

impl Outgoing {
    fn locked(&self) -> MutexGuard<'_, Vec<Waiting>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The pages of the contract, and those of the sandbox that put documents in.
pub(super) fn pages() -> Router<Arc<Esocial>> {
    Router::new()
        .route("/api/v1/documente", get(waiting))
        .route("/api/v1/documente/{id}/fisiere/{number}", get(file))
        .route("/api/v1/documente/{id}/confirmare", post(confirm))
        .route("/_sandbox/outgoing", get(list).post(add))
}

async fn add(State(twin): State<Arc<Esocial>>, Json(document): Json<OutgoingDocument>) -> Response {
    let files: Result<Vec<_>, _> = document
        .fisiere
        .iter()
        .map(|file| STANDARD.decode(&file.continut).map(|bytes| (file.media_type.clone(), Bytes::from(bytes))))
        .collect();
    let Ok(files) = files else {
        return refused(StatusCode::BAD_REQUEST, "ES-102", "Conținutul unui fișier nu este în base64.");
    };
    let mut all = twin.outgoing.locked();
    if all.len() >= MOST_DOCUMENTS {
        return refused(StatusCode::SERVICE_UNAVAILABLE, "ES-503", "Simulatorul este plin, reporniți-l.");
    }
    let today = date::today((twin.clock)());
    let (number, id) = (all.len() + 1, format!("ESO-D-{}-{:06}", &today[..4], all.len() + 1));
    let described = document.fisiere.iter().zip(&files).enumerate().map(|(position, (file, (_, bytes)))| {
        json!({
            "nume": file.nume, "rol": file.rol, "tipMime": file.media_type, "marime": bytes.len(),
            "sha256": hex::encode(sha256(bytes)), "adresa": format!("/api/v1/documente/{id}/fisiere/{}", position + 1),
        })
    });
    let listed = json!({
        "id": id, "numar": number.to_string(), "data": today, "tip": document.tip, "versiune": "1.0",
        "destinatar": document.destinatar, "subiect": document.subiect, "scop": document.scop,
        "temei": document.temei, "document": document.document, "fisiere": described.collect::<Vec<_>>(),
    });
    let record = OutgoingRecord { id: id.clone(), confirmations: 0, confirmed: None };
    all.push(Waiting { record, listed, files });
    (StatusCode::CREATED, Json(json!({ "id": id }))).into_response()
}

async fn list(State(twin): State<Arc<Esocial>>) -> Json<Vec<OutgoingRecord>> {
    Json(twin.outgoing.locked().iter().map(|waiting| waiting.record.clone()).collect())
}

#[derive(Deserialize)]
struct Most {
    limita: Option<usize>,
}

async fn waiting(State(twin): State<Arc<Esocial>>, Query(most): Query<Most>) -> Json<Value> {
    let all = twin.outgoing.locked();
    let open = all.iter().filter(|waiting| waiting.record.confirmed.is_none());
    let listed: Vec<_> = open.take(most.limita.unwrap_or(20).min(100)).map(|waiting| waiting.listed.clone()).collect();
    Json(json!({ "documente": listed }))
}

async fn file(State(twin): State<Arc<Esocial>>, Path((id, number)): Path<(String, usize)>) -> Response {
    let all = twin.outgoing.locked();
    let waiting = all.iter().find(|waiting| waiting.record.id == id);
    let file = waiting.and_then(|waiting| waiting.files.get(number.checked_sub(1)?));
    match file {
        Some((media_type, bytes)) => ([(header::CONTENT_TYPE, media_type.clone())], bytes.clone()).into_response(),
        None => refused(StatusCode::NOT_FOUND, "ES-404", "Nu există acest fișier."),
    }
}

async fn confirm(
    State(twin): State<Arc<Esocial>>,
    Path(id): Path<String>,
    Json(confirmation): Json<Value>,
) -> Response {
    let complete = match confirmation["verdict"].as_str() {
        Some("preluat") => confirmation["idMesaj"].is_string(),
        Some("respins") => confirmation["motiv"].is_string(),
        _ => false,
    };
    if !complete {
        return refused(StatusCode::BAD_REQUEST, "ES-130", "Confirmarea nu are verdict, idMesaj sau motiv.");
    }
    let mut all = twin.outgoing.locked();
    let Some(waiting) = all.iter_mut().find(|waiting| waiting.record.id == id) else {
        return refused(StatusCode::NOT_FOUND, "ES-404", "Nu există acest document.");
    };
    let record = &mut waiting.record;
    match &record.confirmed {
        // A confirmation may be told again; what was confirmed first stays.
        Some(first) if first["verdict"] != confirmation["verdict"] => {
            return refused(StatusCode::CONFLICT, "ES-409", "Documentul are alt verdict.");
        }
        Some(_) => {}
        None => record.confirmed = Some(confirmation),
    }
    record.confirmations += 1;
    Json(json!({ "id": id, "stare": "confirmat" })).into_response()
}
