//! `GET /v1/messages/{id}/evidence`: the evidence chain, and each sealed document byte for byte.

use axum::Json;
use axum::extract::{Path, Query, State};
use axum::http::header;
use axum::response::{IntoResponse as _, Response};
use hub_flow::evidence::{self, Evidence, Level};
use hub_flow::log;
use hub_flow::message::{EvidenceId, MessageId};
use serde::Deserialize;
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
    let places = match id.parse() {
        Ok(message) => log::places_of(&app.hub.db, message).await?,
        Err(_) => Vec::new(),
    };
    let place = |evidence: &Evidence| places.iter().find(|place| place.evidence == evidence.id);
    let chain: Vec<_> = chain.iter().map(|evidence| described(evidence).logged(place(evidence))).collect();
    Ok(Json(json!({"message_id": id, "evidence": chain})))
}

/// In which form an evidence is wanted.
#[derive(Deserialize)]
pub struct Wanted {
    level: Option<String>,
}

/// One sealed document. Without `level`: with its time-stamp where it has one, else as it was sealed. `level=b` gives the
/// bytes that were sealed, whose digest is on record; `t` adds the time-stamp, `lt` certificates and revocation values.
///
/// # Errors
/// A problem document.
pub async fn document(
    State(app): State<App>,
    caller: Caller,
    Path((id, wanted)): Path<(String, String)>,
    Query(form): Query<Wanted>,
) -> Result<Response, Problem> {
    let missing = || Problem::of(&problems::NOT_FOUND);
    let wanted: EvidenceId = wanted.parse().map_err(|_| missing())?;
    let level = form.level.as_deref().map(|word| Level::parse(word).ok_or(word)).transpose().map_err(|word| {
        let (ro, en) = ("nu este un nivel; există b, t și lt", "is not a level; there are b, t and lt");
        Problem::of(&problems::MALFORMED_REQUEST).detail(format!("„{word}” {ro}"), format!("{word:?} {en}"))
    })?;
    let chain = visible(&app, &caller, &id).await?;
    let found = chain.into_iter().find(|evidence| evidence.id == wanted).ok_or_else(missing)?;
    let unstamped = || missing().detail("Dovada nu are încă marcă temporală", "The evidence has no time-stamp yet");
    let document = match level {
        Some(level) => evidence::at_level(&app.hub.db, &found, level).await?.ok_or_else(unstamped)?,
        None => evidence::at_level(&app.hub.db, &found, Level::T).await?.unwrap_or(found.document),
    };
    let name = format!("attachment; filename=\"{}-{}.xml\"", found.event, found.id);
    let headers = [(header::CONTENT_TYPE, "application/xml".to_owned()), (header::CONTENT_DISPOSITION, name)];
    Ok((headers, document).into_response())
}

/// The proof that the evidence is in the log (C2SP tlog-proof), which verifies without this hub; `Link` names the
/// time-stamp of the head it leads to.
///
/// # Errors
/// A problem document; the evidence may not be logged yet.
pub async fn log_proof(
    State(app): State<App>,
    caller: Caller,
    Path((id, wanted)): Path<(String, String)>,
) -> Result<Response, Problem> {
    let missing = || Problem::of(&problems::NOT_FOUND);
    let wanted: EvidenceId = wanted.parse().map_err(|_| missing())?;
    let chain = visible(&app, &caller, &id).await?;
    let found = chain.into_iter().find(|evidence| evidence.id == wanted).ok_or_else(missing)?;
    let proof = log::proof_of(&app.hub.db, found.message, found.id).await?.ok_or_else(|| {
        missing().detail(
            "Dovada nu este încă în jurnal; cereți din nou peste câteva secunde",
            "The evidence is not in the log yet; ask again in a few seconds",
        )
    })?;
    let text = proof.proof.to_string();
    let mut response = ([(header::CONTENT_TYPE, "text/plain; charset=utf-8")], text).into_response();
    if let Some(stamp) = proof.stamp {
        let link = format!("</v1/log/heads/{}/stamp>; rel=\"timestamp\"", stamp.size);
        response.headers_mut().insert(header::LINK, link.parse().expect("a path of digits is a header value"));
    }
    Ok(response)
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
