//! Persons as a table: `GET /v1/persons/export` and `POST /v1/persons/import`.
//!
//! CNP, NIF and passport are in neither: a file that lies about is no place for them (Regulation (EU) 2016/679, article 32; Legea
//! nr. 190/2018, article 4). Those of legal persons are public and may be in it. Nothing of a row is ever in a verdict.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::header;
use axum::response::{IntoResponse as _, Response};
use hub_flow::authorization::to;
use hub_flow::lookup::question::violation;
use hub_flow::persons::{
    self, Act, CreatePerson, Draft, NewPerson, NotKept, Person, PersonId, Scheme, SealedIdentifier,
};
use schemas::Violation;
use serde::Deserialize;
use serde_json::{Map, Value, json};

use crate::api::App;
use crate::api::caller::Caller;
use crate::api::clerk::Clerk;
use crate::api::directory::table;
use crate::api::may::May;
use crate::api::problem::Problem;
use crate::api::request::{SmallBody, Wanted};
use crate::problems;

use super::draft::{Told, act, check, sealed, wrong};

/// Persons that are read at once.
const PAGE: i64 = 1_000;
/// The columns a file may have: fields of a person, and identifiers that are public.
const COLUMNS: [&str; 8] = ["kind", "name", "address", "siruta", "contact", "legal_form", "cui", "euid"];

/// The persons of the institution: what is written of them, and the public identifiers of legal ones.
///
/// # Errors
/// A problem document.
pub async fn export(may: May<to::PersonsRead>, State(app): State<App>) -> Result<Response, Problem> {
    let mut persons: Vec<Person> = Vec::new();
    loop {
        let page = persons::list(&app.hub.db, (&may.party, ""), persons.last(), PAGE).await?;
        let last = page.is_empty();
        persons.extend(page);
        if last {
            break;
        }
    }
    let rows: Vec<Value> = persons.iter().map(row).collect();
    let headers = [
        (header::CONTENT_TYPE, "text/csv; charset=utf-8"),
        (header::CONTENT_DISPOSITION, "attachment; filename=\"persoane.csv\""),
    ];
    Ok((headers, table::write(rows.iter())).into_response())
}

fn row(person: &Person) -> Value {
    let mut row = serde_json::to_value(&person.draft).expect("a draft is plain data");
    for one in person.identities.iter().filter(|one| matches!(one.scheme, Scheme::Cui | Scheme::Euid)) {
        row[one.scheme.as_str()] = json!(one.hint);
    }
    row["id"] = json!(person.id);
    row
}

/// How a file is taken.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Choice {
    #[serde(default)]
    dry_run: bool,
    reason: String,
}

/// A row that may become a person.
struct Read {
    draft: Draft,
    identities: Vec<SealedIdentifier>,
}

/// Takes the rows as new persons, if none of them is wrong; one whose identifier is known already is left out and says so.
/// `dry_run` only tells.
///
/// # Errors
/// A problem document: the file cannot be read at all.
pub async fn import(
    may: May<to::PersonsChange>,
    clerk: Clerk,
    State(app): State<App>,
    Wanted(choice): Wanted<Choice>,
    SmallBody(bytes): SmallBody,
) -> Result<Json<Value>, Problem> {
    let act = act(&app, &clerk, &choice.reason)?;
    let rows = table::read(&bytes).map_err(|error| {
        Problem::of(&problems::MALFORMED_REQUEST)
            .detail(format!("Fișierul CSV nu poate fi citit: {error}"), format!("The CSV file cannot be read: {error}"))
    })?;
    let mut told = Vec::with_capacity(rows.len());
    let mut read = Vec::with_capacity(rows.len());
    for row in rows {
        match person(&app, &may, row.written)? {
            Ok(person) => {
                told.push(json!({"line": row.line, "verdict": "new", "verdict_ro": "nou", "findings": []}));
                read.push(Some(person));
            }
            Err(found) => {
                told.push(json!({"line": row.line, "verdict": "wrong", "verdict_ro": "greșit", "findings": found}));
                read.push(None);
            }
        }
    }
    let wrong = read.iter().filter(|one| one.is_none()).count();
    let taken = wrong == 0 && !choice.dry_run;
    let mut known = 0;
    if taken {
        for (person, told) in read.into_iter().flatten().zip(&mut told) {
            known += usize::from(!keep(&app, &may, &act, person, told).await?);
        }
    }
    let new = told.len() - wrong - known;
    Ok(Json(json!({
        "taken": taken,
        "dry_run": choice.dry_run,
        "counts": {"new": new, "known": known, "wrong": wrong},
        "rows": told,
    })))
}

