//! The SQL of dossiers.

use uuid::Uuid;

use crate::archive::office::NotDone;
use crate::clock::Timestamp;
use crate::db::{Db, DbError, Row, Tx};
use crate::params;

use super::model::{Dossier, DossierState};

/// What is read of a dossier.
macro_rules! dossier {
    ($rest:literal) => {
        concat!(
            "select id, party, year, code, volume, version, title, years, commission, units, state, pages, documents, size,
             first_date, last_date, due_year, inventory, position, selection, opened_at from archive_dossier ",
            $rest
        )
    };
}

/// Which dossiers.
#[derive(Debug, Clone, Default)]
pub struct Choice {
    /// Of which year.
    pub year: Option<i64>,
    /// In which state.
    pub state: Option<DossierState>,
    /// Under which code.
    pub code: Option<String>,
    /// After this place of the list.
    pub after: Option<Uuid>,
    /// How many at most.
    pub limit: i64,
}

/// One dossier of an institution.
///
/// # Errors
/// The database does not answer.
pub async fn find(db: &Db, party: &str, id: Uuid) -> Result<Option<Dossier>, DbError> {
    let rows = db.query(dossier!("where id = $1 and party = $2"), params![id.into_bytes(), party]).await?;
    rows.into_iter().next().map(read).transpose()
}

/// The dossiers of an institution in the order they were opened.
///
/// # Errors
/// The database does not answer.
pub async fn list(db: &Db, party: &str, choice: &Choice) -> Result<Vec<Dossier>, DbError> {
    let sql = dossier!(
        "where party = $1 and (cast($2 as bigint) = 0 or year = $2) and (cast($3 as text) = '' or state = $3) and (cast($4 as text) = '' or code = $4) and id > $5
         order by id limit $6"
    );
    let wanted = params![
        party,
        choice.year.unwrap_or(0),
        choice.state.map_or("", DossierState::as_str),
        choice.code.as_deref().unwrap_or(""),
        choice.after.unwrap_or(Uuid::nil()).into_bytes(),
        choice.limit,
    ];
    db.query(sql, wanted).await?.into_iter().map(read).collect()
}

/// A dossier of an institution whose row is held.
pub(in crate::archive) async fn held(
    tx: &mut Tx<'_>,
    party: &str,
    id: Uuid,
) -> Result<Result<Dossier, NotDone>, DbError> {
    let rows = tx.query(dossier!("where id = $1 and party = $2"), params![id.into_bytes(), party]).await?;
    rows.into_iter().next().map(read).transpose().map(|found| found.ok_or(NotDone::NotFound))
}

/// The newest volume of a code in a year.
pub(super) async fn newest(
    tx: &mut Tx<'_>,
    (party, year, code): (&str, i64, &str),
) -> Result<Option<Dossier>, DbError> {
    let sql = dossier!("where party = $1 and year = $2 and code = $3 order by volume desc limit 1");
    tx.query(sql, params![party, year, code]).await?.into_iter().next().map(read).transpose()
}

/// The dossiers of a year in a state, permanent or not, in order of code and volume, at most `limit`.
pub(super) async fn of_year(
    tx: &mut Tx<'_>,
    (party, year): (&str, i64),
    (state, permanent): (DossierState, bool),
    limit: i64,
) -> Result<Vec<Dossier>, DbError> {
    let sql = dossier!(
        "where party = $1 and year = $2 and state = $3 and (years is null) = (cast($4 as bigint) = 1) order by code, volume limit $5"
    );
    let wanted = params![party, year, state.as_str(), i64::from(permanent), limit];
    tx.query(sql, wanted).await?.into_iter().map(read).collect()
}

/// Writes a new dossier.
pub(super) async fn insert(tx: &mut Tx<'_>, one: &Dossier, commission: bool, at: Timestamp) -> Result<(), DbError> {
    let row = params![
        one.id.into_bytes(),
        &one.party,
        one.year,
        &one.code,
        one.volume,
        one.nomenclator,
        &one.title,
        one.years,
        i64::from(commission),
        serde_json::to_string(&one.units).expect("ids are plain data"),
        one.state.as_str(),
        0_i64,
        0_i64,
        0_i64,
        one.due_year,
        at.0,
        at.0,
    ];
    tx.insert(
        "insert into archive_dossier (id, party, year, code, volume, version, title, years, commission, units, state, pages,
         documents, size, due_year, opened_at, changed_at) values",
        17,
        vec![row],
    )
    .await
}

/// Moves dossiers on; each was seen to be allowed to.
pub(in crate::archive) async fn move_to(
    tx: &mut Tx<'_>,
    dossiers: &[Uuid],
    state: DossierState,
    at: Timestamp,
) -> Result<(), DbError> {
    let sql = "update archive_dossier set state = $2, changed_at = $3 where id = $1";
    let set = |id: &Uuid| params![id.into_bytes(), state.as_str(), at.0];
    tx.execute_each(sql, dossiers.iter().map(set).collect()).await.map(drop)
}

fn read(mut row: Row) -> Result<Dossier, DbError> {
    let uuid = |bytes: Option<[u8; 16]>| bytes.map(Uuid::from_bytes);
    let (years, commission): (Option<i64>, i64) = (row.take("years")?, row.take("commission")?);
    let (units, state): (String, String) = (row.take("units")?, row.take("state")?);
    Ok(Dossier {
        id: Uuid::from_bytes(row.take("id")?),
        party: row.take("party")?,
        year: row.take("year")?,
        code: row.take("code")?,
        volume: row.take("volume")?,
        nomenclator: row.take("version")?,
        title: row.take("title")?,
        term: Dossier::term(years, commission).in_romanian(),
        years,
        units: serde_json::from_str(&units).unwrap_or_default(),
        state: DossierState::parse(&state).ok_or_else(|| DbError::Inconsistent {
            column: "archive_dossier.state".to_owned(),
            expected: "a state of a dossier",
            found: state,
        })?,
        pages: row.take("pages")?,
        documents: row.take("documents")?,
        size: row.take("size")?,
        first_date: row.take("first_date")?,
        last_date: row.take("last_date")?,
        due_year: row.take("due_year")?,
        inventory: uuid(row.take("inventory")?),
        inventory_number: row.take("position")?,
        selection: uuid(row.take("selection")?),
        opened_at: Timestamp(row.take("opened_at")?).to_utc(),
    })
}
