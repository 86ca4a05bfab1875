//! What was filled into a form that was made of a schema, and the document it makes.

use serde_json::{Map, Value};

use super::schema::resolved;
use super::words::text;

/// Deepest nesting of a document.
const DEEPEST: usize = 8;
/// Most rows of a list.
const ROWS: usize = 200;

/// What was filled in: names and values, in order.
#[derive(Debug, Clone, Default)]
pub(super) struct Values(pub Vec<(String, String)>);

impl Values {
    /// A value without the blanks around it; empty where there is none.
    pub(super) fn get(&self, name: &str) -> &str {
        self.0.iter().find(|(held, _)| held == name).map(|(_, value)| value.trim()).unwrap_or_default()
    }

    /// Puts a value in the place of the one that is held.
    pub(super) fn set(&mut self, name: &str, value: impl Into<String>) {
        self.0.retain(|(held, _)| held != name);
        self.0.push((name.to_owned(), value.into()));
    }

    /// How many rows the list at a pointer was shown with.
    pub(super) fn rows(&self, pointer: &str) -> Option<usize> {
        self.get(&format!("rows:{pointer}")).parse().ok().map(|rows: usize| rows.min(ROWS))
    }

    /// Puts a row in at the end of a list.
    pub(super) fn add(&mut self, pointer: &str) {
        let rows = self.rows(pointer).unwrap_or_default() + 1;
        self.set(&format!("rows:{pointer}"), rows.to_string());
    }

    /// Takes a row out of a list; those behind it move up, with whatever is filled into them.
    pub(super) fn drop(&mut self, row: &str) {
        let Some((list, index)) =
            row.rsplit_once('/').and_then(|(list, at)| Some((list.to_owned(), at.parse::<usize>().ok()?)))
        else {
            return;
        };
        let rows = self.rows(&list).unwrap_or_default();
        let moved = |name: String| -> Option<String> {
            let (mark, bare) = name.strip_prefix("rows:").map_or(("", name.as_str()), |bare| ("rows:", bare));
            let Some(rest) = bare.strip_prefix(&format!("{list}/")) else { return Some(name) };
            let (at, under) = rest.split_once('/').map_or((rest, ""), |(at, under)| (at, under));
            match at.parse::<usize>() {
                Ok(at) if at == index => None,
                Ok(at) if at > index && under.is_empty() => Some(format!("{mark}{list}/{}", at - 1)),
                Ok(at) if at > index => Some(format!("{mark}{list}/{}/{under}", at - 1)),
                _ => Some(name),
            }
        };
        let held = std::mem::take(&mut self.0).into_iter();
        self.0 = held.filter_map(|(name, value)| moved(name).map(|name| (name, value))).collect();
        self.set(&format!("rows:{list}"), rows.saturating_sub(1).to_string());
    }

    /// The document. What is empty is left out; what is no number where there should be one stays as it was typed, so that
    /// the API says what is wrong with it.
    pub(super) fn document(&self, whole: &Value) -> Value {
        self.object(whole, whole, "/body", 0).unwrap_or_else(|| Value::Object(Map::new()))
    }

    fn object(&self, schema: &Value, whole: &Value, pointer: &str, depth: usize) -> Option<Value> {
        let mut made = Map::new();
        for (name, one) in schema["properties"].as_object().into_iter().flatten().filter(|_| depth < DEEPEST) {
            let one = resolved(one, whole);
            let required = schema["required"].as_array().is_some_and(|all| all.iter().any(|held| held == name));
            let value = self.value(&one, whole, &format!("{pointer}/{name}"), depth);
            // A group that must be there is sent empty: then each of its fields is asked for by name.
            let empty = || match text(&one, "type") {
                "object" => Some(Value::Object(Map::new())),
                "array" => Some(Value::Array(Vec::new())),
                _ => None,
            };
            if let Some(value) = value.or_else(|| required.then(empty).flatten()) {
                made.insert(name.clone(), value);
            }
        }
        (!made.is_empty()).then_some(Value::Object(made))
    }

    fn value(&self, schema: &Value, whole: &Value, pointer: &str, depth: usize) -> Option<Value> {
        match text(schema, "type") {
            "object" => self.object(schema, whole, pointer, depth + 1).filter(says),
            "array" => {
                let item = resolved(&schema["items"], whole);
                let rows = 0..self.rows(pointer).unwrap_or_default();
                let made: Vec<Value> =
                    rows.filter_map(|row| self.value(&item, whole, &format!("{pointer}/{row}"), depth + 1)).collect();
                (!made.is_empty()).then_some(Value::Array(made))
            }
            kind => {
                let typed = Some(self.get(pointer)).filter(|typed| !typed.is_empty())?;
                let read = match kind {
                    "integer" | "number" | "boolean" => serde_json::from_str(typed).ok(),
                    _ if schema["const"].is_boolean() => serde_json::from_str(typed).ok(),
                    _ => None,
                };
                // Browsers end lines with CR LF in what they send.
                Some(read.unwrap_or_else(|| Value::String(typed.replace("\r\n", "\n"))))
            }
        }
    }
}

/// Whether anything was filled into it at all.
fn says(value: &Value) -> bool {
    match value {
        Value::Object(held) => held.values().any(says),
        Value::Array(items) => items.iter().any(says),
        Value::Null => false,
        _ => true,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn values(pairs: &[(&str, &str)]) -> Values {
        Values(pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect())
    }

    #[test]
    fn what_is_filled_in_becomes_a_document_of_its_types() {
        let schema = json!({"type": "object", "required": ["om"], "properties": {
            "om": {"type": "object", "required": ["nume"], "properties": {"nume": {"type": "string"}, "ani": {"type": "integer"}}},
            "adresa": {"type": "object", "required": ["strada"], "properties": {"strada": {"type": "string"}, "loc": {"type": "object", "properties": {}}}},
            "copii": {"type": "array", "items": {"type": "object", "properties": {"nume": {"type": "string"}}}},
            "are": {"type": "boolean"}}});
        let filled = values(&[
            ("/body/om/ani", "doi"),
            ("/body/are", "true"),
            ("rows:/body/copii", "2"),
            ("/body/copii/1/nume", "Ana"),
        ]);
        assert_eq!(filled.document(&schema), json!({"om": {"ani": "doi"}, "copii": [{"nume": "Ana"}], "are": true}));
        assert_eq!(values(&[]).document(&schema), json!({"om": {}}));
    }

    #[test]
    fn a_row_that_is_taken_out_takes_nothing_else_along() {
        let mut filled = values(&[
            ("rows:/body/copii", "3"),
            ("/body/copii/0/nume", "Ana"),
            ("/body/copii/1/nume", "Ion"),
            ("/body/copii/2/nume", "Eva"),
            ("/body/alt", "rămâne"),
        ]);
        filled.drop("/body/copii/1");
        assert_eq!(filled.rows("/body/copii"), Some(2));
        assert_eq!((filled.get("/body/copii/1/nume"), filled.get("/body/copii/2/nume")), ("Eva", ""));
        filled.add("/body/copii");
        assert_eq!((filled.rows("/body/copii"), filled.get("/body/alt")), (Some(3), "rămâne"));
    }
}
