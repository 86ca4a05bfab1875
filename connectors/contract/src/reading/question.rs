//! What the answer to a lookup means, of one question or of many in one request.

use serde_json::Value;

use crate::lookup::Answer;
use crate::manifest::lookup::LookupOperation;
use crate::manifest::pointer::text;
use crate::manifest::{Batch, Class, DocumentPlace};
use crate::reading::body::{Body, read};
use crate::reading::document::{sniffed, taken_out};
use crate::reading::retry::wait;
use crate::reading::sending::ruled;
use crate::reading::{Response, class_of_status, explained, found, in_words, refusal};
use crate::{Manifest, Question};

/// The meaning of the answer to one question.
#[must_use]
pub fn answer(manifest: &Manifest, operation: &LookupOperation, response: &Response, now: i64) -> Answer {
    let said = Said { manifest, operation, response, now };
    if let Some(document) = said.whole_document() {
        return Answer::Found { value: Value::Null, as_of: None, document: Some(document) };
    }
    match read(&manifest.outcome, response) {
        Body::Value(body) => said.meaning(body),
        Body::Plain => said.without_body(),
        Body::Page => said.unavailable("a răspuns o pagină, nu registrul"),
        Body::Broken(why) => said.unavailable(&why),
    }
}

/// The meanings of one answer to several questions, in their order. Every question gets the answer that it would have had
/// alone; what the answer does not speak about has no answer now.
#[must_use]
pub fn answers(
    manifest: &Manifest,
    operation: &LookupOperation,
    response: &Response,
    questions: &[&Question],
    now: i64,
) -> Vec<Answer> {
    let Some(batch) = &operation.batch else {
        let one = answer(manifest, operation, response, now);
        return vec![one; questions.len()];
    };
    let said = Said { manifest, operation, response, now };
    let split = match read(&manifest.outcome, response) {
        Body::Value(mut body) => Split::take(batch, &mut body).map(|split| (split, body)),
        _ => None,
    };
    let Some((split, envelope)) = split else {
        // No list of answers: whatever this says, it says about the whole request.
        let one = match answer(manifest, operation, response, now) {
            Answer::Found { .. } => said.unavailable("lista răspunsurilor lipsește"),
            other => other,
        };
        return vec![one; questions.len()];
    };
    let subject = operation.subject.as_deref().unwrap_or_default();
    let key = |question: &&Question| question.arguments.get(subject).cloned().unwrap_or_default();
    questions.iter().map(key).map(|key| split.one(&said, batch, &envelope, &key)).collect()
}

/// A list of answers, taken out of its envelope.
struct Split {
    items: Vec<Value>,
    absent: Option<Vec<Value>>,
}

impl Split {
    fn take(batch: &Batch, body: &mut Value) -> Option<Self> {
        let items = list(batch.items.replace(body, Value::Array(Vec::new()))?)?;
        let absent = batch.absent.as_ref().and_then(|place| place.replace(body, Value::Array(Vec::new())));
        Some(Self { items, absent: absent.and_then(list) })
    }

    /// The answer as if this question had been asked alone.
    fn one(&self, said: &Said<'_>, batch: &Batch, envelope: &Value, key: &str) -> Answer {
        let is_it = |item: &&Value| batch.key.text(item).is_some_and(|found| found == key);
        if let Some(item) = self.items.iter().find(is_it) {
            let mut alone = envelope.clone();
            batch.items.replace(&mut alone, Value::Array(vec![item.clone()]));
            return said.meaning(alone);
        }
        let listed = |item: &Value| text(item).or_else(|| batch.key.text(item)).is_some_and(|found| found == key);
        match &self.absent {
            Some(absent) if absent.iter().any(listed) => Answer::Absent,
            // Errors of the whole request come in the same envelope; only a rule can tell them from an empty list.
            absent => match said.judged(envelope) {
                Judged::Found | Judged::Unforeseen if absent.is_none() => Answer::Absent,
                Judged::Found | Judged::Unforeseen | Judged::Other(Answer::Absent) => {
                    said.unavailable("răspunsul nu spune nimic despre această întrebare")
                }
                Judged::Other(answer) => answer,
            },
        }
    }
}

/// A list; XML writes a list of one as its item and a list of none as nothing.
fn list(value: Value) -> Option<Vec<Value>> {
    match value {
        Value::Array(items) => Some(items),
        Value::Null => Some(Vec::new()),
        Value::String(text) if text.is_empty() => Some(Vec::new()),
        Value::Object(_) => Some(vec![value]),
        _ => None,
    }
}

