//! Reads OD_FIRME: the records go into the file as they came, their numbers, CUIs and words go to be sorted.

use std::collections::HashSet;
use std::io::{BufReader, BufWriter, Read, Seek, SeekFrom, Write};

use schemas::Cui;

use super::columns::Columns;
use super::entries::{CuiEntry, FirmEntry, Word};
use super::firm::{self, COLUMNS, cui};
use super::folding::{add_folded, county, hash, prefix, repaired, words};
use super::import::{ImportError, Work};
use super::records::{Record, Refusal};
use super::sorting::{Entry, Sorter};
use crate::key::{Form, RegisterKey};

/// The columns that firms may lack in an export.
const OPTIONAL: [&str; 3] = ["WEB", "TARA_FIRMA_MAMA", "ADR_COMPLETARE"];

/// The entries that are still to be joined with what other files say.
pub(super) type FirmSorter = Sorter<FirmEntry>;

struct Sorters {
    firms: FirmSorter,
    cuis: Sorter<CuiEntry>,
    words: Sorter<Word>,
    offsets: BufWriter<std::fs::File>,
    /// Counties as the file writes them: a few hundred spellings, looked up once each.
    counties: Vec<(Vec<u8>, u8)>,
    folded: String,
}

/// Reads the firms. Writes the sections `records`, `offsets`, `cuis` and `words`.
pub(super) fn read(work: &mut Work<'_>) -> Result<FirmSorter, ImportError> {
    let mut sorters = Sorters::new(work).map_err(|error| work.writing(error))?;
    let mut columns = None;
    let there = work.read_file("OD_FIRME", |work, header, record| {
        let columns = match &mut columns {
            Some(columns) => columns,
            none => none.insert(Columns::find("OD_FIRME", header, COLUMNS, &OPTIONAL)?),
        };
        sorters.take(work, columns, record).map_err(|error| work.writing(error))
    })?;
    if !there {
        return Err(ImportError::MissingFile {
            folder: work.order.files.display().to_string(),
            file: "OD_FIRME.CSV".to_owned(),
        });
    }
    work.output.end_section("records");
    work.tell_joining();
    sorters.write(work).map_err(|error| work.writing(error))
}

impl Sorters {
    fn new(work: &Work<'_>) -> std::io::Result<Self> {
        let folder = work.order.store;
        Ok(Self {
            firms: Sorter::new(folder)?,
            cuis: Sorter::new(folder)?,
            words: Sorter::new(folder)?,
            offsets: BufWriter::with_capacity(1024 * 1024, tempfile::tempfile_in(folder)?),
            counties: Vec::new(),
            folded: String::new(),
        })
    }

    fn take(
        &mut self,
        work: &mut Work<'_>,
        columns: &Columns<20>,
        record: &Record,
    ) -> std::io::Result<Option<Refusal>> {
        let number = RegisterKey::read(columns.field(record, firm::NUMBER));
        let code = cui(columns.field(record, firm::CUI));
        if record.was_joined() {
            if number.is_none() || code.is_err() {
                return Ok(Some(Refusal::Implausible));
            }
            work.counts.joined += 1;
        }
        let ordinal = u32::try_from(work.counts.firms).map_err(|_| std::io::ErrorKind::FileTooLarge)?;
        work.counts.firms += 1;
        self.offsets.write_all(&work.output.written().to_be_bytes())?;
        work.output.bytes(record.text())?;
        let cui = self.take_cui(work, columns.field(record, firm::CUI), code, ordinal)?;
        let name = self.take_name(work, columns.field(record, firm::NAME), ordinal)?;
        let seat = self.seat(columns, record);
        let county = self.county(work, columns.field(record, firm::COUNTY));
        let form = match number {
            None => 0,
            Some((_, Form::Old)) => 1,
            Some((_, Form::New)) => 2,
        };
        let counts = &mut work.counts;
        counts.unreadable_number += u64::from(form == 0);
        counts.old_form += u64::from(form == 1);
        counts.without_date += u64::from(columns.field(record, firm::DATE).trim_ascii().is_empty());
        let key = number.map_or(0, |(key, _)| key.packed());
        self.firms.push(FirmEntry { key, cui, ordinal, name, seat, form, county, ..FirmEntry::default() })?;
        Ok(None)
    }

