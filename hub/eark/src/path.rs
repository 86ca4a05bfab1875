//! Paths of files inside a package: which are accepted, and how METS writes them.
//!
//! An accepted path can be extracted below a folder on any system without leaving it. Nothing is repaired here: a path
//! is accepted as it is or refused; only [`plain`] makes a new name, for files that come with a name of their own.

use std::fmt::Write as _;

/// Longest path in bytes, root folder included; file systems stop at 255 for one part.
pub const LONGEST: usize = 512;

/// Why a path is not accepted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PathProblem {
    /// Nothing, or more than [`LONGEST`] bytes, or a part of more than 255.
    #[error("the path is empty or too long")]
    Length,
    /// It starts at the root, names a drive, or uses the separator of another system.
    #[error("the path is absolute, or holds a backslash or a colon")]
    Absolute,
    /// One of its parts is empty, `.` or `..`.
    #[error("the path has a part that is empty, a dot or two dots")]
    Parts,
    /// It holds a character that cannot be seen, or that turns the direction of writing.
    #[error("the path holds a control character or one that changes the direction of writing")]
    Invisible,
}

/// Checks one path of a file.
///
/// # Errors
/// The first [`PathProblem`].
pub fn check(path: &str) -> Result<(), PathProblem> {
    if path.is_empty() || path.len() > LONGEST || path.split('/').any(|part| part.len() > 255) {
        return Err(PathProblem::Length);
    }
    if path.starts_with('/') || path.contains(['\\', ':']) {
        return Err(PathProblem::Absolute);
    }
    if path.split('/').any(|part| matches!(part, "" | "." | "..")) {
        return Err(PathProblem::Parts);
    }
    let turns =
        |c| matches!(c, '\u{200E}' | '\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}' | '\u{FEFF}');
    if path.chars().any(|c| c.is_control() || turns(c)) { Err(PathProblem::Invisible) } else { Ok(()) }
}

/// A path as METS refers to it: a relative URL, percent-encoded outside the unreserved characters of RFC 3986.
#[must_use]
pub fn to_reference(path: &str) -> String {
    let mut reference = String::with_capacity(path.len());
    for byte in path.bytes() {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'/' | b'-' | b'.' | b'_' | b'~') {
            reference.push(char::from(byte));
        } else {
            write!(reference, "%{byte:02X}").expect("a string takes every write");
        }
    }
    reference
}

/// The path a reference means; none when it is no UTF-8 or not properly encoded.
#[must_use]
pub fn from_reference(reference: &str) -> Option<String> {
    let reference = reference.strip_prefix("file://./").or(reference.strip_prefix("./")).unwrap_or(reference);
    let mut bytes = Vec::with_capacity(reference.len());
    let mut rest = reference.as_bytes();
    while let Some((first, after)) = rest.split_first() {
        rest = after;
        if *first == b'%' {
            let (digits, after) = rest.split_at_checked(2)?;
            bytes.push(u8::from_str_radix(std::str::from_utf8(digits).ok()?, 16).ok()?);
            rest = after;
        } else {
            bytes.push(*first);
        }
    }
    String::from_utf8(bytes).ok()
}

/// A name for a file that every system can hold, made of the one it came with: letters, digits and `-._`, at most 100
/// bytes, the ending kept. What it was called stays in PREMIS (`originalName`).
#[must_use]
pub fn plain(name: &str) -> String {
    let name: String = name.chars().map(fold).filter(|c| !c.is_control()).collect();
    let kept: String =
        name.chars().map(|c| if c.is_ascii_alphanumeric() || "-._".contains(c) { c } else { '_' }).collect();
    let kept = kept.trim_start_matches('.');
    match kept.rsplit_once('.') {
        Some((stem, ending)) if !stem.is_empty() && (1..=8).contains(&ending.len()) => {
            format!("{}.{ending}", &stem[..stem.len().min(100 - ending.len())])
        }
        _ if kept.is_empty() => "document".to_owned(),
        _ => kept[..kept.len().min(100)].to_owned(),
    }
}

/// Romanian letters without their marks; all others as they are.
fn fold(letter: char) -> char {
    match letter {
        'ă' | 'â' => 'a',
        'Ă' | 'Â' => 'A',
        'î' => 'i',
        'Î' => 'I',
        'ș' | 'ş' => 's',
        'Ș' | 'Ş' => 'S',
        'ț' | 'ţ' => 't',
        'Ț' | 'Ţ' => 'T',
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_that_leaves_the_package_is_refused() {
        for path in ["../x", "a/../../x", "/etc/passwd", "a//b", "c:/x", "a\\..\\b", ".", "a/\u{202E}b", "a\nb", ""] {
            assert!(check(path).is_err(), "{path:?}");
        }
        assert_eq!(check("representations/rep1/data/0001_Anchetă socială.pdf"), Ok(()));
    }

    #[test]
    fn a_reference_leads_back_to_its_path() {
        for path in ["a/b.pdf", "a/Anchetă 50%.pdf", "ș#?&=+.xml"] {
            assert_eq!(from_reference(&to_reference(path)).as_deref(), Some(path));
        }
        assert_eq!(from_reference("a%2"), None);
        assert_eq!(from_reference("%ff"), None);
        // The encoding hides nothing from the check.
        assert_eq!(check(&from_reference("%2e%2e/x").unwrap()), Err(PathProblem::Parts));
    }

    #[test]
    fn a_file_keeps_a_name_that_people_recognise() {
        assert_eq!(plain("Anchetă socială.pdf"), "Ancheta_sociala.pdf");
        assert_eq!(plain("../../etc/passwd"), "_.._etc_passwd");
        assert_eq!(plain(""), "document");
        assert!(plain(&"é".repeat(300)).len() <= 100);
    }
}
