//! `/track`: where a document is, for whoever has its code. Without a session; it asks the public API alone.

use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, Request, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use serde::Deserialize;

use crate::Desk;
use crate::asking::piece;
use crate::list::Asked;
use crate::page::{page_with, sent_to};
use crate::visit::Language;

/// Most bytes of an answer.
const LARGEST: usize = 1024 * 1024;

/// Somebody without a session.
struct Guest {
    desk: Desk,
    language: Language,
    /// The page in the other language.
    other: String,
}

impl Guest {
    fn of(desk: Desk, asked: &Asked, headers: &HeaderMap) -> Self {
        let cookies = headers.get_all(header::COOKIE).iter().filter_map(|value| value.to_str().ok());
        let kept = cookies.flat_map(|text| text.split(';')).any(|pair| pair.trim() == "punte-language=en");
        let language = match asked.get("lang") {
            "en" => Language::English,
            "ro" => Language::Romanian,
            _ if kept => Language::English,
            _ => Language::Romanian,
        };
        let other = asked.with("lang", language.of("en", "ro"));
        Self { desk, language, other }
    }

    fn say<'a>(&self, ro: &'a str, en: &'a str) -> &'a str {
        self.language.of(ro, en)
    }

    /// The language, where it is not the first: what links carry on.
    fn onward(&self) -> &'static str {
        self.language.of("", "?lang=en")
    }
}

#[derive(Deserialize)]
struct Number {
    number: String,
    date: String,
}

#[derive(Deserialize)]
struct Tracked {
    code: String,
    at: String,
    document_type: Option<String>,
    document_type_en: Option<String>,
    sender: String,
    submitted_at: String,
    registration: Number,
    deliveries: Vec<Delivery>,
}

#[derive(Deserialize)]
struct Delivery {
    recipient: String,
    unit: Option<String>,
    state: String,
    state_ro: String,
    state_en: String,
    holder: String,
    since: Option<String>,
    registration: Option<Number>,
    deadline: Option<String>,
    suspended: bool,
    next_ro: String,
    next_en: String,
}

impl Delivery {
    fn tone(&self) -> &'static str {
        match (self.state.as_str(), self.holder.as_str()) {
            ("handed_over" | "left", _) => "good",
            (_, "nobody") => "bad",
            _ => "warn",
        }
    }
}

#[derive(askama::Template)]
#[template(path = "tracking/page.html")]
struct Page {
    v: Guest,
    code: String,
    found: Found,
}

enum Found {
    Ask,
    Unknown,
    Busy,
    Document(Box<Tracked>),
}

/// The form; with a code in it, leads to the page of the code.
pub async fn ask(State(desk): State<Desk>, asked: Asked, headers: HeaderMap) -> Response {
    let guest = Guest::of(desk, &asked, &headers);
    match asked.some("code") {
        Some(code) => {
            let code: String = code.chars().filter(|letter| !letter.is_whitespace()).take(64).collect();
            sent_to(&format!("/track/{}{}", piece(&code), guest.onward()))
        }
        None => page_with(StatusCode::OK, &Page { v: guest, code: String::new(), found: Found::Ask }),
    }
}

/// Where the document of a code is.
pub async fn show(State(desk): State<Desk>, Path(code): Path<String>, asked: Asked, headers: HeaderMap) -> Response {
    let guest = Guest::of(desk, &asked, &headers);
    let (status, found) = match tracked(&guest.desk, &code).await {
        Ok(Some(found)) => (StatusCode::OK, Found::Document(Box::new(found))),
        Ok(None) => (StatusCode::NOT_FOUND, Found::Unknown),
        Err(status) => (status, Found::Busy),
    };
    page_with(status, &Page { v: guest, code, found }).into_response()
}

async fn tracked(desk: &Desk, code: &str) -> Result<Option<Tracked>, StatusCode> {
    let mut request = Request::new(Body::empty());
    *request.uri_mut() = format!("/v1/track/{}", piece(code)).parse().map_err(|_| StatusCode::NOT_FOUND)?;
    let response = desk.hub.call(request).await;
    match response.status() {
        StatusCode::NOT_FOUND => return Ok(None),
        status if !status.is_success() => return Err(status),
        _ => {}
    }
    let unavailable = StatusCode::SERVICE_UNAVAILABLE;
    let bytes = axum::body::to_bytes(response.into_body(), LARGEST).await.map_err(|_| unavailable)?;
    serde_json::from_slice(&bytes).map(Some).map_err(|_| unavailable)
}
