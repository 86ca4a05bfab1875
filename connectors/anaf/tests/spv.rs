//! Questions to SPV and arrivals from it, against the twin: every operation, every fault.

#![allow(clippy::unwrap_used, reason = "helpers of tests are tests")]

mod support;

use std::sync::Arc;
use std::time::Duration;

use connectors_anaf::spv::SpvEngine;
use connectors_contract::{Answer, Channel, Engine, Lookup, PartContent, Question, Verdict};
use sandbox::{AnafCall, Running};
use serde_json::json;
use support::{NOON, channel, fault, manifest, put, set, state, twin};

const CERTIFICATE: [(&str, &str); 3] = [("cnp", "1800101221144"), ("an", "2025"), ("motiv", "Ajutor social")];

fn question(operation: &str, arguments: &[(&str, &str)]) -> Question {
    let arguments = arguments.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    Question { operation: operation.to_owned(), arguments, facts: [].into() }
}

fn lookup(channel: Channel, patience: Duration) -> Arc<dyn Lookup> {
    SpvEngine::new(Arc::new(|| NOON)).unwrap().lookup(&manifest(patience), channel).unwrap()
}

fn long(twin: &Running<AnafCall>) -> Arc<dyn Lookup> {
    lookup(channel(twin), Duration::from_secs(10))
}

async fn ask(lookup: &Arc<dyn Lookup>, operation: &str, arguments: &[(&str, &str)]) -> Answer {
    lookup.ask(&question(operation, arguments)).await.answer
}

/// How often the twin was called for an operation.
fn calls(twin: &Running<AnafCall>, operation: &str) -> usize {
    twin.received().iter().filter(|call| call.operation == operation && call.status == 200).count()
}

#[tokio::test]
async fn an_income_certificate_is_asked_for_once_and_comes_later_as_a_document() {
    let twin = twin().await;
    let lookup = long(&twin);
    let Answer::Pending { request: Some(number), retry_after: None } =
        ask(&lookup, "adeverinta-venit", &CERTIFICATE).await
    else {
        panic!("nothing pends")
    };
    let mut again = CERTIFICATE.to_vec();
    again.push(("request", &number));
    let first = ask(&lookup, "adeverinta-venit", &again).await;
    assert!(
        matches!(&first, Answer::Pending { request, .. } if request.as_deref() == Some(number.as_str())),
        "{first:?}"
    );
    let Answer::Found { value, as_of, document: Some(document) } = ask(&lookup, "adeverinta-venit", &again).await
    else {
        panic!("no document")
    };
    assert_eq!((&value["tip"], &value["id_solicitare"]), (&json!("ADEVERINTA VENIT"), &json!(number)));
    assert_eq!(as_of.as_deref(), Some("2026-11-22T12:00:00+02:00"));
    assert_eq!(document.content_type, "application/pdf");
    assert!(String::from_utf8_lossy(&document.content).contains("(CIF/CNP: 1800101221144) Tj"));
    assert_eq!(calls(&twin, "spv-cerere"), 1);
}

#[tokio::test]
async fn a_number_of_another_persons_request_brings_nothing() {
    let twin = twin().await;
    set(&twin, json!({ "answer_after_lists": 0 })).await;
    let lookup = long(&twin);
    let Answer::Pending { request: Some(number), .. } = ask(&lookup, "adeverinta-venit", &CERTIFICATE).await else {
        panic!("nothing pends")
    };
    let other = [("cnp", "1111111111118"), ("an", "2025"), ("motiv", "Ajutor social"), ("request", number.as_str())];
    assert!(matches!(ask(&lookup, "adeverinta-venit", &other).await, Answer::Pending { .. }));
    let stolen = [("cif", "12345674"), ("id", "100000000")];
    assert_eq!(ask(&lookup, "descarcare", &stolen).await, Answer::Absent, "that document is about somebody else");
}

