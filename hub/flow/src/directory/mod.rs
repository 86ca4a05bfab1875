//! Parties, systems, channels, agreements and competences: who may send what to whom, and why.
//!
//! A [`Directory`] is a snapshot, read on every message and replaced as a whole. Its entries are kept with every
//! version they ever had, so that a route taken last year can still be explained.

mod model;
mod store;
mod document;
mod lookups;
mod registers;

use std::collections::{BTreeMap, HashMap};

use jiff::civil::Date;
use schemas::CodeLists;
use schemas::code_lists::CodeListAt;

pub use document::{DirectoryDocument, DirectoryError};
pub use lookups::{Enquiry, Permission};
pub use model::{
    Agreement, Channel, Competence, INBOX, KnownAs, LookupAgreement, LookupChannel, Party, PartySelector, Registry,
    SERVICE, Source, System, Wrapping,
};
pub use registers::{
    Field, FieldKind, GENERAL, NumberFormat, Numbering, Register, Right, Series, UnitRights, UnusableFormat,
};
pub use store::{ImportDirectory, LoadError, load};

/// An entry and the version of it that is in force.
#[derive(Debug, Clone)]
pub struct Versioned<T> {
    /// 1 for the first version.
    pub version: i64,
    /// The entry.
    pub entry: T,
}

/// A snapshot of the directory.
#[derive(Debug, Default)]
pub struct Directory {
    parties: HashMap<String, Versioned<Party>>,
    systems_by_key: HashMap<String, Versioned<System>>,
    channels: HashMap<String, Versioned<Channel>>,
    agreements: BTreeMap<String, Versioned<Agreement>>,
    sources: BTreeMap<String, Versioned<Source>>,
    competences: HashMap<String, Vec<Versioned<Competence>>>,
    lookup_agreements: BTreeMap<String, Versioned<LookupAgreement>>,
    lookup_channels: BTreeMap<String, Versioned<LookupChannel>>,
    registers: BTreeMap<String, BTreeMap<String, Versioned<Register>>>,
}

/// Whether an agreement covers a sending.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Cover {
    /// This agreement does.
    Covered {
        /// Its id.
        agreement: String,
        /// Its version.
        version: i64,
    },
    /// One did, but it is not in force on that day.
    Expired {
        /// Its id.
        agreement: String,
        /// Its last day in force.
        valid_to: Date,
    },
    /// None does.
    None,
}

/// A sending to be covered by an agreement.
#[derive(Debug, Clone, Copy)]
pub struct Sending<'a> {
    /// Who sends.
    pub sender: &'a Party,
    /// Who receives.
    pub recipient: &'a Party,
    /// What.
    pub document_type: &'a str,
    /// Why.
    pub purpose: &'a str,
    /// When.
    pub day: Date,
}

impl Directory {
    /// The party with this id.
    #[must_use]
    pub fn party(&self, id: &str) -> Option<&Party> {
        self.parties.get(id).map(|held| &held.entry)
    }

    /// Whether a party may act for another: as itself, or as its delegate.
    #[must_use]
    pub fn acts_for(&self, actor: &str, party: &str) -> bool {
        actor == party || self.party(party).is_some_and(|party| party.delegate.as_deref() == Some(actor))
    }

    /// The parties whose delegate this one is, in no order.
    pub fn delegating_to<'a>(&'a self, delegate: &'a str) -> impl Iterator<Item = &'a Party> {
        self.parties().filter(move |party| party.delegate.as_deref() == Some(delegate))
    }

    /// All parties, in no order.
    pub fn parties(&self) -> impl Iterator<Item = &Party> {
        self.parties.values().map(|held| &held.entry)
    }

    /// The system that holds the API key with this SHA-256 (hexadecimal).
    #[must_use]
    pub fn system_by_key(&self, key_sha256: &str) -> Option<&System> {
        self.systems_by_key.get(key_sha256).map(|held| &held.entry)
    }

