//! The layers of the door in their order, and the one that bounds a request's form and time.

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::{Request, State};
use axum::http::header::{CONNECTION, CONTENT_ENCODING, HOST};
use axum::http::uri::Authority;
use axum::http::{HeaderMap, HeaderValue, Version};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse as _, Response};
use tokio::time::{Instant, sleep_until};

use crate::api::App;
use crate::api::problem::Problem;
use crate::config::DoorConfig;
use crate::problems;

use super::body::{self, Pace, Progress};
use super::{gate, headers};

/// Puts everything of this module before the routes; the first line is the innermost.
pub fn protected(routes: Router<App>, app: &App) -> Router<App> {
    routes
        .layer(middleware::from_fn_with_state(Arc::clone(&app.gate), gate::layer))
        .layer(middleware::from_fn_with_state(Arc::clone(&app.door), bounded))
        .layer(middleware::from_fn_with_state(app.over_tls, headers::layer))
}

/// Refuses requests that are ambiguous or packed, and ends those that take too long.
async fn bounded(State(door): State<Arc<DoorConfig>>, request: Request, next: Next) -> Response {
    if let Err(problem) = form(&door, request.version(), request.headers()) {
        return closing(problem.into_response());
    }
    let pace = Pace { idle: Duration::from_secs(door.idle_seconds), slowest: door.slowest_upload };
    let (parts, body) = request.into_parts();
    let (body, progress) = body::watched(body, pace);
    let request = Request::from_parts(parts, body);
    let late = late(&progress, Duration::from_secs(door.answer_seconds));
    let response = tokio::select! {
        response = next.run(request) => response,
        () = late => return closing(Problem::of(&problems::UNAVAILABLE).detail(
            "Cererea a durat prea mult și a fost oprită; repetați-o cu aceeași cheie Idempotency-Key",
            "The request took too long and was ended; repeat it with the same Idempotency-Key",
        ).retry_after(5).into_response()),
    };
    if !progress.stalled() {
        return response;
    }
    closing(
        Problem::of(&problems::REQUEST_TIMEOUT)
            .detail(
                format!(
                    "Trimiteți cel puțin {} octeți pe secundă, fără pauze de {} s; nimic nu a fost preluat",
                    door.slowest_upload, door.idle_seconds
                ),
                format!(
                    "Send at least {} bytes a second, without pauses of {} s; nothing was taken",
                    door.slowest_upload, door.idle_seconds
                ),
            )
            .into_response(),
    )
}

/// Ends when the body has not moved for so long that an answer should be there.
async fn late(progress: &Progress, patience: Duration) {
    loop {
        let until = progress.moved_at() + patience;
        if until <= Instant::now() {
            return;
        }
        sleep_until(until).await;
    }
}

fn form(door: &DoorConfig, version: Version, headers: &HeaderMap) -> Result<(), Problem> {
    host(door, version, headers)?;
    let packed = headers.get_all(CONTENT_ENCODING).iter();
    if let Some(encoding) = packed.into_iter().find(|value| !value.as_bytes().eq_ignore_ascii_case(b"identity")) {
        let encoding = String::from_utf8_lossy(encoding.as_bytes()).chars().take(40).collect::<String>();
        return Err(Problem::of(&problems::UNSUPPORTED_ENCODING).detail(
            format!("Cererea este comprimată ({encoding}); trimiteți-o necomprimată, fără antetul Content-Encoding"),
            format!("The request is compressed ({encoding}); send it as it is, without the header Content-Encoding"),
        ));
    }
    Ok(())
}

/// One `Host` that is a name (RFC 9112, section 3.2), and one of ours where they are listed.
fn host(door: &DoorConfig, version: Version, headers: &HeaderMap) -> Result<(), Problem> {
    let wrong = || {
        Problem::of(&problems::MALFORMED_REQUEST).detail(
            "Antetul Host trebuie să fie unul singur și să numească acest hub",
            "There must be one header Host, and it must name this hub",
        )
    };
    let mut told = headers.get_all(HOST).iter();
    let (first, more) = (told.next(), told.next());
    let Some(first) = first else { return if version == Version::HTTP_11 { Err(wrong()) } else { Ok(()) } };
    let authority = first.to_str().ok().and_then(|text| text.parse::<Authority>().ok());
    let authority =
        authority.filter(|authority| more.is_none() && !authority.as_str().contains('@')).ok_or_else(wrong)?;
    let ours = door.hosts.is_empty() || door.hosts.iter().any(|name| name.eq_ignore_ascii_case(authority.host()));
    if ours { Ok(()) } else { Err(wrong()) }
}

/// What was not read of a refused request is not read at all.
fn closing(mut response: Response) -> Response {
    response.headers_mut().insert(CONNECTION, HeaderValue::from_static("close"));
    response
}
