//! Registers as files: row by row, so that a large one is never whole in memory.

use rust_xlsxwriter::{Format, Workbook, XlsxError};

use crate::{Column, Record};

/// CSV for a Romanian spreadsheet: UTF-8 with a byte-order mark, `;` between cells, lines end in CR LF.
pub struct CsvWriter;

impl CsvWriter {
    /// The beginning of the file: mark and headings.
    #[must_use]
    pub fn beginning() -> String {
        let headings: Vec<&str> = Column::ALL.iter().map(|column| column.heading()).collect();
        format!("\u{feff}{}\r\n", headings.join(";"))
    }

    /// A row.
    #[must_use]
    pub fn row(record: &Record) -> String {
        let mut line = String::new();
        for (place, column) in Column::ALL.iter().enumerate() {
            if place > 0 {
                line.push(';');
            }
            line.push_str(&cell(&record.text(*column)));
        }
        line.push_str("\r\n");
        line
    }
}

/// Quoted where it must be. What a spreadsheet would run as a formula is told to be text; [`crate::read`] takes that away.
pub(crate) fn cell(text: &str) -> String {
    let text = guarded(text);
    if text.contains([';', ',', '"', '\n', '\r', '\t']) { format!("\"{}\"", text.replace('"', "\"\"")) } else { text }
}

fn guarded(text: &str) -> String {
    if text.starts_with(['=', '+', '-', '@']) { format!("'{text}") } else { text.to_owned() }
}

/// XLSX, written through a temporary file.
pub struct XlsxWriter {
    book: Workbook,
    row: u32,
    day: Format,
}

impl XlsxWriter {
    /// A workbook with one sheet and the headings.
    ///
    /// # Errors
    /// The temporary file cannot be made.
    pub fn new(sheet: &str) -> std::io::Result<Self> {
        let mut book = Workbook::new();
        let bold = Format::new().set_bold();
        let page = book.add_worksheet_with_constant_memory().map_err(failed)?;
        page.set_name(sheet_name(sheet)).map_err(failed)?;
        page.set_freeze_panes(1, 0).map_err(failed)?;
        for (place, column) in (0u16..).zip(Column::ALL) {
            let width =
                if matches!(column, Column::Subject | Column::Issuer | Column::Addressee) { 40.0 } else { 16.0 };
            page.set_column_width(place, width).map_err(failed)?;
            page.write_string_with_format(0, place, column.heading(), &bold).map_err(failed)?;
        }
        Ok(Self { book, row: 0, day: Format::new().set_num_format("dd.mm.yyyy") })
    }

    /// Adds a row: counts are numbers and days are days, so that a spreadsheet sorts them.
    ///
    /// # Errors
    /// The temporary file cannot be written, or the sheet is full.
    pub fn add(&mut self, record: &Record) -> std::io::Result<()> {
        self.row += 1;
        let row = self.row;
        let page = self.book.worksheet_from_index(0).map_err(failed)?;
        for (place, column) in (0u16..).zip(Column::ALL) {
            let day = match column {
                Column::Date => Some(record.date),
                Column::IssuerDate => record.issuer_date,
                Column::Sent => record.sent,
                _ => None,
            };
            let count = match column {
                Column::Number => record.ordinal().and_then(|number| u32::try_from(number).ok()),
                Column::Pages => record.pages,
                Column::Annexes => record.annexes,
                _ => None,
            };
            let text = record.text(*column);
            if let Some(serial) = day.and_then(serial) {
                page.write_number_with_format(row, place, serial, &self.day).map_err(failed)?;
            } else if let Some(count) = count {
                page.write_number(row, place, count).map_err(failed)?;
            } else if !text.is_empty() {
                page.write_string(row, place, text).map_err(failed)?;
            }
        }
        Ok(())
    }

    /// The file.
    ///
    /// # Errors
    /// The temporary file cannot be read back.
    pub fn finish(mut self) -> std::io::Result<Vec<u8>> {
        self.book.save_to_buffer().map_err(failed)
    }
}

/// The name of a sheet: 31 letters at most, and none of those Excel refuses.
pub(crate) fn sheet_name(wanted: &str) -> String {
    let name: String = wanted.chars().filter(|letter| !"[]:*?/\\'".contains(*letter)).take(31).collect();
    if name.trim().is_empty() { "Registru".to_owned() } else { name }
}

/// Excel's number of a day; none before the days it counts rightly.
fn serial(day: jiff::civil::Date) -> Option<f64> {
    let days = day.since(jiff::civil::date(1899, 12, 30)).ok()?.get_days();
    (days >= 61).then(|| f64::from(days))
}

pub(crate) fn failed(error: XlsxError) -> std::io::Error {
    std::io::Error::other(error.to_string())
}
