//! What anybody may look up: parties, document types, the seal, problem pages, and the verdict on an evidence.

use axum::Json;
use axum::extract::{Path, State};
use axum::http::header;
use axum::response::{IntoResponse as _, Response};
use include_dir::{Dir, include_dir};
use serde_json::{Value, json};

use crate::problems;
use crate::verdict;

use super::App;
use super::problem::Problem;
use super::request::SmallBody;

static PAGES: Dir<'static> = include_dir!("$CARGO_MANIFEST_DIR/../../docs/problems");

/// `GET /v1/directory`: the institutions that can be written to.
pub async fn directory(State(app): State<App>) -> Json<Value> {
    let directory = app.hub.directory();
    let mut parties: Vec<_> = directory.parties().collect();
    parties.sort_by(|left, right| left.id.cmp(&right.id));
    Json(json!({"parties": parties}))
}

/// `GET /v1/document-types`: the catalogue, with what each type requires.
pub async fn document_types(State(app): State<App>) -> Json<Value> {
    let types: Vec<Value> = app
        .hub
        .catalogue
        .document_types()
        .map(|one| {
            json!({
                "document_type": one.name(),
                "document_version": one.version(),
                "title": one.title().ro,
                "title_en": one.title().en,
                "purposes": one.purposes(),
                "legal_basis": one.legal_basis(),
                "required_roles": one.parts().required_roles,
                "optional_roles": one.parts().optional_roles,
                "max_parts": one.parts().max_parts,
                "media_types": one.parts().media_types,
                "max_part_bytes": one.parts().max_part_bytes,
                "schema": one.schema().as_ref(),
            })
        })
        .collect();
    Json(json!({"document_types": types}))
}

/// `GET /v1/seal`: the certificate that verifies every receipt, PEM.
pub async fn seal(State(app): State<App>) -> Response {
    ([(header::CONTENT_TYPE, "application/x-pem-file")], app.seal_certificate.to_vec()).into_response()
}

/// `POST /v1/verify`: the verdict on an evidence of this hub.
///
/// # Errors
/// A problem document that says what does not verify.
pub async fn verify(State(app): State<App>, SmallBody(body): SmallBody) -> Result<Json<Value>, Problem> {
    verdict::of(&body, &verdict::Against::Certificate(&app.seal_certificate))
        .map(Json)
        .map_err(|error| Problem::of(&problems::UNVERIFIED).detail(error.to_string(), error.to_string()))
}

/// `GET /problems/{code}`: the page of a problem.
///
/// # Errors
/// There is no such problem.
pub async fn problem_page(Path(code): Path<String>) -> Result<Response, Problem> {
    let page = PAGES.get_file(format!("{code}.md")).ok_or_else(|| Problem::of(&problems::NOT_FOUND))?;
    Ok(([(header::CONTENT_TYPE, "text/markdown; charset=utf-8")], page.contents()).into_response())
}
