//! `multipart/form-data` with a known length and a boundary that follows from the contents.
//!
//! The same document gives the same bytes at every attempt, so their hash can be compared; and no sender can write the
//! boundary into a file, because it depends on the file's own hash.

use bytes::Bytes;
use connectors_contract::manifest::MultipartNames;
use connectors_contract::{Consignment, Part, PartContent};
use openssl::sha::Sha256;

use connectors_http::Segment;

/// The media type and the segments of the whole form.
pub(crate) fn form(names: &MultipartNames, consignment: &Consignment) -> (String, Vec<Segment>) {
    let boundary = boundary(consignment);
    let body = &consignment.body;
    let head = |field: &str, file: &str, content_type: &str| {
        let file = if file.is_empty() { String::new() } else { format!("; filename=\"{}\"", quoted(file)) };
        format!(
            "--{boundary}\r\nContent-Disposition: form-data; name=\"{}\"{file}\r\nContent-Type: {}\r\n\r\n",
            quoted(field),
            media_type(content_type)
        )
    };
    let mut segments = vec![text(head(&names.document, "", &body.content_type)), Segment::Bytes(body.content.clone())];
    let evidence = consignment.evidence.iter().map(|part| (&names.evidence, part));
    for (field, part) in evidence.chain(consignment.parts.iter().map(|part| (&names.parts, part))) {
        segments.push(text(format!("\r\n{}", head(field, &part.name, &part.content_type))));
        segments.extend(content(part));
    }
    segments.push(text(format!("\r\n--{boundary}--\r\n")));
    (format!("multipart/form-data; boundary={boundary}"), segments)
}

fn boundary(consignment: &Consignment) -> String {
    let mut hasher = Sha256::new();
    hasher.update(consignment.idempotency_key.as_bytes());
    hasher.update(&openssl::sha::sha256(&consignment.body.content));
    for part in consignment.evidence.iter().chain(&consignment.parts) {
        hasher.update(&part.sha256);
    }
    format!("punte-{}", hex::encode(&hasher.finish()[..16]))
}

fn content(part: &Part) -> Option<Segment> {
    match &part.content {
        PartContent::Inline(bytes) => Some(Segment::Bytes(bytes.clone())),
        PartContent::File(_) if part.size == 0 => None,
        PartContent::File(path) => {
            let (name, path) = (part.name.clone(), path.clone());
            Some(Segment::File { name, path, size: part.size, sha256: part.sha256 })
        }
    }
}

fn text(text: String) -> Segment {
    Segment::Bytes(Bytes::from(text))
}

/// Escapes what would end the quotes or the line, as browsers do.
fn quoted(name: &str) -> String {
    name.replace('"', "%22").replace('\r', "%0D").replace('\n', "%0A")
}

fn media_type(content_type: &str) -> &str {
    let fits = !content_type.is_empty() && content_type.bytes().all(|byte| (b' '..=b'~').contains(&byte));
    if fits { content_type } else { "application/octet-stream" }
}
