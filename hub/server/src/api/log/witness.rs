//! `POST /v1/log/witness`: a partner that follows the log brings its cosignature of a head.

use axum::Json;
use axum::extract::State;
use hub_flow::log::{WitnessError, keep_cosignatures};
use serde_json::{Value, json};

use crate::api::App;
use crate::api::problem::Problem;
use crate::api::request::SmallBody;
use crate::problems;

/// Takes the checkpoint with the signature lines of known witnesses (C2SP tlog-cosignature) and keeps what holds.
///
/// # Errors
/// The text is no head of this log, or no known witness signed it.
pub async fn cosign(State(app): State<App>, SmallBody(body): SmallBody) -> Result<Json<Value>, Problem> {
    let refused = |why: String| Problem::of(&problems::UNVERIFIED).detail(why.clone(), why);
    let note = std::str::from_utf8(&body).map_err(|_| refused("the checkpoint is not UTF-8 text".to_owned()))?;
    match keep_cosignatures(&app.hub, note).await {
        Ok(witnesses) => Ok(Json(json!({"kept": witnesses}))),
        Err(WitnessError::Database(error)) => Err(error.into()),
        Err(error) => {
            if let WitnessError::UnknownHead { size } = &error {
                tracing::error!(
                    size,
                    "A WITNESS SIGNED A HEAD THAT THIS LOG DOES NOT HAVE: its history or ours is forged"
                );
            }
            Err(refused(error.to_string()))
        }
    }
}
