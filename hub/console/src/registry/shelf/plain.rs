//! A list of the archive, said as data.

use async_trait::async_trait;
use serde_json::Value;

use crate::fault::Fault;
use crate::list::{Act, Asked, Column, Empty, Filter, List, Part, Row, Tab};
use crate::visit::Visit;

use super::super::reading::{listed, next, text};

/// Romanian and English.
pub type Both = (&'static str, &'static str);

/// A list: its words, what is asked of the API, and how an item becomes a row.
pub struct Plain {
    pub title: Both,
    pub lead: Both,
    pub columns: &'static [Column],
    pub file: &'static str,
    pub empty: (Both, Both),
    /// Path of the API.
    pub path: &'static str,
    /// Filters that go on under their own names.
    pub names: &'static [&'static str],
    pub filters: fn(&Visit) -> Vec<Filter>,
    pub tabs: fn(&Visit, &Asked) -> Vec<Tab>,
    /// Permission, address and name of what is done here most.
    pub act: Option<(&'static str, &'static str, Both)>,
    pub row: fn(&Visit, &Value) -> Row,
}

/// No filters.
pub fn no_filters(_: &Visit) -> Vec<Filter> {
    Vec::new()
}

/// No views.
pub fn no_tabs(_: &Visit, _: &Asked) -> Vec<Tab> {
    Vec::new()
}

#[async_trait]
impl List for Plain {
    fn title(&self, visit: &Visit) -> String {
        visit.say(self.title.0, self.title.1).to_owned()
    }

    fn lead(&self, visit: &Visit) -> String {
        visit.say(self.lead.0, self.lead.1).to_owned()
    }

    fn columns(&self) -> Vec<Column> {
        self.columns.to_vec()
    }

    fn file(&self) -> &'static str {
        self.file
    }

    fn empty(&self, visit: &Visit, _: bool) -> Empty {
        let (title, how) = self.empty;
        Empty { title: visit.say(title.0, title.1).to_owned(), how: visit.say(how.0, how.1).to_owned(), act: None }
    }

    fn filters(&self, visit: &Visit) -> Vec<Filter> {
        (self.filters)(visit)
    }

    fn tabs(&self, visit: &Visit, asked: &Asked) -> Vec<Tab> {
        (self.tabs)(visit, asked)
    }

    fn act(&self, visit: &Visit) -> Option<Act> {
        let (permission, href, label) = self.act?;
        visit.may(permission).then(|| Act { href: href.to_owned(), label: visit.say(label.0, label.1).to_owned() })
    }

    async fn part(&self, visit: &Visit, asked: &Asked, after: Option<&str>, limit: usize) -> Result<Part, Fault> {
        let limit = limit.to_string();
        let key = after.map(keys).unwrap_or_default();
        let mut added = vec![("limit", limit.as_str())];
        added.extend(key.iter().map(|(name, value)| (name.as_str(), value.as_str())));
        let found = visit.get(format!("{}?{}", self.path, asked.query(self.names, &added))).value().await?;
        let rows = listed(&found, "items").map(|item| (self.row)(visit, item)).collect();
        Ok(Part { rows, next: next(&found) })
    }
}

/// What a key says to the API: itself, or the parts it has where the API goes on by more than one.
fn keys(after: &str) -> Vec<(String, String)> {
    match serde_json::from_str::<Value>(after) {
        Ok(Value::Object(parts)) => {
            let told = Value::Object(parts.clone());
            parts.keys().map(|name| (name.clone(), text(&told, name))).collect()
        }
        _ => vec![("after".to_owned(), after.to_owned())],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_of_parts_is_told_part_by_part() {
        let pair = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        assert_eq!(keys("019a-b"), [pair("after", "019a-b")]);
        assert_eq!(keys("42"), [pair("after", "42")]);
        assert_eq!(keys(r#"{"after":"x","after_year":2039}"#), [pair("after", "x"), pair("after_year", "2039")]);
    }
}
