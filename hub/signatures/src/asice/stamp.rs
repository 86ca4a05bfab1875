//! `META-INF/ASiCManifest*.xml`: the digests of entries, under one time-stamp token (EN 319 162-1, annex A.4.2).
//!
//! It reads and writes the list; whether token and digests are right is checked by the verdict.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use super::signature::{Signable, write_digest};
use super::{ASIC_NAMESPACE, NAMESPACES, name};
use crate::canonical::{CanonicalError, Writer};
use crate::digest::DigestAlgorithm;
use crate::dsig::read_digest;
use crate::tree::{Limits, Tree};

/// The media type of a token (EN 319 162-1, annex A.4.2).
const TOKEN_TYPE: &str = "application/vnd.etsi.timestamp-token";

/// The list of these entries, to be stamped by the token in the entry `token`.
pub(super) fn write(token: &str, entries: &[Signable<'_>]) -> Result<Vec<u8>, CanonicalError> {
    let mut writer = Writer::with_namespaces(NAMESPACES);
    writer.open("asic:ASiCManifest", &[]);
    writer.open("asic:SigReference", &[("MimeType", TOKEN_TYPE), ("URI", &name::to_uri(token))]).close();
    for entry in entries {
        let uri = name::to_uri(entry.name);
        writer.open("asic:DataObjectReference", &[("MimeType", entry.media_type), ("URI", &uri)]);
        write_digest(&mut writer, &STANDARD.encode(entry.sha256));
        writer.close();
    }
    writer.close();
    writer.finish().map(String::into_bytes)
}

/// What a list says.
pub(super) struct StampManifest {
    /// The entry that covers this list.
    pub(super) token: String,
    /// The listed entries: name, algorithm, digest.
    pub(super) entries: Vec<(String, DigestAlgorithm, Vec<u8>)>,
}

/// Reads a list; the error says what is wrong with it.
pub(super) fn read(xml: &[u8]) -> Result<StampManifest, String> {
    let tree = Tree::parse(xml, &Limits::default()).map_err(|error| error.to_string())?;
    if !tree.root().has_tag_name((ASIC_NAMESPACE, "ASiCManifest")) {
        return Err("its root is not an ASiCManifest".to_owned());
    }
    let (mut token, mut entries) = (None, Vec::new());
    for element in tree.root().children().filter(|child| child.is_element()) {
        let referred = element.attribute("URI").and_then(name::from_uri);
        match (element.tag_name().name(), element.tag_name().namespace(), referred) {
            ("SigReference", Some(ASIC_NAMESPACE), Some(name)) if token.is_none() => token = Some(name),
            ("DataObjectReference", Some(ASIC_NAMESPACE), Some(name)) => {
                let (algorithm, digest) = read_digest(element).map_err(|error| error.to_string())?;
                entries.push((name, algorithm, digest));
            }
            _ => return Err("it holds something else than references with a digest".to_owned()),
        }
    }
    match token {
        Some(token) if !entries.is_empty() => Ok(StampManifest { token, entries }),
        _ => Err("it does not say what covers it, or covers nothing".to_owned()),
    }
}
