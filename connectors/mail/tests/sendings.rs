//! Mails handed to exim, and to servers that do what exim never would.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod support;
#[path = "../../folder/tests/support/proxy.rs"]
mod proxy;

use std::time::{Duration, Instant};

use connectors_contract::{Channel, Engine as _, Outcome, SideEffect};
use connectors_drop::{outgoing_name, pack};
use support::{Choice, OUT, PostOffice, SCAN, consignment, engine, manifest};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;

const SAFE: Choice = Choice { tls: true };

async fn sent(office: &PostOffice, channel: Channel, key: &str) -> Outcome {
    office.outbound(channel).deliver(&consignment(key, SCAN)).await.outcome
}

fn unavailable(outcome: &Outcome, word: &str) {
    assert!(matches!(outcome, Outcome::Unavailable { reason, .. } if reason.contains(word)), "{outcome:?}");
}

#[tokio::test]
async fn a_delivery_is_a_mail_with_the_package_and_a_text_and_the_receipt_is_the_queues_number() {
    let Some(office) = PostOffice::open(SAFE) else { return };
    let at_once = format!("smtps://punte%40hub.test@localhost:{}/registratura@primaria.test", office.smtps);
    for (count, channel) in [office.to(office.smtp, "registratura"), office.channel(&at_once)].into_iter().enumerate() {
        let outbound = office.outbound(channel);
        assert_eq!(outbound.side_effect(), SideEffect::Once);
        let attempt = outbound.deliver(&consignment("cheie", SCAN)).await;
        let Outcome::Delivered { receipt: Some(number) } = attempt.outcome else {
            panic!("{attempt:?}\n{}", office.logs())
        };
        assert!(office.logs().contains(&number), "{number}");
        assert_eq!(attempt.exchange.status, Some(250));
        let mails = office.arrived("primaria", count + 1).await;
        let mail = mailparse::parse_mail(&mails[count]).unwrap();
        let header = |name: &str| mailparse::MailHeaderMap::get_first_value(&mail.headers[..], name).unwrap();
        let name = outgoing_name("cheie");
        assert_eq!(header("Subject"), "DGASPC Mehedinți: Anchetă socială pentru evaluare complexă");
        assert_eq!(header("Message-ID"), format!("<{}@hub.test>", name.trim_end_matches(".zip")));
        assert_eq!(header("Auto-Submitted"), "auto-generated");
        let text = mail.subparts[0].get_body().unwrap();
        assert!(text.contains("Numărul expeditorului: 4521") && text.contains(&name), "{text}");
        let packed = pack(&consignment("cheie", SCAN), 1 << 20).unwrap();
        assert_eq!(mail.subparts[1].get_body_raw().unwrap(), packed.bytes);
    }
}

#[tokio::test]
async fn what_the_server_says_decides_the_class() {
    let Some(office) = PostOffice::open(SAFE) else { return };
    let grey = sent(&office, office.to(office.smtp, "gri"), "cheie").await;
    unavailable(&grey, "451 4.7.1 Greylisted");
    assert!(matches!(grey, Outcome::Unavailable { retry_after: Some(_), .. }));
    let nobody = sent(&office, office.to(office.smtp, "nimeni"), "cheie").await;
    assert!(
        matches!(&nobody, Outcome::Refused { code, reason } if code == "550" && reason.contains("no such user")),
        "{nobody:?}"
    );
    let mut unwanted = consignment("cheie", SCAN);
    unwanted.facts.insert("subject".to_owned(), "interzis".to_owned());
    let refused = office.outbound(office.to(office.smtp, "registratura")).deliver(&unwanted).await.outcome;
    assert!(matches!(&refused, Outcome::Refused { code, .. } if code == "554"), "{refused:?}");
    let two_lines = Channel {
        secret: Some(format!("{}\n{}", support::PASSWORD, support::KEY).into()),
        ..office.to(office.smtp, "gri")
    };
    unavailable(&sent(&office, two_lines, "cheie").await, "451");
    let wrong = Channel { secret: Some("alta-parola".into()), ..office.to(office.smtp, "registratura") };
    let unknown = sent(&office, wrong, "cheie").await;
    unavailable(&unknown, "nu ne-a recunoscut");
    assert!(!format!("{unknown:?}").contains("alta-parola"));
    let large = office.outbound(office.to(office.smtp, "registratura"));
    let large = large.deliver(&consignment("cheie", &vec![7; 3 * 1024 * 1024])).await.outcome;
    assert!(matches!(&large, Outcome::Refused { code, .. } if code == "connector.unsendable"), "{large:?}");
    assert!(office.mails("primaria", "").is_empty());
}

#[tokio::test]
async fn without_tls_or_with_a_strangers_certificate_nothing_is_sent() {
    let Some(plain) = PostOffice::open(Choice { tls: false }) else { return };
    unavailable(&sent(&plain, plain.to(plain.smtp, "registratura"), "cheie").await, "STARTTLS");
    assert!(!plain.logs().contains("primaria.test"), "{}", plain.logs());
    let Some(office) = PostOffice::open(SAFE) else { return };
    let strange = Channel { roots: None, ..office.to(office.smtp, "registratura") };
    unavailable(&sent(&office, strange, "cheie").await, "TLS");
    let elsewhere = format!("smtp://punte%40hub.test@127.0.0.1:{}/registratura@primaria.test", office.smtp);
    unavailable(&sent(&office, office.channel(&elsewhere), "cheie").await, "TLS");
    assert!(office.mails("primaria", "").is_empty());
}

