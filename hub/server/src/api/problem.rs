//! Errors as RFC 9457 problem documents, Romanian first, with code, page, violations and the way out.

use axum::Json;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use hub_flow::db::DbError;
use hub_flow::registration::CLOSED;
use hub_flow::standing::Halt;
use schemas::Violation;
use serde_json::{Map, Value, json};

use crate::problems::{self, ProblemKind};

/// A problem on its way to the caller.
#[derive(Debug)]
pub struct Problem {
    kind: &'static ProblemKind,
    members: Map<String, Value>,
    retry_after: Option<u32>,
}

impl Problem {
    /// A problem of a kind, with nothing more to say.
    #[must_use]
    pub fn of(kind: &'static ProblemKind) -> Self {
        Self { kind, members: Map::new(), retry_after: None }
    }

    /// Says what exactly is wrong and the way out, in both languages.
    #[must_use]
    pub fn detail(self, ro: impl Into<String>, en: impl Into<String>) -> Self {
        let (ro, en): (String, String) = (ro.into(), en.into());
        self.with("detail", ro).with("detail_en", en)
    }

    /// Adds a member (RFC 9457, section 3.2).
    #[must_use]
    pub fn with(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.members.insert(name.to_owned(), value.into());
        self
    }

    /// Adds every broken rule.
    #[must_use]
    pub fn violations(self, violations: &[Violation]) -> Self {
        let list = serde_json::to_value(violations).expect("violations are plain data");
        self.with("violations", list)
    }

    /// More was sent than the limit allows.
    #[must_use]
    pub fn too_large(limit: u64) -> Self {
        Self::of(&problems::PAYLOAD_TOO_LARGE)
            .detail(
                format!("Limita este de {limit} octeți; trimiteți mai puțin deodată sau cereți o limită mai mare"),
                format!("The limit is {limit} bytes; send less at once or ask for a larger limit"),
            )
            .with("limit_bytes", limit)
    }

    /// After a fault of ours, the way out is always the same.
    fn same_key(self) -> Self {
        self.detail(
            "Repetați cererea cu aceeași cheie Idempotency-Key: dacă documentul fusese totuși preluat, primiți aceeași recipisă",
            "Repeat the request with the same Idempotency-Key: if the document was taken after all, you get the same receipt",
        )
    }

    /// The year is closed, and no number was given: the document gets one of the new year.
    #[must_use]
    pub fn register_closed() -> Self {
        Self::of(&problems::REGISTER_CLOSED)
            .detail(
                "Anul acestui registru este închis; repetați cererea cu aceeași cheie după miezul nopții, în anul nou",
                "The year of this register is closed; repeat the request with the same key after midnight, in the new year",
            )
            .retry_after(60)
    }

    /// Says when asking again makes sense.
    #[must_use]
    pub fn retry_after(mut self, seconds: u32) -> Self {
        self.retry_after = Some(seconds);
        self
    }
}

impl From<DbError> for Problem {
    fn from(error: DbError) -> Self {
        tracing::error!(%error, "a request could not be served");
        match error {
            DbError::Constraint { rule } if rule == CLOSED => Self::register_closed(),
            DbError::Full(_) => Self::of(&problems::DISK_FULL).same_key().retry_after(60),
            _ => Self::of(&problems::UNAVAILABLE).same_key().retry_after(2),
        }
    }
}

impl From<Halt> for Problem {
    fn from(halt: Halt) -> Self {
        if halt.locks_down() {
            return Self::of(&problems::LOCKED_DOWN)
                .detail(
                    format!(
                        "Motivul: {}; citirea rămâne posibilă; trimiteți din nou, cu aceeași cheie, după ridicare (GET /v1/standing)",
                        halt.in_romanian()
                    ),
                    format!(
                        "The cause: {}; reading goes on; send again with the same key once it is lifted (GET /v1/standing)",
                        halt.in_english()
                    ),
                )
                .with("cause", halt.as_str())
                .retry_after(60);
        }
        Self::of(&problems::SERVICE_HALTED)
            .detail(
                format!("Motivul: {}; trimiteți din nou, cu aceeași cheie, după reluare", halt.in_romanian()),
                format!("The cause: {}; send again with the same key once the service resumes", halt.in_english()),
            )
            .with("cause", halt.as_str())
            .retry_after(60)
    }
}

impl From<std::io::Error> for Problem {
    fn from(error: std::io::Error) -> Self {
        tracing::error!(%error, "a payload could not be kept or read");
        match error.kind() {
            std::io::ErrorKind::StorageFull | std::io::ErrorKind::QuotaExceeded => {
                Self::of(&problems::DISK_FULL).same_key().retry_after(60)
            }
            _ => Self::of(&problems::UNAVAILABLE).same_key().retry_after(2),
        }
    }
}

impl Problem {
    /// The document, also for a row among others.
    #[must_use]
    pub fn document(self) -> Value {
        let mut document = json!({
            "type": format!("/problems/{}", self.kind.code),
            "title": self.kind.ro,
            "title_en": self.kind.en,
            "status": self.kind.status,
            "code": self.kind.code,
        });
        if let Value::Object(members) = &mut document {
            members.extend(self.members);
        }
        document
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let (kind, retry_after) = (self.kind, self.retry_after);
        let status = StatusCode::from_u16(kind.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let mut response = (status, Json(self.document())).into_response();
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
        if let Some(seconds) = retry_after {
            headers.insert(header::RETRY_AFTER, seconds.into());
        }
        if kind.status == 401 {
            headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        response
    }
}
