//! Files on their way to the visitor: templates, and refused rows to be corrected.

use axum::body::Body;
use axum::extract::Path;
use axum::http::{StatusCode, header};
use axum::response::Response;

use crate::asking::{Ask, piece};
use crate::fault::Fault;
use crate::page::Answer;
use crate::visit::Visit;

/// The template of a document type.
///
/// # Errors
/// There is no such type.
pub async fn template(visit: Visit, Path(file): Path<String>) -> Answer {
    passed(visit.get(format!("/v1/batches/templates/{}", piece(&file))), &format!("sablon-{file}")).await
}

/// The refused rows of a push.
///
/// # Errors
/// The push is not the institution's, or it is another file that was asked for.
pub async fn corrections(visit: Visit, Path((id, file)): Path<(String, String)>) -> Answer {
    if !matches!(file.as_str(), "corrections.csv" | "corrections.xlsx") {
        return Err(Fault::missing());
    }
    let asked = visit.get(format!("/v1/batches/{}/{file}", piece(&id)));
    // Who corrects what was sent by mistake has one purpose.
    let asked = asked.why(
        "corectarea rândurilor refuzate ale unui lot propriu",
        "Regulamentul (UE) 2016/679, art. 5 alin. (1) lit. d)",
    );
    passed(asked, &file.replace("corrections", "de-corectat")).await
}

/// Passes a file on under a name of ours.
async fn passed(asked: Ask<'_>, name: &str) -> Answer {
    let (media_type, bytes) = asked.raw().await?;
    let name: String = name.chars().filter(|one| one.is_ascii_alphanumeric() || "-._".contains(*one)).collect();
    Response::builder()
        .status(StatusCode::OK)
        .header(header::CONTENT_TYPE, media_type)
        .header(header::CONTENT_DISPOSITION, format!("attachment; filename=\"{name}\""))
        .header(header::CACHE_CONTROL, "no-store")
        .body(Body::from(bytes))
        .map_err(|error| Fault::unreadable(&error))
}