#[tokio::test]
async fn the_list_is_that_of_one_code_and_an_empty_one_is_absence() {
    let twin = twin().await;
    let lookup = long(&twin);
    let Answer::Found { value, .. } = ask(&lookup, "lista", &[("cif", "8000000000")]).await else { panic!("no list") };
    assert_eq!(value["mesaje"].as_array().unwrap().len(), 3);
    assert_eq!(value["mesaje"][1]["tip"], "DECLARATIE ", "as the service wrote it");
    assert_eq!(value.get("cnp"), None, "the clerk's own number stays away");
    assert_eq!(ask(&lookup, "lista", &[("cif", "8000000000"), ("zile", "1")]).await, Answer::Absent);
    let Answer::Found { document: Some(document), .. } =
        ask(&lookup, "descarcare", &[("cif", "8000000000"), ("id", "100000000")]).await
    else {
        panic!("no document")
    };
    assert!(document.content.starts_with(b"%PDF"));
}

#[tokio::test]
async fn refusals_keep_the_words_of_the_service_and_get_a_code() {
    let twin = twin().await;
    let lookup = long(&twin);
    let table = [
        ("lista", vec![("cif", "90000006")], "spv.fara-drept", "Nu aveti drept in SPV pentru CIF=90000006"),
        (
            "cerere",
            vec![("tip", "D101"), ("cui", "8000000001"), ("an", "2025")],
            "spv.cod-gresit",
            "CUI-ul introdus= 8000000001 nu este corect.",
        ),
        (
            "cerere",
            vec![("tip", "D101"), ("cui", "8000000000")],
            "spv.parametri-lipsa",
            "Pentru tip raport= D101 parametri cui si an sunt obligatorii",
        ),
        (
            "cerere",
            vec![("tip", "D101"), ("cui", "90000006"), ("an", "2025")],
            "spv.fara-drept",
            "Nu veti drept sa solictati informatii despre CIF=90000006",
        ),
        (
            "cerere",
            vec![("tip", "CAF"), ("cui", "8000000000")],
            "spv.indisponibil-prin-serviciu",
            "Tip raport= CAF inca nu poate fi solicitat prin WS",
        ),
    ];
    for (operation, arguments, code, words) in table {
        let expected = Answer::Refused { code: code.to_owned(), reason: words.to_owned() };
        assert_eq!(ask(&lookup, operation, &arguments).await, expected, "{operation} {arguments:?}");
    }
}

#[tokio::test]
async fn every_kind_of_report_is_asked_for_with_its_parameters() {
    let twin = twin().await;
    set(&twin, json!({ "relaxed": true })).await;
    let lookup = long(&twin);
    let manifest = manifest(Duration::from_secs(10));
    let kinds = &manifest.lookups["cerere"].arguments["tip"].one_of;
    assert_eq!(kinds.len(), 34);
    for kind in kinds {
        let mut arguments = vec![("tip", kind.as_str()), ("cui", "8000000000"), ("an", "2025"), ("luna", "6")];
        arguments.extend([("lunai", "1"), ("lunas", "3"), ("numar_inregistrare", "INTERNT-140000000-2018")]);
        let answer = ask(&lookup, "cerere", &arguments).await;
        assert!(matches!(answer, Answer::Pending { request: Some(_), .. }), "{kind}: {answer:?}");
    }
    let purposes = &manifest.lookups["adeverinta-venit"].arguments["motiv"].one_of;
    assert_eq!(purposes.len(), 30);
    for purpose in purposes {
        let arguments = [("cnp", "1800101221144"), ("an", "2025"), ("motiv", purpose.as_str())];
        let answer = ask(&lookup, "adeverinta-venit", &arguments).await;
        assert!(matches!(answer, Answer::Pending { .. }), "{purpose}: {answer:?}");
    }
}

