//! Reads a zip file so strictly that two readers cannot see two different packages in it.
//!
//! The directory is read first, then every local header is compared with it; entries must follow each other without a
//! gap from the first byte to the directory, and the directory must end where the end record starts. Sizes are checked
//! against the limits before anything is inflated. Folders are checked and left out.

use std::borrow::Cow;

use miniz_oxide::inflate::TINFLStatus;
use miniz_oxide::inflate::core::{DecompressorOxide, decompress, inflate_flags};

use super::checksum::crc32;
use super::{CENTRAL_HEADER, DEFLATED, DESCRIPTOR, END_RECORD, FLAG_DESCRIPTOR, FLAG_UTF8, LOCAL_HEADER, STORED};
use crate::asice::container::{EntryProblem, Limits, OpenError};
use crate::asice::name;

/// Flags that change nothing about the data: the compressor's effort, sizes after the data, UTF-8.
const HARMLESS_FLAGS: u16 = 0b110 | FLAG_DESCRIPTOR | FLAG_UTF8;
/// Extra fields that give an entry another size or another name: zip64 and the Unicode path of Info-ZIP.
const REFUSED_EXTRA: [u16; 2] = [0x0001, 0x7075];
/// Sizes from which the compression ratio is looked at; below it a bomb cannot hurt.
const SMALL: usize = 64 * 1024;

/// One file of the container.
#[derive(Debug)]
pub struct Entry<'c> {
    /// Its name: relative, without `..`, and no other entry has it.
    pub name: String,
    /// Its bytes, inflated where they were compressed.
    pub content: Cow<'c, [u8]>,
    /// Whether it is stored as it is, with neither an extra field nor sizes after the data.
    pub plain: bool,
}

/// The files of a zip file in the order of their bytes.
///
/// # Errors
/// An [`OpenError`] that tells the first thing that is not acceptable.
pub fn read<'c>(bytes: &'c [u8], limits: &Limits) -> Result<Vec<Entry<'c>>, OpenError> {
    if bytes.len() > limits.container_bytes {
        return Err(OpenError::TooLarge { limit: limits.container_bytes });
    }
    let end = EndRecord::find(bytes)?;
    if end.count > limits.entries {
        return Err(OpenError::TooManyEntries { count: end.count, limit: limits.entries });
    }
    let mut headers = read_directory(bytes, &end)?;
    name::check_all(headers.iter().map(|header| header.name.as_str()))
        .map_err(|(name, problem)| OpenError::Name { name: name.to_owned(), problem })?;
    headers.sort_by_key(|header| header.offset);
    check_sizes(&headers, limits)?;
    let mut entries = Vec::with_capacity(headers.len());
    let mut at = 0;
    for header in headers {
        if header.offset != at {
            return Err(OpenError::Gap);
        }
        let mut fields = Fields(&bytes[at..end.directory]);
        let (data, plain) = header.read_local(&mut fields)?;
        at = end.directory - fields.0.len();
        let content = header.content(data)?;
        if !header.name.ends_with('/') {
            entries.push(Entry { name: header.name, content, plain });
        } else if !content.is_empty() {
            return Err(OpenError::Entry { name: header.name, problem: EntryProblem::FolderWithContent });
        }
    }
    if at != end.directory {
        return Err(OpenError::Gap);
    }
    Ok(entries)
}

/// Where the directory is, and how many entries it has.
struct EndRecord {
    count: usize,
    directory: usize,
    directory_end: usize,
}

