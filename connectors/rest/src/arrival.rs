//! From one item of a list to an arrival: envelope, body, facts. Files are fetched by who asks.

use bytes::Bytes;
use connectors_contract::manifest::Pointer;
use connectors_contract::{Arrival, Part, PartContent};
use serde_json::{Value, json};

use crate::receive::Receive;

/// A file of an item, before its bytes are here.
pub(crate) struct Announced {
    pub(crate) name: String,
    pub(crate) role: Option<String>,
    pub(crate) content_type: String,
    pub(crate) sha256: Option<String>,
    pub(crate) place: Place,
}

/// Where the bytes of a file are.
pub(crate) enum Place {
    /// At a path below the base address.
    Path(String),
    /// In the item, in base64.
    Inside(String),
    /// Nowhere.
    Missing,
}

/// A file with its bytes.
pub(crate) struct Fetched {
    pub(crate) role: Option<String>,
    pub(crate) part: Part,
}

/// The files an item announces.
pub(crate) fn announced(receive: &Receive, item: &Value) -> Vec<Announced> {
    let Some(text) = &receive.parts else { return Vec::new() };
    let files = text.items.find(item).and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    let read = |(position, file): (usize, &Value)| {
        let at = |pointer: &Option<Pointer>| pointer.as_ref().and_then(|pointer| pointer.text(file));
        let place = match (at(&text.path), at(&text.content)) {
            (Some(path), _) => Place::Path(path),
            (None, Some(content)) => Place::Inside(content),
            (None, None) => Place::Missing,
        };
        Announced {
            name: text.name.text(file).unwrap_or_else(|| format!("fișier-{}", position + 1)),
            role: at(&text.role),
            content_type: at(&text.content_type).unwrap_or_else(|| "application/octet-stream".to_owned()),
            sha256: at(&text.sha256),
            place,
        }
    };
    files.iter().enumerate().map(read).collect()
}

/// The bytes of a file as a part; what is wrong with them in words for whoever sent them.
pub(crate) fn part(announced: &Announced, content: Bytes) -> Result<Part, String> {
    let sha256 = openssl::sha::sha256(&content);
    if announced.sha256.as_ref().is_some_and(|expected| !expected.eq_ignore_ascii_case(&hex::encode(sha256))) {
        return Err(format!("Fișierul „{}” nu are amprenta SHA-256 anunțată; trimiteți-l din nou.", announced.name));
    }
    Ok(Part {
        name: announced.name.clone(),
        content_type: announced.content_type.clone(),
        size: content.len() as u64,
        sha256,
        content: PartContent::Inline(content),
    })
}

/// The arrival of an item and its files. What cannot be read is an arrival too, so that its sender is told.
pub(crate) fn arrival(receive: &Receive, id: &str, item: &Value, files: Result<Vec<Fetched>, String>) -> Arrival {
    let facts = receive.facts.iter().filter_map(|(name, place)| Some((name.clone(), place.text(item)?))).collect();
    let mut arrival = Arrival { id: id.to_owned(), envelope: None, parts: Vec::new(), facts, unreadable: None };
    let files = match files.and_then(|files| with_body(receive, item, files)) {
        Ok(files) => files,
        Err(problem) => return Arrival { unreadable: Some(problem), ..arrival },
    };
    match envelope(receive, id, item, &files) {
        Ok(envelope) => arrival.envelope = envelope,
        Err(problem) => arrival.unreadable = Some(problem),
    }
    arrival.parts = files.into_iter().map(|file| file.part).collect();
    arrival
}

fn with_body(receive: &Receive, item: &Value, files: Vec<Fetched>) -> Result<Vec<Fetched>, String> {
    let Some(place) = &receive.body else { return Ok(files) };
    let body = place.find(item).ok_or("Lipsește documentul structurat.")?;
    let content = Bytes::from(body.to_string());
    let part = Part {
        name: "document.json".to_owned(),
        content_type: "application/json".to_owned(),
        size: content.len() as u64,
        sha256: openssl::sha::sha256(&content),
        content: PartContent::Inline(content),
    };
    let body = Fetched { role: Some("body".to_owned()), part };
    Ok(std::iter::once(body).chain(files).collect())
}

fn envelope(receive: &Receive, id: &str, item: &Value, files: &[Fetched]) -> Result<Option<Bytes>, String> {
    let Some(tree) = &receive.envelope else { return Ok(None) };
    let described = |file: &Fetched| {
        let mut described = json!({
            "name": file.part.name,
            "content_type": file.part.content_type,
            "sha256": hex::encode(file.part.sha256),
        });
        if let (Some(members), Some(role)) = (described.as_object_mut(), &file.role) {
            members.insert("role".to_owned(), Value::from(role.clone()));
        }
        described
    };
    let filler = |name: &str| match name {
        "id" => Some(Value::from(id)),
        "parts" => Some(files.iter().map(described).collect()),
        place => Pointer::try_from(place.to_owned()).ok()?.find(item).cloned(),
    };
    let filled = tree.fill(&filler).map_err(|missing| format!("Documentul nu are toate datele cerute: {missing}."))?;
    Ok(filled.map(|envelope| Bytes::from(envelope.to_string())))
}
