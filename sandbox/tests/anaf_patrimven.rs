//! PatrimVen of the twin of ANAF: what it answers, what it refuses, what it logs. The profile is ours.

#![allow(clippy::unwrap_used, reason = "helpers of tests are tests")]

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use openssl::cms::{CMSOptions, CmsContentInfo};
use openssl::stack::Stack;
use openssl::x509::X509;
use openssl::x509::store::X509StoreBuilder;
use reqwest::Client;
use sandbox::{Anaf, AnafCall, Running};
use serde_json::{Value, json};

/// 22 November 2026, noon in Bucharest.
const NOON: i64 = 1_795_341_600;

struct World {
    twin: Running<AnafCall>,
    now: Arc<AtomicI64>,
    client: Client,
}

async fn world() -> World {
    let now = Arc::new(AtomicI64::new(NOON));
    let clock = Arc::clone(&now);
    let twin = Anaf::start(([127, 0, 0, 1], 0).into(), Arc::new(move || clock.load(Ordering::Relaxed))).await.unwrap();
    World { twin, now, client: Client::builder().no_proxy().build().unwrap() }
}

impl World {
    async fn ask(&self, inquiry: &Value) -> (u16, Value) {
        let url = format!("{}/patrimven/v1/interogari", self.twin.url());
        let answer = self.client.post(url).json(inquiry).send().await.unwrap();
        (answer.status().as_u16(), answer.json().await.unwrap())
    }

    async fn bytes(&self, path: &str) -> Vec<u8> {
        let answer = self.client.get(format!("{}{path}", self.twin.url())).send().await.unwrap();
        answer.bytes().await.unwrap().to_vec()
    }

    async fn get(&self, path: &str) -> (u16, Value) {
        let answer = self.client.get(format!("{}{path}", self.twin.url())).send().await.unwrap();
        (answer.status().as_u16(), answer.json().await.unwrap())
    }
}

/// A clerk asks about an invented person.
fn inquiry() -> Value {
    json!({ "serviciu": "CONTRIBUTII", "mod": "PUNCTUAL", "persoane": [{ "tip": "CNP", "cod": "1630615123457" }],
        "perioada": { "an_inceput": 2026, "an_sfarsit": 2026 }, "temei_legal": "Legea 196/2016, art. 11",
        "scop": "venit minim de incluziune", "numar_dosar": "VMI-17/2026",
        "utilizator": { "cnp": "1111111111118", "rol": "CONSULTARE" } })
}

fn with(pointer: &str, value: Value) -> Value {
    let mut inquiry = inquiry();
    *inquiry.pointer_mut(pointer).unwrap() = value;
    inquiry
}

#[tokio::test]
async fn one_person_is_answered_at_once_for_the_months_that_ended() {
    let world = world().await;
    let (status, answer) = world.ask(&inquiry()).await;
    assert_eq!((status, &answer["data_extras"]), (200, &json!("2026-11-22")));
    let months = answer["raspuns"][0]["inregistrari"].as_array().unwrap();
    assert_eq!(months.len(), 10, "January to October");
    let fields: Vec<&String> = months[0].as_object().unwrap().keys().collect();
    let profile = [
        "cnp",
        "an",
        "luna",
        "angajator_cui",
        "angajator_denumire",
        "venit_brut",
        "cas",
        "cass",
        "impozit",
        "data_extras",
    ];
    assert_eq!(fields, profile);
    let (_, nobody) = world.ask(&with("/persoane/0/cod", json!("5010101400010"))).await;
    assert_eq!((&nobody["raspuns"][0]["gasit"], &nobody["raspuns"][0]["inregistrari"]), (&json!(false), &json!([])));
    for service in ["VENITURI", "BUNURI_IMOBILE", "AUTO"] {
        let (status, answer) = world.ask(&with("/serviciu", json!(service))).await;
        assert_eq!((status, &answer["raspuns"][0]["gasit"]), (200, &json!(true)), "{service}");
    }
}

