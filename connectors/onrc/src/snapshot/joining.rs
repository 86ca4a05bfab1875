//! Joins the firms, in the order of their numbers, with the states, activities and persons of the other files.

use super::container::Sequence;
use super::entries::{Fact, FirmEntry, Row};
use super::firms::FirmSorter;
use super::folding::hash;
use super::import::{ImportError, Work};
use super::sorting::Entry;
use crate::company::State;

/// Writes the section `firms`.
pub(super) fn join(work: &mut Work<'_>, firms: FirmSorter) -> Result<(), ImportError> {
    work.tell_joining();
    write(work, firms).map_err(|error| work.writing(error))
}

fn write(work: &mut Work<'_>, firms: FirmSorter) -> std::io::Result<()> {
    let staged = work.staged.clone();
    let mut states = Beside::<Fact>::new(work.output.reopen(&staged, "states")?);
    let mut activities = Beside::<Fact>::new(work.output.reopen(&staged, "activities")?);
    let mut representatives = Beside::<Row>::new(work.output.reopen(&staged, "representatives")?);
    let mut family = Beside::<Row>::new(work.output.reopen(&staged, "family")?);
    let mut firms = firms.sorted()?;
    let mut last: Option<FirmEntry> = None;
    let mut shares = false;
    while let Some(mut firm) = firms.next()? {
        states.move_to(firm.key)?;
        activities.move_to(firm.key)?;
        representatives.move_to(firm.key)?;
        family.move_to(firm.key)?;
        firm.state = State::of(states.values.iter().copied()).position();
        firm.states = states.hash();
        firm.activities = activities.hash();
        firm.persons = representatives.hash() ^ family.hash();
        if let Some(before) = last {
            let same = before.key == firm.key && firm.key != 0;
            work.counts.shared_number += u64::from(same || shares);
            shares = same;
            work.output.entry(&before)?;
        }
        work.counts.without_state += u64::from(states.values.is_empty());
        last = Some(firm);
    }
    if let Some(before) = last {
        work.counts.shared_number += u64::from(shares);
        work.output.entry(&before)?;
    }
    work.output.end_section("firms");
    work.counts.states_without_firm = states.finish()?;
    work.counts.activities_without_firm = activities.finish()?;
    Ok(())
}

/// What another section says about a firm.
trait AboutFirm: Entry {
    fn key(&self) -> u64;
    fn value(&self) -> u32;
}

impl AboutFirm for Fact {
    fn key(&self) -> u64 {
        Fact::key(*self)
    }

    fn value(&self) -> u32 {
        Fact::value(*self)
    }
}

impl AboutFirm for Row {
    fn key(&self) -> u64 {
        self.key
    }

    fn value(&self) -> u32 {
        self.hash
    }
}

/// A sorted section read beside the firms.
struct Beside<E> {
    entries: Sequence,
    next: Option<E>,
    key: u64,
    values: Vec<u32>,
    started: bool,
    without_firm: u64,
}

impl<E: AboutFirm> Beside<E> {
    fn new(entries: Sequence) -> Self {
        Self { entries, next: None, key: 0, values: Vec::new(), started: false, without_firm: 0 }
    }

    /// Collects what is said about a firm. Keys come in order, the same one may come again.
    fn move_to(&mut self, key: u64) -> std::io::Result<()> {
        if !self.started {
            self.started = true;
            self.next = self.entries.next()?;
        }
        if key == self.key && key != 0 {
            return Ok(());
        }
        self.key = key;
        self.values.clear();
        while let Some(entry) = self.next {
            if entry.key() > key {
                break;
            }
            if entry.key() == key {
                self.values.push(entry.value());
            } else {
                self.without_firm += 1;
            }
            self.next = self.entries.next()?;
        }
        Ok(())
    }

    /// The same for the same set: 0 for the empty one.
    fn hash(&mut self) -> u32 {
        if self.values.is_empty() {
            return 0;
        }
        self.values.sort_unstable();
        let bytes: Vec<u8> = self.values.iter().flat_map(|value| value.to_be_bytes()).collect();
        hash(&bytes)
    }

    /// Counts what is left over; answers how many entries had no firm.
    fn finish(mut self) -> std::io::Result<u64> {
        if !self.started {
            self.next = self.entries.next()?;
        }
        while self.next.is_some() {
            self.without_firm += 1;
            self.next = self.entries.next()?;
        }
        Ok(self.without_firm)
    }
}
