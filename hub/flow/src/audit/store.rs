//! All SQL of the audit.

use crate::clock::Timestamp;
use crate::db::{Db, DbError, Row, Tx, Value};
use crate::ledger::{self, Ledger, Link};
use crate::params;

use super::Kind;
use super::model::{AuditEvent, Outcome, Principal, PrincipalKind, Recorded};

/// Appends acts within the transaction in which they are done.
///
/// # Errors
/// The database refused it; then the act is not done either.
pub async fn append(tx: &mut Tx<'_>, events: &[AuditEvent]) -> Result<(), DbError> {
    let digests: Vec<[u8; 32]> = events.iter().map(AuditEvent::digest).collect();
    let links = ledger::extend(tx, (Ledger::Audit, ledger::ONE), &digests).await?;
    let row = |(event, link): (&AuditEvent, Link)| {
        params![
            link.number,
            event.at.0,
            event.kind.as_str(),
            &event.party,
            event.principal.kind.as_str(),
            &event.principal.id,
            event.on_behalf.as_ref(),
            event.subject.as_ref(),
            event.outcome.as_str(),
            event.reason.as_ref(),
            event.correlation.as_ref(),
            event.details.to_string(),
            link.hash,
        ]
    };
    let rows: Vec<Vec<Value>> = events.iter().zip(links).map(row).collect();
    let head =
        "insert into audit_event (number, at, kind, party, principal_kind, principal, on_behalf, subject, outcome,
                  reason, correlation, details, hash) values";
    if rows.is_empty() { Ok(()) } else { tx.insert(head, 13, rows).await }
}

/// Which acts. What is not named does not matter.
#[derive(Debug, Clone, Default)]
pub struct AuditFilter {
    /// Of one party; none: of all.
    pub party: Option<String>,
    /// The code of a kind.
    pub kind: Option<Kind>,
    /// Who acted.
    pub principal: Option<String>,
    /// What was acted on.
    pub subject: Option<String>,
    /// How it ended.
    pub outcome: Option<Outcome>,
    /// What belongs together.
    pub correlation: Option<String>,
    /// From this moment on.
    pub from: Option<Timestamp>,
    /// Before this moment.
    pub to: Option<Timestamp>,
    /// Before this number: the last one of the page before.
    pub before: Option<i64>,
}

macro_rules! listed {
    ($whose:literal) => {
        concat!(
            "select number, at, kind, party, principal_kind, principal, on_behalf, subject, outcome, reason,
               correlation, details, hash from audit_event where ",
            $whose,
            " and (cast($2 as text) is null or kind = $2)
              and (cast($3 as text) is null or principal = $3)
              and (cast($4 as text) is null or subject = $4)
              and (cast($5 as text) is null or outcome = $5)
              and (cast($6 as text) is null or correlation = $6)
              and at >= $7 and at < $8 and number < $9
              order by number desc limit $10"
        )
    };
}

const OF_ALL: &str = listed!("cast($1 as text) is null");
const ITS_OWN: &str = listed!("party = $1");
const ON_ITS_BEHALF: &str = listed!("on_behalf = $1 and party <> $1");

/// Acts, newest first, at most `limit`.
///
/// # Errors
/// The database does not answer.
pub async fn list(db: &Db, filter: &AuditFilter, limit: i64) -> Result<Vec<Recorded>, DbError> {
    let parameters = params![
        filter.party.as_ref(),
        filter.kind.map(Kind::as_str),
        filter.principal.as_ref(),
        filter.subject.as_ref(),
        filter.outcome.map(Outcome::as_str),
        filter.correlation.as_ref(),
        filter.from.map_or(i64::MIN, |moment| moment.0),
        filter.to.map_or(i64::MAX, |moment| moment.0),
        filter.before.unwrap_or(i64::MAX),
        limit,
    ];
    if filter.party.is_none() {
        return db.query(OF_ALL, parameters).await?.into_iter().map(read).collect();
    }
    // Each an index of its own, in the order of the list.
    let mut rows = db.query(ITS_OWN, parameters.clone()).await?;
    rows.extend(db.query(ON_ITS_BEHALF, parameters).await?);
    let mut found = rows.into_iter().map(read).collect::<Result<Vec<Recorded>, DbError>>()?;
    found.sort_by_key(|one| std::cmp::Reverse(one.number));
    found.truncate(usize::try_from(limit).unwrap_or_default());
    Ok(found)
}

/// Acts after a number, oldest first.
///
/// # Errors
/// The database does not answer.
pub async fn after(db: &Db, number: i64, limit: i64) -> Result<Vec<Recorded>, DbError> {
    let sql = "select number, at, kind, party, principal_kind, principal, on_behalf, subject, outcome, reason,
                 correlation, details, hash from audit_event where number > $1 order by number limit $2";
    db.query(sql, params![number, limit]).await?.into_iter().map(read).collect()
}

/// Reads the chain from its begin and answers the number of the first act that is not as it was written, or is missing.
///
/// # Errors
/// The database does not answer.
pub async fn broken(db: &Db) -> Result<Option<i64>, DbError> {
    let heads = ledger::heads(db).await?;
    let end = heads.into_iter().find(|head| head.ledger == Ledger::Audit.as_str());
    let (mut previous, mut number) = ([0; 32], 0);
    loop {
        let page = match after(db, number, 500).await {
            // A word that is no word of its column was not written by the hub.
            Err(DbError::Inconsistent { .. }) => return Ok(Some(number + 1)),
            page => page?,
        };
        if page.is_empty() {
            break;
        }
        for recorded in page {
            let link = Link::after(&previous, number + 1, &recorded.event.digest());
            if (recorded.number, recorded.hash) != (link.number, link.hash) {
                return Ok(Some(number + 1));
            }
            (previous, number) = (link.hash, link.number);
        }
    }
    // What was appended since the end was read is no finding.
    Ok(end.is_some_and(|end| end.length > number).then_some(number + 1))
}

fn read(mut row: Row) -> Result<Recorded, DbError> {
    let unreadable = |column: &str, found: String| DbError::Inconsistent {
        column: format!("audit_event.{column}"),
        expected: "one of its words",
        found,
    };
    let (kind, outcome): (String, String) = (row.take("kind")?, row.take("outcome")?);
    let (principal, details): (String, String) = (row.take("principal_kind")?, row.take("details")?);
    let event = AuditEvent {
        kind: Kind::parse(&kind).ok_or_else(|| unreadable("kind", kind))?,
        at: Timestamp(row.take("at")?),
        party: row.take("party")?,
        principal: Principal {
            kind: PrincipalKind::parse(&principal).ok_or_else(|| unreadable("principal_kind", principal))?,
            id: row.take("principal")?,
        },
        on_behalf: row.take("on_behalf")?,
        subject: row.take("subject")?,
        outcome: Outcome::parse(&outcome).ok_or_else(|| unreadable("outcome", outcome))?,
        reason: row.take("reason")?,
        correlation: row.take("correlation")?,
        details: serde_json::from_str(&details).map_err(|error| unreadable("details", error.to_string()))?,
    };
    Ok(Recorded { number: row.take("number")?, event, hash: row.take("hash")? })
}
