//! `GET /.well-known/oauth-authorization-server` (RFC 8414) and `GET /oauth/jwks.json`: what clients and others must know.

use axum::Json;
use axum::extract::State;
use axum::http::header;
use axum::response::{IntoResponse as _, Response};
use hub_flow::authorization::Permission;
use serde_json::{Value, json};

use crate::api::App;
use crate::api::problem::Problem;

/// Others may keep what is told for so long; half of what a key is made known before it signs.
const KEPT: &str = "public, max-age=30";

/// What this server can do.
pub async fn server(State(app): State<App>) -> Response {
    let issuer = app.tokens.issuer();
    let methods = ["client_secret_basic", "client_secret_post", "private_key_jwt", "tls_client_auth"];
    let algorithms = ["ES256", "EdDSA", "PS256", "RS256"];
    let scopes: Vec<&str> = Permission::ALL.iter().map(|one| one.as_str()).collect();
    let told = json!({
        "issuer": issuer,
        "token_endpoint": format!("{issuer}/oauth/token"),
        "token_endpoint_auth_methods_supported": methods,
        "token_endpoint_auth_signing_alg_values_supported": algorithms,
        "revocation_endpoint": format!("{issuer}/oauth/revoke"),
        "revocation_endpoint_auth_methods_supported": methods,
        "revocation_endpoint_auth_signing_alg_values_supported": algorithms,
        "introspection_endpoint": format!("{issuer}/oauth/introspect"),
        "introspection_endpoint_auth_methods_supported": methods,
        "introspection_endpoint_auth_signing_alg_values_supported": algorithms,
        "jwks_uri": format!("{issuer}/oauth/jwks.json"),
        "grant_types_supported": ["client_credentials"],
        "response_types_supported": [],
        "scopes_supported": scopes,
        "tls_client_certificate_bound_access_tokens": true,
    });
    ([(header::CACHE_CONTROL, KEPT)], Json(told)).into_response()
}

/// The keys that sign tokens, those to come included.
///
/// # Errors
/// The database does not answer.
pub async fn keys(State(app): State<App>) -> Result<Response, Problem> {
    let now = app.hub.clock.now();
    let known = app.hub.credentials.known(&app.hub.db, now).await?;
    let keys: Vec<Value> = known.published_keys(now).filter_map(|key| key.public.to_jwk().ok()).collect();
    Ok(([(header::CACHE_CONTROL, KEPT)], Json(json!({"keys": keys}))).into_response())
}
