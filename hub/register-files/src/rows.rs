//! A file read into records: the headings are looked for, every row is judged, and nothing of a row is lost.

use std::collections::BTreeMap;

use schemas::text::normalise_cedilla;

use crate::cell::Cell;
use crate::record::{Record, State};
use crate::{Column, Complaint, FileError, LARGEST, MOST_COLUMNS, MOST_ROWS, csv, xlsx};

/// The headings stand in one of the first rows: above them is often the name of the town hall.
const HEADINGS_WITHIN: usize = 10;

/// A file that was read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Read {
    /// The rows below the headings.
    pub rows: Vec<Row>,
    /// Headings the template does not have; what stands below them is kept with each record.
    pub others: Vec<String>,
}

/// A row of the file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// Its number in the file, from 1, as a spreadsheet shows it.
    pub place: usize,
    /// What it says, or everything that is wrong with it.
    pub record: Result<Record, Vec<Complaint>>,
    /// The number it tells, also where the row cannot be taken.
    pub number: Option<String>,
}

/// Reads a file: XLSX or CSV, told by its content.
///
/// # Errors
/// [`FileError`] where the file as a whole cannot be read.
pub fn read(bytes: &[u8]) -> Result<Read, FileError> {
    if bytes.len() > LARGEST {
        return Err(FileError::TooLarge(LARGEST));
    }
    let most = MOST_ROWS + HEADINGS_WITHIN;
    let rows = if bytes.starts_with(b"PK\x03\x04") {
        xlsx::rows(bytes, (most, MOST_COLUMNS))?
    } else if bytes.starts_with(&[0xD0, 0xCF, 0x11, 0xE0]) {
        return Err(FileError::OldOrEncrypted);
    } else {
        csv::rows(bytes, (most, MOST_COLUMNS))?
    };
    let (headings, below) = headings(&rows)?;
    if below.is_empty() {
        return Err(FileError::NoRows);
    }
    if below.len() > MOST_ROWS {
        return Err(FileError::TooManyRows(MOST_ROWS));
    }
    Ok(Read {
        rows: below.iter().map(|(place, cells)| headings.row(*place, cells)).collect(),
        others: headings.names(),
    })
}

struct Headings {
    known: BTreeMap<Column, usize>,
    others: Vec<(usize, String)>,
}

/// The first row that has every needed heading, and what is below it.
#[allow(clippy::type_complexity, reason = "the rows of a file as the readers give them")]
fn headings(rows: &[(usize, Vec<Cell>)]) -> Result<(Headings, &[(usize, Vec<Cell>)]), FileError> {
    for (above, (_, cells)) in rows.iter().take(HEADINGS_WITHIN).enumerate() {
        let mut headings = Headings { known: BTreeMap::new(), others: Vec::new() };
        let mut twice = None;
        for (place, cell) in cells.iter().enumerate() {
            let Some(words) = cell.words() else { continue };
            match Column::of_heading(&words) {
                Some(column) => twice = headings.known.insert(column, place).map(|_| column).or(twice),
                None => headings.others.push((place, words)),
            }
        }
        let needed = |column: &&Column| column.is_needed();
        if Column::ALL.iter().filter(needed).all(|column| headings.known.contains_key(column)) {
            return match twice {
                Some(column) => Err(FileError::TwiceTheSame(column.heading())),
                None => Ok((headings, &rows[above + 1..])),
            };
        }
    }
    Err(FileError::NoHeadings(
        Column::ALL.iter().filter(|column| column.is_needed()).map(|one| one.heading()).collect(),
    ))
}

impl Headings {
    fn names(&self) -> Vec<String> {
        self.others.iter().map(|(_, name)| name.clone()).collect()
    }

