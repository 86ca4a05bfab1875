//! Which lists there are, and which versions of each.

use axum::Json;
use axum::extract::State;
use hub_flow::authorization::to;
use hub_flow::nomenclatures::{self, Version, builtin_versions};
use jiff::civil::Date;
use serde_json::{Value, json};

use crate::api::App;
use crate::api::may::May;
use crate::api::problem::Problem;
use crate::api::request::Path;
use crate::problems;

/// All lists, each with its newest version.
///
/// # Errors
/// A problem document.
pub async fn lists(may: May<to::NomenclaturesRead>, State(app): State<App>) -> Result<Json<Value>, Problem> {
    let _ = may;
    let imported = nomenclatures::versions(&app.hub.db, None).await?;
    let builtin = app.hub.catalogue.code_lists();
    let mut names: Vec<String> = builtin.names().map(str::to_owned).collect();
    names.extend(imported.iter().map(|(list, _)| list.clone()));
    names.sort();
    names.dedup();
    let told = |list: &String| {
        let of_list = imported.iter().filter(|(name, _)| name == list).map(|(_, version)| version.clone());
        let versions = merged(&app, list, of_list.collect());
        let newest = versions.last().map(|version| version.version.clone());
        json!({"list": list, "versions": versions.len(), "newest": newest})
    };
    Ok(Json(json!({"items": names.iter().map(told).collect::<Vec<_>>()})))
}

/// All versions of a list, the oldest first.
///
/// # Errors
/// There is no such list.
pub async fn versions(
    may: May<to::NomenclaturesRead>,
    State(app): State<App>,
    Path(list): Path<String>,
) -> Result<Json<Value>, Problem> {
    let _ = may;
    let versions = of(&app, &list).await?;
    Ok(Json(json!({"list": list, "versions": versions})))
}

/// The versions of a list, those of the program among them.
pub(super) async fn of(app: &App, list: &str) -> Result<Vec<Version>, Problem> {
    let imported = nomenclatures::versions(&app.hub.db, Some(list)).await?;
    let versions = merged(app, list, imported.into_iter().map(|(_, version)| version).collect());
    if versions.is_empty() {
        return Err(Problem::of(&problems::NOT_FOUND).detail(
            format!("Nu există nomenclatorul {list}; listele sunt la /v1/nomenclatures"),
            format!("There is no nomenclature {list}; the lists are at /v1/nomenclatures"),
        ));
    }
    Ok(versions)
}

/// The version a word names: a day that is one, `at=` and a day, or `latest`. Before the first version, the first stands in.
pub(super) async fn named(app: &App, list: &str, word: &str) -> Result<Version, Problem> {
    let versions = of(app, list).await?;
    let found = match word.strip_prefix("at=") {
        None if word == "latest" => versions.last(),
        None => versions.iter().find(|version| version.version == word),
        Some(day) => {
            let day: Date = day.parse().map_err(|_| {
                Problem::of(&problems::MALFORMED_REQUEST)
                    .detail("După at= scrieți o zi, ca at=2026-03-01", "Write a day after at=, as at=2026-03-01")
            })?;
            let day = day.to_string();
            versions.iter().rev().find(|version| version.version <= day).or_else(|| versions.first())
        }
    };
    found.cloned().ok_or_else(|| {
        let names: Vec<&str> = versions.iter().map(|version| version.version.as_str()).collect();
        Problem::of(&problems::NOT_FOUND).detail(
            format!("Versiunile listei {list}: {}; sau latest, sau at=2026-03-01", names.join(", ")),
            format!("The versions of {list}: {}; or latest, or at=2026-03-01", names.join(", ")),
        )
    })
}

/// Days as text sort as days do. What is imported for a day stands in place of the program's own of that day.
fn merged(app: &App, list: &str, mut versions: Vec<Version>) -> Vec<Version> {
    let own = app.hub.catalogue.code_lists().get(list).map(builtin_versions).unwrap_or_default();
    let known: Vec<String> = versions.iter().map(|version| version.version.clone()).collect();
    versions.extend(own.into_iter().filter(|version| !known.contains(&version.version)));
    versions.sort_by(|left, right| left.version.cmp(&right.version));
    versions
}
