//! A credential and its states.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use hub_signatures::jws;

use crate::authorization::{Permission, PermissionSet};
use crate::clock::Timestamp;
use crate::message::CredentialId;

/// Kinds of credentials.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Kind {
    /// A key that is sent with every call.
    ApiKey,
    /// A secret that is changed for access tokens (RFC 6749, section 2.3.1).
    ClientSecret,
    /// A public key whose private part signs assertions that are changed for access tokens (RFC 7523).
    ClientKey,
    /// A certificate shown in the handshake.
    Certificate,
}

impl Kind {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::ApiKey, Self::ClientSecret, Self::ClientKey, Self::Certificate];

    /// The word used in the API and the database.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::ApiKey => "api_key",
            Self::ClientSecret => "client_secret",
            Self::ClientKey => "client_key",
            Self::Certificate => "certificate",
        }
    }

    /// The word for people in Romania.
    #[must_use]
    pub const fn in_romanian(self) -> &'static str {
        match self {
            Self::ApiKey => "cheie API",
            Self::ClientSecret => "secret de client",
            Self::ClientKey => "cheie publică de client",
            Self::Certificate => "certificat",
        }
    }

    /// Reads the word.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == word)
    }
}

/// What is compared when somebody comes with it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Proof {
    /// SHA-256 of a secret.
    Secret([u8; 32]),
    /// SHA-256 of a public key (SubjectPublicKeyInfo in DER).
    PublicKey([u8; 32]),
    /// SHA-256 of a certificate in DER.
    Certificate([u8; 32]),
}

impl Proof {
    /// The digest.
    #[must_use]
    pub const fn digest(&self) -> &[u8; 32] {
        match self {
            Self::Secret(digest) | Self::PublicKey(digest) | Self::Certificate(digest) => digest,
        }
    }

    /// The word of what it is a digest of.
    #[must_use]
    pub const fn of(&self) -> &'static str {
        match self {
            Self::Secret(_) => "secret",
            Self::PublicKey(_) => "public_key",
            Self::Certificate(_) => "certificate",
        }
    }

    pub(super) fn parse(of: &str, digest: [u8; 32]) -> Option<Self> {
        match of {
            "secret" => Some(Self::Secret(digest)),
            "public_key" => Some(Self::PublicKey(digest)),
            "certificate" => Some(Self::Certificate(digest)),
            _ => None,
        }
    }
}

/// A credential about to be kept.
#[derive(Debug, Clone)]
pub struct NewCredential {
    /// Its id.
    pub id: CredentialId,
    /// Its kind.
    pub kind: Kind,
    /// Institution of the system.
    pub party: String,
    /// The system.
    pub system: String,
    /// What it is for, in the institution's words.
    pub label: String,
    /// What is compared.
    pub proof: Proof,
    /// Client keys: the JSON Web Key.
    pub public_key: Option<String>,
    /// What it is narrowed to; `None` where it is not.
    pub operations: Option<PermissionSet>,
    /// When it is made.
    pub created_at: Timestamp,
    /// Who makes it.
    pub created_by: String,
    /// Its end.
    pub expires_at: Timestamp,
    /// What it is issued in place of.
    pub replaces: Option<CredentialId>,
}

/// A credential as it is kept.
#[derive(Debug, Clone)]
pub struct Credential {
    /// What was kept when it was made; its end moves when it is rotated.
    pub made: NewCredential,
    /// When and by whom and why it was revoked.
    pub revoked: Option<(Timestamp, String, String)>,
    /// When it was used last, within an hour.
    pub last_used_at: Option<Timestamp>,
}

/// Where a credential stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    /// It counts.
    Active,
    /// Its time is over.
    Expired,
    /// It was taken back.
    Revoked,
}

impl State {
    /// The word used in the API.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Expired => "expired",
            Self::Revoked => "revoked",
        }
    }
}

impl Credential {
    /// Where it stands at a moment.
    #[must_use]
    pub fn state(&self, now: Timestamp) -> State {
        match (&self.revoked, now < self.made.expires_at) {
            (Some(_), _) => State::Revoked,
            (None, false) => State::Expired,
            (None, true) => State::Active,
        }
    }

    /// The permissions it is narrowed to, by name.
    #[must_use]
    pub fn operations(&self) -> Option<Vec<&'static str>> {
        self.made.operations.map(|set| set.iter().map(Permission::as_str).collect())
    }
}

/// A credential as a node holds it ready.
#[derive(Debug)]
pub struct Held {
    /// The credential.
    pub credential: Credential,
    /// Client keys: the key.
    pub key: Option<jws::Key>,
    used: AtomicI64,
}

/// Uses are written down once in so long, in microseconds.
const USE_GRAIN: i64 = 3_600_000_000;

impl Held {
    pub(super) fn new(credential: Credential, key: Option<jws::Key>) -> Arc<Self> {
        let used = AtomicI64::new(credential.last_used_at.map_or(0, |at| at.0));
        Arc::new(Self { credential, key, used })
    }

    /// Whether this use is to be written down: it is the first in an hour on this node.
    #[must_use]
    pub fn first_use_in_an_hour(&self, now: Timestamp) -> bool {
        let last = self.used.load(Ordering::Relaxed);
        now.0 - last >= USE_GRAIN
            && self.used.compare_exchange(last, now.0, Ordering::Relaxed, Ordering::Relaxed).is_ok()
    }
}
