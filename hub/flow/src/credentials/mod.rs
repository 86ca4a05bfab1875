//! What machines prove themselves with: API keys, client secrets, client keys, certificates, and the access tokens the hub
//! gives for them.
//!
//! Everything here is known within [`STALE_SECONDS`] on every node; what was revoked is refused from then on. Secrets are
//! shown once and kept as their SHA-256. It knows no HTTP and no TLS, and never decides what a system may do: it only
//! narrows it.

mod model;
mod secret;
mod decision;
mod store;
mod keeper;
mod signing_key;
mod assertion;
mod token;
mod remembered;

pub use assertion::{Assertion, AssertionRefused, Expected};
pub use decision::{NotStanding, Rotation, WrongRotation, rotated};
pub use keeper::{Keeper, Known, STALE_SECONDS};
pub use model::{Credential, Held, Kind, NewCredential, Proof, State};
pub use remembered::Remembered;
pub use secret::{Secret, digest_of};
pub use signing_key::{KeyRefused, KeySecret, PREPUBLISHED_SECONDS, SigningKey};
pub use store::{
    AddSigningKey, Forget, Issue, Issued, Replace, Revocation, Revoke, RevokeToken, Spend, Spent, Use,
    WithdrawSigningKeys, find, list, load,
};
pub use token::{LIFE_SECONDS, Token, TokenRefused, Wanted, issue, read};
