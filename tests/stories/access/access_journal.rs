//! The journal of access: whoever reads, exports, searches or transfers personal data is in it, with who, why and on what
//! basis; and a person can be told. All persons are invented.

use hub_flow::access_journal;
use hub_flow::audit;
use reqwest::Method;
use serde_json::{Value, json};
use tests::client::ask;
use tests::county::{HUB_TOWN, INBOX_TOWN, SENDER};
use tests::documents::{inquiry_envelope, inquiry_parts};
use tests::{Database, TestHub};

/// The invented person of the inquiry.
const PERSON: &str = "2580412259906";

/// An inquiry that arrived at a town hall.
async fn arrived(hub: &TestHub) -> String {
    let client = hub.client(SENDER);
    let envelope = inquiry_envelope(&[HUB_TOWN]);
    let (status, receipt) = client.send("inquiry", &envelope, &inquiry_parts()).await;
    assert_eq!(status, 201, "{receipt:#}");
    let message = receipt["message_id"].as_str().unwrap().to_owned();
    client.wait_for_delivery(&message, HUB_TOWN, "consigned").await;
    message
}

async fn searched(hub: &TestHub, party: &str, person: &str) -> Vec<Value> {
    let wanted = json!({
        "subject": person, "purpose": "control intern", "legal_basis": "RGPD, art. 30", "case_number": "1/2026",
        "user": "f-1"
    });
    let (status, found) = hub.client(party).post("/v1/journal/search", "-", &wanted).await;
    assert_eq!(status, 200, "{found:#}");
    found["entries"].as_array().unwrap().iter().filter(|one| one["act"] != "search").cloned().collect()
}

