//! The SQL of approvals.

use crate::clock::Timestamp;
use crate::db::{Db, DbError, Row, Tx, WriteVerb};
use crate::params;

use super::model::{Approval, ApprovalId, ApprovalKind, ApprovalState};

/// Writes proposals.
pub struct Propose;

impl WriteVerb for Propose {
    type Item = Approval;
    type Output = ();
    const ORDER: u16 = 62;

    async fn run(&self, tx: &mut Tx<'_>, items: &[Approval]) -> Result<Vec<()>, DbError> {
        let head = "insert into approval (id, party, kind, subject, content_sha256, reason, proposed_by, proposed_at,
                    ends_at, state) values";
        let row = |one: &Approval| {
            params![
                one.id.into_bytes(),
                &one.party,
                one.kind.as_str(),
                &one.subject,
                one.content,
                &one.reason,
                &one.proposed_by,
                one.proposed_at.0,
                one.ends_at.0,
                one.state.as_str(),
            ]
        };
        tx.insert(head, 10, items.iter().map(row).collect()).await?;
        Ok(vec![(); items.len()])
    }
}

/// What was decided over a proposal.
#[derive(Debug, Clone)]
pub struct Decision {
    /// Which.
    pub id: ApprovalId,
    /// Approved or refused.
    pub state: ApprovalState,
    /// By whom.
    pub by: String,
    /// What was said about it.
    pub reason: Option<String>,
    /// When.
    pub at: Timestamp,
}

/// Writes decisions.
pub struct Decide;

impl WriteVerb for Decide {
    type Item = Decision;
    /// Whether it was this one that decided.
    type Output = bool;
    const ORDER: u16 = 63;

    async fn run(&self, tx: &mut Tx<'_>, items: &[Decision]) -> Result<Vec<bool>, DbError> {
        // The rule of the two is in the statement too: nothing that went wrong before can get past it.
        let sql = "update approval set state = $2, decided_by = $3, decision_reason = $4, decided_at = $5
                   where id = $1 and state = 'proposed' and ends_at > $5 and proposed_by <> $3";
        let row =
            |one: &Decision| params![one.id.into_bytes(), one.state.as_str(), &one.by, one.reason.as_ref(), one.at.0];
        let changed = tx.execute_each(sql, items.iter().map(row).collect()).await?;
        Ok(changed.into_iter().map(|count| count == 1).collect())
    }
}

/// Something approved is about to be done.
#[derive(Debug, Clone)]
pub struct Spending {
    /// Under which approval.
    pub id: ApprovalId,
    /// Of which institution.
    pub party: String,
    /// What kind of act.
    pub kind: ApprovalKind,
    /// What it is about.
    pub subject: String,
    /// SHA-256 of exactly what will be done.
    pub content: [u8; 32],
    /// By whom.
    pub by: String,
    /// When.
    pub at: Timestamp,
}

/// Spends approvals: each is good for exactly what was approved, once.
pub struct Spend;

impl WriteVerb for Spend {
    type Item = Spending;
    /// Whether it may be done now.
    type Output = bool;
    const ORDER: u16 = 64;

    async fn run(&self, tx: &mut Tx<'_>, items: &[Spending]) -> Result<Vec<bool>, DbError> {
        let sql = "update approval set state = 'done', done_by = $6, done_at = $7
                   where id = $1 and party = $2 and kind = $3 and subject = $4 and content_sha256 = $5
                   and state = 'approved' and ends_at > $7";
        let row = |one: &Spending| {
            let (id, kind) = (one.id.into_bytes(), one.kind.as_str());
            params![id, &one.party, kind, &one.subject, one.content, &one.by, one.at.0]
        };
        let changed = tx.execute_each(sql, items.iter().map(row).collect()).await?;
        Ok(changed.into_iter().map(|count| count == 1).collect())
    }
}

/// A proposal of an institution.
///
/// # Errors
/// The database does not answer.
pub async fn load(db: &Db, party: &str, id: ApprovalId) -> Result<Option<Approval>, DbError> {
    let sql =
        "select id, party, kind, subject, content_sha256, reason, proposed_by, proposed_at, ends_at, state, decided_by,
               decided_at, decision_reason, done_by, done_at from approval where party = $1 and id = $2";
    db.query(sql, params![party, id.into_bytes()]).await?.into_iter().next().map(read).transpose()
}

/// The proposals of an institution, newest first: those that wait, or all.
///
/// # Errors
/// The database does not answer.
pub async fn list(db: &Db, party: &str, all: bool, limit: i64) -> Result<Vec<Approval>, DbError> {
    let sql =
        "select id, party, kind, subject, content_sha256, reason, proposed_by, proposed_at, ends_at, state, decided_by,
               decided_at, decision_reason, done_by, done_at from approval
               where party = $1 and (state = 'proposed' or $2 = 1) order by proposed_at desc limit $3";
    db.query(sql, params![party, i64::from(all), limit]).await?.into_iter().map(read).collect()
}

fn read(mut row: Row) -> Result<Approval, DbError> {
    let unreadable = |column: &str, found: String| DbError::Inconsistent {
        column: format!("approval.{column}"),
        expected: "one of its words",
        found,
    };
    let (id, kind, state): ([u8; 16], String, String) = (row.take("id")?, row.take("kind")?, row.take("state")?);
    let (decided, done): (Option<i64>, Option<i64>) = (row.take("decided_at")?, row.take("done_at")?);
    Ok(Approval {
        id: ApprovalId::from_bytes(id),
        party: row.take("party")?,
        kind: ApprovalKind::parse(&kind).ok_or_else(|| unreadable("kind", kind))?,
        subject: row.take("subject")?,
        content: row.take("content_sha256")?,
        reason: row.take("reason")?,
        proposed_by: row.take("proposed_by")?,
        proposed_at: Timestamp(row.take("proposed_at")?),
        ends_at: Timestamp(row.take("ends_at")?),
        state: ApprovalState::parse(&state).ok_or_else(|| unreadable("state", state))?,
        decided_by: row.take("decided_by")?,
        decided_at: decided.map(Timestamp),
        decision_reason: row.take("decision_reason")?,
        done_by: row.take("done_by")?,
        done_at: done.map(Timestamp),
    })
}
