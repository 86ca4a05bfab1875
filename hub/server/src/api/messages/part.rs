//! `GET /v1/messages/{id}/parts/{name}`: a payload, byte for byte as it was received.

use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::header;
use axum::response::{IntoResponse as _, Response};
use tokio_util::io::ReaderStream;

use crate::api::App;
use crate::api::caller::Caller;
use crate::api::problem::Problem;
use crate::problems;

/// Streams the payload to its sender or a recipient.
///
/// # Errors
/// A problem document.
pub async fn part(
    State(app): State<App>,
    caller: Caller,
    Path((id, name)): Path<(String, String)>,
) -> Result<Response, Problem> {
    let seen = super::find(&app, &caller, &id).await?;
    let payload = seen.message.payloads.into_iter().find(|payload| payload.name == name);
    let payload = payload.ok_or_else(|| Problem::of(&problems::NOT_FOUND))?;
    let body = match payload.content {
        Some(content) => Body::from(content),
        None => {
            let file = tokio::fs::File::open(app.hub.blobs.path(&payload.sha256)).await?;
            Body::from_stream(ReaderStream::with_capacity(file, 64 * 1024))
        }
    };
    let headers = [
        // Never rendered by a browser as what the sender claims it to be.
        (header::CONTENT_TYPE, payload.content_type),
        (header::CONTENT_LENGTH, payload.size.to_string()),
        (header::CONTENT_DISPOSITION, "attachment".to_owned()),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff".to_owned()),
        (header::ETAG, format!("\"{}\"", hex::encode(payload.sha256))),
    ];
    Ok((headers, body).into_response())
}
