//! `/v1/playground`: documents and mappings tried out. Nothing is stored, sent or quoted; what runs is what runs on the road,
//! with the same bounds.

use axum::Json;
use axum::extract::State;
use hub_flow::authorization::to;
use mappings::{Example, Input, Mapping, MappingError};
use schemas::Violation;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::api::App;
use crate::api::door::Door;
use crate::api::may::May;
use crate::api::problem::Problem;
use crate::api::registry_acts::asking::body;
use crate::api::request::SmallBody;
use crate::problems;

/// The playground.
#[must_use]
pub fn routes(door: Door) -> Door {
    door.get("/v1/playground/mappings", list)
        .post("/v1/playground/validate", validate)
        .taking::<Document>()
        .post("/v1/playground/map", map)
        .taking::<Mapped>()
}

/// A document to be judged.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Document {
    document_type: String,
    /// The newest where absent.
    document_version: Option<String>,
    body: Value,
}

/// A document to be translated.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Mapped {
    mapping: String,
    /// The golden example its envelope is taken from, and its output is compared with; the first where absent.
    example: Option<String>,
    /// The body of the example where absent.
    body: Option<Value>,
}

/// The mappings with the names of their golden examples.
///
/// # Errors
/// A problem document.
pub async fn list(_: May<to::PlaygroundUse>, State(app): State<App>) -> Result<Json<Value>, Problem> {
    let told = |one: &Mapping| {
        json!({
            "mapping": one.id(), "version": one.version(),
            "from": {"document_type": one.source().name, "document_version": one.source().version},
            "to": {"document_type": one.target().name, "document_version": one.target().version},
            "examples": one.examples().map(|example| example.name).collect::<Vec<_>>(),
        })
    };
    Ok(Json(json!({"items": app.hub.mappings.mappings().map(told).collect::<Vec<_>>()})))
}

/// Every rule of its type that a document breaks, as of today.
///
/// # Errors
/// A problem document.
pub async fn validate(
    _: May<to::PlaygroundUse>,
    State(app): State<App>,
    SmallBody(bytes): SmallBody,
) -> Result<Json<Value>, Problem> {
    let Document { document_type, document_version, body } = body(&bytes)?;
    let of_name = app.hub.catalogue.document_types().filter(|one| one.name() == document_type);
    let fits = |one: &&schemas::DocumentType| document_version.as_deref().is_none_or(|wanted| one.version() == wanted);
    let Some(known) = of_name.filter(fits).last() else {
        return Err(missing(
            "document_type",
            "Catalogul nu are acest tip de document",
            "The catalogue has no such type",
        ));
    };
    let violations = known.validate(&body, app.hub.clock.now().romanian_date());
    Ok(Json(json!({
        "document_type": known.name(),
        "document_version": known.version(),
        "valid": !violations.iter().any(Violation::is_error),
        "verdicts": violations,
    })))
}

/// What a mapping makes of a body, beside what its golden example expects.
///
/// # Errors
/// A problem document.
pub async fn map(
    _: May<to::PlaygroundUse>,
    State(app): State<App>,
    SmallBody(bytes): SmallBody,
) -> Result<Json<Value>, Problem> {
    let wanted: Mapped = body(&bytes)?;
    let mapping = app.hub.mappings.mappings().find(|one| one.id() == wanted.mapping);
    let Some(mapping) = mapping else {
        return Err(missing("mapping", "Nu există o mapare cu acest nume", "There is no mapping of this name"));
    };
    let named = |example: &Example<'_>| wanted.example.as_deref().is_none_or(|name| name == example.name);
    let Some(example) = mapping.examples().find(named) else {
        return Err(missing("example", "Maparea nu are acest exemplu", "The mapping has no such example"));
    };
    let given = wanted.body.as_ref().unwrap_or(example.body);
    let made = mapping.apply(&Input { envelope: example.envelope, body: given });
    let (output, failure) = match made {
        Ok(made) => (serde_json::from_slice(&made.bytes).unwrap_or_default(), Value::Null),
        Err(error) => (Value::Null, failed(&error)),
    };
    Ok(Json(json!({
        "mapping": mapping.id(),
        "version": mapping.version(),
        "example": example.name,
        "input": given,
        "expected": example.output,
        "same": output == *example.output,
        "output": output,
        "failure": failure,
    })))
}

/// Why nothing came out, in both languages.
fn failed(error: &MappingError) -> Value {
    let ro = match error {
        MappingError::Template { line, .. } => {
            format!(
                "Maparea cere la rândul {line} ceva ce documentul nu are sau refuză o valoare; completați câmpul ori schimbați șablonul"
            )
        }
        MappingError::TooManySteps { limit, .. } => format!("Maparea a depășit {limit} de pași; micșorați documentul"),
        MappingError::NotJson { line, .. } => {
            format!("Ce a scris maparea nu este JSON la rândul {line}; un loc gol al șablonului este greșit așezat")
        }
        MappingError::Contract { .. } => {
            "Rezultatul nu respectă contractul sistemului; vedeți regulile de mai jos".to_owned()
        }
        MappingError::SubmittedAt { .. } => "Plicul exemplului nu are ziua trimiterii".to_owned(),
    };
    let verdicts = match error {
        MappingError::Contract { violations, .. } => json!(violations),
        _ => json!([]),
    };
    json!({"ro": ro, "en": error.to_string(), "verdicts": verdicts})
}

fn missing(field: &str, ro: &str, en: &str) -> Problem {
    Problem::of(&problems::INVALID_CONTENT).detail(ro, en).with("field", field)
}
