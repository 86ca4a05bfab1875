//! `/console/registers/{register}?year=`: the register book, in order of number.

use std::collections::BTreeMap;

use async_trait::async_trait;
use axum::extract::Path;
use serde_json::Value;

use crate::asking::piece;
use crate::fault::Fault;
use crate::list::{self, Act, Asked, Cell, Column, Empty, Filter, Kind, List, Part, Row, Tab, Tone, column};
use crate::page::Answer;
use crate::visit::Visit;

use super::reading::{listed, text};
use super::words::{DIRECTIONS, STATUSES, choices, left, tone, word};

/// Terms that are asked for beside a page of entries: the soonest of the institution.
const TERMS: usize = 1000;

/// A year of a register.
struct Book {
    register: Value,
    year: String,
}

impl Book {
    fn id(&self) -> String {
        text(&self.register, "id")
    }

    fn place(&self) -> String {
        format!("/console/registers/{}", piece(&self.id()))
    }
}

#[async_trait]
impl List for Book {
    fn title(&self, visit: &Visit) -> String {
        format!("{}, {} {}", text(&self.register, "title"), visit.say("anul", "year"), self.year)
    }

    fn lead(&self, visit: &Visit) -> String {
        let basis = text(&self.register, "legal_basis");
        let said = visit.say(
            "Toate numerele, în ordinea înregistrării; un număr dat nu dispare.",
            "All numbers, in order of registration; a number that was given does not vanish.",
        );
        if basis.is_empty() { said.to_owned() } else { format!("{said} {basis}.") }
    }

    fn columns(&self) -> Vec<Column> {
        vec![
            column("Număr", "Number"),
            column("Data", "Date"),
            column("Sens", "Direction"),
            column("Corespondent", "Correspondent"),
            column("Obiect", "Subject"),
            column("Compartiment", "Unit"),
            column("Stare", "State"),
            column("Termen", "Deadline"),
        ]
    }

    fn file(&self) -> &'static str {
        "registru"
    }

    fn empty(&self, visit: &Visit, filtered: bool) -> Empty {
        let (title, how) = if filtered {
            visit_both(
                visit,
                ("Nimic cu aceste filtre", "Ștergeți un filtru sau alegeți alt an."),
                ("Nothing with these filters", "Remove a filter, or choose another year."),
            )
        } else {
            visit_both(
                visit,
                (
                    "Niciun număr în acest an",
                    "Primul document înregistrat, sosit prin hub sau adus la ghișeu, primește primul număr.",
                ),
                (
                    "No number in this year",
                    "The first document, come by the hub or brought to the counter, gets the first number.",
                ),
            )
        };
        Empty { title, how, act: None }
    }

    fn filters(&self, visit: &Visit) -> Vec<Filter> {
        let filter = |name, ro, en, kind| Filter { name, label: visit.say(ro, en).to_owned(), kind };
        vec![
            filter("words", "Cuvinte din obiect", "Words of the subject", Kind::Text),
            filter("counterpart", "Corespondent", "Correspondent", Kind::Text),
            filter("status", "Starea", "State", Kind::Choice(choices(visit, &STATUSES))),
            filter("unit", "Compartiment", "Unit", Kind::Text),
            filter("since", "De la", "From", Kind::Day),
            filter("until", "Până la", "Until", Kind::Day),
        ]
    }

    fn tabs(&self, visit: &Visit, _: &Asked) -> Vec<Tab> {
        let tab = |label: String, href: String, here: bool| Tab { label, href, here, count: None };
        let years = listed(&self.register, "years").map(|year| text(year, "year"));
        let mut tabs: Vec<Tab> =
            years.map(|year| tab(year.clone(), format!("{}?year={year}", self.place()), year == self.year)).collect();
        tabs.reverse();
        if visit.may("registers.export") && !tabs.is_empty() {
            let href = format!("{}/{}/file", self.place(), self.year);
            tabs.push(tab(visit.say("Tipărire și fișiere", "Print and files").to_owned(), href, false));
        }
        if !tabs.is_empty() {
            let href = format!("{}/{}/closing", self.place(), self.year);
            tabs.push(tab(visit.say("Închiderea anului", "Closing the year").to_owned(), href, false));
        }
        tabs
    }

    fn act(&self, visit: &Visit) -> Option<Act> {
        visit.may("registers.enter").then(|| Act {
            href: format!("{}/new", self.place()),
            label: visit.say("Înregistrează un document", "Register a document").to_owned(),
        })
    }

    async fn part(&self, visit: &Visit, asked: &Asked, after: Option<&str>, limit: usize) -> Result<Part, Fault> {
        let size = limit.to_string();
        let mut added = vec![("year", self.year.as_str()), ("limit", size.as_str())];
        added.extend(after.map(|after| ("from", after)));
        let query = asked.query(&["words", "counterpart", "status", "unit", "since", "until"], &added);
        let found =
            super::purpose::open(visit, format!("/v1/registers/{}/entries?{query}", piece(&self.id()))).value().await?;
        let terms =
            if visit.may("deadlines.read") { terms(visit, &self.id(), &self.year).await? } else { BTreeMap::new() };
        Ok(self.shown(visit, &found, &terms, limit))
    }
}

