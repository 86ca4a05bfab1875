//! What the doors of the directory, the structure and the agreements have in common: who sees what, how an entry is told,
//! and how a change is asked for and refused.

use axum::Json;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use hub_flow::directory::{
    self, Act, Against, Agreement, Change, Directory, Entry, Expected, Held, Kind, NotChanged, Places,
};
use schemas::Violation;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::api::App;
use crate::api::caller::Caller;
use crate::api::clerk::Clerk;
use crate::api::problem::Problem;
use crate::problems;

/// The body of a change.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Written {
    /// The entry.
    pub entry: Value,
    /// Why.
    pub reason: String,
}

/// The body of an act that takes no entry.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Said {
    /// Why.
    pub reason: String,
}

/// Reads a body.
///
/// # Errors
/// It is not JSON of this form.
pub fn body<T: serde::de::DeserializeOwned>(bytes: &[u8]) -> Result<T, Problem> {
    serde_json::from_slice(bytes).map_err(|error| {
        Problem::of(&problems::MALFORMED_REQUEST)
            .detail(format!("JSON greșit: {error}"), format!("Wrong JSON: {error}"))
    })
}

/// What is written, with the id that the address says.
#[must_use]
pub fn of_id(mut written: Value, id: &str) -> Value {
    if let Some(fields) = written.as_object_mut() {
        fields.insert("id".to_owned(), json!(id));
    }
    written
}

/// The kind of an address.
///
/// # Errors
/// There is none, or it has a door of its own.
pub fn kind(word: &str) -> Result<Kind, Problem> {
    let known = Kind::of_plural(word).filter(|kind| *kind != Kind::Register && !is_inner(*kind));
    known.ok_or_else(|| {
        let kinds = "parties, systems, channels, competences, sources, agreements, lookup-agreements, lookup-channels";
        Problem::of(&problems::NOT_FOUND)
            .detail(format!("Felurile de intrări sunt: {kinds}"), format!("The kinds of entries are: {kinds}"))
    })
}

/// Whether entries of the kind are an institution's own affair.
#[must_use]
pub fn is_inner(kind: Kind) -> bool {
    matches!(kind, Kind::Unit | Kind::Post | Kind::Staff | Kind::Delegation)
}

/// Whether a caller sees an entry.
#[must_use]
pub fn visible(app: &App, directory: &Directory, caller: &Caller, (kind, document): (Kind, &Value)) -> bool {
    let own = document["party"].as_str() == Some(caller.party.as_str());
    match kind {
        Kind::Party => true,
        _ if is_inner(kind) => own,
        _ if caller.operator => true,
        Kind::Agreement => {
            let agreement: Option<Agreement> = serde_json::from_value(document.clone()).ok();
            let code_lists = app.hub.code_lists();
            let places = Places::on(&code_lists, app.hub.clock.now().romanian_date());
            let party = directory.party(&caller.party);
            party.zip(agreement).is_some_and(|(party, agreement)| Directory::concerns(&agreement, party, places))
        }
        Kind::LookupAgreement | Kind::LookupChannel => {
            let named = document["callers"]["parties"].as_array().into_iter().flatten();
            let kind = document["callers"]["kind"].as_str();
            let own_kind = directory.party(&caller.party).map(|party| party.kind.as_str());
            named.into_iter().any(|one| one.as_str() == Some(&caller.party)) || kind.is_some() && kind == own_kind
        }
        _ => own,
    }
}

/// An entry as its caller is told: never the key of a system, and of others' systems neither address nor references.
#[must_use]
pub fn shown(caller: &Caller, kind: Kind, document: &Value) -> Value {
    let mut document = document.clone();
    let Some(fields) = document.as_object_mut() else { return document };
    fields.remove("key_sha256");
    let own = fields.get("party").and_then(Value::as_str) == Some(caller.party.as_str());
    if !caller.operator && (!own || kind == Kind::LookupChannel) {
        for name in ["address", "secret", "identity", "roots", "evidence_certificate"] {
            fields.remove(name);
        }
    }
    document
}

/// An entry with version and state.
#[must_use]
pub fn told(caller: &Caller, kind: Kind, id: &str, held: &Held) -> Value {
    json!({
        "kind": kind.as_str(),
        "id": id,
        "version": held.version,
        "state": if held.document.is_some() { "in_force" } else { "withdrawn" },
        "recorded_at": held.recorded_at.to_utc(),
        "entry": held.document.as_ref().map(|document| shown(caller, kind, document)),
    })
}

/// The same as an answer, with the version as its tag.
#[must_use]
pub fn answer(status: StatusCode, told: &Value) -> Response {
    let version = told["version"].as_i64().unwrap_or_default();
    let mut response = (status, Json(told)).into_response();
    let tag = HeaderValue::from_str(&format!("\"{version}\"")).expect("a number is ASCII");
    response.headers_mut().insert(header::ETAG, tag);
    response
}

/// The version a change is made for.
///
/// # Errors
/// `If-Match` is absent or is no version.
pub fn version(headers: &HeaderMap) -> Result<i64, Problem> {
    let given = headers.get(header::IF_MATCH).and_then(|value| value.to_str().ok());
    let number =
        given.map(|text| text.trim().trim_start_matches("W/").trim_matches('"')).and_then(|text| text.parse().ok());
    number.ok_or_else(|| {
        Problem::of(&problems::VERSION_NEEDED).detail(
            "Trimiteți antetul If-Match cu versiunea pe care ați citit-o (antetul ETag al răspunsului)",
            "Send the header If-Match with the version you read (the header ETag of the answer)",
        )
    })
}

