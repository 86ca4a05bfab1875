//! Names and places as they are searched and compared: without case, diacritics, cedillas or broken encodings.
//!
//! The original text is never changed; what is made here is only looked at.

use encoding_rs::WINDOWS_1252;
use schemas::text::fold_into;

/// Words that nearly every name has; looking for them finds nothing.
const LEGAL_FORMS: [&str; 3] = ["srl", "pfa", "snc"];

/// The county numbers (contract sheet fact: 1–40, 51, 52) and their folded names.
const COUNTIES: [(u8, &str); 42] = [
    (1, "alba"),
    (2, "arad"),
    (3, "arges"),
    (4, "bacau"),
    (5, "bihor"),
    (6, "bistrita nasaud"),
    (7, "botosani"),
    (8, "brasov"),
    (9, "braila"),
    (10, "buzau"),
    (11, "caras severin"),
    (12, "cluj"),
    (13, "constanta"),
    (14, "covasna"),
    (15, "dambovita"),
    (16, "dolj"),
    (17, "galati"),
    (18, "gorj"),
    (19, "harghita"),
    (20, "hunedoara"),
    (21, "ialomita"),
    (22, "iasi"),
    (23, "ilfov"),
    (24, "maramures"),
    (25, "mehedinti"),
    (26, "mures"),
    (27, "neamt"),
    (28, "olt"),
    (29, "prahova"),
    (30, "satu mare"),
    (31, "salaj"),
    (32, "sibiu"),
    (33, "suceava"),
    (34, "teleorman"),
    (35, "timis"),
    (36, "tulcea"),
    (37, "vaslui"),
    (38, "valcea"),
    (39, "vrancea"),
    (40, "bucuresti"),
    (51, "calarasi"),
    (52, "giurgiu"),
];

/// Adds the search form of a text: folded, blanks joined to one, encoding repaired where it was read as windows-1252.
pub(super) fn add_folded(folded: &mut String, text: &str) {
    let start = folded.len();
    match repaired(text) {
        Some(repaired) => fold_into(folded, &repaired),
        None => fold_into(folded, text),
    }
    let odd = |pair: &[u8]| pair[0].is_ascii_whitespace() && (pair[0] != b' ' || pair[1].is_ascii_whitespace());
    let bytes = &folded.as_bytes()[start..];
    let outer = |byte: Option<&u8>| byte.is_some_and(u8::is_ascii_whitespace);
    if outer(bytes.first()) || outer(bytes.last()) || bytes.windows(2).any(odd) {
        let joined = folded[start..].split_ascii_whitespace().collect::<Vec<_>>().join(" ");
        folded.truncate(start);
        folded.push_str(&joined);
    }
}

/// The search form of a text.
#[must_use]
pub fn folded(text: &str) -> String {
    let mut folded = String::with_capacity(text.len());
    add_folded(&mut folded, text);
    folded
}

/// A text whose UTF-8 was read as windows-1252, read rightly; none for every other text.
#[must_use]
pub fn repaired(text: &str) -> Option<String> {
    // Ã, Ä, Å and È in UTF-8: the first bytes of ă â î ș ț ş ţ and of their capitals, as windows-1252 shows them.
    let bytes = text.as_bytes();
    if !memchr::memchr_iter(0xC3, bytes).any(|at| matches!(bytes.get(at + 1), Some(0x83..=0x85 | 0x88))) {
        return None;
    }
    let (bytes, _, lossy) = WINDOWS_1252.encode(text);
    let repaired = (!lossy).then(|| String::from_utf8(bytes.into_owned()).ok()).flatten()?;
    (repaired != text).then_some(repaired)
}

/// The words of a folded name that are worth looking for.
pub(super) fn words(folded: &str) -> impl Iterator<Item = &str> {
    let words = folded.split(|letter: char| !letter.is_alphanumeric());
    words.filter(|word| word.len() > 1 && !LEGAL_FORMS.contains(word))
}

/// The first eight bytes of a word, as a number that sorts like the word.
pub(super) fn prefix(word: &str) -> u64 {
    let mut bytes = [0; 8];
    let length = word.len().min(8);
    bytes[..length].copy_from_slice(&word.as_bytes()[..length]);
    u64::from_be_bytes(bytes)
}

/// The number of a county by its name; a letter lost to `?` fits any. 0 where it is no county.
#[must_use]
pub fn county(name: &str) -> u8 {
    let folded = folded(name).replace('-', " ");
    let name = folded.strip_prefix("judetul ").or_else(|| folded.strip_prefix("municipiul ")).unwrap_or(&folded);
    let fits = |county: &str| {
        county.len() == name.len() && county.bytes().zip(name.bytes()).all(|(one, other)| one == other || other == b'?')
    };
    // More than two lost letters are a guess.
    let legible = name.bytes().filter(|byte| *byte == b'?').count() <= 2;
    let mut found = COUNTIES.iter().filter(|(_, county)| legible && fits(county));
    match (found.next(), found.next()) {
        (Some((number, _)), None) => *number,
        _ => 0,
    }
}

/// A hash that is the same on every machine and in every version (FNV-1a, folded to 32 bits).
pub(super) fn hash(bytes: &[u8]) -> u32 {
    let hash = bytes
        .iter()
        .fold(0xCBF2_9CE4_8422_2325_u64, |hash, byte| (hash ^ u64::from(*byte)).wrapping_mul(0x0000_0100_0000_01B3));
    (hash ^ hash >> 32) as u32
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_place_in_every_spelling_of_the_files_is_one_county() {
        for spelling in ["Bucureşti", "BUCUREȘTI", "Municipiul Bucureşti", "BucureÅŸti", "Bucure?ti", " Bucuresti "]
        {
            assert_eq!(county(spelling), 40, "{spelling}");
        }
        let table =
            [("Mehedin?i", 25), ("Bistriţa-Năsăud", 6), ("Caraş-Severin", 11), ("", 0), ("Atlantida", 0), ("???", 0)];
        for (spelling, number) in table {
            assert_eq!(county(spelling), number, "{spelling}");
        }
    }

    #[test]
    fn only_a_broken_encoding_is_repaired() {
        assert_eq!(repaired("BucureÅŸti").as_deref(), Some("București".replace('ș', "ş").as_str()));
        assert_eq!(repaired("È˜coala").as_deref(), Some("Școala"));
        for sound in ["București", "ÄPFEL GMBH", "Ångström", "abc"] {
            assert_eq!(repaired(sound), None, "{sound}");
        }
    }

    #[test]
    fn a_name_is_found_by_its_words_but_not_by_its_legal_form() {
        let folded = folded("\"DEMO   GHILIMELE\" S.R.L. & Fiii SRL");
        assert_eq!(words(&folded).collect::<Vec<_>>(), ["demo", "ghilimele", "fiii"]);
        assert!(prefix("demo") < prefix("demolari") && prefix("demolari") == prefix("demolariz"));
    }
}
