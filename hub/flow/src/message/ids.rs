//! Ids are types: a message id is not a delivery id.

use std::fmt;
use std::str::FromStr;

use uuid::Uuid;

use crate::clock::Timestamp;
use crate::db::{FromValue, Value};

/// Makes ids.
pub trait Ids: Send + Sync {
    /// A new UUID of version 7 (RFC 9562) for the moment: unique, and in order of time.
    fn uuid(&self, at: Timestamp) -> Uuid;
    /// Sixteen random bytes that nobody can guess: what keeps the digest of a register entry from telling its content.
    fn salt(&self) -> [u8; 16];
}

macro_rules! id {
    ($name:ident, $meaning:literal) => {
        #[doc = $meaning]
        #[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub struct $name(pub Uuid);

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }

        impl FromStr for $name {
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

        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                self.0.serialize(serializer)
            }
        }
    };
}

id!(MessageId, "The hub's id of a message: neither the sender's nor the recipient's register number.");
id!(DeliveryId, "The id of one message's way to one recipient; also the idempotency key towards its system.");
id!(EvidenceId, "The id of one evidence (EN 319 522-2, component G01).");
id!(LookupId, "The id of a question to a register, and of its entry in the journal.");
id!(CredentialId, "The id of what a system proves itself with.");
