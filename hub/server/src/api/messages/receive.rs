//! Reads a submission off the wire: multipart, streamed part by part, or JSON for small ones.

use axum::body::Body;
use axum::extract::multipart::{Field, Multipart, MultipartError};
use axum::extract::{FromRequest as _, Request};
use axum::http::{StatusCode, header};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use bytes::{Bytes, BytesMut};
use hub_flow::blobs::{Staged, Stored};
use hub_flow::message::{BODY, Envelope, Payload, assembled};
use serde::Deserialize;
use serde_json::Value;
use serde_json::value::RawValue;

use crate::api::App;
use crate::api::problem::Problem;
use crate::api::request::json_bounded;
use crate::problems;

/// What arrived: the envelope, its payloads in its order, and the parsed body.
pub(super) struct Arrived {
    pub envelope: Envelope,
    pub payloads: Vec<Payload>,
    pub staged: Vec<Staged>,
    pub body: Value,
}

/// The JSON form, for submissions that fit in memory.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct JsonSubmission {
    envelope: Envelope,
    /// Kept as the very bytes that were sent.
    body: Box<RawValue>,
    #[serde(default)]
    parts: Vec<JsonPart>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct JsonPart {
    name: String,
    content_base64: String,
}

pub(super) async fn receive(app: &App, request: Request) -> Result<Arrived, Problem> {
    let media_type = request.headers().get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
    match media_type.and_then(|value| value.split(';').next()).map(|value| value.trim().to_ascii_lowercase()).as_deref()
    {
        Some("multipart/form-data") => multipart(app, request).await,
        Some("application/json") => json(app, request.into_body()).await,
        _ => Err(Problem::of(&problems::UNSUPPORTED_MEDIA_TYPE).detail(
            "Trimiteți multipart/form-data (plicul, apoi părțile) sau application/json",
            "Send multipart/form-data (the envelope, then the parts) or application/json",
        )),
    }
}

pub(crate) fn malformed(ro: impl Into<String>, en: impl Into<String>) -> Problem {
    Problem::of(&problems::MALFORMED_REQUEST).detail(ro, en)
}

async fn json(app: &App, body: Body) -> Result<Arrived, Problem> {
    let limit = app.limits.json_bytes;
    let bytes = axum::body::to_bytes(body, limit).await.map_err(|_| Problem::too_large(limit as u64))?;
    let sent: JsonSubmission = parse_json(&bytes, "")?;
    let mut named = vec![];
    if let Some(body) = sent.envelope.parts.iter().find(|part| part.role == BODY) {
        let content = Bytes::copy_from_slice(sent.body.get().as_bytes());
        named.push((body.name.clone(), keep(app, content).await?));
    }
    for part in sent.parts {
        let content = BASE64.decode(&part.content_base64).map_err(|_| {
            malformed(
                format!("Conținutul părții {} nu este base64", part.name),
                format!("The content of part {} is not base64", part.name),
            )
        })?;
        named.push((part.name, keep(app, content.into()).await?));
    }
    let body = parse_json(sent.body.get().as_bytes(), "/body")?;
    let (payloads, staged) = arrived(Some(&sent.envelope), named);
    Ok(Arrived { envelope: sent.envelope, payloads, staged, body })
}

async fn keep(app: &App, content: Bytes) -> Result<Stored, Problem> {
    let id = app.hub.ids.uuid(app.hub.clock.now());
    Ok(app.hub.blobs.keep(id, content).await?)
}

async fn multipart(app: &App, request: Request) -> Result<Arrived, Problem> {
    let mut form = Multipart::from_request(request, &()).await.map_err(|error| {
        malformed(format!("Formularul nu poate fi citit: {error}"), format!("The form cannot be read: {error}"))
    })?;
    let first = next(app, &mut form).await?;
    let Some(first) = first.filter(|field| field.name() == Some("envelope")) else {
        return Err(malformed(
            "Prima parte a formularului trebuie să fie „envelope”, cu plicul în JSON",
            "The first field of the form must be \"envelope\", with the envelope in JSON",
        ));
    };
    let envelope: Envelope = parse_json(&small(app, first).await?, "/envelope")?;
    let mut named = Vec::new();
    while let Some(field) = next(app, &mut form).await? {
        let Some(name) = field.file_name().or(field.name()).map(str::to_owned) else {
            return Err(malformed("O parte nu are nume", "A part has no name"));
        };
        named.push((name, stream(app, field).await?));
    }
    let body = body(app, &envelope, &named).await?;
    let (payloads, staged) = arrived(Some(&envelope), named);
    Ok(Arrived { envelope, payloads, staged, body })
}

