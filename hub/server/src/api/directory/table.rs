//! Entries as rows of a table: a column for each field, `senders.kind` for a field inside a field, `|` between the members of a
//! list. Pure.

use hub_register_files::{FileError, csv_rows};
use serde_json::{Map, Value, json};

/// Most rows of a table.
const MOST: usize = 20_000;
/// Fields that are lists.
const LISTS: [&str; 9] = [
    "document_types",
    "territory",
    "parties",
    "operations",
    "purposes",
    "data_categories",
    "permissions",
    "units",
    "signatures",
];
/// Fields that are numbers.
const NUMBERS: [&str; 2] = ["inbox_quota", "poll_seconds"];
/// Fields that are true or false.
const FLAGS: [&str; 3] = ["operator", "external", "end_to_end"];

/// A row, with the line it begins on.
pub(in crate::api) struct Row {
    pub line: usize,
    pub written: Value,
}

/// Reads a table.
pub(in crate::api) fn read(bytes: &[u8]) -> Result<Vec<Row>, FileError> {
    let mut rows = csv_rows(bytes, MOST + 1)?.into_iter();
    let Some((_, heading)) = rows.next() else { return Ok(Vec::new()) };
    let row = |(line, cells): (usize, Vec<String>)| {
        let mut written = Map::new();
        for (name, cell) in heading.iter().zip(&cells).filter(|(name, cell)| !name.is_empty() && !cell.is_empty()) {
            set(&mut written, name, cell);
        }
        Row { line, written: Value::Object(written) }
    };
    Ok(rows.map(row).collect())
}

fn set(fields: &mut Map<String, Value>, name: &str, cell: &str) {
    if let Some((outer, inner)) = name.split_once('.') {
        let nested = fields.entry(outer).or_insert_with(|| json!({}));
        if let Some(nested) = nested.as_object_mut() {
            set(nested, inner, cell);
        }
        return;
    }
    let value = if LISTS.contains(&name) {
        cell.split('|').map(str::trim).filter(|one| !one.is_empty()).collect()
    } else if NUMBERS.contains(&name) {
        cell.parse::<u64>().map_or_else(|_| json!(cell), |number| json!(number))
    } else if FLAGS.contains(&name) {
        json!(matches!(cell, "true" | "da" | "1"))
    } else {
        json!(cell)
    };
    fields.insert(name.to_owned(), value);
}

/// Writes a table of entries of one kind; columns in order of name, the id first.
pub(in crate::api) fn write<'a>(entries: impl Iterator<Item = &'a Value>) -> String {
    let rows: Vec<Vec<(String, String)>> = entries.map(|entry| flat("", entry)).collect();
    let mut names: Vec<&String> = rows.iter().flatten().map(|(name, _)| name).collect();
    names.sort_by_key(|name| (*name != "id", *name));
    names.dedup();
    if names.is_empty() {
        return "id\r\n".to_owned();
    }
    let mut text = names.iter().map(|name| cell(name)).collect::<Vec<_>>().join(";") + "\r\n";
    for row in &rows {
        let value = |name: &&String| row.iter().find(|(one, _)| one == *name).map_or("", |(_, value)| value.as_str());
        text += &(names.iter().map(|name| cell(value(name))).collect::<Vec<_>>().join(";") + "\r\n");
    }
    text
}

fn flat(before: &str, value: &Value) -> Vec<(String, String)> {
    let fields = value.as_object().into_iter().flatten();
    fields
        .flat_map(|(name, value)| match value {
            Value::Object(_) => flat(&format!("{before}{name}."), value),
            Value::Array(list) => {
                let words: Vec<&str> = list.iter().filter_map(Value::as_str).collect();
                vec![(format!("{before}{name}"), words.join("|"))]
            }
            Value::String(text) => vec![(format!("{before}{name}"), text.clone())],
            Value::Null => vec![],
            other => vec![(format!("{before}{name}"), other.to_string())],
        })
        .collect()
}

/// A cell; what a program would take for a formula gets the mark that the reader takes away again.
fn cell(text: &str) -> String {
    let guarded = if text.starts_with(['=', '+', '-', '@']) { format!("'{text}") } else { text.to_owned() };
    let text = guarded.as_str();
    if text.contains([';', '"', '\n', '\r', ',']) {
        format!("\"{}\"", text.replace('"', "\"\""))
    } else {
        text.to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read_again() {
        let entry = json!({
            "id": "a", "name": "Comuna; \"Șișești\"", "inbox_quota": 7, "external": true,
            "senders": {"parties": ["x", "y"], "kind": "uat"},
        });
        let text = write(std::iter::once(&entry));
        let rows = read(text.as_bytes()).expect("it is a table");
        assert_eq!(rows.len(), 1);
        assert_eq!(rows[0].written, entry, "{text}");
    }
}
