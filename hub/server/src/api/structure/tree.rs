//! The structure as it is on a day: the tree of units with their posts and who holds them, and who acts for whom.

use axum::Json;
use axum::extract::State;
use hub_flow::authorization::to;
use hub_flow::structure::{Structure, Unit};
use jiff::civil::Date;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::api::App;
use crate::api::may::May;
use crate::api::problem::Problem;
use crate::api::request::{Path, Wanted};
use crate::problems;

/// On which day.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Day {
    at: Option<String>,
}

impl Day {
    fn or_today(&self, app: &App) -> Result<Date, Problem> {
        let Some(text) = &self.at else { return Ok(app.hub.clock.now().romanian_date()) };
        text.parse().map_err(|_| {
            Problem::of(&problems::MALFORMED_REQUEST)
                .detail("Parametrul at este o zi, ca 2026-03-01", "The parameter at is a day, as 2026-03-01")
                .with("field", "at")
        })
    }
}

/// The tree of units on a day.
///
/// # Errors
/// A problem document.
pub async fn tree(
    may: May<to::StructureRead>,
    State(app): State<App>,
    Wanted(day): Wanted<Day>,
) -> Result<Json<Value>, Problem> {
    let day = day.or_today(&app)?;
    let directory = app.hub.directory();
    let structure = directory.structure(&may.party);
    Ok(Json(json!({
        "party": may.party,
        "at": day,
        "defined": structure.is_defined(),
        "units": below(structure, None, day),
    })))
}

/// Who acts for a person on a day: the person, or who stands in; and the units in which that one acts.
///
/// # Errors
/// A problem document.
pub async fn acting(
    may: May<to::StructureRead>,
    State(app): State<App>,
    Path(person): Path<String>,
    Wanted(day): Wanted<Day>,
) -> Result<Json<Value>, Problem> {
    let day = day.or_today(&app)?;
    let directory = app.hub.directory();
    let structure = directory.structure(&may.party);
    let acting = structure.acting_for(&person, day);
    Ok(Json(json!({
        "person": person,
        "at": day,
        "acting": acting,
        "units": structure.units_of(&person, day),
    })))
}

/// Parents lead to the top in a bounded number of steps, which the directory holds, so that this ends.
fn below(structure: &Structure, parent: Option<&str>, day: Date) -> Vec<Value> {
    let here = |unit: &&Unit| unit.parent.as_deref() == parent && unit.validity().covers(day);
    let told = |unit: &Unit| {
        let posts = structure.posts.values().filter(|post| post.unit == unit.id && post.validity().covers(day));
        let posts: Vec<Value> = posts
            .map(|post| {
                let mut held = structure.staff.values();
                let holder = held.find(|one| one.post == post.id && one.validity().covers(day));
                json!({
                    "id": post.id,
                    "title": post.title,
                    "held_by": holder.map(|one| json!({
                        "person": one.person,
                        "name": one.name,
                        "acting": structure.acting_for(&one.person, day),
                    })),
                })
            })
            .collect();
        json!({
            "id": unit.id,
            "name": unit.name,
            "kind": unit.kind,
            "posts": posts,
            "units": below(structure, Some(&unit.id), day),
        })
    };
    structure.units.values().filter(here).map(told).collect()
}
