//! Two hubs, four corners: a document goes from a sender at one to a recipient at the other, with evidence both ways.

use serde_json::json;
use tests::Hubs;
use tests::client::delivery;
use tests::county::{HUB_TOWN, INBOX_TOWN, SENDER};
use tests::documents::letter;
use tests::hubs::{Wire, chain, expected, pairs, sent, verify, wait_for_event, waiting};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_letter_reaches_a_town_of_another_hub_with_evidence_of_both_on_both_sides() {
    for (here, there) in pairs() {
        let hubs = Hubs::start(here, there).await;
        let commune = hubs.sender.client(SENDER);
        let message = sent(&commune, "far", &letter(&["departe-registru"], "peste două huburi")).await;
        let relayed = commune.wait_for_delivery(&message, "departe-registru", "relayed").await;
        assert!(relayed["due_at"].is_string(), "what is relayed has a moment at which silence ends it");

        // There it waits in the inbox, named as its own hub named it.
        let town = hubs.other.client(INBOX_TOWN);
        let (delivery, local) = waiting(&town, "consigned").await;
        let (_, document) = town.get(&format!("/v1/inbox/{delivery}")).await;
        assert_eq!(document["sender"], SENDER);
        assert_eq!(document["sender_name"], "Comuna Șișești");
        assert_eq!(document["sender_registration"]["number"], "1");
        assert_eq!(document["relayed_by"]["message_identifier"], message.as_str());
        let content = town.bytes(document["parts"][0]["href"].as_str().unwrap()).await;
        let (_, seen) = commune.get(&format!("/v1/messages/{message}")).await;
        assert_eq!(seen["parts"][0]["sha256"], hex::encode(openssl::sha::sha256(&content)), "byte for byte");
        wait_for_event(&commune, &message, "ContentConsignment").await;

        // The town takes it under its own number, which the sender learns.
        let number = json!({"registration": {"number": "77/R", "date": "2026-11-22"}});
        let (status, _) = town.post(&format!("/v1/inbox/{delivery}/accept"), "a", &number).await;
        assert_eq!(status, 200);
        let handed = commune.wait_for_delivery(&message, "departe-registru", "handed_over").await;
        assert_eq!(handed["recipient_registration"]["number"], "77/R");
        commune.wait_for(&message, |seen| seen["state"] == "completed").await;

        let both = [
            ("SubmissionAcceptance", "A"),
            ("RelayAcceptance", "B"),
            ("ContentConsignment", "B"),
            ("ContentAccessTracking", "B"),
            ("ContentHandover", "B"),
        ];
        assert_eq!(chain(&commune, &message).await, expected(&both));
        assert_eq!(chain(&town, &local).await, expected(&both));
        let sides = [verify(&hubs, &commune, &message).await, verify(&hubs, &town, &local).await];
        assert_eq!(sides[0], sides[1], "both sides hold the same evidence");
        for evidence in &sides[0] {
            assert_eq!(evidence["message_id"], message.as_str());
            assert_eq!(evidence["sender_registration"]["number"], "1");
            assert_eq!(evidence["sender"]["name"], "Comuna Șișești");
        }
        assert_eq!(sides[0].last().unwrap()["recipient_registration"]["number"], "77/R");
        let (_, register) = commune.get("/v1/registers/general/entries").await;
        assert_eq!(register["entries"][0]["number"], 1);
        hubs.stop().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_other_hub_keeps_its_towns_register_and_asks_them_first_where_that_is_wanted() {
    for (here, there) in pairs() {
        let hubs = Hubs::start(here, there).await;
        let commune = hubs.sender.client(SENDER);
        let mut asked = letter(&["departe-hub"], "cu acceptare");
        asked["envelope"]["consignment"] = "consent".into();
        let message = sent(&commune, "asked", &asked).await;
        wait_for_event(&commune, &message, "NotificationForAcceptance").await;
        let town = hubs.other.client(HUB_TOWN);
        let (delivery, local) = waiting(&town, "announced").await;
        let (status, _) = town.post(&format!("/v1/inbox/{delivery}/consent"), "c", &json!({})).await;
        assert_eq!(status, 200);
        let (status, _) = town.post(&format!("/v1/inbox/{delivery}/accept"), "a", &json!({})).await;
        assert_eq!(status, 200);
        let handed = commune.wait_for_delivery(&message, "departe-hub", "handed_over").await;
        assert_eq!(handed["recipient_registration"]["number"], "1");
        let both = [
            ("SubmissionAcceptance", "A"),
            ("RelayAcceptance", "B"),
            ("NotificationForAcceptance", "B"),
            ("ConsignmentAcceptance", "B"),
            ("ContentConsignment", "B"),
            ("ContentHandover", "B"),
        ];
        assert_eq!(chain(&commune, &message).await, expected(&both));
        assert_eq!(chain(&town, &local).await, expected(&both));
        let (_, register) = town.get("/v1/registers/general/entries").await;
        assert_eq!(register["entries"][0]["counterpart"], "Comuna Șișești, prin hub-other");
        assert_eq!(register["entries"][0]["counterpart_registration"]["number"], "1");
        hubs.stop().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_hub_that_is_down_gets_the_letter_when_it_is_up_again_and_one_that_stays_down_is_reported() {
    for (here, there) in pairs() {
        let mut hubs = Hubs::start_with((here, |config| config.retry.give_up_after = 4.0), (there, |_| ())).await;
        let commune = hubs.sender.client(SENDER);
        hubs.other.close().await;
        let message = sent(&commune, "later", &letter(&["departe-hub"], "mai târziu")).await;
        let waits = commune.wait_for_delivery(&message, "departe-hub", "waiting").await;
        assert!(waits["due_at"].is_string());
        hubs.other.up().await;
        wait_for_event(&commune, &message, "ContentConsignment").await;
        hubs.other.close().await;
        let message = sent(&commune, "never", &letter(&["departe-hub"], "niciodată")).await;
        commune.wait_for_delivery(&message, "departe-hub", "failed").await;
        let both = [("SubmissionAcceptance", "A"), ("RelayFailure", "A")];
        assert_eq!(chain(&commune, &message).await, expected(&both));
        let verdicts = verify(&hubs, &commune, &message).await;
        assert_eq!(verdicts[1]["reasons"][0][1], "RB09");
        commune.wait_for(&message, |seen| seen["state"] == "completed").await;
        hubs.other.up().await;
        hubs.stop().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_answer_that_is_lost_is_asked_for_and_the_letter_arrives_once() {
    for (here, there) in pairs() {
        let hubs = Hubs::start(here, there).await;
        let commune = hubs.sender.client(SENDER);
        hubs.line.set(Wire::LosesAnswer);
        let message = sent(&commune, "lost", &letter(&["departe-hub"], "cu răspuns pierdut")).await;
        commune
            .wait_for(&message, |seen| {
                delivery(seen, "departe-hub")["attempt_list"].as_array().is_some_and(|all| all.len() > 1)
            })
            .await;
        hubs.line.set(Wire::Whole);
        commune.wait_for_delivery(&message, "departe-hub", "relayed").await;
        wait_for_event(&commune, &message, "ContentConsignment").await;
        let carried = hubs.line.carried();
        assert!(carried.len() > 2, "it was sent more than once");
        assert_eq!(carried[0].status, 201);
        assert!(carried[1..].iter().all(|one| one.status == 200 && one.answer == carried[0].answer), "one answer");
        assert_eq!(hubs.other.number("select cast(count(*) as bigint) as number from message").await, 1);
        assert_eq!(chain(&commune, &message).await.len(), 3);
        hubs.stop().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn silence_is_reported_in_time_and_late_evidence_is_kept_beside_the_report() {
    for (here, there) in pairs() {
        let hubs = Hubs::start_with((here, |config| config.relay.first_word = 1), (there, |_| ())).await;
        let commune = hubs.sender.client(SENDER);
        hubs.back.set(Wire::Answers(503, String::new()));
        let message = sent(&commune, "silent", &letter(&["departe-hub"], "fără veste")).await;
        commune.wait_for_delivery(&message, "departe-hub", "silent").await;
        commune.wait_for(&message, |seen| seen["state"] == "completed").await;
        let before = [("SubmissionAcceptance", "A"), ("RelayAcceptance", "B"), ("ContentConsignmentFailure", "A")];
        assert_eq!(chain(&commune, &message).await, expected(&before));
        assert_eq!(verify(&hubs, &commune, &message).await[2]["reasons"][0][1], "RD03");

        hubs.back.set(Wire::Whole);
        wait_for_event(&commune, &message, "ContentConsignment").await;
        let town = hubs.other.client(HUB_TOWN);
        let (item, _) = waiting(&town, "consigned").await;
        town.post(&format!("/v1/inbox/{item}/accept"), "a", &json!({})).await;
        let handed = commune.wait_for_delivery(&message, "departe-hub", "handed_over").await;
        assert_eq!(handed["recipient_registration"]["number"], "1");
        let after = [&before[..], &[("ContentConsignment", "B"), ("ContentHandover", "B")]].concat();
        assert_eq!(chain(&commune, &message).await, expected(&after), "nothing is overwritten");
        verify(&hubs, &commune, &message).await;
        hubs.stop().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_answer_that_is_not_the_partners_word_about_this_letter_is_no_answer() {
    for (here, there) in pairs() {
        let hubs = Hubs::start_with((here, |config| config.retry.give_up_after = 3.0), (there, |_| ())).await;
        let commune = hubs.sender.client(SENDER);
        let first = sent(&commune, "first", &letter(&["departe-hub"], "prima")).await;
        commune.wait_for_delivery(&first, "departe-hub", "relayed").await;
        let acceptance = hubs.line.carried()[0].answer.clone();

        // The acceptance of another letter, well sealed: no acceptance of this one.
        hubs.line.set(Wire::Answers(201, acceptance.clone()));
        let replayed = sent(&commune, "replayed", &letter(&["departe-hub"], "a doua")).await;
        commune.wait_for_delivery(&replayed, "departe-hub", "failed").await;
        assert_eq!(verify(&hubs, &commune, &replayed).await[1]["reasons"][0][1], "RB22");
        // A changed one, and one sealed by the sending hub itself: not from the partner at all.
        let own = commune.chain(&first).await[0]["document"].as_str().unwrap().to_owned();
        let changed = acceptance.replacen("Hub B", "Hub C", 1);
        for (key, forged) in [("changed", changed), ("own", own)] {
            hubs.line.set(Wire::Answers(201, forged));
            let message = sent(&commune, key, &letter(&["departe-hub"], key)).await;
            commune.wait_for_delivery(&message, "departe-hub", "failed").await;
            assert_eq!(verify(&hubs, &commune, &message).await[1]["reasons"][0][1], "RB08");
        }
        // A doubtful answer is asked for again, and the right one is believed.
        let message = sent(&commune, "doubted", &letter(&["departe-hub"], "cu îndoială")).await;
        commune.wait_for_delivery(&message, "departe-hub", "waiting").await;
        hubs.line.set(Wire::Whole);
        commune.wait_for_delivery(&message, "departe-hub", "relayed").await;
        wait_for_event(&commune, &message, "ContentConsignment").await;
        wait_for_event(&commune, &first, "ContentConsignment").await;
        hubs.stop().await;
    }
}
