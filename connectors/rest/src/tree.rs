//! JSON with holes: written once in a manifest, filled for every question, arrival or acknowledgement.

use connectors_contract::manifest::{MissingFact, QuestionTemplate};
use serde_json::{Map, Number, Value};

/// A value with holes, read when the connector is made. A text that is one hole takes the value as it is, `{#name}` as a
/// number; in a longer text holes are filled with text.
pub(crate) enum Tree {
    Fixed(Value),
    Hole { name: String, optional: bool, number: bool },
    Text(QuestionTemplate),
    List(Vec<Tree>),
    Table(Vec<(String, Tree)>),
}

/// Why a value cannot be filled.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Unfillable {
    #[error(transparent)]
    Fact(#[from] MissingFact),
    #[error("{{#{0}}} is a number here, and what was given is none")]
    NotANumber(String),
}

/// What fills a hole, by its name.
pub(crate) type Filler<'a> = &'a dyn Fn(&str) -> Option<Value>;

impl Tree {
    /// Reads the holes; says which one nothing can fill. `place` is what it is, for the error.
    pub(crate) fn read(place: &str, knows: &dyn Fn(&str) -> bool, value: &Value) -> Result<Self, String> {
        Ok(match value {
            Value::String(text) => Self::text(place, knows, text)?,
            Value::Array(items) => {
                Self::List(items.iter().map(|item| Self::read(place, knows, item)).collect::<Result<_, _>>()?)
            }
            Value::Object(members) => {
                let member = |(name, value): (&String, &Value)| Ok((name.clone(), Self::read(place, knows, value)?));
                Self::Table(members.iter().map(member).collect::<Result<_, String>>()?)
            }
            fixed => Self::Fixed(fixed.clone()),
        })
    }

    fn text(place: &str, knows: &dyn Fn(&str) -> bool, text: &str) -> Result<Self, String> {
        let unknown = |name: &str| format!("the {place} selects {{{name}}}, which is nothing it could be filled with");
        let whole =
            text.strip_prefix('{').and_then(|rest| rest.strip_suffix('}')).filter(|name| !name.contains(['{', '}']));
        if let Some(hole) = whole {
            let (name, optional) = (hole.strip_suffix('?').unwrap_or(hole), hole.ends_with('?'));
            let (name, number) = (name.strip_prefix('#').unwrap_or(name), name.starts_with('#'));
            return match knows(name) {
                true => Ok(Self::Hole { name: name.to_owned(), optional, number }),
                false => Err(unknown(hole)),
            };
        }
        let template = QuestionTemplate::try_from(text.to_owned())?;
        let stranger = template.selected().find(|name| !knows(name)).map(str::to_owned);
        match stranger {
            Some(name) if name.starts_with('#') => {
                Err(format!("a number {{{name}}} is a whole value, not a piece of a text"))
            }
            Some(name) => Err(unknown(&name)),
            None if template.selected().next().is_none() => Ok(Self::Fixed(Value::from(text))),
            None => Ok(Self::Text(template)),
        }
    }

    /// The value. None where an optional fact is missing: it is then left out whole.
    pub(crate) fn fill(&self, filler: Filler<'_>) -> Result<Option<Value>, Unfillable> {
        Ok(match self {
            Self::Fixed(value) => Some(value.clone()),
            Self::Text(template) => template.fill(|name| filler(name).map(as_text))?.map(Value::from),
            Self::Hole { name, optional, number: wanted } => match filler(name) {
                Some(value) if *wanted => {
                    let number = number(&as_text(value)).ok_or_else(|| Unfillable::NotANumber(name.clone()))?;
                    Some(Value::Number(number))
                }
                Some(value) => Some(value),
                None if *optional => None,
                None => return Err(MissingFact(name.clone()).into()),
            },
            Self::List(items) => {
                let filled: Result<Vec<_>, _> = items.iter().map(|item| item.fill(filler)).collect();
                Some(Value::Array(filled?.into_iter().flatten().collect()))
            }
            Self::Table(members) => {
                let mut table = Map::new();
                for (name, member) in members {
                    table.extend(member.fill(filler)?.map(|value| (name.clone(), value)));
                }
                (!table.is_empty() || members.is_empty()).then_some(Value::Object(table))
            }
        })
    }
}

/// A value inside a text.
pub(crate) fn as_text(value: Value) -> String {
    match value {
        Value::String(text) => text,
        other => other.to_string(),
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