#[tokio::test]
async fn a_line_cut_anywhere_never_says_less_or_more_than_is_known() {
    let Some(office) = PostOffice::open(SAFE) else { return };
    let (mut not_now, mut unsure, mut delivered, mut expected) = (0, 0, 0, 0);
    for bytes in (100..9000).step_by(270).chain((2300..3800).step_by(60)) {
        let key = format!("taiat la {bytes}");
        let line = proxy::cut_after(office.smtp, bytes).await;
        match sent(&office, office.to(line.port(), "registratura"), &key).await {
            Outcome::Unavailable { .. } => not_now += 1,
            Outcome::Unknown { .. } => unsure += 1,
            Outcome::Delivered { .. } => {
                delivered += 1;
                expected += 1;
            }
            other => panic!("{bytes}: {other:?}"),
        }
    }
    let mails = office.arrived("primaria", expected).await;
    let taken = mails.len();
    assert!((delivered..=delivered + unsure).contains(&taken), "{taken} mails, {delivered} sure, {unsure} unsure");
    assert!(not_now > 5 && delivered > 0, "{not_now} {unsure} {delivered}");
}

#[tokio::test]
async fn an_answer_lost_after_the_final_dot_is_unknown() {
    let Some(office) = PostOffice::open(SAFE) else { return };
    // The mail is far longer than all that is said before it, so the server is muted in the middle of it.
    let line = proxy::mute_after(office.smtp, 50_000).await;
    let outbound = office.outbound(office.to(line.port(), "registratura"));
    let outcome = outbound.deliver(&consignment("cheie", &vec![b'x'; 200_000])).await.outcome;
    assert!(matches!(&outcome, Outcome::Unknown { reason } if reason.contains("a plecat întreg")), "{outcome:?}");
    office.arrived("primaria", 1).await;
    // Muted before the mail began, nothing was handed in.
    let line = proxy::mute_after(office.smtp, 700).await;
    let early = sent(&office, office.to(line.port(), "registratura"), "alta").await;
    assert!(matches!(early, Outcome::Unavailable { .. }), "{early:?}");
    assert_eq!(office.mails("primaria", "").len(), 1);
}

/// A server that says these things, one after each line it hears.
async fn script(says: &'static [&'static str]) -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        for say in says {
            let _ = stream.write_all(say.as_bytes()).await;
            let _ = stream.read(&mut [0; 4096]).await;
        }
    });
    port
}

#[tokio::test]
async fn what_a_server_says_before_tls_is_never_taken_for_protected() {
    let channel = |port: u16| Channel {
        address: Some(format!("smtp://punte%40hub.test@localhost:{port}/a@primaria.test").parse().unwrap()),
        ..Channel::default()
    };
    let asked = async |port: u16| {
        let outbound = engine().outbound(&manifest(OUT), channel(port)).unwrap();
        outbound.deliver(&consignment("cheie", SCAN)).await.outcome
    };
    let injected = script(&["220 mx\r\n", "250-mx\r\n250 STARTTLS\r\n", "220 go\r\n250 mx\r\n250 OK\r\n"]).await;
    unavailable(&asked(injected).await, "înainte de a începe TLS");
    let two_codes = script(&["220-a\r\n250 b\r\n"]).await;
    unavailable(&asked(two_codes).await, "două coduri");
}

#[tokio::test]
async fn a_server_that_only_makes_noise_does_not_hold_the_hub() {
    let noises: [(&'static [u8], u64); 4] =
        [(b"2", 100), (b"220 o linie care nu se mai termina ", 0), (b"220-inca una\r\n", 0), (b"220-lent\r\n", 50)];
    for (noise, pause) in noises {
        let address = proxy::noise(noise, Duration::from_millis(pause)).await;
        let channel = Channel {
            address: Some(
                format!("smtp://punte%40hub.test@localhost:{}/a@primaria.test", address.port()).parse().unwrap(),
            ),
            ..Channel::default()
        };
        let started = Instant::now();
        let outbound = engine().outbound(&manifest(OUT), channel).unwrap();
        let outcome = outbound.deliver(&consignment("cheie", SCAN)).await.outcome;
        assert!(matches!(outcome, Outcome::Unavailable { .. }), "{outcome:?}");
        assert!(started.elapsed() < Duration::from_secs(10), "{noise:?} held it for {:?}", started.elapsed());
    }
}

#[tokio::test]
async fn a_channel_that_cannot_work_is_refused_before_anything_is_called() {
    let refused = |address: &str| {
        let channel = Channel { address: Some(address.parse().unwrap()), ..Channel::default() };
        engine().outbound(&manifest(OUT), channel).err().map(|error| error.to_string()).unwrap_or_default()
    };
    assert!(refused("smtps://mail.exemplu.ro/a@primaria.ro").contains("a user that is a mail address"));
    assert!(refused("smtps://hub%40hub.ro@mail.exemplu.ro/").contains("a recipient"));
    assert!(refused("smtps://hub%40hub.ro@mail.exemplu.ro/a%0D%0ARCPT%20TO:%3Cx@y.ro%3E").contains("a recipient"));
    assert!(refused("imaps://hub%40hub.ro@mail.exemplu.ro/a@primaria.ro").contains("SMTP"));
    let queryable = manifest(&OUT.replace("once", "queryable"));
    let channel = Channel {
        address: Some("smtps://hub%40hub.ro@mail.exemplu.ro/a@primaria.ro".parse().unwrap()),
        ..Channel::default()
    };
    assert!(engine().outbound(&queryable, channel).err().unwrap().to_string().contains("cannot be asked"));
}
