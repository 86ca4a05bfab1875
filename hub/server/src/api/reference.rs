//! What anybody may look up: parties, document types, the seal, problem pages, and the verdict on an evidence.

use axum::Json;
use axum::extract::State;
use axum::http::header;
use axum::response::{IntoResponse as _, Response};
use hub_flow::clock::Timestamp;
use hub_flow::seal::SealRecord;
use hub_signatures::xades;
use include_dir::{Dir, include_dir};
use openssl::sha::sha256;
use serde_json::{Value, json};

use crate::problems;
use crate::verdict;

use super::App;
use super::problem::Problem;
use super::request::{Path, SmallBody};
use crate::api::door::Door;
/// Why these are open to all.
const PROOFS: &str = "what proves an evidence is for whoever holds one";
/// Why these are open to all.
const NAMES: &str = "who takes part, and what can be sent, is public information";
/// Why these are open to all.
const PROBLEMS: &str = "whoever is refused may read why";

/// What everybody may know of this service.
#[must_use]
pub fn routes(door: Door) -> Door {
    door.public_get("/v1/directory", NAMES, directory)
        .public_get("/v1/document-types", NAMES, document_types)
        .public_get("/v1/seal", PROOFS, seal)
        .public_get("/v1/seals", PROOFS, seals)
        .public_post("/v1/verify", PROOFS, verify)
        .carrying("application/octet-stream")
        .public_get("/problems/{code}", PROBLEMS, problem_page)
        .public_get("/verify", PROOFS, crate::pages::verification::page)
}

static PAGES: Dir<'static> = include_dir!("$CARGO_MANIFEST_DIR/../../docs/problems");

/// `GET /v1/directory`: the institutions that can be written to.
pub async fn directory(State(app): State<App>) -> Json<Value> {
    let directory = app.hub.directory();
    let mut parties: Vec<_> = directory.parties().collect();
    parties.sort_by(|left, right| left.id.cmp(&right.id));
    Json(json!({"parties": parties}))
}

/// `GET /v1/document-types`: the catalogue, with what each type requires.
pub async fn document_types(State(app): State<App>) -> Json<Value> {
    let types: Vec<Value> = app
        .hub
        .catalogue
        .document_types()
        .map(|one| {
            json!({
                "document_type": one.name(),
                "document_version": one.version(),
                "title": one.title().ro,
                "title_en": one.title().en,
                "purposes": one.purposes(),
                "legal_basis": one.legal_basis(),
                "time_stamp": one.time_stamp(),
                "end_to_end": one.end_to_end(),
                "required_roles": one.parts().required_roles,
                "optional_roles": one.parts().optional_roles,
                "max_parts": one.parts().max_parts,
                "media_types": one.parts().media_types,
                "max_part_bytes": one.parts().max_part_bytes,
                "schema": one.schema().as_ref(),
            })
        })
        .collect();
    Json(json!({"document_types": types}))
}

/// `GET /v1/seal`: the certificate in use, which verifies the receipts of now, PEM with its chain.
pub async fn seal(State(app): State<App>) -> Response {
    ([(header::CONTENT_TYPE, "application/x-pem-file")], app.hub.seal.pem()).into_response()
}

/// `GET /v1/seals`: every seal this hub ever used, with its certificate chain and the time it was in use.
///
/// # Errors
/// A problem document.
pub async fn seals(State(app): State<App>) -> Result<Json<Value>, Problem> {
    let told = |one: SealRecord| {
        json!({
            "sha256": hex::encode(one.sha256),
            "subject": one.subject,
            "issuer": one.issuer,
            "serial": one.serial,
            "not_before": one.not_before.to_utc(),
            "not_after": one.not_after.to_utc(),
            "development": one.development,
            "first_used": one.first_used.to_utc(),
            "retired_at": one.retired_at.map(Timestamp::to_utc),
            "revoked_at": one.revoked_at.map(Timestamp::to_utc),
            "pem": one.chain,
        })
    };
    let all: Vec<Value> = hub_flow::seal::all(&app.hub.db).await?.into_iter().map(told).collect();
    Ok(Json(json!({"seals": all})))
}

/// `POST /v1/verify`: the verdict on an evidence, a court pack or a proof of registers of this hub, against every seal it used, each for the time
/// of its use.
///
/// Of an evidence, `recorded` says whether this very evidence is on record here: a key that was taken away can seal a lie with an old
/// date, but cannot put it into the hub's records.
///
/// # Errors
/// A problem document that says what does not verify, with the whole verdict where there is one.
pub async fn verify(State(app): State<App>, SmallBody(body): SmallBody) -> Result<Json<Value>, Problem> {
    let seals = hub_flow::seal::all(&app.hub.db).await?;
    let at = app.hub.clock.now();
    let file = body.clone();
    // A package may take milliseconds, in which nobody else should wait.
    let judged = tokio::task::spawn_blocking(move || verdict::of(&file, &verdict::Against::Seals(&seals), at));
    let unverified = || Problem::of(&problems::UNVERIFIED);
    let verdict = judged.await.expect("the verifier does not panic");
    let verdict = verdict.map_err(|error| unverified().detail(error.to_string(), error.to_string()))?;
    let mut told = verdict.to_json();
    if let [(_, evidence)] = &verdict.evidences[..] {
        told["recorded"] = recorded(&app, &body, evidence.message.as_deref().unwrap_or_default()).await?.into();
    }
    match verdict.failures().next() {
        None => Ok(Json(told)),
        Some(failed) => {
            let problem = unverified().detail(failed.reason.ro.clone(), failed.reason.en.clone());
            Err(problem.with("verdict", told))
        }
    }
}

async fn recorded(app: &App, file: &[u8], message: &str) -> Result<bool, Problem> {
    let (Ok(text), Ok(message)) = (std::str::from_utf8(file), message.parse()) else { return Ok(false) };
    // On record is the form that was sealed, without what was added since.
    let Ok(sealed) = xades::without_unsigned(text) else { return Ok(false) };
    let digest = sha256(sealed.as_bytes());
    let chain = hub_flow::evidence::list(&app.hub.db, message).await?;
    Ok(chain.iter().any(|evidence| evidence.sha256 == digest))
}

/// `GET /problems/{code}`: the page of a problem.
///
/// # Errors
/// There is no such problem.
pub async fn problem_page(Path(code): Path<String>) -> Result<Response, Problem> {
    let page = PAGES.get_file(format!("{code}.md")).ok_or_else(|| Problem::of(&problems::NOT_FOUND))?;
    Ok(([(header::CONTENT_TYPE, "text/markdown; charset=utf-8")], page.contents()).into_response())
}
