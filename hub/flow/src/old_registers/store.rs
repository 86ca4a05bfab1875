//! The old registers' SQL.

use serde_json::Value as Json;

use crate::db::{Db, DbError, Tx, Value, WriteVerb};
use crate::params;

use super::{NewImport, OldEntry, Part, Rows, Taken};

/// Takes rows of old registers.
pub struct Take;

impl WriteVerb for Take {
    type Item = Rows;
    type Output = Vec<Taken>;
    const ORDER: u16 = 922;

    async fn run(&self, tx: &mut Tx<'_>, items: &[Rows]) -> Result<Vec<Vec<Taken>>, DbError> {
        let mut answers = Vec::with_capacity(items.len());
        for rows in items {
            answers.push(take(tx, rows).await?);
        }
        Ok(answers)
    }
}

async fn take(tx: &mut Tx<'_>, rows: &Rows) -> Result<Vec<Taken>, DbError> {
    let NewImport { party, register, year, .. } = &rows.import;
    let held = "select content_sha256 from register_old_entry
                where party = $1 and register = $2 and year = $3 and number = $4";
    let keys = rows.entries.iter().map(|one| params![party, register, *year, &one.number]).collect();
    let mut verdicts = Vec::with_capacity(rows.entries.len());
    for (mut found, entry) in tx.query_each(held, keys).await?.into_iter().zip(&rows.entries) {
        let there = found.first_mut().map(|row| row.take::<[u8; 32]>("content_sha256")).transpose()?;
        verdicts.push(match there {
            None => Taken::New,
            Some(content) if content == entry.content_sha256 => Taken::Again,
            Some(_) => Taken::Other,
        });
    }
    if rows.all_or_nothing && verdicts.contains(&Taken::Other) {
        let waiting = |one| if one == Taken::New { Taken::Waiting } else { one };
        return Ok(verdicts.into_iter().map(waiting).collect());
    }
    let new = rows.entries.iter().zip(&verdicts).filter(|(_, verdict)| **verdict == Taken::New);
    let new: Vec<_> = new.map(|(entry, _)| row(&rows.import, entry)).collect();
    if !new.is_empty() {
        record_import(tx, &rows.import, new.len()).await?;
        tx.insert(
            "insert into register_old_entry (party, register, year, number, ordinal, registered_on, record, searched,
             content_sha256, import_id) values",
            10,
            new,
        )
        .await?;
    }
    Ok(verdicts)
}

fn row(import: &NewImport, entry: &OldEntry) -> Vec<crate::db::Value> {
    params![
        &import.party,
        &import.register,
        import.year,
        &entry.number,
        entry.ordinal,
        &entry.registered_on,
        entry.record.to_string(),
        &entry.searched,
        entry.content_sha256,
        import.id.into_bytes(),
    ]
}

/// Keeps what was imported, by whom.
///
/// # Errors
/// The database refused the row.
pub async fn record_import(tx: &mut Tx<'_>, import: &NewImport, taken: usize) -> Result<(), DbError> {
    let row = params![
        import.id.into_bytes(),
        &import.party,
        &import.register,
        import.year,
        import.author.to_string(),
        import.file_sha256,
        i64::from(import.continuation),
        i64::try_from(taken).unwrap_or(i64::MAX),
        import.at.0,
    ];
    tx.insert(
        "insert into register_import (id, party, register, year, author, file_sha256, continuation, taken, imported_at)
         values",
        9,
        vec![row],
    )
    .await
}

/// Whether this very file was the continuation of the series.
///
/// # Errors
/// The database does not answer.
pub async fn imported(tx: &mut Tx<'_>, import: &NewImport) -> Result<bool, DbError> {
    let sql = "select taken from register_import where party = $1 and register = $2 and year = $3 and continuation = 1
               and file_sha256 = $4";
    let rows = tx.query(sql, params![&import.party, &import.register, import.year, import.file_sha256]).await?;
    Ok(!rows.is_empty())
}

/// Rows of an old register behind a place, in order, at most so many.
///
/// # Errors
/// The database does not answer.
pub async fn page(
    db: &Db,
    (party, register, year): (&str, &str, i64),
    (ordinal, number): (i64, &str),
    limit: i64,
) -> Result<Vec<OldEntry>, DbError> {
    let sql = "select number, ordinal, registered_on, record, searched, content_sha256 from register_old_entry
               where party = $1 and register = $2 and year = $3 and (ordinal > $4 or (ordinal = $4 and number > $5))
               order by ordinal, number limit $6";
    let rows = db.query(sql, params![party, register, year, ordinal, number, limit]).await?;
    rows.into_iter().map(read).collect()
}

fn read(mut row: crate::db::Row) -> Result<OldEntry, DbError> {
    let record: String = row.take("record")?;
    Ok(OldEntry {
        number: row.take("number")?,
        ordinal: row.take("ordinal")?,
        registered_on: row.take("registered_on")?,
        record: serde_json::from_str::<Json>(&record).unwrap_or_default(),
        searched: row.take("searched")?,
        content_sha256: row.take("content_sha256")?,
    })
}

fn chosen(part: &Part) -> Vec<Value> {
    let Part { party, register, year, numbers: (from, to), days: (since, until), words, counterpart } = part;
    params![party, register, *year, *from, *to, since, until, words, counterpart]
}

/// How many rows of an old register there are in a part of it.
///
/// # Errors
/// The database does not answer.
pub async fn count(db: &Db, part: &Part) -> Result<i64, DbError> {
    let sql = "select cast(count(*) as bigint) as number from register_old_entry
               where party = $1 and register = $2 and year = $3 and ordinal >= $4 and ordinal <= $5
               and registered_on >= $6 and registered_on < $7
               and ($8 = '' or searched like $8) and ($9 = '' or searched like $9)";
    db.query(sql, chosen(part)).await?.first_mut().map_or(Ok(0), |row| row.take("number"))
}

/// Rows of a part of an old register, in order, behind so many, at most so many.
///
/// # Errors
/// The database does not answer.
pub async fn rows(db: &Db, part: &Part, (offset, limit): (i64, i64)) -> Result<Vec<OldEntry>, DbError> {
    let sql = "select number, ordinal, registered_on, record, searched, content_sha256 from register_old_entry
               where party = $1 and register = $2 and year = $3 and ordinal >= $4 and ordinal <= $5
               and registered_on >= $6 and registered_on < $7
               and ($8 = '' or searched like $8) and ($9 = '' or searched like $9)
               order by ordinal, number limit $10 offset $11";
    let wanted = [chosen(part), params![limit, offset]].concat();
    db.query(sql, wanted).await?.into_iter().map(read).collect()
}
