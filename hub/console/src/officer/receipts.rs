//! `/console/receipts`: what was sent and received, found by any number, institution, type, time or state.

use async_trait::async_trait;
use serde::Deserialize;

use crate::fault::Fault;
use crate::list::{self, Act, Asked, Cell, Column, Empty, Filter, Kind, List, Part, Row, Tab, Tone, column};
use crate::page::Answer;
use crate::visit::Visit;

struct Receipts;

/// What the API found.
#[derive(Deserialize)]
pub(super) struct Came {
    pub items: Vec<Exchange>,
    pub next: Option<String>,
}

/// A document on its way to one institution.
#[derive(Deserialize)]
pub(super) struct Exchange {
    pub message_id: String,
    pub direction: String,
    pub sender_name: String,
    pub recipient_name: String,
    pub document_type: String,
    pub state: String,
    pub reason: Option<String>,
    pub sender_registration: Option<Registration>,
    pub recipient_registration: Option<Registration>,
    pub submitted_at: String,
}

/// A number of a register.
#[derive(Deserialize)]
pub(super) struct Registration {
    pub number: String,
    pub date: String,
}

/// State, Romanian, English, and how it stands.
pub(super) const STATES: [(&str, &str, &str, Tone); 13] = [
    ("pending", "se livrează", "being delivered", Tone::Plain),
    ("waiting", "se încearcă din nou", "to be tried again", Tone::Warn),
    ("unknown", "se lămurește dacă a ajuns", "being found out whether it arrived", Tone::Warn),
    ("announced", "așteaptă acceptarea destinatarului", "waits for the recipient's acceptance", Tone::Warn),
    ("consigned", "așteaptă preluarea", "waits to be taken", Tone::Warn),
    ("relayed", "predat serviciului destinatarului", "with the recipient's own service", Tone::Warn),
    ("handed_over", "ajuns la destinatar", "reached the recipient", Tone::Good),
    ("refused", "respins", "refused", Tone::Bad),
    ("failed", "nelivrat", "not delivered", Tone::Bad),
    ("not_consigned", "nu a putut fi pregătit", "could not be made ready", Tone::Bad),
    ("expired", "nepreluat la timp", "not taken in time", Tone::Bad),
    ("left", "predat în afara livrării înregistrate", "left registered delivery", Tone::Warn),
    ("silent", "fără răspuns de la serviciul destinatarului", "no answer from the recipient's service", Tone::Bad),
];

/// A state in words.
pub(super) fn state(visit: &Visit, state: &str) -> (String, Tone) {
    let known = STATES.iter().find(|(held, ..)| *held == state);
    known.map_or((state.to_owned(), Tone::Plain), |(_, ro, en, tone)| (visit.say(ro, en).to_owned(), *tone))
}

/// A number with its day; a dash where the register has none yet.
pub(super) fn numbered(given: Option<&Registration>) -> String {
    given.map_or_else(|| "–".to_owned(), |given| format!("{} / {}", given.number, crate::moment::day(&given.date)))
}

/// The columns of exchanges.
pub(super) fn columns() -> Vec<Column> {
    vec![
        column("Trimis la", "Sent at"),
        column("Sens", "Direction"),
        column("Expeditor, nr.", "Sender, number"),
        column("Destinatar, nr.", "Recipient, number"),
        column("Tipul", "Type"),
        column("Starea", "State"),
    ]
}

/// The row of an exchange, which leads to its receipt.
pub(super) fn row(visit: &Visit, one: Exchange) -> Row {
    let (text, tone) = state(visit, &one.state);
    let direction = if one.direction == "sent" { visit.say("trimis", "sent") } else { visit.say("primit", "received") };
    Row::to(
        format!("/console/receipts/{}", one.message_id),
        vec![
            Cell::Moment(one.submitted_at),
            Cell::text(direction),
            Cell::Two(one.sender_name, numbered(one.sender_registration.as_ref())),
            Cell::Two(one.recipient_name, numbered(one.recipient_registration.as_ref())),
            Cell::text(one.document_type),
            Cell::Badge(text, tone),
        ],
    )
}

