//! `POST /v1/directory/import`: a file of entries, TOML with all kinds or CSV with one, with a verdict on each.

use axum::Json;
use axum::extract::State;
use hub_flow::authorization::to;
use hub_flow::directory::{self, Act, Against, DirectoryDocument, Entry, Imported, Importing, Kind, Outcome, Verdict};
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
    let rows = match choice.format.as_deref() {
        None | Some("toml") => Rows { entries: of_toml(&bytes)?, ..Rows::default() },
        Some("csv") => of_csv(&bytes, named(choice.kind.as_deref())?, |written| written)?,
        Some(_) => {
            return Err(unreadable("parametrul format este toml sau csv", "the parameter format is toml or csv"));
        }
    };
    let how = Importing { withdraw_missing: choice.withdraw_missing, dry_run: choice.dry_run };
    take(&app, &act, rows, how).await.map(Json)
}

/// Takes the rows of a file, and answers the verdict on each.
///
/// # Errors
/// A problem document: the database does not answer, or others write at the same time.
pub(in crate::api) async fn take(app: &App, act: &Act, rows: Rows, how: Importing) -> Result<Value, Problem> {
    let Rows { entries, lines, unread } = rows;
    let tried = how.dry_run;
    // With a row that cannot be read, nothing is taken.
    let how = Importing { dry_run: tried || !unread.is_empty(), ..how };
    let code_lists = app.hub.code_lists();
    let day = app.hub.clock.now().romanian_date();
    let against = Against { catalogue: &app.hub.catalogue, code_lists: &code_lists, day };
    let Imported { verdicts, fault, written } =
        directory::import(&app.hub.db, entries, how, (against, act)).await.map_err(refused)?;
    let taken = written.is_some();
    let changed = written.map(|changed| {
        app.hub.replace_directory(changed.directory);
        changed.entries
    });
    tracing::info!(by = act.by, taken, changed, "a file of the directory is read");
    let mut rows: Vec<Value> = unread;
    rows.extend(verdicts.iter().enumerate().map(|(place, verdict)| told(verdict, lines.get(place).copied())));
    let count = |outcome: Outcome| verdicts.iter().filter(|verdict| verdict.outcome == outcome).count();
    Ok(json!({
        "taken": taken,
        "dry_run": tried,
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
    }))
}

/// The rows of a file: entries, the line of each where the file is a table, and verdicts on rows that are none.
#[derive(Default)]
pub(in crate::api) struct Rows {
    pub entries: Vec<Entry>,
    pub lines: Vec<usize>,
    pub unread: Vec<Value>,
}

fn told(verdict: &Verdict, line: Option<usize>) -> Value {
    let mut told = json!({
        "kind": verdict.kind.as_str(),
        "id": verdict.id,
        "verdict": verdict.outcome,
        "verdict_ro": verdict.outcome.in_romanian(),
        "findings": verdict.findings,
    });
    if let Some(line) = line {
        told["line"] = line.into();
    }
    told
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

fn named(kind: Option<&str>) -> Result<Kind, Problem> {
    kind.and_then(Kind::of_plural).ok_or_else(|| {
        unreadable(
            "un fișier CSV cere parametrul kind, de exemplu parties",
            "a CSV file needs the parameter kind, e.g. parties",
        )
    })
}

/// The entries of a table, each completed by what is not the file's to say.
pub(in crate::api) fn of_csv(bytes: &[u8], kind: Kind, complete: impl Fn(Value) -> Value) -> Result<Rows, Problem> {
    let rows = table::read(bytes).map_err(|error| unreadable(&error.to_string(), &error.to_string()))?;
    let mut read = Rows::default();
    for row in rows {
        let id = row.written["id"].as_str().unwrap_or_default().to_owned();
        match Entry::read(kind, complete(row.written)) {
            Ok(entry) => {
                read.entries.push(entry);
                read.lines.push(row.line);
            }
            Err(error) => read.unread.push(json!({
                "kind": kind.as_str(),
                "id": id,
                "line": row.line,
                "verdict": Outcome::Wrong,
                "verdict_ro": Outcome::Wrong.in_romanian(),
                "findings": [shape(&error.to_string())],
            })),
        }
    }
    Ok(read)
}

fn unreadable(ro: &str, en: &str) -> Problem {
    Problem::of(&problems::INVALID_DIRECTORY_ENTRY)
        .detail(format!("Fișierul nu poate fi preluat: {ro}"), format!("The file cannot be taken: {en}"))
}
