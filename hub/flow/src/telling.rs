//! What receivers of security events are told, and how far they have confirmed it: acts of the audit, and accesses to
//! personal data without the persons, their reasons and their cases.
//!
//! Positions are numbers of chains, which grow in the order of commits: nothing appears below a position later.

use uuid::Uuid;

use crate::clock::Timestamp;
use crate::db::{Db, DbError, Row, Tx, WriteVerb};
use crate::ledger;
use crate::params;

/// An access as a receiver is told of it.
#[derive(Debug, Clone)]
pub struct ToldAccess {
    /// Its number in the chain.
    pub number: i64,
    /// When.
    pub at: Timestamp,
    /// What was done.
    pub kind: String,
    /// The institution.
    pub party: String,
    /// Who: a pseudonym or a system.
    pub principal: String,
    /// With what.
    pub operation: String,
    /// What came of it.
    pub result: String,
    /// Of the request.
    pub correlation: Option<String>,
}

/// Accesses of a chain after a number, in order: entries and questions to registers.
///
/// # Errors
/// The database does not answer.
pub async fn accesses(db: &Db, chain: Uuid, after: i64, limit: i64) -> Result<Vec<ToldAccess>, DbError> {
    let sql = "select number, at, kind, party, principal, operation, result, correlation from access_entry
               where chain = $1 and number > $2
               union all
               select l.number, e.at, e.act, e.party, coalesce(e.user_pseudonym, ''),
                 coalesce(e.system || '/' || e.operation, 'journal'), 'asked', cast(null as text)
               from journal_link l join journal_entry e on e.id = l.id where l.chain = $1 and l.number > $2
               order by 1 limit $3";
    let read = |mut row: Row| {
        Ok(ToldAccess {
            number: row.take("number")?,
            at: Timestamp(row.take("at")?),
            kind: row.take("kind")?,
            party: row.take("party")?,
            principal: row.take("principal")?,
            operation: row.take("operation")?,
            result: row.take("result")?,
            correlation: row.take("correlation")?,
        })
    };
    db.query(sql, params![chain.into_bytes(), after, limit]).await?.into_iter().map(read).collect()
}

/// The chains of the journal of access that a receiver has not confirmed to their end, each with how far it has.
///
/// # Errors
/// The database does not answer.
pub async fn behind(db: &Db, receiver: &str) -> Result<Vec<(Uuid, i64)>, DbError> {
    let mut behind = Vec::new();
    for head in ledger::heads(db).await?.into_iter().filter(|head| head.ledger == "access") {
        let at = position(db, receiver, &source(head.chain)).await?;
        if at < head.length {
            behind.push((head.chain, at));
        }
    }
    Ok(behind)
}

/// The word of a chain of the journal of access.
#[must_use]
pub fn source(chain: Uuid) -> String {
    format!("access:{}", chain.simple())
}

/// How far a receiver has confirmed; 0 before the first.
///
/// # Errors
/// The database does not answer.
pub async fn position(db: &Db, receiver: &str, source: &str) -> Result<i64, DbError> {
    let sql = "select position from siem_cursor where receiver = $1 and source = $2";
    let mut rows = db.query(sql, params![receiver, source]).await?;
    rows.first_mut().map_or(Ok(0), |row| row.take("position"))
}

/// Records how far a receiver has confirmed; never back.
pub struct RecordConfirmed;

impl WriteVerb for RecordConfirmed {
    /// Receiver, source, number, and when.
    type Item = (String, String, i64, Timestamp);
    type Output = ();
    const ORDER: u16 = 991;

    async fn run(&self, tx: &mut Tx<'_>, items: &[Self::Item]) -> Result<Vec<()>, DbError> {
        let sql = "insert into siem_cursor (receiver, source, position, told_at) values ($1, $2, $3, $4)
                   on conflict (receiver, source) do update set position = $3, told_at = $4
                   where siem_cursor.position < $3";
        let set = |(receiver, source, number, at): &Self::Item| params![receiver, source, *number, at.0];
        tx.execute_each(sql, items.iter().map(set).collect()).await?;
        Ok(vec![(); items.len()])
    }
}
