//! The calls of the two services over one channel, with what came back in one shape.

use std::time::Duration;

use bytes::Bytes;
use connectors_contract::reading::retry::waiting_time;
use connectors_contract::{Channel, Manifest, ManifestError};
use connectors_http::{Bounds, Clients, Connections, Failure, Progress, Segment, call, stream};
use reqwest::header::CONTENT_LENGTH;
use reqwest::{Client, Method, RequestBuilder};
use url::Url;

/// The longest answer that is read, in bytes: an archive around a document of 10 MB.
const LONGEST_ANSWER: usize = 32 * 1024 * 1024;

/// An answer as it came.
#[derive(Debug, Clone, Default)]
pub struct Reply {
    /// The HTTP status.
    pub status: u16,
    /// The media type it says it has, in small letters.
    pub content_type: String,
    /// How long it asks to wait.
    pub retry_after: Option<Duration>,
    /// The body.
    pub body: Bytes,
}

/// Two clients for one channel: a kept one for questions, and one that opens a connection for every filing, because a kept
/// connection may have been closed without our knowing, and a filing sent into it would be in doubt.
#[derive(Clone)]
pub(crate) struct Wire {
    questions: Client,
    filings: Client,
    silence: Duration,
}

impl Wire {
    pub(crate) fn new(clients: &Clients, manifest: &Manifest, channel: &Channel) -> Result<Self, ManifestError> {
        let client = |connections| clients.client(&manifest.system, channel, connections);
        let silence = manifest.endpoint.timeout;
        Ok(Self { questions: client(Connections::Kept)?, filings: client(Connections::Fresh)?, silence })
    }

    pub(crate) fn question(&self, address: Url) -> RequestBuilder {
        self.questions.get(address)
    }

    pub(crate) fn posting(&self, address: Url) -> RequestBuilder {
        self.filings.request(Method::POST, address)
    }

    /// Sends a request once and reads its answer. An answer that was cut counts as lost.
    pub(crate) async fn call(&self, request: RequestBuilder, body: Option<Bytes>, now: i64) -> Result<Reply, Failure> {
        let size = body.as_ref().map_or(0, |body| body.len() as u64);
        let progress = Progress::new(size);
        let request = match body {
            Some(body) => {
                let whole = reqwest::Body::wrap_stream(stream(vec![Segment::Bytes(body)], &progress));
                request.header(CONTENT_LENGTH, size).body(whole)
            }
            None => request,
        };
        let bounds = Bounds { silence: self.silence, longest: LONGEST_ANSWER };
        let response = call(request, &progress, size, bounds).await?;
        let retry_after = response.retry_after.as_deref().and_then(|header| waiting_time(header, now));
        let content_type = response.content_type.unwrap_or_default().to_ascii_lowercase();
        let body = response.body.map_err(Failure::Lost)?.into();
        Ok(Reply { status: response.status, content_type, retry_after, body })
    }
}
