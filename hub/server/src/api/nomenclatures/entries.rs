//! The entries of a version, one of them, and how two versions differ.

use axum::Json;
use axum::extract::State;
use hub_flow::authorization::to;
use hub_flow::nomenclatures::{self, Difference, Entry, Page, Version, builtin_entries, builtin_entry, differences};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::api::App;
use crate::api::may::May;
use crate::api::problem::Problem;
use crate::api::request::{Path, Wanted};
use crate::problems;

use super::lists::named;

/// Most entries of two versions that are compared.
const ALL: i64 = 200_000;
/// Most differences that are told at once.
const TOLD: usize = 1_000;

/// Which entries.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Choice {
    q: Option<String>,
    parent: Option<String>,
    kind: Option<String>,
    after: Option<String>,
    limit: Option<i64>,
}

/// Between which versions.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Between {
    from: String,
    to: String,
}

/// Entries in order of code, a page at a time: `next` is the `after` of the next page.
///
/// # Errors
/// There is no such list or version.
pub async fn entries(
    may: May<to::NomenclaturesRead>,
    State(app): State<App>,
    Path((list, word)): Path<(String, String)>,
    Wanted(choice): Wanted<Choice>,
) -> Result<Json<Value>, Problem> {
    let _ = may;
    let version = named(&app, &list, &word).await?;
    let limit = choice.limit.unwrap_or(100).clamp(1, 1000);
    let wanted = Page {
        text: choice.q.as_deref(),
        parent: choice.parent.as_deref(),
        kind: choice.kind.as_deref(),
        after: choice.after.as_deref(),
        limit: limit + 1,
    };
    let mut items = read(&app, &list, &version, wanted).await?;
    let most = usize::try_from(limit).expect("clamped above");
    let more = items.len() > most;
    items.truncate(most);
    let next = items.last().filter(|_| more).map(|last| last.code.clone());
    Ok(Json(json!({"list": list, "version": version.version, "source": version.source, "items": items, "next": next})))
}

/// One entry.
///
/// # Errors
/// There is no such list, version or code.
pub async fn entry(
    may: May<to::NomenclaturesRead>,
    State(app): State<App>,
    Path((list, word, code)): Path<(String, String, String)>,
) -> Result<Json<Value>, Problem> {
    let _ = may;
    let version = named(&app, &list, &word).await?;
    let found = if is_imported(&version) {
        nomenclatures::entry(&app.hub.db, (&list, &version.version), &code).await?
    } else {
        own(&app, &list, &version).and_then(|list| builtin_entry(list, &code))
    };
    let found = found.ok_or_else(|| Problem::of(&problems::NOT_FOUND))?;
    Ok(Json(json!({"list": list, "version": version.version, "entry": found})))
}

/// What came, went and changed from one version to another; at most 1,000 differences, with how many there are.
///
/// # Errors
/// There is no such list or version.
pub async fn diff(
    may: May<to::NomenclaturesRead>,
    State(app): State<App>,
    Path(list): Path<String>,
    Wanted(between): Wanted<Between>,
) -> Result<Json<Value>, Problem> {
    let _ = may;
    let (from, to) = (named(&app, &list, &between.from).await?, named(&app, &list, &between.to).await?);
    let all = Page { limit: ALL, ..Page::default() };
    let (before, after) = (read(&app, &list, &from, all).await?, read(&app, &list, &to, all).await?);
    let told = differences(before, after);
    let count = |kind: fn(&Difference) -> bool| told.iter().filter(|one| kind(one)).count();
    Ok(Json(json!({
        "list": list,
        "from": from.version,
        "to": to.version,
        "added": count(|one| matches!(one, Difference::Added { .. })),
        "removed": count(|one| matches!(one, Difference::Removed { .. })),
        "changed": count(|one| matches!(one, Difference::Changed { .. })),
        "differences": &told[..told.len().min(TOLD)],
    })))
}

async fn read(app: &App, list: &str, version: &Version, wanted: Page<'_>) -> Result<Vec<Entry>, Problem> {
    if is_imported(version) {
        return Ok(nomenclatures::page(&app.hub.db, (list, &version.version), wanted).await?);
    }
    Ok(own(app, list, version).map(|list| builtin_entries(list, wanted)).unwrap_or_default())
}

fn is_imported(version: &Version) -> bool {
    version.sha256.is_some()
}

/// A list of the program on the first day of a version.
fn own<'a>(app: &'a App, list: &str, version: &Version) -> Option<schemas::code_lists::CodeListAt<'a>> {
    let day = version.version.parse().ok()?;
    Some(app.hub.catalogue.code_lists().get(list)?.at(day))
}
