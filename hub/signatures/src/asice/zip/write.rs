//! Writes entries stored, in the given order, all dated 1 January 1980: the bytes depend on nothing else.
//!
//! It may assume that names are checked and unique. Nothing is compressed: what a package holds is mostly compressed
//! already, and the output of a compressor changes with its version.

use super::checksum::crc32;
use super::{CENTRAL_HEADER, END_RECORD, FLAG_UTF8, LOCAL_HEADER, STORED};

/// 1 January 1980, 00:00:00, the first instant the format knows.
const DATE: u16 = 0x0021;
/// Version 2.0 of the format is enough.
const VERSION: u16 = 20;
/// Written as by Unix: extraction programs take names of other systems for another character set, flag or no flag.
const MADE_BY: u16 = 3 << 8 | VERSION;
/// A plain file that its owner may write and everybody may read.
const ATTRIBUTES: u32 = 0o100_644 << 16;

/// The zip file of these entries; none when the format without its extensions for large files cannot hold them.
#[must_use]
pub fn write(entries: &[(&str, &[u8])]) -> Option<Vec<u8>> {
    let room: usize = entries.iter().map(|(name, content)| 76 + 2 * name.len() + content.len()).sum();
    if u32::try_from(room + 22).is_err() || entries.len() >= usize::from(u16::MAX) {
        return None;
    }
    let mut out = Vec::with_capacity(room + 22);
    let mut directory = Vec::new();
    for (name, content) in entries {
        let offset = u32::try_from(out.len()).ok()?;
        let described = describe(name, content)?;
        out.extend(LOCAL_HEADER.to_le_bytes());
        out.extend(&described);
        out.extend(name.as_bytes());
        out.extend(*content);
        directory.extend(CENTRAL_HEADER.to_le_bytes());
        directory.extend(MADE_BY.to_le_bytes());
        directory.extend(&described);
        // No comment, first volume, nothing internal.
        directory.extend([0; 6]);
        directory.extend(ATTRIBUTES.to_le_bytes());
        directory.extend(offset.to_le_bytes());
        directory.extend(name.as_bytes());
    }
    let count = u16::try_from(entries.len()).ok()?.to_le_bytes();
    let (start, length) = (u32::try_from(out.len()).ok()?, u32::try_from(directory.len()).ok()?);
    out.extend(directory);
    out.extend(END_RECORD.to_le_bytes());
    out.extend([0; 4]);
    out.extend(count);
    out.extend(count);
    out.extend(length.to_le_bytes());
    out.extend(start.to_le_bytes());
    out.extend([0; 2]);
    Some(out)
}

/// The 26 bytes that both headers of an entry share.
fn describe(name: &str, content: &[u8]) -> Option<Vec<u8>> {
    let flags = if name.is_ascii() { 0 } else { FLAG_UTF8 };
    let size = u32::try_from(content.len()).ok()?.to_le_bytes();
    let mut described = Vec::with_capacity(26);
    for field in [VERSION, flags, STORED, 0, DATE] {
        described.extend(field.to_le_bytes());
    }
    described.extend(crc32(content).to_le_bytes());
    described.extend(size);
    described.extend(size);
    described.extend(u16::try_from(name.len()).ok()?.to_le_bytes());
    described.extend([0; 2]);
    Some(described)
}
