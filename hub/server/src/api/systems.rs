//! `GET /v1/systems` and `POST /v1/systems/{system}/resume`: whether the systems answer, what is left of their quotas, and
//! a person's word that one works again.

use std::collections::{BTreeMap, BTreeSet};

use axum::Json;
use axum::extract::State;
use connectors_contract::Manifest;
use connectors_contract::manifest::{Rate, Window};
use hub_flow::audit::Kind;
use hub_flow::authorization::to;
use hub_flow::breaker::{self, Condition};
use hub_flow::calls::{self, Place};
use hub_flow::clock::Timestamp;
use hub_flow::dead_letters;
use hub_flow::directory::INBOX;
use hub_flow::quota::{self, Use};
use hub_flow::source::{self, Standing};
use serde_json::{Value, json};

use crate::problems;

use super::App;
use super::audit::Trail;
use super::may::May;
use super::problem::Problem;
use super::request::Path;
use crate::api::door::Door;

/// How systems stand.
#[must_use]
pub fn routes(door: Door) -> Door {
    door.get("/v1/systems", list).post("/v1/systems/{system}/resume", resume)
}

/// Every system with how it answers, what is left of its quotas and what waits for a person. Addresses are shown to those
/// who run the hub.
///
/// # Errors
/// A problem document.
pub async fn list(caller: May<to::SystemsRead>, State(app): State<App>) -> Result<Json<Value>, Problem> {
    let (db, now) = (&app.hub.db, app.hub.clock.now());
    let breakers: BTreeMap<Place, Condition> = breaker::all(db).await?.into_iter().collect();
    let uses = quota::in_use(db).await?;
    let letters: BTreeMap<String, i64> = dead_letters::open_counts(db).await?.into_iter().collect();
    let sources_stand = source::standings(db).await?;
    let mut places = places(&app);
    for place in breakers.keys() {
        places.entry(place.system.clone()).or_default().insert(place.clone());
    }
    let systems: Vec<Value> = places
        .iter()
        .map(|(system, places)| {
            let manifest = app.hub.connectors.manifest(system);
            let described = |place: &Place| {
                let mut value = standing(place, breakers.get(place));
                if caller.operator {
                    value["address"] = place.address.clone().into();
                }
                value["quotas"] = manifest.map_or(Value::Null, |manifest| quotas(manifest, place, &uses, now));
                value
            };
            json!({
                "system": system,
                "title": manifest.map(|manifest| &manifest.title.ro),
                "title_en": manifest.map(|manifest| &manifest.title.en),
                "places": places.iter().map(described).collect::<Vec<_>>(),
                "dead_letters": letters.get(system).copied().unwrap_or(0),
                "sources": sources(&app, system, &sources_stand, caller.operator),
            })
        })
        .collect();
    Ok(Json(json!({"systems": systems, "as_of": now.to_utc()})))
}

/// Closes the breakers of a system, and lets what waits for it come at once.
///
/// # Errors
/// A problem document.
pub async fn resume(
    caller: May<to::SystemsResume>,
    (State(app), trail): (State<App>, Trail),
    Path(system): Path<String>,
) -> Result<Json<Value>, Problem> {
    if !caller.operator {
        return Err(Problem::of(&problems::FORBIDDEN).detail(
            "Doar sistemele celor care administrează hubul (operator = true în director) pot relua un sistem",
            "Only systems of those who run the hub (operator = true in the directory) may resume a system",
        ));
    }
    if app.hub.connectors.manifest(&system).is_none() {
        return Err(Problem::of(&problems::NOT_FOUND));
    }
    let event = trail.act(&app.hub, &caller, Kind::SystemResumed).on(&system).because(trail.purpose.clone());
    app.hub.record(vec![event]).await?;
    let was_open = calls::resume(&app.hub, &system).await?;
    let called = calls::call_waiting(&app.hub, &system).await?;
    app.hub.wake.ring();
    tracing::info!(system, party = caller.party, was_open, called, "a system is resumed at a person's word");
    Ok(Json(json!({"system": system, "was_open": was_open, "deliveries_called": called})))
}

