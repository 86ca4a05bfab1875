//! `/v1/inbox`: what waits for a party that comes for its documents itself.

pub mod list;
pub mod show;
pub mod settle;

use serde_json::{Value, json};

use super::App;
use super::caller::Caller;
use super::messages::{self, show::delivered};
use super::problem::Problem;
use crate::api::door::Door;
use crate::problems;

/// What came in.
#[must_use]
pub fn routes(door: Door) -> Door {
    door.get("/v1/inbox", list::list)
        .get("/v1/inbox/{delivery}", show::show)
        .post("/v1/inbox/{delivery}/consent", settle::consent)
        .post("/v1/inbox/{delivery}/accept", settle::accept)
        .taking::<settle::Acceptance>()
        .post("/v1/inbox/{delivery}/reject", settle::reject)
        .taking::<settle::Rejection>()
}

/// One delivery with what the recipient needs to handle it.
async fn described(app: &App, caller: &Caller, delivery: &hub_flow::delivery::Delivery) -> Result<Value, Problem> {
    let seen = messages::find(app, caller, &delivery.message_id.to_string()).await?;
    let sender = app.hub.subject_of(&seen.message).sender.clone();
    let mut value = messages::show::described(&seen);
    value["deliveries"] = json!([delivered(delivery, &[])]);
    value["delivery_id"] = json!(delivery.id);
    value["sender_name"] = json!(sender.name);
    // The content is shown only after the acceptance that was asked for.
    let shown = delivery.course.shows_content(seen.asks_first());
    value["acceptance_required"] = json!(!shown);
    let parts = value["parts"].as_array_mut().into_iter().flatten().filter(|_| shown);
    for part in parts {
        let name = part["name"].as_str().unwrap_or_default().to_owned();
        part["href"] = link(&delivery.message_id.to_string(), &name).into();
    }
    Ok(value)
}

/// The path of a part, its name percent-encoded.
fn link(message: &str, name: &str) -> String {
    let mut url = url::Url::parse("http://hub/v1/messages").expect("a constant address");
    if let Ok(mut segments) = url.path_segments_mut() {
        segments.extend([message, "parts", name]);
    }
    url.path().to_owned()
}

async fn find(app: &App, caller: &Caller, id: &str) -> Result<hub_flow::delivery::Delivery, Problem> {
    let missing = || Problem::of(&problems::NOT_FOUND);
    let id = id.parse().map_err(|_| missing())?;
    let delivery = hub_flow::delivery::load(&app.hub.db, id).await?;
    let directory = app.hub.directory();
    delivery.filter(|delivery| directory.acts_for(&caller.party, &delivery.recipient)).ok_or_else(missing)
}
