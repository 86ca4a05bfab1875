//! From manifest and consignment to a request: address, headers, body.

use bytes::Bytes;
use connectors_contract::manifest::{BodyShape, Deliver, Method, MissingFact, Template};
use connectors_contract::{Consignment, Manifest};
use reqwest::header::{ACCEPT, HeaderMap, HeaderName, HeaderValue};
use url::Url;

use crate::{envelope, multipart};
use connectors_http::Segment;

/// Why a document cannot be put into a request of this manifest; sending again would not help.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Unsendable {
    #[error(transparent)]
    Fact(#[from] MissingFact),
    #[error("{0}")]
    Shape(String),
}

/// The method as the client takes it.
pub(crate) fn method(method: Method) -> reqwest::Method {
    match method {
        Method::Get => reqwest::Method::GET,
        Method::Post => reqwest::Method::POST,
        Method::Put => reqwest::Method::PUT,
        Method::Patch => reqwest::Method::PATCH,
    }
}

/// The value of a fact, or nothing.
pub(crate) fn fact(consignment: &Consignment, name: &str) -> Option<String> {
    match name {
        "idempotency_key" => Some(consignment.idempotency_key.clone()),
        _ => consignment.facts.get(name).cloned(),
    }
}

/// The address of an operation.
pub(crate) fn address(base: &Url, path: &Template, consignment: &Consignment) -> Result<Url, Unsendable> {
    let path = path.fill(|name| fact(consignment, name).map(|value| percent_encoded(&value)))?;
    join(base, &path.unwrap_or_default())
}

/// A base address and the path of an operation.
pub(crate) fn join(base: &Url, path: &str) -> Result<Url, Unsendable> {
    if path.is_empty() {
        return Ok(base.clone());
    }
    let text = format!("{}/{}", base.as_str().trim_end_matches('/'), path.trim_start_matches('/'));
    Url::parse(&text).map_err(|error| Unsendable::Shape(format!("the address of the operation is none: {error}")))
}

/// The headers of a sending, without the credentials.
pub(crate) fn headers(
    manifest: &Manifest,
    deliver: &Deliver,
    consignment: &Consignment,
) -> Result<HeaderMap, Unsendable> {
    let mut headers = accept(manifest);
    for (name, template) in &deliver.headers {
        if let Some(value) = template.fill(|name| fact(consignment, name))? {
            insert(&mut headers, name, &value)?;
        }
    }
    if let Some(name) = &deliver.idempotency_header {
        insert(&mut headers, name, &consignment.idempotency_key)?;
    }
    Ok(headers)
}

/// The headers of a question.
pub(crate) fn accept(manifest: &Manifest) -> HeaderMap {
    let expected = manifest.outcome.content_type.as_slice().join(", ");
    let expected = Some(expected).filter(|types| !types.is_empty()).and_then(|types| HeaderValue::try_from(types).ok());
    expected.map(|expected| (ACCEPT, expected)).into_iter().collect()
}

/// The media type and the pieces of the body.
pub(crate) fn body(deliver: &Deliver, consignment: &Consignment) -> Result<(String, Vec<Segment>), Unsendable> {
    match (deliver.body, &deliver.envelope) {
        (BodyShape::Multipart, _) => Ok(multipart::form(&deliver.multipart, consignment)),
        (BodyShape::Envelope, Some(envelope)) => {
            let object = envelope::object(deliver, envelope, consignment)?;
            Ok(("application/json".to_owned(), vec![Segment::Bytes(Bytes::from(object.to_string()))]))
        }
        _ => Ok((consignment.body.content_type.clone(), vec![Segment::Bytes(consignment.body.content.clone())])),
    }
}

/// Everything but the unreserved characters of RFC 3986, encoded.
pub(crate) fn percent_encoded(text: &str) -> String {
    encoded(text, |byte| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte))
}

/// A header holds visible ASCII and spaces; everything else in a value is percent-encoded.
pub(crate) fn insert(headers: &mut HeaderMap, name: &str, value: &str) -> Result<(), Unsendable> {
    let unfit = |_| Unsendable::Shape(format!("{name:?} is not a header"));
    let name = HeaderName::try_from(name).map_err(unfit)?;
    let value = encoded(value, |byte| (b' '..=b'~').contains(&byte));
    let value = HeaderValue::try_from(value).map_err(|_| Unsendable::Shape(format!("{name} has no usable value")))?;
    headers.insert(name, value);
    Ok(())
}

fn encoded(text: &str, keep: impl Fn(u8) -> bool) -> String {
    text.bytes().map(|byte| if keep(byte) { char::from(byte).to_string() } else { format!("%{byte:02X}") }).collect()
}
