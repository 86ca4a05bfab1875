//! `/console/documents/{message}/parts/{name}`: a part of a document, passed through byte for byte.

use axum::extract::Path;
use axum::http::{HeaderValue, header};
use axum::response::IntoResponse as _;

use crate::asking::piece;
use crate::fault::Fault;
use crate::page::Answer;
use crate::visit::Visit;

/// What browsers may show in a frame of ours. Everything else is downloaded: nothing of a sender's is ever a page of ours.
pub(super) const SHOWN: [&str; 3] = ["application/pdf", "image/png", "image/jpeg"];

/// What such a frame may do: nothing but be looked at.
const POLICY: &str = "default-src 'none'; object-src 'self'; img-src 'self'; frame-ancestors 'self'";

/// The part.
///
/// # Errors
/// It is not there, or the visitor may not see it.
pub async fn pass(visit: Visit, Path((message, name)): Path<(String, String)>) -> Answer {
    let answer = visit.get(format!("/v1/messages/{}/parts/{}", piece(&message), piece(&name))).answer().await;
    let (status, media_type) = (answer.status(), answer.headers().get(header::CONTENT_TYPE).cloned());
    if !status.is_success() {
        let told = axum::body::to_bytes(answer.into_body(), 1024 * 1024).await.unwrap_or_default();
        return Err(Fault::of(status, &told));
    }
    let told = media_type.as_ref().and_then(|told| told.to_str().ok()).unwrap_or_default();
    let shown = SHOWN.into_iter().find(|shown| *shown == told);
    let disposition = if shown.is_some() { "inline" } else { "attachment" };
    let length = answer.headers().get(header::CONTENT_LENGTH).cloned();
    let mut response = answer.into_body().into_response();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(shown.unwrap_or("application/octet-stream")));
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(POLICY));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    if let Ok(value) = HeaderValue::from_str(&format!("{disposition}; filename*=UTF-8''{}", piece(&name))) {
        headers.insert(header::CONTENT_DISPOSITION, value);
    }
    if let Some(length) = length {
        headers.insert(header::CONTENT_LENGTH, length);
    }
    Ok(response)
}
