//! One line of a table about answers: a status and one place in the body. No expressions.

use std::time::Duration;

use serde::Deserialize;
use serde_json::Value;

use super::pointer::text;
use super::{Class, Pointer, Statuses};

/// What an answer must be like. The meaning is the table it stands in.
#[derive(Debug, Clone, Deserialize)]
#[serde(try_from = "ConditionText")]
pub struct Condition {
    status: Option<Statuses>,
    place: Option<(Pointer, Test)>,
}

/// What must be at the place.
#[derive(Debug, Clone)]
enum Test {
    Exists(bool),
    Equals(Value),
    StartsWith(String),
    Contains(String),
}

/// One line of `[[outcome.rules]]`: a condition and what it means.
#[derive(Debug, Clone, Deserialize)]
#[serde(try_from = "RuleText")]
pub struct AnswerRule {
    condition: Condition,
    /// What the answer means.
    pub class: Class,
    /// When to come again, where the answer does not say so itself.
    pub retry: Option<Retry>,
}

/// When an institution can be called again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub enum Retry {
    /// When its day is over: quotas count from midnight in Romania.
    Tomorrow,
    /// After this long.
    After(Duration),
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ConditionText {
    status: Option<Statuses>,
    body_pointer: Option<Pointer>,
    exists: Option<bool>,
    equals: Option<Value>,
    starts_with: Option<String>,
    contains: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RuleText {
    status: Option<Statuses>,
    body_pointer: Option<Pointer>,
    exists: Option<bool>,
    equals: Option<Value>,
    starts_with: Option<String>,
    contains: Option<String>,
    class: Class,
    retry: Option<Retry>,
}

impl Condition {
    /// Whether the answer fits; `body` is None when it cannot be read.
    #[must_use]
    pub fn fits(&self, status: u16, body: Option<&Value>) -> bool {
        if !self.status.as_ref().is_none_or(|statuses| statuses.contains(status)) {
            return false;
        }
        let Some((pointer, test)) = &self.place else { return true };
        // A body that cannot be read proves nothing, not even that something is missing in it.
        let Some(body) = body else { return false };
        let found = pointer.find(body);
        let said = || found.and_then(text);
        match test {
            Test::Exists(exists) => found.is_some() == *exists,
            Test::Equals(expected) => found == Some(expected),
            Test::StartsWith(beginning) => said().is_some_and(|said| said.starts_with(beginning)),
            Test::Contains(piece) => said().is_some_and(|said| said.contains(piece)),
        }
    }
}

impl AnswerRule {
    /// Whether the answer fits; `body` is None when it cannot be read.
    #[must_use]
    pub fn fits(&self, status: u16, body: Option<&Value>) -> bool {
        self.condition.fits(status, body)
    }
}

impl TryFrom<ConditionText> for Condition {
    type Error = String;

    fn try_from(text: ConditionText) -> Result<Self, String> {
        let tests = [
            text.exists.map(Test::Exists),
            text.equals.map(Test::Equals),
            text.starts_with.map(Test::StartsWith),
            text.contains.map(Test::Contains),
        ];
        let mut tests = tests.into_iter().flatten();
        let (test, second) = (tests.next(), tests.next());
        if second.is_some() {
            return Err("exists, equals, starts_with and contains exclude each other, keep one".to_owned());
        }
        let place = match (text.body_pointer, test) {
            (Some(pointer), test) => Some((pointer, test.unwrap_or(Test::Exists(true)))),
            (None, None) => None,
            (None, Some(_)) => return Err("a test needs its place, add body_pointer".to_owned()),
        };
        Ok(Self { status: text.status, place })
    }
}

impl TryFrom<RuleText> for AnswerRule {
    type Error = String;

    fn try_from(text: RuleText) -> Result<Self, String> {
        let RuleText { status, body_pointer, exists, equals, starts_with, contains, class, retry } = text;
        if retry.is_some() && class != Class::Unavailable {
            return Err("retry belongs to class = \"unavailable\"".to_owned());
        }
        let condition = ConditionText { status, body_pointer, exists, equals, starts_with, contains };
        Ok(Self { condition: condition.try_into()?, class, retry })
    }
}

impl TryFrom<String> for Retry {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        if text == "tomorrow" {
            return Ok(Self::Tomorrow);
        }
        let digits = text.len() - text.trim_start_matches(|letter: char| letter.is_ascii_digit()).len();
        let (number, unit) = text.split_at(digits);
        let seconds = match unit {
            "s" => Some(1),
            "min" => Some(60),
            "h" => Some(3_600),
            _ => None,
        };
        let number = number.parse::<u16>().ok().filter(|number| *number > 0);
        let after = number.zip(seconds).map(|(number, seconds)| Duration::from_secs(u64::from(number) * seconds));
        after
            .map(Self::After)
            .ok_or_else(|| format!("{text:?} is not a time to wait, write tomorrow, 30s, 10min or 2h"))
    }
}
