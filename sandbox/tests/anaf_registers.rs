//! The registers of the twin of ANAF: every register, every shape it is met in, and its control page.

#![allow(clippy::unwrap_used, reason = "helpers of tests are tests")]

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use reqwest::{Client, Response};
use sandbox::{Anaf, AnafCall, Running};
use serde_json::{Value, json};

/// 22 November 2026, noon in Bucharest.
const NOON: i64 = 1_795_341_600;
const TAXPAYERS: &str = "/api/PlatitorTvaRest/v9/tva";

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
    async fn ask(&self, path: &str, codes: &[u64]) -> (u16, Value) {
        let body: Vec<Value> = codes.iter().map(|cui| json!({ "cui": cui, "data": "2026-11-22" })).collect();
        read(self.client.post(self.at(path)).json(&body).send().await.unwrap()).await
    }

    async fn get(&self, path: &str) -> (u16, Value) {
        read(self.client.get(self.at(path)).send().await.unwrap()).await
    }

    async fn set(&self, settings: Value) {
        let answer = self.client.put(self.at("/_sandbox/registers")).json(&settings).send().await.unwrap();
        assert_eq!(answer.status(), 200, "{settings}");
    }

    fn at(&self, path: &str) -> String {
        format!("{}{path}", self.twin.url())
    }
}

async fn read(answer: Response) -> (u16, Value) {
    (answer.status().as_u16(), answer.json().await.unwrap())
}

#[tokio::test]
async fn a_taxpayer_is_found_with_the_letters_and_the_gaps_of_the_register() {
    let world = world().await;
    let (status, answer) = world.ask(TAXPAYERS, &[90_000_006, 99_999_999, 90_000_057]).await;
    assert_eq!((status, &answer["notFound"]), (200, &json!([99_999_999])));
    assert_eq!(answer.get("cod"), None, "the documented wrapper is absent");
    let [first, second] = answer["found"].as_array().unwrap().as_slice() else { panic!("{answer}") };
    assert_eq!(first["date_generale"]["denumire"], "ŞANTIERUL INVENTAT S.R.L.", "with a cedilla");
    assert_eq!(first["date_generale"]["nrRegCom"], "J29/750/2012");
    assert_eq!(first["inregistrare_scop_Tva"]["scpTVA"], true);
    assert_eq!(first["inregistrare_scop_Tva"]["perioade_TVA"].as_array().unwrap().len(), 2);
    assert_eq!(first["inregistrare_scop_Tva"]["perioade_TVA"][1]["data_sfarsit_ScpTVA"], "");
    assert_eq!(second["date_generale"]["cod_CAEN"], "610", "the leading zero is dropped");
    assert_eq!(second["date_generale"]["telefon"], " ", "a space stands for nothing");
    assert_eq!(second["inregistrare_RTVAI"]["statusTvaIncasare"], true);
    assert_eq!(second["inregistrare_SplitTVA"]["statusSplitTVA"], false);
}

#[tokio::test]
async fn the_answer_is_that_of_the_day_that_was_asked_for() {
    let world = world().await;
    let table = [("2015-06-01", false, 1), ("2016-06-01", true, 2), ("2012-05-20", false, 0)];
    for (day, pays, periods) in table {
        let body = json!([{ "cui": 90_000_006, "data": day }]);
        let answer = world.client.post(world.at(TAXPAYERS)).json(&body).send().await.unwrap();
        let vat = read(answer).await.1["found"][0]["inregistrare_scop_Tva"].clone();
        assert_eq!((&vat["scpTVA"], vat["perioade_TVA"].as_array().unwrap().len()), (&json!(pays), periods), "{day}");
    }
    let before = json!([{ "cui": 90_000_006, "data": "2001-01-01" }]);
    let answer = world.client.post(world.at(TAXPAYERS)).json(&before).send().await.unwrap();
    assert_eq!(answer.status(), 404, "it did not exist yet");
}

#[tokio::test]
async fn nothing_found_is_404_with_the_usual_answer() {
    let world = world().await;
    for path in [TAXPAYERS, "/api/registruroefactura/v1/interogare"] {
        let (status, answer) = world.ask(path, &[99_999_999]).await;
        assert_eq!((status, answer), (404, json!({ "found": [], "notFound": [99_999_999] })), "{path}");
    }
    world.set(json!({ "nothing_found_status": 200, "not_found_objects": true })).await;
    let (status, answer) = world.ask(TAXPAYERS, &[99_999_999]).await;
    assert_eq!((status, &answer["notFound"][0]["cui"]), (200, &json!(99_999_999)));
}

