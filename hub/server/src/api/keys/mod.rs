//! `/v1/parties/{party}/keys`: the keys documents are sealed for, found by everybody, registered by the party itself.
//!
//! Who registers a key proves to hold it: the hub seals a few bytes for it, and only its holder can say them back. Nothing is
//! kept between the two calls.

mod list;
mod register;

use super::door::Door;

/// Why this is open to all.
const FOUND: &str = "public keys are for whoever seals a document";

/// Keys of parties.
#[must_use]
pub fn routes(door: Door) -> Door {
    door.public_get("/v1/parties/{party}/keys", FOUND, list::list)
        .post("/v1/parties/{party}/keys/challenge", register::challenge)
        .taking::<register::Asked>()
        .put("/v1/parties/{party}/keys/{kid}", register::register)
        .taking::<register::Registering>()
        .delete("/v1/parties/{party}/keys/{kid}", register::retire)
}
