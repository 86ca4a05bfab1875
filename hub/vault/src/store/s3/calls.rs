//! One call to the service: signed, sent, sent again where that is safe, and its errors told.

use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use openssl::hash::{MessageDigest, hash};
use openssl::sha::sha256;
use reqwest::{Body, Method, Response};
use tokio_util::io::ReaderStream;

use super::{S3, sign, xml};
use crate::store::{Incoming, StoreError};

/// Every call may be sent again: puts are conditional or of the same bytes.
const ATTEMPTS: u32 = 3;
const PAUSE: Duration = Duration::from_millis(200);
/// Lists and errors are read up to this size, in bytes.
const LONGEST_TEXT: usize = 8 * 1024 * 1024;

/// What is asked.
pub(super) struct Call<'a> {
    pub method: Method,
    /// The object; none asks the bucket.
    pub key: Option<&'a str>,
    pub query: Vec<(&'static str, String)>,
    pub headers: Vec<(&'static str, String)>,
}

impl<'a> Call<'a> {
    pub(super) fn on(method: Method, key: &'a str) -> Self {
        Self { method, key: Some(key), query: Vec::new(), headers: Vec::new() }
    }

    pub(super) fn on_bucket(method: Method) -> Self {
        Self { method, key: None, query: Vec::new(), headers: Vec::new() }
    }
}

impl S3 {
    /// Sends a call and answers whatever the service said, its refusals too.
    pub(super) async fn send(&self, call: &Call<'_>, object: Option<Incoming<'_>>) -> Result<Response, StoreError> {
        let mut attempt = 1;
        loop {
            let last = attempt == ATTEMPTS;
            match self.send_once(call, object).await {
                Ok(response) if last || !response.status().is_server_error() => return Ok(response),
                Err(error) if last => return Err(error),
                Ok(_) | Err(_) => tokio::time::sleep(PAUSE * attempt).await,
            }
            attempt += 1;
        }
    }

    async fn send_once(&self, call: &Call<'_>, object: Option<Incoming<'_>>) -> Result<Response, StoreError> {
        let digest = match object {
            None => sha256(b""),
            Some(Incoming::Bytes(bytes)) => sha256(bytes),
            Some(Incoming::File { sha256, .. }) => sha256,
        };
        let signed = sign::sign(&self.place, call, &digest, self.world.now());
        let mut request = self.client.request(call.method.clone(), signed.url);
        for (name, value) in signed.headers {
            request = request.header(name, value);
        }
        let request = match object {
            None => request,
            Some(Incoming::Bytes(bytes)) => request.body(bytes.to_vec()),
            Some(Incoming::File { path, size, .. }) => {
                let file = tokio::fs::File::open(path).await.map_err(|error| self.unavailable(error.to_string()))?;
                let stream = ReaderStream::with_capacity(file, 256 * 1024);
                request.header("content-length", size).body(Body::wrap_stream(stream))
            }
        };
        request.send().await.map_err(|error| self.unavailable(because(&error)))
    }

    /// Sets what hangs on an object: `retention` or `legal-hold`.
    pub(super) async fn set(&self, key: &str, what: &'static str, document: String) -> Result<(), StoreError> {
        // The service insists on the digest of these documents.
        let digest =
            hash(MessageDigest::md5(), document.as_bytes()).map_err(|error| self.refused(error.to_string()))?;
        let headers = vec![("content-md5", STANDARD.encode(digest))];
        let call = Call { query: vec![(what, String::new())], headers, ..Call::on(Method::PUT, key) };
        let response = self.send(&call, Some(Incoming::Bytes(document.as_bytes()))).await?;
        if response.status().is_success() { Ok(()) } else { Err(self.error(response).await) }
    }

    /// The text of an answer.
    pub(super) async fn text(&self, mut response: Response) -> Result<String, StoreError> {
        if !response.status().is_success() {
            return Err(self.error(response).await);
        }
        let mut text = Vec::new();
        while let Some(chunk) = response.chunk().await.map_err(|error| self.unavailable(because(&error)))? {
            if text.len() + chunk.len() > LONGEST_TEXT {
                return Err(self.refused("its answer is too long"));
            }
            text.extend_from_slice(&chunk);
        }
        String::from_utf8(text).map_err(|_| self.refused("its answer is no text"))
    }

    /// What a refusal means: a server's trouble passes, anything else does not.
    pub(super) async fn error(&self, mut response: Response) -> StoreError {
        let status = response.status();
        let mut text = Vec::new();
        while text.len() < 4096 {
            match response.chunk().await {
                Ok(Some(chunk)) => text.extend_from_slice(&chunk),
                Ok(None) | Err(_) => break,
            }
        }
        let told = std::str::from_utf8(&text).ok().and_then(xml::error).unwrap_or_default();
        let cause = format!("{status} {told}").trim_end().to_owned();
        let passes = status.is_server_error() || [408, 429].contains(&status.as_u16());
        if passes { self.unavailable(cause) } else { self.refused(cause) }
    }
}

/// The whole chain of an error: the client's own words are only "error sending request".
fn because(error: &reqwest::Error) -> String {
    let mut told = error.to_string();
    let mut source = std::error::Error::source(error);
    while let Some(deeper) = source {
        told = format!("{told}: {deeper}");
        source = deeper.source();
    }
    told
}
