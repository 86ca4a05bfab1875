//! `POST /v1/persons/{id}/unmask`: an identifier in the clear, for who may, with purpose and basis, where a second person
//! approved exactly this; it is in the journal of access, the audit and the person's history before it is shown.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, header};
use axum::response::{IntoResponse as _, Response};
use hub_flow::access_journal::{About, AccessEntry, AccessKind, Reasons};
use hub_flow::approvals::ApprovalKind;
use hub_flow::authorization::to;
use hub_flow::persons::{self, PersonId, RecordUnmasking, Scheme, Unmasking};
use openssl::sha::sha256;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::api::App;
use crate::api::approvals::{Dangerous, approved};
use crate::api::audit::Trail;
use crate::api::clerk::Clerk;
use crate::api::journaling::begun;
use crate::api::may::May;
use crate::api::problem::Problem;
use crate::api::request::{Path, SmallBody};
use crate::problems;

use super::draft::{body, found, words, wrong};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Asked {
    scheme: Scheme,
    #[serde(default)]
    purpose: String,
    #[serde(default)]
    legal_basis: String,
    case_number: Option<String>,
}

/// Shows the identifiers of a scheme.
///
/// # Errors
/// A problem document: purpose or basis is missing, the person has none of the scheme, or the key is not here.
pub async fn unmask(
    may: May<to::PersonsUnmask>,
    (clerk, headers): (Clerk, HeaderMap),
    (State(app), trail): (State<App>, Trail),
    Path(text): Path<String>,
    SmallBody(bytes): SmallBody,
) -> Result<Response, Problem> {
    let clerk = clerk.person()?.to_owned();
    let Asked { scheme, purpose, legal_basis, case_number } = body(&bytes)?;
    let (purpose, legal_basis) = (words("/purpose", &purpose, 200), words("/legal_basis", &legal_basis, 300));
    let (purpose, legal_basis) = match (purpose, legal_basis) {
        (Ok(purpose), Ok(legal_basis)) => (purpose, legal_basis),
        (one, other) => {
            return Err(wrong(&[one.err(), other.err()].into_iter().flatten().map(|found| *found).collect::<Vec<_>>()));
        }
    };
    let person = found(&app, &may, &text).await?;
    let sealed = persons::sealed(&app.hub.db, &may.party, person.id).await?;
    let wanted: Vec<_> = sealed.iter().filter(|one| one.scheme == scheme).collect();
    if wanted.is_empty() {
        return Err(Problem::of(&problems::NOT_FOUND));
    }
    let subject = person.id.to_string();
    let content = json!(["unmask", subject, scheme.as_str(), purpose, legal_basis, case_number]).to_string();
    let act = Dangerous { kind: ApprovalKind::Unmasking, subject: &subject, content: sha256(content.as_bytes()) };
    approved(&app, &may, &headers, act).await?;
    let now = app.hub.clock.now();
    let reasons =
        Reasons { purpose: purpose.clone(), legal_basis: legal_basis.clone(), case_number: case_number.clone() };
    let entry = begun(&app, (&may, &trail), (AccessKind::Access, "person.unmask"));
    let entry = AccessEntry { object: Some(format!("{subject}/{}", scheme.as_str())), reasons, ..entry };
    let unmasking = Unmasking {
        id: PersonId(app.hub.ids.uuid(now)),
        party: may.party.clone(),
        person: person.id,
        scheme,
        clerk,
        purpose,
        legal_basis,
        case_number,
        at: now,
    };
    // The person is found by its code in the journal, whichever of its identifiers is shown.
    let codes = sealed.iter().filter(|one| matches!(one.scheme, Scheme::Cnp | Scheme::Cui));
    let opened = codes.filter_map(|one| app.hub.person_keys.open(&may.party, one));
    let about = About { persons: opened.map(|code| app.hub.journal_key.subject(&code)).collect(), register: None };
    // Before anything is shown: what cannot be written down is not shown.
    app.hub.db.write(&app.hub.journaled(Arc::new(RecordUnmasking)), (unmasking, (entry, about))).await?;
    let values: Option<Vec<String>> = wanted.iter().map(|one| app.hub.person_keys.open(&may.party, one)).collect();
    let values = values.ok_or_else(|| {
        tracing::error!("an identifier does not open: its key is not in the key file, or its row was changed");
        Problem::of(&problems::UNAVAILABLE)
    })?;
    let answer = Json(json!({"id": person.id, "scheme": scheme, "values": values}));
    Ok(([(header::CACHE_CONTROL, "no-store")], answer).into_response())
}

/// Who saw identifiers of a person in the clear, the newest first.
///
/// # Errors
/// The institution has none of this id.
pub async fn list(
    may: May<to::JournalRead>,
    State(app): State<App>,
    Path(text): Path<String>,
) -> Result<Json<Value>, Problem> {
    let person = found(&app, &may, &text).await?;
    let items = persons::unmaskings(&app.hub.db, &may.party, person.id).await?;
    Ok(Json(json!({"id": person.id, "items": items})))
}
