//! Reading one version of a code list from CSV (`;`, UTF-8, heading, no quoting).
//!
//! Columns are found by their heading: `code` and `ro` (or `name`) must be there; `en`, `valid_from`, `valid_to`, `kind` and
//! `parent` may. Other columns are for the reader of the file.

use std::collections::HashMap;

use jiff::civil::Date;

use super::Entry;

/// One version of a list.
#[derive(Debug)]
pub(super) struct Version {
    /// First day in force.
    pub in_force: Date,
    /// Rows in file order.
    pub entries: Vec<Entry>,
    /// Row index by code.
    pub by_code: HashMap<Box<str>, u32>,
}

/// Reads a version. Errors: line number from 1 and what is wrong there.
pub(super) fn read(in_force: Date, text: &str) -> Result<Version, (usize, &'static str)> {
    let mut lines = text.trim_start_matches('\u{feff}').lines();
    let heading: Vec<&str> = lines.next().unwrap_or_default().split(';').collect();
    let column = |name: &str| heading.iter().position(|heading| *heading == name);
    let code = column("code").ok_or((1, "the column code is missing"))?;
    let ro = column("ro").or_else(|| column("name")).ok_or((1, "the column ro (or name) is missing"))?;
    let (en, kind, parent) = (column("en"), column("kind"), column("parent"));
    let (valid_from, valid_to) = (column("valid_from"), column("valid_to"));

    let mut version = Version { in_force, entries: Vec::new(), by_code: HashMap::new() };
    for (index, line) in lines.enumerate().filter(|(_, line)| !line.is_empty()) {
        let line_number = index + 2;
        let fields: Vec<&str> = line.split(';').collect();
        if fields.len() != heading.len() {
            return Err((line_number, "the row does not have as many fields as the heading"));
        }
        let optional = |column: Option<usize>| column.map(|at| fields[at]).filter(|field| !field.is_empty());
        let day = |column| match optional(column).map(str::parse::<Date>) {
            None => Ok(None),
            Some(Ok(day)) => Ok(Some(day)),
            Some(Err(_)) => Err((line_number, "a validity is not a day written as 2025-01-31")),
        };
        let entry = Entry {
            code: fields[code].into(),
            ro: fields[ro].into(),
            en: optional(en).map(Into::into),
            kind: optional(kind).map(Into::into),
            parent: optional(parent).map(Into::into),
            valid_from: day(valid_from)?,
            valid_to: day(valid_to)?,
        };
        let position = u32::try_from(version.entries.len()).map_err(|_| (line_number, "the list is too long"))?;
        if version.by_code.insert(entry.code.clone(), position).is_some() {
            return Err((line_number, "the code stands in the list twice"));
        }
        version.entries.push(entry);
    }
    check_parents(&version)?;
    Ok(version)
}

/// A version of entries that were read elsewhere. Errors: as [`read`], the heading counted as a line.
pub(super) fn of_entries(in_force: Date, entries: Vec<Entry>) -> Result<Version, (usize, &'static str)> {
    let mut version = Version { in_force, entries, by_code: HashMap::new() };
    for (index, entry) in version.entries.iter().enumerate() {
        let position = u32::try_from(index).map_err(|_| (index + 2, "the list is too long"))?;
        if version.by_code.insert(entry.code.clone(), position).is_some() {
            return Err((index + 2, "the code stands in the list twice"));
        }
    }
    check_parents(&version)?;
    Ok(version)
}

/// County, unit, locality; the rest guards against parents that form a ring.
const DEEPEST: usize = 8;

fn check_parents(version: &Version) -> Result<(), (usize, &'static str)> {
    for (index, entry) in version.entries.iter().enumerate() {
        let mut entry = entry;
        let mut depth = 0;
        while let Some(parent) = &entry.parent {
            let position = version.by_code.get(parent).ok_or((index + 2, "the parent is not in the list"))?;
            entry = &version.entries[*position as usize];
            depth += 1;
            if depth > DEEPEST {
                return Err((index + 2, "the parents form a ring"));
            }
        }
    }
    Ok(())
}
