//! `/console/agreements`: who may send what to whom, and why.

use async_trait::async_trait;
use axum::extract::Path;
use serde_json::{Value, json};

use crate::asking::piece;
use crate::fault::Fault;
use crate::form::Filled;
use crate::list::{self, Asked, Cell, Column, Empty, Filter, Kind, List, Part, Row, column};
use crate::page::{Answer, done, page};
use crate::visit::Visit;

use super::{items, text, tone, worded};

struct Agreements;

/// Standing, Romanian, English.
const STANDINGS: [(&str, &str, &str); 4] = [
    ("in-force", "în vigoare", "in force"),
    ("draft", "propus", "proposed"),
    ("expired", "expirat", "expired"),
    ("ended", "încheiat", "ended"),
];

#[async_trait]
impl List for Agreements {
    fn title(&self, visit: &Visit) -> String {
        visit.say("Acorduri", "Agreements").to_owned()
    }

    fn lead(&self, visit: &Visit) -> String {
        visit.say("Fără acord în vigoare nu pleacă niciun document: cine trimite ce, cui, în ce scop și pe ce temei.", "Without an agreement in force no document leaves: who sends what to whom, for what purpose and on what basis.").to_owned()
    }

    fn columns(&self) -> Vec<Column> {
        vec![
            column("Acord", "Agreement"),
            column("Documente", "Documents"),
            column("Scop", "Purpose"),
            column("Temei legal", "Legal basis"),
            column("Până la", "Until"),
            column("Stare", "State"),
        ]
    }

    fn file(&self) -> &'static str {
        "acorduri"
    }

    fn empty(&self, visit: &Visit, _: bool) -> Empty {
        Empty {
            title: visit.say("Niciun acord", "No agreement").to_owned(),
            how: visit.say("Acordurile se propun prin API sau prin director și intră în vigoare după ce le aprobă altcineva.", "Agreements are proposed by the API or the directory and come into force after somebody else approved them.").to_owned(),
            act: None,
        }
    }

    fn filters(&self, visit: &Visit) -> Vec<Filter> {
        let options = STANDINGS.iter().map(|(code, ro, en)| ((*code).to_owned(), visit.say(ro, en).to_owned()));
        vec![Filter {
            name: "standing",
            label: visit.say("Starea", "State").to_owned(),
            kind: Kind::Choice(options.collect()),
        }]
    }

    async fn part(&self, visit: &Visit, asked: &Asked, after: Option<&str>, limit: usize) -> Result<Part, Fault> {
        let limit = limit.to_string();
        let mut added = vec![("limit", limit.as_str())];
        added.extend(after.map(|after| ("after", after)));
        let found = visit.get(format!("/v1/agreements?{}", asked.query(&["standing"], &added))).value().await?;
        let row = |agreement: &Value| {
            let entry = &agreement["entry"];
            let titles: Vec<&str> =
                agreement["titles"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
            Row::to(
                format!("/console/agreements/{}", piece(&text(agreement, "id"))),
                vec![
                    Cell::Code(text(agreement, "id")),
                    Cell::text(titles.join(", ")),
                    Cell::text(text(entry, "purpose")),
                    Cell::text(text(entry, "legal_basis")),
                    Cell::Day(text(entry, "valid_to")),
                    Cell::Badge(worded(visit, agreement, "standing"), tone(&text(agreement, "standing"))),
                ],
            )
        };
        Ok(Part { rows: items(&found).map(row).collect(), next: found["next"].as_str().map(str::to_owned) })
    }
}

/// The list.
///
/// # Errors
/// The visitor may not see it.
pub async fn show(visit: Visit, asked: Asked) -> Answer {
    list::show(&visit, &asked, &Agreements).await
}

#[derive(askama::Template)]
#[template(path = "administrator/agreement.html")]
struct Page<'a> {
    v: &'a Visit,
    id: String,
    version: String,
    standing: String,
    code: String,
    facts: Vec<(&'static str, String)>,
    absent: Vec<String>,
    step: Option<&'static str>,
}

