//! Registers an institution keeps, by definition: how they number, what they take, who may do what in them.
//!
//! Every institution has [`GENERAL`] without defining it. A definition is versioned like all of the directory; numbers
//! keep the form they were first shown in.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::document::DirectoryError;
use super::{Directory, Versioned};

/// The register every institution has (Instructions of the National Archives 217/1996, art. 9: the general registry).
pub const GENERAL: &str = "general";

/// A register of an institution.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Register {
    /// Institution that keeps it.
    pub party: String,
    /// Id within the institution, for example `petitii`: small letters, digits, hyphens.
    pub id: String,
    /// Name for people: „Registrul petițiilor”.
    pub title: String,
    /// How a number is written.
    #[serde(default)]
    pub number_format: NumberFormat,
    /// Whether numbers begin anew every year.
    #[serde(default)]
    pub numbering: Numbering,
    /// Document types whose messages are registered here instead of in [`GENERAL`].
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub document_types: Vec<String>,
    /// Id of the rule that gives entries a deadline; none where absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub deadline_rule: Option<String>,
    /// What is recorded of an entry beside the elements every entry has.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub fields: Vec<Field>,
    /// Who may do what; where empty, every unit of the institution may do everything.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub units: Vec<UnitRights>,
    /// The rule that asks for this register, in words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub legal_basis: Option<String>,
}

/// Whether numbers begin anew every year.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Numbering {
    /// They begin with 1 on 1 January (Instructions 217/1996, art. 9).
    #[default]
    Yearly,
    /// They run on.
    Continuing,
}

/// A further particular of a register's entries.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Field {
    /// Name in the API: small letters, digits, underscores.
    pub name: String,
    /// Name for people.
    pub title: String,
    /// What it holds.
    pub kind: FieldKind,
    /// Whether an entry without it is refused.
    #[serde(default)]
    pub required: bool,
    /// Of a `choice`: what can be chosen.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub choices: Vec<String>,
}

/// What a field holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum FieldKind {
    /// A line of text, at most 500 characters.
    Text,
    /// A whole number.
    Number,
    /// A civil date.
    Date,
    /// Yes or no.
    Flag,
    /// One of the choices.
    Choice,
}

/// What a unit may do in a register.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct UnitRights {
    /// Id of the unit.
    pub unit: String,
    /// What it may.
    pub may: BTreeSet<Right>,
}

/// A right in a register.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Right {
    /// Read entries.
    See,
    /// Take numbers, fill, correct and connect entries.
    Register,
    /// Propose that a number be annulled.
    Annul,
    /// Approve what another clerk proposed.
    Approve,
}

/// How a register writes its numbers: text with `{number}` once, with leading zeros as `{number:05}`, and at most once
/// `{year}`. For example `P-{number:05}/{year}`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct NumberFormat {
    pieces: Vec<Piece>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Piece {
    Text(String),
    Number(usize),
    Year,
}

/// Why a text is no number format.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "{0:?} is no number format: write {{number}} or {{number:05}} once, {{year}} at most once, e.g. P-{{number:05}}/{{year}}"
)]
pub struct UnusableFormat(String);

impl Default for NumberFormat {
    fn default() -> Self {
        Self { pieces: vec![Piece::Number(0)] }
    }
}

impl NumberFormat {
    /// The number as the register writes it.
    #[must_use]
    pub fn write(&self, number: i64, year: i64) -> String {
        let piece = |piece: &Piece| match piece {
            Piece::Text(text) => text.clone(),
            Piece::Number(width) => format!("{number:0width$}"),
            Piece::Year => year.to_string(),
        };
        self.pieces.iter().map(piece).collect()
    }

    /// The number, and the year where the format has it, of a text this format wrote.
    #[must_use]
    pub fn read(&self, text: &str) -> Option<(i64, Option<i64>)> {
        let (mut rest, mut number, mut year) = (text, None, None);
        for piece in &self.pieces {
            match piece {
                Piece::Text(text) => rest = rest.strip_prefix(text.as_str())?,
                Piece::Number(_) => number = Some(digits(&mut rest, 18)?),
                Piece::Year => year = Some(digits(&mut rest, 4)?),
            }
        }
        let number = number.filter(|_| rest.is_empty())?;
        // What is read is what would be written: `P-5/2026` is not `P-00005/2026`.
        (self.write(number, year.unwrap_or_default()) == text).then_some((number, year))
    }
}

fn digits(rest: &mut &str, most: usize) -> Option<i64> {
    let count = rest.bytes().take(most).take_while(u8::is_ascii_digit).count();
    let (number, after) = rest.split_at(count);
    *rest = after;
    number.parse().ok()
}

