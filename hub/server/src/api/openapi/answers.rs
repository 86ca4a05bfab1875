//! What the operations answer, and what they were sent when they did: schemas and examples as the stories of the tests saw them.
//!
//! The file is written by the stories (`PUNTE_REFERENCE=write`) and held against every answer they see: an answer of another
//! shape fails them. Members of a schema here are never closed: an answer may have more fields one day. What was always there in
//! what was seen is promised for the answer itself; below it nothing is, for a member may be null or missing elsewhere.

use std::sync::LazyLock;

use serde_json::{Value, json};

/// The file: by operation id, `answers` by status and media type, and `sent` by media type.
pub const FILE: &str = include_str!("answers.json");

/// What is known of an operation.
#[must_use]
pub fn of(operation: &str) -> Option<&'static Value> {
    static KNOWN: LazyLock<Value> = LazyLock::new(|| {
        let mut known: Value = serde_json::from_str(FILE).expect("the file is JSON: the tests write it");
        let operations = known.as_object_mut().into_iter().flat_map(|all| all.values_mut());
        let answers = operations.filter_map(|one| one.get_mut("answers")?.as_object_mut());
        for media in answers.flat_map(|one| one.values_mut()).filter_map(Value::as_object_mut) {
            media
                .values_mut()
                .filter_map(|content| content.get_mut("schema"))
                .for_each(|schema| loosened(schema, true));
        }
        known
    });
    KNOWN.get(operation)
}

/// A schema made of samples, so that below the answer itself members may be null or missing.
fn loosened(schema: &mut Value, outermost: bool) {
    let Some(members) = schema.as_object_mut() else { return };
    if !outermost {
        members.remove("required");
        if let Some(Value::String(kind)) = members.get("type").cloned() {
            members.insert("type".to_owned(), json!([kind, "null"]));
        }
    }
    if let Some(Value::Object(properties)) = members.get_mut("properties") {
        properties.values_mut().for_each(|one| loosened(one, false));
    }
    if let Some(items) = members.get_mut("items") {
        loosened(items, false);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_samples_always_had_is_promised_of_the_answer_itself_alone() {
        let text = json!({"type": "string"});
        let inner = json!({"type": "object", "properties": {"a": text}, "required": ["a"]});
        let mut schema = json!({"type": "object", "properties": {"items": {"type": "array", "items": inner}}, "required": ["items"]});
        loosened(&mut schema, true);
        assert_eq!((&schema["type"], &schema["required"]), (&json!("object"), &json!(["items"])));
        let item = &schema["properties"]["items"]["items"];
        assert_eq!((item.get("required"), &item["type"]), (None, &json!(["object", "null"])));
        assert_eq!(item["properties"]["a"]["type"], json!(["string", "null"]));
    }
}
