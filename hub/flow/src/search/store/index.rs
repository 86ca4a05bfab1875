//! Writing the index: items get positions, terms get bits.

use std::collections::{BTreeMap, BTreeSet};

use crate::db::{DbError, Row, Tx, WriteVerb};
use crate::params;
use crate::search::bits::{BLOCK, Bits};
use crate::search::terms::Terms;

/// An item as it is to be found.
pub(in crate::search) struct Item {
    pub shown: String,
    pub terms: Terms,
}

/// A thing that is new, changed, or, without an item, is found no longer.
pub(in crate::search) struct Change {
    pub thing: String,
    pub item: Option<Item>,
}

/// Changes of one institution, made for a turn, and how far they lead.
#[derive(Default)]
pub(in crate::search) struct Batch {
    pub turn: i64,
    pub party: String,
    pub changes: Vec<Change>,
    /// A series with the next number to follow.
    pub series: Option<(super::Series, i64)>,
    /// Changed entries that were followed: register, year, number, mark.
    pub changed: Vec<(String, i64, i64, i64)>,
    /// Imported rows that were followed: register, year, number.
    pub imported: Vec<(String, i64, String)>,
    /// Changed documents that were followed: id and mark.
    pub filed: Vec<(Vec<u8>, i64)>,
}

/// Takes a batch at its turn; answers whether it was. If not, nothing was written.
pub(in crate::search) struct Index;

impl WriteVerb for Index {
    type Item = Batch;
    type Output = bool;
    const ORDER: u16 = 916;

    async fn run(&self, tx: &mut Tx<'_>, items: &[Batch]) -> Result<Vec<bool>, DbError> {
        let mut taken = Vec::with_capacity(items.len());
        for batch in items {
            let sql = "update search_turn set turn = turn + 1 where id = 1 and turn = $1";
            let mine = tx.execute_each(sql, vec![params![batch.turn]]).await? == [1];
            if mine {
                take(tx, batch).await?;
                lead(tx, batch).await?;
            }
            taken.push(mine);
        }
        Ok(taken)
    }
}

/// What stands in the index of a thing.
struct Standing {
    position: i64,
    terms: Terms,
}

async fn take(tx: &mut Tx<'_>, batch: &Batch) -> Result<(), DbError> {
    let party = &batch.party;
    let mut rows = tx.query("select next from search_party where party = $1", params![party]).await?;
    let before: i64 = rows.first_mut().map_or(Ok(0), |row| row.take("next"))?;
    let mut next = before;
    let sql = "select position, terms from search_item where party = $1 and thing = $2";
    let asked = batch.changes.iter().map(|change| params![party, &change.thing]).collect();
    let standing = tx.query_each(sql, asked).await?;
    let mut moves: BTreeMap<(String, i64), Vec<(i64, bool)>> = BTreeMap::new();
    let (mut new, mut changed, mut gone) = (Vec::new(), Vec::new(), Vec::new());
    for (change, rows) in batch.changes.iter().zip(standing) {
        let old = rows.into_iter().next().map(read).transpose()?;
        let position = old.as_ref().map_or(next, |old| old.position);
        let had = old.as_ref().map_or_else(BTreeSet::new, |old| old.terms.all());
        let has = change.item.as_ref().map_or_else(BTreeSet::new, |item| item.terms.all());
        let mut note = |term: &String, on: bool| {
            moves.entry((term.clone(), position.div_euclid(BLOCK))).or_default().push((position, on));
        };
        had.difference(&has).for_each(|term| note(term, false));
        has.difference(&had).for_each(|term| note(term, true));
        match (&change.item, old) {
            (Some(item), None) => {
                next += 1;
                new.push(params![party, position, &change.thing, &item.shown, item.terms.written()]);
            }
            (Some(item), Some(_)) => changed.push(params![party, position, &item.shown, item.terms.written()]),
            (None, Some(_)) => gone.push(params![party, position]),
            (None, None) => {}
        }
    }
    set_bits(tx, party, moves).await?;
    tx.insert("insert into search_item (party, position, thing, shown, terms) values", 5, new).await?;
    let sql = "update search_item set shown = $3, terms = $4 where party = $1 and position = $2";
    tx.execute_each(sql, changed).await?;
    tx.execute_each("delete from search_item where party = $1 and position = $2", gone).await?;
    if next > before {
        let sql = "insert into search_party (party, next) values ($1, $2) on conflict (party) do update set next = excluded.next";
        tx.execute_each(sql, vec![params![party, next]]).await?;
    }
    Ok(())
}

fn read(mut row: Row) -> Result<Standing, DbError> {
    let terms: String = row.take("terms")?;
    Ok(Standing { position: row.take("position")?, terms: Terms::read(&terms) })
}

async fn set_bits(
    tx: &mut Tx<'_>,
    party: &str,
    moves: BTreeMap<(String, i64), Vec<(i64, bool)>>,
) -> Result<(), DbError> {
    let sql = "select bits from search_term where party = $1 and term = $2 and block = $3";
    let asked = moves.keys().map(|(term, block)| params![party, term, *block]).collect();
    let stored = tx.query_each(sql, asked).await?;
    let (mut kept, mut emptied) = (Vec::new(), Vec::new());
    for (((term, block), moves), rows) in moves.into_iter().zip(stored) {
        let mut bits = Bits::default();
        if let Some(mut row) = rows.into_iter().next() {
            bits.or_stored(&row.take::<Vec<u8>>("bits")?);
        }
        moves.into_iter().for_each(|(position, on)| bits.put(position, on));
        if bits.is_empty() {
            emptied.push(params![party, term, block]);
        } else {
            kept.push(params![party, term, block, bits.stored()]);
        }
    }
    let sql = "insert into search_term (party, term, block, bits) values ($1, $2, $3, $4)
               on conflict (party, term, block) do update set bits = excluded.bits";
    tx.execute_each(sql, kept).await?;
    tx.execute_each("delete from search_term where party = $1 and term = $2 and block = $3", emptied).await?;
    Ok(())
}

/// Notes how far the batch leads.
async fn lead(tx: &mut Tx<'_>, batch: &Batch) -> Result<(), DbError> {
    if let Some((series, next)) = &batch.series {
        let sql = "insert into search_series (party, register, year, next) values ($1, $2, $3, $4)
                   on conflict (party, register, year) do update set next = excluded.next";
        let row = params![&series.party, &series.register, series.year, *next];
        tx.execute_each(sql, vec![row]).await?;
    }
    let sql = "delete from search_changed
               where party = $1 and register = $2 and year = $3 and number = $4 and mark = $5";
    let row = |(register, year, number, mark): &(String, i64, i64, i64)| {
        params![&batch.party, register, *year, *number, *mark]
    };
    tx.execute_each(sql, batch.changed.iter().map(row).collect()).await?;
    let sql = "delete from search_imported where party = $1 and register = $2 and year = $3 and number = $4";
    let row = |(register, year, number): &(String, i64, String)| params![&batch.party, register, *year, number];
    tx.execute_each(sql, batch.imported.iter().map(row).collect()).await?;
    let row = |(document, mark): &(Vec<u8>, i64)| params![document.clone(), *mark];
    tx.execute_each(
        "delete from search_filed where document = $1 and mark = $2",
        batch.filed.iter().map(row).collect(),
    )
    .await?;
    Ok(())
}
