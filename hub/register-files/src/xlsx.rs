//! XLSX, cell by cell. The archive is measured before anything of it is kept: what unpacks to more than it may is refused
//! without being unpacked. Cells are streamed, so that one cell in the last corner of a sheet costs nothing.

use std::collections::BTreeMap;
use std::io::{Cursor, Read as _};

use calamine::{DataRef, Reader as _, Xlsx};

use crate::cell::{Cell, day_of_serial};
use crate::{FileError, LONGEST_CELL};

/// Most bytes of all parts together, unpacked.
const LARGEST_UNPACKED: u64 = 96 * 1024 * 1024;
/// Most bytes of the shared texts: each costs more in memory than in the file.
const LARGEST_TEXTS: u64 = 24 * 1024 * 1024;
/// Most parts of the archive.
const MOST_PARTS: usize = 2_000;
/// Most cells looked at, empty ones with a format included.
const MOST_CELLS: usize = 4_000_000;

/// The rows of the first sheet that has any, each with its number in the sheet, from 1.
pub fn rows(bytes: &[u8], (most, columns): (usize, usize)) -> Result<Vec<(usize, Vec<Cell>)>, FileError> {
    measure(bytes)?;
    let broken = |error: calamine::XlsxError| FileError::NotXlsx(brief(&error.to_string()));
    let mut book: Xlsx<_> = Xlsx::new(Cursor::new(bytes)).map_err(broken)?;
    let since_1904 = book.has_1904_epoch();
    let mut looked = 0;
    for name in book.sheet_names() {
        // A sheet that cannot be read as one (a chart) is none.
        let Ok(mut cells) = book.worksheet_cells_reader(&name) else { continue };
        let mut rows: BTreeMap<u32, Vec<Cell>> = BTreeMap::new();
        while let Some(cell) = cells.next_cell().map_err(broken)? {
            looked += 1;
            if looked > MOST_CELLS {
                return Err(FileError::TooManyRows(most));
            }
            let (row, column) = cell.get_position();
            let value = value(cell.get_value(), since_1904);
            if value.is_empty() {
                continue;
            }
            let number = row as usize + 1;
            if column as usize >= columns {
                return Err(FileError::TooManyColumns { row: number, most: columns });
            }
            if matches!(&value, Cell::Text(text) if text.len() > 4 * LONGEST_CELL) {
                return Err(FileError::CellTooLong { row: number, most: LONGEST_CELL });
            }
            if rows.len() == most && !rows.contains_key(&row) {
                return Err(FileError::TooManyRows(most));
            }
            let cells = rows.entry(row).or_default();
            cells.resize(cells.len().max(column as usize + 1), Cell::Empty);
            cells[column as usize] = value;
        }
        if !rows.is_empty() {
            return Ok(rows.into_iter().map(|(row, cells)| (row as usize + 1, cells)).collect());
        }
    }
    Ok(Vec::new())
}

/// Unpacks every part into nothing, and counts: what an archive says of its own sizes is not believed.
fn measure(bytes: &[u8]) -> Result<(), FileError> {
    let broken = |error: &dyn std::fmt::Display| FileError::NotXlsx(brief(&error.to_string()));
    let mut archive = zip::ZipArchive::new(Cursor::new(bytes)).map_err(|error| broken(&error))?;
    if archive.len() > MOST_PARTS {
        return Err(FileError::NotXlsx("prea multe părți".to_owned()));
    }
    let mut room = LARGEST_UNPACKED;
    for place in 0..archive.len() {
        let part = archive.by_index(place).map_err(|error| broken(&error))?;
        let texts = part.name().map_err(|error| broken(&error))?.to_lowercase().ends_with("sharedstrings.xml");
        let most = if texts { room.min(LARGEST_TEXTS) } else { room };
        let size = std::io::copy(&mut part.take(most + 1), &mut std::io::sink()).map_err(|error| broken(&error))?;
        if size > most {
            return Err(FileError::UnpacksTooLarge(most as usize));
        }
        room -= size;
    }
    Ok(())
}

fn value(value: &DataRef<'_>, since_1904: bool) -> Cell {
    match value {
        DataRef::Empty => Cell::Empty,
        DataRef::Int(number) => Cell::Number(*number as f64),
        DataRef::Float(number) => Cell::Number(*number),
        DataRef::String(text) => Cell::of_text(text),
        DataRef::SharedString(text) => Cell::of_text(text),
        DataRef::Bool(true) => Cell::Text("da".to_owned()),
        DataRef::Bool(false) => Cell::Text("nu".to_owned()),
        DataRef::DateTime(moment) => {
            let serial = moment.as_f64();
            day_of_serial(serial, since_1904).map_or(Cell::Number(serial), Cell::Day)
        }
        DataRef::DateTimeIso(text) | DataRef::DurationIso(text) => Cell::of_text(text),
        DataRef::Error(error) => Cell::Broken(error.to_string()),
        #[allow(unreachable_patterns, reason = "kinds of a later version are text at most")]
        _ => Cell::Empty,
    }
}

fn brief(text: &str) -> String {
    text.chars().filter(|letter| !letter.is_control()).take(80).collect()
}
