//! What an answer means. Pure: an answer and a manifest in, a class out.
//!
//! Where an answer leaves it open whether the document was taken, the class is Unknown, because asking costs a call and
//! guessing costs a second case file or a lost one.

use connectors_contract::manifest::{Answers, Class, Deliver, Pointer};
use connectors_contract::{Inquiry, Manifest, Outcome};
use reqwest::StatusCode;
use serde_json::Value;

use crate::retry_after::waiting_time;

/// What came back.
#[derive(Debug, Clone)]
pub struct Answer {
    /// The status.
    pub status: u16,
    /// The `Content-Type`.
    pub content_type: Option<String>,
    /// The `Retry-After`.
    pub retry_after: Option<String>,
    /// The whole body, or why it could not be read to its end.
    pub body: Result<Vec<u8>, String>,
}

/// What the body of an answer is.
enum Reading {
    /// Nothing, or something no manifest looks into.
    Plain,
    /// JSON.
    Json(Value),
    /// Not from the system: an HTML page, or another type than the manifest expects.
    Page,
    /// Meant to be read, but not readable.
    Broken(String),
}

/// The class of the answer to a sending.
#[must_use]
pub fn outcome(manifest: &Manifest, deliver: &Deliver, answer: &Answer, now: i64) -> Outcome {
    let answers = &manifest.outcome;
    let by_status = class_of_status(answer.status);
    let (class, body, why) = match reading(answers, answer) {
        Reading::Plain => (ruled(answers, answer.status, None).unwrap_or(by_status), None, None),
        Reading::Json(body) => (ruled(answers, answer.status, Some(&body)).unwrap_or(by_status), Some(body), None),
        Reading::Page => (class_of_page(answers, answer.status), None, Some("a page instead of an answer".to_owned())),
        Reading::Broken(why) if matches!(answer.status, 429 | 503) => (Class::Unavailable, None, Some(why)),
        Reading::Broken(why) => (Class::Unknown, None, Some(why)),
    };
    let reason = || match &why {
        Some(why) => format!("{}: {why}", in_words(answer.status)),
        None => match found(&answers.reason, body.as_ref()) {
            Some(explanation) => format!("{}: {explanation}", in_words(answer.status)),
            None => in_words(answer.status),
        },
    };
    let retry_after = || answer.retry_after.as_deref().and_then(|header| waiting_time(header, now));
    match class {
        Class::Delivered => {
            let receipt = found(&deliver.receipt, body.as_ref());
            if receipt.is_none() && deliver.receipt.is_some() && deliver.receipt_required {
                return Outcome::Unknown {
                    reason: format!("{}: the answer holds no receipt", in_words(answer.status)),
                };
            }
            Outcome::Delivered { receipt }
        }
        Class::Attested => match &answer.body {
            Ok(document) if !document.is_empty() => Outcome::Attested { document: document.clone().into() },
            _ => Outcome::Unknown { reason: format!("{}: the answer holds no evidence", in_words(answer.status)) },
        },
        Class::Refused => {
            let (code, reason) = refusal(answers, answer.status, body.as_ref());
            Outcome::Refused { code, reason: why.unwrap_or(reason) }
        }
        Class::Unavailable => Outcome::Unavailable { reason: reason(), retry_after: retry_after() },
        Class::Unknown => Outcome::Unknown { reason: reason() },
    }
}

