//! A table that is no register: its rows as text, whether it comes as CSV or XLSX.

use crate::cell::Cell;
use crate::{FileError, LARGEST, csv, xlsx};

/// Most rows of such a table, its headings included.
pub const TABLE_ROWS: usize = 20_010;
/// Most columns: the widest document types have some hundred fields.
pub const TABLE_COLUMNS: usize = 400;

/// The rows of a CSV or XLSX file, told by its content, as text, each with its number in the file, from 1. Days are
/// `31.12.2026`; empty rows are left out.
///
/// # Errors
/// [`FileError`] where the file cannot be read as a table.
pub fn table_rows(bytes: &[u8]) -> Result<Vec<(usize, Vec<String>)>, FileError> {
    if bytes.len() > LARGEST {
        return Err(FileError::TooLarge(LARGEST));
    }
    let bounds = (TABLE_ROWS, TABLE_COLUMNS);
    let rows = if bytes.starts_with(b"PK\x03\x04") {
        xlsx::rows(bytes, bounds)?
    } else if bytes.starts_with(&[0xD0, 0xCF, 0x11, 0xE0]) {
        return Err(FileError::OldOrEncrypted);
    } else {
        csv::rows(bytes, bounds)?
    };
    let words = |cell: Cell| cell.words().unwrap_or_default();
    Ok(rows.into_iter().map(|(row, cells)| (row, cells.into_iter().map(words).collect())).collect())
}
