//! `POST /v1/persons/{id}/validate`: what ANAF or the trade register says of a legal person, asked as any question to a
//! register (agreement, journal), and kept with day and source. Nothing of the person is changed by it.

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use hub_flow::access_journal::{About, AccessEntry, AccessKind, AccessResult, Reasons};
use hub_flow::authorization::{Asked, Permission, Scope, allows, to};
use hub_flow::flow::{self, Asking};
use hub_flow::lookup::question::violation;
use hub_flow::lookup::reasons::Said;
use hub_flow::lookup::{Lookup, Outcome, Standing, Wish, identifier};
use hub_flow::persons::{self, Person, PersonKind, RecordValidation, Scheme, Validation, Verdict};
use schemas::text::fold;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::api::App;
use crate::api::audit::Trail;
use crate::api::caller::Caller;
use crate::api::clerk::Clerk;
use crate::api::journaling::begun;
use crate::api::lookups::{refusals, told};
use crate::api::may::May;
use crate::api::problem::Problem;
use crate::api::request::{Path, SmallBody};
use crate::problems;

use super::draft::{act, body, found, wrong};

/// The operations that know a firm by its CUI.
const SOURCES: [(&str, &str, &str); 2] = [("anaf-tva.firma", "anaf-tva", "firma"), ("onrc.firma", "onrc", "firma")];

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Wanted {
    source: String,
    purpose: Option<String>,
    legal_basis: Option<String>,
    case_number: Option<String>,
    reason: String,
}

/// Asks and keeps the verdict: `confirmed`, `different` or `unknown`.
///
/// # Errors
/// A problem document: no CUI, no agreement, or the register does not answer; then nothing is kept.
pub async fn validate(
    may: May<to::PersonsChange>,
    clerk: Clerk,
    (State(app), trail): (State<App>, Trail),
    Path(text): Path<String>,
    SmallBody(bytes): SmallBody,
) -> Result<Json<Value>, Problem> {
    let Wanted { source, purpose, legal_basis, case_number, reason } = body(&bytes)?;
    let act = act(&app, &clerk, &reason)?;
    let known = SOURCES.into_iter().find(|(name, ..)| *name == source);
    let (name, system, operation) = known.ok_or_else(|| {
        wrong(&[violation(
            "/source".to_owned(),
            "source",
            "Sursa este anaf-tva.firma sau onrc.firma",
            "The source is anaf-tva.firma or onrc.firma",
        )])
    })?;
    may_ask(&app, &may)?;
    let person = found(&app, &may, &text).await?;
    let cui = person.identities.iter().find(|one| one.scheme == Scheme::Cui && person.draft.kind == PersonKind::Legal);
    let cui = cui.map(|one| one.hint.clone()).ok_or_else(|| {
        wrong(&[violation(
            "/identities".to_owned(),
            "required",
            "Se validează persoane juridice care au CUI; adăugați-l",
            "Legal persons that have a CUI are validated; add it",
        )])
    })?;
    let said = Said { purpose, legal_basis, case_number, user: Some(act.clerk.clone()) };
    let about = About { persons: vec![app.hub.journal_key.subject(&identifier(&cui))], register: None };
    let lookup = ask(&app, &may, (system, operation), (said, cui)).await?;
    let entry = AccessEntry {
        object: Some(person.id.to_string()),
        reasons: Reasons {
            purpose: lookup.reasons.purpose.clone(),
            legal_basis: lookup.reasons.legal_basis.clone(),
            case_number: lookup.reasons.case_number.clone(),
        },
        ..begun(&app, (&may, &trail), (AccessKind::Validate, "person.validate"))
    };
    let Standing::Answered(answered) = &lookup.standing else {
        // It works on it, or ended without an answer: told as any question is.
        app.hub.journal(AccessEntry { result: AccessResult::Nothing, ..entry }, about).await?;
        let told = told::row(&app, &lookup);
        return Ok(Json(json!({"id": person.id, "kept": false, "lookup": told})));
    };
    let (verdict, document) = judge(&person, answered.outcome, answered.value.as_ref(), answered.as_of.as_deref());
    let at = app.hub.clock.now();
    let validation = Validation {
        person: person.id,
        party: may.party.clone(),
        lookup: lookup.id,
        source: name.to_owned(),
        verdict,
        document: document.clone(),
        clerk: act.clerk,
        at,
    };
    app.hub.db.write(&app.hub.journaled(Arc::new(RecordValidation)), (validation, (entry, about))).await?;
    Ok(Json(json!({
        "id": person.id, "kept": true, "verdict": verdict, "said": document, "source": name,
        "lookup": lookup.id, "at": at.to_utc(),
    })))
}

