//! A register in files that people open: CSV and XLSX out, and the same template in, row by row with a verdict.
//!
//! Pure: bytes in, records and complaints out, and the other way round. It may assume nothing about what it reads: files are
//! bounded before they are unpacked, cells are text until they are proven to be more, and every row that cannot be taken is
//! told by row and column, in Romanian, with a way out. It reads no database and no clock.

mod columns;
mod record;
mod complaint;
mod cell;
mod csv;
mod xlsx;
mod rows;
mod write;
mod table;
mod any;
mod bundle;

pub use any::{TABLE_COLUMNS, TABLE_ROWS, table_rows};
pub use bundle::{Bundle, BundleError, BundleLimits};
pub use columns::{Column, template_csv, template_xlsx};
pub use complaint::{Complaint, FileError};
pub use record::{Direction, Record, State, day_in_words};
pub use rows::{Read, Row, read};
pub use table::TableWriter;
pub use write::{CsvWriter, XlsxWriter};

/// The rows of a CSV file as text, each with the line on which it begins, from 1; empty rows are left out. For tables other
/// than registers.
///
/// # Errors
/// It is no text, a quotation mark stays open, or it has more than `most` rows.
pub fn csv_rows(bytes: &[u8], most: usize) -> Result<Vec<(usize, Vec<String>)>, FileError> {
    let words = |cell: cell::Cell| cell.words().unwrap_or_default();
    let rows = csv::rows(bytes, (most, MOST_COLUMNS))?;
    Ok(rows.into_iter().map(|(line, cells)| (line, cells.into_iter().map(words).collect())).collect())
}

/// Most bytes of a file that is read.
pub const LARGEST: usize = 16 * 1024 * 1024;
/// Most rows of a file that is read; a larger register comes in parts.
pub const MOST_ROWS: usize = 20_000;
/// Most columns.
pub const MOST_COLUMNS: usize = 64;
/// Most characters of a cell, as Excel has it.
pub const LONGEST_CELL: usize = 32_767;
