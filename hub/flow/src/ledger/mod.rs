//! Chains of hashes: who removes, changes or swaps an entry of an append-only table breaks its chain.
//!
//! The table keeps its entries, and with each the hash this module gave it; the ends of all chains stand in `ledger_head`.
//! Whoever can rewrite a whole chain with its end is found out by what was told outside: the signed heads of the evidence
//! log name the ends ([`Commitment`]), and a SIEM gets number and hash. It may assume that whoever extends a chain appends its
//! entries in the same transaction. It never learns what an entry says beyond its digest.

mod store;
mod commitment;

use openssl::sha::Sha256;
use uuid::Uuid;

pub use commitment::{Commitment, commit, hash_at, uncommitted};
pub use store::{Head, extend, heads};

/// The chain of a ledger that has only one.
pub const ONE: Uuid = Uuid::nil();

/// Which ledger.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ledger {
    /// The audit of acts: one chain per hub.
    Audit,
    /// The journal of access: one chain per run of a node, so that nodes do not wait for each other.
    Access,
}

impl Ledger {
    /// The word in the database.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Audit => "audit",
            Self::Access => "access",
        }
    }
}

/// The place of an entry in its chain.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Link {
    /// Its number, from 1.
    pub number: i64,
    /// SHA-256 over the hash before it, its number and its digest.
    pub hash: [u8; 32],
}

impl Link {
    /// The link after another; `previous` is all zeros before the first.
    #[must_use]
    pub fn after(previous: &[u8; 32], number: i64, digest: &[u8; 32]) -> Self {
        let mut hash = Sha256::new();
        hash.update(b"punte ledger 1\n");
        hash.update(previous);
        hash.update(&number.to_be_bytes());
        hash.update(digest);
        Self { number, hash: hash.finish() }
    }
}

/// The digest of an entry, over its fields in a fixed order.
pub struct Digest(Sha256);

impl Default for Digest {
    fn default() -> Self {
        Self(Sha256::new())
    }
}

impl Digest {
    /// Takes the next field; one that is absent differs from one that is empty.
    #[must_use]
    pub fn field(mut self, value: Option<&[u8]>) -> Self {
        // With its length, so that no two lists of fields read alike.
        let length = value.map_or(u64::MAX, |bytes| bytes.len() as u64);
        self.0.update(&length.to_be_bytes());
        self.0.update(value.unwrap_or_default());
        self
    }

    /// Takes the next field, a text.
    #[must_use]
    pub fn text(self, value: &str) -> Self {
        self.field(Some(value.as_bytes()))
    }

    /// Takes the next field, a text that may be absent.
    #[must_use]
    pub fn maybe(self, value: Option<&str>) -> Self {
        self.field(value.map(str::as_bytes))
    }

    /// Takes the next field, a number.
    #[must_use]
    pub fn number(self, value: i64) -> Self {
        self.field(Some(&value.to_be_bytes()))
    }

    /// The digest.
    #[must_use]
    pub fn finish(self) -> [u8; 32] {
        self.0.finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_link_depends_on_what_is_before_on_its_number_and_on_its_content() {
        let digest = Digest::default().text("a").number(1).finish();
        let first = Link::after(&[0; 32], 1, &digest);
        assert_eq!(first, Link::after(&[0; 32], 1, &digest));
        assert_ne!(first.hash, Link::after(&[1; 32], 1, &digest).hash);
        assert_ne!(first.hash, Link::after(&[0; 32], 2, &digest).hash);
        assert_ne!(first.hash, Link::after(&[0; 32], 1, &Digest::default().text("b").number(1).finish()).hash);
    }

    #[test]
    fn fields_do_not_run_into_each_other() {
        let together = Digest::default().text("ab").text("").finish();
        assert_ne!(together, Digest::default().text("a").text("b").finish());
        assert_ne!(together, Digest::default().text("ab").maybe(None).finish());
    }
}
