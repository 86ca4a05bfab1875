//! Looks firms up in the current snapshot. It only reads; a new snapshot is noticed at the next question.

use std::io;
use std::path::{Path, PathBuf};

use schemas::{Cui, Euid, TradeRegisterNumber};

use super::columns::Columns;
use super::container::Container;
use super::current::current_file;
use super::entries::{CuiEntry, Fact, FirmEntry, Row, number};
use super::facts::Facts;
use super::firm::{COLUMNS, Firm};
use super::records::Record;
use super::tables::NO_REVISION;
use crate::company::State;
use crate::key::RegisterKey;

/// Most firms that one number or code may name; real ones name two or three.
const MOST_FIRMS: usize = 50;
/// Most rows about one firm.
const MOST_ROWS: usize = 1_000;

/// Why the snapshot could not be asked.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// Nothing was imported yet.
    #[error("no snapshot of the trade register was imported yet")]
    Empty,
    /// The file cannot be read.
    #[error("reading the snapshot of the trade register: {0}")]
    Io(#[from] io::Error),
    /// The name is too common to be looked for.
    #[error("too many firms have this name: {0}")]
    TooBroad(u64),
    /// The name has no word that is long enough.
    #[error("the name has no word of three letters")]
    TooShort,
    /// Persons were not imported.
    #[error("the snapshot was imported without the files about persons")]
    WithoutPersons,
}

/// An authorised activity.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Activity {
    /// The class, four digits.
    pub class: String,
    /// The number of the revision, 0 to 3; none where the file names no revision.
    pub revision: Option<u8>,
}

/// A representative, as the file has it: column and text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Person {
    /// The column names and what stands in them.
    pub fields: Vec<(String, String)>,
}

/// A firm that was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    /// The row.
    pub firm: Firm,
    /// The register number, where it can be read.
    pub number: Option<TradeRegisterNumber>,
    /// The state, decided on all codes.
    pub state: State,
    /// The codes and what the nomenclature calls them; none where it does not know one.
    pub codes: Vec<(u32, Option<String>)>,
    /// What it may do.
    pub activities: Vec<Activity>,
    /// How many firms of the snapshot have the same register number, this one included.
    pub sharing_number: usize,
}

/// An open snapshot.
pub struct Store {
    pub(super) container: Container,
    pub(super) facts: Facts,
    pub(super) columns: Columns<20>,
    file: PathBuf,
}

impl Store {
    /// Opens the current snapshot of a folder.
    ///
    /// # Errors
    /// There is none, or it cannot be read.
    pub fn open(folder: &Path) -> Result<Store, StoreError> {
        let file = current_file(folder)?.ok_or(StoreError::Empty)?;
        let (container, facts) = Container::open::<Facts>(&file)?;
        let header = facts.files.iter().find(|one| one.name == "OD_FIRME").map(|one| one.columns.as_slice());
        let columns = Columns::find("OD_FIRME", header.unwrap_or_default(), COLUMNS, &COLUMNS)
            .expect("columns that may all be missing are always found");
        Ok(Store { container, facts, columns, file })
    }

    /// Whether this is still the snapshot that counts.
    ///
    /// # Errors
    /// The folder cannot be read.
    pub fn is_current(&self, folder: &Path) -> io::Result<bool> {
        Ok(current_file(folder)?.as_ref() == Some(&self.file))
    }

    /// What the snapshot knows about itself.
    #[must_use]
    pub fn facts(&self) -> &Facts {
        &self.facts
    }

    /// The firms with a register number, in any form; more than one where the file has it so.
    ///
    /// # Errors
    /// The file cannot be read.
    pub fn by_number(&self, number: &TradeRegisterNumber) -> Result<Vec<Found>, StoreError> {
        let entries = self.entries_of(RegisterKey::of(number).packed())?;
        let sharing = entries.len();
        entries.into_iter().map(|entry| self.found(entry.ordinal, Some((entry, sharing)))).collect()
    }

    /// The firms with an EUID: compared by the number inside.
    ///
    /// # Errors
    /// The file cannot be read.
    pub fn by_euid(&self, euid: &Euid) -> Result<Vec<Found>, StoreError> {
        self.by_number(&euid.trade_register_number())
    }

    /// The firms with a CUI.
    ///
    /// # Errors
    /// The file cannot be read.
    pub fn by_cui(&self, cui: &Cui) -> Result<Vec<Found>, StoreError> {
        let cui: u64 = cui.as_str().parse().expect("a CUI has at most ten digits");
        let from = self.container.first::<CuiEntry>("cuis", |entry| entry.cui < cui)?;
        let entries = self.container.run::<CuiEntry>("cuis", from, MOST_FIRMS, |entry| entry.cui == cui)?;
        entries.into_iter().map(|entry| self.found(entry.ordinal, None)).collect()
    }

