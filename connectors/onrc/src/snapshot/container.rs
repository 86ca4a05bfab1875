//! The file of a snapshot: sections one after the other, and a table of them at the end.
//!
//! It is written once from front to back and then never changed, so readers need no lock. Entries of a sorted section have
//! one width and are found by halving; nothing is mapped into memory, a file cut short under a reader is an error and not
//! a signal.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::os::unix::fs::FileExt;
use std::path::Path;

use serde::{Deserialize, Serialize};

use super::sorting::{Entry, WIDEST};

/// The last bytes of the file, after the length of the table.
const MAGIC: &[u8; 8] = b"ONRC\x00\x00\x00\x01";
/// Longest table that is read, in bytes.
const LONGEST_TABLE: u64 = 16 * 1024 * 1024;

/// Where a section is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Section {
    pub(super) offset: u64,
    pub(super) length: u64,
}

/// Writes a snapshot file.
pub(super) struct Writer {
    file: BufWriter<File>,
    position: u64,
    started: u64,
    sections: BTreeMap<String, Section>,
}

#[derive(Serialize, Deserialize)]
struct Table<F> {
    sections: BTreeMap<String, Section>,
    facts: F,
}

impl Writer {
    pub(super) fn create(path: &Path) -> io::Result<Self> {
        let file = BufWriter::with_capacity(1024 * 1024, File::create(path)?);
        Ok(Self { file, position: 0, started: 0, sections: BTreeMap::new() })
    }

    /// Bytes of the section that is being written.
    pub(super) fn written(&self) -> u64 {
        self.position - self.started
    }

    pub(super) fn bytes(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.position += bytes.len() as u64;
        self.file.write_all(bytes)
    }

    pub(super) fn entry<E: Entry>(&mut self, entry: &E) -> io::Result<()> {
        let mut bytes = [0; WIDEST];
        entry.write(&mut bytes[..E::WIDTH]);
        self.bytes(&bytes[..E::WIDTH])
    }

    /// Ends the section that is being written.
    pub(super) fn end_section(&mut self, name: &str) {
        let section = Section { offset: self.started, length: self.written() };
        self.sections.insert(name.to_owned(), section);
        self.started = self.position;
    }

    /// Reads back a section that was ended, while others are being written.
    pub(super) fn reopen(&mut self, path: &Path, name: &str) -> io::Result<Sequence> {
        self.file.flush()?;
        let section = self.sections.get(name).copied().unwrap_or(Section { offset: self.started, length: 0 });
        Ok(Sequence::new(File::open(path)?, section))
    }

    /// Writes the table and waits until the disk has all of it.
    pub(super) fn finish<F: Serialize>(mut self, facts: F) -> io::Result<u64> {
        let table = serde_json::to_vec(&Table { sections: std::mem::take(&mut self.sections), facts })?;
        let length = table.len() as u64;
        self.bytes(&table)?;
        self.bytes(&length.to_be_bytes())?;
        self.bytes(MAGIC)?;
        let position = self.position;
        self.file.into_inner().map_err(io::IntoInnerError::into_error)?.sync_all()?;
        Ok(position)
    }
}

/// An open snapshot file.
pub(super) struct Container {
    file: File,
    sections: BTreeMap<String, Section>,
}

impl Container {
    /// Opens a file and reads its table with the facts in it.
    pub(super) fn open<F: for<'d> Deserialize<'d>>(path: &Path) -> io::Result<(Self, F)> {
        let file = File::open(path)?;
        let size = file.metadata()?.len();
        let mut tail = [0; 16];
        file.read_exact_at(&mut tail, size.checked_sub(16).ok_or_else(not_a_snapshot)?)?;
        let length = super::entries::number(&tail[..8]);
        if &tail[8..] != MAGIC || length > LONGEST_TABLE || length > size - 16 {
            return Err(not_a_snapshot());
        }
        let mut table = vec![0; length as usize];
        file.read_exact_at(&mut table, size - 16 - length)?;
        let table: Table<F> = serde_json::from_slice(&table)?;
        let fits = |section: &Section| section.offset.checked_add(section.length).is_some_and(|end| end <= size);
        if !table.sections.values().all(fits) {
            return Err(not_a_snapshot());
        }
        Ok((Self { file, sections: table.sections }, table.facts))
    }

