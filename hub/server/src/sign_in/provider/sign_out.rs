//! The end of a session at both places: OpenID Connect RP-initiated logout 1.0 and back-channel logout 1.0.

use hub_flow::identity::{self, Change, Session};
use serde_json::{Map, Value};

use crate::api::App;
use crate::sign_in::entering::write;

use super::jws::Unverified;
use super::{Failed, NotBelieved, Provider, named};

/// The event a logout token tells.
const EVENT: &str = "http://schemas.openid.net/event/backchannel-logout";

/// Where a browser signs out of the provider its session came from, where it came from one that can.
pub async fn sign_out_address(app: &App, session: &Session) -> Option<String> {
    let kept: Value = serde_json::from_str(session.provider.as_deref()?).ok()?;
    let provider = named(app, kept["id"].as_str()?)?;
    let mut address = provider.metadata(app).await.ok()?.end_session_endpoint.clone()?;
    address
        .query_pairs_mut()
        .append_pair("client_id", &provider.settings.client_id)
        .append_pair("id_token_hint", kept["id_token"].as_str().unwrap_or_default())
        .append_pair("post_logout_redirect_uri", &app.sign_in.place.at("/sign-in"));
    Some(address.into())
}

/// Ends the sessions a provider says are over; answers how many.
///
/// # Errors
/// The token is not believed, or the hub cannot answer now.
pub async fn signed_out(app: &App, provider: &Provider, logout_token: &str) -> Result<usize, Failed> {
    let metadata = provider.metadata(app).await?;
    let kind = Unverified::read(logout_token)?;
    // An ID token signs nobody out, whoever got hold of it.
    if kind.kind().is_some_and(|kind| !kind.eq_ignore_ascii_case("logout+jwt") && !kind.eq_ignore_ascii_case("jwt")) {
        return Err(NotBelieved::Token("typ").into());
    }
    let claims = provider.claims(app, &metadata, logout_token).await?;
    let whose = tells_sign_out(&claims)?;
    let open = identity::sessions_of_providers(&app.hub.db, app.hub.clock.now()).await;
    let open = open.map_err(|error| Failed::Problem(error.into()))?;
    let meant = open.iter().filter(|session| is_meant(session, provider, whose));
    let mut ended = 0;
    for session in meant {
        let end = Change::EndSession(session.account, session.id, "provider");
        write(app, vec![end]).await.map_err(Failed::Problem)?;
        app.sign_in.known.forget(session.account);
        ended += 1;
    }
    Ok(ended)
}

/// Subject and session a logout token names (section 2.6).
fn tells_sign_out(claims: &Map<String, Value>) -> Result<(Option<&str>, Option<&str>), NotBelieved> {
    let event = claims.get("events").and_then(|events| events.get(EVENT)).is_some_and(Value::is_object);
    if !event || claims.contains_key("nonce") {
        return Err(NotBelieved::Token("events"));
    }
    let text = |name| claims.get(name).and_then(Value::as_str);
    match (text("sub"), text("sid")) {
        (None, None) => Err(NotBelieved::Token("sub")),
        whose => Ok(whose),
    }
}

fn is_meant(session: &Session, provider: &Provider, (subject, sid): (Option<&str>, Option<&str>)) -> bool {
    let kept: Value = session.provider.as_deref().and_then(|kept| serde_json::from_str(kept).ok()).unwrap_or_default();
    let same = |name: &str, told: Option<&str>| told.is_none_or(|told| kept[name] == told);
    kept["id"] == provider.id.as_str() && same("sub", subject) && same("sid", sid)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn only_a_logout_token_tells_a_sign_out() {
        let told = |claims: Value| tells_sign_out(claims.as_object().unwrap()).is_ok();
        assert!(told(json!({"events": {EVENT: {}}, "sid": "s"})));
        assert!(told(json!({"events": {EVENT: {}}, "sub": "ana"})));
        assert!(!told(json!({"events": {EVENT: {}}})));
        assert!(!told(json!({"sub": "ana"})), "an ID token");
        assert!(!told(json!({"events": {EVENT: {}}, "sub": "ana", "nonce": "n"})));
    }
}
