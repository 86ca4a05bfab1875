//! The headings of a table: which column is what, and where the rows begin. Pure.

use std::collections::BTreeMap;

use schemas::text::fold;

use super::MOST_ROWS;
use super::columns::{Column, general};
use super::model::{FileFault, ReadRow, Source};

/// Column of a corrected file that names the row; a new push does not need it.
pub const ROW: &str = "@rand";
/// Column of a corrected file that says why; never read.
pub const WHY: &str = "@motiv";
/// The headings stand in one of the first rows.
const WITHIN: usize = 10;

/// A table that was read: the paths of its columns in order, and its rows.
#[derive(Debug)]
pub struct Table {
    /// Paths of the columns that mean something.
    pub paths: Vec<String>,
    /// The rows; of a corrected file, under the numbers it names.
    pub rows: Vec<ReadRow>,
    /// Whether it names the numbers of its rows.
    pub numbered: bool,
}

/// Reads the rows below the headings. Rows whose first cell begins with `#` are hints and are left out.
///
/// # Errors
/// There are no headings, one is unknown or twice, or there is no row.
pub fn read(columns: &[Column], rows: &[(usize, Vec<String>)]) -> Result<Table, FileFault> {
    let (above, paths) = found(columns, rows)?;
    let numbered = paths.iter().flatten().any(|path| path == ROW);
    let mut table = Table { paths: Vec::new(), rows: Vec::new(), numbered };
    table.paths = paths.iter().flatten().filter(|path| *path != ROW && *path != WHY).cloned().collect();
    for (place, cells) in &rows[above + 1..] {
        if cells.iter().find(|cell| !cell.trim().is_empty()).is_none_or(|first| first.trim().starts_with('#')) {
            continue;
        }
        let (mut source, mut row) = (BTreeMap::new(), i64::try_from(*place).unwrap_or(i64::MAX));
        for (path, cell) in paths.iter().zip(cells) {
            let (Some(path), cell) = (path, cell.trim()) else { continue };
            match path.as_str() {
                ROW => row = cell.parse().map_err(|_| bad_row(*place, cell))?,
                WHY => {}
                _ if cell.is_empty() => {}
                _ => drop(source.insert(path.clone(), cell.to_owned())),
            }
        }
        table.rows.push(ReadRow { row, source: Source::Cells(source) });
    }
    if table.rows.is_empty() {
        return Err(FileFault::of(
            "Fișierul nu are niciun rând sub capul de tabel; completați cel puțin unul",
            "The file has no row below its headings; fill in at least one",
        ));
    }
    if table.rows.len() > MOST_ROWS {
        return Err(FileFault::of(
            format!("Fișierul are mai mult de {MOST_ROWS} de rânduri; împărțiți-l"),
            format!("The file has more than {MOST_ROWS} rows; split it"),
        ));
    }
    Ok(table)
}

/// The row with the headings, and the path of each of its cells; nothing for an empty one.
fn found(columns: &[Column], rows: &[(usize, Vec<String>)]) -> Result<(usize, Vec<Option<String>>), FileFault> {
    let known = |cell: &String| path(columns, cell);
    let best = rows.iter().take(WITHIN).enumerate().max_by_key(|(above, (_, cells))| {
        // Of two rows that fit as well, the first.
        (cells.iter().filter(|cell| known(cell).is_some()).count(), std::cmp::Reverse(*above))
    });
    let Some((above, cells)) = best.map(|(above, (_, cells))| (above, cells)) else { return Err(no_headings()) };
    if !cells.iter().any(|cell| known(cell).is_some()) {
        return Err(no_headings());
    }
    let mut paths: Vec<Option<String>> = Vec::with_capacity(cells.len());
    for cell in cells {
        let named = cell.trim();
        let path = known(cell);
        if path.is_none() && !named.is_empty() {
            return Err(FileFault::of(
                format!(
                    "Coloana „{}” nu este a acestui tip de document; ștergeți-o sau folosiți șablonul",
                    brief(named)
                ),
                format!("The column \"{}\" is none of this document type; remove it or use the template", brief(named)),
            ));
        }
        if path.is_some() && paths.contains(&path) {
            return Err(FileFault::of(
                format!("Coloana „{}” apare de două ori; păstrați una", brief(named)),
                format!("The column \"{}\" is there twice; keep one", brief(named)),
            ));
        }
        paths.push(path);
    }
    Ok((above, paths))
}

