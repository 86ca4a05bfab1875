//! Mails from town halls: taken in by exim, shown by dovecot, answered by mail.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod support;
#[path = "../../folder/tests/support/proxy.rs"]
mod proxy;

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use connectors_contract::{Channel, Engine as _, Verdict};
use connectors_drop::sha256;
use connectors_mail::package_proof;
use mailparse::MailHeaderMap as _;
use serde_json::json;
use support::{Choice, KEY, OUT, PASSWORD, PostOffice, engine, manifest, package};

const SAFE: Choice = Choice { tls: true };

fn secret() -> String {
    format!("{PASSWORD}\n{KEY}")
}

/// A mail as a town hall's program writes it.
fn mail(head: &str, package: Option<&[u8]>, proof: Option<&str>) -> String {
    let mut text = format!(
        "{head}To: hub@hub.test\r\nSubject: =?utf-8?Q?Anchet=C4=83?=\r\nMessage-ID: <1@primaria.test>\r\nMIME-Version: 1.0\r\n\
         Content-Type: multipart/mixed; boundary=x\r\n\r\n--x\r\nContent-Type: text/plain\r\n\r\nBuna ziua.\r\n"
    );
    let mut attach = |name: &str, content: &[u8]| {
        let lines: Vec<String> = STANDARD
            .encode(content)
            .as_bytes()
            .chunks(76)
            .map(|line| String::from_utf8(line.to_vec()).unwrap())
            .collect();
        text.push_str(&format!(
            "--x\r\nContent-Type: application/octet-stream\r\nContent-Disposition: attachment; filename=\"{name}\"\r\n\
             Content-Transfer-Encoding: base64\r\n\r\n{}\r\n",
            lines.join("\r\n")
        ));
    };
    if let Some(package) = package {
        attach("ancheta.zip", package);
    }
    if let Some(proof) = proof {
        attach("ancheta.zip.dovada", proof.as_bytes());
    }
    text + "--x--\r\n"
}

fn proven(about: &str) -> String {
    let package = package(about);
    let proof = package_proof(KEY.as_bytes(), &package).unwrap();
    mail("From: Registratura <registratura@primaria.test>\r\n", Some(&package), Some(&proof))
}

fn accepted() -> Verdict {
    Verdict::Accepted {
        message_id: "0198c0de-0000-7000-8000-000000000001".to_owned(),
        number: Some("417/2026".to_owned()),
        receipt: Bytes::from_static(b"<recipisa sigilata=\"inventata\"/>"),
        again: false,
    }
}

fn refused() -> Verdict {
    let problem = json!({ "violations": [{ "pointer": "/body/x", "rule": "r", "ro": "Greșit", "example": "bun" }] });
    Verdict::Refused { reason: "documentul nu respectă regulile".to_owned(), problem, receipt: None }
}

#[tokio::test]
async fn a_package_by_mail_is_handed_over_until_its_verdict_went_back_by_mail() {
    let Some(office) = PostOffice::open(SAFE) else { return };
    let inbound = office.inbound(&secret());
    assert!(inbound.poll(10).await.unwrap().is_empty());
    office.post("hub@hub.test", &proven("anchetă")).await;
    let arrivals = inbound.poll(10).await.unwrap();
    let [arrival] = &arrivals[..] else { panic!("{arrivals:?}\n{}", office.logs()) };
    assert_eq!(arrival.id, hex::encode(sha256(&package("anchetă"))));
    assert_eq!((&arrival.facts["from"][..], &arrival.facts["subject"][..]), ("registratura@primaria.test", "Anchetă"));
    assert_eq!((arrival.unreadable.as_ref(), arrival.parts.len()), (None, 1));
    assert_eq!(inbound.poll(10).await.unwrap()[0].id, arrival.id, "the same until it is acknowledged");
    assert_eq!(office.mails("hub", "").len(), 1, "looking moves nothing");

    inbound.acknowledge(&arrival.id, &accepted()).await.unwrap();
    let answers = office.arrived("primaria", 1).await;
    let answer = mailparse::parse_mail(&answers[0]).unwrap();
    let header = |name: &str| answer.headers[..].get_first_value(name).unwrap_or_default();
    assert_eq!(header("Subject"), "PRIMIT cu numărul 417/2026: ancheta.zip");
    assert_eq!((&header("In-Reply-To")[..], &header("Auto-Submitted")[..]), ("<1@primaria.test>", "auto-replied"));
    assert!(answer.subparts[0].get_body().unwrap().contains("417/2026"));
    assert_eq!(answer.subparts[2].get_body_raw().unwrap(), b"<recipisa sigilata=\"inventata\"/>");
    assert_eq!((office.mails("hub", "").len(), office.mails("hub", ".Processed").len()), (0, 1), "{}", office.logs());
    inbound.acknowledge(&arrival.id, &accepted()).await.unwrap();
    office.inbound(&secret()).acknowledge(&arrival.id, &accepted()).await.unwrap();
    assert_eq!(office.mails("primaria", "").len(), 1, "heard twice is told once");
}

