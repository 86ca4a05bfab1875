//! `/console/reports/undelivered`: what was sent and did not arrive, with the reason.

use async_trait::async_trait;
use serde::Deserialize;

use crate::chart::{Bar, bars};
use crate::fault::Fault;
use crate::list::{self, Asked, Cell, Column, Empty, Filter, List, Part, Row, Tab, column};
use crate::page::Answer;
use crate::visit::Visit;

use super::super::receipts::{Exchange, numbered, state};
use super::{Beside, period, shown, tabs};

struct Undelivered;

#[derive(Deserialize)]
struct Came {
    items: Vec<Exchange>,
    states: Vec<Counted>,
    next: Option<String>,
}

#[derive(Deserialize)]
struct Counted {
    state: String,
    count: i64,
}

#[async_trait]
impl List for Undelivered {
    fn title(&self, visit: &Visit) -> String {
        visit.say("Documente nelivrate", "Undelivered documents").to_owned()
    }

    fn lead(&self, visit: &Visit) -> String {
        visit
            .say(
                "Ce s-a trimis în perioadă și nu a ajuns, cu motivul.",
                "What was sent in the period and did not arrive, with the reason.",
            )
            .to_owned()
    }

    fn columns(&self) -> Vec<Column> {
        vec![
            column("Trimis la", "Sent at"),
            column("Nr. de ieșire", "Outgoing number"),
            column("Destinatarul", "Recipient"),
            column("Tipul", "Type"),
            column("Starea", "State"),
            column("Motivul", "Reason"),
        ]
    }

    fn file(&self) -> &'static str {
        "nelivrate"
    }

    fn tabs(&self, visit: &Visit, _: &Asked) -> Vec<Tab> {
        tabs(visit, "/console/reports/undelivered")
    }

    fn filters(&self, visit: &Visit) -> Vec<Filter> {
        period(visit)
    }

    fn empty(&self, visit: &Visit, _: bool) -> Empty {
        Empty {
            title: visit.say("Nimic nelivrat în perioadă", "Nothing undelivered in the period").to_owned(),
            how: visit
                .say(
                    "Toate documentele trimise au ajuns sau sunt pe drum.",
                    "All documents sent have arrived or are on their way.",
                )
                .to_owned(),
            act: None,
        }
    }

    async fn part(&self, visit: &Visit, asked: &Asked, after: Option<&str>, limit: usize) -> Result<Part, Fault> {
        let came = came(visit, asked, (after, limit)).await?;
        Ok(Part { rows: came.items.into_iter().map(|one| row(visit, one)).collect(), next: came.next })
    }
}

async fn came(visit: &Visit, asked: &Asked, (after, limit): (Option<&str>, usize)) -> Result<Came, Fault> {
    let limit = limit.to_string();
    let mut added = vec![("limit", limit.as_str())];
    added.extend(after.map(|after| ("after", after)));
    visit.get(format!("/v1/reports/undelivered?{}", asked.query(&["from", "to"], &added))).read().await
}

fn row(visit: &Visit, one: Exchange) -> Row {
    let (text, tone) = state(visit, &one.state);
    Row::to(
        format!("/console/receipts/{}", one.message_id),
        vec![
            Cell::Moment(one.submitted_at),
            Cell::Code(numbered(one.sender_registration.as_ref())),
            Cell::text(one.recipient_name),
            Cell::text(one.document_type),
            Cell::Badge(text, tone),
            Cell::text(one.reason.unwrap_or_default()),
        ],
    )
}

/// The report.
///
/// # Errors
/// The visitor may not see it, or the hub cannot answer.
pub async fn show(visit: Visit, asked: Asked) -> Answer {
    if asked.some("as").is_some() {
        return list::show(&visit, &asked, &Undelivered).await;
    }
    let came = came(&visit, &asked, (asked.some("after"), 50)).await?;
    let bar = |one: &Counted| {
        let (name, tone) = state(&visit, &one.state);
        Bar { name, pieces: vec![(visit.say("documente", "documents"), tone, one.count)] }
    };
    let drawn: Vec<Bar> = came.states.iter().map(bar).collect();
    let title = visit.say("Documentele trimise în perioadă, după stare", "Documents sent in the period, by state");
    let beside = Beside {
        chart: if drawn.is_empty() { String::new() } else { bars(title, &drawn) },
        said: Vec::new(),
        paper: format!("/v1/reports/undelivered.pdf?{}", asked.query(&["from", "to"], &[])),
        part: Part { rows: came.items.into_iter().map(|one| row(&visit, one)).collect(), next: came.next },
    };
    shown(&visit, &asked, &Undelivered, beside)
}