/// The class of the answer to the question what became of a sending. Only a readable answer that fits a line of the
/// manifest is an answer: a proxy's "not found" must not look like the system's.
#[must_use]
pub fn inquiry(manifest: &Manifest, answer: &Answer, now: i64) -> Inquiry {
    let unanswered = |why: &str| Inquiry::Unanswered {
        reason: format!("{}: {why}", in_words(answer.status)),
        retry_after: answer.retry_after.as_deref().and_then(|header| waiting_time(header, now)),
    };
    let Some(inquire) = &manifest.inquire else { return unanswered("this system cannot be asked") };
    let body = match reading(&manifest.outcome, answer) {
        Reading::Json(body) => Some(body),
        Reading::Plain if manifest.outcome.content_type.is_some() => return unanswered("nothing in the answer"),
        Reading::Plain => None,
        Reading::Page => return unanswered("a page instead of an answer"),
        Reading::Broken(why) => return unanswered(&why),
    };
    let body = body.as_ref();
    if inquire.present.iter().any(|condition| condition.fits(answer.status, body)) {
        Inquiry::Present { receipt: found(&inquire.receipt, body) }
    } else if inquire.refused.iter().any(|condition| condition.fits(answer.status, body)) {
        let (code, reason) = refusal(&manifest.outcome, answer.status, body);
        Inquiry::Refused { code, reason }
    } else if inquire.absent.iter().any(|condition| condition.fits(answer.status, body)) {
        Inquiry::Absent
    } else {
        unanswered("the manifest has no meaning for it")
    }
}

/// Whether a media type is JSON.
pub(crate) fn is_json(content_type: &str) -> bool {
    let essence = essence(content_type);
    essence == "application/json" || essence.ends_with("+json")
}

fn reading(answers: &Answers, answer: &Answer) -> Reading {
    let body = match &answer.body {
        Ok(body) => body,
        Err(why) => return Reading::Broken(why.clone()),
    };
    if body.is_empty() {
        return Reading::Plain;
    }
    let actual = answer.content_type.as_deref().unwrap_or_default();
    let expected = answers.content_type.as_deref();
    let page = match expected {
        Some(expected) => essence(actual) != essence(expected) && !(is_json(expected) && is_json(actual)),
        None => matches!(essence(actual).as_str(), "text/html" | "application/xhtml+xml"),
    };
    if page {
        return Reading::Page;
    }
    if !is_json(actual) {
        return Reading::Plain;
    }
    match serde_json::from_slice(body) {
        Ok(body) => Reading::Json(body),
        // The parser's words may quote the body; its place is enough.
        Err(error) => {
            Reading::Broken(format!("the answer is not JSON at line {}, column {}", error.line(), error.column()))
        }
    }
}

fn ruled(answers: &Answers, status: u16, body: Option<&Value>) -> Option<Class> {
    answers.rules.iter().find(|rule| rule.fits(status, body)).map(|rule| rule.class)
}

fn class_of_page(answers: &Answers, status: u16) -> Class {
    let (said, otherwise) = match status {
        200..=299 => (answers.page.success, Class::Unknown),
        // A firewall or a proxy spoke, not the system: it did not look at the document.
        400..=499 => (answers.page.client_error, Class::Unavailable),
        500..=599 => (answers.page.server_error, class_of_status(status)),
        _ => (None, class_of_status(status)),
    };
    said.unwrap_or(otherwise)
}

fn class_of_status(status: u16) -> Class {
    match status {
        200..=299 => Class::Delivered,
        // Moved: the document went nowhere until somebody corrects the address.
        301 | 307 | 308 => Class::Unavailable,
        // Our credentials, our slowness or our haste; the document was not looked at.
        401 | 407 | 408 | 425 | 429 | 503 => Class::Unavailable,
        400..=499 => Class::Refused,
        // A 500 after the case was made looks like one before, and a gateway does not know which it was.
        _ => Class::Unknown,
    }
}

fn refusal(answers: &Answers, status: u16, body: Option<&Value>) -> (String, String) {
    let code = found(&answers.code, body).unwrap_or_else(|| in_words(status));
    let reason = found(&answers.reason, body).unwrap_or_else(|| "no explanation given".to_owned());
    (code, reason)
}

fn found<'a>(pointers: impl IntoIterator<Item = &'a Pointer>, body: Option<&Value>) -> Option<String> {
    pointers.into_iter().find_map(|pointer| pointer.text(body?))
}

fn essence(content_type: &str) -> String {
    content_type.split(';').next().unwrap_or_default().trim().to_ascii_lowercase()
}

fn in_words(status: u16) -> String {
    let words = StatusCode::from_u16(status).ok().and_then(|status| status.canonical_reason());
    words.map_or_else(|| status.to_string(), |words| format!("{status} {words}"))
}
