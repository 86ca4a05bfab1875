//! `/v1/standing`: whether the hub works, and if not, why and what is still possible; and the way back.

mod lift;

use axum::Json;
use axum::extract::State;
use hub_flow::clock::Timestamp;
use hub_flow::standing::Cause;
use serde_json::{Value, json};

use super::App;
use super::door::Door;

/// How the hub stands.
#[must_use]
pub fn routes(door: Door) -> Door {
    door.public_get("/v1/standing", "whoever cannot work is told why", show)
        .post("/v1/standing/lift", lift::lift)
        .taking::<lift::Lifting>()
}

/// How the hub stands. What exactly was found is for administrators alone.
pub async fn show(State(app): State<App>) -> Json<Value> {
    let halted = app.hub.halted();
    let locked = halted.is_some_and(hub_flow::standing::Halt::locks_down);
    Json(json!({
        "state": match (halted, locked) { (None, _) => "open", (_, false) => "halted", (_, true) => "locked-down" },
        "people_may_sign_in": app.hub.standing.people_may_sign_in(),
        "writes": if locked { "refused" } else { "taken" },
        "reads": "taken",
        "causes": app.hub.standing.causes().iter().map(told).collect::<Vec<_>>(),
    }))
}

fn told(cause: &Cause) -> Value {
    json!({
        "cause": cause.halt.as_str(),
        "cause_ro": cause.halt.in_romanian(),
        "cause_en": cause.halt.in_english(),
        "since": cause.since.map(Timestamp::to_utc),
        "overridden": cause.overridden,
        "ends": if cause.halt.stays() { "lifted" } else { "by-itself" },
    })
}
