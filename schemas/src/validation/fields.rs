//! The fields of a schema as a tree: what they are called, which code list they take, where to look at a check digit.
//!
//! Follows `properties`, `items`, `allOf` and `$ref` into `$defs`; `codeList` anywhere else is refused when the schema is
//! compiled, so that no code goes unchecked in silence.

use std::{collections::BTreeSet, sync::Arc};

use jiff::civil::Date;
use serde_json::{Map, Value};

use crate::{
    code_lists::{CodeList, CodeLists},
    identifiers::Siruta,
};

/// When a document is checked, and with which lists.
#[derive(Clone, Copy)]
pub struct On<'a> {
    /// The day codes are looked up at.
    pub date: Date,
    /// Lists that may have newer versions than those of the schema.
    pub lists: Option<&'a CodeLists>,
}

impl<'a> On<'a> {
    fn newest(self, list: &'a CodeList) -> &'a CodeList {
        self.lists.and_then(|lists| lists.get(list.name())).unwrap_or(list)
    }
}

/// A field and what is below it.
#[derive(Debug, Default)]
pub(super) struct Field {
    pub title: Option<Box<str>>,
    pub example: Option<Box<str>>,
    code_list: Option<Arc<CodeList>>,
    properties: Vec<(Box<str>, Field)>,
    items: Option<Box<Field>>,
    is_siruta: bool,
    /// Whether this field or one below has something to check here.
    has_checks: bool,
}

/// Something found while walking a document.
pub(super) enum Finding<'a> {
    /// A code that is not in its list on the day.
    UnknownCode { list: &'a CodeList },
    /// A SIRUTA code neither official nor with a matching check digit.
    SirutaCheckDigit,
}

/// References nest less deep than this in any sensible schema; more means a ring.
const DEEPEST: usize = 32;

impl Field {
    /// Builds the tree. Errors: an unknown code list, a reference that leads nowhere or in a ring, a `codeList` out of reach.
    pub fn tree(schema: &Value, lists: &CodeLists) -> Result<Self, String> {
        let mut builder = Builder { schema, lists, reached: BTreeSet::new() };
        let mut root = Field::default();
        builder.read("", DEEPEST, &mut root)?;
        let mut written = BTreeSet::new();
        code_list_places(schema, "", &mut written);
        match written.difference(&builder.reached).next() {
            Some(place) => Err(format!("codeList at #{place} must stand under properties, items, allOf or $ref")),
            None => Ok(root),
        }
    }

    /// The field a pointer leads to, as far as the schema knows it.
    pub fn at<'a>(&'a self, pointer: &str) -> Option<&'a Field> {
        pointer.split('/').skip(1).try_fold(self, |field, segment| {
            let name = segment.replace("~1", "/").replace("~0", "~");
            field
                .properties
                .iter()
                .find(|(known, _)| **known == *name)
                .map(|(_, field)| field)
                .or_else(|| name.bytes().all(|byte| byte.is_ascii_digit()).then_some(field.items.as_deref()).flatten())
        })
    }

    /// Adds the pointers of all fields without fields below them, `*` for the index of a list.
    pub fn leaves(&self, pointer: &str, found: &mut Vec<String>) {
        for (name, field) in &self.properties {
            field.leaves(&format!("{pointer}/{}", escaped(name)), found);
        }
        if let Some(items) = &self.items {
            items.leaves(&format!("{pointer}/*"), found);
        }
        if self.properties.is_empty() && self.items.is_none() {
            found.push(pointer.to_owned());
        }
    }

    /// Walks a document and reports every finding with its pointer.
    pub fn check<'a>(&'a self, value: &Value, on: On<'a>, report: &mut dyn FnMut(String, Finding<'a>)) {
        if self.has_checks {
            self.check_below(value, on, &mut Vec::new(), report);
        }
    }

    fn check_below<'a, 'p>(
        &'a self,
        value: &'p Value,
        on: On<'a>,
        path: &mut Vec<Segment<'p>>,
        report: &mut dyn FnMut(String, Finding<'a>),
    ) where
        'a: 'p,
    {
        match value {
            Value::String(code) => {
                let official = self.code_list.as_deref().map(|list| {
                    let list = on.newest(list);
                    (list, list.at(on.date).contains(code))
                });
                if let Some((list, false)) = official {
                    report(pointer(path), Finding::UnknownCode { list });
                }
                let is_official = matches!(official, Some((_, true)));
                let looks_wrong = || Siruta::parse(code).is_ok_and(|code| !code.check_digit_matches());
                if self.is_siruta && !is_official && looks_wrong() {
                    report(pointer(path), Finding::SirutaCheckDigit);
                }
            }
            Value::Object(object) => {
                for (name, field) in self.properties.iter().filter(|(_, field)| field.has_checks) {
                    if let Some(value) = object.get(&**name) {
                        path.push(Segment::Name(name));
                        field.check_below(value, on, path, report);
                        path.pop();
                    }
                }
            }
            Value::Array(values) => {
                let Some(items) = self.items.as_ref().filter(|items| items.has_checks) else { return };
                for (index, value) in values.iter().enumerate() {
                    path.push(Segment::Index(index));
                    items.check_below(value, on, path, report);
                    path.pop();
                }
            }
            _ => {}
        }
    }
}

