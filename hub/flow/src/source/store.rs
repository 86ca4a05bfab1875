//! The SQL of receiving.

use std::collections::HashMap;

use uuid::Uuid;

use crate::clock::Timestamp;
use crate::db::{Db, DbError, Row, Tx, WriteVerb};
use crate::params;

use super::model::{Decided, Refusal, Standing, Unheard};

/// So long after the system heard it a verdict is kept.
const KEPT: i64 = 30 * 86_400;

/// Takes a source for a node, where nobody else has it; answers whether it did. A new source begins here.
pub(super) struct Take;

/// A node's claim.
pub(super) struct Claim {
    pub source: String,
    pub node: Uuid,
    /// Holds of others that end until then have ended.
    pub over: Timestamp,
    pub until: Timestamp,
}

impl WriteVerb for Take {
    type Item = Claim;
    type Output = bool;
    const ORDER: u16 = 910;

    async fn run(&self, tx: &mut Tx<'_>, items: &[Claim]) -> Result<Vec<bool>, DbError> {
        let sql = "insert into source_state (source, held_until, due_at, failures) values ($1, 0, 0, 0)
                   on conflict (source) do nothing";
        tx.execute_each(sql, items.iter().map(|one| params![&one.source]).collect()).await?;
        let sql = "update source_state set holder = $2, held_until = $4 where source = $1
                   and (holder is null or holder = $2 or held_until <= $3)";
        let set = |one: &Claim| params![&one.source, one.node.into_bytes(), one.over.0, one.until.0];
        let changed = tx.execute_each(sql, items.iter().map(set).collect()).await?;
        Ok(changed.into_iter().map(|rows| rows == 1).collect())
    }
}

/// Goes on holding a source; answers whether the node still had it.
pub(super) struct Hold;

impl WriteVerb for Hold {
    type Item = (String, Uuid, Timestamp);
    type Output = bool;
    const ORDER: u16 = 911;

    async fn run(&self, tx: &mut Tx<'_>, items: &[Self::Item]) -> Result<Vec<bool>, DbError> {
        let sql = "update source_state set held_until = $3 where source = $1 and holder = $2";
        let set = |(source, node, until): &Self::Item| params![source, node.into_bytes(), until.0];
        let changed = tx.execute_each(sql, items.iter().map(set).collect()).await?;
        Ok(changed.into_iter().map(|rows| rows == 1).collect())
    }
}

/// Writes how a poll ended, and gives the source back.
pub(super) struct EndPoll;

/// How a poll ended.
pub(super) struct Polled {
    pub source: String,
    pub node: Uuid,
    pub now: Timestamp,
    pub due_at: Timestamp,
    /// Why it failed; none where it was read to the end.
    pub error: Option<String>,
    /// Whether that counts as a failure: waiting for a quota does not.
    pub failed: bool,
}

impl WriteVerb for EndPoll {
    type Item = Polled;
    type Output = ();
    const ORDER: u16 = 912;

    async fn run(&self, tx: &mut Tx<'_>, items: &[Polled]) -> Result<Vec<()>, DbError> {
        let sql =
            "update source_state set held_until = 0, due_at = $3, error = $4, polled_at = coalesce($5, polled_at),
                   failures = failures * $6 + $7
                   where source = $1 and holder = $2";
        let set = |one: &Polled| {
            let read = one.error.is_none().then_some(one.now.0);
            params![
                &one.source,
                one.node.into_bytes(),
                one.due_at.0,
                one.error.as_ref(),
                read,
                // What was read to the end ends the row of failures; waiting for a quota neither ends nor lengthens it.
                i64::from(one.error.is_some()),
                i64::from(one.failed),
            ]
        };
        tx.execute_each(sql, items.iter().map(set).collect()).await?;
        let old = |one: &Polled| params![&one.source, one.now.0 - KEPT * 1_000_000];
        let sql = "delete from arrival where source = $1 and heard_at < $2";
        tx.execute_each(sql, items.iter().map(old).collect()).await?;
        Ok(vec![(); items.len()])
    }
}

/// Gives back whatever a node holds.
pub(super) struct LetGo;

impl WriteVerb for LetGo {
    type Item = Uuid;
    type Output = ();
    const ORDER: u16 = 913;

    async fn run(&self, tx: &mut Tx<'_>, items: &[Uuid]) -> Result<Vec<()>, DbError> {
        let sql = "update source_state set held_until = 0 where holder = $1";
        tx.execute_each(sql, items.iter().map(|node| params![node.into_bytes()]).collect()).await?;
        Ok(vec![(); items.len()])
    }
}

/// Writes a verdict down, in place of one that no longer counts.
pub(super) struct Decide;

impl WriteVerb for Decide {
    type Item = (String, String, Decided, Timestamp);
    type Output = ();
    const ORDER: u16 = 914;

    async fn run(&self, tx: &mut Tx<'_>, items: &[Self::Item]) -> Result<Vec<()>, DbError> {
        let sql = "insert into arrival (source, id, message_id, reason, problem, receipt, decided_at, failures, due_at)
                   values ($1, $2, $3, $4, $5, $6, $7, 0, $7)
                   on conflict (source, id) do update set message_id = $3, reason = $4, problem = $5, receipt = $6,
                   decided_at = $7, heard_at = null, failures = 0, due_at = $7, error = null";
        let set = |(source, id, decided, at): &Self::Item| {
            let (message, refused) = match decided {
                Decided::Accepted(message) => (Some(*message), None),
                Decided::Refused { refusal, receipt } => (None, Some((refusal, receipt))),
            };
            params![
                source,
                id,
                message,
                refused.map(|(refusal, _)| &refusal.reason),
                refused.map(|(refusal, _)| refusal.problem.to_string()),
                refused.and_then(|(_, receipt)| receipt.as_ref()),
                at.0,
            ]
        };
        tx.execute_each(sql, items.iter().map(set).collect()).await?;
        Ok(vec![(); items.len()])
    }
}

