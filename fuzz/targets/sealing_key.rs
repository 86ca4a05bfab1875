//! Fuzzes public keys of strangers: what is read must seal, and its id must be stable.
#![no_main]

use hub_flow::encryption::{PublicKey, seal};

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    let Ok(jwk) = serde_json::from_slice(data) else { return };
    let Ok(key) = PublicKey::read(&jwk) else { return };
    let again = PublicKey::read(key.jwk()).expect("what was written is read");
    assert_eq!(again.kid(), key.kid());
    let _ = seal(b"content", &[key]);
});
