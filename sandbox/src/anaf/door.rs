//! The door every call passes: it names the operation, plays the planned fault, counts the minute and records the call.

use std::sync::Arc;
use std::time::Duration;

use axum::body::{Body, to_bytes};
use axum::extract::{ConnectInfo, Request, State};
use axum::http::StatusCode;
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use openssl::sha::sha256;
use tokio::time::sleep;

use super::calls::AnafCall;
use super::faults::{Fault, FaultKind};
use super::meter::Counted;
use super::{Anaf, answers};
use crate::line::LineHandle;

/// The most bytes of a request; the institution's own limits are below and have their own words.
const LONGEST_BODY: usize = 16 * 1024 * 1024;

/// Lets one call through, as well or as badly as was planned.
pub(super) async fn pass(
    State(twin): State<Arc<Anaf>>,
    ConnectInfo(line): ConnectInfo<LineHandle>,
    request: Request,
    next: Next,
) -> Response {
    if request.uri().path().starts_with("/_sandbox/") {
        return next.run(request).await;
    }
    let operation = operation(request.uri().path());
    let (head, body) = request.into_parts();
    let Ok(body) = to_bytes(body, LONGEST_BODY).await else {
        return StatusCode::PAYLOAD_TOO_LARGE.into_response();
    };
    let query = if operation == "authorize" { "" } else { head.uri.query().unwrap_or_default() };
    let mut call = AnafCall {
        operation: operation.clone(),
        host: answers::host(&head.headers),
        method: head.method.to_string(),
        path: head.uri.path().to_owned(),
        query: query.to_owned(),
        size: body.len(),
        sha256: hex::encode(sha256(&body)),
        status: 0,
    };
    let request = Request::from_parts(head, Body::from(body));
    let answer = match (within_the_minute(&twin, &call.path), twin.faults.take(&operation)) {
        (false, _) => answers::too_many(60),
        (true, None) => next.run(request).await,
        (true, Some(fault)) => misbehave(&twin, &fault, &line, request, next).await,
    };
    call.status = answer.status().as_u16();
    twin.calls.add(call);
    answer
}

/// The name of an operation, as the plan of faults and the records say it.
fn operation(path: &str) -> String {
    let segments: Vec<&str> = path.trim_matches('/').split('/').collect();
    let named = |at: usize| segments.get(at).copied().unwrap_or_default();
    match segments.as_slice() {
        ["anaf-oauth2", "v1", name] => (*name).to_owned(),
        ["TestOauth", ..] => "hello".to_owned(),
        ["api", "validate", "signature"] => "signature".to_owned(),
        [_, "FCTEL", "rest", ..] => named(3).to_owned(),
        [_, "ETRANSPORT", "ws", "v1", ..] => match named(4) {
            "stareMesaj" => "etransport-stare".to_owned(),
            name => format!("etransport-{name}"),
        },
        ["SPVWS2", "rest", name] => format!("spv-{name}"),
        other => other.last().copied().unwrap_or_default().to_owned(),
    }
}

fn within_the_minute(twin: &Anaf, path: &str) -> bool {
    let limited = path.contains("/FCTEL/") || path.contains("/ETRANSPORT/");
    let limit = twin.settings().quotas.per_minute;
    let minute = (twin.now() / 60).to_string();
    !limited || twin.meter.allows(Counted::Calls, "", &minute, limit)
}

async fn misbehave(twin: &Anaf, fault: &Fault, line: &LineHandle, request: Request, next: Next) -> Response {
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
        FaultKind::ServerErrorAfterStoring | FaultKind::BlockPageAfterStoring => {
            next.run(request).await;
            fault.answer(twin.now())
        }
        FaultKind::CutConnectionAfterStoring => {
            let answer = next.run(request).await;
            line.cut_after(20);
            answer
        }
        FaultKind::CutConnection => {
            line.cut_now();
            StatusCode::NO_CONTENT.into_response()
        }
        FaultKind::HalfAnswer => halved(next.run(request).await).await,
        _ => fault.answer(twin.now()),
    }
}

/// The first half of an answer, as whole as HTTP can tell.
async fn halved(answer: Response) -> Response {
    let (mut head, body) = answer.into_parts();
    let bytes = to_bytes(body, LONGEST_BODY).await.unwrap_or_default();
    head.headers.remove(axum::http::header::CONTENT_LENGTH);
    Response::from_parts(head, Body::from(bytes.slice(..bytes.len() / 2)))
}
