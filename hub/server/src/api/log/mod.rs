//! `/v1/log`: the public log of evidence, for monitors, witnesses and whoever checks a receipt. Hashes, sizes, times and
//! signatures only: nothing here tells who wrote to whom.

pub mod heads;
pub mod proofs;
pub mod tiles;
pub mod witness;

use axum::Json;
use axum::extract::State;
use hub_flow::log::{self, ProofError};
use serde_json::{Value, json};

use crate::problems;

use super::App;
use super::problem::Problem;
use crate::api::door::Door;
/// Why these are open to all.
const THE_LOG: &str = "whoever watches the log need not be known";

/// The log, open to all who want to watch it.
#[must_use]
pub fn routes(door: Door) -> Door {
    door.public_get("/v1/log", THE_LOG, show)
        .public_get("/v1/log/checkpoint", THE_LOG, heads::checkpoint)
        .public_get("/v1/log/heads", THE_LOG, heads::list)
        .public_get("/v1/log/heads/{size}", THE_LOG, heads::show)
        .public_get("/v1/log/heads/{size}/stamp", THE_LOG, heads::stamp)
        .public_get("/v1/log/consistency", THE_LOG, proofs::consistency)
        .public_get("/v1/log/inclusion", THE_LOG, proofs::inclusion)
        .public_get("/v1/log/tile/{level}/{*number}", THE_LOG, tiles::tile)
        .public_post("/v1/log/witness", THE_LOG, witness::cosign)
        .carrying("text/plain")
}

/// `GET /v1/log`: the name, the keys, the newest head and the newest stamped one.
///
/// # Errors
/// A problem document.
pub async fn show(State(app): State<App>) -> Result<Json<Value>, Problem> {
    let (db, kept) = (&app.hub.db, &app.hub.log);
    let head = log::newest_head(db).await?;
    let stamp = log::newest_stamp(db).await?;
    let texts =
        |keys: &[hub_signatures::log::key::VerifierKey]| keys.iter().map(ToString::to_string).collect::<Vec<_>>();
    let described = match &head {
        Some(head) => Some(heads::described(db, head).await?),
        None => None,
    };
    Ok(Json(json!({
        "origin": kept.origin(),
        "key": kept.verifier().to_string(),
        "former_keys": texts(&kept.verifiers()[1..]),
        "witnesses": texts(kept.witnesses()),
        "head": described,
        "stamped": stamp.as_ref().map(heads::described_stamp),
        "stamping": stamping(&app).await?,
        "trouble": kept.trouble().is_some(),
    })))
}

/// What waits for a stamp: `off` where nobody stamps, `ok` within the terms, `behind` after a failure.
pub(crate) async fn stamping(app: &App) -> Result<Value, Problem> {
    if app.hub.log.stamping().is_none() {
        return Ok(json!({"state": "off"}));
    }
    let state = log::state(&app.hub.db).await?;
    Ok(json!({
        "state": if app.hub.log.last_refusal().is_some() { "behind" } else { "ok" },
        "unstamped_heads": state.waiting,
        "oldest_unstamped_at": state.since.map(|since| since.to_utc()),
    }))
}

impl From<ProofError> for Problem {
    fn from(error: ProofError) -> Self {
        match error {
            ProofError::Database(error) => error.into(),
            ProofError::Impossible(why) => Problem::of(&problems::NOT_FOUND).detail(why.clone(), why),
            ProofError::Damaged(why) => {
                tracing::error!(why, "the log of evidence is damaged; run punte verify --log");
                Problem::of(&problems::UNAVAILABLE)
            }
        }
    }
}
