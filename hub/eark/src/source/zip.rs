//! A package that is a zip file, read so that two readers cannot see two different packages in it.
//!
//! The directory is read first and bounded; every local header must say the same; entries follow each other without a
//! gap from the first byte to the directory. Content is read a piece at a time, and ends with an error unless its length
//! and checksum are those of the directory. No encryption, no volumes, no links, no other methods than stored and deflated.

use std::io::{self, Read, Seek, SeekFrom};

use hub_signatures::asice::zip::checksum;

use super::inflate::Inflater;
use super::{Listed, Source};
use crate::finding::{Finding, Problem};

/// Longest directory that is read; 100,000 entries with long names stay below it.
const DIRECTORY_LIMIT: u64 = 64 << 20;
const DEFLATED: u16 = 8;
/// Flags that change nothing about the data: the compressor's effort, sizes after the data, UTF-8.
const HARMLESS_FLAGS: u16 = 0b110 | FLAG_DESCRIPTOR | FLAG_UTF8;
const FLAG_DESCRIPTOR: u16 = 1 << 3;
const FLAG_UTF8: u16 = 1 << 11;

/// A package in a zip file.
pub struct ZipSource<R> {
    input: R,
    root: String,
    entries: Vec<Entry>,
}

struct Entry {
    path: String,
    flags: u16,
    method: u16,
    crc: u32,
    stored: u64,
    size: u64,
    offset: u64,
    /// Where its content begins.
    content: u64,
}

type Found<T> = Result<T, Finding>;

fn broken(why: &'static str) -> Finding {
    Finding::new("", Problem::Zip(why))
}

fn unreadable(error: io::Error) -> Finding {
    Finding::new("", Problem::Unreadable(error.to_string()))
}

impl<R: Read + Seek> ZipSource<R> {
    /// The package in this file; nothing is read yet.
    pub fn new(input: R) -> Self {
        Self { input, root: String::new(), entries: Vec::new() }
    }

    fn bytes(&mut self, at: u64, count: usize) -> Found<Vec<u8>> {
        let mut bytes = vec![0; count];
        self.input.seek(SeekFrom::Start(at)).map_err(unreadable)?;
        self.input.read_exact(&mut bytes).map_err(|error| match error.kind() {
            io::ErrorKind::UnexpectedEof => broken("it is cut"),
            _ => unreadable(error),
        })?;
        Ok(bytes)
    }

    /// Place, length and count of the directory.
    fn end(&mut self) -> Found<(u64, u64, u64)> {
        let length = self.input.seek(SeekFrom::End(0)).map_err(unreadable)?;
        // A comment after the end could hide a second end; packages have none.
        let at = length.checked_sub(22).ok_or_else(|| broken("it is no zip file, or it is cut"))?;
        let end = self.bytes(at, 22)?;
        let mut fields = Fields(&end);
        if fields.u32() != Some(0x0605_4B50) {
            return Err(broken("it is no zip file, or it is cut, or it has a comment"));
        }
        let cut = || broken("its end is cut");
        let volumes = (fields.u16(), fields.u16());
        let (here, count) = (fields.u16().ok_or_else(cut)?, fields.u16().ok_or_else(cut)?);
        let (bytes, start) = (fields.u32().ok_or_else(cut)?, fields.u32().ok_or_else(cut)?);
        let large = count == u16::MAX || bytes == u32::MAX || start == u32::MAX;
        let (start, bytes, count, ends) =
            if large { self.large_end(at)? } else { (start.into(), bytes.into(), count.into(), at) };
        if volumes != (Some(0), Some(0))
            || (!large && u64::from(here) != count)
            || start.checked_add(bytes) != Some(ends)
        {
            return Err(broken("its directory is not where its end says"));
        }
        Ok((start, bytes, count))
    }

    fn large_end(&mut self, end: u64) -> Found<(u64, u64, u64, u64)> {
        let wrong = || broken("its end for large files is not right");
        let locator = self.bytes(end.checked_sub(20).ok_or_else(wrong)?, 20)?;
        let mut fields = Fields(&locator);
        let (signature, volume, place, volumes) = (fields.u32(), fields.u32(), fields.u64(), fields.u32());
        let place = place.filter(|place| place.checked_add(56 + 20) == Some(end)).ok_or_else(wrong)?;
        let record = self.bytes(place, 56)?;
        let mut fields = Fields(&record);
        let record_signature = fields.u32();
        fields.bytes(8 + 2 + 2 + 8);
        let (here, count, bytes, start) = (fields.u64(), fields.u64(), fields.u64(), fields.u64());
        let right = signature == Some(0x0706_4B50) && volume == Some(0) && volumes == Some(1);
        if !right || record_signature != Some(0x0606_4B50) || here != count {
            return Err(wrong());
        }
        Ok((start.ok_or_else(wrong)?, bytes.ok_or_else(wrong)?, count.ok_or_else(wrong)?, place))
    }