#[tokio::test]
async fn the_wrapper_the_old_shape_and_the_new_numbers_can_be_chosen() {
    let world = world().await;
    world.set(json!({ "wrapper": true, "old_shape": true, "new_trade_numbers": true })).await;
    let (status, answer) = world.ask(TAXPAYERS, &[90_000_006, 99_999_999]).await;
    assert_eq!((status, &answer["cod"], &answer["message"]), (200, &json!(200), &json!("SUCCESS")));
    assert_eq!(answer["notFound"], json!([]));
    let vat = &answer["found"][0]["inregistrare_scop_Tva"];
    assert_eq!((&vat["data_inceput_ScpTVA"], vat.get("perioade_TVA")), (&json!("2016-03-01"), None));
    assert_eq!(answer["found"][0]["date_generale"]["nrRegCom"], "J2012000750292");
    assert_eq!(answer["found"][1]["date_generale"]["denumire"], "", "an unknown code has an empty name");
    world.set(json!({})).await;
    let (_, answer) = world.ask(TAXPAYERS, &[90_000_065]).await;
    assert_eq!(answer["found"][0]["date_generale"]["nrRegCom"], "J2025003214003", "new firms have only the new form");
}

#[tokio::test]
async fn more_codes_than_allowed_and_malformed_questions_are_400() {
    let world = world().await;
    let (hundred, too_many): (Vec<u64>, Vec<u64>) = ((1..=100).collect(), (1..=101).collect());
    assert_eq!(world.ask(TAXPAYERS, &hundred).await.0, 404);
    assert_eq!(world.ask(TAXPAYERS, &too_many).await.0, 400);
    assert_eq!(world.ask(TAXPAYERS, &[]).await.0, 400);
    assert_eq!(world.ask("/RegAgric/api/v2/ws/agric", &(1..=500).collect::<Vec<_>>()).await.0, 200);
    assert_eq!(world.ask("/RegAgric/api/v2/ws/agric", &(1..=501).collect::<Vec<_>>()).await.0, 400);
    for body in [json!({}), json!([{ "cui": "x", "data": "2026-01-01" }]), json!([{ "cui": 1, "data": "01.01.2026" }])]
    {
        let answer = world.client.post(world.at(TAXPAYERS)).json(&body).send().await.unwrap();
        assert_eq!(answer.status(), 400, "{body}");
    }
    let bare = world.client.post(world.at(TAXPAYERS)).body("[]").send().await.unwrap();
    assert_eq!(bare.status(), 415);
}

#[tokio::test]
async fn more_than_one_question_in_a_second_is_counted_and_refused_where_that_is_chosen() {
    let world = world().await;
    for _ in 0..2 {
        assert_eq!(world.ask(TAXPAYERS, &[90_000_006]).await.0, 200);
    }
    assert_eq!(world.get("/_sandbox/registers").await.1["asked"], json!({ "questions": 2, "codes": 2, "too_fast": 1 }));
    world.set(json!({ "keep_pace": true })).await;
    let body = json!([{ "cui": 90_000_006, "data": "2026-11-22" }]);
    let answer = world.client.post(world.at(TAXPAYERS)).json(&body).send().await.unwrap();
    assert_eq!((answer.status().as_u16(), &answer.headers()["retry-after"]), (429, &"1".parse().unwrap()));
    world.now.fetch_add(1, Ordering::Relaxed);
    assert_eq!(world.ask(TAXPAYERS, &[90_000_006]).await.0, 200);
}

#[tokio::test]
async fn errors_inside_a_success_come_in_their_own_forms() {
    let world = world().await;
    world.set(json!({ "wrong": ["code-inside", "plain-text"] })).await;
    assert_eq!(world.ask(TAXPAYERS, &[90_000_006]).await.1["cod"], 500);
    let body = json!([{ "cui": 90_000_006, "data": "2026-11-22" }]);
    let answer = world.client.post(world.at(TAXPAYERS)).json(&body).send().await.unwrap();
    assert_eq!((answer.status().as_u16(), answer.text().await.unwrap().starts_with("Serviciul")), (200, true));
    assert_eq!(world.ask(TAXPAYERS, &[90_000_006]).await.0, 200);
}

