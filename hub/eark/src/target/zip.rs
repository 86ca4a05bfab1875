//! A package as a zip file (PKWARE APPNOTE 6.3.3), every file stored as it is, with the extensions for large files where
//! sizes, places or counts need them. All entries are dated 1 January 1980, so the bytes depend on the content alone.

use std::io::{self, Read, Seek, SeekFrom, Write};

use hub_signatures::asice::zip::checksum;

use super::{Put, Target, copy};

const DATE: u16 = 0x0021;
const FLAG_UTF8: u16 = 1 << 11;
/// Written as by Unix, a plain file that its owner may write and everybody may read.
const MADE_BY: u16 = 3 << 8 | 45;
const ATTRIBUTES: u32 = 0o100_644 << 16;
/// Stands where the extension for large files has the number.
const ELSEWHERE: u32 = u32::MAX;
const ELSEWHERE_SHORT: u16 = u16::MAX;

/// A package as a zip file with one root folder, named like the package.
pub struct ZipTarget<W> {
    out: W,
    root: String,
    at: u64,
    directory: Vec<u8>,
    count: u64,
}

impl<W: Write + Seek> ZipTarget<W> {
    /// Begins the file at the place where `out` stands, which must be its beginning.
    pub fn new(out: W, id: &str) -> Self {
        Self { out, root: id.to_owned(), at: 0, directory: Vec::new(), count: 0 }
    }

    /// What was written to, after [`Target::finish`].
    pub fn into_inner(self) -> W {
        self.out
    }

    fn describe(&mut self, name: &str, crc: u32, size: u64, offset: u64) {
        let mut extra = Vec::new();
        let small = |value: u64, extra: &mut Vec<u8>| {
            u32::try_from(value).ok().filter(|value| *value != ELSEWHERE).unwrap_or_else(|| {
                extra.extend(value.to_le_bytes());
                ELSEWHERE
            })
        };
        // The order within the extra field is: length, stored length, place.
        let length = small(size, &mut extra);
        let stored = small(size, &mut extra);
        let place = small(offset, &mut extra);
        if !extra.is_empty() {
            let length = u16::try_from(extra.len()).expect("three numbers are short");
            extra.splice(0..0, [1_u16.to_le_bytes(), length.to_le_bytes()].concat());
        }
        self.directory.extend(0x0201_4B50_u32.to_le_bytes());
        self.directory.extend(MADE_BY.to_le_bytes());
        self.directory.extend(fixed(name, crc, (stored, length), extra.len()));
        // No comment, first volume, nothing internal.
        self.directory.extend([0; 6]);
        self.directory.extend(ATTRIBUTES.to_le_bytes());
        self.directory.extend(place.to_le_bytes());
        self.directory.extend(name.as_bytes());
        self.directory.extend(extra);
        self.count += 1;
    }
}

/// The 26 bytes that both headers of an entry share.
fn fixed(name: &str, crc: u32, (stored, length): (u32, u32), extra: usize) -> Vec<u8> {
    let flags = if name.is_ascii() { 0 } else { FLAG_UTF8 };
    let name = u16::try_from(name.len()).expect("a checked path is short");
    let extra = u16::try_from(extra).expect("an extra field is short");
    let mut out = Vec::with_capacity(26);
    for short in [45, flags, 0, 0, DATE] {
        out.extend(short.to_le_bytes());
    }
    for long in [crc, stored, length] {
        out.extend(long.to_le_bytes());
    }
    out.extend(name.to_le_bytes());
    out.extend(extra.to_le_bytes());
    out
}

impl<W: Write + Seek> Target for ZipTarget<W> {
    fn put(&mut self, path: &str, size: u64, content: &mut dyn Read) -> io::Result<Put> {
        let name = format!("{}/{path}", self.root);
        let offset = self.at;
        let length = u32::try_from(size).ok().filter(|size| *size != ELSEWHERE);
        let mut extra = Vec::new();
        if length.is_none() {
            extra.extend(1_u16.to_le_bytes());
            extra.extend(16_u16.to_le_bytes());
            extra.extend(size.to_le_bytes());
            extra.extend(size.to_le_bytes());
        }
        let length = length.unwrap_or(ELSEWHERE);
        self.out.write_all(&0x0403_4B50_u32.to_le_bytes())?;
        self.out.write_all(&fixed(&name, 0, (length, length), extra.len()))?;
        self.out.write_all(name.as_bytes())?;
        self.out.write_all(&extra)?;
        let mut crc = 0;
        let out = &mut self.out;
        let put = copy(size, content, |chunk| {
            crc = checksum::extend(crc, chunk);
            out.write_all(chunk)
        })?;
        self.at = offset + 30 + name.len() as u64 + extra.len() as u64 + size;
        // The checksum stands before the content it is of, so it is put in afterwards.
        self.out.seek(SeekFrom::Start(offset + 14))?;
        self.out.write_all(&crc.to_le_bytes())?;
        self.out.seek(SeekFrom::Start(self.at))?;
        self.describe(&name, crc, size, offset);
        Ok(put)
    }

    fn finish(&mut self) -> io::Result<()> {
        let (start, length) = (self.at, self.directory.len() as u64);
        self.out.write_all(&self.directory)?;
        let large = self.count >= u64::from(ELSEWHERE_SHORT)
            || start >= u64::from(ELSEWHERE)
            || start + length >= u64::from(ELSEWHERE);
        if large {
            self.out.write_all(&large_end(self.count, length, start))?;
        }
        let short = |value: u64| u16::try_from(value).unwrap_or(ELSEWHERE_SHORT);
        let long = |value: u64| u32::try_from(value).unwrap_or(ELSEWHERE);
        self.out.write_all(&0x0605_4B50_u32.to_le_bytes())?;
        self.out.write_all(&[0; 4])?;
        self.out.write_all(&short(self.count).to_le_bytes())?;
        self.out.write_all(&short(self.count).to_le_bytes())?;
        self.out.write_all(&long(length).to_le_bytes())?;
        self.out.write_all(&long(start).to_le_bytes())?;
        self.out.write_all(&[0; 2])?;
        self.out.flush()
    }
}

/// The end record of large files, and the one that leads to it.
fn large_end(count: u64, length: u64, start: u64) -> Vec<u8> {
    let mut out = Vec::new();
    out.extend(0x0606_4B50_u32.to_le_bytes());
    out.extend(44_u64.to_le_bytes());
    out.extend(MADE_BY.to_le_bytes());
    out.extend(45_u16.to_le_bytes());
    out.extend([0; 8]);
    for number in [count, count, length, start] {
        out.extend(number.to_le_bytes());
    }
    out.extend(0x0706_4B50_u32.to_le_bytes());
    out.extend([0; 4]);
    out.extend((start + length).to_le_bytes());
    out.extend(1_u32.to_le_bytes());
    out
}