    fn directory(&mut self, most: usize) -> Found<u64> {
        let (start, length, count) = self.end()?;
        if count > most as u64 || length > DIRECTORY_LIMIT {
            return Err(Finding::new("", Problem::TooMany { limit: most }));
        }
        let directory = self.bytes(start, usize::try_from(length).expect("the directory is bounded"))?;
        let mut fields = Fields(&directory);
        for _ in 0..count {
            let entry = Entry::read(&mut fields)?;
            self.entries.push(entry);
        }
        if fields.0.is_empty() { Ok(start) } else { Err(broken("its directory holds more than it says")) }
    }

    /// Compares each local header with the directory; answers where the entry ends.
    fn local(&mut self, position: usize) -> Found<u64> {
        let (at, name) = (self.entries[position].offset, self.entries[position].path.clone());
        let header = self.bytes(at, 30)?;
        let two = || Finding::new(&name, Problem::Zip("its two headers say different things"));
        let mut fields = Fields(&header);
        let signature = fields.u32();
        fields.u16();
        let (flags, method) = (fields.u16(), fields.u16());
        fields.u32();
        let crc = fields.u32().ok_or_else(two)?;
        let (stored, size) = (fields.u32().ok_or_else(two)?, fields.u32().ok_or_else(two)?);
        let (named, extra) = (fields.u16().ok_or_else(two)?, fields.u16().ok_or_else(two)?);
        let rest = self.bytes(at + 30, usize::from(named) + usize::from(extra))?;
        let entry = &mut self.entries[position];
        let (told_name, extra) = rest.split_at(usize::from(named));
        let later = entry.flags & FLAG_DESCRIPTOR != 0;
        let large = large_numbers(extra).ok_or_else(two)?;
        let mut large = large.into_iter();
        let mut number = |told: u32| if told == u32::MAX { large.next() } else { Some(told.into()) };
        let (size, stored) = (number(size), number(stored));
        let same_numbers = (later && (crc, stored, size) == (0, Some(0), Some(0)))
            || (crc == entry.crc && stored == Some(entry.stored) && size == Some(entry.size));
        let same = signature == Some(0x0403_4B50) && flags == Some(entry.flags) && method == Some(entry.method);
        if !same || told_name != entry.path.as_bytes() || !same_numbers {
            return Err(two());
        }
        entry.content = at + 30 + u64::from(named) + extra.len() as u64;
        let end = entry.content.checked_add(entry.stored).ok_or_else(two)?;
        if later { self.descriptor(position, end) } else { Ok(end) }
    }

    /// Sizes and checksum that follow the data.
    fn descriptor(&mut self, position: usize, at: u64) -> Found<u64> {
        let entry = &self.entries[position];
        let (crc, stored, size, path) = (entry.crc, entry.stored, entry.size, entry.path.clone());
        let wrong = || Finding::new(&path, Problem::Zip("what follows its data says something else"));
        let (Ok(stored), Ok(size)) = (u32::try_from(stored), u32::try_from(size)) else { return Err(wrong()) };
        let expected: Vec<u8> = [crc, stored, size].iter().flat_map(|number| number.to_le_bytes()).collect();
        let bytes = self.bytes(at, 16)?;
        match bytes.strip_prefix(&0x0807_4B50_u32.to_le_bytes()) {
            Some(after) if after == expected => Ok(at + 16),
            _ if bytes[..12] == expected => Ok(at + 12),
            _ => Err(wrong()),
        }
    }
}

impl<R: Read + Seek> Source for ZipSource<R> {
    fn root(&self) -> &str {
        &self.root
    }

    fn list(&mut self, most: usize) -> Found<Vec<Listed>> {
        self.entries.clear();
        let directory = self.directory(most)?;
        self.entries.sort_by_key(|entry| entry.offset);
        let mut at = 0;
        for position in 0..self.entries.len() {
            if self.entries[position].offset != at {
                return Err(broken("there are bytes that belong to no file, or files that overlap"));
            }
            at = self.local(position)?;
        }
        if at != directory {
            return Err(broken("there are bytes that belong to no file"));
        }
        let folder_with_content = self.entries.iter().find(|entry| entry.path.ends_with('/') && entry.size > 0);
        if let Some(entry) = folder_with_content {
            return Err(Finding::new(&entry.path, Problem::Zip("a folder has content")));
        }
        self.entries.retain(|entry| !entry.path.ends_with('/'));
        // Checked before the root is taken off: a path must not climb over it.
        for entry in &self.entries {
            crate::path::check(&entry.path).map_err(|problem| Finding::new(&entry.path, Problem::Path(problem)))?;
        }
        let first = self.entries.first().ok_or_else(|| broken("it is empty"))?;
        let (root, _) = first.path.split_once('/').ok_or_else(|| Finding::new(&first.path, Problem::NoRoot))?;
        self.root = root.to_owned();
        for entry in &mut self.entries {
            let inside = entry.path.strip_prefix(&self.root).and_then(|path| path.strip_prefix('/'));
            entry.path = inside.ok_or_else(|| Finding::new(&entry.path, Problem::NoRoot))?.to_owned();
        }
        let listed = |entry: &Entry| Listed { path: entry.path.clone(), size: entry.size, stored: entry.stored };
        Ok(self.entries.iter().map(listed).collect())
    }

