//! `/v1/journal`: who of the institution read, exported, validated, searched or transferred personal data, and who asked
//! registers what, about whom, why, and with what result. Reading it is in it.

use axum::Json;
use axum::extract::State;
use hub_flow::access_journal::{self, AccessEntry, AccessFilter, AccessKind, AccessResult};
use hub_flow::authorization::to;
use hub_flow::clock::Timestamp;
use hub_flow::flow::{Reader, search_journal};
use hub_flow::lookup::reasons::Said;
use hub_flow::lookup::{JournalFilter, JournalRow, Outcome, identifier};
use serde::Deserialize;
use serde_json::{Value, json};

use super::App;
use super::journaling::table::in_romanian;
use super::lookups::{not_read, read};
use super::may::May;
use super::problem::Problem;
use super::request::{SmallBody, Wanted};
use crate::api::door::Door;
use crate::problems;

/// The access journal.
#[must_use]
pub fn routes(door: Door) -> Door {
    door.get("/v1/journal", list).post("/v1/journal/search", search).taking::<Search>()
}

/// Which entries.
#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Choice {
    user: Option<String>,
    system: Option<String>,
    operation: Option<String>,
    purpose: Option<String>,
    case_number: Option<String>,
    act: Option<String>,
    result: Option<String>,
    from: Option<String>,
    to: Option<String>,
    before: Option<String>,
    limit: Option<i64>,
}

/// A search for a person or firm, with the reasons it needs. Never in an address, which ends up in logs.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Search {
    subject: String,
    purpose: Option<String>,
    legal_basis: Option<String>,
    case_number: Option<String>,
    user: Option<String>,
    #[serde(default)]
    filter: Choice,
}

/// The caller's own entries, newest first, 50 unless another number up to 500 is wanted.
///
/// # Errors
/// A problem document.
pub async fn list(
    caller: May<to::JournalRead>,
    State(app): State<App>,
    Wanted(choice): Wanted<Choice>,
) -> Result<Json<Value>, Problem> {
    let reader = Reader { party: caller.party.clone(), authentication: caller.authentication.clone(), user: None };
    shown(&app, reader, (Said::default(), None), choice).await
}

/// The caller's own entries about a person or firm.
///
/// # Errors
/// A problem document.
pub async fn search(
    caller: May<to::JournalSearch>,
    State(app): State<App>,
    SmallBody(body): SmallBody,
) -> Result<Json<Value>, Problem> {
    let Search { subject, purpose, legal_basis, case_number, user, filter } = read(&body)?;
    let reader =
        Reader { party: caller.party.clone(), authentication: caller.authentication.clone(), user: user.clone() };
    let said = Said { purpose, legal_basis, case_number, user };
    shown(&app, reader, (said, Some(&subject)), filter).await
}

/// Questions to registers and every other access, as one list by time.
async fn shown(
    app: &App,
    reader: Reader,
    (said, subject): (Said, Option<&str>),
    choice: Choice,
) -> Result<Json<Value>, Problem> {
    let party = reader.party.clone();
    let ((filter, limit), accesses) = choice.filter()?;
    let rows = search_journal(&app.hub, reader, said, subject, (filter, limit)).await.map_err(not_read)?;
    let mut entries: Vec<(uuid::Uuid, Value)> = rows.into_iter().map(|row| (row.id.0, entry(row))).collect();
    if let Some(mut filter) = accesses {
        filter.subject = subject.map(|text| app.hub.journal_key.subject(&identifier(text)));
        let found = access_journal::list(&app.hub.db, &party, &filter, limit).await?;
        entries.extend(found.into_iter().map(|one| (one.id, access(&one))));
    }
    entries.sort_by(|(one, _), (other, _)| other.cmp(one));
    entries.truncate(usize::try_from(limit).unwrap_or(usize::MAX));
    let next = entries.last().map(|(id, _)| id.to_string());
    Ok(Json(json!({"entries": entries.into_iter().map(|(_, told)| told).collect::<Vec<_>>(), "next": next})))
}

