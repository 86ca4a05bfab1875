//! The shape of what is read, taken from the reading itself: a type's own `Deserialize` is asked which fields it wants, of
//! which kind, which it can do without, and whether it refuses others. So the description cannot drift from the code.

use std::collections::BTreeMap;

use serde::de::DeserializeOwned;
use serde_json::{Map, Value, json};

use super::probe::{Kind, Plan, probe};

/// Texts that are tried one after another where a field refuses what it was given, with the format they prove.
pub(super) const TEXTS: [(&str, Option<&str>); 6] = [
    ("a", None),
    ("2026-01-02", Some("date")),
    ("00000000-0000-4000-8000-000000000000", Some("uuid")),
    ("2026-01-02T03:04:05Z", Some("date-time")),
    ("1", None),
    ("10 zile", None),
];
/// Readings of one type at most; more means that it is none of ours.
const MOST: usize = 400;

/// The JSON Schema (2020-12) of what a type reads.
#[must_use]
pub fn schema<T: DeserializeOwned>() -> Value {
    let (plan, kinds) = settled::<T>();
    let reads = |plan: &Plan| probe::<T>(plan).0;
    write(&kinds, "", &|path, change| match change {
        Change::Without => !reads(&Plan { without: Some(path.to_owned()), ..plan.clone() }),
        Change::Stranger => !reads(&Plan { stranger: Some(path.to_owned()), ..plan.clone() }),
    })
}

/// Something done to a reading that went well, to see whether it still does.
enum Change {
    /// A field is left out.
    Without,
    /// A field is there that nobody knows.
    Stranger,
}

/// Reads until every text is one the type takes; what takes none is left out.
fn settled<T: DeserializeOwned>() -> (Plan, BTreeMap<String, Kind>) {
    let mut plan = Plan::default();
    let mut kinds = BTreeMap::new();
    for _ in 0..MOST {
        let (read, seen, last) = probe::<T>(&plan);
        kinds.extend(seen);
        if read {
            break;
        }
        let tried = plan.tried.entry(last.clone()).or_default();
        *tried += 1;
        if *tried >= TEXTS.len() && !plan.skipped.insert(last) {
            break;
        }
    }
    for (path, tried) in &plan.tried {
        if let (Some(Kind::Text(format)), Some((_, proven))) = (kinds.get_mut(path), TEXTS.get(*tried)) {
            *format = *proven;
        }
    }
    (plan, kinds)
}

fn write(kinds: &BTreeMap<String, Kind>, path: &str, breaks: &dyn Fn(&str, Change) -> bool) -> Value {
    let below = |name: &str| format!("{path}/{name}");
    match kinds.get(path) {
        Some(Kind::Text(None)) => json!({"type": "string"}),
        Some(Kind::Text(Some(format))) => json!({"type": "string", "format": format}),
        Some(Kind::Integer { least, most }) => json!({"type": "integer", "minimum": least, "maximum": most}),
        Some(Kind::Number) => json!({"type": "number"}),
        Some(Kind::Flag) => json!({"type": "boolean"}),
        Some(Kind::OneOf(words)) => json!({"type": "string", "enum": words}),
        Some(Kind::List) => json!({"type": "array", "items": write(kinds, &below("0"), breaks)}),
        Some(Kind::Map) => json!({"type": "object"}),
        Some(Kind::Tuple(_) | Kind::Anything) | None => json!({}),
        Some(Kind::Object(fields)) => {
            let properties: Map<String, Value> =
                fields.iter().map(|field| ((*field).to_owned(), write(kinds, &below(field), breaks))).collect();
            let needed: Vec<_> = fields.iter().filter(|field| breaks(&below(field), Change::Without)).collect();
            let mut object = json!({"type": "object", "properties": properties});
            if !needed.is_empty() {
                object["required"] = json!(needed);
            }
            if breaks(path, Change::Stranger) {
                object["additionalProperties"] = false.into();
            }
            object
        }
    }
}

/// The schema of an object without some of its fields.
#[must_use]
pub fn without(mut object: Value, fields: &[&str]) -> Value {
    for field in fields {
        if let Some(properties) = object["properties"].as_object_mut() {
            properties.remove(*field);
        }
        if let Some(required) = object["required"].as_array_mut() {
            required.retain(|one| one != field);
        }
    }
    object
}

/// The schemas of the pieces of a path, in its order.
#[must_use]
pub fn pieces<T: DeserializeOwned>() -> Vec<Value> {
    let (_, kinds) = settled::<T>();
    let never = |_: &str, _: Change| false;
    match kinds.get("") {
        Some(Kind::Tuple(count)) => (0..*count).map(|at| write(&kinds, &format!("/{at}"), &never)).collect(),
        _ => vec![write(&kinds, "", &never)],
    }
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;

    use super::*;

    #[derive(Deserialize)]
    #[serde(rename_all = "lowercase")]
    #[allow(dead_code, reason = "only its shape is read")]
    enum Way {
        Post,
        Counter,
    }

    #[derive(Deserialize)]
    #[serde(deny_unknown_fields)]
    #[allow(dead_code, reason = "only its shape is read")]
    struct Inner {
        on: jiff::civil::Date,
        way: Option<Way>,
    }

    #[derive(Deserialize)]
    #[allow(dead_code, reason = "only its shape is read")]
    struct Outer {
        id: uuid::Uuid,
        count: Option<u32>,
        #[serde(default)]
        flag: bool,
        #[serde(rename = "type")]
        kind: String,
        inner: Vec<Inner>,
        free: Map<String, Value>,
        any: Value,
    }

    #[test]
    fn the_shape_is_what_the_type_reads() {
        let wanted = json!({
            "type": "object",
            "properties": {
                "id": {"type": "string", "format": "uuid"},
                "count": {"type": "integer", "minimum": 0, "maximum": 4_294_967_295_u64},
                "flag": {"type": "boolean"},
                "type": {"type": "string"},
                "inner": {"type": "array", "items": {
                    "type": "object",
                    "properties": {
                        "on": {"type": "string", "format": "date"},
                        "way": {"type": "string", "enum": ["post", "counter"]},
                    },
                    "required": ["on"],
                    "additionalProperties": false,
                }},
                "free": {"type": "object"},
                "any": {},
            },
            "required": ["id", "type", "inner", "free", "any"],
        });
        assert_eq!(schema::<Outer>(), wanted);
    }

    #[test]
    fn a_path_has_its_pieces_in_order() {
        assert_eq!(pieces::<String>(), [json!({"type": "string"})]);
        let year = json!({"type": "integer", "minimum": i64::MIN, "maximum": i64::MAX});
        assert_eq!(pieces::<(String, i64)>(), [json!({"type": "string"}), year]);
    }
}
