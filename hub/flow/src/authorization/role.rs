//! Roles: named sets of permissions, those every hub has and those an institution makes.

use std::sync::LazyLock;

use super::{Grant, Held, Permission, PermissionSet};

/// A role every hub has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum BuiltIn {
    /// Registers, sends and works on documents (registratură, funcționar).
    Clerk,
    /// Assigns, approves and answers for a unit (șef de compartiment).
    Head,
    /// Keeps nomenclature, dossiers and the archive (arhivar).
    Archivist,
    /// Watches over personal data, agreements and the journal (responsabil cu protecția datelor).
    Compliance,
    /// Connects systems of the institution and keeps their keys.
    Integrator,
    /// Gives roles and accounts, keeps structure and registers of the institution.
    Administrator,
    /// Runs the hub, for all institutions.
    Operator,
    /// A program of an institution that vouches for its own clerks: all that its institution may do.
    PartnerSystem,
}

impl BuiltIn {
    /// All of them.
    pub const ALL: [Self; 8] = [
        Self::Clerk,
        Self::Head,
        Self::Archivist,
        Self::Compliance,
        Self::Integrator,
        Self::Administrator,
        Self::Operator,
        Self::PartnerSystem,
    ];

    /// The stable text grants name it by.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Clerk => "clerk",
            Self::Head => "head-of-unit",
            Self::Archivist => "archivist",
            Self::Compliance => "compliance-officer",
            Self::Integrator => "integrator",
            Self::Administrator => "administrator",
            Self::Operator => "operator",
            Self::PartnerSystem => "partner-system",
        }
    }

    /// Its name in Romanian.
    #[must_use]
    pub const fn in_romanian(self) -> &'static str {
        match self {
            Self::Clerk => "registrator",
            Self::Head => "șef de compartiment",
            Self::Archivist => "arhivar",
            Self::Compliance => "responsabil cu conformitatea",
            Self::Integrator => "integrator",
            Self::Administrator => "administratorul instituției",
            Self::Operator => "operatorul hubului",
            Self::PartnerSystem => "sistem al instituției",
        }
    }

    /// Its name in English.
    #[must_use]
    pub const fn in_english(self) -> &'static str {
        match self {
            Self::Clerk => "clerk",
            Self::Head => "head of unit",
            Self::Archivist => "archivist",
            Self::Compliance => "compliance officer",
            Self::Integrator => "integrator",
            Self::Administrator => "administrator of the institution",
            Self::Operator => "operator of the hub",
            Self::PartnerSystem => "system of the institution",
        }
    }

    /// The role with this text.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|one| one.as_str() == text)
    }

    /// Whether the role holds the permission. The system of a partner holds all that is neither the hub's own nor a person's.
    #[must_use]
    pub fn holds(self, permission: Permission) -> bool {
        match self {
            Self::PartnerSystem => !permission.is_of_the_hub() && !OF_PEOPLE.contains(&permission),
            role => permission.held_by().contains(&role),
        }
    }

    /// Its permissions.
    #[must_use]
    pub fn permissions(self) -> PermissionSet {
        static SETS: LazyLock<[PermissionSet; 8]> = LazyLock::new(|| {
            BuiltIn::ALL.map(|role| Permission::ALL.iter().copied().filter(|one| role.holds(*one)).collect())
        });
        SETS[self as usize]
    }
}

/// What only a person does: no program has an account of its own, gives roles, approves as the second person, or sees a CNP.
const OF_PEOPLE: [Permission; 6] = [
    Permission::SelfAccount,
    Permission::AccountsManage,
    Permission::GrantsManage,
    Permission::ApprovalsDecide,
    Permission::PersonsUnmask,
    Permission::AgreementsChange,
];

/// A role an institution made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Role {
    /// Id, for example `urbanism-registrator`; not one of the built-in ones.
    pub id: String,
    /// The institution whose role it is.
    pub party: String,
    /// Its name in Romanian.
    pub name_ro: String,
    /// Its name in English.
    pub name_en: String,
    /// What it lets do.
    pub permissions: Vec<Permission>,
    /// From 1; one more with each change.
    pub version: i64,
    /// It was withdrawn: it gives nothing any more.
    pub withdrawn: bool,
}

/// What a system of the directory holds: all of a partner's system, or the operations its entry names; and what those who
/// run the hub hold, where it is theirs.
#[must_use]
pub fn grants_of_system(party: &str, operations: Option<&[Permission]>, operator: bool) -> Vec<Held> {
    let held = |role: BuiltIn, permissions| Held { grant: Grant::of(role.as_str(), party), permissions };
    let of_partner = BuiltIn::PartnerSystem.permissions();
    let own = match operations {
        // What is named is never more than a system may hold.
        Some(named) => named.iter().copied().filter(|one| of_partner.contains(*one)).collect(),
        None => of_partner,
    };
    let mut grants = vec![held(BuiltIn::PartnerSystem, own)];
    if operator {
        grants.push(held(BuiltIn::Operator, BuiltIn::Operator.permissions()));
    }
    grants
}
