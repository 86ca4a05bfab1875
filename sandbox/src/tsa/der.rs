//! The few lines of DER (ITU-T X.690) that the protocol needs.

pub(super) const BOOLEAN: u8 = 0x01;
pub(super) const INTEGER: u8 = 0x02;
pub(super) const OCTET_STRING: u8 = 0x04;
pub(super) const OID: u8 = 0x06;
pub(super) const SEQUENCE: u8 = 0x30;
pub(super) const SET: u8 = 0x31;

/// One value: tag, length, contents.
pub(super) fn value(tag: u8, contents: &[u8]) -> Vec<u8> {
    let length = contents.len().to_be_bytes();
    let length = &length[length.iter().position(|byte| *byte != 0).unwrap_or(length.len() - 1)..];
    let mut out = vec![tag];
    if contents.len() >= 0x80 {
        out.push(0x80 | u8::try_from(length.len()).unwrap_or_default());
    }
    out.extend(length);
    out.extend(contents);
    out
}

/// A SEQUENCE of values.
pub(super) fn sequence<const N: usize>(parts: [&[u8]; N]) -> Vec<u8> {
    value(SEQUENCE, &parts.concat())
}

/// A small number.
pub(super) fn number(number: u64) -> Vec<u8> {
    let bytes = number.to_be_bytes();
    let start = bytes.iter().position(|byte| *byte != 0).unwrap_or(bytes.len() - 1);
    let padding: &[u8] = if bytes[start] & 0x80 != 0 { &[0] } else { &[] };
    value(INTEGER, &[padding, &bytes[start..]].concat())
}

/// Takes the next value, which must have this tag, off `data`; its contents.
pub(super) fn take<'d>(data: &mut &'d [u8], tag: u8) -> Option<&'d [u8]> {
    let (&[actual, first], mut rest) = data.split_first_chunk::<2>()?;
    let mut length = usize::from(first);
    if first & 0x80 != 0 {
        let bytes = rest.split_off(..usize::from(first & 0x7F)).filter(|bytes| (1..=3).contains(&bytes.len()))?;
        length = bytes.iter().fold(0, |length, byte| length << 8 | usize::from(*byte));
    }
    let contents = rest.split_off(..length).filter(|_| actual == tag)?;
    *data = rest;
    Some(contents)
}

/// The same when the next value has this tag; otherwise nothing is taken.
pub(super) fn take_if<'d>(data: &mut &'d [u8], tag: u8) -> Option<&'d [u8]> {
    if data.first() == Some(&tag) { take(data, tag) } else { None }
}
