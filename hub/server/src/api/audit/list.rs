//! `GET /v1/audit`: acts of the caller's own party, newest first; of all parties for those who run the hub.

use axum::Json;
use axum::extract::State;
use hub_flow::audit::{self, AuditFilter, Kind, Outcome, Recorded};
use hub_flow::authorization::to;
use hub_flow::clock::Timestamp;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::api::App;
use crate::api::caller::Caller;
use crate::api::may::May;
use crate::api::problem::Problem;
use crate::api::request::Wanted;
use crate::problems;

/// Which acts.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Choice {
    party: Option<String>,
    kind: Option<String>,
    principal: Option<String>,
    subject: Option<String>,
    outcome: Option<String>,
    correlation: Option<String>,
    from: Option<String>,
    to: Option<String>,
    before: Option<i64>,
    limit: Option<i64>,
}

/// A page of acts, 50 unless another number up to 500 is wanted; `next` is what `before` asks for.
///
/// # Errors
/// A problem document.
pub async fn list(
    caller: May<to::AuditRead>,
    State(app): State<App>,
    Wanted(choice): Wanted<Choice>,
) -> Result<Json<Value>, Problem> {
    let limit = choice.limit.unwrap_or(50).clamp(1, 500);
    let acts = audit::list(&app.hub.db, &choice.filter(&caller)?, limit).await?;
    let next = acts.last().map(|act| act.number);
    Ok(Json(json!({"events": acts.iter().map(told).collect::<Vec<_>>(), "next": next})))
}

impl Choice {
    /// What is asked for, as far as the caller may see it.
    pub(super) fn filter(self, caller: &Caller) -> Result<AuditFilter, Problem> {
        let party = if caller.operator { self.party } else { Some(caller.party.clone()) };
        let codes: Vec<&str> = Kind::ALL.iter().map(|kind| kind.as_str()).collect();
        let outcomes: Vec<&str> = Outcome::ALL.iter().map(|outcome| outcome.as_str()).collect();
        let kind = self.kind.map(|code| Kind::parse(&code).ok_or_else(|| wrong("kind", &codes.join(", "))));
        let outcome =
            self.outcome.map(|word| Outcome::parse(&word).ok_or_else(|| wrong("outcome", &outcomes.join(", "))));
        Ok(AuditFilter {
            party,
            kind: kind.transpose()?,
            principal: self.principal,
            subject: self.subject,
            outcome: outcome.transpose()?,
            correlation: self.correlation,
            from: self.from.map(|text| moment("from", &text)).transpose()?,
            to: self.to.map(|text| moment("to", &text)).transpose()?,
            before: self.before,
        })
    }
}

fn moment(name: &str, text: &str) -> Result<Timestamp, Problem> {
    Timestamp::parse_utc(text).ok_or_else(|| wrong(name, "2026-03-02T00:00:00Z"))
}

fn wrong(name: &str, right: &str) -> Problem {
    Problem::of(&problems::MALFORMED_REQUEST).detail(
        format!("Parametrul {name} nu poate fi citit; scrieți: {right}"),
        format!("The parameter {name} cannot be read; write: {right}"),
    )
}

fn told(act: &Recorded) -> Value {
    let Recorded { number, event, hash } = act;
    json!({
        "number": number,
        "at": event.at.to_utc(),
        "kind": event.kind.as_str(),
        "what": event.kind.in_romanian(),
        "what_en": event.kind.in_english(),
        "severity": event.kind.severity().as_str(),
        "party": event.party,
        "principal": {"kind": event.principal.kind.as_str(), "id": event.principal.id},
        "on_behalf_of": event.on_behalf,
        "subject": event.subject,
        "outcome": event.outcome.as_str(),
        "reason": event.reason,
        "correlation": event.correlation,
        "details": event.details,
        "hash": hex::encode(hash),
    })
}
