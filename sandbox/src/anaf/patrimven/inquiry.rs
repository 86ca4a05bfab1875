//! A question to PatrimVen, and why it may be refused.

use serde::{Deserialize, Serialize};

use super::settings::{Service, Settings};

/// The most persons in a question about many.
const MOST_PERSONS: usize = 1_000;

/// The question, as our profile has it; a field too many is refused.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Inquiry {
    pub(super) serviciu: Service,
    #[serde(rename = "mod")]
    pub(super) mode: Mode,
    pub(super) persoane: Vec<Person>,
    pub(super) perioada: Period,
    #[serde(default)]
    pub(super) temei_legal: String,
    #[serde(default)]
    pub(super) scop: String,
    #[serde(default)]
    pub(super) numar_dosar: String,
    pub(super) utilizator: User,
}

/// One person now, or many later.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub(super) enum Mode {
    Punctual,
    Masiv,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Person {
    pub(super) tip: Kind,
    pub(super) cod: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub(super) enum Kind {
    Cnp,
    Cui,
}

/// Years, both included.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Period {
    pub(super) an_inceput: i16,
    pub(super) an_sfarsit: i16,
}

/// Who asks, and in what role.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct User {
    #[serde(default)]
    pub(super) cnp: String,
    #[serde(default)]
    pub(super) rol: String,
}

/// A refusal: status, code, words.
pub(super) type Refusal = (u16, &'static str, &'static str);

impl Inquiry {
    /// Why the question is refused, if it is. The quota is counted by the caller.
    pub(super) fn refusal(&self, settings: &Settings) -> Option<Refusal> {
        let blank = |text: &str| text.trim().is_empty();
        let many = self.mode == Mode::Masiv;
        let Period { an_inceput: first, an_sfarsit: last } = self.perioada;
        let rules = [
            (
                !settings.services.contains(&self.serviciu),
                (403, "PV-101", "Serviciul nu este cuprins în protocolul de aderare (PASS) al instituției."),
            ),
            (blank(&self.utilizator.rol), (403, "PV-102", "Lipsește rolul utilizatorului.")),
            (
                !settings.roles.contains(&self.utilizator.rol),
                (403, "PV-102", "Rolul utilizatorului nu permite consultarea."),
            ),
            (
                many && self.utilizator.rol != "CONSULTARE_MASIVA",
                (403, "PV-102", "Rolul utilizatorului nu permite consultarea masivă."),
            ),
            (!is_cnp(&self.utilizator.cnp), (400, "PV-105", "CNP-ul utilizatorului nu este corect.")),
            (blank(&self.scop), (400, "PV-103", "Lipsește scopul consultării.")),
            (blank(&self.temei_legal), (400, "PV-104", "Lipsește temeiul legal al consultării.")),
            (blank(&self.numar_dosar), (400, "PV-109", "Lipsește numărul dosarului.")),
            (self.persoane.is_empty(), (400, "PV-108", "Nu este indicată nicio persoană.")),
            (!many && self.persoane.len() > 1, (400, "PV-108", "Consultarea punctuală privește o singură persoană.")),
            (
                self.persoane.len() > MOST_PERSONS,
                (400, "PV-108", "Consultarea masivă privește cel mult 1000 de persoane."),
            ),
            (
                !self.persoane.iter().all(Person::is_right),
                (400, "PV-105", "CNP-ul sau codul fiscal al persoanei nu este corect."),
            ),
            (
                first > last || first < 2000 || last - first > 10,
                (400, "PV-107", "Perioada nu este corectă: cel mult 10 ani, de la 2000."),
            ),
        ];
        rules.into_iter().find(|(broken, _)| *broken).map(|(_, refusal)| refusal)
    }
}

impl Person {
    fn is_right(&self) -> bool {
        match self.tip {
            Kind::Cnp => is_cnp(&self.cod),
            Kind::Cui => crate::anaf::cui::is_valid(&self.cod),
        }
    }
}

/// Whether the digits are a personal number with a date and a right check digit.
pub(in crate::anaf) fn is_cnp(code: &str) -> bool {
    let digits: Option<Vec<u32>> = code.chars().map(|one| one.to_digit(10)).collect();
    let Some(digits) = digits.filter(|digits| digits.len() == 13 && digits[0] != 0) else { return false };
    let two = |at: usize| digits[at] * 10 + digits[at + 1];
    let sum: u32 = digits.iter().zip([2, 7, 9, 1, 4, 6, 3, 5, 8, 2, 7, 9]).map(|(digit, weight)| digit * weight).sum();
    let check = if sum % 11 == 10 { 1 } else { sum % 11 };
    (1..=12).contains(&two(3)) && (1..=31).contains(&two(5)) && check == digits[12]
}

#[cfg(test)]
mod tests {
    use super::is_cnp;

    #[test]
    fn a_personal_number_has_a_date_and_a_check_digit() {
        for good in ["1630615123457", "1111111111118", "1800101221144", "5010101400010", "1900101400081"] {
            assert!(is_cnp(good), "{good}");
        }
        for bad in ["1630615123458", "1632215123457", "0800101221142", "163061512345", "a630615123457"] {
            assert!(!is_cnp(bad), "{bad}");
        }
    }
}