/// Keeps a person; answers whether it is new, and says so in its verdict.
async fn keep(app: &App, caller: &Caller, act: &Act, person: Read, told: &mut Value) -> Result<bool, Problem> {
    let id = PersonId(app.hub.ids.uuid(act.at));
    let Read { draft, identities } = person;
    let new = NewPerson { id, party: caller.party.clone(), draft, identities, act: act.clone() };
    match app.hub.db.write(&Arc::new(CreatePerson), new).await? {
        Ok(()) => {
            told["id"] = json!(id);
            Ok(true)
        }
        Err(NotKept::Duplicate { of, .. }) => {
            (told["verdict"], told["verdict_ro"], told["id"]) = (json!("known"), json!("există deja"), json!(of));
            Ok(false)
        }
        Err(why) => Err(super::draft::refused(&why)),
    }
}

/// A row as a person, or every rule it breaks.
///
/// # Errors
/// The file has a column of identifiers that no file may hold.
fn person(app: &App, caller: &Caller, written: Value) -> Result<Result<Read, Vec<Violation>>, Problem> {
    let Value::Object(mut fields) = written else { return Ok(Err(Vec::new())) };
    fields.remove("id");
    if ["cnp", "nif", "passport"].iter().any(|column| fields.contains_key(*column)) {
        return Err(wrong(&[violation(
            String::new(),
            "columns",
            "CNP-ul, NIF-ul și pașaportul nu se preiau din fișiere; adăugați-le persoanei la PUT /v1/persons/{id}",
            "CNP, NIF and passport are not taken from files; add them to the person at PUT /v1/persons/{id}",
        )]));
    }
    let mut found: Vec<Violation> =
        fields.keys().filter(|name| !COLUMNS.contains(&name.as_str())).map(|name| unknown(name)).collect();
    found.extend(fields.iter().filter(|(_, value)| holds_cnp(value)).map(|(name, _)| personal(name)));
    let identities = public(&mut fields);
    let draft = serde_json::from_value::<Draft>(Value::Object(fields)).ok();
    let Some(draft) = draft else {
        if found.is_empty() {
            found.push(violation(
                "/kind".to_owned(),
                "shape",
                "Rândul are cel puțin kind (natural sau legal) și name",
                "A row has at least kind (natural or legal) and name",
            ));
        }
        return Ok(Err(found));
    };
    found.extend(check(app, &draft));
    let identities = sealed(app, caller, (draft.kind, "/identities"), &identities).unwrap_or_else(|broken| {
        found.extend(broken);
        Vec::new()
    });
    Ok(if found.is_empty() { Ok(Read { draft, identities }) } else { Err(found) })
}

fn public(fields: &mut Map<String, Value>) -> Vec<Told> {
    let schemes = [("cui", Scheme::Cui), ("euid", Scheme::Euid)];
    let told = schemes.into_iter().filter_map(|(name, scheme)| {
        let value = fields.remove(name)?.as_str()?.to_owned();
        Some(Told { scheme, value })
    });
    told.collect()
}

fn holds_cnp(value: &Value) -> bool {
    let words = value.as_str().unwrap_or_default().split(|sign: char| !sign.is_ascii_digit());
    words.into_iter().any(|word| schemas::Cnp::parse(word).is_ok())
}

fn unknown(name: &str) -> Violation {
    violation(
        format!("/{name}"),
        "columns",
        format!("Coloanele sunt: {}", COLUMNS.join(", ")),
        format!("The columns are: {}", COLUMNS.join(", ")),
    )
}

fn personal(name: &str) -> Violation {
    violation(
        format!("/{name}"),
        "cnp",
        "Câmpul conține un CNP; scoateți-l din fișier",
        "The field holds a CNP; take it out of the file",
    )
}
