//! `POST /v1/standing/lift`: an administrator lifts a lock-down whose cause has gone; two decide to go on although it stands.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use hub_flow::audit::{AuditEvent, Kind, Outcome};
use hub_flow::authorization::to;
use hub_flow::lock_down::{self, RecordTurn, Turn};
use hub_flow::standing::Halt;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::api::App;
use crate::api::audit::Trail;
use crate::api::may::May;
use crate::api::problem::Problem;
use crate::api::request::SmallBody;
use crate::problems;

/// What is to be lifted.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Lifting {
    cause: String,
    reason: String,
    #[serde(default, rename = "override")]
    although_it_stands: bool,
}

/// Lifts a lock-down: 200 when it is lifted, 202 when a second administrator must agree.
///
/// # Errors
/// A problem document.
pub async fn lift(
    caller: May<to::LockDownLift>,
    (State(app), trail): (State<App>, Trail),
    SmallBody(body): SmallBody,
) -> Result<(StatusCode, Json<Value>), Problem> {
    let Lifting { cause, reason, although_it_stands } = serde_json::from_slice(&body).map_err(|error| {
        Problem::of(&problems::MALFORMED_REQUEST)
            .detail(format!("JSON greșit: {error}"), format!("Wrong JSON: {error}"))
    })?;
    let words = Halt::ALL.into_iter().filter(|cause| cause.locks_down()).map(Halt::as_str);
    let cause = Halt::parse(&cause).filter(|cause| cause.locks_down()).ok_or_else(|| {
        let known = words.collect::<Vec<_>>().join(", ");
        malformed("cause", &format!("scrieți: {known}"), &format!("write: {known}"))
    })?;
    if !(3..=500).contains(&reason.trim().chars().count()) || reason.chars().any(char::is_control) {
        return Err(malformed("reason", "3 până la 500 de caractere, pe un rând", "3 to 500 characters on one line"));
    }
    if !app.hub.standing.stands(cause) {
        return Err(refused(
            "Cauza nu mai există; nu este nimic de ridicat",
            "The cause does not stand; there is nothing to lift",
        ));
    }
    let event = |kind| trail.act(&app.hub, &caller, kind).on(cause.as_str()).because(Some(reason.clone()));
    match app.checks.find(cause).await? {
        None => {
            turned(&app, cause, Turn::End, event(Kind::LockDownLifted)).await?;
            app.hub.standing.resume(cause);
            app.hub.wake.ring();
            Ok((StatusCode::OK, Json(json!({"cause": cause.as_str(), "state": "lifted"}))))
        }
        Some(found) if !although_it_stands => {
            let event = event(Kind::UnlockRefused).ended(Outcome::Refused).with(json!({"detail": found}));
            app.hub.record(vec![event]).await?;
            Err(refused(
                "Cauza persistă. Înlăturați-o, sau cereți ridicarea cu „override”: true, pe care o aprobă un al doilea administrator",
                "The cause stands. Remove it, or ask with \"override\": true, which a second administrator approves",
            )
            .with("found", found))
        }
        Some(_) => overridden(&app, cause, &trail.principal(&caller).id, event).await,
    }
}

async fn overridden(
    app: &App,
    cause: Halt,
    by: &str,
    event: impl Fn(Kind) -> AuditEvent,
) -> Result<(StatusCode, Json<Value>), Problem> {
    let held = lock_down::all(&app.hub.db).await?.into_iter().find(|held| held.cause == cause);
    let proposed_by = held.and_then(|held| held.proposed_by);
    match proposed_by {
        Some(first) if first != by => {
            let turn = Turn::Override { by: by.to_owned() };
            if !turned(app, cause, turn, event(Kind::LockDownOverridden)).await? {
                return Err(refused("S-a hotărât între timp", "It was decided meanwhile"));
            }
            app.hub.standing.ignore(cause);
            app.hub.wake.ring();
            Ok((StatusCode::OK, Json(json!({"cause": cause.as_str(), "state": "overridden", "proposed_by": first}))))
        }
        Some(_) => Err(Problem::of(&problems::SECOND_CLERK_NEEDED).detail(
            "Ați propus deja ridicarea; o aprobă un alt administrator",
            "You proposed to lift it; another administrator approves",
        )),
        None => {
            turned(app, cause, Turn::Propose { by: by.to_owned() }, event(Kind::OverrideProposed)).await?;
            Ok((StatusCode::ACCEPTED, Json(json!({"cause": cause.as_str(), "state": "proposed", "proposed_by": by}))))
        }
    }
}

async fn turned(app: &App, cause: Halt, turn: Turn, event: AuditEvent) -> Result<bool, Problem> {
    Ok(app.hub.db.write(&Arc::new(RecordTurn), (cause, turn, event)).await?)
}

fn malformed(field: &str, ro: &str, en: &str) -> Problem {
    Problem::of(&problems::MALFORMED_REQUEST)
        .detail(format!("{field}: {ro}"), format!("{field}: {en}"))
        .with("field", field)
}

fn refused(ro: &str, en: &str) -> Problem {
    Problem::of(&problems::UNLOCK_REFUSED).detail(ro, en)
}
