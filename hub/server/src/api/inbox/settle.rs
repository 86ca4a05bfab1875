//! `POST /v1/inbox/{delivery}/accept` and `/reject`: the recipient's word, with its register number.

use axum::Json;
use axum::extract::State;
use hub_flow::authorization::to;
use hub_flow::evidence;
use hub_flow::flow::{Settlement, Unsettled, settle};
use hub_flow::message::{DeliveryId, Registration};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::api::App;
use crate::api::caller::Caller;
use crate::api::may::May;
use crate::api::messages::receipt::described;
use crate::api::problem::Problem;
use crate::api::request::{Path, SmallBody};
use crate::problems;

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Acceptance {
    registration: Option<Registration>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Rejection {
    reason: String,
}

/// Wants to receive a document it was asked about: the content is shown from now on.
///
/// # Errors
/// A problem document.
pub async fn consent(
    caller: May<to::InboxSettle>,
    State(app): State<App>,
    Path(id): Path<String>,
) -> Result<Json<Value>, Problem> {
    answer(&app, &caller, &id, Settlement::Consent).await
}

/// Takes the document, with the recipient's own register number where it keeps its own register.
///
/// # Errors
/// A problem document.
pub async fn accept(
    caller: May<to::InboxSettle>,
    State(app): State<App>,
    Path(id): Path<String>,
    SmallBody(body): SmallBody,
) -> Result<Json<Value>, Problem> {
    let Acceptance { registration } = if body.is_empty() { Acceptance::default() } else { read(&body)? };
    let wrong =
        |number: &Registration| number.number.trim().is_empty() || number.date.parse::<jiff::civil::Date>().is_err();
    if registration.as_ref().is_some_and(wrong) {
        return Err(number_needed());
    }
    answer(&app, &caller, &id, Settlement::Accept { registration }).await
}

/// Does not take the document, and says why.
///
/// # Errors
/// A problem document.
pub async fn reject(
    caller: May<to::InboxSettle>,
    State(app): State<App>,
    Path(id): Path<String>,
    SmallBody(body): SmallBody,
) -> Result<Json<Value>, Problem> {
    let Rejection { reason } = read(&body)?;
    let short = reason.trim().chars().count();
    if !(3..=500).contains(&short) || reason.chars().any(char::is_control) {
        return Err(Problem::of(&problems::INVALID_SETTLEMENT).detail(
            "Motivul respingerii trebuie să aibă între 3 și 500 de caractere, pe un singur rând",
            "The reason of the rejection must have 3 to 500 characters on one line",
        ));
    }
    answer(&app, &caller, &id, Settlement::Reject { reason }).await
}

fn read<T: for<'de> Deserialize<'de>>(body: &[u8]) -> Result<T, Problem> {
    serde_json::from_slice(body).map_err(|error| {
        Problem::of(&problems::MALFORMED_REQUEST)
            .detail(format!("JSON greșit: {error}"), format!("Wrong JSON: {error}"))
    })
}

fn number_needed() -> Problem {
    Problem::of(&problems::INVALID_SETTLEMENT).detail(
        "Instituția își ține registrul: trimiteți registration cu number și date (2026-11-20)",
        "The institution keeps its own register: send registration with number and date (2026-11-20)",
    )
}

async fn answer(app: &App, caller: &Caller, id: &str, settlement: Settlement) -> Result<Json<Value>, Problem> {
    let id: DeliveryId = id.parse().map_err(|_| Problem::of(&problems::NOT_FOUND))?;
    let settled = settle(&app.hub, caller.actor(), id, settlement).await.map_err(problem)?;
    let chain = evidence::list(&app.hub.db, settled.delivery.message_id).await?;
    let own = chain.iter().rfind(|evidence| evidence.delivery == Some(id));
    Ok(Json(json!({
        "delivery_id": id,
        "message_id": settled.delivery.message_id,
        "state": settled.delivery.state,
        "recipient_registration": settled.delivery.recipient_registration,
        "evidence": own.map(described),
    })))
}

fn problem(unsettled: Unsettled) -> Problem {
    match unsettled {
        Unsettled::NotFound => Problem::of(&problems::NOT_FOUND),
        Unsettled::Unavailable(error) => error.into(),
        Unsettled::Halted(halt) => halt.into(),
        Unsettled::NumberMissing => number_needed(),
        Unsettled::NumberKeptByHub(number) => Problem::of(&problems::INVALID_SETTLEMENT).detail(
            format!(
                "Registrul instituției este ținut de hub, care a dat numărul {}; acceptați fără registration",
                number.number
            ),
            format!(
                "The hub keeps the institution's register and gave the number {}; accept without registration",
                number.number
            ),
        ),
        Unsettled::Conflict(delivery) => Problem::of(&problems::STATE_CONFLICT)
            .detail(
                format!("Documentul este deja: {}", delivery.state.in_romanian()),
                format!("The document is already {}", delivery.state.as_str()),
            )
            .with("state", delivery.state.as_str()),
    }
}
