//! What changed between two snapshots, as events.
//!
//! Both are read once, in the order of their numbers, in bounded memory. A firm that is left out of the new snapshot gives
//! no event: being left out is not being struck off. A change is seen by a hash of 32 bits, so one change in four thousand
//! million goes unseen.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::Path;

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::container::{Container, Sequence};
use super::entries::FirmEntry;
use super::facts::Facts;
use crate::company::State;
use crate::key::RegisterKey;

/// What happened to a firm, in the words of the profile (contract sheet section 10.2).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Change {
    /// It is there for the first time.
    Inmatriculare,
    /// Its name changed, by more than letters with cedilla and blanks.
    SchimbareDenumire,
    /// Its seat changed.
    SchimbareSediu,
    /// Its state codes changed.
    SchimbareStare,
    /// Its representatives changed; seen only between snapshots that have them.
    SchimbareAdministrator,
    /// Its authorised activities changed.
    SchimbareCaen,
    /// Its number is now printed in the other form.
    ConversieNumar,
    /// It was struck off.
    Radiere,
}

/// One event.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Event {
    /// Which event of its snapshot, from 1.
    pub numar: u64,
    /// What happened.
    pub eveniment: Change,
    /// The register number in its new form.
    pub nr_reg: String,
    /// The CUI, where the firm has one.
    pub cui: Option<String>,
    /// The snapshot in which it was seen.
    pub instantaneu: Date,
    /// The snapshot before.
    pub precedent: Date,
}

/// What a comparison gave.
#[derive(Debug, Default)]
pub(super) struct Changes {
    pub(super) events: BTreeMap<String, u64>,
    pub(super) gone: u64,
}

/// Compares two snapshots and writes the events, one JSON object a line.
pub(super) fn compare(old: (&Container, &Facts), new: (&Container, &Facts), events: &Path) -> io::Result<Changes> {
    let (mut before, mut after) = (Groups::of(old.0)?, Groups::of(new.0)?);
    let mut log = Log {
        file: BufWriter::new(File::create(events)?),
        dates: (old.1.snapshot, new.1.snapshot),
        with_persons: old.1.persons.is_some() && new.1.persons.is_some(),
        changes: Changes::default(),
        number: 0,
    };
    loop {
        let (was, is) = (before.key(), after.key());
        match (was, is) {
            (None, None) => break,
            (Some(key), other) if other.is_none_or(|other| key < other) => {
                log.changes.gone += before.take()?.len() as u64;
            }
            (other, Some(key)) if other.is_none_or(|other| key < other) => {
                for firm in after.take()? {
                    log.write(&firm, Change::Inmatriculare)?;
                }
            }
            _ => log.compare_group(before.take()?, after.take()?)?,
        }
    }
    log.file.into_inner().map_err(io::IntoInnerError::into_error)?.sync_all()?;
    Ok(log.changes)
}

/// The firms of one snapshot, number by number: a number may belong to several.
struct Groups {
    entries: Sequence,
    next: Option<FirmEntry>,
}

impl Groups {
    fn of(container: &Container) -> io::Result<Self> {
        let mut entries = container.sequence("firms")?;
        let mut next = entries.next::<FirmEntry>()?;
        // What has no readable number cannot be found again.
        while next.is_some_and(|firm| firm.key == 0) {
            next = entries.next()?;
        }
        Ok(Self { entries, next })
    }

    fn key(&self) -> Option<u64> {
        self.next.map(|firm| firm.key)
    }

    fn take(&mut self) -> io::Result<Vec<FirmEntry>> {
        let mut group = Vec::new();
        let key = self.key();
        while let Some(firm) = self.next.filter(|firm| Some(firm.key) == key) {
            group.push(firm);
            self.next = self.entries.next()?;
        }
        Ok(group)
    }
}

struct Log {
    file: BufWriter<File>,
    dates: (Date, Date),
    with_persons: bool,
    changes: Changes,
    number: u64,
}

impl Log {
    /// Firms of one number: paired by CUI first, then those left over in their order (a CUI may be given later).
    fn compare_group(&mut self, mut was: Vec<FirmEntry>, is: Vec<FirmEntry>) -> io::Result<()> {
        let mut unpaired = Vec::new();
        for firm in is {
            match was.iter().position(|one| one.cui == firm.cui) {
                Some(at) => self.compare_firm(&was.remove(at), &firm)?,
                None => unpaired.push(firm),
            }
        }
        let mut was = was.into_iter();
        for firm in unpaired {
            match was.next() {
                Some(before) => self.compare_firm(&before, &firm)?,
                None => self.write(&firm, Change::Inmatriculare)?,
            }
        }
        self.changes.gone += was.count() as u64;
        Ok(())
    }

    fn compare_firm(&mut self, was: &FirmEntry, is: &FirmEntry) -> io::Result<()> {
        let struck_off = State::Radiata.position();
        let radiated = is.state == struck_off && was.state != struck_off;
        let table = [
            (was.form != is.form, Change::ConversieNumar),
            (was.name != is.name, Change::SchimbareDenumire),
            (was.seat != is.seat, Change::SchimbareSediu),
            (was.states != is.states && !radiated, Change::SchimbareStare),
            (was.activities != is.activities, Change::SchimbareCaen),
            (self.with_persons && was.persons != is.persons, Change::SchimbareAdministrator),
            (radiated, Change::Radiere),
        ];
        for (_, change) in table.into_iter().filter(|(changed, _)| *changed) {
            self.write(is, change)?;
        }
        Ok(())
    }

    fn write(&mut self, firm: &FirmEntry, change: Change) -> io::Result<()> {
        let Some(key) = RegisterKey::unpack(firm.key) else { return Ok(()) };
        self.number += 1;
        let event = Event {
            numar: self.number,
            eveniment: change,
            nr_reg: key.number().to_string(),
            cui: (firm.cui != 0).then(|| firm.cui.to_string()),
            instantaneu: self.dates.1,
            precedent: self.dates.0,
        };
        let name = serde_json::to_value(change)?.as_str().unwrap_or_default().to_owned();
        *self.changes.events.entry(name).or_default() += 1;
        serde_json::to_writer(&mut self.file, &event)?;
        self.file.write_all(b"\n")
    }
}
