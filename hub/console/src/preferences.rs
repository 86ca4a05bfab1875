//! Language, colours and unit, as the visitor likes them. The first two are the browser's own; the unit is the session's.

use axum::http::{HeaderValue, header};
use axum::response::Response;
use serde_json::json;

use crate::form::Filled;
use crate::page::{Answer, done, sent_to};
use crate::visit::Visit;

/// How long a browser keeps a choice, in seconds: a year.
const YEAR: u32 = 31_536_000;

/// Chooses the language.
///
/// # Errors
/// None of its own.
pub async fn language(_: Visit, filled: Filled) -> Answer {
    let chosen = if filled.get("language") == "en" { "en" } else { "ro" };
    Ok(kept(&filled, "punte-language", chosen))
}

/// Chooses light or dark; anything else is the machine's own choice.
///
/// # Errors
/// None of its own.
pub async fn theme(_: Visit, filled: Filled) -> Answer {
    let chosen = match filled.get("theme") {
        "dark" => "dark",
        "light" => "light",
        _ => "own",
    };
    Ok(kept(&filled, "punte-theme", chosen))
}

fn kept(filled: &Filled, name: &str, value: &str) -> Response {
    let mut response = sent_to(back(filled));
    let cookie = format!("{name}={value}; Path=/; Max-Age={YEAR}; SameSite=Lax; HttpOnly");
    if let Ok(cookie) = HeaderValue::from_str(&cookie) {
        response.headers_mut().insert(header::SET_COOKIE, cookie);
    }
    response
}

/// Works for another of one's units.
///
/// # Errors
/// It is not one of the visitor's.
pub async fn unit(visit: Visit, filled: Filled) -> Answer {
    let asked = visit.post("/v1/session/unit").form(filled.token());
    asked.json(&json!({"unit": filled.get("unit")})).value().await?;
    Ok(done(back(&filled), "unit"))
}

/// The page the form stood on: a page of the console and nothing else.
fn back(filled: &Filled) -> &str {
    let place = filled.get("back");
    if place.starts_with("/console") && !place.contains("//") { place } else { "/console" }
}
