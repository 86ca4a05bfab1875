//! Text with holes: `{fact}` selects a fact of the consignment, `{fact?}` one that may be missing.
//!
//! A value in which an optional fact is missing is left out whole. There are no conditions and no formatting.

use std::collections::BTreeMap;

use serde::Deserialize;

/// The facts a consignment carries; `hub_address` is the hub's own public address, `notice` what a notice is about.
pub const FACTS: [&str; 15] = [
    "idempotency_key",
    "message_id",
    "delivery_id",
    "sender",
    "sender_name",
    "sender_number",
    "sender_date",
    "recipient",
    "recipient_unit",
    "document_type",
    "document_version",
    "subject",
    "submitted_at",
    "hub_address",
    "notice",
];

/// The further facts of one part.
pub const PART_FACTS: [&str; 2] = ["part_name", "part_sha256"];

/// Text with holes for the facts of a consignment.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub struct Template {
    pieces: Vec<Piece>,
}

/// Text with holes for the facts of a consignment and of one of its parts.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub struct PartTemplate(Template);

/// Text with holes for the arguments of a question and the facts about who asks. Which names there are is known only
/// with the operation, and checked with it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub struct QuestionTemplate(Template);

/// A fact that a manifest needs and a consignment lacks.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the manifest needs the fact {0}, which this document does not have")]
pub struct MissingFact(pub String);

#[derive(Debug, Clone, PartialEq, Eq)]
enum Piece {
    Literal(String),
    Fact { name: String, optional: bool },
}

impl Template {
    /// Fills the holes from `facts`. None if an optional fact is missing.
    ///
    /// # Errors
    /// A fact that is not optional is missing.
    pub fn fill(&self, facts: impl Fn(&str) -> Option<String>) -> Result<Option<String>, MissingFact> {
        let mut filled = String::new();
        for piece in &self.pieces {
            match piece {
                Piece::Literal(text) => filled.push_str(text),
                Piece::Fact { name, optional } => match facts(name) {
                    Some(value) => filled.push_str(&value),
                    None if *optional => return Ok(None),
                    None => return Err(MissingFact(name.clone())),
                },
            }
        }
        Ok(Some(filled))
    }

    /// Whether the text selects this fact.
    #[must_use]
    pub fn selects(&self, fact: &str) -> bool {
        self.pieces.iter().any(|piece| matches!(piece, Piece::Fact { name, .. } if name == fact))
    }

    /// Whether there is nothing in it.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.pieces.is_empty()
    }

    /// Reads a text that this template made: the value of every hole, which ends where the next literal begins. None when
    /// the text was not made by it.
    #[must_use]
    pub fn read_back(&self, text: &str) -> Option<BTreeMap<String, String>> {
        let (mut rest, mut found) = (text, BTreeMap::new());
        for (number, piece) in self.pieces.iter().enumerate() {
            match piece {
                Piece::Literal(literal) => rest = rest.strip_prefix(literal.as_str())?,
                Piece::Fact { name, .. } => {
                    let end = match self.pieces.get(number + 1) {
                        Some(Piece::Literal(literal)) => rest.find(literal.as_str())?,
                        _ => rest.len(),
                    };
                    found.insert(name.clone(), rest[..end].to_owned());
                    rest = &rest[end..];
                }
            }
        }
        rest.is_empty().then_some(found)
    }

    /// The facts the text selects.
    pub fn selected(&self) -> impl Iterator<Item = &str> {
        self.pieces.iter().filter_map(|piece| match piece {
            Piece::Fact { name, .. } => Some(name.as_str()),
            Piece::Literal(_) => None,
        })
    }

    fn read(text: &str, known: Option<&[&str]>) -> Result<Self, String> {
        let mut pieces = Vec::new();
        let mut rest = text;
        while let Some(open) = rest.find('{') {
            let Some(length) = rest[open..].find('}') else {
                return Err(format!("{text:?} opens a {{ that it does not close"));
            };
            if open > 0 {
                pieces.push(Piece::Literal(rest[..open].to_owned()));
            }
            let selector = &rest[open + 1..open + length];
            let name = selector.strip_suffix('?').unwrap_or(selector);
            if let Some(known) = known.filter(|known| !known.contains(&name)) {
                return Err(format!("there is no fact {{{name}}} here, use one of {}", known.join(", ")));
            }
            pieces.push(Piece::Fact { name: name.to_owned(), optional: selector.ends_with('?') });
            rest = &rest[open + length + 1..];
        }
        if !rest.is_empty() {
            pieces.push(Piece::Literal(rest.to_owned()));
        }
        Ok(Self { pieces })
    }
}

impl Default for Template {
    /// The empty text.
    fn default() -> Self {
        Self { pieces: Vec::new() }
    }
}

impl TryFrom<String> for Template {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        Self::read(&text, Some(&FACTS))
    }
}

impl std::ops::Deref for PartTemplate {
    type Target = Template;

    fn deref(&self) -> &Template {
        &self.0
    }
}

impl TryFrom<String> for PartTemplate {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        let known: Vec<&str> = FACTS.into_iter().chain(PART_FACTS).collect();
        Template::read(&text, Some(&known)).map(Self)
    }
}

impl std::ops::Deref for QuestionTemplate {
    type Target = Template;

    fn deref(&self) -> &Template {
        &self.0
    }
}

impl TryFrom<String> for QuestionTemplate {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        Template::read(&text, None).map(Self)
    }
}