#[tokio::test]
async fn an_asynchronous_answer_is_ready_after_two_seconds_and_fetched_once() {
    let world = world().await;
    let (_, receipt) = world.ask("/AsynchWebService/api/v8/ws/tva", &[90_000_006, 99_999_999]).await;
    assert_eq!((&receipt["cod"], &receipt["message"]), (&json!(200), &json!("Successful")));
    let path = format!("/AsynchWebService/api/v7/ws/tva?id={}", receipt["correlationId"].as_str().unwrap());
    assert_eq!(world.get(&path).await.1["cod"], 202);
    world.now.fetch_add(2, Ordering::Relaxed);
    let (status, answer) = world.get(&path).await;
    assert_eq!((status, &answer["notFound"]), (200, &json!([99_999_999])));
    assert_eq!(world.get(&path).await.0, 404, "only once");
    let (_, receipt) = world.ask("/AsynchWebService/api/v8/ws/tva", &[90_000_006]).await;
    world.now.fetch_add(3 * 24 * 3600, Ordering::Relaxed);
    let path = format!("/AsynchWebService/api/v7/ws/tva?id={}", receipt["correlationId"].as_str().unwrap());
    assert_eq!(world.get(&path).await.0, 404, "not after three days");
}

#[tokio::test]
async fn membership_is_a_status_and_everybody_is_found() {
    let world = world().await;
    let table = [
        ("/RegAgric/api/v2/ws/agric", 90_000_014_u64, "statusRegAgric"),
        ("/RegCult/api/v2/ws/cult", 90_000_022, "statusRegCult"),
    ];
    for (path, member, status) in table {
        let (_, answer) = world.ask(path, &[member, 99_999_999]).await;
        assert_eq!((&answer["cod"], &answer["message"]), (&json!(200), &json!("SUCCESS")));
        assert_eq!((&answer["found"][0][status], &answer["found"][1][status]), (&json!(true), &json!(false)));
        assert_eq!((&answer["found"][1]["cui"], &answer["found"][1]["denumire"]), (&json!(99_999_999), &json!("")));
    }
    let future = json!([{ "cui": 90_000_022, "data": "2030-01-01" }]);
    let answer = world.client.post(world.at("/RegCult/api/v2/ws/cult")).json(&future).send().await.unwrap();
    assert_eq!(read(answer).await.1["found"][0]["data"], "2026-11-22", "a day to come is answered as today");
}

#[tokio::test]
async fn a_statement_has_indicators_for_browsers_only() {
    let world = world().await;
    let path = world.at("/bilant?an=2024&cui=90000006");
    let (_, program) = read(world.client.get(&path).send().await.unwrap()).await;
    assert_eq!((&program["deni"], &program["i"]), (&json!("ŞANTIERUL INVENTAT S.R.L."), &json!([])));
    let browser = |path: String| world.client.get(path).header("user-agent", "Mozilla/5.0 (X11; Linux x86_64)").send();
    let (_, statement) = read(browser(path).await.unwrap()).await;
    assert_eq!(statement["i"].as_array().unwrap().len(), 20);
    assert_eq!(statement["i"][12]["indicator"], "I13");
    let (_, nobody) = read(browser(world.at("/bilant?an=2024&cui=99999999")).await.unwrap()).await;
    assert_eq!(nobody["i"], json!([]));
}

#[tokio::test]
async fn the_state_of_a_filing_is_a_page_and_its_receipt_a_pdf() {
    let world = world().await;
    let page = |id: &'static str, cui: &'static str| {
        let form = world.client.post(world.at("/StareD112/vizualizareStare.do"));
        form.header("content-type", "application/x-www-form-urlencoded")
            .body(format!("ghiseu=N&id={id}&cui={cui}"))
            .send()
    };
    let answer = page("130000001", "12345674").await.unwrap();
    assert_eq!(answer.headers()["content-type"], "text/html;charset=ISO-8859-1");
    let bytes = answer.bytes().await.unwrap();
    assert!(bytes.contains(&0xEE) && std::str::from_utf8(&bytes).is_err(), "one byte a letter");
    let text = String::from_utf8_lossy(&bytes).into_owned();
    assert!(text.contains("documente depuse pentru cui: 12345674 in perioada 23.08.2026 / 22.11.2026"), "{text}");
    assert_eq!(text.matches("<td>INTERNT-").count(), 3, "the whole list comes with one right pair");
    assert!(!text.contains("numefisier=130000003.pdf"), "receipts are there for sixty days");
    let unknown = page("130000001", "90000006").await.unwrap().text().await.unwrap();
    assert!(unknown.contains("nu a fost identificata nicio declaratie"));
    assert!(page("x", "90000006").await.unwrap().text().await.unwrap().contains("Nu ati introdus un index valid"));
    for (index, starts) in [("130000001", "%PDF"), ("130000003", ""), ("1", "")] {
        let path = world.at(&format!("/StareD112/ObtineRecipisa?numefisier={index}.pdf"));
        let answer = world.client.get(path).send().await.unwrap();
        assert_eq!(answer.headers()["content-type"], "application/pdf");
        let body = answer.bytes().await.unwrap();
        assert_eq!((body.starts_with(starts.as_bytes()), body.is_empty()), (true, starts.is_empty()), "{index}");
    }
}
