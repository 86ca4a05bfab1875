//! `GET /v1/deadlines`: terms that run, soonest first.

use axum::Json;
use axum::extract::State;
use hub_flow::authorization::{Dimension, Places, to};
use hub_flow::deadline::{self, Choice, Place, day_ends};
use jiff::civil::Date;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::api::App;
use crate::api::clerk::Clerk;
use crate::api::may::MayWithin;
use crate::api::problem::Problem;
use crate::api::request::Wanted;
use crate::problems;

/// Whose, and by when.
#[derive(Deserialize)]
pub struct Asked {
    of: Option<String>,
    due_by: Option<String>,
    overdue: Option<bool>,
    after: Option<String>,
    limit: Option<i64>,
}

/// The terms of the institution: of the clerk (`of=me`), of the clerk's unit (`of=unit`), due by a day, overdue or not yet so.
/// `next` is what `after` is for the rows that follow.
///
/// # Errors
/// A problem document.
pub async fn list(
    (caller, clerk): (MayWithin<to::DeadlinesRead>, Clerk),
    State(app): State<App>,
    Wanted(asked): Wanted<Asked>,
) -> Result<Json<Value>, Problem> {
    let (caller, places) = caller.listing(&[Dimension::Register])?;
    let now = app.hub.clock.now();
    let (unit, person) = whose(asked.of.as_deref(), &clerk)?;
    let due_by = asked.due_by.as_deref().map(|day| day.parse::<Date>().map_err(|_| unreadable(day))).transpose()?;
    let before = if asked.overdue == Some(true) { Some(now) } else { due_by.map(day_ends) };
    // A term is overdue from the moment it ends with.
    let from = (asked.overdue == Some(false)).then(|| now.plus_micros(1));
    let after = asked.after.as_deref().map(|place| Place::parse(place).ok_or_else(nowhere)).transpose()?;
    let limit = asked.limit.unwrap_or(100).clamp(1, 1000);
    let (party, registers) = (caller.party.clone(), registers(&places));
    let choice = Choice { party, unit, person, registers, from, before, after, limit };
    let deadlines = deadline::list(&app.hub.db, &choice, now).await?;
    let full = i64::try_from(deadlines.len()).is_ok_and(|count| count == limit);
    let next = deadlines.last().filter(|_| full).map(|last| last.place().to_text());
    Ok(Json(json!({"party": caller.party, "deadlines": deadlines, "next": next})))
}

/// The registers the caller's grants hold in; all where they are not narrowed.
fn registers(places: &Places) -> Option<Vec<String>> {
    let Places::Within(places) = places else { return None };
    // Only registers are left open, so what holds in any grant is what holds in all of them together.
    Some(places.iter().flat_map(|place| place.places(Dimension::Register)).cloned().collect())
}

/// The unit and the clerk a request is about; empty: everybody.
pub(super) fn whose(of: Option<&str>, clerk: &Clerk) -> Result<(String, String), Problem> {
    match of {
        None => Ok((String::new(), String::new())),
        Some("me") => Ok((String::new(), clerk.person()?.to_owned())),
        Some("unit") => clerk.unit.clone().map(|unit| (unit, String::new())).ok_or_else(|| {
            Problem::of(&problems::MALFORMED_REQUEST)
                .detail(
                    "Pentru of=unit trimiteți antetul Punte-Unit cu compartimentul funcționarului",
                    "For of=unit send the header Punte-Unit with the clerk's unit",
                )
                .with("field", "Punte-Unit")
        }),
        Some(other) => Err(Problem::of(&problems::MALFORMED_REQUEST)
            .detail(
                format!("Parametrul of este me sau unit, nu {other:?}"),
                format!("The parameter of is me or unit, not {other:?}"),
            )
            .with("field", "of")),
    }
}

fn nowhere() -> Problem {
    Problem::of(&problems::MALFORMED_REQUEST)
        .detail(
            "Parametrul after este cel din next al paginii dinainte, neschimbat",
            "The parameter after is the next of the page before, unchanged",
        )
        .with("field", "after")
}

fn unreadable(day: &str) -> Problem {
    Problem::of(&problems::MALFORMED_REQUEST)
        .detail(
            format!("Parametrul due_by este o zi, de exemplu 2026-12-01, nu {day:?}"),
            format!("The parameter due_by is a day, 2026-12-01 for example, not {day:?}"),
        )
        .with("field", "due_by")
}
