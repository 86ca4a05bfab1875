//! What a question carries, read strictly; nothing of what stood in it is ever in an error.

use std::collections::BTreeMap;
use std::time::Duration;

use hub_flow::flow::Asking;
use hub_flow::lookup::Wish;
use hub_flow::lookup::question::violation;
use hub_flow::lookup::reasons::Said;
use schemas::Violation;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use crate::api::caller::Caller;
use crate::api::problem::Problem;
use crate::problems;

/// Questions in one batch at most: as many as the largest batch of a register.
const MOST: usize = 100;

/// One question.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct One {
    #[serde(default)]
    arguments: Map<String, Value>,
    purpose: Option<String>,
    legal_basis: Option<String>,
    case_number: Option<String>,
    user: Option<String>,
    max_age: Option<u32>,
    #[serde(default)]
    allow_stale: bool,
}

/// Several questions of one operation, asked for the same reasons.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Several {
    questions: Vec<Map<String, Value>>,
    purpose: Option<String>,
    legal_basis: Option<String>,
    case_number: Option<String>,
    user: Option<String>,
    max_age: Option<u32>,
    #[serde(default)]
    allow_stale: bool,
}

/// The arguments of a question, or what is wrong with them.
pub(super) type Arguments = Result<BTreeMap<String, String>, Vec<Violation>>;

impl One {
    /// The question of a caller.
    pub(super) fn of(self, caller: Caller, system: String, operation: String) -> (Asking, Arguments) {
        let said = Said {
            purpose: self.purpose,
            legal_basis: self.legal_basis,
            case_number: self.case_number,
            user: self.user,
        };
        let wish = wish(self.max_age, self.allow_stale);
        (asking(caller, (system, operation), said, wish), texts(self.arguments))
    }
}

impl Several {
    /// The questions of a caller.
    pub(super) fn of(
        self,
        caller: Caller,
        system: String,
        operation: String,
    ) -> Result<(Asking, Vec<Arguments>), Problem> {
        if self.questions.is_empty() || self.questions.len() > MOST {
            let count = violation(
                "/questions".to_owned(),
                "questions.count",
                format!("Un lot are între 1 și {MOST} de întrebări; împărțiți-l"),
                format!("A batch has 1 to {MOST} questions; split it"),
            );
            return Err(super::refusals::invalid(&[count]));
        }
        let said = Said {
            purpose: self.purpose,
            legal_basis: self.legal_basis,
            case_number: self.case_number,
            user: self.user,
        };
        let wish = wish(self.max_age, self.allow_stale);
        let rows = self.questions.into_iter().map(texts).collect();
        Ok((asking(caller, (system, operation), said, wish), rows))
    }
}

fn wish(max_age: Option<u32>, allow_stale: bool) -> Wish {
    Wish { max_age: max_age.map(|seconds| Duration::from_secs(seconds.into())), allow_stale }
}

fn asking(caller: Caller, (system, operation): (String, String), said: Said, wish: Wish) -> Asking {
    let Caller { party, authentication, .. } = caller;
    Asking { party, authentication, system, operation, said, wish }
}

/// Texts, and numbers as they are written: a CUI may come as either.
fn texts(given: Map<String, Value>) -> Arguments {
    let (mut read, mut found) = (BTreeMap::new(), Vec::new());
    for (name, value) in given {
        match value {
            Value::String(text) => drop(read.insert(name, text)),
            Value::Number(number) => drop(read.insert(name, number.to_string())),
            Value::Null => {}
            _ => found.push(violation(
                format!("/arguments/{}", name.replace('~', "~0").replace('/', "~1")),
                "argument.kind",
                "Un argument este un text sau un număr",
                "An argument is a text or a number",
            )),
        }
    }
    if found.is_empty() { Ok(read) } else { Err(found) }
}

/// Reads a body.
pub(in crate::api) fn read<T: DeserializeOwned>(body: &[u8]) -> Result<T, Problem> {
    serde_json::from_slice(body).map_err(|error| {
        // The parser's own words may quote what it found: only the place is told, and an unknown field by its name.
        let (line, column) = (error.line(), error.column());
        let named = error.to_string();
        let field = named.strip_prefix("unknown field `").and_then(|rest| rest.split('`').next());
        let (ro, en) = match field.filter(|name| name.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_')) {
            Some(name) => (format!(": câmpul {name} nu este cunoscut"), format!(": the field {name} is not known")),
            None => (String::new(), String::new()),
        };
        Problem::of(&problems::MALFORMED_REQUEST).detail(
            format!("Corpul nu are forma unei întrebări, la rândul {line}, coloana {column}{ro}; vedeți docs/guides/lookups.md"),
            format!("The body does not have the form of a question, at line {line}, column {column}{en}; see docs/guides/lookups.md"),
        )
    })
}
