//! What came: the envelope of a call, read once, bounded, without DTD.

use axum::body::{Body, to_bytes};
use axum::extract::Request;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use roxmltree::{Document, Node, NodeId, ParsingOptions};

use super::{Fault, SOAP_11, SOAP_12, fault};

/// The longest call, in bytes.
pub(crate) const LONGEST_CALL: usize = 8 * 1024 * 1024;
/// The most elements, texts and comments of a document.
const MOST_NODES: u32 = 400_000;
/// The deepest nesting.
const DEEPEST: usize = 64;

/// The two versions that are spoken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Version {
    /// SOAP 1.1, `text/xml`.
    V11,
    /// SOAP 1.2, `application/soap+xml`.
    V12,
}

/// A call as it came over HTTP.
pub(crate) struct Received {
    pub(crate) version: Version,
    pub(crate) authorization: Option<String>,
    body: Bytes,
}

/// The envelope of a call.
pub(crate) struct Envelope<'call> {
    document: Document<'call>,
    payload: NodeId,
    header: Option<NodeId>,
}

/// Reads a request to its end.
pub(crate) async fn receive(request: Request<Body>) -> Result<Received, Response> {
    let (content_type, authorization) = {
        let text = |name| request.headers().get(name).and_then(|value| value.to_str().ok()).map(str::to_owned);
        (text(header::CONTENT_TYPE).unwrap_or_default(), text(header::AUTHORIZATION))
    };
    let version = match content_type.split(';').next().unwrap_or_default().trim() {
        "text/xml" => Version::V11,
        "application/soap+xml" => Version::V12,
        _ => {
            return Err(
                (StatusCode::UNSUPPORTED_MEDIA_TYPE, "Se primește text/xml sau application/soap+xml.").into_response()
            );
        }
    };
    let body = to_bytes(request.into_body(), LONGEST_CALL).await;
    let body =
        body.map_err(|_| fault(version, &Fault::client("", "Cererea este prea lungă sau a fost întreruptă.")))?;
    Ok(Received { version, authorization, body })
}

impl Received {
    /// The envelope, or the fault that answers it.
    pub(crate) fn envelope(&self) -> Result<Envelope<'_>, Fault> {
        let refuse = |why: &str| Fault::client("", why);
        let text = std::str::from_utf8(&self.body).map_err(|_| refuse("Cererea nu este text UTF-8."))?;
        let document = parse(text).map_err(|why| refuse(&why))?;
        let envelope = document.root_element();
        let namespace = match self.version {
            Version::V11 => SOAP_11,
            Version::V12 => SOAP_12,
        };
        if !envelope.has_tag_name((namespace, "Envelope")) {
            return Err(refuse("Cererea nu este un Envelope SOAP al versiunii din Content-Type."));
        }
        let part = |name| envelope.children().find(|child| child.has_tag_name((namespace, name)));
        let payload = part("Body").and_then(|body| body.children().find(Node::is_element));
        let payload = payload.ok_or_else(|| refuse("Corpul SOAP este gol."))?.id();
        let header = part("Header").map(|header| header.id());
        Ok(Envelope { payload, header, document })
    }
}

impl Envelope<'_> {
    /// The only child of the body.
    pub(crate) fn payload(&self) -> Node<'_, '_> {
        self.document.get_node(self.payload).unwrap_or_else(|| self.document.root_element())
    }

    /// A block of the header.
    pub(crate) fn block(&self, name: &str) -> Option<Node<'_, '_>> {
        let header = self.document.get_node(self.header?)?;
        header.children().find(|child| child.is_element() && child.tag_name().name() == name)
    }
}

/// Parses XML of somebody else: no DTD, no entities, bounded.
pub(crate) fn parse(text: &str) -> Result<Document<'_>, String> {
    let options = ParsingOptions { allow_dtd: false, nodes_limit: MOST_NODES, ..ParsingOptions::default() };
    let document =
        Document::parse_with_options(text, options).map_err(|error| format!("XML-ul nu se poate citi: {error}."))?;
    let deepest = document.descendants().filter(Node::is_element).any(|node| node.ancestors().nth(DEEPEST).is_some());
    if deepest { Err(format!("XML-ul are mai mult de {DEEPEST} niveluri.")) } else { Ok(document) }
}

/// The text of a child by its local name, without surrounding white space.
pub(crate) fn child_text(parent: Node<'_, '_>, name: &str) -> Option<String> {
    let child = parent.children().find(|child| child.is_element() && child.tag_name().name() == name)?;
    let text: String = child.children().filter_map(|part| part.text()).collect();
    Some(text.trim().to_owned()).filter(|text| !text.is_empty())
}
