//! Agreements as they stand: all that concern the caller's institution, those about to end, one with its versions.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use hub_flow::authorization::to;
use hub_flow::directory::{Agreement, Directory, Held, Kind, Places, Versioned};
use jiff::civil::Date;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::api::App;
use crate::api::caller::Caller;
use crate::api::directory::entry::{answer, told};
use crate::api::directory::show::versions;
use crate::api::may::May;
use crate::api::problem::Problem;
use crate::api::request::{Path, Wanted};
use crate::problems;

/// Which agreements.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Choice {
    standing: Option<String>,
    document_type: Option<String>,
    after: Option<String>,
    limit: Option<usize>,
}

/// How soon.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Soon {
    days: Option<i32>,
}

/// The agreements in order of id, a page at a time.
///
/// # Errors
/// A problem document.
pub async fn list(
    may: May<to::AgreementsRead>,
    State(app): State<App>,
    Wanted(choice): Wanted<Choice>,
) -> Result<Json<Value>, Problem> {
    let today = app.hub.clock.now().romanian_date();
    let directory = app.hub.directory();
    let limit = choice.limit.unwrap_or(100).clamp(1, 1000);
    let fits = |held: &&Versioned<Agreement>| {
        let agreement = &held.entry;
        choice.after.as_ref().is_none_or(|after| agreement.id > *after)
            && choice.document_type.as_ref().is_none_or(|wanted| agreement.document_types.contains(wanted))
            && choice.standing.as_ref().is_none_or(|wanted| json!(agreement.standing(today)) == json!(wanted))
            && concerns(&app, &directory, &may, agreement)
    };
    let mut fitting = directory.agreements().filter(fits);
    let items: Vec<Value> = fitting.by_ref().take(limit).map(|held| described(&app, held, today)).collect();
    let more = fitting.next().is_some();
    let next = items.last().filter(|_| more).map(|last| last["id"].clone());
    Ok(Json(json!({"items": items, "next": next})))
}

/// The agreements in force whose last day comes within so many days (30 where it is not said), the nearest first.
///
/// # Errors
/// A problem document.
pub async fn expiring(
    may: May<to::AgreementsRead>,
    State(app): State<App>,
    Wanted(soon): Wanted<Soon>,
) -> Result<Json<Value>, Problem> {
    let days = soon.days.unwrap_or(30).clamp(0, 3_650);
    let today = app.hub.clock.now().romanian_date();
    let until = today.saturating_add(jiff::Span::new().days(days));
    let directory = app.hub.directory();
    let ends = |held: &&Versioned<Agreement>| {
        let agreement = &held.entry;
        agreement.standing(today) == hub_flow::directory::AgreementStanding::InForce
            && agreement.valid_to <= until
            && concerns(&app, &directory, &may, agreement)
    };
    let mut ending: Vec<_> = directory.agreements().filter(ends).collect();
    ending.sort_by_key(|held| held.entry.valid_to);
    let told = |held: &&Versioned<Agreement>| {
        let mut told = described(&app, held, today);
        let left = held.entry.valid_to.since(today).map_or(0, |span| span.get_days());
        told["days_left"] = left.into();
        told
    };
    Ok(Json(json!({"days": days, "items": ending.iter().map(told).collect::<Vec<_>>()})))
}

/// One agreement, with its version as `ETag`.
///
/// # Errors
/// There is none, or it does not concern the caller's institution.
pub async fn show(
    may: May<to::AgreementsRead>,
    State(app): State<App>,
    Path(id): Path<String>,
) -> Result<Response, Problem> {
    found(&app, &may, &id)?;
    now(&app, &may, &id, StatusCode::OK)
}

/// All its versions, with who and why.
///
/// # Errors
/// There is none, or it does not concern the caller's institution.
pub async fn history(
    may: May<to::AgreementsRead>,
    State(app): State<App>,
    Path(id): Path<String>,
) -> Result<Json<Value>, Problem> {
    versions(&app, &may, Kind::Agreement, &id).await
}

/// An agreement that the caller may see.
pub(super) fn found(app: &App, caller: &Caller, id: &str) -> Result<Versioned<Agreement>, Problem> {
    let directory = app.hub.directory();
    let held = directory.agreement(id).filter(|held| concerns(app, &directory, caller, &held.entry));
    held.cloned().ok_or_else(|| Problem::of(&problems::NOT_FOUND))
}

/// Whether an agreement is the affair of the caller's institution.
pub(super) fn concerns(app: &App, directory: &Directory, caller: &Caller, agreement: &Agreement) -> bool {
    let code_lists = app.hub.code_lists();
    let places = Places::on(&code_lists, app.hub.clock.now().romanian_date());
    let party = directory.party(&caller.party);
    caller.operator || party.is_some_and(|party| Directory::concerns(agreement, party, places))
}

/// The agreement as it stands now.
pub(super) fn now(app: &App, caller: &Caller, id: &str, status: StatusCode) -> Result<Response, Problem> {
    let directory = app.hub.directory();
    let missing = || Problem::of(&problems::NOT_FOUND);
    let held: &Held = directory.ledger().get(Kind::Agreement, id).ok_or_else(missing)?;
    let agreement = directory.agreement(id).ok_or_else(missing)?;
    let mut told = told(caller, Kind::Agreement, id, held);
    stand(&mut told, &agreement.entry, app.hub.clock.now().romanian_date());
    Ok(answer(status, &told))
}

fn described(app: &App, held: &Versioned<Agreement>, today: Date) -> Value {
    let agreement = &held.entry;
    let mut told = json!({"id": agreement.id, "version": held.version, "entry": agreement});
    stand(&mut told, agreement, today);
    let types = app.hub.catalogue.document_types();
    let titles: Vec<&str> = types
        .filter(|one| agreement.document_types.iter().any(|name| name == one.name()))
        .map(|one| one.title().ro.as_ref())
        .collect();
    told["titles"] = json!(titles);
    told
}

fn stand(told: &mut Value, agreement: &Agreement, today: Date) {
    let standing = agreement.standing(today);
    told["standing"] = json!(standing);
    told["standing_ro"] = json!(standing.in_romanian());
    told["absent"] = json!(agreement.absent());
}
