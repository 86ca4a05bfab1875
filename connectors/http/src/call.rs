//! One call over the network, watched and bounded.

use std::sync::Arc;
use std::time::Duration;

use connectors_contract::permits;
use connectors_contract::reading::Response;
use reqwest::header::{CONTENT_TYPE, RETRY_AFTER};
use tokio::time::{Instant, sleep_until, timeout};

use crate::outgoing::Progress;
use crate::trouble::broken;

/// A target that takes a body slower than this, in bytes a second, is given up.
const SLOWEST_UPLOAD: u64 = 64 * 1024;

/// Why there is no answer.
#[derive(Debug)]
pub enum Failure {
    /// The target cannot have the document.
    Unsent(String),
    /// It may have it.
    Lost(String),
}

/// What a call may cost.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Bounds {
    /// The longest silence while sending, and the longest time for the whole answer.
    pub silence: Duration,
    /// The longest answer in bytes.
    pub longest: usize,
}

/// Sends a request, when the quota has room for it, and reads its answer. `progress` tells what went out; `size` is how much should.
///
/// # Errors
/// There is no answer; a [`Failure`] says whether the target may have the document.
pub async fn call(
    request: reqwest::RequestBuilder,
    progress: &Arc<Progress>,
    size: u64,
    Bounds { silence, longest }: Bounds,
) -> Result<Response, Failure> {
    permits::request().await.map_err(Failure::Unsent)?;
    let started = Instant::now();
    let deadline = started + silence + Duration::from_secs(size / SLOWEST_UPLOAD);
    let failed = |reason: String, unread: bool| match progress.broken() {
        Some(broken) => Failure::Unsent(broken),
        None if unread || !progress.started() => Failure::Unsent(reason),
        None => Failure::Lost(reason),
    };
    let response = tokio::select! {
        biased;
        sent = request.send() => sent.map_err(|error| { let broken = broken(&error); failed(broken.words, broken.unread) })?,
        () = watch(progress, silence, deadline) => {
            return Err(failed(format!("niciun răspuns în {} ms", started.elapsed().as_millis()), false));
        }
    };
    let header = |name| response.headers().get(name).and_then(|value| value.to_str().ok()).map(str::to_owned);
    let (status, content_type, retry_after) = (response.status().as_u16(), header(CONTENT_TYPE), header(RETRY_AFTER));
    let body = match timeout(silence, read(response, longest)).await {
        Ok(body) => body,
        Err(_) => Err("răspunsul nu s-a terminat la timp".to_owned()),
    };
    Ok(Response { status, content_type, retry_after, body })
}

/// Ends when nothing moved for too long, or all of it takes too long.
async fn watch(progress: &Progress, silence: Duration, deadline: Instant) {
    loop {
        let until = deadline.min(progress.moved_at() + silence);
        if until <= Instant::now() {
            return;
        }
        sleep_until(until).await;
    }
}

async fn read(mut response: reqwest::Response, longest: usize) -> Result<Vec<u8>, String> {
    let mut body = Vec::new();
    while let Some(chunk) =
        response.chunk().await.map_err(|error| format!("răspunsul s-a întrerupt: {}", broken(&error).words))?
    {
        if body.len() + chunk.len() > longest {
            return Err(format!("răspunsul este mai lung de {longest} de octeți"));
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body)
}
