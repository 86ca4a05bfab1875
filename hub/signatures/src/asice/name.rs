//! Names of entries: which are accepted, and how a reference writes them.
//!
//! A name that is accepted here can be extracted below a folder on any system without leaving it. It never repairs a
//! name: what is not acceptable is refused.

use std::collections::HashSet;

/// Longest name in bytes; file systems stop at 255 for one part and about 4,096 for all.
const LONGEST: usize = 512;

/// Why a name is not accepted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NameProblem {
    /// Nothing, or more than 512 bytes.
    #[error("it is empty or longer than {LONGEST} bytes")]
    Length,
    /// It starts at the root, names a drive, or uses the separator of another system.
    #[error("it is absolute, or holds a backslash or a colon")]
    Absolute,
    /// One of its parts is empty, `.` or `..`.
    #[error("one of its parts is empty, a dot or two dots")]
    Parts,
    /// It holds a character that cannot be seen, or that turns the direction of writing.
    #[error("it holds a control character or one that changes the direction of writing")]
    Invisible,
    /// Another entry has the same name, apart from capital letters.
    #[error("another entry has the same name, or one that differs in capital letters only")]
    Repeated,
    /// It is a file and at the same time a folder of another entry.
    #[error("another entry uses it as a folder")]
    FileAndFolder,
}

/// Checks one name of a file.
pub(super) fn check(name: &str) -> Result<(), NameProblem> {
    if name.is_empty() || name.len() > LONGEST {
        return Err(NameProblem::Length);
    }
    if name.starts_with('/') || name.contains(['\\', ':']) {
        return Err(NameProblem::Absolute);
    }
    if name.split('/').any(|part| matches!(part, "" | "." | "..")) {
        return Err(NameProblem::Parts);
    }
    let turns = |c| matches!(c, '\u{200E}' | '\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}');
    if name.chars().any(|c| c.is_control() || turns(c) || matches!(c, '\u{FEFF}' | '\u{FFFE}' | '\u{FFFF}')) {
        return Err(NameProblem::Invisible);
    }
    Ok(())
}

/// Checks names against each other; the answer names the first one that cannot stand beside the others. A name that ends
/// in a slash is a folder.
pub(super) fn check_all<'n>(names: impl Iterator<Item = &'n str> + Clone) -> Result<(), (&'n str, NameProblem)> {
    let (mut seen, mut files) = (HashSet::new(), HashSet::new());
    for name in names.clone() {
        let folded = name.to_lowercase();
        if !folded.ends_with('/') {
            files.insert(folded.clone());
        }
        if !seen.insert(folded.trim_end_matches('/').to_owned()) {
            return Err((name, NameProblem::Repeated));
        }
    }
    for name in names {
        let folded = name.trim_end_matches('/').to_lowercase();
        if folded.match_indices('/').any(|(at, _)| files.contains(&folded[..at])) {
            return Err((name, NameProblem::FileAndFolder));
        }
    }
    Ok(())
}

/// The relative reference to an entry: its name with everything but unreserved characters and `/` percent-encoded
/// (RFC 3986, sections 2.1 and 4.2).
pub(super) fn to_uri(name: &str) -> String {
    let mut uri = String::with_capacity(name.len());
    for byte in name.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~/".contains(&byte) {
            uri.push(char::from(byte));
        } else {
            uri.push_str(&format!("%{byte:02X}"));
        }
    }
    uri
}

/// The name a relative reference stands for; none when it is not one (a fragment, a query, a scheme, a bad escape).
pub(super) fn from_uri(uri: &str) -> Option<String> {
    if uri.contains(['#', '?', ':']) {
        return None;
    }
    let mut bytes = Vec::with_capacity(uri.len());
    let mut rest = uri.as_bytes();
    while let Some((first, after)) = rest.split_first() {
        rest = after;
        if *first != b'%' {
            bytes.push(*first);
            continue;
        }
        let digits = rest.get(..2).filter(|digits| digits.iter().all(u8::is_ascii_hexdigit))?;
        bytes.push(u8::from_str_radix(std::str::from_utf8(digits).ok()?, 16).ok()?);
        rest = &rest[2..];
    }
    String::from_utf8(bytes).ok()
}
