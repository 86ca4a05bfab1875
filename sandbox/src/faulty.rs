//! Faults in front of a twin's own pages: the twin behaves, this layer does not let it.

use std::time::Duration;

use axum::extract::{ConnectInfo, Request, State};
use axum::http::{Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{Html, IntoResponse, Response};
use axum::routing::get;
use axum::{Json, Router};
use futures_util::StreamExt;
use serde_json::json;
use tokio::time::sleep;

use crate::faults::{Fault, FaultKind, Faults, Operation};
use crate::line::LineHandle;
use crate::soap;
use crate::sorting::Tongue;

/// Marks a request whose key is to be forgotten.
#[derive(Clone, Copy)]
pub(crate) struct IgnoreKey;

/// The twin's pages behind the plan of faults, and the page of the plan itself.
pub(crate) fn behind(faults: Faults, pages: Router) -> Router {
    let plan = get(show).put(replace).with_state(faults.clone());
    let layer = axum::middleware::from_fn_with_state(faults, misbehave);
    pages.layer(layer).route("/_sandbox/faults", plan)
}

async fn show(State(faults): State<Faults>) -> Json<Vec<Fault>> {
    Json(faults.remaining())
}

async fn replace(
    State(faults): State<Faults>,
    ConnectInfo(line): ConnectInfo<LineHandle>,
    Json(plan): Json<Vec<Fault>>,
) -> Response {
    match faults.replace(plan, &line).await {
        Ok(()) => ([(header::CONNECTION, "close")], Json(faults.remaining())).into_response(),
        Err(problem) => (StatusCode::UNPROCESSABLE_ENTITY, problem).into_response(),
    }
}

async fn misbehave(
    State(faults): State<Faults>,
    ConnectInfo(line): ConnectInfo<LineHandle>,
    mut request: Request,
    next: Next,
) -> Response {
    if request.uri().path().starts_with("/_sandbox/") {
        return next.run(request).await;
    }
    let reads = matches!(*request.method(), Method::GET | Method::HEAD);
    let by_method = if reads { Operation::Inquire } else { Operation::Deliver };
    let operation = request.extensions().get().copied().unwrap_or(by_method);
    let tongue = request.extensions().get().copied().unwrap_or(Tongue::Json);
    let Some(fault) = faults.take(operation) else { return next.run(request).await };
    let delay = Duration::from_millis(fault.delay_ms);
    match fault.fault {
        FaultKind::SlowThenAccept => {
            sleep(delay).await;
            next.run(request).await
        }
        FaultKind::AcceptAfterClientTimeout => {
            let answer = next.run(request).await;
            sleep(delay).await;
            answer
        }
        FaultKind::IgnoreKey => {
            request.extensions_mut().insert(IgnoreKey);
            next.run(request).await
        }
        FaultKind::WrongNonce
        | FaultKind::WrongPolicy
        | FaultKind::WrongImprint
        | FaultKind::ExpiredCertificate
        | FaultKind::Rejection => {
            request.extensions_mut().insert(fault.fault);
            next.run(request).await
        }
        FaultKind::ServerErrorAfterStoring => {
            next.run(request).await;
            server_error(tongue)
        }
        FaultKind::CutConnectionAfterStoring => {
            let answer = next.run(request).await;
            line.cut_after(20);
            answer
        }
        FaultKind::TooManyRequests => {
            drain(request).await;
            let error = json!({ "cod": "SIM-429", "mesaj": "Prea multe cereri, reveniți mai târziu." });
            let wait = [(header::RETRY_AFTER, fault.retry_after_s.to_string())];
            (StatusCode::TOO_MANY_REQUESTS, wait, Json(error)).into_response()
        }
        FaultKind::ServerError => {
            drain(request).await;
            server_error(tongue)
        }
        FaultKind::OkWithErrorBody => {
            drain(request).await;
            if tongue == Tongue::Soap {
                let mut answer = soap_error();
                *answer.status_mut() = StatusCode::OK;
                return answer;
            }
            Json(json!({ "eroare": { "cod": "SIM-900", "mesaj": "Cererea nu a putut fi preluată." } })).into_response()
        }
        FaultKind::HtmlPage => {
            drain(request).await;
            Html("<!doctype html><html lang=\"ro\"><title>Mentenanță</title><p>Revenim în curând.</p></html>")
                .into_response()
        }
        FaultKind::CutConnection | FaultKind::Down => {
            drain(request).await;
            line.cut_now();
            StatusCode::NO_CONTENT.into_response()
        }
    }
}

fn server_error(tongue: Tongue) -> Response {
    if tongue == Tongue::Soap {
        return soap_error();
    }
    let error = json!({ "cod": "SIM-500", "mesaj": "Eroare internă." });
    (StatusCode::INTERNAL_SERVER_ERROR, Json(error)).into_response()
}

fn soap_error() -> Response {
    soap::fault(soap::Version::V11, &soap::Fault::server("", "Eroare internă."))
}

/// Reads a request to its end, so that the client sees the answer and not a broken upload.
async fn drain(request: Request) {
    let mut body = request.into_body().into_data_stream();
    while let Some(Ok(_)) = body.next().await {}
}
