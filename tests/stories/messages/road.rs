//! A social inquiry travels from a commune to eSocial and two town halls, registered on both sides, with sealed receipts.

use serde_json::{Value, json};
use tests::client::delivery;
use tests::county::{DIRECTORATE, INBOX_TOWN, SENDER, WEBHOOK_TOWN};
use tests::documents::{inquiry_envelope, inquiry_parts};
use tests::{Database, TestHub};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_social_inquiry_reaches_its_three_recipients_with_proof_of_each_step() {
    for database in Database::all() {
        travel(database).await;
    }
}

async fn travel(database: Database) {
    let hub = TestHub::start(database).await;
    let commune = hub.client(SENDER);
    let envelope = inquiry_envelope(&[DIRECTORATE, INBOX_TOWN, WEBHOOK_TOWN]);
    let parts = inquiry_parts();

    // 1. One call in, a sealed receipt back.
    let (status, receipt) = commune.send("inquiry-1", &envelope, &parts).await;
    assert_eq!(status, 201, "{receipt:#}");
    let message = receipt["message_id"].as_str().expect("an id").to_owned();
    assert_eq!(receipt["sender_registration"]["number"], "1");
    assert_eq!(receipt["parts"].as_array().map(Vec::len), Some(3));
    let accepted = hub.verified(receipt["evidence"]["document"].as_str().expect("XML"));
    assert_eq!(accepted["evidence"]["event"], "SubmissionAcceptance");
    assert_eq!(accepted["evidence"]["message_id"], message.as_str());
    for (part, bound) in
        receipt["parts"].as_array().unwrap().iter().zip(accepted["evidence"]["parts"].as_array().unwrap())
    {
        assert_eq!(part["sha256"], bound["digest"], "the receipt binds the content");
    }

    // 2. eSocial has it, once, translated, with the received parts byte for byte.
    let at_esocial = commune.wait_for_delivery(&message, DIRECTORATE, "handed_over").await;
    let cases = hub.esocial.received();
    assert_eq!(cases.len(), 1);
    assert_eq!(at_esocial["recipient_registration"]["number"], "1");
    assert_eq!(at_esocial["receipt"], cases[0].case_number.as_str());
    assert_eq!(at_esocial["route"]["rule"], "secpah");
    assert_eq!(at_esocial["route"]["unit"], "SECPAH");
    assert_eq!(at_esocial["attempt_list"].as_array().map(Vec::len), Some(1));

    // 3. The town hall with a webhook has it.
    commune.wait_for_delivery(&message, WEBHOOK_TOWN, "handed_over").await;
    assert_eq!(hub.town_hall.received().len(), 1);

    // 4. The town hall with an inbox comes for it, reads it, and returns its own number.
    let town = hub.client(INBOX_TOWN);
    let (_, inbox) = town.get("/v1/inbox").await;
    let waiting = inbox["items"][0]["delivery_id"].as_str().expect("a delivery").to_owned();
    let (_, document) = town.get(&format!("/v1/inbox/{waiting}")).await;
    assert_eq!(document["sender_registration"]["number"], "1");
    let annex = town.bytes(document["parts"][2]["href"].as_str().expect("a link")).await;
    assert_eq!(annex, parts[2].1);
    let (status, problem) = town.post(&format!("/v1/inbox/{waiting}/accept"), "a", &json!({})).await;
    assert_eq!((status.as_u16(), &problem["code"]), (422, &json!("invalid-settlement")));
    let number = json!({"registration": {"number": "4512/A", "date": "2026-11-22"}});
    let (status, settled) = town.post(&format!("/v1/inbox/{waiting}/accept"), "a", &number).await;
    assert_eq!(status, 200, "{settled:#}");
    let (status, again) = town.post(&format!("/v1/inbox/{waiting}/accept"), "a", &number).await;
    assert_eq!((status.as_u16(), &again), (200, &settled), "accepting twice answers the same");
    let (status, conflict) =
        town.post(&format!("/v1/inbox/{waiting}/reject"), "b", &json!({"reason": "altcuiva"})).await;
    assert_eq!((status.as_u16(), &conflict["code"]), (409, &json!("state-conflict")));

    // 5. Both sides read the same story, with both numbers in each evidence.
    let seen = commune.wait_for(&message, |seen| seen["state"] == "completed").await;
    assert_eq!(delivery(&seen, INBOX_TOWN)["recipient_registration"]["number"], "4512/A");
    let chain = commune.chain(&message).await;
    let mut events: Vec<&str> = chain.iter().map(|one| one["event"].as_str().unwrap()).collect();
    assert_eq!(events.remove(0), "SubmissionAcceptance");
    events.sort_unstable();
    assert_eq!(
        events,
        ["ContentAccessTracking", "ContentConsignment", "ContentHandover", "ContentHandover", "ContentHandover"]
    );
    for evidence in &chain {
        let verdict = hub.verified(evidence["document"].as_str().expect("XML"));
        assert_eq!(verdict["evidence"]["sender_registration"]["number"], "1");
        if evidence["event"] == "ContentHandover" {
            assert_ne!(verdict["evidence"]["recipient_registration"], Value::Null);
        }
    }
    let handed = chain.iter().find(|one| one["delivery_id"] == at_esocial["id"]).expect("evidence of the handover");
    let verdict = hub.verified(handed["document"].as_str().unwrap());
    assert_eq!(verdict["evidence"]["transformation"]["mapping"], "ancheta-sociala-adult-to-esocial");
    let own: Vec<Value> = town.chain(&message).await;
    assert_eq!(own.len(), 4, "a recipient sees the submission and its own delivery");

    // 6. The registers show it on both sides.
    let (_, register) = commune.get("/v1/registers/general/entries").await;
    assert_eq!(register["entries"].as_array().map(Vec::len), Some(1));
    let (_, register) = hub.client(DIRECTORATE).get("/v1/registers/general/entries").await;
    assert_eq!(register["entries"][0]["counterpart_registration"]["number"], "1");

    // Nobody else learns that it exists.
    let (status, _) = hub.client("uat-109924").get(&format!("/v1/messages/{message}")).await;
    assert_eq!(status, 404);
    hub.stop().await;
}
