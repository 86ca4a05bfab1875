//! Writes the envelope of a call.

use connectors_contract::reading::xml;
use hub_signatures::tree::{Limits, Tree};

use crate::settings::Version;

/// The longest document that goes into an envelope, in bytes.
const LONGEST_DOCUMENT: usize = 16 * 1024 * 1024;

/// An envelope before its header is known.
pub(crate) struct Draft {
    pub(crate) version: Version,
    /// The child of the body, well formed on its own.
    pub(crate) child: String,
    /// The Id of the body, where something refers to it.
    pub(crate) body_id: Option<&'static str>,
}

impl Draft {
    /// The envelope with these header blocks, already written.
    pub(crate) fn finish(&self, header: &str) -> String {
        let (namespace, body) = (self.version.namespace(), self.body());
        let header = if header.is_empty() { String::new() } else { format!("<soap:Header>{header}</soap:Header>") };
        format!(
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?><soap:Envelope xmlns:soap=\"{namespace}\">{header}{body}</soap:Envelope>"
        )
    }

    /// The body element alone, with every namespace it uses declared inside it.
    pub(crate) fn body(&self) -> String {
        let namespace = self.version.namespace();
        let id = self.body_id.map(|id| format!(" xmlns:wsu=\"{}\" wsu:Id=\"{id}\"", hub_signatures::WSU_NAMESPACE));
        let (id, child) = (id.unwrap_or_default(), &self.child);
        format!("<soap:Body xmlns:soap=\"{namespace}\"{id}>{child}</soap:Body>")
    }
}

/// The root element of a document as written, without what stands around it. A document that is not XML within limits is
/// not sent.
pub(crate) fn root_element(document: &[u8]) -> Result<String, String> {
    let document = document.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(document);
    let limits = Limits { bytes: LONGEST_DOCUMENT, ..Limits::default() };
    let tree = Tree::parse(document, &limits).map_err(|error| format!("documentul nu este XML de trimis: {error}"))?;
    Ok(tree.document().input_text()[tree.root().range()].to_owned())
}

/// The document as a value to point into.
pub(crate) fn as_value(document: &[u8]) -> Result<serde_json::Value, String> {
    xml::value(document).map_err(|error| format!("documentul nu se poate citi ca XML: {error}"))
}