    fn row(&self, place: usize, cells: &[Cell]) -> Row {
        static NOTHING: Cell = Cell::Empty;
        let cell = |column: Column| self.known.get(&column).and_then(|place| cells.get(*place)).unwrap_or(&NOTHING);
        let mut judge = Judge { wrong: Vec::new() };
        let number = judge.hear(cell(Column::Number).number(Column::Number));
        let record = Record {
            number: number.clone().unwrap_or_default(),
            date: judge.day_that_must_be(cell(Column::Date)),
            direction: judge.hear(cell(Column::Direction).direction(Column::Direction)).unwrap_or_default(),
            issuer_number: judge.text(cell(Column::IssuerNumber), (Column::IssuerNumber, 100)),
            issuer_date: judge.hear(cell(Column::IssuerDate).day(Column::IssuerDate)).flatten(),
            pages: judge.hear(cell(Column::Pages).count(Column::Pages)).flatten(),
            annexes: judge.hear(cell(Column::Annexes).count(Column::Annexes)).flatten(),
            issuer: judge.text(cell(Column::Issuer), (Column::Issuer, 500)),
            subject: judge.text(cell(Column::Subject), (Column::Subject, 2_000)).unwrap_or_default(),
            unit: judge.text(cell(Column::Unit), (Column::Unit, 200)),
            sent: judge.hear(cell(Column::Sent).day(Column::Sent)).flatten(),
            resolution: judge.text(cell(Column::Resolution), (Column::Resolution, 500)),
            addressee: judge.text(cell(Column::Addressee), (Column::Addressee, 500)),
            connected: judge.text(cell(Column::Connected), (Column::Connected, 100)),
            file_code: judge.text(cell(Column::FileCode), (Column::FileCode, 100)),
            state: judge.hear(cell(Column::State).state(Column::State)).unwrap_or_default(),
            reason: judge.text(cell(Column::Reason), (Column::Reason, 500)),
            others: self.others(cells),
        };
        judge.whole(&record);
        Row { place, number, record: if judge.wrong.is_empty() { Ok(record) } else { Err(judge.wrong) } }
    }

    fn others(&self, cells: &[Cell]) -> Vec<(String, String)> {
        let said = |(place, name): &(usize, String)| Some((name.clone(), cells.get(*place)?.words()?));
        self.others.iter().filter_map(said).collect()
    }
}

/// Gathers everything that is wrong with a row, so that it is put right in one go.
struct Judge {
    wrong: Vec<Complaint>,
}

impl Judge {
    fn hear<T>(&mut self, read: Result<T, Complaint>) -> Option<T> {
        read.map_err(|complaint| self.wrong.push(complaint)).ok()
    }

    fn text(&mut self, cell: &Cell, (column, most): (Column, usize)) -> Option<String> {
        let text = self.hear(cell.text(column))??;
        if text.chars().count() > most {
            let what = format!("textul are mai mult de {most} de caractere");
            self.wrong.push(Complaint::new(column, what, "scurtați textul; documentul întreg rămâne în dosar"));
            return None;
        }
        // A register is searched and printed: one spelling, one line.
        Some(normalise_cedilla(&text.split_whitespace().collect::<Vec<_>>().join(" ")).into_owned())
    }

    fn day_that_must_be(&mut self, cell: &Cell) -> jiff::civil::Date {
        if cell.is_empty() {
            let way_out = "scrieți data din registrul vechi ca zz.ll.aaaa";
            self.wrong.push(Complaint::new(Column::Date, "lipsește data înregistrării", way_out));
        }
        self.hear(cell.day(Column::Date)).flatten().unwrap_or_default()
    }

    /// What holds for the row as a whole.
    fn whole(&mut self, record: &Record) {
        if record.state == State::Used && record.subject.is_empty() {
            let way_out = "scrieți conținutul pe scurt, sau „neutilizat” la „Stare” dacă numărul nu are document";
            self.wrong.push(Complaint::new(Column::Subject, "lipsește conținutul pe scurt", way_out));
        }
        if record.state == State::Annulled && record.reason.is_none() {
            let way_out = "scrieți motivul anulării, de exemplu „înregistrat de două ori”";
            self.wrong.push(Complaint::new(Column::Reason, "un număr anulat are nevoie de un motiv", way_out));
        }
        if record.sent.is_some_and(|sent| record.date != jiff::civil::Date::default() && sent < record.date) {
            let way_out = "verificați cele două date; un document se expediază după ce este înregistrat";
            self.wrong.push(Complaint::new(Column::Sent, "este dinaintea datei înregistrării", way_out));
        }
    }
}
