//! Who may ask a register what, and over which channel. Pure: a question goes in, the agreement that allows it, or what
//! is missing, comes out.

use jiff::civil::Date;
use schemas::CodeLists;

use super::document::DirectoryError;
use super::model::{LookupAgreement, LookupChannel, Party};
use super::{Directory, Places, Versioned, chosen};

/// A question to be covered by a lookup agreement.
#[derive(Debug, Clone, Copy)]
pub struct Enquiry<'a> {
    /// Who asks.
    pub caller: &'a Party,
    /// The system.
    pub system: &'a str,
    /// Its operation.
    pub operation: &'a str,
    /// Why, where it is said.
    pub purpose: Option<&'a str>,
    /// On what basis, where it is said.
    pub legal_basis: Option<&'a str>,
    /// When.
    pub day: Date,
}

/// Whether an agreement allows a question. What comes nearest is told, so that the caller knows what is missing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Permission {
    /// This one does.
    Granted {
        /// Its id.
        agreement: String,
        /// Its version.
        version: i64,
        /// The purpose of the question: the caller's, or the agreement's where the caller said none.
        purpose: String,
        /// The basis of the question, likewise.
        legal_basis: String,
    },
    /// One does, but is not in force on that day.
    NotInForce {
        /// Its id.
        agreement: String,
        /// Its first day.
        valid_from: Date,
        /// Its last day.
        valid_to: Date,
    },
    /// The caller may ask this for the purpose, on another basis.
    OtherBasis {
        /// The bases there are.
        bases: Vec<String>,
    },
    /// The caller may ask this, for other purposes.
    OtherPurpose {
        /// The purposes there are.
        purposes: Vec<String>,
    },
    /// No agreement lets this caller ask this.
    None,
}

impl Directory {
    /// Looks for an agreement that covers the question.
    #[must_use]
    pub fn permit(&self, enquiry: Enquiry<'_>, code_lists: &CodeLists) -> Permission {
        let named: Vec<_> = self.lookup_agreements_of(enquiry, code_lists).collect();
        let purposes = |held: &&&Versioned<LookupAgreement>| {
            enquiry.purpose.is_none_or(|purpose| held.entry.purposes.iter().any(|one| one == purpose))
        };
        let for_purpose: Vec<_> = named.iter().filter(purposes).collect();
        let on_basis = |held: &&&&Versioned<LookupAgreement>| {
            enquiry.legal_basis.is_none_or(|basis| rests_on(basis, &held.entry.legal_basis))
        };
        let mut based = for_purpose.iter().filter(on_basis).peekable();
        let Some(last) = based.peek().copied() else {
            let mut bases: Vec<String> = for_purpose.iter().map(|held| held.entry.legal_basis.clone()).collect();
            bases.dedup();
            if !bases.is_empty() {
                return Permission::OtherBasis { bases };
            }
            let mut purposes: Vec<String> = named.iter().flat_map(|held| held.entry.purposes.clone()).collect();
            purposes.sort();
            purposes.dedup();
            return if named.is_empty() { Permission::None } else { Permission::OtherPurpose { purposes } };
        };
        let (agreement, valid_from, valid_to) = (last.entry.id.clone(), last.entry.valid_from, last.entry.valid_to);
        match based.find(|held| (held.entry.valid_from..=held.entry.valid_to).contains(&enquiry.day)) {
            Some(held) => Permission::Granted {
                agreement: held.entry.id.clone(),
                version: held.version,
                purpose: said(enquiry.purpose, held.entry.purposes.first()),
                legal_basis: said(enquiry.legal_basis, Some(&held.entry.legal_basis)),
            },
            None => Permission::NotInForce { agreement, valid_from, valid_to },
        }
    }

