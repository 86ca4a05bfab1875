//! Who a client is: by secret, by an assertion it signed, or by the certificate of its connection; never by two of them.

use std::sync::Arc;

use axum::http::header;
use axum::http::request::Parts;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hub_flow::clock::Timestamp;
use hub_flow::credentials::{Assertion, Expected, Held, Kind, Known, Secret, Spend, Spent};
use hub_flow::directory::System;

use crate::api::App;
use crate::api::authentication::shown;
use crate::tls::ClientCertificate;

use super::error::OauthError;
use super::form::Form;

/// The kind of assertion that is understood (RFC 7523, section 2.2).
const JWT_BEARER: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

/// A client that proved who it is.
pub struct Client {
    /// What it proved it with.
    pub held: Arc<Held>,
    /// Its entry in the directory.
    pub system: System,
    /// The certificate of its connection.
    pub certificate: Option<Arc<ClientCertificate>>,
}

/// Finds out who the client is.
///
/// # Errors
/// It is not who it says, says nothing, or says it twice.
pub async fn client(parts: &Parts, form: &Form, app: &App) -> Result<Client, OauthError> {
    let now = app.hub.clock.now();
    // Tokens are asked for rarely: what another node issued just now is looked at each time.
    let known = app.hub.credentials.known_with(&app.hub.db, now, |_| false).await?;
    let header = parts.headers.get(header::AUTHORIZATION);
    let certificate = shown(parts, app, now)?;
    let held = match (header, form.get("client_secret"), form.get("client_assertion")) {
        (Some(header), None, None) => {
            let named = basic(header.as_bytes()).ok_or_else(|| unknown(true))?;
            if form.get("client_id").is_some_and(|id| id != named.0) {
                return Err(OauthError::Request("client_id is another client than the header names".to_owned()));
            }
            by_secret(&known, (&named.0, &named.1), now).ok_or_else(|| unknown(true))?
        }
        (None, Some(secret), None) => {
            let id = form.get("client_id").ok_or_else(|| OauthError::Request("client_id is missing".to_owned()))?;
            by_secret(&known, (id, secret), now).ok_or_else(|| unknown(false))?
        }
        (None, None, Some(assertion)) => by_assertion(app, &known, (form, assertion), now).await?,
        (None, None, None) => {
            let (id, certificate) = form.get("client_id").zip(certificate.as_ref()).ok_or_else(|| unknown(false))?;
            let held = known.by_certificate(certificate.sha256, certificate.spki_sha256);
            let held = held.filter(|held| held.credential.made.system == id);
            let held = held.filter(|held| held.credential.stands(now).is_ok());
            Arc::clone(held.ok_or_else(|| unknown(false))?)
        }
        _ => return Err(OauthError::Request("a client proves who it is in one way only".to_owned())),
    };
    let made = &held.credential.made;
    let directory = app.hub.directory();
    let system = directory.system(&made.system).filter(|system| system.party == made.party);
    let system = system.cloned().ok_or_else(|| unknown(header.is_some()))?;
    Ok(Client { held, system, certificate })
}

/// One answer for every reason, so that nobody learns which systems there are.
fn unknown(basic: bool) -> OauthError {
    OauthError::Client { why: "the client is not known, or its secret is not right or over".to_owned(), basic }
}

fn by_secret(known: &Known, (id, text): (&str, &str), now: Timestamp) -> Option<Arc<Held>> {
    let secret = Secret::read(Kind::ClientSecret, text)?;
    let held = known.by_id(secret.id)?;
    let made = &held.credential.made;
    let right = secret.is(made.proof.digest()) && made.kind == Kind::ClientSecret && made.system == id;
    (right && held.credential.stands(now).is_ok()).then(|| Arc::clone(held))
}

async fn by_assertion(
    app: &App,
    known: &Known,
    (form, text): (&Form, &str),
    now: Timestamp,
) -> Result<Arc<Held>, OauthError> {
    if form.get("client_assertion_type") != Some(JWT_BEARER) {
        return Err(OauthError::Request(format!("client_assertion_type must be {JWT_BEARER}")));
    }
    let issuer = app.tokens.issuer();
    let audiences = [issuer.to_owned(), format!("{issuer}/oauth/token")];
    let expected = Expected { client: form.get("client_id"), audiences: &audiences, now };
    let refused = |why: String| OauthError::Client { why, basic: false };
    let assertion = Assertion::judge(text, known, &expected).map_err(|error| refused(error.to_string()))?;
    let spent = Spent {
        client: assertion.held.credential.made.system.clone(),
        assertion: assertion.id,
        expires_at: assertion.expires_at,
    };
    if !app.hub.db.write(&Arc::new(Spend), spent).await? {
        return Err(refused("the assertion was used before; sign a new one with another jti".to_owned()));
    }
    Ok(assertion.held)
}

/// `Basic`, each half form-encoded (RFC 6749, section 2.3.1).
fn basic(header: &[u8]) -> Option<(String, String)> {
    let (scheme, value) = std::str::from_utf8(header).ok()?.split_once(' ')?;
    if !scheme.eq_ignore_ascii_case("basic") {
        return None;
    }
    let text = String::from_utf8(STANDARD.decode(value.trim()).ok()?).ok()?;
    let (id, secret) = text.split_once(':')?;
    Some((unescaped(id)?, unescaped(secret)?))
}

fn unescaped(text: &str) -> Option<String> {
    let pair = format!("x={}", text.replace('&', "%26").replace('=', "%3D"));
    url::form_urlencoded::parse(pair.as_bytes()).next().map(|(_, value)| value.into_owned())
}
