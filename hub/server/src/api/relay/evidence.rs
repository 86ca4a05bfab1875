//! `POST /v1/relay/evidence`: what another delivery service tells of a message that was relayed to it.

use axum::Json;
use axum::extract::{Request, State};
use hub_flow::authorization::to;
use hub_flow::flow::{NotHeard, hear};
use serde_json::{Value, json};

use crate::api::App;
use crate::api::may::May;
use crate::api::messages::receive::{malformed, next, small};
use crate::api::problem::Problem;
use crate::problems;

use super::{MOST_EVIDENCE, metadata, not_a_service, too_much};

/// Keeps each evidence, in the order it comes, and moves the delivery it is about. The same again is answered the same.
///
/// # Errors
/// A problem document; what came before the evidence it is about is kept.
pub async fn tell(
    caller: May<to::RelayReport>,
    State(app): State<App>,
    request: Request,
) -> Result<Json<Value>, Problem> {
    if app.hub.directory().service(&caller.party).is_none() {
        return Err(not_a_service());
    }
    let (metadata, mut form) = metadata(&app, request).await?;
    let mut documents = Vec::new();
    while let Some(field) = next(&app, &mut form).await? {
        documents.push(small(&app, field).await?);
        if documents.len() > MOST_EVIDENCE {
            return Err(too_much());
        }
    }
    if documents.is_empty() {
        return Err(malformed("Lipsește dovada", "There is no evidence"));
    }
    let mut heard = Vec::with_capacity(documents.len());
    for document in &documents {
        let again = hear(&app.hub, &caller.party, &metadata, document).await.map_err(problem)?;
        heard.push(json!({"again": again}));
    }
    Ok(Json(json!({"evidence": heard})))
}

fn problem(error: NotHeard) -> Problem {
    match error {
        NotHeard::NotAService => not_a_service(),
        NotHeard::Unavailable(error) => error.into(),
        NotHeard::Unknown => Problem::of(&problems::NOT_FOUND).detail(
            "Niciun mesaj cu acest identificator nu a fost transmis acestui serviciu, sau preluarea lui nu este încă notată",
            "No message of this identifier went to this service, or its acceptance is not recorded yet",
        ),
        NotHeard::Disbelieved(why) => Problem::of(&problems::UNVERIFIED).detail(
            format!("Dovada nu este crezută: {why}"),
            format!("The evidence is not believed: {why}"),
        ),
        NotHeard::Contradiction => Problem::of(&problems::IDEMPOTENCY_CONFLICT).detail(
            "O dovadă cu același identificator are alți octeți; ambele sunt păstrate",
            "An evidence of the same identifier has other bytes; both are kept",
        ),
    }
}