/// The path a heading names: in brackets at its end, by itself, or by a title that only one column has.
fn path(columns: &[Column], heading: &str) -> Option<String> {
    let heading = heading.trim();
    let bracketed = heading.strip_suffix(']').and_then(|text| text.rsplit_once('[')).map(|(_, path)| path.trim());
    let named = bracketed.unwrap_or(heading);
    if named == ROW || named == WHY {
        return Some(named.to_owned());
    }
    if columns.iter().any(|one| one.path == general(named)) {
        return Some(named.to_owned());
    }
    let title = |one: &Column| one.heading.rsplit_once(" [").map(|(title, _)| fold(title)).unwrap_or_default();
    let wanted = fold(heading);
    let mut same = columns.iter().filter(|one| {
        let title = title(one);
        title == wanted || title.rsplit(" › ").next().is_some_and(|last| last == wanted)
    });
    let first = same.next()?;
    same.next().is_none().then(|| first.path.clone())
}

fn no_headings() -> FileFault {
    FileFault::of(
        "Nu găsim capul de tabel; descărcați șablonul tipului de document și copiați rândurile sub el",
        "The headings are not found; download the template of the document type and copy the rows below it",
    )
}

fn bad_row(place: usize, cell: &str) -> FileFault {
    FileFault::of(
        format!(
            "Rândul {place}: „{}” din coloana Rând nu este un număr; lăsați numerele din fișierul descărcat",
            brief(cell)
        ),
        format!(
            "Row {place}: \"{}\" in the column of rows is no number; leave those of the downloaded file",
            brief(cell)
        ),
    )
}

fn brief(text: &str) -> String {
    text.chars().filter(|letter| !letter.is_control()).take(60).collect()
}

#[cfg(test)]
mod tests {
    use schemas::Catalogue;

    use super::super::columns;
    use super::*;

    fn table(text: &[&[&str]]) -> Result<Table, FileFault> {
        let catalogue = Catalogue::builtin().unwrap();
        let columns = columns::of(catalogue.document_type("document-generic", "1.0").unwrap());
        let row =
            |(place, cells): (usize, &&[&str])| (place + 1, cells.iter().map(|cell| (*cell).to_owned()).collect());
        read(&columns, &text.iter().enumerate().map(row).collect::<Vec<_>>())
    }

    #[test]
    fn headings_are_known_by_path_by_bracket_and_by_title() {
        let read = table(&[
            &["Primăria inventată"],
            &["Destinatar [@destinatar]", "subiect", "Textul"],
            &["# codul instituției", "", ""],
            &["uat-1", "", "Bună ziua"],
            &["", "", ""],
        ]);
        let read = read.unwrap();
        assert_eq!(read.paths, ["@destinatar", "subiect", "text"]);
        assert_eq!(read.rows.len(), 1);
        let expected = BTreeMap::from([
            ("@destinatar".to_owned(), "uat-1".to_owned()),
            ("text".to_owned(), "Bună ziua".to_owned()),
        ]);
        assert_eq!((read.rows[0].row, &read.rows[0].source), (4, &Source::Cells(expected)));
    }

    #[test]
    fn a_corrected_file_keeps_the_numbers_of_its_rows() {
        let read = table(&[&["Rând [@rand]", "De ce [@motiv]", "text"], &["7", "greșit", "a"]]).unwrap();
        assert_eq!((read.rows[0].row, read.paths), (7, vec!["text".to_owned()]));
        assert!(table(&[&["Rând [@rand]", "text"], &["șapte", "a"]]).unwrap_err().ro.contains("șapte"));
    }

    #[test]
    fn what_is_wrong_with_headings_is_said() {
        assert!(table(&[&["ceva", "altceva"]]).unwrap_err().ro.contains("capul de tabel"));
        assert!(table(&[&["text", "altceva"]]).unwrap_err().ro.contains("altceva"));
        assert!(table(&[&["text", "Textul"]]).unwrap_err().ro.contains("de două ori"));
        assert!(table(&[&["text", "subiect"]]).unwrap_err().ro.contains("niciun rând"));
    }
}
