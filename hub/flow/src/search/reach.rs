//! What a narrowed right to search reaches, taken from the index before a page is cut.
//!
//! A grant holds for an item that is in one of its places in every dimension the grant names; what has no place there (a
//! document of the archive is in no register) is not reached. Several grants reach what any of them does, never what they
//! would only together.

use std::collections::BTreeMap;

use crate::authorization::{Dimension, Places, Within};
use crate::db::{Db, DbError};

use super::bits::Bits;
use super::question::Question;
use super::store;
use super::terms::{Range, beginning_with, filtered};

/// The filters that stand for a dimension. The unit is whom somebody acts for and was decided before.
const FILTERS: [(Dimension, &str); 3] =
    [(Dimension::Register, "register"), (Dimension::DossierGroup, "dossier"), (Dimension::DocumentType, "type")];
/// What parts the code of a group from what is below it; the index writes a blank as a low line.
const PARTED: [char; 4] = ['/', '.', '-', '_'];

/// The dimensions a question can be narrowed by.
pub const NARROWED_BY: [Dimension; 3] = [Dimension::Register, Dimension::DossierGroup, Dimension::DocumentType];

/// Keeps of some blocks what is reached.
pub(super) async fn keep(
    db: &Db,
    question: &Question,
    range: (i64, i64),
    blocks: &mut BTreeMap<i64, Bits>,
) -> Result<(), DbError> {
    let Places::Within(grants) = &question.reach else { return Ok(()) };
    let mut reached: BTreeMap<i64, Bits> = BTreeMap::new();
    // Where nothing was found, nothing has to be kept.
    for grant in grants.iter().filter(|_| !blocks.is_empty()) {
        for (block, bits) in of_grant(db, question, grant, (range, blocks)).await? {
            reached.entry(block).or_default().or(&bits);
        }
    }
    *blocks = reached;
    Ok(())
}

/// What of the blocks one grant reaches.
async fn of_grant(
    db: &Db,
    question: &Question,
    grant: &Within,
    (range, blocks): ((i64, i64), &BTreeMap<i64, Bits>),
) -> Result<BTreeMap<i64, Bits>, DbError> {
    let mut left = blocks.clone();
    for (dimension, name) in FILTERS {
        let places = grant.places(dimension);
        if places.is_empty() {
            continue;
        }
        let mut having: BTreeMap<i64, Bits> = BTreeMap::new();
        for term in places.iter().flat_map(|place| terms(dimension, name, place)) {
            for (block, stored) in store::bits(db, &question.party, &term, range).await? {
                having.entry(block).or_default().or_stored(&stored);
            }
        }
        left.retain(|block, bits| {
            bits.and(having.get(block).unwrap_or(&Bits::default()));
            !bits.is_empty()
        });
    }
    Ok(left)
}

/// The terms of what is in a place: of a group of dossiers also of those below it.
fn terms(dimension: Dimension, name: &str, place: &str) -> Vec<Range> {
    let mut terms = vec![filtered(name, place)];
    if dimension == Dimension::DossierGroup {
        terms.extend(PARTED.map(|parted| beginning_with(name, &format!("{place}{parted}"))));
    }
    terms
}
