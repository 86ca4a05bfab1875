//! `POST /v1/relay`: a dispatch of another delivery service, answered with sealed evidence.

use axum::extract::{Request, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use hub_flow::authorization::to;
use hub_flow::flow::{Admitted, Dispatched, NotAdmitted, admit};
use hub_flow::message::{BODY, Envelope};
use hub_flow::relay::Metadata;
use serde_json::Value;

use crate::api::App;
use crate::api::caller::Caller;
use crate::api::may::May;
use crate::api::messages::receive::{arrived, malformed, next, small, stream};
use crate::api::problem::Problem;
use crate::api::request::json_bounded;
use crate::problems;
use crate::protection::malware::{self, Shown};

use super::{MOST_EVIDENCE, metadata, not_a_service, too_much};

/// Takes a dispatch: 201 with the sealed acceptance (B.1) once everything is durable, 200 with the same for the same
/// dispatch again, 422 with the sealed rejection (B.2). Evidence is the body, not a problem document: it is what the
/// other service shows to its sender.
///
/// # Errors
/// A problem document where no evidence can be given.
pub async fn dispatch(
    caller: May<to::RelayDispatch>,
    State(app): State<App>,
    request: Request,
) -> Result<Response, Problem> {
    if app.hub.directory().service(&caller.party).is_none() {
        return Err(not_a_service());
    }
    let (document, mut form) = metadata(&app, request).await?;
    let metadata = Metadata::read(&document).map_err(|error| {
        malformed(
            format!("Metadatele releului nu pot fi citite: {error}"),
            format!("The relay metadata cannot be read: {error}"),
        )
    })?;
    let (mut evidence, mut named) = (Vec::new(), Vec::new());
    while let Some(field) = next(&app, &mut form).await? {
        if field.name() == Some("evidence") {
            evidence.push(small(&app, field).await?);
            if evidence.len() > MOST_EVIDENCE {
                return Err(too_much());
            }
            continue;
        }
        let Some(name) = field.file_name().map(str::to_owned) else {
            return Err(malformed("O parte nu are nume", "A part has no name"));
        };
        named.push((name, stream(&app, field).await?));
    }
    let body = match &metadata.envelope {
        Some(envelope) => body(&app, envelope, &named).await?,
        None => Value::Null,
    };
    let (payloads, staged) = arrived(metadata.envelope.as_ref(), named);
    let found = match &metadata.envelope {
        Some(envelope) => malware::judged(&app, Shown { envelope, payloads: &payloads, staged: &staged }).await?,
        // Nothing of it is taken: every rule finds the missing envelope wanting.
        None => Vec::new(),
    };
    let Caller { party: partner, authentication, .. } = caller.into_caller();
    let dispatched =
        Dispatched { partner, authentication, metadata, document, evidence, payloads, staged, body, found };
    let Admitted { evidence, taken, again } = admit(&app.hub, dispatched).await.map_err(problem)?;
    let status = match (taken, again) {
        (true, false) => StatusCode::CREATED,
        (true, true) => StatusCode::OK,
        (false, _) => StatusCode::UNPROCESSABLE_ENTITY,
    };
    Ok((status, [(header::CONTENT_TYPE, "application/xml")], evidence.document).into_response())
}

/// The body, parsed. What is no JSON breaks a rule of its type, and is refused with evidence like any other.
async fn body(app: &App, envelope: &Envelope, named: &[(String, hub_flow::blobs::Stored)]) -> Result<Value, Problem> {
    let described = envelope.parts.iter().find(|part| part.role == BODY);
    let stored = described.and_then(|part| named.iter().find(|(name, _)| *name == part.name));
    let Some((_, stored)) = stored.filter(|(_, stored)| stored.size <= app.limits.json_bytes as u64) else {
        return Ok(Value::Null);
    };
    let bytes = stored.bytes().await?;
    if json_bounded(&bytes).is_err() {
        return Ok(Value::Null);
    }
    let text = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&bytes);
    Ok(serde_json::from_slice(text).unwrap_or_default())
}

fn problem(error: NotAdmitted) -> Problem {
    match error {
        NotAdmitted::NotAService => not_a_service(),
        NotAdmitted::Halted(halt) => halt.into(),
        NotAdmitted::Unavailable(error) => error.into(),
        NotAdmitted::Conflict { first } => Problem::of(&problems::IDEMPOTENCY_CONFLICT)
            .detail(
                "Sub acest identificator a fost preluat, pentru același destinatar, un mesaj cu alt conținut",
                "Under this identifier a message with other content was taken for the same recipient",
            )
            .with("message_id", first.to_string()),
    }
}
