//! Records of an open-data file, one after the other, in bounded memory.
//!
//! The files are delimited by `^`, neither quoted nor escaped, and a line break may stand inside a field: lines are joined
//! until the columns fit. What never fits is handed out as refused, with its lines. A quote means nothing here.

use std::io::{self, BufRead, Read};

use memchr::memchr_iter;

/// What separates fields.
pub const DELIMITER: u8 = b'^';
/// Longest record, in bytes; the longest real one is far below.
const LONGEST_RECORD: usize = 64 * 1024;
/// Most lines that one record may be broken into.
const MOST_LINES: u32 = 16;

/// Why lines are not a record.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Refusal {
    /// It has fewer columns than the header, and with the next line it has more.
    Truncated,
    /// It has more columns than the header: a delimiter stands inside a field.
    TooManyColumns,
    /// It is longer than any record can be.
    TooLong,
    /// Lines that fit together by number do not make a record by content.
    Implausible,
    /// The field that names the firm cannot be read.
    UnreadableNumber,
    /// A code cannot be read.
    UnreadableCode,
}

impl Refusal {
    /// The reason as it stands in the reject file.
    #[must_use]
    pub fn words(self) -> &'static str {
        match self {
            Refusal::Truncated => "înregistrare trunchiată",
            Refusal::TooManyColumns => "prea multe coloane: delimitatorul apare într-un câmp",
            Refusal::TooLong => "înregistrare prea lungă",
            Refusal::Implausible => "rândurile alăturate nu formează o înregistrare",
            Refusal::UnreadableNumber => "numărul de registru nu poate fi citit",
            Refusal::UnreadableCode => "codul nu poate fi citit",
        }
    }
}

/// One record or what was refused in its place. Kept by the caller and filled again and again.
#[derive(Debug, Default)]
pub struct Record {
    text: Vec<u8>,
    /// The end of each field in `text`.
    ends: Vec<u32>,
    /// Its first line in the file, counted from one.
    pub first_line: u64,
    /// Its last line.
    pub last_line: u64,
}

impl Record {
    /// The bytes of one field; empty beyond the last.
    #[must_use]
    pub fn field(&self, index: usize) -> &[u8] {
        let Some(end) = self.ends.get(index) else { return &[] };
        let start = if index == 0 { 0 } else { self.ends[index - 1] as usize + 1 };
        &self.text[start..*end as usize]
    }

    /// All bytes, delimiters and inner line breaks as they came.
    #[must_use]
    pub fn text(&self) -> &[u8] {
        &self.text
    }

    /// Whether it was broken into several lines.
    #[must_use]
    pub fn was_joined(&self) -> bool {
        self.first_line != self.last_line
    }

    /// Takes a text that is a record already.
    pub(super) fn set(&mut self, text: &[u8]) {
        self.text.clear();
        self.text.extend_from_slice(text);
        self.find_ends();
    }

    fn find_ends(&mut self) {
        self.ends.clear();
        self.ends.extend(memchr_iter(DELIMITER, &self.text).map(|at| at as u32));
        self.ends.push(self.text.len() as u32);
    }
}

/// What was read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// A record.
    Record,
    /// Lines that are no record; they stand in the record's text.
    Refused(Refusal),
    /// Nothing more.
    End,
}

/// Reads records off a file.
pub struct Records<R> {
    input: R,
    delimiters: usize,
    line_number: u64,
    bytes: u64,
    line: Vec<u8>,
    break_length: usize,
    /// The line was read, but belongs to the next record.
    held: bool,
}

impl<R: BufRead> Records<R> {
    /// Reads the header line (with or without byte-order mark) and answers its column names.
    ///
    /// # Errors
    /// The file cannot be read.
    pub fn open(input: R) -> io::Result<(Self, Vec<String>)> {
        let mut records =
            Self { input, delimiters: 0, line_number: 0, bytes: 0, line: Vec::new(), break_length: 0, held: false };
        records.read_line()?;
        let header = String::from_utf8_lossy(&records.line).into_owned();
        let header = header.trim_start_matches('\u{feff}').trim_end();
        let names: Vec<String> = header.split('^').map(|name| name.trim().to_ascii_uppercase()).collect();
        records.delimiters = names.len() - 1;
        Ok((records, names))
    }

    /// Bytes read so far.
    pub fn bytes(&self) -> u64 {
        self.bytes
    }

    /// What the records were read from.
    pub fn into_input(self) -> R {
        self.input
    }

