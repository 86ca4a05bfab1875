//! Recording an act: the form as the API wants it.

use axum::extract::Path;
use axum::http::StatusCode;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use serde_json::{Map, Value, json};

use crate::fault::Fault;
use crate::form::Filled;
use crate::page::{Answer, done};
use crate::visit::Visit;

use super::{Place, again};

/// Particulars that a correction can change from the page, and whether they are counts.
const CORRECTED: [(&str, bool); 6] = [
    ("subject", false),
    ("external_number", false),
    ("external_date", false),
    ("pages", true),
    ("annexes", true),
    ("way", false),
];

/// Records an act; a refusal is shown on the entry's page above the form that was sent.
///
/// # Errors
/// There is no such act or entry, or the hub cannot answer.
pub async fn record(
    visit: Visit,
    Path((register, year, number, act)): Path<(String, i64, i64, String)>,
    filled: Filled,
) -> Answer {
    let place = Place { register, year, number };
    let (last, body) = match act.as_str() {
        "correct" => ("correct", correction(&visit, &place, &filled).await?),
        other => wanted(other, &place, &filled).ok_or_else(Fault::missing)?,
    };
    let asked = visit.post(format!("{}/{last}", place.api())).form(filled.token()).key(filled.key());
    let asked = asked.header("if-match", &seen(&filled));
    match asked.json(&body).value().await {
        Ok(_) => Ok(done(&place.page(), told(&act))),
        Err(fault) if fault.status == StatusCode::NOT_FOUND => Err(fault),
        Err(fault) => again(&visit, place, fault, (&act, &filled)).await,
    }
}

/// How many acts the person saw; nothing where the form does not say.
fn seen(filled: &Filled) -> String {
    filled.some("acts").map(|acts| format!("\"{acts}\"")).unwrap_or_default()
}

fn told(act: &str) -> &'static str {
    match act {
        "assignment" => "assigned",
        "redirection" => "redirected",
        "annul" | "extension" => "proposed",
        _ => "recorded",
    }
}

/// The last part of the address, and the body; nothing where there is no such act.
fn wanted(act: &str, place: &Place, filled: &Filled) -> Option<(&'static str, Value)> {
    let (yes, reason) = (filled.get("decision") != "no", text(filled, "reason"));
    Some(match act {
        "assignment" => ("assignment", assignment(filled)),
        "work" => ("work", json!({})),
        "part" => ("part", json!({"note": line(filled, "note")})),
        "resolution" => (
            "resolution",
            json!({
                "outcome": filled.get("outcome"),
                "resolution": line(filled, "resolution"),
                "for_approval": filled.some("for_approval").is_some(),
            }),
        ),
        "approval" => ("approval", stated(json!({"approved": yes, "reason": reason}))),
        "dispatch" => ("dispatch", stated(json!({"on": filled.get("on"), "way": text(filled, "way")}))),
        "filing" => ("filing", stated(json!({"reason": reason, "dossier_code": text(filled, "dossier_code")}))),
        "suspension" => ("suspension", json!({"reason": filled.get("reason")})),
        "resumption" => ("resumption", json!({"reason": filled.get("reason")})),
        "extension" => ("extension", extension(filled)),
        "extension-decision" => ("extension/decision", stated(json!({"approved": yes, "reason": reason}))),
        "redirection" => ("redirection", redirection(filled)),
        "connect" => (
            "connect",
            json!({
                "to": stated(json!({
                    "register": text(filled, "register"),
                    "year": count(filled.get("year")),
                    "number": count(filled.get("number")),
                })),
                "answers": filled.get("answers") == "yes",
            }),
        ),
        "annul" => ("annul", annulment(place, filled)),
        "annulment-decision" if yes => ("approve-annulment", json!({})),
        "annulment-decision" => ("refuse-annulment", stated(json!({"reason": reason}))),
        _ => return None,
    })
}

fn assignment(filled: &Filled) -> Value {
    let lead = stated(json!({"unit": filled.get("unit"), "person": text(filled, "person")}));
    let others = filled.get("others").split(',').map(str::trim).filter(|unit| !unit.is_empty());
    let units: Vec<Value> = std::iter::once(lead).chain(others.map(|unit| json!({"unit": unit}))).collect();
    stated(json!({"units": units, "note": text(filled, "note")}))
}

fn extension(filled: &Filled) -> Value {
    stated(json!({
        "length": {"count": count(filled.get("count")), "unit": filled.get("unit")},
        "reason": filled.get("reason"),
        "told_on": text(filled, "told_on"),
    }))
}

fn redirection(filled: &Filled) -> Value {
    let scan = |file: &crate::form::Sent| json!({"name": file.name, "content_type": file.media_type, "base64": BASE64.encode(&file.bytes)});
    let scans: Vec<Value> = filled.files.iter().filter(|file| file.field == "documents").map(scan).collect();
    let on = filled.some("told_on").map(|on| json!({"on": on, "how": filled.get("told_how")}));
    stated(json!({
        "competent": filled.get("competent"),
        "reason": filled.get("reason"),
        "told": on,
        "documents": scans,
    }))
}

fn annulment(place: &Place, filled: &Filled) -> Value {
    let by = filled.some("number").map(|number| json!({"year": place.year, "number": count(number)}));
    stated(json!({"reason": filled.get("reason"), "replaced_by": by}))
}

/// What differs from the entry as it stands.
async fn correction(visit: &Visit, place: &Place, filled: &Filled) -> Result<Value, Fault> {
    let entry = super::purpose::open(visit, place.api()).value().await?;
    let mut changes = Map::new();
    for (name, counted) in CORRECTED {
        let before = super::text(&entry["particulars"], name);
        let now = filled.get(name);
        if now != before {
            let value = if counted { count(now) } else { json!(now) };
            changes.insert(name.to_owned(), if now.is_empty() { Value::Null } else { value });
        }
    }
    let acts = filled.some("acts").map(count);
    Ok(stated(json!({"changes": changes, "reason": filled.get("reason"), "acts": acts})))
}

fn text(filled: &Filled, name: &str) -> Value {
    filled.some(name).map_or(Value::Null, |text| json!(text))
}

/// What was typed on several lines, on one.
fn line(filled: &Filled, name: &str) -> String {
    filled.get(name).split_whitespace().collect::<Vec<_>>().join(" ")
}

/// A whole number; what is none goes on as it was typed, and the API says what is wrong with it.
pub fn count(text: &str) -> Value {
    text.parse::<i64>().map_or_else(|_| json!(text), |number| json!(number))
}

/// An object without the members that were not said.
pub fn stated(mut object: Value) -> Value {
    if let Some(members) = object.as_object_mut() {
        members.retain(|_, value| !value.is_null());
    }
    object
}
