//! `POST /v1/my-data`: who saw the data of a person within the caller's institution, as JSON or as a paper for the person.
//!
//! The identity is in the body, never in an address, which ends up in logs. The report is in the journal before it leaves.

use axum::Json;
use axum::extract::State;
use axum::http::header;
use axum::response::{IntoResponse as _, Response};
use hub_flow::access_journal::{self, About, AccessEntry, AccessKind, AccessResult, Reasons};
use hub_flow::audit::Kind;
use hub_flow::authorization::to;
use hub_flow::clock::Timestamp;
use hub_flow::lookup::{self, JournalFilter, JournalRow};
use hub_receipts::Moment;
use hub_receipts::accesses::{self, Access, Report};
use schemas::Cnp;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::problems;

use super::App;
use super::audit::Trail;
use super::door::Door;
use super::journaling::table::in_romanian;
use super::may::May;
use super::problem::Problem;
use super::request::SmallBody;

/// Accesses in one report.
const MOST: i64 = 5_000;

/// The report.
#[must_use]
pub fn routes(door: Door) -> Door {
    door.post("/v1/my-data", report).taking::<Asked>()
}

/// What is asked for.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Asked {
    cnp: String,
    purpose: Option<String>,
    legal_basis: Option<String>,
    case_number: Option<String>,
    #[serde(default)]
    format: Format,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Format {
    #[default]
    Json,
    Pdf,
}

/// One access, whichever part of the journal it is in.
struct Line {
    at: Timestamp,
    id: String,
    act: String,
    what: String,
    what_code: String,
    who: String,
    reasons: Reasons,
    result: String,
}

/// Every access to the data of a person within the caller's institution, oldest first.
///
/// # Errors
/// A problem document.
pub async fn report(
    caller: May<to::JournalReport>,
    (State(app), trail): (State<App>, Trail),
    SmallBody(body): SmallBody,
) -> Result<Response, Problem> {
    let asked: Asked = serde_json::from_slice(&body).map_err(|error| {
        Problem::of(&problems::MALFORMED_REQUEST)
            .detail(format!("JSON greșit: {error}"), format!("Wrong JSON: {error}"))
    })?;
    let cnp = Cnp::parse(asked.cnp.trim())
        .map_err(|error| Problem::of(&problems::MALFORMED_REQUEST).detail(error.ro, error.en).with("field", "cnp"))?;
    let purpose = asked.purpose.or(trail.purpose.clone());
    let legal_basis = asked.legal_basis.or(trail.legal_basis.clone());
    let (Some(purpose), Some(legal_basis)) = (purpose, legal_basis) else {
        return Err(Problem::of(&problems::PURPOSE_NEEDED).detail(
            "Spuneți de ce se întocmește raportul: purpose și legal_basis (de exemplu cererea persoanei; RGPD art. 15)",
            "Say why the report is made: purpose and legal_basis (the person's request, GDPR article 15, for example)",
        ));
    };
    let reasons = Reasons { purpose, legal_basis, case_number: asked.case_number.or(trail.case_number.clone()) };
    let digest = app.hub.journal_key.subject(cnp.as_str());
    let (lines, cut) = lines(&app, &caller.party, digest).await?;
    let now = app.hub.clock.now();
    let id = app.hub.ids.uuid(now);
    let entry = AccessEntry {
        id,
        kind: AccessKind::Export,
        at: now,
        party: caller.party.clone(),
        on_behalf: caller.authentication.delegate.clone(),
        principal: trail.principal(&caller),
        user: trail.clerk.clone(),
        operation: "my-data".to_owned(),
        object: None,
        message: None,
        reasons: reasons.clone(),
        result: if lines.is_empty() { AccessResult::Nothing } else { AccessResult::Given },
        correlation: trail.correlation.clone(),
    };
    let event = trail.act(&app.hub, &caller, Kind::MyDataReported).on(id.to_string());
    app.hub.record(vec![event.because(Some(reasons.purpose.clone())).with(json!({"accesses": lines.len()}))]).await?;
    app.hub.journal(entry, About { persons: vec![digest], register: None }).await?;
    let hint = hint(cnp.as_str());
    match asked.format {
        Format::Json => Ok(Json(json!({
            "report_id": id.to_string(),
            "institution": caller.party,
            "person": hint,
            "made_at": now.to_utc(),
            "accesses": lines.iter().map(told).collect::<Vec<_>>(),
            "cut": cut,
        }))
        .into_response()),
        Format::Pdf => paper(&app, &caller.party, (id.to_string(), hint), (lines, cut), &reasons),
    }
}

