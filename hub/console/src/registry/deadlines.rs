//! `/console/deadlines`: terms that run, soonest first; what nobody has; what people are told.

use async_trait::async_trait;
use axum::extract::Path;
use jiff::ToSpan as _;
use serde_json::Value;

use crate::asking::piece;
use crate::fault::Fault;
use crate::form::Filled;
use crate::list::{self, Asked, Cell, Column, Empty, Filter, Kind, List, Part, Row, Tab, Tone, column};
use crate::moment::today;
use crate::page::{Answer, done, page};
use crate::visit::Visit;

use super::reading::{listed, text};
use super::words::{STATUSES, left, tone, word};

/// Days ahead that are near.
const NEAR: i32 = 7;
/// The most the API tells at once.
const MOST: usize = 1000;

/// Views: value of `view`, Romanian, English, and what one must be allowed.
const VIEWS: [(&str, &str, &str, &str); 5] = [
    ("near", "Aproape", "Near", "deadlines.read"),
    ("overdue", "Depășite", "Overdue", "deadlines.read"),
    ("all", "Toate", "All", "deadlines.read"),
    ("orphans", "Fără stăpân", "Without owner", "deadlines.read"),
    ("notices", "Înștiințări", "Notices", "deadlines.notices"),
];

fn view(asked: &Asked) -> &'static str {
    VIEWS.iter().find(|(code, ..)| *code == asked.get("view")).map_or(VIEWS[0].0, |(code, ..)| code)
}

fn tabs(visit: &Visit, here: &str) -> Vec<Tab> {
    let seen = VIEWS.iter().filter(|(.., permission)| visit.may(permission));
    let tab = |(code, ro, en, _): &(&str, &str, &str, &str)| Tab {
        label: visit.say(ro, en).to_owned(),
        href: format!("/console/deadlines?view={code}"),
        here: *code == here,
        count: None,
    };
    seen.map(tab).collect()
}

fn entry(one: &Value) -> String {
    format!("/console/registers/{}/{}/{}", piece(&text(one, "register")), text(one, "year"), text(one, "number"))
}

fn said(visit: &Visit, ro: &str, en: &str) -> String {
    visit.say(ro, en).to_owned()
}

/// Terms.
struct Terms(&'static str);

#[async_trait]
impl List for Terms {
    fn title(&self, visit: &Visit) -> String {
        said(visit, "Termene", "Deadlines")
    }

    fn lead(&self, visit: &Visit) -> String {
        said(
            visit,
            "Lucrările cu termen, cele mai grabnice întâi; cele suspendate stau la urmă.",
            "Work with a term, the most urgent first; what is suspended comes last.",
        )
    }

    fn columns(&self) -> Vec<Column> {
        vec![
            column("Număr", "Number"),
            column("Timp rămas", "Time left"),
            column("Ultima zi", "Last day"),
            column("Obiect", "Subject"),
            column("La cine este", "Who has it"),
            column("Stare", "State"),
            column("Temei", "Basis"),
        ]
    }

    fn file(&self) -> &'static str {
        "termene"
    }

    fn empty(&self, visit: &Visit, _: bool) -> Empty {
        let title = match self.0 {
            "overdue" => said(visit, "Niciun termen depășit", "No term is overdue"),
            "near" => said(visit, "Niciun termen în următoarele 7 zile", "No term in the next 7 days"),
            _ => said(visit, "Niciun termen nu curge", "No term runs"),
        };
        let how = said(
            visit,
            "Termenul unei lucrări începe la înregistrare, după regula registrului ei, și apare aici până la soluționare.",
            "The term of a work begins with its registration, by the rule of its register, and stands here until it is resolved.",
        );
        Empty { title, how, act: None }
    }

    fn filters(&self, visit: &Visit) -> Vec<Filter> {
        let whose = [("me", "ale mele", "mine"), ("unit", "ale compartimentului", "of my unit")];
        let whose = whose.map(|(code, ro, en)| (code.to_owned(), said(visit, ro, en)));
        vec![Filter { name: "of", label: said(visit, "Ale cui", "Whose"), kind: Kind::Choice(whose.to_vec()) }]
    }

    fn tabs(&self, visit: &Visit, _: &Asked) -> Vec<Tab> {
        tabs(visit, self.0)
    }

    fn live(&self) -> bool {
        true
    }

    async fn part(&self, visit: &Visit, asked: &Asked, after: Option<&str>, limit: usize) -> Result<Part, Fault> {
        let most = limit.to_string();
        let near = today(visit.desk.hub.now()).checked_add(NEAR.days()).map(|day| day.to_string()).unwrap_or_default();
        let mut added = vec![("limit", most.as_str())];
        match self.0 {
            "overdue" => added.push(("overdue", "true")),
            // What is overdue has its own view.
            "near" => added.extend([("due_by", near.as_str()), ("overdue", "false")]),
            _ => {}
        }
        added.extend(after.map(|place| ("after", place)));
        let found = visit.get(format!("/v1/deadlines?{}", asked.query(&["of"], &added))).value().await?;
        let row = |due: &Value| {
            let (words, how) = left(visit, &text(due, "due_on"), due["suspended"] == true);
            let (unit, person) = (text(due, "unit"), text(due, "person"));
            let who =
                if unit.is_empty() && person.is_empty() { said(visit, "nimeni încă", "nobody yet") } else { unit };
            let status = text(due, "status");
            Row::to(
                entry(due),
                vec![
                    Cell::Code(text(due, "shown")),
                    Cell::Badge(words, how),
                    Cell::Day(text(due, "due_on")),
                    Cell::text(text(due, "subject")),
                    Cell::Two(who, person),
                    Cell::Badge(word(visit, &STATUSES, &status), tone(&STATUSES, &status)),
                    Cell::Two(text(due, "basis"), text(due, "rule")),
                ],
            )
        };
        let next = found["next"].as_str().map(str::to_owned);
        Ok(Part { rows: listed(&found, "deadlines").map(row).collect(), next })
    }
}

