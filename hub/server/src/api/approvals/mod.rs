//! `/v1/approvals`: what one person proposes and another approves, and the door before acts that need it.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use hub_flow::approvals::{
    self, Approval, ApprovalId, ApprovalKind, ApprovalState, Decide, Decision, NotDecided, Propose, Spend, Spending,
    decide,
};
use hub_flow::audit::{AuditEvent, Audited, Kind as Told, Outcome};
use hub_flow::authorization::to;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::problems;

use super::App;
use super::audit::Trail;
use super::caller::Caller;
use super::door::Door;
use super::may::May;
use super::problem::Problem;
use super::request::{Path, SmallBody, Wanted};

/// The header that names the approval an act is done under.
pub const HEADER: &str = "Punte-Approval";
/// Hours a proposal waits, and an approval may be used.
const HOURS: i64 = 24;

/// Approvals.
#[must_use]
pub fn routes(door: Door) -> Door {
    door.get("/v1/approvals", list)
        .post("/v1/approvals", propose)
        .taking::<Proposal>()
        .get("/v1/approvals/{approval}", show)
        .post("/v1/approvals/{approval}/approve", approve)
        .taking::<Said>()
        .post("/v1/approvals/{approval}/refuse", refuse)
        .taking::<Said>()
}

/// Which proposals.
#[derive(Deserialize)]
pub struct Choice {
    all: Option<bool>,
    limit: Option<i64>,
}

