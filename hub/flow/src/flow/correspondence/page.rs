//! A page of a list that goes on by id.

use jiff::civil::Date;
use uuid::Uuid;

use crate::clock::Timestamp;
use crate::db::{Db, DbError};
use crate::params;

/// Most rows a page looks at where a filter chooses among them.
pub const SCAN: i64 = 10_000;
/// Most where it reads words in them.
pub(super) const READ: i64 = 2_000;

/// Where a page begins, in which order, and how long it is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Page {
    /// The newest first; the oldest where not.
    pub newest: bool,
    /// The id of the last row of the page before.
    pub after: Option<Uuid>,
    /// Only what came on this day or later, in Romania.
    pub from: Option<Date>,
    /// Only what came on this day or earlier.
    pub to: Option<Date>,
    /// Most rows.
    pub limit: usize,
}

/// Rows, and the id the next page begins after; none at the end.
#[derive(Debug, Clone)]
pub struct Lines<T> {
    /// The rows.
    pub rows: Vec<T>,
    /// Where the next page begins.
    pub next: Option<Uuid>,
}

/// The smallest id of a moment.
fn smallest(at: Timestamp) -> [u8; 16] {
    let millis = u64::try_from(at.0 / 1_000).unwrap_or_default().to_be_bytes();
    let mut id = [0; 16];
    id[..6].copy_from_slice(&millis[2..]);
    id
}

impl Page {
    /// The ids it may hold: from the first, which is included, to the second, which is not.
    pub(super) fn bounds(&self) -> ([u8; 16], [u8; 16]) {
        let mut low = self.from.map_or([0; 16], |day| smallest(Timestamp::romanian_midnight(day)));
        let day_after = |day: Date| smallest(Timestamp::romanian_midnight(day.tomorrow().unwrap_or(day)));
        let mut high = self.to.map_or([0xff; 16], day_after);
        match self.after {
            Some(after) if self.newest => high = high.min(*after.as_bytes()),
            // The next id there can be.
            Some(after) => low = low.max(after.as_u128().saturating_add(1).to_be_bytes()),
            None => {}
        }
        (low, high)
    }

    /// The bounds of a page whose rows are chosen one by one, and the id it ends at where there may be more behind it.
    pub(super) async fn narrowed(
        &self,
        db: &Db,
        [newest, oldest]: [&'static str; 2],
        party: &str,
        most: i64,
    ) -> Result<(([u8; 16], [u8; 16]), Option<Uuid>), DbError> {
        let (low, high) = self.bounds();
        let sql = if self.newest { newest } else { oldest };
        let mut rows = db.query(sql, params![party, low, high, most - 1]).await?;
        let Some(row) = rows.first_mut() else { return Ok(((low, high), None)) };
        let last: [u8; 16] = row.take("id")?;
        let end = Uuid::from_bytes(last);
        let bounds = if self.newest { (last, high) } else { (low, (end.as_u128() + 1).to_be_bytes()) };
        Ok((bounds, Some(end)))
    }

    /// Rows as a page: one more than its length was asked for, to know whether there are more.
    pub(super) fn cut<T>(&self, mut rows: Vec<T>, end: Option<Uuid>, id: impl Fn(&T) -> Uuid) -> Lines<T> {
        let more = rows.len() > self.limit;
        rows.truncate(self.limit);
        let next = if more { rows.last().map(id) } else { end };
        Lines { rows, next }
    }

    /// Rows asked for.
    pub(super) fn wanted(&self) -> i64 {
        i64::try_from(self.limit).unwrap_or(i64::MAX).saturating_add(1)
    }
}

/// Ids between bars, as one text both databases can look into; empty where there are none.
pub(super) fn among(ids: &[String]) -> String {
    if ids.is_empty() { String::new() } else { format!("|{}|", ids.join("||")) }
}

/// Whether a text has all these words, or words that begin so, whatever their case and diacritics.
pub(super) fn has_words(text: &str, asked: &str) -> bool {
    let text = schemas::text::fold(text);
    schemas::text::fold(asked).split_whitespace().all(|word| text.contains(word))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_goes_on_behind_the_last_row_in_either_order() {
        let after = Uuid::from_u128(77);
        let page = Page { newest: true, after: Some(after), limit: 2, ..Page::default() };
        assert_eq!(page.bounds().1, *after.as_bytes());
        let page = Page { newest: false, ..page };
        assert_eq!(page.bounds().0, 78_u128.to_be_bytes());
        let rows = |count: u128| (1..=count).map(Uuid::from_u128).collect::<Vec<_>>();
        assert_eq!(page.cut(rows(3), None, |id| *id).next, Some(Uuid::from_u128(2)));
        assert_eq!(page.cut(rows(2), None, |id| *id).next, None);
        assert_eq!(page.cut(rows(1), Some(after), |id| *id).next, Some(after));
    }

    #[test]
    fn a_day_is_a_range_of_ids() {
        let day: Date = "2026-11-22".parse().unwrap();
        let page = Page { from: Some(day), to: Some(day), ..Page::default() };
        let (low, high) = page.bounds();
        let millis = |id: [u8; 16]| id[..6].iter().fold(0_i64, |sum, byte| sum << 8 | i64::from(*byte));
        assert_eq!(millis(high) - millis(low), 86_400_000);
        assert_eq!(millis(low), Timestamp::romanian_midnight(day).0 / 1_000);
    }

    #[test]
    fn words_are_found_whatever_their_diacritics() {
        assert!(has_words("Anchetă socială, Șișești", "sisesti ANCHETA"));
        assert!(!has_words("Anchetă socială", "certificat"));
        assert!(has_words("orice", " "));
    }
}
