//! Approval and confirmation of a version given after its import: one clerk proposes, another decides, all of it is kept.

use serde::{Deserialize, Serialize};
use serde_json::{Value as Json, json};
use uuid::Uuid;

use crate::archive::acting::Order;
use crate::archive::office::{NotDone, wrong};
use crate::clock::Timestamp;
use crate::db::{Db, DbError, Row, Tx};
use crate::params;

use super::model::{Approval, Confirmation};

/// What becomes known of a version after its import.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Confirming {
    /// The version.
    #[serde(skip)]
    pub version: i64,
    /// The approving act of the head, after the commission; none: as it stands.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub approval: Option<Approval>,
    /// The confirmation of the National Archives; none: as it stands.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub confirmation: Option<Confirmation>,
}

/// What a second clerk says of it.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Deciding {
    /// The version.
    #[serde(skip)]
    pub version: i64,
    /// Whether it stands from now on.
    pub approved: bool,
    /// Why not, of a refusal.
    #[serde(default)]
    pub reason: Option<String>,
}

/// A proposal and what became of it.
#[derive(Debug, Clone, Serialize)]
pub struct Proposed {
    /// From 1 within the version.
    pub position: i64,
    /// What was proposed.
    pub content: Json,
    /// What stood there then.
    pub previous: Json,
    /// Pseudonym of the clerk who proposed it.
    pub proposed_by: String,
    /// When, in UTC.
    pub proposed_at: String,
    /// `approved` or `refused`; none while it waits.
    pub decision: Option<String>,
    /// Pseudonym of the clerk who decided.
    pub decided_by: Option<String>,
    /// When, in UTC.
    pub decided_at: Option<String>,
    /// Why it was refused.
    pub reason: Option<String>,
}

/// Everything proposed of a version, oldest first.
///
/// # Errors
/// The database does not answer.
pub async fn confirmations(db: &Db, party: &str, version: i64) -> Result<Vec<Proposed>, DbError> {
    let sql = "select position, content, previous, proposed_by, proposed_at, decision, decided_by, decided_at, reason
               from archive_nomenclator_confirmation where party = $1 and version = $2 order by position";
    db.query(sql, params![party, version]).await?.into_iter().map(read).collect()
}

fn read(mut row: Row) -> Result<Proposed, DbError> {
    let (content, previous): (String, String) = (row.take("content")?, row.take("previous")?);
    Ok(Proposed {
        position: row.take("position")?,
        content: serde_json::from_str(&content).unwrap_or_default(),
        previous: serde_json::from_str(&previous).unwrap_or_default(),
        proposed_by: row.take("proposed_by")?,
        proposed_at: Timestamp(row.take("proposed_at")?).to_utc(),
        decision: row.take("decision")?,
        decided_by: row.take("decided_by")?,
        decided_at: row.take::<Option<i64>>("decided_at")?.map(|at| Timestamp(at).to_utc()),
        reason: row.take("reason")?,
    })
}

/// A clerk proposes what becomes known of a version. One proposal waits at a time.
pub(in crate::archive) async fn propose(
    tx: &mut Tx<'_>,
    order: &Order,
    wanted: &Confirming,
) -> Result<Result<Json, NotDone>, DbError> {
    if let Err(refused) = order.keeps_archive(tx).await? {
        return Ok(Err(refused));
    }
    let Some(previous) = standing(tx, &order.party, wanted.version).await? else { return Ok(Err(NotDone::NotFound)) };
    if let Err(refused) = well_formed(wanted, order.at) {
        return Ok(Err(refused));
    }
    let newest = newest(tx, &order.party, wanted.version).await?;
    if newest.as_ref().is_some_and(|one| one.decision.is_none()) {
        let subject = format!("nomenclatorul, versiunea {}", wanted.version);
        return Ok(Err(NotDone::State { subject, state: "proposed".to_owned(), wanted: "decided" }));
    }
    let position = 1 + newest.map_or(0, |one| one.position);
    let row = params![
        &order.party,
        wanted.version,
        position,
        json!(wanted).to_string(),
        previous.to_string(),
        &order.clerk,
        order.at.0,
    ];
    tx.insert(
        "insert into archive_nomenclator_confirmation (party, version, position, content, previous, proposed_by,
         proposed_at) values",
        7,
        vec![row],
    )
    .await?;
    let content = json!({"version": wanted.version, "position": position, "content": wanted, "previous": previous});
    order.record(tx, subject(&order.party, wanted.version), "confirmation_proposed", content.clone()).await?;
    Ok(Ok(content))
}

