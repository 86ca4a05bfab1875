//! Rows of a file as entries, with a complaint about each row that is none. Pure.
//!
//! A file has a heading with `code` and `ro` (or `name`), and may have `en`, `kind`, `parent`, `valid_from`, `valid_to`. The file
//! of the National Institute of Statistics is read as it is, by its own heading (`SIRUTA`, `DENLOC`, `SIRSUP`, `TIP`).

use std::collections::{HashMap, HashSet};

use jiff::civil::Date;
use schemas::identifiers::Siruta;
use serde::Serialize;

use super::Entry;

/// What is wrong with a row, or should be looked at.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Complaint {
    /// Line of the file, from 1.
    pub line: usize,
    /// The column.
    pub column: &'static str,
    /// Whether the row is refused for it.
    pub refuses: bool,
    /// What, and the way out.
    pub ro: String,
}

/// A file as it was read.
#[derive(Debug, Default)]
pub struct Read {
    /// Entries of the rows that are some.
    pub entries: Vec<Entry>,
    /// Complaints, in order of line.
    pub complaints: Vec<Complaint>,
}

/// Reads rows: the heading, and each row with its line. `places` says whether a code is in the nomenclature of places,
/// for lists whose parents are there (streets).
#[must_use]
pub fn read(list: &str, rows: Vec<(usize, Vec<String>)>, places: impl Fn(&str) -> bool) -> Read {
    let mut rows = rows.into_iter();
    let Some((_, heading)) = rows.next() else { return Read::default() };
    let heading: Vec<String> = heading.iter().map(|name| name.trim().to_owned()).collect();
    let official = heading.iter().any(|name| name == "SIRUTA") && heading.iter().any(|name| name == "DENLOC");
    let names = Names(heading.iter().enumerate().map(|(place, name)| (name.as_str(), place)).collect());
    let mut read = Read::default();
    if !official && (names.place(&["code"]).is_none() || names.place(&["ro", "name"]).is_none()) {
        read.complaints.push(complaint(1, "code", "Capul de tabel are cel puțin coloanele code și ro (sau name)"));
        return read;
    }
    let mut codes = HashSet::new();
    let mut parents = Vec::new();
    for (line, cells) in rows {
        let entry = if official { of_statistics(&names, &cells) } else { own(&names, &cells) };
        let before = read.complaints.len();
        complain(line, &entry, &mut read.complaints);
        if !codes.insert(entry.code.clone()) {
            read.complaints.push(complaint(line, "code", "Codul mai apare o dată în fișier; păstrați un singur rând"));
        }
        if list == "siruta" && Siruta::parse(&entry.code).is_ok_and(|code| !code.check_digit_matches()) {
            // 77 official codes fail the published rule: existence in the list decides.
            let said = "Cifra de control nu se potrivește; rândul se păstrează";
            read.complaints.push(Complaint { refuses: false, ..complaint(line, "code", said) });
        }
        if let Some(parent) = &entry.parent {
            parents.push((line, parent.clone()));
        }
        if read.complaints[before..].iter().all(|one| !one.refuses) {
            read.entries.push(entry);
        }
    }
    let known = |parent: &str| codes.contains(parent) || list != "siruta" && places(parent);
    for (line, parent) in parents.into_iter().filter(|(_, parent)| !known(parent)) {
        let said = format!("Codul părinte {parent} nu este în listă sau în SIRUTA; corectați-l");
        read.complaints.push(complaint(line, "parent", &said));
    }
    read.complaints.sort_by_key(|one| one.line);
    read
}

struct Names<'a>(HashMap<&'a str, usize>);

impl Names<'_> {
    fn place(&self, names: &[&str]) -> Option<usize> {
        names.iter().find_map(|name| self.0.get(name)).copied()
    }

    fn cell(&self, cells: &[String], names: &[&str]) -> Option<String> {
        let text = cells.get(self.place(names)?)?.trim();
        (!text.is_empty()).then(|| text.split_whitespace().collect::<Vec<_>>().join(" "))
    }
}

