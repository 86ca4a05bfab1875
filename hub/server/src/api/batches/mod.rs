//! `/v1/batches`: files that institutions push as they have them, with a verdict on every row.

pub mod push;
pub mod show;
pub mod templates;
pub mod corrections;

use hub_flow::authorization::{Permits, Scope};
use hub_flow::batches::{self, Batch};

use crate::problems;

use super::App;
use super::may::{May, MayWithin};
use super::problem::Problem;
use crate::api::door::Door;

/// Pushes.
#[must_use]
pub fn routes(door: Door) -> Door {
    door.post("/v1/batches", push::push)
        .carrying("multipart/form-data")
        .keyed()
        .get("/v1/batches", show::list)
        .get("/v1/batches/templates/{file}", templates::template)
        .get("/v1/batches/{id}", show::show)
        .get("/v1/batches/{id}/rows", show::rows)
        .get("/v1/batches/{id}/corrections.csv", corrections::csv)
        .get("/v1/batches/{id}/corrections.xlsx", corrections::xlsx)
        .post("/v1/batches/{id}/again", corrections::again)
        .carrying("text/csv")
        .carrying("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet")
}

/// A push of the caller's institution; to everybody else it does not exist.
async fn find_within<P: Permits>(app: &App, caller: MayWithin<P>, id: &str) -> Result<(May<P>, Batch), Problem> {
    let missing = || Problem::of(&problems::NOT_FOUND);
    let id = id.parse().map_err(|_| missing())?;
    let batch = batches::find(&app.hub.db, caller.party(), id).await?.ok_or_else(missing)?;
    let scope = Scope { document_type: Some(&batch.form.document_type), ..Scope::default() };
    Ok((caller.within(scope)?, batch))
}
