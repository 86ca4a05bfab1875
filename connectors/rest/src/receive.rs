//! The table `[rest.receive]`: how documents that wait at a system are listed, read and given back as a verdict.

use std::collections::BTreeMap;

use connectors_contract::manifest::{Condition, Method, Pointer, QuestionTemplate};
use serde::Deserialize;
use serde_json::Value;

use crate::tree::Tree;

/// What fills a hole of an acknowledgement.
const VERDICT: [&str; 8] = ["id", "verdict", "message_id", "number", "receipt", "again", "reason", "problem"];

/// The table of the engine.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct RestTable {
    pub(crate) receive: Option<ReceiveText>,
}

/// `[rest.receive]`, as it is written.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ReceiveText {
    poll: QuestionTemplate,
    #[serde(default)]
    items: Pointer,
    id: Pointer,
    #[serde(default)]
    facts: BTreeMap<String, Pointer>,
    body: Option<Pointer>,
    parts: Option<PartsText>,
    envelope: Option<Value>,
    acknowledge: AcknowledgeText,
}

/// The files of an item.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct PartsText {
    pub(crate) items: Pointer,
    pub(crate) name: Pointer,
    pub(crate) role: Option<Pointer>,
    pub(crate) content_type: Option<Pointer>,
    pub(crate) sha256: Option<Pointer>,
    /// A path below the base address, where the bytes are fetched.
    pub(crate) path: Option<Pointer>,
    /// The bytes themselves, in base64.
    pub(crate) content: Option<Pointer>,
    /// The longest file, in MiB.
    #[serde(default = "twenty")]
    pub(crate) longest_mib: u32,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct AcknowledgeText {
    #[serde(default = "post")]
    method: Method,
    path: QuestionTemplate,
    accepted: Value,
    refused: Value,
    #[serde(default)]
    heard: Vec<Condition>,
}

/// `[rest.receive]`, ready to be used.
pub(crate) struct Receive {
    pub(crate) poll: QuestionTemplate,
    pub(crate) items: Pointer,
    pub(crate) id: Pointer,
    pub(crate) facts: BTreeMap<String, Pointer>,
    pub(crate) body: Option<Pointer>,
    pub(crate) parts: Option<PartsText>,
    pub(crate) envelope: Option<Tree>,
    pub(crate) acknowledge: Acknowledge,
}

/// How a verdict is told.
pub(crate) struct Acknowledge {
    pub(crate) method: Method,
    pub(crate) path: QuestionTemplate,
    pub(crate) accepted: Tree,
    pub(crate) refused: Tree,
    pub(crate) heard: Vec<Condition>,
}

impl Receive {
    /// Reads the holes; says what cannot be.
    pub(crate) fn read(text: ReceiveText) -> Result<Self, String> {
        only("poll", &text.poll, &["most"])?;
        only("path of acknowledge", &text.acknowledge.path, &["id"])?;
        if let Some(parts) = &text.parts
            && parts.path.is_some() == parts.content.is_some()
        {
            return Err("parts are fetched from path or are in content: write one of the two".to_owned());
        }
        if text.body.is_none() && text.parts.is_none() {
            return Err("an arrival is body, parts or both: write one".to_owned());
        }
        if text.parts.as_ref().is_some_and(|parts| !(1..=32).contains(&parts.longest_mib)) {
            return Err("longest_mib is 1 to 32".to_owned());
        }
        let place = |name: &str| name.is_empty() || name.starts_with('/') || name == "parts" || name == "id";
        let verdict = |name: &str| VERDICT.contains(&name);
        let acknowledge = Acknowledge {
            method: text.acknowledge.method,
            path: text.acknowledge.path,
            accepted: Tree::read("acknowledgement", &verdict, &text.acknowledge.accepted)?,
            refused: Tree::read("acknowledgement", &verdict, &text.acknowledge.refused)?,
            heard: text.acknowledge.heard,
        };
        let envelope = text.envelope.map(|envelope| Tree::read("envelope", &place, &envelope)).transpose()?;
        Ok(Self {
            poll: text.poll,
            items: text.items,
            id: text.id,
            facts: text.facts,
            body: text.body,
            parts: text.parts,
            envelope,
            acknowledge,
        })
    }
}

fn only(place: &str, template: &QuestionTemplate, names: &[&str]) -> Result<(), String> {
    match template.selected().find(|name| !names.contains(name)) {
        Some(unknown) => Err(format!("the {place} selects {{{unknown}}}, and there is only {names:?}")),
        None => Ok(()),
    }
}

fn post() -> Method {
    Method::Post
}

fn twenty() -> u32 {
    20
}
