//! Sign-in by identity providers: to them, and back.

use axum::Json;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use serde_json::json;

use crate::api::App;
use crate::api::problem::Problem;
use crate::api::request::Path;
use crate::problems;
use crate::sign_in::browser::{Cookie, Visitor, from_our_page};
use crate::sign_in::entering::{STEP_MINUTES, answer, sent_to};
use crate::sign_in::provider::{self, Failed, Returned, named};

use super::{Filled, told};

const TITLE: &str = "Conectarea nu a reușit";
const NOT_BELIEVED: &str = "Furnizorul de identitate nu a putut confirma cine sunteți pentru acest hub. Încercați din nou sau întrebați administratorul";

/// Sends a browser to a provider.
///
/// # Errors
/// Another site sent the form, there is no such provider, or the hub cannot answer now.
pub async fn begin(
    State(app): State<App>,
    Path(id): Path<String>,
    headers: HeaderMap,
    filled: Filled,
) -> Result<Response, Problem> {
    from_our_page(&app.sign_in.place, &headers)?;
    let provider = named(&app, &id).ok_or_else(|| Problem::of(&problems::NOT_FOUND))?;
    match provider::begin(&app, provider, filled.get("next")).await {
        Ok((token, address)) => {
            let cookie = Cookie::Step.give(&app.sign_in.place, &token, STEP_MINUTES as u64 * 60);
            Ok(sent_to(&address, vec![cookie]))
        }
        Err(failed) => refused(&app, failed),
    }
}

/// Takes a browser back.
///
/// # Errors
/// There is no such provider, or the hub cannot answer now.
pub async fn end(
    State(app): State<App>,
    Path(id): Path<String>,
    headers: HeaderMap,
    visitor: Visitor,
    returned: Result<Query<Returned>, QueryRejection>,
) -> Result<Response, Problem> {
    let provider = named(&app, &id).ok_or_else(|| Problem::of(&problems::NOT_FOUND))?;
    let Query(returned) = returned.unwrap_or_default();
    let Some(token) = Cookie::Step.read(&app.sign_in.place, &headers) else {
        return Ok(told(&app, TITLE, NOT_BELIEVED));
    };
    match provider::end(&app, &visitor, (provider, &token), &returned).await {
        Ok(entered) => Ok(answer(&app, &entered)),
        Err(failed) => refused(&app, failed),
    }
}

fn refused(app: &App, failed: Failed) -> Result<Response, Problem> {
    match failed {
        Failed::Problem(problem) => Err(problem),
        Failed::NotBelieved(why) => {
            tracing::warn!(%why, "a sign-in by an identity provider failed");
            Ok(told(app, TITLE, NOT_BELIEVED))
        }
    }
}

/// Takes a provider's word that somebody signed out (back-channel logout 1.0, section 2.8).
///
/// # Errors
/// There is no such provider, or the hub cannot answer now.
pub async fn signed_out(State(app): State<App>, Path(id): Path<String>, filled: Filled) -> Result<Response, Problem> {
    let provider = named(&app, &id).ok_or_else(|| Problem::of(&problems::NOT_FOUND))?;
    let status = match provider::signed_out(&app, provider, filled.get("logout_token")).await {
        Ok(_) => StatusCode::OK,
        Err(Failed::Problem(problem)) => return Err(problem),
        Err(Failed::NotBelieved(why)) => {
            tracing::warn!(%why, "a sign-out of an identity provider is not believed");
            StatusCode::BAD_REQUEST
        }
    };
    let said = if status.is_success() { json!({}) } else { json!({"error": "invalid_request"}) };
    Ok((status, [(header::CACHE_CONTROL, HeaderValue::from_static("no-store"))], Json(said)).into_response())
}
