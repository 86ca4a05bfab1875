//! The fixed-width entries of a snapshot file: numbers in big-endian order, widths that never change within a format.

use super::sorting::Entry;

/// One firm: where it is, and what it looked like, so that two snapshots can be compared without reading the texts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub(super) struct FirmEntry {
    /// The packed register number; 0 where it cannot be read.
    pub(super) key: u64,
    /// The CUI as a number; 0 where it has none.
    pub(super) cui: u64,
    /// Which record of the file, from 0.
    pub(super) ordinal: u32,
    /// Hash of the folded name.
    pub(super) name: u32,
    /// Hash of the folded seat.
    pub(super) seat: u32,
    /// Hash of the set of state codes.
    pub(super) states: u32,
    /// Hash of the set of authorised activities.
    pub(super) activities: u32,
    /// Hash of the set of representatives; 0 where they were not imported.
    pub(super) persons: u32,
    /// 0 unreadable, 1 old form, 2 new form.
    pub(super) form: u8,
    /// County number (contract sheet fact: 1–40, 51, 52); 0 unknown.
    pub(super) county: u8,
    /// The normalised state, as its position in [`crate::company::State::ALL`].
    pub(super) state: u8,
}

impl Entry for FirmEntry {
    const WIDTH: usize = 43;

    fn write(&self, to: &mut [u8]) {
        to[0..8].copy_from_slice(&self.key.to_be_bytes());
        to[8..16].copy_from_slice(&self.cui.to_be_bytes());
        let words = [self.ordinal, self.name, self.seat, self.states, self.activities, self.persons];
        for (at, word) in words.into_iter().enumerate() {
            to[16 + at * 4..20 + at * 4].copy_from_slice(&word.to_be_bytes());
        }
        to[40..43].copy_from_slice(&[self.form, self.county, self.state]);
    }

    fn read(from: &[u8]) -> Self {
        let word = |at: usize| number(&from[16 + at * 4..20 + at * 4]) as u32;
        Self {
            key: number(&from[0..8]),
            cui: number(&from[8..16]),
            ordinal: word(0),
            name: word(1),
            seat: word(2),
            states: word(3),
            activities: word(4),
            persons: word(5),
            form: from[40],
            county: from[41],
            state: from[42],
        }
    }
}

/// A CUI and the record that has it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct CuiEntry {
    pub(super) cui: u64,
    pub(super) ordinal: u32,
}

impl Entry for CuiEntry {
    const WIDTH: usize = 12;

    fn write(&self, to: &mut [u8]) {
        to[0..8].copy_from_slice(&self.cui.to_be_bytes());
        to[8..12].copy_from_slice(&self.ordinal.to_be_bytes());
    }

    fn read(from: &[u8]) -> Self {
        Self { cui: number(&from[0..8]), ordinal: number(&from[8..12]) as u32 }
    }
}

/// The first eight bytes of a folded word of a name, and the record that has it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Word {
    pub(super) prefix: u64,
    pub(super) ordinal: u32,
}

impl Entry for Word {
    const WIDTH: usize = 12;

    fn write(&self, to: &mut [u8]) {
        to[0..8].copy_from_slice(&self.prefix.to_be_bytes());
        to[8..12].copy_from_slice(&self.ordinal.to_be_bytes());
    }

    fn read(from: &[u8]) -> Self {
        Self { prefix: number(&from[0..8]), ordinal: number(&from[8..12]) as u32 }
    }
}

/// A firm's key and one short fact about it: a state code, or an activity and its revision.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Fact(u64);

impl Fact {
    /// `value` has at most 20 bits.
    pub(super) fn new(key: u64, value: u32) -> Fact {
        Fact(key << 20 | u64::from(value & 0xF_FFFF))
    }

    pub(super) fn key(self) -> u64 {
        self.0 >> 20
    }

    pub(super) fn value(self) -> u32 {
        (self.0 & 0xF_FFFF) as u32
    }
}

impl Entry for Fact {
    const WIDTH: usize = 8;

    fn write(&self, to: &mut [u8]) {
        to.copy_from_slice(&self.0.to_be_bytes());
    }

    fn read(from: &[u8]) -> Self {
        Fact(number(from))
    }
}

/// A firm's key, where a longer row about it stands in the file, and the hash of that row.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Row {
    pub(super) key: u64,
    pub(super) hash: u32,
    pub(super) offset: u64,
}

impl Entry for Row {
    const WIDTH: usize = 20;

    fn write(&self, to: &mut [u8]) {
        to[0..8].copy_from_slice(&self.key.to_be_bytes());
        to[8..12].copy_from_slice(&self.hash.to_be_bytes());
        to[12..20].copy_from_slice(&self.offset.to_be_bytes());
    }

    fn read(from: &[u8]) -> Self {
        Self { key: number(&from[0..8]), hash: number(&from[8..12]) as u32, offset: number(&from[12..20]) }
    }
}

pub(super) fn number(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0, |number, byte| number << 8 | u64::from(*byte))
}

/// The value of ASCII digits; callers have checked that they are digits.
pub(super) fn decimal(digits: &[u8]) -> u64 {
    digits.iter().fold(0, |number, digit| number * 10 + u64::from(digit - b'0'))
}
