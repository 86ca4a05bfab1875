//! The roads to a company, asked as the hub asks them.

#![allow(clippy::unwrap_used, reason = "helpers of tests are tests")]

mod support;

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use async_trait::async_trait;
use connectors_contract::{Answer, Channel, Engine, Exchange, Lookup, Manifest, Question, Reply};
use connectors_onrc::company::{Source, registration_evidence};
use connectors_onrc::document::{DocumentError, read};
use connectors_onrc::engines::{ChainLookup, DocumentEngine, Road, SnapshotEngine, Way};
use connectors_onrc::snapshot::import;
use connectors_rest::RestEngine;
use hub_signatures::certificate::Certificate;
use hub_signatures::pades::PdfError;
use hub_signatures::trust::Trust;
use sandbox::{AuditRecord, Onrc, Running};
use serde_json::{Value, json};
use support::{day, order, purpose, sample};

const NOW: i64 = 1_788_300_000;

fn manifest(system: &str) -> Manifest {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../systems").join(system).join("manifest.toml");
    Manifest::parse(&std::fs::read_to_string(&path).unwrap(), system).unwrap()
}

fn question(operation: &str, arguments: &[(&str, &str)], purpose: bool) -> Question {
    let pairs = |pairs: &[(&str, &str)]| -> BTreeMap<String, String> {
        pairs.iter().map(|(name, text)| ((*name).to_owned(), (*text).to_owned())).collect()
    };
    let mut facts = pairs(&[("caller_cui", "90000006"), ("correlation_id", "c-1"), ("today", "2026-09-02")]);
    if purpose {
        facts.extend(pairs(&[("purpose", "verificare-mandat"), ("legal_basis", "Legea 265/2022")]));
    }
    Question { operation: operation.to_owned(), arguments: pairs(arguments), facts }
}

fn found(answer: Answer) -> Value {
    match answer {
        Answer::Found { value, .. } => value,
        other => panic!("{other:?}"),
    }
}

fn code(answer: &Answer) -> &str {
    match answer {
        Answer::Refused { code, .. } => code,
        other => panic!("{other:?}"),
    }
}

fn snapshot(store: &Path) -> Arc<dyn Lookup> {
    SnapshotEngine::new(store.to_owned()).lookup(&manifest("onrc"), Channel::default()).unwrap()
}

#[tokio::test]
async fn the_snapshot_answers_with_source_and_age_of_every_field_and_notices_a_newer_one() {
    let Some(files) = sample() else { return };
    let store = tempfile::tempdir().unwrap();
    let lookup = snapshot(store.path());
    let ask = async |arguments: &[(&str, &str)]| lookup.ask(&question("firma", arguments, false)).await.answer;
    assert!(matches!(ask(&[("cui", "90000006")]).await, Answer::Unavailable { .. }), "nothing was imported yet");
    import(&order(&files, store.path(), day(8, 7)), &mut |_| {}).unwrap();
    let mut record = found(ask(&[("cui", "90000014")]).await);
    assert_eq!(record["nr_reg"], "J2019099901240");
    assert_eq!(
        (&record["nr_reg_vechi"], &record["nr_reg_afisat"]),
        (&json!("J24/99901/2019"), &json!("J24/99901/2019"))
    );
    assert_eq!((&record["sediu"]["tara"], &record["sediu"]["judet"]), (&json!("RO"), &json!("Maramureş")));
    assert_eq!(record["stare"]["coduri"][1], json!({ "cod": "2069", "denumire": "sediu expirat" }));
    assert_eq!(
        record["provenienta"]["denumire"],
        json!({ "adaptor": "onrc-snapshot", "la": "2026-07-08", "opozabil": false })
    );
    assert_eq!(registration_evidence(&record).unwrap()["LegalEntity"]["CompanyStatus"], "economically active");
    for way in [("nr_reg", "J24/99901/2019"), ("euid", "ROONRC.J2019099901240"), ("euid", "ROONRC.J24/99901/2019")] {
        assert_eq!(found(ask(&[way]).await), record, "{way:?}");
    }
    // A search is the snapshot's alone: it asks nobody after it.
    record.as_object_mut().unwrap().remove("intrebat");
    let page = found(ask(&[("denumire", "ghilimele"), ("judet", "MARAMUREȘ")]).await);
    assert_eq!((&page["total"], &page["firme"][0]), (&json!(1), &record));
    assert_eq!(ask(&[("cui", "18547290")]).await, Answer::Absent);
    assert_eq!(code(&ask(&[("nr_reg", "J1993099001128")]).await), "RECOM-409");
    assert_eq!(code(&ask(&[("cui", "90000007")]).await), "RECOM-400");
    assert_eq!(code(&ask(&[]).await), "RECOM-400");
    assert_eq!(code(&ask(&[("cui", "90000006"), ("denumire", "demo")]).await), "RECOM-400");
    assert_eq!(code(&ask(&[("denumire", "de")]).await), "RECOM-400");
    let postal = found(ask(&[("nr_reg", "J40/99050/1998")]).await);
    assert_eq!(postal["sediu"]["cod_postal"], "010013", "the zero that spreadsheets lose");
    import(&order(&files, store.path(), day(2, 9)), &mut |_| {}).unwrap();
    let newer = found(ask(&[("cui", "90000014")]).await);
    assert_eq!(newer["provenienta"]["denumire"]["la"], "2026-09-02");
}

