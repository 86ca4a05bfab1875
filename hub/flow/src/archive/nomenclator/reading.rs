//! Reading a nomenclator from others: rows of CSV, and a verdict on every row of any form.

use std::collections::BTreeSet;

use serde::Serialize;

use super::code::Code;
use super::model::{Group, Nomenclator, Term};

/// Most rows of a nomenclator.
const MOST: usize = 5_000;
/// Longest text of a cell, in characters.
const LONGEST: usize = 500;

/// The verdict on a row.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Verdict {
    /// `group` or `rule`; `nomenclator` for what concerns the whole.
    pub kind: &'static str,
    /// Its place among its kind, from 1; 0 for the whole.
    pub row: usize,
    /// Its code as it was written.
    pub code: String,
    /// What is wrong with it, in Romanian.
    pub ro: String,
    /// The same in English.
    pub en: String,
}

/// Why CSV is no nomenclator at all.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Unread {
    /// A column that must be there is not.
    #[error("the column {0} is missing")]
    Column(&'static str),
    /// A quotation mark is not closed.
    #[error("a quotation mark opened in row {0} is not closed")]
    Quote(usize),
    /// There are too many rows.
    #[error("there are more than {MOST} rows")]
    TooLong,
}

/// The groups in a CSV file with a first row of names: `indicativ`, `denumire`, `termen`, and where they are there
/// `directie`, `serviciu`, `observatii`, `compartimente` (ids separated by blanks). Separated by semicolons or commas.
///
/// # Errors
/// [`Unread`]: not one row can be told from another.
pub fn groups_of_csv(text: &str) -> Result<Vec<Group>, Unread> {
    let text = text.trim_start_matches('\u{feff}');
    let head = text.lines().next().unwrap_or_default();
    let separator = if head.contains(';') { ';' } else { ',' };
    let mut rows = cells(text, separator)?.into_iter();
    let names: Vec<String> = rows.next().unwrap_or_default().iter().map(|name| plain(name)).collect();
    let place = |name: &'static str| names.iter().position(|one| one.starts_with(name));
    let must = |name: &'static str| place(name).ok_or(Unread::Column(name));
    let (code, title, term) = (must("indicativ")?, must("denumire")?, must("termen")?);
    let optional = [place("directi"), place("servici"), place("observat"), place("compartiment")];
    let group = |row: Vec<String>| {
        let cell = |at: usize| row.get(at).map(|text| text.trim().to_owned()).unwrap_or_default();
        let [direction, service, remarks, units] = optional.map(|at| at.map(cell).unwrap_or_default());
        Group {
            code: cell(code),
            direction,
            service,
            title: cell(title),
            term: cell(term),
            remarks: Some(remarks).filter(|text| !text.is_empty()),
            units: units.split_whitespace().map(str::to_owned).collect(),
        }
    };
    Ok(rows.filter(|row| row.iter().any(|cell| !cell.trim().is_empty())).map(group).collect())
}

/// Small letters without marks: how people write column names.
fn plain(name: &str) -> String {
    schemas::text::fold(name.trim())
}

fn cells(text: &str, separator: char) -> Result<Vec<Vec<String>>, Unread> {
    let (mut rows, mut row, mut cell) = (Vec::new(), Vec::new(), String::new());
    let mut letters = text.chars().peekable();
    let mut quoted = false;
    while let Some(letter) = letters.next() {
        match letter {
            '"' if quoted && letters.peek() == Some(&'"') => {
                letters.next();
                cell.push('"');
            }
            '"' if quoted => quoted = false,
            '"' if cell.trim().is_empty() => {
                cell.clear();
                quoted = true;
            }
            _ if quoted => cell.push(letter),
            '\r' => {}
            '\n' => {
                row.push(std::mem::take(&mut cell));
                rows.push(std::mem::take(&mut row));
                if rows.len() > MOST + 1 {
                    return Err(Unread::TooLong);
                }
            }
            _ if letter == separator => row.push(std::mem::take(&mut cell)),
            _ => cell.push(letter),
        }
    }
    if quoted {
        return Err(Unread::Quote(rows.len() + 1));
    }
    if !cell.is_empty() || !row.is_empty() {
        row.push(cell);
        rows.push(row);
    }
    Ok(rows)
}

