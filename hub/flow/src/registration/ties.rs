//! Which entry a tie leads to.

use crate::db::{DbError, Tx};
use crate::params;

use super::entry::{Relation, Tie};

/// The tie as it is to be recorded, or none where the entry it names is not there. Documents of one matter are connected
/// to the first one registered (Instructions 217/1996, art. 9): what is connected to a connected one goes to the first.
///
/// # Errors
/// The database does not answer.
pub async fn settled(tx: &mut Tx<'_>, party: &str, tie: &Tie) -> Result<Option<Tie>, DbError> {
    let there = "select number from register_entry where party = $1 and register = $2 and year = $3 and number = $4";
    let set = || params![party, &tie.register, tie.year, tie.number];
    if tx.query(there, set()).await?.is_empty() {
        return Ok(None);
    }
    if tie.relation != Relation::ConnectedTo {
        return Ok(Some(tie.clone()));
    }
    let first = "select to_register, to_year, to_number from register_connection where party = $1 and register = $2
                 and year = $3 and number = $4 and relation = 'connected_to' order by to_year, to_number limit 1";
    let mut rows = tx.query(first, set()).await?;
    let Some(row) = rows.first_mut() else { return Ok(Some(tie.clone())) };
    Ok(Some(Tie {
        relation: tie.relation,
        register: row.take("to_register")?,
        year: row.take("to_year")?,
        number: row.take("to_number")?,
    }))
}
