//! Why nothing is answered, as problems.

use hub_flow::clock::Timestamp;
use hub_flow::db::DbError;
use hub_flow::directory::Permission;
use hub_flow::flow::{NotAsked, NotRead, askable};
use hub_flow::lookup::{Lookup, Outcome, freshness};
use schemas::Violation;
use serde_json::json;

use crate::api::App;
use crate::api::problem::Problem;
use crate::problems;

/// Seconds after which asking again makes sense where the register names none.
const SOON: u32 = 30;

pub(in crate::api) fn not_asked(app: &App, party: &str, (system, operation): (&str, &str), why: NotAsked) -> Problem {
    match why {
        NotAsked::Unknown => unknown(app, party),
        NotAsked::Invalid(violations) => invalid(&violations),
        NotAsked::Denied { id, permission } => denied(&format!("{system}.{operation}"), &permission)
            .with("operation", format!("{system}.{operation}"))
            .with("journal_id", id.to_string()),
        NotAsked::Unrecorded(error) => unrecorded(error),
    }
}

/// Why something that was asked is not shown again.
pub(in crate::api) fn not_read(why: NotRead) -> Problem {
    match why {
        NotRead::NotFound => Problem::of(&problems::NOT_FOUND),
        NotRead::Invalid(violations) => invalid(&violations),
        NotRead::Unrecorded(error) => unrecorded(error),
    }
}

pub(super) fn invalid(violations: &[Violation]) -> Problem {
    Problem::of(&problems::INVALID_QUESTION)
        .detail(
            "Corectați tot ce este în violations și întrebați din nou; registrul nu a fost întrebat",
            "Correct everything in violations and ask again; the register was not asked",
        )
        .violations(violations)
}

fn unknown(app: &App, party: &str) -> Problem {
    let known: Vec<String> =
        askable(&app.hub, party).iter().map(|one| format!("{}/{}", one.manifest.system, one.name)).collect();
    let (ro, en) = match known.is_empty() {
        true => (
            "Prin acest hub nu se poate întreba niciun registru; cereți-l celui care administrează hubul".to_owned(),
            "No register can be asked through this hub; ask its operator for it".to_owned(),
        ),
        false => (
            format!("Se pot întreba: {}; detaliile sunt la /v1/lookups", known.join(", ")),
            format!("What can be asked: {}; details are at /v1/lookups", known.join(", ")),
        ),
    };
    Problem::of(&problems::UNKNOWN_LOOKUP).detail(ro, en).with("known", known)
}

fn denied(operation: &str, permission: &Permission) -> Problem {
    let (ro, en) = match permission {
        Permission::NotInForce { agreement, valid_from, valid_to } => (
            format!(
                "Acordul {agreement} este în vigoare numai între {valid_from} și {valid_to}; cereți prelungirea lui"
            ),
            format!(
                "The agreement {agreement} is in force from {valid_from} to {valid_to} only; ask for its extension"
            ),
        ),
        Permission::OtherBasis { bases } => (
            format!(
                "Acordul pentru {operation} are alt temei: {}; scrieți-l la legal_basis sau cereți un acord pe temeiul dumneavoastră",
                bases.join("; ")
            ),
            format!(
                "The agreement for {operation} has another basis: {}; give it as legal_basis, or ask for an agreement on yours",
                bases.join("; ")
            ),
        ),
        Permission::OtherPurpose { purposes } => (
            format!(
                "Acordul pentru {operation} are alte scopuri: {}; scrieți unul la purpose sau cereți un acord pentru scopul dumneavoastră",
                purposes.join(", ")
            ),
            format!(
                "The agreement for {operation} has other purposes: {}; give one as purpose, or ask for an agreement for yours",
                purposes.join(", ")
            ),
        ),
        _ => (
            format!(
                "Lipsește acordul ([[lookup_agreement]]) care dă instituției dumneavoastră dreptul la {operation}; cereți-l celui care administrează directorul, cu scopul și temeiul legal"
            ),
            format!(
                "The agreement ([[lookup_agreement]]) is missing that lets your institution ask {operation}; ask the keeper of the directory for it, with purpose and legal basis"
            ),
        ),
    };
    Problem::of(&problems::NO_LOOKUP_AGREEMENT).detail(ro, en)
}

/// No entry in the journal, no answer.
fn unrecorded(error: DbError) -> Problem {
    Problem::from(error).detail(
        "Întrebarea sau răspunsul nu a putut fi consemnat în jurnal, deci nu se dă niciun răspuns; întrebați din nou",
        "The question or its answer could not be written into the journal, so nothing is answered; ask again",
    )
}

/// A question that ended without an answer.
pub(super) struct Ended<'a> {
    pub outcome: Outcome,
    pub code: Option<&'a str>,
    pub reason: Option<&'a str>,
    pub retry_at: Option<Timestamp>,
    pub now: Timestamp,
}

pub(super) fn ended(title: &str, lookup: &Lookup, ended: &Ended<'_>) -> Problem {
    let reason = ended.reason.unwrap_or("explicația a fost ștearsă la termen");
    let problem = match ended.outcome {
        Outcome::Refused => {
            let code = ended.code.unwrap_or_default();
            Problem::of(&problems::REGISTER_REFUSED)
                .detail(
                    format!("{title}: {reason} (cod {code}); corectați întrebarea sau clarificați dreptul cu registrul, apoi întrebați din nou"),
                    format!("{title}: {reason} (code {code}); correct the question or settle the right to ask with the register, then ask again"),
                )
                .with("register", json!({"code": ended.code, "reason": ended.reason}))
        }
        Outcome::Denied => Problem::of(&problems::NO_LOOKUP_AGREEMENT).detail(
            "Întrebarea a fost oprită atunci, fiindcă niciun acord nu o permitea; registrul nu a fost întrebat",
            "The question was stopped then, as no agreement allowed it; the register was not asked",
        ),
        Outcome::Interrupted => Problem::of(&problems::LOOKUP_INTERRUPTED).detail(
            "Hubul s-a oprit în timp ce întreba, iar răspunsul nu a fost dat nimănui; întrebați din nou",
            "The hub stopped while it asked, and the answer was given to nobody; ask again",
        ),
        _ => {
            let wait = ended.retry_at.map(|at| freshness::age(ended.now, at).as_secs().max(1));
            let seconds = wait.map_or(SOON, |seconds| u32::try_from(seconds).unwrap_or(u32::MAX));
            Problem::of(&problems::REGISTER_UNAVAILABLE)
                .detail(
                    format!("{title}: {reason}; întrebați din nou după timpul din Retry-After, sau cu allow_stale: true dacă vă ajunge un răspuns mai vechi"),
                    format!("{title}: {reason}; ask again after the time in Retry-After, or with allow_stale: true if an older answer will do"),
                )
                .retry_after(seconds)
        }
    };
    problem.with("journal_id", lookup.id.to_string())
}
