//! The few lines of DER (ITU-T X.690) that seals and time-stamps need: a strict reader and a writer of tagged values.
//!
//! The reader accepts definite lengths and low tag numbers only, never copies, never recurses.

/// Universal tags used here.
pub(crate) const INTEGER: u8 = 0x02;
pub(crate) const OCTET_STRING: u8 = 0x04;
pub(crate) const OID: u8 = 0x06;
pub(crate) const GENERALIZED_TIME: u8 = 0x18;
pub(crate) const SEQUENCE: u8 = 0x30;
pub(crate) const SET: u8 = 0x31;

/// Reads values one after the other.
#[derive(Clone, Copy)]
pub(crate) struct Reader<'d>(&'d [u8]);

impl<'d> Reader<'d> {
    pub(crate) fn new(data: &'d [u8]) -> Reader<'d> {
        Reader(data)
    }

    /// The tag of the next value.
    pub(crate) fn tag(&self) -> Option<u8> {
        self.0.first().copied()
    }

    /// The contents of the next value, which must have this tag.
    pub(crate) fn value(&mut self, tag: u8) -> Option<&'d [u8]> {
        let (&actual, rest) = self.0.split_first()?;
        let (&first, mut rest) = rest.split_first()?;
        if actual != tag {
            return None;
        }
        let length = if first < 0x80 {
            usize::from(first)
        } else {
            let count = usize::from(first & 0x7F);
            if count == 0 || count > 4 || rest.len() < count {
                return None;
            }
            let (bytes, after) = rest.split_at(count);
            rest = after;
            let length = bytes.iter().fold(0_usize, |length, byte| length << 8 | usize::from(*byte));
            // DER knows one form only: the shortest.
            if length < 0x80 || bytes[0] == 0 {
                return None;
            }
            length
        };
        if rest.len() < length {
            return None;
        }
        let (value, after) = rest.split_at(length);
        self.0 = after;
        Some(value)
    }

    /// The next value with its tag and length.
    pub(crate) fn whole(&mut self, tag: u8) -> Option<&'d [u8]> {
        let before = self.0;
        self.value(tag)?;
        Some(&before[..before.len() - self.0.len()])
    }

    /// A reader over the contents of the next SEQUENCE.
    pub(crate) fn sequence(&mut self) -> Option<Reader<'d>> {
        self.value(SEQUENCE).map(Reader)
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

/// One value: tag, length, contents.
pub(crate) fn value(tag: u8, contents: &[u8]) -> Vec<u8> {
    let mut out = vec![tag];
    let length = contents.len();
    if length < 0x80 {
        out.push(length as u8);
    } else {
        let bytes = length.to_be_bytes();
        let bytes = &bytes[bytes.iter().position(|byte| *byte != 0).unwrap_or(0)..];
        out.push(0x80 | bytes.len() as u8);
        out.extend_from_slice(bytes);
    }
    out.extend_from_slice(contents);
    out
}

/// A non-negative INTEGER from its big-endian bytes.
pub(crate) fn integer(magnitude: &[u8]) -> Vec<u8> {
    let start = magnitude.iter().position(|byte| *byte != 0).unwrap_or(magnitude.len());
    let mut contents = magnitude[start..].to_vec();
    // A leading zero keeps the number positive, and gives zero itself one byte.
    if contents.first().is_none_or(|byte| byte & 0x80 != 0) {
        contents.insert(0, 0);
    }
    value(INTEGER, &contents)
}
