//! `/v1/evidence/search`: what the institution sent and received, for who watches over it.

mod person;

use axum::Json;
use axum::extract::State;
use hub_flow::authorization::{Among, Dimension, to};
use hub_flow::delivery::DeliveryState;
use hub_flow::exchanges::{self, Choice, Exchange, Key};
use jiff::civil::Date;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::problems;

use super::App;
use super::may::MayWithin;
use super::problem::Problem;
use super::request::Wanted;
use crate::api::door::Door;

/// Exchanges.
#[must_use]
pub fn routes(door: Door) -> Door {
    door.get("/v1/evidence/search", search).post("/v1/evidence/search", person::search).taking::<person::Asked>()
}

/// Longest number that is looked for, in bytes.
const LONGEST: usize = 200;

/// What is looked for.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Asked {
    number: Option<String>,
    direction: Option<String>,
    institution: Option<String>,
    #[serde(rename = "type")]
    document_type: Option<String>,
    state: Option<String>,
    from: Option<Date>,
    to: Option<Date>,
    after: Option<String>,
    limit: Option<i64>,
}

/// Exchanges of the institution, newest first, 50 unless another number up to 200 is wanted. With `number`: those any of
/// whose numbers it is, at most 500, further narrowed by the rest; else a page, after which `next` is what `after` asks for: a page that looks for a state, a type or an
/// institution among many may be short and go on.
///
/// # Errors
/// A problem document.
pub async fn search(
    caller: MayWithin<to::EvidenceRead>,
    State(app): State<App>,
    Wanted(asked): Wanted<Asked>,
) -> Result<Json<Value>, Problem> {
    let (caller, places) = caller.listing(&[Dimension::DocumentType])?;
    let seen = places.among(Dimension::DocumentType);
    let limit = asked.limit.unwrap_or(50).clamp(1, 200);
    let choice = asked.choice(&caller.party, limit, seen)?;
    let number = asked.number.as_deref().map(str::trim).filter(|number| !number.is_empty());
    let (found, next) = match number {
        Some(number) if number.len() > LONGEST => return Err(wrong("number", "12")),
        Some(number) => {
            let mut found = exchanges::numbered(&app.hub.db, &caller.party, number, &choice.seen).await?;
            found.retain(|one| holds(&choice, one));
            (found, None)
        }
        None => {
            let (found, next) = exchanges::page(&app.hub.db, &choice).await?;
            (found, next.map(Key::write))
        }
    };
    Ok(Json(json!({"items": told(&app, &found), "next": next})))
}

impl Asked {
    fn choice(&self, party: &str, limit: i64, seen: Among) -> Result<Choice, Problem> {
        let sent = match self.direction.as_deref() {
            None => None,
            Some("sent") => Some(true),
            Some("received") => Some(false),
            Some(_) => return Err(wrong("direction", "sent, received")),
        };
        let states: Vec<&str> = DeliveryState::ALL.iter().map(|state| state.as_str()).collect();
        if let Some(state) = self.state.as_deref()
            && !states.contains(&state)
        {
            return Err(wrong("state", &states.join(", ")));
        }
        let after = self.after.as_deref().map(|text| Key::read(text).ok_or_else(|| wrong("after", "next")));
        let text = |text: &Option<String>| text.clone().unwrap_or_default();
        Ok(Choice {
            party: party.to_owned(),
            sent,
            other: text(&self.institution),
            document_type: text(&self.document_type),
            seen,
            state: text(&self.state),
            undelivered: false,
            from: self.from.map(hub_flow::clock::Timestamp::romanian_midnight),
            to: self.to.map(hub_flow::deadline::day_ends),
            after: after.transpose()?.unwrap_or(Key::FIRST),
            limit,
        })
    }
}

/// Whether an exchange found by a number is also one of the rest that was asked.
fn holds(choice: &Choice, one: &Exchange) -> bool {
    let sent = one.direction == "sent";
    let other = if sent { &one.recipient } else { &one.sender };
    let is = |wanted: &str, held: &str| wanted.is_empty() || wanted == held;
    choice.sent.is_none_or(|wanted| wanted == sent)
        && is(&choice.other, other)
        && is(&choice.document_type, &one.document_type)
        && is(&choice.state, &one.state)
        && choice.from.is_none_or(|from| one.message_id >= exchanges::begins(from))
        && choice.to.is_none_or(|to| one.message_id < exchanges::begins(to))
}

/// Exchanges with the names of both sides and the state in words.
pub(super) fn told(app: &App, found: &[Exchange]) -> Vec<Value> {
    let directory = app.hub.directory();
    let name = |id: &str| directory.party(id).map_or_else(|| id.to_owned(), |party| party.name.clone());
    let states = |word: &str| DeliveryState::ALL.into_iter().find(|state| state.as_str() == word);
    let one = |exchange: &Exchange| {
        let mut told = serde_json::to_value(exchange).expect("an exchange is plain data");
        told["sender_name"] = name(&exchange.sender).into();
        told["recipient_name"] = name(&exchange.recipient).into();
        told["state_ro"] = states(&exchange.state).map(DeliveryState::in_romanian).into();
        told
    };
    found.iter().map(one).collect()
}

fn wrong(name: &'static str, right: &str) -> Problem {
    Problem::of(&problems::MALFORMED_REQUEST)
        .detail(
            format!("Parametrul {name} nu poate fi citit; scrieți: {right}"),
            format!("The parameter {name} cannot be read; write: {right}"),
        )
        .with("field", name)
}
