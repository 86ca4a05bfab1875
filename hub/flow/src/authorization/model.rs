//! Grants, who holds them, and where something is done.

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::{BuiltIn, Permission, PermissionSet, Role};

/// What a grant can be narrowed by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Dimension {
    /// The register, by its id.
    Register,
    /// The unit somebody acts for.
    Unit,
    /// The group of dossiers: the code of the nomenclature, or the beginning of it (`II` holds `II/B/3`).
    DossierGroup,
    /// The document type.
    DocumentType,
}

impl Dimension {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Register, Self::Unit, Self::DossierGroup, Self::DocumentType];

    /// The stable text.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Register => "register",
            Self::Unit => "unit",
            Self::DossierGroup => "dossier_group",
            Self::DocumentType => "document_type",
        }
    }

    /// Its name in Romanian.
    #[must_use]
    pub const fn in_romanian(self) -> &'static str {
        match self {
            Self::Register => "registrul",
            Self::Unit => "compartimentul",
            Self::DossierGroup => "grupa de dosare",
            Self::DocumentType => "tipul de document",
        }
    }

    /// Its name in English.
    #[must_use]
    pub const fn in_english(self) -> &'static str {
        match self {
            Self::Register => "register",
            Self::Unit => "unit",
            Self::DossierGroup => "dossier group",
            Self::DocumentType => "document type",
        }
    }
}

/// A role, given in an institution, where needed only for some of it and for some time. An empty list narrows nothing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Grant {
    /// Id of the role, built-in or the institution's own.
    pub role: String,
    /// The institution it is given in.
    pub party: String,
    /// Only for these units.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub units: Vec<String>,
    /// Only in these registers.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub registers: Vec<String>,
    /// Only in these groups of dossiers.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub dossier_groups: Vec<String>,
    /// Only for these document types.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub document_types: Vec<String>,
    /// First day in force.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub valid_from: Option<Date>,
    /// Last day in force.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub valid_to: Option<Date>,
}

impl Grant {
    /// A role in an institution, narrowed by nothing.
    #[must_use]
    pub fn of(role: &str, party: &str) -> Self {
        Self {
            role: role.to_owned(),
            party: party.to_owned(),
            units: Vec::new(),
            registers: Vec::new(),
            dossier_groups: Vec::new(),
            document_types: Vec::new(),
            valid_from: None,
            valid_to: None,
        }
    }

    /// What it is narrowed to in a dimension; nothing where it is not.
    #[must_use]
    pub fn narrowed_to(&self, dimension: Dimension) -> &[String] {
        match dimension {
            Dimension::Register => &self.registers,
            Dimension::Unit => &self.units,
            Dimension::DossierGroup => &self.dossier_groups,
            Dimension::DocumentType => &self.document_types,
        }
    }
}

/// A grant with what its role lets do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Held {
    /// The grant.
    pub grant: Grant,
    /// The permissions of its role.
    pub permissions: PermissionSet,
}

impl Held {
    /// A grant of a built-in role; `None` where the role is none of them.
    #[must_use]
    pub fn built_in(grant: Grant) -> Option<Self> {
        let permissions = BuiltIn::parse(&grant.role)?.permissions();
        Some(Self { grant, permissions })
    }

    /// A grant of a built-in role, or of one of these in force; `None` where the role is none of them.
    #[must_use]
    pub fn of(grant: Grant, roles: &[Role]) -> Option<Self> {
        if BuiltIn::parse(&grant.role).is_some() {
            return Self::built_in(grant);
        }
        let role = roles.iter().find(|role| role.id == grant.role && role.party == grant.party && !role.withdrawn)?;
        Some(Self { permissions: role.permissions.iter().copied().collect(), grant })
    }
}

/// Who acts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Who {
    /// A program, by its id in the directory.
    System {
        /// The id.
        id: String,
    },
    /// A person with an account.
    Person {
        /// Id of the account.
        account: String,
        /// The institution's own pseudonym of the person, as acts keep it.
        pseudonym: String,
        /// The unit the person acts for now, one of its own.
        unit: Option<String>,
    },
}

/// Who acts, for which institution, with what was granted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Principal {
    /// Who.
    pub who: Who,
    /// The institution; grants of others count for nothing.
    pub party: String,
    /// What it holds.
    pub grants: Vec<Held>,
    /// What the credential it came with is narrowed to, where it is.
    pub narrowed_to: Option<PermissionSet>,
}

impl Principal {
    /// Whether it holds a permission at all, wherever and whenever.
    #[must_use]
    pub fn holds(&self, permission: Permission) -> bool {
        self.narrowed_to.is_none_or(|narrowed| narrowed.contains(permission))
            && self.grants.iter().any(|one| one.grant.party == self.party && one.permissions.contains(permission))
    }

    /// The id audit and journal name it by: `system:<id>` or `person:<account>`.
    #[must_use]
    pub fn id(&self) -> String {
        match &self.who {
            Who::System { id } => format!("system:{id}"),
            Who::Person { account, .. } => format!("person:{account}"),
        }
    }
}

/// Where something is done, as far as it is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Scope<'a> {
    /// In which register.
    pub register: Option<&'a str>,
    /// For which unit.
    pub unit: Option<&'a str>,
    /// In which group of dossiers.
    pub dossier_group: Option<&'a str>,
    /// With which document type.
    pub document_type: Option<&'a str>,
}

impl<'a> Scope<'a> {
    /// What is known in a dimension.
    #[must_use]
    pub const fn of(&self, dimension: Dimension) -> Option<&'a str> {
        match dimension {
            Dimension::Register => self.register,
            Dimension::Unit => self.unit,
            Dimension::DossierGroup => self.dossier_group,
            Dimension::DocumentType => self.document_type,
        }
    }
}
