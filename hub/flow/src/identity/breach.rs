//! Passwords that were stolen elsewhere and are tried first everywhere.
//!
//! A short list is built in; a longer one may be given as a file in the form of the public downloads: one line per password,
//! `SHA-1 in 40 hexadecimal digits:how often seen`, in order. It is searched on the disk, never read whole, and nothing is asked
//! of any network.

use std::fs::File;
use std::io::{BufRead as _, BufReader, Seek as _, SeekFrom};
use std::path::Path;
use std::sync::Mutex;

use openssl::sha::sha1;

/// Of at least twelve signs, from the lists everybody publishes; shorter ones are refused for their length.
const BUILTIN: &str = include_str!("breached.txt");
/// Longest line of a list, in bytes.
const LINE: usize = 64;

/// Why a list cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum BreachListWrong {
    /// The file cannot be read.
    #[error("the list of stolen passwords cannot be read: {0}")]
    Unreadable(#[from] std::io::Error),
    /// It is not in the form of a list.
    #[error("the list of stolen passwords must have lines of SHA-1 in hexadecimal, a colon and a number, in order")]
    Form,
}

/// The passwords that are not taken.
#[derive(Default)]
pub struct BreachList {
    file: Option<Mutex<(BufReader<File>, u64)>>,
}

impl BreachList {
    /// The list inside the program.
    #[must_use]
    pub fn builtin() -> Self {
        Self::default()
    }

    /// The list inside the program and that of a file.
    ///
    /// # Errors
    /// The file cannot be read or is no such list.
    pub fn with_file(path: &Path) -> Result<Self, BreachListWrong> {
        let file = File::open(path)?;
        let length = file.metadata()?.len();
        let mut reader = BufReader::with_capacity(512, file);
        if line_from(&mut reader, 0)?.is_none() {
            return Err(BreachListWrong::Form);
        }
        Ok(Self { file: Some(Mutex::new((reader, length))) })
    }

    /// Whether a password is on it. A file that can no longer be read has nothing on it.
    #[must_use]
    pub fn has(&self, password: &str) -> bool {
        let folded = password.to_lowercase();
        if BUILTIN.lines().any(|line| line == folded) {
            return true;
        }
        let Some(file) = &self.file else { return false };
        let wanted = hex::encode_upper(sha1(password.as_bytes()));
        let mut held = file.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        let (reader, length) = &mut *held;
        search(reader, *length, &wanted).unwrap_or_else(|error| {
            tracing::warn!(%error, "the list of stolen passwords cannot be searched");
            false
        })
    }
}

/// Bisects the bytes of the file: between `low` and `high` the wanted line begins, if it is there.
fn search(reader: &mut BufReader<File>, length: u64, wanted: &str) -> Result<bool, BreachListWrong> {
    let (mut low, mut high) = (0, length);
    while low < high {
        let middle = low + (high - low) / 2;
        match line_from(reader, middle)? {
            Some((digest, _)) if digest == wanted => return Ok(true),
            Some((digest, next)) if digest.as_str() < wanted => low = next.max(middle + 1),
            _ => high = middle,
        }
    }
    Ok(false)
}

/// The digest of the first line that begins at or after a place, and where the line after it begins.
fn line_from(reader: &mut BufReader<File>, place: u64) -> Result<Option<(String, u64)>, BreachListWrong> {
    // One byte earlier, so that a line that begins exactly here is not skipped.
    let mut at = place.saturating_sub(1);
    reader.seek(SeekFrom::Start(at))?;
    let mut line = Vec::new();
    if place > 0 {
        at += read_line(reader, &mut line)?;
        line.clear();
    }
    let read = read_line(reader, &mut line)?;
    if read == 0 {
        return Ok(None);
    }
    let digest =
        line.get(..40).filter(|digest| digest.iter().all(u8::is_ascii_hexdigit)).ok_or(BreachListWrong::Form)?;
    Ok(Some((String::from_utf8_lossy(digest).to_ascii_uppercase(), at + read)))
}

fn read_line(reader: &mut BufReader<File>, line: &mut Vec<u8>) -> Result<u64, BreachListWrong> {
    let read = std::io::Read::take(&mut *reader, LINE as u64).read_until(b'\n', line)?;
    if read == LINE { Err(BreachListWrong::Form) } else { Ok(read as u64) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_password_of_a_file_is_found_and_no_other() {
        let folder = std::env::temp_dir().join(format!("punte-breach-{}", std::process::id()));
        let words: Vec<String> = (0..100).map(|number| format!("parola furată {number}")).collect();
        let mut lines: Vec<String> = words.iter().map(|word| hex::encode_upper(sha1(word.as_bytes()))).collect();
        lines.sort();
        let text: String = lines.iter().enumerate().map(|(seen, line)| format!("{line}:{seen}\r\n")).collect();
        std::fs::write(&folder, text).unwrap();
        let list = BreachList::with_file(&folder).unwrap();
        std::fs::remove_file(&folder).unwrap();
        assert!(words.iter().all(|word| list.has(word)));
        assert!((100..300).all(|number| !list.has(&format!("parola furată {number}"))));
        assert!(list.has("Password1234"));
    }
}
