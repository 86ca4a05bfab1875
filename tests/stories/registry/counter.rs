//! What people bring to the counter, from the scanner to the shelf: content, findings, paper, and what happens later.

use openssl::sha::sha256;
use reqwest::Method;
use serde_json::{Value, json};
use tests::archive::Desk;
use tests::county::{HUB_TOWN, SENDER};
use tests::documents::letter;
use tests::{Database, TestHub};

/// A PDF whose structure holds, with a line in its trailer.
fn pdf(trailer: &str) -> Vec<u8> {
    let mut text = "%PDF-1.4\n1 0 obj << /Type /Page >> endobj\n2 0 obj << /Type /Page >> endobj\n".to_owned();
    let at = text.len();
    text += &format!("xref\n0 1\n0000000000 65535 f \ntrailer << /Root 1 0 R {trailer} >>\nstartxref\n{at}\n%%EOF\n");
    text.into_bytes()
}

fn petition(subject: &str) -> Value {
    json!({"subject": subject, "way": "posta", "correspondent": {"name": "Ion Inventatu"}, "external_date": "2026-01-05"})
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_scanned_is_filed_as_it_came_with_its_findings_and_its_history() {
    Database::each(scanned).await;
}

async fn scanned(database: Database) {
    let mut hub = TestHub::start(database).await;
    let desk = Desk::of(&hub, SENDER, "ana", "arhiva");
    desk.adopt().await;
    let entry = desk.enter("e1", &with(petition("Un drum"), "dossier_code", json!("I/A/3"))).await;
    let (whole, locked) = (pdf(""), pdf("/Encrypt 5 0 R"));
    let large = vec![b'x'; 200_000];
    let files: &[(&str, &str, &[u8])] = &[
        ("cerere.pdf", "application/pdf", &whole),
        ("anexa.pdf", "application/pdf", &locked),
        ("rupt.pdf", "application/pdf", &whole[..whole.len() - 30]),
        ("plan.bin", "application/octet-stream", &large),
    ];
    let kept = desk.upload(&entry, "u1", files).await;
    assert_eq!(kept.status, 201, "{kept:#?}");
    let findings: Vec<&Value> = kept.body["contents"].as_array().unwrap().iter().map(|one| &one["finding"]).collect();
    assert_eq!(findings, [&Value::Null, &json!("protected"), &json!("damaged"), &Value::Null], "{kept:#?}");
    let again = desk.upload(&entry, "u1", files).await;
    assert_eq!((again.status, &again.body), (200, &kept.body), "the same request gets the same answer");
    let other = desk.upload(&entry, "u1", &files[..1]).await;
    assert_eq!(other.body["code"], "idempotency-conflict", "{other:#?}");
    let empty = desk.upload(&entry, "u0", &[("gol.pdf", "application/pdf", b"")]).await;
    assert_eq!(empty.body["code"], "invalid-archive-request", "{empty:#?}");

    let dossier = desk.filed_entry(&entry).await;
    assert_eq!(dossier["code"], "I/A/3", "{dossier:#}");
    let id = dossier["id"].as_str().unwrap();
    let filed = desk.documents(id).await;
    let names: Vec<&str> = filed.iter().map(|one| one["name"].as_str().unwrap()).collect();
    assert_eq!(names, ["01-cerere.pdf", "02-anexa.pdf", "03-rupt.pdf", "04-plan.bin", "istoric-001.xml"], "{filed:#?}");
    assert_eq!(filed[0]["pages"], 2);
    for (one, (_, media_type, bytes)) in filed.iter().zip(files) {
        let path = format!("/v1/archive/documents/{}", one["id"].as_str().unwrap());
        assert_eq!(desk.bytes(&format!("{path}/content")).await, *bytes, "as it came");
        assert_eq!(one["content_type"], *media_type);
        let sheet = desk.get(&format!("{path}/sheet")).await.body;
        assert!(sheet["physical_location"].as_str().unwrap().starts_with("original pe hârtie"), "{sheet:#}");
    }
    let sheet = desk.get(&format!("/v1/archive/documents/{}/sheet", filed[1]["id"].as_str().unwrap())).await.body;
    assert!(sheet["history"].to_string().contains("protejat cu parolă"), "{sheet:#}");
    let history = desk.bytes(&format!("/v1/archive/documents/{}/content", filed[4]["id"].as_str().unwrap())).await;
    let history = String::from_utf8(history).unwrap();
    assert!(history.contains("content_added") && history.contains(&hex::encode(sha256(&whole))), "{history}");
    assert!(history.contains("SignatureValue"), "the history is sealed");

    // What comes later is added, after a restart too; what was filed is as it was.
    hub.restart().await;
    let desk = Desk::of(&hub, SENDER, "ana", "arhiva");
    let raw =
        desk.text(&format!("/v1/registers/{entry}/content?name=e-mail.txt"), "u2", "text/plain", "Completare").await;
    assert_eq!((raw.status, &raw.body["contents"][0]["position"]), (201, &json!(5)), "{raw:#?}");
    let path = format!("/v1/archive/dossiers/{id}/documents");
    let count = |wanted: usize| move |seen: &Value| seen["items"].as_array().is_some_and(|items| items.len() >= wanted);
    desk.wait_for(&path, count(7)).await;
    let closed = desk.post(&format!("/v1/registers/{entry}/filing"), "c1", &json!({"reason": "fără obiect"})).await;
    assert_eq!(closed.status, 200, "{closed:#?}");
    let seen = desk.wait_for(&path, count(8)).await;
    let items = seen["items"].as_array().unwrap();
    assert_eq!(items[..5], filed[..], "nothing that was filed changed");
    let added: Vec<(&Value, &str)> =
        items[5..].iter().map(|one| (&one["addition"], one["name"].as_str().unwrap())).collect();
    let (one, two) = (json!(1), json!(2));
    assert_eq!(added, [(&one, "05-e-mail.txt"), (&one, "istoric-002.xml"), (&two, "istoric-003.xml")]);
    let shown = desk.get(&format!("/v1/archive/dossiers/{id}")).await.body;
    let acts: Vec<&str> = shown["acts"].as_array().unwrap().iter().filter_map(|act| act["act"].as_str()).collect();
    assert_eq!(acts.iter().filter(|act| **act == "added").count(), 2, "{shown:#}");
    assert_eq!(shown["documents"], 8);
    hub.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_paper_is_filed_as_its_record_and_what_nobody_classified_waits_for_a_clerk() {
    Database::each(paper).await;
}

async fn paper(database: Database) {
    let hub = TestHub::start(database).await;
    let desk = Desk::of(&hub, HUB_TOWN, "dan", "arhiva");
    desk.adopt().await;
    let entry = desk.enter("e1", &petition("Plângere pe hârtie")).await;
    let closing = json!({"reason": "anonimă", "dossier_code": "I/A/3"});
    let closed = desk.post(&format!("/v1/registers/{entry}/filing"), "c1", &closing).await;
    assert_eq!(closed.status, 200, "{closed:#?}");
    let dossier = desk.filed_entry(&entry).await;
    let filed = desk.documents(dossier["id"].as_str().unwrap()).await;
    assert_eq!((&filed[0]["role"], filed.len()), (&json!("paper"), 2), "{filed:#?}");
    let path = format!("/v1/archive/documents/{}", filed[0]["id"].as_str().unwrap());
    let sheet = desk.get(&format!("{path}/sheet")).await.body;
    assert_eq!(sheet["format"], "suport de hârtie");
    assert!(sheet["physical_location"].as_str().unwrap().contains("dosarul I/A/3"), "{sheet:#}");
    let record = String::from_utf8(desk.bytes(&format!("{path}/content")).await).unwrap();
    assert!(record.contains("Plângere pe hârtie") && record.contains("Locul originalului"), "{record}");

    // A scan that nobody classified; the clerk says the code, and where the original is.
    let entry = desk.enter("e2", &petition("Altă plângere")).await;
    assert_eq!(desk.upload(&entry, "u2", &[("scan.pdf", "application/pdf", &pdf(""))]).await.status, 201);
    let some = |seen: &Value| seen["items"].as_array().is_some_and(|items| !items.is_empty());
    let waiting = desk.wait_for("/v1/archive/filings", some).await;
    let filing = waiting["items"][0]["id"].as_str().unwrap().to_owned();
    let place = json!({"code": "I/A/1", "place": "depozit 2, raft 4"});
    desk.done(&format!("/v1/archive/filings/{filing}/classify"), "k", &place).await;
    let dossier = desk.filed_entry(&entry).await;
    assert_eq!(dossier["code"], "I/A/1");
    let filed = desk.documents(dossier["id"].as_str().unwrap()).await;
    let path = format!("/v1/archive/documents/{}/sheet", filed[0]["id"].as_str().unwrap());
    assert!(desk.get(&path).await.body["physical_location"].as_str().unwrap().starts_with("depozit 2, raft 4"));
    let entered = desk.get(&format!("/v1/registers/{entry}")).await.body;
    assert_eq!(entered["particulars"]["dossier_code"], "I/A/1", "{entered:#}");

    // A message has its own content, and another institution sees nothing.
    let (_, receipt) = hub.client(SENDER).post("/v1/messages", "m", &letter(&[HUB_TOWN], "x")).await;
    hub.client(SENDER).wait_for_delivery(receipt["message_id"].as_str().unwrap(), HUB_TOWN, "consigned").await;
    let of_message = desk.get("/v1/registers/general/entries").await.body;
    let items = of_message["entries"].as_array().unwrap();
    let number = items.iter().find(|one| one["message_id"].is_string()).unwrap()["number"].as_i64().unwrap();
    let year = of_message["year"].as_i64().unwrap();
    let refused = desk.upload(&format!("general/{year}/{number}"), "u3", &[("x.txt", "text/plain", b"x")]).await;
    assert_eq!(refused.body["code"], "state-conflict", "{refused:#?}");
    let stranger = Desk::of(&hub, SENDER, "eva", "arhiva");
    assert_eq!(stranger.get(&format!("/v1/registers/{entry}/content")).await.status, 404);
    let listed = desk.get(&format!("/v1/registers/{entry}/content")).await.body;
    assert_eq!(listed["items"][0]["name"], "scan.pdf", "{listed:#}");
    assert_eq!(desk.bytes(&format!("/v1/registers/{entry}/content/1")).await, pdf(""));
    let missing = hub.client(HUB_TOWN).request(Method::GET, &format!("/v1/registers/{entry}/content/1"));
    assert_eq!(missing.send().await.unwrap().status(), 400, "who reads says who");
    hub.stop().await;
}

fn with(mut document: Value, name: &str, value: Value) -> Value {
    document[name] = value;
    document
}
