//! A form out of a JSON Schema: what is filled in, in order, flat enough for a template.
//!
//! A field bears the JSON pointer of its value as its name, under `/body`, so that what the API says of a value stands at
//! its field.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::visit::Visit;

use super::filled::Values;
use super::words::text;

/// Deepest nesting of a form.
const DEEPEST: usize = 8;
/// Longest text that is one line.
const LINE: u64 = 160;
/// Most rows of a list in a form.
const ROWS: usize = 200;

/// Code lists that are chosen from, by name: code and words.
pub(super) type Lists = BTreeMap<String, Vec<(String, String)>>;

/// A piece of a form, in order.
pub(super) enum Piece {
    /// A group begins.
    Open { id: String, legend: String, wrong: Vec<String> },
    /// A row of a list begins; it can be taken out.
    Row { legend: String, pointer: String },
    /// A group or row ends.
    Close,
    /// One more row can be put in. Says how many there are.
    More { pointer: String, label: String, rows: usize },
    /// A field.
    Field(Field),
}

/// A field.
pub(super) struct Field {
    /// The JSON pointer; the name of the field.
    pub pointer: String,
    /// Its id in the page.
    pub id: String,
    /// Its label.
    pub label: String,
    /// How it is filled in.
    pub kind: Kind,
    /// Whether it must be.
    pub required: bool,
    /// What it looks like.
    pub hint: String,
    /// What was filled in.
    pub value: String,
    /// What is wrong with it.
    pub wrong: Vec<String>,
}

/// How a field is filled in.
pub(super) enum Kind {
    /// A line: longest text, and whether it is digits.
    Line(u64, bool),
    /// Several lines.
    Area(u64),
    /// A whole number.
    Number,
    /// A day.
    Day,
    /// One of these: value and words.
    Choice(Vec<(String, String)>),
}

impl Field {
    /// Whether the option is the one filled in.
    pub(super) fn chosen(&self, value: &str) -> bool {
        self.value == value
    }

    /// Ids of what describes it.
    pub(super) fn described(&self) -> String {
        let hint = (!self.hint.is_empty()).then(|| format!("{}-hint", self.id));
        let wrong = (!self.wrong.is_empty()).then(|| format!("{}-wrong", self.id));
        hint.into_iter().chain(wrong).collect::<Vec<_>>().join(" ")
    }
}

/// The id of the field with this pointer.
pub(super) fn id(pointer: &str) -> String {
    let letter = |letter: char| if letter.is_ascii_alphanumeric() || letter == '_' { letter } else { '-' };
    format!("f{}", pointer.chars().map(letter).collect::<String>())
}

/// A schema as the API gives it: a document, or its text.
pub(super) fn parsed(schema: &Value) -> Value {
    schema.as_str().and_then(|text| serde_json::from_str(text).ok()).unwrap_or_else(|| schema.clone())
}

/// A schema with what it refers to put in its place; what it says itself goes before.
pub(super) fn resolved(schema: &Value, whole: &Value) -> Value {
    let mut found = schema.clone();
    for _ in 0..DEEPEST {
        let Some(name) = found["$ref"].as_str().and_then(|at| at.strip_prefix("#/$defs/")).map(str::to_owned) else {
            break;
        };
        let mut next = whole["$defs"][&name].clone();
        if let (Some(next), Some(own)) = (next.as_object_mut(), found.as_object()) {
            next.extend(own.iter().filter(|(key, _)| *key != "$ref").map(|(key, value)| (key.clone(), value.clone())));
        }
        found = next;
    }
    found
}

/// Names of the code lists a schema chooses from.
pub(super) fn lists(schema: &Value, names: &mut Vec<String>) {
    match schema {
        Value::Object(held) => {
            if let Some(name) = held.get("codeList").and_then(Value::as_str)
                && !names.iter().any(|one| one == name)
            {
                names.push(name.to_owned());
            }
            held.values().for_each(|one| lists(one, names));
        }
        Value::Array(items) => items.iter().for_each(|one| lists(one, names)),
        _ => {}
    }
}

/// What a form is made of.
pub(super) struct Making<'a> {
    pub visit: &'a Visit,
    /// The schema of the document.
    pub whole: &'a Value,
    /// The code lists.
    pub lists: &'a Lists,
    /// What was filled in.
    pub values: &'a Values,
    /// What is wrong, by pointer.
    pub wrong: &'a BTreeMap<String, Vec<String>>,
}

