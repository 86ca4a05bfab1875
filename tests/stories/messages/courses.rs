//! The courses a document can take towards a recipient: asked first, told, delegated, outside, full; and what is looked at.

use std::sync::Arc;

use async_trait::async_trait;
use connectors_contract::{
    Attempt, Channel, Consignment, Engine, Exchange, Inquiry, Manifest, ManifestError, Outbound, Outcome, SideEffect,
};
use sandbox::{Fault, FaultKind};
use serde_json::{Value, json};
use tests::client::delivery;
use tests::county::{self, DIRECTORATE, HUB_TOWN, INBOX_TOWN, SENDER, WEBHOOK_TOWN};
use tests::documents::{inquiry_envelope, inquiry_parts, letter};
use tests::{Client, Database, TestHub};

/// A channel for notices to the played town hall's system, and a way that leads nowhere.
const NOTICES: &str = "[[channel]]\nid = 'notices'\nparty = 'uat-109924'\nsystem = 'notice'\naddress = 'TOWN'\nsecret = 'SECRET'\n\
     [[channel]]\nid = 'deaf'\nparty = 'uat-109924'\nsystem = 'notice'\naddress = 'http://127.0.0.1:9'\nsecret = 'SECRET'\n";

/// Starts a hub whose directory has one more line in the entry of a party, and channels for notices.
async fn hub_where(database: Database, party: &str, line: &str) -> TestHub {
    TestHub::start_with(database, |config| {
        config.retry.give_up_after = 1.0;
        county::change(config, |directory| {
            let webhook = directory.split("id = 'webhook'").nth(1).unwrap();
            let quoted = |after: &str| webhook.split(after).nth(1).unwrap().split('\'').next().unwrap().to_owned();
            let notices = NOTICES.replace("TOWN", &quoted("address = '")).replace("SECRET", &quoted("secret = '"));
            let entry = format!("[[party]]\nid = '{party}'\n");
            directory.replace(&entry, &format!("{entry}{line}\n")) + &notices
        });
    })
    .await
}

fn asked(recipients: &[&str]) -> Value {
    let mut letter = letter(recipients, "cu acceptare");
    letter["envelope"]["consignment"] = "consent".into();
    letter
}

async fn sent(sender: &Client, key: &str, letter: &Value) -> String {
    let (status, receipt) = sender.post("/v1/messages", key, letter).await;
    assert_eq!(status, 201, "{receipt:#}");
    receipt["message_id"].as_str().unwrap().to_owned()
}

async fn events(client: &Client, message: &str) -> Vec<String> {
    let chain = client.chain(message).await;
    chain.iter().map(|one| one["event"].as_str().unwrap().to_owned()).collect()
}

async fn verified(hub: &TestHub, client: &Client, message: &str, event: &str) -> Value {
    let chain = client.chain(message).await;
    let found = chain.iter().find(|one| one["event"] == event).unwrap_or_else(|| panic!("no {event}"));
    hub.verified(found["document"].as_str().unwrap())
}