/// Who acts and why.
///
/// # Errors
/// No clerk is named, or the reason is none.
pub fn act(app: &App, (caller, clerk): (&Caller, &Clerk), reason: &str) -> Result<Act, Problem> {
    let clerk = clerk.person()?.to_owned();
    let reason = reason.trim();
    if !(3..=500).contains(&reason.chars().count()) || reason.chars().any(char::is_control) {
        return Err(wrong(&[directory_violation(
            "/reason",
            "reason",
            "Scrieți în reason de ce, în 3 până la 500 de caractere pe un rând",
            "Say in reason why, in 3 to 500 characters on one line",
        )]));
    }
    Ok(Act { by: caller.party.clone(), clerk: Some(clerk), reason: reason.to_owned(), at: app.hub.clock.now() })
}

/// A broken rule.
#[must_use]
pub fn directory_violation(pointer: &str, rule: &str, ro: &str, en: &str) -> Violation {
    hub_flow::lookup::question::violation(pointer.to_owned(), rule, ro, en)
}

/// What was sent breaks rules.
#[must_use]
pub fn wrong(violations: &[Violation]) -> Problem {
    Problem::of(&problems::INVALID_DIRECTORY_ENTRY).violations(violations)
}

/// Reads and checks an entry.
///
/// # Errors
/// A problem that names every field, rule and way out.
pub fn checked(app: &App, kind: Kind, written: Value) -> Result<Entry, Problem> {
    let entry = Entry::read(kind, written).map_err(|error| wrong(&[shape(&error.to_string())]))?;
    let directory = app.hub.directory();
    let code_lists = app.hub.code_lists();
    let day = app.hub.clock.now().romanian_date();
    let against = Against { catalogue: &app.hub.catalogue, code_lists: &code_lists, day };
    let found = directory::findings(&entry, directory.ledger(), against);
    if found.iter().any(Violation::is_error) { Err(wrong(&found)) } else { Ok(entry) }
}

/// A field that is missing, unknown or of another type; the parser names it between accents.
pub(super) fn shape(said: &str) -> Violation {
    let field = said.split('`').nth(1).unwrap_or_default();
    let field = if field.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_') { field } else { "" };
    let pointer = if field.is_empty() { String::new() } else { format!("/{field}") };
    let (ro, en) = match said.split(' ').next() {
        Some("missing") => {
            (format!("Câmpul {field} lipsește; adăugați-l"), format!("The field {field} is missing; add it"))
        }
        Some("unknown") => (
            format!("Câmpul sau valoarea {field} nu este cunoscută; vedeți docs/guides/directory.md"),
            format!("The field or value {field} is not known; see docs/guides/directory.md"),
        ),
        _ => (format!("Un câmp are alt tip decât cel cerut: {said}"), format!("A field has another type: {said}")),
    };
    directory_violation(&pointer, "shape", &ro, &en)
}

/// Makes changes and puts the new directory in place on this node; the others see it within a second or two.
///
/// # Errors
/// A problem document; then nothing is changed.
pub async fn make(app: &App, changes: &[Change], act: &Act) -> Result<usize, Problem> {
    let changed = directory::change(&app.hub.db, changes, act).await.map_err(refused)?;
    app.hub.replace_directory(changed.directory);
    for one in changes {
        let (kind, id) = (one.kind.as_str(), &one.id);
        tracing::info!(
            kind,
            id,
            by = act.by,
            withdrawn = one.document.is_none(),
            "an entry of the directory is changed"
        );
    }
    Ok(changed.entries)
}

/// An entry, as it is to be.
#[must_use]
pub fn put(entry: Entry, expected: Expected) -> Change {
    Change { kind: entry.kind, id: entry.id, expected, document: Some(entry.document) }
}

/// Why nothing was changed, as the caller is told.
#[must_use]
pub fn refused(why: NotChanged) -> Problem {
    match why {
        NotChanged::Exists { id, version, .. } => Problem::of(&problems::ALREADY_EXISTS)
            .detail(
                format!("Intrarea {id} există deja; schimbați-o cu PUT și If-Match: \"{version}\""),
                format!("The entry {id} is there already; change it with PUT and If-Match: \"{version}\""),
            )
            .with("version", version),
        NotChanged::Stale { id, version, .. } => Problem::of(&problems::VERSION_CHANGED)
            .detail(
                format!("Intrarea {id} are între timp versiunea {version}; citiți-o din nou și repetați schimbarea"),
                format!("The entry {id} has version {version} by now; read it again and repeat the change"),
            )
            .with("version", version),
        NotChanged::Missing { id, .. } => Problem::of(&problems::NOT_FOUND).detail(
            format!("Intrarea {id} nu este în vigoare; o intrare retrasă se face din nou cu POST"),
            format!("The entry {id} is not in force; a withdrawn entry is made again with POST"),
        ),
        NotChanged::Faulty(fault) => Problem::of(&problems::INVALID_DIRECTORY_ENTRY).detail(
            format!("Directorul nu s-ar mai lega: {fault}"),
            format!("The directory would not hang together: {fault}"),
        ),
        NotChanged::Busy => Problem::of(&problems::UNAVAILABLE).retry_after(1),
        NotChanged::Unavailable(error) => error.into(),
    }
}