enum Segment<'a> {
    Name(&'a str),
    Index(usize),
}

fn pointer(path: &[Segment<'_>]) -> String {
    path.iter().fold(String::new(), |pointer, segment| match segment {
        Segment::Name(name) => pointer + "/" + &escaped(name),
        Segment::Index(index) => format!("{pointer}/{index}"),
    })
}

/// A name as a segment of a JSON Pointer.
pub(super) fn escaped(name: &str) -> String {
    name.replace('~', "~0").replace('/', "~1")
}

struct Builder<'s> {
    schema: &'s Value,
    lists: &'s CodeLists,
    reached: BTreeSet<String>,
}

impl Builder<'_> {
    /// Adds what the schema at `place` says to `field`.
    fn read(&mut self, place: &str, depth: usize, field: &mut Field) -> Result<(), String> {
        if depth == 0 {
            return Err(format!("the references at #{place} form a ring or nest too deep"));
        }
        let schema = self.schema.pointer(place).ok_or_else(|| format!("#{place} does not exist"))?;
        let Some(schema) = schema.as_object() else { return Ok(()) };
        self.read_own(schema, place, field)?;
        if let Some(reference) = schema.get("$ref").and_then(Value::as_str) {
            let target = reference.strip_prefix('#').ok_or_else(|| format!("{reference} leaves the schema"))?;
            self.read(target, depth - 1, field)?;
        }
        let parts = schema.get("allOf").and_then(Value::as_array).map_or(0, Vec::len);
        for index in 0..parts {
            self.read(&format!("{place}/allOf/{index}"), depth - 1, field)?;
        }
        for name in schema.get("properties").and_then(Value::as_object).into_iter().flat_map(Map::keys) {
            let at = field.properties.iter().position(|(known, _)| **known == **name).unwrap_or_else(|| {
                field.properties.push((name.as_str().into(), Field::default()));
                field.properties.len() - 1
            });
            let property = &mut field.properties[at].1;
            self.read(&format!("{place}/properties/{}", escaped(name)), depth - 1, property)?;
            field.has_checks |= property.has_checks;
        }
        if schema.contains_key("items") {
            let items = field.items.get_or_insert_default();
            self.read(&format!("{place}/items"), depth - 1, items)?;
            field.has_checks |= items.has_checks;
        }
        Ok(())
    }

    fn read_own(&mut self, schema: &Map<String, Value>, place: &str, field: &mut Field) -> Result<(), String> {
        let text = |name: &str| schema.get(name).and_then(Value::as_str);
        // What stands nearest to the field wins over what a reference says.
        field.title = field.title.take().or(text("title").map(Into::into));
        let example = schema.get("examples").and_then(|examples| examples.get(0));
        field.example = field.example.take().or(example.map(as_text));
        if text("format") == Some("siruta") {
            (field.is_siruta, field.has_checks) = (true, true);
        }
        if let Some(name) = schema.get("codeList") {
            let name = name.as_str().ok_or_else(|| format!("codeList at #{place} must be a text"))?;
            let list = self.lists.shared(name).ok_or_else(|| format!("the code list {name} does not exist"))?;
            (field.code_list, field.has_checks) = (Some(list), true);
            self.reached.insert(place.to_owned());
        }
        Ok(())
    }
}

fn as_text(value: &Value) -> Box<str> {
    value.as_str().map_or_else(|| value.to_string().into(), Into::into)
}

fn code_list_places(value: &Value, place: &str, found: &mut BTreeSet<String>) {
    match value {
        Value::Object(object) => {
            let is_property_table = place.ends_with("/properties") || place.ends_with("/$defs");
            if object.contains_key("codeList") && !is_property_table {
                found.insert(place.to_owned());
            }
            for (name, value) in
                object.iter().filter(|(name, _)| !matches!(name.as_str(), "const" | "enum" | "examples"))
            {
                code_list_places(value, &format!("{place}/{}", escaped(name)), found);
            }
        }
        Value::Array(values) => {
            for (index, value) in values.iter().enumerate() {
                code_list_places(value, &format!("{place}/{index}"), found);
            }
        }
        _ => {}
    }
}