/// The three ways to find or check a receipt.
pub(super) fn ways(visit: &Visit, here: &str) -> Vec<Tab> {
    let ways = [
        ("/console/receipts", "După număr, instituție, dată", "By number, institution, date"),
        ("/console/receipts/person", "După persoană", "By person"),
        ("/console/receipts/verify", "Verificarea unui fișier", "Verify a file"),
    ];
    let tab = |(href, ro, en): (&str, &str, &str)| Tab {
        label: visit.say(ro, en).to_owned(),
        href: href.to_owned(),
        here: href == here,
        count: None,
    };
    ways.into_iter().map(tab).collect()
}

#[async_trait]
impl List for Receipts {
    fn title(&self, visit: &Visit) -> String {
        visit.say("Recipise și dovezi", "Receipts and evidence").to_owned()
    }

    fn lead(&self, visit: &Visit) -> String {
        visit
            .say(
                "Căutați după orice număr: al dumneavoastră, al celeilalte instituții, al mesajului sau al dovezii.",
                "Search by any number: yours, the other institution's, of the message or of the evidence.",
            )
            .to_owned()
    }

    fn columns(&self) -> Vec<Column> {
        columns()
    }

    fn file(&self) -> &'static str {
        "recipise"
    }

    fn empty(&self, visit: &Visit, filtered: bool) -> Empty {
        let how = if filtered {
            visit.say(
                "Scrieți numărul exact ca în registru, fără dată, sau lărgiți perioada.",
                "Write the number exactly as in the register, without the date, or widen the period.",
            )
        } else {
            visit.say(
                "Fiecare document trimis sau primit prin hub lasă aici dovezi sigilate.",
                "Every document sent or received through the hub leaves sealed evidence here.",
            )
        };
        Empty {
            title: visit.say("Niciun document găsit", "No document found").to_owned(),
            how: how.to_owned(),
            act: Some(Act {
                href: "/console/receipts/verify".to_owned(),
                label: visit.say("Verificați un fișier pe care îl aveți", "Verify a file you hold").to_owned(),
            }),
        }
    }

    fn filters(&self, visit: &Visit) -> Vec<Filter> {
        let filter = |name, (ro, en): (&str, &str), kind| Filter { name, label: visit.say(ro, en).to_owned(), kind };
        let states = STATES.iter().map(|(state, ro, en, _)| ((*state).to_owned(), visit.say(ro, en).to_owned()));
        let ways = [("sent", "trimise", "sent"), ("received", "primite", "received")];
        let ways = ways.iter().map(|(word, ro, en)| ((*word).to_owned(), visit.say(ro, en).to_owned()));
        vec![
            filter("number", ("Orice număr", "Any number"), Kind::Text),
            filter("institution", ("Codul celeilalte instituții", "Code of the other institution"), Kind::Text),
            filter("type", ("Tipul documentului", "Document type"), Kind::Text),
            filter("from", ("De la", "From"), Kind::Day),
            filter("to", ("Până la", "Until"), Kind::Day),
            filter("direction", ("Sensul", "Direction"), Kind::Choice(ways.collect())),
            filter("state", ("Starea", "State"), Kind::Choice(states.collect())),
        ]
    }

    fn tabs(&self, visit: &Visit, _: &Asked) -> Vec<Tab> {
        ways(visit, "/console/receipts")
    }

    async fn part(&self, visit: &Visit, asked: &Asked, after: Option<&str>, limit: usize) -> Result<Part, Fault> {
        let limit = limit.to_string();
        let mut added = vec![("limit", limit.as_str())];
        added.extend(after.map(|after| ("after", after)));
        let names = ["number", "institution", "type", "from", "to", "direction", "state"];
        let query = asked.query(&names, &added);
        let came: Came = visit.get(format!("/v1/evidence/search?{query}")).read().await?;
        Ok(Part { rows: came.items.into_iter().map(|one| row(visit, one)).collect(), next: came.next })
    }
}

/// The list.
///
/// # Errors
/// The visitor may not see it, or the hub cannot answer.
pub async fn show(visit: Visit, asked: Asked) -> Answer {
    list::show(&visit, &asked, &Receipts).await
}
