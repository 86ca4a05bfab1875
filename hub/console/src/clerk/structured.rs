//! Structured data as people read them: groups of labelled facts, from JSON with the titles of its schema, or from XML.

use serde_json::{Map, Value};

use crate::visit::Visit;

use super::schema;

/// Facts under one heading.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Group {
    /// The headings that lead to it; empty for the document itself.
    pub title: String,
    /// Labels and values.
    pub facts: Vec<(String, String)>,
}

/// Deepest nesting that is shown.
const DEEPEST: usize = 12;
/// Most facts that are shown; the rest is in the file.
const MOST: usize = 2_000;

/// The facts of a JSON document, labelled by its schema.
pub(super) fn of_json(visit: &Visit, body: &Value, whole: &Value) -> Vec<Group> {
    let mut groups = vec![Group::default()];
    let words = (visit.say("da", "yes"), visit.say("nu", "no"));
    Walk { whole, words, left: MOST }.object(body, whole, (0, 0), &mut groups);
    groups.retain(|group| !group.facts.is_empty());
    groups
}

struct Walk<'a> {
    whole: &'a Value,
    words: (&'a str, &'a str),
    left: usize,
}

impl Walk<'_> {
    /// Puts what an object says into a group, and what is nested into groups of its own, in the order of the schema.
    fn object(&mut self, value: &Value, of: &Value, (at, depth): (usize, usize), groups: &mut Vec<Group>) {
        let Some(held) = value.as_object().filter(|_| depth < DEEPEST) else { return };
        for name in ordered(held, &of["properties"]) {
            let (one, schema) = (&held[&name], schema::resolved(&of["properties"][&name], self.whole));
            let label = schema["title"].as_str().map_or_else(|| name.replace('_', " "), str::to_owned);
            match one {
                Value::Object(_) => self.nested(&label, (one, &schema), (at, depth), groups),
                Value::Array(items) if items.iter().any(Value::is_object) => {
                    let of = schema::resolved(&schema["items"], self.whole);
                    let title = of["title"].as_str().map_or_else(|| label.clone(), str::to_owned);
                    for (index, item) in items.iter().enumerate() {
                        self.nested(&format!("{title} {}", index + 1), (item, &of), (at, depth), groups);
                    }
                }
                other => {
                    let told = self.told(other);
                    self.fact(label, told, at, groups);
                }
            }
        }
    }

    fn nested(
        &mut self,
        label: &str,
        (value, schema): (&Value, &Value),
        (at, depth): (usize, usize),
        groups: &mut Vec<Group>,
    ) {
        let above = groups[at].title.clone();
        let title = if above.is_empty() { label.to_owned() } else { format!("{above} › {label}") };
        groups.push(Group { title, facts: Vec::new() });
        let at = groups.len() - 1;
        self.object(value, schema, (at, depth + 1), groups);
    }

    fn fact(&mut self, label: String, value: String, at: usize, groups: &mut [Group]) {
        if self.left > 0 && !value.is_empty() {
            self.left -= 1;
            groups[at].facts.push((label, value));
        }
    }

    fn told(&self, value: &Value) -> String {
        match value {
            Value::Null | Value::Object(_) => String::new(),
            Value::Bool(true) => self.words.0.to_owned(),
            Value::Bool(false) => self.words.1.to_owned(),
            Value::String(text) if text.parse::<jiff::civil::Date>().is_ok() => crate::moment::day(text),
            Value::String(text) => text.clone(),
            Value::Number(number) => number.to_string(),
            Value::Array(items) => items.iter().map(|one| self.told(one)).collect::<Vec<_>>().join("; "),
        }
    }
}

/// The names of an object in the order of its schema, those the schema does not know last.
fn ordered(held: &Map<String, Value>, properties: &Value) -> Vec<String> {
    let known =
        properties.as_object().into_iter().flatten().map(|(name, _)| name).filter(|name| held.contains_key(*name));
    let mut names: Vec<String> = known.cloned().collect();
    let rest: Vec<String> = held.keys().filter(|name| !names.contains(name)).cloned().collect();
    names.extend(rest);
    names
}

/// The facts of an XML document; none where it cannot be read, or brings a document type of its own.
pub(super) fn of_xml(text: &str) -> Vec<Group> {
    let Ok(document) = roxmltree::Document::parse(text) else { return Vec::new() };
    let mut groups = vec![Group::default()];
    let mut left = MOST;
    elements(document.root_element(), (0, 0), &mut left, &mut groups);
    groups.retain(|group| !group.facts.is_empty());
    groups
}

fn elements(of: roxmltree::Node<'_, '_>, (at, depth): (usize, usize), left: &mut usize, groups: &mut Vec<Group>) {
    for one in of.children().filter(roxmltree::Node::is_element) {
        if *left == 0 || depth >= DEEPEST {
            return;
        }
        *left -= 1;
        let name = one.tag_name().name().to_owned();
        if one.children().any(|child| child.is_element()) {
            let above = &groups[at].title;
            let title = if above.is_empty() { name } else { format!("{above} › {name}") };
            groups.push(Group { title, facts: Vec::new() });
            let at = groups.len() - 1;
            elements(one, (at, depth + 1), left, groups);
        } else {
            let attributes = one.attributes().map(|held| format!("{} {}", held.name(), held.value()));
            let text = one.text().unwrap_or_default().trim().to_owned();
            let told = std::iter::once(text).filter(|text| !text.is_empty()).chain(attributes).collect::<Vec<_>>();
            groups[at].facts.push((name, told.join(", ")));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_invoice_becomes_facts_and_a_document_type_is_refused() {
        let groups = of_xml(
            "<Invoice><ID>7</ID><Total currency=\"RON\">12.50</Total><Party><Name>Exemplu</Name></Party></Invoice>",
        );
        assert_eq!(groups[0].facts[1], ("Total".to_owned(), "12.50, currency RON".to_owned()));
        assert_eq!(groups[1].title, "Party");
        assert!(of_xml("<!DOCTYPE a [<!ENTITY b \"c\">]><a>&b;</a>").is_empty());
    }
}