    /// The agreements that name this caller and this operation, whatever the purpose, the basis and the day.
    pub fn lookup_agreements_of<'a>(
        &'a self,
        enquiry: Enquiry<'a>,
        code_lists: &'a CodeLists,
    ) -> impl Iterator<Item = &'a Versioned<LookupAgreement>> {
        let places = Places::on(code_lists, enquiry.day);
        self.lookup_agreements.values().filter(move |held| {
            let mut operations = held.entry.operations.iter();
            operations.any(|one| names(one, enquiry.system, enquiry.operation))
                && chosen(&held.entry.callers, enquiry.caller, places)
        })
    }

    /// The channel a caller's questions to a system go over: one that names the caller before one for everybody.
    #[must_use]
    pub fn lookup_channel(
        &self,
        caller: &Party,
        system: &str,
        (code_lists, day): (&CodeLists, Date),
    ) -> Option<&Versioned<LookupChannel>> {
        let places = Places::on(code_lists, day);
        let reaching = || self.lookup_channels.values().filter(|held| held.entry.system == system);
        let own = |held: &&Versioned<LookupChannel>| {
            held.entry.callers.as_ref().is_some_and(|callers| chosen(callers, caller, places))
        };
        reaching().find(own).or_else(|| reaching().find(|held| held.entry.callers.is_none()))
    }

    /// The channel with this id.
    #[must_use]
    pub fn lookup_channel_by_id(&self, id: &str) -> Option<&Versioned<LookupChannel>> {
        self.lookup_channels.get(id)
    }

    /// All channels for lookups, in order of id.
    pub fn lookup_channels(&self) -> impl Iterator<Item = &Versioned<LookupChannel>> {
        self.lookup_channels.values()
    }

    /// All agreements for lookups, in order of id.
    pub fn lookup_agreements(&self) -> impl Iterator<Item = &Versioned<LookupAgreement>> {
        self.lookup_agreements.values()
    }

    /// Checks that agreements and channels for lookups name what is there.
    pub(super) fn check_lookups(&self) -> Result<(), DirectoryError> {
        let dangling = |kind, id: &str, missing: &str| DirectoryError::Dangling {
            kind,
            id: id.to_owned(),
            missing_kind: "party",
            missing: missing.to_owned(),
        };
        for held in self.lookup_agreements.values() {
            let mut parties = held.entry.callers.parties.iter();
            if let Some(missing) = parties.find(|party| !self.parties.contains_key(*party)) {
                return Err(dangling("lookup_agreement", &held.entry.id, missing));
            }
            let formed = |one: &&String| {
                one.split_once('.').is_none_or(|(system, operation)| system.is_empty() || operation.is_empty())
            };
            if let Some(wrong) = held.entry.operations.iter().find(formed) {
                let (id, operation) = (held.entry.id.clone(), wrong.clone());
                return Err(DirectoryError::NotAnOperation { id, operation });
            }
        }
        for held in self.lookup_channels.values() {
            let mut parties = held.entry.callers.iter().flat_map(|callers| &callers.parties);
            if let Some(missing) = parties.find(|party| !self.parties.contains_key(*party)) {
                return Err(dangling("lookup_channel", &held.entry.id, missing));
            }
        }
        Ok(())
    }
}

fn said(given: Option<&str>, agreed: Option<&String>) -> String {
    given.map_or_else(|| agreed.cloned().unwrap_or_default(), str::to_owned)
}

/// Whether `system.operation` or `system.*` names the operation.
fn names(entry: &str, system: &str, operation: &str) -> bool {
    entry.split_once('.').is_some_and(|(one, other)| one == system && (other == operation || other == "*"))
}

/// Whether a basis is the agreed one, or a place in it: `Legea nr. 416/2001, art. 8` rests on `Legea nr. 416/2001`.
fn rests_on(basis: &str, agreed: &str) -> bool {
    let rest = basis.trim().strip_prefix(agreed.trim());
    rest.is_some_and(|rest| rest.chars().next().is_none_or(|next| !next.is_alphanumeric()))
}

#[cfg(test)]
mod tests {
    use super::super::document::DirectoryDocument;
    use super::*;

    const TOML: &str = "
        [[party]]
        id = 'uat-1'
        name = 'A'
        kind = 'uat'
        [[party]]
        id = 'uat-2'
        name = 'B'
        kind = 'uat'
        [[lookup_channel]]
        id = 'all'
        system = 'anaf'
        [[lookup_channel]]
        id = 'own'
        system = 'anaf'
        callers = { parties = ['uat-2'] }
        [[lookup_agreement]]
        id = 'social'
        callers = { parties = ['uat-1'] }
        operations = ['anaf.income']
        purposes = ['aid', 'review']
        legal_basis = 'Legea nr. 416/2001'
        valid_from = '2026-01-01'
        valid_to = '2026-12-31'
        [[lookup_agreement]]
        id = 'taxes'
        callers = { kind = 'uat' }
        operations = ['anaf-tva.*']
        purposes = ['taxes']
        legal_basis = 'Legea nr. 207/2015'
        valid_from = '2026-01-01'
        valid_to = '2026-12-31'
    ";

