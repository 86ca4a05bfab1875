//! Zip files as an attacker or another program writes them: every field can be set apart.

/// One entry.
#[derive(Clone)]
pub struct Raw {
    pub name: String,
    /// The content; deflated when the method says so.
    pub content: Vec<u8>,
    pub method: u16,
    pub flags: u16,
    pub extra: Vec<u8>,
    pub attributes: u32,
    /// Sizes and checksum after the data.
    pub descriptor: bool,
    /// The name in front of the data, when it is to be another.
    pub local_name: Option<String>,
    pub told_size: Option<u32>,
    pub gap_after: Vec<u8>,
    /// The directory points to the entry before.
    pub offset_of_previous: bool,
}

impl Raw {
    pub fn stored(name: &str, content: &[u8]) -> Raw {
        Raw {
            name: name.to_owned(),
            content: content.to_vec(),
            method: 0,
            flags: if name.is_ascii() { 0 } else { 1 << 11 },
            extra: Vec::new(),
            attributes: 0,
            descriptor: false,
            local_name: None,
            told_size: None,
            gap_after: Vec::new(),
            offset_of_previous: false,
        }
    }

    pub fn deflate(&mut self) {
        self.method = 8;
    }
}

/// The zip file of these entries.
pub fn zip(entries: &[Raw]) -> Vec<u8> {
    let (mut out, mut directory, mut offset) = (Vec::new(), Vec::new(), 0);
    for entry in entries {
        let data = match entry.method {
            8 => miniz_oxide::deflate::compress_to_vec(&entry.content, 6),
            _ => entry.content.clone(),
        };
        let flags = if entry.descriptor { entry.flags | 8 } else { entry.flags };
        let size = entry.told_size.unwrap_or(entry.content.len() as u32);
        let sizes = [crc32(&entry.content), data.len() as u32, size].map(u32::to_le_bytes).concat();
        let kind = [20, flags, entry.method, 0x6000, 0x5A21].map(u16::to_le_bytes).concat();
        let lengths = |name: &str| [name.len() as u16, entry.extra.len() as u16].map(u16::to_le_bytes).concat();
        let local_name = entry.local_name.as_ref().unwrap_or(&entry.name);
        if !entry.offset_of_previous {
            offset = out.len() as u32;
        }
        out.extend(b"PK\x03\x04");
        out.extend(&kind);
        out.extend(if entry.descriptor { vec![0; 12] } else { sizes.clone() });
        out.extend(lengths(local_name));
        out.extend(local_name.as_bytes());
        out.extend(&entry.extra);
        out.extend(data);
        if entry.descriptor {
            out.extend(b"PK\x07\x08");
            out.extend(&sizes);
        }
        out.extend(&entry.gap_after);
        directory.extend(b"PK\x01\x02");
        directory.extend(0x0314_u16.to_le_bytes());
        directory.extend(&kind);
        directory.extend(&sizes);
        directory.extend(lengths(&entry.name));
        directory.extend([0; 6]);
        directory.extend(entry.attributes.to_le_bytes());
        directory.extend(offset.to_le_bytes());
        directory.extend(entry.name.as_bytes());
        directory.extend(&entry.extra);
    }
    let (start, length, count) = (out.len() as u32, directory.len() as u32, entries.len() as u16);
    out.extend(directory);
    out.extend(b"PK\x05\x06\0\0\0\0");
    out.extend([count, count].map(u16::to_le_bytes).concat());
    out.extend([length, start].map(u32::to_le_bytes).concat());
    out.extend([0; 2]);
    out
}

fn crc32(data: &[u8]) -> u32 {
    !data.iter().fold(u32::MAX, |crc, byte| {
        (0..8).fold(crc ^ u32::from(*byte), |crc, _| if crc & 1 == 1 { 0xEDB8_8320 ^ (crc >> 1) } else { crc >> 1 })
    })
}
