//! Fuzzes the reader `jwk`.
#![no_main]

#[allow(dead_code, reason = "one reader of many")]
#[path = "../../hub/signatures/tests/hostile/readers.rs"]
mod readers;

libfuzzer_sys::fuzz_target!(|data: &[u8]| readers::jwk(data));
