//! One page on a flow for the national interoperability framework (HG 908/2017): on which law it rests, who takes part, what is
//! sent, by which standards, how it is protected, and how it meets each principle. PDF/A-2b.
//!
//! Pure: facts in, bytes out; same facts, same bytes. It stays one page: what is too long for it is cut with three dots, and
//! the whole is in the JSON of the same address.

use crate::paper::{Imprint, Profile, print};
use crate::sheet::{HEIGHT, INNER, Ink, MARGIN, Sheet, Style};
use crate::typeface::Face;
use crate::{Moment, ReceiptError, moment};

const TOP: f32 = 42.0;
const BOTTOM: f32 = HEIGHT - 52.0;
const LABELS: f32 = 118.0;
const TITLE: Style = Style::new(Face::Bold, 15.0).ink(Ink::Accent);
const UNDER: Style = Style::new(Face::Plain, 9.0);

/// What stands on the page.
#[derive(Debug, Clone)]
pub struct Conformity {
    /// Id and version of the agreement.
    pub id: String,
    /// Who made the page: the hub's service.
    pub service: String,
    /// Lines below the title.
    pub head: Vec<String>,
    /// Sections: heading, and each label with what it says.
    pub sections: Vec<(String, Vec<(String, String)>)>,
    /// When it was made.
    pub at: Moment,
}

/// The page.
///
/// # Errors
/// A time is not one.
pub fn conformity(facts: &Conformity) -> Result<Vec<u8>, ReceiptError> {
    let imprint = Imprint {
        title: "Fișă de conformitate cu Cadrul Național de Interoperabilitate".to_owned(),
        language: "ro",
        author: facts.service.clone(),
        id: format!("{}/conformitate", facts.id),
        at: moment(&facts.at)?,
    };
    print(&[page(facts, &imprint.title)], &imprint, Profile::Archive2b)
}

/// The largest letters and the most lines with which everything fits.
fn page(facts: &Conformity, title: &str) -> Sheet {
    let tries = [(8.0, 6), (7.5, 5), (7.0, 4), (6.6, 3), (6.4, 2)];
    let laid = |(size, most)| laid_out(facts, title, size, most);
    tries.into_iter().map(laid).find(|sheet| sheet.y <= BOTTOM).unwrap_or_else(|| laid_out(facts, title, 6.0, 1))
}

fn laid_out(facts: &Conformity, title: &str, size: f32, most: usize) -> Sheet {
    let text = Style::new(Face::Plain, size);
    let label = Style::new(Face::Bold, size).ink(Ink::Grey);
    let heading = Style::new(Face::Bold, size + 1.5);
    let mut sheet = Sheet::at(TOP);
    sheet.write((MARGIN, INNER), TITLE, title, 2);
    sheet.skip(2.0);
    facts.head.iter().for_each(|line| sheet.write((MARGIN, INNER), UNDER, line, 1));
    for (name, rows) in &facts.sections {
        sheet.skip(5.0);
        sheet.write((MARGIN, INNER), heading, name, 1);
        for (what, said) in rows {
            sheet.rule(MARGIN, INNER, 0.4, Ink::Hairline);
            sheet.skip(1.5);
            let begin = sheet.y;
            sheet.write((MARGIN, LABELS - 8.0), label, what, 2);
            let below = sheet.y;
            sheet.y = begin;
            sheet.write((MARGIN + LABELS, INNER - LABELS), text, said, most);
            sheet.y = sheet.y.max(below) + 1.0;
        }
    }
    let foot = HEIGHT - 40.0;
    sheet.put(MARGIN, foot, label, &label.face.fit(size, &facts.service, INNER - 180.0));
    sheet.put_right(MARGIN + INNER, foot, label, &label.face.fit(size, &facts.id, 170.0));
    sheet
}

#[cfg(test)]
mod tests {
    use super::*;

    fn facts(length: usize) -> Conformity {
        let row = |place: usize| (format!("Principiul {place}"), "se îndeplinește astfel ".repeat(length));
        Conformity {
            id: "acord-1/2".to_owned(),
            service: "Hub de probă".to_owned(),
            head: vec!["Acord de probă".to_owned()],
            sections: vec![("Principii".to_owned(), (0..30).map(row).collect())],
            at: Moment { utc: "2026-03-02T09:15:04Z".to_owned(), ..Moment::default() },
        }
    }

    #[test]
    fn the_page_stays_one_however_much_there_is_to_say() {
        for length in [1, 5, 40, 400] {
            let sheet = page(&facts(length), "Fișă");
            assert!(sheet.y <= BOTTOM, "{length}: {}", sheet.y);
        }
    }

    #[test]
    fn the_same_facts_make_the_same_bytes() {
        let one = conformity(&facts(3)).expect("a page");
        assert!(one.starts_with(b"%PDF-"));
        assert_eq!(one, conformity(&facts(3)).expect("a page"));
    }
}
