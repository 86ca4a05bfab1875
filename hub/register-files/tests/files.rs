//! Registers as offices send them, and as they leave; hostile files too.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::io::Write as _;

use hub_register_files::{
    Column, CsvWriter, Direction, FileError, Record, State, XlsxWriter, read, template_csv, template_xlsx,
};
use jiff::civil::date;

fn record(number: usize) -> Record {
    Record {
        number: number.to_string(),
        date: date(2025, 3, 14),
        direction: Direction::Out,
        issuer_number: Some("77/A".to_owned()),
        issuer_date: Some(date(2025, 3, 10)),
        pages: Some(3),
        annexes: Some(0),
        issuer: Some("Primăria Comunei Exemplu; \"veche\"".to_owned()),
        subject: "=Adeverință, țărm și șes".to_owned(),
        unit: Some("Urbanism".to_owned()),
        sent: Some(date(2025, 3, 20)),
        resolution: Some("răspuns".to_owned()),
        addressee: Some("@Consiliul Județean".to_owned()),
        connected: Some("12".to_owned()),
        file_code: Some("IV-B-3".to_owned()),
        state: State::Annulled,
        reason: Some("-înregistrat de două ori".to_owned()),
        others: Vec::new(),
    }
}

fn records(file: &[u8]) -> Vec<Record> {
    read(file).unwrap().rows.into_iter().map(|row| row.record.unwrap()).collect()
}

#[test]
fn what_leaves_as_csv_and_xlsx_comes_back_the_same() {
    let all: Vec<Record> = (1..=50).map(record).collect();
    let csv: String = CsvWriter::beginning() + &all.iter().map(CsvWriter::row).collect::<String>();
    assert_eq!(records(csv.as_bytes()), all);
    let mut xlsx = XlsxWriter::new("Registru general/2025").unwrap();
    all.iter().for_each(|record| xlsx.add(record).unwrap());
    assert_eq!(records(&xlsx.finish().unwrap()), all);
    // A spreadsheet runs none of it.
    assert!(csv.contains(";\"'=Adeverință, țărm și șes\";") && csv.contains(";'@Consiliul Județean;"), "{csv}");
}

#[test]
fn the_template_has_every_column_and_no_row() {
    for template in [template_csv(), template_xlsx().unwrap()] {
        assert_eq!(read(&template), Err(FileError::NoRows));
    }
    let text = String::from_utf8(template_csv()).unwrap();
    assert!(Column::ALL.iter().all(|column| text.contains(column.heading())));
}

#[test]
fn files_of_offices_are_read_whatever_their_separator_and_charset() {
    let expected = Record {
        number: "1482".to_owned(),
        date: date(2025, 1, 7),
        subject: "Cerere pentru țăran și școală".to_owned(),
        issuer: Some("Ion Exemplu (inventat)".to_owned()),
        ..Record::default()
    };
    let with = |separator: char| {
        ["Nr. înreg.,Data,Expeditor,Obiect", "1.482,7.01.2025,Ion Exemplu (inventat),Cerere pentru ţăran şi şcoală"]
            .map(|line| line.replace(',', &separator.to_string()))
            .join("\r\n")
    };
    for separator in [';', ',', '\t'] {
        assert_eq!(records(with(separator).as_bytes()), vec![expected.clone()], "{separator:?}");
    }
    assert_eq!(records(format!("\u{feff}{}", with(';')).as_bytes()), vec![expected.clone()]);
    assert_eq!(records(format!("sep=,\n{}", with(',')).as_bytes()), vec![expected.clone()]);
    let windows: Vec<u8> = with(';')
        .chars()
        .map(|letter| match letter {
            'î' => 0xEE,
            'ţ' => 0xFE,
            'ă' => 0xE3,
            'ş' => 0xBA,
            plain => u8::try_from(u32::from(plain)).unwrap(),
        })
        .collect();
    assert_eq!(records(&windows), vec![expected.clone()]);
    // The name of the town hall above the table, and empty rows.
    assert_eq!(records(format!("Primăria Exemplu\n\n;;;\n{}\n;;;\n", with(';')).as_bytes()), vec![expected]);
}

