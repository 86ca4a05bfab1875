//! Reads the other files of a snapshot: nomenclatures, states, activities, branches, and with a purpose the persons.

use super::columns::Columns;
use super::entries::{Fact, Row, decimal};
use super::facts::CaenClass;
use super::firms::{found, known, write_sorted};
use super::folding::hash;
use super::import::{ImportError, Work};
use super::records::{Record, Refusal};
use super::sorting::Sorter;
use crate::key::RegisterKey;
use schemas::identifiers::CaenRevision;

/// The number that stands for a revision nobody named.
pub(super) const NO_REVISION: u8 = 15;

/// Reads every file but that of the firms.
pub(super) fn read_all(work: &mut Work<'_>) -> Result<(), ImportError> {
    read_state_names(work)?;
    read_caen_names(work)?;
    read_states(work)?;
    read_activities(work)?;
    read_rows(work, "OD_SUCURSALE_ALTE_STATE_MEMBRE", "branches")?;
    if work.order.persons.is_some() {
        read_rows(work, "OD_REPREZENTANTI_LEGALI", "representatives")?;
        read_rows(work, "OD_REPREZENTANTI_IF", "family")?;
    }
    Ok(())
}

fn required(work: &Work<'_>, there: bool, file: &str) -> Result<(), ImportError> {
    if there {
        return Ok(());
    }
    Err(ImportError::MissingFile { folder: work.order.files.display().to_string(), file: format!("{file}.CSV") })
}

fn text<const N: usize>(columns: &Columns<N>, record: &Record, column: usize) -> String {
    String::from_utf8_lossy(columns.field(record, column)).trim().to_owned()
}

fn read_state_names(work: &mut Work<'_>) -> Result<(), ImportError> {
    let mut columns = None;
    let there = work.read_file("N_STARE_FIRMA", |work, header, record| {
        let columns = found(&mut columns, "N_STARE_FIRMA", header, ["COD", "DENUMIRE"])?;
        let Some(code) = small_number(columns.field(record, 0)) else { return Ok(Some(Refusal::UnreadableCode)) };
        work.states.push((code, text(columns, record, 1)));
        Ok(None)
    })?;
    work.known_states = known(&work.states);
    required(work, there, "N_STARE_FIRMA")
}

fn read_caen_names(work: &mut Work<'_>) -> Result<(), ImportError> {
    let mut columns = None;
    work.read_file("N_CAEN", |work, header, record| {
        let columns = found(&mut columns, "N_CAEN", header, ["CLASA", "DENUMIRE", "VERSIUNE_CAEN"])?;
        let Some((class, _)) = class(columns.field(record, 0)) else { return Ok(Some(Refusal::UnreadableCode)) };
        let (revision, _) = revision(columns.field(record, 2));
        work.caen.push(CaenClass { class: format!("{class:04}"), revision, title: text(columns, record, 1) });
        Ok(None)
    })?;
    let mut columns = None;
    work.read_file("N_VERSIUNE_CAEN", |work, header, record| {
        let columns = found(&mut columns, "N_VERSIUNE_CAEN", header, ["COD", "DENUMIRE"])?;
        let Some(code) = small_number(columns.field(record, 0)).and_then(|code| u8::try_from(code).ok()) else {
            return Ok(Some(Refusal::UnreadableCode));
        };
        work.revisions.push((code, text(columns, record, 1)));
        Ok(None)
    })?;
    Ok(())
}

fn read_states(work: &mut Work<'_>) -> Result<(), ImportError> {
    let mut sorter = Sorter::new(work.order.store).map_err(|error| work.writing(error))?;
    let mut columns = None;
    let there = work.read_file("OD_STARE_FIRMA", |work, header, record| {
        let columns = found(&mut columns, "OD_STARE_FIRMA", header, ["COD_INMATRICULARE", "COD"])?;
        let Some((key, _)) = RegisterKey::read(columns.field(record, 0)) else {
            return Ok(Some(Refusal::UnreadableNumber));
        };
        let Some(code) = small_number(columns.field(record, 1)) else { return Ok(Some(Refusal::UnreadableCode)) };
        work.counts.unknown_state_code += u64::from(!work.known_states.contains(&code));
        sorter.push(Fact::new(key.packed(), code)).map_err(|error| work.writing(error))?;
        Ok(None)
    })?;
    required(work, there, "OD_STARE_FIRMA")?;
    write_sorted(work, sorter, "states").map_err(|error| work.writing(error))?;
    Ok(())
}

