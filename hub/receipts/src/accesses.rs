//! The report of who saw a person's data within an institution (GDPR, article 15): as many A4 pages as it takes, PDF/A-2b.
//!
//! Pure, as every paper here. In Romanian: it is given to a person in Romania. It names the person by the last characters
//! of its code alone, so that a lost page tells nobody whom it is about.

use crate::archive::forms::{Form, Table};
use crate::archive::pages;
use crate::paper::{Imprint, Profile, print};
use crate::{Moment, ReceiptError, moment};

/// One access.
#[derive(Debug, Clone)]
pub struct Access {
    /// When, as people read it.
    pub at: String,
    /// What was done.
    pub act: String,
    /// With what.
    pub what: String,
    /// By whom: a pseudonym or a system.
    pub who: String,
    /// What for, on what basis, for which case.
    pub why: String,
    /// What came of it.
    pub result: String,
}

/// The report.
#[derive(Debug, Clone)]
pub struct Report {
    /// Its id.
    pub id: String,
    /// Name of the institution.
    pub institution: String,
    /// The last characters of the person's code.
    pub person: String,
    /// Why it was made.
    pub reason: String,
    /// The service.
    pub service: String,
    /// When it was made.
    pub made_at: Moment,
    /// The accesses, oldest first.
    pub accesses: Vec<Access>,
    /// Whether there are more than fit.
    pub cut: bool,
}

/// The report.
///
/// # Errors
/// A time is not one.
pub fn report(facts: &Report) -> Result<Vec<u8>, ReceiptError> {
    let form = form(facts);
    let imprint = Imprint {
        title: form.title.clone(),
        language: "ro",
        author: facts.institution.clone(),
        id: facts.id.clone(),
        at: moment(&facts.made_at)?,
    };
    print(&pages::lay_out(&form), &imprint, Profile::Archive2b)
}

fn form(facts: &Report) -> Form {
    let row = |one: &Access| {
        vec![one.at.clone(), one.act.clone(), one.what.clone(), one.who.clone(), one.why.clone(), one.result.clone()]
    };
    let count = facts.accesses.len();
    let said = match (count, facts.cut) {
        (0, _) => "Nu există nicio accesare a datelor acestei persoane.".to_owned(),
        (_, true) => format!("Sunt arătate primele {count} accesări; cereți restul cu o perioadă mai scurtă."),
        (1, _) => "O accesare.".to_owned(),
        _ => format!("{count} accesări."),
    };
    Form {
        kind: "accesari",
        title: "Datele mele: cine le-a consultat și de ce".to_owned(),
        head: vec![
            facts.institution.clone(),
            format!("Persoana al cărei cod numeric personal se termină cu {}", facts.person),
            format!("Întocmit la {}. Motivul: {}", facts.made_at.local, facts.reason),
        ],
        before: vec![
            "Raportul cuprinde accesările datelor dumneavoastră cu caracter personal prin hubul de interoperabilitate, în \
             numele instituției de mai sus (Regulamentul (UE) 2016/679, art. 15). Funcționarii apar cu pseudonimul dat de \
             instituție."
                .to_owned(),
            said,
        ],
        table: Table {
            columns: vec![
                ("Data și ora", 0.13),
                ("Fapta", 0.11),
                ("Ce date", 0.20),
                ("Cine", 0.15),
                ("Scop, temei, cauză", 0.29),
                ("Rezultat", 0.12),
            ],
            rows: facts.accesses.iter().map(row).collect(),
            exact: None,
        },
        after: vec![format!("Întocmit de {} din jurnalul accesărilor, care nu poate fi modificat.", facts.service)],
        signatures: Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_report_of_many_accesses_flows_over_pages_and_is_the_same_twice() {
        let access = Access {
            at: "02.03.2026, 11:15".to_owned(),
            act: "consultare".to_owned(),
            what: "conținutul unui mesaj".to_owned(),
            who: "f-12".to_owned(),
            why: "anchetă socială; Legea 448/2006, art. 85; cauza 12/2026".to_owned(),
            result: "date comunicate".to_owned(),
        };
        let facts = Report {
            id: "0197".to_owned(),
            institution: "Primăria Inventată".to_owned(),
            person: "…906".to_owned(),
            reason: "cererea persoanei nr. 5/2026".to_owned(),
            service: "Punte".to_owned(),
            made_at: Moment { utc: "2026-03-02T09:15:00Z".to_owned(), local: "02.03.2026, 11:15".to_owned() },
            accesses: vec![access; 120],
            cut: false,
        };
        let paper = report(&facts).unwrap();
        assert!(paper.starts_with(b"%PDF-"));
        assert_eq!(paper, report(&facts).unwrap());
        assert!(pages::lay_out(&form(&facts)).len() > 2);
    }
}