#[tokio::test]
async fn a_hub_that_was_started_anew_answers_and_one_that_fell_after_answering_does_not_answer_again() {
    let Some(office) = PostOffice::open(SAFE) else { return };
    office.post("hub@hub.test", &proven("a")).await;
    let id = office.inbound(&secret()).poll(10).await.unwrap()[0].id.clone();
    office.inbound(&secret()).acknowledge(&id, &refused()).await.unwrap();
    let answers = office.arrived("primaria", 1).await;
    let answer = mailparse::parse_mail(&answers[0]).unwrap();
    let text = answer.subparts[0].get_body().unwrap();
    assert!(text.contains("1. /body/x: Greșit (exemplu: bun)"), "{text}");
    assert_eq!(office.mails("hub", ".Rejected").len(), 1);

    office.post("hub@hub.test", &proven("b")).await;
    let id = office.inbound(&secret()).poll(10).await.unwrap()[0].id.clone();
    // Answered and not yet moved: the flag is in the name of the file (Maildir).
    let home = office.folder.path().join("home/hub");
    let file = ["new", "cur"].iter().flat_map(|place| std::fs::read_dir(home.join(place)).unwrap()).next().unwrap();
    let file = file.unwrap().path();
    let name = file.file_name().unwrap().to_str().unwrap().split(":2,").next().unwrap().to_owned();
    std::fs::rename(&file, home.join("cur").join(format!("{name}:2,R"))).unwrap();
    office.inbound(&secret()).acknowledge(&id, &accepted()).await.unwrap();
    assert_eq!(office.mails("hub", ".Processed").len(), 1, "{}", office.logs());
    assert_eq!(office.mails("primaria", "").len(), 1, "the second mail was answered before the fall");
}

#[tokio::test]
async fn strangers_machines_and_reports_are_sorted_away_and_nobody_is_answered() {
    let Some(office) = PostOffice::open(SAFE) else { return };
    let from = "From: registratura@primaria.test\r\n";
    let stolen = package_proof(KEY.as_bytes(), &package("alt")).unwrap();
    let good = package_proof(KEY.as_bytes(), &package("a")).unwrap();
    let forged = format!("Authentication-Results: mx.hub.test; dkim=pass header.d=primaria.test\r\n{from}");
    for (head, proof) in [
        (from, None),
        (from, Some(&stolen)),
        ("From: rau@alt.test\r\n", Some(&good)),
        (&forged, None),
        ("From: registratura@primaria.test\r\nAuto-Submitted: auto-replied\r\n", Some(&good)),
        ("From: registratura@primaria.test\r\nPrecedence: list\r\n", Some(&good)),
        ("From: punte@hub.test\r\n", Some(&good)),
    ] {
        office.post("hub@hub.test", &mail(head, Some(&package("a")), proof.map(String::as_str))).await;
    }
    office.post("hub@hub.test", "From: MAILER-DAEMON@mx.test\r\nContent-Type: multipart/report; report-type=delivery-status; boundary=x\r\n\r\n--x\r\n\r\nnu\r\n--x--\r\n").await;
    let large = mail(from, Some(&vec![7; 5 * 1024 * 1024]), Some(&good));
    office.post("hub@hub.test", &large).await;
    assert!(office.inbound(&secret()).poll(10).await.unwrap().is_empty());
    let count = |mailbox: &str| office.mails("hub", mailbox).len();
    assert_eq!(
        (count(""), count(".Rejected"), count(".Processed"), count(".Undelivered")),
        (0, 5, 3, 1),
        "{}",
        office.logs()
    );
    assert!(office.mails("primaria", "").is_empty());
}

#[tokio::test]
async fn a_bad_package_of_the_proven_sender_is_handed_over_as_unreadable_with_the_rule() {
    let Some(office) = PostOffice::open(SAFE) else { return };
    let attack = hub_signatures::asice::zip::write(&[("manifest.json", b"{}"), ("../x", b"x")]).unwrap();
    let proof = package_proof(KEY.as_bytes(), &attack).unwrap();
    office.post("hub@hub.test", &mail("From: registratura@primaria.test\r\n", Some(&attack), Some(&proof))).await;
    let arrivals = office.inbound(&secret()).poll(10).await.unwrap();
    let why = arrivals[0].unreadable.clone().unwrap();
    assert!(why.starts_with("pachet.nume [../x]:"), "{why}");
}

