//! `GET /v1/messages/{id}/evidence`: the evidence chain, and each sealed document byte for byte.

use axum::Json;
use axum::extract::{Query, State};
use axum::http::header;
use axum::response::{IntoResponse as _, Response};
use hub_flow::authorization::to;
use hub_flow::clock::Timestamp;
use hub_flow::evidence::{self, Event, Evidence, Level};
use hub_flow::log;
use hub_flow::message::{DeliveryId, EvidenceId, MessageId};
use hub_flow::relay::{self, Received};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::api::App;
use crate::api::caller::Caller;
use crate::api::may::May;
use crate::api::problem::Problem;
use crate::api::request::Path;
use crate::problems;

use super::receipt::described;

/// The chain, in the order it was issued here or came here. A recipient sees the submission and its own delivery.
///
/// # Errors
/// A problem document.
pub async fn list(
    caller: May<to::EvidenceRead>,
    State(app): State<App>,
    Path(id): Path<String>,
) -> Result<Json<Value>, Problem> {
    let Chain { own, received } = visible(&app, &caller, &id).await?;
    let places = match id.parse() {
        Ok(message) => log::places_of(&app.hub.db, message).await?,
        Err(_) => Vec::new(),
    };
    let issuer = &app.hub.seal.issuer.name;
    let told = |one: &Evidence| {
        let place = places.iter().find(|place| place.evidence == one.id);
        let mut told = serde_json::to_value(described(one).logged(place)).expect("an evidence is plain data");
        told["issuer"] = issuer.as_str().into();
        told
    };
    let mut chain: Vec<(Timestamp, Value)> = received.iter().map(|one| (one.received_at, foreign(&id, one))).collect();
    chain.extend(own.iter().map(|one| (one.at, told(one))));
    // What came with a message stands before what was issued of it in the same moment.
    chain.sort_by_key(|(at, _)| *at);
    let chain: Vec<Value> = chain.into_iter().map(|(_, told)| told).collect();
    Ok(Json(json!({"message_id": id, "evidence": chain})))
}

/// An evidence of another service, in the form of our own, with what marks it as not ours.
fn foreign(message: &str, one: &Received) -> Value {
    let Received { evidence, standing, sha256, received_at } = one;
    json!({
        "id": evidence.identifier,
        "event": evidence.event,
        "meaning": Event::parse(&evidence.event).map(Event::in_romanian),
        "event_time": evidence.event_time,
        "delivery_id": evidence.delivery,
        "sha256": hex::encode(sha256),
        "href": format!("/v1/messages/{message}/evidence/{}", hex::encode(sha256)),
        "document": evidence.document,
        "issuer": evidence.issuer,
        "received": {"from": evidence.partner, "at": received_at.to_utc(), "standing": standing},
    })
}

/// In which form an evidence is wanted.
#[derive(Deserialize)]
pub struct Wanted {
    level: Option<String>,
}

/// One sealed document. Without `level`: with its time-stamp where it has one, else as it was sealed. `level=b` gives the
/// bytes that were sealed, whose digest is on record; `t` adds the time-stamp, `lt` certificates and revocation values.
/// Another service's evidence is named by its SHA-256, and given as it came.
///
/// # Errors
/// A problem document.
pub async fn document(
    caller: May<to::EvidenceRead>,
    State(app): State<App>,
    Path((id, wanted)): Path<(String, String)>,
    Query(form): Query<Wanted>,
) -> Result<Response, Problem> {
    let missing = || Problem::of(&problems::NOT_FOUND);
    let level = form.level.as_deref().map(|word| Level::parse(word).ok_or(word)).transpose().map_err(|word| {
        let (ro, en) = ("nu este un nivel; există b, t și lt", "is not a level; there are b, t and lt");
        Problem::of(&problems::MALFORMED_REQUEST).detail(format!("„{word}” {ro}"), format!("{word:?} {en}"))
    })?;
    let Chain { own, received } = visible(&app, &caller, &id).await?;
    let theirs = received.into_iter().find(|one| hex::encode(one.sha256) == wanted);
    let (name, document) = match theirs {
        Some(found) => (format!("{}-{wanted}", found.evidence.event), found.evidence.document),
        None => {
            let wanted: EvidenceId = wanted.parse().map_err(|_| missing())?;
            let found = own.into_iter().find(|evidence| evidence.id == wanted).ok_or_else(missing)?;
            let unstamped =
                || missing().detail("Dovada nu are încă marcă temporală", "The evidence has no time-stamp yet");
            let document = match level {
                Some(level) => evidence::at_level(&app.hub.db, &found, level).await?.ok_or_else(unstamped)?,
                None => evidence::at_level(&app.hub.db, &found, Level::T).await?.unwrap_or(found.document),
            };
            (format!("{}-{}", found.event, found.id), document)
        }
    };
    let name = format!("attachment; filename=\"{name}.xml\"");
    let headers = [(header::CONTENT_TYPE, "application/xml".to_owned()), (header::CONTENT_DISPOSITION, name)];
    Ok((headers, document).into_response())
}

/// The proof that the evidence is in the log (C2SP tlog-proof), which verifies without this hub; `Link` names the
/// time-stamp of the head it leads to.
///
/// # Errors
/// A problem document; the evidence may not be logged yet.
pub async fn log_proof(
    caller: May<to::EvidenceRead>,
    State(app): State<App>,
    Path((id, wanted)): Path<(String, String)>,
) -> Result<Response, Problem> {
    let missing = || Problem::of(&problems::NOT_FOUND);
    let wanted: EvidenceId = wanted.parse().map_err(|_| missing())?;
    let chain = visible(&app, &caller, &id).await?;
    let found = chain.own.into_iter().find(|evidence| evidence.id == wanted).ok_or_else(missing)?;
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

/// What the caller may see of the evidence of a message.
pub(super) struct Chain {
    pub(super) own: Vec<Evidence>,
    pub(super) received: Vec<Received>,
}

pub(super) async fn visible(app: &App, caller: &Caller, id: &str) -> Result<Chain, Problem> {
    let missing = || Problem::of(&problems::NOT_FOUND);
    let message: MessageId = id.parse().map_err(|_| missing())?;
    let own = evidence::list(&app.hub.db, message).await?;
    let seen = match super::find(app, caller, id).await {
        Ok(seen) => seen,
        // A rejection leaves no message; only its sender, who has the id, may fetch it.
        Err(problem) => {
            let sender = hub_flow::submission::rejected_sender(&app.hub.db, message).await?;
            // A refused submission of a would-be delegate is its own to see, too.
            let own_rejection = sender.is_some_and(|sender| app.hub.directory().acts_for(&caller.party, &sender));
            return if own_rejection { Ok(Chain { own, received: Vec::new() }) } else { Err(problem) };
        }
    };
    let shown = |delivery: Option<DeliveryId>| {
        delivery.is_none_or(|id| seen.deliveries.iter().any(|(delivery, _)| delivery.id == id))
    };
    let mut received = relay::received(&app.hub.db, message).await?;
    received.retain(|one| shown(one.evidence.delivery));
    Ok(Chain { own: own.into_iter().filter(|one| shown(one.delivery)).collect(), received })
}
