//! An account and its factors.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::authorization::Grant;
use crate::clock::Timestamp;
use crate::db::{DbError, FromValue, Value};

macro_rules! id {
    ($name:ident, $meaning:literal) => {
        #[doc = $meaning]
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(pub Uuid);

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                self.0.fmt(f)
            }
        }

        impl std::str::FromStr for $name {
            type Err = uuid::Error;
            fn from_str(text: &str) -> Result<Self, Self::Err> {
                text.parse().map(Self)
            }
        }

        impl From<$name> for Value {
            fn from(id: $name) -> Self {
                Self::Blob(id.0.as_bytes().to_vec())
            }
        }

        impl FromValue for $name {
            const EXPECTED: &'static str = "an id of 16 bytes";
            fn from_value(value: Value) -> Result<Self, Value> {
                <[u8; 16]>::from_value(value).map(|bytes| Self(Uuid::from_bytes(bytes)))
            }
        }
    };
}

id!(AccountId, "The id of an account.");
id!(FactorId, "The id of a factor.");

/// Where an account stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum AccountState {
    /// Its person has a one-time link and has not used it.
    Invited,
    /// Its person may sign in.
    Active,
    /// Nobody may sign in with it until it is unlocked.
    Locked,
    /// Nobody will sign in with it again; its pseudonym stays taken, for acts on record name it.
    Retired,
}

impl AccountState {
    const ALL: [Self; 4] = [Self::Invited, Self::Active, Self::Locked, Self::Retired];

    /// The word used in the API and the database.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Invited => "invited",
            Self::Active => "active",
            Self::Locked => "locked",
            Self::Retired => "retired",
        }
    }

    /// The state in words, for people.
    #[must_use]
    pub const fn in_romanian(self) -> &'static str {
        match self {
            Self::Invited => "invitat",
            Self::Active => "activ",
            Self::Locked => "blocat",
            Self::Retired => "retras",
        }
    }

    pub(super) fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.as_str() == word)
    }

    /// Whether an account may go from this state to that one. Retired is for good.
    #[must_use]
    pub const fn may_become(self, next: Self) -> bool {
        use AccountState::{Active, Invited, Locked, Retired};
        match (self, next) {
            (Retired, _) => false,
            (Invited, Active | Locked | Retired | Invited) => true,
            (Active, Invited | Locked | Retired) => true,
            (Locked, Active | Invited | Retired) => true,
            (Active, Active) | (Locked, Locked) => false,
        }
    }
}

/// An account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Account {
    /// Its id.
    pub id: AccountId,
    /// The institution it belongs to.
    pub party: String,
    /// What is typed at sign-in.
    pub login: String,
    /// How its person is called on screens. In no act and no evidence.
    pub display_name: String,
    /// What acts record in place of a name.
    pub pseudonym: String,
    /// Ids of the units it may act for; the first is the one it begins with.
    pub units: Vec<String>,
    /// Its roles.
    pub grants: Vec<Grant>,
    /// Where it stands.
    pub state: AccountState,
    /// From 1, one more with each change.
    pub version: i64,
    /// When it was changed last.
    pub changed_at: Timestamp,
}

impl Account {
    /// Whether it has a role, wherever it is narrowed to.
    #[must_use]
    pub fn has_role(&self, role: &str) -> bool {
        self.grants.iter().any(|grant| grant.role == role)
    }
}

/// What kind of proof a factor is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum FactorKind {
    /// A password kept as argon2id digest.
    Password,
    /// A six-digit code of the moment (RFC 6238).
    Totp,
    /// A code on paper that is good once.
    Recovery,
    /// A key in a device (WebAuthn).
    Passkey,
    /// The word of an identity provider (OpenID Connect).
    Provider,
}

impl FactorKind {
    const ALL: [Self; 5] = [Self::Password, Self::Totp, Self::Recovery, Self::Passkey, Self::Provider];

    /// The word used in the API and the database.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Password => "password",
            Self::Totp => "totp",
            Self::Recovery => "recovery",
            Self::Passkey => "passkey",
            Self::Provider => "provider",
        }
    }

    /// The kind in words, for people.
    #[must_use]
    pub const fn in_romanian(self) -> &'static str {
        match self {
            Self::Password => "parolă",
            Self::Totp => "aplicație cu coduri",
            Self::Recovery => "cod de rezervă",
            Self::Passkey => "cheie de acces",
            Self::Provider => "furnizor de identitate",
        }
    }

    pub(super) fn parse(word: &str) -> Result<Self, DbError> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == word).ok_or_else(|| DbError::Inconsistent {
            column: "account_factor.kind".to_owned(),
            expected: "one of its words",
            found: word.to_owned(),
        })
    }
}

/// Something a person proves itself with.
#[derive(Debug, Clone)]
pub struct Factor {
    /// Its id.
    pub id: FactorId,
    /// Whose it is.
    pub account: AccountId,
    /// What kind.
    pub kind: FactorKind,
    /// Unique within the kind: the credential's id, issuer and subject; else the factor's own id.
    pub name: String,
    /// What its owner calls it.
    pub label: String,
    /// PHC string, sealed seed, digest of a code, or public key.
    pub material: String,
    /// Last step of time or count of signatures that was taken.
    pub counter: i64,
    /// Since when.
    pub created_at: Timestamp,
    /// When it was used last.
    pub used_at: Option<Timestamp>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_retired_account_never_comes_back() {
        for next in AccountState::ALL {
            assert!(!AccountState::Retired.may_become(next));
        }
        assert!(AccountState::Invited.may_become(AccountState::Active));
        assert!(AccountState::Locked.may_become(AccountState::Active));
        assert!(!AccountState::Active.may_become(AccountState::Active));
    }
}
