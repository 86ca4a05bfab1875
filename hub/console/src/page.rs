//! Pages on their way to a browser.

use askama::Template;
use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse as _, Response};

use crate::fault::Fault;

/// What handlers of pages answer.
pub type Answer = Result<Response, Fault>;

/// Headers of plain text.
pub(crate) const PLAIN: [(HeaderName, &str); 1] = [(header::CONTENT_TYPE, "text/plain; charset=utf-8")];

/// What a page may load: style, script, pictures and documents of the hub itself, and nothing written into the page.
const HEADERS: [(HeaderName, &str); 4] = [
    (header::CONTENT_TYPE, "text/html; charset=utf-8"),
    (
        header::CONTENT_SECURITY_POLICY,
        "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; connect-src 'self'; frame-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
    ),
    // Not `no-referrer`: browsers would call the origin of our own forms `null`.
    (header::REFERRER_POLICY, "same-origin"),
    (header::CACHE_CONTROL, "no-store"),
];

/// A page.
///
/// # Errors
/// It cannot be written.
pub fn page(template: &impl Template) -> Answer {
    Ok(page_with(StatusCode::OK, template))
}

/// A page with a status: a form that was refused is shown again with 422.
pub fn page_with(status: StatusCode, template: &impl Template) -> Response {
    match template.render() {
        Ok(text) => (status, HEADERS, text).into_response(),
        Err(error) => Fault::unreadable(&error).plain(),
    }
}

/// Sends the browser to another page of ours, after a form: going back does not send it again.
#[must_use]
pub fn sent_to(place: &str) -> Response {
    let place = HeaderValue::from_str(place).unwrap_or(HeaderValue::from_static("/console"));
    (StatusCode::SEE_OTHER, [(header::LOCATION, place)]).into_response()
}

/// The same, telling there what was done: a code of [`crate::told`].
#[must_use]
pub fn done(place: &str, told: &str) -> Response {
    let joint = if place.contains('?') { '&' } else { '?' };
    sent_to(&format!("{place}{joint}told={told}"))
}

/// No such page.
pub async fn missing() -> Fault {
    Fault::missing()
}