#[tokio::test]
async fn persons_are_answered_only_from_a_snapshot_with_them_and_to_a_question_with_a_purpose() {
    let Some(files) = sample() else { return };
    let store = tempfile::tempdir().unwrap();
    import(&order(&files, store.path(), day(8, 7)), &mut |_| {}).unwrap();
    let lookup = snapshot(store.path());
    let ask = async |purpose| lookup.ask(&question("reprezentanti", &[("cui", "90000006")], purpose)).await.answer;
    assert_eq!(code(&ask(false).await), "RECOM-403");
    assert_eq!(code(&ask(true).await), "RECOM-CAP");
    let mut with = order(&files, store.path(), day(2, 9));
    with.persons = Some(purpose());
    import(&with, &mut |_| {}).unwrap();
    assert_eq!(code(&ask(false).await), "RECOM-403");
    // The person is invented.
    let value = found(ask(true).await);
    assert_eq!(value["reprezentanti"][0]["persoana_imputernicita"], "PROBESCU VASILE");
}

async fn twin() -> Running<AuditRecord> {
    Onrc::start("127.0.0.1:0".parse().unwrap(), Arc::new(|| NOW), 50).await.unwrap()
}

fn http() -> reqwest::Client {
    reqwest::Client::builder().no_proxy().pool_max_idle_per_host(0).build().unwrap()
}

async fn behave(twin: &Running<AuditRecord>, behaviour: Value) {
    let answer = http().put(format!("{}/_sandbox/onrc", twin.url())).json(&behaviour).send().await.unwrap();
    assert!(answer.status().is_success());
}

fn recom(twin: &Running<AuditRecord>) -> Arc<dyn Lookup> {
    let channel = Channel { address: Some(twin.url().parse().unwrap()), ..Channel::default() };
    RestEngine::new(Arc::new(|| NOW)).unwrap().lookup(&manifest("recom"), channel).unwrap()
}

#[tokio::test]
async fn the_manifest_of_recom_asks_the_twin_every_operation_and_carries_the_purpose() {
    let twin = twin().await;
    let lookup = recom(&twin);
    let number = ("nr_reg", "J2025900001003");
    for (operation, arguments) in [
        ("firma", vec![number]),
        ("firma", vec![("nr_reg", "J24/99901/2019")]),
        ("firme-cui", vec![("cui", "90000006")]),
        ("firme-euid", vec![("euid", "ROONRC.J24/99901/2019")]),
        ("firme-denumire", vec![("denumire", "demo"), ("judet", "Prahova"), ("pagina", "1")]),
        ("administratori", vec![number]),
        ("asociati", vec![number]),
        ("caen", vec![number]),
        ("puncte-lucru", vec![number]),
        ("mentiuni", vec![number]),
        ("istoric", vec![number]),
        ("evenimente", vec![("dupa", "0")]),
        ("nomenclator", vec![("nume", "stari")]),
    ] {
        let answer = lookup.ask(&question(operation, &arguments, true)).await.answer;
        assert!(matches!(answer, Answer::Found { .. }), "{operation} {arguments:?}: {answer:?}");
    }
    let audit = twin.received();
    assert!(audit.iter().all(|one| one.scop.as_deref() == Some("verificare-mandat")), "{audit:#?}");
    assert!(audit.iter().all(|one| one.institutie.as_deref() == Some("90000006") && one.corelare.is_some()));
    for (operation, arguments) in
        [("firma", vec![("nr_reg", "J2002000372404")]), ("firme-cui", vec![("cui", "90000103")])]
    {
        assert_eq!(lookup.ask(&question(operation, &arguments, true)).await.answer, Answer::Absent, "{operation}");
    }
    assert_eq!(code(&lookup.ask(&question("firma", &[("nr_reg", "J29/99001/1993")], true)).await.answer), "RECOM-409");
}