/// The proposals of the institution that wait, or all; newest first.
///
/// # Errors
/// A problem document.
pub async fn list(
    may: May<to::ApprovalsRead>,
    State(app): State<App>,
    Wanted(choice): Wanted<Choice>,
) -> Result<Json<Value>, Problem> {
    let limit = choice.limit.unwrap_or(100).clamp(1, 1000);
    let found = approvals::list(&app.hub.db, &may.party, choice.all.unwrap_or(false), limit).await?;
    Ok(Json(json!({"items": found.iter().map(described).collect::<Vec<_>>()})))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Proposal {
    kind: String,
    subject: String,
    content_sha256: String,
    reason: String,
}

/// Proposes an act. What exactly is proposed is its digest, which the refusal `approval-needed` of the act itself tells.
///
/// # Errors
/// A problem document.
pub async fn propose(
    may: May<to::ApprovalsRead>,
    (State(app), trail): (State<App>, Trail),
    SmallBody(body): SmallBody,
) -> Result<(StatusCode, Json<Value>), Problem> {
    let wanted: Proposal = serde_json::from_slice(&body).map_err(|error| malformed(&error))?;
    let kind = ApprovalKind::parse(&wanted.kind);
    let content = hex::decode(&wanted.content_sha256).ok().and_then(|bytes| bytes.try_into().ok());
    let plain = |text: &str, range: std::ops::RangeInclusive<usize>| {
        range.contains(&text.trim().chars().count()) && !text.chars().any(char::is_control)
    };
    let (Some(kind), Some(content), true, true) =
        (kind, content, plain(&wanted.subject, 1..=200), plain(&wanted.reason, 3..=500))
    else {
        let kinds: Vec<&str> = ApprovalKind::ALL.iter().map(|kind| kind.as_str()).collect();
        let kinds = kinds.join(", ");
        return Err(Problem::of(&problems::INVALID_APPROVAL).detail(
            format!("kind este unul dintre {kinds}; content_sha256 are 64 de cifre hexazecimale; reason are 3 până la 500 de semne"),
            format!("kind is one of {kinds}; content_sha256 has 64 hexadecimal digits; reason has 3 to 500 characters"),
        ));
    };
    let now = app.hub.clock.now();
    let approval = Approval {
        id: app.hub.ids.uuid(now),
        party: may.party.clone(),
        kind,
        subject: wanted.subject.trim().to_owned(),
        content,
        reason: wanted.reason.trim().to_owned(),
        proposed_by: may.principal.id(),
        proposed_at: now,
        ends_at: now.plus_seconds(HOURS * 3600),
        state: ApprovalState::Proposed,
        decided_by: None,
        decided_at: None,
        decision_reason: None,
        done_by: None,
        done_at: None,
    };
    let event = told(trail.act(&app.hub, &may, Told::ApprovalProposed), &approval);
    let event = event.because(Some(approval.reason.clone()));
    app.hub.db.write(&Audited::always(Arc::new(Propose)), (approval.clone(), event)).await?;
    Ok((StatusCode::CREATED, Json(described(&approval))))
}

/// A proposal.
///
/// # Errors
/// A problem document.
pub async fn show(
    may: May<to::ApprovalsRead>,
    State(app): State<App>,
    Path(id): Path<String>,
) -> Result<Json<Value>, Problem> {
    Ok(Json(described(&find(&app, &may.party, &id).await?)))
}

/// Approves.
///
/// # Errors
/// A problem document.
pub async fn approve(
    may: May<to::ApprovalsDecide>,
    (State(app), trail): (State<App>, Trail),
    Path(id): Path<String>,
    SmallBody(body): SmallBody,
) -> Result<Json<Value>, Problem> {
    settle(&app, (&may, &trail), &id, (ApprovalState::Approved, &body)).await
}

/// Refuses.
///
/// # Errors
/// A problem document.
pub async fn refuse(
    may: May<to::ApprovalsDecide>,
    (State(app), trail): (State<App>, Trail),
    Path(id): Path<String>,
    SmallBody(body): SmallBody,
) -> Result<Json<Value>, Problem> {
    settle(&app, (&may, &trail), &id, (ApprovalState::Refused, &body)).await
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Said {
    reason: Option<String>,
}

async fn settle(
    app: &App,
    (caller, trail): (&Caller, &Trail),
    id: &str,
    (state, body): (ApprovalState, &[u8]),
) -> Result<Json<Value>, Problem> {
    let said: Said = if body.is_empty() {
        Said::default()
    } else {
        serde_json::from_slice(body).map_err(|error| malformed(&error))?
    };
    let reason: Option<String> =
        said.reason.map(|reason| reason.chars().filter(|sign| !sign.is_control()).take(500).collect());
    let (by, now) = (caller.principal.id(), app.hub.clock.now());
    let approval = find(app, &caller.party, id).await?;
    decide(&approval, &by, now).map_err(|not| not_decided(not, &approval))?;
    let kind = if state == ApprovalState::Approved { Told::ApprovalGiven } else { Told::ApprovalRefused };
    let event = told(trail.act(&app.hub, caller, kind), &approval).because(reason.clone());
    let decision = Decision { id: approval.id, state, by, reason, at: now };
    let decide = Audited::new(Arc::new(Decide), |decided| decided.then_some(Outcome::Done));
    let decided = app.hub.db.write(&decide, (decision, event)).await?;
    let approval = find(app, &caller.party, id).await?;
    if decided { Ok(Json(described(&approval))) } else { Err(not_decided(NotDecided::Decided, &approval)) }
}

/// An act that needs two people.
pub struct Dangerous<'a> {
    /// What kind.
    pub kind: ApprovalKind,
    /// What it is about.
    pub subject: &'a str,
    /// SHA-256 of exactly what will be done.
    pub content: [u8; 32],
}

/// Lets an act be done that another person approved, once: the approval is the one the header `Punte-Approval` names.
///
/// # Errors
/// `approval-needed`, with what is to be proposed.
pub async fn approved(app: &App, caller: &Caller, headers: &HeaderMap, act: Dangerous<'_>) -> Result<(), Problem> {
    let needed = || {
        Problem::of(&problems::APPROVAL_NEEDED)
            .detail(
                format!("Propuneți la /v1/approvals {}, cereți altei persoane aprobarea, apoi repetați cu antetul {HEADER}", act.kind.in_romanian()),
                format!("Propose this at /v1/approvals, have another person approve it, then repeat with the header {HEADER}"),
            )
            .with(
                "proposal",
                json!({"kind": act.kind, "subject": act.subject, "content_sha256": hex::encode(act.content)}),
            )
    };
    let named = headers.get(HEADER).and_then(|id| id.to_str().ok()).and_then(|id| id.parse::<ApprovalId>().ok());
    let spending = Spending {
        id: named.ok_or_else(needed)?,
        party: caller.party.clone(),
        kind: act.kind,
        subject: act.subject.to_owned(),
        content: act.content,
        by: caller.principal.id(),
        at: app.hub.clock.now(),
    };
    let event = Trail::of(headers).act(&app.hub, caller, Told::ApprovalUsed).on(spending.id.to_string());
    let event =
        event.with(json!({"act": act.kind, "subject": act.subject, "content_sha256": hex::encode(act.content)}));
    let spend = Audited::new(Arc::new(Spend), |spent| spent.then_some(Outcome::Done));
    if app.hub.db.write(&spend, (spending, event)).await? { Ok(()) } else { Err(needed()) }
}

/// What the audit is told of a proposal.
fn told(event: AuditEvent, approval: &Approval) -> AuditEvent {
    let content = hex::encode(approval.content);
    event.on(approval.id.to_string()).with(json!({
        "act": approval.kind, "subject": approval.subject, "content_sha256": content, "reason": approval.reason,
        "proposed_by": approval.proposed_by, "ends_at": approval.ends_at.to_utc(),
    }))
}

async fn find(app: &App, party: &str, id: &str) -> Result<Approval, Problem> {
    let absent = || Problem::of(&problems::NOT_FOUND);
    let id: ApprovalId = id.parse().map_err(|_| absent())?;
    approvals::load(&app.hub.db, party, id).await?.ok_or_else(absent)
}

fn malformed(error: &serde_json::Error) -> Problem {
    Problem::of(&problems::MALFORMED_REQUEST).detail(format!("JSON greșit: {error}"), format!("Wrong JSON: {error}"))
}

fn not_decided(not: NotDecided, approval: &Approval) -> Problem {
    let problem = match not {
        NotDecided::OwnProposal => Problem::of(&problems::OWN_PROPOSAL).detail(
            "Rugați altă persoană cu permisiunea approvals.decide să hotărască",
            "Ask another person with the permission approvals.decide to decide",
        ),
        NotDecided::Decided => Problem::of(&problems::STATE_CONFLICT)
            .detail("Propunerea a fost hotărâtă deja", "The proposal was decided already"),
        NotDecided::Over => Problem::of(&problems::STATE_CONFLICT)
            .detail("Propunerea a expirat; propuneți din nou", "The proposal is over; propose again"),
    };
    problem.with("approval", described(approval))
}

fn described(approval: &Approval) -> Value {
    json!({
        "approval": approval.id,
        "kind": approval.kind,
        "kind_ro": approval.kind.in_romanian(),
        "subject": approval.subject,
        "content_sha256": hex::encode(approval.content),
        "reason": approval.reason,
        "state": approval.state,
        "proposed_by": approval.proposed_by,
        "proposed_at": approval.proposed_at.to_utc(),
        "ends_at": approval.ends_at.to_utc(),
        "decided_by": approval.decided_by,
        "decided_at": approval.decided_at.map(|at| at.to_utc()),
        "decision_reason": approval.decision_reason,
        "done_by": approval.done_by,
        "done_at": approval.done_at.map(|at| at.to_utc()),
    })
}
