//! The SQL of search.

mod index;
mod followed;

pub(super) use followed::{Series, changed, document, entries_from, entry, filed, imported, reached, turn};
pub(super) use index::{Batch, Change, Index, Item};

use crate::db::{Db, DbError, Value};
use crate::params;

use super::question::{Found, PAGE};
use super::terms::Range;

/// The position the next item of an institution will have; 0 before the first.
pub(super) async fn next_position(db: &Db, party: &str) -> Result<i64, DbError> {
    let mut rows = db.query("select next from search_party where party = $1", params![party]).await?;
    rows.first_mut().map_or(Ok(0), |row| row.take("next"))
}

/// Stored bits of terms in some blocks.
pub(super) async fn bits(
    db: &Db,
    party: &str,
    term: &Range,
    (low, high): (i64, i64),
) -> Result<Vec<(i64, Vec<u8>)>, DbError> {
    let rows = if term.single {
        let sql = "select block, bits from search_term where party = $1 and term = $2 and block >= $3 and block <= $4";
        db.query(sql, params![party, &term.low, low, high]).await?
    } else {
        let sql = "select block, bits from search_term
                   where party = $1 and term >= $2 and term < $3 and block >= $4 and block <= $5";
        db.query(sql, params![party, &term.low, &term.high, low, high]).await?
    };
    rows.into_iter().map(|mut row| Ok((row.take("block")?, row.take("bits")?))).collect()
}

/// Items at positions, in their order.
pub(super) async fn items(db: &Db, party: &str, positions: &[i64]) -> Result<Vec<Found>, DbError> {
    const SQL: &str = "select position, shown from search_item where party = $1 and position in
        ($2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22, $23, $24, $25,
        $26, $27, $28, $29, $30, $31, $32, $33, $34, $35, $36, $37, $38, $39, $40, $41, $42, $43, $44, $45, $46, $47, $48,
        $49, $50, $51) order by position desc";
    if positions.is_empty() {
        return Ok(Vec::new());
    }
    let mut parameters = params![party];
    parameters.extend(positions.iter().map(|position| Value::from(*position)));
    // No item stands before the first.
    parameters.resize(PAGE + 1, Value::from(-1_i64));
    let read = |mut row: crate::db::Row| {
        let shown: String = row.take("shown")?;
        let shown = serde_json::from_str(&shown).map_err(|error| DbError::Inconsistent {
            column: "shown".to_owned(),
            expected: "JSON",
            found: error.to_string(),
        })?;
        Ok(Found { position: row.take("position")?, shown })
    };
    db.query(SQL, parameters).await?.into_iter().map(read).collect()
}
