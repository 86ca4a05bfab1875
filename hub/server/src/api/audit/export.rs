//! `GET /v1/audit/events.csv`: the same acts as a file, itself an act.

use axum::extract::State;
use axum::http::header;
use axum::response::{IntoResponse as _, Response};
use hub_flow::audit::{self, Kind, Recorded};
use hub_flow::authorization::to;
use serde_json::json;

use crate::api::App;
use crate::api::may::May;
use crate::api::problem::Problem;
use crate::api::request::Wanted;

use super::Trail;
use super::list::Choice;

/// Acts in one file; a longer time is exported in parts, by `before`.
const MOST: i64 = 50_000;

/// Every act that fits, newest first. The export is recorded before the first byte leaves.
///
/// # Errors
/// A problem document.
pub async fn csv(
    caller: May<to::AuditRead>,
    (State(app), trail): (State<App>, Trail),
    Wanted(choice): Wanted<Choice>,
) -> Result<Response, Problem> {
    let acts = audit::list(&app.hub.db, &choice.filter(&caller)?, MOST).await?;
    let event = trail.act(&app.hub, &caller, Kind::AuditExported).because(trail.purpose.clone());
    app.hub.record(vec![event.with(json!({"events": acts.len()}))]).await?;
    let heading = "numar,moment,fapta,cod,gravitate,institutie,cine_tip,cine,in_numele,obiect,rezultat,motiv,corelare,detalii,rezumat\r\n";
    // With the mark of UTF-8, so that spreadsheets read ș and ț.
    let file: String = std::iter::once(format!("\u{feff}{heading}")).chain(acts.iter().map(row)).collect();
    let headers = [
        (header::CONTENT_TYPE, "text/csv; charset=utf-8"),
        (header::CONTENT_DISPOSITION, "attachment; filename=\"audit.csv\""),
    ];
    Ok((headers, file).into_response())
}

fn row(act: &Recorded) -> String {
    let Recorded { number, event, hash } = act;
    let cells = [
        number.to_string(),
        event.at.to_utc(),
        event.kind.in_romanian().to_owned(),
        event.kind.as_str().to_owned(),
        event.kind.severity().as_str().to_owned(),
        event.party.clone(),
        event.principal.kind.as_str().to_owned(),
        event.principal.id.clone(),
        event.on_behalf.clone().unwrap_or_default(),
        event.subject.clone().unwrap_or_default(),
        event.outcome.as_str().to_owned(),
        event.reason.clone().unwrap_or_default(),
        event.correlation.clone().unwrap_or_default(),
        if event.details.is_null() { String::new() } else { event.details.to_string() },
        hex::encode(hash),
    ];
    let row: Vec<String> = cells.iter().map(|cell| quoted(cell)).collect();
    format!("{}\r\n", row.join(","))
}

/// A cell that no spreadsheet takes for a formula, and no comma breaks.
pub(crate) fn quoted(cell: &str) -> String {
    let formula = cell.starts_with(['=', '+', '-', '@', '\t']);
    let cell = if formula { format!("'{cell}") } else { cell.to_owned() };
    format!("\"{}\"", cell.replace('"', "\"\""))
}

#[cfg(test)]
mod tests {
    use super::quoted;

    #[test]
    fn a_cell_is_neither_a_formula_nor_two_cells() {
        assert_eq!(quoted("a,\"b\""), "\"a,\"\"b\"\"\"");
        assert_eq!(quoted("=cmd()"), "\"'=cmd()\"");
    }
}
