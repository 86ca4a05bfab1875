//! One call over the network, watched and bounded.

use std::error::Error;
use std::sync::Arc;
use std::time::Duration;

use reqwest::header::{CONTENT_TYPE, RETRY_AFTER};
use tokio::time::{Instant, sleep_until, timeout};

use crate::outgoing::Progress;
use connectors_contract::reading::Response;

/// The longest answer that is read.
const LONGEST_ANSWER: usize = 1024 * 1024;

/// A target that takes a body slower than this, in bytes a second, is given up.
const SLOWEST_UPLOAD: u64 = 64 * 1024;

/// Why there is no answer.
#[derive(Debug)]
pub(crate) enum Failure {
    /// The target cannot have the document.
    Unsent(String),
    /// It may have it.
    Lost(String),
}

/// Sends a request and reads its answer. `progress` tells what went out; `size` is how much should.
pub(crate) async fn call(
    request: reqwest::RequestBuilder,
    progress: &Arc<Progress>,
    size: u64,
    silence: Duration,
) -> Result<Response, Failure> {
    let started = Instant::now();
    let deadline = started + silence + Duration::from_secs(size / SLOWEST_UPLOAD);
    let failed = |reason: String, unconnected: bool| match progress.broken() {
        Some(broken) => Failure::Unsent(broken),
        None if unconnected || !progress.started() => Failure::Unsent(reason),
        None => Failure::Lost(reason),
    };
    let response = tokio::select! {
        biased;
        sent = request.send() => sent.map_err(|error| failed(described(&error), error.is_connect()))?,
        () = watch(progress, silence, deadline) => {
            return Err(failed(format!("niciun răspuns în {} ms", started.elapsed().as_millis()), false));
        }
    };
    let header = |name| response.headers().get(name).and_then(|value| value.to_str().ok()).map(str::to_owned);
    let (status, content_type, retry_after) = (response.status().as_u16(), header(CONTENT_TYPE), header(RETRY_AFTER));
    let body = match timeout(silence, read(response)).await {
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

async fn read(mut response: reqwest::Response) -> Result<Vec<u8>, String> {
    let mut body = Vec::new();
    while let Some(chunk) =
        response.chunk().await.map_err(|error| format!("răspunsul s-a întrerupt: {}", described(&error)))?
    {
        if body.len() + chunk.len() > LONGEST_ANSWER {
            return Err(format!("răspunsul este mai lung de {LONGEST_ANSWER} de octeți"));
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body)
}

/// The innermost cause in words. The address is left out: a path or query may hold a token.
fn described(error: &reqwest::Error) -> String {
    let what = if error.is_connect() { "conectarea nu a reușit" } else { "conexiunea s-a întrerupt" };
    let mut cause: Option<&(dyn Error + 'static)> = error.source();
    while let Some(inner) = cause.and_then(Error::source) {
        cause = Some(inner);
    }
    cause.map_or_else(|| what.to_owned(), |cause| format!("{what}: {cause}"))
}
