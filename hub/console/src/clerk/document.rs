//! `/console/documents/{message}`: one document, what it is, where it is now, and what can be done with it.

use axum::extract::Path;
use axum::http::{HeaderMap, StatusCode, header};
use serde_json::Value;

use crate::asking::piece;
use crate::fault::Fault;
use crate::form::Filled;
use crate::list::Tone;
use crate::moment;
use crate::page::{Answer, page_with};
use crate::visit::Visit;

use super::part::SHOWN;
use super::structured::{Group, of_json, of_xml};
use super::timeline::{Event, events};
use super::words::{DELIVERY, ENTRY, either, entry_page, text, title, word};

/// Largest structured part that is shown as facts, in bytes; larger ones are downloaded.
const LARGEST: u64 = 2 * 1024 * 1024;

/// A way to a recipient.
struct Way {
    name: String,
    state: String,
    tone: Tone,
    number: String,
    until: String,
    reason: String,
}

/// A part of the document.
struct Part {
    name: String,
    role: String,
    size: String,
    href: String,
}

/// An entry in the visitor's registers.
struct Held {
    href: String,
    shown: String,
    state: String,
    tone: Tone,
    owner: String,
    due: String,
    basis: String,
}

/// A document that belongs to this one.
struct Related {
    relation: &'static str,
    href: String,
    shown: String,
    subject: String,
}

/// What the visitor can do as the recipient.
struct Settling {
    delivery: String,
    /// It was announced, and waits for consent.
    asks: bool,
    /// The institution keeps its own register, and must say its number.
    own_number: bool,
}

#[derive(askama::Template)]
#[template(path = "clerk/document.html")]
struct Page<'a> {
    v: &'a Visit,
    id: String,
    subject: String,
    sentence: String,
    state: (String, Tone),
    theirs: String,
    own: String,
    purpose: String,
    basis: String,
    ways: Vec<Way>,
    events: Vec<Event>,
    parts: Vec<Part>,
    /// The part that is shown in a frame.
    framed: Option<String>,
    groups: Vec<Group>,
    held: Vec<Held>,
    related: Vec<Related>,
    references: Vec<String>,
    settling: Option<Settling>,
    hidden: bool,
    reply: Option<String>,
    today: String,
    refused: Option<(Fault, &'a Filled)>,
}

impl Page<'_> {
    fn filled(&self, name: &str) -> &str {
        self.refused.as_ref().map_or("", |(_, filled)| filled.get(name))
    }

    fn fault(&self) -> Option<&Fault> {
        self.refused.as_ref().map(|(fault, _)| fault)
    }
}

/// The page.
///
/// # Errors
/// There is no such document, or it is another institution's.
pub async fn show(visit: Visit, Path(message): Path<String>, headers: HeaderMap) -> Answer {
    // Whoever follows the page asks for it again and again, and opens nothing by that.
    let opened = headers.contains_key(header::ACCEPT);
    shown(&visit, &message, opened, None).await
}

