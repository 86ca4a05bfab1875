//! Places in the body of an answer.

use serde::Deserialize;
use serde_json::Value;

/// A place in a body (RFC 6901). A name that meets a list goes to its first item: an element of XML that may be repeated
/// has the same place whether it came once or more often.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub struct Pointer(String);

impl Pointer {
    /// What is there; null counts as nothing.
    #[must_use]
    pub fn find<'a>(&self, body: &'a Value) -> Option<&'a Value> {
        self.steps().try_fold(body, |place, step| down(place, &step)).filter(|found| !found.is_null())
    }

    /// What is there, as text: a string as it is, a number or truth value as written, of an XML element with attributes
    /// its text.
    #[must_use]
    pub fn text(&self, body: &Value) -> Option<String> {
        text(self.find(body)?)
    }

    /// Puts a value where this points, if something is there, and gives back what was.
    pub(crate) fn replace(&self, body: &mut Value, value: Value) -> Option<Value> {
        let place = self.steps().try_fold(body, |place, step| match place {
            Value::Object(members) => members.get_mut(&step),
            Value::Array(items) => items.get_mut(step.parse::<usize>().ok()?),
            _ => None,
        })?;
        Some(std::mem::replace(place, value))
    }

    fn steps(&self) -> impl Iterator<Item = String> {
        self.0.split('/').skip(1).map(|step| step.replace("~1", "/").replace("~0", "~"))
    }
}

/// A value as text, where it has one.
pub(crate) fn text(value: &Value) -> Option<String> {
    match value {
        Value::String(text) if text.is_empty() => None,
        Value::String(text) => Some(text.clone()),
        Value::Object(members) => members.get("#text").and_then(text),
        Value::Null | Value::Array(_) => None,
        scalar => Some(scalar.to_string()),
    }
}

fn down<'a>(place: &'a Value, step: &str) -> Option<&'a Value> {
    match place {
        Value::Object(members) => members.get(step),
        Value::Array(items) => match index(step) {
            Some(index) => items.get(index),
            None => items.first().and_then(|first| first.get(step)),
        },
        _ => None,
    }
}

fn index(step: &str) -> Option<usize> {
    let canonical = step == "0" || !step.starts_with(['0', '+']);
    step.parse().ok().filter(|_| canonical)
}

impl TryFrom<String> for Pointer {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        if text.is_empty() || text.starts_with('/') {
            Ok(Self(text))
        } else {
            Err(format!("{text:?} is not a JSON pointer, write {}", meant(&text)))
        }
    }
}

/// The pointer that somebody meant who wrote a path with dots and brackets, as JSONPath and most languages do.
fn meant(text: &str) -> String {
    let names = text.trim_start_matches('$').split(['.', '/', '[', ']']).map(|name| name.trim_matches(['"', '\'']));
    names.filter(|name| !name.is_empty()).map(|name| format!("/{name}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn pointer(text: &str) -> Pointer {
        Pointer::try_from(text.to_owned()).unwrap()
    }

    #[test]
    fn a_repeated_element_has_the_place_of_a_single_one() {
        let once = json!({ "header": { "Errors": { "@errorMessage": "a" } } });
        let twice = json!({ "header": { "Errors": [{ "@errorMessage": "a" }, { "@errorMessage": "b" }] } });
        let place = pointer("/header/Errors/@errorMessage");
        assert_eq!(place.text(&once).as_deref(), Some("a"));
        assert_eq!(place.text(&twice).as_deref(), Some("a"));
        assert_eq!(pointer("/header/Errors/1/@errorMessage").text(&twice).as_deref(), Some("b"));
    }

    #[test]
    fn a_place_is_found_as_rfc_6901_says() {
        let body = json!({ "a": [1, { "b": "c" }], "": 0, "x/y": true, "m~n": "t", "n": null, "e": "" });
        let table = [
            ("/a/0", Some("1")),
            ("/a/1/b", Some("c")),
            ("/a/01", None),
            ("/a/-", None),
            ("/a/2", None),
            ("/", Some("0")),
            ("/x~1y", Some("true")),
            ("/m~0n", Some("t")),
            ("/n", None),
            ("/e", None),
            ("/a", None),
        ];
        for (place, expected) in table {
            assert_eq!(pointer(place).text(&body).as_deref(), expected, "{place}");
        }
        assert!(pointer("").find(&body).is_some());
    }

    #[test]
    fn what_is_at_a_place_can_be_put_aside() {
        let mut body = json!({ "a": { "b": [1, 2] } });
        assert_eq!(pointer("/a/b").replace(&mut body, json!([])), Some(json!([1, 2])));
        assert_eq!(body, json!({ "a": { "b": [] } }));
        assert_eq!(pointer("/a/c").replace(&mut body, json!([])), None);
    }
}
