//! The printed receipt, read by programs of others.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod samples;
mod tools;

use hub_receipts::{Event, Language, Profile, ReceiptError, receipt, receipt_under};
use tools::Desk;

#[test]
fn a_receipt_says_that_it_is_pdf_a_2b_and_qpdf_finds_no_fault() {
    let desk = Desk::new();
    for (name, facts) in samples::receipts() {
        let page = receipt(&facts, Language::Romanian).unwrap();
        let said = String::from_utf8_lossy(&page).into_owned();
        assert!(said.contains("<pdfaid:part>2</pdfaid:part>"), "{name} names no part 2");
        assert!(said.contains("<pdfaid:conformance>B</pdfaid:conformance>"), "{name} names no conformance B");
        let file = desk.lay(&format!("{name}.pdf"), &page);
        let checked = tools::run("qpdf", &["--check".as_ref(), file.as_ref()]);
        assert!(checked.status.success(), "{name}: {}", String::from_utf8_lossy(&checked.stdout));
    }
}

#[test]
fn the_text_of_the_page_has_its_diacritics_and_both_register_numbers() {
    let desk = Desk::new();
    let text = tools::text(&desk.lay("a.pdf", &receipt(&samples::handover(), Language::Romanian).unwrap()));
    let facts = samples::handover();
    let expected = [
        "Documentul a fost predat destinatarului",
        "Primăria Comunei Valea Frumoasă",
        "Direcția Generală de Asistență Socială și Protecția Copilului Exemplu",
        "1482",
        "20 317",
        "Registrul general · 18.11.2026",
        "Intrări SECPAH · 20.11.2026",
        "20 noiembrie 2026, ora 11:14:07 (ora României)",
        "2026-11-20T09:14:07.512Z",
        "ancheta semnată (țărm, șesuri).pdf",
        "245,6 kB",
        "7K3M-9QXT-2HVR",
        "punte verify --certificate sigiliu.pem recipisa.xml",
        samples::ADDRESS,
        "punte.exemplu.ro/evidence, locul 48211",
        facts.evidence_sha256.as_str(),
        facts.parts[1].sha256.as_str(),
        facts.transformation.as_ref().unwrap().target_sha256.as_str(),
    ];
    let flat = text.split_whitespace().collect::<Vec<_>>().join(" ");
    for one in expected {
        assert!(flat.contains(one), "{one} is not in:\n{text}");
    }
    assert!(!text.contains('\u{FFFD}'), "{text}");
}

#[test]
fn what_is_absent_is_said_or_left_out_and_a_development_seal_warns() {
    let desk = Desk::new();
    let text = tools::text(&desk.lay("a.pdf", &receipt(&samples::refusal(), Language::Romanian).unwrap()));
    for said in [
        "SIGILIU DE DEZVOLTARE",
        "Documentul nu a fost preluat",
        "Mesajul nu are forma cerută (RA02): câmpul /beneficiar/adresa lipsește",
        "fără număr în această recipisă",
        "Recipisa nu numește fișiere.",
        "încă nu este în jurnal",
        "nu este dată o adresă",
    ] {
        assert!(text.contains(said), "{said} is not in:\n{text}");
    }
    for unsaid in
        ["încă neînregistrat", "Termen", "Schimbarea formei", "Codul pentru pagina publică", "art. 43 alin. (1)"]
    {
        assert!(!text.contains(unsaid), "{unsaid} is in:\n{text}");
    }
    let sealed = tools::text(&desk.lay("b.pdf", &receipt(&samples::handover(), Language::Romanian).unwrap()));
    assert!(!sealed.contains("SIGILIU DE DEZVOLTARE"), "{sealed}");
}

#[test]
fn whatever_comes_the_receipt_is_one_page_and_nothing_covers_anything() {
    let desk = Desk::new();
    for (name, facts) in samples::receipts() {
        for language in Language::ALL {
            let file = desk.lay("a.pdf", &receipt(&facts, language).unwrap());
            assert_eq!(tools::pages(&file), 1, "{name}");
            let words = tools::words(&file).remove(0);
            assert!(words.len() > 100, "{name} has only {} words", words.len());
            for (left, top, right, bottom, letters) in &words {
                let inside = *left >= 47.0 && *right <= 548.5 && *top >= 30.0 && *bottom <= 820.0;
                assert!(inside, "{name}: {letters} at {left} {top} {right} {bottom}");
            }
            no_overlap(name, &words);
        }
    }
}

/// Boxes of an independent reader are as tall as the font, so lines may touch a little; a third of a line is too much.
fn no_overlap(name: &str, words: &[tools::Word]) {
    for (place, one) in words.iter().enumerate() {
        for other in &words[place + 1..] {
            let across = one.2.min(other.2) - one.0.max(other.0);
            let down = one.3.min(other.3) - one.1.max(other.1);
            let third = (one.3 - one.1).min(other.3 - other.1) / 3.0;
            assert!(across < 1.0 || down < third, "{name}: {one:?} and {other:?}");
        }
    }
}

