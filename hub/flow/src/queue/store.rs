//! The queue's SQL. `for update skip locked` lets many PostgreSQL nodes claim at once; SQLite has one writer.

use uuid::Uuid;

use crate::clock::Timestamp;
use crate::db::{Db, DbError, Row, Tx, Value, WriteVerb};
use crate::params;

use super::{Job, JobKind};

/// Adds jobs within the caller's transaction.
///
/// # Errors
/// The database refused them.
pub async fn enqueue(tx: &mut Tx<'_>, jobs: &[Job]) -> Result<(), DbError> {
    let row = |job: &Job| params![blob(job.subject), job.kind.as_str(), job.due_at.0, job.claims];
    tx.insert("insert into job (subject, kind, due_at, claims) values", 4, jobs.iter().map(row).collect()).await
}

/// Removes the jobs of these subjects within the caller's transaction.
///
/// # Errors
/// The database refused the statement.
pub async fn finish(tx: &mut Tx<'_>, subjects: &[Uuid]) -> Result<(), DbError> {
    if !subjects.is_empty() {
        let sets = subjects.iter().map(|subject| params![blob(*subject)]).collect();
        tx.execute_each("delete from job where subject = $1", sets).await?;
    }
    Ok(())
}

fn blob(subject: Uuid) -> [u8; 16] {
    *subject.as_bytes()
}

/// Drops a job that has nothing left to do.
pub struct ForgetJob;

impl WriteVerb for ForgetJob {
    type Item = Uuid;
    type Output = ();
    const ORDER: u16 = 93;

    async fn run(&self, tx: &mut Tx<'_>, items: &[Uuid]) -> Result<Vec<()>, DbError> {
        finish(tx, items).await?;
        Ok(vec![(); items.len()])
    }
}

/// Moves jobs to another moment within the caller's transaction.
///
/// # Errors
/// The database refused the statement.
pub async fn reschedule(tx: &mut Tx<'_>, jobs: &[(Uuid, Timestamp)]) -> Result<(), DbError> {
    if !jobs.is_empty() {
        let sets = jobs.iter().map(|(subject, due_at)| params![blob(*subject), due_at.0]).collect();
        tx.execute_each("update job set due_at = $2 where subject = $1", sets).await?;
    }
    Ok(())
}

/// Moves claimed jobs to another moment within the caller's transaction, and takes this start back: nothing was done.
///
/// # Errors
/// The database refused the statement.
pub async fn hold(tx: &mut Tx<'_>, jobs: &[(Uuid, Timestamp)]) -> Result<(), DbError> {
    if !jobs.is_empty() {
        let sets = jobs.iter().map(|(subject, due_at)| params![blob(*subject), due_at.0]).collect();
        let sql = "update job set due_at = $2, claims = claims - 1 where subject = $1 and claims > 0";
        tx.execute_each(sql, sets).await?;
    }
    Ok(())
}

/// Makes other jobs of these within the caller's transaction: what is to be done next with the same subject.
///
/// # Errors
/// The database refused the statement.
pub async fn replace(tx: &mut Tx<'_>, jobs: &[(Uuid, JobKind, Timestamp)]) -> Result<(), DbError> {
    if !jobs.is_empty() {
        let set =
            |(subject, kind, due_at): &(Uuid, JobKind, Timestamp)| params![blob(*subject), kind.as_str(), due_at.0];
        let sql = "update job set kind = $2, due_at = $3, claims = 0 where subject = $1";
        tx.execute_each(sql, jobs.iter().map(set).collect()).await?;
    }
    Ok(())
}

/// Makes sure that these jobs exist and are due within the caller's transaction. One that is being worked on comes due
/// again: what it was called for may have come after it looked.
///
/// # Errors
/// The database refused the statement.
pub async fn call(tx: &mut Tx<'_>, jobs: &[(Uuid, JobKind, Timestamp)]) -> Result<(), DbError> {
    if !jobs.is_empty() {
        let set =
            |(subject, kind, due_at): &(Uuid, JobKind, Timestamp)| params![blob(*subject), kind.as_str(), due_at.0];
        let sql = "insert into job (subject, kind, due_at, claims) values ($1, $2, $3, 0)
                   on conflict (subject) do update set kind = $2, due_at = $3, claims = 0";
        tx.execute_each(sql, jobs.iter().map(set).collect()).await?;
    }
    Ok(())
}

/// Removes a job that was claimed so often, unless it was called for again since.
///
/// # Errors
/// The database refused the statement.
pub async fn finish_unless_called(tx: &mut Tx<'_>, subject: Uuid, claims: i64) -> Result<(), DbError> {
    let sql = "delete from job where subject = $1 and claims = $2";
    tx.execute_each(sql, vec![params![blob(subject), claims]]).await?;
    Ok(())
}

