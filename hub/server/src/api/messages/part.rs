//! `GET /v1/messages/{id}/parts/{name}`: a payload, byte for byte as it was received.

use axum::body::Body;
use axum::extract::State;
use axum::http::header;
use axum::response::{IntoResponse as _, Response};
use hub_flow::archive::filing;
use hub_flow::authorization::to;
use hub_flow::delivery::Delivery;
use hub_flow::flow::{Look, look};
use tokio_util::io::ReaderStream;

use crate::api::App;
use crate::api::archive::documents::erased;
use crate::api::caller::Caller;
use crate::api::may::MayWithin;
use crate::api::problem::Problem;
use crate::api::request::Path;
use crate::problems;

/// Streams the payload to its sender or a recipient.
///
/// # Errors
/// A problem document.
pub async fn part(
    caller: MayWithin<to::MessagesRead>,
    State(app): State<App>,
    Path((id, name)): Path<(String, String)>,
) -> Result<Response, Problem> {
    let (caller, seen) = super::find_within(&app, caller, &id).await?;
    if !app.hub.directory().acts_for(&caller.party, &seen.message.sender) {
        opened(&app, &caller, &seen).await?;
    }
    let payload = seen.message.payloads.into_iter().find(|payload| payload.name == name);
    let payload = payload.ok_or_else(|| Problem::of(&problems::NOT_FOUND))?;
    let body = match payload.content {
        Some(content) => Body::from(content),
        None if filing::is_erased(&app.hub.db, seen.message.id, &name).await? => return Err(erased()),
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

/// A recipient opens the content: only where it may see it, and the first time leaves evidence.
async fn opened(app: &App, caller: &Caller, seen: &super::Seen) -> Result<(), Problem> {
    let shows = |delivery: &Delivery| delivery.course.shows_content(seen.asks_first());
    let Some((delivery, _)) = seen.deliveries.iter().find(|(delivery, _)| shows(delivery)) else {
        return Err(Problem::of(&problems::STATE_CONFLICT).detail(
            "Conținutul se vede după ce acceptați primirea documentului (consent)",
            "The content is shown after you accept to receive the document (consent)",
        ));
    };
    Ok(look(&app.hub, caller.actor(), (&seen.message, delivery), Look::Content).await?)
}
