//! Copies for keeping (PDF/A) beside archived documents: what is due, and what became of it. The original is not changed.

use serde::Serialize;
use uuid::Uuid;

use crate::archive::office;
use crate::clock::Timestamp;
use crate::db::{Db, DbError, Row, Tx, WriteVerb};
use crate::message::MessageId;
use crate::params;

use super::addition;
use super::model::{NewAddition, NewDocument, Role};
use super::sheet::{Sheet, SheetFacts};

/// A document that gets a copy, or is told why not.
#[derive(Debug, Clone)]
pub struct ToCopy {
    /// The document.
    pub id: Uuid,
    /// The institution.
    pub party: String,
    /// Its filing.
    pub filing: Uuid,
    /// Its message.
    pub message: Option<MessageId>,
    /// Its name.
    pub name: String,
    /// SHA-256 of its bytes.
    pub sha256: [u8; 32],
    /// Its record sheet.
    pub sheet: Sheet,
}

/// The documents whose copy is due, at most `limit`.
///
/// # Errors
/// The database does not answer.
pub async fn copies_due(db: &Db, now: Timestamp, limit: i64) -> Result<Vec<ToCopy>, DbError> {
    let sql = "select id, party, filing, message_id, name, sha256, sheet from archive_document
               where conversion_due is not null and conversion_due <= $1 and erased_at is null
               order by conversion_due limit $2";
    let read = |mut row: Row| {
        let sheet: String = row.take("sheet")?;
        let sheet = serde_json::from_str(&sheet).map_err(|_| DbError::Inconsistent {
            column: "archive_document.sheet".to_owned(),
            expected: "the 13 elements",
            found: sheet.clone(),
        })?;
        Ok(ToCopy {
            id: Uuid::from_bytes(row.take("id")?),
            party: row.take("party")?,
            filing: Uuid::from_bytes(row.take("filing")?),
            message: row.take("message_id")?,
            name: row.take("name")?,
            sha256: row.take("sha256")?,
            sheet,
        })
    };
    db.query(sql, params![now.0, limit]).await?.into_iter().map(read).collect()
}

/// A copy whose bytes are in the vault.
#[derive(Debug, Clone)]
pub struct MadeCopy {
    /// Id of its row.
    pub id: Uuid,
    /// Bytes.
    pub size: u64,
    /// SHA-256.
    pub sha256: [u8; 32],
}

/// What became of a copy.
#[derive(Debug, Clone)]
pub struct CopyEnded {
    /// The document.
    pub of: ToCopy,
    /// The copy; none where there is none.
    pub copy: Option<MadeCopy>,
    /// `copied`, or the word of why not.
    pub reason: &'static str,
    /// In words, Romanian.
    pub told: String,
    /// Whether it is fine without a copy: it is kept as it is.
    pub kept: bool,
    /// Program and version; empty where none was there.
    pub software: String,
    /// When it is tried again; none: never.
    pub again: Option<Timestamp>,
    /// Now.
    pub at: Timestamp,
}

impl WriteVerb for CopyEnded {
    type Item = Self;
    /// Whether it was written down.
    type Output = bool;
    const ORDER: u16 = 940;

    async fn run(&self, tx: &mut Tx<'_>, items: &[Self]) -> Result<Vec<bool>, DbError> {
        let mut outputs = Vec::with_capacity(items.len());
        for one in items {
            outputs.push(end(tx, one).await?);
        }
        Ok(outputs)
    }
}

