//! `GET /v1/inbox`: what waits, oldest first.

use axum::Json;
use axum::extract::State;
use hub_flow::authorization::to;
use hub_flow::delivery::{self, DeliveryState};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::api::App;
use crate::api::may::May;
use crate::api::problem::Problem;
use crate::api::request::Wanted;
use crate::problems;

/// Which deliveries.
#[derive(Deserialize)]
pub struct Choice {
    party: Option<String>,
    state: Option<String>,
    limit: Option<i64>,
}

/// The deliveries of the caller's inbox in one state, `consigned` where none is named, at most 200.
///
/// # Errors
/// A problem document.
pub async fn list(
    caller: May<to::InboxRead>,
    State(app): State<App>,
    Wanted(wanted): Wanted<Choice>,
) -> Result<Json<Value>, Problem> {
    let state = wanted.state.as_deref().map_or(Some(DeliveryState::Consigned), DeliveryState::parse);
    let state = state.ok_or_else(|| {
        Problem::of(&problems::MALFORMED_REQUEST).detail(
            "state poate fi announced, consigned, handed_over, refused sau expired",
            "state may be announced, consigned, handed_over, refused or expired",
        )
    })?;
    let party = wanted.party.unwrap_or_else(|| caller.party.clone());
    if !app.hub.directory().acts_for(&caller.party, &party) {
        return Err(Problem::of(&problems::FORBIDDEN).detail(
            "Căsuța poate fi deschisă de instituția ei sau de împuternicitul ei din director",
            "The inbox can be opened by its institution or by the delegate the directory names",
        ));
    }
    let limit = wanted.limit.unwrap_or(50).clamp(1, 200);
    let deliveries = delivery::inbox(&app.hub.db, &party, state, limit).await?;
    let items: Vec<Value> = deliveries
        .iter()
        .map(|delivery| {
            json!({
                "delivery_id": delivery.id,
                "message_id": delivery.message_id,
                "state": delivery.state,
                "recipient_registration": delivery.recipient_registration,
                "due_at": delivery.due_at.map(hub_flow::clock::Timestamp::to_utc),
                "href": format!("/v1/inbox/{}", delivery.id),
            })
        })
        .collect();
    Ok(Json(json!({"party": party, "items": items})))
}
