//! A code list and the view of it at a date.

use std::sync::Arc;

use jiff::civil::Date;

use super::table::Version;

/// One row of a code list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// The code, as written in documents.
    pub code: Box<str>,
    /// Meaning in Romanian.
    pub ro: Box<str>,
    /// Meaning in English, when the list gives one.
    pub en: Option<Box<str>>,
    /// Kind of row, when the list has kinds (`siruta`: `judet`, `municipiu`, `oras`, `comuna`, `sat`, …).
    pub kind: Option<Box<str>>,
    /// Code of the parent row, when the list is a tree.
    pub parent: Option<Box<str>>,
    /// First day the code may be used; open when absent.
    pub valid_from: Option<Date>,
    /// Last day the code may be used; open when absent.
    pub valid_to: Option<Date>,
}

impl Entry {
    fn is_valid_on(&self, date: Date) -> bool {
        self.valid_from.is_none_or(|from| from <= date) && self.valid_to.is_none_or(|to| date <= to)
    }
}

/// A code list with all its versions.
#[derive(Debug)]
pub struct CodeList {
    name: Box<str>,
    /// Oldest first, never empty.
    versions: Vec<Arc<Version>>,
}

impl CodeList {
    pub(super) fn new(name: &str, versions: Vec<Version>) -> Self {
        let mut versions: Vec<_> = versions.into_iter().map(Arc::new).collect();
        versions.sort_by_key(|version| version.in_force);
        Self { name: name.into(), versions }
    }

    /// This list with a further version, in place of one of the same day.
    pub(super) fn with(&self, further: Version) -> Self {
        let kept = self.versions.iter().filter(|version| version.in_force != further.in_force).cloned();
        let mut versions: Vec<_> = kept.collect();
        versions.push(Arc::new(further));
        versions.sort_by_key(|version| version.in_force);
        Self { name: self.name.clone(), versions }
    }

    /// Name of the list, e.g. `grad-handicap`.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The list as in force on a day. Before the first version we hold, the oldest one stands in.
    pub fn at(&self, date: Date) -> CodeListAt<'_> {
        let in_force = self.versions.iter().rev().find(|version| version.in_force <= date);
        CodeListAt { version: in_force.unwrap_or(&self.versions[0]), date }
    }

    /// First days of the versions, oldest first.
    pub fn versions(&self) -> impl Iterator<Item = Date> {
        self.versions.iter().map(|version| version.in_force)
    }
}

/// A code list on a day.
#[derive(Debug, Clone, Copy)]
pub struct CodeListAt<'a> {
    version: &'a Version,
    date: Date,
}

impl<'a> CodeListAt<'a> {
    /// Whether the code may be used on the day.
    pub fn contains(&self, code: &str) -> bool {
        self.entry(code).is_some()
    }

    /// The row of a code that may be used on the day.
    pub fn entry(&self, code: &str) -> Option<&'a Entry> {
        let position = *self.version.by_code.get(code)?;
        Some(&self.version.entries[position as usize]).filter(|entry| entry.is_valid_on(self.date))
    }

    /// Meaning of a code in Romanian.
    pub fn label(&self, code: &str) -> Option<&'a str> {
        self.entry(code).map(|entry| &*entry.ro)
    }

    /// Meaning of a code in English, when the list gives one.
    pub fn label_en(&self, code: &str) -> Option<&'a str> {
        self.entry(code)?.en.as_deref()
    }

    /// All rows that may be used on the day, in list order.
    pub fn entries(&self) -> impl Iterator<Item = &'a Entry> + use<'a> {
        let date = self.date;
        self.version.entries.iter().filter(move |entry| entry.is_valid_on(date))
    }

    /// For `siruta`: the administrative unit (commune, town, municipality) a locality, sector or unit belongs to.
    /// `None` for a county, which belongs to none, and for unknown codes.
    pub fn uat_of(&self, code: &str) -> Option<&'a Entry> {
        let (mut entry, mut parent) = self.with_parent(self.entry(code)?)?;
        while parent.parent.is_some() {
            (entry, parent) = self.with_parent(parent)?;
        }
        Some(entry)
    }

    /// For `siruta`: the county of a code; a county is its own.
    pub fn county_of(&self, code: &str) -> Option<&'a Entry> {
        let mut entry = self.entry(code)?;
        while let Some((_, parent)) = self.with_parent(entry) {
            entry = parent;
        }
        Some(entry)
    }

    /// The row and its parent; `None` at the top. Walks end because a version whose parents form a ring is not read.
    fn with_parent(&self, entry: &'a Entry) -> Option<(&'a Entry, &'a Entry)> {
        Some((entry, self.entry(entry.parent.as_deref()?)?))
    }
}