async fn my_data(hub: &TestHub, party: &str, format: &str) -> tests::client::Answer {
    let body = json!({
        "cnp": PERSON, "purpose": "cererea persoanei", "legal_basis": "RGPD, art. 15", "case_number": "7/2026",
        "format": format
    });
    ask(hub.client(party).request(Method::POST, "/v1/my-data").json(&body)).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_transfer_and_the_reading_of_what_arrived_are_found_by_the_person() {
    Database::each(async |database| {
        let hub = TestHub::start(database).await;
        let message = arrived(&hub).await;
        let sent = searched(&hub, SENDER, PERSON).await;
        assert_eq!(sent.len(), 1, "{sent:#?}");
        assert_eq!((&sent[0]["act"], &sent[0]["object"]), (&json!("transfer"), &json!(HUB_TOWN)), "{sent:#?}");
        assert_eq!(sent[0]["purpose"], "evaluare-handicap");
        assert_eq!(sent[0]["legal_basis"], "HG nr. 430/2008, anexa 6");
        assert_eq!(sent[0]["message_id"], json!(message));
        assert!(searched(&hub, HUB_TOWN, PERSON).await.is_empty(), "nobody there has looked yet");

        let part = format!("/v1/messages/{message}/parts/ancheta.pdf");
        let request = hub.client(HUB_TOWN).request(Method::GET, &part);
        let read = ask(request.header("punte-clerk", "f-9").header("punte-case", "12/2026")).await;
        assert_eq!(read.status, 200);
        let seen = searched(&hub, HUB_TOWN, PERSON).await;
        assert_eq!(seen.len(), 1, "{seen:#?}");
        assert_eq!((&seen[0]["act"], &seen[0]["operation"]), (&json!("access"), &json!("message.part")));
        assert_eq!((&seen[0]["user"], &seen[0]["case_number"]), (&json!("f-9"), &json!("12/2026")));
        // Why it was sent is why it is read.
        assert_eq!(seen[0]["purpose"], "evaluare-handicap");
        // What is another institution's, or not there, leaves no trace and gives nothing.
        let (status, _) = hub.client(INBOX_TOWN).get(&part).await;
        assert_eq!(status, 404);
        assert!(searched(&hub, INBOX_TOWN, PERSON).await.is_empty());
        assert_eq!(searched(&hub, SENDER, "1800101221144").await.len(), 0, "another person");
        let clear = hub
            .number("select cast(count(*) as bigint) as number from access_entry where object like '%2580412259906%'")
            .await;
        assert_eq!(clear, 0);
        hub.stop().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_register_leaves_the_hub_only_with_a_reason() {
    Database::each(async |database| {
        let hub = TestHub::start(database).await;
        arrived(&hub).await;
        let client = hub.client(SENDER);
        let year = hub.running().hub.clock.now().romanian_date().year();
        for file in ["entries.csv", "entries.xlsx", "print.pdf"] {
            let path = format!("/v1/registers/general/{year}/{file}");
            let (status, refused) = client.get(&path).await;
            assert_eq!((status.as_u16(), &refused["code"]), (400, &json!("purpose-needed")), "{refused:#}");
            assert_eq!(refused["missing"], json!(["Punte-Purpose", "Punte-Legal-Basis"]));
            assert!(!client.exported(&path).await.is_empty());
        }
        let (_, page) = client.get("/v1/journal?act=export").await;
        let results: Vec<&Value> = page["entries"].as_array().unwrap().iter().map(|one| &one["result"]).collect();
        assert_eq!(results, ["given", "refused", "given", "refused", "given", "refused"], "{page:#}");
        // The person in it is told of it, though nobody named her.
        let found = searched(&hub, SENDER, PERSON).await;
        let given = found.iter().filter(|one| one["act"] == "export" && one["result"] == "given");
        assert_eq!(given.count(), 3, "{found:#?}");
        hub.stop().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_person_is_told_who_saw_her_data_and_the_telling_is_in_the_journal() {
    Database::each(async |database| {
        let hub = TestHub::start(database).await;
        let message = arrived(&hub).await;
        hub.client(HUB_TOWN).bytes(&format!("/v1/messages/{message}/parts/ancheta.pdf")).await;
        let body = json!({"cnp": PERSON});
        let (status, refused) = hub.client(HUB_TOWN).post("/v1/my-data", "-", &body).await;
        assert_eq!((status.as_u16(), &refused["code"]), (400, &json!("purpose-needed")));
        let body = json!({"cnp": "2580412259907", "purpose": "p", "legal_basis": "b"});
        let (status, refused) = hub.client(HUB_TOWN).post("/v1/my-data", "-", &body).await;
        assert_eq!((status.as_u16(), &refused["field"]), (400, &json!("cnp")), "{refused:#}");

        let told = my_data(&hub, HUB_TOWN, "json").await;
        assert_eq!(told.status, 200, "{:#}", told.body);
        let accesses = told.body["accesses"].as_array().unwrap();
        assert_eq!(accesses.len(), 1, "{accesses:#?}");
        assert_eq!(accesses[0]["what"], "conținutul unui mesaj");
        assert_eq!(told.body["person"], "…906");
        let paper = my_data(&hub, HUB_TOWN, "pdf").await;
        assert_eq!(paper.headers["content-type"], "application/pdf");
        // The report before this one is in it.
        let again = my_data(&hub, HUB_TOWN, "json").await;
        let what: Vec<&Value> =
            again.body["accesses"].as_array().unwrap().iter().map(|one| &one["operation"]).collect();
        assert_eq!(what, ["message.part", "my-data", "my-data"]);
        let sender = my_data(&hub, SENDER, "json").await;
        assert_eq!(sender.body["accesses"][0]["what"], json!(format!("transmitere către destinatar: {HUB_TOWN}")));
        assert_eq!(sender.body["accesses"].as_array().unwrap().len(), 1, "each institution tells what is its own");
        let (_, audit) = hub.client(HUB_TOWN).get("/v1/audit?kind=my-data.reported").await;
        assert_eq!(audit["events"].as_array().unwrap().len(), 3, "{audit:#}");
        hub.stop().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_journal_is_appended_and_what_is_cut_out_of_it_is_missed() {
    Database::each(async |database| {
        let mut hub = TestHub::start(database).await;
        let message = arrived(&hub).await;
        let part = format!("/v1/messages/{message}/parts/ancheta.pdf");
        for _ in 0..3 {
            hub.client(HUB_TOWN).bytes(&part).await;
        }
        searched(&hub, HUB_TOWN, PERSON).await;
        // Every run of a node has a chain of its own.
        hub.restart().await;
        hub.client(HUB_TOWN).bytes(&part).await;
        assert_eq!(access_journal::broken(&hub.running().hub.db).await.unwrap(), None);
        assert_eq!(audit::broken(&hub.running().hub.db).await.unwrap(), None);
        for refused in
            ["update access_entry set purpose = 'altul'", "delete from access_entry", "delete from journal_link"]
        {
            hub.execute(refused).await.unwrap_err();
        }
        let off = match database {
            Database::Sqlite => "drop trigger access_entry_no_delete;",
            Database::Postgres => "alter table access_entry disable trigger user;",
        };
        hub.execute(&format!("{off} delete from access_entry where number = 2")).await.unwrap();
        let found = access_journal::broken(&hub.running().hub.db).await.unwrap();
        assert_eq!(found.map(|(_, number)| number), Some(2));
        hub.stop().await;
    })
    .await;
}