/// Another clerk decides: what was approved stands in the version from then on.
pub(in crate::archive) async fn decide(
    tx: &mut Tx<'_>,
    order: &Order,
    wanted: &Deciding,
) -> Result<Result<Json, NotDone>, DbError> {
    if let Err(refused) = order.keeps_archive(tx).await? {
        return Ok(Err(refused));
    }
    let waiting = newest(tx, &order.party, wanted.version).await?.filter(|one| one.decision.is_none());
    let Some(waiting) = waiting else {
        let subject = format!("nomenclatorul, versiunea {}", wanted.version);
        return Ok(Err(NotDone::State { subject, state: "decided".to_owned(), wanted: "proposed" }));
    };
    if waiting.proposed_by == order.clerk {
        return Ok(Err(NotDone::SameClerk));
    }
    if !wanted.approved && wanted.reason.as_ref().is_none_or(|reason| reason.trim().chars().count() < 3) {
        return Ok(Err(wrong("reason", "O respingere are un motiv", "A refusal has a reason")));
    }
    let decision = if wanted.approved { "approved" } else { "refused" };
    let sql = "update archive_nomenclator_confirmation set decision = $4, decided_by = $5, decided_at = $6, reason = $7
               where party = $1 and version = $2 and position = $3 and decision is null";
    let set = params![
        &order.party,
        wanted.version,
        waiting.position,
        decision,
        &order.clerk,
        order.at.0,
        wanted.reason.as_deref(),
    ];
    tx.execute_each(sql, vec![set]).await?;
    if wanted.approved {
        stand(tx, &order.party, wanted.version, &waiting.content).await?;
    }
    let content = json!({
        "version": wanted.version, "position": waiting.position, "decision": decision, "content": waiting.content,
        "reason": wanted.reason,
    });
    order.record(tx, subject(&order.party, wanted.version), "confirmation_decided", content.clone()).await?;
    Ok(Ok(content))
}

/// What acts about a version are about: it has no id of its own.
#[must_use]
pub fn subject(party: &str, version: i64) -> Uuid {
    let digest = openssl::sha::sha256(format!("nomenclator/{party}/{version}").as_bytes());
    Uuid::from_slice(&digest[..16]).expect("16 bytes are an id")
}

async fn stand(tx: &mut Tx<'_>, party: &str, version: i64, content: &Json) -> Result<(), DbError> {
    let text = |value: &Json| value.as_str().map(str::to_owned);
    let (approval, confirmation) = (&content["approval"], &content["confirmation"]);
    let sql = "update archive_nomenclator set approval_number = coalesce(cast($3 as text), approval_number),
               approval_date = coalesce(cast($4 as text), approval_date),
               confirmation_number = coalesce(cast($5 as text), confirmation_number),
               confirmation_date = coalesce(cast($6 as text), confirmation_date),
               confirmed_by = coalesce(cast($7 as text), confirmed_by) where party = $1 and version = $2";
    let set = params![
        party,
        version,
        text(&approval["number"]),
        text(&approval["date"]),
        text(&confirmation["number"]),
        text(&confirmation["date"]),
        text(&confirmation["service"]),
    ];
    tx.execute_each(sql, vec![set]).await.map(drop)
}

async fn newest(tx: &mut Tx<'_>, party: &str, version: i64) -> Result<Option<Proposed>, DbError> {
    let sql = "select position, content, previous, proposed_by, proposed_at, decision, decided_by, decided_at, reason
               from archive_nomenclator_confirmation where party = $1 and version = $2 order by position desc limit 1";
    tx.query(sql, params![party, version]).await?.into_iter().next().map(read).transpose()
}

/// What stands in a version; none where there is no such version.
async fn standing(tx: &mut Tx<'_>, party: &str, version: i64) -> Result<Option<Json>, DbError> {
    let sql = "select approval_number, approval_date, confirmation_number, confirmation_date, confirmed_by
               from archive_nomenclator where party = $1 and version = $2";
    let Some(mut row) = tx.query(sql, params![party, version]).await?.into_iter().next() else { return Ok(None) };
    let (number, date): (String, String) = (row.take("approval_number")?, row.take("approval_date")?);
    let mut told = json!({"approval": {"number": number, "date": date}});
    if let Some(number) = row.take::<Option<String>>("confirmation_number")? {
        let (date, service): (Option<String>, Option<String>) =
            (row.take("confirmation_date")?, row.take("confirmed_by")?);
        told["confirmation"] = json!({"number": number, "date": date, "service": service});
    }
    Ok(Some(told))
}

fn well_formed(wanted: &Confirming, at: Timestamp) -> Result<(), NotDone> {
    let Confirming { approval, confirmation, .. } = wanted;
    if approval.is_none() && confirmation.is_none() {
        return Err(wrong(
            "confirmation",
            "Trimiteți approval (numărul și data aprobării), confirmation (numărul, data și serviciul), sau amândouă",
            "Send approval (its number and date), confirmation (number, date and service), or both",
        ));
    }
    let fits = |text: &str, most: usize| (1..=most).contains(&text.trim().chars().count());
    let today = at.romanian_date();
    let number_of = |number: &str, date: jiff::civil::Date| fits(number, 64) && date <= today;
    let right = approval.as_ref().is_none_or(|one| number_of(&one.number, one.date))
        && confirmation.as_ref().is_none_or(|one| number_of(&one.number, one.date) && fits(&one.service, 200));
    if right {
        return Ok(());
    }
    Err(wrong(
        "confirmation",
        "Numărul are 1 până la 64 de caractere, serviciul cel mult 200, iar data nu este în viitor",
        "A number has 1 to 64 characters, the service at most 200, and the date is not in the future",
    ))
}
