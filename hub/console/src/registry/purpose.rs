//! Why a person opens registers and archived documents: asked once for a stretch of work, said to the journal with every opening.
//!
//! The words are the person's; the browser keeps them until it is closed, at most a working day, and for this person alone.

use axum::http::{HeaderValue, StatusCode, header};

use crate::asking::{Ask, piece};
use crate::fault::Fault;
use crate::form::Filled;
use crate::page::{Answer, page_with, sent_to};
use crate::visit::Visit;

const COOKIE: &str = "punte-why";
/// How long it holds, in seconds: a working day.
const LONGEST: u32 = 8 * 3600;
/// What the form proposes: the work of a registry.
const USUAL: (&str, &str) =
    ("registratură", "Instrucțiunile Arhivelor Naționale aprobate prin Ordinul 217/1996, art. 9");

/// Asks for something that is opened under a purpose.
pub fn open<'a>(visit: &'a Visit, path: impl Into<String>) -> Ask<'a> {
    let (purpose, basis, case) = said(visit).unwrap_or_default();
    visit.get(path).why(&purpose, &basis).words("punte-case", &case)
}

/// Purpose, legal basis and case, where this person said them.
fn said(visit: &Visit) -> Option<(String, String, String)> {
    let cookies = visit.borne.get_all(header::COOKIE).iter().filter_map(|value| value.to_str().ok());
    let held = cookies.flat_map(|text| text.split(';')).filter_map(|pair| pair.trim().split_once('='));
    let held = held.filter(|(name, _)| *name == COOKIE).map(|(_, value)| value.to_owned()).next()?;
    // Four pieces with a dot between them, each without dots of its own.
    let parts: Vec<String> = held.split('.').map(plain).collect();
    let [who, purpose, basis, case] = parts.as_slice() else { return None };
    (*who == person(visit)).then(|| (purpose.clone(), basis.clone(), case.clone()))
}

fn person(visit: &Visit) -> String {
    format!("{} {}", visit.person.party, visit.person.pseudonym)
}

fn plain(written: &str) -> String {
    let written = format!("v={written}");
    url::form_urlencoded::parse(written.as_bytes()).next().map(|(_, value)| value.into_owned()).unwrap_or_default()
}

fn written(text: &str) -> String {
    piece(text).replace('.', "%2E")
}

#[derive(askama::Template)]
#[template(path = "registry/purpose.html")]
struct Page<'a> {
    v: &'a Visit,
    back: &'a str,
    usual: (&'static str, &'static str),
}

/// The page; where the API wants to know why, the form that asks it.
///
/// # Errors
/// Any other refusal.
pub fn or_asked(visit: &Visit, answer: Answer) -> Answer {
    match answer {
        Err(fault) if fault.code == "purpose-needed" => {
            Ok(page_with(StatusCode::OK, &Page { v: visit, back: &visit.place, usual: USUAL }))
        }
        answer => answer,
    }
}

/// Keeps what was said, and leads to the page that asked.
///
/// # Errors
/// The form does not bear the session's token, or it is not filled in.
pub async fn say(visit: Visit, filled: Filled) -> Answer {
    if !visit.gave(filled.token()) {
        return Err(Fault::own(
            StatusCode::FORBIDDEN,
            ("Formularul nu este al sesiunii", "Deschideți pagina din nou și repetați."),
            ("The form is not of this session", "Open the page again and repeat."),
        ));
    }
    let back = filled.get("back");
    let back = if back.starts_with("/console") && !back.contains("//") { back } else { "/console/registers" };
    let parts = [
        person(&visit),
        filled.get("purpose").to_owned(),
        filled.get("legal_basis").to_owned(),
        filled.get("case").to_owned(),
    ];
    let value = parts.map(|part| written(&part)).join(".");
    let mut response = sent_to(back);
    let cookie = format!("{COOKIE}={value}; Path=/console; Max-Age={LONGEST}; SameSite=Strict; HttpOnly");
    if let Ok(cookie) = HeaderValue::from_str(&cookie) {
        response.headers_mut().insert(header::SET_COOKIE, cookie);
    }
    Ok(response)
}
