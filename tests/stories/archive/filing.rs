//! From the register to the shelf: what has ended is filed by itself in both institutions, with all that proves it.

use openssl::sha::sha256;
use serde_json::{Value, json};
use tests::archive::{Desk, NOMENCLATOR};
use tests::county::{HUB_TOWN, SENDER};
use tests::documents::letter;
use tests::{Database, TestHub};

/// Sends a petition that the town accepts; answers its message.
async fn petition(hub: &TestHub, key: &str, text: &str) -> String {
    let (status, receipt) = hub.client(SENDER).post("/v1/messages", key, &letter(&[HUB_TOWN], text)).await;
    assert_eq!(status, 201, "{receipt:#}");
    let message = receipt["message_id"].as_str().unwrap().to_owned();
    let delivery = hub.client(SENDER).wait_for_delivery(&message, HUB_TOWN, "consigned").await;
    let path = format!("/v1/inbox/{}/accept", delivery["id"].as_str().unwrap());
    let (status, settled) = hub.client(HUB_TOWN).post(&path, "accept", &json!({})).await;
    assert_eq!(status, 200, "{settled:#}");
    message
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_petition_that_was_answered_is_filed_with_its_receipts_in_both_institutions() {
    Database::each(filed_on_both_sides).await;
}

async fn filed_on_both_sides(database: Database) {
    let hub = TestHub::start(database).await;
    let sender = Desk::of(&hub, SENDER, "ana", "arhiva");
    let town = Desk::of(&hub, HUB_TOWN, "dan", "arhiva");
    sender.adopt().await;
    town.adopt().await;
    let message = petition(&hub, "1", "Un drum inventat").await;
    let (_, chain) = hub.client(SENDER).get(&format!("/v1/messages/{message}/evidence")).await;
    for (desk, party, direction) in [(&sender, SENDER, "out"), (&town, HUB_TOWN, "in")] {
        let dossier = desk.filed(&message).await;
        assert_eq!((&dossier["code"], &dossier["state"]), (&json!("I/A/3"), &json!("open")), "{dossier:#}");
        let filed = desk.documents(dossier["id"].as_str().unwrap()).await;
        let of = |role: &str| filed.iter().filter(|one| one["role"] == role).count();
        assert_eq!(of("document"), 1, "{filed:#?}");
        assert!(of("evidence") >= 3 && of("validation") > of("evidence"), "{filed:#?}");
        for one in &filed {
            let path = format!("/v1/archive/documents/{}", one["id"].as_str().unwrap());
            let bytes = desk.bytes(&format!("{path}/content")).await;
            assert_eq!(one["sha256"], hex::encode(sha256(&bytes)), "{one:#}");
            assert_eq!(one["size"], bytes.len());
            let sheet = desk.get(&format!("{path}/sheet")).await.body;
            assert_eq!(sheet.as_object().unwrap().len(), 13, "{sheet:#}");
            assert_eq!((&sheet["identifier"], &sheet["term"]), (&one["identifier"], &json!("10 ani")));
            let xml = desk.get(&format!("{path}/sheet?format=xml")).await.body;
            assert!(xml.as_str().unwrap().contains("<termenPastrare>10</termenPastrare>"), "{xml}");
        }
        // What is in the dossier is what was sealed, and the register says where it is.
        let own: Vec<&Value> = filed.iter().filter(|one| one["role"] == "evidence").collect();
        for one in own {
            let xml = desk.bytes(&format!("/v1/archive/documents/{}/content", one["id"].as_str().unwrap())).await;
            assert_eq!(hub.verified(std::str::from_utf8(&xml).unwrap())["verified"], true);
        }
        let sql = format!(
            "select content as text from register_act where party = '{party}' and act = 'filed' and '{direction}' <> ''"
        );
        let acts = hub.running().hub.db.query(sql.leak(), vec![]).await.unwrap();
        let text: String = acts.into_iter().next().unwrap().take("text").unwrap();
        assert!(text.contains("I/A/3"), "{text}");
    }
    assert!(chain["evidence"].as_array().unwrap().len() >= 3);
    let twice = "select cast(count(*) as bigint) as number from archive_document d where exists (select 1 from archive_document o
                 where o.filing = d.filing and o.role = d.role and o.name = d.name and o.id <> d.id)";
    assert_eq!(hub.number(twice).await, 0);
    hub.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_nobody_can_classify_waits_for_a_clerk_and_a_wrong_code_is_answered_with_the_near_ones() {
    Database::each(classified).await;
}

async fn classified(database: Database) {
    let hub = TestHub::start(database).await;
    let desk = Desk::of(&hub, SENDER, "ana", "arhiva");
    let message = petition(&hub, "1", "fără nomenclator").await;
    let seen = |seen: &Value| seen["items"].as_array().is_some_and(|items| !items.is_empty());
    let waiting = desk.wait_for("/v1/archive/filings", seen).await;
    assert!(waiting["items"][0]["reason"].as_str().unwrap().contains("nomenclator"), "{waiting:#}");
    desk.refused("/v1/archive/dossiers", "open", &json!({"code": "I/A/3"}), "no-nomenclator").await;
    // A nomenclator without rules, as a clerk's table.
    let table = "indicativ;denumire;termen\nI/A/3;Petiții;10 ani\nI/A/4;Altele;permanent\n";
    let path = "/v1/archive/nomenclator?valid_from=2020-01-01&approval_number=3&approval_date=2019-12-01";
    let wrong = desk.text(path, "t1", "text/csv", "indicativ;denumire;termen\nI/A/3;;mult\nI/A/x;Altele;2\n").await;
    assert_eq!((wrong.status, wrong.body["rows"].as_array().map(Vec::len)), (422, Some(3)), "{wrong:#?}");
    let taken = desk.text(path, "t2", "text/csv", table).await;
    assert_eq!(taken.status, 201, "{taken:#?}");
    let again = desk.text(path, "t2", "text/csv", table).await;
    assert_eq!((again.status, &again.body), (200, &taken.body), "the same key gets the same answer");
    let other = desk.text(path, "t2", "text/csv", "indicativ;denumire;termen\nI/A/3;Altceva;10 ani\n").await;
    assert_eq!(other.body["code"], "idempotency-conflict");
    // At the registry too: a wrong code gives no number.
    let entry = json!({"direction": "in", "subject": "Cerere inventată", "dossier_code": "I/A/33"});
    let near = desk.refused("/v1/registers/general/entries", "e1", &entry, "unknown-dossier-code").await;
    assert_eq!(near["near"][0], "I/A/3", "{near:#}");
    let entry = json!({"direction": "in", "subject": "Cerere inventată", "dossier_code": "i/a/3"});
    let entered = desk.done("/v1/registers/general/entries", "e2", &entry).await;
    assert!(entered.to_string().contains("I/A/3"), "{entered:#}");
    let rule = |seen: &Value| seen["items"][0]["reason"].as_str().is_some_and(|reason| reason.contains("nicio regulă"));
    let waiting = desk.wait_for("/v1/archive/filings", rule).await;
    let path = format!("/v1/archive/filings/{}/classify", waiting["items"][0]["id"].as_str().unwrap());
    let near = desk.refused(&path, "c1", &json!({"code": "I/A/33"}), "unknown-dossier-code").await;
    assert_eq!(near["near"][0], "I/A/3", "{near:#}");
    desk.done(&path, "c2", &json!({"code": "i / a / 4"})).await;
    let dossier = desk.filed(&message).await;
    assert_eq!((&dossier["code"], &dossier["term"]), (&json!("I/A/4"), &json!("permanent")));
    hub.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_dossier_keeps_the_term_it_was_opened_under_and_only_its_units_see_it() {
    Database::each(terms_and_rights).await;
}

async fn terms_and_rights(database: Database) {
    let hub = TestHub::start(database).await;
    let archive = Desk::of(&hub, SENDER, "ana", "arhiva");
    archive.adopt().await;
    let spas = Desk::of(&hub, SENDER, "ion", "spas");
    let other = Desk::of(&hub, SENDER, "vasile", "urbanism");
    other.refused("/v1/archive/dossiers", "o1", &json!({"code": "II/B/1"}), "forbidden").await;
    let dossier = spas.done("/v1/archive/dossiers", "o2", &json!({"code": "II/B/1"})).await;
    assert_eq!(dossier["term"], "5 ani C.S.");
    let again = spas.done("/v1/archive/dossiers", "o3", &json!({"code": "II/B/1"})).await;
    assert_eq!(again["id"], dossier["id"], "an open dossier is not opened twice");
    let path = format!("/v1/archive/dossiers/{}", dossier["id"].as_str().unwrap());
    assert_eq!(other.get(&path).await.status, 404);
    assert_eq!(other.get("/v1/archive/dossiers").await.body["items"], json!([]));
    assert_eq!(archive.get(&path).await.status, 200, "who keeps the archive sees all");
    archive.done(&format!("{path}/rights"), "r", &json!({"units": ["urbanism"]})).await;
    assert_eq!((other.get(&path).await.status, spas.get(&path).await.status), (200, 404));
    // Another institution knows of nothing.
    assert_eq!(Desk::of(&hub, HUB_TOWN, "dan", "arhiva").get(&path).await.status, 404);
    // A new nomenclator, by those who keep the archive: what was opened keeps its term, what is opened has the new one.
    let changed = NOMENCLATOR.replace("5 C.S.", "80 de ani").replace("2020-01-01", "2021-01-01");
    let refused = other.text("/v1/archive/nomenclator", "n1", "application/toml", &changed).await;
    assert_eq!(refused.body["code"], "forbidden", "{refused:#?}");
    let taken = archive.text("/v1/archive/nomenclator", "n2", "application/toml", &changed).await;
    assert_eq!((taken.status, &taken.body["version"]), (201, &json!(2)), "{taken:#?}");
    assert_eq!(archive.get(&path).await.body["term"], "5 ani C.S.");
    other.done(&format!("{path}/close"), "close", &json!({})).await;
    other.refused(&format!("{path}/close"), "close-2", &json!({}), "state-conflict").await;
    let next = spas.done("/v1/archive/dossiers", "o4", &json!({"code": "II/B/1"})).await;
    assert_eq!((&next["volume"], &next["term"]), (&json!(2), &json!("80 de ani")));
    hub.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_hub_that_stops_while_it_files_goes_on_and_doubles_nothing() {
    Database::each(interrupted).await;
}

async fn interrupted(database: Database) {
    let mut hub = TestHub::start(database).await;
    for (party, clerk) in [(SENDER, "ana"), (HUB_TOWN, "dan")] {
        Desk::of(&hub, party, clerk, "arhiva").adopt().await;
    }
    let mut messages = Vec::new();
    for number in 0..6 {
        messages.push(petition(&hub, &format!("p{number}"), &format!("petiția {number}")).await);
        // It is stopped wherever the archivist is at that moment.
        hub.restart().await;
    }
    for (party, clerk) in [(SENDER, "ana"), (HUB_TOWN, "dan")] {
        let desk = Desk::of(&hub, party, clerk, "arhiva");
        for message in &messages {
            let dossier = desk.filed(message).await;
            let filed = desk.documents(dossier["id"].as_str().unwrap()).await;
            let of = filed.iter().filter(|one| one["message_id"] == message.as_str() && one["role"] == "document");
            assert_eq!(of.count(), 1, "{filed:#?}");
        }
    }
    let filings = "select cast(count(*) as bigint) as number from archive_filing where state = 'filed'";
    assert_eq!(hub.number(filings).await, 12);
    let gap = "select cast(count(*) as bigint) as number from archive_dossier o where o.documents <>
               (select count(*) from archive_document d where d.dossier = o.id)";
    assert_eq!(hub.number(gap).await, 0, "what a dossier says it holds is what it holds");
    hub.stop().await;
}
