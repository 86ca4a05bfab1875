//! `/v1/archive/filings`: what waits to be filed, and why; `POST …/{id}/classify` says under which code.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use hub_flow::archive::{Wish, filing};
use hub_flow::authorization::to;
use serde::Deserialize;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::api::App;
use crate::api::may::May;
use crate::api::problem::Problem;
use crate::api::request::{Path, SmallBody, Wanted};
use crate::problems;

use super::Asking;

/// Which filings.
#[derive(Deserialize)]
pub struct Which {
    state: Option<String>,
    after: Option<Uuid>,
    limit: Option<i64>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Classifying {
    code: String,
    /// Where the original on paper lies.
    place: Option<String>,
}

/// The filings in a state (`unclassified` where none is said), oldest first. `next` continues the list.
///
/// # Errors
/// A problem document.
pub async fn list(
    caller: May<to::ArchiveFilingsRead>,
    State(app): State<App>,
    Wanted(wanted): Wanted<Which>,
) -> Result<Json<Value>, Problem> {
    let state = wanted.state.as_deref().unwrap_or("unclassified");
    if !["waiting", "unclassified", "filed"].contains(&state) {
        return Err(Problem::of(&problems::MALFORMED_REQUEST)
            .detail("state este waiting, unclassified sau filed", "state is waiting, unclassified or filed"));
    }
    let limit = wanted.limit.unwrap_or(100).clamp(1, 1000);
    let after = wanted.after.unwrap_or(Uuid::nil());
    let items = filing::filings(&app.hub.db, (&caller.party, state), after, limit).await?;
    let full = i64::try_from(items.len()).is_ok_and(|count| count == limit);
    let next = items.last().filter(|_| full).map(|last| last.id);
    Ok(Json(json!({"items": items, "next": next})))
}

/// Says under which code something is filed.
///
/// # Errors
/// A problem document; a wrong code is answered with the near ones.
pub async fn classify(
    asking: Asking<to::ArchiveFilingsClassify>,
    Path(id): Path<String>,
    SmallBody(body): SmallBody,
) -> Result<Response, Problem> {
    let Classifying { code, place } = super::read(&body)?;
    let wish = Wish::Classify { filing: super::id(&id)?, code, place };
    asking.act(&[b"classify", id.as_bytes(), &body], wish, StatusCode::OK).await
}
