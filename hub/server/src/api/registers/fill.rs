//! `POST …/{year}/{number}/fill` and `POST /v1/registers/{register}/fillings`: kept numbers get their documents.

use axum::Json;
use axum::extract::State;
use hub_flow::authorization::to;
use hub_flow::directory::{Register, Right};
use hub_flow::flow::{self, Recording};
use hub_flow::registration::{Acted, Effect, EntryKey, Filling, NewAct, Relation, Status};
use serde::Deserialize;
use serde_json::{Map, Value, json};

use crate::api::App;
use crate::api::archive::classified;
use crate::api::caller::Caller;
use crate::api::clerk::Clerk;
use crate::api::may::May;
use crate::api::problem::Problem;
use crate::api::request::{Path, SmallBody};

use super::draft::{Checked, Draft, invalid, read};
use super::place::Place;
use super::refusals::not_recorded;
use super::show;

/// Most numbers filled in one call.
const MOST: usize = 1000;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Fillings {
    entries: Vec<Map<String, Value>>,
}

/// Fills a kept number. Its date stays the day it was kept; the true time of receipt is `received_at`.
///
/// # Errors
/// A problem document; then the number stays kept.
pub async fn fill(
    caller: May<to::RegistersReserve>,
    State(app): State<App>,
    clerk: Clerk,
    place: Place,
    SmallBody(body): SmallBody,
) -> Result<Json<Value>, Problem> {
    let (held, key) = show::allowed(&app, (&caller, &clerk), place, Right::Register)?;
    let draft = read::<Draft>(&body)?;
    one(&app, (&caller, &clerk), (&held.entry, key.clone()), draft).await?;
    Ok(Json(show::described(&app, &show::found(&app, &key).await?).await?))
}

/// Fills numbers of a block, each with `year` and `number`; one that is refused does not hold the others up.
///
/// # Errors
/// A problem document, for the call as a whole.
pub async fn fill_all(
    caller: May<to::RegistersReserve>,
    State(app): State<App>,
    clerk: Clerk,
    Path(register): Path<String>,
    SmallBody(body): SmallBody,
) -> Result<Json<Value>, Problem> {
    let held = clerk.may(&app, &caller, &register, Right::Register)?;
    let Fillings { entries } = read(&body)?;
    if entries.is_empty() || entries.len() > MOST {
        return Err(invalid("/entries", "entries are 1 până la 1000 de poziții", "entries has 1 to 1000 places"));
    }
    let mut results = Vec::with_capacity(entries.len());
    for mut written in entries {
        let mut whole = |name: &str| written.remove(name).and_then(|value| value.as_i64());
        let (Some(year), Some(number)) = (whole("year"), whole("number")) else {
            results.push(json!({"problem": invalid("/entries", "Fiecare poziție are year și number", "Each place has year and number").document()}));
            continue;
        };
        let key = EntryKey { party: caller.party.clone(), register: register.clone(), year, number };
        let filled = match read::<Draft>(Value::Object(written).to_string().as_bytes()) {
            Ok(draft) => one(&app, (&caller, &clerk), (&held.entry, key), draft).await,
            Err(problem) => Err(problem),
        };
        results.push(match filled {
            Ok(acted) => json!({"year": year, "number": number, "status": acted.state.status}),
            Err(problem) => json!({"year": year, "number": number, "problem": problem.document()}),
        });
    }
    Ok(Json(json!({"register": register, "results": results})))
}

async fn one(
    app: &App,
    (caller, clerk): (&Caller, &Clerk),
    (register, key): (&Register, EntryKey),
    draft: Draft,
) -> Result<Acted, Problem> {
    let Checked { direction, mut particulars, correspondent, content_sha256, ties } = draft.check(app, register)?;
    if let Some(code) = &particulars.dossier_code {
        particulars.dossier_code = Some(classified(app, caller, code).await?);
    }
    let kept = show::found(app, &key).await?;
    particulars.unit = particulars.unit.or(kept.state.particulars.unit);
    let to = if particulars.unit.is_some() { Status::Assigned } else { Status::Registered };
    let named: Vec<Relation> = ties.iter().map(|tie| tie.relation).collect();
    let act = NewAct {
        key,
        act: "filled".to_owned(),
        content: json!({"direction": direction, "particulars": particulars, "ties": named}),
        author: clerk.author(),
        expected: Some(kept.state.acts),
        effect: Effect {
            from: vec![Status::Reserved],
            to: Some(to),
            particulars: Some(particulars),
            filled: Some(Filling { direction, duplicate_key: None, content_sha256 }),
            ..Effect::default()
        },
        salt: [0; 16],
        at: app.hub.clock.now(),
    };
    flow::record(&app.hub, Recording { act, correspondent, ties }).await.map_err(not_recorded)
}
