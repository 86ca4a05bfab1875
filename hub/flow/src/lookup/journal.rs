//! The journal as it is searched: an institution's own entries, newest first.

use uuid::Uuid;

use crate::clock::Timestamp;
use crate::db::{Db, DbError, Row, Value};
use crate::message::LookupId;
use crate::params;

use super::model::Reasons;
use super::store::reasons;

/// Which entries. What is not named does not matter.
#[derive(Debug, Clone, Default)]
pub struct JournalFilter {
    /// The pseudonym of a clerk.
    pub user: Option<String>,
    /// A system.
    pub system: Option<String>,
    /// An operation.
    pub operation: Option<String>,
    /// A purpose.
    pub purpose: Option<String>,
    /// A case.
    pub case_number: Option<String>,
    /// An act: `access`, `export`, `search`.
    pub act: Option<String>,
    /// How it ended, or `waiting` or `underway`.
    pub result: Option<String>,
    /// The keyed digest of whom it is about.
    pub subject: Option<[u8; 32]>,
    /// From this moment on.
    pub from: Option<Timestamp>,
    /// Before this moment.
    pub to: Option<Timestamp>,
    /// Before this entry: the last one of the page before.
    pub before: Option<LookupId>,
}

/// An entry as its institution reads it. It holds no identifier in the clear.
#[derive(Debug, Clone)]
pub struct JournalRow {
    /// The entry.
    pub id: LookupId,
    /// What was done.
    pub act: String,
    /// The lookup whose answer was read again or exported.
    pub of_lookup: Option<LookupId>,
    /// When.
    pub at: Timestamp,
    /// Why, and by whom inside the institution.
    pub reasons: Reasons,
    /// System and operation; none for a search.
    pub asked: Option<(String, String)>,
    /// The agreement that allows it, with its version.
    pub agreement: Option<(String, i64)>,
    /// Categories of data, as JSON.
    pub discloses: String,
    /// Whether it is about a natural person.
    pub personal: bool,
    /// The last characters of whom it is about.
    pub subject_hint: Option<String>,
    /// Questions that were put together.
    pub batch: Option<Uuid>,
    /// How it ended, or `waiting` or `underway`; none for what is no question.
    pub result: Option<String>,
    /// Of what day or moment the register said it is.
    pub as_of: Option<String>,
    /// The lookup whose answer was given.
    pub copied_from: Option<LookupId>,
    /// Whether it was older than its freshness allows.
    pub stale: bool,
    /// When it ended.
    pub ended_at: Option<Timestamp>,
    /// Microseconds the register took.
    pub took: Option<i64>,
}

/// The entries of an institution, newest first, at most `limit`.
///
/// # Errors
/// The database does not answer.
pub async fn search(db: &Db, party: &str, filter: &JournalFilter, limit: i64) -> Result<Vec<JournalRow>, DbError> {
    // A filter that is not named is null; its type is named, so that both databases know it.
    let sql = "select entry.id, entry.act, entry.of_lookup, entry.at, entry.user_pseudonym, entry.purpose,
                 entry.legal_basis, entry.case_number, entry.system, entry.operation, entry.agreement,
                 entry.agreement_version, entry.discloses, entry.personal, entry.subject_hint, entry.batch,
                 answer.result, answer.as_of, answer.copied_from, answer.stale, answer.ended_at, answer.took,
                 waiting.next_at
               from journal_entry as entry
               left join lookup_answer as answer on answer.id = entry.id
               left join lookup_waiting as waiting on waiting.id = entry.id
               where entry.party = $1
                 and (cast($2 as text) is null or entry.user_pseudonym = $2)
                 and (cast($3 as text) is null or entry.system = $3)
                 and (cast($4 as text) is null or entry.operation = $4)
                 and (cast($5 as text) is null or entry.purpose = $5)
                 and (cast($6 as text) is null or entry.case_number = $6)
                 and (cast($7 as text) is null or entry.act = $7)
                 and (cast($8 as text) is null or case
                        when entry.act <> 'access' or entry.of_lookup is not null then 'none'
                        when answer.result is not null then answer.result
                        when waiting.next_at is not null then 'waiting'
                        else 'underway' end = $8)
                 and (cast($9 as bytea) is null or entry.subject_digest = $9)
                 and entry.at >= $10 and entry.at < $11 and entry.id < $12
               order by entry.id desc limit $13";
    let end = LookupId(Uuid::max());
    let parameters: Vec<Value> = params![
        party,
        filter.user.as_ref(),
        filter.system.as_ref(),
        filter.operation.as_ref(),
        filter.purpose.as_ref(),
        filter.case_number.as_ref(),
        filter.act.as_ref(),
        filter.result.as_ref(),
        filter.subject,
        filter.from.map_or(i64::MIN, |moment| moment.0),
        filter.to.map_or(i64::MAX, |moment| moment.0),
        filter.before.unwrap_or(end),
        limit,
    ];
    db.query(sql, parameters).await?.into_iter().map(read).collect()
}

fn read(mut row: Row) -> Result<JournalRow, DbError> {
    let (act, of_lookup): (String, Option<LookupId>) = (row.take("act")?, row.take("of_lookup")?);
    let (system, operation): (Option<String>, Option<String>) = (row.take("system")?, row.take("operation")?);
    let (agreement, version): (Option<String>, Option<i64>) = (row.take("agreement")?, row.take("agreement_version")?);
    let is_question = act == "access" && of_lookup.is_none();
    let ended: Option<String> = row.take("result")?;
    let waits = row.take::<Option<i64>>("next_at")?.is_some();
    let open = if waits { "waiting" } else { "underway" };
    Ok(JournalRow {
        id: row.take("id")?,
        act,
        of_lookup,
        at: Timestamp(row.take("at")?),
        reasons: reasons(&mut row)?,
        asked: system.zip(operation),
        agreement: agreement.zip(version),
        discloses: row.take("discloses")?,
        personal: row.take::<i64>("personal")? == 1,
        subject_hint: row.take("subject_hint")?,
        batch: row.take::<Option<[u8; 16]>>("batch")?.map(Uuid::from_bytes),
        result: is_question.then(|| ended.unwrap_or_else(|| open.to_owned())),
        as_of: row.take("as_of")?,
        copied_from: row.take("copied_from")?,
        stale: row.take::<Option<i64>>("stale")? == Some(1),
        ended_at: row.take::<Option<i64>>("ended_at")?.map(Timestamp),
        took: row.take("took")?,
    })
}