    fn open(&mut self, position: usize) -> io::Result<Box<dyn Read + '_>> {
        let entry = &self.entries[position];
        self.input.seek(SeekFrom::Start(entry.content))?;
        let stored = (&mut self.input).take(entry.stored);
        let inner: Box<dyn Read> =
            if entry.method == DEFLATED { Box::new(Inflater::new(stored)) } else { Box::new(stored) };
        Ok(Box::new(Checked { inner, left: entry.size, crc: 0, expected: entry.crc }))
    }
}

impl Entry {
    fn read(fields: &mut Fields<'_>) -> Found<Self> {
        let mut read = || {
            let signature = fields.u32()?;
            let made_by = fields.u16()?;
            fields.u16()?;
            let (flags, method) = (fields.u16()?, fields.u16()?);
            fields.u32()?;
            let (crc, stored, size) = (fields.u32()?, fields.u32()?, fields.u32()?);
            let (name, extra, comment, volume) = (fields.u16()?, fields.u16()?, fields.u16()?, fields.u16()?);
            fields.u16()?;
            let (attributes, offset) = (fields.u32()?, fields.u32()?);
            let (name, extra) = (fields.bytes(name.into())?, fields.bytes(extra.into())?);
            fields.bytes(comment.into())?;
            let mut large = large_numbers(extra)?.into_iter();
            let mut number = |told: u32| if told == u32::MAX { large.next() } else { Some(told.into()) };
            let (size, stored, offset) = (number(size)?, number(stored)?, number(offset)?);
            let path = String::from_utf8(name.to_vec()).ok()?;
            let plain = signature == 0x0201_4B50 && volume == 0 && (path.is_ascii() || flags & FLAG_UTF8 != 0);
            // A link, when the entry was made on a system that has them.
            let link = made_by >> 8 == 3 && (attributes >> 16) & 0xF000 == 0xA000;
            plain.then_some((Self { path, flags, method, crc, stored, size, offset, content: 0 }, link))
        };
        let (entry, link) = read().ok_or_else(|| broken("its directory is cut or has entries of another format"))?;
        let refuse = |why| Err(Finding::new(&entry.path, Problem::Zip(why)));
        match entry.method {
            _ if link => Err(Finding::new(&entry.path, Problem::Link)),
            _ if entry.flags & 1 != 0 => refuse("it is encrypted"),
            _ if entry.flags & !HARMLESS_FLAGS != 0 => refuse("it uses an extension that packages do not"),
            0 if entry.stored != entry.size => refuse("it has two lengths"),
            0 if entry.flags & FLAG_DESCRIPTOR != 0 => refuse("its length is told after its data"),
            0 | DEFLATED => Ok(entry),
            _ => refuse("it is compressed by a method that packages do not use"),
        }
    }
}

/// The numbers of the extension for large files; none when the extra field is malformed or renames the entry.
fn large_numbers(extra: &[u8]) -> Option<Vec<u64>> {
    let mut fields = Fields(extra);
    let mut numbers = Vec::new();
    while !fields.0.is_empty() {
        let (id, length) = (fields.u16()?, fields.u16()?);
        let mut field = Fields(fields.bytes(length.into())?);
        match id {
            0x0001 if numbers.is_empty() => {
                while let Some(number) = field.u64() {
                    numbers.push(number);
                }
            }
            // Given twice, or the Unicode path of Info-ZIP, which gives the entry a second name.
            0x0001 | 0x7075 => return None,
            _ => {}
        }
    }
    Some(numbers)
}

/// Content that must have a length and a checksum.
struct Checked<'r> {
    inner: Box<dyn Read + 'r>,
    left: u64,
    crc: u32,
    expected: u32,
}

impl Read for Checked<'_> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let damaged = |why| Err(io::Error::new(io::ErrorKind::InvalidData, why));
        let read = self.inner.read(out)?;
        self.left = match self.left.checked_sub(read as u64) {
            Some(left) => left,
            None => return damaged("it is longer than its header says"),
        };
        self.crc = checksum::extend(self.crc, &out[..read]);
        match read {
            0 if out.is_empty() => Ok(0),
            0 if self.left > 0 => damaged("it is shorter than its header says"),
            0 if self.crc != self.expected => damaged("its checksum is wrong"),
            read => Ok(read),
        }
    }
}

/// Reads little-endian numbers one after the other.
struct Fields<'c>(&'c [u8]);

impl<'c> Fields<'c> {
    fn bytes(&mut self, count: usize) -> Option<&'c [u8]> {
        let (read, rest) = self.0.split_at_checked(count)?;
        self.0 = rest;
        Some(read)
    }

    fn u16(&mut self) -> Option<u16> {
        self.bytes(2)?.try_into().ok().map(u16::from_le_bytes)
    }

    fn u32(&mut self) -> Option<u32> {
        self.bytes(4)?.try_into().ok().map(u32::from_le_bytes)
    }

    fn u64(&mut self) -> Option<u64> {
        self.bytes(8)?.try_into().ok().map(u64::from_le_bytes)
    }
}
