//! Parties, systems, channels, agreements and competences: who may send what to whom, and why.
//!
//! A [`Directory`] is a snapshot, read on every message and replaced as a whole. Its entries are kept with every
//! version they ever had, so that a route taken last year can still be explained.

mod kind;
mod model;
mod ledger;
mod telling;
mod store;
mod document;
mod rules;
mod agreements;
mod changing;
mod importing;
mod lookups;
mod registers;

use std::collections::{BTreeMap, HashMap};

use jiff::civil::Date;
use schemas::CodeLists;
use schemas::code_lists::CodeListAt;

use crate::structure::Structure;

pub use agreements::{AgreementStanding, NoStep};
pub use changing::{Act, Change, Changed, Expected, NotChanged, change};
pub use document::{DirectoryDocument, DirectoryError, Entry};
pub use importing::{Broken, Imported, Importing, Outcome, Verdict, broken, import};
pub use kind::Kind;
pub use ledger::{Held, Ledger, Wanted};
pub use lookups::{Enquiry, Permission};
pub use model::{
    Agreement, AgreementState, Channel, Competence, INBOX, KnownAs, LookupAgreement, LookupChannel, Party,
    PartySelector, Registry, SERVICE, Signature, Source, System, Wrapping,
};
pub use registers::{
    Field, FieldKind, GENERAL, NumberFormat, Numbering, Register, Right, Series, UnitRights, UnusableFormat,
};
pub use rules::{Against, check as findings};
pub use store::{Former, ImportDirectory, LoadError, history, load, number};

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
    systems: BTreeMap<String, Versioned<System>>,
    /// Ids of systems by the SHA-256 of their key.
    systems_by_key: HashMap<String, String>,
    channels: HashMap<String, Versioned<Channel>>,
    agreements: BTreeMap<String, Versioned<Agreement>>,
    sources: BTreeMap<String, Versioned<Source>>,
    competences: HashMap<String, Vec<Versioned<Competence>>>,
    lookup_agreements: BTreeMap<String, Versioned<LookupAgreement>>,
    lookup_channels: BTreeMap<String, Versioned<LookupChannel>>,
    registers: BTreeMap<String, BTreeMap<String, Versioned<Register>>>,
    structures: BTreeMap<String, Structure>,
    ledger: Ledger,
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

/// Of institutions that defined no structure.
static NO_STRUCTURE: Structure =
    Structure { units: BTreeMap::new(), posts: BTreeMap::new(), staff: BTreeMap::new(), delegations: BTreeMap::new() };

impl Directory {
    /// The entries as they stand, for those who list them.
    #[must_use]
    pub fn ledger(&self) -> &Ledger {
        &self.ledger
    }

    /// The inner structure of an institution; empty where it defined none.
    #[must_use]
    pub fn structure(&self, party: &str) -> &Structure {
        self.structures.get(party).unwrap_or(&NO_STRUCTURE)
    }

    /// All agreements, in order of id.
    pub fn agreements(&self) -> impl Iterator<Item = &Versioned<Agreement>> {
        self.agreements.values()
    }

    /// The agreement with this id.
    #[must_use]
    pub fn agreement(&self, id: &str) -> Option<&Versioned<Agreement>> {
        self.agreements.get(id)
    }

    /// The parties a side of an agreement names, by id or by kind and county, in order of id.
    #[must_use]
    pub fn chosen<'a>(&'a self, selector: &PartySelector, places: Places<'_>) -> Vec<&'a Party> {
        let mut chosen: Vec<&Party> = self.parties().filter(|party| chosen(selector, party, places)).collect();
        chosen.sort_by(|left, right| left.id.cmp(&right.id));
        chosen
    }

    /// Whether an agreement names a party, by id or by kind and county.
    #[must_use]
    pub fn concerns(agreement: &Agreement, party: &Party, places: Places<'_>) -> bool {
        chosen(&agreement.senders, party, places) || chosen(&agreement.recipients, party, places)
    }

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
        self.system(self.systems_by_key.get(key_sha256)?)
    }

    /// The system with this id.
    #[must_use]
    pub fn system(&self, id: &str) -> Option<&System> {
        self.systems.get(id).map(|held| &held.entry)
    }

    /// The systems that speak for a party itself, in order of id.
    pub fn systems_of<'a>(&'a self, party: &'a str) -> impl Iterator<Item = &'a System> {
        self.systems.values().map(|held| &held.entry).filter(move |system| system.party == party)
    }

    /// Whether a system speaks for this party itself.
    #[must_use]
    pub fn has_system(&self, party: &str) -> bool {
        self.systems.values().any(|held| held.entry.party == party)
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

    /// Whether an agreement lets documents through only when they are sealed for their recipients.
    #[must_use]
    pub fn is_end_to_end(&self, agreement: &str) -> bool {
        self.agreements.get(agreement).is_some_and(|held| held.entry.end_to_end)
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
                && chosen(&agreement.recipients, sending.recipient, places)
                && agreement.state != AgreementState::Draft;
            let ended = agreement.state == AgreementState::Ended;
            if covers && !ended && (agreement.valid_from..=agreement.valid_to).contains(&sending.day) {
                return Cover::Covered { agreement: agreement.id.clone(), version: held.version };
            }
            if covers {
                expired = Cover::Expired { agreement: agreement.id.clone(), valid_to: agreement.last_day() };
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
pub struct Places<'a> {
    list: Option<CodeListAt<'a>>,
    day: Date,
}

impl<'a> Places<'a> {
    /// The territory as it was on a day.
    #[must_use]
    pub fn on(code_lists: &'a CodeLists, day: Date) -> Self {
        Self { list: code_lists.get("siruta").map(|list| list.at(day)), day }
    }

    /// The day.
    #[must_use]
    pub fn day(self) -> Date {
        self.day
    }

    /// Whether the code is in the list.
    #[must_use]
    pub fn contains(self, code: &str) -> bool {
        self.list.is_some_and(|list| list.contains(code))
    }

    /// Whether a place is the area, or lies in it: a locality in its UAT, a UAT in its county.
    #[must_use]
    pub fn within(self, code: &str, area: &str) -> bool {
        let Some(list) = self.list else { return code == area };
        code == area
            || list.uat_of(code).is_some_and(|uat| *uat.code == *area)
            || list.county_of(code).is_some_and(|county| *county.code == *area)
    }
}
