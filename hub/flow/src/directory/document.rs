//! The directory as a document: a TOML file that a county keeps and imports.

use hub_signatures::certificate::Certificate;
use serde::Deserialize;
use serde_json::Value;

use super::model::{Agreement, Channel, Competence, LookupAgreement, LookupChannel, Party, SERVICE, Source, System};
use super::registers::Register;
use super::{Directory, Kind, Ledger, Versioned};
use crate::structure::{Delegation, Post, Staff, Unit};

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
    /// `[[unit]]`
    #[serde(default, rename = "unit")]
    pub units: Vec<Unit>,
    /// `[[post]]`
    #[serde(default, rename = "post")]
    pub posts: Vec<Post>,
    /// `[[staff]]`
    #[serde(default, rename = "staff")]
    pub staff: Vec<Staff>,
    /// `[[delegation]]`
    #[serde(default, rename = "delegation")]
    pub delegations: Vec<Delegation>,
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
    /// An institution's inner structure does not hang together, or what names its units names others.
    #[error("the structure of {party}: {cause}")]
    Structure {
        /// The institution.
        party: String,
        /// What is wrong.
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
pub struct Entry {
    /// Its kind.
    pub kind: Kind,
    /// Its id as stored: with the institution before it where ids are unique only there.
    pub id: String,
    /// What it says.
    pub document: Value,
}

impl DirectoryDocument {
    /// Its entries, in order of kind and as they stand.
    #[must_use]
    pub fn entries(&self) -> Vec<Entry> {
        fn all<T: serde::Serialize>(kind: Kind, of: &[T]) -> Vec<Entry> {
            of.iter().map(|one| Entry::of(kind, one)).collect()
        }
        [
            all(Kind::Party, &self.parties),
            all(Kind::System, &self.systems),
            all(Kind::Channel, &self.channels),
            all(Kind::Agreement, &self.agreements),
            all(Kind::Competence, &self.competences),
            all(Kind::LookupAgreement, &self.lookup_agreements),
            all(Kind::LookupChannel, &self.lookup_channels),
            all(Kind::Source, &self.sources),
            all(Kind::Register, &self.registers),
            all(Kind::Unit, &self.units),
            all(Kind::Post, &self.posts),
            all(Kind::Staff, &self.staff),
            all(Kind::Delegation, &self.delegations),
        ]
        .concat()
    }
}

impl Entry {
    /// An entry of a kind, as it is stored.
    fn of<T: serde::Serialize>(kind: Kind, one: &T) -> Self {
        let document = serde_json::to_value(one).expect("directory entries are plain data");
        let text = |name: &str| document[name].as_str().unwrap_or_default();
        // Those of two institutions may have the same id, so both make up the stored one.
        let id =
            if kind.is_within_party() { format!("{}/{}", text("party"), text("id")) } else { text("id").to_owned() };
        Self { kind, id, document }
    }

    /// Reads what was sent as an entry of a kind, and gives it the form in which it is stored.
    ///
    /// # Errors
    /// What field is missing, unknown or of another type, as the parser says it.
    pub fn read(kind: Kind, written: Value) -> Result<Self, serde_json::Error> {
        fn again<T: serde::Serialize + serde::de::DeserializeOwned>(
            kind: Kind,
            written: Value,
        ) -> Result<Entry, serde_json::Error> {
            Ok(Entry::of(kind, &serde_json::from_value::<T>(written)?))
        }
        match kind {
            Kind::Party => again::<Party>(kind, written),
            Kind::System => again::<System>(kind, written),
            Kind::Channel => again::<Channel>(kind, written),
            Kind::Agreement => again::<Agreement>(kind, written),
            Kind::Competence => again::<Competence>(kind, written),
            Kind::LookupAgreement => again::<LookupAgreement>(kind, written),
            Kind::LookupChannel => again::<LookupChannel>(kind, written),
            Kind::Source => again::<Source>(kind, written),
            Kind::Register => again::<Register>(kind, written),
            Kind::Unit => again::<Unit>(kind, written),
            Kind::Post => again::<Post>(kind, written),
            Kind::Staff => again::<Staff>(kind, written),
            Kind::Delegation => again::<Delegation>(kind, written),
        }
    }
}

impl Directory {
    /// The snapshot of a ledger, whose entries hang together.
    ///
    /// # Errors
    /// The first thing that does not.
    pub fn of(ledger: Ledger) -> Result<Self, DirectoryError> {
        let mut directory = Self::default();
        for (kind, id, held) in ledger.all() {
            if let Some(document) = &held.document {
                directory.add(kind, id, held.version, document)?;
            }
        }
        directory.ledger = ledger;
        directory.check()?;
        Ok(directory)
    }

    /// Adds one stored entry to the snapshot.
    pub(super) fn add(&mut self, kind: Kind, id: &str, version: i64, document: &Value) -> Result<(), DirectoryError> {
        fn read<T: serde::de::DeserializeOwned>(kind: Kind, id: &str, text: &Value) -> Result<T, DirectoryError> {
            let kind = kind.as_str().to_owned();
            let unreadable = |cause: String| DirectoryError::Unreadable { kind, id: id.to_owned(), cause };
            T::deserialize(text).map_err(|error| unreadable(error.to_string()))
        }
        match kind {
            Kind::Party => {
                self.parties.insert(id.to_owned(), Versioned { version, entry: read(kind, id, document)? });
            }
            Kind::System => {
                let entry: System = read(kind, id, document)?;
                if let Some(key) = &entry.key_sha256
                    && let Some(other) = self.systems_by_key.insert(key.clone(), id.to_owned())
                {
                    return Err(DirectoryError::SharedKey { id: id.to_owned(), other });
                }
                self.systems.insert(id.to_owned(), Versioned { version, entry });
            }
            Kind::Channel => {
                self.channels.insert(id.to_owned(), Versioned { version, entry: read(kind, id, document)? });
            }
            Kind::Source => {
                self.sources.insert(id.to_owned(), Versioned { version, entry: read(kind, id, document)? });
            }
            Kind::Agreement => {
                self.agreements.insert(id.to_owned(), Versioned { version, entry: read(kind, id, document)? });
            }
            Kind::LookupAgreement => {
                let entry = read(kind, id, document)?;
                self.lookup_agreements.insert(id.to_owned(), Versioned { version, entry });
            }
            Kind::LookupChannel => {
                self.lookup_channels.insert(id.to_owned(), Versioned { version, entry: read(kind, id, document)? });
            }
            Kind::Register => {
                let entry: Register = read(kind, id, document)?;
                let of_party = self.registers.entry(entry.party.clone()).or_default();
                of_party.insert(entry.id.clone(), Versioned { version, entry });
            }
            Kind::Competence => {
                let entry: Competence = read(kind, id, document)?;
                self.competences.entry(entry.party.clone()).or_default().push(Versioned { version, entry });
            }
            Kind::Unit => {
                let entry: Unit = read(kind, id, document)?;
                self.structures.entry(entry.party.clone()).or_default().units.insert(entry.id.clone(), entry);
            }
            Kind::Post => {
                let entry: Post = read(kind, id, document)?;
                self.structures.entry(entry.party.clone()).or_default().posts.insert(entry.id.clone(), entry);
            }
            Kind::Staff => {
                let entry: Staff = read(kind, id, document)?;
                self.structures.entry(entry.party.clone()).or_default().staff.insert(entry.id.clone(), entry);
            }
            Kind::Delegation => {
                let entry: Delegation = read(kind, id, document)?;
                let structure = self.structures.entry(entry.party.clone()).or_default();
                structure.delegations.insert(entry.id.clone(), entry);
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
        let systems = self.systems.values().map(|held| ("system", &held.entry.id, &held.entry.party));
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
        self.check_structures()?;
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

    /// Checks that structures hang together, and that what names units names theirs.
    fn check_structures(&self) -> Result<(), DirectoryError> {
        for (party, structure) in &self.structures {
            let wrong = |cause: String| DirectoryError::Structure { party: party.clone(), cause };
            if !self.parties.contains_key(party) {
                return Err(wrong("the institution is not in the directory".to_owned()));
            }
            structure.check().map_err(|fault| wrong(fault.to_string()))?;
            if !structure.is_defined() {
                continue;
            }
            let unknown = |kind: &str, id: &str, unit: &str| {
                wrong(format!("the {kind} {id} names the unit {unit}, which the structure does not have"))
            };
            for held in self.competences(party) {
                let Competence { id, unit, .. } = &held.entry;
                structure.units.get(unit).map(|_| ()).ok_or_else(|| unknown("competence", id, unit))?;
            }
            for held in self.registers.get(party).into_iter().flat_map(|of_party| of_party.values()) {
                for rights in &held.entry.units {
                    let (id, unit) = (&held.entry.id, &rights.unit);
                    structure.units.get(unit).map(|_| ()).ok_or_else(|| unknown("register", id, unit))?;
                }
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
    use super::super::Held;
    use super::*;
    use crate::clock::Timestamp;

    fn checked(toml: &str) -> Result<(), String> {
        let document: DirectoryDocument = toml::from_str(toml).map_err(|error| error.to_string())?;
        let mut ledger = Ledger::default();
        for entry in document.entries() {
            let held = Held::new(&entry.id, 1, Some(entry.document), (Timestamp(0), true));
            ledger.put(entry.kind, entry.id, held);
        }
        Directory::of(ledger).map(|_| ()).map_err(|error| error.to_string())
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