/// The accesses of both parts of the journal in the order of time, and whether there are more.
async fn lines(app: &App, party: &str, digest: [u8; 32]) -> Result<(Vec<Line>, bool), Problem> {
    let db = &app.hub.db;
    let entries = access_journal::about(db, party, digest, MOST + 1).await?;
    let filter = JournalFilter { subject: Some(digest), ..JournalFilter::default() };
    let questions = lookup::search(db, party, &filter, MOST + 1).await?;
    let mut lines: Vec<Line> =
        entries.into_iter().map(of_access).chain(questions.into_iter().map(of_question)).collect();
    lines.sort_by(|one, other| (one.at, &one.id).cmp(&(other.at, &other.id)));
    let most = usize::try_from(MOST).unwrap_or(usize::MAX);
    let cut = lines.len() > most;
    lines.truncate(most);
    Ok((lines, cut))
}

fn of_access(entry: AccessEntry) -> Line {
    let what = in_romanian(&entry.operation);
    let to = entry.object.as_ref().filter(|_| entry.kind == AccessKind::Transfer);
    Line {
        at: entry.at,
        id: entry.id.to_string(),
        act: entry.kind.in_romanian().to_owned(),
        what: to.map_or_else(|| what.to_owned(), |to| format!("{what}: {to}")),
        what_code: entry.operation,
        who: entry.user.unwrap_or(entry.principal.id),
        reasons: entry.reasons,
        result: entry.result.in_romanian().to_owned(),
    }
}

fn of_question(row: JournalRow) -> Line {
    let (act, what) = match (row.act.as_str(), &row.asked) {
        ("search", _) => ("căutare", "jurnalul accesărilor".to_owned()),
        ("export", Some((system, operation))) => ("export", format!("răspunsul registrului {system} ({operation})")),
        (_, Some((system, operation))) => ("consultare", format!("registrul {system} ({operation})")),
        (_, None) => ("consultare", String::new()),
    };
    let reasons = Reasons {
        purpose: row.reasons.purpose,
        legal_basis: row.reasons.legal_basis,
        case_number: row.reasons.case_number,
    };
    let code = row.asked.map_or_else(|| "journal".to_owned(), |(system, operation)| format!("{system}/{operation}"));
    Line {
        at: row.at,
        id: row.id.to_string(),
        act: act.to_owned(),
        what,
        what_code: code,
        who: row.reasons.user.unwrap_or_else(|| "sistem".to_owned()),
        reasons,
        result: row.result.unwrap_or_else(|| "date comunicate".to_owned()),
    }
}

fn told(line: &Line) -> Value {
    json!({
        "journal_id": line.id,
        "at": line.at.to_utc(),
        "act": line.act,
        "what": line.what,
        "operation": line.what_code,
        "who": line.who,
        "purpose": line.reasons.purpose,
        "legal_basis": line.reasons.legal_basis,
        "case_number": line.reasons.case_number,
        "result": line.result,
    })
}

fn paper(
    app: &App,
    party: &str,
    (id, person): (String, String),
    (lines, cut): (Vec<Line>, bool),
    reasons: &Reasons,
) -> Result<Response, Problem> {
    let access = |line: Line| {
        let why = [Some(line.reasons.purpose), Some(line.reasons.legal_basis), line.reasons.case_number];
        let why: Vec<String> = why.into_iter().flatten().filter(|text| !text.is_empty()).collect();
        let (at, why) = (line.at.to_romanian(), why.join("; "));
        Access { at, act: line.act, what: line.what, who: line.who, why, result: line.result }
    };
    let now = app.hub.clock.now();
    let facts = Report {
        id: id.clone(),
        institution: app.hub.party_facts(party).name.unwrap_or_else(|| party.to_owned()),
        person,
        reason: format!("{}; {}", reasons.purpose, reasons.legal_basis),
        service: app.hub.seal.issuer.name.clone(),
        made_at: Moment { utc: now.to_utc(), local: format!("{} (ora României)", now.to_romanian()) },
        accesses: lines.into_iter().map(access).collect(),
        cut,
    };
    let paper = accesses::report(&facts).map_err(|error| {
        tracing::error!(%error, "a report of accesses could not be printed");
        Problem::of(&problems::UNAVAILABLE)
    })?;
    let headers = [
        (header::CONTENT_TYPE, "application/pdf".to_owned()),
        (header::CONTENT_DISPOSITION, format!("attachment; filename=\"datele-mele-{id}.pdf\"")),
    ];
    Ok((headers, paper).into_response())
}

/// The last characters of a code, for people who compare.
fn hint(cnp: &str) -> String {
    format!("…{}", &cnp[cnp.len().saturating_sub(3)..])
}
