//! `POST /oauth/token`: an access token for client credentials (RFC 6749, section 4.4).

use std::sync::Arc;

use axum::Json;
use axum::extract::{Request, State};
use axum::http::header;
use axum::response::{IntoResponse as _, Response};
use hub_flow::authorization::{Permission, PermissionSet, grants_of_system};
use hub_flow::credentials::{self, Forget, LIFE_SECONDS, Wanted};
use serde_json::json;

use crate::api::App;
use crate::api::problem::Problem;
use crate::problems;

use super::client::{Client, client};
use super::error::OauthError;
use super::form::Form;

/// Gives a token for what the client proved, bound to the certificate of the connection where it shows one.
///
/// # Errors
/// As RFC 6749 says, in its form.
pub async fn grant(State(app): State<App>, request: Request) -> Result<Response, OauthError> {
    let (parts, form) = Form::read(request).await?;
    match form.get("grant_type") {
        Some("client_credentials") => {}
        Some(_) => return Err(OauthError::GrantType),
        None => return Err(OauthError::Request("grant_type is missing".to_owned())),
    }
    let client = client(&parts, &form, &app).await?;
    let operations = narrowed(&client, form.get("scope"))?;
    let hub = &app.hub;
    let (key, private) = app.tokens.signing_key(hub, hub.ids.salt()).await?;
    let now = hub.clock.now();
    let wanted = Wanted {
        issuer: app.tokens.issuer(),
        credential: &client.held.credential,
        operations,
        certificate: client.certificate.as_ref().map(|certificate| certificate.sha256),
        id: hub.ids.uuid(now),
        now,
    };
    let token = credentials::issue(&wanted, (&key, &private)).map_err(|error| {
        tracing::error!(%error, "an access token cannot be signed");
        Problem::of(&problems::UNAVAILABLE)
    })?;
    if client.held.first_use_in_an_hour(now) {
        let (hub, id) = (Arc::clone(hub), client.held.credential.made.id);
        tokio::spawn(async move {
            let used = hub.db.write(&Arc::new(credentials::Use), (id, now)).await;
            let forgotten = hub.db.write(&Arc::new(Forget), now).await;
            if let Err(error) = used.and(forgotten) {
                tracing::warn!(%error, "the use of a credential was not written down");
            }
        });
    }
    let mut answer = json!({"access_token": token, "token_type": "Bearer", "expires_in": LIFE_SECONDS});
    if let Some(operations) = operations {
        answer["scope"] = operations.iter().map(Permission::as_str).collect::<Vec<_>>().join(" ").into();
    }
    Ok(([(header::CACHE_CONTROL, "no-store")], Json(answer)).into_response())
}

/// What the token is narrowed to: what is asked for, which is never more than the credential carries and the system holds;
/// what the credential carries where nothing is asked for.
fn narrowed(client: &Client, asked: Option<&str>) -> Result<Option<PermissionSet>, OauthError> {
    let carried = client.held.credential.made.operations;
    let Some(asked) = asked else { return Ok(carried) };
    let system = &client.system;
    let grants = grants_of_system(&system.party, system.operations.as_deref(), system.operator);
    let mut narrowed = PermissionSet::NONE;
    for name in asked.split(' ').filter(|name| !name.is_empty()) {
        let permission = Permission::parse(name);
        let permission = permission.ok_or_else(|| OauthError::Scope(format!("{name} is no permission of this hub")))?;
        let held = grants.iter().any(|held| held.permissions.contains(permission));
        if !held || carried.is_some_and(|carried| !carried.contains(permission)) {
            return Err(OauthError::Scope(format!("{name} is more than this client holds")));
        }
        narrowed = narrowed.with(permission);
    }
    Ok(Some(narrowed))
}
