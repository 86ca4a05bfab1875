//! Reports of an institution: a table on as many A4 pages as it takes, PDF/A-2b.
//!
//! Pure, as every paper here: same facts, same bytes. In Romanian, as it goes to a file.

use crate::archive::forms::{Form, Table};
use crate::archive::pages;
use crate::paper::{Imprint, Profile, print};
use crate::{Moment, ReceiptError, moment};

/// A report.
#[derive(Debug, Clone)]
pub struct Report {
    /// Its id.
    pub id: String,
    /// What it is about: `Termene respectate`.
    pub title: String,
    /// Name of the institution.
    pub institution: String,
    /// The period, and whatever else it is bounded by, a line each.
    pub bounds: Vec<String>,
    /// What the numbers say, a paragraph each.
    pub said: Vec<String>,
    /// Name of each column and its share of the width; the shares make 1.
    pub columns: Vec<(&'static str, f32)>,
    /// The rows; each has as many cells as there are columns.
    pub rows: Vec<Vec<String>>,
    /// The service.
    pub service: String,
    /// When it was made.
    pub made_at: Moment,
}

/// The pages.
///
/// # Errors
/// A time is not one.
pub fn report(facts: &Report) -> Result<Vec<u8>, ReceiptError> {
    let mut head = vec![facts.institution.clone()];
    head.extend(facts.bounds.iter().cloned());
    head.push(format!("Întocmit la {}.", facts.made_at.local));
    let form = Form {
        kind: "raport",
        title: facts.title.clone(),
        head,
        before: facts.said.clone(),
        table: Table { columns: facts.columns.clone(), rows: facts.rows.clone(), exact: None },
        after: vec![format!("Întocmit de {} din registre și dovezi.", facts.service)],
        signatures: Vec::new(),
    };
    let imprint = Imprint {
        title: form.title.clone(),
        language: "ro",
        author: facts.institution.clone(),
        id: facts.id.clone(),
        at: moment(&facts.made_at)?,
    };
    print(&pages::lay_out(&form), &imprint, Profile::Archive2b)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_report_is_a_pdf_and_the_same_twice() {
        let facts = Report {
            id: "termene".to_owned(),
            title: "Termene respectate".to_owned(),
            institution: "Primăria Inventată".to_owned(),
            bounds: vec!["Perioada 01.11.2026 – 30.11.2026".to_owned()],
            said: vec!["Din 2 termene, 1 a fost respectat.".to_owned()],
            columns: vec![("Registrul", 0.5), ("Termene", 0.5)],
            rows: vec![vec!["general".to_owned(), "2".to_owned()]; 90],
            service: "Punte".to_owned(),
            made_at: Moment { utc: "2026-03-02T09:15:00Z".to_owned(), local: "02.03.2026, 11:15".to_owned() },
        };
        let paper = report(&facts).unwrap();
        assert!(paper.starts_with(b"%PDF-"));
        assert_eq!(paper, report(&facts).unwrap());
    }
}
