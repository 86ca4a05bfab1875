//! OAuth 2.0 for machines: tokens for who proves to be a system of the directory (RFC 6749, 4.4), their keys, their end.

mod authority;
mod client;
mod error;
mod form;
mod metadata;
mod standing;
mod token;

use crate::api::door::Door;

pub use authority::Authority;

/// Why these are open to all.
const CLIENTS: &str = "clients prove who they are in the request itself, as OAuth says (RFC 6749, 2.3)";
/// What their bodies are.
const FORM: &str = "application/x-www-form-urlencoded";
const TOLD: &str = "what clients must know before they can prove who they are (RFC 8414); nothing in it is secret";

/// Tokens of machines.
#[must_use]
pub fn routes(door: Door) -> Door {
    door.public_post("/oauth/token", CLIENTS, token::grant)
        .carrying(FORM)
        .public_post("/oauth/revoke", CLIENTS, standing::revoke)
        .carrying(FORM)
        .public_post("/oauth/introspect", CLIENTS, standing::introspect)
        .carrying(FORM)
        .public_get("/oauth/jwks.json", TOLD, metadata::keys)
        .public_get("/.well-known/oauth-authorization-server", TOLD, metadata::server)
}