/// What has not ended and would not end by itself.
struct Orphans;

#[async_trait]
impl List for Orphans {
    fn title(&self, visit: &Visit) -> String {
        said(visit, "Fără stăpân", "Without owner")
    }

    fn lead(&self, visit: &Visit) -> String {
        said(
            visit,
            "Ce nu s-a încheiat și nu are pe nimeni, termen sau pas următor. Lista trebuie să fie goală.",
            "What has not ended and has nobody, no clock or no next act. The list should be empty.",
        )
    }

    fn columns(&self) -> Vec<Column> {
        vec![
            column("Ce", "What"),
            column("Ce lipsește", "What is missing"),
            column("Stare", "State"),
            column("De când", "Since"),
        ]
    }

    fn file(&self) -> &'static str {
        "fara-stapan"
    }

    fn empty(&self, visit: &Visit, _: bool) -> Empty {
        Empty {
            title: said(visit, "Nimic fără stăpân", "Nothing without owner"),
            how: said(
                visit,
                "Fiecare lucrare are pe cineva, un termen și un pas următor.",
                "Every work has somebody, a clock and a next act.",
            ),
            act: None,
        }
    }

    fn tabs(&self, visit: &Visit, _: &Asked) -> Vec<Tab> {
        tabs(visit, "orphans")
    }

    fn live(&self) -> bool {
        true
    }

    async fn part(&self, visit: &Visit, _: &Asked, _: Option<&str>, _: usize) -> Result<Part, Fault> {
        let found = visit.get(format!("/v1/orphans?limit={MOST}")).value().await?;
        let row = |one: &Value| {
            let missing = match text(one, "missing").as_str() {
                "owner" => said(visit, "cine lucrează la ea", "somebody who works on it"),
                "clock" => said(visit, "termenul", "its clock"),
                _ => said(visit, "pasul următor", "its next act"),
            };
            let status = text(one, "status");
            let cells = |what| {
                vec![
                    Cell::Code(what),
                    Cell::Badge(missing, Tone::Bad),
                    Cell::text(word(visit, &STATUSES, &status)),
                    Cell::Moment(text(one, "since")),
                ]
            };
            if text(one, "kind") == "entry" {
                let what = format!("{}/{} · {}", text(one, "number"), text(one, "year"), text(one, "register"));
                Row::to(entry(one), cells(what))
            } else {
                Row::of(cells(format!("{} {}", visit.say("livrarea", "delivery"), text(one, "delivery_id"))))
            }
        };
        Ok(Part { rows: listed(&found, "orphans").map(row).collect(), next: None })
    }
}

#[derive(askama::Template)]
#[template(path = "registry/notices.html")]
struct Notices<'a> {
    v: &'a Visit,
    tabs: Vec<Tab>,
    notices: Vec<Notice>,
}

/// A notice nobody has read.
struct Notice {
    id: String,
    href: String,
    what: String,
    kind: String,
    class: &'static str,
    due_on: String,
    whom: String,
    at: String,
}

fn notice(visit: &Visit, one: &Value) -> Notice {
    let (ro, en, tone) = match text(one, "kind").as_str() {
        "warning" => ("termenul se apropie", "the term comes near", Tone::Warn),
        "overdue" => ("termenul a trecut", "the term has passed", Tone::Bad),
        _ => ("a trecut, iar dumneavoastră ați repartizat", "it has passed, and you assigned it", Tone::Bad),
    };
    let (unit, person) = (text(one, "unit"), text(one, "person"));
    let to = if unit.is_empty() && person.is_empty() {
        said(visit, "registratura", "the registry")
    } else {
        format!("{unit} {person}")
    };
    Notice {
        id: text(one, "id"),
        href: entry(one),
        what: format!("{}/{} · {}", text(one, "number"), text(one, "year"), text(one, "register")),
        kind: visit.say(ro, en).to_owned(),
        class: tone.class(),
        due_on: text(one, "due_on"),
        whom: to,
        at: text(one, "at"),
    }
}

/// The view the address names.
///
/// # Errors
/// The visitor may not see it.
pub async fn show(visit: Visit, asked: Asked) -> Answer {
    match view(&asked) {
        "orphans" => list::show(&visit, &asked, &Orphans).await,
        "notices" => {
            let found = visit.get(format!("/v1/deadlines/notices?limit={MOST}")).value().await?;
            let notices = listed(&found, "notices").map(|one| notice(&visit, one)).collect();
            page(&Notices { v: &visit, tabs: tabs(&visit, "notices"), notices })
        }
        view => list::show(&visit, &asked, &Terms(view)).await,
    }
}

/// Says that a notice was read.
///
/// # Errors
/// The institution has no such notice.
pub async fn read(visit: Visit, Path(id): Path<String>, filled: Filled) -> Answer {
    visit.post(format!("/v1/deadlines/notices/{}/read", piece(&id))).form(filled.token()).raw().await?;
    Ok(done("/console/deadlines?view=notices", "saved"))
}
