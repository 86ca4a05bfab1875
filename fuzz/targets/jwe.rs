//! Fuzzes what the hub looks at of a sealed document: the JWE of a stranger, and its own opening of it.
#![no_main]

use std::sync::LazyLock;

use hub_flow::encryption::{PrivateKey, Sealed, open};

static KEY: LazyLock<PrivateKey> = LazyLock::new(|| PrivateKey::generate().expect("a pair is made"));

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    let Ok(document) = serde_json::from_slice(data) else { return };
    let Ok(sealed) = Sealed::read(&document) else { return };
    // Nobody sealed it for a key that was made a moment ago.
    assert!(open(&sealed, &KEY).is_err());
});
