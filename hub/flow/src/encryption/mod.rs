//! End-to-end encryption: documents that the hub carries and cannot read, and the keys parties publish for it.
//!
//! A sealed part is a JWE (RFC 7516) in JSON form, one content key for all recipients: `ECDH-ES+A256KW` over P-256 or
//! `RSA-OAEP-256`, and `A256GCM`; nothing else is believed, no compression, no extensions. The hub looks at the recipients'
//! key ids alone; sealing and opening happen at the parties. It never holds a private key.

pub mod jwk;
pub mod jwe;
pub mod check;
pub mod model;
pub mod store;

pub use check::violations;
pub use jwe::{JweError, Sealed, open, seal};
pub use jwk::{JwkError, PrivateKey, PublicKey};
pub use model::{PartyKey, Proof};
pub use store::{RegisterKeys, RetireKeys, keys_of};

/// The media type of a sealed part (RFC 7516, section 9.2.1).
pub use crate::message::SEALED;
