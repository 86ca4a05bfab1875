//! `/console/sent`: what the institution sent, and where it is.

use async_trait::async_trait;
use serde_json::Value;

use crate::fault::Fault;
use crate::list::{self, Act, Asked, Cell, Column, Empty, Filter, Kind, List, Part, Row, Tone, column};
use crate::page::Answer;
use crate::visit::Visit;

use super::words::{DELIVERY, either, options, text, title, types, word};

struct Sent {
    types: Vec<(String, String)>,
}

/// The two orders of a list.
pub(super) fn orders(visit: &Visit) -> Vec<(String, String)> {
    let order = |value: &str, ro, en| (value.to_owned(), visit.say(ro, en).to_owned());
    vec![order("newest", "cele mai noi întâi", "newest first"), order("oldest", "cele mai vechi întâi", "oldest first")]
}

/// What leads the API to the rows after a key, in the order that was asked for.
pub(super) fn going_on(asked: &Asked, after: Option<&str>, limit: usize) -> Vec<(&'static str, String)> {
    let oldest = asked.get("sort") == "oldest";
    let mut added = vec![("limit", limit.to_string()), ("order", if oldest { "oldest" } else { "newest" }.to_owned())];
    if let Some(after) = after {
        added.push((if oldest { "after" } else { "before" }, after.to_owned()));
    }
    added
}

#[async_trait]
impl List for Sent {
    fn title(&self, visit: &Visit) -> String {
        visit.say("Documente trimise", "Sent documents").to_owned()
    }

    fn lead(&self, visit: &Visit) -> String {
        visit
            .say(
                "Ce a trimis instituția: cui, unde a ajuns, cu ce numere.",
                "What the institution sent: to whom, how far it came, under which numbers.",
            )
            .to_owned()
    }

    fn columns(&self) -> Vec<Column> {
        vec![
            column("Număr", "Number"),
            column("Obiectul", "Subject"),
            column("Destinatarul", "Recipient"),
            column("Stare", "State"),
            column("Trimis", "Sent"),
        ]
    }

    fn file(&self) -> &'static str {
        "documente-trimise"
    }

    fn empty(&self, visit: &Visit, filtered: bool) -> Empty {
        let (ro, en) = if filtered {
            (
                "Lărgiți filtrele, sau mergeți mai departe la cele mai vechi.",
                "Widen the filters, or go on to older ones.",
            )
        } else {
            (
                "Scrieți un document: hubul îl înregistrează, îl livrează și dovedește fiecare pas.",
                "Write a document: the hub registers it, delivers it and proves every step.",
            )
        };
        let act = Act { href: "/console/new".to_owned(), label: visit.say("Document nou", "New document").to_owned() };
        Empty {
            title: visit.say("Niciun document trimis", "No document was sent").to_owned(),
            how: visit.say(ro, en).to_owned(),
            act: (!filtered && visit.may("messages.send")).then_some(act),
        }
    }

    fn filters(&self, visit: &Visit) -> Vec<Filter> {
        let filter = |name, ro, en, kind| Filter { name, label: visit.say(ro, en).to_owned(), kind };
        vec![
            filter("q", "Obiect sau număr", "Subject or number", Kind::Text),
            filter("recipient", "Destinatar", "Recipient", Kind::Text),
            filter("document_type", "Tip de document", "Document type", Kind::Choice(self.types.clone())),
            filter("state", "Starea livrării", "Delivery", Kind::Choice(options(visit, &DELIVERY))),
            filter("from", "De la", "From", Kind::Day),
            filter("to", "Până la", "To", Kind::Day),
        ]
    }

    fn sorts(&self, visit: &Visit) -> Vec<(String, String)> {
        orders(visit)
    }

    fn act(&self, visit: &Visit) -> Option<Act> {
        let label = visit.say("Document nou", "New document").to_owned();
        visit.may("messages.send").then(|| Act { href: "/console/new".to_owned(), label })
    }

    fn live(&self) -> bool {
        true
    }

    async fn part(&self, visit: &Visit, asked: &Asked, after: Option<&str>, limit: usize) -> Result<Part, Fault> {
        let added = going_on(asked, after, limit);
        let added: Vec<(&str, &str)> = added.iter().map(|(name, value)| (*name, value.as_str())).collect();
        let query = asked.query(&["state", "q", "recipient", "document_type", "from", "to"], &added);
        let sent = visit.get(format!("/v1/messages?{query}")).value().await?;
        let rows = sent["items"].as_array().into_iter().flatten().map(|one| row(visit, one)).collect();
        Ok(Part { rows, next: sent["next"].as_str().map(str::to_owned) })
    }
}

fn row(visit: &Visit, one: &Value) -> Row {
    let to = one["recipients"].as_array().map(Vec::as_slice).unwrap_or_default();
    let (names, numbers, state) = match to {
        [only] => {
            let number = text(&only["recipient_registration"], "number");
            let number =
                if number.is_empty() { String::new() } else { format!("{} {number}", visit.say("nr.", "no.")) };
            (either(text(only, "name"), text(only, "party")).to_owned(), number, delivery(visit, only))
        }
        several => {
            let taken = several.iter().filter(|to| to["state"] == "handed_over").count();
            let names: Vec<&str> =
                several.iter().take(3).map(|to| either(text(to, "name"), text(to, "party"))).collect();
            let rest = several.len().saturating_sub(names.len());
            let rest = if rest > 0 { format!(" {} {rest}", visit.say("și încă", "and")) } else { String::new() };
            let tone = if taken == several.len() { Tone::Good } else { Tone::Plain };
            let told = format!("{taken}/{} {}", several.len(), visit.say("preluate", "taken"));
            (names.join(", ") + &rest, String::new(), (told, tone))
        }
    };
    Row::to(
        format!("/console/documents/{}", text(one, "message_id")),
        vec![
            Cell::Code(text(&one["sender_registration"], "number").to_owned()),
            Cell::Two(text(one, "subject").to_owned(), title(visit, one)),
            Cell::Two(names, numbers),
            Cell::Badge(state.0, state.1),
            Cell::Moment(text(one, "submitted_at").to_owned()),
        ],
    )
}

fn delivery(visit: &Visit, to: &Value) -> (String, Tone) {
    match to["state"].as_str() {
        Some(state) => word(visit, &DELIVERY, state),
        None => (visit.say("înregistrat", "registered").to_owned(), Tone::Plain),
    }
}

/// The list.
///
/// # Errors
/// The visitor may not see it, or the hub cannot answer.
pub async fn show(visit: Visit, asked: Asked) -> Answer {
    let types = types(&visit).await?;
    list::show(&visit, &asked, &Sent { types }).await
}
