//! `POST /v1/registers/{register}/entries`: a document gets a number.

use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use hub_flow::authorization::to;
use hub_flow::clock::Timestamp;
use hub_flow::directory::{Right, Series};
use hub_flow::flow::{self, Entering};
use hub_flow::registration::{EntryKey, Kind, NewEntry};
use openssl::sha::sha256;
use serde_json::Value;

use crate::api::App;
use crate::api::archive::classified;
use crate::api::caller::{Caller, idempotency_key};
use crate::api::clerk::Clerk;
use crate::api::may::May;
use crate::api::problem::Problem;
use crate::api::request::{Path, SmallBody};

use super::draft::{Checked, Draft, read};
use super::refusals::not_entered;
use super::show;

/// Registers a document: 201 with the entry; 200 with the same entry when this very request was answered before.
///
/// # Errors
/// A problem document; then no number was given.
pub async fn enter(
    (caller, clerk): (May<to::RegistersEnter>, Clerk),
    State(app): State<App>,
    Path(register): Path<String>,
    headers: HeaderMap,
    SmallBody(body): SmallBody,
) -> Result<(StatusCode, Json<Value>), Problem> {
    let idempotency_key = idempotency_key(&headers)?;
    let held = clerk.may(&app, &caller, &register, Right::Register)?;
    let checked = read::<Draft>(&body)?.check(&app, &held.entry)?;
    let Checked { direction, mut particulars, correspondent, content_sha256, ties } = checked;
    if let Some(code) = &particulars.dossier_code {
        particulars.dossier_code = Some(classified(&app, &caller, code).await?);
    }
    let entry = NewEntry {
        direction,
        particulars,
        content_sha256,
        ties,
        ..by_clerk(&caller, &clerk, held.series(), Kind::Document)
    };
    let content_sha256 = request_hash(&register, &body);
    let rule = app.hub.deadlines.rule(held.entry.deadline_rule.as_deref(), None);
    let entering = Entering { idempotency_key, content_sha256, correspondent, entry, count: 1, rule };
    let entered = flow::enter(&app.hub, entering).await.map_err(not_entered)?;
    let key = EntryKey { party: caller.party.clone(), register, year: entered.run.year, number: entered.run.first };
    let status = if entered.again { StatusCode::OK } else { StatusCode::CREATED };
    Ok((status, Json(show::described(&app, &show::found(&app, &key).await?).await?)))
}

/// An entry by the clerk with nothing in it yet.
pub(super) fn by_clerk(caller: &Caller, clerk: &Clerk, series: Series, kind: Kind) -> NewEntry {
    NewEntry {
        party: caller.party.clone(),
        series,
        kind,
        direction: hub_flow::registration::Direction::In,
        message: None,
        delivery: None,
        counterpart: String::new(),
        counterpart_registration: None,
        particulars: hub_flow::registration::Particulars::default(),
        ties: Vec::new(),
        references: Vec::new(),
        duplicate_key: None,
        content_sha256: None,
        author: Some(clerk.author()),
        salt: [0; 16],
        at: Timestamp::default(),
    }
}

/// What makes two requests the same: the register and the body, byte for byte.
pub(super) fn request_hash(register: &str, body: &[u8]) -> [u8; 32] {
    sha256(&[register.as_bytes(), b"\0", body].concat())
}
