//! `/console/reports/deadlines`: which terms were kept, by month, register and unit.

use std::collections::BTreeMap;

use async_trait::async_trait;
use serde::Deserialize;

use crate::chart::{Bar, bars};
use crate::fault::Fault;
use crate::list::{self, Asked, Cell, Column, Empty, Filter, List, Part, Row, Tab, Tone, column, count};
use crate::page::Answer;
use crate::visit::Visit;

use super::{Beside, period, shown, tabs};

struct Deadlines;

#[derive(Deserialize)]
struct Came {
    rows: Vec<Kept>,
}

#[derive(Deserialize)]
struct Kept {
    register: String,
    unit: String,
    month: String,
    kept: i64,
    late: i64,
    overdue: i64,
    running: i64,
}

#[async_trait]
impl List for Deadlines {
    fn title(&self, visit: &Visit) -> String {
        visit.say("Termene respectate", "Deadlines kept").to_owned()
    }

    fn lead(&self, visit: &Visit) -> String {
        visit
            .say(
                "Termenele cu ultima zi în perioadă, pe lună, registru și compartiment.",
                "Terms whose last day lies in the period, by month, register and unit.",
            )
            .to_owned()
    }

    fn columns(&self) -> Vec<Column> {
        vec![
            column("Luna", "Month"),
            column("Registrul", "Register"),
            column("Compartimentul", "Unit"),
            count("Respectate", "Kept"),
            count("Depășite", "Late"),
            count("Restante", "Overdue"),
            count("În curs", "Running"),
        ]
    }

    fn file(&self) -> &'static str {
        "termene"
    }

    fn tabs(&self, visit: &Visit, _: &Asked) -> Vec<Tab> {
        tabs(visit, "/console/reports/deadlines")
    }

    fn filters(&self, visit: &Visit) -> Vec<Filter> {
        period(visit)
    }

    fn empty(&self, visit: &Visit, _: bool) -> Empty {
        Empty {
            title: visit.say("Niciun termen în perioadă", "No term in the period").to_owned(),
            how: visit
                .say("Alegeți altă perioadă, de cel mult un an.", "Choose another period, of at most a year.")
                .to_owned(),
            act: None,
        }
    }

    async fn part(&self, visit: &Visit, asked: &Asked, _: Option<&str>, _: usize) -> Result<Part, Fault> {
        Ok(Part { rows: came(visit, asked).await?.iter().map(|one| row(visit, one)).collect(), next: None })
    }
}

async fn came(visit: &Visit, asked: &Asked) -> Result<Vec<Kept>, Fault> {
    let came: Came = visit.get(format!("/v1/reports/deadlines?{}", asked.query(&["from", "to"], &[]))).read().await?;
    Ok(came.rows)
}

fn row(visit: &Visit, one: &Kept) -> Row {
    let unit = if one.unit.is_empty() { visit.say("fără compartiment", "no unit") } else { &one.unit };
    let words = [one.month.as_str(), &one.register, unit].map(Cell::text);
    let counts = [one.kept, one.late, one.overdue, one.running].map(Cell::Count);
    Row::of(words.into_iter().chain(counts).collect())
}

/// The report.
///
/// # Errors
/// The visitor may not see it, or the hub cannot answer.
pub async fn show(visit: Visit, asked: Asked) -> Answer {
    if asked.some("as").is_some() {
        return list::show(&visit, &asked, &Deadlines).await;
    }
    let rows = came(&visit, &asked).await?;
    let mut months: BTreeMap<&str, [i64; 4]> = BTreeMap::new();
    for one in &rows {
        let sums = months.entry(&one.month).or_default();
        for (sum, count) in sums.iter_mut().zip([one.kept, one.late, one.overdue, one.running]) {
            *sum += count;
        }
    }
    let bar = |(month, [kept, late, overdue, running]): (&&str, &[i64; 4])| Bar {
        name: (*month).to_owned(),
        pieces: vec![
            (visit.say("respectate", "kept"), Tone::Good, *kept),
            (visit.say("depășite", "late"), Tone::Warn, *late),
            (visit.say("restante", "overdue"), Tone::Bad, *overdue),
            (visit.say("în curs", "running"), Tone::Plain, *running),
        ],
    };
    let drawn: Vec<Bar> = months.iter().map(bar).collect();
    let title = visit.say(
        "Termene pe luni: respectate / depășite / restante / în curs",
        "Terms by month: kept / late / overdue / running",
    );
    let beside = Beside {
        chart: if drawn.is_empty() { String::new() } else { bars(title, &drawn) },
        said: if drawn.is_empty() { Vec::new() } else { vec![title.to_owned()] },
        paper: format!("/v1/reports/deadlines.pdf?{}", asked.query(&["from", "to"], &[])),
        part: Part { rows: rows.iter().map(|one| row(&visit, one)).collect(), next: None },
    };
    shown(&visit, &asked, &Deadlines, beside)
}
