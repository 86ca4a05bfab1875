//! What went wrong, as the API told it, and the page that says it with the way out.

use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde_json::Value;

use crate::page::{self, page_with};
use crate::visit::{Language, Visit};

/// A refusal of the API: its problem document, in both languages. As large as a pointer, for it goes up many calls.
#[derive(Debug, Clone)]
pub struct Fault(Box<Told>);

impl std::ops::Deref for Fault {
    type Target = Told;

    fn deref(&self) -> &Told {
        &self.0
    }
}

/// What a refusal told.
#[derive(Debug, Clone)]
pub struct Told {
    /// The status.
    pub status: StatusCode,
    /// The code, whose page is at `/problems/{code}`; empty where nothing is known.
    pub code: String,
    ro: (String, String),
    en: (String, String),
    /// Every broken rule: field, and what is wrong with it.
    pub violations: Vec<Violation>,
    /// The whole document.
    pub document: Value,
}

/// A broken rule.
#[derive(Debug, Clone)]
pub struct Violation {
    /// The field, as a JSON pointer or a name.
    pub field: String,
    ro: String,
    en: String,
}

impl Violation {
    /// What is wrong and the way out.
    #[must_use]
    pub fn words(&self, language: Language) -> &str {
        language.of(&self.ro, if self.en.is_empty() { &self.ro } else { &self.en })
    }
}

impl Fault {
    /// A refusal of the API.
    #[must_use]
    pub fn of(status: StatusCode, body: &[u8]) -> Self {
        let document: Value = serde_json::from_slice(body).unwrap_or_default();
        let text = |name: &str| document[name].as_str().unwrap_or_default().to_owned();
        let listed = document["violations"].as_array().cloned().unwrap_or_default();
        let violations = listed.iter().map(violation).collect();
        Self(Box::new(Told {
            status,
            code: text("code"),
            ro: (text("title"), text("detail")),
            en: (text("title_en"), text("detail_en")),
            violations,
            document,
        }))
    }

    /// A refusal of a page's own.
    #[must_use]
    pub fn own(status: StatusCode, ro: (&str, &str), en: (&str, &str)) -> Self {
        let both = |(title, detail): (&str, &str)| (title.to_owned(), detail.to_owned());
        let (ro, en) = (both(ro), both(en));
        Self(Box::new(Told { status, code: String::new(), ro, en, violations: Vec::new(), document: Value::Null }))
    }

    /// There is no such thing, or it is not this institution's.
    #[must_use]
    pub fn missing() -> Self {
        Self::own(
            StatusCode::NOT_FOUND,
            ("Nu există aici", "Adresa este greșită, sau documentul nu este al instituției dumneavoastră."),
            ("Not found here", "The address is wrong, or the document is not one of your institution."),
        )
    }

    /// An answer that cannot be understood: a fault of ours.
    #[must_use]
    pub fn unreadable(error: &dyn std::fmt::Display) -> Self {
        tracing::error!(%error, "a page could not read the answer of the hub");
        Self::own(
            StatusCode::INTERNAL_SERVER_ERROR,
            (
                "Pagina nu a putut fi făcută",
                "Nimic nu s-a pierdut. Încercați din nou; dacă se repetă, spuneți administratorului ora.",
            ),
            (
                "The page could not be made",
                "Nothing is lost. Try again; if it happens again, tell the administrator the time.",
            ),
        )
    }

    /// What it is.
    #[must_use]
    pub fn title(&self, language: Language) -> &str {
        let title = language.of(&self.ro.0, &self.en.0);
        if title.is_empty() { language.of("Cererea nu a fost primită", "The request was not taken") } else { title }
    }

    /// What exactly, and the way out.
    #[must_use]
    pub fn detail(&self, language: Language) -> &str {
        language.of(&self.ro.1, &self.en.1)
    }

    /// In one sentence.
    #[must_use]
    pub fn sentence(&self, language: Language) -> String {
        let (title, detail) = (self.title(language), self.detail(language));
        if detail.is_empty() { title.to_owned() } else { format!("{title}: {detail}") }
    }

    /// An answer for whom no page can be made.
    #[must_use]
    pub fn plain(&self) -> Response {
        let text = format!("{}\n{}\n", self.title(Language::Romanian), self.detail(Language::Romanian));
        (self.status, page::PLAIN, text).into_response()
    }
}

fn violation(told: &Value) -> Violation {
    let first = |names: &[&str]| {
        let found = names.iter().find_map(|name| told[*name].as_str());
        found.unwrap_or_default().to_owned()
    };
    Violation {
        field: first(&["field", "path", "pointer"]),
        ro: first(&["message", "message_ro", "ro", "detail"]),
        en: first(&["message_en", "en", "detail_en"]),
    }
}

impl IntoResponse for Fault {
    fn into_response(self) -> Response {
        // `visit::enter` makes the page: only there it is known who looks.
        let mut response = self.status.into_response();
        response.extensions_mut().insert(self);
        response
    }
}

#[derive(askama::Template)]
#[template(path = "fault.html")]
struct Page<'a> {
    v: &'a Visit,
    fault: &'a Fault,
}

/// The page of what went wrong.
#[must_use]
pub fn shown(visit: &Visit, fault: &Fault) -> Response {
    page_with(fault.status, &Page { v: visit, fault })
}
