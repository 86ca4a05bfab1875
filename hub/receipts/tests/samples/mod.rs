//! Invented receipts: institutions, numbers and names are made up.

#![allow(dead_code, reason = "each test takes the samples it needs")]

use hub_receipts::*;

pub fn some(text: &str) -> Option<String> {
    Some(text.to_owned())
}

pub fn moment(utc: &str, local: &str) -> Moment {
    Moment { utc: utc.to_owned(), local: local.to_owned() }
}

pub fn party(id: &str, name: &str, code: &str) -> Party {
    Party { id: id.to_owned(), name: some(name), fiscal_code: some(code), delegate: None }
}

pub fn digest(of: usize) -> String {
    format!("{:02x}", of % 256).repeat(32)
}

pub fn part(name: &str, media_type: &str, size: u64) -> Part {
    Part { name: name.to_owned(), media_type: some(media_type), size: Some(size), sha256: digest(name.len() * 7) }
}

fn registration(register: &str, number: &str, date: &str) -> Registration {
    Registration { register: some(register), number: number.to_owned(), date: some(date) }
}

pub const ADDRESS: &str = "https://punte.exemplu.ro/v/7K3M-9QXT-2HVR";

/// A document handed over, with everything a receipt can say.
pub fn handover() -> Receipt {
    Receipt {
        event: Event::ContentHandover,
        at: moment("2026-11-20T09:14:07.512Z", "20 noiembrie 2026, ora 11:14:07 (ora României)"),
        reasons: vec![Reason { code: "RE01".to_owned(), ..Reason::default() }],
        service: Service {
            name: "Punte, Consiliul Județean Exemplu".to_owned(),
            policy: some("PS-1.0"),
            standing: Standing::NotQualified,
        },
        sender: Some(party("primaria-valea-frumoasa", "Primăria Comunei Valea Frumoasă", "1234567")),
        recipients: vec![party(
            "dgaspc-exemplu",
            "Direcția Generală de Asistență Socială și Protecția Copilului Exemplu",
            "7654321",
        )],
        about: Some(1),
        sender_registration: Some(registration("Registrul general", "1482", "18.11.2026")),
        recipient_registration: Some(registration("Intrări SECPAH", "20 317", "20.11.2026")),
        document: Some(Document {
            title: "Anchetă socială pentru persoana adultă cu handicap".to_owned(),
            title_en: some("Social inquiry, adult with disability"),
            version: some("1.0"),
            legal_basis: vec!["Legea nr. 448/2006".to_owned(), "HG nr. 430/2008, anexa 4".to_owned()],
        }),
        subject: some("Anchetă socială în dosarul nr. 77/2026, pentru evaluare complexă"),
        parts: vec![
            part("ancheta-sociala.json", "application/json", 2_318),
            part("ancheta semnată (țărm, șesuri).pdf", "application/pdf", 245_678),
            part("fotografie-1.jpg", "image/jpeg", 1_204_113),
        ],
        transformation: Some(Transformation {
            mapping: "ancheta-sociala-to-esocial".to_owned(),
            version: "1.2".to_owned(),
            source_sha256: digest(17),
            target_sha256: digest(92),
        }),
        deadline: Some(Deadline {
            class: Days::Calendar,
            days: Some(30),
            date: some("21.12.2026"),
            from: some("înregistrarea la destinatar"),
            basis: some("OG nr. 27/2002, art. 8"),
        }),
        message_id: "0198f2a4-7d1c-7c1e-9f55-2b6f0a4c9e11".to_owned(),
        evidence_id: "0198f2a4-8a90-7b02-8d3e-61c2f4b0a7d5".to_owned(),
        evidence_sha256: digest(203),
        verification_code: some("7K3M-9QXT-2HVR"),
        verification_address: some(ADDRESS),
        log: Some(LogPlace {
            origin: "punte.exemplu.ro/evidence".to_owned(),
            index: 48_211,
            head_size: Some(48_230),
            head_stamp: Some(Stamp {
                time: moment("2026-11-20T09:15:00Z", "20 noiembrie 2026, ora 11:15:00"),
                authority: "CN=Autoritate de marcare temporală de probă".to_owned(),
            }),
        }),
        seal: Seal {
            subject: "CN=Punte, Sigiliu electronic, O=Consiliul Județean Exemplu".to_owned(),
            issuer: some("CN=Autoritate de certificare de probă"),
            serial: some("4F:A2:19:07"),
            development: false,
        },
    }
}

/// A document refused at the door, with next to nothing known and a development seal.
pub fn refusal() -> Receipt {
    Receipt {
        event: Event::SubmissionRejection,
        reasons: vec![
            Reason {
                code: "http://uri.etsi.org/19522/EventReason/InvalidMessageFormat".to_owned(),
                text: None,
                details: vec!["câmpul /beneficiar/adresa lipsește".to_owned()],
            },
            Reason { code: "RA05".to_owned(), ..Reason::default() },
        ],
        recipients: vec![],
        about: None,
        sender_registration: None,
        recipient_registration: None,
        parts: vec![],
        transformation: None,
        deadline: None,
        verification_code: None,
        verification_address: None,
        log: None,
        seal: Seal { subject: "CN=punte development seal".to_owned(), development: true, ..Seal::default() },
        ..handover()
    }
}

/// Strings somebody could send to break a page.
pub fn hostile_text() -> String {
    let piece = "Ș\u{0}\u{7}\r\n\u{202E}elif\u{202C}\u{200F} שלום مرحبا 漢字 🏛️👩‍👩‍👧 z\u{0348}\u{0324}a\u{0301} \u{FFFE}\u{E000} %n$s </x> ";
    let mut text = piece.repeat(40);
    text.push_str(&"W".repeat(4_096));
    text
}

