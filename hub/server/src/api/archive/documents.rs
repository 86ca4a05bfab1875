//! `/v1/archive/documents/{id}`: an archived document, its record sheet and its bytes; every reading of bytes is noted.

use std::sync::Arc;

use axum::Json;
use axum::body::Body;
use axum::extract::State;
use axum::http::header;
use axum::response::{IntoResponse as _, Response};
use hub_flow::archive::filing::{self, Access, Archived, RecordAccess, Sheet};
use hub_flow::authorization::{Permits, to};
use hub_vault::VaultError;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::api::App;
use crate::api::clerk::Clerk;
use crate::api::may::{May, MayWithin};
use crate::api::problem::Problem;
use crate::api::request::{Path, Wanted};
use crate::{problems, sheets};

/// In which form.
#[derive(Deserialize)]
pub struct Form {
    format: Option<String>,
}

async fn found<P: Permits>(
    app: &App,
    caller: MayWithin<P>,
    clerk: &Clerk,
    id: &str,
) -> Result<(May<P>, Archived, Sheet), Problem> {
    let missing = || Problem::of(&problems::NOT_FOUND);
    let (document, sheet) = filing::archived(&app.hub.db, caller.party(), super::id(id)?).await?.ok_or_else(missing)?;
    let (caller, _) = super::dossier_within(app, caller, clerk, document.dossier).await?;
    Ok((caller, document, sheet))
}

/// An archived document without its bytes.
///
/// # Errors
/// A problem document.
pub async fn show(
    caller: MayWithin<to::ArchiveDocumentsRead>,
    State(app): State<App>,
    clerk: Clerk,
    Path(id): Path<String>,
) -> Result<Json<Value>, Problem> {
    let (_, document, sheet) = found(&app, caller, &clerk, &id).await?;
    let conversions = filing::conversions(&app.hub.db, document.id).await?;
    let mut told = serde_json::to_value(document).expect("an archived document is plain data");
    told["sheet"] = json!(sheet);
    told["conversions"] = json!(conversions);
    Ok(Json(told))
}

/// The record sheet of 13 elements (Law 135/2007): JSON, or XML with `format=xml`, by the schema that travels in packages.
///
/// # Errors
/// A problem document.
pub async fn sheet(
    caller: MayWithin<to::ArchiveDocumentsRead>,
    State(app): State<App>,
    clerk: Clerk,
    Path(id): Path<String>,
    Wanted(form): Wanted<Form>,
) -> Result<Response, Problem> {
    let (caller, document, sheet) = found(&app, caller, &clerk, &id).await?;
    match form.format.as_deref() {
        None | Some("json") => Ok(Json(sheet).into_response()),
        Some("xml") => {
            let dossier = super::dossier_of(&app, &caller, &clerk, document.dossier).await?;
            let mut told = sheets::head(&dossier).map_err(|error| Problem::from(std::io::Error::other(error)))?;
            told.sheets.push(sheets::sheet(&dossier, sheet, vec![document.name]));
            Ok(([(header::CONTENT_TYPE, "application/xml")], told.to_xml()).into_response())
        }
        Some(_) => {
            Err(Problem::of(&problems::MALFORMED_REQUEST).detail("format este json sau xml", "format is json or xml"))
        }
    }
}

/// The bytes as they were archived. Who read them is written down first.
///
/// # Errors
/// A problem document.
pub async fn content(
    caller: MayWithin<to::ArchiveDocumentsRead>,
    State(app): State<App>,
    clerk: Clerk,
    Path(id): Path<String>,
) -> Result<Response, Problem> {
    let (caller, document, _) = found(&app, caller, &clerk, &id).await?;
    if document.erased_at.is_some() {
        return Err(erased());
    }
    let author = clerk.person()?.to_owned();
    let access = Access { party: caller.party.clone(), document: document.id, author, at: app.hub.clock.now() };
    app.hub.db.write(&Arc::new(RecordAccess), access).await?;
    let mut address = [0; 32];
    hex::decode_to_slice(&document.sha256, &mut address).expect("the archive wrote 32 bytes in hexadecimal");
    let reading = match app.hub.vault.read(&address).await {
        Ok(reading) => reading,
        // Its destruction is under way.
        Err(VaultError::Absent { .. }) => return Err(erased()),
        Err(error) => return Err(std::io::Error::other(error).into()),
    };
    let parts = futures_util::stream::unfold(Some(reading), |reading| async {
        let mut reading = reading?;
        match reading.next().await {
            Ok(Some(part)) => Some((Ok(part), Some(reading))),
            Ok(None) => None,
            // The connection breaks, so that nobody takes a part for the whole.
            Err(error) => Some((Err(std::io::Error::other(error)), None)),
        }
    });
    let headers = [
        (header::CONTENT_TYPE, document.content_type),
        (header::CONTENT_LENGTH, document.size.to_string()),
        (header::CONTENT_DISPOSITION, "attachment".to_owned()),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff".to_owned()),
        (header::ETAG, format!("\"{}\"", document.sha256)),
    ];
    Ok((headers, Body::from_stream(parts)).into_response())
}

/// The bytes were destroyed by a selection.
pub(in crate::api) fn erased() -> Problem {
    Problem::of(&problems::CONTENT_ERASED).detail(
        "Conținutul a fost distrus prin selecționare; dovezile, rezumatul și înregistrarea rămân",
        "The content was destroyed by a selection; evidence, digest and registration remain",
    )
}
