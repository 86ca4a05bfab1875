//! Fuzzes the reader `jwe`.
#![no_main]

#[allow(dead_code, reason = "one reader of many")]
#[path = "../../hub/server/tests/hostile/readers.rs"]
mod readers;

libfuzzer_sys::fuzz_target!(|data: &[u8]| readers::jwe(data));
