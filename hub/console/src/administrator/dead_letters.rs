//! `/console/dead-letters`: deliveries that ended without reaching the recipient's system, and what a person does about them.

use async_trait::async_trait;
use axum::extract::Path;
use axum::http::StatusCode;
use axum::response::Response;
use serde_json::{Value, json};

use crate::asking::piece;
use crate::fault::Fault;
use crate::form::Filled;
use crate::list::{self, Asked, Cell, Column, Empty, List, Part, Row, Tab, column};
use crate::page::{Answer, done, page, page_with};
use crate::visit::Visit;

use super::{items, text, tone, worded};

struct DeadLetters;

#[async_trait]
impl List for DeadLetters {
    fn title(&self, visit: &Visit) -> String {
        visit.say("Livrări oprite", "Stopped deliveries").to_owned()
    }

    fn lead(&self, visit: &Visit) -> String {
        visit
            .say(
                "Documente care nu au ajuns, sau despre care nu se știe: așteaptă o persoană. Nimic nu s-a pierdut.",
                "Documents that did not arrive, or of which nobody knows: they wait for a person. Nothing is lost.",
            )
            .to_owned()
    }

    fn columns(&self) -> Vec<Column> {
        vec![
            column("Obiect", "Subject"),
            column("Către", "To"),
            column("Sistem", "System"),
            column("De ce s-a oprit", "Why it stopped"),
            column("Din", "Since"),
            column("Ce urmează", "Next act"),
        ]
    }

    fn file(&self) -> &'static str {
        "livrari-oprite"
    }

    fn tabs(&self, visit: &Visit, asked: &Asked) -> Vec<Tab> {
        let closed = asked.get("which") == "closed";
        vec![
            Tab {
                label: visit.say("Deschise", "Open").to_owned(),
                href: asked.without("which"),
                here: !closed,
                count: None,
            },
            Tab {
                label: visit.say("Încheiate", "Closed").to_owned(),
                href: asked.with("which", "closed"),
                here: closed,
                count: None,
            },
        ]
    }

    fn empty(&self, visit: &Visit, _: bool) -> Empty {
        Empty {
            title: visit.say("Nicio livrare oprită", "No stopped delivery").to_owned(),
            how: visit
                .say("Când un sistem nu ia un document până la termen, sau nu se știe dacă l-a luat, livrarea apare aici cu motivul ei.", "When a system does not take a document in time, or nobody knows whether it did, the delivery appears here with its reason.")
                .to_owned(),
            act: None,
        }
    }

    fn live(&self) -> bool {
        true
    }

    async fn part(&self, visit: &Visit, asked: &Asked, _: Option<&str>, _: usize) -> Result<Part, Fault> {
        let found = letters(visit, asked.get("which") == "closed").await?;
        let row = |letter: &Value| {
            Row::to(
                format!("/console/dead-letters/{}", text(letter, "delivery_id")),
                vec![
                    Cell::text(text(letter, "subject")),
                    Cell::text(text(letter, "recipient")),
                    Cell::text(text(letter, "system")),
                    Cell::Badge(worded(visit, letter, "kind"), tone(&text(letter, "kind"))),
                    Cell::Moment(text(letter, "since")),
                    Cell::text(worded(visit, letter, "next_act")),
                ],
            )
        };
        Ok(Part { rows: items(&found).map(row).collect(), next: None })
    }
}

async fn letters(visit: &Visit, closed: bool) -> Result<Value, Fault> {
    visit.get(format!("/v1/dead-letters?closed={closed}&limit=1000")).value().await
}

/// The list.
///
/// # Errors
/// The visitor may not see it.
pub async fn show(visit: Visit, asked: Asked) -> Answer {
    list::show(&visit, &asked, &DeadLetters).await
}

#[derive(askama::Template)]
#[template(path = "administrator/dead_letter.html")]
struct Page<'a> {
    v: &'a Visit,
    letter: &'a Value,
    fault: Option<&'a Fault>,
    kind: String,
    next: String,
    asks_twice: bool,
    acts: Vec<(String, String, String)>,
}

impl Page<'_> {
    fn of(&self, name: &str) -> String {
        text(self.letter, name)
    }

    fn open(&self) -> bool {
        self.letter["closed_at"].is_null()
    }
}

async fn found(visit: &Visit, id: &str) -> Result<Value, Fault> {
    for closed in [false, true] {
        let found = letters(visit, closed).await?;
        if let Some(letter) = items(&found).find(|letter| letter["delivery_id"] == id) {
            return Ok(letter.clone());
        }
    }
    Err(Fault::missing())
}

fn shown(visit: &Visit, letter: &Value, fault: Option<&Fault>) -> Response {
    let acts = letter["acts"].as_array().into_iter().flatten();
    let template = Page {
        v: visit,
        letter,
        fault,
        kind: worded(visit, letter, "kind"),
        next: worded(visit, letter, "next_act"),
        asks_twice: fault.is_some_and(|fault| fault.code == "approval-needed"),
        acts: acts.map(|act| (text(act, "at"), text(act, "act"), text(act, "note"))).collect(),
    };
    match fault {
        Some(_) => page_with(StatusCode::UNPROCESSABLE_ENTITY, &template),
        None => page(&template).unwrap_or_else(|fault| fault.plain()),
    }
}

/// One of them.
///
/// # Errors
/// There is none, or the visitor may not see it.
pub async fn one(visit: Visit, Path(id): Path<String>) -> Answer {
    let letter = found(&visit, &id).await?;
    Ok(shown(&visit, &letter, None))
}

/// Says what was found out: whether the document arrived after all.
///
/// # Errors
/// The hub cannot answer.
pub async fn settle(visit: Visit, Path(id): Path<String>, filled: Filled) -> Answer {
    let mut said = json!({"arrived": filled.get("arrived") == "yes", "note": filled.get("note")});
    if let Some(receipt) = filled.some("receipt") {
        said["receipt"] = receipt.into();
    }
    let path = format!("/v1/dead-letters/{}/settle", piece(&id));
    acted(&visit, &id, visit.post(path).form(filled.token()).key(filled.key()).json(&said)).await
}

/// Sends it again, as its system allows; what another person must approve first is proposed with the reason given.
///
/// # Errors
/// The hub cannot answer.
pub async fn replay(visit: Visit, Path(id): Path<String>, filled: Filled) -> Answer {
    if let Some(content) = filled.some("content_sha256") {
        let proposal = json!({
            "kind": filled.get("kind"), "subject": filled.get("subject"), "content_sha256": content, "reason": filled.get("reason"),
        });
        let asked = visit.post("/v1/approvals").form(filled.token()).key(filled.key()).json(&proposal);
        let made = asked.value().await?;
        return Ok(done(&format!("/console/approvals/{}", text(&made, "approval")), "saved"));
    }
    let path = format!("/v1/dead-letters/{}/replay", piece(&id));
    let mut asked = visit.post(path).form(filled.token()).key(filled.key()).json(&json!({}));
    if let Some(approval) = filled.some("approval") {
        asked = asked.header("punte-approval", approval);
    }
    acted(&visit, &id, asked).await
}

async fn acted(visit: &Visit, id: &str, asked: crate::asking::Ask<'_>) -> Answer {
    match asked.value().await {
        Ok(_) => Ok(done(&format!("/console/dead-letters/{}", piece(id)), "saved")),
        Err(fault) if fault.status.is_client_error() => {
            let letter = found(visit, id).await?;
            Ok(shown(visit, &letter, Some(&fault)))
        }
        Err(fault) => Err(fault),
    }
}
