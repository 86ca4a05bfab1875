//! `/console/messages`: the messages of the institution, newest first, with how each of their deliveries stands.

use async_trait::async_trait;
use serde::Deserialize;

use crate::fault::Fault;
use crate::list::{self, Asked, Cell, Column, Empty, Filter, Kind, List, Part, Row, Tone, column};
use crate::page::Answer;
use crate::visit::Visit;

#[derive(Deserialize)]
struct Found {
    items: Vec<Message>,
    next: Option<String>,
}

#[derive(Deserialize)]
struct Message {
    message_id: String,
    submitted_at: String,
    direction: String,
    sender: String,
    sender_name: Option<String>,
    document_type: String,
    sender_registration: Option<Number>,
    deliveries: Vec<Delivery>,
}

#[derive(Deserialize)]
struct Number {
    number: String,
    date: String,
}

#[derive(Deserialize)]
struct Delivery {
    recipient: String,
    recipient_name: Option<String>,
    state: String,
    system: Option<String>,
}

/// State of a delivery, Romanian, English, and how it stands; of a message, the state of its worst delivery is shown.
pub(super) const STATES: [(&str, &str, &str, Tone); 13] = [
    ("handed_over", "predat", "handed over", Tone::Good),
    ("left", "transmis în afara serviciului", "left the service", Tone::Plain),
    ("relayed", "preluat de serviciul destinatarului", "relayed", Tone::Plain),
    ("consigned", "la dispoziția destinatarului", "at the recipient's disposal", Tone::Plain),
    ("announced", "destinatarul este întrebat", "the recipient is asked", Tone::Plain),
    ("pending", "urmează prima încercare", "the first attempt is due", Tone::Plain),
    ("waiting", "așteaptă reîncercarea", "waits for another attempt", Tone::Warn),
    ("unknown", "răspunsul s-a pierdut", "the answer was lost", Tone::Warn),
    ("silent", "serviciul destinatarului nu a comunicat", "the recipient's service is silent", Tone::Bad),
    ("expired", "neridicat în termen", "expired", Tone::Bad),
    ("refused", "refuzat", "refused", Tone::Bad),
    ("not_consigned", "nu a putut fi pus la dispoziție", "could not be consigned", Tone::Bad),
    ("failed", "nepredat în termen", "failed", Tone::Bad),
];

/// The words of a state.
pub(super) fn words(visit: &Visit, state: &str) -> (String, Tone) {
    let known = STATES.iter().find(|(held, ..)| *held == state);
    known.map_or((state.to_owned(), Tone::Plain), |(_, ro, en, tone)| (visit.say(ro, en).to_owned(), *tone))
}

struct Messages;

#[async_trait]
impl List for Messages {
    fn title(&self, visit: &Visit) -> String {
        visit.say("Mesaje", "Messages").to_owned()
    }

    fn lead(&self, visit: &Visit) -> String {
        let (ro, en) = (
            "Ce a trimis și a primit instituția; fără o zi anume, din ultimele trei luni. Căutarea se face după id sau număr de înregistrare.",
            "What the institution sent and received; of the last three months where no day is named. Search by id or register number.",
        );
        visit.say(ro, en).to_owned()
    }

    fn columns(&self) -> Vec<Column> {
        vec![
            column("Venit la", "Came at"),
            column("Stare", "State"),
            column("Tip", "Type"),
            column("Număr", "Number"),
            column("De la", "From"),
            column("Către", "To"),
            column("Sistem", "System"),
        ]
    }

    fn file(&self) -> &'static str {
        "mesaje"
    }

    fn empty(&self, visit: &Visit, filtered: bool) -> Empty {
        let (ro, en) = if filtered {
            (
                "Schimbați filtrele sau perioada. Dacă pagina are „Mai departe”, căutarea continuă în mesajele mai vechi.",
                "Change filters or days. Where the page offers \"Further\", the search goes on in older messages.",
            )
        } else {
            (
                "Un mesaj apare aici îndată ce un sistem îl trimite la POST /v1/messages; probați pe terenul de probă.",
                "A message appears here as soon as a system sends it to POST /v1/messages; try the playground.",
            )
        };
        Empty {
            title: visit.say("Niciun mesaj", "No messages").to_owned(),
            how: visit.say(ro, en).to_owned(),
            act: None,
        }
    }

    fn filters(&self, visit: &Visit) -> Vec<Filter> {
        let states = STATES.iter().map(|(state, ro, en, _)| ((*state).to_owned(), visit.say(ro, en).to_owned()));
        let filter = |name, (ro, en), kind| Filter { name, label: visit.say(ro, en).to_owned(), kind };
        vec![
            filter("q", ("Id sau număr", "Id or number"), Kind::Text),
            filter("state", ("Starea", "State"), Kind::Choice(states.collect())),
            filter("type", ("Tipul documentului", "Document type"), Kind::Text),
            filter("system", ("Sistemul", "System"), Kind::Text),
            filter("from", ("De la", "From"), Kind::Day),
            filter("to", ("Până la", "To"), Kind::Day),
        ]
    }

    fn live(&self) -> bool {
        true
    }

    async fn part(&self, visit: &Visit, asked: &Asked, after: Option<&str>, limit: usize) -> Result<Part, Fault> {
        let limit = limit.to_string();
        let mut added = vec![("limit", limit.as_str())];
        added.extend(after.map(|after| ("after", after)));
        let query = asked.query(&["q", "state", "type", "system", "from", "to"], &added);
        let found: Found = visit.get(format!("/v1/exchanges?{query}")).read().await?;
        Ok(Part { rows: found.items.iter().map(|message| row(visit, message)).collect(), next: found.next })
    }
}

fn row(visit: &Visit, message: &Message) -> Row {
    let rank = |state: &str| STATES.iter().position(|(held, ..)| *held == state);
    let worst = message.deliveries.iter().max_by_key(|delivery| rank(&delivery.state));
    let (text, tone) =
        worst.map_or((visit.say("preluat", "accepted").to_owned(), Tone::Plain), |one| words(visit, &one.state));
    let recipients: Vec<&str> =
        message.deliveries.iter().map(|one| one.recipient_name.as_deref().unwrap_or(&one.recipient)).collect();
    let mut systems: Vec<&str> = message.deliveries.iter().filter_map(|one| one.system.as_deref()).collect();
    systems.dedup();
    let way = if message.direction == "sent" { visit.say("trimis", "sent") } else { visit.say("primit", "received") };
    let number = message.sender_registration.as_ref();
    let number =
        number.map_or_else(String::new, |given| format!("{} / {}", given.number, crate::moment::day(&given.date)));
    let cells = vec![
        Cell::Moment(message.submitted_at.clone()),
        Cell::Badge(text, tone),
        Cell::Code(message.document_type.clone()),
        Cell::text(number),
        Cell::Two(message.sender_name.clone().unwrap_or_else(|| message.sender.clone()), way.to_owned()),
        Cell::text(recipients.join(", ")),
        Cell::Code(systems.join(", ")),
    ];
    Row::to(format!("/console/messages/{}", message.message_id), cells)
}

/// The list.
///
/// # Errors
/// The visitor may not see it, or the hub cannot answer.
pub async fn list(visit: Visit, asked: Asked) -> Answer {
    list::show(&visit, &asked, &Messages).await
}
