//! Romanian text: the form used for search, the letters with cedilla, and bytes in old encodings.
//!
//! Never guesses an encoding: the charset is the one the sender declared.

use std::borrow::Cow;

use encoding_rs::{Encoding, ISO_8859_2, UTF_8, WINDOWS_1250};

/// Why bytes could not be read as text.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DecodeError {
    /// The declared charset is not one we read.
    #[error("charset {0:?} is not supported; declare utf-8, windows-1250 or iso-8859-2")]
    UnknownCharset(String),
    /// The bytes are not text in the declared charset.
    #[error("the bytes are not valid {0}; declare the charset the file was saved in")]
    Malformed(&'static str),
}

/// The search form: lower case, without diacritics, so that `Șișești`, `Şişeşti` and `SISESTI` are one word.
pub fn fold(text: &str) -> String {
    let mut folded = String::with_capacity(text.len());
    fold_into(&mut folded, text);
    folded
}

/// The same, added to a text that is used again and again: for files of millions of names.
pub fn fold_into(folded: &mut String, text: &str) {
    let mut rest = text;
    loop {
        // Most text is ASCII, and that goes by the run.
        let run = rest.bytes().position(|byte| !byte.is_ascii()).unwrap_or(rest.len());
        let start = folded.len();
        folded.push_str(&rest[..run]);
        folded[start..].make_ascii_lowercase();
        let mut letters = rest[run..].chars();
        let Some(letter) = letters.next() else { return };
        rest = letters.as_str();
        match letter {
            'ă' | 'Ă' | 'â' | 'Â' | 'á' | 'Á' | 'à' | 'À' | 'ä' | 'Ä' => folded.push('a'),
            'î' | 'Î' | 'í' | 'Í' => folded.push('i'),
            'ș' | 'Ș' | 'ş' | 'Ş' => folded.push('s'),
            'ț' | 'Ț' | 'ţ' | 'Ţ' => folded.push('t'),
            'é' | 'É' | 'è' | 'È' | 'ë' | 'Ë' => folded.push('e'),
            'ó' | 'Ó' | 'ö' | 'Ö' | 'ő' | 'Ő' => folded.push('o'),
            'ú' | 'Ú' | 'ü' | 'Ü' | 'ű' | 'Ű' => folded.push('u'),
            // Letters written as base and combining mark lose the mark.
            '\u{300}'..='\u{36f}' => {}
            other => folded.extend(other.to_lowercase()),
        }
    }
}

/// Replaces the letters with cedilla (ş ţ Ş Ţ), a leftover of old keyboards, with the Romanian comma-below letters.
pub fn normalise_cedilla(text: &str) -> Cow<'_, str> {
    if !text.contains(['ş', 'ţ', 'Ş', 'Ţ']) {
        return Cow::Borrowed(text);
    }
    let replaced = text.chars().map(|letter| match letter {
        'ş' => 'ș',
        'ţ' => 'ț',
        'Ş' => 'Ș',
        'Ţ' => 'Ț',
        other => other,
    });
    Cow::Owned(replaced.collect())
}

/// Reads bytes in the charset the sender declared: `utf-8` (with or without byte-order mark), `windows-1250` or
/// `iso-8859-2`, by any of their usual labels. Letters with cedilla become comma-below letters.
///
/// Errors: a charset we do not read, or bytes that are not text in it. A byte is never replaced in silence.
pub fn decode(bytes: &[u8], charset: &str) -> Result<String, DecodeError> {
    let unknown = || DecodeError::UnknownCharset(charset.chars().take(40).collect());
    let encoding = Encoding::for_label(charset.trim().as_bytes()).ok_or_else(unknown)?;
    let text = if encoding == UTF_8 {
        let without_mark = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
        encoding.decode_without_bom_handling_and_without_replacement(without_mark)
    } else if encoding == WINDOWS_1250 || encoding == ISO_8859_2 {
        encoding.decode_without_bom_handling_and_without_replacement(bytes)
    } else {
        return Err(unknown());
    };
    let text = text.ok_or(DecodeError::Malformed(encoding.name()))?;
    Ok(normalise_cedilla(&text).into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_in_any_spelling_fold_to_one_search_form() {
        for spelling in ["Șișești", "Şişeşti", "SISESTI", "Sis\u{326}es\u{326}ti"] {
            assert_eq!(fold(spelling), "sisesti", "{spelling}");
        }
        assert_eq!(fold("Târgu Țigău, ÎNTRE"), "targu tigau, intre");
    }

    #[test]
    fn cedilla_letters_become_comma_below_and_clean_text_is_not_copied() {
        assert_eq!(normalise_cedilla("Piteşti Ţara"), "Pitești Țara");
        assert!(matches!(normalise_cedilla("Pitești"), Cow::Borrowed(_)));
    }

    #[test]
    fn declared_charsets_are_read_and_others_are_refused() {
        assert_eq!(decode(b"Pite\xbati, \xdeara", "windows-1250").unwrap(), "Pitești, Țara");
        assert_eq!(decode(b"Pite\xbati \xe3", "ISO-8859-2").unwrap(), "Pitești ă");
        assert_eq!(decode("\u{feff}Șișești".as_bytes(), "utf-8").unwrap(), "Șișești");
        assert_eq!(decode(b"\xff", "utf-8"), Err(DecodeError::Malformed("UTF-8")));
        assert!(matches!(decode(b"a", "utf-16le"), Err(DecodeError::UnknownCharset(_))));
        assert!(matches!(decode(b"a", "latin-nu"), Err(DecodeError::UnknownCharset(_))));
    }
}