#[tokio::test]
async fn on_the_registers_worst_day_every_operation_is_unavailable_or_refused_and_never_found() {
    use sandbox::{Fault, FaultKind};
    let twin = twin().await;
    let lookup = recom(&twin);
    let operations = [
        ("firma", vec![("nr_reg", "J2025900001003")]),
        ("firme-cui", vec![("cui", "90000006")]),
        ("administratori", vec![("nr_reg", "J2025900001003")]),
        ("caen", vec![("nr_reg", "J2025900001003")]),
        ("evenimente", vec![("dupa", "0")]),
        ("nomenclator", vec![("nume", "stari")]),
    ];
    for (operation, arguments) in &operations {
        for fault in [
            FaultKind::TooManyRequests,
            FaultKind::ServerError,
            FaultKind::HtmlPage,
            FaultKind::CutConnection,
            FaultKind::CutConnectionAfterStoring,
        ] {
            twin.faults.plan(Fault::once(fault).at_inquiry());
            let answer = lookup.ask(&question(operation, arguments, true)).await.answer;
            assert!(matches!(answer, Answer::Unavailable { .. }), "{operation} {fault:?}: {answer:?}");
        }
        for behaviour in
            [json!({ "maintenance_until": NOW + 60 }), json!({ "quota": 0 }), json!({ "timeouts_percent": 100 })]
        {
            behave(&twin, behaviour.clone()).await;
            let answer = lookup.ask(&question(operation, arguments, true)).await.answer;
            assert!(matches!(answer, Answer::Unavailable { .. }), "{operation} {behaviour}: {answer:?}");
        }
        behave(&twin, json!({})).await;
        assert!(matches!(lookup.ask(&question(operation, arguments, true)).await.answer, Answer::Found { .. }));
    }
}

/// Orders a certificate and answers its document, with a flaw or without.
async fn certificate(twin: &Running<AuditRecord>, flaw: &str, number: &str) -> Vec<u8> {
    behave(twin, json!({ "certificate_s": 0, "flaw": flaw })).await;
    let order = http()
        .post(format!("{}/recom/v1/certificate", twin.url()))
        .header("X-Institutie", "90000006")
        .header("Idempotency-Key", format!("{flaw}-{number}"))
        .json(&json!({ "nr_reg": number, "tip": "DE_BAZA", "scop": "achiziție" }));
    let ordered: Value = order.send().await.unwrap().json().await.unwrap();
    let id = ordered["id_cerere"].as_str().unwrap().to_owned();
    let answer = recom(twin).ask(&question("certificat", &[("cerere", &id)], true)).await.answer;
    let Answer::Found { document: Some(document), .. } = answer else { panic!("{answer:?}") };
    document.content.to_vec()
}

async fn root(twin: &Running<AuditRecord>) -> String {
    http().get(format!("{}/_sandbox/onrc/radacina.pem", twin.url())).send().await.unwrap().text().await.unwrap()
}

#[tokio::test]
async fn a_signed_certificate_is_a_binding_view_and_every_flaw_of_its_signature_is_told() {
    let twin = twin().await;
    let trust = Trust::Anchors(Certificate::all_from_pem(root(&twin).await.as_bytes()).unwrap());
    let good = certificate(&twin, "none", "J24/99901/2019").await;
    let view = read(&good, &trust, &trust, NOW).unwrap();
    let record = view.company.to_json();
    assert_eq!((&record["nr_reg"], &record["cui"]), (&json!("J2019099901240"), &json!("90000014")));
    assert_eq!((&record["stare"]["normalizata"], &record["sursa"]["opozabil"]), (&json!("IN_FUNCTIUNE"), &json!(true)));
    assert_eq!(record["denumire"], "\"DEMO GHILIMELE\" SRL");
    assert!(view.signatures[0].covers_whole_file);
    for (flaw, expected) in [
        ("broken", "Wrong"),
        ("expired", "Trust"),
        ("stranger", "Trust"),
        ("updated", "Changed"),
        ("unsigned", "Unsigned"),
    ] {
        let error = read(&certificate(&twin, flaw, "J24/99901/2019").await, &trust, &trust, NOW).unwrap_err();
        let told = match &error {
            DocumentError::Signature(PdfError::Wrong { .. }) => "Wrong",
            DocumentError::Signature(PdfError::Trust(_)) => "Trust",
            DocumentError::Signature(PdfError::ChangedAfterSigning { .. }) => "Changed",
            DocumentError::Signature(PdfError::Unsigned) => "Unsigned",
            _ => "other",
        };
        assert_eq!(told, expected, "{flaw}: {error}");
        assert!(error.in_romanian().ends_with('.'));
    }
}

