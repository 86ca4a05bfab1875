//! While the hub is locked down, nothing is changed through its door: reading goes on, and administrators can lift it.

use axum::extract::{MatchedPath, Request, State};
use axum::http::Method;
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};

use crate::api::App;
use crate::api::problem::Problem;

/// What is posted and changes nothing, or ends the lock-down.
const GOES_ON: &[&str] = &["/v1/standing/lift", "/v1/verify", "/v1/journal/search", "/v1/my-data", "/v1/log/witness"];

/// The layer around all routes.
pub async fn guard(State(app): State<App>, request: Request, next: Next) -> Response {
    let reads = matches!(*request.method(), Method::GET | Method::HEAD | Method::OPTIONS);
    let path = request.extensions().get::<MatchedPath>().map(MatchedPath::as_str);
    if reads || path.is_none_or(|path| GOES_ON.contains(&path)) {
        return next.run(request).await;
    }
    match app.hub.standing.halted().filter(|cause| cause.locks_down()) {
        Some(cause) => Problem::from(cause).into_response(),
        None => next.run(request).await,
    }
}
