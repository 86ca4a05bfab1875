//! What the body of an answer is: told by its media type, or by its first bytes where a manifest says so.

use serde_json::Value;

use crate::manifest::{Answers, Reads};
use crate::reading::{Response, xml};

/// What the body of an answer is. XML is looked into only where a manifest reads it: evidence of another delivery service
/// is XML too, and is judged elsewhere, whole.
#[derive(Debug, Clone, PartialEq)]
pub enum Body {
    /// Nothing, or something no manifest looks into.
    Plain,
    /// What a manifest points into: JSON as it is, XML by the convention of [`xml`].
    Value(Value),
    /// Not from the system: an HTML page, or something the manifest does not expect.
    Page,
    /// Meant to be read, but not readable; why.
    Broken(String),
}

/// Looks at a body the way the manifest says.
#[must_use]
pub fn read(answers: &Answers, response: &Response) -> Body {
    let body = match &response.body {
        Ok(body) => body,
        Err(why) => return Body::Broken(why.clone()),
    };
    if body.is_empty() {
        return Body::Plain;
    }
    if answers.reads.is_empty() {
        by_type(answers, response.content_type.as_deref(), body)
    } else {
        sniffed(answers, body)
    }
}

/// Whether a media type is JSON.
#[must_use]
pub fn is_json(content_type: &str) -> bool {
    let essence = essence(content_type);
    essence == "application/json" || essence.ends_with("+json")
}

/// Whether a media type is XML that is not a page.
#[must_use]
pub fn is_xml(content_type: &str) -> bool {
    let essence = essence(content_type);
    essence != "application/xhtml+xml"
        && (matches!(essence.as_str(), "application/xml" | "text/xml") || essence.ends_with("+xml"))
}

fn by_type(answers: &Answers, actual: Option<&str>, body: &[u8]) -> Body {
    let actual = actual.unwrap_or_default();
    let expected = answers.content_type.as_slice();
    let fits = |one: &String| {
        essence(actual) == essence(one) || (is_json(one) && is_json(actual)) || (is_xml(one) && is_xml(actual))
    };
    let page = match expected {
        [] => matches!(essence(actual).as_str(), "text/html" | "application/xhtml+xml"),
        expected => !expected.iter().any(fits),
    };
    if page {
        Body::Page
    } else if is_json(actual) {
        json(body, false)
    } else {
        Body::Plain
    }
}

/// By the first bytes. An institution's own media types are not believed here, in either direction.
fn sniffed(answers: &Answers, body: &[u8]) -> Body {
    let reads = |what| answers.reads.contains(&what);
    let trimmed = body.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(body).trim_ascii();
    match trimmed.first() {
        None => Body::Plain,
        Some(b'{' | b'[') if reads(Reads::Json) => json(trimmed, true),
        Some(b'<') if is_page(trimmed) => Body::Page,
        Some(b'<') if reads(Reads::Xml) => xml(trimmed),
        Some(_) if reads(Reads::Text) => match std::str::from_utf8(trimmed) {
            Ok(text) => Body::Value(Value::from(text)),
            Err(_) => Body::Broken("răspunsul nu este text UTF-8".to_owned()),
        },
        Some(_) => Body::Page,
    }
}

fn is_page(body: &[u8]) -> bool {
    let name = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'<' | b'!' | b'-' | b'_' | b':' | b'.');
    let end = body.iter().position(|byte| !name(byte)).unwrap_or(body.len()).min(16);
    let page = ["<html", "<head", "<body"].iter().any(|page| body[..end].eq_ignore_ascii_case(page.as_bytes()));
    page || body.get(..14).is_some_and(|beginning| beginning.eq_ignore_ascii_case(b"<!doctype html"))
}

/// The parser's own words may quote the body; its place is enough.
fn json(body: &[u8], lenient: bool) -> Body {
    let broken = |error: serde_json::Error| {
        Body::Broken(format!("răspunsul nu este JSON la linia {}, coloana {}", error.line(), error.column()))
    };
    let mut values = serde_json::Deserializer::from_slice(body).into_iter::<Value>();
    match (values.next(), values.byte_offset()) {
        (None, _) => Body::Broken("răspunsul nu este JSON".to_owned()),
        (Some(Err(error)), _) => broken(error),
        (Some(Ok(value)), end) => {
            // ANAF closes one of its answers twice (contract sheet, 3.6): a bracket too many changes no meaning.
            let surplus = |byte: &u8| byte.is_ascii_whitespace() || (lenient && matches!(byte, b'}' | b']'));
            if body[end..].iter().all(surplus) {
                return Body::Value(value);
            }
            Body::Broken("răspunsul are text după sfârșitul JSON-ului".to_owned())
        }
    }
}

fn xml(body: &[u8]) -> Body {
    match xml::value(body) {
        Ok(value) => Body::Value(value),
        Err(error) => Body::Broken(format!("răspunsul nu se poate citi ca XML: {error}")),
    }
}

fn essence(content_type: &str) -> String {
    content_type.split(';').next().unwrap_or_default().trim().to_ascii_lowercase()
}