#[tokio::test]
async fn sessions_end_renew_and_begin_again_without_anybody_noticing() {
    let twin = twin().await;
    let lookup = long(&twin);
    let list = [("cif", "8000000000")];
    let found = |answer: Answer| assert!(matches!(answer, Answer::Found { .. }), "{answer:?}");
    found(ask(&lookup, "lista", &list).await);
    set(&twin, json!({ "revalidate": 1 })).await;
    found(ask(&lookup, "lista", &list).await);
    assert_eq!(state(&twin).await["log_ins"], 1, "a nonce needs no certificate");
    set(&twin, json!({ "logout_pages": 1 })).await;
    found(ask(&lookup, "lista", &list).await);
    assert_eq!(state(&twin).await["log_ins"], 2);
    let client = reqwest::Client::builder().no_proxy().build().unwrap();
    client.post(format!("{}/_sandbox/spv/end-sessions", twin.url())).send().await.unwrap();
    found(ask(&lookup, "lista", &list).await);
    assert_eq!(state(&twin).await["log_ins"], 3);
    set(&twin, json!({ "certificate": "refused" })).await;
    client.post(format!("{}/_sandbox/spv/end-sessions", twin.url())).send().await.unwrap();
    let refused = ask(&lookup, "lista", &list).await;
    assert!(matches!(&refused, Answer::Unavailable { reason, .. } if reason.contains("înrolat")), "{refused:?}");
}

#[tokio::test]
async fn a_session_given_by_hand_works_without_a_certificate_until_it_ends() {
    let twin = twin().await;
    // The session of somebody whose certificate is on a token that cannot be copied.
    let client = reqwest::Client::builder().no_proxy().redirect(reqwest::redirect::Policy::none()).build().unwrap();
    let mut cookie = String::new();
    let mut path = "/SPVWS2/rest/listaMesaje?zile=1".to_owned();
    for _ in 0..3 {
        let answer = client.get(format!("{}{path}", twin.url())).header("cookie", &cookie).send().await.unwrap();
        if let Some(set) = answer.headers().get("set-cookie") {
            cookie = set.to_str().unwrap().split(';').next().unwrap().to_owned();
        }
        path = answer.headers()["location"].to_str().unwrap().to_owned();
    }
    let channel = Channel { identity: None, secret: Some(cookie.into()), ..channel(&twin) };
    let lookup = lookup(channel, Duration::from_secs(10));
    assert!(matches!(ask(&lookup, "lista", &[("cif", "8000000000")]).await, Answer::Found { .. }));
    client.post(format!("{}/_sandbox/spv/end-sessions", twin.url())).send().await.unwrap();
    let ended = ask(&lookup, "lista", &[("cif", "8000000000")]).await;
    assert!(matches!(&ended, Answer::Unavailable { reason, .. } if reason.contains("nu are certificat")), "{ended:?}");
}

#[tokio::test]
async fn a_handshake_that_hangs_is_bounded() {
    let twin = twin().await;
    set(&twin, json!({ "hang_ms": 60_000 })).await;
    let lookup = lookup(channel(&twin), Duration::from_millis(300));
    let answer = ask(&lookup, "lista", &[("cif", "8000000000")]).await;
    assert!(matches!(&answer, Answer::Unavailable { reason, .. } if reason.contains("niciun răspuns")), "{answer:?}");
    set(&twin, json!({})).await;
    let answer = ask(&lookup, "lista", &[("cif", "8000000000")]).await;
    assert!(matches!(answer, Answer::Found { .. }), "the next question is not spoilt: {answer:?}");
}

/// What a fault means for a question; the session is there already.
#[derive(Clone, Copy, PartialEq, Debug)]
enum Means {
    Answer,
    Refused,
    Unavailable,
}