/// What tables, rules and status say, before the data are looked for.
enum Judged {
    Found,
    Unforeseen,
    Other(Answer),
}

struct Said<'a> {
    manifest: &'a Manifest,
    operation: &'a LookupOperation,
    response: &'a Response,
    now: i64,
}

impl Said<'_> {
    /// The tables of the operation, then the rules of the system, then the status.
    fn meaning(&self, body: Value) -> Answer {
        match self.judged(&body) {
            Judged::Found => self.found(body),
            Judged::Unforeseen => self.unavailable("răspunsul nu este unul dintre cele prevăzute"),
            Judged::Other(answer) => answer,
        }
    }

    fn judged(&self, body: &Value) -> Judged {
        let (operation, answers, status) = (self.operation, &self.manifest.outcome, self.response.status);
        let fits = |table: &[crate::manifest::Condition]| table.iter().any(|one| one.fits(status, Some(body)));
        if fits(&operation.found) {
            return Judged::Found;
        }
        if fits(&operation.absent) {
            return Judged::Other(Answer::Absent);
        }
        if fits(&operation.refused) {
            let (code, reason) = refusal(answers, status, Some(body));
            return Judged::Other(Answer::Refused { code, reason });
        }
        if fits(&operation.pending) {
            let request = found(&operation.pending_request, Some(body));
            let retry_after = wait(self.response, None, self.now);
            return Judged::Other(Answer::Pending { request, retry_after });
        }
        let rule = ruled(answers, status, Some(body));
        match rule.map_or_else(|| class_of_status(status), |rule| rule.class) {
            Class::Delivered | Class::Attested if operation.found.is_empty() => Judged::Found,
            Class::Delivered | Class::Attested => Judged::Unforeseen,
            Class::Refused => {
                let (code, reason) = refusal(answers, status, Some(body));
                Judged::Other(Answer::Refused { code, reason })
            }
            Class::Unavailable | Class::Unknown => Judged::Other(Answer::Unavailable {
                reason: explained(answers, status, Some(body)),
                retry_after: wait(self.response, rule, self.now),
            }),
        }
    }

    fn found(&self, mut body: Value) -> Answer {
        let operation = self.operation;
        let as_of = found(&operation.as_of, Some(&body));
        let document = match &operation.document {
            None => None,
            Some(DocumentPlace::Base64(place)) => match taken_out(place, &mut body) {
                Some(document) => Some(document),
                None => return self.unavailable("documentul lipsește din răspuns"),
            },
            Some(DocumentPlace::Body) => return self.unavailable("răspunsul nu este un document PDF sau ZIP"),
        };
        let value = match &operation.answer {
            None => Some(body),
            Some(place) => place.find(&body).cloned(),
        };
        match value {
            Some(value) => Answer::Found { value, as_of, document },
            None => self.unavailable("răspunsul nu are datele la locul prevăzut"),
        }
    }

    fn whole_document(&self) -> Option<crate::Document> {
        let asked = self.operation.document == Some(DocumentPlace::Body) && self.response.status / 100 == 2;
        self.response.body.as_ref().ok().filter(|_| asked).and_then(|bytes| sniffed(bytes))
    }

    /// Nothing in it to be read: tables and rules may still speak about the status, but data there are none.
    fn without_body(&self) -> Answer {
        let (operation, answers, status) = (self.operation, &self.manifest.outcome, self.response.status);
        let fits = |table: &[crate::manifest::Condition]| table.iter().any(|one| one.fits(status, None));
        if fits(&operation.absent) {
            return Answer::Absent;
        }
        let rule = ruled(answers, status, None);
        let class = rule.map_or_else(|| class_of_status(status), |rule| rule.class);
        if fits(&operation.refused) || class == Class::Refused {
            let (code, reason) = refusal(answers, status, None);
            return Answer::Refused { code, reason };
        }
        if fits(&operation.pending) {
            return Answer::Pending { request: None, retry_after: wait(self.response, None, self.now) };
        }
        match class {
            Class::Unavailable | Class::Unknown => {
                Answer::Unavailable { reason: in_words(status), retry_after: wait(self.response, rule, self.now) }
            }
            _ => self.unavailable("răspunsul este gol sau nu poate fi citit"),
        }
    }

    fn unavailable(&self, why: &str) -> Answer {
        let reason = format!("{}: {why}", in_words(self.response.status));
        Answer::Unavailable { reason, retry_after: wait(self.response, None, self.now) }
    }
}
