//! A petition comes to the county council, goes on to the town hall that is competent, and is answered there in time.

use std::num::NonZeroU32;

use hub_server::config::Config;
use serde_json::{Value, json};
use tests::clerks::{COUNCIL, Clerk, council};
use tests::client::{Answer, delivery};
use tests::county::{self, HUB_TOWN, SENDER};
use tests::documents::letter;
use tests::{Database, TestHub};

fn quick(config: &mut Config) {
    config.deadlines.interval_ms = NonZeroU32::new(50).unwrap();
    county::change(config, council);
}

/// Sends a petition; answers the message and its delivery once it is registered.
async fn petition(hub: &TestHub, key: &str, to: &str) -> (String, Value) {
    let sender = hub.client(SENDER);
    let text = "Vă rog să reparați podul din sat (petiție inventată).";
    let (status, receipt) = sender.post("/v1/messages", key, &letter(&[to], text)).await;
    assert_eq!(status, 201, "{receipt:#}");
    let message = receipt["message_id"].as_str().unwrap().to_owned();
    let delivery = sender.wait_for_delivery(&message, to, "consigned").await;
    (message, delivery)
}

fn this_year(hub: &TestHub) -> i16 {
    hub.running().hub.clock.now().romanian_date().year()
}

fn redirection(competent: &str) -> Value {
    json!({"competent": competent, "reason": "podul este pe un drum al orașului"})
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_misdirected_petition_is_answered_by_the_town_hall_that_is_competent() {
    Database::each(misdirected).await;
}

async fn misdirected(database: Database) {
    let hub = TestHub::start_with(database, quick).await;
    let year = this_year(&hub);
    let (first, at_council) = petition(&hub, "podul", COUNCIL).await;
    assert_eq!(at_council["recipient_registration"]["number"], format!("P-001/{year}"));
    let registrar = Clerk::of(&hub, COUNCIL, ("cj-1", "registratura"));
    let entry = format!("petitii/{year}/1");

    // One act: the document goes on, its sender is told, the entry has come to its end here.
    let done = registrar.act(&entry, "redirection", redirection(HUB_TOWN)).await;
    assert_eq!((done.status, &done.body["in_time"]), (200, &json!(true)), "{:#}", done.body);
    let forwarded = done.body["message_id"].as_str().unwrap().to_owned();
    let notice = done.body["notice_message_id"].as_str().unwrap().to_owned();
    assert_eq!(registrar.get("/v1/deadlines").await["deadlines"], json!([]), "the term runs here no more");

    // The town hall registers it, and knows the number it had at the council.
    let council = hub.client(COUNCIL);
    let at_town = council.wait_for_delivery(&forwarded, HUB_TOWN, "consigned").await;
    assert_eq!(at_town["recipient_registration"]["number"], format!("P-001/{year}"));
    let town = Clerk::of(&hub, HUB_TOWN, ("or-1", "registratura"));
    let entries = town.get(&format!("/v1/registers/petitii/entries?year={year}")).await;
    assert_eq!(entries["entries"][0]["counterpart"], COUNCIL);
    assert_eq!(entries["entries"][0]["counterpart_registration"]["number"], format!("P-001/{year}"));
    assert_eq!(entries["entries"][0]["counterpart_registration"]["register"], "petitii");
    // The council's entry learns the number there, once.
    let linked = "select cast(count(*) as bigint) as number from register_act where act = 'redirection_registered'";
    hub.wait_for_number(linked, 1).await;

    // The sender reads why, and to which of its documents it belongs.
    let sender = hub.client(SENDER);
    council.wait_for_delivery(&notice, SENDER, "consigned").await;
    let (_, inbox) = sender.get("/v1/inbox").await;
    let waiting = inbox["items"][0]["delivery_id"].as_str().unwrap();
    let (_, document) = sender.get(&format!("/v1/inbox/{waiting}")).await;
    let body = sender.bytes(document["parts"][0]["href"].as_str().unwrap()).await;
    let body: Value = serde_json::from_slice(&body).unwrap();
    let said = body["text"].as_str().unwrap();
    assert!(said.contains("Orașul Baia de Aramă") && said.contains(&format!("P-001/{year}")), "{said}");
    let (_, seen) = sender.get(&format!("/v1/messages/{first}")).await;
    assert_eq!(body["referinta"].as_str().unwrap().split('/').next(), seen["sender_registration"]["number"].as_str());

    // Asked for again, it happens once.
    let again = registrar.act(&entry, "redirection", redirection(HUB_TOWN)).await;
    assert_eq!(
        (&again.body["again"], &again.body["message_id"]),
        (&json!(true), &json!(forwarded)),
        "{:#}",
        again.body
    );
    assert_eq!(hub.number("select cast(count(*) as bigint) as number from message").await, 3);
    let elsewhere = registrar.act(&entry, "redirection", redirection("uat-far")).await;
    assert_eq!((elsewhere.status, &elsewhere.body["state"]), (409, &json!("redirected")));

    // The same petition again, now to the right place: two entries there, each with a term of its own.
    let (_, second) = petition(&hub, "podul-din-nou", HUB_TOWN).await;
    assert_eq!(second["recipient_registration"]["number"], format!("P-002/{year}"));
    let (one, two) = (format!("petitii/{year}/1"), format!("petitii/{year}/2"));
    let due = town.get("/v1/deadlines").await;
    assert_eq!(due["deadlines"].as_array().unwrap().len(), 2, "{due:#}");
    let connected = town.act(&two, "connect", json!({"to": {"year": year, "number": 1}})).await;
    assert_eq!(connected.status, 200, "{:#}", connected.body);
    let closed = town.act(&two, "filing", json!({"reason": format!("identică; conexată la P-001/{year}")})).await;
    assert_eq!(closed.body["status"], "filed", "{:#}", closed.body);

    // Fifteen days more, proposed by one and approved by another; then the answer.
    let roads = Clerk::of(&hub, HUB_TOWN, ("or-7", "drumuri"));
    assert_eq!(
        town.act(&one, "assignment", json!({"units": [{"unit": "drumuri", "person": "or-7"}]})).await.status,
        200
    );
    assert_eq!(roads.act(&one, "work", json!({})).await.status, 200);
    let longer = json!({"length": {"count": 15, "unit": "calendar-days"}, "reason": "expertiză a podului"});
    let proposed = roads.act(&one, "extension", longer).await;
    assert_eq!(proposed.status, 200, "{:#}", proposed.body);
    let before = proposed.body["due_on"].as_str().unwrap().to_owned();
    let approved = town.act(&one, "extension/decision", json!({"approved": true})).await;
    assert!(approved.body["due_on"].as_str().unwrap() > before.as_str(), "{:#}", approved.body);
    let (status, answer) = hub
        .client(HUB_TOWN)
        .post("/v1/messages", "raspuns", &tests::documents::letter(&[SENDER], "Podul se repară în mai."))
        .await;
    assert_eq!(status, 201, "{answer:#}");
    let answer = answer["message_id"].as_str().unwrap();
    hub.client(HUB_TOWN).wait_for_delivery(answer, SENDER, "consigned").await;
    let resolved = roads.act(&one, "resolution", json!({"outcome": "resolved", "resolution": "podul se repară"})).await;
    assert_eq!(resolved.body["status"], "resolved", "{:#}", resolved.body);
    assert_eq!(town.get("/v1/deadlines").await["deadlines"], json!([]));

    // Evidence tells the same story: three registers, and a last day only where the term runs.
    let chain = council.chain(&forwarded).await;
    let consigned = chain.iter().find(|one| one["event"] == "ContentConsignment").unwrap();
    let xml = council.bytes(consigned["href"].as_str().unwrap()).await;
    let xml = String::from_utf8(xml).unwrap();
    assert!(xml.contains("<punte:Deadline by=\"") && xml.contains("from=\"registration\""), "{xml}");
    let accepted = chain.iter().find(|one| one["event"] == "SubmissionAcceptance").unwrap();
    let xml = String::from_utf8(council.bytes(accepted["href"].as_str().unwrap()).await).unwrap();
    assert!(xml.contains("<punte:Deadline class=\""), "{xml}");
    for party in [COUNCIL, HUB_TOWN, SENDER] {
        let orphans = Clerk::of(&hub, party, ("x", "x")).get("/v1/orphans").await;
        assert_eq!(orphans["orphans"], json!([]), "{party}");
    }
    hub.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_document_that_cannot_go_on_stays_with_its_term() {
    let hub = TestHub::start_with(Database::Sqlite, quick).await;
    let year = this_year(&hub);
    let (message, _) = petition(&hub, "podul", COUNCIL).await;
    let registrar = Clerk::of(&hub, COUNCIL, ("cj-1", "registratura"));
    let entry = format!("petitii/{year}/1");
    let refused = |answer: &Answer| (answer.status, answer.body["code"].as_str().unwrap_or_default().to_owned());
    let not = (422, "not-redirected".to_owned());

    // To itself, back to the sender, to nobody, to where no agreement leads.
    for competent in [COUNCIL, SENDER, "uat-nobody", "dgaspc-mehedinti"] {
        let answer = registrar.act(&entry, "redirection", redirection(competent)).await;
        assert_eq!(refused(&answer), not, "{competent}: {:#}", answer.body);
    }
    let no_reason = registrar.act(&entry, "redirection", json!({"competent": HUB_TOWN, "reason": ""})).await;
    assert_eq!(no_reason.body["field"], "reason");
    let tomorrow = json!({"competent": HUB_TOWN, "reason": "x", "told": {"on": "2199-01-01", "how": "poștă"}});
    assert_eq!(registrar.act(&entry, "redirection", tomorrow).await.body["field"], "told.on");
    // What goes out is not redirected.
    let own = Clerk::of(&hub, SENDER, ("u-1", "registratura"));
    let answer = own.act(&format!("general/{year}/1"), "redirection", redirection(HUB_TOWN)).await;
    assert_eq!(refused(&answer), not, "{:#}", answer.body);
    assert_eq!(hub.number("select cast(count(*) as bigint) as number from message").await, 1, "nothing was sent");
    assert_eq!(registrar.get("/v1/deadlines").await["deadlines"].as_array().unwrap().len(), 1);

    // The sender was told by post: no message tells it again.
    let today = hub.running().hub.clock.now().romanian_date();
    let told = json!({"competent": HUB_TOWN, "reason": "drum al orașului", "told": {"on": today, "how": "poștă"}});
    let done = registrar.act(&entry, "redirection", told).await;
    assert_eq!((done.status, &done.body["notice_message_id"]), (200, &Value::Null), "{:#}", done.body);
    let forwarded = done.body["message_id"].as_str().unwrap();
    hub.client(COUNCIL).wait_for_delivery(forwarded, HUB_TOWN, "consigned").await;
    let (_, first) = hub.client(SENDER).get(&format!("/v1/messages/{message}")).await;
    assert_eq!(delivery(&first, COUNCIL)["state"], "consigned", "the first delivery is as it was");
    hub.stop().await;
}
