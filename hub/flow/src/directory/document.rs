//! The directory as a document: a TOML file that a county keeps and imports.

use hub_signatures::certificate::Certificate;
use serde::Deserialize;
use serde_json::Value;

use super::model::{Agreement, Channel, Competence, LookupAgreement, LookupChannel, Party, SERVICE, Source, System};
use super::registers::Register;
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
    /// `[[lookup_agreement]]`
    #[serde(default, rename = "lookup_agreement")]
    pub lookup_agreements: Vec<LookupAgreement>,
    /// `[[lookup_channel]]`
    #[serde(default, rename = "lookup_channel")]
    pub lookup_channels: Vec<LookupChannel>,
    /// `[[source]]`
    #[serde(default, rename = "source")]
    pub sources: Vec<Source>,
    /// `[[register]]`
    #[serde(default, rename = "register")]
    pub registers: Vec<Register>,
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
    /// A channel relays through a party that is no delivery service.
    #[error("the channel {id} relays through {party}, which is not of kind erds; correct the partner or its kind")]
    NotAService {
        /// The channel.
        id: String,
        /// The party it names.
        party: String,
    },
    /// A delivery service without usable certificates could never be believed.
    #[error("the delivery service {id} needs evidence_certificate, in PEM or as file:PATH: {cause}")]
    NoCertificate {
        /// The party.
        id: String,
        /// What is wrong.
        cause: String,
    },
    /// An agreement names something that is no operation of a system.
    #[error(
        "the lookup agreement {id} names {operation:?}, write <system>.<operation>, or <system>.* for all of a system"
    )]
    NotAnOperation {
        /// The agreement.
        id: String,
        /// What it names.
        operation: String,
    },
    /// A register cannot be kept by its definition.
    #[error("the register {id} of {party}: {cause}")]
    UnusableRegister {
        /// Its institution.
        party: String,
        /// The register.
        id: String,
        /// What is wrong with it.
        cause: String,
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
            all("lookup_agreement", &self.lookup_agreements, |one| &one.id),
            all("lookup_channel", &self.lookup_channels, |one| &one.id),
            all("source", &self.sources, |one| &one.id),
            self.registers.iter().map(register_entry).collect(),
        ]
        .concat()
    }
}

/// Registers of two institutions may have the same id, so both make up the stored one.
fn register_entry(register: &Register) -> Entry {
    Entry {
        kind: "register",
        id: format!("{}/{}", register.party, register.id),
        document: serde_json::to_value(register).expect("directory entries are plain data"),
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
            "source" => {
                self.sources.insert(id.to_owned(), Versioned { version, entry: read(kind, id, document)? });
            }
            "agreement" => {
                self.agreements.insert(id.to_owned(), Versioned { version, entry: read(kind, id, document)? });
            }
            "lookup_agreement" => {
                let entry = read(kind, id, document)?;
                self.lookup_agreements.insert(id.to_owned(), Versioned { version, entry });
            }
            "lookup_channel" => {
                self.lookup_channels.insert(id.to_owned(), Versioned { version, entry: read(kind, id, document)? });
            }
            "register" => {
                let entry: Register = read(kind, id, document)?;
                let of_party = self.registers.entry(entry.party.clone()).or_default();
                of_party.insert(entry.id.clone(), Versioned { version, entry });
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
        for held in self.sources.values() {
            let source = &held.entry;
            let recipient = source.wrapping.as_ref().map(|wrapping| &wrapping.recipient);
            for party in std::iter::once(&source.party).chain(recipient) {
                if !self.parties.contains_key(party) {
                    return Err(dangling("source", &source.id, "party", party));
                }
            }
        }
        self.check_services()?;
        self.check_registers()?;
        self.check_lookups()?;
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

    /// Checks that what is relayed goes to services whose evidence can be believed.
    fn check_services(&self) -> Result<(), DirectoryError> {
        for held in self.channels.values() {
            let (id, Some(partner)) = (&held.entry.id, &held.entry.partner) else { continue };
            if !self.parties.contains_key(partner) {
                let (id, missing) = (id.clone(), partner.clone());
                return Err(DirectoryError::Dangling { kind: "channel", id, missing_kind: "party", missing });
            }
            if self.service(partner).is_none() {
                return Err(DirectoryError::NotAService { id: id.clone(), party: partner.clone() });
            }
        }
        for service in self.parties().filter(|party| party.kind == SERVICE) {
            let wrong = |cause: String| DirectoryError::NoCertificate { id: service.id.clone(), cause };
            let given = service.evidence_certificate.as_deref().ok_or_else(|| wrong("it is absent".to_owned()))?;
            // A reference is followed when evidence is judged: its file may be renewed meanwhile.
            if given.contains("-----BEGIN") {
                Certificate::all_from_pem(given.as_bytes()).map_err(|error| wrong(error.to_string()))?;
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn checked(toml: &str) -> Result<(), String> {
        let document: DirectoryDocument = toml::from_str(toml).map_err(|error| error.to_string())?;
        let mut directory = Directory::default();
        for entry in document.entries() {
            let added = directory.add(entry.kind, &entry.id, 1, &entry.document.to_string());
            added.map_err(|error| error.to_string())?;
        }
        directory.check().map_err(|error| error.to_string())
    }

    #[test]
    fn what_is_relayed_goes_to_a_service_whose_evidence_can_be_believed() {
        let town = "[[party]]\nid = 'town'\nname = 'T'\nkind = 'uat'\n";
        let way = "[[channel]]\nid = 'way'\nparty = 'town'\nsystem = 'hub'\npartner = 'other'\n";
        let other = "[[party]]\nid = 'other'\nname = 'O'\nkind = 'erds'\n";
        let certificate = "evidence_certificate = 'file:/etc/other.pem'\n";
        assert_eq!(checked(&format!("{other}{certificate}{town}{way}")), Ok(()));
        for (wrong, why) in [
            (format!("{town}{way}"), "names the party other"),
            (format!("{town}{way}{}", other.replace("erds", "uat")), "not of kind erds"),
            (format!("{town}{way}{other}"), "needs evidence_certificate"),
            (format!("{other}evidence_certificate = '-----BEGIN nothing'\n"), "needs evidence_certificate"),
        ] {
            let error = checked(&wrong).expect_err("it does not hang together");
            assert!(error.contains(why), "{error}");
        }
    }
}