/// Every list long, every text hostile.
pub fn hostile() -> Receipt {
    let text = hostile_text();
    let party = |_| Party {
        id: text.clone(),
        name: Some(text.clone()),
        fiscal_code: Some(text.clone()),
        delegate: Some(text.clone()),
    };
    let entry = || Registration { register: Some(text.clone()), number: text.clone(), date: Some(text.clone()) };
    let part =
        |_| Part { name: text.clone(), media_type: Some(text.clone()), size: Some(u64::MAX), sha256: text.clone() };
    let reason = |_| Reason { code: text.clone(), text: Some(text.clone()), details: vec![text.clone(); 9] };
    let moment = Moment { utc: "2026-11-20T09:14:07.512Z".to_owned(), local: text.clone() };
    Receipt {
        event: Event::RelayToNonERDSFailure,
        at: moment.clone(),
        reasons: (0..12).map(reason).collect(),
        service: Service { name: text.clone(), policy: Some(text.clone()), standing: Standing::NotQualified },
        sender: Some(party(0)),
        recipients: (0..40).map(party).collect(),
        about: Some(40),
        sender_registration: Some(entry()),
        recipient_registration: Some(entry()),
        document: Some(Document {
            title: text.clone(),
            title_en: Some(text.clone()),
            version: Some(text.clone()),
            legal_basis: vec![format!("OG nr. 27/2002 {text}"); 30],
        }),
        subject: Some(text.clone()),
        parts: (0..250).map(part).collect(),
        transformation: Some(Transformation {
            mapping: text.clone(),
            version: text.clone(),
            source_sha256: text.clone(),
            target_sha256: text.clone(),
        }),
        deadline: Some(Deadline {
            class: Days::Working,
            days: Some(u32::MAX),
            date: Some(text.clone()),
            from: Some(text.clone()),
            basis: Some(text.clone()),
        }),
        message_id: text.clone(),
        evidence_id: text.clone(),
        evidence_sha256: text.clone(),
        verification_code: Some(text.clone()),
        verification_address: Some(format!("https://punte.exemplu.ro/{}", "a".repeat(LONGEST_ADDRESS - 25))),
        log: Some(LogPlace {
            origin: text.clone(),
            index: u64::MAX,
            head_size: Some(u64::MAX),
            head_stamp: Some(Stamp { time: moment, authority: text.clone() }),
        }),
        seal: Seal { subject: text.clone(), issuer: Some(text.clone()), serial: Some(text.clone()), development: true },
    }
}

/// A document to a dozen institutions, with 35 files.
pub fn crowded() -> Receipt {
    let recipients = (1..=12).map(|number| {
        party(&format!("spas-{number}"), &format!("Serviciul Public de Asistență Socială nr. {number}"), "1111111")
    });
    let parts =
        (1..=35).map(|number| part(&format!("anexa-{number:02}-situație.pdf"), "application/pdf", number * 91_003));
    Receipt {
        event: Event::SubmissionAcceptance,
        reasons: vec![Reason { code: "RA01".to_owned(), ..Reason::default() }],
        recipients: recipients.collect(),
        about: None,
        recipient_registration: None,
        parts: parts.collect(),
        transformation: None,
        log: None,
        ..handover()
    }
}

/// All of them, by name.
pub fn receipts() -> Vec<(&'static str, Receipt)> {
    vec![("handover", handover()), ("refusal", refusal()), ("hostile", hostile()), ("crowded", crowded())]
}

fn account(event: Event, utc: &str, local: &str, code: &str) -> Account {
    let all = handover();
    Account {
        event,
        at: moment(utc, local),
        reasons: vec![Reason { code: code.to_owned(), ..Reason::default() }],
        about: Some(1),
        sender_registration: all.sender_registration,
        recipient_registration: None,
        transformation: None,
        evidence_id: format!("0198f2a4-8a90-7b02-8d3e-{:012x}", utc.len() * 31),
        evidence_sha256: digest(event.as_str().len()),
        file: Some(format!("dovezi/{}.xml", event.as_str())),
        stamp: None,
        log: None,
        seal: all.seal,
    }
}

/// A message taken, made available, that failed once and was handed over; told out of order.
pub fn story() -> Narrative {
    let all = handover();
    let mut handed =
        account(Event::ContentHandover, "2026-11-20T09:14:07.512Z", "20 noiembrie 2026, ora 11:14:07", "RE01");
    handed.recipient_registration = all.recipient_registration.clone();
    handed.transformation = all.transformation.clone();
    handed.log = all.log.clone();
    handed.stamp = all.log.clone().and_then(|log| log.head_stamp);
    let mut taken =
        account(Event::SubmissionAcceptance, "2026-11-18T07:30:00Z", "18 noiembrie 2026, ora 09:30:00", "RA01");
    taken.about = None;
    let placed = account(Event::ContentConsignment, "2026-11-18T07:30:01Z", "18 noiembrie 2026, ora 09:30:01", "RD01");
    let failed =
        account(Event::ContentHandoverFailure, "2026-11-19T07:30:01Z", "19 noiembrie 2026, ora 09:30:01", "RE04");
    Narrative {
        made_at: moment("2026-11-22T08:00:00Z", "22 noiembrie 2026, ora 10:00:00"),
        service: all.service,
        message_id: all.message_id,
        sender: all.sender,
        recipients: all.recipients,
        document: all.document,
        subject: all.subject,
        deadline: all.deadline,
        parts: all.parts,
        accounts: vec![handed, taken, failed, placed],
        verification_address: all.verification_address,
        verification_code: all.verification_code,
    }
}
