//! One call over HTTP, watched and bounded, and the clients that make it.

use std::error::Error;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use bytes::Bytes;
use connectors_contract::reading::Response;
use connectors_contract::{Channel, ManifestError};
use futures_util::stream;
use openssl::pkey::PKey;
use openssl::x509::X509;
use reqwest::header::{CONTENT_LENGTH, CONTENT_TYPE, HeaderMap, HeaderValue, RETRY_AFTER};
use reqwest::{Certificate, Client, ClientBuilder, Identity};
use secrecy::ExposeSecret;
use tokio::time::timeout;
use url::Url;

/// A target that takes a body slower than this, in bytes a second, is given up.
const SLOWEST_UPLOAD: u64 = 64 * 1024;

/// Why there is no answer.
#[derive(Debug)]
pub(crate) enum Failure {
    /// The target cannot have the message.
    Unsent(String),
    /// It may have it.
    Lost(String),
}

/// A message ready to go.
pub(crate) struct Message {
    pub(crate) address: Url,
    pub(crate) headers: HeaderMap,
    pub(crate) envelope: Bytes,
}

/// Sends a message and reads its answer, at most so many bytes of it. The connection is made, the body taken and the answer
/// begun within `silence` and the time the upload may need; the answer ends within another `silence`.
pub(crate) async fn call(
    client: &Client,
    message: Message,
    silence: Duration,
    longest: usize,
) -> Result<Response, Failure> {
    let size = message.envelope.len() as u64;
    let started = Arc::new(AtomicBool::new(false));
    let asked = Arc::clone(&started);
    // Before a connection asked for the first byte, the target cannot know of the message.
    let body = stream::unfold(Some(message.envelope), move |envelope| {
        asked.store(true, Ordering::Release);
        async move { envelope.map(|bytes| (Ok::<_, std::io::Error>(bytes), None)) }
    });
    let request = client.post(message.address).headers(message.headers);
    let request = request.header(CONTENT_LENGTH, HeaderValue::from(size)).body(reqwest::Body::wrap_stream(body));
    let failed = |reason: String, unconnected: bool| {
        let unsent = unconnected || !started.load(Ordering::Acquire);
        if unsent { Failure::Unsent(reason) } else { Failure::Lost(reason) }
    };
    let patience = silence + Duration::from_secs(size / SLOWEST_UPLOAD);
    let response = match timeout(patience, request.send()).await {
        Ok(sent) => sent.map_err(|error| failed(described(&error), error.is_connect()))?,
        Err(_) => return Err(failed(format!("niciun răspuns în {} ms", patience.as_millis()), false)),
    };
    let header = |name| response.headers().get(name).and_then(|value| value.to_str().ok()).map(str::to_owned);
    let (status, content_type, retry_after) = (response.status().as_u16(), header(CONTENT_TYPE), header(RETRY_AFTER));
    let body = timeout(silence, read(response, longest)).await;
    let body = body.unwrap_or_else(|_| Err("răspunsul nu s-a terminat la timp".to_owned()));
    Ok(Response { status, content_type, retry_after, body })
}

async fn read(mut response: reqwest::Response, longest: usize) -> Result<Vec<u8>, String> {
    let mut body = Vec::new();
    let cut = |error: reqwest::Error| format!("răspunsul s-a întrerupt: {}", described(&error));
    while let Some(chunk) = response.chunk().await.map_err(cut)? {
        if body.len() + chunk.len() > longest {
            return Err(format!("răspunsul are peste {longest} de octeți"));
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body)
}

/// The innermost cause in words. The address is left out: a path or query may hold a token.
fn described(error: &reqwest::Error) -> String {
    let what = if error.is_connect() { "nu se poate face conexiunea" } else { "conexiunea s-a întrerupt" };
    let mut cause: Option<&(dyn Error + 'static)> = error.source();
    while let Some(inner) = cause.and_then(Error::source) {
        cause = Some(inner);
    }
    cause.map_or_else(|| what.to_owned(), |cause| format!("{what}: {cause}"))
}

/// A client for everybody.
pub(crate) fn client() -> ClientBuilder {
    Client::builder()
        .redirect(reqwest::redirect::Policy::none())
        .retry(reqwest::retry::never())
        .no_proxy()
        .connect_timeout(Duration::from_secs(10))
        .user_agent(concat!("punte/", env!("CARGO_PKG_VERSION")))
}

/// A client that shows the channel's certificate and believes its trust anchors too. None when the channel has neither.
pub(crate) fn client_of(system: &str, channel: &Channel, kept: bool) -> Result<Option<Client>, ManifestError> {
    let lacks = |lacks: &str, way_out: &str| ManifestError::Channel {
        system: system.to_owned(),
        lacks: lacks.to_owned(),
        way_out: way_out.to_owned(),
    };
    if channel.identity.is_none() && channel.roots.is_none() {
        return Ok(None);
    }
    let mut builder = client().pool_max_idle_per_host(if kept { usize::MAX } else { 0 });
    if let Some(identity) = &channel.identity {
        let identity = tls_identity(identity.expose_secret().as_bytes());
        let way_out = "write the certificate chain and the unencrypted key as PEM";
        builder = builder.identity(identity.ok_or_else(|| lacks("a usable identity", way_out))?);
    }
    if let Some(roots) = &channel.roots {
        let roots = Certificate::from_pem_bundle(roots.as_bytes()).unwrap_or_default();
        if roots.is_empty() {
            return Err(lacks("usable trust anchors", "write the certificates as PEM"));
        }
        builder = builder.tls_certs_merge(roots);
    }
    builder
        .build()
        .map(Some)
        .map_err(|_| lacks("an identity TLS can use", "check that key and certificate belong together"))
}

fn tls_identity(pem: &[u8]) -> Option<Identity> {
    let chain = X509::stack_from_pem(pem).ok()?;
    let chain: Vec<u8> =
        chain.iter().map(|certificate| certificate.to_pem().ok()).collect::<Option<Vec<_>>>()?.concat();
    // An empty passphrase is given so that an encrypted key is an error and not a question on the terminal.
    let key = PKey::private_key_from_pem_passphrase(pem, b"").ok()?.private_key_to_pem_pkcs8().ok()?;
    Identity::from_pkcs8_pem(&chain, &key).ok()
}