impl Making<'_> {
    /// The pieces of the whole document.
    pub(super) fn pieces(&self) -> Vec<Piece> {
        let mut pieces = Vec::new();
        self.object(self.whole, "/body", 0, &mut pieces);
        pieces
    }

    fn object(&self, schema: &Value, pointer: &str, depth: usize, pieces: &mut Vec<Piece>) {
        let required = |name: &str| schema["required"].as_array().is_some_and(|all| all.iter().any(|one| one == name));
        for (name, one) in schema["properties"].as_object().into_iter().flatten().filter(|_| depth < DEEPEST) {
            let one = resolved(one, self.whole);
            self.property((name, &one), &format!("{pointer}/{name}"), (required(name), depth), pieces);
        }
    }

    fn property(
        &self,
        (name, schema): (&str, &Value),
        pointer: &str,
        (required, depth): (bool, usize),
        pieces: &mut Vec<Piece>,
    ) {
        let label = schema["title"].as_str().map_or_else(|| name.replace('_', " "), str::to_owned);
        match text(schema, "type") {
            "object" => {
                pieces.push(Piece::Open { id: id(pointer), legend: label, wrong: self.wrong(pointer) });
                self.object(schema, pointer, depth + 1, pieces);
                pieces.push(Piece::Close);
            }
            "array" => self.rows((&label, schema), pointer, (required, depth), pieces),
            _ => pieces.push(Piece::Field(self.field(label, schema, pointer, required))),
        }
    }

    fn rows(
        &self,
        (label, schema): (&str, &Value),
        pointer: &str,
        (required, depth): (bool, usize),
        pieces: &mut Vec<Piece>,
    ) {
        let item = resolved(&schema["items"], self.whole);
        let least = schema["minItems"].as_u64().map_or(0, |least| usize::try_from(least).unwrap_or(ROWS));
        let rows = self.values.rows(pointer).unwrap_or(least.max(usize::from(required))).min(ROWS);
        let one = item["title"].as_str().unwrap_or(label);
        pieces.push(Piece::Open { id: id(pointer), legend: label.to_owned(), wrong: self.wrong(pointer) });
        for row in 0..rows {
            let at = format!("{pointer}/{row}");
            pieces.push(Piece::Row { legend: format!("{one} {}", row + 1), pointer: at.clone() });
            if text(&item, "type") == "object" {
                self.object(&item, &at, depth + 1, pieces);
            } else {
                pieces.push(Piece::Field(self.field(one.to_owned(), &item, &at, true)));
            }
            pieces.push(Piece::Close);
        }
        pieces.push(Piece::More { pointer: pointer.to_owned(), label: one.to_owned(), rows });
        pieces.push(Piece::Close);
    }

    fn wrong(&self, pointer: &str) -> Vec<String> {
        self.wrong.get(pointer).cloned().unwrap_or_default()
    }

    fn field(&self, label: String, schema: &Value, pointer: &str, required: bool) -> Field {
        let example = match &schema["examples"][0] {
            Value::String(text) => text.clone(),
            Value::Number(number) => number.to_string(),
            _ => String::new(),
        };
        let (kind, hint) = self.kind(schema, &example);
        Field {
            id: id(pointer),
            pointer: pointer.to_owned(),
            label,
            kind,
            required,
            hint,
            value: self.values.get(pointer).to_owned(),
            wrong: self.wrong(pointer),
        }
    }

    fn kind(&self, schema: &Value, example: &str) -> (Kind, String) {
        let visit = self.visit;
        let like = |words: &str| format!("{words}{} {example}", visit.say("de exemplu", "for example"));
        let plain = |value: &Value| (said(value), said(value).replace(['-', '_'], " "));
        if let Some(options) = schema["enum"].as_array() {
            return (Kind::Choice(options.iter().map(plain).collect()), String::new());
        }
        if !schema["const"].is_null() {
            let (value, words) = plain(&schema["const"]);
            let words = if value == "true" { visit.say("da", "yes").to_owned() } else { words };
            return (Kind::Choice(vec![(value, words)]), String::new());
        }
        if let Some(options) = schema["codeList"].as_str().and_then(|name| self.lists.get(name)) {
            return (Kind::Choice(options.clone()), String::new());
        }
        let longest = schema["maxLength"].as_u64().unwrap_or(500);
        match (text(schema, "type"), text(schema, "format")) {
            ("boolean", _) => {
                let option = |value: &str, ro, en| (value.to_owned(), visit.say(ro, en).to_owned());
                (Kind::Choice(vec![option("true", "da", "yes"), option("false", "nu", "no")]), String::new())
            }
            ("integer" | "number", _) => (Kind::Number, String::new()),
            (_, "date") => (Kind::Day, String::new()),
            (_, "cnp") => (Kind::Line(13, true), like(visit.say("CNP, 13 cifre, ", "CNP, 13 digits, "))),
            (_, "cui") => (Kind::Line(10, true), like(visit.say("cod fiscal fără RO, ", "fiscal code without RO, "))),
            (_, "siruta") => (Kind::Line(6, true), like(visit.say("cod SIRUTA, ", "SIRUTA code, "))),
            _ if longest > LINE => (Kind::Area(longest), String::new()),
            _ if example.is_empty() => (Kind::Line(longest, false), String::new()),
            _ => (Kind::Line(longest, false), like("")),
        }
    }
}

/// A value as a form bears it.
fn said(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}
