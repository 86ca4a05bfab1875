//! The pages of the appliance: policy, nonce, hang-up; and the guard in front of the service.

use std::sync::Arc;
use std::time::Duration;

use axum::extract::{Query, State};
use axum::http::{HeaderMap, StatusCode, Uri, header};
use axum::response::{AppendHeaders, IntoResponse, Response};
use serde::Deserialize;
use tokio::time::sleep;

use super::Spv;
use super::settings::Certificate;
use crate::anaf::answers::logout_page;

type Here = State<Arc<Spv>>;

/// What the hop brings.
#[derive(Deserialize)]
pub(super) struct Hop {
    #[serde(default)]
    nonce: String,
}

/// The serial of the certificate whose session this is, or where the appliance sends the visitor instead.
pub(super) fn guard(here: &Spv, headers: &HeaderMap, uri: &Uri) -> Result<String, Box<Response>> {
    let now = (here.clock)();
    let mut state = here.locked();
    let wanted = uri.path_and_query().map_or("/", |wanted| wanted.as_str());
    if state.settings.logout_pages > 0 {
        state.settings.logout_pages -= 1;
        return Err(Box::new(logout_page()));
    }
    let (cookie, lifetime) = (cookie(headers), state.settings.session_s);
    let Some(serial) = cookie.as_deref().and_then(|cookie| state.sessions.serial(cookie, now, lifetime)) else {
        let fresh = state.sessions.begin(wanted, now);
        return Err(Box::new(to("/my.policy", Some(&fresh))));
    };
    if state.settings.revalidate > 0 {
        state.settings.revalidate -= 1;
        let nonce = cookie.and_then(|cookie| state.sessions.prove(&cookie, None, Some(wanted))).unwrap_or_default();
        return Err(Box::new(to(&format!("/my.policy_nonce?nonce={nonce}"), None)));
    }
    Ok(serial)
}

/// Where the line renegotiates and asks for the certificate.
pub(super) async fn policy(State(here): Here, headers: HeaderMap) -> Response {
    let hang_ms = here.locked().settings.hang_ms;
    if hang_ms > 0 {
        sleep(Duration::from_millis(hang_ms)).await;
    }
    let mut state = here.locked();
    state.log_ins += 1;
    let shown = headers.get("x-client-certificate").and_then(|serial| serial.to_str().ok());
    let serial = match state.settings.certificate {
        Certificate::Given => Some(state.settings.serial.clone()),
        Certificate::FromLine => shown.filter(|serial| !serial.is_empty() && *serial != "(null)").map(str::to_owned),
        Certificate::Refused => None,
    };
    let proved =
        serial.zip(cookie(&headers)).and_then(|(serial, cookie)| state.sessions.prove(&cookie, Some(&serial), None));
    match proved {
        Some(nonce) => to(&format!("/my.policy_nonce?nonce={nonce}"), None),
        None => to("/vdesk/hangup.php3", None),
    }
}

/// The hop that makes the cookie worth something, and renews it.
pub(super) async fn nonce(State(here): Here, headers: HeaderMap, Query(hop): Query<Hop>) -> Response {
    let now = (here.clock)();
    let passed = cookie(&headers).and_then(|cookie| here.locked().sessions.pass(&cookie, &hop.nonce, now));
    match passed {
        Some((renewed, wanted)) => to(&wanted, Some(&renewed)),
        None => to("/vdesk/hangup.php3", None),
    }
}

/// The end: a page with 200.
pub(super) async fn hang_up(State(here): Here, headers: HeaderMap) -> Response {
    if let Some(cookie) = cookie(&headers) {
        here.locked().sessions.end(&cookie);
    }
    logout_page()
}

fn cookie(headers: &HeaderMap) -> Option<String> {
    let sent = headers.get_all(header::COOKIE).iter().filter_map(|value| value.to_str().ok());
    let mut pairs = sent.flat_map(|value| value.split(';')).filter_map(|pair| pair.trim().split_once('='));
    pairs.find(|(name, _)| *name == "MRHSession").map(|(_, value)| value.to_owned())
}

fn to(location: &str, session: Option<&str>) -> Response {
    let cookie = |session: &str| {
        let last = session.get(24..).unwrap_or_default();
        [
            format!("MRHSession={session}; path=/; secure; HttpOnly"),
            format!("LastMRH_Session={last}; path=/; secure"),
            "F5_ST=1z1z1z; path=/; secure".to_owned(),
        ]
        .map(|text| (header::SET_COOKIE, text))
    };
    let cookies: Vec<_> = session.map(cookie).into_iter().flatten().collect();
    (StatusCode::FOUND, [(header::LOCATION, location.to_owned())], AppendHeaders(cookies)).into_response()
}
