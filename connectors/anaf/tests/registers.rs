//! The manifests of ANAF's public registers and of PatrimVen, asked through the REST engine against the twin.

#![allow(clippy::unwrap_used, reason = "helpers of tests are tests")]

mod support;

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use connectors_contract::{Answer, Channel, Engine, Lookup, Manifest, Question};
use connectors_rest::RestEngine;
use sandbox::{AnafCall, Running};
use serde_json::{Value, json};
use support::{NOON, put, twin};

fn connector(twin: &Running<AnafCall>, system: &str, patience: Duration) -> Arc<dyn Lookup> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("../systems/{system}/manifest.toml"));
    let mut manifest = Manifest::parse(&std::fs::read_to_string(path).unwrap(), system).unwrap();
    manifest.endpoint.timeout = patience;
    let channel = Channel { address: Some(twin.url().parse().unwrap()), ..Channel::default() };
    RestEngine::new(Arc::new(|| NOON)).unwrap().lookup(&manifest, channel).unwrap()
}

fn long(twin: &Running<AnafCall>, system: &str) -> Arc<dyn Lookup> {
    connector(twin, system, Duration::from_secs(10))
}

fn question(operation: &str, arguments: &[(&str, &str)]) -> Question {
    let owned = |pairs: &[(&str, &str)]| -> BTreeMap<String, String> {
        pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
    };
    let facts = [
        ("purpose", "venit minim de incluziune"),
        ("legal_basis", "Legea 196/2016"),
        ("case_number", "VMI-17/2026"),
        ("today", "2026-11-22"),
    ];
    Question { operation: operation.to_owned(), arguments: owned(arguments), facts: owned(&facts) }
}

fn firm(cui: &str) -> Question {
    question("firma", &[("cui", cui), ("data", "2026-11-22")])
}

fn member(cui: &str) -> Question {
    question("inscriere", &[("cui", cui), ("data", "2026-11-22")])
}

async fn set(twin: &Running<AnafCall>, settings: Value) {
    put(&format!("{}/_sandbox/registers", twin.url()), settings).await;
}

