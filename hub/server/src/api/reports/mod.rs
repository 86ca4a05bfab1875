//! `/v1/reports`: what an institution answers for, counted: deadlines kept, what did not arrive, and whether two
//! institutions tell the same of a day. As JSON, and as a paper under the same address with `.pdf`.

mod deadlines;
mod period;
mod reconciliation;
mod undelivered;

use axum::http::header;
use axum::response::{IntoResponse as _, Response};
use hub_receipts::Moment;
use hub_receipts::reports::{Report, report};

use crate::problems;

use super::App;
use super::problem::Problem;
use crate::api::door::Door;

/// Reports.
#[must_use]
pub fn routes(door: Door) -> Door {
    door.get("/v1/reports/deadlines", deadlines::show)
        .get("/v1/reports/deadlines.pdf", deadlines::paper)
        .get("/v1/reports/undelivered", undelivered::show)
        .get("/v1/reports/undelivered.pdf", undelivered::paper)
        .get("/v1/reports/reconciliation", reconciliation::show)
        .get("/v1/reports/reconciliation.pdf", reconciliation::paper)
}

/// What one report prints; the rest follows from the hub.
struct Told {
    name: &'static str,
    title: &'static str,
    bounds: Vec<String>,
    said: Vec<String>,
    columns: Vec<(&'static str, f32)>,
    rows: Vec<Vec<String>>,
}

/// A report as a paper.
fn printed(app: &App, party: &str, told: Told) -> Result<Response, Problem> {
    let now = app.hub.clock.now();
    let facts = Report {
        id: format!("{}-{party}-{}", told.name, now.to_utc()),
        title: told.title.to_owned(),
        institution: name(app, party),
        bounds: told.bounds,
        said: told.said,
        columns: told.columns,
        rows: told.rows,
        service: app.hub.seal.issuer.name.clone(),
        made_at: Moment { utc: now.to_utc(), local: format!("{} (ora României)", now.to_romanian()) },
    };
    let paper = report(&facts).map_err(|error| {
        tracing::error!(%error, "a report could not be printed");
        Problem::of(&problems::UNAVAILABLE)
    })?;
    let headers = [
        (header::CONTENT_TYPE, "application/pdf".to_owned()),
        (header::CONTENT_DISPOSITION, format!("attachment; filename=\"{}.pdf\"", told.name)),
    ];
    Ok((headers, paper).into_response())
}

/// The name of a party, or its id.
fn name(app: &App, party: &str) -> String {
    app.hub.directory().party(party).map_or_else(|| party.to_owned(), |known| known.name.clone())
}

/// A number of a register as people write it: number, and the day.
fn numbered(registration: Option<&serde_json::Value>) -> String {
    registration.map_or_else(
        || "–".to_owned(),
        |given| {
            let text = |name: &str| given[name].as_str().unwrap_or_default().to_owned();
            format!("{} din {}", text("number"), text("date"))
        },
    )
}
