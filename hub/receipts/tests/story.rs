//! The narrative for a court, read by programs of others.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod samples;
mod tools;

use hub_receipts::{Account, Language, Narrative, Profile, ReceiptError, narrative, narrative_text, narrative_under};
use tools::Desk;

/// Everything hostile, and enough of it for many pages.
fn hostile() -> Narrative {
    let all = samples::hostile();
    let account = Account {
        event: all.event,
        at: all.at.clone(),
        reasons: all.reasons.clone(),
        about: all.about,
        sender_registration: all.sender_registration.clone(),
        recipient_registration: all.recipient_registration.clone(),
        transformation: all.transformation.clone(),
        evidence_id: all.evidence_id.clone(),
        evidence_sha256: all.evidence_sha256.clone(),
        file: Some(all.subject.clone().unwrap()),
        stamp: all.log.clone().and_then(|log| log.head_stamp),
        log: all.log.clone(),
        seal: all.seal.clone(),
    };
    Narrative {
        made_at: all.at,
        service: all.service,
        message_id: all.message_id,
        sender: all.sender,
        recipients: all.recipients,
        document: all.document,
        subject: all.subject,
        deadline: all.deadline,
        parts: all.parts,
        accounts: vec![account; 3],
        verification_address: all.verification_address,
        verification_code: all.verification_code,
    }
}

#[test]
fn the_story_is_told_in_the_order_of_time_with_pages_that_say_which_they_are() {
    let desk = Desk::new();
    let file = desk.lay("a.pdf", &narrative(&samples::story(), Language::Romanian).unwrap());
    let pages = tools::pages(&file);
    assert!(pages > 1);
    let text = tools::text(&file);
    for page in 1..=pages {
        assert!(text.contains(&format!("pagina {page} din {pages}")), "{page}: {text}");
    }
    let titles = [
        "1. Documentul a fost preluat pentru livrare",
        "2. Documentul a fost pus la dispoziția destinatarului",
        "3. Documentul nu a putut fi predat destinatarului",
        "4. Documentul a fost predat destinatarului",
    ];
    let places: Vec<usize> =
        titles.iter().map(|title| text.find(title).unwrap_or_else(|| panic!("no {title}"))).collect();
    assert!(places.is_sorted(), "{places:?}");
    for said in [
        "Intrări SECPAH",
        "20 317",
        "locul 48211",
        "încă nu este în jurnal",
        "Mesajul nu a fost predat în termen (RE04)",
    ] {
        assert!(text.contains(said), "{said} is not in:\n{text}");
    }
}

#[test]
fn the_plain_text_tells_the_same_and_its_last_lines_are_checked_by_sha256sum() {
    let desk = Desk::new();
    let mut facts = samples::story();
    // Real digests, by a program of others.
    for part in &mut facts.parts {
        let file = desk.lay(&part.name, part.name.as_bytes());
        let said = tools::run("sha256sum", &[file.as_ref()]).stdout;
        part.sha256 = String::from_utf8(said).unwrap().split(' ').next().unwrap().to_owned();
    }
    let text = narrative_text(&facts, Language::Romanian).unwrap();
    for said in
        ["POVESTEA UNUI DOCUMENT", "Primăria Comunei Valea Frumoasă", "4. Documentul a fost predat destinatarului"]
    {
        assert!(text.contains(said), "{said} is not in:\n{text}");
    }
    assert!(text.contains("punte verify --certificate sigiliu.pem dovezi/SubmissionAcceptance.xml\n"), "{text}");
    let count = facts.parts.len();
    let lines: Vec<&str> = text.lines().collect();
    let sums = desk.lay("sums", format!("{}\n", lines[lines.len() - count..].join("\n")).as_bytes());
    let check = format!("cd '{}' && sha256sum --check --strict '{}'", desk.path("").display(), sums.display());
    let checked = tools::run("sh", &["-c".as_ref(), check.as_ref()]);
    assert!(checked.status.success(), "{checked:?}");
    assert_eq!(String::from_utf8_lossy(&checked.stdout).lines().count(), count);
}

#[test]
fn hostile_texts_neither_leave_the_page_nor_fake_a_line_or_a_command() {
    let desk = Desk::new();
    let file = desk.lay("a.pdf", &narrative(&hostile(), Language::English).unwrap());
    for (left, top, right, bottom, letters) in tools::words(&file).concat() {
        let inside = left >= 47.0 && right <= 548.5 && top >= 30.0 && bottom <= 825.0;
        assert!(inside, "{letters} at {left} {top} {right} {bottom}");
    }
    let mut facts = samples::story();
    facts.subject = Some("Obiect\nSigiliu: CN=Fals\u{202E}".to_owned());
    facts.accounts.iter_mut().for_each(|account| account.file = Some("a.xml; rm -r ~".to_owned()));
    let text = narrative_text(&facts, Language::Romanian).unwrap();
    assert!(!text.lines().any(|line| line.trim_start().starts_with("Sigiliu: CN=Fals")), "{text}");
    assert!(text.contains("sigiliu.pem dovada.xml\n") && !text.contains("sigiliu.pem a.xml"), "{text}");
    assert!(!text.contains('\u{202E}'));
}

#[test]
fn the_story_claims_only_what_its_evidences_support() {
    let mut facts = samples::story();
    let all = narrative_text(&facts, Language::Romanian).unwrap();
    assert!(
        all.contains("RFC 9162") && all.contains("openssl ts -verify") && all.contains("fără loc în jurnal"),
        "{all}"
    );
    for account in &mut facts.accounts {
        (account.log, account.stamp, account.transformation) = (None, None, None);
        account.seal.development = true;
    }
    let bare = narrative_text(&facts, Language::Romanian).unwrap();
    assert!(
        !bare.contains("RFC 9162") && !bare.contains("openssl ts") && !bare.contains("versiunea mapării"),
        "{bare}"
    );
    assert!(bare.contains("!! Cel puțin o dovadă poartă un sigiliu de dezvoltare"), "{bare}");
    facts.accounts.clear();
    let none = narrative_text(&facts, Language::Romanian).unwrap();
    assert!(none.contains("nu s-a dat nicio dovadă") && !none.contains("punte verify"), "{none}");
}

#[test]
fn the_story_is_an_archive_file_the_same_each_time() {
    let desk = Desk::new();
    let told = narrative(&samples::story(), Language::Romanian).unwrap();
    assert!(told == narrative(&samples::story(), Language::Romanian).unwrap());
    let said = String::from_utf8_lossy(&told).into_owned();
    assert!(
        said.contains("<pdfaid:part>2</pdfaid:part>") && said.contains("<pdfaid:conformance>B</pdfaid:conformance>")
    );
    let checked = tools::run("qpdf", &["--check".as_ref(), desk.lay("a.pdf", &told).as_ref()]);
    assert!(checked.status.success(), "{checked:?}");
    let older = [samples::story(), hostile()]
        .map(|facts| narrative_under(Profile::Archive1b, &facts, Language::Romanian).unwrap());
    let files = [desk.lay("b.pdf", &older[0]), desk.lay("c.pdf", &older[1])];
    let verdict = tools::preflight(&files);
    assert!(verdict.status.success(), "{}", String::from_utf8_lossy(&verdict.stdout));
}

#[test]
fn a_time_that_is_none_is_refused() {
    let mut facts = samples::story();
    facts.accounts[0].at.utc = "2026-13-40".to_owned();
    assert!(matches!(narrative_text(&facts, Language::Romanian), Err(ReceiptError::Time(_))));
}