    /// The systems that speak for a party itself, in no order.
    pub fn systems_of<'a>(&'a self, party: &'a str) -> impl Iterator<Item = &'a System> {
        self.systems_by_key.values().map(|held| &held.entry).filter(move |system| system.party == party)
    }

    /// Whether a system speaks for this party itself.
    #[must_use]
    pub fn has_system(&self, party: &str) -> bool {
        self.systems_by_key.values().any(|held| held.entry.party == party)
    }

    /// The other delivery service of this id.
    #[must_use]
    pub fn service(&self, id: &str) -> Option<&Party> {
        self.party(id).filter(|party| party.kind == SERVICE)
    }

    /// The delivery service a party is reached through, where it has no place of its own here.
    #[must_use]
    pub fn reached_through(&self, party: &str) -> Option<&str> {
        let rules = self.competences(party).iter();
        rules.filter_map(|held| self.channel(&held.entry.channel)?.entry.partner.as_deref()).next()
    }

    /// The channel with this id.
    #[must_use]
    pub fn channel(&self, id: &str) -> Option<&Versioned<Channel>> {
        self.channels.get(id)
    }

    /// All channels, in no order.
    pub fn channels(&self) -> impl Iterator<Item = &Versioned<Channel>> {
        self.channels.values()
    }

    /// The source with this id.
    #[must_use]
    pub fn source(&self, id: &str) -> Option<&Versioned<Source>> {
        self.sources.get(id)
    }

    /// All sources, in order of id.
    pub fn sources(&self) -> impl Iterator<Item = &Versioned<Source>> {
        self.sources.values()
    }

    /// The rules of competence of a party, in order of id.
    #[must_use]
    pub fn competences(&self, party: &str) -> &[Versioned<Competence>] {
        self.competences.get(party).map_or(&[], Vec::as_slice)
    }

    /// Looks for an agreement that covers the sending; the purpose it names must be the envelope's.
    #[must_use]
    pub fn cover(&self, sending: Sending<'_>, code_lists: &CodeLists) -> Cover {
        let places = Places::on(code_lists, sending.day);
        let mut expired = Cover::None;
        for held in self.agreements.values() {
            let agreement = &held.entry;
            let covers = agreement.document_types.iter().any(|name| name == sending.document_type)
                && agreement.purpose == sending.purpose
                && chosen(&agreement.senders, sending.sender, places)
                && chosen(&agreement.recipients, sending.recipient, places);
            if covers && (agreement.valid_from..=agreement.valid_to).contains(&sending.day) {
                return Cover::Covered { agreement: agreement.id.clone(), version: held.version };
            }
            if covers {
                expired = Cover::Expired { agreement: agreement.id.clone(), valid_to: agreement.valid_to };
            }
        }
        expired
    }
}

fn chosen(selector: &PartySelector, party: &Party, places: Places<'_>) -> bool {
    if selector.parties.contains(&party.id) {
        return true;
    }
    let Some(kind) = &selector.kind else { return false };
    let within = |county: &String| party.siruta.as_deref().is_some_and(|code| places.within(code, county));
    *kind == party.kind && selector.county.as_ref().is_none_or(within)
}

/// The territory of Romania on a day, by SIRUTA code.
#[derive(Clone, Copy)]
pub struct Places<'a>(Option<CodeListAt<'a>>);

impl<'a> Places<'a> {
    /// The territory as it was on a day.
    #[must_use]
    pub fn on(code_lists: &'a CodeLists, day: Date) -> Self {
        Self(code_lists.get("siruta").map(|list| list.at(day)))
    }

    /// Whether the code is in the list.
    #[must_use]
    pub fn contains(self, code: &str) -> bool {
        self.0.is_some_and(|list| list.contains(code))
    }

    /// Whether a place is the area, or lies in it: a locality in its UAT, a UAT in its county.
    #[must_use]
    pub fn within(self, code: &str, area: &str) -> bool {
        let Some(list) = self.0 else { return code == area };
        code == area
            || list.uat_of(code).is_some_and(|uat| *uat.code == *area)
            || list.county_of(code).is_some_and(|county| *county.code == *area)
    }
}