/// Every fault of the twin, and what it must be taken for.
const FAULTS: [(&str, Means); 22] = [
    ("refusal", Means::Unavailable),
    ("quota", Means::Unavailable),
    ("unbalanced-brace", Means::Unavailable),
    ("expired-download", Means::Refused),
    ("clock-skew", Means::Refused),
    ("too-many-messages", Means::Refused),
    ("bad-request", Means::Unavailable),
    ("unauthorized", Means::Unavailable),
    ("forbidden", Means::Unavailable),
    ("not-found", Means::Unavailable),
    ("too-many-requests", Means::Unavailable),
    ("no-content", Means::Unavailable),
    ("block-page", Means::Unavailable),
    ("logout-page", Means::Answer),
    ("log-in-wall", Means::Answer),
    ("server-error", Means::Unavailable),
    ("server-error-after-storing", Means::Unavailable),
    ("slow-then-accept", Means::Answer),
    ("accept-after-client-timeout", Means::Unavailable),
    ("cut-connection", Means::Unavailable),
    ("cut-connection-after-storing", Means::Unavailable),
    ("half-answer", Means::Unavailable),
];

#[tokio::test]
async fn no_fault_of_any_call_is_taken_for_an_answer() {
    type Called<'a> = (&'a str, &'a str, Vec<(&'a str, &'a str)>);
    let operations: [Called<'_>; 4] = [
        ("lista", "spv-listaMesaje", vec![("cif", "8000000000")]),
        ("cerere", "spv-cerere", vec![("tip", "VECTOR FISCAL"), ("cui", "8000000000")]),
        ("adeverinta-venit", "spv-cerere", CERTIFICATE.to_vec()),
        ("descarcare", "spv-descarcare", vec![("cif", "8000000000"), ("id", "100000000")]),
    ];
    let twin = twin().await;
    let url = format!("{}/_sandbox/anaf/faults", twin.url());
    let long = long(&twin);
    for (operation, called, arguments) in &operations {
        for (kind, means) in FAULTS {
            let mut plan = fault(kind, called);
            let late = kind == "accept-after-client-timeout";
            plan[0]["delay_ms"] = json!(if late { 60_000 } else { 50 });
            // Without a session yet a page would be the log-in's; a first question begins it.
            let short = late.then(|| lookup(channel(&twin), Duration::from_millis(800)));
            let lookup = short.as_ref().unwrap_or(&long);
            ask(lookup, "lista", &[("cif", "8000000000")]).await;
            put(&url, plan).await;
            let answer = ask(lookup, operation, arguments).await;
            let taken = match &answer {
                Answer::Found { .. } | Answer::Pending { .. } => Means::Answer,
                Answer::Refused { .. } => Means::Refused,
                Answer::Unavailable { .. } => Means::Unavailable,
                Answer::Absent => panic!("{kind} at {operation} is taken for absence"),
            };
            assert_eq!(taken, means, "{kind} at {operation}: {answer:?}");
            put(&url, json!([])).await;
        }
    }
}

#[tokio::test]
async fn a_busy_service_says_when_to_come_back_and_a_closed_one_is_unavailable() {
    let twin = twin().await;
    let lookup = long(&twin);
    let mut plan = fault("too-many-requests", "spv-listaMesaje");
    plan[0]["retry_after_s"] = json!(77);
    put(&format!("{}/_sandbox/anaf/faults", twin.url()), plan).await;
    let answer = ask(&lookup, "lista", &[("cif", "8000000000")]).await;
    assert!(
        matches!(answer, Answer::Unavailable { retry_after: Some(wait), .. } if wait.as_secs() == 77),
        "{answer:?}"
    );
    twin.faults.down(Duration::from_secs(3_600)).await;
    let closed = ask(&lookup, "lista", &[("cif", "8000000000")]).await;
    assert!(matches!(&closed, Answer::Unavailable { reason, .. } if !reason.contains("8000000000")), "{closed:?}");
    twin.faults.up().await;
    assert!(matches!(ask(&lookup, "lista", &[("cif", "8000000000")]).await, Answer::Found { .. }));
}