fn own(names: &Names<'_>, cells: &[String]) -> Entry {
    Entry {
        code: names.cell(cells, &["code"]).unwrap_or_default(),
        ro: names.cell(cells, &["ro", "name"]).unwrap_or_default(),
        en: names.cell(cells, &["en"]),
        kind: names.cell(cells, &["kind"]),
        parent: names.cell(cells, &["parent"]),
        valid_from: names.cell(cells, &["valid_from"]),
        valid_to: names.cell(cells, &["valid_to"]),
    }
}

/// A row of the institute's file: the parent of a county is `1`, which is no row; the kind is the number of `TIP`.
fn of_statistics(names: &Names<'_>, cells: &[String]) -> Entry {
    let kind = match names.cell(cells, &["TIP"]).as_deref() {
        Some("40") => "judet",
        Some("1" | "4") => "municipiu",
        Some("2") => "oras",
        Some("3") => "comuna",
        Some("6") => "sector",
        Some("9" | "17" | "22") => "localitate-resedinta",
        Some("10" | "18") => "localitate-componenta",
        Some("11" | "19" | "23") => "sat",
        _ => "",
    };
    Entry {
        code: names.cell(cells, &["SIRUTA"]).unwrap_or_default(),
        ro: names.cell(cells, &["DENLOC"]).unwrap_or_default(),
        en: None,
        kind: (!kind.is_empty()).then(|| kind.to_owned()),
        parent: names.cell(cells, &["SIRSUP"]).filter(|parent| parent != "1"),
        valid_from: None,
        valid_to: None,
    }
}

fn complain(line: usize, entry: &Entry, complaints: &mut Vec<Complaint>) {
    let plain = |text: &str| !text.chars().any(char::is_control);
    if entry.code.is_empty() || entry.code.chars().count() > 60 || !plain(&entry.code) || entry.code.contains('/') {
        complaints.push(complaint(line, "code", "Codul are 1 până la 60 de caractere, fără bară oblică"));
    }
    if entry.ro.is_empty() || entry.ro.chars().count() > 300 || !plain(&entry.ro) {
        complaints.push(complaint(line, "ro", "Denumirea are 1 până la 300 de caractere, pe un rând"));
    }
    let day = |text: &Option<String>| text.as_ref().map(|text| text.parse::<Date>());
    let (from, to) = (day(&entry.valid_from), day(&entry.valid_to));
    if matches!(from, Some(Err(_))) || matches!(to, Some(Err(_))) {
        complaints.push(complaint(line, "valid_from", "Zilele se scriu ca 2026-03-01"));
    } else if let (Some(Ok(from)), Some(Ok(to))) = (from, to)
        && to < from
    {
        complaints.push(complaint(line, "valid_to", "Ultima zi este înaintea primei zile"));
    }
}

fn complaint(line: usize, column: &'static str, ro: &str) -> Complaint {
    Complaint { line, column, refuses: true, ro: ro.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rows(text: &str) -> Vec<(usize, Vec<String>)> {
        let cells = |line: &str| line.split(';').map(str::to_owned).collect();
        text.lines().enumerate().map(|(line, text)| (line + 1, cells(text))).collect()
    }

    #[test]
    fn streets_belong_to_places_and_wrong_rows_are_told_by_line() {
        let text =
            "code;ro;parent\nstr-1;Strada Inventată;109782\n;Fără cod;109782\nstr-1;Din nou;109782\nstr-2;Nicăieri;9\n";
        let read = read("strazi", rows(text), |code| code == "109782");
        let told: Vec<_> = read.complaints.iter().map(|one| (one.line, one.column)).collect();
        assert_eq!(told, [(3, "code"), (4, "code"), (5, "parent")]);
        assert_eq!(read.entries[0].ro, "Strada Inventată");
    }

    #[test]
    fn the_institutes_own_heading_is_read() {
        let text =
            "SIRUTA;DENLOC;CODP;JUD;SIRSUP;TIP\n10;JUDEȚUL ALBA;0;1;1;40\n1017;MUNICIPIUL  ALBA IULIA;0;1;10;1\n";
        let read = read("siruta", rows(text), |_| false);
        assert_eq!(read.complaints, []);
        assert_eq!(read.entries[0].parent, None);
        assert_eq!(
            (read.entries[1].ro.as_str(), read.entries[1].kind.as_deref()),
            ("MUNICIPIUL ALBA IULIA", Some("municipiu"))
        );
    }
}
