//! Lock-downs that last: what was found, who wants it lifted, and who agreed. They outlive a restart.
//!
//! It keeps and tells. Whether a cause has gone is for those who watch; what a lock-down stops is [`crate::standing`]'s. An
//! act on it has its event in the audit in the same transaction.

use crate::audit::{self, AuditEvent};
use crate::clock::Timestamp;
use crate::db::{Db, DbError, Row, Tx, WriteVerb};
use crate::params;
use crate::standing::Halt;

/// A lock-down on record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LockDown {
    /// Why.
    pub cause: Halt,
    /// Since when.
    pub since: Timestamp,
    /// What was found.
    pub detail: String,
    /// Who wants to go on although the cause stands.
    pub proposed_by: Option<String>,
    /// The second one, who agreed.
    pub overridden_by: Option<String>,
}

/// What happens to a lock-down.
#[derive(Debug, Clone)]
pub enum Turn {
    /// It begins, or goes on.
    Begin {
        /// What was found.
        detail: String,
    },
    /// Somebody wants to go on although the cause stands.
    Propose {
        /// Who.
        by: String,
    },
    /// A second one agrees.
    Override {
        /// Who.
        by: String,
    },
    /// It ends.
    End,
}

/// Writes what happens to lock-downs, with its event.
pub struct RecordTurn;

impl WriteVerb for RecordTurn {
    type Item = (Halt, Turn, AuditEvent);
    /// Whether it changed anything; nothing is in the audit of what did not.
    type Output = bool;
    const ORDER: u16 = 985;

    async fn run(&self, tx: &mut Tx<'_>, items: &[Self::Item]) -> Result<Vec<bool>, DbError> {
        let mut outputs = Vec::with_capacity(items.len());
        for (cause, turn, event) in items {
            let (word, at) = (cause.as_str(), event.at.0);
            let (sql, parameters) = match turn {
                Turn::Begin { detail } => (
                    "insert into lock_down (cause, since, detail) values ($1, $2, $3) on conflict (cause) do nothing",
                    params![word, at, detail],
                ),
                Turn::Propose { by } => (
                    "update lock_down set proposed_by = $2, proposed_at = $3
                     where cause = $1 and (proposed_by is null or proposed_by = $2) and overridden_by is null",
                    params![word, by, at],
                ),
                Turn::Override { by } => (
                    "update lock_down set overridden_by = $2, overridden_at = $3
                     where cause = $1 and proposed_by is not null and proposed_by <> $2 and overridden_by is null",
                    params![word, by, at],
                ),
                Turn::End => ("delete from lock_down where cause = $1", params![word]),
            };
            let changed = tx.execute_each(sql, vec![parameters]).await?.iter().sum::<u64>() > 0;
            if changed {
                audit::append(tx, std::slice::from_ref(event)).await?;
            }
            outputs.push(changed);
        }
        Ok(outputs)
    }
}

/// Proves that the audit can be written: takes the place an event would take, and gives it back.
pub struct Pulse;

impl WriteVerb for Pulse {
    type Item = Timestamp;
    type Output = ();
    const ORDER: u16 = 986;

    async fn run(&self, tx: &mut Tx<'_>, items: &[Timestamp]) -> Result<Vec<()>, DbError> {
        let sql = "update audit_pulse set at = $1 where id = 1";
        tx.execute_each(sql, items.iter().map(|at| params![at.0]).collect()).await?;
        Ok(vec![(); items.len()])
    }
}

/// The lock-downs on record.
///
/// # Errors
/// The database does not answer.
pub async fn all(db: &Db) -> Result<Vec<LockDown>, DbError> {
    let sql = "select cause, since, detail, proposed_by, overridden_by from lock_down order by since";
    let read = |mut row: Row| {
        let word: String = row.take("cause")?;
        Ok(LockDown {
            cause: Halt::parse(&word).ok_or_else(|| DbError::Inconsistent {
                column: "lock_down.cause".to_owned(),
                expected: "a cause",
                found: word,
            })?,
            since: Timestamp(row.take("since")?),
            detail: row.take("detail")?,
            proposed_by: row.take("proposed_by")?,
            overridden_by: row.take("overridden_by")?,
        })
    };
    db.query(sql, vec![]).await?.into_iter().map(read).collect()
}

/// What is wrong with the database by its own word; none where nothing is known to be. On SQLite every page is read, so
/// it takes as long as reading the file does.
///
/// # Errors
/// The database does not answer.
pub async fn damage(db: &Db) -> Result<Option<String>, DbError> {
    if db.is_embedded() {
        return match db.query("pragma quick_check(1)", vec![]).await {
            Ok(mut rows) => {
                let said: String =
                    rows.first_mut().map_or_else(|| Ok("ok".to_owned()), |row| row.take("quick_check"))?;
                Ok((said != "ok").then_some(said))
            }
            // A page it cannot even read.
            Err(error) if error.to_string().contains("malformed") => Ok(Some(error.to_string())),
            Err(error) => Err(error),
        };
    }
    let sql = "select cast(coalesce(checksum_failures, 0) as bigint) as failures from pg_stat_database
               where datname = current_database()";
    let mut rows = db.query(sql, vec![]).await?;
    let failures: i64 = rows.first_mut().map_or(Ok(0), |row| row.take("failures"))?;
    Ok((failures > 0).then(|| format!("{failures} pages do not have the checksum they were written with")))
}

/// The time by the database server's clock; none on SQLite, which has the hub's.
///
/// # Errors
/// The database does not answer.
pub async fn database_time(db: &Db) -> Result<Option<Timestamp>, DbError> {
    if db.is_embedded() {
        return Ok(None);
    }
    let sql = "select cast(extract(epoch from clock_timestamp()) * 1000000 as bigint) as now";
    let mut rows = db.query(sql, vec![]).await?;
    rows.first_mut().map_or(Ok(None), |row| row.take("now").map(|now| Some(Timestamp(now))))
}
