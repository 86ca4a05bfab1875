//! Opens a package that came from outside.

use std::collections::{BTreeMap, BTreeSet};

use bytes::Bytes;
use hub_signatures::asice::{self, zip};
use serde::Deserialize;
use serde_json::Value;

use crate::{MANIFEST, Reason, Rule, sha256};

/// What a package may cost before it is refused. Everything is held in memory while it is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Most bytes of the zip file, and of all files in it together.
    pub total_bytes: usize,
    /// Most bytes of one file in it.
    pub file_bytes: usize,
    /// Most files, folders included.
    pub files: usize,
    /// Most times a file of more than 64 KiB may be larger than what it was compressed to.
    pub ratio: usize,
    /// Most bytes of the manifest.
    pub manifest_bytes: usize,
}

impl Default for Limits {
    fn default() -> Self {
        const MEBIBYTE: usize = 1024 * 1024;
        Self { total_bytes: 64 * MEBIBYTE, file_bytes: 64 * MEBIBYTE, files: 200, ratio: 200, manifest_bytes: MEBIBYTE }
    }
}

/// A package that keeps every rule that can be judged without knowing the hub.
#[derive(Debug, Clone)]
pub struct DropPackage {
    /// The envelope, byte for byte as it stands in `manifest.json`, without a byte order mark. Whether its fields are
    /// right is the hub's to say.
    pub envelope: Bytes,
    /// The parts in the order of the envelope; each has the hash that the envelope says.
    pub parts: Vec<DropPart>,
    /// SHA-256 of the zip file.
    pub sha256: [u8; 32],
}

/// A file of a package.
#[derive(Debug, Clone)]
pub struct DropPart {
    /// Its name, unique in the package.
    pub name: String,
    /// Its role, `body` for the structured data.
    pub role: String,
    /// Its media type, as the sender says.
    pub content_type: String,
    /// SHA-256 of its bytes, computed here.
    pub sha256: [u8; 32],
    /// Its bytes.
    pub content: Bytes,
}

/// Only what the package itself needs of the envelope; the hub reads all of it, and strictly.
#[derive(Deserialize)]
struct Announced {
    parts: Vec<Line>,
}

#[derive(Deserialize)]
struct Line {
    name: String,
    #[serde(default)]
    role: String,
    #[serde(default)]
    content_type: String,
    #[serde(default)]
    sha256: Option<String>,
}

/// Opens a package.
///
/// # Errors
/// All reasons that could be found at once, at least one. A zip file that cannot be trusted has exactly one, because
/// nothing further can be believed of it.
pub fn open(bytes: &[u8], limits: &Limits) -> Result<DropPackage, Vec<Reason>> {
    let entries = zip::read(bytes, &of_the_zip(limits)).map_err(|error| vec![Reason::from(error)])?;
    let mut files: BTreeMap<String, Bytes> =
        entries.into_iter().map(|entry| (entry.name, Bytes::from(entry.content.into_owned()))).collect();
    let Some(manifest) = files.remove(MANIFEST) else { return Err(vec![no_manifest(files.keys())]) };
    if manifest.len() > limits.manifest_bytes {
        let text =
            format!("manifest.json depășește {} octeți; fișierele stau lângă el, nu în el", limits.manifest_bytes);
        return Err(vec![Reason::of(Rule::Manifest, Some(MANIFEST), text)]);
    }
    // Editors on Windows often begin with a byte order mark.
    let mark = if manifest.starts_with(b"\xef\xbb\xbf") { 3 } else { 0 };
    let envelope = manifest.slice(mark..);
    let announced = announced(&envelope).map_err(|reason| vec![reason])?;
    let parts = matched(announced, files)?;
    Ok(DropPackage { envelope, parts, sha256: sha256(bytes) })
}

/// Whether the bytes end like a zip file. Its directory stands at the end, so a copy that is still being made, or that
/// was cut, does not; whoever watches a folder waits for such a file instead of refusing it.
#[must_use]
pub fn looks_whole(bytes: &[u8]) -> bool {
    const END: usize = 22;
    let first = bytes.len().saturating_sub(END + usize::from(u16::MAX));
    let Some(last) = bytes.len().checked_sub(END) else { return false };
    (first..=last).rev().any(|at| {
        let comment = usize::from(u16::from_le_bytes([bytes[at + 20], bytes[at + 21]]));
        bytes[at..].starts_with(b"PK\x05\x06") && at + END + comment == bytes.len()
    })
}

