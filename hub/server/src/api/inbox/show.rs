//! `GET /v1/inbox/{delivery}`: one document, with links to its parts.

use axum::Json;
use axum::extract::State;
use hub_flow::authorization::to;
use hub_flow::flow::{Look, look};
use hub_flow::submission;
use serde_json::Value;

use crate::api::App;
use crate::api::may::May;
use crate::api::problem::Problem;
use crate::api::request::Path;

/// The document as its recipient sees it.
///
/// # Errors
/// A problem document.
pub async fn show(
    caller: May<to::InboxRead>,
    State(app): State<App>,
    Path(id): Path<String>,
) -> Result<Json<Value>, Problem> {
    let delivery = super::find(&app, &caller, &id).await?;
    let described = super::described(&app, &caller, &delivery).await?;
    if let Some(message) = submission::load(&app.hub.db, delivery.message_id).await? {
        look(&app.hub, caller.actor(), (&message, &delivery), Look::Notification).await?;
    }
    Ok(Json(described))
}
