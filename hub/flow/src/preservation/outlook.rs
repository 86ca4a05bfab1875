//! How long proofs are needed, and how long algorithms hold: what the expiry board measures against.

use std::collections::BTreeMap;

use hub_signatures::digest::DigestAlgorithm;

use crate::clock::Timestamp;

const YEAR: i64 = 31_556_952;

/// How long a document must be kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Retention {
    /// So many years.
    Years(u32),
    /// For ever.
    Permanent,
}

/// How long proofs are needed, and how long algorithms hold.
#[derive(Debug, Clone)]
pub struct Outlook {
    /// By retention class of document types. Terms differ by institution and change in time: the nomenclature decides.
    pub classes: BTreeMap<String, Retention>,
    /// Whether an operator said so; else they are assumptions of this program.
    pub classes_are_given: bool,
    /// Where the class is not known.
    pub otherwise: Retention,
    /// When algorithms are no longer relied on. ETSI TS 119 312 is what is to be asked; dates so far ahead are assumptions.
    pub sunsets: Vec<(DigestAlgorithm, Timestamp)>,
}

impl Outlook {
    /// Until when evidence about a document of a class is needed (none: for ever), and whether that is an assumption.
    #[must_use]
    pub fn needed(&self, class: Option<&str>, newest: Timestamp) -> (Option<Timestamp>, bool) {
        let known = class.and_then(|class| self.classes.get(class));
        let until = match known.unwrap_or(&self.otherwise) {
            Retention::Permanent => None,
            Retention::Years(years) => Some(newest.plus_seconds(i64::from(*years).saturating_mul(YEAR))),
        };
        (until, known.is_none() || !self.classes_are_given)
    }

    /// When an algorithm is no longer relied on; none where nobody says.
    #[must_use]
    pub fn sunset(&self, algorithm: DigestAlgorithm) -> Option<Timestamp> {
        self.sunsets.iter().find(|(one, _)| *one == algorithm).map(|(_, at)| *at)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_term_is_assumed_until_an_operator_gives_it_and_where_the_class_is_not_known() {
        let classes = BTreeMap::from([("letters".to_owned(), Retention::Years(10))]);
        let mut outlook =
            Outlook { classes, classes_are_given: false, otherwise: Retention::Permanent, sunsets: Vec::new() };
        let ten_years = Some(Timestamp(0).plus_seconds(10 * YEAR));
        assert_eq!(outlook.needed(Some("letters"), Timestamp(0)), (ten_years, true));
        outlook.classes_are_given = true;
        assert_eq!(outlook.needed(Some("letters"), Timestamp(0)), (ten_years, false));
        assert_eq!(outlook.needed(Some("files"), Timestamp(0)), (None, true));
        assert_eq!(outlook.needed(None, Timestamp(0)), (None, true));
    }
}
