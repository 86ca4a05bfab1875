//! `POST /v1/lookups/{system}/{operation}`: one question to a register.

use axum::extract::State;
use axum::response::Response;
use hub_flow::authorization::to;
use hub_flow::flow::{self, NotAsked};

use crate::api::App;
use crate::api::may::May;
use crate::api::problem::Problem;
use crate::api::request::{Path, SmallBody};

use super::body::{One, read};
use super::{refusals, told};

/// Asks; 200 with the answer, or 202 where the register works on it.
///
/// # Errors
/// A problem document.
pub async fn ask(
    caller: May<to::LookupsAsk>,
    State(app): State<App>,
    Path((system, operation)): Path<(String, String)>,
    SmallBody(body): SmallBody,
) -> Result<Response, Problem> {
    let party = caller.party.clone();
    let (asking, arguments) = read::<One>(&body)?.of(caller.into_caller(), system.clone(), operation.clone());
    let asked = match arguments {
        Ok(arguments) => flow::ask(&app.hub, asking, arguments).await,
        Err(violations) => Err(NotAsked::Invalid(violations)),
    };
    let lookup = asked.map_err(|why| refusals::not_asked(&app, &party, (&system, &operation), why))?;
    app.metrics.lookup(&system, &operation, told::result(&lookup));
    told::answer(&app, &lookup)
}