fn id(delivery: &Value) -> String {
    delivery["id"].as_str().unwrap().to_owned()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_recipient_that_is_asked_first_sees_the_content_only_after_it_consents() {
    for database in Database::all() {
        let hub = TestHub::start(database).await;
        let (commune, town) = (hub.client(SENDER), hub.client(HUB_TOWN));
        let message = sent(&commune, "consent", &asked(&[HUB_TOWN])).await;
        let waiting = commune.wait_for_delivery(&message, HUB_TOWN, "announced").await;
        assert_eq!(waiting["recipient_registration"], Value::Null, "nothing is registered before it is consented to");
        let inbox = format!("/v1/inbox/{}", id(&waiting));

        let (_, list) = town.get("/v1/inbox?state=announced").await;
        assert_eq!(list["items"].as_array().map(Vec::len), Some(1));
        let (_, shown) = town.get(&inbox).await;
        assert_eq!((&shown["acceptance_required"], &shown["parts"][0]["href"]), (&json!(true), &Value::Null));
        let part = format!("/v1/messages/{message}/parts/scrisoare.json");
        let (status, problem) = town.get(&part).await;
        assert_eq!((status.as_u16(), &problem["code"]), (409, &json!("state-conflict")));
        let (status, _) = town.post(&format!("{inbox}/accept"), "early", &json!({})).await;
        assert_eq!(status, 409, "what was not consented to cannot be taken");

        let (status, consented) = town.post(&format!("{inbox}/consent"), "c", &json!({})).await;
        assert_eq!((status.as_u16(), &consented["state"]), (200, &json!("consigned")));
        assert_eq!(consented["recipient_registration"]["number"], "1");
        let (status, again) = town.post(&format!("{inbox}/consent"), "c", &json!({})).await;
        assert_eq!((status.as_u16(), &again), (200, &consented), "consenting twice answers the same");
        assert!(!town.bytes(&part).await.is_empty());
        town.bytes(&part).await;
        let (status, _) = town.post(&format!("{inbox}/accept"), "a", &json!({})).await;
        assert_eq!(status, 200);
        assert_eq!(
            events(&commune, &message).await,
            [
                "SubmissionAcceptance",
                "NotificationForAcceptance",
                "NotificationAccessTracking",
                "ConsignmentAcceptance",
                "ContentConsignment",
                "ContentAccessTracking",
                "ContentHandover",
            ]
        );
        hub.stop().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_recipient_that_does_not_want_it_or_does_not_answer_never_sees_the_content() {
    for database in Database::all() {
        let hub = TestHub::start(database).await;
        let (commune, town) = (hub.client(SENDER), hub.client(HUB_TOWN));
        let message = sent(&commune, "unwanted", &asked(&[HUB_TOWN])).await;
        let waiting = commune.wait_for_delivery(&message, HUB_TOWN, "announced").await;
        let reject = format!("/v1/inbox/{}/reject", id(&waiting));
        let (status, _) = town.post(&reject, "r", &json!({"reason": "nu este de competența noastră"})).await;
        assert_eq!(status, 200);
        commune.wait_for_delivery(&message, HUB_TOWN, "refused").await;
        let chain = ["SubmissionAcceptance", "NotificationForAcceptance", "ConsignmentRejection"];
        assert_eq!(events(&commune, &message).await, chain);
        let (status, _) = town.get(&format!("/v1/messages/{message}/parts/scrisoare.json")).await;
        assert_eq!(status, 409, "a refused document stays closed");
        hub.stop().await;

        let hub = TestHub::start_with(database, |config| config.inbox_days = 0).await;
        let commune = hub.client(SENDER);
        let message = sent(&commune, "silent", &asked(&[HUB_TOWN])).await;
        commune.wait_for_delivery(&message, HUB_TOWN, "expired").await;
        let chain = ["SubmissionAcceptance", "NotificationForAcceptance", "AcceptanceRejectionExpiry"];
        assert_eq!(events(&commune, &message).await, chain);
        hub.stop().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_recipient_with_a_channel_for_notices_is_told_and_that_is_proved() {
    for database in Database::all() {
        let hub = hub_where(database, HUB_TOWN, "notify = 'notices'").await;
        let commune = hub.client(SENDER);
        let message = sent(&commune, "told", &letter(&[HUB_TOWN], "fără acceptare")).await;
        commune.wait_for(&message, |seen| delivery(seen, HUB_TOWN)["attempts"] == 1).await;
        let chain = ["SubmissionAcceptance", "ContentConsignment", "ConsignmentNotification", "NotificationDelivered"];
        assert_eq!(events(&commune, &message).await, chain);
        let message = sent(&commune, "asked", &asked(&[HUB_TOWN])).await;
        let seen = commune.wait_for_delivery(&message, HUB_TOWN, "announced").await;
        assert_eq!(seen["attempt_list"][0]["act"], "notify");
        let chain = ["SubmissionAcceptance", "NotificationForAcceptance", "NotificationDelivered"];
        assert_eq!(events(&commune, &message).await, chain);
        let told: Vec<Value> = hub.town_hall.received().into_iter().map(|event| event.event["type"].clone()).collect();
        assert_eq!(told, ["document.available", "document.announced"]);
        hub.stop().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_recipient_that_cannot_be_told_is_said_to_be_untold_and_may_still_answer() {
    for database in Database::all() {
        let hub = hub_where(database, HUB_TOWN, "notify = 'deaf'").await;
        let (commune, town) = (hub.client(SENDER), hub.client(HUB_TOWN));
        let message = sent(&commune, "untold", &asked(&[HUB_TOWN])).await;
        let waiting = commune.wait_for_delivery(&message, HUB_TOWN, "announced").await;
        let failure = verified(&hub, &commune, &message, "NotificationForAcceptanceFailure").await;
        assert_eq!(failure["evidence"]["reasons"][0][1], "RC05");
        let (status, _) = town.post(&format!("/v1/inbox/{}/consent", id(&waiting)), "c", &json!({})).await;
        assert_eq!(status, 200);
        let chain = [
            "SubmissionAcceptance",
            "NotificationForAcceptanceFailure",
            "NotificationForAcceptance",
            "ConsignmentAcceptance",
            "ContentConsignment",
        ];
        assert_eq!(events(&commune, &message).await, chain);
        let message = sent(&commune, "available", &letter(&[HUB_TOWN], "fără acceptare")).await;
        commune.wait_for(&message, |seen| delivery(seen, HUB_TOWN)["attempts"].as_i64() > Some(1)).await;
        hub.wait_for_number(
            "select cast(count(*) as bigint) as number from evidence where event = 'ConsignmentNotificationFailure'",
            1,
        )
        .await;
        hub.stop().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_delegate_sends_and_receives_in_anothers_name_and_evidence_says_so() {
    for database in Database::all() {
        let hub = hub_where(database, HUB_TOWN, &format!("delegate = '{SENDER}'")).await;
        let (delegate, stranger) = (hub.client(SENDER), hub.client(WEBHOOK_TOWN));
        let mut document = letter(&[INBOX_TOWN], "în numele orașului");
        document["envelope"]["on_behalf_of"] = HUB_TOWN.into();
        let message = sent(&delegate, "for-another", &document).await;
        let taken = verified(&hub, &delegate, &message, "SubmissionAcceptance").await;
        assert_eq!(taken["evidence"]["sender"]["id"], HUB_TOWN);
        let chain = delegate.chain(&message).await;
        let xml = chain[0]["document"].as_str().unwrap();
        assert!(xml.contains("<erds:SenderDelegateDetails>") && xml.contains(SENDER), "{xml}");
        let (status, problem) = stranger.post("/v1/messages", "not-mine", &document).await;
        assert_eq!((status.as_u16(), &problem["code"]), (403, &json!("forbidden")));
        delegate.wait_for_delivery(&message, INBOX_TOWN, "consigned").await;

        let message = sent(&delegate, "to-another", &letter(&[HUB_TOWN], "către oraș")).await;
        let waiting = delegate.wait_for_delivery(&message, HUB_TOWN, "consigned").await;
        let (_, list) = delegate.get(&format!("/v1/inbox?party={HUB_TOWN}")).await;
        assert_eq!(list["items"][0]["delivery_id"], waiting["id"]);
        let (status, _) = stranger.get(&format!("/v1/inbox?party={HUB_TOWN}")).await;
        assert_eq!(status, 403);
        let (status, _) = delegate.post(&format!("/v1/inbox/{}/accept", id(&waiting)), "a", &json!({})).await;
        assert_eq!(status, 200);
        let handed = verified(&hub, &delegate, &message, "ContentHandover").await;
        assert_eq!(handed["evidence"]["reasons"][0][1], "RE02");
        let chain = delegate.chain(&message).await;
        let xml = chain.last().unwrap()["document"].as_str().unwrap();
        assert!(xml.contains("<DelegatingRecipients>1</DelegatingRecipients>"), "{xml}");
        hub.stop().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_goes_to_a_party_without_an_account_leaves_registered_delivery() {
    for database in Database::all() {
        let hub = hub_where(database, WEBHOOK_TOWN, "external = true").await;
        let commune = hub.client(SENDER);
        let message = sent(&commune, "outside", &letter(&[WEBHOOK_TOWN], "în afară")).await;
        commune.wait_for_delivery(&message, WEBHOOK_TOWN, "left").await;
        assert_eq!(events(&commune, &message).await, ["SubmissionAcceptance", "RelayToNonERDS"]);
        let left = commune.chain(&message).await;
        let xml = left[1]["document"].as_str().unwrap();
        assert!(xml.contains("<ForwardedToExternalSystem>webhook</ForwardedToExternalSystem>"), "{xml}");
        commune.wait_for(&message, |seen| seen["state"] == "completed").await;

        // A system outside that fails leaves a failure of its own kind.
        hub.town_hall.faults.plan(Fault { times: 50, ..Fault::once(FaultKind::TooManyRequests) });
        let message = sent(&commune, "outside-in-vain", &letter(&[WEBHOOK_TOWN], "în zadar")).await;
        commune.wait_for(&message, |seen| seen["state"] == "completed").await;
        assert_eq!(events(&commune, &message).await, ["SubmissionAcceptance", "RelayToNonERDSFailure"]);
        hub.stop().await;
    }
}

/// A carrier: it takes everything, and does not know what becomes of it.
struct Carrier;

impl Engine for Carrier {
    fn name(&self) -> &'static str {
        "mail"
    }

    fn outbound(&self, _manifest: &Manifest, _channel: Channel) -> Result<Arc<dyn Outbound>, ManifestError> {
        Ok(Arc::new(Self))
    }
}

#[async_trait]
impl Outbound for Carrier {
    fn side_effect(&self) -> SideEffect {
        SideEffect::Once
    }

    fn leaves_registered_delivery(&self) -> bool {
        true
    }

    async fn deliver(&self, _consignment: &Consignment) -> Attempt {
        Attempt { outcome: Outcome::Delivered { receipt: None }, exchange: Exchange::default() }
    }

    async fn inquire(&self, _consignment: &Consignment) -> Inquiry {
        Inquiry::Unanswered { reason: "nu se poate întreba".to_owned(), retry_after: None }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_a_mail_server_took_is_not_attested_as_handed_over_whatever_the_directory_says_of_the_party() {
    for database in Database::all() {
        let engines = || -> Vec<Box<dyn Engine>> { vec![Box::new(Carrier)] };
        let hub = TestHub::start_among(database, Box::new(engines), |config| {
            county::change(config, |directory| directory.replace("system = 'webhook'", "system = 'primarie-posta'"));
        })
        .await;
        let commune = hub.client(SENDER);
        let message = sent(&commune, "by-mail", &letter(&[WEBHOOK_TOWN], "prin e-mail")).await;
        commune.wait_for_delivery(&message, WEBHOOK_TOWN, "left").await;
        assert_eq!(events(&commune, &message).await, ["SubmissionAcceptance", "RelayToNonERDS"]);
        hub.stop().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_came_from_outside_is_said_to_have_no_trusted_origin() {
    for database in Database::all() {
        let hub = TestHub::start(database).await;
        let commune = hub.client(SENDER);
        let mut document = letter(&[HUB_TOWN], "venit prin poștă");
        document["envelope"]["origin"] = json!({"system": "poșta", "sender": "Asociația Inventată"});
        let message = sent(&commune, "from-outside", &document).await;
        commune.wait_for_delivery(&message, HUB_TOWN, "consigned").await;
        let chain = ["SubmissionAcceptance", "ReceivedFromNonERDS", "ContentConsignment"];
        assert_eq!(events(&commune, &message).await, chain);
        let received = verified(&hub, &commune, &message, "ReceivedFromNonERDS").await;
        let sender = &received["evidence"]["sender"];
        assert_eq!((&sender["id"], &sender["name"]), (&json!("Asociația Inventată"), &Value::Null));
        assert_eq!((&sender["scheme"], &sender["assurance"]), (&json!("urn:punte:party:outside"), &Value::Null));
        let town = hub.client(HUB_TOWN);
        assert_eq!(events(&town, &message).await, chain, "the recipient is its target");
        hub.stop().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_full_inbox_and_a_system_that_cannot_be_asked_take_nothing() {
    for database in Database::all() {
        let hub = hub_where(database, HUB_TOWN, "inbox_quota = 1").await;
        let commune = hub.client(SENDER);
        let first = sent(&commune, "first", &letter(&[HUB_TOWN], "încape")).await;
        commune.wait_for_delivery(&first, HUB_TOWN, "consigned").await;
        let second = sent(&commune, "second", &letter(&[HUB_TOWN], "nu mai încape")).await;
        commune.wait_for_delivery(&second, HUB_TOWN, "not_consigned").await;
        let failure = verified(&hub, &commune, &second, "ContentConsignmentFailure").await;
        assert_eq!(failure["evidence"]["reasons"][0][1], "RD04");

        let mut envelope = inquiry_envelope(&[DIRECTORATE]);
        envelope["consignment"] = "consent".into();
        let (_, receipt) = commune.send("system", &envelope, &inquiry_parts()).await;
        let message = receipt["message_id"].as_str().unwrap();
        commune.wait_for_delivery(message, DIRECTORATE, "not_consigned").await;
        let failure = verified(&hub, &commune, message, "ContentConsignmentFailure").await;
        assert_eq!(failure["evidence"]["reasons"][0][1], "RD06");
        hub.stop().await;
    }
}