#[test]
fn each_wrong_row_is_told_by_row_and_column_with_a_way_out_and_the_good_ones_are_read() {
    let file = "Nr;Data;Conținut;Nr. file;Stare;Motiv;Sens;Data expedierii\n\
        1;31.12.2025;bun;3;;;;\n\
        ;31.12.2025;fără număr;;;;;\n\
        3;31.02.2025;zi care nu există;;;;;\n\
        4;1.2.25;an cu două cifre;;;;;\n\
        5;31.12.2025;;;;;;\n\
        6;31.12.2025;x;trei;anulat;;lateral;\n\
        7;31.12.2025;;;neutilizat;;;\n\
        8;31.12.2025;x;;;;;30.12.2025\n";
    let read = read(file.as_bytes()).unwrap();
    let told: Vec<(usize, Vec<Option<Column>>)> = read
        .rows
        .iter()
        .map(|row| (row.place, row.record.as_ref().err().into_iter().flatten().map(|one| one.column).collect()))
        .collect();
    let expected = vec![
        (2, vec![]),
        (3, vec![Some(Column::Number)]),
        (4, vec![Some(Column::Date)]),
        (5, vec![Some(Column::Date)]),
        (6, vec![Some(Column::Subject)]),
        (7, vec![Some(Column::Direction), Some(Column::Pages), Some(Column::Reason)]),
        (8, vec![]),
        (9, vec![Some(Column::Sent)]),
    ];
    assert_eq!(told, expected);
    let february = read.rows[2].record.as_ref().unwrap_err();
    assert_eq!(february[0].what, "„31.02.2025” nu este o dată care există");
    assert!(february[0].way_out.contains("zz.ll.aaaa"));
    assert_eq!(read.rows[2].number.as_deref(), Some("3"));
}

#[test]
fn columns_the_template_does_not_have_are_kept_with_their_heading() {
    let read = read("Nr;Data;Conținut;Raft\n1;31.12.2025;x;R7\n".as_bytes()).unwrap();
    assert_eq!(read.others, ["Raft"]);
    assert_eq!(read.rows[0].record.as_ref().unwrap().others, [("Raft".to_owned(), "R7".to_owned())]);
}

#[test]
fn files_that_are_no_registers_are_refused_in_words() {
    let long = format!("Nr;Data;Conținut\n1;31.12.2025;\"{}", "x".repeat(40_000));
    let wide = format!("Nr;Data;Conținut\n{}\n", ";".repeat(100));
    let many = format!("Nr;Data;Conținut\n{}", "1;31.12.2025;x\n".repeat(20_001));
    type Case<'f> = (&'f [u8], fn(&FileError) -> bool);
    let cases: Vec<Case<'_>> = vec![
        (b"", |error| matches!(error, FileError::NoHeadings(_))),
        (b"a;b\n1;2\n", |error| matches!(error, FileError::NoHeadings(_))),
        (b"Nr;Nr;Data;Obiect\n1;1;1.1.2025;x\n", |error| matches!(error, FileError::TwiceTheSame(_))),
        (b"\x00\x01\x02", |error| matches!(error, FileError::NotText)),
        (b"\xD0\xCF\x11\xE0\xA1\xB1", |error| matches!(error, FileError::OldOrEncrypted)),
        (b"PK\x03\x04nothing", |error| matches!(error, FileError::NotXlsx(_))),
        (b"Nr;Data;Obiect\n1;1.1.2025;\"open", |error| matches!(error, FileError::OpenQuote { row: 2 })),
        (long.as_bytes(), |error| matches!(error, FileError::CellTooLong { row: 2, .. })),
        (wide.as_bytes(), |error| matches!(error, FileError::TooManyColumns { row: 2, .. })),
        (many.as_bytes(), |error| matches!(error, FileError::TooManyRows(_))),
    ];
    for (file, is_right) in cases {
        let error = read(file).unwrap_err();
        assert!(is_right(&error), "{error:?}");
    }
    assert!(matches!(read(&vec![b'x'; 16 * 1024 * 1024 + 1]), Err(FileError::TooLarge(_))));
}

