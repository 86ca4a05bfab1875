//! `/console/audit`: what operators, administrators and people did.

use async_trait::async_trait;
use serde_json::Value;

use crate::fault::Fault;
use crate::list::{self, Asked, Cell, Column, Empty, Filter, Kind, List, Part, Row, Tone, column};
use crate::page::Answer;
use crate::visit::Visit;

struct Audit;

#[async_trait]
impl List for Audit {
    fn title(&self, visit: &Visit) -> String {
        visit.say("Auditul actelor", "Audit of acts").to_owned()
    }

    fn lead(&self, visit: &Visit) -> String {
        visit
            .say(
                "Cine ce a făcut, în lanțul care nu poate fi modificat.",
                "Who did what, in the chain that cannot be changed.",
            )
            .to_owned()
    }

    fn columns(&self) -> Vec<Column> {
        vec![
            column("Când", "When"),
            column("Ce", "What"),
            column("Cine", "Who"),
            column("Despre", "About"),
            column("Rezultat", "Outcome"),
            column("Motivul", "Reason"),
        ]
    }

    fn file(&self) -> &'static str {
        "audit"
    }

    fn empty(&self, visit: &Visit, _: bool) -> Empty {
        Empty {
            title: visit.say("Niciun act", "No act").to_owned(),
            how: visit
                .say(
                    "Actele cu urmări apar aici când sunt făcute.",
                    "Acts of consequence appear here when they are done.",
                )
                .to_owned(),
            act: None,
        }
    }

    fn filters(&self, visit: &Visit) -> Vec<Filter> {
        let text = |name, ro, en| Filter { name, label: visit.say(ro, en).to_owned(), kind: Kind::Text };
        vec![
            text("principal", "Cine (pseudonim sau sistem)", "Who (pseudonym or system)"),
            text("subject", "Despre (id)", "About (id)"),
            text("kind", "Felul actului (cod)", "Kind of act (code)"),
            text("correlation", "Corelarea cererii", "Correlation of the request"),
        ]
    }

    async fn part(&self, visit: &Visit, asked: &Asked, after: Option<&str>, limit: usize) -> Result<Part, Fault> {
        let limit_text = limit.to_string();
        let mut added = vec![("limit", limit_text.as_str())];
        added.extend(after.map(|after| ("before", after)));
        let query = asked.query(&["principal", "subject", "kind", "correlation"], &added);
        let came: Value = visit.get(format!("/v1/audit?{query}")).value().await?;
        let events = came["events"].as_array().cloned().unwrap_or_default();
        let full = events.len() == limit;
        Ok(Part {
            rows: events.iter().map(|one| row(visit, one)).collect(),
            next: came["next"].as_i64().filter(|_| full).map(|next| next.to_string()),
        })
    }
}

fn row(visit: &Visit, one: &Value) -> Row {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let (ok, outcome) = (one["outcome"] != "refused", text(&one["outcome"]));
    Row::of(vec![
        Cell::Moment(text(&one["at"])),
        Cell::Two(text(&one[visit.say("what", "what_en")]), text(&one["kind"])),
        Cell::text(text(&one["principal"]["id"])),
        Cell::Code(text(&one["subject"])),
        Cell::Badge(outcome, if ok { Tone::Plain } else { Tone::Bad }),
        Cell::text(text(&one["reason"])),
    ])
}

/// The list.
///
/// # Errors
/// The visitor may not see it, or the hub cannot answer.
pub async fn show(visit: Visit, asked: Asked) -> Answer {
    list::show(&visit, &asked, &Audit).await
}