impl TryFrom<String> for NumberFormat {
    type Error = UnusableFormat;

    fn try_from(text: String) -> Result<Self, UnusableFormat> {
        let unusable = || UnusableFormat(text.clone());
        let (mut pieces, mut rest) = (Vec::new(), text.as_str());
        while let Some(open) = rest.find('{') {
            let close = rest[open..].find('}').map(|at| open + at).ok_or_else(unusable)?;
            if open > 0 {
                pieces.push(Piece::Text(rest[..open].to_owned()));
            }
            pieces.push(match &rest[open + 1..close] {
                "number" => Piece::Number(0),
                "year" => Piece::Year,
                hole => {
                    let width = hole.strip_prefix("number:0").and_then(|width| width.parse().ok());
                    Piece::Number(width.filter(|width| (1..=12).contains(width)).ok_or_else(unusable)?)
                }
            });
            rest = &rest[close + 1..];
        }
        if !rest.is_empty() {
            pieces.push(Piece::Text(rest.to_owned()));
        }
        let count = |wanted: fn(&Piece) -> bool| pieces.iter().filter(|piece| wanted(piece)).count();
        let numbers = count(|piece| matches!(piece, Piece::Number(_)));
        let years = count(|piece| matches!(piece, Piece::Year));
        // Two holes side by side could not be told apart in what is written.
        let touching = pieces.windows(2).any(|two| two.iter().all(|piece| !matches!(piece, Piece::Text(_))));
        let odd = text.chars().any(|letter| letter.is_control())
            || text.contains('}') && text.matches('}').count() != numbers + years;
        if numbers != 1 || years > 1 || touching || odd || text.chars().count() > 60 {
            return Err(unusable());
        }
        Ok(Self { pieces })
    }
}

impl From<NumberFormat> for String {
    fn from(format: NumberFormat) -> Self {
        let piece = |piece: &Piece| match piece {
            Piece::Text(text) => text.clone(),
            Piece::Number(0) => "{number}".to_owned(),
            Piece::Number(width) => format!("{{number:0{width}}}"),
            Piece::Year => "{year}".to_owned(),
        };
        format.pieces.iter().map(piece).collect()
    }
}

/// What of a definition decides a number.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Series {
    /// Id of the register.
    pub register: String,
    /// How it writes numbers.
    pub format: NumberFormat,
    /// Whether numbers begin anew every year.
    pub numbering: Numbering,
    /// Version of the definition; 0 for [`GENERAL`] where it is not defined.
    pub version: i64,
    /// Code of the rule that gives its entries a deadline; none: the document's type or the default does.
    pub deadline_rule: Option<String>,
}

impl Series {
    /// The general register as every institution has it.
    #[must_use]
    pub fn general() -> Self {
        Self {
            register: GENERAL.to_owned(),
            format: NumberFormat::default(),
            numbering: Numbering::Yearly,
            version: 0,
            deadline_rule: None,
        }
    }
}

impl Versioned<Register> {
    /// What of it decides a number.
    #[must_use]
    pub fn series(&self) -> Series {
        Series {
            register: self.entry.id.clone(),
            format: self.entry.number_format.clone(),
            numbering: self.entry.numbering,
            version: self.version,
            deadline_rule: self.entry.deadline_rule.clone(),
        }
    }
}

impl Register {
    /// The general register of an institution that does not define it.
    #[must_use]
    pub fn general(party: &str) -> Self {
        Self {
            party: party.to_owned(),
            id: GENERAL.to_owned(),
            title: "Registrul general de intrare-ieșire".to_owned(),
            number_format: NumberFormat::default(),
            numbering: Numbering::Yearly,
            document_types: Vec::new(),
            deadline_rule: None,
            fields: Vec::new(),
            units: Vec::new(),
            legal_basis: Some("Instrucțiunile Arhivelor Naționale nr. 217/1996, art. 9".to_owned()),
        }
    }

    /// Whether a unit may do this here. Where no rights are written, everybody of the institution may.
    #[must_use]
    pub fn lets(&self, unit: Option<&str>, right: Right) -> bool {
        let has = |rights: &UnitRights| Some(rights.unit.as_str()) == unit && rights.may.contains(&right);
        self.units.is_empty() || self.units.iter().any(has)
    }