/// A workbook whose parts are given.
fn workbook(sheet: &[u8], more: &[(&str, usize)]) -> Vec<u8> {
    let mut zip = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    let options = zip::write::SimpleFileOptions::default();
    let parts: [(&str, &[u8]); 5] = [
        ("_rels/.rels", br#"<?xml version="1.0"?><Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" Target="xl/workbook.xml"/></Relationships>"#),
        ("[Content_Types].xml", br#"<?xml version="1.0"?><Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"/>"#),
        ("xl/workbook.xml", br#"<?xml version="1.0"?><workbook xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"><sheets><sheet name="R" sheetId="1" r:id="rId1"/></sheets></workbook>"#),
        ("xl/_rels/workbook.xml.rels", br#"<?xml version="1.0"?><Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet" Target="worksheets/sheet1.xml"/></Relationships>"#),
        ("xl/worksheets/sheet1.xml", sheet),
    ];
    for (name, content) in parts {
        zip.start_file(name, options).unwrap();
        zip.write_all(content).unwrap();
    }
    for (name, size) in more {
        zip.start_file(*name, options).unwrap();
        for _ in 0..*size {
            zip.write_all(&[b' '; 1024 * 1024]).unwrap();
        }
    }
    zip.finish().unwrap().into_inner()
}

fn sheet(rows: &str) -> Vec<u8> {
    format!(r#"<?xml version="1.0"?><worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>{rows}</sheetData></worksheet>"#).into_bytes()
}

const HEADINGS: &str = r#"<row r="1"><c r="A1" t="inlineStr"><is><t>Nr</t></is></c><c r="B1" t="inlineStr"><is><t>Data</t></is></c><c r="C1" t="inlineStr"><is><t>Obiect</t></is></c></row>"#;

#[test]
fn a_workbook_with_serials_and_broken_formulas_is_judged_cell_by_cell() {
    let rows = format!(
        "{HEADINGS}{}{}",
        r#"<row r="5"><c r="A5"><v>7</v></c><c r="B5"><v>46022</v></c><c r="C5" t="inlineStr"><is><t>bun</t></is></c></row>"#,
        r##"<row r="9"><c r="A9"><v>8</v></c><c r="B9"><v>46022</v></c><c r="C9" t="e"><v>#REF!</v></c></row>"##,
    );
    let read = read(&workbook(&sheet(&rows), &[])).unwrap();
    assert_eq!(read.rows[0].record.as_ref().unwrap().date, date(2025, 12, 31));
    assert_eq!((read.rows[0].place, read.rows[1].place), (5, 9), "as the spreadsheet counts");
    assert!(read.rows[1].record.as_ref().unwrap_err()[0].what.contains("eroare de formulă"));
}

#[test]
fn a_zip_bomb_and_a_cell_in_the_last_corner_cost_nothing() {
    let bomb = workbook(&sheet(HEADINGS), &[("xl/media/image1.png", 97)]);
    assert!(bomb.len() < 1024 * 1024, "{}", bomb.len());
    assert!(matches!(read(&bomb), Err(FileError::UnpacksTooLarge(_))));
    let texts = workbook(&sheet(HEADINGS), &[("xl/sharedStrings.xml", 25)]);
    assert!(matches!(read(&texts), Err(FileError::UnpacksTooLarge(_))));
    let corner = format!(r#"{HEADINGS}<row r="1048576"><c r="XFD1048576"><v>1</v></c></row>"#);
    assert!(matches!(read(&workbook(&sheet(&corner), &[])), Err(FileError::TooManyColumns { row: 1_048_576, .. })));
    let far = format!(r#"{HEADINGS}<row r="1048576"><c r="A1048576"><v>1</v></c></row>"#);
    assert_eq!(read(&workbook(&sheet(&far), &[])).unwrap().rows.len(), 1);
}

#[test]
fn a_workbook_with_a_doctype_expands_nothing() {
    let entities = format!(
        r#"<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;">]><worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>{HEADINGS}<row r="2"><c r="A2"><v>1</v></c><c r="B2"><v>46022</v></c><c r="C2" t="inlineStr"><is><t>&b;</t></is></c></row></sheetData></worksheet>"#
    );
    // Refused, or read without what the entity stands for.
    let said = format!("{:?}", read(&workbook(entities.as_bytes(), &[])));
    assert!(!said.contains("aaaaaaaaaa"), "{said}");
}
