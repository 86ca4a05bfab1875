//! The state of a firm, decided on the whole set of its codes.

use serde::{Deserialize, Serialize};

/// The normalised state of a firm: ours, not the register's (contract sheet section 6). The raw codes always go with it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum State {
    /// Struck off; 1084.
    Radiata,
    /// Bankruptcy; 1070.
    Faliment,
    /// Winding up; 1052.
    Lichidare,
    /// Judicial reorganisation; 1057.
    Reorganizare,
    /// Insolvency; 1107, 1139.
    Insolventa,
    /// Dissolution; 1049.
    Dizolvare,
    /// Activity interrupted for a time; 1074.
    Suspendata,
    /// Operating; 1048, and none of the above.
    InFunctiune,
    /// No code tells.
    Necunoscuta,
}

impl State {
    /// Every state, in the order of precedence.
    pub const ALL: [State; 9] = [
        State::Radiata,
        State::Faliment,
        State::Lichidare,
        State::Reorganizare,
        State::Insolventa,
        State::Dizolvare,
        State::Suspendata,
        State::InFunctiune,
        State::Necunoscuta,
    ];

    /// The state that a set of codes of N_STARE_FIRMA means: the first in the order of precedence that one of them names.
    #[must_use]
    pub fn of(codes: impl IntoIterator<Item = u32>) -> State {
        codes.into_iter().map(State::of_code).min().unwrap_or(State::Necunoscuta)
    }

    fn of_code(code: u32) -> State {
        match code {
            1084 => State::Radiata,
            1070 => State::Faliment,
            1052 => State::Lichidare,
            1057 => State::Reorganizare,
            1107 | 1139 => State::Insolventa,
            1049 => State::Dizolvare,
            1074 => State::Suspendata,
            1048 => State::InFunctiune,
            _ => State::Necunoscuta,
        }
    }

    /// The name as the profile writes it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            State::Radiata => "RADIATA",
            State::Faliment => "FALIMENT",
            State::Lichidare => "LICHIDARE",
            State::Reorganizare => "REORGANIZARE",
            State::Insolventa => "INSOLVENTA",
            State::Dizolvare => "DIZOLVARE",
            State::Suspendata => "SUSPENDATA",
            State::InFunctiune => "IN_FUNCTIUNE",
            State::Necunoscuta => "NECUNOSCUTA",
        }
    }

    /// `CompanyStatus` of the European registration evidence (DE4A CompanyRegistration 0.6); the pairing is ours. None
    /// where nothing is known.
    #[must_use]
    pub fn company_status(self) -> Option<&'static str> {
        match self {
            State::Radiata => Some("struck off the register"),
            State::Faliment | State::Lichidare => Some("wound up"),
            State::Dizolvare => Some("dissolved"),
            State::Suspendata => Some("economically inactive"),
            // The European list has no value for insolvency: the firm is active, a mention says the rest.
            State::Reorganizare | State::Insolventa | State::InFunctiune => Some("economically active"),
            State::Necunoscuta => None,
        }
    }

    pub(crate) fn position(self) -> u8 {
        State::ALL.iter().position(|one| *one == self).map_or(8, |at| at as u8)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_state_is_decided_on_the_whole_set_of_codes_in_any_order() {
        let table: [(&[u32], State); 12] = [
            (&[], State::Necunoscuta),
            (&[9999], State::Necunoscuta),
            (&[1048], State::InFunctiune),
            (&[2069, 1048], State::InFunctiune),
            (&[1084, 1049], State::Radiata),
            (&[1049, 1084], State::Radiata),
            (&[1048, 1107], State::Insolventa),
            (&[1139], State::Insolventa),
            (&[1048, 1074], State::Suspendata),
            (&[1107, 1057], State::Reorganizare),
            (&[1052, 1070], State::Faliment),
            (&[1053, 1049], State::Dizolvare),
        ];
        for (codes, expected) in table {
            assert_eq!(State::of(codes.iter().copied()), expected, "{codes:?}");
        }
    }

    #[test]
    fn every_state_has_its_own_name_and_position() {
        for (at, state) in State::ALL.into_iter().enumerate() {
            assert_eq!(state.position() as usize, at);
            assert_eq!(serde_json::to_value(state).unwrap(), state.name());
        }
    }
}
