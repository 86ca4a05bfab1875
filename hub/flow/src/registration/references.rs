//! Which entries of an institution the registrations on an envelope mean.
//!
//! A registration does not say whose it is: number 17 of the general register is in every institution. It is taken for the
//! institution's own where that entry was exchanged with the other side; else for the other side's, and leads to the entry
//! of the same message here.

use crate::db::{DbError, Row, Tx};
use crate::message::Registration;
use crate::params;

use super::entry::{NewEntry, Relation, Tie};

/// The ties of an entry to those it answers. A reference that leads nowhere is left to the envelope.
///
/// # Errors
/// The database does not answer.
pub(super) async fn answered(tx: &mut Tx<'_>, entry: &NewEntry) -> Result<Vec<Tie>, DbError> {
    let own = "select register, year, number from register_entry where party = $1 and register = $2 and shown = $3
               and year = $4 and (counterpart = $5 or counterpart like $6)
               and message_id is not null order by number desc limit 1";
    let theirs = "select mine.register, mine.year, mine.number from register_entry other
                  join register_entry mine on mine.message_id = other.message_id
                  where other.party = $1 and other.register = $2 and other.shown = $3 and other.year = $4
                  and mine.party = $5 order by mine.number desc limit 1";
    let mut ties = Vec::new();
    for Registration { register, number, date } in &entry.references {
        let Some(year) = date.get(..4).and_then(|year| year.parse::<i64>().ok()) else { continue };
        for other in entry.counterpart.split(", ") {
            let among = format!("%{other}%");
            let mut rows = tx.query(own, params![&entry.party, register, number, year, other, among]).await?;
            if rows.is_empty() {
                rows = tx.query(theirs, params![other, register, number, year, &entry.party]).await?;
            }
            if let Some(row) = rows.first_mut() {
                let tie = read(row)?;
                if !ties.contains(&tie) {
                    ties.push(tie);
                }
            }
        }
    }
    Ok(ties)
}

fn read(row: &mut Row) -> Result<Tie, DbError> {
    Ok(Tie {
        relation: Relation::Answers,
        register: row.take("register")?,
        year: row.take("year")?,
        number: row.take("number")?,
    })
}
