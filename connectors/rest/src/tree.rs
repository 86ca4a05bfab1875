//! The body of a question, written once in a manifest and filled for every question.

use connectors_contract::Question;
use connectors_contract::manifest::{LookupOperation, MissingFact, QuestionTemplate};
use serde_json::{Map, Number, Value};

/// A request with holes, read when the connector is made.
pub(crate) enum Tree {
    Fixed(Value),
    Text(QuestionTemplate),
    Number { name: String, optional: bool },
    List(Vec<Tree>),
    Table(Vec<(String, Tree)>),
}

/// Why a question cannot be written.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Unaskable {
    #[error(transparent)]
    Fact(#[from] MissingFact),
    #[error("{{#{0}}} is a number in this request, and what was given is none")]
    NotANumber(String),
}

/// What a hole is filled with: an argument, or a fact about who asks.
pub(crate) fn told(question: &Question, name: &str) -> Option<String> {
    question.arguments.get(name).or_else(|| question.facts.get(name)).cloned()
}

impl Tree {
    /// Reads the holes; says what is wrong with one.
    pub(crate) fn read(operation: &LookupOperation, value: &Value) -> Result<Self, String> {
        Ok(match value {
            Value::String(text) => Self::text(operation, text)?,
            Value::Array(items) => {
                Self::List(items.iter().map(|item| Self::read(operation, item)).collect::<Result<_, _>>()?)
            }
            Value::Object(members) => {
                let member = |(name, value): (&String, &Value)| Ok((name.clone(), Self::read(operation, value)?));
                Self::Table(members.iter().map(member).collect::<Result<_, String>>()?)
            }
            fixed => Self::Fixed(fixed.clone()),
        })
    }

    fn text(operation: &LookupOperation, text: &str) -> Result<Self, String> {
        let number = text.strip_prefix("{#").and_then(|rest| rest.strip_suffix('}')).filter(|name| !name.contains('{'));
        if let Some(name) = number {
            let (name, optional) = (name.trim_end_matches('?').to_owned(), name.ends_with('?'));
            return match operation.knows(&name) {
                true => Ok(Self::Number { name, optional }),
                false => Err(format!("the request selects {{#{name}}}, which is no argument and no fact")),
            };
        }
        let template = QuestionTemplate::try_from(text.to_owned())?;
        let unknown = template.selected().find(|name| !operation.knows(name));
        match unknown {
            Some(name) if name.starts_with('#') => {
                Err(format!("a number {{{name}}} is a whole value, not a piece of a text"))
            }
            Some(name) => Err(format!("the request selects {{{name}}}, which is no argument and no fact")),
            None => Ok(Self::Text(template)),
        }
    }

    /// The value for one question. None where an optional fact is missing: the value is then left out whole.
    pub(crate) fn fill(&self, question: &Question) -> Result<Option<Value>, Unaskable> {
        Ok(match self {
            Self::Fixed(value) => Some(value.clone()),
            Self::Text(template) => template.fill(|name| told(question, name))?.map(Value::from),
            Self::Number { name, optional } => match told(question, name) {
                Some(text) => Some(Value::Number(number(&text).ok_or_else(|| Unaskable::NotANumber(name.clone()))?)),
                None if *optional => None,
                None => return Err(MissingFact(name.clone()).into()),
            },
            Self::List(items) => {
                let filled: Result<Vec<_>, _> = items.iter().map(|item| item.fill(question)).collect();
                Some(Value::Array(filled?.into_iter().flatten().collect()))
            }
            Self::Table(members) => {
                let mut table = Map::new();
                for (name, member) in members {
                    table.extend(member.fill(question)?.map(|value| (name.clone(), value)));
                }
                (!table.is_empty() || members.is_empty()).then_some(Value::Object(table))
            }
        })
    }
}

/// A whole or decimal number as it is written, zeros before it left out.
fn number(text: &str) -> Option<Number> {
    let digits = text.strip_prefix('-').unwrap_or(text);
    if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.') {
        return None;
    }
    let whole = text.parse::<i64>().ok().map(Number::from);
    whole.or_else(|| text.parse::<f64>().ok().and_then(Number::from_f64))
}
