//! A party's system at the hub's HTTP door.

use std::time::{Duration, Instant};

use reqwest::header::HeaderMap;
use reqwest::multipart::{Form, Part};
use reqwest::{Method, RequestBuilder, Response, StatusCode};
use serde_json::Value;

use crate::county::key;
use crate::reference;

/// How long a story waits for a state before it fails.
const PATIENCE: Duration = Duration::from_secs(30);
/// The pause between two looks.
pub const GLANCE: Duration = Duration::from_millis(25);

/// Speaks for one party.
#[derive(Clone)]
pub struct Client {
    http: reqwest::Client,
    url: String,
    key: String,
}

/// An answer of the hub, whatever it is.
#[derive(Debug, Clone)]
pub struct Answer {
    /// The status.
    pub status: u16,
    /// The headers.
    pub headers: HeaderMap,
    /// The body as JSON, or as text where it is not JSON.
    pub body: Value,
}

impl Client {
    /// The system of a party.
    #[must_use]
    pub fn of(url: &str, party: &str) -> Self {
        Self { http: reqwest::Client::new(), url: url.to_owned(), key: key(party) }
    }

    /// Sends an envelope with its parts as multipart.
    ///
    /// # Panics
    /// The hub does not answer.
    pub async fn send(
        &self,
        idempotency_key: &str,
        envelope: &Value,
        parts: &[(String, Vec<u8>)],
    ) -> (StatusCode, Value) {
        let form = form(envelope, parts);
        let request = self.request(Method::POST, "/v1/messages").header("idempotency-key", idempotency_key);
        answer(request.multipart(form)).await
    }

    /// A request of this party's system, for what the other verbs cannot say.
    pub fn request(&self, method: Method, path: &str) -> RequestBuilder {
        self.http.request(method, format!("{}{path}", self.url)).bearer_auth(&self.key)
    }

    /// Submits with a body of the caller's own making, right or wrong.
    ///
    /// # Panics
    /// The hub does not answer.
    pub async fn submit(&self, idempotency_key: &str, media_type: &str, body: impl Into<reqwest::Body>) -> Answer {
        let request = self.request(Method::POST, "/v1/messages").header("idempotency-key", idempotency_key);
        ask(request.header("content-type", media_type).body(body)).await
    }

    /// Posts JSON.
    ///
    /// # Panics
    /// The hub does not answer.
    pub async fn post(&self, path: &str, idempotency_key: &str, document: &Value) -> (StatusCode, Value) {
        let request = self.request(Method::POST, path).header("idempotency-key", idempotency_key).json(document);
        answer(request).await
    }

    /// Gets JSON.
    ///
    /// # Panics
    /// The hub does not answer.
    pub async fn get(&self, path: &str) -> (StatusCode, Value) {
        answer(self.request(Method::GET, path)).await
    }

    /// Gets bytes.
    ///
    /// # Panics
    /// The hub does not answer.
    pub async fn bytes(&self, path: &str) -> Vec<u8> {
        self.fetch(path).await.bytes().await.expect("the body arrives").to_vec()
    }

    /// Gets bytes that leave the hub as a file, and says why.
    ///
    /// # Panics
    /// The hub does not answer.
    pub async fn exported(&self, path: &str) -> Vec<u8> {
        let request = self.request(Method::GET, path).header("punte-purpose", "control intern");
        let request = request.header("punte-legal-basis", "OSGG 600/2018");
        request.send().await.expect("the hub answers").bytes().await.expect("the body arrives").to_vec()
    }

    async fn fetch(&self, path: &str) -> Response {
        self.request(Method::GET, path).send().await.expect("the hub answers")
    }

    /// Waits until the message satisfies a condition, and answers it.
    ///
    /// # Panics
    /// It does not within half a minute; the message as it stands is shown.
    pub async fn wait_for(&self, message: &str, condition: impl Fn(&Value) -> bool) -> Value {
        let begun = Instant::now();
        loop {
            let (_, seen) = self.get(&format!("/v1/messages/{message}")).await;
            if condition(&seen) {
                return seen;
            }
            assert!(begun.elapsed() < PATIENCE, "the awaited state did not come: {seen:#}");
            tokio::time::sleep(GLANCE).await;
        }
    }

    /// Waits until the delivery to a party has a state, and answers the delivery.
    ///
    /// # Panics
    /// It does not within half a minute.
    pub async fn wait_for_delivery(&self, message: &str, party: &str, state: &str) -> Value {
        let seen = self.wait_for(message, |seen| delivery(seen, party)["state"] == state).await;
        delivery(&seen, party).clone()
    }

    /// The events of the evidence chain of a message, in order, each with the id of its delivery's recipient.
    ///
    /// # Panics
    /// The hub does not answer.
    pub async fn chain(&self, message: &str) -> Vec<Value> {
        let (status, chain) = self.get(&format!("/v1/messages/{message}/evidence")).await;
        assert_eq!(status, 200, "{chain:#}");
        chain["evidence"].as_array().cloned().unwrap_or_default()
    }
}

/// The form of an envelope with its parts.
#[must_use]
pub fn form(envelope: &Value, parts: &[(String, Vec<u8>)]) -> Form {
    let part = |form: Form, (name, content): &(String, Vec<u8>)| {
        form.part(name.clone(), Part::bytes(content.clone()).file_name(name.clone()))
    };
    parts.iter().fold(Form::new().part("envelope", Part::text(envelope.to_string())), part)
}

/// Sends a request and takes whatever comes back.
///
/// # Panics
/// The hub does not answer.
pub async fn ask(request: RequestBuilder) -> Answer {
    let (status, headers, text) = exchange(request).await;
    Answer { status: status.as_u16(), headers, body: read(text) }
}

/// The delivery of a message to a party; null where there is none.
#[must_use]
pub fn delivery<'a>(message: &'a Value, party: &str) -> &'a Value {
    let deliveries = message["deliveries"].as_array().map(Vec::as_slice).unwrap_or_default();
    deliveries.iter().find(|delivery| delivery["recipient"] == party).unwrap_or(&Value::Null)
}

async fn answer(request: RequestBuilder) -> (StatusCode, Value) {
    let (status, _, text) = exchange(request).await;
    (status, read(text))
}

fn read(text: String) -> Value {
    serde_json::from_str(&text).unwrap_or(Value::String(text))
}

/// One request and its answer, held against the reference of the API.
async fn exchange(request: RequestBuilder) -> (StatusCode, HeaderMap, String) {
    let (client, request) = request.build_split();
    let request = request.expect("the request is whole");
    let (method, url, headers) = (request.method().clone(), request.url().clone(), request.headers().clone());
    let sent = request.body().and_then(|body| body.as_bytes()).map(<[u8]>::to_vec);
    let response = client.execute(request).await.expect("the hub answers");
    let (status, answered) = (response.status(), response.headers().clone());
    let bytes = response.bytes().await.expect("the body arrives");
    let sent = sent.as_deref().map(|bytes| reference::Body { media_type: media_type(&headers), bytes });
    let body = reference::Body { media_type: media_type(&answered), bytes: &bytes };
    reference::saw((method.as_str(), url.path()), sent, (status.as_u16(), body));
    (status, answered, String::from_utf8_lossy(&bytes).into_owned())
}

fn media_type(headers: &HeaderMap) -> &str {
    headers.get("content-type").and_then(|value| value.to_str().ok()).unwrap_or_default()
}
