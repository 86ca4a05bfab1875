//! Reading what is followed: series of registers, entries that changed, documents of the archive.

use crate::clock::Timestamp;
use crate::db::{Db, DbError, Row};
use crate::params;
use crate::search::facts::{DocumentFacts, EntryFacts};
use crate::search::imported::ImportedFacts;

/// A series of numbers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::search) struct Series {
    pub party: String,
    pub register: String,
    pub year: i64,
}

/// How far a series was followed, where it has gone on since.
pub(in crate::search) struct Reached {
    pub series: Series,
    /// The first number that is not followed.
    pub next: i64,
    /// The first number that was not given.
    pub end: i64,
}

/// The turn of the next batch.
pub(in crate::search) async fn turn(db: &Db) -> Result<i64, DbError> {
    let mut rows = db.query("select turn from search_turn where id = 1", vec![]).await?;
    rows.first_mut().ok_or_else(|| DbError::Statement("the follower's turn is gone".to_owned()))?.take("turn")
}

/// A series that has gone on.
pub(in crate::search) async fn reached(db: &Db) -> Result<Option<Reached>, DbError> {
    // Rows of the year 0 count for registers whose numbers run on; their numbers are in the rows of their years too.
    let sql = "select s.party, s.register, s.year, s.next as ended, coalesce(f.next, 1) as next
               from register_series s
               left join search_series f on f.party = s.party and f.register = s.register and f.year = s.year
               where s.year > 0 and s.next > coalesce(f.next, 1) limit 1";
    let Some(mut row) = db.query(sql, vec![]).await?.into_iter().next() else { return Ok(None) };
    let series = Series { party: row.take("party")?, register: row.take("register")?, year: row.take("year")? };
    Ok(Some(Reached { series, next: row.take("next")?, end: row.take("ended")? }))
}

/// Entries of a series from a number on, in their order.
pub(in crate::search) async fn entries_from(
    db: &Db,
    series: &Series,
    (from, to): (i64, i64),
    limit: i64,
) -> Result<Vec<EntryFacts>, DbError> {
    let sql = "select e.register, e.year, e.number, e.shown, e.direction, e.counterpart,
                      e.counterpart_registration, coalesce(s.subject, e.subject) as subject, s.particulars, e.document,
                      coalesce(s.status, 'registered') as status, coalesce(s.unit, e.unit) as unit,
                      c.name as correspondent, m.document_type, e.recorded_at
               from register_entry e
               left join register_state s
               on s.party = e.party and s.register = e.register and s.year = e.year and s.number = e.number
               left join register_party c on c.id = e.correspondent
               left join message m on m.id = e.message_id
               where e.party = $1 and e.register = $2 and e.year = $3 and e.number >= $4 and e.number < $5
               order by e.number limit $6";
    let rows = db.query(sql, params![&series.party, &series.register, series.year, from, to, limit]).await?;
    rows.into_iter().map(facts).collect()
}

/// One entry.
pub(in crate::search) async fn entry(db: &Db, series: &Series, number: i64) -> Result<Option<EntryFacts>, DbError> {
    let found = entries_from(db, series, (number, number + 1), 1).await?;
    Ok(found.into_iter().next())
}

fn facts(mut row: Row) -> Result<EntryFacts, DbError> {
    Ok(EntryFacts {
        register: row.take("register")?,
        year: row.take("year")?,
        number: row.take("number")?,
        shown: row.take("shown")?,
        direction: row.take("direction")?,
        counterpart: row.take("counterpart")?,
        counterpart_registration: row.take("counterpart_registration")?,
        subject: row.take("subject")?,
        particulars: row.take("particulars")?,
        document: row.take("document")?,
        status: row.take("status")?,
        unit: row.take("unit")?,
        correspondent: row.take("correspondent")?,
        document_type: row.take("document_type")?,
        recorded_at: Timestamp(row.take("recorded_at")?),
    })
}

/// Entries that changed, of one institution: series (by the year of the entry), number and mark.
pub(in crate::search) async fn changed(db: &Db, limit: i64) -> Result<Vec<(Series, i64, i64)>, DbError> {
    let sql = "select party, register, year, number, mark from search_changed
               where party = (select min(party) from search_changed) order by register, year, number limit $1";
    let read = |mut row: Row| {
        let series = Series { party: row.take("party")?, register: row.take("register")?, year: row.take("year")? };
        Ok((series, row.take("number")?, row.take("mark")?))
    };
    db.query(sql, params![limit]).await?.into_iter().map(read).collect()
}

/// Rows of old registers of one institution that were imported since they were followed.
pub(in crate::search) async fn imported(db: &Db, limit: i64) -> Result<Vec<ImportedFacts>, DbError> {
    let sql = "select o.party, o.register, o.year, o.number, o.registered_on, o.record
               from search_imported i join register_old_entry o
               on o.party = i.party and o.register = i.register and o.year = i.year and o.number = i.number
               where i.party = (select min(party) from search_imported) order by i.register, i.year, i.number limit $1";
    let read = |mut row: Row| {
        let series = Series { party: row.take("party")?, register: row.take("register")?, year: row.take("year")? };
        let (number, registered_on) = (row.take("number")?, row.take("registered_on")?);
        Ok(ImportedFacts { series, number, registered_on, record: row.take("record")? })
    };
    db.query(sql, params![limit]).await?.into_iter().map(read).collect()
}

/// Documents that were filed or destroyed since they were followed: id and mark.
pub(in crate::search) async fn filed(db: &Db, limit: i64) -> Result<Vec<(Vec<u8>, i64)>, DbError> {
    let rows = db.query("select document, mark from search_filed order by document limit $1", params![limit]).await?;
    rows.into_iter().map(|mut row| Ok((row.take("document")?, row.take("mark")?))).collect()
}

/// A document of the archive, and whose it is.
pub(in crate::search) async fn document(db: &Db, id: &[u8]) -> Result<Option<(String, DocumentFacts)>, DbError> {
    let sql = "select d.party, d.id, d.identifier, d.name, d.content_type, d.size, d.sha256, d.sheet, o.year, o.code,
                      o.volume, o.title, o.units, d.archived_at, d.erased_at, m.document_type
               from archive_document d join archive_dossier o on o.id = d.dossier
               left join message m on m.id = d.message_id where d.id = $1";
    let Some(mut row) = db.query(sql, params![id]).await?.into_iter().next() else { return Ok(None) };
    let id = uuid::Uuid::from_slice(id).map_err(|error| DbError::Statement(error.to_string()))?;
    let facts = DocumentFacts {
        id: id.to_string(),
        identifier: row.take("identifier")?,
        name: row.take("name")?,
        content_type: row.take("content_type")?,
        size: row.take("size")?,
        sha256: row.take("sha256")?,
        sheet: row.take("sheet")?,
        year: row.take("year")?,
        code: row.take("code")?,
        volume: row.take("volume")?,
        title: row.take("title")?,
        units: row.take("units")?,
        archived_at: Timestamp(row.take("archived_at")?),
        document_type: row.take("document_type")?,
        destroyed: row.take::<Option<i64>>("erased_at")?.is_some(),
    };
    Ok(Some((row.take("party")?, facts)))
}