    pub(super) fn has(&self, name: &str) -> bool {
        self.sections.contains_key(name)
    }

    pub(super) fn section(&self, name: &str) -> Section {
        self.sections.get(name).copied().unwrap_or(Section { offset: 0, length: 0 })
    }

    /// How many entries a section has.
    pub(super) fn entries<E: Entry>(&self, name: &str) -> u64 {
        self.section(name).length / E::WIDTH as u64
    }

    /// One entry of a section.
    pub(super) fn entry<E: Entry>(&self, name: &str, position: u64) -> io::Result<E> {
        let mut bytes = [0; WIDEST];
        self.read(name, position * E::WIDTH as u64, &mut bytes[..E::WIDTH])?;
        Ok(E::read(&bytes[..E::WIDTH]))
    }

    /// Bytes of a section; asking beyond its end is an error.
    pub(super) fn read(&self, name: &str, from: u64, bytes: &mut [u8]) -> io::Result<()> {
        let section = self.section(name);
        if from.checked_add(bytes.len() as u64).is_none_or(|end| end > section.length) {
            return Err(not_a_snapshot());
        }
        self.file.read_exact_at(bytes, section.offset + from)
    }

    /// The position of the first entry that is not before what is looked for.
    pub(super) fn first<E: Entry>(&self, name: &str, is_before: impl Fn(&E) -> bool) -> io::Result<u64> {
        let (mut low, mut high) = (0, self.entries::<E>(name));
        while low < high {
            let middle = low + (high - low) / 2;
            if is_before(&self.entry::<E>(name, middle)?) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        Ok(low)
    }

    /// The entries from a position on for which something holds, at most so many.
    pub(super) fn run<E: Entry>(
        &self,
        name: &str,
        from: u64,
        most: usize,
        holds: impl Fn(&E) -> bool,
    ) -> io::Result<Vec<E>> {
        let mut found = Vec::new();
        let end = self.entries::<E>(name);
        for position in from..end {
            let entry = self.entry::<E>(name, position)?;
            if !holds(&entry) || found.len() == most {
                break;
            }
            found.push(entry);
        }
        Ok(found)
    }

    /// A section from front to back.
    pub(super) fn sequence(&self, name: &str) -> io::Result<Sequence> {
        Ok(Sequence::new(self.file.try_clone()?, self.section(name)))
    }
}

/// Entries of a section one after the other, read in large pieces.
pub(super) struct Sequence {
    file: File,
    next: u64,
    end: u64,
    window: Vec<u8>,
    at: usize,
}

impl Sequence {
    fn new(file: File, section: Section) -> Self {
        Self { file, next: section.offset, end: section.offset + section.length, window: Vec::new(), at: 0 }
    }

    pub(super) fn next<E: Entry>(&mut self) -> io::Result<Option<E>> {
        if self.at == self.window.len() {
            let most = (256 * 1024 / E::WIDTH * E::WIDTH) as u64;
            let length = (self.end - self.next).min(most) as usize / E::WIDTH * E::WIDTH;
            if length == 0 {
                return Ok(None);
            }
            self.window.resize(length, 0);
            self.file.read_exact_at(&mut self.window, self.next)?;
            self.next += length as u64;
            self.at = 0;
        }
        let entry = E::read(&self.window[self.at..self.at + E::WIDTH]);
        self.at += E::WIDTH;
        Ok(Some(entry))
    }
}

fn not_a_snapshot() -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, "the file is not a snapshot of the trade register, or is cut short")
}