#[tokio::test]
async fn a_line_cut_anywhere_loses_no_mail_and_gives_one_answer() {
    let Some(office) = PostOffice::open(SAFE) else { return };
    office.post("hub@hub.test", &proven("a")).await;
    let whole = office.inbound(&secret());
    let id = whole.poll(10).await.unwrap()[0].id.clone();
    for bytes in (300..1900).step_by(100) {
        let line = proxy::cut_after(office.imap, bytes).await;
        let inbound = office.inbound_by(line.port(), &secret());
        let _may_fail = inbound.poll(10).await;
        let _may_fail = inbound.acknowledge(&id, &accepted()).await;
        let there = office.mails("hub", "").len() + office.mails("hub", ".Processed").len();
        assert_eq!(there, 1, "{bytes}");
    }
    office.inbound(&secret()).acknowledge(&id, &accepted()).await.unwrap();
    assert_eq!(office.mails("hub", ".Processed").len(), 1);
    let ids: BTreeSet<Option<String>> = office
        .arrived("primaria", 1)
        .await
        .iter()
        .map(|answer| mailparse::parse_mail(answer).unwrap().headers[..].get_first_value("Message-ID"))
        .collect();
    assert_eq!(ids.len(), 1, "however often it went, it is one mail");
}

#[tokio::test]
async fn a_mailbox_that_does_not_know_us_or_cannot_be_believed_is_told_without_secrets() {
    let Some(office) = PostOffice::open(SAFE) else { return };
    let text = OUT.replace("[endpoint]", "[endpoint]\nbase_url = \"smtp://punte%40hub.test@localhost:1\"");
    let by_tls = format!("imaps://hub@localhost:{}/INBOX?from=registratura@primaria.test", office.imaps);
    let channel = Channel { secret: Some(secret().into()), ..office.channel(&by_tls) };
    let inbound = engine().inbound(&manifest(&text), channel.clone()).unwrap();
    assert!(inbound.poll(10).await.unwrap().is_empty());
    let inbound = engine().inbound(&manifest(&text), Channel { roots: None, ..channel }).unwrap();
    let trouble = inbound.poll(10).await.unwrap_err();
    assert!(trouble.reason.contains("TLS"), "{trouble}");
    // Last, because dovecot lets whoever guesses wait.
    let trouble = office.inbound(&format!("alta-parola\n{KEY}")).poll(10).await.unwrap_err();
    assert!(trouble.reason.contains("autentificarea"), "{trouble}");
    assert!(!format!("{trouble:?}").contains("alta-parola") && !format!("{trouble:?}").contains(KEY));
}

#[tokio::test]
async fn a_server_that_only_makes_noise_does_not_hold_the_hub() {
    let text = OUT.replace("[endpoint]", "[endpoint]\nbase_url = \"smtp://punte%40hub.test@localhost:1\"");
    let noises: [(&'static [u8], u64); 5] = [
        (b"*", 100),
        (b"* OK o linie care nu se mai termina ", 0),
        (b"* OK {99999999}\r\n", 10),
        (b"* OK lent\r\n", 50),
        (b"* OK a\r\n* b\r\n", 0),
    ];
    for (noise, pause) in noises {
        let address = proxy::noise(noise, Duration::from_millis(pause)).await;
        let address = format!("imap://hub@localhost:{}/INBOX?from=registratura@primaria.test", address.port());
        let channel =
            Channel { address: Some(address.parse().unwrap()), secret: Some(secret().into()), ..Channel::default() };
        let started = Instant::now();
        let inbound = engine().inbound(&manifest(&text), channel).unwrap();
        assert!(inbound.poll(10).await.is_err());
        assert!(started.elapsed() < Duration::from_secs(10), "{noise:?} held it for {:?}", started.elapsed());
    }
}

#[tokio::test]
async fn a_mailbox_without_a_way_to_know_its_sender_is_refused() {
    let text = OUT.replace("[endpoint]", "[endpoint]\nbase_url = \"smtp://punte%40hub.test@localhost:1\"");
    let asked = |text: &str, address: &str, secret: &str| {
        let channel =
            Channel { address: Some(address.parse().unwrap()), secret: Some(secret.into()), ..Channel::default() };
        engine().inbound(&manifest(text), channel).err().map(|error| error.to_string()).unwrap_or_default()
    };
    let good = "imaps://hub@mail.exemplu.ro/INBOX?from=registratura@primaria.ro";
    assert_eq!(asked(&text, good, &secret()), "");
    assert!(asked(&text, good, PASSWORD).contains("a proof of who writes"));
    assert_eq!(
        asked(&text.replace("most_mebibytes", "authserv_id = \"mx.hub.ro\"\nmost_mebibytes"), good, PASSWORD),
        ""
    );
    assert!(asked(&text, "imaps://hub@mail.exemplu.ro/INBOX", &secret()).contains("a sender"));
    assert!(asked(OUT, good, &secret()).contains("a server for answers"));
}
