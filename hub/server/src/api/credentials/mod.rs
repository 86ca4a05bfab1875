//! `/v1/credentials`: what the systems of an institution prove themselves with, and the keys that sign tokens.

mod body;
mod told;
mod reach;
mod list;
mod issue;
mod rotate;
mod revoke;
mod token_keys;

use crate::api::door::Door;

/// Credentials of systems.
#[must_use]
pub fn routes(door: Door) -> Door {
    door.get("/v1/credentials", list::list)
        .post("/v1/credentials", issue::issue)
        .taking::<issue::Asked>()
        .post("/v1/credentials/{id}/rotate", rotate::rotate)
        .taking::<rotate::Asked>()
        .post("/v1/credentials/{id}/revoke", revoke::revoke)
        .taking::<revoke::Asked>()
        .get("/v1/token-keys", token_keys::list)
        .post("/v1/token-keys/rotate", token_keys::rotate)
        .taking::<token_keys::Asked>()
}