/// The places of the systems that channels lead to.
fn places(app: &App) -> BTreeMap<String, BTreeSet<Place>> {
    let mut places: BTreeMap<String, BTreeSet<Place>> = BTreeMap::new();
    for channel in app.hub.directory().channels().filter(|channel| channel.entry.system != INBOX) {
        let place = Place::of(&channel.entry);
        places.entry(place.system.clone()).or_default().insert(place);
    }
    for source in app.hub.directory().sources() {
        let place = Place::new(&source.entry.system, source.entry.address.as_deref());
        places.entry(place.system.clone()).or_default().insert(place);
    }
    for manifest in app.hub.connectors.manifests().filter(|manifest| !manifest.lookups.is_empty()) {
        let place = Place::new(&manifest.system, None);
        places.entry(place.system.clone()).or_default().insert(place);
    }
    places
}

/// The sources of a system: when each was last read, what hinders it, and how many verdicts it has not heard.
fn sources(app: &App, system: &str, standings: &[Standing], operator: bool) -> Value {
    let directory = app.hub.directory();
    let here = directory.sources().filter(|source| source.entry.system == system);
    here.map(|source| {
        let entry = &source.entry;
        let standing = standings.iter().find(|standing| standing.source == entry.id);
        let words = |text: Option<&String>| text.filter(|_| operator).cloned();
        json!({
            "source": entry.id,
            "party": entry.party,
            "poll_seconds": entry.poll_seconds,
            "last_poll_at": standing.and_then(|standing| standing.polled_at).map(Timestamp::to_utc),
            "next_poll_at": standing.map(|standing| standing.due_at.to_utc()),
            "failing": standing.is_some_and(|standing| standing.error.is_some()),
            "last_error": words(standing.and_then(|standing| standing.error.as_ref())),
            "waiting_acknowledgements": standing.map_or(0, |standing| standing.unheard),
            "acknowledgement_error": words(standing.and_then(|standing| standing.telling_error.as_ref())),
        })
    })
    .collect()
}

fn standing(place: &Place, condition: Option<&Condition>) -> Value {
    let Some(condition) = condition else {
        let state = breaker::State::Closed;
        return json!({"state": state.as_str(), "state_ro": state.in_romanian(), "failures": 0, "system": place.system});
    };
    let moment = |at: Timestamp| (!condition.is_closed()).then(|| at.to_utc());
    json!({
        "state": condition.state.as_str(),
        "state_ro": condition.state.in_romanian(),
        "since": condition.since.to_utc(),
        "failures": condition.failures,
        "reason": condition.reason,
        "next_trial_at": moment(condition.trial_at),
        "system": place.system,
    })
}

/// The quotas over all calls, with what is left; the others hold for each message or subject alone.
fn quotas(manifest: &Manifest, place: &Place, uses: &[Use], now: Timestamp) -> Value {
    let own = manifest.lookups.iter().map(|(name, lookup)| (name.as_str(), &lookup.quota));
    let all = std::iter::once(("", &manifest.quota)).chain(own);
    let mut told = Vec::new();
    for (operation, quota) in all {
        let here =
            |one: &&Use| one.system == place.system && one.address == place.address && one.operation == operation;
        let left = |rate: Rate| uses.iter().filter(here).find_map(|one| one.left(rate, now));
        for (scope, rates) in
            [("calls", &quota.calls), ("message", &quota.per_message), ("subject", &quota.per_subject)]
        {
            told.extend(rates.as_slice().iter().map(|rate| {
                json!({
                    "operation": (!operation.is_empty()).then_some(operation),
                    "scope": scope,
                    "rate": rate_text(*rate),
                    "left": (scope == "calls").then(|| left(*rate).unwrap_or_else(|| rate.count.into())),
                })
            }));
        }
    }
    told.into()
}

fn rate_text(rate: Rate) -> String {
    let per = match rate.per {
        Window::Second => "s",
        Window::Minute => "min",
        Window::Hour => "h",
        Window::Day => "day",
    };
    format!("{}/{per}", rate.count)
}
