//! `GET /v1/evidence`: every evidence a party may see, in the order of its feed.

use axum::Json;
use axum::extract::State;
use hub_flow::authorization::to;
use hub_flow::evidence::Event;
use hub_flow::feed::{self, Item, Source};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::problems;

use super::App;
use super::may::May;
use super::problem::Problem;
use super::request::Wanted;
use crate::api::door::Door;

/// The feed of evidence.
#[must_use]
pub fn routes(door: Door) -> Door {
    door.get("/v1/evidence", list)
}

/// From where on, and how much.
#[derive(Deserialize)]
pub struct Choice {
    party: Option<String>,
    after: Option<i64>,
    limit: Option<i64>,
    documents: Option<bool>,
}

/// The evidences after a cursor, oldest first, 100 where nothing is said and at most 500. A caller that keeps `next` and
/// gives it as `after` gets each evidence exactly once, whatever happens to either side meanwhile.
///
/// # Errors
/// A problem document.
pub async fn list(
    caller: May<to::EvidenceFollow>,
    State(app): State<App>,
    Wanted(wanted): Wanted<Choice>,
) -> Result<Json<Value>, Problem> {
    let party = wanted.party.unwrap_or_else(|| caller.party.clone());
    if !app.hub.directory().acts_for(&caller.party, &party) {
        return Err(Problem::of(&problems::FORBIDDEN).detail(
            "Dovezile unei instituții pot fi citite de ea sau de împuternicitul ei din director",
            "The evidence of an institution can be read by it or by the delegate the directory names",
        ));
    }
    let after = wanted.after.unwrap_or(0).max(0);
    let limit = wanted.limit.unwrap_or(100).clamp(1, 500);
    let items = feed::after(&app.hub.db, &party, after, limit, wanted.documents.unwrap_or(false)).await?;
    let next = items.last().map_or(after, |item| item.number);
    let more = i64::try_from(items.len()) == Ok(limit);
    let issuer = &app.hub.seal.issuer.name;
    let items: Vec<Value> = items.into_iter().map(|item| described(item, issuer)).collect();
    Ok(Json(json!({"party": party, "items": items, "next": next, "more": more})))
}

fn described(item: Item, hub: &str) -> Value {
    let href = item.href();
    let mut value = json!({
        "cursor": item.number,
        "role": if item.sent { "sender" } else { "recipient" },
        "message_id": item.message,
        "delivery_id": item.delivery,
        "event": item.event,
        "meaning": Event::parse(&item.event).map(Event::in_romanian),
        "sha256": hex::encode(item.sha256),
    });
    match item.source {
        Source::Own { at, place } => {
            value["id"] = place.evidence.to_string().into();
            value["issuer"] = hub.into();
            value["event_time"] = at.to_utc().into();
            value["log"] = json!({
                "index": place.index,
                "size": place.size,
                "stamped_at": place.stamped_at.map(|at| at.to_utc()),
                "href": format!("{href}/log-proof"),
            });
        }
        Source::Received(other) => {
            value["id"] = other.identifier.into();
            value["issuer"] = other.issuer.into();
            value["event_time"] = other.event_time.into();
            value["log"] = Value::Null;
            value["received"] =
                json!({"from": other.partner, "at": other.received_at.to_utc(), "standing": other.standing});
        }
    }
    value["href"] = href.into();
    if let Some(document) = item.document {
        value["document"] = document.into();
    }
    value
}