    fn directory(toml: &str) -> Result<Directory, String> {
        let document: DirectoryDocument = toml::from_str(toml).map_err(|error| error.to_string())?;
        let mut directory = Directory::default();
        for entry in document.entries() {
            let added = directory.add(entry.kind, &entry.id, 1, &entry.document);
            added.map_err(|error| error.to_string())?;
        }
        directory.check().map_err(|error| error.to_string())?;
        Ok(directory)
    }

    fn permit(caller: &str, operation: &str, purpose: &str, basis: &str, day: &str) -> Permission {
        let directory = directory(TOML).expect("it hangs together");
        let (system, operation) = operation.split_once('.').expect("an operation");
        let some = |text: &'static str| (!text.is_empty()).then_some(text);
        let enquiry = Enquiry {
            caller: directory.party(caller).expect("a party"),
            system,
            operation,
            purpose: some(Box::leak(purpose.to_owned().into_boxed_str())),
            legal_basis: some(Box::leak(basis.to_owned().into_boxed_str())),
            day: day.parse().expect("a day"),
        };
        directory.permit(enquiry, schemas::Catalogue::builtin().expect("the catalogue").code_lists())
    }

    #[test]
    fn a_question_needs_an_agreement_for_caller_operation_purpose_basis_and_day() {
        let law = "Legea nr. 416/2001";
        let granted = |purpose: &str, basis: &str| Permission::Granted {
            agreement: "social".to_owned(),
            version: 1,
            purpose: purpose.to_owned(),
            legal_basis: basis.to_owned(),
        };
        let place = "Legea nr. 416/2001, art. 8";
        for (caller, operation, purpose, basis, day, expected) in [
            ("uat-1", "anaf.income", "aid", law, "2026-11-22", granted("aid", law)),
            ("uat-1", "anaf.income", "review", place, "2026-11-22", granted("review", place)),
            ("uat-1", "anaf.income", "", "", "2026-12-31", granted("aid", law)),
            ("uat-2", "anaf.income", "aid", law, "2026-11-22", Permission::None),
            ("uat-1", "anaf.debts", "aid", law, "2026-11-22", Permission::None),
            ("uat-1", "anaf-tv.tva", "taxes", law, "2026-11-22", Permission::None),
            (
                "uat-1",
                "anaf.income",
                "curiosity",
                law,
                "2026-11-22",
                Permission::OtherPurpose { purposes: vec!["aid".to_owned(), "review".to_owned()] },
            ),
            (
                "uat-1",
                "anaf.income",
                "aid",
                "Legea nr. 416/20011",
                "2026-11-22",
                Permission::OtherBasis { bases: vec![law.to_owned()] },
            ),
            (
                "uat-1",
                "anaf.income",
                "aid",
                law,
                "2027-01-01",
                Permission::NotInForce {
                    agreement: "social".to_owned(),
                    valid_from: "2026-01-01".parse().expect("a day"),
                    valid_to: "2026-12-31".parse().expect("a day"),
                },
            ),
        ] {
            assert_eq!(permit(caller, operation, purpose, basis, day), expected, "{caller} {operation} {purpose}");
        }
        assert!(matches!(
            permit("uat-2", "anaf-tva.tva", "taxes", "", "2026-11-22"),
            Permission::Granted { agreement, .. } if agreement == "taxes"
        ));
    }

    #[test]
    fn an_institution_with_an_identity_of_its_own_is_asked_for_over_its_own_channel() {
        let directory = directory(TOML).expect("it hangs together");
        let catalogue = schemas::Catalogue::builtin().expect("the catalogue");
        let day = "2026-11-22".parse().expect("a day");
        for (caller, expected) in [("uat-1", "all"), ("uat-2", "own")] {
            let caller = directory.party(caller).expect("a party");
            let channel = directory.lookup_channel(caller, "anaf", (catalogue.code_lists(), day));
            assert_eq!(channel.expect("a channel").entry.id, expected);
        }
    }

    #[test]
    fn what_an_entry_names_must_be_there() {
        for (from, to, why) in [
            ("callers = { parties = ['uat-1'] }", "callers = { parties = ['uat-9'] }", "names the party uat-9"),
            ("callers = { parties = ['uat-2'] }", "callers = { parties = ['uat-9'] }", "names the party uat-9"),
            ("anaf.income", "income", "write <system>.<operation>"),
        ] {
            let error = directory(&TOML.replace(from, to)).expect_err("it does not hang together");
            assert!(error.contains(why), "{error}");
        }
    }
}
