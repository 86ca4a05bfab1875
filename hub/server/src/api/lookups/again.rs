//! `GET /v1/lookups/{id}`: where a question stands, its answer again, and the document that came with it.

use axum::body::Body;
use axum::extract::State;
use axum::http::header;
use axum::response::{IntoResponse as _, Response};
use hub_flow::authorization::to;
use hub_flow::flow::{Reader, read_again};
use hub_flow::lookup::{Act, DocumentFacts, Lookup};
use hub_flow::message::LookupId;
use serde::Deserialize;

use crate::api::App;
use crate::api::caller::Caller;
use crate::api::may::May;
use crate::api::problem::Problem;
use crate::api::request::{Path, Wanted};
use crate::problems;

use super::{refusals, told};

/// Who reads.
#[derive(Deserialize)]
pub struct Choice {
    user: Option<String>,
}

/// The answer again, for the institution that asked.
///
/// # Errors
/// A problem document.
pub async fn show(
    caller: May<to::LookupsRead>,
    State(app): State<App>,
    Path(id): Path<String>,
    Wanted(choice): Wanted<Choice>,
) -> Result<Response, Problem> {
    let (lookup, _) = read(&app, caller.into_caller(), &id, (choice, Act::Access)).await?;
    told::answer(&app, &lookup)
}

/// The document that came with an answer, byte for byte as the register gave it.
///
/// # Errors
/// A problem document.
pub async fn document(
    caller: May<to::LookupsRead>,
    State(app): State<App>,
    Path(id): Path<String>,
    Wanted(choice): Wanted<Choice>,
) -> Result<Response, Problem> {
    let (_, document) = read(&app, caller.into_caller(), &id, (choice, Act::Export)).await?;
    let document = document.ok_or_else(|| Problem::of(&problems::NOT_FOUND))?;
    let body = Body::from(document.content.unwrap_or_default());
    let headers = [
        // Never rendered by a browser as what the register claims it to be.
        (header::CONTENT_TYPE, document.content_type),
        (header::CONTENT_LENGTH, document.size.to_string()),
        (header::CONTENT_DISPOSITION, "attachment".to_owned()),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff".to_owned()),
        (header::ETAG, format!("\"{}\"", hex::encode(document.sha256))),
    ];
    Ok((headers, body).into_response())
}

async fn read(
    app: &App,
    caller: Caller,
    id: &str,
    (choice, act): (Choice, Act),
) -> Result<(Lookup, Option<DocumentFacts>), Problem> {
    let id: LookupId = id.parse().map_err(|_| Problem::of(&problems::NOT_FOUND))?;
    let reader = Reader { party: caller.party, authentication: caller.authentication, user: choice.user };
    read_again(&app.hub, reader, id, act).await.map_err(refusals::not_read)
}
