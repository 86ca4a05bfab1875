//! `/console/standing`: whether the hub works, what proves it, what expires next, and the way back out of a lock-down.

use axum::http::StatusCode;
use axum::response::Response;
use serde_json::{Value, json};

use crate::fault::Fault;
use crate::form::Filled;
use crate::page::{Answer, done, page, page_with};
use crate::visit::Visit;

use super::{text, worded};

#[derive(askama::Template)]
#[template(path = "administrator/standing.html")]
struct Page<'a> {
    v: &'a Visit,
    fault: Option<&'a Fault>,
    state: String,
    causes: Vec<Cause>,
    seal: Vec<(&'static str, String)>,
    log: Vec<(&'static str, String)>,
    proofs: Option<Proofs>,
    systems: Vec<System>,
    open: Option<usize>,
}

struct Cause {
    code: String,
    words: String,
    since: String,
    overridden: bool,
    stays: bool,
}

struct Proofs {
    lines: Vec<[String; 4]>,
}

struct System {
    name: String,
    code: String,
    well: bool,
    reason: String,
}

/// The page.
///
/// # Errors
/// The hub cannot answer.
pub async fn show(visit: Visit) -> Answer {
    shown(&visit, None).await
}

async fn shown(visit: &Visit, fault: Option<&Fault>) -> Result<Response, Fault> {
    let standing = visit.get("/v1/standing").value().await?;
    let seals = visit.get("/v1/seals").maybe().await?.unwrap_or_default();
    let seal = seals["seals"].as_array().into_iter().flatten().find(|seal| seal["retired_at"].is_null());
    let log = visit.get("/v1/log").maybe().await?.unwrap_or_default();
    let proofs = visit.get("/v1/proofs/expiring").maybe().await?;
    let systems = visit.get("/v1/systems").maybe().await?.unwrap_or_default();
    let letters = visit.get("/v1/dead-letters?limit=100").maybe().await?;
    let template = Page {
        v: visit,
        fault,
        state: text(&standing, "state"),
        causes: standing["causes"].as_array().into_iter().flatten().map(|one| cause(visit, one)).collect(),
        seal: facts(
            seal.unwrap_or(&Value::Null),
            &[
                ("subject", visit.say("Sigiliul", "Seal")),
                ("issuer", visit.say("Emis de", "Issued by")),
                ("not_after", visit.say("Certificat valabil până la", "Certificate valid until")),
            ],
        ),
        log: facts(
            &log["head"],
            &[
                ("size", visit.say("Dovezi în jurnal", "Evidence in the log")),
                ("made_at", visit.say("Cap semnat la", "Head signed at")),
                ("root", visit.say("Rădăcina", "Root")),
            ],
        ),
        proofs: proofs.as_ref().map(|proofs| board(visit, proofs)),
        systems: systems["systems"].as_array().into_iter().flatten().map(|one| system(visit, one)).collect(),
        open: letters.map(|letters| super::items(&letters).count()),
    };
    Ok(match fault {
        Some(_) => page_with(StatusCode::UNPROCESSABLE_ENTITY, &template),
        None => page(&template)?,
    })
}

fn cause(visit: &Visit, told: &Value) -> Cause {
    Cause {
        code: text(told, "cause"),
        words: visit.say(&text(told, "cause_ro"), &text(told, "cause_en")).to_owned(),
        since: text(told, "since"),
        overridden: told["overridden"] == true,
        stays: told["ends"] == "lifted",
    }
}

/// The values that are there, moments as people read them.
fn facts(told: &Value, names: &[(&str, &'static str)]) -> Vec<(&'static str, String)> {
    let fact = |(name, label): &(&str, &'static str)| {
        let value = text(told, name);
        (!value.is_empty()).then(|| (*label, crate::moment::moment(&value)))
    };
    names.iter().filter_map(fact).collect()
}

fn board(visit: &Visit, proofs: &Value) -> Proofs {
    let line = |one: &Value| {
        [
            worded(visit, one, "advice"),
            text(one, "group"),
            crate::moment::day(&text(one, "weakens_at")),
            text(one, "evidences"),
        ]
    };
    Proofs { lines: proofs["lines"].as_array().into_iter().flatten().map(line).collect() }
}

fn system(visit: &Visit, told: &Value) -> System {
    let broken = told["places"].as_array().into_iter().flatten().find(|place| place["state"] != "closed");
    System {
        name: visit.say(&text(told, "title"), &text(told, "title_en")).to_owned(),
        code: text(told, "system"),
        well: broken.is_none(),
        reason: broken
            .map(|place| format!("{} {}", worded(visit, place, "state"), text(place, "reason")))
            .unwrap_or_default(),
    }
}

/// Asks that a lock-down be lifted.
///
/// # Errors
/// The hub cannot answer.
pub async fn lift(visit: Visit, filled: Filled) -> Answer {
    let asked = json!({
        "cause": filled.get("cause"), "reason": filled.get("reason"), "override": filled.get("override") == "yes",
    });
    match visit.post("/v1/standing/lift").form(filled.token()).key(filled.key()).json(&asked).value().await {
        Ok(_) => Ok(done("/console/standing", "saved")),
        Err(fault) if fault.status.is_client_error() => shown(&visit, Some(&fault)).await,
        Err(fault) => Err(fault),
    }
}
