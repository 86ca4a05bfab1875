//! What the answer to a sending means, and the answer to the question what became of one.

use serde_json::Value;

use crate::manifest::{AnswerRule, Answers, Class, Deliver};
use crate::reading::body::{Body, read};
use crate::reading::retry::wait;
use crate::reading::{Response, class_of_status, explained, found, in_words, refusal};
use crate::{Inquiry, Manifest, Outcome};

/// The class of the answer to a sending.
#[must_use]
pub fn outcome(manifest: &Manifest, deliver: &Deliver, response: &Response, now: i64) -> Outcome {
    let answers = &manifest.outcome;
    let status = response.status;
    let (class, rule, body, why) = match read(answers, response) {
        Body::Plain => by_rule(answers, status, None),
        Body::Value(body) => by_rule(answers, status, Some(body)),
        Body::Page => (class_of_page(answers, status), None, None, Some("a răspuns o pagină, nu sistemul".to_owned())),
        Body::Broken(why) if matches!(status, 429 | 503) => (Class::Unavailable, None, None, Some(why)),
        Body::Broken(why) => (Class::Unknown, None, None, Some(why)),
    };
    let body = body.as_ref();
    let reason = || match &why {
        Some(why) => format!("{}: {why}", in_words(status)),
        None => explained(answers, status, body),
    };
    match class {
        Class::Delivered => {
            let receipt = found(&deliver.receipt, body);
            if receipt.is_none() && deliver.receipt.is_some() && deliver.receipt_required {
                return unknown(status, "răspunsul nu are numărul cu care sistemul confirmă primirea");
            }
            Outcome::Delivered { receipt }
        }
        Class::Attested => match &response.body {
            Ok(document) if !document.is_empty() => Outcome::Attested { document: document.clone().into() },
            _ => unknown(status, "răspunsul nu conține dovada"),
        },
        Class::Refused => {
            let (code, reason) = refusal(answers, status, body);
            Outcome::Refused { code, reason: why.unwrap_or(reason) }
        }
        Class::Unavailable => Outcome::Unavailable { reason: reason(), retry_after: wait(response, rule, now) },
        Class::Unknown => Outcome::Unknown { reason: reason() },
    }
}

/// The class of the answer to the question what became of a sending. Only a readable answer that fits a line of the
/// manifest is an answer: a proxy's "not found" must not look like the system's.
#[must_use]
pub fn inquiry(manifest: &Manifest, response: &Response, now: i64) -> Inquiry {
    let (answers, status) = (&manifest.outcome, response.status);
    let unanswered = |why: &str, rule: Option<&AnswerRule>| Inquiry::Unanswered {
        reason: format!("{}: {why}", in_words(status)),
        retry_after: wait(response, rule, now),
    };
    let Some(inquire) = &manifest.inquire else { return unanswered("acest sistem nu poate fi întrebat", None) };
    let expected = !(answers.content_type.is_empty() && answers.reads.is_empty());
    let body = match read(answers, response) {
        Body::Value(body) => Some(body),
        Body::Plain if expected => return unanswered("răspunsul este gol", None),
        Body::Plain => None,
        Body::Page => return unanswered("a răspuns o pagină, nu sistemul", None),
        Body::Broken(why) => return unanswered(&why, None),
    };
    let body = body.as_ref();
    if inquire.present.iter().any(|condition| condition.fits(status, body)) {
        Inquiry::Present { receipt: found(&inquire.receipt, body) }
    } else if inquire.refused.iter().any(|condition| condition.fits(status, body)) {
        let (code, reason) = refusal(answers, status, body);
        Inquiry::Refused { code, reason }
    } else if inquire.absent.iter().any(|condition| condition.fits(status, body)) {
        Inquiry::Absent
    } else {
        let said = found(&answers.reason, body);
        let why = said.unwrap_or_else(|| "răspunsul nu este unul dintre cele prevăzute".to_owned());
        unanswered(&why, ruled(answers, status, body))
    }
}

/// The rule that decides, if one fits.
pub(super) fn ruled<'a>(answers: &'a Answers, status: u16, body: Option<&Value>) -> Option<&'a AnswerRule> {
    answers.rules.iter().find(|rule| rule.fits(status, body))
}

type Decided<'a> = (Class, Option<&'a AnswerRule>, Option<Value>, Option<String>);

fn by_rule(answers: &Answers, status: u16, body: Option<Value>) -> Decided<'_> {
    let rule = ruled(answers, status, body.as_ref());
    (rule.map_or_else(|| class_of_status(status), |rule| rule.class), rule, body, None)
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

fn unknown(status: u16, why: &str) -> Outcome {
    Outcome::Unknown { reason: format!("{}: {why}", in_words(status)) }
}