/// Writes whether the system heard a verdict.
pub(super) struct Tell;

/// How telling a verdict ended.
pub(super) struct Told {
    pub source: String,
    pub id: String,
    pub at: Timestamp,
    /// Why it was not heard, and when it is told again.
    pub failed: Option<(String, Timestamp)>,
}

impl WriteVerb for Tell {
    type Item = Told;
    type Output = ();
    const ORDER: u16 = 915;

    async fn run(&self, tx: &mut Tx<'_>, items: &[Told]) -> Result<Vec<()>, DbError> {
        let heard = "update arrival set heard_at = $3, error = null where source = $1 and id = $2";
        let sets = items.iter().filter(|told| told.failed.is_none());
        let sets: Vec<_> = sets.map(|told| params![&told.source, &told.id, told.at.0]).collect();
        if !sets.is_empty() {
            tx.execute_each(heard, sets).await?;
        }
        let failed =
            "update arrival set failures = failures + 1, error = $3, due_at = $4 where source = $1 and id = $2";
        let set = |told: &Told| {
            let (error, due_at) = told.failed.as_ref()?;
            Some(params![&told.source, &told.id, error, due_at.0])
        };
        let sets: Vec<_> = items.iter().filter_map(set).collect();
        if !sets.is_empty() {
            tx.execute_each(failed, sets).await?;
        }
        Ok(vec![(); items.len()])
    }
}

/// When a source is due, and how often polling it failed in a row. Nothing for one that was never polled.
pub(super) async fn place(db: &Db, source: &str) -> Result<Option<(Timestamp, i64)>, DbError> {
    let sql = "select due_at, failures from source_state where source = $1";
    let read = |mut row: Row| Ok((Timestamp(row.take("due_at")?), row.take("failures")?));
    db.query(sql, params![source]).await?.into_iter().next().map(read).transpose()
}

/// The sources a node may look at: when each is due, by id. Those that others hold are left out, new ones are not there yet.
pub(super) async fn dues(db: &Db, node: Uuid, over: Timestamp) -> Result<HashMap<String, Option<Timestamp>>, DbError> {
    let sql = "select s.source, s.due_at, case when s.holder is null or s.holder = $1 or s.held_until <= $2 then 1 else 0 end
               as free, (select min(a.due_at) from arrival a where a.source = s.source and a.heard_at is null) as tell_at
               from source_state s";
    let mut dues = HashMap::new();
    for mut row in db.query(sql, params![node.into_bytes(), over.0]).await? {
        let (due, tell): (i64, Option<i64>) = (row.take("due_at")?, row.take("tell_at")?);
        let free: i64 = row.take("free")?;
        let due = due.min(tell.unwrap_or(i64::MAX));
        dues.insert(row.take("source")?, (free == 1).then_some(Timestamp(due)));
    }
    Ok(dues)
}

/// The verdict on an arrival, where there is one that still counts. What was refused, and heard so, may be brought again:
/// by then it, or the agreement it lacked, may have been put right.
pub(super) async fn decided(db: &Db, source: &str, id: &str) -> Result<Option<Unheard>, DbError> {
    let sql = "select id, message_id, reason, problem, receipt, failures from arrival
               where source = $1 and id = $2 and (heard_at is null or message_id is not null)";
    db.query(sql, params![source, id]).await?.into_iter().next().map(read).transpose()
}

/// The verdicts the system has not heard and that are to be told by now, oldest first.
pub(super) async fn unheard(db: &Db, source: &str, now: Timestamp, most: i64) -> Result<Vec<Unheard>, DbError> {
    let sql = "select id, message_id, reason, problem, receipt, failures from arrival
               where source = $1 and heard_at is null and due_at <= $2 order by decided_at limit $3";
    db.query(sql, params![source, now.0, most]).await?.into_iter().map(read).collect()
}

fn read(mut row: Row) -> Result<Unheard, DbError> {
    let (reason, problem): (Option<String>, Option<String>) = (row.take("reason")?, row.take("problem")?);
    let decided = match row.take("message_id")? {
        Some(message) => Decided::Accepted(message),
        None => Decided::Refused {
            refusal: Refusal {
                reason: reason.unwrap_or_default(),
                // Written by this program; a reader of the verdict still has its sentence.
                problem: problem.and_then(|text| serde_json::from_str(&text).ok()).unwrap_or_default(),
            },
            receipt: row.take("receipt")?,
        },
    };
    Ok(Unheard { id: row.take("id")?, decided, failures: row.take("failures")? })
}

/// How every source stands that was ever polled, in order of id.
///
/// # Errors
/// The database does not answer.
pub async fn standings(db: &Db) -> Result<Vec<Standing>, DbError> {
    let sql = "select s.source, s.polled_at, s.due_at, s.error,
               (select cast(count(*) as bigint) from arrival a where a.source = s.source and a.heard_at is null) as unheard,
               (select max(a.error) from arrival a where a.source = s.source and a.heard_at is null) as telling_error
               from source_state s order by s.source";
    let read = |mut row: Row| {
        Ok(Standing {
            source: row.take("source")?,
            polled_at: row.take::<Option<i64>>("polled_at")?.map(Timestamp),
            due_at: Timestamp(row.take("due_at")?),
            error: row.take("error")?,
            unheard: row.take("unheard")?,
            telling_error: row.take("telling_error")?,
        })
    };
    db.query(sql, vec![]).await?.into_iter().map(read).collect()
}
