//! `GET /v1/dead-letters`, `POST /v1/dead-letters/{delivery}/settle` and `/replay`: what ended without reaching the
//! recipient's system, and what a person does about it.

use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse as _, Response};
use connectors_contract::SideEffect;
use hub_flow::approvals::ApprovalKind;
use hub_flow::audit;
use hub_flow::authorization::to;
use hub_flow::dead_letters::{self, DeadLetter, Kind, NextAct, Statement, effect};
use hub_flow::flow::{self, Finding, NotReplayed, Replayed};
use hub_flow::message::DeliveryId;
use openssl::sha::sha256;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::problems;

use super::App;
use super::approvals::{Dangerous, approved};
use super::audit::Trail;
use super::caller::Caller;
use super::may::May;
use super::messages::receipt::receipt;
use super::messages::submit;
use super::problem::Problem;
use super::request::{Path, SmallBody, Wanted};
use crate::api::door::Door;

/// Deliveries that wait for a person.
#[must_use]
pub fn routes(door: Door) -> Door {
    door.get("/v1/dead-letters", list)
        .post("/v1/dead-letters/{delivery}/replay", replay)
        .post("/v1/dead-letters/{delivery}/settle", settle)
        .taking::<Settling>()
}

/// Which dead letters.
#[derive(Deserialize)]
pub struct Choice {
    closed: Option<bool>,
    limit: Option<i64>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Settling {
    arrived: bool,
    receipt: Option<String>,
    note: String,
}

/// The dead letters of what the caller's institution sent; of all, for those who run the hub. Newest first.
///
/// # Errors
/// A problem document.
pub async fn list(
    caller: May<to::DeadLettersRead>,
    State(app): State<App>,
    Wanted(wanted): Wanted<Choice>,
) -> Result<Json<Value>, Problem> {
    let limit = wanted.limit.unwrap_or(100).clamp(1, 1000);
    let which = (caller.operator, wanted.closed.unwrap_or(false));
    let letters = dead_letters::list(&app.hub.db, &caller.party, which, limit).await?;
    let mut acts = dead_letters::acts(&app.hub.db, &caller.party, which, limit).await?;
    let told = |letter: &DeadLetter| {
        let mut item = described(letter);
        let acts = acts.remove(&letter.delivery).unwrap_or_default();
        item["acts"] = serde_json::to_value(acts).expect("acts are plain data");
        item
    };
    let items: Vec<Value> = letters.iter().map(told).collect();
    Ok(Json(json!({"items": items})))
}

/// Says what was found out: that it arrived, with the recipient's reference, or that it did not.
///
/// # Errors
/// A problem document.
pub async fn settle(
    caller: May<to::DeadLettersSettle>,
    (State(app), trail): (State<App>, Trail),
    Path(id): Path<String>,
    SmallBody(body): SmallBody,
) -> Result<Json<Value>, Problem> {
    let Settling { arrived, receipt, note } = serde_json::from_slice(&body).map_err(|error| {
        Problem::of(&problems::MALFORMED_REQUEST)
            .detail(format!("JSON greșit: {error}"), format!("Wrong JSON: {error}"))
    })?;
    let fits = |text: &str| (3..=500).contains(&text.trim().chars().count()) && !text.chars().any(char::is_control);
    if !fits(&note) || receipt.as_deref().is_some_and(|receipt| receipt.trim().is_empty() || receipt.len() > 500) {
        return Err(Problem::of(&problems::INVALID_SETTLEMENT).detail(
            "Scrieți în note, în 3 până la 500 de caractere pe un rând, cum ați aflat",
            "Say in note, in 3 to 500 characters on one line, how you found out",
        ));
    }
    let statement = if arrived { Statement::Arrived } else { Statement::NotArrived };
    let audit = trail.act(&app.hub, &caller, audit::Kind::DeadLetterSettled);
    let finding = Finding { statement, receipt, note, audit };
    let letter = flow::state(&app.hub, (caller.actor(), caller.operator), delivery(&id)?, finding).await;
    Ok(Json(described(&letter.map_err(problem)?)))
}

/// Sends it again, as its system allows: 202 when the same delivery goes on, 201 with the receipt of the new message when
/// it had ended, 200 with that same receipt when asked again.
///
/// # Errors
/// A problem document.
pub async fn replay(
    caller: May<to::DeadLettersReplay>,
    (State(app), trail): (State<App>, Trail),
    headers: HeaderMap,
    Path(id): Path<String>,
) -> Result<Response, Problem> {
    let id = delivery(&id)?;
    twice_only_by_two(&app, &caller, &headers, id).await?;
    let audit = trail.act(&app.hub, &caller, audit::Kind::DeadLetterReplayed).because(trail.purpose.clone());
    match flow::replay(&app.hub, (caller.actor(), caller.operator), (id, audit)).await.map_err(problem)? {
        Replayed::Resent => {
            Ok((StatusCode::ACCEPTED, Json(json!({"delivery_id": id, "state": "waiting"}))).into_response())
        }
        Replayed::Anew(acceptance) => {
            let status = if acceptance.again { StatusCode::OK } else { StatusCode::CREATED };
            Ok((status, Json(receipt(&app, &acceptance))).into_response())
        }
    }
}

/// What makes a second document where the first arrived after all is sent again only after another person approved it.
async fn twice_only_by_two(app: &App, caller: &Caller, headers: &HeaderMap, id: DeliveryId) -> Result<(), Problem> {
    let letter = dead_letters::load(&app.hub.db, id).await?;
    let seen = |letter: &DeadLetter| caller.operator || app.hub.directory().acts_for(&caller.party, &letter.sender);
    // What was refused there made no document, and what cannot be replayed now says so itself.
    let once = |letter: &DeadLetter| letter.side_effect == SideEffect::Once && letter.kind != Kind::Refused;
    let waits = |letter: &DeadLetter| letter.next_act() == NextAct::Replay && letter.replaced_by.is_none();
    let Some(letter) = letter.filter(|letter| seen(letter) && once(letter) && waits(letter)) else { return Ok(()) };
    let (subject, since) = (letter.delivery.to_string(), letter.since.0);
    let content = sha256(format!("replay {subject} {} {since}", letter.message).as_bytes());
    approved(app, caller, headers, Dangerous { kind: ApprovalKind::Replay, subject: &subject, content }).await
}

fn delivery(id: &str) -> Result<DeliveryId, Problem> {
    id.parse().map_err(|_| Problem::of(&problems::NOT_FOUND))
}

fn described(letter: &DeadLetter) -> Value {
    let kind = match letter.kind {
        Kind::Exhausted => "nepredat în termen",
        Kind::Refused => "refuzat de sistemul destinatarului",
        Kind::Uncertain => "nu se știe dacă a ajuns",
    };
    let next = letter.next_act();
    json!({
        "delivery_id": letter.delivery,
        "message_id": letter.message,
        "subject": letter.subject,
        "sender": letter.sender,
        "recipient": letter.recipient,
        "state": letter.state,
        "owner": letter.owner,
        "system": letter.system,
        "kind": letter.kind,
        "kind_ro": kind,
        "side_effect": effect(letter.side_effect),
        "reason": letter.reason,
        "since": letter.since.to_utc(),
        "statement": letter.statement,
        "replaced_by": letter.replaced_by,
        "closed_at": letter.closed_at.map(|at| at.to_utc()),
        "next_act": next,
        "next_act_ro": next.in_romanian(),
    })
}

fn problem(not: NotReplayed) -> Problem {
    match not {
        NotReplayed::NotFound => Problem::of(&problems::NOT_FOUND),
        NotReplayed::NotTheSender => Problem::of(&problems::FORBIDDEN).detail(
            "Livrarea s-a încheiat: retrimiterea este un mesaj nou, pe care îl poate trimite doar expeditorul sau împuternicitul lui",
            "The delivery has ended: sending again is a new message, which only the sender or its delegate may send",
        ),
        NotReplayed::Relayed => Problem::of(&problems::STATE_CONFLICT).detail(
            "Mesajul a venit de la alt serviciu de livrare, care îl retrimite el",
            "The message came from another delivery service, which sends it again itself",
        ),
        NotReplayed::StatementNeeded => Problem::of(&problems::STATEMENT_NEEDED).detail(
            "Întrebați instituția destinatară dacă are documentul și declarați răspunsul la /settle; apoi retrimiteți",
            "Ask the receiving institution whether it has the document and state the answer at /settle; then replay",
        ),
        NotReplayed::Closed(letter) => Problem::of(&problems::STATE_CONFLICT)
            .detail(
                "Nu mai este nimic de făcut pentru această livrare, sau s-a hotărât altfel",
                "Nothing is left to be done about this delivery, or it was decided otherwise",
            )
            .with("dead_letter", described(&letter)),
        NotReplayed::Refused(refused) => submit::problem(*refused),
        NotReplayed::Halted(halt) => halt.into(),
        NotReplayed::Unavailable(error) => error.into(),
    }
}
