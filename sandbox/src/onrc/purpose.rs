//! Who asks, why and on what basis: read off the headers, enforced, and written down for every question.

use axum::Json;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

/// One question as the twin's audit keeps it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AuditRecord {
    /// Method, path and query.
    pub operatie: String,
    /// The CUI of the institution that asked (`X-Institutie`).
    pub institutie: Option<String>,
    /// `X-Scop`.
    pub scop: Option<String>,
    /// `X-Temei-Legal`.
    pub temei: Option<String>,
    /// `X-Dosar`.
    pub dosar: Option<String>,
    /// `X-Utilizator`.
    pub utilizator: Option<String>,
    /// `X-Correlation-Id`.
    pub corelare: Option<String>,
    /// The status of the answer.
    pub status: u16,
}

/// What the headers say.
#[derive(Debug, Clone, Default)]
pub(super) struct Caller {
    pub(super) institution: Option<String>,
    pub(super) purpose: Option<String>,
    pub(super) basis: Option<String>,
    pub(super) case: Option<String>,
    pub(super) officer: Option<String>,
    pub(super) correlation: Option<String>,
}

impl Caller {
    pub(super) fn of(headers: &HeaderMap) -> Self {
        let text = |name: &str| {
            let value = headers.get(name)?.to_str().ok()?.trim();
            (!value.is_empty()).then(|| value.to_owned())
        };
        Self {
            institution: text("x-institutie"),
            purpose: text("x-scop"),
            basis: text("x-temei-legal"),
            case: text("x-dosar"),
            officer: text("x-utilizator"),
            correlation: text("x-correlation-id").map(|id| id.chars().take(64).collect()),
        }
    }

    pub(super) fn audited(&self, operation: String, status: u16) -> AuditRecord {
        let Self { institution, purpose, basis, case, officer, correlation } = self.clone();
        AuditRecord {
            operatie: operation,
            institutie: institution,
            scop: purpose,
            temei: basis,
            dosar: case,
            utilizator: officer,
            corelare: correlation,
            status,
        }
    }

    /// Whether persons may be told of.
    pub(super) fn may_see_persons(&self) -> bool {
        self.purpose.is_some() && self.basis.is_some()
    }
}

/// A refusal in the words of the profile (contract sheet section 10.5).
pub(super) fn problem(code: &str, message: &str, details: Value) -> Response {
    let (status, bris) = match code {
        "RECOM-400" => (StatusCode::BAD_REQUEST, Some("ERR_BR_0300")),
        "RECOM-401" => (StatusCode::UNAUTHORIZED, None),
        "RECOM-402" => (StatusCode::PAYMENT_REQUIRED, None),
        "RECOM-403" => (StatusCode::FORBIDDEN, None),
        "RECOM-404" => (StatusCode::NOT_FOUND, None),
        "RECOM-409" => (StatusCode::CONFLICT, Some("ERR_BR_5100")),
        "RECOM-410" => (StatusCode::GONE, None),
        "RECOM-429" => (StatusCode::TOO_MANY_REQUESTS, None),
        "RECOM-CAP" => (StatusCode::NOT_IMPLEMENTED, None),
        "RECOM-503" => (StatusCode::SERVICE_UNAVAILABLE, None),
        _ => (StatusCode::GATEWAY_TIMEOUT, Some("ERR_BR_5201")),
    };
    let body = json!({ "cod": code, "mesaj": message, "detalii": details, "correlation_id": null, "bris": bris });
    (status, Json(body)).into_response()
}