impl Book {
    /// Entries, and what was imported of the register kept before, in one order; as far as both were read to the same number.
    fn shown(&self, visit: &Visit, found: &Value, terms: &BTreeMap<i64, (String, bool)>, limit: usize) -> Part {
        let imported: Vec<i64> = listed(found, "imported").map(number).collect();
        let imported = if imported.len() >= limit { imported.last().copied() } else { None };
        let last = [found["next"].as_i64().map(|next| next - 1), imported].into_iter().flatten().min();
        let fits = |entry: &&Value| last.is_none_or(|last| number(entry) <= last);
        let own = listed(found, "entries").filter(fits).map(|entry| (number(entry), self.row(visit, entry, terms)));
        let before = listed(found, "imported").filter(fits).map(|entry| (number(entry), old(visit, entry)));
        let mut rows: Vec<(i64, Row)> = own.chain(before).collect();
        rows.sort_by_key(|(number, _)| *number);
        Part { rows: rows.into_iter().map(|(_, row)| row).collect(), next: last.map(|last| (last + 1).to_string()) }
    }

    fn row(&self, visit: &Visit, entry: &Value, terms: &BTreeMap<i64, (String, bool)>) -> Row {
        let status = text(entry, "status");
        let term = entry["number"].as_i64().and_then(|number| terms.get(&number));
        let term = term.map_or(Cell::text(""), |(due_on, suspended)| {
            let (words, tone) = left(visit, due_on, *suspended);
            Cell::Badge(words, tone)
        });
        let theirs = text(&entry["counterpart_registration"], "number");
        Row::to(
            format!("{}/{}/{}", self.place(), self.year, text(entry, "number")),
            vec![
                Cell::Code(text(entry, "shown")),
                Cell::Moment(text(entry, "recorded_at")),
                Cell::text(word(visit, &DIRECTIONS, &text(entry, "direction"))),
                Cell::Two(text(entry, "counterpart"), theirs),
                Cell::text(text(entry, "subject")),
                Cell::text(text(entry, "unit")),
                Cell::Badge(word(visit, &STATUSES, &status), tone(&STATUSES, &status)),
                term,
            ],
        )
    }
}

/// The number in whose order an entry stands; of old registers the digits it begins with.
fn number(entry: &Value) -> i64 {
    let digits = |text: &str| text.chars().take_while(char::is_ascii_digit).take(18).collect::<String>();
    let written = entry["number"].as_str().and_then(|text| digits(text).parse().ok());
    entry["number"].as_i64().or(written).unwrap_or_default()
}

/// A row of a register kept before the hub.
fn old(visit: &Visit, entry: &Value) -> Row {
    let either =
        |names: &[&str]| names.iter().map(|name| text(entry, name)).find(|text| !text.is_empty()).unwrap_or_default();
    Row::of(vec![
        Cell::Code(text(entry, "number")),
        Cell::Day(text(entry, "date")),
        Cell::text(word(visit, &DIRECTIONS, &text(entry, "direction"))),
        Cell::text(either(&["issuer", "addressee"])),
        Cell::text(text(entry, "subject")),
        Cell::text(text(entry, "unit")),
        Cell::Badge(visit.say("din registrul vechi", "from the old register").to_owned(), Tone::Plain),
        Cell::text(""),
    ])
}

fn visit_both(visit: &Visit, ro: (&str, &str), en: (&str, &str)) -> (String, String) {
    (visit.say(ro.0, en.0).to_owned(), visit.say(ro.1, en.1).to_owned())
}

/// The terms that run in a year of a register: last day, and whether it stands.
async fn terms(visit: &Visit, register: &str, year: &str) -> Result<BTreeMap<i64, (String, bool)>, Fault> {
    let Some(found) = visit.get(format!("/v1/deadlines?limit={TERMS}")).maybe().await? else {
        return Ok(BTreeMap::new());
    };
    let here = listed(&found, "deadlines").filter(|due| text(due, "register") == register && text(due, "year") == year);
    Ok(here
        .filter_map(|due| Some((due["number"].as_i64()?, (text(due, "due_on"), due["suspended"] == true))))
        .collect())
}

/// The book of a year: the one asked for, else the newest there is.
///
/// # Errors
/// The institution has no such register, or the visitor may not see it.
pub async fn show(visit: Visit, asked: Asked, Path(register): Path<String>) -> Answer {
    let register = visit.get(format!("/v1/registers/{}", piece(&register))).value().await?;
    let newest = listed(&register, "years").filter_map(|year| year["year"].as_i64()).max();
    let this = i64::from(crate::moment::today(visit.desk.hub.now()).year());
    let wanted = asked.get("year").parse::<i64>().ok();
    let year = wanted.or(newest).unwrap_or(this).to_string();
    super::purpose::or_asked(&visit, list::show(&visit, &asked, &Book { register, year }).await)
}
