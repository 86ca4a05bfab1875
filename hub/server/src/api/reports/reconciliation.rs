//! `GET /v1/reports/reconciliation`: what one institution sent to another on a day, against what the other registered.
//!
//! The caller is one of the two; what is compared, both have the evidence of.

use axum::Json;
use axum::extract::State;
use axum::response::Response;
use hub_flow::authorization::{Among, Dimension, to};
use hub_flow::exchanges::{self, Compared, Finding};
use jiff::civil::Date;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::api::App;
use crate::api::may::MayWithin;
use crate::api::problem::Problem;
use crate::api::request::Wanted;
use crate::problems;

use super::period::Period;
use super::{Told, name, numbered, printed};

/// Most documents of one day.
const MOST: i64 = 10_000;

/// The other institution, the day, and which way.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Asked {
    institution: String,
    day: Option<Date>,
    direction: Option<String>,
}

struct Day {
    sender: String,
    recipient: String,
    day: Date,
    rows: Vec<Compared>,
}

impl Day {
    fn count(&self, finding: Finding) -> usize {
        self.rows.iter().filter(|row| row.finding == finding).count()
    }
}

/// Every document of the day (today where none is named) from the caller to the institution (`direction=sent`, or left
/// out) or from it (`received`), with what both registers say.
///
/// # Errors
/// A problem document.
pub async fn show(
    caller: MayWithin<to::ReportsRead>,
    State(app): State<App>,
    Wanted(asked): Wanted<Asked>,
) -> Result<Json<Value>, Problem> {
    let (caller, places) = caller.listing(&[Dimension::DocumentType])?;
    let day = compared(&app, &caller.party, asked, &places.among(Dimension::DocumentType)).await?;
    Ok(Json(json!({
        "day": day.day,
        "sender": day.sender, "sender_name": name(&app, &day.sender),
        "recipient": day.recipient, "recipient_name": name(&app, &day.recipient),
        "matched": day.count(Finding::Matched),
        "missing_at_recipient": day.count(Finding::MissingAtRecipient),
        "missing_at_sender": day.count(Finding::MissingAtSender),
        "differing": day.count(Finding::Differing),
        "cut": i64::try_from(day.rows.len()) == Ok(MOST),
        "rows": day.rows,
    })))
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
    let (caller, places) = caller.listing(&[Dimension::DocumentType])?;
    let day = compared(&app, &caller.party, asked, &places.among(Dimension::DocumentType)).await?;
    let said = format!(
        "Din {} documente, {} sunt la fel în ambele registre, {} lipsesc la destinatar, {} lipsesc la expeditor și {} diferă.",
        day.rows.len(),
        day.count(Finding::Matched),
        day.count(Finding::MissingAtRecipient),
        day.count(Finding::MissingAtSender),
        day.count(Finding::Differing),
    );
    let row = |one: &Compared| {
        vec![
            numbered(one.sender_registration.as_ref()),
            numbered(one.recipient_registration.as_ref()),
            one.document_type.clone(),
            match one.finding {
                Finding::Matched => "la fel".to_owned(),
                Finding::MissingAtRecipient => {
                    let why = one.reason.clone().unwrap_or_default();
                    format!("lipsește la destinatar {why}").trim().to_owned()
                }
                Finding::MissingAtSender => "lipsește la expeditor".to_owned(),
                Finding::Differing => format!("diferă: {}", numbered(one.sender_as_recorded.as_ref())),
            },
        ]
    };
    let told = Told {
        name: "concordanta",
        title: "Concordanța registrelor a două instituții",
        bounds: vec![
            format!("De la {} către {}", name(&app, &day.sender), name(&app, &day.recipient)),
            format!("Ziua {}", day.day.strftime("%d.%m.%Y")),
        ],
        said: vec![said],
        columns: vec![("La expeditor", 0.24), ("La destinatar", 0.24), ("Tipul", 0.2), ("Constatare", 0.32)],
        rows: day.rows.iter().map(row).collect(),
    };
    printed(&app, &caller.party, told)
}

async fn compared(app: &App, party: &str, asked: Asked, seen: &Among) -> Result<Day, Problem> {
    let day = asked.day.unwrap_or_else(|| app.hub.clock.now().romanian_date());
    let (own, other) = (party.to_owned(), asked.institution.trim().to_owned());
    let (sender, recipient) = match asked.direction.as_deref() {
        None | Some("sent") => (own, other),
        Some("received") => (other, own),
        Some(_) => {
            return Err(Problem::of(&problems::MALFORMED_REQUEST)
                .detail("direction este sent sau received", "direction is sent or received")
                .with("field", "direction"));
        }
    };
    let moments = Period { from: day, to: day }.moments();
    let rows = exchanges::compared(&app.hub.db, (&sender, &recipient), moments, (seen, MOST)).await?;
    Ok(Day { sender, recipient, day, rows })
}
