//! Everything at the door that reads a stranger's bytes before a handler does, as one function each, with what must hold
//! whatever the bytes are.
//!
//! Both the fuzzer (`fuzz/`) and the test of this folder run these. A reader may refuse; it never panics, what it accepts
//! keeps its promises, and nothing that was changed is taken for what was sealed.

use std::sync::LazyLock;

use axum::body::Body;
use axum::extract::{FromRequest as _, Multipart, Request};
use axum::http::{HeaderMap, HeaderValue, header};
use hub_flow::encryption::{PrivateKey, PublicKey, Sealed, open, seal};
use hub_flow::message::Envelope;
use hub_server::protection::{address, json};

/// A reader with its name, which is also the name of its fuzz target.
pub type Reader = (&'static str, fn(&[u8]));

/// Every reader.
pub const ALL: [Reader; 5] = [
    ("envelope", envelope),
    ("jwe", jwe),
    ("sealing_key", sealing_key),
    ("request_headers", request_headers),
    ("multipart", multipart),
];

/// What was sealed in the seeds.
pub const CONTENT: &[u8] = "Anchetă socială, inventată".as_bytes();
/// What parts the fields of the forms in the seeds.
pub const BOUNDARY: &str = "granita";

/// Whom the seeds are sealed for.
pub static KEY: LazyLock<PrivateKey> = LazyLock::new(|| PrivateKey::generate().expect("a pair is made"));
static RUNTIME: LazyLock<tokio::runtime::Runtime> =
    LazyLock::new(|| tokio::runtime::Builder::new_current_thread().build().expect("a runtime is made"));

/// Envelopes: what is read is written and read again as the same.
pub fn envelope(data: &[u8]) {
    let Ok(envelope) = serde_json::from_slice::<Envelope>(data) else { return };
    let written = serde_json::to_vec(&envelope).expect("an envelope is plain data");
    assert_eq!(serde_json::from_slice::<Envelope>(&written).expect("what was written is read"), envelope);
}

/// Sealed documents: what the hub looks at, and their opening.
pub fn jwe(data: &[u8]) {
    let Ok(document) = serde_json::from_slice(data) else { return };
    let Ok(sealed) = Sealed::read(&document) else { return };
    if let Ok(content) = open(&sealed, &KEY) {
        assert_eq!(content, CONTENT, "what was changed is opened");
    }
}

/// Public keys of strangers: what is read must seal, and its id must be stable.
pub fn sealing_key(data: &[u8]) {
    let Ok(jwk) = serde_json::from_slice(data) else { return };
    let Ok(key) = PublicKey::read(&jwk) else { return };
    let again = PublicKey::read(key.jwk()).expect("what was written is read");
    assert_eq!(again.kid(), key.kid());
    let _ = seal(CONTENT, &[key]);
}

/// The client behind proxies, and JSON that is looked over before it is read.
pub fn request_headers(data: &[u8]) {
    let mut headers = HeaderMap::new();
    if let Ok(value) = HeaderValue::from_bytes(data) {
        headers.insert("x-forwarded-for", value);
    }
    let (peer, stranger) = ([10, 0, 0, 1].into(), [192, 0, 2, 7].into());
    let proxies = ["10.0.0.0/8".parse().expect("a network")];
    let _ = address::client(peer, &headers, &proxies);
    assert_eq!(address::client(stranger, &headers, &proxies), stranger, "nobody else says who stands behind it");
    // What passes is read in bounded depth.
    if json::bounded(data, json::Bounds::default()).is_ok() {
        let _: Result<serde_json::Value, _> = serde_json::from_slice(data);
    }
}

/// Forms: no field has more than came, and no name carries a line.
pub fn multipart(data: &[u8]) {
    // A boundary of the stranger's own, too: what stands before the first line.
    let own = data.split(|byte| *byte == b'\r').next().unwrap_or_default();
    for kind in [BOUNDARY.as_bytes(), own] {
        let kind = [b"multipart/form-data; boundary=", kind].concat();
        let Ok(kind) = HeaderValue::from_bytes(&kind) else { continue };
        let request = Request::builder().method("POST").header(header::CONTENT_TYPE, kind);
        let request = request.body(Body::from(data.to_vec())).expect("a request is made");
        RUNTIME.block_on(async {
            let Ok(mut form) = Multipart::from_request(request, &()).await else { return };
            let mut read = 0;
            while let Ok(Some(mut field)) = form.next_field().await {
                let names = [field.name(), field.file_name(), field.content_type()];
                assert!(names.iter().flatten().all(|name| !name.contains(['\r', '\n', '\0'])), "{names:?}");
                while let Ok(Some(chunk)) = field.chunk().await {
                    read += chunk.len();
                }
            }
            assert!(read <= data.len(), "{read} bytes of {}", data.len());
        });
    }
}
