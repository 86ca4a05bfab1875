//! Answers that are no answers: pages, statuses, half bodies. What they leave open decides their class.

use std::time::Duration;

use connectors_http::Failure;
use serde_json::Value;

use crate::shape::Shape;
use crate::wire::Reply;

/// Why there is nothing to read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Trouble {
    /// It was certainly not done; it may be asked again.
    NotNow { reason: String, retry_after: Option<Duration> },
    /// It may have been done.
    Doubt { reason: String },
    /// It was certainly not done, and asking again changes nothing.
    Refused { code: String, reason: String },
}

impl Trouble {
    /// As a wait, for questions: asking changes nothing, so a doubt is only a missing answer.
    pub(crate) fn wait(&self) -> (String, Option<Duration>) {
        match self {
            Self::NotNow { reason, retry_after } => (reason.clone(), *retry_after),
            Self::Doubt { reason } | Self::Refused { reason, .. } => (reason.clone(), None),
        }
    }
}

impl From<Failure> for Trouble {
    fn from(failure: Failure) -> Self {
        match failure {
            Failure::Unsent(why) => {
                Self::NotNow { reason: format!("ANAF nu a primit cererea: {why}"), retry_after: None }
            }
            Failure::Lost(why) => Self::Doubt { reason: format!("răspunsul ANAF s-a pierdut: {why}") },
        }
    }
}

/// What a reply tells before its content is read; nothing when its content is to be read.
pub(crate) fn trouble(reply: &Reply, shape: &Shape) -> Option<Trouble> {
    let not_now = |reason: String, seconds: u64| {
        let wait = reply.retry_after.unwrap_or(Duration::from_secs(seconds));
        Some(Trouble::NotNow { reason, retry_after: Some(wait) })
    };
    let status = reply.status;
    match (status, shape) {
        (200, Shape::Page(title)) => Some(Trouble::Doubt { reason: format!("ANAF a răspuns cu o pagină: {title}") }),
        (200, _) => None,
        (204, _) => Some(Trouble::Doubt { reason: "ANAF a răspuns fără conținut (204)".to_owned() }),
        (401, _) => not_now("ANAF nu recunoaște jetonul de acces (401)".to_owned(), 900),
        (403, _) => not_now(
            "ANAF nu permite accesul la serviciu (403): verificați drepturile din SPV și serviciile bifate în profilul OAuth"
                .to_owned(),
            900,
        ),
        (404, _) => not_now("ANAF nu are acest serviciu la adresa folosită (404)".to_owned(), 900),
        (408 | 425 | 429 | 503, _) => not_now(format!("ANAF cere o pauză ({status})"), 60),
        (400..=499, Shape::Page(title)) => not_now(format!("ANAF a răspuns cu o pagină ({status}): {title}"), 900),
        (400..=499, shape) => {
            Some(Trouble::Refused { code: format!("anaf.{status}"), reason: message(status, shape) })
        }
        _ => Some(Trouble::Doubt { reason: format!("ANAF a răspuns cu starea {status}") }),
    }
}

fn message(status: u16, shape: &Shape) -> String {
    let Shape::Json(value) = shape else { return format!("ANAF a respins cererea ({status})") };
    let said = ["message", "msg", "eroare", "error"].iter().find_map(|key| value.get(key).and_then(Value::as_str));
    said.map_or_else(|| format!("ANAF a respins cererea ({status})"), cut)
}

/// At most 500 characters, as the contract promises.
pub(crate) fn cut(text: &str) -> String {
    text.trim().chars().take(500).collect()
}