impl EndRecord {
    /// The one end record, after which at most its own comment may follow.
    fn find(bytes: &[u8]) -> Result<EndRecord, OpenError> {
        let not_zip = || OpenError::Truncated;
        let last = bytes.len().checked_sub(22).ok_or_else(not_zip)?;
        let signature = END_RECORD.to_le_bytes();
        let first = last.saturating_sub(usize::from(u16::MAX));
        // Most bytes are told apart by the first comparison alone, so it is one that is quick.
        let candidates = bytes[first..].windows(signature.len()).enumerate();
        let mut places = candidates.filter(|(_, four)| *four == signature).map(|(at, _)| first + at).filter(|at| {
            let comment = bytes.get(at + 20..at + 22).map(|two| u16::from_le_bytes([two[0], two[1]]));
            comment.is_some_and(|comment| at + 22 + usize::from(comment) == bytes.len())
        });
        let (Some(at), None) = (places.next(), places.next()) else { return Err(not_zip()) };
        let mut fields = Fields(&bytes[at + 4..]);
        let mut read = || -> Option<EndRecord> {
            let volumes = (fields.u16()?, fields.u16()?);
            let (here, count) = (fields.u16()?, fields.u16()?);
            let (length, directory) = (fields.size()?, fields.size()?);
            let single = volumes == (0, 0) && here == count;
            let (count, directory_end) = (usize::from(count), directory.checked_add(length)?);
            (single && directory_end == at).then_some(EndRecord { count, directory, directory_end })
        };
        read().ok_or(OpenError::Malformed("its directory is not where its end says"))
    }
}

/// One entry as the directory tells it.
struct Header {
    name: String,
    flags: u16,
    method: u16,
    time: u32,
    crc: u32,
    compressed: usize,
    size: usize,
    offset: usize,
}

fn read_directory(bytes: &[u8], end: &EndRecord) -> Result<Vec<Header>, OpenError> {
    let mut fields = Fields(&bytes[end.directory..end.directory_end]);
    let mut headers = Vec::with_capacity(end.count);
    for _ in 0..end.count {
        headers.push(Header::read(&mut fields)?);
    }
    if fields.0.is_empty() { Ok(headers) } else { Err(OpenError::Malformed("its directory holds more than it says")) }
}

/// The bounds of [`Limits`] on every entry and on all of them, by what the directory says.
fn check_sizes(headers: &[Header], limits: &Limits) -> Result<(), OpenError> {
    let mut total = 0_usize;
    for header in headers {
        let name = || header.name.clone();
        if header.size > limits.file_bytes {
            return Err(OpenError::FileTooLarge { name: name(), limit: limits.file_bytes });
        }
        if header.size > SMALL && header.size / header.compressed.max(1) > limits.ratio {
            return Err(OpenError::Bomb { name: name(), limit: limits.ratio });
        }
        total = total.saturating_add(header.size);
    }
    if total > limits.total_bytes { Err(OpenError::TooMuch { limit: limits.total_bytes }) } else { Ok(()) }
}

impl Header {
    fn read(fields: &mut Fields<'_>) -> Result<Header, OpenError> {
        let mut read = || {
            fields.signature(CENTRAL_HEADER)?;
            let made_by = fields.u16()?;
            let _version = fields.u16()?;
            let (flags, method, time) = (fields.u16()?, fields.u16()?, fields.u32()?);
            let (crc, compressed, size) = (fields.u32()?, fields.size()?, fields.size()?);
            let (name, extra, comment) = (fields.u16()?, fields.u16()?, fields.u16()?);
            let volume = fields.u16()?;
            let _internal = fields.u16()?;
            let attributes = fields.u32()?;
            let offset = fields.size()?;
            let (name, extra) = (fields.bytes(name.into())?, fields.bytes(extra.into())?);
            fields.bytes(comment.into())?;
            // A symbolic link, when the entry was made on a system that has them.
            let link = made_by >> 8 == 3 && (attributes >> 16) & 0xF000 == 0xA000;
            Some((
                Header { name: String::new(), flags, method, time, crc, compressed, size, offset },
                name,
                extra,
                volume,
                link,
            ))
        };
        let (header, name, extra, volume, link) =
            read().ok_or(OpenError::Malformed("its directory is cut or has entries of another format"))?;
        let header = Header { name: checked_name(name, header.flags)?, ..header };
        let refuse = |problem| Err(OpenError::Entry { name: header.name.clone(), problem });
        match header.method {
            _ if header.flags & 1 != 0 => refuse(EntryProblem::Encrypted),
            _ if header.flags & !HARMLESS_FLAGS != 0 => refuse(EntryProblem::Feature),
            STORED if header.size != header.compressed => refuse(EntryProblem::TwoSizes),
            STORED if header.flags & FLAG_DESCRIPTOR != 0 => refuse(EntryProblem::SizeAfter),
            STORED | DEFLATED if link => refuse(EntryProblem::Link),
            STORED | DEFLATED if volume != 0 || !harmless_extra(extra) => refuse(EntryProblem::Beside),
            STORED | DEFLATED => Ok(header),
            _ => refuse(EntryProblem::Method),
        }
    }

