//! A visit: who looks at a page, in which language, and with which session the API is asked.

use std::collections::BTreeSet;
use std::sync::Arc;

use axum::extract::{FromRequestParts, Request, State};
use axum::http::request::Parts;
use axum::http::{HeaderMap, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};
use serde::Deserialize;

use crate::Desk;
use crate::fault::Fault;
use crate::page::sent_to;

/// Languages of the pages.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Language {
    /// Romanian, the first.
    #[default]
    Romanian,
    /// English.
    English,
}

impl Language {
    /// As HTML and the cookie name it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Romanian => "ro",
            Self::English => "en",
        }
    }

    /// The text of this language among two.
    #[must_use]
    pub const fn of<'a>(self, ro: &'a str, en: &'a str) -> &'a str {
        match self {
            Self::Romanian => ro,
            Self::English => en,
        }
    }
}

/// Somebody who is signed in, as `GET /v1/session` tells.
#[derive(Debug, Clone, Deserialize)]
pub struct Person {
    /// The institution.
    pub party: String,
    /// Its name, where the directory knows it.
    #[serde(default)]
    pub party_name: Option<String>,
    /// The name colleagues know.
    pub display_name: String,
    /// As registers name the person.
    pub pseudonym: String,
    /// Units of the person.
    #[serde(default)]
    pub units: Vec<String>,
    /// The unit acted for.
    #[serde(default)]
    pub unit: Option<String>,
    /// What the person may do somewhere.
    #[serde(default)]
    pub permissions: BTreeSet<String>,
    /// The token forms carry.
    pub form_token: String,
}

/// A visit. Pages take it as an argument.
#[derive(Clone)]
pub struct Visit(Arc<Seen>);

/// What is known of a visit.
pub struct Seen {
    /// What all pages use.
    pub desk: Desk,
    /// Who it is.
    pub person: Person,
    /// In which language.
    pub language: Language,
    /// `light` or `dark` where the person chose; the machine's own otherwise.
    pub theme: Option<&'static str>,
    /// The path of the page.
    pub path: String,
    /// The path with its query.
    pub place: String,
    /// What the browser sent that the API must see: session, origin, correlation.
    pub(crate) borne: HeaderMap,
    /// Code of what was just done, which the page tells.
    pub told: Option<String>,
}

impl std::ops::Deref for Visit {
    type Target = Seen;

    fn deref(&self) -> &Seen {
        &self.0
    }
}

/// Headers of the browser that the API must see.
const BORNE: [&str; 4] = ["cookie", "origin", "sec-fetch-site", "user-agent"];

impl Visit {
    /// The text of the visit's language.
    #[must_use]
    pub fn say<'a>(&self, ro: &'a str, en: &'a str) -> &'a str {
        self.language.of(ro, en)
    }

    /// The language, for templates.
    #[must_use]
    pub fn tongue(&self) -> Language {
        self.language
    }

    /// Whether the person may do this somewhere: for what a page offers. What may be done, the API decides.
    #[must_use]
    pub fn may(&self, permission: &str) -> bool {
        self.person.permissions.contains(permission)
    }

    /// Whether the page at an address is of use to the person: what is not, no page links.
    #[must_use]
    pub fn reaches(&self, address: &str) -> bool {
        crate::menu::permission(address).is_none_or(|permission| self.may(permission))
    }

    /// A text nobody had before, for the hidden field `key` of a form.
    #[must_use]
    pub fn fresh(&self) -> String {
        self.desk.hub.fresh()
    }

    /// Whether a form carries the token this session gave it, for the few forms that ask the API for nothing.
    #[must_use]
    pub fn gave(&self, token: &str) -> bool {
        let (ours, theirs) = (self.person.form_token.as_bytes(), token.as_bytes());
        ours.len() == theirs.len() && openssl::memcmp::eq(ours, theirs)
    }

    /// The institution as people call it.
    #[must_use]
    pub fn institution(&self) -> &str {
        self.person.party_name.as_deref().unwrap_or(&self.person.party)
    }

    /// What was just done, in words.
    #[must_use]
    pub fn done(&self) -> Option<&'static str> {
        self.told.as_deref().and_then(|code| crate::told::words(code, self.language))
    }

    /// The menu of this person.
    #[must_use]
    pub fn menu(&self) -> Vec<crate::menu::Shown> {
        crate::menu::of(self)
    }

    fn of(desk: &Desk, parts: &Parts, person: Person) -> Self {
        let cookies = cookies(&parts.headers);
        let held = |name: &str| cookies.iter().find(|(held, _)| held == name).map(|(_, value)| value.as_str());
        let language = if held("punte-language") == Some("en") { Language::English } else { Language::Romanian };
        let theme = match held("punte-theme") {
            Some("dark") => Some("dark"),
            Some("light") => Some("light"),
            _ => None,
        };
        let query = parts.uri.query().unwrap_or_default();
        let told = url::form_urlencoded::parse(query.as_bytes()).find(|(name, _)| name == "told");
        let told = told.map(|(_, code)| code.into_owned());
        Self(Arc::new(Seen {
            desk: desk.clone(),
            person,
            language,
            theme,
            path: parts.uri.path().to_owned(),
            place: parts.uri.path_and_query().map_or_else(String::new, ToString::to_string),
            borne: borne(&parts.headers),
            told,
        }))
    }
}

/// What of a browser's headers goes on to the API.
#[must_use]
pub fn borne(headers: &HeaderMap) -> HeaderMap {
    let mut borne = HeaderMap::new();
    for name in BORNE {
        for value in headers.get_all(name) {
            borne.append(name, value.clone());
        }
    }
    borne
}

fn cookies(headers: &HeaderMap) -> Vec<(String, String)> {
    let all = headers.get_all(header::COOKIE).iter().filter_map(|value| value.to_str().ok());
    all.flat_map(|text| text.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .collect()
}

/// The layer before all pages: finds out who visits, and shows what went wrong as a page.
pub async fn enter(State(desk): State<Desk>, request: Request, next: Next) -> Response {
    let (mut parts, body) = request.into_parts();
    let person = match crate::asking::session(&desk, &parts.headers).await {
        Ok(Some(person)) => person,
        Ok(None) if parts.method.is_safe() => return to_sign_in(&parts),
        Ok(None) => return sent_to("/sign-in?next=/console"),
        Err(fault) => return fault.plain(),
    };
    let visit = Visit::of(&desk, &parts, person);
    parts.extensions.insert(visit.clone());
    let mut response = next.run(Request::from_parts(parts, body)).await;
    match response.extensions_mut().remove::<Fault>() {
        Some(fault) => crate::fault::shown(&visit, &fault),
        None => response,
    }
}

fn to_sign_in(parts: &Parts) -> Response {
    let place = parts.uri.path_and_query().map_or("/console", |place| place.as_str());
    let next: String = url::form_urlencoded::byte_serialize(place.as_bytes()).collect();
    sent_to(&format!("/sign-in?next={next}"))
}

impl<S: Sync> FromRequestParts<S> for Visit {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Response> {
        // Every page stands behind `enter`; a route that does not shows nothing.
        parts.extensions.get::<Self>().cloned().ok_or_else(|| StatusCode::INTERNAL_SERVER_ERROR.into_response())
    }
}