/// What registers said of a person, the newest first.
///
/// # Errors
/// The institution has none of this id.
pub async fn list(
    may: May<to::PersonsRead>,
    State(app): State<App>,
    Path(text): Path<String>,
) -> Result<Json<Value>, Problem> {
    let person = found(&app, &may, &text).await?;
    let items = persons::validations(&app.hub.db, &may.party, person.id).await?;
    Ok(Json(json!({"id": person.id, "items": items})))
}

/// A question to a register is one, whichever door it comes in by.
fn may_ask(app: &App, caller: &Caller) -> Result<(), Problem> {
    let (permission, today) = (Permission::LookupsAsk, app.hub.clock.now().romanian_date());
    let asked = Asked { permission, scope: Scope::default(), today };
    if allows(&caller.principal, &asked).is_allowed() {
        return Ok(());
    }
    Err(Problem::of(&problems::FORBIDDEN)
        .detail(
            "Lipsește permisiunea lookups.ask: validarea întreabă un registru național; o dă administratorul instituției",
            "The permission lookups.ask is missing: validating asks a national register; the institution's administrator gives it",
        )
        .with("permission", permission.as_str()))
}

async fn ask(
    app: &App,
    caller: &Caller,
    (system, operation): (&str, &str),
    (said, cui): (Said, String),
) -> Result<Lookup, Problem> {
    let asking = Asking {
        party: caller.party.clone(),
        authentication: caller.authentication.clone(),
        system: system.to_owned(),
        operation: operation.to_owned(),
        said,
        wish: Wish { max_age: None, allow_stale: false },
    };
    let arguments = BTreeMap::from([("cui".to_owned(), cui)]);
    let asked = flow::ask(&app.hub, asking, arguments).await;
    asked.map_err(|why| refusals::not_asked(app, &caller.party, (system, operation), why))
}

/// The verdict, and of the answer what is compared: name, state and the day it is of.
fn judge(person: &Person, outcome: Outcome, value: Option<&Value>, as_of: Option<&str>) -> (Verdict, Value) {
    let Some(value) = value.filter(|_| outcome == Outcome::Found) else {
        return (Verdict::Unknown, json!({"as_of": as_of}));
    };
    let text = |pointers: [&str; 2]| {
        pointers.into_iter().find_map(|pointer| value.pointer(pointer)).and_then(Value::as_str).map(str::to_owned)
    };
    let name = text(["/date_generale/denumire", "/denumire"]);
    let state = text(["/date_generale/stare_inregistrare", "/stare/normalizata"]);
    let same = name.as_ref().is_some_and(|name| plain(name) == plain(&person.draft.name));
    let verdict = if same { Verdict::Confirmed } else { Verdict::Different };
    (verdict, json!({"name": name, "state": state, "as_of": as_of, "name_here": person.draft.name}))
}

/// A firm's name without diacritics, dots and quotation marks: registers write them as they like.
fn plain(name: &str) -> String {
    let letters: String =
        fold(name).chars().filter(|letter| letter.is_alphanumeric() || letter.is_whitespace()).collect();
    letters.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::plain;

    #[test]
    fn a_firm_is_known_however_its_name_is_written() {
        assert_eq!(plain("ŞANTIERUL INVENTAT S.R.L."), plain("Șantierul  „Inventat” SRL"));
        assert_ne!(plain("Șantierul Inventat SRL"), plain("Șantierul Nou SRL"));
    }
}
