//! The SQL of selections.

use uuid::Uuid;

use crate::clock::Timestamp;
use crate::db::{Db, DbError, Row, Tx};
use crate::params;

use super::model::Selection;
use crate::archive::dossier::{self, Dossier};

/// What is read of a selection.
macro_rules! selection {
    ($rest:literal) => {
        concat!(
            "select id, party, number, date, members, decisions, state, confirmation, asked_by, approved_by, ended_at, proof,
             proof_sha256 from archive_selection ",
            $rest
        )
    };
}

/// The dossiers whose term is over and that nobody has decided on, oldest term first, at most `limit`, after a place in
/// that order (due year and id of the last one seen).
///
/// # Errors
/// The database does not answer.
pub async fn due(
    db: &Db,
    (party, year): (&str, i64),
    after: Option<(i64, Uuid)>,
    limit: i64,
) -> Result<Vec<Dossier>, DbError> {
    let (last_year, last) = after.unwrap_or((0, Uuid::nil()));
    let sql = "select id from archive_dossier where party = $1 and state = 'handed_over' and due_year <= $2
               and (due_year > $3 or (due_year = $3 and id > $4)) order by due_year, id limit $5";
    let wanted = params![party, year, last_year, last.into_bytes(), limit];
    let mut dossiers = Vec::new();
    for mut row in db.query(sql, wanted).await? {
        dossiers.extend(dossier::find(db, party, Uuid::from_bytes(row.take("id")?)).await?);
    }
    Ok(dossiers)
}

/// One selection of an institution.
///
/// # Errors
/// The database does not answer.
pub async fn find(db: &Db, party: &str, id: Uuid) -> Result<Option<Selection>, DbError> {
    let rows = db.query(selection!("where id = $1 and party = $2"), params![id.into_bytes(), party]).await?;
    rows.into_iter().next().map(read).transpose()
}

/// The selections of an institution, newest first, behind the one that `after` names.
///
/// # Errors
/// The database does not answer.
pub async fn list(db: &Db, party: &str, (after, limit): (Option<Uuid>, i64)) -> Result<Vec<Selection>, DbError> {
    let sql = selection!("where party = $1 and id < $2 order by id desc limit $3");
    db.query(sql, params![party, after.unwrap_or(Uuid::max()).into_bytes(), limit])
        .await?
        .into_iter()
        .map(read)
        .collect()
}

/// The selections being destroyed, oldest first.
pub(super) async fn destroying(db: &Db, limit: i64) -> Result<Vec<Selection>, DbError> {
    let sql = selection!("where state = 'destroying' order by id limit $1");
    db.query(sql, params![limit]).await?.into_iter().map(read).collect()
}

/// One selection, its institution's row held.
pub(super) async fn held(tx: &mut Tx<'_>, party: &str, id: Uuid) -> Result<Option<Selection>, DbError> {
    let rows = tx.query(selection!("where id = $1 and party = $2"), params![id.into_bytes(), party]).await?;
    rows.into_iter().next().map(read).transpose()
}

fn read(mut row: Row) -> Result<Selection, DbError> {
    let text = |row: &mut Row, column: &str| row.take::<String>(column);
    let (members, decisions) = (text(&mut row, "members")?, text(&mut row, "decisions")?);
    let confirmation: Option<String> = row.take("confirmation")?;
    Ok(Selection {
        id: Uuid::from_bytes(row.take("id")?),
        party: row.take("party")?,
        number: row.take("number")?,
        date: row.take("date")?,
        members: serde_json::from_str(&members).unwrap_or_default(),
        decisions: serde_json::from_str(&decisions).map_err(|_| DbError::Inconsistent {
            column: "archive_selection.decisions".to_owned(),
            expected: "decisions",
            found: decisions.clone(),
        })?,
        state: row.take("state")?,
        confirmation: confirmation.and_then(|text| serde_json::from_str(&text).ok()),
        asked_by: row.take("asked_by")?,
        approved_by: row.take("approved_by")?,
        ended_at: row.take::<Option<i64>>("ended_at")?.map(|at| Timestamp(at).to_utc()),
        proof: row.take("proof")?,
        proof_sha256: row.take::<Option<[u8; 32]>>("proof_sha256")?.map(hex::encode),
    })
}
