//! REGES's twin as an employer's software meets it: XML and JSON, receipts and results, the other employer's consent.

#![allow(clippy::unwrap_used, reason = "helpers of tests are tests")]

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use reqwest::{Client, StatusCode};
use sandbox::{MessageRecord, Reges, Running};
use serde_json::{Value, json};

/// Two synthetic employers.
const ONE: &str = "90000006";
const OTHER: &str = "90000014";

struct Office {
    twin: Running<MessageRecord>,
    client: Client,
    time: Arc<AtomicI64>,
}

impl Office {
    async fn open() -> Self {
        let time = Arc::new(AtomicI64::new(1_772_445_600));
        let clock = Arc::clone(&time);
        let clock: sandbox::Clock = Arc::new(move || clock.load(Ordering::Relaxed));
        let twin = Reges::start(([127, 0, 0, 1], 0).into(), clock).await.unwrap();
        Self { twin, client: Client::builder().no_proxy().build().unwrap(), time }
    }

    async fn post(&self, cui: &str, path: &str, content_type: &str, body: String) -> (StatusCode, String) {
        let post = self.client.post(format!("{}{path}", self.twin.url())).bearer_auth(format!("cheie-{cui}"));
        let answer = post.header("content-type", content_type).body(body).send().await.unwrap();
        (answer.status(), answer.text().await.unwrap())
    }

    async fn json(&self, cui: &str, path: &str, body: &Value) -> Value {
        let (status, text) = self.post(cui, path, "application/json", body.to_string()).await;
        assert!(status.is_success(), "{status} {text}");
        serde_json::from_str(&text).unwrap_or_default()
    }

    /// Sends a message and gives the result that comes for it.
    async fn result(&self, cui: &str, path: &str, operation: &str, content: Value) -> Value {
        let receipt = self.json(cui, path, &message(operation, content)).await;
        self.time.fetch_add(5, Ordering::Relaxed);
        let result = self.json(cui, "/api/Status/PollMessage", &json!(null)).await;
        assert_eq!(result["responseId"], receipt["responseId"], "{result}");
        result["result"].clone()
    }
}

fn message(operation: &str, content: Value) -> Value {
    let mut message = json!({ "header": {
        "messageId": "00000000-0000-4000-8000-000000000001", "clientApplication": "TEST", "version": "5",
        "operation": operation, "sessionId": "00000000-0000-4000-8000-00000000000b", "user": "utilizator.demo",
        "timestamp": "2026-01-15T08:00:00.000Z",
    } });
    message.as_object_mut().unwrap().extend(content.as_object().unwrap().clone());
    message
}

fn employee(cnp: &str) -> Value {
    json!({ "info": { "nume": "EXEMPLU", "prenume": "PERSOANA", "cnp": cnp, "tipActIdentitate": "CarteIdentitate" } })
}

fn contract(employee: &str, number: &str) -> Value {
    let content = json!({ "referintaSalariat": { "id": employee }, "numarContract": number, "dataContract": "2026-01-01T00:00:00" });
    json!({ "continut": content })
}

fn about(contract: &str) -> Value {
    json!({ "referintaContract": { "id": contract } })
}

#[tokio::test]
async fn a_contract_lives_from_its_adding_to_its_striking_out() {
    let office = Office::open().await;
    let salariat = office.result(ONE, "/api/Salariat", "InregistrareSalariat", employee("1900101400081")).await;
    assert_eq!(salariat["code"], "SUCCES");
    let again = office.result(ONE, "/api/Salariat", "InregistrareSalariat", employee("1900101400081")).await;
    assert_eq!((&again["code"], &again["codeType"]), (&json!("FAIL"), &json!("ERROR")));
    let made = contract(salariat["ref"].as_str().unwrap(), "12");
    let added = office.result(ONE, "/api/Contract", "AdaugareContract", made.clone()).await;
    let id = added["ref"].as_str().unwrap().to_owned();
    assert_eq!(office.result(ONE, "/api/Contract", "AdaugareContract", made).await["code"], "FAIL");
    let steps = [
        ("ModificareContract", "SUCCES"),
        ("IncetareSuspendareContract", "FAIL"),
        ("SuspendareContract", "SUCCES"),
        ("SuspendareContract", "FAIL"),
        ("CorectieSuspendareContract", "SUCCES"),
        ("IncetareSuspendareContract", "SUCCES"),
        ("IncetareContract", "SUCCES"),
        ("ModificareContract", "FAIL"),
        ("AnulareIncetareContract", "SUCCES"),
        ("RadiereContract", "SUCCES"),
        ("ReactivareContract", "FAIL"),
    ];
    for (operation, expected) in steps {
        let result = office.result(ONE, "/api/Contract", operation, about(&id)).await;
        assert_eq!(result["code"], expected, "{operation}: {result}");
    }
    assert_eq!(office.result(OTHER, "/api/Contract", "ModificareContract", about(&id)).await["code"], "FAIL");
}