async fn end(tx: &mut Tx<'_>, one: &CopyEnded) -> Result<bool, DbError> {
    let of = &one.of;
    office::lock(tx, &of.party).await?;
    let sql = "update archive_document set conversion_due = $2 where id = $1 and conversion_due is not null and erased_at is null";
    let set = params![of.id.into_bytes(), one.again.map(|at| at.0)];
    if tx.execute_each(sql, vec![set]).await? != [1] {
        // Another node was faster, or it was destroyed meanwhile.
        return Ok(false);
    }
    if let Some(copy) = &one.copy {
        let new = NewAddition {
            filing: of.filing,
            party: of.party.clone(),
            message: of.message,
            documents: vec![document(one, copy)],
        };
        if addition::add(tx, &new, one.at).await?.is_none() {
            return Ok(false);
        }
    }
    let sql = "select number, reason from archive_conversion where document = $1 order by number desc limit 1";
    let mut number = 1;
    if let Some(mut row) = tx.query(sql, params![of.id.into_bytes()]).await?.into_iter().next() {
        if row.take::<String>("reason")? == one.reason {
            // Tried again, with the same end: it was told.
            return Ok(true);
        }
        number = 1 + row.take::<i64>("number")?;
    }
    let outcome = match (&one.copy, one.kept) {
        (Some(_), _) => "copied",
        (None, true) => "kept",
        (None, false) => "failed",
    };
    let row = params![
        of.id.into_bytes(),
        number,
        &of.party,
        outcome,
        one.reason,
        &one.told,
        of.sha256,
        one.copy.as_ref().map(|copy| copy.id.into_bytes()),
        one.copy.as_ref().map(|copy| copy.sha256),
        &one.software,
        one.at.0,
    ];
    tx.insert(
        "insert into archive_conversion (document, number, party, outcome, reason, told, source_sha256, copy, copy_sha256,
         software, at) values",
        11,
        vec![row],
    )
    .await?;
    Ok(true)
}

fn document(one: &CopyEnded, copy: &MadeCopy) -> NewDocument {
    let sheet = &one.of.sheet;
    let mut history = sheet.history.clone();
    history.push(one.told.clone());
    NewDocument {
        id: copy.id,
        role: Role::Copy,
        name: format!("{}.pdf", one.of.name),
        content_type: "application/pdf".to_owned(),
        size: copy.size,
        // Pages are counted once, with the original.
        pages: 0,
        sha256: copy.sha256,
        payload: None,
        copy_of: Some(one.of.id),
        facts: SheetFacts {
            issuer: sheet.issuer.clone(),
            history,
            document_type: sheet.document_type.clone(),
            keywords: sheet.keywords.clone(),
            issued_on: sheet.issued_on.clone(),
            owner: sheet.owner.clone(),
            on_paper: None,
        },
    }
}

/// An event of a conversion as it is read.
#[derive(Debug, Clone, Serialize)]
pub struct Conversion {
    /// From 1 per document.
    pub number: i64,
    /// `copied`, `kept` or `failed`.
    pub outcome: String,
    /// `copied`, or the word of why there is no copy.
    pub reason: String,
    /// In words, Romanian.
    pub told: String,
    /// SHA-256 of the original.
    pub source_sha256: String,
    /// The copy.
    pub copy: Option<Uuid>,
    /// SHA-256 of the copy.
    pub copy_sha256: Option<String>,
    /// Program and version.
    pub software: String,
    /// When, in UTC.
    pub at: String,
}

/// What became of making copies of a document, oldest first.
///
/// # Errors
/// The database does not answer.
pub async fn conversions(db: &Db, document: Uuid) -> Result<Vec<Conversion>, DbError> {
    let sql = "select number, outcome, reason, told, source_sha256, copy, copy_sha256, software, at
               from archive_conversion where document = $1 order by number";
    let read = |mut row: Row| {
        Ok(Conversion {
            number: row.take("number")?,
            outcome: row.take("outcome")?,
            reason: row.take("reason")?,
            told: row.take("told")?,
            source_sha256: hex::encode(row.take::<[u8; 32]>("source_sha256")?),
            copy: row.take::<Option<[u8; 16]>>("copy")?.map(Uuid::from_bytes),
            copy_sha256: row.take::<Option<[u8; 32]>>("copy_sha256")?.map(hex::encode),
            software: row.take("software")?,
            at: Timestamp(row.take("at")?).to_utc(),
        })
    };
    db.query(sql, params![document.into_bytes()]).await?.into_iter().map(read).collect()
}
