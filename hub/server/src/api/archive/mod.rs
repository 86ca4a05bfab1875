//! `/v1/archive`: nomenclators, dossiers, what is filed in them, inventories, holds and selections.

pub mod nomenclator;
pub mod dossiers;
pub mod documents;
pub mod filings;
pub mod inventories;
pub mod holds;
pub mod selections;
pub mod papers;
pub mod findings;
mod refusals;

use axum::Json;
use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse as _, Response};
use hub_flow::archive::{NotDone, Order, Wish, dossier, hold, nomenclator as nomenclators, selection};
use hub_flow::authorization::{Permission, Permits, Scope};
use hub_flow::flow;
use jiff::civil::Date;
use openssl::sha::Sha256;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use uuid::Uuid;

use crate::problems;

use super::App;
use super::arguments::{Argument, Names};
use super::caller::{Caller, idempotency_key};
use super::clerk::Clerk;
use super::may::{May, MayWithin};
use super::openapi::Operation;
use super::problem::Problem;
use crate::api::door::Door;

/// Nomenclature, dossiers, documents, inventories, holds and selections.
#[must_use]
pub fn routes(door: Door) -> Door {
    door.get("/v1/archive/nomenclator", nomenclator::list)
        .post("/v1/archive/nomenclator", nomenclator::import)
        .taking::<nomenclators::Nomenclator>()
        .carrying("application/toml")
        .carrying("text/csv")
        .get("/v1/archive/nomenclator/{version}", nomenclator::show)
        .get("/v1/archive/nomenclator/{version}/confirmation", nomenclator::confirmations)
        .post("/v1/archive/nomenclator/{version}/confirmation", nomenclator::propose)
        .taking_but::<nomenclators::Confirming>(&["version"])
        .post("/v1/archive/nomenclator/{version}/confirmation/decision", nomenclator::decide)
        .taking_but::<nomenclators::Deciding>(&["version"])
        .get("/v1/archive/dossiers", dossiers::list)
        .post("/v1/archive/dossiers", dossiers::open)
        .taking::<dossier::Opening>()
        .get("/v1/archive/dossiers/{id}", dossiers::show)
        .get("/v1/archive/dossiers/{id}/documents", dossiers::documents)
        .post("/v1/archive/dossiers/{id}/close", dossiers::close)
        .post("/v1/archive/dossiers/{id}/rights", dossiers::rights)
        .taking::<dossiers::Rights>()
        .get("/v1/archive/documents/{id}", documents::show)
        .get("/v1/archive/documents/{id}/sheet", documents::sheet)
        .get("/v1/archive/documents/{id}/content", documents::content)
        .get("/v1/archive/filings", filings::list)
        .post("/v1/archive/filings/{id}/classify", filings::classify)
        .taking::<filings::Classifying>()
        .get("/v1/archive/inventories", inventories::list)
        .post("/v1/archive/inventories", inventories::make)
        .taking::<dossier::Inventorying>()
        .get("/v1/archive/inventories/{id}", inventories::show)
        .post("/v1/archive/inventories/{id}/handover", inventories::hand_over)
        .taking_but::<dossier::HandingOver>(&["inventory"])
        .get("/v1/archive/inventories/{id}/paper", papers::inventory)
        .get("/v1/archive/inventories/{id}/minutes", papers::minutes)
        .get("/v1/archive/holds", holds::list)
        .post("/v1/archive/holds", holds::place)
        .taking::<hold::Placing>()
        .post("/v1/archive/holds/{id}/release", holds::release)
        .taking::<holds::Releasing>()
        .get("/v1/archive/findings", findings::list)
        .get("/v1/archive/due", selections::due)
        .get("/v1/archive/selections", selections::list)
        .post("/v1/archive/selections", selections::propose)
        .taking::<selection::Minutes>()
        .get("/v1/archive/selections/{id}", selections::show)
        .post("/v1/archive/selections/{id}/confirmation", selections::confirm)
        .taking_but::<selection::Confirming>(&["selection"])
        .post("/v1/archive/selections/{id}/destruction", selections::destroy)
        .get("/v1/archive/selections/{id}/proof", selections::proof)
        .get("/v1/archive/selections/{id}/proof.pdf", papers::proof)
        .get("/v1/archive/selections/{id}/proof/lists/{number}", selections::proof_list)
        .get("/v1/archive/selections/{id}/minutes", papers::selection)
}

/// Which part of a list: at most so many, behind the id that the part before named.
#[derive(Deserialize)]
pub struct Page {
    limit: Option<i64>,
    after: Option<Uuid>,
}

impl Page {
    fn part(&self) -> (Option<Uuid>, i64) {
        (self.after, self.limit())
    }

    fn limit(&self) -> i64 {
        self.limit.unwrap_or(100).clamp(1, 1000)
    }
}

