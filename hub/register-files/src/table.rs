//! Any table as CSV or XLSX: rows of text under headings, in the form a Romanian spreadsheet opens.

use rust_xlsxwriter::{Format, Workbook};

use crate::write::{cell, failed, sheet_name};

/// A table on its way into a file, row by row.
pub struct TableWriter(Kind);

enum Kind {
    Csv(String),
    Xlsx(Box<Workbook>, u32),
}

impl TableWriter {
    /// CSV: UTF-8 with a byte-order mark, `;` between cells, lines end in CR LF.
    #[must_use]
    pub fn csv(headings: &[&str]) -> Self {
        let mut text = "\u{feff}".to_owned();
        line(&mut text, headings);
        Self(Kind::Csv(text))
    }

    /// XLSX with one sheet, its headings in bold and always in sight.
    ///
    /// # Errors
    /// The temporary file cannot be made.
    pub fn xlsx(sheet: &str, headings: &[&str]) -> std::io::Result<Self> {
        let mut book = Workbook::new();
        let bold = Format::new().set_bold();
        let page = book.add_worksheet_with_constant_memory().map_err(failed)?;
        page.set_name(sheet_name(sheet)).map_err(failed)?;
        page.set_freeze_panes(1, 0).map_err(failed)?;
        for (place, heading) in (0u16..).zip(headings) {
            page.set_column_width(place, 24.0).map_err(failed)?;
            page.write_string_with_format(0, place, *heading, &bold).map_err(failed)?;
        }
        Ok(Self(Kind::Xlsx(Box::new(book), 0)))
    }

    /// Adds a row. Whole numbers are numbers in XLSX, so that a spreadsheet sorts and sums them.
    ///
    /// # Errors
    /// The temporary file cannot be written, or the sheet is full.
    pub fn row(&mut self, cells: &[String]) -> std::io::Result<()> {
        match &mut self.0 {
            Kind::Csv(text) => line(text, cells),
            Kind::Xlsx(book, row) => {
                *row += 1;
                let page = book.worksheet_from_index(0).map_err(failed)?;
                for (place, text) in (0u16..).zip(cells) {
                    match whole(text) {
                        Some(number) => page.write_number(*row, place, number).map_err(failed)?,
                        None => page.write_string(*row, place, text).map_err(failed)?,
                    };
                }
            }
        }
        Ok(())
    }

    /// The file.
    ///
    /// # Errors
    /// The temporary file cannot be read back.
    pub fn finish(self) -> std::io::Result<Vec<u8>> {
        match self.0 {
            Kind::Csv(text) => Ok(text.into_bytes()),
            Kind::Xlsx(mut book, _) => book.save_to_buffer().map_err(failed),
        }
    }
}

/// A count; codes with leading zeros and numbers too long for a spreadsheet stay text.
fn whole(text: &str) -> Option<u32> {
    let plain = text.len() <= 9 && (text == "0" || !text.starts_with(['0', '+']));
    text.parse().ok().filter(|_| plain)
}

fn line<T: AsRef<str>>(text: &mut String, cells: &[T]) {
    for (place, one) in cells.iter().enumerate() {
        if place > 0 {
            text.push(';');
        }
        text.push_str(&cell(one.as_ref()));
    }
    text.push_str("\r\n");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_table_is_text_that_no_spreadsheet_runs() {
        let mut table = TableWriter::csv(&["Număr", "Obiect"]);
        table.row(&["12".into(), "=SUM(A1)".into()]).unwrap();
        table.row(&["007".into(), "a;b \"c\"".into()]).unwrap();
        let text = String::from_utf8(table.finish().unwrap()).unwrap();
        assert_eq!(text, "\u{feff}Număr;Obiect\r\n12;'=SUM(A1)\r\n007;\"a;b \"\"c\"\"\"\r\n");
    }

    #[test]
    fn counts_are_numbers_and_codes_are_text() {
        let given =
            [("12", Some(12)), ("0", Some(0)), ("007", None), ("1850101000000", None), ("+4", None), ("", None)];
        for (text, number) in given {
            assert_eq!(whole(text), number, "{text}");
        }
        let mut table = TableWriter::xlsx("Sosite: [2026]", &["Număr"]).unwrap();
        table.row(&["12".into()]).unwrap();
        let rows = crate::xlsx::rows(&table.finish().unwrap(), (10, 10)).unwrap();
        assert_eq!(rows.len(), 2);
    }
}