/// One agreement.
///
/// # Errors
/// There is none that concerns the institution.
pub async fn one(visit: Visit, Path(id): Path<String>) -> Answer {
    let agreement = visit.get(format!("/v1/agreements/{}", piece(&id))).value().await?;
    let entry = &agreement["entry"];
    let listed = |value: &Value| {
        let all: Vec<&str> = value.as_array().into_iter().flatten().filter_map(Value::as_str).collect();
        all.join(", ")
    };
    let facts = vec![
        (visit.say("Număr", "Number"), text(entry, "number")),
        (visit.say("Trimit", "Senders"), parties(&visit, &entry["senders"])),
        (visit.say("Primesc", "Recipients"), parties(&visit, &entry["recipients"])),
        (visit.say("Documente", "Documents"), listed(&agreement["titles"])),
        (visit.say("Scop", "Purpose"), text(entry, "purpose")),
        (visit.say("Temei legal", "Legal basis"), text(entry, "legal_basis")),
        (visit.say("Operator de date", "Controller"), text(entry, "controller")),
        (visit.say("Categorii de date", "Data categories"), listed(&entry["data_categories"])),
        (visit.say("Păstrare", "Retention"), text(entry, "retention")),
        (visit.say("Nivel de serviciu", "Service level"), text(entry, "sla")),
        (visit.say("Contact", "Contact"), text(entry, "contact")),
        (
            visit.say("Valabil", "Valid"),
            format!(
                "{} – {}",
                crate::moment::day(&text(entry, "valid_from")),
                crate::moment::day(&text(entry, "valid_to"))
            ),
        ),
    ];
    let code = text(&agreement, "standing");
    let step = match text(entry, "state").as_str() {
        "draft" => Some("approve"),
        "approved" if code != "ended" => Some("end"),
        _ => None,
    };
    page(&Page {
        v: &visit,
        id: text(&agreement, "id"),
        version: text(&agreement, "version"),
        standing: worded(&visit, &agreement, "standing"),
        code,
        facts: facts.into_iter().filter(|(_, value)| !value.is_empty()).collect(),
        absent: agreement["absent"]
            .as_array()
            .into_iter()
            .flatten()
            .filter_map(Value::as_str)
            .map(str::to_owned)
            .collect(),
        step: step.filter(|_| visit.may("agreements.change")),
    })
}

/// Whom a selector means, in words.
fn parties(visit: &Visit, selector: &Value) -> String {
    let mut told: Vec<String> =
        selector["parties"].as_array().into_iter().flatten().filter_map(Value::as_str).map(str::to_owned).collect();
    if let Some(kind) = selector["kind"].as_str() {
        let county = selector["county"].as_str();
        told.push(match county {
            Some(county) => {
                format!("{} {kind}, {} {county}", visit.say("toate", "all"), visit.say("județul", "county"))
            }
            None => format!("{} {kind}", visit.say("toate", "all")),
        });
    }
    told.join(", ")
}

/// Approves or ends the version that was looked at.
///
/// # Errors
/// The API refused: who proposed cannot approve, or it was changed meanwhile.
pub async fn step(visit: Visit, Path(id): Path<String>, filled: Filled) -> Answer {
    let step = if filled.get("step") == "approve" { "approve" } else { "end" };
    let path = format!("/v1/agreements/{}/{step}", piece(&id));
    let asked = visit.post(path).form(filled.token()).key(filled.key());
    let asked = asked.header("if-match", &format!("\"{}\"", filled.get("version")));
    asked.json(&json!({"reason": filled.get("reason")})).value().await?;
    Ok(done(&format!("/console/agreements/{}", piece(&id)), "saved"))
}

/// The conformity page of the agreement (national framework, one page), as PDF.
///
/// # Errors
/// There is none that concerns the institution.
pub async fn conformity(visit: Visit, Path(id): Path<String>) -> Answer {
    visit.get(format!("/v1/agreements/{}/conformity.pdf", piece(&id))).passed().await
}
