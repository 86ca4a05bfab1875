//! `GET /v1/messages/{id}/evidence`: the evidence chain, and each sealed document byte for byte.

use axum::Json;
use axum::extract::{Path, State};
use axum::http::header;
use axum::response::{IntoResponse as _, Response};
use hub_flow::evidence::{self, Evidence};
use hub_flow::message::{EvidenceId, MessageId};
use serde_json::{Value, json};

use crate::api::App;
use crate::api::caller::Caller;
use crate::api::problem::Problem;
use crate::problems;

use super::receipt::described;

/// The chain, in the order it was issued. A recipient sees the submission and its own delivery.
///
/// # Errors
/// A problem document.
pub async fn list(State(app): State<App>, caller: Caller, Path(id): Path<String>) -> Result<Json<Value>, Problem> {
    let chain = visible(&app, &caller, &id).await?;
    let chain: Vec<_> = chain.iter().map(described).collect();
    Ok(Json(json!({"message_id": id, "evidence": chain})))
}

/// One sealed document, the bytes that verify.
///
/// # Errors
/// A problem document.
pub async fn document(
    State(app): State<App>,
    caller: Caller,
    Path((id, wanted)): Path<(String, String)>,
) -> Result<Response, Problem> {
    let missing = || Problem::of(&problems::NOT_FOUND);
    let wanted: EvidenceId = wanted.parse().map_err(|_| missing())?;
    let chain = visible(&app, &caller, &id).await?;
    let found = chain.into_iter().find(|evidence| evidence.id == wanted).ok_or_else(missing)?;
    let name = format!("attachment; filename=\"{}-{}.xml\"", found.event, found.id);
    let headers = [(header::CONTENT_TYPE, "application/xml".to_owned()), (header::CONTENT_DISPOSITION, name)];
    Ok((headers, found.document).into_response())
}

async fn visible(app: &App, caller: &Caller, id: &str) -> Result<Vec<Evidence>, Problem> {
    let missing = || Problem::of(&problems::NOT_FOUND);
    let message: MessageId = id.parse().map_err(|_| missing())?;
    let chain = evidence::list(&app.hub.db, message).await?;
    let seen = match super::find(app, caller, id).await {
        Ok(seen) => seen,
        // A rejection leaves no message; only its sender, who has the id, may fetch it.
        Err(problem) => {
            let sender = hub_flow::submission::rejected_sender(&app.hub.db, message).await?;
            // A refused submission of a would-be delegate is its own to see, too.
            let own = sender.is_some_and(|sender| app.hub.directory().acts_for(&caller.party, &sender));
            return if own { Ok(chain) } else { Err(problem) };
        }
    };
    let own = |evidence: &Evidence| {
        evidence.delivery.is_none_or(|id| seen.deliveries.iter().any(|(delivery, _)| delivery.id == id))
    };
    Ok(chain.into_iter().filter(own).collect())
}
