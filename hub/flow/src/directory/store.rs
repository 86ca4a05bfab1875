//! The directory's SQL.

use crate::clock::Timestamp;
use crate::db::{Db, DbError, Tx, WriteVerb};
use crate::params;

use super::Directory;
use super::document::{DirectoryDocument, DirectoryError};

/// Writes a directory document: each changed entry becomes a new version, unchanged ones stay.
pub struct ImportDirectory;

impl WriteVerb for ImportDirectory {
    type Item = (DirectoryDocument, Timestamp);
    /// How many entries are new or changed.
    type Output = usize;
    const ORDER: u16 = 0;

    async fn run(&self, tx: &mut Tx<'_>, items: &[Self::Item]) -> Result<Vec<usize>, DbError> {
        let mut changed = Vec::with_capacity(items.len());
        for (document, at) in items {
            changed.push(import(tx, document, *at).await?);
        }
        Ok(changed)
    }
}

async fn import(tx: &mut Tx<'_>, document: &DirectoryDocument, at: Timestamp) -> Result<usize, DbError> {
    let entries = document.entries();
    let newest = "select version, document from directory_entry where kind = $1 and id = $2
                  order by version desc limit 1";
    let asked = entries.iter().map(|entry| params![entry.kind, &entry.id]).collect();
    let held = tx.query_each(newest, asked).await?;
    let mut rows = Vec::new();
    for (entry, mut held) in entries.into_iter().zip(held) {
        let text = entry.document.to_string();
        let (version, same) = match held.first_mut() {
            Some(row) => (row.take::<i64>("version")?, row.take::<String>("document")? == text),
            None => (0, false),
        };
        if !same {
            rows.push(params![entry.kind, entry.id, version + 1, text, at.0]);
        }
    }
    let changed = rows.len();
    tx.insert("insert into directory_entry (kind, id, version, document, recorded_at) values", 5, rows).await?;
    Ok(changed)
}

/// Why the stored directory cannot be loaded.
#[derive(Debug, thiserror::Error)]
pub enum LoadError {
    /// The database did not answer.
    #[error(transparent)]
    Database(#[from] DbError),
    /// What it answered does not hang together.
    #[error(transparent)]
    Directory(#[from] DirectoryError),
}

/// Loads the newest version of every entry that is in force.
///
/// # Errors
/// The database does not answer, or the stored entries do not hang together.
pub async fn load(db: &Db) -> Result<Directory, LoadError> {
    let newest = "select kind, id, version, document from directory_entry as held
                  where version = (select max(version) from directory_entry as other
                                   where other.kind = held.kind and other.id = held.id)
                  order by kind, id";
    let mut directory = Directory::default();
    for mut row in db.query(newest, vec![]).await? {
        let (kind, id): (String, String) = (row.take("kind")?, row.take("id")?);
        let document: String = row.take("document")?;
        if document != r#"{"withdrawn":true}"# {
            directory.add(&kind, &id, row.take("version")?, &document)?;
        }
    }
    directory.check()?;
    Ok(directory)
}
