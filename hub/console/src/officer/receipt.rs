//! `/console/receipts/{message}`: what happened, the evidence of it, and its verification in front of who asks.

use axum::extract::Path;
use bytes::Bytes;
use serde_json::Value;

use crate::asking::piece;
use crate::fault::Fault;
use crate::list::{Asked, Tone};
use crate::moment::moment;
use crate::page::{Answer, page};
use crate::visit::Visit;

use super::claims::{self, Verdict};
use super::receipts::{Came, Exchange, numbered, state};

/// One evidence in the timeline.
struct Step {
    id: String,
    href: String,
    event: String,
    meaning: String,
    at: String,
    issuer: String,
    logged: Option<String>,
    own: bool,
    tone: Tone,
}

#[derive(askama::Template)]
#[template(path = "officer/receipt.html")]
struct Page<'a> {
    v: &'a Visit,
    id: String,
    sentences: Vec<String>,
    steps: Vec<Step>,
    verdict: Option<Verdict>,
    fault: Option<Fault>,
}

/// The page; with `verify=now` the whole chain is verified.
///
/// # Errors
/// There is no such message of the institution, or the hub cannot answer.
pub async fn show(visit: Visit, asked: Asked, Path(message): Path<String>) -> Answer {
    let id = piece(&message);
    let chain: Value = visit.get(format!("/v1/messages/{id}/evidence")).value().await?;
    let came: Came = visit.get(format!("/v1/evidence/search?number={id}")).read().await?;
    let steps: Vec<Step> = chain["evidence"].as_array().into_iter().flatten().map(|one| step(&visit, one)).collect();
    let (mut verdict, mut fault) = (None, None);
    if asked.get("verify") == "now" {
        match verified(&visit, &id).await? {
            Ok(found) => verdict = Some(found),
            Err(refused) => fault = Some(refused),
        }
    }
    let sentences = if came.items.is_empty() {
        vec![
            visit
                .say(
                    "Trimiterea a fost refuzată; a rămas numai dovada refuzului.",
                    "The submission was refused; only the evidence of that remains.",
                )
                .to_owned(),
        ]
    } else {
        let types = visit.get("/v1/document-types").value().await?;
        came.items.iter().map(|one| sentence(&visit, one, &title(&visit, &types, &one.document_type))).collect()
    };
    page(&Page { v: &visit, id, sentences, steps, verdict, fault })
}

async fn verified(visit: &Visit, id: &str) -> Result<Result<Verdict, Fault>, Fault> {
    let pack: Result<(String, Bytes), Fault> = visit.get(format!("/v1/messages/{id}/package")).raw().await;
    match pack {
        Ok((media_type, bytes)) => {
            let verdict = claims::of(visit, (&media_type, bytes)).await?;
            Ok(verdict.map(|verdict| verdict.of_one_side(visit)))
        }
        Err(fault) => Ok(Err(fault)),
    }
}

/// What people call a type of document; its code where the catalogue has it no more.
fn title(visit: &Visit, types: &Value, code: &str) -> String {
    let mut known = types["document_types"].as_array().into_iter().flatten();
    let known = known.find(|one| one["document_type"] == code);
    let said = known.and_then(|one| one[visit.say("title", "title_en")].as_str().or(one["title"].as_str()));
    said.unwrap_or(code).to_owned()
}

/// What happened, in one sentence.
fn sentence(visit: &Visit, one: &Exchange, kind: &str) -> String {
    let (at, state) = (moment(&one.submitted_at), state(visit, &one.state).0);
    let why = one.reason.as_ref().map(|reason| format!(" ({reason})")).unwrap_or_default();
    let (from, to) = (&one.sender_name, &one.recipient_name);
    let out = numbered(one.sender_registration.as_ref());
    match (visit.language.as_str(), one.recipient_registration.as_ref()) {
        ("ro", Some(given)) => format!(
            "La {at}, {from} a trimis către {to} un document de tipul „{kind}”, cu numărul de ieșire {out}, pe care \
             destinatarul l-a înregistrat cu numărul {}; documentul este {state}{why}.",
            numbered(Some(given))
        ),
        ("ro", None) => format!(
            "La {at}, {from} a trimis către {to} un document de tipul „{kind}”, cu numărul de ieșire {out}; destinatarul nu \
             l-a înregistrat încă, iar starea lui este: {state}{why}."
        ),
        (_, Some(given)) => format!(
            "At {at}, {from} sent to {to} a document of type “{kind}”, number {out}, which the recipient registered as {}; \
             state: {state}{why}.",
            numbered(Some(given))
        ),
        (_, None) => format!(
            "At {at}, {from} sent to {to} a document of type “{kind}”, number {out}; the recipient has not registered it \
             yet; state: {state}{why}."
        ),
    }
}

fn step(visit: &Visit, told: &Value) -> Step {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let (event, href) = (text(&told["event"]), text(&told["href"]));
    let meaning = match visit.language.as_str() {
        "ro" => told["meaning"].as_str().map_or_else(|| event.clone(), str::to_owned),
        _ => words(&event),
    };
    let bad = ["Rejection", "Failure", "Expir", "NonRetrieval"].iter().any(|word| event.contains(word));
    Step {
        id: text(&told["id"]),
        href,
        meaning,
        at: moment(&text(&told["event_time"])),
        issuer: text(&told["issuer"]),
        logged: told["log"]["index"].as_i64().map(|index| index.to_string()),
        own: told["received"].is_null(),
        tone: if bad { Tone::Bad } else { Tone::Good },
        event,
    }
}

/// The name of an event as words: `ContentHandover` is `Content handover`.
fn words(event: &str) -> String {
    let mut written = String::new();
    for letter in event.chars() {
        if letter.is_uppercase() && !written.is_empty() {
            written.push(' ');
            written.extend(letter.to_lowercase());
        } else {
            written.push(letter);
        }
    }
    written
}
