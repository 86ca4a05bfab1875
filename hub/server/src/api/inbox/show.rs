//! `GET /v1/inbox/{delivery}`: one document, with links to its parts.

use axum::Json;
use axum::extract::{Path, State};
use serde_json::Value;

use crate::api::App;
use crate::api::caller::Caller;
use crate::api::problem::Problem;

/// The document as its recipient sees it.
///
/// # Errors
/// A problem document.
pub async fn show(State(app): State<App>, caller: Caller, Path(id): Path<String>) -> Result<Json<Value>, Problem> {
    let delivery = super::find(&app, &caller, &id).await?;
    Ok(Json(super::described(&app, &caller, delivery).await?))
}