/// Claims due jobs for one lease.
pub struct ClaimJobs {
    /// How long the claimed jobs belong to the worker.
    pub lease_seconds: i64,
}

/// How many jobs to claim, and as of when.
#[derive(Debug, Clone, Copy)]
pub struct Claim {
    /// The present moment.
    pub now: Timestamp,
    /// At most so many.
    pub limit: i64,
}

const CLAIM: &str = "update job set due_at = $1, claims = claims + 1
    where subject in (select subject from job where due_at <= $2 order by due_at limit $3)
    returning kind, subject, due_at, claims";
const CLAIM_AMONG_NODES: &str = "update job set due_at = $1, claims = claims + 1
    where subject in (select subject from job where due_at <= $2 order by due_at limit $3 for update skip locked)
    returning kind, subject, due_at, claims";

impl WriteVerb for ClaimJobs {
    type Item = Claim;
    type Output = Vec<Job>;
    const ORDER: u16 = 90;

    async fn run(&self, tx: &mut Tx<'_>, items: &[Claim]) -> Result<Vec<Vec<Job>>, DbError> {
        let sql = if tx.is_postgres() { CLAIM_AMONG_NODES } else { CLAIM };
        let mut claimed = Vec::with_capacity(items.len());
        for claim in items {
            let lease_end = claim.now.plus_seconds(self.lease_seconds);
            let rows = tx.query(sql, params![lease_end.0, claim.now.0, claim.limit]).await?;
            claimed.push(rows.into_iter().map(read).collect::<Result<_, _>>()?);
        }
        Ok(claimed)
    }
}

/// Moves the due moment of a claimed job: the end of its lease while its work goes on.
pub struct PostponeJob;

impl WriteVerb for PostponeJob {
    type Item = (Uuid, Timestamp);
    type Output = ();
    const ORDER: u16 = 91;

    async fn run(&self, tx: &mut Tx<'_>, items: &[Self::Item]) -> Result<Vec<()>, DbError> {
        reschedule(tx, items).await?;
        Ok(vec![(); items.len()])
    }
}

fn read(mut row: Row) -> Result<Job, DbError> {
    let kind: String = row.take("kind")?;
    let unknown =
        || DbError::Inconsistent { column: "job.kind".to_owned(), expected: "a job kind", found: kind.clone() };
    Ok(Job {
        kind: JobKind::parse(&kind).ok_or_else(unknown)?,
        subject: Uuid::from_bytes(row.take("subject")?),
        due_at: Timestamp(row.take("due_at")?),
        claims: row.take("claims")?,
    })
}

/// When the next job is due, and how many there are.
///
/// # Errors
/// The database does not answer.
pub async fn depth(db: &Db) -> Result<i64, DbError> {
    let rows: Vec<Row> = db.query("select cast(count(*) as bigint) as depth from job", Vec::<Value>::new()).await?;
    rows.into_iter().next().map_or(Ok(0), |mut row| row.take("depth"))
}

/// Makes jobs whose lease a fallen process still holds due at once. Only for the embedded database, which one process
/// owns alone.
pub struct ReleaseLeases;

impl WriteVerb for ReleaseLeases {
    type Item = Timestamp;
    type Output = ();
    const ORDER: u16 = 92;

    async fn run(&self, tx: &mut Tx<'_>, items: &[Timestamp]) -> Result<Vec<()>, DbError> {
        // A job waiting for its first start has no claims, one waiting for a retry has a recorded attempt for each:
        // only a lease has more starts than ends.
        let sql =
            "update job set due_at = $1 where claims > 0 and kind in ('route', 'deliver', 'notify', 'report', 'ask') and due_at > $1
                   and not exists (select 1 from delivery where delivery.id = job.subject
                                   and delivery.attempts >= job.claims)
                   and not exists (select 1 from lookup_waiting where lookup_waiting.id = job.subject
                                   and lookup_waiting.asks >= job.claims)";
        tx.execute_each(sql, items.iter().map(|now| params![now.0]).collect()).await?;
        Ok(vec![(); items.len()])
    }
}

/// Makes jobs of deliveries due at once, so far as nobody has them under way.
pub struct BringForward;

impl WriteVerb for BringForward {
    type Item = (Uuid, Timestamp);
    type Output = bool;
    const ORDER: u16 = 94;

    async fn run(&self, tx: &mut Tx<'_>, items: &[Self::Item]) -> Result<Vec<bool>, DbError> {
        // Under way, a job has more starts than its delivery has ends.
        let sql = "update job set due_at = $2 where subject = $1 and due_at > $2
                   and exists (select 1 from delivery where id = $1 and attempts >= job.claims)";
        let sets = items.iter().map(|(subject, now)| params![blob(*subject), now.0]).collect();
        Ok(tx.execute_each(sql, sets).await?.into_iter().map(|count| count == 1).collect())
    }
}
