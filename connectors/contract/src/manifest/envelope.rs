//! The object a manifest makes around a document: a tree of text with holes, nothing more.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::Template;

/// The members of the object, by name.
pub type Envelope = BTreeMap<String, EnvelopeValue>;

/// One member of the object.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(try_from = "toml::Value")]
pub enum EnvelopeValue {
    /// `"{body}"`: the document itself, as JSON if it is JSON and otherwise in base64.
    Body,
    /// `"{body_content_type}"`: the media type of the document.
    BodyContentType,
    /// `"{parts}"`: a list of `{ name, content_type, size, sha256, href }`.
    Parts,
    /// Text with holes; left out when an optional fact is missing.
    Text(Template),
    /// An object inside the object; left out when it is empty.
    Object(Envelope),
}

impl TryFrom<toml::Value> for EnvelopeValue {
    type Error = String;

    fn try_from(value: toml::Value) -> Result<Self, String> {
        match value {
            toml::Value::String(text) => match text.as_str() {
                "{body}" => Ok(Self::Body),
                "{body_content_type}" => Ok(Self::BodyContentType),
                "{parts}" => Ok(Self::Parts),
                _ => Template::try_from(text).map(Self::Text),
            },
            toml::Value::Table(table) => {
                let members = table.into_iter().map(|(name, value)| Ok((name, Self::try_from(value)?)));
                members.collect::<Result<_, String>>().map(Self::Object)
            }
            other => Err(format!("an envelope holds text and tables, not {}; write it in quotes", other.type_str())),
        }
    }
}
