//! `POST /v1/directory/import`: a file of entries, TOML with all kinds or CSV with one, with a verdict on each.

use axum::Json;
use axum::extract::State;
use hub_flow::authorization::to;
use hub_flow::directory::{self, Against, DirectoryDocument, Entry, Imported, Importing, Kind, Outcome, Verdict};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::api::App;
use crate::api::clerk::Clerk;
use crate::api::may::May;
use crate::api::problem::Problem;
use crate::api::request::{SmallBody, Wanted};
use crate::problems;

use super::entry::{act, refused, shape};
use super::table;

/// How the file is taken.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Choice {
    /// `toml`, or `csv` with `kind`.
    format: Option<String>,
    kind: Option<String>,
    #[serde(default)]
    withdraw_missing: bool,
    #[serde(default)]
    dry_run: bool,
    reason: String,
}

/// Takes all entries or none; `dry_run` only tells. 200 with a verdict on each, also where nothing was taken.
///
/// # Errors
/// A problem document: the file cannot be read at all.
pub async fn import(
    may: May<to::DirectoryChange>,
    clerk: Clerk,
    State(app): State<App>,
    Wanted(choice): Wanted<Choice>,
    SmallBody(bytes): SmallBody,
) -> Result<Json<Value>, Problem> {
    let act = act(&app, (&may, &clerk), &choice.reason)?;
    let (entries, unread) = match choice.format.as_deref() {
        None | Some("toml") => (of_toml(&bytes)?, Vec::new()),
        Some("csv") => of_csv(&bytes, choice.kind.as_deref())?,
        Some(_) => {
            return Err(unreadable("parametrul format este toml sau csv", "the parameter format is toml or csv"));
        }
    };
    let how = Importing {
        withdraw_missing: choice.withdraw_missing,
        // With a row that cannot be read, nothing is taken.
        dry_run: choice.dry_run || !unread.is_empty(),
    };
    let against = Against { catalogue: &app.hub.catalogue, day: app.hub.clock.now().romanian_date() };
    let Imported { verdicts, fault, written } =
        directory::import(&app.hub.db, entries, how, (against, &act)).await.map_err(refused)?;
    let taken = written.is_some();
    let changed = written.map(|changed| {
        app.hub.replace_directory(changed.directory);
        changed.entries
    });
    tracing::info!(by = act.by, taken, changed, "a file of the directory is read");
    let mut rows: Vec<Value> = unread;
    rows.extend(verdicts.iter().map(told));
    let count = |outcome: Outcome| verdicts.iter().filter(|verdict| verdict.outcome == outcome).count();
    Ok(Json(json!({
        "taken": taken,
        "dry_run": choice.dry_run,
        "changed": changed,
        "fault": fault,
        "counts": {
            "new": count(Outcome::New),
            "changed": count(Outcome::Changed),
            "unchanged": count(Outcome::Unchanged),
            "withdrawn": count(Outcome::Withdrawn),
            "kept": count(Outcome::Kept),
            "wrong": count(Outcome::Wrong) + rows.len() - verdicts.len(),
        },
        "rows": rows,
    })))
}

fn told(verdict: &Verdict) -> Value {
    json!({
        "kind": verdict.kind.as_str(),
        "id": verdict.id,
        "verdict": verdict.outcome,
        "verdict_ro": verdict.outcome.in_romanian(),
        "findings": verdict.findings,
    })
}

fn of_toml(bytes: &[u8]) -> Result<Vec<Entry>, Problem> {
    let text = std::str::from_utf8(bytes).map_err(|_| unreadable("fișierul nu este UTF-8", "the file is not UTF-8"))?;
    let document: DirectoryDocument = toml::from_str(text).map_err(|error| {
        // The parser's display quotes the line, and a line may hold a secret's reference.
        let at = error.span().map_or(1, |span| text[..span.start.min(text.len())].lines().count().max(1));
        let said = error.message();
        unreadable(&format!("rândul {at}: {said}"), &format!("line {at}: {said}"))
    })?;
    Ok(document.entries())
}

/// The entries of a table, and verdicts on rows that are none.
fn of_csv(bytes: &[u8], kind: Option<&str>) -> Result<(Vec<Entry>, Vec<Value>), Problem> {
    let named = kind.and_then(Kind::of_plural);
    let kind = named.ok_or_else(|| {
        unreadable(
            "un fișier CSV cere parametrul kind, de exemplu parties",
            "a CSV file needs the parameter kind, e.g. parties",
        )
    })?;
    let rows = table::read(bytes).map_err(|error| unreadable(&error.to_string(), &error.to_string()))?;
    let (mut entries, mut unread) = (Vec::with_capacity(rows.len()), Vec::new());
    for row in rows {
        let id = row.written["id"].as_str().unwrap_or_default().to_owned();
        match Entry::read(kind, row.written) {
            Ok(entry) => entries.push(entry),
            Err(error) => unread.push(json!({
                "kind": kind.as_str(),
                "id": id,
                "line": row.line,
                "verdict": Outcome::Wrong,
                "verdict_ro": Outcome::Wrong.in_romanian(),
                "findings": [shape(&error.to_string())],
            })),
        }
    }
    Ok((entries, unread))
}

fn unreadable(ro: &str, en: &str) -> Problem {
    Problem::of(&problems::INVALID_DIRECTORY_ENTRY)
        .detail(format!("Fișierul nu poate fi preluat: {ro}"), format!("The file cannot be taken: {en}"))
}