#[tokio::test]
async fn every_question_the_rules_forbid_is_refused_and_logged() {
    let world = world().await;
    let two = json!([{ "tip": "CNP", "cod": "1630615123457" }, { "tip": "CUI", "cod": "90000006" }]);
    let table = [
        (with("/serviciu", json!("BANCI")), 403, "PV-101"),
        (with("/utilizator/rol", json!("")), 403, "PV-102"),
        (with("/utilizator/rol", json!("REGISTRATURA")), 403, "PV-102"),
        (with("/mod", json!("MASIV")), 403, "PV-102"),
        (with("/scop", json!(" ")), 400, "PV-103"),
        (with("/temei_legal", json!("")), 400, "PV-104"),
        (with("/numar_dosar", json!("")), 400, "PV-109"),
        (with("/persoane/0/cod", json!("1630615123458")), 400, "PV-105"),
        (with("/utilizator/cnp", json!("1")), 400, "PV-105"),
        (with("/persoane", json!([])), 400, "PV-108"),
        (with("/persoane", two), 400, "PV-108"),
        (with("/perioada/an_inceput", json!(2027)), 400, "PV-107"),
    ];
    let refused = table.len();
    for (inquiry, status, code) in table {
        let (got, answer) = world.ask(&inquiry).await;
        assert_eq!((got, &answer["cod"]), (status, &json!(code)), "{inquiry}");
    }
    let mut surplus = inquiry();
    surplus["altceva"] = json!(1);
    assert_eq!(world.ask(&surplus).await.1["cod"], "PV-100");
    world.ask(&inquiry()).await;
    let log = world.get("/_sandbox/patrimven").await.1["log"].as_array().unwrap().clone();
    assert_eq!(log.len(), refused + 1, "what was no question at all is not in the log");
    let last = log.last().unwrap();
    assert_eq!(
        (&last["raspuns"], &last["numar_dosar"], &last["la"]),
        (&json!("200"), &json!("VMI-17/2026"), &json!(NOON))
    );
}

#[tokio::test]
async fn the_quota_counts_persons_of_one_day() {
    let world = world().await;
    let url = format!("{}/_sandbox/patrimven", world.twin.url());
    world.client.put(url).json(&json!({ "persons_per_day": 1 })).send().await.unwrap();
    assert_eq!(world.ask(&inquiry()).await.0, 200);
    let (status, answer) = world.ask(&inquiry()).await;
    assert_eq!((status, &answer["cod"]), (429, &json!("PV-106")));
    world.now.fetch_add(86_400, Ordering::Relaxed);
    assert_eq!(world.ask(&inquiry()).await.0, 200);
}

#[tokio::test]
async fn many_persons_are_answered_later_in_a_signed_file() {
    let world = world().await;
    let mut many = with("/mod", json!("MASIV"));
    many["utilizator"]["rol"] = json!("CONSULTARE_MASIVA");
    many["persoane"] = json!([{ "tip": "CNP", "cod": "1630615123457" }, { "tip": "CUI", "cod": "90000006" }]);
    let (status, receipt) = world.ask(&many).await;
    assert_eq!((status, &receipt["stare"]), (202, &json!("IN_LUCRU")));
    let path = format!("/patrimven/v1/interogari/{}", receipt["id_solicitare"]);
    assert_eq!(world.get(&path).await.1["stare"], "IN_LUCRU");
    assert_eq!(world.get(&format!("{path}/fisier")).await.0, 404);
    world.now.fetch_add(2, Ordering::Relaxed);
    let state = world.get(&path).await.1;
    assert_eq!((&state["stare"], &state["fisier"]), (&json!("FINALIZATA"), &json!(format!("{path}/fisier"))));
    let mut file = CmsContentInfo::from_der(&world.bytes(&format!("{path}/fisier")).await).unwrap();
    let certificate = X509::from_pem(&world.bytes("/_sandbox/patrimven/certificate.pem").await).unwrap();
    let mut store = X509StoreBuilder::new().unwrap();
    store.add_cert(certificate).unwrap();
    let mut content = Vec::new();
    let options = CMSOptions::NO_SIGNER_CERT_VERIFY;
    file.verify(Some(&Stack::new().unwrap()), Some(&store.build()), None, Some(&mut content), options).unwrap();
    let answer: Value = serde_json::from_slice(&content).unwrap();
    assert_eq!(answer["raspuns"].as_array().unwrap().len(), 2);
    assert_eq!(world.get("/patrimven/v1/interogari/77").await.0, 404);
}