/// The payloads in the order of the envelope, and the files of the large ones.
pub(crate) fn arrived(envelope: Option<&Envelope>, named: Vec<(String, Stored)>) -> (Vec<Payload>, Vec<Staged>) {
    assembled(envelope.map_or(&[], |envelope| &envelope.parts), named)
}

/// The next field; a sender that stops in the middle of one does not hold the hub.
pub(crate) async fn next<'a>(app: &App, form: &'a mut Multipart) -> Result<Option<Field<'a>>, Problem> {
    tokio::time::timeout(app.idle, form.next_field()).await.map_err(|_| stalled())?.map_err(|error| broken(&error))
}

async fn chunk(app: &App, field: &mut Field<'_>) -> Result<Option<Bytes>, Problem> {
    tokio::time::timeout(app.idle, field.chunk()).await.map_err(|_| stalled())?.map_err(|error| broken(&error))
}

fn stalled() -> Problem {
    malformed("Transmiterea s-a oprit; nimic nu a fost preluat", "The sending stopped; nothing was taken")
}

fn broken(error: &MultipartError) -> Problem {
    if error.status() == StatusCode::PAYLOAD_TOO_LARGE {
        return Problem::of(&problems::PAYLOAD_TOO_LARGE);
    }
    malformed(
        format!("Formularul este întrerupt sau greșit: {}", error.body_text()),
        format!("The form is cut off or wrong: {}", error.body_text()),
    )
}

pub(crate) async fn small(app: &App, mut field: Field<'_>) -> Result<Bytes, Problem> {
    let mut bytes = BytesMut::new();
    while let Some(more) = chunk(app, &mut field).await? {
        if bytes.len() + more.len() > app.limits.json_bytes {
            return Err(Problem::too_large(app.limits.json_bytes as u64));
        }
        bytes.extend_from_slice(&more);
    }
    Ok(bytes.freeze())
}

pub(crate) async fn stream(app: &App, mut field: Field<'_>) -> Result<Stored, Problem> {
    let id = app.hub.ids.uuid(app.hub.clock.now());
    let mut upload = app.hub.blobs.upload(id);
    while let Some(more) = chunk(app, &mut field).await? {
        if upload.size() + more.len() as u64 > app.limits.part_bytes {
            return Err(Problem::too_large(app.limits.part_bytes));
        }
        upload.write(&more).await?;
    }
    Ok(upload.finish().await?)
}

async fn body(app: &App, envelope: &Envelope, named: &[(String, Stored)]) -> Result<Value, Problem> {
    let described = envelope.parts.iter().find(|part| part.role == BODY);
    // A missing body is a broken rule of the envelope, reported with all the others.
    let Some(described) = described else { return Ok(Value::Null) };
    let Some((_, stored)) = named.iter().find(|(name, _)| *name == described.name) else { return Ok(Value::Null) };
    if stored.size > app.limits.json_bytes as u64 {
        return Err(Problem::too_large(app.limits.json_bytes as u64));
    }
    parse_json(&stored.bytes().await?, "/body")
}

fn parse_json<T: for<'de> Deserialize<'de>>(bytes: &[u8], pointer: &str) -> Result<T, Problem> {
    json_bounded(bytes).map_err(|problem| problem.with("pointer", pointer))?;
    // Senders on Windows often begin with a byte order mark.
    let text = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    serde_json::from_slice(text).map_err(|error| {
        malformed(
            format!("JSON greșit la linia {}, coloana {}: {error}", error.line(), error.column()),
            format!("Wrong JSON at line {}, column {}: {error}", error.line(), error.column()),
        )
        .with("pointer", pointer)
    })
}
