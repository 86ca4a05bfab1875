//! How pages ask the API: with the visitor's own session, in the same process.

use axum::body::Body;
use axum::http::{HeaderMap, HeaderValue, Method, Request, Response, StatusCode, header};
use bytes::Bytes;
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::Desk;
use crate::fault::Fault;
use crate::visit::{Person, Visit, borne};

/// Most bytes of an answer that a page reads; contents are passed on and not read.
const LARGEST: usize = 64 * 1024 * 1024;

/// What is asked of the API, built step by step and sent with [`Ask::value`], [`Ask::read`] or [`Ask::raw`].
pub struct Ask<'a> {
    visit: &'a Visit,
    method: Method,
    path: String,
    headers: HeaderMap,
    body: Body,
}

impl Visit {
    /// Asks for something: `visit.get("/v1/inbox?limit=20").value().await?`.
    #[must_use]
    pub fn get(&self, path: impl Into<String>) -> Ask<'_> {
        self.ask(Method::GET, path)
    }

    /// Changes something.
    #[must_use]
    pub fn post(&self, path: impl Into<String>) -> Ask<'_> {
        self.ask(Method::POST, path)
    }

    /// A request of any method.
    #[must_use]
    pub fn ask(&self, method: Method, path: impl Into<String>) -> Ask<'_> {
        Ask { visit: self, method, path: path.into(), headers: self.borne.clone(), body: Body::empty() }
    }
}

impl Ask<'_> {
    /// A header. A value that is none is left out: the API then says what is missing.
    #[must_use]
    pub fn header(mut self, name: &'static str, value: &str) -> Self {
        if let Ok(value) = HeaderValue::from_str(value.trim()) {
            self.headers.insert(name, value);
        }
        self
    }

    /// Why personal data are opened: purpose and legal basis, as the journal of access asks.
    #[must_use]
    pub fn why(self, purpose: &str, legal_basis: &str) -> Self {
        self.words("punte-purpose", purpose).words("punte-legal-basis", legal_basis)
    }

    /// A header with Romanian letters, as bytes of UTF-8.
    #[must_use]
    pub fn words(mut self, name: &'static str, value: &str) -> Self {
        if let Ok(value) = HeaderValue::from_bytes(value.trim().as_bytes())
            && !value.is_empty()
        {
            self.headers.insert(name, value);
        }
        self
    }

    /// The key under which what is sent counts once.
    #[must_use]
    pub fn key(self, key: &str) -> Self {
        self.header("idempotency-key", key)
    }

    /// The token of the form that was sent; without it the API takes no change.
    #[must_use]
    pub fn form(self, token: &str) -> Self {
        self.header("punte-form", token)
    }

    /// A body of JSON.
    #[must_use]
    pub fn json(mut self, value: &Value) -> Self {
        self.headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
        self.body = Body::from(value.to_string());
        self
    }

    /// A body of some media type.
    #[must_use]
    pub fn body(mut self, media_type: &str, body: impl Into<Body>) -> Self {
        if let Ok(value) = HeaderValue::from_str(media_type) {
            self.headers.insert(header::CONTENT_TYPE, value);
        }
        self.body = body.into();
        self
    }

    /// The answer as it comes, whatever its status: for contents that are passed on.
    pub async fn answer(self) -> Response<Body> {
        let mut request = Request::new(self.body);
        *request.method_mut() = self.method;
        match self.path.parse() {
            Ok(uri) => *request.uri_mut() = uri,
            Err(_) => return not_found(),
        }
        *request.headers_mut() = self.headers;
        self.visit.desk.hub.call(request).await
    }

    /// Media type and bytes of an answer.
    ///
    /// # Errors
    /// The API refused, or the answer is larger than a page reads.
    pub async fn raw(self) -> Result<(String, Bytes), Fault> {
        let (status, media_type, bytes) = read(self.answer().await).await?;
        if status.is_success() { Ok((media_type, bytes)) } else { Err(Fault::of(status, &bytes)) }
    }

    /// The answer as it comes, for a file that is passed on.
    ///
    /// # Errors
    /// The API refused.
    pub async fn passed(self) -> Result<Response<Body>, Fault> {
        let answer = self.answer().await;
        if answer.status().is_success() {
            return Ok(answer);
        }
        let (status, _, bytes) = read(answer).await?;
        Err(Fault::of(status, &bytes))
    }

    /// An answer of JSON; null where it is empty.
    ///
    /// # Errors
    /// The API refused.
    pub async fn value(self) -> Result<Value, Fault> {
        let (_, bytes) = self.raw().await?;
        if bytes.is_empty() {
            return Ok(Value::Null);
        }
        serde_json::from_slice(&bytes).map_err(|error| Fault::unreadable(&error))
    }

    /// An answer of JSON with a known form.
    ///
    /// # Errors
    /// The API refused, or its answer has another form.
    pub async fn read<T: DeserializeOwned>(self) -> Result<T, Fault> {
        let (_, bytes) = self.raw().await?;
        serde_json::from_slice(&bytes).map_err(|error| Fault::unreadable(&error))
    }

    /// An answer of JSON; nothing where the visitor may not see it or it is not there.
    ///
    /// # Errors
    /// The API cannot answer.
    pub async fn maybe(self) -> Result<Option<Value>, Fault> {
        match self.value().await {
            Ok(value) => Ok(Some(value)),
            Err(fault) if matches!(fault.status.as_u16(), 403 | 404) => Ok(None),
            Err(fault) => Err(fault),
        }
    }
}

fn not_found() -> Response<Body> {
    let mut response = Response::new(Body::empty());
    *response.status_mut() = StatusCode::NOT_FOUND;
    response
}

async fn read(response: Response<Body>) -> Result<(StatusCode, String, Bytes), Fault> {
    let status = response.status();
    let media_type = response.headers().get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
    let media_type = media_type.unwrap_or("application/octet-stream").to_owned();
    let bytes = axum::body::to_bytes(response.into_body(), LARGEST).await;
    Ok((status, media_type, bytes.map_err(|error| Fault::unreadable(&error))?))
}

/// Who has this session; nobody where there is none.
///
/// # Errors
/// The hub cannot answer.
pub(crate) async fn session(desk: &Desk, headers: &HeaderMap) -> Result<Option<Person>, Fault> {
    let mut request = Request::new(Body::empty());
    *request.uri_mut() = axum::http::Uri::from_static("/v1/session");
    *request.headers_mut() = borne(headers);
    let (status, _, bytes) = read(desk.hub.call(request).await).await?;
    match status.as_u16() {
        200 => serde_json::from_slice(&bytes).map(Some).map_err(|error| Fault::unreadable(&error)),
        401 => Ok(None),
        _ => Err(Fault::of(status, &bytes)),
    }
}

/// A piece of a path or a query, with what has a meaning there escaped.
#[must_use]
pub fn piece(text: &str) -> String {
    let mut written = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            written.push(char::from(byte));
        } else {
            written.push_str(&format!("%{byte:02X}"));
        }
    }
    written
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_piece_stays_in_its_place() {
        assert_eq!(piece("urn:md/1?x=ș&"), "urn%3Amd%2F1%3Fx%3D%C8%99%26");
        assert_eq!(piece("general-2026_1.~"), "general-2026_1.~");
    }
}