    /// The legal representatives of a firm. The caller has checked purpose and legal base.
    ///
    /// # Errors
    /// The snapshot has no persons, or cannot be read.
    pub fn representatives(&self, number: &TradeRegisterNumber) -> Result<Vec<Person>, StoreError> {
        if !self.container.has("representatives") {
            return Err(StoreError::WithoutPersons);
        }
        let mut persons = self.rows(number, "OD_REPREZENTANTI_LEGALI", "representatives")?;
        persons.extend(self.rows(number, "OD_REPREZENTANTI_IF", "family")?);
        Ok(persons)
    }

    /// The branches of a firm in other member states.
    ///
    /// # Errors
    /// The snapshot cannot be read.
    pub fn branches(&self, number: &TradeRegisterNumber) -> Result<Vec<Person>, StoreError> {
        self.rows(number, "OD_SUCURSALE_ALTE_STATE_MEMBRE", "branches")
    }

    fn rows(&self, number_: &TradeRegisterNumber, file: &str, section: &str) -> Result<Vec<Person>, StoreError> {
        let key = RegisterKey::of(number_).packed();
        let from = self.container.first::<Row>(section, |row| row.key < key)?;
        let mut rows = self.container.run::<Row>(section, from, MOST_ROWS, |row| row.key == key)?;
        rows.sort_unstable_by_key(|row| row.offset);
        let source = self.facts.files.iter().find(|one| one.name == file);
        let names = source.map(|one| one.columns.as_slice()).unwrap_or_default();
        let text = format!("{section}-rows");
        let mut record = Record::default();
        let mut found = Vec::new();
        for row in rows {
            let mut length = [0; 4];
            self.container.read(&text, row.offset, &mut length)?;
            // Lengths were written by the import, but a damaged file must not ask for all memory.
            let mut bytes = vec![0; (number(&length) as usize).min(1024 * 1024)];
            self.container.read(&text, row.offset + 4, &mut bytes)?;
            record.set(&bytes);
            let texts = (0..names.len()).map(|at| String::from_utf8_lossy(record.field(at)).trim().to_owned());
            found.push(Person { fields: names.iter().cloned().zip(texts).collect() });
        }
        Ok(found)
    }

    fn entries_of(&self, key: u64) -> Result<Vec<FirmEntry>, StoreError> {
        let from = self.container.first::<FirmEntry>("firms", |entry| entry.key < key)?;
        Ok(self.container.run::<FirmEntry>("firms", from, MOST_FIRMS, |entry| entry.key == key)?)
    }

    pub(super) fn found(&self, ordinal: u32, known: Option<(FirmEntry, usize)>) -> Result<Found, StoreError> {
        let firm = self.firm(ordinal)?;
        let key = firm.key();
        let (entry, sharing) = match (known, key) {
            (Some(known), _) => (Some(known.0), known.1),
            (None, Some(key)) => {
                let entries = self.entries_of(key.packed())?;
                (entries.iter().find(|entry| entry.ordinal == ordinal).copied(), entries.len())
            }
            (None, None) => (None, 1),
        };
        let packed = key.map_or(0, RegisterKey::packed);
        let facts = |section: &str| -> Result<Vec<u32>, StoreError> {
            if packed == 0 {
                return Ok(Vec::new());
            }
            let from = self.container.first::<Fact>(section, |fact| fact.key() < packed)?;
            let facts = self.container.run::<Fact>(section, from, MOST_ROWS, |fact| fact.key() == packed)?;
            Ok(facts.into_iter().map(Fact::value).collect())
        };
        let name = |code: u32| self.facts.states.iter().find(|(one, _)| *one == code).map(|(_, name)| name.clone());
        let codes: Vec<u32> = facts("states")?;
        let activities = facts("activities")?.into_iter().map(|value| Activity {
            class: format!("{:04}", value >> 4),
            revision: Some((value & 15) as u8).filter(|revision| *revision != NO_REVISION),
        });
        Ok(Found {
            state: entry.map_or(State::Necunoscuta, |_| State::of(codes.iter().copied())),
            codes: codes.into_iter().map(|code| (code, name(code))).collect(),
            activities: activities.collect(),
            number: key.map(RegisterKey::number),
            sharing_number: sharing.max(1),
            firm,
        })
    }

    /// The record with this place in the file.
    pub(super) fn firm(&self, ordinal: u32) -> Result<Firm, StoreError> {
        let mut bounds = [0; 16];
        let at = u64::from(ordinal) * 8;
        let records = self.container.section("records").length;
        let last = self.container.section("offsets").length <= at + 8;
        let known = if last { 8 } else { 16 };
        self.container.read("offsets", at, &mut bounds[..known])?;
        let start = number(&bounds[..8]);
        let end = if last { records } else { number(&bounds[8..]) };
        let mut text = vec![0; end.saturating_sub(start).min(1024 * 1024) as usize];
        self.container.read("records", start, &mut text)?;
        let mut record = Record::default();
        record.set(&text);
        Ok(Firm::of(&record, &self.columns))
    }
}
