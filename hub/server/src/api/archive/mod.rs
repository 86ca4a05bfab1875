//! `/v1/archive`: nomenclators, dossiers, what is filed in them, inventories, holds and selections.

pub mod nomenclator;
pub mod dossiers;
pub mod documents;
pub mod filings;
pub mod inventories;
pub mod holds;
pub mod selections;
mod refusals;

use axum::Json;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse as _, Response};
use hub_flow::archive::{Order, Wish, dossier, nomenclator as nomenclators};
use hub_flow::flow;
use openssl::sha::Sha256;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use uuid::Uuid;

use crate::problems;

use super::App;
use super::caller::{Caller, idempotency_key};
use super::clerk::Clerk;
use super::problem::Problem;

/// Which part of a list.
#[derive(Deserialize)]
pub struct Page {
    limit: Option<i64>,
}

impl Page {
    fn limit(&self) -> i64 {
        self.limit.unwrap_or(100).clamp(1, 1000)
    }
}

/// Who asks: system, clerk, and the headers of the request.
struct Asking<'a> {
    app: &'a App,
    caller: &'a Caller,
    clerk: &'a Clerk,
    headers: &'a HeaderMap,
}

impl Asking<'_> {
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
            key: idempotency_key(self.headers)?,
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

/// Whether the clerk's unit sees what these units see: it is one of them, keeps the archive, or all see it.
async fn sees(app: &App, caller: &Caller, clerk: &Clerk, units: &[String]) -> Result<bool, Problem> {
    if units.is_empty() || clerk.unit.as_ref().is_some_and(|unit| units.contains(unit)) {
        return Ok(true);
    }
    let keeper = nomenclators::archive_unit(&app.hub.db, &caller.party, app.hub.clock.now().romanian_date()).await?;
    Ok(keeper.is_some() && keeper == clerk.unit)
}

/// A dossier the clerk's unit sees; to all others it does not exist.
async fn dossier_of(app: &App, caller: &Caller, clerk: &Clerk, id: Uuid) -> Result<dossier::Dossier, Problem> {
    let missing = || Problem::of(&problems::NOT_FOUND);
    let found = dossier::find(&app.hub.db, &caller.party, id).await?.ok_or_else(missing)?;
    if sees(app, caller, clerk, &found.units).await? { Ok(found) } else { Err(missing()) }
}