#[tokio::test]
async fn arrivals_come_oldest_first_until_they_are_acknowledged() {
    let twin = twin().await;
    set(&twin, json!({ "dates": "compact" })).await;
    let engine = SpvEngine::new(Arc::new(|| NOON)).unwrap();
    let inbound = engine.inbound(&manifest(Duration::from_secs(10)), channel(&twin)).unwrap();
    let first = inbound.poll(2).await.unwrap();
    assert_eq!(first.iter().map(|one| one.id.as_str()).collect::<Vec<_>>(), ["100000004", "100000003"]);
    assert_eq!(first[0].facts["received_at"], "2026-09-28T13:00:00+03:00");
    assert_eq!((first[0].facts["kind"].as_str(), first[0].facts["about"].as_str()), ("SOMATII", "8000000000"));
    assert_eq!((first[0].facts["from"].as_str(), first[0].facts["number"].as_str()), ("ANAF", "100000004"));
    let [part] = first[0].parts.as_slice() else { panic!("one document") };
    assert_eq!((part.name.as_str(), part.content_type.as_str()), ("spv-100000004.pdf", "application/pdf"));
    let PartContent::Inline(bytes) = &part.content else { panic!("in memory") };
    assert_eq!((part.size as usize, bytes.starts_with(b"%PDF")), (bytes.len(), true));
    assert_eq!(inbound.poll(2).await.unwrap()[0].id, "100000004", "nothing was acknowledged");
    let refused = Verdict::Refused { reason: "x".to_owned(), problem: json!({}), receipt: None };
    inbound.acknowledge("100000004", &refused).await.unwrap();
    let rest = inbound.poll(10).await.unwrap();
    assert_eq!(
        rest.iter().map(|one| one.id.as_str()).collect::<Vec<_>>(),
        ["100000003", "100000002", "100000001", "100000000"]
    );
    assert_eq!(state(&twin).await["log_ins"], 1);
}

#[tokio::test]
async fn a_document_that_is_refused_does_not_hold_up_the_others() {
    let twin = twin().await;
    let engine = SpvEngine::new(Arc::new(|| NOON)).unwrap();
    let inbound = engine.inbound(&manifest(Duration::from_secs(10)), channel(&twin)).unwrap();
    let url = format!("{}/_sandbox/anaf/faults", twin.url());
    put(&url, fault("expired-download", "spv-descarcare")).await;
    let arrivals = inbound.poll(2).await.unwrap();
    assert!(arrivals[0].unreadable.as_ref().unwrap().contains("60 de zile") && arrivals[0].parts.is_empty());
    assert_eq!((arrivals[1].unreadable.as_ref(), arrivals[1].parts.len()), (None, 1));
    put(&url, json!([{ "fault": "server-error", "operation": "spv-descarcare" }])).await;
    assert!(inbound.poll(2).await.is_err(), "nothing could be fetched now");
    put(&url, json!([{ "fault": "block-page", "operation": "spv-listaMesaje" }])).await;
    assert!(inbound.poll(2).await.unwrap_err().reason.contains("firewall"));
}

#[tokio::test]
async fn a_manifest_or_a_channel_that_does_not_fit_is_told_before_anything_is_asked() {
    let twin = twin().await;
    let engine = SpvEngine::new(Arc::new(|| NOON)).unwrap();
    let broken = Channel { identity: Some("nothing of the kind".to_owned().into()), ..channel(&twin) };
    let error = engine.lookup(&manifest(Duration::from_secs(1)), broken).err().unwrap().to_string();
    assert!(error.contains("a client certificate") && !error.contains("nothing of the kind"), "{error}");
    let roots = Channel { roots: Some("nothing".to_owned()), ..channel(&twin) };
    assert!(engine.lookup(&manifest(Duration::from_secs(1)), roots).err().unwrap().to_string().contains("roots"));
    let mut more = manifest(Duration::from_secs(1));
    let other = more.lookups["lista"].clone();
    more.lookups.insert("altceva".to_owned(), other);
    let error = engine.lookup(&more, channel(&twin)).err().unwrap().to_string();
    assert!(error.contains("\"altceva\"") && error.contains("adeverinta-venit"), "{error}");
    assert!(engine.outbound(&more, channel(&twin)).is_err(), "nothing can be sent to it");
}