#[tokio::test]
async fn the_folder_of_certificates_answers_with_the_document_and_refuses_what_does_not_hold() {
    let twin = twin().await;
    let folder = tempfile::tempdir().unwrap();
    let text = "system = \"onrc-documente\"\nengine = \"onrc-document\"\n[title]\nro = \"a\"\nen = \"a\"\n[endpoint]\n";
    let manifest = Manifest::parse(text, "test").unwrap();
    let engine = DocumentEngine::new(folder.path().to_owned(), Arc::new(|| NOW));
    assert!(engine.lookup(&manifest, Channel::default()).is_err(), "without anchors nobody is believed");
    let channel = Channel { roots: Some(root(&twin).await), ..Channel::default() };
    let lookup = engine.lookup(&manifest, channel).unwrap();
    let ask = async |cui: &str| lookup.ask(&question("certificat", &[("cui", cui)], false)).await.answer;
    assert_eq!(ask("90000014").await, Answer::Absent);
    std::fs::write(folder.path().join("bun.pdf"), certificate(&twin, "none", "J24/99901/2019").await).unwrap();
    let Answer::Found { value, document: Some(document), .. } = ask("90000014").await else { panic!("not found") };
    assert_eq!((&value["sursa"]["opozabil"], &value["document"]["fisier"]), (&json!(true), &json!("bun.pdf")));
    assert!(document.content.starts_with(b"%PDF"));
    assert_eq!(ask("90000006").await, Answer::Absent);
    std::fs::write(folder.path().join("schimbat.pdf"), certificate(&twin, "updated", "J2025900001003").await).unwrap();
    let Answer::Refused { reason, .. } = ask("90000006").await else { panic!("not refused") };
    assert!(reason.contains("schimbat.pdf") && reason.contains("modificat după semnare"), "{reason}");
}

/// Answers one thing and remembers what it was asked.
struct Fixed(Answer, std::sync::Mutex<Vec<Question>>);

#[async_trait]
impl Lookup for Fixed {
    async fn ask(&self, question: &Question) -> Reply {
        self.1.lock().unwrap().push(question.clone());
        Reply { answer: self.0.clone(), exchange: Exchange::default() }
    }
}

fn road(source: Source, answer: Answer, takes: &[&str]) -> (Road, Arc<Fixed>) {
    let lookup = Arc::new(Fixed(answer, std::sync::Mutex::default()));
    let takes = takes.iter().map(|one| (*one).to_owned()).collect();
    (
        Road { source, way: Way::Here(Arc::clone(&lookup) as Arc<dyn Lookup>), operation: "firma".to_owned(), takes },
        lookup,
    )
}

#[tokio::test]
async fn a_chain_goes_on_where_nothing_is_found_and_asks_the_next_with_what_it_learned() {
    let anaf = json!({ "date_generale": { "cui": 90000006, "data": "2026-09-01", "denumire": "DEMO NOU SRL",
        "nrRegCom": "J2025900001003", "stare_inregistrare": "INREGISTRAT din data 14.03.2025" } });
    let record = json!({ "nr_reg": "J2025900001003", "cui": "90000006", "denumire": "DEMO VECHI SRL",
        "stare": { "normalizata": "DIZOLVARE" }, "sursa": { "extras_la": "2026-08-01T00:00:00+03:00" } });
    let some = |value: &Value| Answer::Found { value: value.clone(), as_of: None, document: None };
    let busy = Answer::Unavailable { reason: "mentenanță".to_owned(), retry_after: None };
    // A fresh firm: not in the snapshot yet, the tax administration has it; the register is not asked.
    let (first, _) = road(Source::Snapshot, Answer::Absent, &["cui", "nr_reg"]);
    let (second, _) = road(Source::Anaf, some(&anaf), &["cui"]);
    let (third, not_asked) = road(Source::Recom, some(&record), &["nr_reg"]);
    let chain = ChainLookup::new(vec![first, second, third]);
    let value = found(chain.ask(&question("firma", &[("cui", "90000006")], false)).await.answer);
    assert_eq!(value["denumire"], "DEMO NOU SRL");
    assert_eq!(value["intrebat"][0], json!({ "adaptor": "onrc-snapshot", "rezultat": "absent" }));
    assert!(not_asked.1.lock().unwrap().is_empty());
    // All roads: the register is asked by the number that the tax administration told.
    let value = found(chain.ask(&question("firma", &[("cui", "90000006"), ("complet", "da")], false)).await.answer);
    assert_eq!(not_asked.1.lock().unwrap()[0].arguments["nr_reg"], "J2025900001003");
    assert_eq!((&value["denumire"], &value["stare"]["normalizata"]), (&json!("DEMO NOU SRL"), &json!("DIZOLVARE")));
    assert_eq!(value["provenienta"]["stare"]["adaptor"], "recom");
    assert_eq!(value["diferente"].as_array().unwrap().len(), 2, "{value:#}");
    // Nobody has it, and one does not answer: that is not absence.
    let (first, _) = road(Source::Snapshot, Answer::Absent, &["cui"]);
    let (second, _) = road(Source::Anaf, busy.clone(), &["cui"]);
    let chain = ChainLookup::new(vec![first, second]);
    assert_eq!(chain.ask(&question("firma", &[("cui", "90000006")], false)).await.answer, busy);
}