/// What is wrong with a nomenclator, row by row; nothing where it can be taken over.
#[must_use]
pub fn check(nomenclator: &Nomenclator) -> Vec<Verdict> {
    let mut found = Vec::new();
    let mut say = |kind, row, code: &str, ro: String, en: String| {
        found.push(Verdict { kind, row, code: code.to_owned(), ro, en });
    };
    if nomenclator.groups.is_empty() || nomenclator.groups.len() + nomenclator.rules.len() > MOST {
        let (ro, en) =
            (format!("Un nomenclator are între 1 și {MOST} de rânduri"), format!("A nomenclator has 1 to {MOST} rows"));
        say("nomenclator", 0, "", ro, en);
    }
    if nomenclator.valid_to.is_some_and(|end| end < nomenclator.valid_from) {
        let (ro, en) =
            ("Sfârșitul valabilității este înaintea începutului", "The last day in force is before the first");
        say("nomenclator", 0, "", ro.to_owned(), en.to_owned());
    }
    let mut codes = BTreeSet::new();
    for (group, row) in nomenclator.groups.iter().zip(1..) {
        match Code::parse(&group.code) {
            None => say(
                "group",
                row,
                &group.code,
                "Indicativul are forma I/A/1: direcția cu cifre romane, serviciul cu literă, numărul grupei".to_owned(),
                "The code has the form I/A/1: direction in roman, service as a letter, number of the group".to_owned(),
            ),
            Some(code) => {
                if !codes.insert(code) {
                    let (ro, en) = ("Indicativul apare de două ori", "The code is there twice");
                    say("group", row, &group.code, ro.to_owned(), en.to_owned());
                }
            }
        }
        if Term::parse(&group.term).is_none() {
            say(
                "group",
                row,
                &group.code,
                format!("Termenul „{}” nu este „permanent” sau un număr de ani, cu sau fără C.S.", shown(&group.term)),
                format!(
                    "The term \"{}\" is neither \"permanent\" nor a number of years, with or without C.S.",
                    shown(&group.term)
                ),
            );
        }
        let length = group.title.trim().chars().count();
        if length == 0 || length > LONGEST {
            let (ro, en) = ("Denumirea dosarului lipsește sau este prea lungă", "The title is missing or too long");
            say("group", row, &group.code, ro.to_owned(), en.to_owned());
        }
    }
    for (rule, row) in nomenclator.rules.iter().zip(1..) {
        if !Code::parse(&rule.code).is_some_and(|code| codes.contains(&code)) {
            let (ro, en) = (
                "Regula trimite la un indicativ care nu este în nomenclator",
                "The rule names a code that is not there",
            );
            say("rule", row, &rule.code, ro.to_owned(), en.to_owned());
        }
        if rule.direction.as_deref().is_some_and(|way| !["in", "out"].contains(&way)) {
            let (ro, en) = ("direction este in sau out", "direction is in or out");
            say("rule", row, &rule.code, ro.to_owned(), en.to_owned());
        }
    }
    found
}

fn shown(text: &str) -> String {
    text.chars().take(40).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::archive::nomenclator::{Approval, Rule};

    fn nomenclator(groups: Vec<Group>, rules: Vec<Rule>) -> Nomenclator {
        Nomenclator {
            valid_from: jiff::civil::date(2026, 1, 1),
            valid_to: None,
            approval: Approval { number: "12".into(), date: jiff::civil::date(2025, 12, 1) },
            confirmation: None,
            archive_unit: None,
            groups,
            rules,
        }
    }

    #[test]
    fn a_table_as_a_clerk_exports_it_is_read() {
        let csv = "\u{feff}Indicativ;Direcția;Serviciul;Denumirea dosarului;Termenul de păstrare;Observații\r\n\
            I/A/1;Secretariat;Registratură;\"Petiții; \"\"OG 27\"\"\";10 ani;\r\n;;;;;\r\nI/A/2;;;Registre;P;vechi\r\n";
        let groups = groups_of_csv(csv).unwrap();
        assert_eq!(groups.len(), 2);
        assert_eq!((groups[0].title.as_str(), groups[0].service.as_str()), ("Petiții; \"OG 27\"", "Registratură"));
        assert_eq!(groups[1].remarks.as_deref(), Some("vechi"));
        assert_eq!(check(&nomenclator(groups, vec![])), []);
        assert_eq!(groups_of_csv("indicativ,termen\n"), Err(Unread::Column("denumire")));
        assert_eq!(groups_of_csv("indicativ,denumire,termen\nI/A/1,\"x,1\n"), Err(Unread::Quote(2)));
    }

    #[test]
    fn every_wrong_row_gets_its_verdict() {
        let csv = "indicativ,denumire,termen\nI/A/1,Petiții,10\ni/a/1,Petiții,10\nA/1,,mult\n";
        let rule = Rule { code: "I/A/9".into(), direction: Some("sideways".into()), ..Rule::default() };
        let found = check(&nomenclator(groups_of_csv(csv).unwrap(), vec![rule]));
        let told: Vec<(&str, usize)> = found.iter().map(|one| (one.kind, one.row)).collect();
        assert_eq!(told, [("group", 2), ("group", 3), ("group", 3), ("group", 3), ("rule", 1), ("rule", 1)]);
    }
}