/// The id behind which a list goes on; none where all of it was given.
fn further(items: &[impl Sized], last: Option<Uuid>, limit: i64) -> Option<Uuid> {
    last.filter(|_| i64::try_from(items.len()).is_ok_and(|count| count == limit))
}

/// Who asks, and may do `P`: system, clerk, and the headers of the request.
pub struct Asking<P> {
    app: App,
    caller: May<P>,
    clerk: Clerk,
    headers: HeaderMap,
}

impl<P: Permits> Argument for Asking<P> {
    fn describe(into: &mut Operation) {
        into.headers.extend([("Idempotency-Key", true), ("Punte-Clerk", true), ("Punte-Unit", false)]);
    }
}

impl<P: Permits> Names for Asking<P> {
    const PERMISSION: Permission = P::PERMISSION;
}

impl<P: Permits> FromRequestParts<App> for Asking<P> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Problem> {
        let caller = May::from_request_parts(parts, app).await?;
        let clerk = Clerk::from_request_parts(parts, app).await?;
        Ok(Self { app: app.clone(), caller, clerk, headers: parts.headers.clone() })
    }
}

impl<P: Permits> Asking<P> {
    /// Does what a clerk wants, once for each idempotency key. `request` is what makes it this request and no other.
    async fn act(&self, request: &[&[u8]], wish: Wish, made: StatusCode) -> Result<Response, Problem> {
        let mut content = Sha256::new();
        for part in request {
            content.update(&(part.len() as u64).to_be_bytes());
            content.update(part);
        }
        let hub = &self.app.hub;
        let at = hub.clock.now();
        let order = Order {
            party: self.caller.party.clone(),
            clerk: self.clerk.person()?.to_owned(),
            unit: self.clerk.unit.clone(),
            key: idempotency_key(&self.headers)?,
            content: content.finish(),
            id: hub.ids.uuid(at),
            at,
            wish,
        };
        let answered = flow::act_on_archive(hub, order).await?.map_err(refusals::problem)?;
        let status = if answered.again { StatusCode::OK } else { made };
        Ok((status, Json(answered.answer)).into_response())
    }
}

/// Reads a body of JSON.
fn read<T: DeserializeOwned>(body: &[u8]) -> Result<T, Problem> {
    serde_json::from_slice(body).map_err(|error| {
        Problem::of(&problems::MALFORMED_REQUEST)
            .detail(format!("JSON greșit: {error}"), format!("Wrong JSON: {error}"))
    })
}

fn id(text: &str) -> Result<Uuid, Problem> {
    text.parse().map_err(|_| Problem::of(&problems::NOT_FOUND))
}

/// The code of a dossier as the nomenclator in force writes it; as it was written where the institution has none.
///
/// # Errors
/// A problem that names the near codes.
pub(super) async fn classified(app: &App, caller: &Caller, code: &str) -> Result<String, Problem> {
    classified_on(app, caller, code, app.hub.clock.now().romanian_date()).await
}

/// The same, of a document registered on a day.
///
/// # Errors
/// As [`classified`].
pub(super) async fn classified_on(app: &App, caller: &Caller, code: &str, day: Date) -> Result<String, Problem> {
    match nomenclators::in_force(&app.hub.db, (&caller.party, code), day).await? {
        Ok(code) => Ok(code),
        Err(NotDone::NoNomenclator { .. }) => Ok(code.to_owned()),
        Err(refused) => Err(refusals::problem(refused)),
    }
}

/// Whether the clerk's unit sees what these units see: it is one of them, keeps the archive, or all see it.
async fn sees(app: &App, caller: &Caller, clerk: &Clerk, units: &[String]) -> Result<bool, Problem> {
    if units.is_empty() || clerk.unit.as_ref().is_some_and(|unit| units.contains(unit)) {
        return Ok(true);
    }
    let keeper = nomenclators::archive_unit(&app.hub.db, &caller.party, app.hub.clock.now().romanian_date()).await?;
    Ok(keeper.is_some() && keeper == clerk.unit)
}

/// The same for who may see some groups of dossiers only.
async fn dossier_within<P: Permits>(
    app: &App,
    caller: MayWithin<P>,
    clerk: &Clerk,
    id: Uuid,
) -> Result<(May<P>, dossier::Dossier), Problem> {
    let found = dossier_of(app, caller.finder(), clerk, id).await?;
    let scope = Scope { dossier_group: Some(&found.code), ..Scope::default() };
    Ok((caller.within(scope)?, found))
}

/// A dossier the clerk's unit sees; to all others it does not exist.
async fn dossier_of(app: &App, caller: &Caller, clerk: &Clerk, id: Uuid) -> Result<dossier::Dossier, Problem> {
    let missing = || Problem::of(&problems::NOT_FOUND);
    let found = dossier::find(&app.hub.db, &caller.party, id).await?.ok_or_else(missing)?;
    if sees(app, caller, clerk, &found.units).await? { Ok(found) } else { Err(missing()) }
}