    /// Reads the next record.
    ///
    /// # Errors
    /// The file cannot be read.
    pub fn next(&mut self, record: &mut Record) -> io::Result<Step> {
        record.text.clear();
        let mut found = 0;
        let mut lines = 0;
        loop {
            if !std::mem::take(&mut self.held) && !self.read_line()? {
                if lines == 0 {
                    return Ok(Step::End);
                }
                return Ok(Self::refuse(record, Refusal::Truncated));
            }
            let content = &self.line[..self.line.len() - self.break_length];
            if lines == 0 && content.is_empty() {
                continue;
            }
            let here = memchr_iter(DELIMITER, content).count();
            if lines > 0 && found + here > self.delimiters {
                // The record before this line never ended; the line may be a good one.
                self.held = true;
                return Ok(Self::refuse(record, Refusal::Truncated));
            }
            if lines == 0 {
                record.first_line = self.line_number;
            }
            record.last_line = self.line_number;
            lines += 1;
            found += here;
            record.text.extend_from_slice(content);
            if record.text.len() > LONGEST_RECORD {
                return Ok(Self::refuse(record, Refusal::TooLong));
            }
            if found == self.delimiters {
                record.find_ends();
                return Ok(Step::Record);
            }
            if found > self.delimiters {
                return Ok(Self::refuse(record, Refusal::TooManyColumns));
            }
            if lines == MOST_LINES {
                return Ok(Self::refuse(record, Refusal::TooLong));
            }
            record.text.extend_from_slice(&self.line[content.len()..]);
        }
    }

    fn refuse(record: &mut Record, why: Refusal) -> Step {
        let end = record.text.trim_ascii_end().len();
        record.text.truncate(end);
        record.find_ends();
        Step::Refused(why)
    }

    /// Reads one line; false at the end. Of a line that is too long the first part stands for it, the rest is passed over.
    fn read_line(&mut self) -> io::Result<bool> {
        self.line.clear();
        let longest = LONGEST_RECORD as u64 + 2;
        let read = (&mut self.input).take(longest).read_until(b'\n', &mut self.line)?;
        if read == 0 {
            return Ok(false);
        }
        self.line_number += 1;
        self.bytes += read as u64;
        if read as u64 == longest && !self.line.ends_with(b"\n") {
            self.bytes += skip_line(&mut self.input)?;
        }
        self.break_length = match self.line.as_slice() {
            [.., b'\r', b'\n'] => 2,
            [.., b'\n' | b'\r'] => 1,
            _ => 0,
        };
        Ok(true)
    }
}

fn skip_line(input: &mut impl BufRead) -> io::Result<u64> {
    let mut skipped = 0;
    loop {
        let buffer = input.fill_buf()?;
        let (length, ended) = match memchr::memchr(b'\n', buffer) {
            Some(at) => (at + 1, true),
            None => (buffer.len(), buffer.is_empty()),
        };
        input.consume(length);
        skipped += length as u64;
        if ended {
            return Ok(skipped);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(file: &str) -> Vec<(Result<Vec<String>, Refusal>, u64, u64)> {
        let (mut records, names) = Records::open(file.as_bytes()).unwrap();
        assert_eq!(names, ["A", "B", "C"]);
        let (mut record, mut all) = (Record::default(), Vec::new());
        loop {
            let outcome = match records.next(&mut record).unwrap() {
                Step::End => return all,
                Step::Refused(why) => Err(why),
                Step::Record => Ok((0..3).map(|at| String::from_utf8_lossy(record.field(at)).into_owned()).collect()),
            };
            all.push((outcome, record.first_line, record.last_line));
        }
    }

    fn good(fields: [&str; 3]) -> Result<Vec<String>, Refusal> {
        Ok(fields.map(str::to_owned).to_vec())
    }

    #[test]
    fn lines_are_joined_until_the_columns_fit_and_what_never_fits_is_refused_with_its_lines() {
        let file =
            "\u{feff}a^B^C\r\n1^2^3\r\n\"x^\"y^z\r\none\r\n\r\ntwo^2\n2^3\r\n\r\ncut^1\r\n7^8^9\r\nw^i^d^e\r\nend^";
        let expected = [
            (good(["1", "2", "3"]), 2, 2),
            (good(["\"x", "\"y", "z"]), 3, 3),
            (good(["one\r\n\r\ntwo", "2\n2", "3"]), 4, 7),
            (Err(Refusal::Truncated), 9, 9),
            (good(["7", "8", "9"]), 10, 10),
            (Err(Refusal::TooManyColumns), 11, 11),
            (Err(Refusal::Truncated), 12, 12),
        ];
        assert_eq!(read(file), expected);
    }

    #[test]
    fn a_line_without_end_and_a_record_of_endless_lines_are_refused_in_bounded_memory() {
        let endless = format!("A^B^C\n{}\n1^2^3\n", "x".repeat(3_000_000));
        let all = read(&endless);
        assert_eq!(all[0].0, Err(Refusal::TooLong));
        assert_eq!(all[1], (good(["1", "2", "3"]), 3, 3));
        let lines = read(&format!("A^B^C\n{}1^2^3\n", "x\n".repeat(16)));
        assert_eq!(lines[0], (Err(Refusal::TooLong), 2, 17));
        assert_eq!(lines[1].0, good(["1", "2", "3"]));
    }
}