fn name(answer: &Answer) -> &str {
    match answer {
        Answer::Found { value, .. } => value["date_generale"]["denumire"].as_str().unwrap(),
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn a_hundred_codes_travel_in_one_request_and_each_gets_its_own_answer() {
    let twin = twin().await;
    let connector = long(&twin, "anaf-tva");
    let mut questions = vec![firm("90000006"), firm("99999999"), firm("8000000000")];
    questions.extend((0..97).map(|number| firm(&(70_000_000 + number).to_string())));
    let replies = connector.ask_all(&questions).await;
    assert_eq!(replies.len(), 100);
    assert_eq!(name(&replies[0].answer), "ŞANTIERUL INVENTAT S.R.L.", "as the register wrote it, cedilla included");
    assert_eq!(replies[1].answer, Answer::Absent);
    assert_eq!(name(&replies[2].answer), "CONTRIBUABILUL INVENTAT S.R.L.");
    assert!(replies[3..].iter().all(|reply| reply.answer == Answer::Absent));
    assert_eq!(twin.received().len(), 1, "one request");
    let Answer::Found { as_of, .. } = &replies[0].answer else { panic!("found") };
    assert_eq!(as_of.as_deref(), Some("2026-11-22"));
}

#[tokio::test]
async fn every_shape_of_the_taxpayers_register_means_the_same() {
    let twin = twin().await;
    let connector = long(&twin, "anaf-tva");
    let shapes = [
        json!({}),
        json!({ "wrapper": true }),
        json!({ "old_shape": true }),
        json!({ "wrapper": true, "old_shape": true, "new_trade_numbers": true }),
        json!({ "nothing_found_status": 200 }),
    ];
    for shape in shapes {
        set(&twin, shape.clone()).await;
        assert_eq!(name(&connector.ask(&firm("90000006")).await.answer), "ŞANTIERUL INVENTAT S.R.L.", "{shape}");
        assert_eq!(connector.ask(&firm("90000073")).await.answer, Answer::Absent, "{shape}");
        let both = connector.ask_all(&[firm("90000073"), firm("90000006")]).await;
        assert_eq!(both[0].answer, Answer::Absent, "{shape}");
        assert_eq!(name(&both[1].answer), "ŞANTIERUL INVENTAT S.R.L.", "{shape}");
    }
    for wrong in ["code-inside", "plain-text"] {
        set(&twin, json!({ "wrong": [wrong] })).await;
        let answer = connector.ask(&firm("90000006")).await.answer;
        assert!(matches!(answer, Answer::Unavailable { .. }), "{wrong}: {answer:?}");
    }
}

#[tokio::test]
async fn haste_is_answered_with_when_to_come_back() {
    let twin = twin().await;
    set(&twin, json!({ "keep_pace": true })).await;
    let connector = long(&twin, "anaf-tva");
    assert!(matches!(connector.ask(&firm("90000006")).await.answer, Answer::Found { .. }));
    let answer = connector.ask(&firm("90000006")).await.answer;
    assert!(matches!(answer, Answer::Unavailable { retry_after: Some(wait), .. } if wait.as_secs() == 1), "{answer:?}");
}

#[tokio::test]
async fn membership_is_told_from_a_line_of_blanks() {
    let twin = twin().await;
    for (system, status, inside) in [
        ("anaf-registru-efactura", "stare", "90000006"),
        ("anaf-regagric", "statusRegAgric", "90000014"),
        ("anaf-regcult", "statusRegCult", "90000022"),
    ] {
        let connector = long(&twin, system);
        let replies = connector.ask_all(&[member(inside), member("12345674"), member("99999999")]).await;
        let Answer::Found { value, .. } = &replies[0].answer else { panic!("{system}: {:?}", replies[0].answer) };
        assert!(value[status] == json!(true) || value[status] == json!("Activ"), "{system}: {value}");
        assert_eq!((&replies[1].answer, &replies[2].answer), (&Answer::Absent, &Answer::Absent), "{system}");
        assert_eq!(connector.ask(&member("99999999")).await.answer, Answer::Absent, "{system}, alone");
    }
}

#[tokio::test]
async fn a_statement_is_read_although_the_firewall_dislikes_programs() {
    let twin = twin().await;
    let connector = long(&twin, "anaf-bilant");
    let ask = |cui: &str, year: &str| question("bilant", &[("cui", cui), ("an", year)]);
    let Answer::Found { value, as_of, .. } = connector.ask(&ask("90000006", "2024")).await.answer else {
        panic!("found")
    };
    assert_eq!((value["i"].as_array().unwrap().len(), as_of.as_deref()), (20, Some("2024")));
    assert_eq!(connector.ask(&ask("90000022", "2024")).await.answer, Answer::Absent);
    assert_eq!(connector.ask(&ask("90000006", "2013")).await.answer, Answer::Absent);
}

const PERSON: [(&str, &str); 5] = [
    ("cnp", "1630615123457"),
    ("an_inceput", "2025"),
    ("an_sfarsit", "2026"),
    ("functionar", "1111111111118"),
    ("rol", "CONSULTARE"),
];

#[tokio::test]
async fn patrimven_is_asked_with_purpose_basis_and_case() {
    let twin = twin().await;
    let connector = long(&twin, "patrimven");
    for operation in ["contributii", "venituri", "bunuri-imobile", "auto"] {
        let answer = connector.ask(&question(operation, &PERSON)).await.answer;
        let Answer::Found { value, as_of, .. } = answer else { panic!("{operation}: {answer:?}") };
        assert!(!value.as_array().unwrap().is_empty(), "{operation}");
        assert_eq!(as_of.as_deref(), Some("2026-11-22"));
    }
    let banks = connector.ask(&question("banci", &PERSON)).await.answer;
    assert!(matches!(&banks, Answer::Refused { code, .. } if code == "PV-101"), "not in the protocol: {banks:?}");
    let mut nobody = PERSON.to_vec();
    nobody[0].1 = "5010101400010";
    assert_eq!(connector.ask(&question("contributii", &nobody)).await.answer, Answer::Absent);
    let mut role = PERSON.to_vec();
    role[4].1 = "REGISTRATURA";
    let refused = connector.ask(&question("contributii", &role)).await.answer;
    assert!(matches!(&refused, Answer::Refused { code, .. } if code == "PV-102"), "{refused:?}");
    let mut without = question("contributii", &PERSON);
    without.facts.remove("legal_basis");
    let unsent = connector.ask(&without).await.answer;
    assert!(matches!(&unsent, Answer::Refused { code, .. } if code == "connector.unsendable"), "{unsent:?}");
    put(&format!("{}/_sandbox/patrimven", twin.url()), json!({ "persons_per_day": 0 })).await;
    let quota = connector.ask(&question("contributii", &PERSON)).await.answer;
    // Noon in Bucharest: twelve hours to the next day.
    assert!(
        matches!(&quota, Answer::Unavailable { retry_after: Some(wait), .. } if wait.as_secs() == 43_200),
        "{quota:?}"
    );
    let client = reqwest::Client::builder().no_proxy().build().unwrap();
    let log =
        client.get(format!("{}/_sandbox/patrimven", twin.url())).send().await.unwrap().json::<Value>().await.unwrap();
    let entries = log["log"].as_array().unwrap();
    assert_eq!(entries.len(), 8, "what was not sent is not there");
    assert_eq!(
        (&entries[0]["temei_legal"], &entries[0]["numar_dosar"]),
        (&json!("Legea 196/2016"), &json!("VMI-17/2026"))
    );
}

#[tokio::test]
async fn no_fault_of_any_register_is_taken_for_an_answer() {
    let faults = [
        "unauthorized",
        "not-found",
        "forbidden",
        "too-many-requests",
        "no-content",
        "block-page",
        "logout-page",
        "log-in-wall",
        "server-error",
        "server-error-after-storing",
        "accept-after-client-timeout",
        "cut-connection",
        "cut-connection-after-storing",
        "half-answer",
    ];
    let systems = [
        ("anaf-tva", "tva", firm("90000006")),
        ("anaf-registru-efactura", "interogare", member("90000006")),
        ("anaf-regagric", "agric", member("90000014")),
        ("anaf-regcult", "cult", member("90000022")),
        ("anaf-bilant", "bilant", question("bilant", &[("cui", "90000006"), ("an", "2024")])),
        ("patrimven", "interogari", question("contributii", &PERSON)),
    ];
    let twin = twin().await;
    for (system, operation, asked) in systems {
        let (long, short) = (long(&twin, system), connector(&twin, system, Duration::from_millis(500)));
        for fault in faults {
            let plan = json!([{ "fault": fault, "operation": operation, "delay_ms": 30_000 }]);
            put(&format!("{}/_sandbox/anaf/faults", twin.url()), plan).await;
            let connector = if fault == "accept-after-client-timeout" { &short } else { &long };
            let answer = connector.ask(&asked).await.answer;
            // A JSON 404 of somebody else is refused, not absent: it has not the register's form.
            let right = match fault {
                "not-found" => matches!(answer, Answer::Refused { .. } | Answer::Unavailable { .. }),
                _ => matches!(answer, Answer::Unavailable { .. }),
            };
            assert!(right, "{system}, {fault}: {answer:?}");
            assert!(matches!(long.ask(&asked).await.answer, Answer::Found { .. }), "{system} after {fault}");
        }
    }
}
