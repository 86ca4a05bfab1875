//! Passkeys at the door: questions and answers of the script.

use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, header};
use axum::response::{IntoResponse as _, Response};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hub_flow::identity::{self, Assertion, Challenge, Change, Factor, FactorKind, Registration};
use serde_json::json;

use crate::api::App;
use crate::api::problem::Problem;
use crate::api::request::SmallBody;
use crate::problems;
use crate::sign_in::browser::{Cookie, Visitor, from_our_page};
use crate::sign_in::entering::{Entered, NotEntered, answer};
use crate::sign_in::passkeys::{self, NotTaken};
use crate::sign_in::session::{Signed, signed};

/// A question for a passkey, for anybody.
///
/// # Errors
/// Another site asks, or the hub cannot answer now.
pub async fn ask(State(app): State<App>, headers: HeaderMap, SmallBody(body): SmallBody) -> Result<Response, Problem> {
    from_our_page(&app.sign_in.place, &headers)?;
    let asked: serde_json::Value = serde_json::from_slice(&body).unwrap_or_default();
    let before = Cookie::Step.read(&app.sign_in.place, &headers);
    let token = passkeys::ask(&app, before.as_ref(), asked["next"].as_str()).await?;
    let told =
        json!({"challenge": URL_SAFE_NO_PAD.encode(passkeys::challenge(&token)), "domain": app.sign_in.place.host});
    Ok(with_step(&app, &token, told))
}

fn with_step(app: &App, token: &identity::Token, told: serde_json::Value) -> Response {
    let cookie = Cookie::Step.give(&app.sign_in.place, token, passkeys::SECONDS);
    let mut response = Json(told).into_response();
    response.headers_mut().append(header::SET_COOKIE, cookie);
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

/// Signs in with a passkey.
///
/// # Errors
/// The key is not believed, or the hub cannot answer now.
pub async fn take(
    State(app): State<App>,
    headers: HeaderMap,
    visitor: Visitor,
    SmallBody(body): SmallBody,
) -> Result<Response, Problem> {
    from_our_page(&app.sign_in.place, &headers)?;
    let token = Cookie::Step.read(&app.sign_in.place, &headers);
    let said: Option<Assertion> = serde_json::from_slice(&body).ok();
    let (Some(token), Some(said)) = (token, said) else { return Err(refused()) };
    match passkeys::enter_with_key(&app, &visitor, &token, &said).await {
        Ok(entered) => {
            let cookies = answer(&app, &entered);
            let next = if let Entered::In(_, next) = &entered { next.as_str() } else { "/sign-in" };
            let mut response = Json(json!({"next": next})).into_response();
            for cookie in cookies.headers().get_all(header::SET_COOKIE) {
                response.headers_mut().append(header::SET_COOKIE, cookie.clone());
            }
            Ok(response)
        }
        Err(NotEntered::Problem(problem)) => Err(problem),
        Err(_) => Err(refused()),
    }
}

fn refused() -> Problem {
    Problem::of(&problems::FORBIDDEN).detail(
        "Cheia de acces nu este cunoscută aici sau contul nu poate fi folosit; conectați-vă cu parola",
        "The passkey is not known here or the account cannot be used; sign in with your password",
    )
}

/// A question for a new passkey of somebody who is signed in.
///
/// # Errors
/// Another site asks, nobody is signed in, or the hub cannot answer now.
pub async fn ask_new(State(app): State<App>, headers: HeaderMap) -> Result<Response, Problem> {
    let signed = sender(&app, &headers).await?;
    let token = passkeys::ask_new(&app, &signed.account).await?;
    let factors = identity::factors(&app.hub.db, signed.account.id).await?;
    let known = |factor: &&Factor| factor.kind == FactorKind::Passkey;
    let told = json!({
        "challenge": URL_SAFE_NO_PAD.encode(passkeys::challenge(&token)),
        "domain": app.sign_in.place.host,
        "service": app.sign_in.service,
        "account": URL_SAFE_NO_PAD.encode(signed.account.id.0.as_bytes()),
        "login": signed.account.login,
        "display_name": signed.account.display_name,
        "known": factors.iter().filter(known).map(|factor| &factor.name).collect::<Vec<_>>(),
    });
    Ok(with_step(&app, &token, told))
}

/// Takes a new passkey.
///
/// # Errors
/// The key is not believed, nobody is signed in, or the hub cannot answer now.
pub async fn take_new(
    State(app): State<App>,
    headers: HeaderMap,
    SmallBody(body): SmallBody,
) -> Result<Response, Problem> {
    let signed = sender(&app, &headers).await?;
    let token = Cookie::Step.read(&app.sign_in.place, &headers);
    let made: Option<Registration> = serde_json::from_slice(&body).ok();
    let (Some(token), Some(made)) = (token, made) else { return Err(refused()) };
    let place = &app.sign_in.place;
    let bytes = passkeys::challenge(&token);
    let challenge = Challenge { bytes: &bytes, origin: &place.origin, domain: &place.host };
    let registered = identity::register(challenge, &made).map_err(|wrong| {
        tracing::info!(%wrong, "a passkey was not taken");
        refused()
    })?;
    let end = Change::EndSessions(signed.account.id, Some(signed.session.id), "factor");
    match passkeys::keep(&app, &signed.account, (&token, registered), end).await {
        Ok(()) => Ok(Json(json!({})).into_response()),
        Err(NotTaken::Problem(problem)) => Err(problem),
        Err(NotTaken::Known) => Err(refused()),
    }
}

async fn sender(app: &App, headers: &HeaderMap) -> Result<Signed, Problem> {
    from_our_page(&app.sign_in.place, headers)?;
    let signed = signed(app, headers).await?.ok_or_else(refused)?;
    signed.made(headers.get("Punte-Form").and_then(|token| token.to_str().ok()))?;
    Ok(signed)
}
