//! What the answers of a system mean: an ordered table of status and one place in the body.

use serde::Deserialize;

use super::{AnswerRule, Pointer};

/// What the answers of a system mean. What no rule fits is decided by the engine's own table.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Answers {
    /// The media type, or types, of an answer that can be read. Another one, an HTML page for example, is a page.
    #[serde(default)]
    pub content_type: ContentTypes,
    /// What an answer may be, told by its first bytes whatever its media type says; the rest is a page. For systems that
    /// answer XML with one status and JSON with another. Without it, the media type tells.
    #[serde(default)]
    pub reads: Vec<Reads>,
    /// What a page means.
    #[serde(default)]
    pub page: PageClasses,
    /// Where the target's code of a refusal may be, the first place with something in it counts.
    #[serde(default)]
    pub code: Vec<Pointer>,
    /// Where the target's explanation may be.
    #[serde(default)]
    pub reason: Vec<Pointer>,
    /// The rules, the first that fits decides.
    #[serde(default)]
    pub rules: Vec<AnswerRule>,
}

/// Media types of answers: `"application/json"`, or several in a list.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(from = "OneOrMore")]
pub struct ContentTypes(Vec<String>);

/// What the bytes of an answer may be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Reads {
    /// JSON.
    Json,
    /// XML, without a DTD.
    Xml,
    /// Plain words; the whole body is a text.
    Text,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum OneOrMore {
    One(String),
    More(Vec<String>),
}

impl ContentTypes {
    /// The media types, as written; none where any is taken.
    #[must_use]
    pub fn as_slice(&self) -> &[String] {
        &self.0
    }

    /// Whether nothing is expected.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl From<OneOrMore> for ContentTypes {
    fn from(text: OneOrMore) -> Self {
        match text {
            OneOrMore::One(one) => Self(vec![one]),
            OneOrMore::More(more) => Self(more),
        }
    }
}

/// What a page means, by the status it comes with; without a word the engine's own table decides.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PageClasses {
    /// With a success.
    #[serde(rename = "2xx")]
    pub success: Option<Class>,
    /// With an error of ours.
    #[serde(rename = "4xx")]
    pub client_error: Option<Class>,
    /// With an error of theirs.
    #[serde(rename = "5xx")]
    pub server_error: Option<Class>,
}

/// The meaning of an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Class {
    /// The target has the document.
    Delivered,
    /// It is another delivery service, and the whole answer is its sealed evidence.
    Attested,
    /// It does not want it.
    Refused,
    /// It certainly did not take it now.
    Unavailable,
    /// It may or may not have it.
    Unknown,
}

/// Statuses as in `404`, `4xx`, `200-299` or `400,422`.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub struct Statuses(Vec<(u16, u16)>);

impl Statuses {
    /// Whether the status is one of them.
    #[must_use]
    pub fn contains(&self, status: u16) -> bool {
        self.0.iter().any(|(first, last)| (*first..=*last).contains(&status))
    }
}

impl TryFrom<String> for Statuses {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        let range = |item: &str| -> Option<(u16, u16)> {
            let (first, last) = match (item.strip_suffix("xx"), item.split_once('-')) {
                (Some(hundred), _) => (format!("{hundred}00").parse().ok()?, format!("{hundred}99").parse().ok()?),
                (_, Some((first, last))) => (first.trim().parse().ok()?, last.trim().parse().ok()?),
                _ => (item.parse().ok()?, item.parse().ok()?),
            };
            (100 <= first && first <= last && last <= 599).then_some((first, last))
        };
        let ranges: Option<Vec<_>> = text.split(',').map(|item| range(item.trim())).collect();
        ranges.map(Self).ok_or_else(|| format!("{text:?} is not a status, write 404, 4xx, 200-299 or 400,422"))
    }
}