    /// Whether a register can be kept by this definition.
    ///
    /// # Errors
    /// What is wrong with it, in English.
    pub fn usable(&self) -> Result<(), String> {
        let plain = |text: &str, more: char| {
            (1..=40).contains(&text.len())
                && text.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == more as u8)
        };
        if !plain(&self.id, '-') {
            return Err("its id must be 1 to 40 small letters, digits and hyphens".to_owned());
        }
        let mut names = BTreeSet::new();
        for field in &self.fields {
            if !plain(&field.name, '_') || !names.insert(&field.name) {
                return Err(format!(
                    "the field {:?} needs a name of its own of small letters, digits, underscores",
                    field.name
                ));
            }
            if (field.kind == FieldKind::Choice) == field.choices.is_empty() {
                return Err(format!("the field {} needs choices exactly if its kind is choice", field.name));
            }
        }
        Ok(())
    }
}

impl Directory {
    /// A register of an institution; [`GENERAL`] is there for each.
    #[must_use]
    pub fn register(&self, party: &str, id: &str) -> Option<Versioned<Register>> {
        let defined = self.registers.get(party).and_then(|of_party| of_party.get(id)).cloned();
        defined.or_else(|| (id == GENERAL).then(|| Versioned { version: 0, entry: Register::general(party) }))
    }

    /// The registers of an institution in order of id, [`GENERAL`] among them.
    #[must_use]
    pub fn registers_of(&self, party: &str) -> Vec<Versioned<Register>> {
        let mut all: Vec<_> = self.registers.get(party).into_iter().flat_map(|held| held.values().cloned()).collect();
        if all.iter().all(|held| held.entry.id != GENERAL) {
            all.insert(0, Versioned { version: 0, entry: Register::general(party) });
        }
        all
    }

    /// The series that numbers messages of a type for an institution: the first register, in order of id, that takes the
    /// type; else [`GENERAL`].
    #[must_use]
    pub fn series_for(&self, party: &str, document_type: &str) -> Series {
        let Some(of_party) = self.registers.get(party) else { return Series::general() };
        let takes = |held: &&Versioned<Register>| held.entry.document_types.iter().any(|name| name == document_type);
        let held = of_party.values().find(takes).or_else(|| of_party.get(GENERAL));
        held.map_or_else(Series::general, Versioned::series)
    }

    /// Checks that registers can be kept by their definitions.
    pub(super) fn check_registers(&self) -> Result<(), DirectoryError> {
        for held in self.registers.values().flat_map(|of_party| of_party.values()) {
            let Register { party, id, .. } = &held.entry;
            if !self.parties.contains_key(party) {
                let (id, missing) = (id.clone(), party.clone());
                return Err(DirectoryError::Dangling { kind: "register", id, missing_kind: "party", missing });
            }
            held.entry.usable().map_err(|cause| DirectoryError::UnusableRegister {
                party: party.clone(),
                id: id.clone(),
                cause,
            })?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn format(text: &str) -> Result<NumberFormat, UnusableFormat> {
        NumberFormat::try_from(text.to_owned())
    }

    #[test]
    fn a_number_is_written_as_the_register_says_and_read_back() {
        for (text, number, written) in [
            ("{number}", 7, "7"),
            ("P-{number:05}/{year}", 7, "P-00007/2026"),
            ("P-{number:05}/{year}", 123_456, "P-123456/2026"),
            ("{year}.{number:03} L544", 12, "2026.012 L544"),
        ] {
            let format = format(text).expect(text);
            assert_eq!(format.write(number, 2026), written);
            assert_eq!(format.read(written).map(|(number, _)| number), Some(number), "{written}");
            assert_eq!(String::from(format), text);
        }
        let petitions = format("P-{number:05}/{year}").expect("a format");
        for other in ["P-7/2026", "P-00007", "00007/2026", "P-00007/2026 bis", ""] {
            assert_eq!(petitions.read(other), None, "{other}");
        }
    }

    #[test]
    fn a_format_whose_numbers_could_not_be_told_apart_is_refused() {
        for text in [
            "",
            "P-",
            "{number}{year}",
            "{number}/{number}",
            "{number:0}",
            "{number:099}",
            "{n}",
            "{number",
            "{number}}",
        ] {
            assert!(format(text).is_err(), "{text}");
        }
    }

    #[test]
    fn a_unit_may_do_only_what_is_written_where_anything_is_written() {
        let mut register = Register::general("uat-1");
        assert!(register.lets(None, Right::Annul));
        register.units.push(UnitRights { unit: "registratura".to_owned(), may: [Right::Register, Right::See].into() });
        assert!(register.lets(Some("registratura"), Right::Register));
        assert!(!register.lets(Some("registratura"), Right::Annul));
        assert!(!register.lets(Some("urbanism"), Right::See));
        assert!(!register.lets(None, Right::See));
    }
}
