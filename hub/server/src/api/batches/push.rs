//! `POST /v1/batches`: a file is taken whole and answered at once; its rows follow.

use std::sync::Arc;

use axum::Json;
use axum::extract::multipart::Multipart;
use axum::extract::{FromRequest as _, Request, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use bytes::Bytes;
use hub_flow::authorization::{Scope, Who, to};
use hub_flow::batches::{self, Batch, Begun, CHUNK, Change, Form, Keep, Kept, LARGEST, NewBatch};
use hub_flow::blobs::Stored;
use serde_json::{Value, json};
use tokio::sync::Semaphore;

use crate::api::App;
use crate::api::caller::idempotency_key;
use crate::api::may::MayWithin;
use crate::api::messages::receive::{malformed, next, small, stream};
use crate::api::problem::Problem;
use crate::problems;

use super::show::described;

/// Files in memory at once, on their way into the database.
static IN_MEMORY: Semaphore = Semaphore::const_new(2);
/// Earlier pushes of the same file that are named.
const NAMED: i64 = 5;

/// Takes a file: 202 with the id of the push; 200 for the same file under the same key; 409 for another one.
///
/// # Errors
/// A problem document; nothing was taken.
pub async fn push(
    caller: MayWithin<to::MessagesSend>,
    State(app): State<App>,
    headers: HeaderMap,
    request: Request,
) -> Result<Response, Problem> {
    let idempotency_key = idempotency_key(&headers)?;
    let (mut form, file) = received(&app, request).await?;
    let scope = Scope { document_type: Some(&form.document_type), ..Scope::default() };
    let caller = caller.within(scope)?.into_caller();
    form.document_version = Some(version(&app, &form)?);
    let party = caller.party.clone();
    let author = match &caller.principal.who {
        Who::Person { pseudonym, .. } => pseudonym.clone(),
        Who::System { id } => id.clone(),
    };
    let (sender, authentication) = caller.sending_for(&app, form.on_behalf_of.as_deref())?;
    let now = app.hub.clock.now();
    let earlier = batches::list(&app.hub.db, &party, (None, Some(file.sha256)), NAMED).await?;
    let new = NewBatch {
        id: app.hub.ids.uuid(now),
        party: party.clone(),
        sender,
        author,
        authentication,
        idempotency_key,
        form,
        file_sha256: file.sha256,
        size: i64::try_from(file.size).unwrap_or(i64::MAX),
        at: now,
    };
    let (id, status) = match kept(&app, Change::Begin(Box::new(new))).await? {
        Kept::Begun(Begun::Write(id)) => {
            write(&app, id, &file).await?;
            (id, StatusCode::ACCEPTED)
        }
        Kept::Begun(Begun::Again(id)) => (id, StatusCode::OK),
        Kept::Begun(Begun::Conflict(first)) => return Err(conflict(&first.to_string())),
        Kept::Corrected(_) | Kept::Done => return Err(Problem::of(&problems::UNAVAILABLE)),
    };
    let batch = batches::find(&app.hub.db, &party, id).await?.ok_or_else(|| Problem::of(&problems::UNAVAILABLE))?;
    let mut told = described(&batch);
    let same: Vec<Value> = earlier.iter().filter(|one| one.id != id).map(same).collect();
    told["same_file_as"] = same.into();
    Ok((status, [(header::LOCATION, format!("/v1/batches/{id}"))], Json(told)).into_response())
}

fn same(batch: &Batch) -> Value {
    json!({"batch_id": batch.id.to_string(), "pushed_at": batch.at.to_utc()})
}

/// The form, then the file.
async fn received(app: &App, request: Request) -> Result<(Form, Stored), Problem> {
    let mut parts = Multipart::from_request(request, &()).await.map_err(|error| {
        malformed(format!("Formularul nu poate fi citit: {error}"), format!("The form cannot be read: {error}"))
    })?;
    let first = next(app, &mut parts).await?.filter(|field| field.name() == Some("batch"));
    let Some(first) = first else {
        return Err(malformed(
            "Prima parte a formularului trebuie să fie „batch”, cu datele lotului în JSON",
            "The first field of the form must be \"batch\", with what holds for all rows in JSON",
        ));
    };
    let text = small(app, first).await?;
    crate::api::request::json_bounded(&text)?;
    let mut form: Form = serde_json::from_slice(&text).map_err(|error| {
        malformed(format!("Partea „batch” nu este corectă: {error}"), format!("The field \"batch\" is wrong: {error}"))
    })?;
    let Some(field) = next(app, &mut parts).await?.filter(|field| field.name() == Some("file")) else {
        return Err(malformed(
            "A doua parte a formularului trebuie să fie „file”, cu fișierul",
            "The second field of the form must be \"file\", with the file",
        ));
    };
    if form.name.trim().is_empty() {
        form.name = field.file_name().unwrap_or("fișier").to_owned();
    }
    form.name = form
        .name
        .rsplit(['/', '\\'])
        .next()
        .unwrap_or_default()
        .chars()
        .filter(|one| !one.is_control())
        .take(200)
        .collect();
    let file = stream(app, field).await?;
    if file.size == 0 {
        return Err(malformed("Fișierul este gol; alegeți altul", "The file is empty; choose another"));
    }
    if file.size > LARGEST as u64 {
        return Err(Problem::too_large(LARGEST as u64));
    }
    Ok((form, file))
}

/// The version the rows are made for: the named one, else the newest.
fn version(app: &App, form: &Form) -> Result<String, Problem> {
    let catalogue = &app.hub.catalogue;
    let found = match &form.document_version {
        Some(version) => catalogue.document_type(&form.document_type, version),
        None => catalogue.document_types().filter(|one| one.name() == form.document_type).last(),
    };
    let found = found.ok_or_else(|| {
        Problem::of(&problems::UNKNOWN_DOCUMENT_TYPE).detail(
            format!("„{}” nu este un tip de document; alegeți unul din /v1/document-types", form.document_type),
            format!("\"{}\" is no document type; choose one of /v1/document-types", form.document_type),
        )
    })?;
    if found.end_to_end() {
        return Err(Problem::of(&problems::ENCRYPTION_REQUIRED).detail(
            "Acest tip de document se trimite cifrat pentru destinatar, unul câte unul, prin /v1/messages",
            "This document type is sealed for its recipients and sent one by one, by /v1/messages",
        ));
    }
    Ok(found.version().to_owned())
}

/// Writes the file piece by piece, so that nobody waits behind it, and says that it is whole.
async fn write(app: &App, id: uuid::Uuid, file: &Stored) -> Result<(), Problem> {
    let _turn = IN_MEMORY.acquire().await.expect("the turns are never closed");
    let bytes: Bytes = file.bytes().await?;
    for (piece, content) in (0..).zip(bytes.chunks(CHUNK)) {
        kept(app, Change::Piece(id, piece, content.to_vec())).await?;
    }
    kept(app, Change::Arrived(id, app.hub.clock.now())).await?;
    Ok(())
}

pub(super) async fn kept(app: &App, change: Change) -> Result<Kept, Problem> {
    Ok(app.hub.db.write(&Arc::new(Keep), change).await?)
}

fn conflict(first: &str) -> Problem {
    Problem::of(&problems::IDEMPOTENCY_CONFLICT)
        .detail(
            "Folosiți o cheie nouă pentru fișierul nou; primul lot rămâne neschimbat",
            "Use a new key for the new file; the first push stays as it is",
        )
        .with("batch_id", first)
}
