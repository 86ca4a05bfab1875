//! What the answers of a system mean: an ordered table of status and one place in the body.

use serde::Deserialize;
use serde_json::Value;

/// What the answers of a system mean. What no rule fits is decided by the engine's own table.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Answers {
    /// The media type of an answer that can be read. Another one, an HTML page for example, is a page.
    pub content_type: Option<String>,
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

/// One line of the table.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AnswerRule {
    /// The statuses it is about; all when left out.
    pub status: Option<Statuses>,
    /// A place in the body; without `exists` or `equals` it must be there.
    pub body_pointer: Option<Pointer>,
    /// Whether something must be there, null counting as nothing.
    pub exists: Option<bool>,
    /// What must be there.
    pub equals: Option<Value>,
    /// What the answer means.
    pub class: Class,
}

/// A line of the tables of an inquiry, whose meaning is the table it stands in.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Condition {
    /// The statuses it is about; all when left out.
    pub status: Option<Statuses>,
    /// A place in the body; without `exists` or `equals` it must be there.
    pub body_pointer: Option<Pointer>,
    /// Whether something must be there, null counting as nothing.
    pub exists: Option<bool>,
    /// What must be there.
    pub equals: Option<Value>,
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

/// A place in a JSON body (RFC 6901).
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub struct Pointer(String);

/// Statuses as in `404`, `4xx`, `200-299` or `400,422`.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub struct Statuses(Vec<(u16, u16)>);

impl AnswerRule {
    /// Whether the answer fits; `body` is None when it cannot be read.
    #[must_use]
    pub fn fits(&self, status: u16, body: Option<&Value>) -> bool {
        fits(self.status.as_ref(), status) && holds(self.body_pointer.as_ref(), self.exists, self.equals.as_ref(), body)
    }
}

impl Condition {
    /// Whether the answer fits; `body` is None when it cannot be read.
    #[must_use]
    pub fn fits(&self, status: u16, body: Option<&Value>) -> bool {
        fits(self.status.as_ref(), status) && holds(self.body_pointer.as_ref(), self.exists, self.equals.as_ref(), body)
    }
}

fn fits(statuses: Option<&Statuses>, status: u16) -> bool {
    statuses.is_none_or(|statuses| statuses.contains(status))
}

fn holds(pointer: Option<&Pointer>, exists: Option<bool>, equals: Option<&Value>, body: Option<&Value>) -> bool {
    let Some(pointer) = pointer else { return true };
    // A body that cannot be read proves nothing, not even that something is missing in it.
    let Some(body) = body else { return false };
    let found = pointer.find(body);
    match equals {
        Some(expected) => found == Some(expected),
        None => found.is_some() == exists.unwrap_or(true),
    }
}

impl Pointer {
    /// What is there; null counts as nothing.
    #[must_use]
    pub fn find<'a>(&self, body: &'a Value) -> Option<&'a Value> {
        body.pointer(&self.0).filter(|found| !found.is_null())
    }

    /// What is there, as text: a string as it is, a number or truth value as written.
    #[must_use]
    pub fn text(&self, body: &Value) -> Option<String> {
        match self.find(body)? {
            Value::String(text) if text.is_empty() => None,
            Value::String(text) => Some(text.clone()),
            Value::Array(_) | Value::Object(_) => None,
            scalar => Some(scalar.to_string()),
        }
    }
}

impl TryFrom<String> for Pointer {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        if text.is_empty() || text.starts_with('/') {
            Ok(Self(text))
        } else {
            Err(format!("{text:?} is not a JSON pointer, write /{text}"))
        }
    }
}

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
