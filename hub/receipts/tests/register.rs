//! The printed register and the closing act, read by programs of others.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod tools;

use hub_receipts::Moment;
use hub_receipts::register::{ClosingAct, ClosingNote, Mark, Print, Row, closing_act, print};
use tools::Desk;

fn moment() -> Moment {
    Moment { utc: "2027-01-04T08:00:00Z".to_owned(), local: "4 ianuarie 2027, ora 10:00:00 (ora României)".to_owned() }
}

fn row(number: usize) -> Row {
    Row {
        number: number.to_string(),
        date: "20.11.2026".to_owned(),
        issuer_number: "1482/18.11.2026".to_owned(),
        pages: "3".to_owned(),
        annexes: "2".to_owned(),
        issuer: "Primăria Comunei Valea Frumoasă".to_owned(),
        subject: "Anchetă socială pentru încadrarea în grad de handicap, cerere nouă, cu anexe țărănești și șesuri"
            .to_owned(),
        unit: "Asistență socială".to_owned(),
        sent: "24.11.2026".to_owned(),
        resolution: "răspuns".to_owned(),
        addressee: "DGASPC Exemplu".to_owned(),
        connected: "12".to_owned(),
        file_code: "IV-B-3".to_owned(),
        mark: Mark::None,
    }
}

fn facts(rows: Vec<Row>) -> Print {
    Print {
        party: "ro-exemplu".to_owned(),
        institution: "Comuna Exemplu (inventată)".to_owned(),
        register_id: "general".to_owned(),
        register: "Registrul general".to_owned(),
        year: 2026,
        span: String::new(),
        made_at: moment(),
        service: "Punte".to_owned(),
        rows,
        closing: Some(ClosingNote { at: moment(), act: "019ab".to_owned() }),
    }
}

#[test]
fn the_register_has_its_13_columns_on_every_page_and_says_which_page_it_is() {
    let desk = Desk::new();
    let file = desk.lay("r.pdf", &print(&facts((1..=120).map(row).collect())).unwrap());
    let checked = tools::run("qpdf", &["--check".as_ref(), file.as_ref()]);
    assert!(checked.status.success(), "{}", String::from_utf8_lossy(&checked.stdout));
    let pages = tools::words(&file);
    assert!(pages.len() > 2);
    for (place, words) in pages.iter().enumerate() {
        let said = words.iter().map(|word| word.4.as_str()).collect::<Vec<_>>().join(" ");
        let headings =
            ["înregistrare", "anexe", "Emitentul", "Conținutul", "expedierii", "rezolvare", "conexează", "Indicativul"];
        for heading in headings {
            assert!(said.contains(heading), "page {}: no {heading} in {said}", place + 1);
        }
        assert!(said.contains(&format!("Pagina {} din {}", place + 1, pages.len())), "{said}");
        // Nothing runs over the edge of an A4 that lies on its side.
        assert!(words.iter().all(|word| word.2 <= 841.89 && word.3 <= 595.28));
    }
    let numbers = pages.iter().flatten().filter(|word| word.0 < 60.0 && word.4.parse::<usize>().is_ok()).count();
    // 120 numbers, and the number of the first column on each page.
    assert_eq!(numbers, 120 + pages.len());
    assert!(tools::text(&file).contains("Registru închis la 4 ianuarie 2027"));
}

#[test]
fn annulled_and_struck_rows_stay_readable_and_say_why() {
    let desk = Desk::new();
    let annulled = Row { mark: Mark::Annulled("înregistrat de două ori".to_owned()), ..row(1) };
    let struck = Row { number: "2".to_owned(), mark: Mark::Struck("neutilizat".to_owned()), ..Row::default() };
    let reserved = Row { number: "3".to_owned(), mark: Mark::Reserved("Urbanism".to_owned()), ..Row::default() };
    let bytes = print(&facts(vec![annulled, struck, reserved])).unwrap();
    let said = String::from_utf8_lossy(&bytes).into_owned();
    assert!(said.contains("<pdfaid:part>2</pdfaid:part>"));
    let text = tools::text(&desk.lay("r.pdf", &bytes));
    for expected in ["ANULAT: înregistrat de două ori", "BARAT: neutilizat", "REZERVAT: Urbanism", "Pagina 1 din 1"] {
        assert!(text.contains(expected), "{expected}: {text}");
    }
}

#[test]
fn hostile_text_stays_in_its_cell_and_an_empty_register_has_a_page() {
    let desk = Desk::new();
    let hostile = Row { subject: "W\u{202E}\n".repeat(5_000), issuer: "x".repeat(10_000), ..row(1) };
    let pages = tools::words(&desk.lay("h.pdf", &print(&facts(vec![hostile, row(2)])).unwrap()));
    assert_eq!(pages.len(), 1);
    assert!(pages[0].iter().all(|word| word.2 <= 841.89));
    assert!(tools::text(&desk.lay("e.pdf", &print(&facts(Vec::new())).unwrap())).contains("Niciun număr."));
}

#[test]
fn the_same_register_is_the_same_file() {
    let facts = facts((1..=30).map(row).collect());
    assert_eq!(print(&facts).unwrap(), print(&facts).unwrap());
}

#[test]
fn the_closing_act_fits_on_one_page_whatever_was_annulled() {
    let desk = Desk::new();
    let act = ClosingAct {
        id: "019ab000-0000-7000-8000-000000000001".to_owned(),
        institution: "Comuna Exemplu (inventată)".to_owned(),
        register: "Registrul general".to_owned(),
        year: 2026,
        at: moment(),
        first: 1,
        last: 4_000,
        count: 4_000,
        annulled: (1..800).map(|number| (number * 5).to_string()).collect::<Vec<_>>().join(" "),
        annulled_count: 799,
        struck: "17".to_owned(),
        struck_count: 1,
        newest_link: "ab".repeat(32),
        acts: (12, "cd".repeat(32)),
        author: "functionar-07".to_owned(),
        approver: "secretar-01".to_owned(),
        sha256: "ef".repeat(32),
        service: "Punte".to_owned(),
        development: true,
    };
    let file = desk.lay("c.pdf", &closing_act(&act).unwrap());
    let text = tools::text(&file);
    assert_eq!(tools::pages(&file), 1);
    for expected in [
        "Act de închidere a registrului",
        "de la 1 la 4000, fără goluri",
        "799: nr. 5, 10",
        "1: nr. 17",
        "functionar-07",
    ] {
        assert!(text.contains(expected), "{expected}: {text}");
    }
}
