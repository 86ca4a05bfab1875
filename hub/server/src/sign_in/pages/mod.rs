//! Pages of people: made on the server, in Romanian, without inline scripts.

mod form;
mod entering;
mod account;
mod second_factor;
mod passkeys;
mod provider;

use askama::Template;
use axum::http::{HeaderName, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use hub_flow::clock::Timestamp;

use crate::api::App;
use crate::api::door::Door;
use crate::api::problem::Problem;

use super::entering::NotEntered;

pub(crate) use account::{choose, end};
pub use form::Filled;

const STYLE: &str = include_str!("../../../templates/people/people.css");
const SCRIPT: &str = include_str!("../../../templates/people/people.js");

/// What a page may load: style and script of the hub itself. Forms go to the hub; a browser follows them to a provider.
const HEADERS: [(HeaderName, &str); 6] = [
    (header::CONTENT_TYPE, "text/html; charset=utf-8"),
    (
        header::CONTENT_SECURITY_POLICY,
        "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; base-uri 'none'; frame-ancestors 'none'",
    ),
    // Not `no-referrer`: browsers would call the origin of our own forms `null`.
    (header::REFERRER_POLICY, "same-origin"),
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (header::X_FRAME_OPTIONS, "DENY"),
    (header::CACHE_CONTROL, "no-store"),
];

const ENTRY: &str = "somebody who is not signed in yet signs in here";
const OWN: &str = "it asks for the session itself and sends who has none to the sign-in page";

/// The pages.
#[must_use]
pub fn routes(door: Door) -> Door {
    door.public_get("/sign-in", ENTRY, entering::show)
        .public_post("/sign-in", ENTRY, entering::take)
        .public_get("/sign-in/second-factor", ENTRY, second_factor::show)
        .public_post("/sign-in/second-factor", ENTRY, second_factor::take)
        .public_get("/sign-in/enrolment", ENTRY, second_factor::show_enrolment)
        .public_post("/sign-in/enrolment", ENTRY, second_factor::take_enrolment)
        .public_get("/sign-in/invitation", ENTRY, entering::show_invitation)
        .public_post("/sign-in/invitation", ENTRY, entering::take_invitation)
        .public_post("/sign-in/passkey/question", ENTRY, passkeys::ask)
        .taking::<serde_json::Value>()
        .public_post("/sign-in/passkey", ENTRY, passkeys::take)
        .taking::<hub_flow::identity::Assertion>()
        .public_post("/sign-in/provider/{provider}", ENTRY, provider::begin)
        .public_get("/sign-in/provider/{provider}/return", ENTRY, provider::end)
        .public_post(
            "/sign-in/provider/{provider}/back-channel",
            "a provider says there that somebody signed out",
            provider::signed_out,
        )
        .public_post("/sign-out", OWN, account::sign_out)
        .public_get("/account", OWN, account::show)
        .public_post("/account/unit", OWN, account::choose_unit)
        .public_post("/account/sessions/end", OWN, account::end_session)
        .public_post("/account/password", OWN, account::change_password)
        .public_post("/account/factors/remove", OWN, account::remove_factor)
        .public_post("/account/totp", OWN, second_factor::begin_own)
        .public_get("/account/totp", OWN, second_factor::show_own)
        .public_post("/account/totp/code", OWN, second_factor::take_own)
        .public_post("/account/passkeys/question", OWN, passkeys::ask_new)
        .public_post("/account/passkeys", OWN, passkeys::take_new)
        .taking::<hub_flow::identity::Registration>()
        .public_get("/people.css", "the style of these pages", style)
        .public_get("/people.js", "the script of passkeys", script)
}

/// The style.
pub async fn style() -> Response {
    ([(header::CONTENT_TYPE, "text/css; charset=utf-8"), (header::X_CONTENT_TYPE_OPTIONS, "nosniff")], STYLE)
        .into_response()
}

/// The script.
pub async fn script() -> Response {
    ([(header::CONTENT_TYPE, "text/javascript; charset=utf-8"), (header::X_CONTENT_TYPE_OPTIONS, "nosniff")], SCRIPT)
        .into_response()
}

/// A page as an answer.
fn page(status: StatusCode, page: &impl Template) -> Response {
    (status, HEADERS, page.render().expect("the page's own template renders")).into_response()
}

#[derive(Template)]
#[template(path = "people/told.html")]
struct Told<'a> {
    service: &'a str,
    message: Option<String>,
    title: &'a str,
}

/// A page that says something and leads back to the beginning.
fn told(app: &App, title: &str, message: &str) -> Response {
    let told = Told { service: &app.sign_in.service, message: Some(message.to_owned()), title };
    page(StatusCode::FORBIDDEN, &told)
}

/// Why somebody does not come in, in words that tell nothing to a stranger.
///
/// # Errors
/// What went wrong is the hub's own.
fn why(app: &App, not: NotEntered, wrong: &str) -> Result<String, Problem> {
    match not {
        NotEntered::Wrong => Ok(wrong.to_owned()),
        NotEntered::Wait(until) => {
            let hour = until.to_romanian_hour(app.hub.clock.now());
            Ok(format!("Prea multe încercări. Încercați din nou după ora {hour}; nimic nu este blocat"))
        }
        NotEntered::Problem(problem) => Err(problem),
    }
}

/// A day for people.
fn day(at: Timestamp) -> String {
    at.to_romanian()
}