fn read_activities(work: &mut Work<'_>) -> Result<(), ImportError> {
    const COLUMNS: [&str; 3] = ["COD_INMATRICULARE", "COD_CAEN_AUTORIZAT", "VER_CAEN_AUTORIZAT"];
    let mut sorter = Sorter::new(work.order.store).map_err(|error| work.writing(error))?;
    let mut columns = None;
    let there = work.read_file("OD_CAEN_AUTORIZAT", |work, header, record| {
        let columns = found(&mut columns, "OD_CAEN_AUTORIZAT", header, COLUMNS)?;
        let Some((key, _)) = RegisterKey::read(columns.field(record, 0)) else {
            return Ok(Some(Refusal::UnreadableNumber));
        };
        let Some((class, zero_lost)) = class(columns.field(record, 1)) else {
            return Ok(Some(Refusal::UnreadableCode));
        };
        let (revision, in_words) = revision(columns.field(record, 2));
        work.counts.activity_zero_restored += u64::from(zero_lost);
        work.counts.revision_in_words += u64::from(in_words);
        let value = class << 4 | u32::from(revision);
        sorter.push(Fact::new(key.packed(), value)).map_err(|error| work.writing(error))?;
        Ok(None)
    })?;
    if there {
        work.counts.activity_twice = write_sorted(work, sorter, "activities").map_err(|error| work.writing(error))?;
    }
    Ok(())
}

/// Keeps whole rows of a file, found again by register number.
fn read_rows(work: &mut Work<'_>, file: &'static str, section: &str) -> Result<(), ImportError> {
    let mut sorter = Sorter::new(work.order.store).map_err(|error| work.writing(error))?;
    let mut columns = None;
    let there = work.read_file(file, |work, header, record| {
        let columns = found(&mut columns, file, header, ["COD_INMATRICULARE"])?;
        let Some((key, _)) = RegisterKey::read(columns.field(record, 0)) else {
            return Ok(Some(Refusal::UnreadableNumber));
        };
        let (text, offset) = (record.text(), work.output.written());
        let length = u32::try_from(text.len()).expect("a record is far shorter");
        let written = work.output.bytes(&length.to_be_bytes()).and_then(|()| work.output.bytes(text));
        written.map_err(|error| work.writing(error))?;
        let hash = hash(super::folding::folded(&String::from_utf8_lossy(text)).as_bytes());
        sorter.push(Row { key: key.packed(), hash, offset }).map_err(|error| work.writing(error))?;
        Ok(None)
    })?;
    if there {
        work.output.end_section(&format!("{section}-rows"));
        write_sorted(work, sorter, section).map_err(|error| work.writing(error))?;
    }
    Ok(())
}

fn small_number(field: &[u8]) -> Option<u32> {
    let digits = field.trim_ascii();
    let fits = (1..=5).contains(&digits.len()) && digits.iter().all(u8::is_ascii_digit);
    fits.then(|| decimal(digits) as u32)
}

/// A class of three or four digits, and whether its leading zero was lost.
fn class(field: &[u8]) -> Option<(u32, bool)> {
    let digits = field.trim_ascii();
    let fits = (3..=4).contains(&digits.len()) && digits.iter().all(u8::is_ascii_digit);
    fits.then(|| (decimal(digits) as u32, digits.len() == 3))
}

/// The number of a revision, and whether it was written in words.
fn revision(field: &[u8]) -> (u8, bool) {
    let digits = field.trim_ascii();
    if let [digit @ b'0'..=b'3'] = digits {
        return (digit - b'0', false);
    }
    let revision = CaenRevision::parse(std::str::from_utf8(digits).unwrap_or_default());
    (revision.map_or(NO_REVISION, CaenRevision::number), true)
}
