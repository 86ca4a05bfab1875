//! The forms of evidence for people and courts: one page (PDF/A), the facts as JSON, and the court pack (ASiC-E).

use axum::Json;
use axum::extract::State;
use axum::http::header;
use axum::response::{IntoResponse as _, Response};
use hub_flow::authorization::to;
use hub_flow::message::MessageId;
use hub_receipts::Language;
use serde::Deserialize;
use serde_json::Value;

use crate::api::App;
use crate::api::may::May;
use crate::api::problem::Problem;
use crate::api::request::{Path, Wanted};
use crate::papers::{self, PackChoice, PaperError, Scene};
use crate::problems;
use crate::verdict::{self, Against};

use super::evidence::{Chain, visible};

/// In which language a page is wanted.
#[derive(Deserialize)]
pub struct PageChoice {
    lang: Option<String>,
}

/// What goes into a pack.
#[derive(Deserialize)]
pub struct PackWanted {
    #[serde(default)]
    payloads: bool,
}

/// `GET /v1/messages/{id}/evidence/{evidence}/receipt?lang=ro|en`: the receipt on one page, PDF/A. The same every time
/// once the evidence is under a stamped head.
///
/// # Errors
/// A problem document.
pub async fn receipt(
    caller: May<to::EvidenceRead>,
    State(app): State<App>,
    Path((id, wanted)): Path<(String, String)>,
    Wanted(choice): Wanted<PageChoice>,
) -> Result<Response, Problem> {
    let missing = || Problem::of(&problems::NOT_FOUND);
    let language = match choice.lang.as_deref() {
        None | Some("ro") => Language::Romanian,
        Some("en") => Language::English,
        Some(_) => {
            return Err(
                Problem::of(&problems::MALFORMED_REQUEST).detail("lang poate fi ro sau en", "lang may be ro or en")
            );
        }
    };
    let chain = visible(&app, &caller, &id).await?;
    let position = chain.own.iter().position(|one| one.id.to_string() == wanted).ok_or_else(missing)?;
    let evidence = chain.own[position].clone();
    let message: MessageId = id.parse().map_err(|_| missing())?;
    let scene = Scene::gather(&app.hub, message, (vec![evidence], Vec::new())).await?;
    // Setting a page takes milliseconds, in which nobody else should wait.
    let page = tokio::task::spawn_blocking(move || papers::receipt(&scene, 0, language));
    let page = page.await.expect("the typesetter does not panic")?;
    Ok(named(page, "application/pdf", &format!("recipisa-{wanted}.pdf"), "inline"))
}

/// `GET /v1/messages/{id}/evidence/{evidence}/view`: what it says and what can be claimed of it, as JSON.
///
/// # Errors
/// A problem document.
pub async fn view(
    caller: May<to::EvidenceRead>,
    State(app): State<App>,
    Path((id, wanted)): Path<(String, String)>,
) -> Result<Json<Value>, Problem> {
    let chain = visible(&app, &caller, &id).await?;
    let found = chain.own.into_iter().find(|one| one.id.to_string() == wanted);
    let found = found.ok_or_else(|| Problem::of(&problems::NOT_FOUND))?;
    let seals = hub_flow::seal::all(&app.hub.db).await?;
    let verdict = verdict::of(found.document.as_bytes(), &Against::Seals(&seals), app.hub.clock.now());
    let verdict =
        verdict.map_err(|error| Problem::of(&problems::UNVERIFIED).detail(error.to_string(), error.to_string()))?;
    Ok(Json(verdict.to_json()))
}

/// `GET /v1/messages/{id}/package?payloads=true`: the court pack, which verifies without this hub.
///
/// # Errors
/// A problem document.
pub async fn package(
    caller: May<to::EvidenceRead>,
    State(app): State<App>,
    Path(id): Path<String>,
    Wanted(wanted): Wanted<PackWanted>,
) -> Result<Response, Problem> {
    let Chain { own, received } = visible(&app, &caller, &id).await?;
    let message: MessageId = id.parse().map_err(|_| Problem::of(&problems::NOT_FOUND))?;
    let scene = Scene::gather(&app.hub, message, (own, received)).await?;
    let pack = papers::pack(&app.hub, &scene, PackChoice { payloads: wanted.payloads }).await?;
    Ok(named(pack, "application/vnd.etsi.asic-e+zip", &format!("{id}.asice"), "attachment"))
}

fn named(bytes: Vec<u8>, media_type: &'static str, name: &str, disposition: &str) -> Response {
    let headers = [
        (header::CONTENT_TYPE, media_type.to_owned()),
        (header::CONTENT_DISPOSITION, format!("{disposition}; filename=\"{name}\"")),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff".to_owned()),
    ];
    (headers, bytes).into_response()
}

impl From<PaperError> for Problem {
    fn from(error: PaperError) -> Self {
        match error {
            PaperError::Database(error) => error.into(),
            PaperError::Log(error) => error.into(),
            PaperError::Payload(error) => error.into(),
            other => {
                tracing::error!(error = %other, "a paper could not be made");
                Self::of(&problems::UNAVAILABLE)
            }
        }
    }
}
