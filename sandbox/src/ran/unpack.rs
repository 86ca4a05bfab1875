//! The compressed document of a transmission, unpacked to a bound: zlib as the published server reads it, gzip and ZIP
//! as town-hall software also sends it.

use miniz_oxide::inflate::{decompress_to_vec_with_limit, decompress_to_vec_zlib_with_limit};

/// The longest document, in bytes; a bomb ends here.
pub(super) const LONGEST_DOCUMENT: usize = 8 * 1024 * 1024;

/// The document, or why it cannot be unpacked.
pub(super) fn unpack(packed: &[u8]) -> Result<Vec<u8>, &'static str> {
    match packed {
        [0x1f, 0x8b, 8, flags, rest @ ..] => raw(gzip_body(*flags, rest).ok_or("antetul gzip este rupt")?),
        [b'P', b'K', 3, 4, rest @ ..] => zip(rest),
        _ => decompress_to_vec_zlib_with_limit(packed, LONGEST_DOCUMENT).map_err(|_| BROKEN),
    }
}

const BROKEN: &str = "arhiva este ruptă sau documentul are peste 8 MiB";

fn raw(deflated: &[u8]) -> Result<Vec<u8>, &'static str> {
    decompress_to_vec_with_limit(deflated, LONGEST_DOCUMENT).map_err(|_| BROKEN)
}

/// What follows the header of a gzip member (RFC 1952, section 2.3), its first four bytes already read.
fn gzip_body(flags: u8, after_flags: &[u8]) -> Option<&[u8]> {
    let mut rest = after_flags.get(6..)?;
    if flags & 4 != 0 {
        let length = usize::from(u16::from_le_bytes([*rest.first()?, *rest.get(1)?]));
        rest = rest.get(2 + length..)?;
    }
    for bit in [8, 16] {
        if flags & bit != 0 {
            let end = rest.iter().position(|byte| *byte == 0)?;
            rest = rest.get(end + 1..)?;
        }
    }
    if flags & 2 != 0 { rest.get(2..) } else { Some(rest) }
}

/// The first entry of a ZIP archive (APPNOTE 4.3.7), its signature already read; RAN takes one document at a time.
fn zip(after_signature: &[u8]) -> Result<Vec<u8>, &'static str> {
    let word = |at: usize| -> Option<usize> {
        Some(usize::from(u16::from_le_bytes([*after_signature.get(at)?, *after_signature.get(at + 1)?])))
    };
    let entry = || -> Option<(usize, usize, &[u8])> {
        let (method, stored) = (word(4)?, word(14)? | word(16)? << 16);
        let start = 26 + word(22)? + word(24)?;
        Some((method, stored, after_signature.get(start..)?))
    };
    match entry() {
        Some((8, _, rest)) => raw(rest),
        Some((0, stored, rest)) if stored <= LONGEST_DOCUMENT => rest.get(..stored).map(<[u8]>::to_vec).ok_or(BROKEN),
        _ => Err(BROKEN),
    }
}

#[cfg(test)]
mod tests {
    use miniz_oxide::deflate::{compress_to_vec, compress_to_vec_zlib};

    use super::*;

    #[test]
    fn the_three_packings_give_the_document_and_a_bomb_gives_nothing() {
        let document = b"<DOCUMENT_RAN/>";
        let deflated = compress_to_vec(document, 6);
        let mut gzip = vec![0x1f, 0x8b, 8, 8, 0, 0, 0, 0, 0, 3];
        gzip.extend(b"a.xml\0");
        gzip.extend(&deflated);
        let mut zip = b"PK\x03\x04\x14\0\0\0\x08\0\0\0\0\0\0\0\0\0".to_vec();
        zip.extend(u32::try_from(deflated.len()).unwrap().to_le_bytes());
        zip.extend(15_u32.to_le_bytes());
        zip.extend([5, 0, 0, 0]);
        zip.extend(b"a.xml");
        zip.extend(&deflated);
        for packed in [compress_to_vec_zlib(document, 6), gzip, zip] {
            assert_eq!(unpack(&packed).unwrap(), document);
            for length in 0..packed.len() / 2 {
                assert!(unpack(&packed[..length]).is_err());
            }
        }
        let bomb = compress_to_vec_zlib(&vec![b' '; LONGEST_DOCUMENT + 1], 9);
        assert!(bomb.len() < 100_000);
        assert_eq!(unpack(&bomb), Err(BROKEN));
    }
}
