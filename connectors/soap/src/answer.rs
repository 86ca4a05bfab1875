//! Opens the envelope of an answer, so that a manifest points into what is inside.

use connectors_contract::reading::{Response, xml};
use hub_signatures::trust::Trust;
use roxmltree::{Document, Node};
use serde_json::{Map, Value};

use crate::fault::Fault;
use crate::security::verification::covered_body;
use crate::settings::Version;

/// What stands for an answer that is no envelope: a proxy, a firewall or a log-in page spoke, not the service.
const PAGE: &[u8] = b"<html/>";

/// What an answer must be.
pub(crate) struct Expected<'a> {
    pub(crate) version: Version,
    /// The local name of the element that answers, where only one is an answer.
    pub(crate) answer: Option<&'a str>,
    /// Whom its signature must lead to, at what time.
    pub(crate) signed_for: Option<(&'a Trust, i64)>,
}

/// What the body of an envelope holds.
struct Inside {
    name: String,
    value: Value,
    fault: bool,
}

/// The answer without its envelope: JSON with one member, the element that answers or `Fault`. What is no envelope becomes
/// a page; what is one but cannot be believed or understood becomes an answer that cannot be read.
pub(crate) fn opened(response: Response, expected: &Expected<'_>) -> Response {
    let Ok(bytes) = &response.body else { return response };
    let essence = response.content_type.as_deref().unwrap_or_default().split(';').next().unwrap_or_default();
    let essence = essence.trim().to_ascii_lowercase();
    if essence == "multipart/related" {
        return Response { body: Err("răspunsul are atașamente, care nu se citesc".to_owned()), ..response };
    }
    if bytes.is_empty() || !matches!(essence.as_str(), "text/xml" | "application/soap+xml" | "application/xml") {
        let content_type = Some("text/html".to_owned());
        return Response { content_type, body: Ok(PAGE.to_vec()), ..response };
    }
    let read = match expected.signed_for {
        None => inside_envelope(bytes, expected.version),
        Some((trust, now)) => covered_body(bytes, expected.version, trust, now)
            .map_err(|why| format!("semnătura răspunsului nu este bună: {why}"))
            .and_then(|body| inside_body(&body, expected.version)),
    };
    let content_type = Some("application/json".to_owned());
    match read {
        Err(why) => Response { body: Err(why), ..response },
        Ok(inside) if inside.fault => {
            let fault = Fault::read(expected.version, &inside.value);
            let status = fault.status(response.status);
            Response { status, content_type, body: Ok(fault.value().to_string().into_bytes()), ..response }
        }
        Ok(inside) if expected.answer.is_some_and(|name| name != inside.name) => {
            let wanted = expected.answer.unwrap_or_default();
            Response { body: Err(format!("a răspuns {} în loc de {wanted}", inside.name)), ..response }
        }
        Ok(inside) => {
            let value = Value::Object(Map::from_iter([(inside.name, inside.value)]));
            Response { content_type, body: Ok(value.to_string().into_bytes()), ..response }
        }
    }
}

/// What stands in the one body of an envelope that nobody had to sign.
fn inside_envelope(bytes: &[u8], version: Version) -> Result<Inside, String> {
    // The limits of the value are checked before anything is built.
    let mut value = xml::value(bytes).map_err(|error| format!("răspunsul nu se poate citi ca XML: {error}"))?;
    let document = parsed(bytes)?;
    let (envelope, namespace) = (document.root_element(), version.namespace());
    if !envelope.has_tag_name((namespace, "Envelope")) {
        return Err("răspunsul nu este un Envelope al versiunii cerute".to_owned());
    }
    let mut bodies = envelope.children().filter(|child| child.has_tag_name((namespace, "Body")));
    let (Some(body), None) = (bodies.next(), bodies.next()) else {
        return Err("răspunsul nu are un singur Body".to_owned());
    };
    let content = value.pointer_mut("/Envelope/Body").map(Value::take).unwrap_or_default();
    only_child(body, content, namespace)
}

/// The same for the canonical bytes of a body that was signed.
fn inside_body(bytes: &[u8], version: Version) -> Result<Inside, String> {
    let mut value = xml::value(bytes).map_err(|error| format!("răspunsul nu se poate citi ca XML: {error}"))?;
    let document = parsed(bytes)?;
    let content = value.pointer_mut("/Body").map(Value::take).unwrap_or_default();
    only_child(document.root_element(), content, version.namespace())
}

fn only_child(body: Node<'_, '_>, mut content: Value, namespace: &str) -> Result<Inside, String> {
    let mut children = body.children().filter(Node::is_element);
    let (Some(child), None) = (children.next(), children.next()) else {
        return Err("corpul răspunsului nu are un singur element".to_owned());
    };
    let name = child.tag_name().name().to_owned();
    let value = content.get_mut(&name).map(Value::take).unwrap_or_default();
    Ok(Inside { value, fault: child.has_tag_name((namespace, "Fault")), name })
}

fn parsed(bytes: &[u8]) -> Result<Document<'_>, String> {
    let text = std::str::from_utf8(bytes).unwrap_or_default();
    let text = text.strip_prefix('\u{FEFF}').unwrap_or(text);
    Document::parse(text).map_err(|error| format!("răspunsul nu se poate citi ca XML la {}", error.pos()))
}