fn of_the_zip(limits: &Limits) -> asice::Limits {
    asice::Limits {
        container_bytes: limits.total_bytes,
        entries: limits.files,
        file_bytes: limits.file_bytes,
        total_bytes: limits.total_bytes,
        ratio: limits.ratio,
    }
}

/// People archive the folder instead of what is in it; the sentence tells them when they did.
fn no_manifest<'n>(mut names: impl Iterator<Item = &'n String>) -> Reason {
    let deeper = names.find(|name| name.rsplit('/').next() == Some(MANIFEST));
    match deeper {
        Some(name) => {
            let text = "manifest.json trebuie să fie la rădăcina arhivei; arhivați fișierele din dosar, nu dosarul";
            Reason::of(Rule::Manifest, Some(name), text)
        }
        None => {
            Reason::of(Rule::Manifest, Some(MANIFEST), "arhiva nu conține manifest.json; adăugați plicul documentului")
        }
    }
}

fn announced(envelope: &[u8]) -> Result<Vec<Line>, Reason> {
    let wrong = |error: serde_json::Error| {
        let text = format!("JSON greșit la linia {}, coloana {}: {error}", error.line(), error.column());
        Reason::of(Rule::Manifest, Some(MANIFEST), text)
    };
    // First as any JSON: a syntax error is told apart from a missing list, and nesting is bounded by the reader.
    let any: Value = serde_json::from_slice(envelope).map_err(wrong)?;
    if any.get("parts").and_then(Value::as_array).is_none_or(Vec::is_empty) {
        let text = "manifest.json nu are lista „parts” cu fișierele documentului";
        return Err(Reason::of(Rule::Manifest, Some(MANIFEST), text));
    }
    let read: Announced = serde_json::from_slice(envelope).map_err(wrong)?;
    Ok(read.parts)
}

fn matched(announced: Vec<Line>, mut files: BTreeMap<String, Bytes>) -> Result<Vec<DropPart>, Vec<Reason>> {
    let (mut parts, mut reasons, mut seen) = (Vec::new(), Vec::new(), BTreeSet::new());
    for line in announced {
        let name = line.name.clone();
        if !seen.insert(name.clone()) {
            reasons.push(Reason::of(Rule::Duplicate, Some(&name), "manifest.json numește partea de două ori"));
            continue;
        }
        match files.remove(&name) {
            Some(content) => match judged(line, content) {
                Ok(part) => parts.push(part),
                Err(reason) => reasons.push(reason),
            },
            None => {
                let text = "manifest.json numește fișierul, dar el nu este în arhivă";
                reasons.push(Reason::of(Rule::Parts, Some(&name), text));
            }
        }
    }
    for name in files.keys() {
        let text = "fișierul este în arhivă, dar manifest.json nu îl numește; adăugați-l în „parts” sau scoateți-l";
        reasons.push(Reason::of(Rule::Parts, Some(name), text));
    }
    if reasons.is_empty() { Ok(parts) } else { Err(reasons) }
}

fn judged(line: Line, content: Bytes) -> Result<DropPart, Reason> {
    let computed = sha256(&content);
    let refuse = |text: String| Err(Reason::of(Rule::Hash, Some(&line.name), text));
    match line.sha256.as_deref().map(hex::decode) {
        None => refuse(format!("lipsește „sha256”; pentru fișierul din arhivă este {}", hex::encode(computed))),
        Some(Err(_)) => refuse("„sha256” nu este o amprentă SHA-256 în hexazecimal (64 de cifre 0–9, a–f)".to_owned()),
        Some(Ok(told)) if told != computed => {
            refuse(format!("„sha256” nu este al fișierului din arhivă, care are {}", hex::encode(computed)))
        }
        Some(Ok(_)) => {
            let Line { name, role, content_type, .. } = line;
            Ok(DropPart { name, role, content_type, sha256: computed, content })
        }
    }
}