    /// The data of the entry, after its local header was found to say the same as the directory.
    fn read_local<'c>(&self, fields: &mut Fields<'c>) -> Result<(&'c [u8], bool), OpenError> {
        let later = self.flags & FLAG_DESCRIPTOR != 0;
        let mut read = || {
            fields.signature(LOCAL_HEADER)?;
            let _version = fields.u16()?;
            let same_kind = (fields.u16()?, fields.u16()?, fields.u32()?) == (self.flags, self.method, self.time);
            let told = (fields.u32()?, fields.size()?, fields.size()?);
            let (name, extra) = (fields.u16()?, fields.u16()?);
            let same_name = fields.bytes(name.into())? == self.name.as_bytes();
            let extra = fields.bytes(extra.into())?;
            let data = fields.bytes(self.compressed)?;
            let described = (self.crc, self.compressed, self.size);
            let same_size = if later {
                fields.skip_signature(DESCRIPTOR);
                let after = (fields.u32()?, fields.size()?, fields.size()?);
                after == described && (told == described || told == (0, 0, 0))
            } else {
                told == described
            };
            let same = same_kind && same_name && same_size && harmless_extra(extra);
            same.then_some((data, self.method == STORED && !later && extra.is_empty()))
        };
        read().ok_or(OpenError::Entry { name: self.name.clone(), problem: EntryProblem::TwoDescriptions })
    }

    /// The content, inflated when need be, of exactly the size and checksum that were told.
    fn content<'c>(&self, data: &'c [u8]) -> Result<Cow<'c, [u8]>, OpenError> {
        let refuse = |problem| OpenError::Entry { name: self.name.clone(), problem };
        let content = if self.method == STORED {
            Cow::Borrowed(data)
        } else {
            Cow::Owned(inflate(data, self.size).ok_or_else(|| refuse(EntryProblem::WrongSize))?)
        };
        if crc32(&content) == self.crc { Ok(content) } else { Err(refuse(EntryProblem::Checksum)) }
    }
}

/// Inflates all of `data` into exactly `size` bytes.
fn inflate(data: &[u8], size: usize) -> Option<Vec<u8>> {
    let mut out = vec![0; size];
    let flags = inflate_flags::TINFL_FLAG_USING_NON_WRAPPING_OUTPUT_BUF;
    let (status, read, written) = decompress(&mut DecompressorOxide::new(), data, &mut out, 0, flags);
    (status == TINFLStatus::Done && read == data.len() && written == size).then_some(out)
}

/// The name in UTF-8, checked; a folder keeps its last slash.
fn checked_name(bytes: &[u8], flags: u16) -> Result<String, OpenError> {
    let name = std::str::from_utf8(bytes).ok().filter(|name| name.is_ascii() || flags & FLAG_UTF8 != 0);
    let name = name.ok_or(OpenError::Malformed("a name in it is not UTF-8, or does not say that it is"))?;
    let problem = name::check(name.strip_suffix('/').unwrap_or(name)).err();
    problem.map_or(Ok(name.to_owned()), |problem| Err(OpenError::Name { name: name.to_owned(), problem }))
}

/// Whether extra fields are well formed and none changes what the entry is.
fn harmless_extra(extra: &[u8]) -> bool {
    let mut fields = Fields(extra);
    while !fields.0.is_empty() {
        let mut next = || {
            let (id, length) = (fields.u16()?, fields.u16()?);
            fields.bytes(length.into())?;
            Some(id)
        };
        if next().is_none_or(|id| REFUSED_EXTRA.contains(&id)) {
            return false;
        }
    }
    true
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

    fn size(&mut self) -> Option<usize> {
        self.u32().and_then(|size| usize::try_from(size).ok())
    }

    fn signature(&mut self, expected: u32) -> Option<()> {
        (self.u32()? == expected).then_some(())
    }

    fn skip_signature(&mut self, expected: u32) {
        if self.0.starts_with(&expected.to_le_bytes()) {
            self.0 = &self.0[4..];
        }
    }
}
