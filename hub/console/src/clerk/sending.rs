//! A filled-in form on its way to the API: envelope, parts, and the files a form bears along when it is shown again.

use serde_json::{Value, json};

use crate::asking::piece;
use crate::form::{Filled, Sent};

use super::filled::Values;
use super::new::Kindred;

/// The envelope of what was filled in.
pub(super) fn envelope(values: &Values, kind: &Kindred, files: &[Sent]) -> Value {
    let recipients = (0..values.rows("/envelope/recipients").unwrap_or(1).max(1))
        .map(|row| values.get(&format!("/envelope/recipients/{row}/party")))
        .filter(|party| !party.is_empty());
    let mut recipients: Vec<Value> = recipients.map(|party| json!({"party": party})).collect();
    if recipients.is_empty() {
        // Nobody is named: an empty name lets the API say at which field that is.
        recipients.push(json!({"party": ""}));
    }
    let mut parts = vec![json!({"name": BODY, "role": "body", "content_type": "application/json"})];
    parts.extend(names(files).into_iter().zip(files).map(|(name, file)| {
        let role = file.field.strip_prefix("file:").unwrap_or_default();
        json!({"name": name, "role": role, "content_type": file.media_type})
    }));
    let mut envelope = json!({
        "recipients": recipients,
        "document_type": kind.name,
        "document_version": kind.version,
        "subject": values.get("/envelope/subject"),
        "purpose": values.get("/envelope/purpose"),
        "legal_basis": values.get("/envelope/legal_basis"),
        "parts": parts,
    });
    if let Ok(reference @ Value::Object(_)) = serde_json::from_str::<Value>(values.get("reference")) {
        envelope["references"] = json!([reference]);
    }
    if values.get("/envelope/consignment") == "consent" {
        envelope["consignment"] = "consent".into();
    }
    envelope
}

/// The name of the part that holds what was filled in.
const BODY: &str = "formular.json";

/// The names of the files, each once.
fn names(files: &[Sent]) -> Vec<String> {
    let mut names: Vec<String> = Vec::new();
    for file in files {
        let plain: String = file.name.chars().filter(|letter| !letter.is_control() && *letter != '"').collect();
        let taken = |name: &str| name == BODY || names.iter().any(|held| held == name);
        let mut name = plain.clone();
        let mut count = 2;
        while taken(&name) {
            name = format!("{count}-{plain}");
            count += 1;
        }
        names.push(name);
    }
    names
}

pub(super) fn boundary(key: &str) -> String {
    let safe: String = key.chars().filter(char::is_ascii_alphanumeric).take(40).collect();
    format!("punte-formular-{safe}")
}

pub(super) fn multipart(envelope: &Value, document: &Value, files: &[Sent], key: &str) -> Vec<u8> {
    let boundary = boundary(key);
    let mut body = Vec::new();
    let mut put = |name: &str, file: Option<&str>, media_type: &str, bytes: &[u8]| {
        let file = file.map(|file| format!("; filename=\"{file}\"")).unwrap_or_default();
        let head = format!("--{boundary}\r\nContent-Disposition: form-data; name=\"{name}\"{file}\r\n");
        body.extend_from_slice(head.as_bytes());
        body.extend_from_slice(format!("Content-Type: {media_type}\r\n\r\n").as_bytes());
        body.extend_from_slice(bytes);
        body.extend_from_slice(b"\r\n");
    };
    put("envelope", None, "application/json", envelope.to_string().as_bytes());
    put("part", Some(BODY), "application/json", document.to_string().as_bytes());
    for (name, file) in names(files).iter().zip(files) {
        put("part", Some(name), "application/octet-stream", &file.bytes);
    }
    body.extend_from_slice(format!("--{boundary}--\r\n").as_bytes());
    body
}

/// The files that were sent, and those the form bore along from before.
pub(super) fn all_files(filled: &Filled) -> Vec<Sent> {
    let kept = filled.all("kept").filter_map(|held| {
        let mut pieces = held.split('|').map(str::to_owned);
        let mut next = || pieces.next().map(|piece| unescaped(&piece));
        let (field, name, media_type) = (next()?, next()?, next()?);
        let bytes = hex(&next()?)?;
        Some(Sent { field, name, media_type, bytes: bytes.into() })
    });
    let fresh = filled.files.iter().filter(|file| file.field.starts_with("file:")).cloned();
    let replaced = |one: &Sent| filled.files.iter().any(|file| file.field == one.field);
    kept.filter(|one| !replaced(one)).chain(fresh).collect()
}

fn unescaped(text: &str) -> String {
    let pair = format!("x={text}");
    url::form_urlencoded::parse(pair.as_bytes()).next().map(|(_, value)| value.into_owned()).unwrap_or_default()
}

fn hex(text: &str) -> Option<Vec<u8>> {
    let digits = text.as_bytes().chunks(2);
    digits.map(|pair| u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok()).collect()
}

fn hexed(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
        // Writing into a string does not fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}

/// A file as the form bears it along: its name, and all of it.
pub(super) fn borne(file: &Sent) -> (String, String) {
    let held = [piece(&file.field), piece(&file.name), piece(&file.media_type), hexed(&file.bytes)];
    (file.name.clone(), held.join("|"))
}
