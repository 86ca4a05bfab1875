//! One request over HTTP, bounded in time and size, and what its status and media type mean.

use std::error::Error;
use std::time::Duration;

use hub_signatures::tsp::REPLY_TYPE;
use reqwest::header::{CONTENT_TYPE, RETRY_AFTER};
use tokio::time::timeout;

use crate::error::TspError;

/// The longest answer that is read; a token with a chain has under 10 KiB.
const LONGEST_ANSWER: usize = 64 * 1024;

/// Sends a request; the body of an answer that is a time-stamp reply.
pub(crate) async fn exchange(request: reqwest::RequestBuilder, total: Duration) -> Result<Vec<u8>, TspError> {
    match timeout(total, send(request)).await {
        Ok(answer) => answer,
        Err(_) => Err(TspError::unavailable(format!("no whole answer within {} ms", total.as_millis()))),
    }
}

async fn send(request: reqwest::RequestBuilder) -> Result<Vec<u8>, TspError> {
    let mut response = request.send().await.map_err(|error| TspError::unavailable(described(&error)))?;
    check_status(&response)?;
    let content_type = response.headers().get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let essence = content_type.split(';').next().unwrap_or_default().trim();
    if !essence.eq_ignore_ascii_case(REPLY_TYPE) {
        let shown: String = essence.chars().take(80).collect();
        return Err(TspError::WrongAnswer(format!("its media type is {shown:?} and not {REPLY_TYPE}")));
    }
    let mut body = Vec::new();
    while let Some(chunk) = response.chunk().await.map_err(|error| TspError::unavailable(described(&error)))? {
        if body.len() + chunk.len() > LONGEST_ANSWER {
            return Err(TspError::WrongAnswer(format!("it is longer than {LONGEST_ANSWER} bytes")));
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body)
}

/// Only 200 carries a reply (RFC 3161, section 3.4).
fn check_status(response: &reqwest::Response) -> Result<(), TspError> {
    let status = response.status();
    let said = format!("it answered {status}");
    match status.as_u16() {
        200 => Ok(()),
        201..=299 => Err(TspError::WrongAnswer(said)),
        // The address moved: nothing is sent elsewhere until somebody corrects it.
        300..=399 | 408 | 425 | 429 | 500..=599 => {
            let header = response.headers().get(RETRY_AFTER).and_then(|value| value.to_str().ok());
            let retry_after = header.and_then(|seconds| seconds.trim().parse().ok()).map(Duration::from_secs);
            Err(TspError::Unavailable { reason: said, retry_after })
        }
        400..=499 => Err(TspError::Refused(said)),
        _ => Err(TspError::WrongAnswer(said)),
    }
}

/// The innermost cause in words. The address is left out: a path or query may hold a secret.
fn described(error: &reqwest::Error) -> String {
    let what = if error.is_connect() { "cannot connect" } else { "the connection broke" };
    let mut cause: Option<&(dyn Error + 'static)> = error.source();
    while let Some(inner) = cause.and_then(Error::source) {
        cause = Some(inner);
    }
    cause.map_or_else(|| what.to_owned(), |cause| format!("{what}: {cause}"))
}