impl Choice {
    /// What is asked of both parts of the journal; none of the second where only questions to a register are meant.
    fn filter(self) -> Result<((JournalFilter, i64), Option<AccessFilter>), Problem> {
        let limit = self.limit.unwrap_or(50).clamp(1, 500);
        let acts = AccessKind::ALL.map(AccessKind::as_str);
        let asked = Outcome::ALL.iter().map(|outcome| outcome.as_str()).chain(["waiting", "underway"]);
        let results: Vec<&str> = asked.chain(AccessResult::ALL.iter().map(|result| result.as_str())).collect();
        let filter = JournalFilter {
            act: one_of("act", self.act, &acts)?,
            result: one_of("result", self.result, &results)?,
            from: self.from.map(|text| moment("from", &text)).transpose()?,
            to: self.to.map(|text| moment("to", &text)).transpose()?,
            before: self.before.map(|text| text.parse().map_err(|_| wrong("before", "next"))).transpose()?,
            user: self.user,
            system: self.system,
            operation: self.operation,
            purpose: self.purpose,
            case_number: self.case_number,
            subject: None,
        };
        // A result of questions alone, or a system, means questions alone.
        let result = filter.result.as_deref().map(AccessResult::parse);
        let both = filter.system.is_none() && result != Some(None);
        let accesses = both.then(|| AccessFilter {
            user: filter.user.clone(),
            operation: filter.operation.clone(),
            purpose: filter.purpose.clone(),
            case_number: filter.case_number.clone(),
            kind: filter.act.as_deref().and_then(AccessKind::parse),
            result: result.flatten(),
            subject: None,
            from: filter.from,
            to: filter.to,
            before: filter.before.map(|id| id.0),
        });
        Ok(((filter, limit), accesses))
    }
}

fn one_of(name: &str, given: Option<String>, known: &[&str]) -> Result<Option<String>, Problem> {
    match given {
        Some(word) if !known.contains(&word.as_str()) => Err(wrong(name, &known.join(", "))),
        given => Ok(given),
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

fn access(entry: &AccessEntry) -> Value {
    json!({
        "journal_id": entry.id.to_string(),
        "act": entry.kind.as_str(),
        "act_ro": entry.kind.in_romanian(),
        "at": entry.at.to_utc(),
        "on_behalf_of": entry.on_behalf,
        "principal": {"kind": entry.principal.kind.as_str(), "id": entry.principal.id},
        "user": entry.user,
        "operation": entry.operation,
        "operation_ro": in_romanian(&entry.operation),
        "object": entry.object,
        "message_id": entry.message,
        "purpose": entry.reasons.purpose,
        "legal_basis": entry.reasons.legal_basis,
        "case_number": entry.reasons.case_number,
        "result": entry.result.as_str(),
        "correlation": entry.correlation,
    })
}

fn entry(row: JournalRow) -> Value {
    let (system, operation) = row.asked.unzip();
    let about_register = system.is_some();
    json!({
        "journal_id": row.id,
        "act": row.act,
        "lookup_id": row.of_lookup.or(about_register.then_some(row.id)),
        "again": row.of_lookup.is_some(),
        "at": row.at.to_utc(),
        "user": row.reasons.user,
        "purpose": row.reasons.purpose,
        "legal_basis": row.reasons.legal_basis,
        "case_number": row.reasons.case_number,
        "system": system,
        "operation": operation,
        "agreement": row.agreement.map(|(id, version)| json!({"id": id, "version": version})),
        "discloses": serde_json::from_str::<Value>(&row.discloses).unwrap_or_default(),
        "personal": row.personal,
        "subject_hint": row.subject_hint,
        "batch": row.batch.map(|batch| batch.to_string()),
        "result": row.result,
        "as_of": row.as_of,
        "from_copy": row.copied_from.is_some(),
        "copied_from": row.copied_from,
        "stale": row.stale,
        "ended_at": row.ended_at.map(Timestamp::to_utc),
        "register_took_ms": row.took.map(|micros| micros / 1000),
    })
}
