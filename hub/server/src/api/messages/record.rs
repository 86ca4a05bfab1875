//! `GET /v1/messages/{id}/evidence/{evidence}/record`: the evidence record (RFC 4998) of one evidence.

use axum::extract::State;
use axum::http::header;
use axum::response::{IntoResponse as _, Response};
use hub_flow::authorization::to;
use hub_flow::message::EvidenceId;
use hub_flow::preservation::{self, PreservationError};

use crate::api::App;
use crate::api::may::May;
use crate::api::problem::Problem;
use crate::api::request::Path;
use crate::problems;

use super::evidence::visible;

/// The record, DER, which proves when the sealed evidence (`?level=b`) existed, also when its seal ended since.
///
/// # Errors
/// A problem document; the evidence may be in no batch yet.
pub async fn record(
    caller: May<to::EvidenceRead>,
    State(app): State<App>,
    Path((id, wanted)): Path<(String, String)>,
) -> Result<Response, Problem> {
    let missing = || Problem::of(&problems::NOT_FOUND);
    let wanted: EvidenceId = wanted.parse().map_err(|_| missing())?;
    let chain = visible(&app, &caller, &id).await?;
    let found = chain.own.into_iter().find(|evidence| evidence.id == wanted).ok_or_else(missing)?;
    let Some(record) = preservation::record_of(&app.hub.db, found.id).await? else {
        return Err(pending(&app));
    };
    let name = format!("attachment; filename=\"{}-{}.ers\"", found.event, found.id);
    let headers = [(header::CONTENT_TYPE, "application/octet-stream".to_owned()), (header::CONTENT_DISPOSITION, name)];
    Ok((headers, record).into_response())
}

/// Why there is no record yet.
fn pending(app: &App) -> Problem {
    let missing = Problem::of(&problems::NOT_FOUND);
    if !app.preservation.is_on() {
        return missing.detail(
            "Acest hub nu face dosare de păstrare: nu are o autoritate de marcare temporală",
            "This hub makes no evidence records: it has no time-stamping authority",
        );
    }
    if app.preservation.trouble().is_some() {
        return missing.detail(
            "Dovada așteaptă marca temporală a lotului ei: autoritatea nu răspunde acum",
            "The evidence waits for the time-stamp of its batch: the authority does not answer now",
        );
    }
    let hours = app.preservation.terms().max_age.as_secs().div_ceil(3600);
    missing.detail(
        format!("Lotul dovezii nu este încă închis; se închide în cel mult {hours} ore"),
        format!("The batch of the evidence is not closed yet; it is within {hours} hours"),
    )
}

impl From<PreservationError> for Problem {
    fn from(error: PreservationError) -> Self {
        match error {
            PreservationError::Database(error) => error.into(),
            damaged @ (PreservationError::Tampered { .. } | PreservationError::Missing { .. }) => {
                tracing::error!(error = %damaged, "a batch of evidence is damaged; run punte verify --log");
                Self::of(&problems::UNAVAILABLE)
            }
        }
    }
}
