//! `/console/live`: tells a browser that the page it shows is another now.
//!
//! The page is made again, as this visitor would see it, every [`EVERY`]; when it differs, the browser is told and fetches it.
//! So whatever changed, wherever, is seen, and nobody is told of what they may not see.

use std::convert::Infallible;
use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::{Extension, Query, State};
use axum::http::{HeaderMap, HeaderName, Request, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use bytes::Bytes;
use futures_util::stream;
use serde::Deserialize;
use tower_service::Service as _;

use crate::Desk;
use crate::visit::borne;

/// How often the page is looked at.
const EVERY: Duration = Duration::from_secs(2);
/// How long one stream lasts; the browser then opens the next.
const LONGEST: u32 = 150;
/// Streams at once, of all visitors; above it pages stay as they were loaded.
const MOST: usize = 200;
/// Most bytes of a page.
const LARGEST: usize = 4 * 1024 * 1024;

static OPEN: AtomicUsize = AtomicUsize::new(0);

/// The pages that can be followed.
#[derive(Clone)]
pub struct Pages(pub(crate) Router);

/// Which page.
#[derive(Deserialize)]
pub struct Wanted {
    page: String,
}

/// A place among the streams, given back when the browser goes.
struct Seat;

impl Seat {
    fn take() -> Option<Arc<Self>> {
        let taken = OPEN.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |open| (open < MOST).then_some(open + 1));
        taken.ok().map(|_| Arc::new(Self))
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        OPEN.fetch_sub(1, Ordering::Relaxed);
    }
}

/// Follows a page.
pub async fn follow(
    State(desk): State<Desk>,
    Extension(Pages(pages)): Extension<Pages>,
    Query(wanted): Query<Wanted>,
    headers: HeaderMap,
) -> Response {
    const EVENTS: [(HeaderName, &str); 2] =
        [(header::CONTENT_TYPE, "text/event-stream"), (header::CACHE_CONTROL, "no-store")];
    if !wanted.page.starts_with("/console") {
        return StatusCode::NOT_FOUND.into_response();
    }
    let Some(seat) = Seat::take() else { return StatusCode::SERVICE_UNAVAILABLE.into_response() };
    let Some(first) = seen(&pages, &wanted.page, &headers).await else { return StatusCode::NO_CONTENT.into_response() };
    let state = (pages, wanted.page, borne(&headers), first, 0, seat, desk);
    let events = stream::unfold(state, async |(pages, page, headers, last, round, seat, desk)| {
        if round >= LONGEST {
            return None;
        }
        if round > 0 {
            tokio::select! {
                () = tokio::time::sleep(EVERY) => {}
                () = desk.hub.until_stopped() => return None,
            }
        }
        // Whoever has no session any more is told nothing.
        let now = seen(&pages, &page, &headers).await?;
        let event = if now == last { ": same\n\n" } else { "event: changed\ndata: 1\n\n" };
        let event = if round == 0 { "retry: 3000\n\n" } else { event };
        Some((
            Ok::<_, Infallible>(Bytes::from_static(event.as_bytes())),
            (pages, page, headers, now, round + 1, seat, desk),
        ))
    });
    (EVENTS, Body::from_stream(events)).into_response()
}

/// What the page is now: a hash of what stands between its marks, without the parts that are new each time.
async fn seen(pages: &Router, page: &str, headers: &HeaderMap) -> Option<u64> {
    let mut request = Request::new(Body::empty());
    *request.uri_mut() = page.parse().ok()?;
    *request.headers_mut() = borne(headers);
    let Ok(response) = pages.clone().call(request).await;
    if !response.status().is_success() {
        return None;
    }
    let text = axum::body::to_bytes(response.into_body(), LARGEST).await.ok()?;
    let text = std::str::from_utf8(&text).ok()?;
    let mut hasher = DefaultHasher::new();
    for part in text.split("data-live=\"").skip(1) {
        part.split("<!--/live-->").next().hash(&mut hasher);
    }
    Some(hasher.finish())
}
