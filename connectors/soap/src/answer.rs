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

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use hub_signatures::certificate::Certificate;
    use sandbox::Renns;

    use super::*;

    const NOW: i64 = 1_772_445_600;
    const WSSE: &str = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-secext-1.0.xsd";

    /// An answer signed by RENNS's twin, and whom to trust for it.
    async fn signed() -> (Vec<u8>, Trust) {
        let twin = Renns::start(([127, 0, 0, 1], 0).into(), Arc::new(|| NOW)).await.unwrap();
        let client = reqwest::Client::builder().no_proxy().build().unwrap();
        let put = client.put(format!("{}/_sandbox/renns", twin.url())).header("content-type", "application/json");
        put.body("{\"sign_answers\": true}").send().await.unwrap();
        let certificate = client.get(format!("{}/_sandbox/renns/certificate.pem", twin.url())).send().await.unwrap();
        let anchors = Certificate::all_from_pem(&certificate.bytes().await.unwrap()).unwrap();
        let asked = format!(
            "<s:Envelope xmlns:s=\"http://schemas.xmlsoap.org/soap/envelope/\"><s:Header><w:Security xmlns:w=\"{WSSE}\">\
             <w:UsernameToken><w:Username>institutie</w:Username><w:Password>parola-institutie</w:Password>\
             </w:UsernameToken></w:Security></s:Header><s:Body><getRoadWSRequest xmlns=\"http://ancpi.ro/renns/soap/road\">\
             <county>MEHEDINȚI</county><name>TEILOR</name></getRoadWSRequest></s:Body></s:Envelope>"
        );
        let post = client.post(format!("{}/renns-public/soapws/", twin.url())).header("content-type", "text/xml");
        let answer = post.body(asked).send().await.unwrap().bytes().await.unwrap();
        (answer.to_vec(), Trust::Anchors(anchors))
    }

    fn read(bytes: Vec<u8>, trust: &Trust) -> Response {
        let content_type = Some("text/xml".to_owned());
        let response = Response { status: 200, content_type, retry_after: None, body: Ok(bytes) };
        opened(response, &Expected { version: Version::V11, answer: None, signed_for: Some((trust, NOW)) })
    }

    #[tokio::test]
    async fn no_byte_of_a_signed_answer_can_be_changed_so_that_it_says_something_else() {
        let (answer, trust) = signed().await;
        let said = read(answer.clone(), &trust).body.unwrap();
        let (mut refused, mut same) = (0, 0);
        for position in 0..answer.len() {
            let mut changed = answer.clone();
            changed[position] ^= 1;
            match read(changed, &trust).body {
                Ok(body) => {
                    assert_eq!(body, said, "byte {position}");
                    same += 1;
                }
                Err(_) => refused += 1,
            }
        }
        // What may change is a prefix, an encoding or the value type of the token: nothing that is said.
        assert!(refused > answer.len() * 8 / 10 && same < answer.len() / 5, "{refused} refused, {same} the same");
    }

    #[tokio::test]
    async fn an_answer_cut_anywhere_or_mixed_up_is_read_as_broken_and_never_panics() {
        let (answer, trust) = signed().await;
        for length in (0..answer.len()).step_by(7) {
            let read = read(answer[..length].to_vec(), &trust);
            assert!(read.body.is_err() || read.body.as_deref() == Ok(PAGE), "{length}");
        }
        for step in 1..200 {
            let mixed: Vec<u8> = (0..answer.len()).map(|at| answer[at * step % answer.len()]).collect();
            let plain = Response {
                status: 200,
                content_type: Some("application/soap+xml".to_owned()),
                retry_after: None,
                body: Ok(mixed.clone()),
            };
            let expected = Expected { version: Version::V12, answer: Some("a"), signed_for: None };
            assert!(opened(plain, &expected).body.is_err(), "{step}");
            assert!(step == 1 || read(mixed, &trust).body.is_err(), "{step}");
        }
    }
}
