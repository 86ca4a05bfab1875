//! Reading a sent document, as JSON or as a form: small document in memory, large parts hashed while they pass.

use axum::Json;
use axum::body::{Body, to_bytes};
use axum::extract::{FromRequest, Multipart, Request};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use openssl::sha::{Sha256, sha256};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

/// The longest document, in bytes; parts may be longer.
pub(crate) const LONGEST_DOCUMENT: usize = 1024 * 1024;

/// The most parts with one document.
const MOST_PARTS: usize = 200;

/// A file that came with a document.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReceivedPart {
    /// Its name.
    pub name: String,
    /// Its length in bytes.
    pub size: u64,
    /// The SHA-256 of its bytes, in hexadecimal.
    pub sha256: String,
}

/// A document as it came.
pub(crate) struct Intake {
    pub(crate) document: Bytes,
    pub(crate) parts: Vec<ReceivedPart>,
    /// Whether it came as a form, and its files with it.
    pub(crate) form: bool,
}

/// An answer that refuses, as the institution words it.
pub(crate) fn refused(status: StatusCode, code: &str, message: &str) -> Response {
    (status, Json(json!({ "cod": code, "mesaj": message }))).into_response()
}

impl Intake {
    /// The document as JSON.
    pub(crate) fn json(&self) -> Option<Value> {
        serde_json::from_slice(&self.document).ok()
    }

    /// The SHA-256 of the document, in hexadecimal.
    pub(crate) fn sha256(&self) -> String {
        hex::encode(sha256(&self.document))
    }

    /// Reads the request to its end. `field` is the form's name of the document.
    pub(crate) async fn read(request: Request<Body>, field: &str) -> Result<Self, Response> {
        let content_type = request.headers().get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
        match content_type.unwrap_or_default().split(';').next().unwrap_or_default().trim() {
            "application/json" => {
                let document = to_bytes(request.into_body(), LONGEST_DOCUMENT).await.map_err(|_| too_long())?;
                Ok(Self { document, parts: Vec::new(), form: false })
            }
            "multipart/form-data" => {
                let form = Multipart::from_request(request, &()).await;
                Self::read_form(form.map_err(|_| unreadable())?, field).await
            }
            _ => {
                Err(refused(StatusCode::UNSUPPORTED_MEDIA_TYPE, "ES-415", "Se primește JSON sau multipart/form-data."))
            }
        }
    }

    async fn read_form(mut form: Multipart, field_name: &str) -> Result<Self, Response> {
        let (mut document, mut parts) = (None, Vec::new());
        while let Some(mut field) = form.next_field().await.map_err(|_| unreadable())? {
            if field.name() == Some(field_name) {
                let mut bytes = Vec::new();
                while let Some(chunk) = field.chunk().await.map_err(|_| unreadable())? {
                    bytes.extend_from_slice(&chunk);
                    if bytes.len() > LONGEST_DOCUMENT {
                        return Err(too_long());
                    }
                }
                document = Some(Bytes::from(bytes));
                continue;
            }
            let name = field.file_name().unwrap_or_default().to_owned();
            let (mut size, mut hasher) = (0, Sha256::new());
            while let Some(chunk) = field.chunk().await.map_err(|_| unreadable())? {
                size += chunk.len() as u64;
                hasher.update(&chunk);
            }
            parts.push(ReceivedPart { name, size, sha256: hex::encode(hasher.finish()) });
            if parts.len() > MOST_PARTS {
                return Err(refused(StatusCode::PAYLOAD_TOO_LARGE, "ES-413", "Sunt prea multe fișiere."));
            }
        }
        let missing =
            || refused(StatusCode::BAD_REQUEST, "ES-400", &format!("Lipsește câmpul {field_name} din formular."));
        Ok(Self { document: document.ok_or_else(missing)?, parts, form: true })
    }
}

fn too_long() -> Response {
    refused(StatusCode::PAYLOAD_TOO_LARGE, "ES-413", "Documentul este mai lung de 1 MiB sau a fost întrerupt.")
}

fn unreadable() -> Response {
    refused(StatusCode::BAD_REQUEST, "ES-400", "Formularul nu se poate citi.")
}
