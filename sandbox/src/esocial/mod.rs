//! The twin of eSocial: exactly the contract of `connectors/systems/esocial/README.md`.

mod store;
mod rules;
mod outgoing;

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;

use axum::body::Body;
use axum::extract::rejection::QueryRejection;
use axum::extract::{DefaultBodyLimit, Query, Request, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use serde::Deserialize;
use serde_json::json;

use crate::faulty::IgnoreKey;
use crate::intake::{Intake, refused};
use crate::running::{Clock, Running, start};

pub use outgoing::{OutgoingDocument, OutgoingFile, OutgoingRecord};
pub use store::CaseRecord;
use store::{Cases, Kept};

/// The twin of eSocial.
pub struct Esocial {
    clock: Clock,
    cases: Cases,
    outgoing: outgoing::Outgoing,
}

impl Esocial {
    /// Starts the twin. Port 0 takes a free one.
    ///
    /// # Errors
    /// The address cannot be bound.
    pub async fn start(address: SocketAddr, clock: Clock) -> io::Result<Running<CaseRecord>> {
        let twin = Arc::new(Self { clock, cases: Cases::default(), outgoing: outgoing::Outgoing::default() });
        let pages = Router::new()
            .route("/api/v1/cazuri", post(receive).get(find))
            .route("/_sandbox/cases", get(list))
            .merge(outgoing::pages())
            .layer(DefaultBodyLimit::disable())
            .with_state(Arc::clone(&twin));
        start(address, twin, pages).await
    }
}

impl crate::running::Recorded for Esocial {
    type Record = CaseRecord;

    fn records(&self) -> Vec<CaseRecord> {
        self.cases.all()
    }
}

async fn receive(State(twin): State<Arc<Esocial>>, request: Request<Body>) -> Response {
    let key = request.headers().get("idempotency-key").and_then(|value| value.to_str().ok()).map(str::to_owned);
    let forget_key = request.extensions().get::<IgnoreKey>().is_some();
    let intake = match Intake::read(request, "caz").await {
        Ok(intake) => intake,
        Err(answer) => return answer,
    };
    let Some(key) = key.filter(|key| (8..=200).contains(&key.len())) else {
        return refused(
            StatusCode::BAD_REQUEST,
            "ES-101",
            "Antetul Idempotency-Key lipsește sau nu are 8–200 de semne.",
        );
    };
    let Some(document) = intake.json() else {
        return refused(StatusCode::BAD_REQUEST, "ES-102", "Cazul nu este JSON.");
    };
    let problems = rules::problems(&document, intake.form.then_some(intake.parts.as_slice()));
    if !problems.is_empty() {
        let error = json!({ "cod": "ES-110", "mesaj": "Cazul are câmpuri greșite.", "detalii": problems });
        return (StatusCode::BAD_REQUEST, Json(error)).into_response();
    }
    match twin.cases.keep(&key, &intake, (twin.clock)(), forget_key) {
        Kept::New(case) => (StatusCode::CREATED, Json(case.answer())).into_response(),
        Kept::Known(case) => Json(case.answer()).into_response(),
        Kept::Conflict => refused(StatusCode::CONFLICT, "ES-409", "Aceeași cheie a venit cu alt conținut."),
        Kept::Full => refused(StatusCode::SERVICE_UNAVAILABLE, "ES-503", "Simulatorul este plin, reporniți-l."),
    }
}

#[derive(Deserialize)]
struct Question {
    cheie: String,
}

async fn find(State(twin): State<Arc<Esocial>>, question: Result<Query<Question>, QueryRejection>) -> Response {
    let Ok(Query(question)) = question else {
        return refused(StatusCode::BAD_REQUEST, "ES-120", "Lipsește parametrul cheie.");
    };
    match twin.cases.find(&question.cheie) {
        Some(case) => Json(json!({ "cazuri": [case.answer()] })).into_response(),
        None => refused(StatusCode::NOT_FOUND, "ES-404", "Nu există niciun caz cu această cheie."),
    }
}

async fn list(State(twin): State<Arc<Esocial>>) -> Json<Vec<CaseRecord>> {
    Json(twin.cases.all())
}
