//! CSV by RFC 4180, as spreadsheets of Romanian offices write it: `;` or `,` or tabs, UTF-8 or windows-1250, with a byte-order
//! mark or without.

use schemas::text::decode;

use crate::cell::Cell;
use crate::{FileError, LONGEST_CELL};

/// The rows of a file, each with the line on which it begins, from 1. Empty rows are left out.
pub fn rows(bytes: &[u8], (most, columns): (usize, usize)) -> Result<Vec<(usize, Vec<Cell>)>, FileError> {
    let text = decode(bytes, "utf-8").or_else(|_| decode(bytes, "windows-1250")).map_err(|_| FileError::NotText)?;
    // A zero byte is in no text: a picture or a database was sent.
    if text.contains('\0') {
        return Err(FileError::NotText);
    }
    let (separator, text) = separated(&text);
    let mut reader = Reader { letters: text.chars().peekable(), separator, row: 1, columns };
    let mut rows = Vec::new();
    while let Some((row, cells)) = reader.next_row()? {
        if cells.iter().any(|cell| !cell.is_empty()) {
            if rows.len() == most {
                return Err(FileError::TooManyRows(most));
            }
            rows.push((row, cells));
        }
    }
    Ok(rows)
}

/// The separator: what Excel says in a first line `sep=;`, or whichever stands most in the first line with any.
fn separated(text: &str) -> (char, &str) {
    if let Some(rest) = text.strip_prefix("sep=") {
        let separator = rest.chars().next().filter(|letter| ";,\t|".contains(*letter)).unwrap_or(';');
        return (separator, rest.split_once('\n').map_or("", |(_, below)| below));
    }
    let count = |line: &str, separator: char| {
        let mut quoted = false;
        let outside = |letter: &char| {
            quoted ^= *letter == '"';
            !quoted && *letter == separator
        };
        line.chars().filter(outside).count()
    };
    let candidates = |line: &str| [';', ',', '\t'].map(|separator| (count(line, separator), separator));
    let found = text.lines().take(20).map(candidates).find(|counts| counts.iter().any(|(count, _)| *count > 0));
    // Of two that stand as often, the first: commas stand in text.
    let best = found.into_iter().flatten().rev().max_by_key(|(count, _)| *count);
    (best.map_or(';', |(_, separator)| separator), text)
}

struct Reader<'t> {
    letters: std::iter::Peekable<std::str::Chars<'t>>,
    separator: char,
    row: usize,
    columns: usize,
}

impl Reader<'_> {
    /// The next row and its line; a quoted cell may hold line ends.
    fn next_row(&mut self) -> Result<Option<(usize, Vec<Cell>)>, FileError> {
        if self.letters.peek().is_none() {
            return Ok(None);
        }
        let begun = self.row;
        let mut cells = Vec::new();
        loop {
            let (text, ends) = self.next_cell()?;
            if cells.len() == self.columns {
                return Err(FileError::TooManyColumns { row: begun, most: self.columns });
            }
            cells.push(Cell::of_text(&text));
            if ends {
                return Ok(Some((begun, cells)));
            }
        }
    }

    /// The next cell, and whether the row ends with it.
    fn next_cell(&mut self) -> Result<(String, bool), FileError> {
        let begun = self.row;
        let (mut text, mut length, mut quoted) = (String::new(), 0, false);
        while let Some(letter) = self.letters.next() {
            match letter {
                '"' if quoted => {
                    if self.letters.next_if_eq(&'"').is_some() {
                        text.push('"');
                    } else {
                        quoted = false;
                    }
                }
                '"' if text.trim().is_empty() => {
                    text.clear();
                    quoted = true;
                }
                '\n' if !quoted => {
                    self.row += 1;
                    return Ok((text, true));
                }
                _ if letter == self.separator && !quoted => return Ok((text, false)),
                '\r' if !quoted && self.letters.peek() == Some(&'\n') => {}
                _ => {
                    self.row += usize::from(letter == '\n');
                    text.push(letter);
                }
            }
            length += 1;
            if length > LONGEST_CELL {
                return Err(FileError::CellTooLong { row: begun, most: LONGEST_CELL });
            }
        }
        if quoted { Err(FileError::OpenQuote { row: begun }) } else { Ok((text, true)) }
    }
}
