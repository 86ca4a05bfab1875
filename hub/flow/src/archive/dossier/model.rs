//! A dossier and where it stands.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::archive::nomenclator::Term;

/// Pages of a full volume: dossiers have usually at most 250 to 300 pages (contract sheet C1).
pub const FULL: i64 = 250;

/// Where a dossier stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DossierState {
    /// Documents are filed in it.
    Open,
    /// Nothing is filed in it any more.
    Closed,
    /// It is in an inventory.
    Inventoried,
    /// The archive has it.
    HandedOver,
    /// The commission decided that it is destroyed.
    Selected,
    /// Its bytes are gone; what it held is still listed.
    Destroyed,
    /// The commission decided that it is kept permanently.
    Kept,
}

impl DossierState {
    /// All of them, in order.
    pub const ALL: [Self; 7] =
        [Self::Open, Self::Closed, Self::Inventoried, Self::HandedOver, Self::Selected, Self::Destroyed, Self::Kept];

    /// The word used in the API and the database.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Closed => "closed",
            Self::Inventoried => "inventoried",
            Self::HandedOver => "handed_over",
            Self::Selected => "selected",
            Self::Destroyed => "destroyed",
            Self::Kept => "kept",
        }
    }

    /// Reads the word.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.as_str() == word)
    }

    /// What may become of it.
    #[must_use]
    pub const fn may_become(self, next: Self) -> bool {
        matches!(
            (self, next),
            (Self::Open, Self::Closed)
                | (Self::Closed, Self::Inventoried)
                | (Self::Inventoried, Self::HandedOver)
                | (Self::HandedOver, Self::Selected | Self::Kept)
                | (Self::Selected, Self::Destroyed | Self::Kept)
        )
    }
}

/// A dossier.
#[derive(Debug, Clone, Serialize)]
pub struct Dossier {
    /// Its id.
    pub id: Uuid,
    /// The institution.
    pub party: String,
    /// The year of its documents.
    pub year: i64,
    /// Its code (indicativ).
    pub code: String,
    /// Volume, from 1.
    pub volume: i64,
    /// Version of the nomenclator in force when it was opened.
    pub nomenclator: i64,
    /// Brief content.
    pub title: String,
    /// How long it is kept, in words.
    pub term: String,
    /// Years it is kept; none: permanently.
    pub years: Option<i64>,
    /// Units that see it; empty: all.
    pub units: Vec<String>,
    /// Where it stands.
    pub state: DossierState,
    /// Pages in it.
    pub pages: i64,
    /// Documents in it, evidence and validation data among them.
    pub documents: i64,
    /// Bytes in it.
    pub size: i64,
    /// Date of the oldest document.
    pub first_date: Option<String>,
    /// Date of the newest document.
    pub last_date: Option<String>,
    /// From 1 January of this year on its term is over; none: permanent.
    pub due_year: Option<i64>,
    /// Its inventory.
    pub inventory: Option<Uuid>,
    /// Its number in the inventory.
    pub inventory_number: Option<i64>,
    /// The selection it is in.
    pub selection: Option<Uuid>,
    /// When it was opened, in UTC.
    pub opened_at: String,
}

impl Dossier {
    /// As people name it: `I/A/3 / 2026, vol. 1`.
    #[must_use]
    pub fn name(&self) -> String {
        format!("{} / {}, vol. {}", self.code, self.year, self.volume)
    }

    /// The term as it was read from its row.
    pub(super) fn term(years: Option<i64>, commission: i64) -> Term {
        Term { years: years.and_then(|years| u16::try_from(years).ok()), commission: commission == 1 }
    }
}

/// A dossier to be opened by hand.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Opening {
    /// Its code.
    pub code: String,
    /// Its year; the present one where absent.
    #[serde(default)]
    pub year: Option<i64>,
}

/// A dossier in an inventory: the columns of annex 2.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Line {
    /// Number (nr. crt.).
    pub number: i64,
    /// The dossier.
    pub dossier: Uuid,
    /// Its code (indicativul dosarului).
    pub code: String,
    /// Its volume.
    pub volume: i64,
    /// Content in brief.
    pub title: String,
    /// Extreme dates.
    pub first_date: Option<String>,
    /// Extreme dates.
    pub last_date: Option<String>,
    /// Number of pages.
    pub pages: i64,
    /// Documents, evidence and validation data among them.
    pub documents: i64,
    /// Term in words.
    pub term: String,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_dossier_goes_one_way_and_leaves_no_step_out() {
        use DossierState::*;
        let allowed: Vec<(DossierState, DossierState)> = DossierState::ALL
            .into_iter()
            .flat_map(|from| DossierState::ALL.map(|to| (from, to)))
            .filter(|(from, to)| from.may_become(*to))
            .collect();
        let expected = [
            (Open, Closed),
            (Closed, Inventoried),
            (Inventoried, HandedOver),
            (HandedOver, Selected),
            (HandedOver, Kept),
            (Selected, Destroyed),
            (Selected, Kept),
        ];
        assert_eq!(allowed, expected);
    }
}