/// The page, with the content where it is opened, and with what was refused of a form on it.
pub(super) async fn shown(visit: &Visit, message: &str, opened: bool, refused: Option<(Fault, &Filled)>) -> Answer {
    let id = piece(message);
    let told = visit.get(format!("/v1/messages/{id}")).value().await?;
    let chain = visit.get(format!("/v1/messages/{id}/evidence")).maybe().await?.unwrap_or_default();
    let deliveries = told["deliveries"].as_array().map(Vec::as_slice).unwrap_or_default();
    let mine = deliveries.iter().find(|one| one["mine"] == true).filter(|_| told["mine"] != true);
    let hidden = mine.is_some_and(|one| one["shown"] != true);
    if let Some(delivery) = mine.filter(|one| opened && ["announced", "consigned"].contains(&text(one, "state"))) {
        // That the recipient looked at what waits is an event of the document.
        visit.get(format!("/v1/inbox/{}", text(delivery, "id"))).maybe().await?;
    }
    let parts = told["parts"].as_array().map(Vec::as_slice).unwrap_or_default();
    let groups = if opened && !hidden { facts(visit, &id, &told, parts).await? } else { Vec::new() };
    let framed = parts.iter().find(|part| SHOWN.contains(&text(part, "content_type"))).filter(|_| !hidden);
    let link = |part: &Value| format!("/console/documents/{id}/parts/{}", piece(text(part, "name")));
    let own = mine.or_else(|| deliveries.first().filter(|_| deliveries.len() == 1));
    let own = own.map(|one| number(visit, &one["recipient_registration"])).unwrap_or_default();
    let status = if refused.is_some() { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
    let page = Page {
        v: visit,
        subject: text(&told, "subject").to_owned(),
        sentence: sentence(visit, &told, deliveries),
        state: standing(visit, mine, deliveries),
        theirs: number(visit, &told["sender_registration"]),
        own,
        purpose: text(&told, "purpose").to_owned(),
        basis: text(&told, "legal_basis").to_owned(),
        ways: deliveries.iter().map(|one| way(visit, one)).collect(),
        events: events(visit, &chain, deliveries),
        parts: parts.iter().map(|part| described(part, if hidden { String::new() } else { link(part) })).collect(),
        framed: framed.map(link),
        groups,
        held: told["entries"].as_array().into_iter().flatten().map(|one| held(visit, one)).collect(),
        related: related(visit, &told),
        references: told["references"].as_array().into_iter().flatten().map(|one| number(visit, one)).collect(),
        settling: mine.filter(|_| visit.may("inbox.settle")).and_then(settling),
        hidden,
        reply: (mine.is_some() && !hidden && visit.may("messages.send")).then(|| format!("/console/new?reply={id}")),
        today: moment::today(visit.desk.hub.now()).to_string(),
        id,
        refused,
    };
    Ok(page_with(status, &page))
}

/// `nr. 12 din 22.11.2026` of a registration; empty where there is none.
fn number(visit: &Visit, registration: &Value) -> String {
    let (number, date) = (text(registration, "number"), text(registration, "date"));
    if number.is_empty() {
        return String::new();
    }
    let (no, of) = (visit.say("nr.", "no."), visit.say("din", "of"));
    format!("{no} {number} {of} {}", moment::day(date))
}

/// What it is and where it is now, in one sentence.
fn sentence(visit: &Visit, told: &Value, deliveries: &[Value]) -> String {
    let sender = either(text(told, "sender_name"), text(told, "sender"));
    let kind = title(visit, told);
    let at = moment::moment(text(told, "submitted_at"));
    let numbered = number(visit, &told["sender_registration"]);
    let now = match deliveries {
        [] => visit.say("se pregătește livrarea", "delivery is being prepared").to_owned(),
        [one] => {
            let name = either(text(one, "recipient_name"), text(one, "recipient"));
            let (state, _) = word(visit, &DELIVERY, text(one, "state"));
            format!("{name}: {state}")
        }
        several => {
            let taken = several.iter().filter(|one| one["state"] == "handed_over").count();
            let (of, words) = (visit.say("din", "of"), visit.say("destinatari l-au preluat", "recipients took it"));
            format!("{taken} {of} {} {words}", several.len())
        }
    };
    match visit.language {
        crate::visit::Language::Romanian => {
            format!("Document de tip „{kind}”, trimis de {sender} la {at}, cu {numbered}. Acum: {now}.")
        }
        crate::visit::Language::English => {
            format!("A document of type \"{kind}\", sent by {sender} on {at}, with {numbered}. Now: {now}.")
        }
    }
}

fn standing(visit: &Visit, mine: Option<&Value>, deliveries: &[Value]) -> (String, Tone) {
    match mine.or(deliveries.first()) {
        Some(one) if mine.is_some() || deliveries.len() == 1 => word(visit, &DELIVERY, text(one, "state")),
        Some(_) => (format!("{} {}", deliveries.len(), visit.say("destinatari", "recipients")), Tone::Plain),
        None => (visit.say("înregistrat", "registered").to_owned(), Tone::Plain),
    }
}

fn way(visit: &Visit, one: &Value) -> Way {
    let (state, tone) = word(visit, &DELIVERY, text(one, "state"));
    Way {
        name: either(text(one, "recipient_name"), text(one, "recipient")).to_owned(),
        state,
        tone,
        number: number(visit, &one["recipient_registration"]),
        until: one["due_at"].as_str().map(moment::moment).unwrap_or_default(),
        reason: text(one, "reason").to_owned(),
    }
}

fn described(part: &Value, href: String) -> Part {
    let size = part["size"].as_u64().unwrap_or_default();
    let size = if size < 10_240 { format!("{size} B") } else { format!("{} KB", size / 1024) };
    Part { name: text(part, "name").to_owned(), role: text(part, "role").to_owned(), size, href }
}

fn held(visit: &Visit, one: &Value) -> Held {
    let number = |name: &str| one[name].as_i64().unwrap_or_default();
    let (state, tone) = match (text(one, "direction"), text(one, "status")) {
        // What went out is nobody's to work on.
        ("in", status) => word(visit, &ENTRY, status),
        (_, "registered") => (visit.say("înregistrat la ieșire", "registered as sent").to_owned(), Tone::Good),
        (_, status) => word(visit, &ENTRY, status),
    };
    let owner = [text(one, "unit"), text(one, "person")].into_iter().filter(|text| !text.is_empty());
    Held {
        href: entry_page(text(one, "register"), number("year"), number("number")),
        shown: format!("{} {}/{}", text(one, "register"), text(one, "shown"), number("year")),
        state,
        tone,
        owner: owner.collect::<Vec<_>>().join(" · "),
        due: text(one, "due_on").to_owned(),
        basis: text(one, "basis").to_owned(),
    }
}

/// Words in Romanian and English.
type Both = (&'static str, &'static str);

/// How documents belong to each other: the word, and both directions in both languages.
const RELATIONS: [(&str, Both, Both); 4] = [
    ("answers", ("răspunde la", "answers"), ("primește răspuns prin", "is answered by")),
    ("replaces", ("înlocuiește", "replaces"), ("este înlocuit de", "is replaced by")),
    ("repeats", ("repetă", "repeats"), ("este repetat de", "is repeated by")),
    ("belongs_to", ("ține de", "belongs to"), ("cuprinde", "has with it")),
];

fn related(visit: &Visit, told: &Value) -> Vec<Related> {
    let entries = told["entries"].as_array().into_iter().flatten();
    let all = entries.flat_map(|entry| entry["related"].as_array().into_iter().flatten());
    let one = |one: &Value| {
        let number = |name: &str| one[name].as_i64().unwrap_or_default();
        let known = RELATIONS.iter().find(|(code, ..)| *code == text(one, "relation"));
        let relation =
            known.map_or(("legat de", "tied to"), |(_, to, from)| if one["backward"] == true { *from } else { *to });
        let entry = entry_page(text(one, "register"), number("year"), number("number"));
        Related {
            relation: visit.language.of(relation.0, relation.1),
            href: one["message_id"].as_str().map_or(entry, |id| format!("/console/documents/{id}")),
            shown: format!("{}/{}", text(one, "shown"), number("year")),
            subject: text(one, "subject").to_owned(),
        }
    };
    all.map(one).collect()
}

fn settling(delivery: &Value) -> Option<Settling> {
    let state = text(delivery, "state");
    ["announced", "consigned"].contains(&state).then(|| Settling {
        delivery: text(delivery, "id").to_owned(),
        asks: state == "announced",
        own_number: delivery["recipient_registration"].is_null(),
    })
}

/// What the structured parts say.
async fn facts(visit: &Visit, id: &str, told: &Value, parts: &[Value]) -> Result<Vec<Group>, Fault> {
    let small = |part: &&Value| part["size"].as_u64().is_some_and(|size| size <= LARGEST);
    let mut groups = Vec::new();
    for part in parts.iter().filter(small) {
        let (kind, body) = (text(part, "content_type"), text(part, "role") == "body");
        let (json, xml) = (kind == "application/json", matches!(kind, "application/xml" | "text/xml"));
        if !(json || xml) {
            continue;
        }
        let asked = visit.get(format!("/v1/messages/{id}/parts/{}", piece(text(part, "name"))));
        let Ok((_, bytes)) = asked.raw().await else { continue };
        if json {
            let Ok(value) = serde_json::from_slice::<Value>(&bytes) else { continue };
            let schema = if body { schema_of(visit, told).await? } else { Value::Null };
            groups.extend(of_json(visit, &value, &schema));
        } else if let Ok(text) = std::str::from_utf8(&bytes) {
            groups.extend(of_xml(text));
        }
    }
    Ok(groups)
}

async fn schema_of(visit: &Visit, told: &Value) -> Result<Value, Fault> {
    let types = visit.get("/v1/document-types").value().await?;
    let is = |one: &&Value| {
        one["document_type"] == told["document_type"] && one["document_version"] == told["document_version"]
    };
    let found = types["document_types"].as_array().into_iter().flatten().find(is);
    Ok(found.map(|one| super::schema::parsed(&one["schema"])).unwrap_or_default())
}
