//! The act that closes a year, on one page: what the sealed XML says, and who drew it up and approved it.

use super::facts::ClosingAct;
use crate::sheet::{HEIGHT, INNER, Ink, MARGIN, Sheet, Style};
use crate::typeface::Face;

const COLUMN: f32 = 150.0;
const TITLE: Style = Style::new(Face::Bold, 20.0).ink(Ink::Accent);
const SUBTITLE: Style = Style::new(Face::Plain, 11.0);
const WARNING: Style = Style::new(Face::Bold, 9.0).ink(Ink::Paper);
const LABEL: Style = Style::new(Face::Bold, 8.5).ink(Ink::Grey);
const TEXT: Style = Style::new(Face::Plain, 10.0);
const DIGEST: Style = Style::new(Face::Mono, 7.6);
const SMALL: Style = Style::new(Face::Plain, 8.0).ink(Ink::Grey);
/// Most lines of a list of numbers; all of them are in the sealed XML.
const MOST_LINES: usize = 8;

/// The page.
pub fn lay_out(facts: &ClosingAct) -> Sheet {
    let mut sheet = Sheet::at(56.0);
    sheet.write((MARGIN, INNER), TITLE, "Act de închidere a registrului", 1);
    sheet.skip(4.0);
    sheet.write((MARGIN, INNER), SUBTITLE, &facts.institution, 2);
    sheet.write((MARGIN, INNER), SUBTITLE, &format!("{}, anul {}", facts.register, facts.year), 2);
    if facts.development {
        sheet.skip(6.0);
        sheet.block((MARGIN, sheet.y), (INNER, WARNING.leading + 8.0), Ink::Black);
        sheet.skip(4.0);
        let warning = "SIGILIU DE DEZVOLTARE: act de probă, fără valoare de dovadă";
        sheet.write((MARGIN + 8.0, INNER - 16.0), WARNING, warning, 1);
        sheet.skip(4.0);
    }
    sheet.skip(14.0);
    let list = |count: u64, numbers: &str| match count {
        0 => "niciunul".to_owned(),
        1 => format!("1: nr. {}", numbers.replace('-', "–")),
        _ => format!("{count}: nr. {}", numbers.replace('-', "–").replace(' ', ", ")),
    };
    let numbers = match facts.count {
        0 => "niciun număr".to_owned(),
        _ => format!("de la {} la {}, fără goluri", facts.first, facts.last),
    };
    let rows = [
        ("Închis la", facts.at.local.clone(), TEXT),
        ("Numere", numbers, TEXT),
        ("Total", facts.count.to_string(), TEXT),
        ("Anulate", list(facts.annulled_count, &facts.annulled), TEXT),
        ("Nefolosite, barate", list(facts.struck_count, &facts.struck), TEXT),
        ("Operațiuni asupra numerelor", facts.acts.0.to_string(), TEXT),
        ("Întocmit de", facts.author.clone(), TEXT),
        ("Aprobat de", facts.approver.clone(), TEXT),
        ("Ultima legătură a lanțului", facts.newest_link.clone(), DIGEST),
        ("Amprenta operațiunilor", facts.acts.1.clone(), DIGEST),
        ("Actul sigilat (XML)", facts.id.clone(), DIGEST),
        ("SHA-256 al lui", facts.sha256.clone(), DIGEST),
        ("Sigilat de", facts.service.clone(), TEXT),
    ];
    for (label, text, style) in &rows {
        let top = sheet.y;
        sheet.put(MARGIN, top + 1.0, LABEL, label);
        sheet.write((MARGIN + COLUMN, INNER - COLUMN), *style, text, MOST_LINES);
        sheet.y = sheet.y.max(top + TEXT.leading);
        sheet.skip(5.0);
    }
    sheet.skip(8.0);
    sheet.rule(MARGIN, INNER, 0.6, Ink::Hairline);
    sheet.skip(8.0);
    let said = "Registrul se începe la 1 ianuarie și se închide la 31 decembrie (Instrucțiunile privind activitatea de arhivă, \
                Ordinul nr. 217/1996, art. 9). După închidere, seria nu mai dă numere; ce se întâmplă mai departe cu un document \
                se scrie la numărul lui. Pagina aceasta redă actul; dovada este fișierul XML sigilat, care nu numește persoane: \
                întocmitorul și aprobatorul sunt legați de el printr-o amprentă cu sare, păstrată de instituție.";
    sheet.write((MARGIN, INNER), SMALL, said, 8);
    sheet.put_right(MARGIN + INNER, HEIGHT - 44.0, SMALL, "Pagina 1 din 1");
    sheet
}
