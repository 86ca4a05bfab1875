//! The connector of one system over one channel.

use std::sync::Arc;

use async_trait::async_trait;
use bytes::Bytes;
use connectors_contract::manifest::Deliver;
use connectors_contract::reading::{Response, inquiry, outcome};
use connectors_contract::{Attempt, Consignment, Exchange, Inquiry, Manifest, Outbound, Outcome, SideEffect};
use connectors_http::{Bounds, Credentials, Failure, LONGEST_ANSWER, Progress, Segment, call, stream};
use reqwest::header::{CONTENT_LENGTH, CONTENT_TYPE, HeaderMap, HeaderValue};
use tokio::time::Instant;
use url::Url;

use crate::engine::Clock;
use crate::request::{self, Unsendable, method};

/// Delivers over HTTP. Has no Debug on purpose: it holds the credentials.
pub(crate) struct RestOutbound {
    client: reqwest::Client,
    clock: Clock,
    manifest: Manifest,
    deliver: Deliver,
    address: Url,
    credentials: Credentials,
}

impl RestOutbound {
    pub(crate) fn new(
        client: reqwest::Client,
        clock: Clock,
        (manifest, deliver): (Manifest, Deliver),
        (address, credentials): (Url, Credentials),
    ) -> Self {
        Self { client, clock, manifest, deliver, address, credentials }
    }

    fn sending(&self, consignment: &Consignment) -> Result<(reqwest::RequestBuilder, Arc<Progress>, u64), Unsendable> {
        let deliver = &self.deliver;
        let address = request::address(&self.address, &deliver.path, consignment)?;
        let mut headers = request::headers(&self.manifest, deliver, consignment)?;
        let (content_type, segments) = request::body(deliver, consignment)?;
        let content_type = HeaderValue::try_from(content_type)
            .map_err(|_| Unsendable::Shape("the document's media type is not one".to_owned()))?;
        headers.insert(CONTENT_TYPE, content_type);
        let size = segments.iter().map(Segment::size).sum();
        headers.insert(CONTENT_LENGTH, HeaderValue::from(size));
        let whole = match segments.as_slice() {
            [Segment::Bytes(bytes)] => bytes.clone(),
            _ => Bytes::new(),
        };
        self.prove(&mut headers, consignment, &whole)?;
        let progress = Progress::new(size);
        let body = reqwest::Body::wrap_stream(stream(segments, &progress));
        Ok((self.client.request(method(deliver.method), address).headers(headers).body(body), progress, size))
    }

    fn question(&self, consignment: &Consignment) -> Result<Option<reqwest::RequestBuilder>, Unsendable> {
        let Some(inquire) = &self.manifest.inquire else { return Ok(None) };
        let address = request::address(&self.address, &inquire.path, consignment)?;
        let mut headers = request::accept(&self.manifest);
        self.prove(&mut headers, consignment, &[])?;
        Ok(Some(self.client.request(method(inquire.method), address).headers(headers)))
    }

    fn prove(&self, headers: &mut HeaderMap, consignment: &Consignment, body: &[u8]) -> Result<(), Unsendable> {
        let proven = self.credentials.prove(headers, &consignment.idempotency_key, (self.clock)(), body);
        proven.map_err(Unsendable::Shape)
    }

    fn bounds(&self) -> Bounds {
        Bounds { silence: self.manifest.endpoint.timeout, longest: LONGEST_ANSWER }
    }

    fn said(&self, text: String) -> String {
        self.credentials.hide(text).chars().take(500).collect()
    }

    fn shown_outcome(&self, outcome: Outcome) -> Outcome {
        match outcome {
            Outcome::Delivered { receipt } => Outcome::Delivered { receipt: receipt.map(|text| self.said(text)) },
            // Evidence is kept byte for byte; a changed one would not verify.
            Outcome::Attested { document } => Outcome::Attested { document },
            Outcome::Refused { code, reason } => Outcome::Refused { code: self.said(code), reason: self.said(reason) },
            Outcome::Unavailable { reason, retry_after } => {
                Outcome::Unavailable { reason: self.said(reason), retry_after }
            }
            Outcome::Unknown { reason } => Outcome::Unknown { reason: self.said(reason) },
        }
    }

    fn shown_inquiry(&self, inquiry: Inquiry) -> Inquiry {
        match inquiry {
            Inquiry::Present { receipt } => Inquiry::Present { receipt: receipt.map(|text| self.said(text)) },
            Inquiry::Absent => Inquiry::Absent,
            Inquiry::Refused { code, reason } => Inquiry::Refused { code: self.said(code), reason: self.said(reason) },
            Inquiry::Unanswered { reason, retry_after } => {
                Inquiry::Unanswered { reason: self.said(reason), retry_after }
            }
        }
    }
}

#[async_trait]
impl Outbound for RestOutbound {
    fn side_effect(&self) -> SideEffect {
        self.deliver.side_effect
    }

    async fn deliver(&self, consignment: &Consignment) -> Attempt {
        let started = Instant::now();
        let (request, progress, size) = match self.sending(consignment) {
            Ok(sending) => sending,
            Err(unsendable) => {
                let (code, reason) = ("connector.unsendable".to_owned(), unsendable.to_string());
                let outcome = self.shown_outcome(Outcome::Refused { code, reason });
                return Attempt { outcome, exchange: Exchange::default() };
            }
        };
        let answer = call(request, &progress, size, self.bounds()).await;
        let outcome = match &answer {
            Ok(answer) => outcome(&self.manifest, &self.deliver, answer, (self.clock)()),
            Err(Failure::Unsent(reason)) => Outcome::Unavailable { reason: reason.clone(), retry_after: None },
            Err(Failure::Lost(reason)) => Outcome::Unknown { reason: reason.clone() },
        };
        let status = answer.ok().map(|answer: Response| answer.status);
        let exchange = Exchange { status, sent_sha256: progress.sent_sha256(), took: started.elapsed() };
        Attempt { outcome: self.shown_outcome(outcome), exchange }
    }

    async fn inquire(&self, consignment: &Consignment) -> Inquiry {
        let unanswered = |reason: String| Inquiry::Unanswered { reason, retry_after: None };
        let answered = match self.question(consignment) {
            Ok(Some(request)) => match call(request, &Progress::new(0), 0, self.bounds()).await {
                Ok(answer) => inquiry(&self.manifest, &answer, (self.clock)()),
                Err(Failure::Unsent(reason) | Failure::Lost(reason)) => unanswered(reason),
            },
            Ok(None) => unanswered("acest sistem nu poate fi întrebat ce s-a întâmplat cu o trimitere".to_owned()),
            Err(unsendable) => unanswered(unsendable.to_string()),
        };
        self.shown_inquiry(answered)
    }
}
