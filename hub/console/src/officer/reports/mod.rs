//! `/console/reports`: what an institution answers for, as page, file and paper.

pub(super) mod deadlines;
pub(super) mod reconciliation;
pub(super) mod retention;
pub(super) mod undelivered;

use crate::list::{Asked, Cell, Filter, Kind, List, Part, Tab};
use crate::page::{Answer, page};
use crate::visit::Visit;

const ALL: [(&str, &str, &str); 4] = [
    ("/console/reports/deadlines", "Termene respectate", "Deadlines kept"),
    ("/console/reports/undelivered", "Documente nelivrate", "Undelivered"),
    ("/console/reports/reconciliation", "Concordanța a două instituții", "Reconciliation"),
    ("/console/reports/retention", "Termene de păstrare împlinite", "Retention due"),
];

/// The reports as tabs.
fn tabs(visit: &Visit, here: &str) -> Vec<Tab> {
    let tab = |(href, ro, en): (&str, &str, &str)| Tab {
        label: visit.say(ro, en).to_owned(),
        href: href.to_owned(),
        here: href == here,
        count: None,
    };
    ALL.into_iter().filter(|(href, ..)| visit.reaches(href)).map(tab).collect()
}

/// The period, as filters.
fn period(visit: &Visit) -> Vec<Filter> {
    let day = |name, ro, en| Filter { name, label: visit.say(ro, en).to_owned(), kind: Kind::Day };
    vec![day("from", "De la", "From"), day("to", "Până la", "Until")]
}

#[derive(askama::Template)]
#[template(path = "officer/report.html")]
struct Page<'a> {
    v: &'a Visit,
    asked: &'a Asked,
    title: String,
    lead: String,
    tabs: Vec<Tab>,
    filters: Vec<Filter>,
    columns: Vec<&'a str>,
    chart: String,
    said: Vec<String>,
    paper: String,
    part: Part,
    empty: crate::list::Empty,
}

/// What a report shows beside its rows.
struct Beside {
    chart: String,
    said: Vec<String>,
    /// The address of the paper.
    paper: String,
    part: Part,
}

/// The page of a report; where a file is asked for, the file.
fn shown(visit: &Visit, asked: &Asked, list: &dyn List, beside: Beside) -> Answer {
    page(&Page {
        v: visit,
        asked,
        title: list.title(visit),
        lead: list.lead(visit),
        tabs: list.tabs(visit, asked),
        filters: list.filters(visit),
        columns: list.columns().iter().map(|one| visit.say(one.ro, one.en)).collect(),
        chart: beside.chart,
        said: beside.said,
        paper: beside.paper,
        part: beside.part,
        empty: list.empty(visit, true),
    })
}

#[derive(askama::Template)]
#[template(path = "officer/reports.html")]
struct Home<'a> {
    v: &'a Visit,
    tabs: Vec<Tab>,
}

/// The reports there are.
///
/// # Errors
/// The page cannot be made.
pub async fn home(visit: Visit) -> Answer {
    page(&Home { tabs: tabs(&visit, ""), v: &visit })
}
