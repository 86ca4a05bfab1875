//! The entries of the directory as they stand, withdrawn ones included: for those who list and change them.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Bound;

use schemas::text::fold;
use serde_json::Value;

use crate::clock::Timestamp;

use super::Kind;

/// An entry as it stands.
#[derive(Debug, Clone)]
pub struct Held {
    /// 1 for the first version.
    pub version: i64,
    /// The entry; nothing once it is withdrawn.
    pub document: Option<Value>,
    /// When this version was written.
    pub recorded_at: Timestamp,
    /// Whether a file brought it, and not the API.
    pub by_file: bool,
    /// Its name, or its id, without diacritics in small letters.
    folded: String,
}

impl Held {
    /// An entry with what is searched in it.
    #[must_use]
    pub fn new(id: &str, version: i64, document: Option<Value>, (recorded_at, by_file): (Timestamp, bool)) -> Self {
        let name = document.as_ref().and_then(|document| document["name"].as_str());
        let folded = fold(&format!("{} {id}", name.unwrap_or_default()));
        Self { version, document, recorded_at, by_file, folded }
    }
}

/// What is looked for. All that is given must fit.
#[derive(Debug, Clone, Default)]
pub struct Wanted<'a> {
    /// A piece of the name or id; diacritics and capitals make no difference.
    pub text: Option<&'a str>,
    /// Fields that must have exactly this value: `kind`, `cui`, `siruta`, `party`, `system` …
    pub fields: Vec<(&'static str, &'a str)>,
    /// Withdrawn ones instead of those in force.
    pub withdrawn: bool,
    /// Only those with ids after this one.
    pub after: Option<&'a str>,
}

/// All entries, by kind and id.
#[derive(Debug, Clone, Default)]
pub struct Ledger {
    /// Counts every writing of the directory.
    pub number: i64,
    entries: BTreeMap<Kind, BTreeMap<String, Held>>,
    /// The institutions in force of each fiscal code.
    by_cui: BTreeMap<String, BTreeSet<String>>,
}

impl Ledger {
    /// One entry.
    #[must_use]
    pub fn get(&self, kind: Kind, id: &str) -> Option<&Held> {
        self.entries.get(&kind)?.get(id)
    }

    /// Puts an entry in its place.
    pub fn put(&mut self, kind: Kind, id: String, held: Held) {
        if kind == Kind::Party {
            let cui = |held: &Held| Some(held.document.as_ref()?["cui"].as_str()?.to_owned());
            if let Some(former) = self.get(kind, &id).and_then(cui) {
                self.by_cui.entry(former).or_default().remove(&id);
            }
            if let Some(cui) = cui(&held) {
                self.by_cui.entry(cui).or_default().insert(id.clone());
            }
        }
        self.entries.entry(kind).or_default().insert(id, held);
    }

    /// The institutions in force with a fiscal code, in order of id: a service without legal personality has its town's.
    pub fn with_cui(&self, cui: &str) -> impl Iterator<Item = (&String, &Held)> {
        let ids = self.by_cui.get(cui).into_iter().flatten();
        ids.filter_map(|id| Some((id, self.get(Kind::Party, id)?)))
    }

    /// All entries in order of kind and id.
    pub fn all(&self) -> impl Iterator<Item = (Kind, &String, &Held)> {
        self.entries.iter().flat_map(|(kind, held)| held.iter().map(|(id, held)| (*kind, id, held)))
    }

    /// The entries of a kind that fit, in order of id.
    pub fn search<'a>(&'a self, kind: Kind, wanted: &'a Wanted<'a>) -> impl Iterator<Item = (&'a String, &'a Held)> {
        let from = wanted.after.map_or(Bound::Unbounded, Bound::Excluded);
        let text = wanted.text.map(fold);
        let of_kind = self.entries.get(&kind).into_iter();
        let after = of_kind.flat_map(move |held| held.range::<str, _>((from, Bound::Unbounded)));
        after.filter(move |(_, held)| {
            held.document.is_none() == wanted.withdrawn
                && text.as_ref().is_none_or(|text| held.folded.contains(text.as_str()))
                && wanted.fields.iter().all(|(name, value)| {
                    held.document.as_ref().is_some_and(|document| document[*name].as_str() == Some(*value))
                })
        })
    }
}
