//! Names of files: the one a package goes out under, and how a foreign one is shown.

/// Letters of the key's hash in a name: enough that two deliveries of one institution never meet, 80 bits.
pub const NAME_KEY_LETTERS: usize = 20;

/// The name of the package of a delivery. It follows from the idempotency key alone, so a second sending makes the same
/// file; it is a hash, because a key may hold characters that file systems refuse.
#[must_use]
pub fn outgoing_name(idempotency_key: &str) -> String {
    let hash = hex::encode(crate::sha256(idempotency_key.as_bytes()));
    format!("punte-{}.zip", &hash[..NAME_KEY_LETTERS])
}

/// A foreign file name in a text: control characters made visible, at most 120 characters.
#[must_use]
pub fn shown_name(name: &str) -> String {
    name.escape_debug().to_string().chars().take(120).collect()
}
