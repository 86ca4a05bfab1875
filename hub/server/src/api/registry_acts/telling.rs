//! How an entry stands after an act, as it is told.

use axum::Json;
use hub_flow::flow::Changed;
use hub_flow::registration::EntryKey;
use serde_json::{Value, json};

/// The answer to an act.
pub fn told(key: &EntryKey, changed: &Changed) -> Json<Value> {
    let state = &changed.state;
    Json(json!({
        "register": key.register,
        "year": key.year,
        "number": key.number,
        "act_number": changed.act_number,
        "acts": state.acts,
        "status": state.status,
        "unit": state.particulars.unit,
        "person": state.person,
        "resolution": state.particulars.resolution,
        "pending": state.pending,
        "due_on": changed.due_on,
    }))
}
