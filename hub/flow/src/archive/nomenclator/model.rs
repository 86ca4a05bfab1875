//! What a nomenclator says.

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

/// A version of the nomenclator of an institution.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Nomenclator {
    /// First day in force.
    pub valid_from: Date,
    /// Last day in force; until the next version begins where absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub valid_to: Option<Date>,
    /// The order or decision of the head that approved it.
    pub approval: Approval,
    /// The confirmation of the National Archives; absent while it is awaited.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub confirmation: Option<Confirmation>,
    /// Unit that keeps the archive: it sees every dossier, and takes over what is handed over.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub archive_unit: Option<String>,
    /// The groups of dossiers, in order.
    #[serde(rename = "group")]
    pub groups: Vec<Group>,
    /// What is filed where by itself; the first rule that fits decides.
    #[serde(rename = "rule", default, skip_serializing_if = "Vec::is_empty")]
    pub rules: Vec<Rule>,
}

/// The approving act.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Approval {
    /// Its number.
    pub number: String,
    /// Its date.
    pub date: Date,
}

/// The confirmation by the county service of the National Archives.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Confirmation {
    /// Its number.
    pub number: String,
    /// Its date.
    pub date: Date,
    /// The service, for example `Serviciul Județean Mehedinți al Arhivelor Naționale`.
    pub service: String,
}

/// A group of dossiers: one row of annex 1.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Group {
    /// Its code (indicativ).
    pub code: String,
    /// Name of the direction; empty where the institution has none.
    #[serde(default)]
    pub direction: String,
    /// Name of the service.
    #[serde(default)]
    pub service: String,
    /// Brief content of its dossiers (denumirea dosarului).
    pub title: String,
    /// How long they are kept, as annex 1 writes it: `permanent`, `P`, `10`, `10 ani`, `5 C.S.`.
    pub term: String,
    /// Remarks.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub remarks: Option<String>,
    /// Ids of the units that see its dossiers; empty: all.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub units: Vec<String>,
}

/// What is filed under a code by itself. What is absent fits everything.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rule {
    /// The code.
    pub code: String,
    /// Document type of the catalogue.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub document_type: Option<String>,
    /// Register of the institution.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub register: Option<String>,
    /// `in` or `out`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub direction: Option<String>,
}

/// How long a dossier is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Term {
    /// Years after the year it was opened in; none: permanent.
    pub years: Option<u16>,
    /// C.S.: at the end of the term the selection commission may decide to keep it.
    pub commission: bool,
}

impl Term {
    /// Reads a term as annex 1 writes it.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim().to_lowercase();
        let (rest, commission) = match text.strip_suffix("c.s.").or_else(|| text.strip_suffix("cs")) {
            Some(rest) => (rest.trim().trim_end_matches([',', ';', '+']).trim(), true),
            None => (text.as_str(), false),
        };
        if ["p", "permanent"].contains(&rest) {
            return (!commission).then_some(Self { years: None, commission });
        }
        let number = ["ani", "an"].iter().find_map(|unit| rest.strip_suffix(unit)).unwrap_or(rest).trim();
        let number = number.strip_suffix(" de").unwrap_or(number).trim();
        let years = number.parse::<u16>().ok().filter(|years| (1..=150).contains(years))?;
        Some(Self { years: Some(years), commission })
    }

    /// From 1 January of which year on the term of a dossier of a year is over; none: permanent.
    #[must_use]
    pub fn due_year(self, year: i64) -> Option<i64> {
        // Years are counted from 1 January after the year of the dossier.
        self.years.map(|years| year + 1 + i64::from(years))
    }

    /// As annex 1 writes it.
    #[must_use]
    pub fn in_romanian(self) -> String {
        let commission = if self.commission { " C.S." } else { "" };
        match self.years {
            None => "permanent".to_owned(),
            Some(1) => format!("1 an{commission}"),
            Some(years) if years % 100 == 0 || years % 100 > 19 => format!("{years} de ani{commission}"),
            Some(years) => format!("{years} ani{commission}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn terms_are_read_as_annex_1_writes_them() {
        let years = |years, commission| Some(Term { years: Some(years), commission });
        for (text, term) in [
            ("permanent", Some(Term { years: None, commission: false })),
            ("P", Some(Term { years: None, commission: false })),
            ("10", years(10, false)),
            ("10 ani", years(10, false)),
            ("1 an", years(1, false)),
            ("80 de ani", years(80, false)),
            ("5 C.S.", years(5, true)),
            ("15 ani, CS", years(15, true)),
            ("0", None),
            ("P C.S.", None),
            ("C.S.", None),
            ("mult", None),
            ("-3", None),
        ] {
            assert_eq!(Term::parse(text), term, "{text}");
        }
    }

    #[test]
    fn a_term_is_over_when_all_its_years_have_passed_after_the_year_of_the_dossier() {
        assert_eq!(Term { years: Some(10), commission: false }.due_year(2026), Some(2037));
        assert_eq!(Term { years: None, commission: false }.due_year(2026), None);
    }

    #[test]
    fn terms_are_told_in_romanian() {
        let told = |text: &str| Term::parse(text).map(Term::in_romanian);
        assert_eq!(told("5 cs").as_deref(), Some("5 ani C.S."));
        assert_eq!(told("80").as_deref(), Some("80 de ani"));
        assert_eq!(told("101").as_deref(), Some("101 ani"));
    }
}
