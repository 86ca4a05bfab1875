//! What every act of an archive rests on: the row of the institution, the acts that are appended, and refusals.

use serde_json::Value as Json;
use uuid::Uuid;

use crate::clock::Timestamp;
use crate::db::{Db, DbError, Tx};
use crate::params;

use super::nomenclator::Verdict;

/// Why something was not done. A variant is a decision of the caller.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NotDone {
    /// There is no such thing in the archive of this institution, or the caller's unit may not know of it.
    #[error("there is no such thing in the archive")]
    NotFound,
    /// No nomenclator is in force on that day.
    #[error("no nomenclator is in force on {day}")]
    NoNomenclator {
        /// The day.
        day: String,
    },
    /// The code is not in the nomenclator in force.
    #[error("the code {code} is not in the nomenclator; near: {near:?}")]
    UnknownCode {
        /// As it was written.
        code: String,
        /// What was probably meant, nearest first.
        near: Vec<String>,
    },
    /// Rows of a nomenclator are wrong; nothing was taken over.
    #[error("{} rows are wrong", .0.len())]
    Rows(Vec<Verdict>),
    /// The state does not allow it.
    #[error("{subject} is {state}")]
    State {
        /// What it is about.
        subject: String,
        /// Where it stands.
        state: String,
        /// What it would have to be.
        wanted: &'static str,
    },
    /// A legal hold stands against it.
    #[error("dossier {dossier} is held by {hold}: {reason}")]
    Held {
        /// The dossier.
        dossier: String,
        /// The hold.
        hold: Uuid,
        /// Why it was placed.
        reason: String,
    },
    /// Its term is not over, or it has none.
    #[error("the term of dossier {dossier} is not over")]
    NotDue {
        /// The dossier.
        dossier: String,
        /// From which year on it is; none: permanent.
        due_year: Option<i64>,
    },
    /// It needs two people, and this is the first one again.
    #[error("the act needs a second clerk")]
    SameClerk,
    /// The clerk's unit may not do it.
    #[error("the unit may not do this")]
    WrongUnit {
        /// Units that may.
        wanted: Vec<String>,
    },
    /// Something in the request is wrong.
    #[error("{field}: {en}")]
    Wrong {
        /// The field.
        field: &'static str,
        /// What and the way out, in Romanian.
        ro: String,
        /// The same in English.
        en: String,
    },
    /// The idempotency key was used for another request.
    #[error("the idempotency key was used for another request")]
    KeyReused,
}

/// A wrong field, in two languages.
pub(super) fn wrong(field: &'static str, ro: impl Into<String>, en: impl Into<String>) -> NotDone {
    NotDone::Wrong { field, ro: ro.into(), en: en.into() }
}

/// Takes the institution's row, so that its archive changes in one order; makes it where it is missing.
pub(super) async fn lock(tx: &mut Tx<'_>, party: &str) -> Result<(), DbError> {
    let sql = "insert into archive_office (party, next_document) values ($1, 1)
               on conflict (party) do update set party = excluded.party";
    tx.execute_each(sql, vec![params![party]]).await.map(drop)
}

/// An act to be appended.
pub(super) struct NewAct<'a> {
    pub subject: Uuid,
    pub act: &'static str,
    pub author: &'a str,
    pub content: Json,
}

/// Appends acts to the institution's series; its row is held.
pub(super) async fn record(tx: &mut Tx<'_>, party: &str, new: Vec<NewAct<'_>>, at: Timestamp) -> Result<(), DbError> {
    let newest = "select cast(coalesce(max(number), 0) as bigint) as number from archive_act where party = $1";
    let newest: i64 = tx.query(newest, params![party]).await?[0].take("number")?;
    let rows = new.into_iter().zip(newest + 1..).map(|(act, number)| {
        params![party, number, act.subject.into_bytes(), act.act, at.0, act.author, act.content.to_string()]
    });
    tx.insert("insert into archive_act (party, number, subject, act, at, author, content) values", 7, rows.collect())
        .await
}

/// An act as it is read.
#[derive(Debug, Clone, serde::Serialize)]
pub struct ArchiveAct {
    /// Number in the institution's series.
    pub number: i64,
    /// What was done.
    pub act: String,
    /// When, in UTC.
    pub at: String,
    /// Pseudonym of the clerk; `hub` where the hub acted by itself.
    pub author: String,
    /// What belongs to it.
    pub content: Json,
}

/// What was done about a dossier, inventory, hold or selection, oldest first.
///
/// # Errors
/// The database does not answer.
pub async fn acts(db: &Db, subject: Uuid) -> Result<Vec<ArchiveAct>, DbError> {
    let sql = "select number, act, at, author, content from archive_act where subject = $1 order by number";
    let rows = db.query(sql, params![subject.into_bytes()]).await?;
    rows.into_iter()
        .map(|mut row| {
            let content: String = row.take("content")?;
            Ok(ArchiveAct {
                number: row.take("number")?,
                act: row.take("act")?,
                at: Timestamp(row.take("at")?).to_utc(),
                author: row.take("author")?,
                content: serde_json::from_str(&content).unwrap_or_default(),
            })
        })
        .collect()
}
