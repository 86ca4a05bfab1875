//! What is asked, over which channel, and what allows it: decided before anything is written.

use std::time::Duration;

use connectors_contract::Manifest;
use connectors_contract::manifest::LookupOperation;

use crate::directory::{Enquiry, LookupAgreement, LookupChannel, Permission, Versioned};
use crate::hub::Hub;
use crate::lookup::reasons::{self, Said};
use crate::lookup::{Asked, Reasons};

use super::{Asking, NotAsked};

/// A matter: one operation, one caller, one set of reasons; one question of it, or several.
pub(super) struct Matter {
    pub asking: Asking,
    pub operation: LookupOperation,
    pub channel: Versioned<LookupChannel>,
    pub permission: Permission,
    pub reasons: Reasons,
}

impl Matter {
    pub(super) fn of(hub: &Hub, asking: Asking) -> Result<Self, NotAsked> {
        let (directory, day) = (hub.directory(), hub.clock.now().romanian_date());
        let code_lists = &hub.code_lists();
        let found = directory.party(&asking.party).and_then(|caller| {
            let (_, operation) = hub.connectors.operation(&asking.system, &asking.operation)?;
            let channel = directory.lookup_channel(caller, &asking.system, (code_lists, day))?;
            Some((caller.clone(), operation.clone(), channel.clone()))
        });
        let (caller, operation, channel) = found.ok_or(NotAsked::Unknown)?;
        let said = asking.said.clone().tidy();
        let violations = reasons::check(&said, operation.personal);
        if !violations.is_empty() {
            return Err(NotAsked::Invalid(violations));
        }
        let enquiry = Enquiry {
            caller: &caller,
            system: &asking.system,
            operation: &asking.operation,
            purpose: said.purpose.as_deref(),
            legal_basis: said.legal_basis.as_deref(),
            day,
        };
        let permission = directory.permit(enquiry, code_lists);
        let reasons = agreed(said, &permission);
        Ok(Self { asking, operation, channel, permission, reasons })
    }

    /// What the journal says of it.
    pub(super) fn asked(&self) -> Asked {
        let agreement = match &self.permission {
            Permission::Granted { agreement, version, .. } => Some((agreement.clone(), *version)),
            _ => None,
        };
        Asked {
            system: self.asking.system.clone(),
            operation: self.asking.operation.clone(),
            agreement,
            channel: (self.channel.entry.id.clone(), self.channel.version),
            discloses: self.operation.discloses.clone(),
            personal: self.operation.personal,
        }
    }
}

/// The reasons of the caller; what it left to the agreement is the agreement's.
fn agreed(said: Said, permission: &Permission) -> Reasons {
    let (purpose, legal_basis) = match permission {
        Permission::Granted { purpose, legal_basis, .. } => (purpose.clone(), legal_basis.clone()),
        _ => (said.purpose.unwrap_or_default(), said.legal_basis.unwrap_or_default()),
    };
    Reasons { purpose, legal_basis, case_number: said.case_number, user: said.user }
}

/// Something a caller may ask.
pub struct Askable<'a> {
    /// The system.
    pub manifest: &'a Manifest,
    /// The operation's name.
    pub name: &'a str,
    /// The operation.
    pub operation: &'a LookupOperation,
    /// How long an answer may be given again.
    pub fresh_for: Option<Duration>,
    /// The agreements in force that allow it; empty where only an agreement is missing.
    pub agreements: Vec<LookupAgreement>,
}

/// Everything a channel leads to for this caller, by system and operation, with the agreements that allow it today.
#[must_use]
pub fn askable<'a>(hub: &'a Hub, party: &str) -> Vec<Askable<'a>> {
    let (directory, day) = (hub.directory(), hub.clock.now().romanian_date());
    let code_lists = &hub.code_lists();
    let Some(caller) = directory.party(party) else { return Vec::new() };
    let mut all = Vec::new();
    for manifest in hub.connectors.registers() {
        if directory.lookup_channel(caller, &manifest.system, (code_lists, day)).is_none() {
            continue;
        }
        for (name, operation) in &manifest.lookups {
            let system = &manifest.system;
            let enquiry = Enquiry { caller, system, operation: name, purpose: None, legal_basis: None, day };
            let held = directory.lookup_agreements_of(enquiry, code_lists);
            let in_force = held.filter(|held| (held.entry.valid_from..=held.entry.valid_to).contains(&day));
            let agreements = in_force.map(|held| held.entry.clone()).collect();
            all.push(Askable { manifest, name, operation, fresh_for: operation.fresh_for, agreements });
        }
    }
    all
}
