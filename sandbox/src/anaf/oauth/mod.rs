//! OAuth2 as `logincert` plays it: codes of 60 seconds, rotation of both tokens, JSON errors with 400, a wall at `revoke`.

mod issuer;
mod jwt;

use std::collections::HashMap;
use std::sync::Arc;

use axum::extract::{Form, Query, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{any, get, post};
use axum::{Json, Router};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::json;

use super::settings::OAuthApplication;
use super::{Anaf, answers};

use issuer::Pair;
pub(super) use issuer::{Expire, Issuer};

pub(super) fn pages(twin: &Arc<Anaf>) -> Router {
    Router::new()
        .route("/anaf-oauth2/v1/authorize", get(authorize))
        .route("/anaf-oauth2/v1/token", post(token))
        .route("/anaf-oauth2/v1/revoke", any(revoke))
        .route("/TestOauth/jaxrs/hello", get(hello))
        .with_state(Arc::clone(twin))
}

/// Refuses a call without a living token.
pub(super) fn check(twin: &Anaf, headers: &HeaderMap) -> Option<Response> {
    let now = twin.now();
    let bearer = headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
    let token = bearer.and_then(|value| value.strip_prefix("Bearer ")).unwrap_or_default().trim();
    (!twin.issuer.is_living(token, now)).then(|| answers::unauthorized(now))
}

/// The person chose a certificate; the browser is sent back with a code.
async fn authorize(State(twin): State<Arc<Anaf>>, Query(asked): Query<HashMap<String, String>>) -> Response {
    let given = |name: &str| asked.get(name).map(String::as_str).unwrap_or_default();
    let (client, address) = (given("client_id"), given("redirect_uri"));
    let settings = twin.settings().clone();
    let registered = settings.applications.iter().find(|one| one.client_id == client);
    let Some(_) = registered.filter(|one| one.redirect_uris.iter().any(|known| known == address)) else {
        return answers::oauth_error("invalid_request");
    };
    if given("response_type") != "code" || !address.starts_with("https://") {
        return answers::oauth_error("invalid_request");
    }
    let state = asked.get("state").map(|state| format!("&state={}", encoded(state))).unwrap_or_default();
    let answer = if settings.certificate {
        format!("code={}", twin.issuer.code(client, address, twin.now()))
    } else {
        "error=access_denied".to_owned()
    };
    let separator = if address.contains('?') { '&' } else { '?' };
    (StatusCode::FOUND, [(header::LOCATION, format!("{address}{separator}{answer}{state}"))]).into_response()
}

async fn token(
    State(twin): State<Arc<Anaf>>,
    headers: HeaderMap,
    form: Result<Form<HashMap<String, String>>, axum::extract::rejection::FormRejection>,
) -> Response {
    let Ok(Form(form)) = form else { return answers::oauth_error("invalid_request") };
    let given = |name: &str| form.get(name).map(String::as_str).unwrap_or_default();
    let settings = twin.settings().clone();
    let Some((client, secret)) = credentials(&headers, &form) else { return answers::oauth_error("invalid_client") };
    let fits = |one: &&OAuthApplication| one.client_id == client && one.client_secret == secret;
    if settings.applications.iter().find(fits).is_none() {
        return answers::oauth_error("invalid_client");
    }
    let now = twin.now();
    let pair = match given("grant_type") {
        "authorization_code" if !given("code").is_empty() => {
            twin.issuer.exchange(given("code"), (&client, given("redirect_uri")), now, &settings)
        }
        "refresh_token" if !given("refresh_token").is_empty() => {
            twin.issuer.rotate(given("refresh_token"), &client, now, &settings)
        }
        _ => return answers::oauth_error("invalid_request"),
    };
    pair.map_or_else(|| answers::oauth_error("invalid_grant"), |pair| Json(answer(&pair)).into_response())
}

/// What the token endpoint says of a pair.
pub(super) fn answer(pair: &Pair) -> serde_json::Value {
    json!({
        "access_token": pair.access,
        "refresh_token": pair.refresh,
        "token_type": "Bearer",
        "expires_in": pair.expires_in,
        "scope": "clientappid info issuer role serial",
    })
}

/// Basic authentication as documented; one client sends both in the form, and is served too.
fn credentials(headers: &HeaderMap, form: &HashMap<String, String>) -> Option<(String, String)> {
    let Some(basic) = headers.get(header::AUTHORIZATION) else {
        return Some((form.get("client_id")?.clone(), form.get("client_secret")?.clone()));
    };
    let encoded = basic.to_str().ok()?.strip_prefix("Basic ")?;
    let plain = String::from_utf8(STANDARD.decode(encoded.trim()).ok()?).ok()?;
    let (client, secret) = plain.split_once(':')?;
    Some((client.to_owned(), secret.to_owned()))
}

/// `revoke` is documented and cannot be reached without a browser: it answers like a path that does not exist.
async fn revoke() -> Response {
    answers::log_in_wall()
}

async fn hello(
    State(twin): State<Arc<Anaf>>,
    headers: HeaderMap,
    Query(asked): Query<HashMap<String, String>>,
) -> Response {
    match check(&twin, &headers) {
        None => format!("Hello, {}!", asked.get("name").map(String::as_str).unwrap_or_default()).into_response(),
        Some(refusal) => refusal,
    }
}

fn encoded(text: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte);
    text.bytes().map(|byte| if plain(byte) { char::from(byte).to_string() } else { format!("%{byte:02X}") }).collect()
}
