//! Fuzzes envelopes: what is read is written and read again as the same.
#![no_main]

use hub_flow::message::Envelope;

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    let Ok(envelope) = serde_json::from_slice::<Envelope>(data) else { return };
    let written = serde_json::to_vec(&envelope).expect("an envelope is plain data");
    assert_eq!(serde_json::from_slice::<Envelope>(&written).expect("what was written is read"), envelope);
});
