//! A question and its answer.

use std::collections::BTreeMap;

use jiff::civil::Date;
use serde_json::Value as Json;

use crate::authorization::Places;
use crate::db::{Db, DbError};

use super::bits::{BLOCK, Bits};
use super::reach;
use super::store;
use super::terms::{ANYBODY, READER, Range, asked, between, filtered, words};

/// Words of a question that count.
const MOST_WORDS: usize = 12;
/// Blocks read first; each time nothing is enough, four times as many.
const FIRST_BLOCKS: i64 = 4;
/// Hits on a page at most.
pub const PAGE: usize = 50;

/// What an institution looks for. Everything that is given must hold.
#[derive(Debug, Clone, Default)]
pub struct Question {
    /// The institution; nothing of another one is ever answered.
    pub party: String,
    /// Words, or beginnings of words, in any order.
    pub words: String,
    /// Names and values: `kind` (entry or document), `register`, `year`, `direction`, `unit`, `party`, `type`, `dossier`.
    pub filters: Vec<(&'static str, String)>,
    /// Names and values of what is left out: what the clerk's unit may not see.
    pub without: Vec<(&'static str, String)>,
    /// Where whoever asks may search: registers, groups of dossiers, document types. Nowhere unless it is said.
    pub reach: Places,
    /// Unit of the clerk; what only some units may see is found by these.
    pub unit: Option<String>,
    /// Recorded on this day or later.
    pub from: Option<Date>,
    /// Recorded on this day or earlier.
    pub to: Option<Date>,
    /// Only what is older than this one: the cursor of the page before.
    pub before: Option<i64>,
    /// Hits wanted, at most [`PAGE`].
    pub limit: usize,
}

/// A hit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    /// Where it stands among the institution's items: the cursor.
    pub position: i64,
    /// What is shown of it.
    pub shown: Json,
}

/// A page of hits, newest first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hits {
    /// The hits.
    pub found: Vec<Found>,
    /// Where the next page begins; none on the last.
    pub next: Option<i64>,
}

/// Answers a question.
///
/// # Errors
/// The database does not answer.
pub async fn search(db: &Db, question: &Question) -> Result<Hits, DbError> {
    let limit = question.limit.clamp(1, PAGE);
    let end = store::next_position(db, &question.party).await?.min(question.before.unwrap_or(i64::MAX).max(0));
    let terms = plan(question);
    let mut positions = Vec::new();
    let (mut high, mut width) = ((end - 1).div_euclid(BLOCK), FIRST_BLOCKS);
    while high >= 0 && positions.len() <= limit {
        let low = (high - width + 1).max(0);
        let mut blocks = common(db, &question.party, &terms, (low, high, end)).await?;
        leave_out(db, question, (low, high), &mut blocks).await?;
        reach::keep(db, question, (low, high), &mut blocks).await?;
        let places =
            blocks.iter().rev().flat_map(|(block, bits)| bits.newest_first().map(move |at| block * BLOCK + at));
        positions.extend(places.take(limit + 1 - positions.len()));
        (high, width) = (low - 1, width * 4);
    }
    let more = positions.len() > limit;
    positions.truncate(limit);
    let found = store::items(db, &question.party, &positions).await?;
    Ok(Hits { found, next: positions.last().copied().filter(|_| more) })
}

/// What is asked for, what is likely rarest first: long words, then days, then what many items have.
fn plan(question: &Question) -> Vec<Vec<Range>> {
    let mut words: Vec<String> = words(&question.words).take(MOST_WORDS).collect();
    words.sort_by(|one, other| other.len().cmp(&one.len()).then_with(|| one.cmp(other)));
    words.dedup();
    let mut terms: Vec<Vec<Range>> = words.iter().map(|word| vec![asked(word)]).collect();
    terms.extend(question.filters.iter().map(|(name, value)| vec![filtered(name, value)]));
    if question.from.is_some() || question.to.is_some() {
        let day = |day: Option<Date>, otherwise: &str| day.map_or_else(|| otherwise.to_owned(), |day| day.to_string());
        terms.push(vec![between("day", &day(question.from, "0"), &day(question.to, "9"))]);
    }
    let unit = question.unit.iter().map(|unit| filtered(READER, unit));
    terms.push(std::iter::once(filtered(READER, ANYBODY)).chain(unit).collect());
    terms
}

/// Takes away what the question leaves out.
async fn leave_out(
    db: &Db,
    question: &Question,
    range: (i64, i64),
    blocks: &mut BTreeMap<i64, Bits>,
) -> Result<(), DbError> {
    if blocks.is_empty() {
        return Ok(());
    }
    for (name, value) in &question.without {
        for (block, stored) in store::bits(db, &question.party, &filtered(name, value), range).await? {
            if let Some(bits) = blocks.get_mut(&block) {
                bits.take_stored(&stored);
            }
        }
    }
    Ok(())
}

/// What all groups of terms have in common in some blocks, before an end; of a group, any term will do.
async fn common(
    db: &Db,
    party: &str,
    terms: &[Vec<Range>],
    (mut low, mut high, end): (i64, i64, i64),
) -> Result<BTreeMap<i64, Bits>, DbError> {
    let mut left: Option<BTreeMap<i64, Bits>> = None;
    for group in terms {
        let mut having: BTreeMap<i64, Bits> = BTreeMap::new();
        for term in group {
            for (block, stored) in store::bits(db, party, term, (low, high)).await? {
                having.entry(block).or_default().or_stored(&stored);
            }
        }
        if let Some(left) = left {
            having.retain(|block, bits| {
                bits.and(left.get(block).unwrap_or(&Bits::default()));
                !bits.is_empty()
            });
        }
        let (Some(first), Some(last)) = (having.keys().next(), having.keys().next_back()) else {
            return Ok(having);
        };
        (low, high) = (*first, *last);
        left = Some(having);
    }
    let mut left = left.unwrap_or_default();
    if let Some(bits) = left.get_mut(&end.div_euclid(BLOCK)) {
        bits.clear_from(end.rem_euclid(BLOCK));
    }
    Ok(left)
}
