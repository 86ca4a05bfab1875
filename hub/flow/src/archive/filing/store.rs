//! Reading what was filed, and who read it.

use uuid::Uuid;

use crate::archive::content::EntryPlace;
use crate::clock::Timestamp;
use crate::db::{Db, DbError, Row, Tx, WriteVerb};
use crate::message::MessageId;
use crate::params;

use super::model::{Archived, Subject};
use super::sheet::Sheet;

/// What is read of an archived document.
macro_rules! document {
    ($rest:literal) => {
        concat!(
            "select id, identifier, dossier, position, role, name, content_type, size, pages, sha256, message_id, addition,
             copy_of, sheet, archived_at, erased_at from archive_document ",
            $rest
        )
    };
}

/// One archived document of an institution, with its sheet.
///
/// # Errors
/// The database does not answer.
pub async fn archived(db: &Db, party: &str, id: Uuid) -> Result<Option<(Archived, Sheet)>, DbError> {
    let rows = db.query(document!("where id = $1 and party = $2"), params![id.into_bytes(), party]).await?;
    rows.into_iter().next().map(read).transpose()
}

/// The documents in a dossier after a place, in order.
///
/// # Errors
/// The database does not answer.
pub async fn archived_in(db: &Db, dossier: Uuid, after: i64, limit: i64) -> Result<Vec<(Archived, Sheet)>, DbError> {
    let sql = document!("where dossier = $1 and position > $2 order by position limit $3");
    db.query(sql, params![dossier.into_bytes(), after, limit]).await?.into_iter().map(read).collect()
}

fn read(mut row: Row) -> Result<(Archived, Sheet), DbError> {
    let sheet: String = row.take("sheet")?;
    let sheet = serde_json::from_str(&sheet).map_err(|_| DbError::Inconsistent {
        column: "archive_document.sheet".to_owned(),
        expected: "the 13 elements",
        found: sheet.clone(),
    })?;
    let archived = Archived {
        id: Uuid::from_bytes(row.take("id")?),
        identifier: row.take("identifier")?,
        dossier: Uuid::from_bytes(row.take("dossier")?),
        position: row.take("position")?,
        role: row.take("role")?,
        name: row.take("name")?,
        content_type: row.take("content_type")?,
        size: row.take("size")?,
        pages: row.take("pages")?,
        sha256: hex::encode(row.take::<[u8; 32]>("sha256")?),
        message_id: row.take("message_id")?,
        addition: row.take("addition")?,
        copy_of: row.take::<Option<[u8; 16]>>("copy_of")?.map(Uuid::from_bytes),
        archived_at: Timestamp(row.take("archived_at")?).to_utc(),
        erased_at: row.take::<Option<i64>>("erased_at")?.map(|at| Timestamp(at).to_utc()),
    };
    Ok((archived, sheet))
}

/// How a filing stands.
#[derive(Debug, Clone, serde::Serialize)]
pub struct Standing {
    /// Its id.
    pub id: Uuid,
    /// The message; none for an entry without one.
    pub message_id: Option<MessageId>,
    /// The entry, where there is no message.
    pub entry: Option<EntryPlace>,
    /// `waiting`, `unclassified` or `filed`.
    pub state: String,
    /// Why it is not filed yet.
    pub reason: Option<String>,
    /// The code it has, where it is known.
    pub code: Option<String>,
    /// The dossier it is in.
    pub dossier: Option<Uuid>,
    /// When it was filed, in UTC.
    pub filed_at: Option<String>,
}

/// The filings of an institution in a state, oldest first, after one.
///
/// # Errors
/// The database does not answer.
pub async fn filings(db: &Db, (party, state): (&str, &str), after: Uuid, limit: i64) -> Result<Vec<Standing>, DbError> {
    let sql =
        "select id, message_id, register, year, number, state, reason, code, dossier, filed_at from archive_filing
               where party = $1 and state = $2 and id > $3 order by id limit $4";
    let read = |mut row: Row| {
        Ok(Standing {
            id: Uuid::from_bytes(row.take("id")?),
            message_id: row.take("message_id")?,
            entry: entry(&mut row)?,
            state: row.take("state")?,
            reason: row.take("reason")?,
            code: row.take("code")?,
            dossier: row.take::<Option<[u8; 16]>>("dossier")?.map(Uuid::from_bytes),
            filed_at: row.take::<Option<i64>>("filed_at")?.map(|at| Timestamp(at).to_utc()),
        })
    };
    db.query(sql, params![party, state, after.into_bytes(), limit]).await?.into_iter().map(read).collect()
}

/// The entry of a row that has one.
fn entry(row: &mut Row) -> Result<Option<EntryPlace>, DbError> {
    let Some(register) = row.take::<Option<String>>("register")? else { return Ok(None) };
    Ok(Some(EntryPlace { register, year: row.take("year")?, number: row.take("number")? }))
}

/// What a row of a filing is of.
pub(super) fn subject(row: &mut Row) -> Result<Subject, DbError> {
    if let Some(message) = row.take("message_id")? {
        return Ok(Subject::Message(message));
    }
    let missing = || DbError::Inconsistent {
        column: "archive_filing.register".to_owned(),
        expected: "a message or an entry",
        found: "neither".to_owned(),
    };
    Ok(Subject::Entry(entry(row)?.ok_or_else(missing)?))
}

/// Whether a payload of a message was destroyed by a selection.
///
/// # Errors
/// The database does not answer.
pub async fn is_erased(db: &Db, message: MessageId, name: &str) -> Result<bool, DbError> {
    let sql = "select position from payload where message_id = $1 and name = $2 and erased_at is not null";
    Ok(!db.query(sql, params![message, name]).await?.is_empty())
}

/// Writes down who read an archived document.
pub struct RecordAccess;

/// A reading.
#[derive(Debug, Clone)]
pub struct Access {
    /// The institution.
    pub party: String,
    /// The document.
    pub document: Uuid,
    /// Pseudonym of the clerk.
    pub author: String,
    /// When.
    pub at: Timestamp,
}

impl WriteVerb for RecordAccess {
    type Item = Access;
    type Output = ();
    const ORDER: u16 = 933;

    async fn run(&self, tx: &mut Tx<'_>, items: &[Access]) -> Result<Vec<()>, DbError> {
        for one in items {
            let newest =
                "select cast(coalesce(max(number), 0) as bigint) as number from archive_access where document = $1";
            let newest: i64 = tx.query(newest, params![one.document.into_bytes()]).await?[0].take("number")?;
            let row = params![&one.party, one.document.into_bytes(), one.at.0, &one.author, newest + 1];
            tx.insert("insert into archive_access (party, document, at, author, number) values", 5, vec![row]).await?;
        }
        Ok(vec![(); items.len()])
    }
}