#[test]
fn what_does_not_fit_is_counted_and_what_cannot_be_printed_is_seen() {
    let desk = Desk::new();
    let crowded = tools::text(&desk.lay("a.pdf", &receipt(&samples::crowded(), Language::Romanian).unwrap()));
    assert!(crowded.contains("încă neînregistrat la destinatar"), "{crowded}");
    assert!(
        crowded.contains("și încă ") && crowded.contains("destinatari") && crowded.contains("fișiere"),
        "{crowded}"
    );
    let listed = crowded.lines().filter(|line| line.contains("-situație.pdf")).count();
    let left = crowded.lines().find(|line| line.contains("fișiere, cu amprentele")).unwrap();
    let left: usize = left.split_whitespace().find_map(|word| word.parse().ok()).unwrap();
    assert_eq!(listed + left, samples::crowded().parts.len(), "{crowded}");
    let hostile = tools::text(&desk.lay("b.pdf", &receipt(&samples::hostile(), Language::Romanian).unwrap()));
    assert!(hostile.contains('\u{FFFD}') && hostile.contains('…'), "{hostile}");
    assert!(!hostile.contains('\u{202E}') && !hostile.contains('\u{7}'), "{hostile}");
}

#[test]
fn every_event_prints_in_both_languages_whatever_the_facts() {
    for event in Event::ALL {
        for language in Language::ALL {
            for facts in [samples::handover(), samples::hostile()] {
                let facts = hub_receipts::Receipt { event, ..facts };
                let page = receipt(&facts, language).unwrap_or_else(|error| panic!("{event:?} {language:?}: {error}"));
                assert!(page.starts_with(b"%PDF-1.7"), "{event:?} {language:?}");
            }
        }
    }
}

#[test]
fn the_same_facts_are_the_same_bytes_and_other_facts_are_not() {
    let print = |facts| receipt(&facts, Language::Romanian).unwrap();
    assert!(print(samples::handover()) == print(samples::handover()));
    let mut other = samples::handover();
    other.evidence_id.replace_range(..1, "9");
    assert!(print(samples::handover()) != print(other));
}

#[test]
fn a_telephone_reads_the_address_from_the_printed_page() {
    let desk = Desk::new();
    let longest = samples::hostile();
    for facts in [samples::handover(), longest] {
        let file = desk.lay("a.pdf", &receipt(&facts, Language::Romanian).unwrap());
        let picture = desk.path("page");
        // 150 dots an inch: a bad scanner.
        let arguments = ["-r".as_ref(), "150".as_ref(), "-gray".as_ref(), "-png".as_ref(), file.as_os_str()];
        let drawn = tools::run("pdftoppm", &[&arguments[..], &["-singlefile".as_ref(), picture.as_ref()]].concat());
        assert!(drawn.status.success(), "{drawn:?}");
        let picture = desk.path("page.png");
        let read = tools::run("zbarimg", &["--quiet".as_ref(), "--raw".as_ref(), picture.as_ref()]);
        let address = facts.verification_address.unwrap();
        assert_eq!(String::from_utf8_lossy(&read.stdout).trim(), address, "{read:?}");
    }
}

/// What this proves: the marks, fonts, colours and metadata of these very pages, written under PDF/A-1b, satisfy a validator nobody
/// here wrote. What it does not: that the PDF/A-2b file people get conforms; of that the writer's own check, its XMP and qpdf
/// speak, since no free validator for part 2 is packaged for Debian.
#[test]
fn an_independent_validator_accepts_the_same_pages_as_pdf_a_1b() {
    let desk = Desk::new();
    let mut files = Vec::new();
    for (name, facts) in samples::receipts() {
        let page = receipt_under(Profile::Archive1b, &facts, Language::Romanian).unwrap();
        files.push(desk.lay(&format!("{name}.pdf"), &page));
    }
    let verdict = tools::preflight(&files);
    let said = String::from_utf8_lossy(&verdict.stdout).into_owned();
    assert!(verdict.status.success(), "{said}{}", String::from_utf8_lossy(&verdict.stderr));
    assert_eq!(said.matches(": valid").count(), files.len(), "{said}");
    // The validator does refuse: the file of part 2 is none of part 1.
    let other = desk.lay("part2.pdf", &receipt(&samples::handover(), Language::Romanian).unwrap());
    assert!(!tools::preflight(&[other]).status.success());
}

#[test]
fn facts_that_contradict_themselves_are_refused() {
    let with = |change: fn(&mut hub_receipts::Receipt)| {
        let mut facts = samples::handover();
        change(&mut facts);
        receipt(&facts, Language::Romanian)
    };
    assert!(matches!(with(|facts| facts.at.utc = "ieri".to_owned()), Err(ReceiptError::Time(time)) if time == "ieri"));
    for place in [0, 2] {
        let mut facts = samples::handover();
        facts.about = Some(place);
        let refused = receipt(&facts, Language::Romanian);
        assert!(matches!(refused, Err(ReceiptError::NoSuchRecipient { recipients: 1, .. })), "{place}");
    }
    let long = with(|facts| facts.verification_address = Some("a".repeat(201)));
    assert!(matches!(long, Err(ReceiptError::Address { length: 201 })));
}
