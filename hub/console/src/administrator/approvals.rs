//! `/console/approvals`: dangerous acts that wait for a second person.

use async_trait::async_trait;
use axum::extract::Path;
use serde_json::{Value, json};

use crate::asking::piece;
use crate::fault::Fault;
use crate::form::Filled;
use crate::list::{self, Asked, Cell, Column, Empty, List, Part, Row, Tab, column};
use crate::page::{Answer, done, page};
use crate::visit::Visit;

use super::{items, text, tone};

struct Approvals;

/// State, Romanian, English.
const STATES: [(&str, &str, &str); 5] = [
    ("proposed", "propus, așteaptă a doua persoană", "proposed, waits for the second person"),
    ("approved", "aprobat", "approved"),
    ("refused", "refuzat", "refused"),
    ("done", "făcut", "done"),
    ("expired", "expirat", "expired"),
];

fn state(visit: &Visit, code: &str) -> String {
    let known = STATES.iter().find(|(held, ..)| *held == code);
    known.map_or_else(|| code.to_owned(), |(_, ro, en)| visit.say(ro, en).to_owned())
}

fn kind(visit: &Visit, approval: &Value) -> String {
    super::worded(visit, approval, "kind")
}

#[async_trait]
impl List for Approvals {
    fn title(&self, visit: &Visit) -> String {
        visit.say("Aprobări în doi", "Approvals by two").to_owned()
    }

    fn lead(&self, visit: &Visit) -> String {
        visit
            .say(
                "Acte care nu se pot lua înapoi: le propune o persoană și le aprobă alta.",
                "Acts that cannot be taken back: one person proposes, another approves.",
            )
            .to_owned()
    }

    fn columns(&self) -> Vec<Column> {
        vec![
            column("Act", "Act"),
            column("Asupra", "On"),
            column("Motiv", "Reason"),
            column("Propus de", "Proposed by"),
            column("Propus la", "Proposed at"),
            column("Stare", "State"),
        ]
    }

    fn file(&self) -> &'static str {
        "aprobari"
    }

    fn tabs(&self, visit: &Visit, asked: &Asked) -> Vec<Tab> {
        let all = asked.get("which") == "all";
        vec![
            Tab {
                label: visit.say("De hotărât", "To decide").to_owned(),
                href: asked.without("which"),
                here: !all,
                count: None,
            },
            Tab {
                label: visit.say("Toate", "All").to_owned(),
                href: asked.with("which", "all"),
                here: all,
                count: None,
            },
        ]
    }

    fn empty(&self, visit: &Visit, _: bool) -> Empty {
        Empty {
            title: visit.say("Nu așteaptă nimic", "Nothing waits").to_owned(),
            how: visit
                .say("Când cineva cere un act care nu se poate lua înapoi, propunerea apare aici pentru altcineva.", "When somebody asks for an act that cannot be taken back, the proposal appears here for somebody else.")
                .to_owned(),
            act: None,
        }
    }

    fn live(&self) -> bool {
        true
    }

    async fn part(&self, visit: &Visit, asked: &Asked, _: Option<&str>, limit: usize) -> Result<Part, Fault> {
        let all = asked.get("which") == "all";
        let found = visit.get(format!("/v1/approvals?all={all}&limit={limit}")).value().await?;
        let row = |approval: &Value| {
            let code = text(approval, "state");
            Row::to(
                format!("/console/approvals/{}", text(approval, "approval")),
                vec![
                    Cell::text(kind(visit, approval)),
                    Cell::Code(text(approval, "subject")),
                    Cell::text(text(approval, "reason")),
                    Cell::text(text(approval, "proposed_by")),
                    Cell::Moment(text(approval, "proposed_at")),
                    Cell::Badge(state(visit, &code), tone(&code)),
                ],
            )
        };
        Ok(Part { rows: items(&found).map(row).collect(), next: None })
    }
}

/// The list.
///
/// # Errors
/// The visitor may not see it.
pub async fn show(visit: Visit, asked: Asked) -> Answer {
    list::show(&visit, &asked, &Approvals).await
}

#[derive(askama::Template)]
#[template(path = "administrator/approval.html")]
struct Page<'a> {
    v: &'a Visit,
    id: String,
    kind: String,
    state: String,
    code: String,
    facts: Vec<(&'static str, String)>,
    waits: bool,
}

/// One proposal.
///
/// # Errors
/// There is none, or the visitor may not see it.
pub async fn one(visit: Visit, Path(id): Path<String>) -> Answer {
    let approval = visit.get(format!("/v1/approvals/{}", piece(&id))).value().await?;
    let moment = |name: &str| crate::moment::moment(&text(&approval, name));
    let facts = vec![
        (visit.say("Asupra", "On"), text(&approval, "subject")),
        (visit.say("Motivul", "Reason"), text(&approval, "reason")),
        (
            visit.say("Propus de", "Proposed by"),
            format!("{}, {}", text(&approval, "proposed_by"), moment("proposed_at")),
        ),
        (visit.say("Bun până la", "Good until"), moment("ends_at")),
        (visit.say("Hotărât de", "Decided by"), text(&approval, "decided_by")),
        (visit.say("Motivul hotărârii", "Reason of the decision"), text(&approval, "decision_reason")),
        (visit.say("Amprenta a ceea ce se aprobă", "Digest of what is approved"), text(&approval, "content_sha256")),
    ];
    let code = text(&approval, "state");
    page(&Page {
        v: &visit,
        id: text(&approval, "approval"),
        kind: kind(&visit, &approval),
        state: state(&visit, &code),
        waits: code == "proposed" && visit.may("approvals.decide"),
        code,
        facts: facts.into_iter().filter(|(_, value)| !value.is_empty()).collect(),
    })
}

/// Approves or refuses.
///
/// # Errors
/// The API refused: whoever proposed cannot approve.
pub async fn decide(visit: Visit, Path(id): Path<String>, filled: Filled) -> Answer {
    let act = if filled.get("act") == "approve" { "approve" } else { "refuse" };
    let path = format!("/v1/approvals/{}/{act}", piece(&id));
    let said = filled.some("reason").map_or(json!({}), |reason| json!({"reason": reason}));
    visit.post(path).form(filled.token()).key(filled.key()).json(&said).value().await?;
    Ok(done(&format!("/console/approvals/{}", piece(&id)), "saved"))
}
