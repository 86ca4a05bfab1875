//! `GET /verify`: whether an evidence is this service's and unchanged, told only to who has its code and its hash.
//!
//! It names no party, no subject and no content, and it answers the same to an unknown code and to a wrong hash.

use askama::Template;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};
use hub_flow::evidence::{self, Event, Evidence, code};
use hub_flow::log;
use openssl::memcmp;
use serde::Deserialize;

use crate::api::App;
use crate::api::problem::Problem;

/// Fewest hexadecimal digits of the hash that are asked for: 64 bits.
const SHORTEST: usize = 16;

/// The two things a receipt shows.
#[derive(Debug, Default, Deserialize)]
pub struct Asked {
    #[serde(default)]
    c: String,
    #[serde(default)]
    h: String,
}

#[derive(Template)]
#[template(path = "verification.html")]
struct Page<'a> {
    service: &'a str,
    answer: Answer,
    code: &'a str,
    hash: &'a str,
    shortest: usize,
}

enum Answer {
    Ask,
    Unknown,
    Found(Found),
}

struct Found {
    event: String,
    meaning: &'static str,
    time: String,
    code: String,
    sha256: String,
    seal: String,
    logged: Option<String>,
}

/// The page; 404 when there is no such evidence.
///
/// # Errors
/// The database does not answer.
pub async fn page(State(app): State<App>, asked: Result<Query<Asked>, QueryRejection>) -> Result<Response, Problem> {
    // What cannot be read is asked for again.
    let Query(asked) = asked.unwrap_or_default();
    let answer = answer(&app, &asked).await?;
    let status = if matches!(answer, Answer::Unknown) { StatusCode::NOT_FOUND } else { StatusCode::OK };
    let service = &app.hub.seal.issuer.name;
    let page = Page { service, answer, code: &asked.c, hash: &asked.h, shortest: SHORTEST };
    let html = page.render().expect("the page's own template renders");
    Ok((status, super::HEADERS, html).into_response())
}

async fn answer(app: &App, asked: &Asked) -> Result<Answer, Problem> {
    if asked.c.is_empty() && asked.h.is_empty() {
        return Ok(Answer::Ask);
    }
    let hash: String = asked.h.chars().filter(|character| !character.is_whitespace()).collect();
    let Some(id) = code::read(&asked.c).filter(|_| hash.len() >= SHORTEST) else { return Ok(Answer::Unknown) };
    let held = evidence::find(&app.hub.db, id).await?.filter(|held| begins(held, &hash.to_ascii_lowercase()));
    let Some(held) = held else { return Ok(Answer::Unknown) };
    let places = log::places_of(&app.hub.db, held.message).await?;
    let logged = places.iter().find(|place| place.evidence == held.id).map(|place| {
        let stamped = place.stamped_at.map(|at| format!(", cu marcă temporală din {}", at.to_romanian()));
        format!("{}, locul {}{}", app.hub.log.origin(), place.index, stamped.unwrap_or_default())
    });
    Ok(Answer::Found(Found {
        meaning: Event::parse(&held.event).map_or("", Event::in_romanian),
        time: held.at.to_romanian(),
        code: code::of(held.id),
        sha256: hex::encode(held.sha256),
        seal: app.hub.seal.issuer.name.clone(),
        logged,
        event: held.event,
    }))
}

/// Whether the hash begins so, compared in the same time whatever it begins with.
fn begins(held: &Evidence, hash: &str) -> bool {
    let whole = hex::encode(held.sha256);
    whole.as_bytes().get(..hash.len()).is_some_and(|beginning| memcmp::eq(beginning, hash.as_bytes()))
}
