//! A document without its values: for who may see its structure, and as a fixture whose values are invented.

use serde_json::{Map, Value, json};

/// The document with the kind of each value in its place.
pub(super) fn masked(document: &Value) -> Value {
    map(document, &|value, _| match value {
        Value::String(_) => json!("‹text›"),
        Value::Number(_) => json!("‹număr›"),
        Value::Bool(_) => json!("‹da/nu›"),
        other => other.clone(),
    })
}

/// The document with invented values: those the schema of its type gives as examples, so that it stays valid, or plain
/// ones of the same kind.
pub(super) fn fixture(document: &Value, schema: &Value) -> Value {
    map(document, &|value, path| {
        let field = path.iter().try_fold(resolved(schema, schema), |field, step| below(schema, field, step));
        invented(value, field.unwrap_or(&Value::Null))
    })
}

fn invented(value: &Value, field: &Value) -> Value {
    if let Some(example) = field["examples"].get(0).or_else(|| field.get("const")).or_else(|| field["enum"].get(0)) {
        return example.clone();
    }
    match (value, field["format"].as_str(), field["codeList"].is_string()) {
        // A code without an example is of a public list.
        (Value::String(_), _, true) => value.clone(),
        (Value::String(_), Some("date"), _) => json!("2026-01-31"),
        (Value::String(_), Some("date-time"), _) => json!("2026-01-31T10:00:00Z"),
        (Value::String(_), ..) => json!("text inventat"),
        (Value::Number(_), ..) => json!(1),
        (Value::Bool(_), ..) => json!(false),
        (other, ..) => other.clone(),
    }
}

/// A field below another: by its name, or of the members of a list.
fn below<'a>(schema: &'a Value, field: &'a Value, step: &str) -> Option<&'a Value> {
    let here = if step.is_empty() { field.get("items") } else { field["properties"].get(step) };
    let here = here.map(|found| resolved(schema, found));
    here.or_else(|| {
        let branches = ["allOf", "anyOf", "oneOf"].iter().filter_map(|name| field[*name].as_array()).flatten();
        branches.filter_map(|branch| below(schema, resolved(schema, branch), step)).next()
    })
}

/// A field, or the definition it refers to. A definition of ours refers to no other.
fn resolved<'a>(schema: &'a Value, field: &'a Value) -> &'a Value {
    let named = field["$ref"].as_str().and_then(|to| to.strip_prefix('#'));
    named.and_then(|pointer| schema.pointer(pointer)).unwrap_or(field)
}

fn map(value: &Value, leaf: &dyn Fn(&Value, &[String]) -> Value) -> Value {
    fn go(value: &Value, path: &mut Vec<String>, leaf: &dyn Fn(&Value, &[String]) -> Value) -> Value {
        match value {
            Value::Object(fields) => {
                let mut made = Map::new();
                for (name, value) in fields {
                    path.push(name.clone());
                    made.insert(name.clone(), go(value, path, leaf));
                    path.pop();
                }
                Value::Object(made)
            }
            Value::Array(members) => {
                path.push(String::new());
                let made = members.iter().map(|value| go(value, path, leaf)).collect();
                path.pop();
                Value::Array(made)
            }
            value => leaf(value, path),
        }
    }
    go(value, &mut Vec::new(), leaf)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_masked_document_keeps_its_structure_and_no_value() {
        let document = json!({"nume": "Inventata", "copii": [{"varsta": 7}], "singur": true, "lipsa": null});
        let expected = json!({"nume": "‹text›", "copii": [{"varsta": "‹număr›"}], "singur": "‹da/nu›", "lipsa": null});
        assert_eq!(masked(&document), expected);
    }

    #[test]
    fn a_fixture_has_the_values_its_schema_invents() {
        let schema = json!({
            "$defs": {"cnp": {"type": "string", "examples": ["1800101221144"]}},
            "properties": {
                "cnp": {"$ref": "#/$defs/cnp"}, "data": {"format": "date"}, "nota": {},
                "copii": {"items": {"properties": {"varsta": {"examples": [9]}}}},
            },
        });
        let document =
            json!({"cnp": "2580412259906", "data": "2020-02-02", "nota": "despre ea", "copii": [{"varsta": 7}]});
        let expected =
            json!({"cnp": "1800101221144", "data": "2026-01-31", "nota": "text inventat", "copii": [{"varsta": 9}]});
        assert_eq!(fixture(&document, &schema), expected);
    }
}
