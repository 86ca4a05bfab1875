//! The register of registers: which registers an institution kept in which year, with first and last number
//! (Instructions of the National Archives 217/1996: registers are themselves recorded, yearly).

use serde::Serialize;

use crate::clock::Timestamp;
use crate::db::{Db, DbError, Row};
use crate::params;

/// A year of a register.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Year {
    /// The register.
    pub register: String,
    /// The year.
    pub year: i64,
    /// Its first number.
    pub first: i64,
    /// Its last number so far.
    pub last: i64,
    /// The moment of the last number, in UTC; none in years of releases before.
    pub latest_at: Option<String>,
    /// The newest link of its chain, in hexadecimal; none in years of releases before.
    pub link: Option<String>,
    /// When it was closed, in UTC; none while it is open.
    pub closed_at: Option<String>,
}

/// The years of an institution's registers, by register and year.
///
/// # Errors
/// The database does not answer.
pub async fn years(db: &Db, party: &str) -> Result<Vec<Year>, DbError> {
    let sql = "select register, year, next, first, link, latest_at, closed_at from register_series
               where party = $1 and year > 0 order by register, year";
    db.query(sql, params![party]).await?.into_iter().map(read).collect()
}

fn read(mut row: Row) -> Result<Year, DbError> {
    let moment =
        |row: &mut Row, column| Ok::<_, DbError>(row.take::<Option<i64>>(column)?.map(|at| Timestamp(at).to_utc()));
    Ok(Year {
        register: row.take("register")?,
        year: row.take("year")?,
        first: row.take::<Option<i64>>("first")?.unwrap_or(1),
        last: row.take::<i64>("next")? - 1,
        latest_at: moment(&mut row, "latest_at")?,
        link: row.take::<Option<[u8; 32]>>("link")?.map(hex::encode),
        closed_at: moment(&mut row, "closed_at")?,
    })
}
