//! `/console/registers`: the register of registers.

use async_trait::async_trait;
use serde_json::Value;

use crate::asking::piece;
use crate::fault::Fault;
use crate::list::{self, Asked, Cell, Column, Empty, List, Part, Row, Tone, column, count};
use crate::page::Answer;
use crate::visit::Visit;

use super::reading::{listed, text};

struct Registers;

#[async_trait]
impl List for Registers {
    fn title(&self, visit: &Visit) -> String {
        visit.say("Registre", "Registers").to_owned()
    }

    fn lead(&self, visit: &Visit) -> String {
        visit
            .say(
                "Registrul registrelor: ce registre ține instituția și până la ce număr a ajuns fiecare, pe ani.",
                "The register of registers: which the institution keeps, and which number each has reached, by year.",
            )
            .to_owned()
    }

    fn columns(&self) -> Vec<Column> {
        vec![
            column("Registru", "Register"),
            column("Anul", "Year"),
            count("Primul număr", "First number"),
            count("Ultimul număr", "Last number"),
            column("Stare", "State"),
            column("Temei legal", "Legal basis"),
        ]
    }

    fn file(&self) -> &'static str {
        "registrul-registrelor"
    }

    fn empty(&self, visit: &Visit, _: bool) -> Empty {
        Empty {
            title: visit.say("Niciun registru", "No register").to_owned(),
            how: visit
                .say(
                    "Compartimentul dumneavoastră nu are drepturi în niciun registru. Administratorul instituției le acordă.",
                    "Your unit has rights in no register. The administrator of the institution grants them.",
                )
                .to_owned(),
            act: None,
        }
    }

    async fn part(&self, visit: &Visit, _: &Asked, _: Option<&str>, _: usize) -> Result<Part, Fault> {
        let found = visit.get("/v1/registers").value().await?;
        let rows = listed(&found, "registers").flat_map(|register| rows(visit, register)).collect();
        Ok(Part { rows, next: None })
    }
}

/// A row for each year of a register, the newest first; one without numbers has a row all the same.
fn rows(visit: &Visit, register: &Value) -> Vec<Row> {
    let place = format!("/console/registers/{}", piece(&text(register, "id")));
    let title = || Cell::Two(text(register, "title"), text(register, "id"));
    let basis = || Cell::text(text(register, "legal_basis"));
    let mut rows: Vec<Row> = listed(register, "years")
        .map(|year| {
            let number = |name: &str| year[name].as_i64().unwrap_or_default();
            let closed = text(year, "closed_at");
            let state = if closed.is_empty() {
                Cell::Badge(visit.say("deschis", "open").to_owned(), Tone::Good)
            } else {
                let on = crate::moment::day(&closed);
                Cell::Badge(format!("{} {on}", visit.say("închis la", "closed on")), Tone::Plain)
            };
            let cells = vec![
                title(),
                Cell::Code(text(year, "year")),
                Cell::Count(number("first")),
                Cell::Count(number("last")),
                state,
                basis(),
            ];
            Row::to(format!("{place}?year={}", text(year, "year")), cells)
        })
        .collect();
    rows.reverse();
    if rows.is_empty() {
        let none = Cell::Badge(visit.say("fără numere încă", "no numbers yet").to_owned(), Tone::Plain);
        rows.push(Row::to(place, vec![title(), Cell::text(""), Cell::text(""), Cell::text(""), none, basis()]));
    }
    rows
}

/// The list.
///
/// # Errors
/// The visitor may not see it.
pub async fn show(visit: Visit, asked: Asked) -> Answer {
    list::show(&visit, &asked, &Registers).await
}
