//! Rows as lines of JSON, and back, without loss.
//!
//! Numbers are numbers, text is text; short bytes are `{"hex": …}`, longer ones a file of their own and here
//! `{"file": sha256}`. Columns are sorted by name, so that the same row is the same line whatever database it is from.

use anyhow::{Context as _, bail, ensure};
use hub_flow::db::Value;
use hub_flow::flow::transfer::Cells;
use openssl::sha::sha256;
use serde_json::{Map, Value as Json, json};

/// Bytes up to this length stand in the line: ids, hashes, salts.
const SHORT: usize = 64;

/// What the lines of a table have in common whatever their order: each line's SHA-256, all of them joined by exclusive or.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(in super::super) struct Digest {
    pub(in super::super) rows: u64,
    pub(in super::super) joined: [u8; 32],
}

impl Digest {
    pub(in super::super) fn add(&mut self, line: &str) {
        self.rows += 1;
        let hash = sha256(line.as_bytes());
        self.joined.iter_mut().zip(hash).for_each(|(joined, byte)| *joined ^= byte);
    }
}

/// The line of a row; `keep` gets the bytes that become files.
pub(in super::super) fn encode(
    cells: Cells,
    mut keep: impl FnMut([u8; 32], Vec<u8>) -> anyhow::Result<()>,
) -> anyhow::Result<String> {
    let mut sorted = cells;
    sorted.sort_by(|one, other| one.0.cmp(&other.0));
    let mut row = Map::new();
    for (column, value) in sorted {
        let value = match value {
            Value::Null => Json::Null,
            Value::Int(number) => number.into(),
            Value::Bool(truth) => truth.into(),
            Value::Text(text) => text.into(),
            Value::Blob(bytes) if bytes.len() <= SHORT => json!({ "hex": hex::encode(bytes) }),
            Value::Blob(bytes) => {
                let hash = sha256(&bytes);
                keep(hash, bytes)?;
                json!({ "file": hex::encode(hash) })
            }
        };
        row.insert(column, value);
    }
    Ok(Json::Object(row).to_string())
}

/// The row of a line; `fetch` gives the bytes that are files.
pub(in super::super) fn decode(
    line: &str,
    fetch: impl Fn(&[u8; 32]) -> anyhow::Result<Vec<u8>>,
) -> anyhow::Result<Cells> {
    let row: Map<String, Json> = serde_json::from_str(line).context("a line is no JSON object")?;
    let mut cells = Vec::with_capacity(row.len());
    for (column, value) in row {
        // It becomes part of a statement.
        let plain = column.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_');
        ensure!(plain && !column.is_empty() && column.len() < 64, "{column:?} is no name of a column");
        let value = match value {
            Json::Null => Value::Null,
            Json::Bool(truth) => Value::Bool(truth),
            Json::Number(number) => {
                Value::Int(number.as_i64().with_context(|| format!("{number} is no whole number"))?)
            }
            Json::String(text) => Value::Text(text),
            Json::Object(bytes) => Value::Blob(match (bytes.get("hex"), bytes.get("file")) {
                (Some(Json::String(text)), None) => hex::decode(text).context("bytes are not hexadecimal")?,
                (None, Some(Json::String(text))) => {
                    let mut hash = [0; 32];
                    hex::decode_to_slice(text, &mut hash).context("the name of a file is no SHA-256")?;
                    fetch(&hash)?
                }
                _ => bail!("{column} is neither hex nor file"),
            }),
            Json::Array(_) => bail!("{column} is a list"),
        };
        cells.push((column, value));
    }
    Ok(cells)
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use super::*;

    #[test]
    fn a_row_comes_back_as_it_was() {
        let row: Cells = vec![
            ("name".to_owned(), Value::Text("Țăndărei \"1\"\n".to_owned())),
            ("at".to_owned(), Value::Int(i64::MIN)),
            ("id".to_owned(), Value::Blob(vec![7; 16])),
            ("content".to_owned(), Value::Blob(vec![9; 5_000])),
            ("empty".to_owned(), Value::Blob(Vec::new())),
            ("nothing".to_owned(), Value::Null),
        ];
        let mut files = HashMap::new();
        let line = encode(row.clone(), |hash, bytes| {
            files.insert(hash, bytes);
            Ok(())
        })
        .unwrap();
        assert!(!line.contains('\n') && files.len() == 1);
        let mut back = decode(&line, |hash| Ok(files[hash].clone())).unwrap();
        let mut row = row;
        row.sort_by(|one, other| one.0.cmp(&other.0));
        back.sort_by(|one, other| one.0.cmp(&other.0));
        assert_eq!(row, back);
    }

    #[test]
    fn a_line_cannot_say_more_than_a_row() {
        let told = |line: &str| decode(line, |_| bail!("no file")).is_err();
        for line in [
            "",
            "[]",
            "{\"a\":[1]}",
            "{\"a\":1.5}",
            "{\"a) values (1); --\":1}",
            "{\"a\":{\"hex\":\"zz\"}}",
            "{\"a\":{\"file\":\"../x\"}}",
        ] {
            assert!(told(line), "{line}");
        }
    }
}
