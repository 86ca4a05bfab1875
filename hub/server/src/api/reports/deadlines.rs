//! `GET /v1/reports/deadlines`: which terms were kept, by month, register and unit.

use axum::Json;
use axum::extract::State;
use axum::response::Response;
use hub_flow::authorization::{Among, Dimension, to};
use hub_flow::exchanges::{self, Kept};
use jiff::civil::Date;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::api::App;
use crate::api::may::MayWithin;
use crate::api::problem::Problem;
use crate::api::request::Wanted;

use super::period::Period;
use super::{Told, printed};

/// The period of the last days.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Asked {
    from: Option<Date>,
    to: Option<Date>,
}

/// Terms whose last day lies in the period (the month that runs where none is named), by what became of them.
///
/// # Errors
/// A problem document.
pub async fn show(
    caller: MayWithin<to::ReportsRead>,
    State(app): State<App>,
    Wanted(asked): Wanted<Asked>,
) -> Result<Json<Value>, Problem> {
    let (caller, places) = caller.listing(&[Dimension::Register])?;
    let seen = places.among(Dimension::Register);
    let period = Period::of(&app, asked.from, asked.to)?;
    let rows = counted(&app, &caller.party, period, &seen).await?;
    Ok(Json(json!({"party": caller.party, "from": period.from, "to": period.to, "rows": rows})))
}

/// The same as a paper.
///
/// # Errors
/// A problem document.
pub async fn paper(
    caller: MayWithin<to::ReportsRead>,
    State(app): State<App>,
    Wanted(asked): Wanted<Asked>,
) -> Result<Response, Problem> {
    let (caller, places) = caller.listing(&[Dimension::Register])?;
    let seen = places.among(Dimension::Register);
    let period = Period::of(&app, asked.from, asked.to)?;
    let rows = counted(&app, &caller.party, period, &seen).await?;
    let sum = |of: fn(&Kept) -> i64| rows.iter().map(of).sum::<i64>();
    let (kept, late, overdue) = (sum(|row| row.kept), sum(|row| row.late), sum(|row| row.overdue));
    let said = format!(
        "Din {} termene împlinite, {kept} au fost respectate, {late} au fost depășite, iar {overdue} documente sunt încă \
         nesoluționate după termen.",
        kept + late + overdue
    );
    let row = |row: &Kept| {
        let unit = if row.unit.is_empty() { "fără compartiment" } else { &row.unit };
        let counts = [row.kept, row.late, row.overdue, row.running].map(|count| count.to_string());
        [row.month.clone(), row.register.clone(), unit.to_owned()].into_iter().chain(counts).collect()
    };
    let told = Told {
        name: "termene",
        title: "Termene respectate",
        bounds: vec![period.in_romanian()],
        said: vec![said],
        columns: vec![
            ("Luna", 0.12),
            ("Registrul", 0.2),
            ("Compartimentul", 0.24),
            ("Respectate", 0.12),
            ("Depășite", 0.11),
            ("Restante", 0.11),
            ("În curs", 0.1),
        ],
        rows: rows.iter().map(row).collect(),
    };
    printed(&app, &caller.party, told)
}

async fn counted(app: &App, party: &str, period: Period, seen: &Among) -> Result<Vec<Kept>, Problem> {
    Ok(exchanges::kept(&app.hub.db, party, period.moments(), app.hub.clock.now(), seen).await?)
}
