//! Reading what the API answers.

use serde_json::Value;

/// A text of an answer; empty where it is not there.
pub fn text(value: &Value, name: &str) -> String {
    match &value[name] {
        Value::String(text) => text.clone(),
        Value::Null => String::new(),
        other => other.to_string(),
    }
}

/// The members of a list of an answer.
pub fn listed<'a>(value: &'a Value, name: &str) -> impl Iterator<Item = &'a Value> {
    value[name].as_array().into_iter().flatten()
}

/// Texts of a list of an answer, in one line.
pub fn joined(value: &Value, name: &str) -> String {
    let all: Vec<&str> = listed(value, name).filter_map(Value::as_str).collect();
    all.join(", ")
}

/// The key with which a list goes on, as the API wrote it.
pub fn next(value: &Value) -> Option<String> {
    match &value["next"] {
        Value::Null => None,
        Value::String(text) => Some(text.clone()),
        other => Some(other.to_string()),
    }
}