#[tokio::test]
async fn a_secondment_needs_the_other_employers_consent() {
    let office = Office::open().await;
    let salariat = office.result(ONE, "/api/Salariat", "InregistrareSalariat", employee("1900101400081")).await;
    let made = contract(salariat["ref"].as_str().unwrap(), "12");
    let added = office.result(ONE, "/api/Contract", "AdaugareContract", made).await;
    let mut offer = about(added["ref"].as_str().unwrap());
    offer["cuiAngajatorDestinatie"] = json!(OTHER);
    let offered = office.result(ONE, "/api/Detasare/Propunere", "PropunereDetasareContract", offer).await;
    assert_eq!(offered["relatedResultsExpected"], true, "{offered}");
    let proposal = office.json(OTHER, "/api/Detasare/Propuneri/ReadMessage", &json!(null)).await;
    assert_eq!((&proposal["referinta"]["id"], &proposal["cuiAngajatorSursa"]), (&offered["ref"], &json!(ONE)));
    let answer = json!({ "referinta": { "id": offered["ref"] } });
    let own = office.result(ONE, "/api/Detasare/Propunere", "AcceptarePropunereDetasareContract", answer.clone()).await;
    assert_eq!(own["code"], "FAIL", "{own}");
    let accepted =
        office.result(OTHER, "/api/Detasare/Propunere", "AcceptarePropunereDetasareContract", answer.clone()).await;
    assert!(
        accepted["code"] == "SUCCES" && accepted["ref"].is_string() && accepted["secRef"].is_string(),
        "{accepted}"
    );
    let second = office.json(ONE, "/api/Status/PollMessage", &json!(null)).await;
    assert_eq!(
        (&second["result"]["ref"], &second["result"]["relatedResultsExpected"]),
        (&offered["ref"], &json!(false))
    );
    let late = office.result(OTHER, "/api/Detasare/Propunere", "RespingerePropunereDetasareContract", answer).await;
    assert_eq!(late["code"], "FAIL", "{late}");
    let committed = office.json(OTHER, "/api/Detasare/Propuneri/CommitRead", &json!(null)).await;
    assert_eq!(committed["messages"], 1);
}

#[tokio::test]
async fn a_batch_has_a_receipt_for_every_good_message_and_zeros_for_a_bad_one() {
    let office = Office::open().await;
    let good = message("InregistrareSalariat", employee("1900101400081"));
    let receipts = office.json(ONE, "/api/Salariat/Batch", &json!([good, message("Altceva", json!({})), good])).await;
    let zeros = "00000000-0000-0000-0000-000000000000";
    let bad: Vec<_> = receipts.as_array().unwrap().iter().map(|receipt| receipt["responseId"] == zeros).collect();
    assert_eq!(bad, [false, true, false]);
    office.time.fetch_add(5, Ordering::Relaxed);
    let read = office.json(ONE, "/api/Status/ReadBatch", &json!({ "messages": 5 })).await;
    let codes: Vec<_> = read.as_array().unwrap().iter().map(|result| result["result"]["code"].clone()).collect();
    assert_eq!(codes, ["SUCCES", "FAIL"]);
    assert_eq!(office.json(ONE, "/api/Status/ReadBatch", &json!({ "messages": 5 })).await, read);
    assert_eq!(office.json(ONE, "/api/Status/CommitReadBatch", &json!({ "messages": 5 })).await["messages"], 2);
    let (status, _) = office.post(ONE, "/api/Status/PollMessage", "application/json", String::new()).await;
    assert_eq!(status, StatusCode::NO_CONTENT);
}

#[tokio::test]
async fn xml_says_the_same_as_json() {
    let office = Office::open().await;
    let message = "<?xml version=\"1.0\" encoding=\"UTF-8\"?><Message xsi:type=\"Salariat\" xmlns=\"http://www.inspectiamuncii.ro/reges2025\" \
        xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\"><Header><MessageId>00000000-0000-4000-8000-000000000001</MessageId>\
        <ClientApplication>TEST</ClientApplication><Version>5</Version><Operation>InregistrareSalariat</Operation>\
        <SessionId>00000000-0000-4000-8000-00000000000b</SessionId><User>demo</User><Timestamp>2026-01-15T08:00:00.000Z</Timestamp>\
        </Header><Info><Adresa>STR. EXEMPLULUI</Adresa><Cnp>1900101400081</Cnp><Nume>EXEMPLU</Nume><Prenume>PERSOANA</Prenume>\
        <TipActIdentitate>CarteIdentitate</TipActIdentitate></Info></Message>";
    let (status, answer) = office.post(ONE, "/api/Salariat", "application/xml", message.to_owned()).await;
    assert!(status.is_success() && answer.contains("<MessageResponse") && answer.contains("<ResponseId>"), "{answer}");
    office.time.fetch_add(5, Ordering::Relaxed);
    let (_, result) = office.post(ONE, "/api/Status/PollMessage", "application/xml", String::new()).await;
    assert!(result.contains("<MessageResult") && result.contains("<Code>SUCCES</Code>"), "{result}");
    let hostile = ["<!DOCTYPE a [<!ENTITY b \"c\">]><Message/>", "<Message", "<Message/>", ""];
    for body in hostile {
        let (status, _) = office.post(ONE, "/api/Salariat", "application/xml", body.to_owned()).await;
        assert_eq!(status, StatusCode::BAD_REQUEST, "{body}");
    }
    let nomenclature =
        office.client.get(format!("{}/api/Nomenclator", office.twin.url())).header("accept", "application/xml");
    assert!(nomenclature.send().await.unwrap().text().await.unwrap().contains("<Cod>Grav</Cod>"));
}

#[tokio::test]
async fn a_result_may_come_twice_as_on_a_bad_day() {
    let office = Office::open().await;
    let put =
        office.client.put(format!("{}/_sandbox/reges", office.twin.url())).header("content-type", "application/json");
    put.body("{\"duplicate_results\": true}").send().await.unwrap();
    let receipt = office.json(ONE, "/api/Salariat", &message("InregistrareSalariat", employee("1900101400081"))).await;
    office.time.fetch_add(5, Ordering::Relaxed);
    for _ in 0..2 {
        let result = office.json(ONE, "/api/Status/PollMessage", &json!(null)).await;
        assert_eq!((&result["responseId"], &result["result"]["code"]), (&receipt["responseId"], &json!("SUCCES")));
    }
    assert_eq!(office.json(ONE, "/api/Status/PollMessage", &json!(null)).await, json!(null));
}
