//! `/console/inbox`: what came in.

use async_trait::async_trait;
use serde_json::Value;

use crate::fault::Fault;
use crate::list::{self, Act, Asked, Cell, Column, Empty, Filter, Kind, List, Part, Row, Tab, column};
use crate::page::Answer;
use crate::visit::Visit;

use super::words::{DELIVERY, either, options, text, title, types, word};

struct Inbox {
    types: Vec<(String, String)>,
}

/// Views of the inbox: state, Romanian, English.
const VIEWS: [(&str, &str, &str); 4] = [
    ("", "Toate", "All"),
    ("consigned", "De preluat", "To be taken"),
    ("announced", "De acceptat", "To be accepted"),
    ("handed_over", "Preluate", "Taken"),
];

#[async_trait]
impl List for Inbox {
    fn title(&self, visit: &Visit) -> String {
        visit.say("Documente sosite", "Inbox").to_owned()
    }

    fn lead(&self, visit: &Visit) -> String {
        visit
            .say(
                "Ce a sosit pentru instituție: de la cine, cu ce numere, până când.",
                "What came in for the institution: from whom, under which numbers, until when.",
            )
            .to_owned()
    }

    fn columns(&self) -> Vec<Column> {
        vec![
            column("Număr", "Number"),
            column("Obiectul", "Subject"),
            column("Expeditorul", "Sender"),
            column("Stare", "State"),
            column("A sosit", "Came"),
            column("Termen", "Due"),
        ]
    }

    fn file(&self) -> &'static str {
        "documente-sosite"
    }

    fn empty(&self, visit: &Visit, filtered: bool) -> Empty {
        if filtered {
            return Empty {
                title: visit.say("Nimic nu se potrivește", "Nothing fits").to_owned(),
                how: visit
                    .say(
                        "Lărgiți filtrele; dacă vedeți „Mai departe”, căutarea continuă în documentele mai vechi.",
                        "Widen the filters; where you see \"Further\", the search goes on in older documents.",
                    )
                    .to_owned(),
                act: None,
            };
        }
        Empty {
            title: visit.say("Nu așteaptă nimic", "Nothing waits").to_owned(),
            how: visit
                .say(
                    "Documentele trimise instituției apar aici îndată ce sosesc.",
                    "Documents sent to the institution appear here as soon as they come.",
                )
                .to_owned(),
            act: None,
        }
    }

    fn filters(&self, visit: &Visit) -> Vec<Filter> {
        let filter = |name, ro, en, kind| Filter { name, label: visit.say(ro, en).to_owned(), kind };
        vec![
            filter("q", "Obiect sau număr", "Subject or number", Kind::Text),
            filter("sender", "Expeditor", "Sender", Kind::Text),
            filter("document_type", "Tip de document", "Document type", Kind::Choice(self.types.clone())),
            filter("state", "Starea", "State", Kind::Choice(options(visit, &DELIVERY))),
            filter("from", "De la", "From", Kind::Day),
            filter("to", "Până la", "To", Kind::Day),
        ]
    }

    fn sorts(&self, visit: &Visit) -> Vec<(String, String)> {
        super::sent::orders(visit)
    }

    fn tabs(&self, visit: &Visit, asked: &Asked) -> Vec<Tab> {
        let tab = |(state, ro, en): (&str, &str, &str)| Tab {
            label: visit.say(ro, en).to_owned(),
            href: if state.is_empty() { asked.without("state") } else { asked.with("state", state) },
            here: asked.get("state") == state,
            count: None,
        };
        VIEWS.into_iter().map(tab).collect()
    }

    fn act(&self, visit: &Visit) -> Option<Act> {
        let label = visit.say("Document nou", "New document").to_owned();
        visit.may("messages.send").then(|| Act { href: "/console/new".to_owned(), label })
    }

    fn live(&self) -> bool {
        true
    }

    async fn part(&self, visit: &Visit, asked: &Asked, after: Option<&str>, limit: usize) -> Result<Part, Fault> {
        let mut added = super::sent::going_on(asked, after, limit);
        if asked.some("state").is_none() {
            added.push(("state", "all".to_owned()));
        }
        let added: Vec<(&str, &str)> = added.iter().map(|(name, value)| (*name, value.as_str())).collect();
        let query = asked.query(&["state", "q", "sender", "document_type", "from", "to"], &added);
        let came = visit.get(format!("/v1/inbox?{query}")).value().await?;
        let rows = came["items"].as_array().into_iter().flatten().map(|one| row(visit, one)).collect();
        Ok(Part { rows, next: came["next"].as_str().map(str::to_owned) })
    }
}

fn row(visit: &Visit, one: &Value) -> Row {
    let (state, tone) = word(visit, &DELIVERY, text(one, "state"));
    let own = text(&one["recipient_registration"], "number");
    let none = visit.say("fără număr încă", "no number yet");
    let theirs = format!("{} {}", visit.say("nr.", "no."), text(&one["sender_registration"], "number"));
    let due = text(&one["entry"], "due_on");
    Row::to(
        format!("/console/documents/{}", text(one, "message_id")),
        vec![
            Cell::Code(either(own, none).to_owned()),
            Cell::Two(text(one, "subject").to_owned(), title(visit, one)),
            Cell::Two(either(text(one, "sender_name"), text(one, "sender")).to_owned(), theirs),
            Cell::Badge(state, tone),
            Cell::Moment(text(one, "submitted_at").to_owned()),
            match (due, one["due_at"].as_str()) {
                ("", Some(until)) => {
                    Cell::Two(crate::moment::moment(until), visit.say("de preluat", "to be taken").into())
                }
                ("", None) => Cell::text(""),
                (day, _) => Cell::Day(day.to_owned()),
            },
        ],
    )
}

/// The list.
///
/// # Errors
/// The visitor may not see it, or the hub cannot answer.
pub async fn show(visit: Visit, asked: Asked) -> Answer {
    let types = types(&visit).await?;
    list::show(&visit, &asked, &Inbox { types }).await
}
