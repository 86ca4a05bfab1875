//! `POST /v1/messages`: one call in, a signed receipt back.

use std::time::Instant;

use axum::Json;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use hub_flow::authorization::{Scope, to};
use hub_flow::flow::{self, Refused};
use hub_flow::message::Submission;

use crate::api::App;
use crate::api::caller::idempotency_key;
use crate::api::may::MayWithin;
use crate::api::problem::Problem;
use crate::problems;
use crate::protection::malware::{self, Shown};

use super::receipt::{described, receipt};
use super::receive::{Arrived, receive};

/// Takes a document: 201 with the sealed receipt once everything is durable; 200 with the same receipt for the same
/// document sent again; 422 with a sealed rejection; 409 when the key was used for another document.
///
/// # Errors
/// A problem document.
pub async fn submit(
    caller: MayWithin<to::MessagesSend>,
    State(app): State<App>,
    headers: HeaderMap,
    request: Request,
) -> Result<Response, Problem> {
    if app.hub.directory().service(caller.party()).is_some() {
        return Err(Problem::of(&problems::FORBIDDEN).detail(
            "Un serviciu partener nu este expeditor: mesajele lui vin prin /v1/relay",
            "A partner service is no sender: its messages come by /v1/relay",
        ));
    }
    let idempotency_key = idempotency_key(&headers)?;
    let Arrived { envelope, payloads, staged, body } = receive(&app, request).await?;
    let scope = Scope { document_type: Some(&envelope.document_type), ..Scope::default() };
    let caller = caller.within(scope)?.into_caller();
    let found = malware::judged(&app, Shown { envelope: &envelope, payloads: &payloads, staged: &staged }).await?;
    let (sender, authentication) = caller.sending_for(&app, envelope.on_behalf_of.as_deref())?;
    let submission =
        Submission { sender, authentication, idempotency_key, envelope, payloads, staged, body, relay: None, found };
    let started = Instant::now();
    let accepted = flow::accept(&app.hub, submission).await;
    let outcome = match &accepted {
        Ok(acceptance) if acceptance.again => "again",
        Ok(_) => "accepted",
        Err(Refused::Rejected { .. }) => "rejected",
        Err(Refused::Conflict { .. }) => "conflict",
        Err(Refused::Halted(_)) => "halted",
        Err(Refused::Unavailable(_)) => "unavailable",
    };
    app.metrics.submission(outcome, started.elapsed().as_secs_f64());
    let acceptance = accepted.map_err(problem)?;
    let status = if acceptance.again { StatusCode::OK } else { StatusCode::CREATED };
    let location = format!("/v1/messages/{}", acceptance.message.id);
    Ok((status, [(header::LOCATION, location)], Json(receipt(&app, &acceptance))).into_response())
}

pub(crate) fn problem(refused: Refused) -> Problem {
    match refused {
        Refused::Unavailable(error) => error.into(),
        Refused::Halted(halt) => halt.into(),
        Refused::Conflict { first } => Problem::of(&problems::IDEMPOTENCY_CONFLICT)
            .detail(
                "Folosiți o cheie nouă pentru documentul nou; primul document rămâne neschimbat",
                "Use a new key for the new document; the first one stays as it is",
            )
            .with("message_id", first.to_string()),
        Refused::Rejected { problem, violations, evidence } => {
            let kind = problems::by_code(problem.code()).unwrap_or(&problems::INVALID_CONTENT);
            Problem::of(kind)
                .detail(
                    "Corectați tot ce este în violations și trimiteți din nou; nimic nu a fost preluat",
                    "Correct everything in violations and send again; nothing was taken",
                )
                .violations(&violations)
                .with("message_id", evidence.message.to_string())
                .with("evidence", serde_json::to_value(described(&evidence)).expect("an evidence is plain data"))
        }
    }
}
