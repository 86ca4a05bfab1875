//! Fuzzes what the door reads of a request before any handler: the client behind proxies, and JSON looked over.
#![no_main]

use hub_server::protection::{address, json};

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    let mut headers = http::HeaderMap::new();
    if let Ok(value) = http::HeaderValue::from_bytes(data) {
        headers.insert("x-forwarded-for", value);
    }
    let proxies = ["10.0.0.0/8".parse().expect("a network")];
    let _ = address::client([10, 0, 0, 1].into(), &headers, &proxies);
    let looked = json::bounded(data, json::Bounds::default());
    // What passes is read in bounded depth.
    if looked.is_ok() {
        let _: Result<serde_json::Value, _> = serde_json::from_slice(data);
    }
});
