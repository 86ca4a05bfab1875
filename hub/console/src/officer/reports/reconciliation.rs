//! `/console/reports/reconciliation`: what one institution sent to another on a day, against what the other registered.

use async_trait::async_trait;
use serde::Deserialize;

use crate::chart::{Bar, bars};
use crate::fault::Fault;
use crate::list::{self, Asked, Cell, Column, Empty, Filter, Kind, List, Part, Row, Tab, Tone, column};
use crate::page::Answer;
use crate::visit::Visit;

use super::super::receipts::{Registration, numbered, state};
use super::{Beside, shown, tabs};

struct Reconciliation;

#[derive(Deserialize)]
struct Came {
    sender_name: String,
    recipient_name: String,
    day: String,
    matched: i64,
    missing_at_recipient: i64,
    missing_at_sender: i64,
    differing: i64,
    rows: Vec<Compared>,
}

#[derive(Deserialize)]
struct Compared {
    message_id: String,
    submitted_at: String,
    document_type: String,
    state: String,
    sender_registration: Option<Registration>,
    recipient_registration: Option<Registration>,
    sender_as_recorded: Option<Registration>,
    finding: String,
}

/// Finding, Romanian, English, and how it stands.
const FINDINGS: [(&str, &str, &str, Tone); 4] = [
    ("matched", "la fel", "matched", Tone::Good),
    ("missing_at_recipient", "lipsește la destinatar", "missing at the recipient", Tone::Bad),
    ("missing_at_sender", "lipsește la expeditor", "missing at the sender", Tone::Bad),
    ("differing", "diferă", "differing", Tone::Warn),
];

#[async_trait]
impl List for Reconciliation {
    fn title(&self, visit: &Visit) -> String {
        visit.say("Concordanța a două instituții", "Reconciliation of two institutions").to_owned()
    }

    fn lead(&self, visit: &Visit) -> String {
        visit
            .say(
                "Ce spune una că a trimis într-o zi, față de ce a înregistrat cealaltă.",
                "What one says it sent on a day, against what the other registered.",
            )
            .to_owned()
    }

    fn columns(&self) -> Vec<Column> {
        vec![
            column("Trimis la", "Sent at"),
            column("La expeditor", "At the sender"),
            column("La destinatar", "At the recipient"),
            column("Tipul", "Type"),
            column("Starea", "State"),
            column("Constatare", "Finding"),
        ]
    }

    fn file(&self) -> &'static str {
        "concordanta"
    }

    fn tabs(&self, visit: &Visit, _: &Asked) -> Vec<Tab> {
        tabs(visit, "/console/reports/reconciliation")
    }

    fn filters(&self, visit: &Visit) -> Vec<Filter> {
        let filter = |name, (ro, en): (&str, &str), kind| Filter { name, label: visit.say(ro, en).to_owned(), kind };
        let ways = [("sent", "trimise de noi", "sent by us"), ("received", "trimise nouă", "sent to us")];
        let ways = ways.iter().map(|(word, ro, en)| ((*word).to_owned(), visit.say(ro, en).to_owned()));
        vec![
            filter("institution", ("Codul celeilalte instituții", "Code of the other institution"), Kind::Text),
            filter("day", ("Ziua", "Day"), Kind::Day),
            filter("direction", ("Documentele", "Documents"), Kind::Choice(ways.collect())),
        ]
    }

    fn empty(&self, visit: &Visit, _: bool) -> Empty {
        Empty {
            title: visit.say("Nimic de comparat", "Nothing to compare").to_owned(),
            how: visit
                .say(
                    "Alegeți cealaltă instituție și ziua în care s-a trimis.",
                    "Choose the other institution and the day of sending.",
                )
                .to_owned(),
            act: None,
        }
    }

    async fn part(&self, visit: &Visit, asked: &Asked, _: Option<&str>, _: usize) -> Result<Part, Fault> {
        let rows = came(visit, asked).await?.map_or_else(Vec::new, |came| came.rows);
        Ok(Part { rows: rows.into_iter().map(|one| row(visit, one)).collect(), next: None })
    }
}

const NAMES: [&str; 3] = ["institution", "day", "direction"];

async fn came(visit: &Visit, asked: &Asked) -> Result<Option<Came>, Fault> {
    if asked.some("institution").is_none() {
        return Ok(None);
    }
    visit.get(format!("/v1/reports/reconciliation?{}", asked.query(&NAMES, &[]))).read().await.map(Some)
}

fn row(visit: &Visit, one: Compared) -> Row {
    let known = FINDINGS.iter().find(|(held, ..)| *held == one.finding);
    let finding = known.map_or(Cell::text(""), |(_, ro, en, tone)| Cell::Badge(visit.say(ro, en).to_owned(), *tone));
    let recorded = one.sender_as_recorded.as_ref().filter(|_| one.finding == "differing");
    let recorded = recorded.map_or_else(String::new, |given| {
        format!("{} {}", visit.say("expeditor scris:", "sender as written:"), numbered(Some(given)))
    });
    Row::to(
        format!("/console/receipts/{}", one.message_id),
        vec![
            Cell::Moment(one.submitted_at),
            Cell::Code(numbered(one.sender_registration.as_ref())),
            Cell::Two(numbered(one.recipient_registration.as_ref()), recorded),
            Cell::text(one.document_type),
            Cell::text(state(visit, &one.state).0),
            finding,
        ],
    )
}

/// The report.
///
/// # Errors
/// The visitor may not see it, or the hub cannot answer.
pub async fn show(visit: Visit, asked: Asked) -> Answer {
    if asked.some("as").is_some() {
        return list::show(&visit, &asked, &Reconciliation).await;
    }
    let mut beside = Beside { chart: String::new(), said: Vec::new(), paper: String::new(), part: Part::default() };
    if let Some(came) = came(&visit, &asked).await? {
        let counts = [came.matched, came.missing_at_recipient, came.missing_at_sender, came.differing];
        let bar = |((_, ro, en, tone), count): (&(&str, &'static str, &'static str, Tone), i64)| Bar {
            name: visit.say(ro, en).to_owned(),
            pieces: vec![(visit.language.of(ro, en), *tone, count)],
        };
        let drawn: Vec<Bar> = FINDINGS.iter().zip(counts).map(bar).collect();
        let title = format!("{} → {}, {}", came.sender_name, came.recipient_name, crate::moment::day(&came.day));
        beside.chart = bars(&title, &drawn);
        beside.said.push(title);
        beside.paper = format!("/v1/reports/reconciliation.pdf?{}", asked.query(&NAMES, &[]));
        beside.part.rows = came.rows.into_iter().map(|one| row(&visit, one)).collect();
    }
    shown(&visit, &asked, &Reconciliation, beside)
}
