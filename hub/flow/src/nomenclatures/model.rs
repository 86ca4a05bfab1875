//! A version of a list, its entries, and how two differ.

use std::collections::BTreeMap;

use schemas::text::fold;
use serde::Serialize;

/// A version of a list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Version {
    /// First day in force.
    pub version: String,
    /// Where it is from, in words.
    pub source: String,
    /// SHA-256 of the file, hexadecimal; none for those of the program.
    pub sha256: Option<String>,
    /// How many entries it has.
    pub entries: i64,
    /// Who brought it, and why; none for those of the program.
    pub by: Option<String>,
    /// The person.
    pub clerk: Option<String>,
    /// Why.
    pub reason: Option<String>,
    /// When, UTC.
    pub recorded_at: Option<String>,
}

/// An entry of a list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Entry {
    /// As written in documents.
    pub code: String,
    /// What it means.
    pub ro: String,
    /// The same in English.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub en: Option<String>,
    /// What kind of thing it is, in lists that have kinds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub kind: Option<String>,
    /// Code of what it belongs to.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub parent: Option<String>,
    /// First day it may be used.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub valid_from: Option<String>,
    /// Last day it may be used.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub valid_to: Option<String>,
}

/// What is looked for in a version.
#[derive(Debug, Clone, Copy, Default)]
pub struct Page<'a> {
    /// A piece of the meaning; diacritics and capitals make no difference.
    pub text: Option<&'a str>,
    /// Of this parent alone.
    pub parent: Option<&'a str>,
    /// Of this kind alone.
    pub kind: Option<&'a str>,
    /// Only codes after this one.
    pub after: Option<&'a str>,
    /// At most so many.
    pub limit: i64,
}

impl Page<'_> {
    /// Whether an entry is looked for, by all but its place.
    #[must_use]
    pub fn wants(&self, entry: &Entry) -> bool {
        self.text.is_none_or(|text| fold(&entry.ro).contains(&fold(text)))
            && self.parent.is_none_or(|parent| entry.parent.as_deref() == Some(parent))
            && self.kind.is_none_or(|kind| entry.kind.as_deref() == Some(kind))
            && self.after.is_none_or(|after| entry.code.as_str() > after)
    }
}

/// How an entry differs between two versions.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "change", rename_all = "lowercase")]
pub enum Difference {
    /// It is new.
    Added {
        /// The entry.
        entry: Entry,
    },
    /// It is gone.
    Removed {
        /// The entry.
        entry: Entry,
    },
    /// It says something else.
    Changed {
        /// As it was.
        before: Entry,
        /// As it is.
        after: Entry,
    },
}

/// How two versions differ, in order of code.
#[must_use]
pub fn differences(before: Vec<Entry>, after: Vec<Entry>) -> Vec<Difference> {
    let mut all: BTreeMap<String, (Option<Entry>, Option<Entry>)> = BTreeMap::new();
    for entry in before {
        let place = all.entry(entry.code.clone()).or_default();
        place.0 = Some(entry);
    }
    for entry in after {
        let place = all.entry(entry.code.clone()).or_default();
        place.1 = Some(entry);
    }
    let differs = |(before, after): (Option<Entry>, Option<Entry>)| match (before, after) {
        (None, Some(entry)) => Some(Difference::Added { entry }),
        (Some(entry), None) => Some(Difference::Removed { entry }),
        (Some(before), Some(after)) if before != after => Some(Difference::Changed { before, after }),
        _ => None,
    };
    all.into_values().filter_map(differs).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(code: &str, ro: &str) -> Entry {
        let (code, ro) = (code.to_owned(), ro.to_owned());
        Entry { code, ro, en: None, kind: None, parent: None, valid_from: None, valid_to: None }
    }

    #[test]
    fn what_came_went_and_changed_is_told_in_order_of_code() {
        let before = vec![entry("1", "unu"), entry("2", "doi"), entry("3", "trei")];
        let after = vec![entry("4", "patru"), entry("3", "trei!"), entry("1", "unu")];
        let told = differences(before, after);
        assert_eq!(
            told,
            [
                Difference::Removed { entry: entry("2", "doi") },
                Difference::Changed { before: entry("3", "trei"), after: entry("3", "trei!") },
                Difference::Added { entry: entry("4", "patru") },
            ]
        );
    }
}
