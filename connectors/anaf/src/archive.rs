//! Reading the archive of a message: bounded, with what production was seen to hold, which is more than two members.

use miniz_oxide::inflate::decompress_to_vec_with_limit;

/// The most members; production archives have two or three.
const MOST_MEMBERS: usize = 64;
/// The longest member, in bytes.
const LONGEST_MEMBER: usize = 32 * 1024 * 1024;

/// Why an archive cannot be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("arhiva nu se poate citi: {0}")]
pub(crate) struct Unreadable(&'static str);

/// The members in the order of the directory, by name.
pub(crate) fn members(zip: &[u8]) -> Result<Vec<(String, Vec<u8>)>, Unreadable> {
    let end = end_of_directory(zip).ok_or(Unreadable("nu are cuprins"))?;
    let count = usize::from(half(zip, end + 10)?);
    if count > MOST_MEMBERS {
        return Err(Unreadable("are prea multe fișiere"));
    }
    let mut at = word(zip, end + 16)?;
    let (mut members, mut total) = (Vec::new(), 0_usize);
    for _ in 0..count {
        if zip.get(at..at + 4) != Some(b"PK\x01\x02") {
            return Err(Unreadable("cuprinsul este greșit"));
        }
        let (name, extra, comment) = (half(zip, at + 28)?, half(zip, at + 30)?, half(zip, at + 32)?);
        let (name, extra, comment) = (usize::from(name), usize::from(extra), usize::from(comment));
        let text = zip.get(at + 46..at + 46 + name).ok_or(Unreadable("cuprinsul este întrerupt"))?;
        let text = String::from_utf8_lossy(text).into_owned();
        let content = content(zip, at)?;
        total += content.len();
        if total > 2 * LONGEST_MEMBER {
            return Err(Unreadable("fișierele sunt prea mari"));
        }
        members.push((text, content));
        at += 46 + name + extra + comment;
    }
    Ok(members)
}

/// The document of an archive: the XML member that is not the seal.
pub(crate) fn document(zip: &[u8]) -> Result<(String, Vec<u8>), Unreadable> {
    let is_document = |name: &str| {
        let name = name.to_ascii_lowercase();
        name.ends_with(".xml") && !name.contains("semnatura")
    };
    let found = members(zip)?.into_iter().find(|(name, _)| is_document(name));
    found.ok_or(Unreadable("nu conține niciun document XML"))
}

fn content(zip: &[u8], entry: usize) -> Result<Vec<u8>, Unreadable> {
    let (flags, method) = (half(zip, entry + 8)?, half(zip, entry + 10)?);
    if flags & 1 != 0 {
        return Err(Unreadable("este criptată"));
    }
    let (packed, size, header) = (word(zip, entry + 20)?, word(zip, entry + 24)?, word(zip, entry + 42)?);
    if size > LONGEST_MEMBER || zip.get(header..header + 4) != Some(b"PK\x03\x04") {
        return Err(Unreadable("un fișier este prea mare sau lipsește"));
    }
    let start = header + 30 + usize::from(half(zip, header + 26)?) + usize::from(half(zip, header + 28)?);
    let bytes = zip.get(start..start + packed).ok_or(Unreadable("un fișier este întrerupt"))?;
    let content = match method {
        0 => bytes.to_vec(),
        8 => decompress_to_vec_with_limit(bytes, size).map_err(|_| Unreadable("un fișier nu se poate despacheta"))?,
        _ => return Err(Unreadable("un fișier este comprimat altfel")),
    };
    if content.len() == size { Ok(content) } else { Err(Unreadable("un fișier are altă lungime")) }
}

/// The last record whose comment ends with the archive.
fn end_of_directory(zip: &[u8]) -> Option<usize> {
    let from = zip.len().checked_sub(22)?;
    (from.saturating_sub(1_024)..=from).rev().find(|at| zip.get(*at..*at + 4) == Some(b"PK\x05\x06"))
}

fn half(zip: &[u8], at: usize) -> Result<u16, Unreadable> {
    let bytes = zip.get(at..at + 2).ok_or(Unreadable("este întreruptă"))?;
    Ok(u16::from_le_bytes([bytes[0], bytes[1]]))
}

fn word(zip: &[u8], at: usize) -> Result<usize, Unreadable> {
    let bytes = zip.get(at..at + 4).ok_or(Unreadable("este întreruptă"))?;
    Ok(u32::from_le_bytes([bytes[0], bytes[1], bytes[2], bytes[3]]) as usize)
}

#[cfg(test)]
mod tests {
    use miniz_oxide::deflate::compress_to_vec;

    use super::*;

    /// An archive of one deflated member that says it has so many bytes.
    fn archive(name: &str, content: &[u8], size: usize) -> Vec<u8> {
        let packed = compress_to_vec(content, 6);
        let word = |number: usize| u32::try_from(number).unwrap().to_le_bytes();
        let half = |number: usize| u16::try_from(number).unwrap().to_le_bytes();
        let mut common = vec![20, 0, 0, 0, 8, 0, 0, 0, 0, 0, 0, 0, 0, 0];
        for part in [word(packed.len()), word(size)] {
            common.extend_from_slice(&part);
        }
        common.extend_from_slice(&half(name.len()));
        let mut zip = [b"PK\x03\x04".as_slice(), &common, &[0, 0], name.as_bytes(), &packed].concat();
        let start = zip.len();
        zip.extend([b"PK\x01\x02\x14\x00".as_slice(), &common, &[0; 16], name.as_bytes()].concat());
        let length = zip.len() - start;
        zip.extend(
            [b"PK\x05\x06\x00\x00\x00\x00\x01\x00\x01\x00".as_slice(), &word(length), &word(start), &[0, 0]].concat(),
        );
        zip
    }

    #[test]
    fn a_deflated_document_is_read_and_the_seal_is_not_taken_for_it() {
        assert_eq!(document(&archive("5001.xml", b"<a/>", 4)), Ok(("5001.xml".to_owned(), b"<a/>".to_vec())));
        assert!(document(&archive("semnatura_5001.xml", b"<a/>", 4)).is_err());
    }

    #[test]
    fn a_bomb_a_lie_and_every_broken_end_are_refused_without_panic() {
        assert!(members(&archive("a.xml", &vec![b' '; 1_000_000], 10)).is_err(), "it holds more than it says");
        assert!(members(&archive("a.xml", b"<a/>", LONGEST_MEMBER + 1)).is_err(), "it says more than is accepted");
        let whole = archive("a.xml", b"<a/>", 4);
        for length in 0..whole.len() {
            assert!(members(&whole[..length]).is_err(), "{length}");
        }
        for position in 0..whole.len() {
            let mut changed = whole.clone();
            changed[position] ^= 0xFF;
            // Whatever it is taken for, it is bounded and nothing panics.
            let _read = members(&changed);
        }
    }
}