    fn take_cui(
        &mut self,
        work: &mut Work<'_>,
        field: &[u8],
        code: Result<u64, ()>,
        ordinal: u32,
    ) -> std::io::Result<u64> {
        let counts = &mut work.counts;
        match code {
            Ok(0) if field.trim_ascii().is_empty() => counts.cui_empty += 1,
            Ok(0) => counts.cui_zero += 1,
            Ok(_) if Cui::parse(std::str::from_utf8(field).unwrap_or_default()).is_ok() => {}
            _ => counts.cui_doubtful += 1,
        }
        let cui = code.unwrap_or(0);
        // Nought is legal in the open data and is nobody's code.
        if cui != 0 {
            self.cuis.push(CuiEntry { cui, ordinal })?;
        }
        Ok(cui)
    }

    fn take_name(&mut self, work: &mut Work<'_>, field: &[u8], ordinal: u32) -> std::io::Result<u32> {
        let name = String::from_utf8_lossy(field);
        work.counts.not_utf8 += u64::from(matches!(name, std::borrow::Cow::Owned(_)));
        self.folded.clear();
        add_folded(&mut self.folded, &name);
        let mut seen: [u64; 16] = [0; 16];
        for (at, word) in words(&self.folded).enumerate() {
            let prefix = prefix(word);
            let before = at.min(seen.len());
            if seen[..before].contains(&prefix) {
                continue;
            }
            if let Some(place) = seen.get_mut(at) {
                *place = prefix;
            }
            self.words.push(Word { prefix, ordinal })?;
        }
        Ok(hash(self.folded.as_bytes()))
    }

    fn seat(&mut self, columns: &Columns<20>, record: &Record) -> u32 {
        self.folded.clear();
        for column in firm::FIRST_OF_SEAT..=firm::LAST_OF_SEAT {
            add_folded(&mut self.folded, &String::from_utf8_lossy(columns.field(record, column)));
            self.folded.push('^');
        }
        hash(self.folded.as_bytes())
    }

    fn county(&mut self, work: &mut Work<'_>, field: &[u8]) -> u8 {
        let number = match self.counties.iter().position(|(spelling, _)| spelling == field) {
            Some(at) => {
                // The few common counties come to the front.
                self.counties.swap(at, at / 2);
                self.counties[at / 2].1
            }
            None => {
                let text = String::from_utf8_lossy(field);
                work.counts.repaired += u64::from(repaired(&text).is_some());
                let number = county(&text);
                if self.counties.len() < 1_000 {
                    self.counties.push((field.to_owned(), number));
                }
                number
            }
        };
        work.counts.unknown_county += u64::from(number == 0);
        number
    }

    fn write(self, work: &mut Work<'_>) -> Result<FirmSorter, std::io::Error> {
        let mut offsets = self.offsets.into_inner().map_err(std::io::IntoInnerError::into_error)?;
        offsets.seek(SeekFrom::Start(0))?;
        let mut offsets = BufReader::with_capacity(1024 * 1024, offsets);
        let mut piece = vec![0; 64 * 1024];
        loop {
            let read = offsets.read(&mut piece)?;
            if read == 0 {
                break;
            }
            work.output.bytes(&piece[..read])?;
        }
        work.output.end_section("offsets");
        write_sorted(work, self.cuis, "cuis")?;
        write_sorted(work, self.words, "words")?;
        Ok(self.firms)
    }
}

/// Writes a whole sorter as a section.
pub(super) fn write_sorted<E: Entry>(work: &mut Work<'_>, sorter: Sorter<E>, section: &str) -> std::io::Result<u64> {
    let mut sorted = sorter.sorted()?;
    let (mut last, mut twice) = (None, 0);
    while let Some(entry) = sorted.next()? {
        if last == Some(entry) {
            twice += 1;
            continue;
        }
        work.output.entry(&entry)?;
        last = Some(entry);
    }
    work.output.end_section(section);
    Ok(twice)
}

/// The columns of a file, found at its first row.
pub(super) fn found<'c, const N: usize>(
    columns: &'c mut Option<Columns<N>>,
    file: &str,
    header: &[String],
    names: [&str; N],
) -> Result<&'c Columns<N>, ImportError> {
    if columns.is_none() {
        *columns = Some(Columns::find(file, header, names, &[])?);
    }
    Ok(columns.as_ref().expect("it was found just now"))
}

/// The state codes that a nomenclature has.
pub(super) fn known(states: &[(u32, String)]) -> HashSet<u32> {
    states.iter().map(|(code, _)| *code).collect()
}
