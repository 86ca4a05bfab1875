//! The JSON Schema of values that were seen: of one, and of two together. Joining is monotone: a schema joined with one of a
//! value it covers stays as it is.

use serde_json::{Map, Value, json};

use crate::tenancy::SECRET;

/// Longest text of an example, in characters.
const LONGEST: usize = 300;
/// Fields whose value an example does not show.
const SECRETS: [&str; 7] = ["key", "secret", "access_token", "client_secret", "token", "invitation", "answer"];

/// The schema of one value.
pub(super) fn of(value: &Value) -> Value {
    match value {
        // Of what was only ever seen absent, nothing is said.
        Value::Null => json!({"x-seen": "null"}),
        Value::Bool(_) => json!({"type": "boolean"}),
        Value::Number(number) if number.is_f64() => json!({"type": "number"}),
        Value::Number(_) => json!({"type": "integer"}),
        Value::String(text) => match format(text) {
            Some(format) => json!({"type": "string", "format": format}),
            None => json!({"type": "string"}),
        },
        Value::Array(list) => match list.iter().map(of).reduce(joined) {
            Some(items) => json!({"type": "array", "items": items}),
            None => json!({"type": "array"}),
        },
        Value::Object(fields) if fields.keys().any(|name| !is_name(name)) => {
            let values = fields.values().map(of).reduce(joined).unwrap_or_else(|| json!({}));
            json!({"type": "object", "additionalProperties": values})
        }
        Value::Object(fields) => {
            let properties: Map<String, Value> = fields.iter().map(|(name, value)| (name.clone(), of(value))).collect();
            let mut required: Vec<&String> = fields.keys().collect();
            required.sort();
            json!({"type": "object", "properties": properties, "required": required})
        }
    }
}

/// The schema of what either covers.
pub(super) fn joined(mut one: Value, other: Value) -> Value {
    let both_objects = is(&one, "object") && is(&other, "object");
    let both_texts = is(&one, "string") && is(&other, "string");
    let only_null = one.get("x-seen").is_some() && other.get("x-seen").is_some();
    if only_null {
        return one;
    }
    let types = types(&one, &other);
    let Value::Object(other) = other else { return one };
    let fields = one.as_object_mut().expect("a schema is an object");
    if both_texts && fields.get("format") != other.get("format") {
        fields.remove("format");
    } else if !both_texts && let Some(format) = other.get("format") {
        fields.insert("format".to_owned(), format.clone());
    }
    if both_objects {
        let kept =
            |name: &Value| other.get("required").and_then(Value::as_array).is_some_and(|list| list.contains(name));
        if let Some(required) = fields.get_mut("required").and_then(Value::as_array_mut) {
            required.retain(kept);
        }
    } else if let Some(required) = other.get("required") {
        fields.insert("required".to_owned(), required.clone());
    }
    for (name, value) in other {
        match (name.as_str(), fields.remove(&name)) {
            ("properties", Some(Value::Object(mut mine))) => {
                for (field, theirs) in value.as_object().into_iter().flatten() {
                    let own = mine.remove(field);
                    let whole = own.map_or_else(|| theirs.clone(), |own| joined(own, theirs.clone()));
                    mine.insert(field.clone(), whole);
                }
                fields.insert(name, Value::Object(mine));
            }
            ("items" | "additionalProperties", Some(mine)) => drop(fields.insert(name, joined(mine, value))),
            ("properties" | "items" | "additionalProperties", None) => drop(fields.insert(name, value)),
            (_, Some(mine)) => drop(fields.insert(name, mine)),
            _ => {}
        }
    }
    fields.remove("x-seen");
    fields.insert("type".to_owned(), types);
    one
}

fn is(schema: &Value, kind: &str) -> bool {
    schema["type"] == kind || schema["type"].as_array().is_some_and(|kinds| kinds.iter().any(|one| one == kind))
}

fn types(one: &Value, other: &Value) -> Value {
    let mut types: Vec<String> = Vec::new();
    for schema in [one, other] {
        match &schema["type"] {
            Value::String(kind) => types.push(kind.clone()),
            Value::Array(kinds) => types.extend(kinds.iter().filter_map(Value::as_str).map(str::to_owned)),
            _ => types.push("null".to_owned()),
        }
    }
    types.sort();
    types.dedup();
    if types.iter().any(|kind| kind == "number") {
        types.retain(|kind| kind != "integer");
    }
    if types.len() == 1 { json!(types[0]) } else { json!(types) }
}

/// A field of ours, not a word of the data that is used as a name.
fn is_name(text: &str) -> bool {
    text.starts_with(|letter: char| letter.is_ascii_lowercase())
        && text.chars().all(|letter| letter.is_ascii_alphanumeric() || letter == '_')
}

fn format(text: &str) -> Option<&'static str> {
    if uuid::Uuid::parse_str(text).is_ok() && text.len() == 36 {
        return Some("uuid");
    }
    if text.len() == 10 && text.parse::<jiff::civil::Date>().is_ok() {
        return Some("date");
    }
    (text.contains('T') && text.parse::<jiff::Timestamp>().is_ok()).then_some("date-time")
}

/// A value as an example: lists with their first members, long texts with their beginning, nothing that opens anything.
pub(super) fn cut(value: &Value) -> Value {
    match value {
        Value::String(text) if text.contains("/tmp/") || text.contains("127.0.0.1") => json!("…"),
        Value::String(text) if text.contains(SECRET) => cut(&json!(text.replace(SECRET, "Exemplu"))),
        Value::String(text) if text.chars().count() > LONGEST => {
            json!(text.chars().take(LONGEST).collect::<String>() + "…")
        }
        Value::Array(list) => list.iter().take(2).map(cut).collect(),
        Value::Object(fields) => {
            let shown = |(name, value): (&String, &Value)| {
                let secret = value.is_string() && SECRETS.contains(&name.as_str());
                (name.clone(), if secret { json!("…") } else { cut(value) })
            };
            Value::Object(fields.iter().map(shown).collect())
        }
        other => other.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_schema_grows_only_by_what_it_does_not_cover() {
        let (one, other) =
            (json!({"id": 1, "on": "2026-01-02", "by": null}), json!({"id": 2, "on": "acum", "more": []}));
        let both = joined(of(&one), of(&other));
        assert_eq!(both["required"], json!(["id", "on"]));
        assert_eq!(both["properties"]["on"], json!({"type": "string"}));
        assert_eq!(both["properties"]["by"], json!({"x-seen": "null"}));
        for seen in [&one, &other] {
            assert_eq!(joined(both.clone(), of(seen)), both);
        }
        let with_by = joined(both.clone(), of(&json!({"id": 3, "on": "ieri", "by": "ana"})));
        assert_eq!(with_by["properties"]["by"], json!({"type": ["null", "string"]}));
        assert_ne!(with_by, both);
    }

    #[test]
    fn words_of_the_data_that_are_names_are_no_fields() {
        let counts = of(&json!({"general/2026": 3, "b": 4}));
        assert_eq!(counts, json!({"type": "object", "additionalProperties": {"type": "integer"}}));
    }
}
