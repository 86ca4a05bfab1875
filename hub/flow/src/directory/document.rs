//! The directory as a document: a TOML file that a county keeps and imports.

use serde::Deserialize;
use serde_json::Value;

use super::model::{Agreement, Channel, Competence, Party, System};
use super::{Directory, Versioned};

/// A directory file: any number of entries of each kind.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DirectoryDocument {
    /// `[[party]]`
    #[serde(default, rename = "party")]
    pub parties: Vec<Party>,
    /// `[[system]]`
    #[serde(default, rename = "system")]
    pub systems: Vec<System>,
    /// `[[channel]]`
    #[serde(default, rename = "channel")]
    pub channels: Vec<Channel>,
    /// `[[agreement]]`
    #[serde(default, rename = "agreement")]
    pub agreements: Vec<Agreement>,
    /// `[[competence]]`
    #[serde(default, rename = "competence")]
    pub competences: Vec<Competence>,
}

/// Why a directory cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum DirectoryError {
    /// An entry names another that is not there.
    #[error(
        "the {kind} {id} names the {missing_kind} {missing}, which is not in the directory; add it or correct the name"
    )]
    Dangling {
        /// Kind of the entry.
        kind: &'static str,
        /// Its id.
        id: String,
        /// Kind it names.
        missing_kind: &'static str,
        /// Id it names.
        missing: String,
    },
    /// Two systems have one key, so that neither could be told from the other.
    #[error("the systems {id} and {other} have the same API key; give each its own")]
    SharedKey {
        /// One.
        id: String,
        /// The other.
        other: String,
    },
    /// A stored entry cannot be read.
    #[error("the stored {kind} {id} cannot be read: {cause}")]
    Unreadable {
        /// Kind of the entry.
        kind: String,
        /// Its id.
        id: String,
        /// What is wrong.
        cause: String,
    },
}

/// One entry as it is stored.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Entry {
    pub kind: &'static str,
    pub id: String,
    pub document: Value,
}

impl DirectoryDocument {
    pub(super) fn entries(&self) -> Vec<Entry> {
        fn all<T: serde::Serialize>(kind: &'static str, of: &[T], id: impl Fn(&T) -> &String) -> Vec<Entry> {
            let entry = |one: &T| Entry {
                kind,
                id: id(one).clone(),
                document: serde_json::to_value(one).expect("directory entries are plain data"),
            };
            of.iter().map(entry).collect()
        }
        [
            all("party", &self.parties, |one| &one.id),
            all("system", &self.systems, |one| &one.id),
            all("channel", &self.channels, |one| &one.id),
            all("agreement", &self.agreements, |one| &one.id),
            all("competence", &self.competences, |one| &one.id),
        ]
        .concat()
    }
}

impl Directory {
    /// Adds one stored entry to the snapshot.
    pub(super) fn add(&mut self, kind: &str, id: &str, version: i64, document: &str) -> Result<(), DirectoryError> {
        fn read<T: serde::de::DeserializeOwned>(kind: &str, id: &str, text: &str) -> Result<T, DirectoryError> {
            let unreadable =
                |cause: String| DirectoryError::Unreadable { kind: kind.to_owned(), id: id.to_owned(), cause };
            serde_json::from_str(text).map_err(|error| unreadable(error.to_string()))
        }
        match kind {
            "party" => {
                self.parties.insert(id.to_owned(), Versioned { version, entry: read(kind, id, document)? });
            }
            "system" => {
                let entry: System = read(kind, id, document)?;
                if let Some(other) = self.systems_by_key.get(&entry.key_sha256) {
                    let (id, other) = (id.to_owned(), other.entry.id.clone());
                    return Err(DirectoryError::SharedKey { id, other });
                }
                self.systems_by_key.insert(entry.key_sha256.clone(), Versioned { version, entry });
            }
            "channel" => {
                self.channels.insert(id.to_owned(), Versioned { version, entry: read(kind, id, document)? });
            }
            "agreement" => {
                self.agreements.insert(id.to_owned(), Versioned { version, entry: read(kind, id, document)? });
            }
            _ => {
                let entry: Competence = read(kind, id, document)?;
                self.competences.entry(entry.party.clone()).or_default().push(Versioned { version, entry });
            }
        }
        Ok(())
    }

    /// Checks that every name an entry uses is there.
    pub(super) fn check(&self) -> Result<(), DirectoryError> {
        let dangling = |kind, id: &str, missing_kind, missing: &str| DirectoryError::Dangling {
            kind,
            id: id.to_owned(),
            missing_kind,
            missing: missing.to_owned(),
        };
        let systems = self.systems_by_key.values().map(|held| ("system", &held.entry.id, &held.entry.party));
        let channels = self.channels.values().map(|held| ("channel", &held.entry.id, &held.entry.party));
        let competences = self.competences.values().flatten();
        let rules = competences.clone().map(|held| ("competence", &held.entry.id, &held.entry.party));
        for (kind, id, party) in systems.chain(channels).chain(rules) {
            if !self.parties.contains_key(party) {
                return Err(dangling(kind, id, "party", party));
            }
        }
        for held in self.parties.values() {
            let party = &held.entry;
            if let Some(missing) = party.delegate.as_ref().filter(|id| !self.parties.contains_key(*id)) {
                return Err(dangling("party", &party.id, "party", missing));
            }
            if let Some(missing) = party.notify.as_ref().filter(|id| !self.channels.contains_key(*id)) {
                return Err(dangling("party", &party.id, "channel", missing));
            }
        }
        for held in self.agreements.values() {
            let named = held.entry.senders.parties.iter().chain(&held.entry.recipients.parties);
            if let Some(missing) = named.into_iter().find(|party| !self.parties.contains_key(*party)) {
                return Err(dangling("agreement", &held.entry.id, "party", missing));
            }
        }
        for held in competences {
            if !self.channels.contains_key(&held.entry.channel) {
                return Err(dangling("competence", &held.entry.id, "channel", &held.entry.channel));
            }
        }
        Ok(())
    }
}
