//! `POST /oauth/revoke` (RFC 7009) and `POST /oauth/introspect` (RFC 7662): whether a token counts, for its institution alone.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Request, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use hub_flow::authorization::Permission;
use hub_flow::credentials::{RevokeToken, Token};
use serde_json::{Value, json};

use crate::api::App;

use super::client::{Client, client};
use super::error::OauthError;
use super::form::Form;

/// Revokes a token of the client's institution. Of any other it says nothing, and does nothing.
///
/// # Errors
/// The client is not known, or named no token.
pub async fn revoke(State(app): State<App>, request: Request) -> Result<Response, OauthError> {
    if let (_, Some(token)) = asked(&app, request).await? {
        app.hub.db.write(&Arc::new(RevokeToken), (token.id, token.expires_at)).await?;
        app.hub.credentials.stale();
    }
    Ok((StatusCode::OK, [(header::CACHE_CONTROL, "no-store")]).into_response())
}

/// Tells about a token of the client's institution.
///
/// # Errors
/// The client is not known, or named no token.
pub async fn introspect(State(app): State<App>, request: Request) -> Result<Response, OauthError> {
    let (_, token) = asked(&app, request).await?;
    let now = app.hub.clock.now();
    let known = app.hub.credentials.known(&app.hub.db, now).await?;
    // A bound token counts on a connection that shows its certificate: that is for the hub to see, not for who asks here.
    let token = token.filter(|token| token.stands(&known, now, token.certificate.as_ref()).is_ok());
    let told = token.map_or_else(|| json!({"active": false}), |token| told(&token, app.tokens.issuer()));
    Ok(([(header::CACHE_CONTROL, "no-store")], Json(told)).into_response())
}

fn told(token: &Token, issuer: &str) -> Value {
    let seconds = |at: hub_flow::clock::Timestamp| at.0.div_euclid(1_000_000);
    let mut told = json!({
        "active": true,
        "iss": issuer,
        "sub": token.system,
        "client_id": token.system,
        "token_type": "Bearer",
        "iat": seconds(token.issued_at),
        "exp": seconds(token.expires_at),
    });
    if let Some(operations) = token.narrowed_to {
        told["scope"] = operations.iter().map(Permission::as_str).collect::<Vec<_>>().join(" ").into();
    }
    told
}

/// The client, and the token it names, where that is one of its institution.
async fn asked(app: &App, request: Request) -> Result<(Client, Option<Arc<Token>>), OauthError> {
    let (parts, form) = Form::read(request).await?;
    let client = client(&parts, &form, app).await?;
    let text = form.get("token").ok_or_else(|| OauthError::Request("token is missing".to_owned()))?;
    let now = app.hub.clock.now();
    let known = app.hub.credentials.known(&app.hub.db, now).await?;
    let token = app.tokens.read(text, &known).ok();
    let own = |token: &Arc<Token>| {
        let directory = app.hub.directory();
        directory.system(&token.system).is_some_and(|system| system.party == client.system.party)
    };
    let token = token.filter(own);
    Ok((client, token))
}
