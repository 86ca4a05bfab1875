//! Registering a key, and taking one back: by the party whose key it is.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use hub_flow::audit::{Audited, Kind, Outcome};
use hub_flow::authorization::to;
use hub_flow::clock::Timestamp;
use hub_flow::encryption::{PartyKey, Proof, PublicKey, RegisterKeys, RetireKeys, seal};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use crate::api::App;
use crate::api::audit::Trail;
use crate::api::caller::Caller;
use crate::api::may::May;
use crate::api::problem::Problem;
use crate::api::request::{Path, SmallBody};
use crate::problems;

/// How long a challenge may be answered, in microseconds: ten minutes.
const CHALLENGE: i64 = 600 * 1_000_000;
/// The longest life of a key, in microseconds: three years.
const LONGEST: i64 = 3 * 366 * 86_400 * 1_000_000;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Asked {
    jwk: Value,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Registering {
    jwk: Value,
    /// RFC 3339; now where absent.
    valid_from: Option<String>,
    /// RFC 3339.
    valid_to: String,
    /// What the challenge said, opened with the private key.
    answer: String,
    /// `until` of the challenge.
    until: String,
}

/// Seals for the key what only its holder can say back.
///
/// # Errors
/// Another party's key, or none that can be used.
pub async fn challenge(
    caller: May<to::CredentialsManage>,
    State(app): State<App>,
    Path(party): Path<String>,
    SmallBody(body): SmallBody,
) -> Result<Json<Value>, Problem> {
    own(&caller, &party)?;
    let Asked { jwk } = read(&body)?;
    let key = PublicKey::read(&jwk).map_err(|error| unusable(&error.to_string()))?;
    let until = Timestamp(app.hub.clock.now().0 + CHALLENGE);
    let until = Timestamp::parse_utc(&until.to_utc()).expect("what was written so is read back");
    let proof = Proof::of(&app.hub.journal_key, &party, key.kid(), until);
    let sealed =
        seal(proof.as_str().as_bytes(), std::slice::from_ref(&key)).map_err(|error| unusable(&error.to_string()))?;
    Ok(Json(json!({"kid": key.kid(), "until": until.to_utc(), "challenge": sealed})))
}

/// Registers a key whose challenge was answered; further ones may be in force beside it.
///
/// # Errors
/// Another party's key, a wrong answer, or a validity that is none.
pub async fn register(
    caller: May<to::CredentialsManage>,
    (State(app), trail): (State<App>, Trail),
    Path((party, kid)): Path<(String, String)>,
    SmallBody(body): SmallBody,
) -> Result<(StatusCode, Json<Value>), Problem> {
    own(&caller, &party)?;
    let asked: Registering = read(&body)?;
    let key = PublicKey::read(&asked.jwk).map_err(|error| unusable(&error.to_string()))?;
    let now = app.hub.clock.now();
    let moment = |text: &str| {
        Timestamp::parse_utc(text).ok_or_else(|| unusable("a moment is not written as 2027-01-31T00:00:00Z"))
    };
    let (until, valid_to) = (moment(&asked.until)?, moment(&asked.valid_to)?);
    let valid_from = asked.valid_from.as_deref().map(moment).transpose()?.unwrap_or(now);
    if key.kid() != kid {
        return Err(unusable("the key id of the path is not the thumbprint of the key (RFC 7638)"));
    }
    if until < now || !Proof::of(&app.hub.journal_key, &party, &kid, until).is(asked.answer.trim()) {
        return Err(unusable(
            "the answer is not what the challenge said, or it came too late; ask for a new challenge",
        ));
    }
    if valid_to <= valid_from || valid_to <= now || valid_to.0 - valid_from.0 > LONGEST {
        return Err(unusable("a key is in force from valid_from to valid_to, in the future and at most three years"));
    }
    let jwk = key.jwk().clone();
    let key = PartyKey { party, kid, jwk, valid_from, valid_to, registered_at: now, retired_at: None };
    let event = trail.act(&app.hub, &caller, Kind::EncryptionKeyRegistered).on(&key.kid);
    let event = event.because(trail.purpose.clone()).with(json!({"valid_to": key.valid_to.to_utc()}));
    let register = Audited::new(Arc::new(RegisterKeys), |kept| kept.then_some(Outcome::Done));
    if !app.hub.db.write(&register, (key.clone(), event)).await? {
        return Err(unusable("this key was taken back and does not come again; make a new pair"));
    }
    Ok((StatusCode::CREATED, Json(super::list::shown(&key))))
}

/// Takes a key back at once: nothing is sealed for it any more.
///
/// # Errors
/// Another party's key, or none that is in use.
pub async fn retire(
    caller: May<to::CredentialsManage>,
    (State(app), trail): (State<App>, Trail),
    Path((party, kid)): Path<(String, String)>,
) -> Result<StatusCode, Problem> {
    own(&caller, &party)?;
    let event = trail.act(&app.hub, &caller, Kind::EncryptionKeyWithdrawn).on(&kid).because(trail.purpose.clone());
    let retire = Audited::new(Arc::new(RetireKeys), |taken| taken.then_some(Outcome::Done));
    let taken = app.hub.db.write(&retire, ((party, kid, app.hub.clock.now()), event)).await?;
    if taken { Ok(StatusCode::NO_CONTENT) } else { Err(Problem::of(&problems::NOT_FOUND)) }
}

/// Of another party's keys nothing is told, not even whether there are any.
fn own(caller: &Caller, party: &str) -> Result<(), Problem> {
    if caller.party == party { Ok(()) } else { Err(Problem::of(&problems::NOT_FOUND)) }
}

fn unusable(why: &str) -> Problem {
    Problem::of(&problems::INVALID_KEY)
        .detail(format!("Cheia nu a fost înregistrată: {why}"), format!("The key was not registered: {why}"))
}

fn read<T: DeserializeOwned>(body: &[u8]) -> Result<T, Problem> {
    serde_json::from_slice(body).map_err(|error| {
        Problem::of(&problems::MALFORMED_REQUEST)
            .detail(format!("JSON greșit: {error}"), format!("Wrong JSON: {error}"))
    })
}
