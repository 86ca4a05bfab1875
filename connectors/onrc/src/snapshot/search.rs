//! Firms by name and county.
//!
//! The rarest word of the question is looked up, and the names behind it are read and compared word by word; a question
//! whose rarest word is still too common is refused instead of answered slowly.

use super::entries::Word;
use super::firm::Firm;
use super::folding::{county, folded, prefix, words};
use super::store::{Found, Store, StoreError};

/// Most names that are read for one question.
const MOST_READ: u64 = 50_000;
/// Most firms of one page (contract sheet section 10.2).
pub const LARGEST_PAGE: usize = 50;

/// A question by name.
#[derive(Debug, Clone, Copy)]
pub struct NameQuestion<'q> {
    /// Words of the name, or their beginnings.
    pub name: &'q str,
    /// The county, in any spelling.
    pub county: Option<&'q str>,
    /// Which page, from 1.
    pub page: usize,
    /// Firms on a page, at most [`LARGEST_PAGE`].
    pub size: usize,
}

/// A page of firms.
#[derive(Debug, Clone)]
pub struct NamePage {
    /// The firms of this page, in the order of the file.
    pub firms: Vec<Found>,
    /// How many there are on all pages.
    pub all: usize,
}

impl Store {
    /// The firms whose names have every word of the question, the words in any order and possibly longer.
    ///
    /// # Errors
    /// No word has three letters, every word is too common, or the snapshot cannot be read.
    pub fn by_name(&self, question: &NameQuestion<'_>) -> Result<NamePage, StoreError> {
        let wanted = folded(question.name);
        let wanted: Vec<&str> = words(&wanted).collect();
        let mut rarest: Option<(u64, u64)> = None;
        for word in wanted.iter().filter(|word| word.chars().count() >= 3) {
            let (from, to) = self.range(word)?;
            if rarest.is_none_or(|(least, most)| to - from < most - least) {
                rarest = Some((from, to));
            }
        }
        let (from, to) = rarest.ok_or(StoreError::TooShort)?;
        if to - from > MOST_READ {
            return Err(StoreError::TooBroad(to - from));
        }
        let mut ordinals = (from..to)
            .map(|at| Ok(self.container.entry::<Word>("words", at)?.ordinal))
            .collect::<Result<Vec<_>, StoreError>>()?;
        ordinals.sort_unstable();
        ordinals.dedup();
        let wanted_county = question.county.map(county);
        let (size, page) = (question.size.clamp(1, LARGEST_PAGE), question.page.max(1));
        let (mut all, mut firms) = (0, Vec::new());
        for ordinal in ordinals {
            let firm = self.firm(ordinal)?;
            if !fits(&firm, &wanted, wanted_county) {
                continue;
            }
            if (all / size) + 1 == page {
                firms.push(self.found(ordinal, None)?);
            }
            all += 1;
        }
        Ok(NamePage { firms, all })
    }

    /// The places of the words that begin like this one.
    fn range(&self, word: &str) -> Result<(u64, u64), StoreError> {
        let low = prefix(word);
        let rest = 8_usize.saturating_sub(word.len());
        let high = low | if rest == 0 { 0 } else { u64::MAX >> (8 * (8 - rest)) };
        let from = self.container.first::<Word>("words", |entry| entry.prefix < low)?;
        let to = self.container.first::<Word>("words", |entry| entry.prefix <= high)?;
        Ok((from, to))
    }
}

fn fits(firm: &Firm, wanted: &[&str], wanted_county: Option<u8>) -> bool {
    if wanted_county.is_some_and(|wanted| wanted == 0 || county(firm.text("ADR_JUDET")) != wanted) {
        return false;
    }
    let name = folded(firm.text("DENUMIRE"));
    wanted.iter().all(|word| words(&name).any(|one| one.starts_with(word)))
}
