//! `GET` and `POST /v1/archive/nomenclator`, `GET /v1/archive/nomenclator/{version}`.

use axum::Json;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::Response;
use hub_flow::archive::nomenclator::{self, Approval, Confirmation, Confirming, Deciding, Nomenclator, Version};
use hub_flow::archive::{Wish, acts};
use hub_flow::authorization::to;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::api::App;
use crate::api::caller::Caller;
use crate::api::may::May;
use crate::api::problem::Problem;
use crate::api::request::{Path, SmallBody, Wanted};
use crate::problems;

use super::Asking;

/// What a table cannot say of its nomenclator.
#[derive(Deserialize)]
pub struct Head {
    valid_from: Option<jiff::civil::Date>,
    valid_to: Option<jiff::civil::Date>,
    approval_number: Option<String>,
    approval_date: Option<jiff::civil::Date>,
    confirmation_number: Option<String>,
    confirmation_date: Option<jiff::civil::Date>,
    confirmed_by: Option<String>,
    archive_unit: Option<String>,
}

/// The versions of the institution's nomenclator, newest first.
///
/// # Errors
/// A problem document.
pub async fn list(caller: May<to::ArchiveNomenclatorRead>, State(app): State<App>) -> Result<Json<Value>, Problem> {
    Ok(Json(json!({"items": nomenclator::versions(&app.hub.db, &caller.party).await?})))
}

/// One version with its groups.
///
/// # Errors
/// A problem document.
pub async fn show(
    caller: May<to::ArchiveNomenclatorRead>,
    State(app): State<App>,
    Path(number): Path<String>,
) -> Result<Json<Value>, Problem> {
    let (number, version) = found(&app, &caller, &number).await?;
    let mut told = serde_json::to_value(version).expect("a version is plain data");
    told["groups"] = json!(nomenclator::list(&app.hub.db, &caller.party, number).await?);
    Ok(Json(told))
}

/// What became known of a version after its import: proposals, who decided on them, and the acts, oldest first.
///
/// # Errors
/// A problem document.
pub async fn confirmations(
    caller: May<to::ArchiveNomenclatorRead>,
    State(app): State<App>,
    Path(number): Path<String>,
) -> Result<Json<Value>, Problem> {
    let (number, _) = found(&app, &caller, &number).await?;
    let items = nomenclator::confirmations(&app.hub.db, &caller.party, number).await?;
    let acts = acts(&app.hub.db, nomenclator::subject(&caller.party, number)).await?;
    Ok(Json(json!({"items": items, "acts": acts})))
}

/// Proposes approval or confirmation data that became known after the import.
///
/// # Errors
/// A problem document.
pub async fn propose(
    asking: Asking<to::ArchiveNomenclatorImport>,
    Path(number): Path<String>,
    SmallBody(body): SmallBody,
) -> Result<Response, Problem> {
    let wanted = Confirming { version: version(&number)?, ..super::read(&body)? };
    let wish = Wish::ProposeConfirmation(wanted);
    asking.act(&[b"nomenclator-confirmation", number.as_bytes(), &body], wish, StatusCode::CREATED).await
}

/// Approves or refuses what another clerk proposed.
///
/// # Errors
/// A problem document.
pub async fn decide(
    asking: Asking<to::ArchiveNomenclatorConfirm>,
    Path(number): Path<String>,
    SmallBody(body): SmallBody,
) -> Result<Response, Problem> {
    let wanted = Deciding { version: version(&number)?, ..super::read(&body)? };
    let wish = Wish::DecideConfirmation(wanted);
    asking.act(&[b"nomenclator-decision", number.as_bytes(), &body], wish, StatusCode::OK).await
}

/// The version an address names, with its number.
async fn found(app: &App, caller: &Caller, number: &str) -> Result<(i64, Version), Problem> {
    let number = version(number)?;
    let versions = nomenclator::versions(&app.hub.db, &caller.party).await?;
    let found = versions.into_iter().find(|one| one.version == number);
    found.map(|version| (number, version)).ok_or_else(|| Problem::of(&problems::NOT_FOUND))
}

fn version(number: &str) -> Result<i64, Problem> {
    number.parse().map_err(|_| Problem::of(&problems::NOT_FOUND))
}

/// Takes over a nomenclator: TOML (`application/toml`), JSON, or a table (`text/csv`) whose approval is in the query.
///
/// # Errors
/// A problem document with a verdict on every wrong row; then nothing is taken over.
pub async fn import(
    asking: Asking<to::ArchiveNomenclatorImport>,
    Wanted(head): Wanted<Head>,
    SmallBody(body): SmallBody,
) -> Result<Response, Problem> {
    let media_type = asking.headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let media_type = media_type.split(';').next().unwrap_or_default().trim().to_owned();
    let malformed = |what: String| Problem::of(&problems::MALFORMED_REQUEST).detail(what.clone(), what);
    let text = std::str::from_utf8(&body).map_err(|error| malformed(format!("UTF-8: {error}")))?;
    let read = match media_type.as_str() {
        "application/json" => super::read(&body)?,
        "application/toml" => toml::from_str(text).map_err(|error| malformed(format!("TOML: {error}")))?,
        "text/csv" => table(text, &head)?,
        _ => {
            return Err(Problem::of(&problems::MALFORMED_REQUEST).detail(
                "Trimiteți nomenclatorul ca application/toml, application/json sau text/csv",
                "Send the nomenclator as application/toml, application/json or text/csv",
            ));
        }
    };
    let known = serde_json::to_vec(&read).expect("a nomenclator is plain data");
    asking.act(&[b"nomenclator", &known], Wish::Import(Box::new(read)), StatusCode::CREATED).await
}

fn table(text: &str, head: &Head) -> Result<Nomenclator, Problem> {
    let missing = |field: &'static str| {
        Problem::of(&problems::INVALID_ARCHIVE_REQUEST)
            .detail(
                format!("Un tabel cere în adresă valid_from, approval_number și approval_date; lipsește {field}"),
                format!(
                    "A table needs valid_from, approval_number and approval_date in the address; {field} is missing"
                ),
            )
            .with("field", field)
    };
    let groups = nomenclator::groups_of_csv(text).map_err(|error| {
        Problem::of(&problems::INVALID_NOMENCLATOR).detail(
            format!("Tabelul nu poate fi citit: {error}; prima linie numește coloanele indicativ, denumire, termen"),
            format!("The table cannot be read: {error}; its first line names the columns indicativ, denumire, termen"),
        )
    })?;
    let confirmation = head.confirmation_number.clone().zip(head.confirmation_date).zip(head.confirmed_by.clone());
    Ok(Nomenclator {
        valid_from: head.valid_from.ok_or_else(|| missing("valid_from"))?,
        valid_to: head.valid_to,
        approval: Approval {
            number: head.approval_number.clone().ok_or_else(|| missing("approval_number"))?,
            date: head.approval_date.ok_or_else(|| missing("approval_date"))?,
        },
        confirmation: confirmation.map(|((number, date), service)| Confirmation { number, date, service }),
        archive_unit: head.archive_unit.clone(),
        groups,
        rules: Vec::new(),
    })
}
