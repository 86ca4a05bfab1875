//! The lists that come with the program, in the words of the others. Pure.

use jiff::civil::Date;
use schemas::code_lists::{CodeList, CodeListAt};

use super::{Entry, Page, Version};

/// The versions of a list of the program, the oldest first.
#[must_use]
pub fn builtin_versions(list: &CodeList) -> Vec<Version> {
    let version = |day: Date| Version {
        version: day.to_string(),
        source: "vine cu programul (schemas/code-lists)".to_owned(),
        sha256: None,
        entries: i64::try_from(list.at(day).entries().count()).unwrap_or(i64::MAX),
        by: None,
        clerk: None,
        reason: None,
        recorded_at: None,
    };
    list.versions().map(version).collect()
}

/// Entries of a list of the program on a day, in order of code.
#[must_use]
pub fn builtin_entries(list: CodeListAt<'_>, wanted: Page<'_>) -> Vec<Entry> {
    let mut entries: Vec<Entry> = list.entries().map(told).filter(|entry| wanted.wants(entry)).collect();
    entries.sort_by(|left, right| left.code.cmp(&right.code));
    entries.truncate(usize::try_from(wanted.limit).unwrap_or(usize::MAX));
    entries
}

/// An entry of a list of the program on a day.
#[must_use]
pub fn builtin_entry(list: CodeListAt<'_>, code: &str) -> Option<Entry> {
    list.entry(code).map(told)
}

fn told(entry: &schemas::code_lists::Entry) -> Entry {
    let text = |text: &Option<Box<str>>| text.as_ref().map(|text| text.to_string());
    Entry {
        code: entry.code.to_string(),
        ro: entry.ro.to_string(),
        en: text(&entry.en),
        kind: text(&entry.kind),
        parent: text(&entry.parent),
        valid_from: entry.valid_from.map(|day| day.to_string()),
        valid_to: entry.valid_to.map(|day| day.to_string()),
    }
}
