//! What the hub promises for every connector: quotas, breakers, dead letters and their replay, through the real door.

use std::path::PathBuf;
use std::time::Duration;

use hub_flow::calls::{self, Admission, Call, Place};
use hub_flow::hub::Hub;
use hub_server::config::Config;
use hub_server::listen;
use openssl::sha::sha256;
use sandbox::{Fault, FaultKind};
use serde_json::{Value, json};
use tests::client::{GLANCE, ask, delivery};
use tests::county::{self, DIRECTORATE, SENDER, key};
use tests::documents::letter;
use tests::people::approved_by_two;
use tests::systems::changed_esocial;
use tests::{Client, Database, TestHub};

/// Those who run the hub.
const OPERATOR: &str = "operator-hub";

/// A hub with an operator, whose eSocial has a changed manifest.
async fn hub(database: Database, changes: &[(&str, &str)], change: impl FnOnce(&mut Config)) -> TestHub {
    TestHub::start_with(database, |config| {
        let folder: PathBuf = config.data.parent().unwrap().to_owned();
        config.systems.push(changed_esocial(&folder, changes));
        let hash = hex::encode(sha256(key(OPERATOR).as_bytes()));
        county::change(config, |directory| {
            directory
                + &format!(
                    "[[party]]\nid = '{OPERATOR}'\nname = 'Operatorul hubului'\nkind = 'operator'\n\
                     [[system]]\nid = 'system-operator'\nparty = '{OPERATOR}'\nkey_sha256 = '{hash}'\noperator = true\n"
                )
        });
        change(config);
    })
    .await
}

async fn sent(hub: &TestHub, number: usize) -> String {
    let client = hub.client(SENDER);
    let document = letter(&[DIRECTORATE], &format!("scrisoarea {number}"));
    let (status, receipt) = client.post("/v1/messages", &format!("letter-{number}"), &document).await;
    assert_eq!(status, 201, "{receipt:#}");
    receipt["message_id"].as_str().unwrap().to_owned()
}

/// The eSocial of `GET /v1/systems`, as those who run the hub see it.
async fn esocial(client: &Client) -> Value {
    let (status, systems) = client.get("/v1/systems").await;
    assert_eq!(status, 200, "{systems:#}");
    let all = systems["systems"].as_array().unwrap();
    all.iter().find(|one| one["system"] == "esocial").unwrap().clone()
}

async fn wait_for_state(hub: &TestHub, state: &str) -> Value {
    for _ in 0..600 {
        let system = esocial(&hub.client(OPERATOR)).await;
        if system["places"][0]["state"] == state {
            return system;
        }
        tokio::time::sleep(GLANCE).await;
    }
    panic!("eSocial does not become {state}");
}

/// So many callers at once; answers how many were admitted.
async fn callers(hub: &Hub, address: &str, count: usize) -> usize {
    let place = Place::new("esocial", Some(address));
    let ask = || async {
        let call = Call { place: &place, operation: None, message: None, subjects: &[] };
        matches!(calls::admit(hub, &call).await.unwrap(), Admission::Admitted)
    };
    let answers = futures_util::future::join_all((0..count).map(|_| ask())).await;
    answers.into_iter().filter(|admitted| *admitted).count()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_a_thousand_callers_exactly_as_many_are_admitted_as_the_quota_says_on_all_nodes_and_across_a_restart() {
    Database::each(async |database| {
        let mut hub = hub(database, &[("600/min", "100/h")], |_| ()).await;
        let address = hub.esocial.url();
        let admitted = if database == Database::Postgres {
            // A node of the same hub: the same seal, the same key of the log.
            let other = listen::start(&hub.config).await.unwrap();
            let (one, two) =
                tokio::join!(callers(&hub.running().hub, &address, 500), callers(&other.hub, &address, 500));
            other.stop().await;
            one + two
        } else {
            callers(&hub.running().hub, &address, 1_000).await
        };
        assert_eq!(admitted, 100);
        hub.restart().await;
        assert_eq!(callers(&hub.running().hub, &address, 100).await, 0, "the quota was forgotten at the restart");
        assert_eq!(callers(&hub.running().hub, "http://elsewhere.invalid", 120).await, 100, "each address has its own");
        hub.stop().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_delivery_beyond_the_quota_waits_with_its_reason_and_counts_no_attempt() {
    Database::each(async |database| {
        let mut hub = hub(database, &[("600/min", "2/day")], |_| ()).await;
        let commune = hub.client(SENDER);
        for number in 0..2 {
            let message = sent(&hub, number).await;
            commune.wait_for_delivery(&message, DIRECTORATE, "handed_over").await;
        }
        let message = sent(&hub, 2).await;
        let held = commune.wait_for_delivery(&message, DIRECTORATE, "waiting").await;
        let reason = held["reason"].as_str().unwrap();
        assert_eq!(reason, "cota eSocial: cazuri de evaluare de 2 apeluri pe zi s-a încheiat; se reia la 00:00");
        assert_eq!((held["attempts"].as_i64(), held["attempt_list"].as_array().unwrap().len()), (Some(0), 0));
        let system = esocial(&hub.client(OPERATOR)).await;
        assert_eq!(system["places"][0]["quotas"][0]["rate"], "2/day");
        assert_eq!(system["places"][0]["quotas"][0]["left"], 0, "{system:#}");
        hub.restart().await;
        let held = hub.client(SENDER).wait_for_delivery(&message, DIRECTORATE, "waiting").await;
        assert_eq!(held["attempts"], 0, "{held:#}");
        assert_eq!(hub.esocial.received().len(), 2);
        hub.close().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_system_that_does_not_answer_is_left_alone_and_used_again_when_it_answers() {
    Database::each(async |database| {
        let hub = hub(database, &[], |config| {
            config.breaker.failures = 3.try_into().unwrap();
            config.retry.first_pause = 0.01;
            config.retry.longest_pause = 0.02;
            config.breaker.first_pause = 0.5;
            config.breaker.longest_pause = 0.5;
        })
        .await;
        let began = std::time::Instant::now();
        hub.esocial.faults.down(Duration::from_secs(600)).await;
        let first = sent(&hub, 0).await;
        let open = wait_for_state(&hub, "open").await;
        assert!(open["places"][0]["reason"].is_string() && open["places"][0]["next_trial_at"].is_string(), "{open:#}");
        assert!(open["places"][0]["address"].is_string(), "{open:#}");
        // Whoever comes while it is open waits without an attempt, unless it is the one that tries.
        let second = sent(&hub, 1).await;
        let held = |message: &Value| {
            let one = delivery(message, DIRECTORATE);
            one["state"] == "waiting" && one["reason"].as_str().is_some_and(|reason| reason.contains("nu răspunde"))
        };
        hub.client(SENDER).wait_for(&second, held).await;
        hub.esocial.faults.up().await;
        let trials = i64::try_from(began.elapsed().as_millis()).unwrap() / 500;
        for message in [&first, &second] {
            let ended = hub.client(SENDER).wait_for_delivery(message, DIRECTORATE, "handed_over").await;
            // Three to open it, then at most one each half second, and the last: fifty a second without a breaker.
            assert!(ended["attempts"].as_i64().unwrap() <= 3 + trials + 2, "{ended:#}");
        }
        let closed = wait_for_state(&hub, "closed").await;
        assert_eq!(closed["places"][0]["failures"], 0, "{closed:#}");
        let metrics = String::from_utf8(hub.client(SENDER).bytes("/metrics").await).unwrap();
        assert!(metrics.contains("punte_system_open{system=\"esocial\"} 0"), "{metrics}");
        hub.stop().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_person_who_knows_better_resumes_a_system_and_what_waits_goes_at_once() {
    Database::each(async |database| {
        let mut hub = hub(database, &[], |config| {
            config.breaker.failures = 2.try_into().unwrap();
            config.breaker.first_pause = 3_600.0;
            config.breaker.longest_pause = 3_600.0;
        })
        .await;
        hub.esocial.faults.plan(Fault { times: 2, retry_after_s: 0, ..Fault::once(FaultKind::TooManyRequests) });
        let message = sent(&hub, 0).await;
        wait_for_state(&hub, "open").await;
        // It survives a restart: the system is not stormed because the hub was started anew.
        hub.restart().await;
        let open = wait_for_state(&hub, "open").await;
        assert_eq!(open["places"][0]["failures"], 2, "{open:#}");
        let (status, refused) = hub.client(SENDER).post("/v1/systems/esocial/resume", "-", &json!({})).await;
        assert_eq!((status.as_u16(), &refused["code"]), (403, &json!("forbidden")));
        let operator = hub.client(OPERATOR);
        let (status, _) = operator.post("/v1/systems/nothing/resume", "-", &json!({})).await;
        assert_eq!(status, 404);
        let (status, resumed) = operator.post("/v1/systems/esocial/resume", "-", &json!({})).await;
        assert_eq!((status.as_u16(), &resumed["was_open"]), (200, &json!(true)), "{resumed:#}");
        hub.client(SENDER).wait_for_delivery(&message, DIRECTORATE, "handed_over").await;
        hub.stop().await;
    })
    .await;
}

/// The dead letter of a message, as a caller sees it.
async fn dead_letter(client: &Client, message: &str) -> Value {
    let (status, letters) = client.get("/v1/dead-letters").await;
    assert_eq!(status, 200, "{letters:#}");
    let items = letters["items"].as_array().unwrap();
    items.iter().find(|one| one["message_id"] == message).unwrap_or_else(|| panic!("{letters:#}")).clone()
}

async fn act(client: &Client, letter: &Value, act: &str, body: Value) -> (u16, Value) {
    let path = format!("/v1/dead-letters/{}/{act}", letter["delivery_id"].as_str().unwrap());
    let (status, answer) = client.post(&path, "-", &body).await;
    (status.as_u16(), answer)
}

/// A hub that gives up soon and has no breaker in the way.
async fn hasty(database: Database, changes: &[(&str, &str)]) -> TestHub {
    hub(database, changes, |config| {
        config.retry.give_up_after = 1.5;
        config.breaker.failures = 1_000.try_into().unwrap();
    })
    .await
}

fn lost_for_good(hub: &TestHub) {
    hub.esocial.faults.plan(Fault::once(FaultKind::CutConnectionAfterStoring));
    for fault in [Fault::once(FaultKind::TooManyRequests), Fault::once(FaultKind::ServerError).at_inquiry()] {
        hub.esocial.faults.plan(Fault { times: 1_000, retry_after_s: 0, ..fault });
    }
}

/// Outcomes of the attempts, and the newest evidence, of a delivery that was replayed into a new message.
async fn replayed(hub: &TestHub, receipt: &Value) -> (Vec<(String, String)>, String) {
    let message = receipt["message_id"].as_str().unwrap();
    let commune = hub.client(SENDER);
    let ended = commune.wait_for_delivery(message, DIRECTORATE, "handed_over").await;
    let word = |one: &Value, name: &str| one[name].as_str().unwrap().to_owned();
    let list = ended["attempt_list"].as_array().unwrap();
    let acts = list.iter().map(|one| (word(one, "act"), word(one, "outcome"))).collect();
    let chain = commune.chain(message).await;
    let last = chain.last().unwrap();
    let verdict = hub.verified(last["document"].as_str().unwrap());
    (acts, verdict["evidence"]["event"].as_str().unwrap().to_owned())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_dead_letter_of_a_queryable_system_is_asked_for_before_it_is_sent_again() {
    Database::each(async |database| {
        let hub = hasty(database, &[("50/day", "5000/day")]).await;
        let commune = hub.client(SENDER);
        lost_for_good(&hub);
        let message = sent(&hub, 0).await;
        commune.wait_for_delivery(&message, DIRECTORATE, "failed").await;
        let letter = dead_letter(&commune, &message).await;
        assert_eq!((&letter["kind"], &letter["owner"]), (&json!("exhausted"), &json!(SENDER)), "{letter:#}");
        assert_eq!((&letter["next_act"], &letter["side_effect"]), (&json!("replay"), &json!("queryable")));
        assert!(letter["reason"].is_string());
        hub.esocial.faults.clear();
        let (status, receipt) = act(&hub.client(OPERATOR), &letter, "replay", json!({})).await;
        assert_eq!((status, &receipt["code"]), (403, &json!("forbidden")), "a new message is its sender's to send");
        let (status, _) = act(&hub.client(DIRECTORATE), &letter, "replay", json!({})).await;
        assert_eq!(status, 404, "nobody else sees it");
        let (status, receipt) = act(&commune, &letter, "replay", json!({})).await;
        assert_eq!(status, 201, "{receipt:#}");
        let (status, again) = act(&commune, &letter, "replay", json!({})).await;
        assert_eq!((status, &again["message_id"]), (200, &receipt["message_id"]), "asked twice, sent once");
        let (acts, event) = replayed(&hub, &receipt).await;
        assert_eq!(acts, [("inquire".to_owned(), "delivered".to_owned())]);
        assert_eq!(event, "ContentHandover");
        assert_eq!(hub.esocial.received().iter().map(|case| case.stored).collect::<Vec<_>>(), [1]);
        // What was attested of the first stays as it was; the second refers to it.
        let chain = commune.chain(&message).await;
        assert_eq!(chain.last().unwrap()["event"], "ContentHandoverFailure");
        let (_, letters) = commune.get("/v1/dead-letters?closed=true").await;
        let closed = &letters["items"][0];
        assert_eq!(closed["replaced_by"], receipt["message_id"], "{closed:#}");
        let told: Vec<_> = closed["acts"].as_array().unwrap().iter().map(|one| one["act"].as_str().unwrap()).collect();
        assert_eq!(told, ["parked", "replayed", "ended"]);
        let (_, open) = commune.get("/v1/dead-letters").await;
        assert_eq!(open["items"].as_array().unwrap().len(), 0);
        hub.stop().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_dead_letter_of_a_repeatable_system_is_sent_again_under_the_same_key() {
    Database::each(async |database| {
        let changes = [("50/day", "5000/day"), ("side_effect = \"queryable\"", "side_effect = \"repeatable\"")];
        let hub = hasty(database, &changes).await;
        let commune = hub.client(SENDER);
        lost_for_good(&hub);
        let message = sent(&hub, 0).await;
        commune.wait_for_delivery(&message, DIRECTORATE, "failed").await;
        hub.esocial.faults.clear();
        let letter = dead_letter(&commune, &message).await;
        let (status, receipt) = act(&commune, &letter, "replay", json!({})).await;
        assert_eq!(status, 201, "{receipt:#}");
        let (acts, event) = replayed(&hub, &receipt).await;
        assert_eq!((acts, event.as_str()), (vec![("deliver".into(), "delivered".into())], "ContentHandover"));
        let cases: Vec<_> = hub.esocial.received().iter().map(|case| (case.received, case.stored)).collect();
        assert_eq!(cases, [(2, 1)], "one case, sent twice");
        hub.stop().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_lost_answer_of_a_system_that_can_neither_be_asked_nor_sent_to_again_waits_for_a_person() {
    Database::each(async |database| {
        let changes = [("side_effect = \"queryable\"", "side_effect = \"once\"")];
        let hub = hub(database, &changes, |_| ()).await;
        let (commune, operator) = (hub.client(SENDER), hub.client(OPERATOR));
        let mut lost = Vec::new();
        for (number, fault) in [FaultKind::CutConnectionAfterStoring, FaultKind::CutConnection].into_iter().enumerate()
        {
            hub.esocial.faults.plan(Fault::once(fault));
            let message = sent(&hub, number).await;
            commune.wait_for_delivery(&message, DIRECTORATE, "unknown").await;
            lost.push(message);
        }
        let letter = dead_letter(&operator, &lost[0]).await;
        assert_eq!((&letter["kind"], &letter["owner"]), (&json!("uncertain"), &json!("operator")), "{letter:#}");
        assert_eq!(letter["next_act"], "settle");
        let (status, problem) = act(&commune, &letter, "replay", json!({})).await;
        assert_eq!((status, &problem["code"]), (409, &json!("statement-needed")), "{problem:#}");
        let (status, problem) = act(&operator, &letter, "settle", json!({"arrived": true, "note": "x"})).await;
        assert_eq!((status, &problem["code"]), (422, &json!("invalid-settlement")), "{problem:#}");

        // The first arrived: a person says so, with the number it has there.
        let found = json!({"arrived": true, "receipt": "ES-77", "note": "confirmat telefonic de SECPAH"});
        let (status, settled) = act(&operator, &letter, "settle", found.clone()).await;
        assert_eq!((status, &settled["state"]), (200, &json!("handed_over")), "{settled:#}");
        assert_eq!(act(&operator, &letter, "settle", found).await.0, 200, "saying it twice is no mistake");
        let ended = commune.wait_for_delivery(&lost[0], DIRECTORATE, "handed_over").await;
        assert_eq!(ended["receipt"], "ES-77");
        let chain = commune.chain(&lost[0]).await;
        let document = chain.last().unwrap()["document"].as_str().unwrap();
        assert_eq!(hub.verified(document)["evidence"]["event"], "ContentHandover");
        assert!(document.contains("Operatorul hubului") && !document.contains("telefonic"), "{document}");
        let (status, problem) = act(&commune, &letter, "replay", json!({})).await;
        assert_eq!((status, &problem["code"]), (409, &json!("state-conflict")), "{problem:#}");

        // The second did not: the same delivery goes on.
        let letter = dead_letter(&commune, &lost[1]).await;
        let found = json!({"arrived": false, "note": "instituția nu îl are"});
        assert_eq!(act(&commune, &letter, "settle", found).await.1["next_act"], "replay");
        let (status, needed) = act(&operator, &letter, "replay", json!({})).await;
        assert_eq!((status, &needed["code"]), (409, &json!("approval-needed")), "{needed:#}");
        let path = format!("/v1/dead-letters/{}/replay", letter["delivery_id"].as_str().unwrap());
        let again = async |approval: &str| {
            let request = operator.request(reqwest::Method::POST, &path).header("Punte-Approval", approval);
            let answer = ask(request.json(&json!({}))).await;
            (answer.status, answer.body)
        };
        let id = approved_by_two(&hub, &operator, (OPERATOR, &needed["proposal"])).await;
        let (status, resent) = again(&id).await;
        assert_eq!((status, &resent["state"]), (202, &json!("waiting")), "{resent:#}");
        commune.wait_for_delivery(&lost[1], DIRECTORATE, "handed_over").await;
        let stored: Vec<_> = hub.esocial.received().iter().map(|case| case.stored).collect();
        assert_eq!(stored, [1, 1], "two documents, one case each");
        hub.stop().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_a_system_refused_is_its_senders_to_correct_and_goes_anew_when_the_cause_is_gone() {
    Database::each(async |database| {
        let hub = hasty(database, &[]).await;
        let commune = hub.client(SENDER);
        hub.esocial.faults.plan(Fault::once(FaultKind::OkWithErrorBody));
        let message = sent(&hub, 0).await;
        commune.wait_for_delivery(&message, DIRECTORATE, "refused").await;
        let letter = dead_letter(&commune, &message).await;
        assert_eq!((&letter["kind"], &letter["next_act"]), (&json!("refused"), &json!("correct")), "{letter:#}");
        let (status, receipt) = act(&commune, &letter, "replay", json!({})).await;
        assert_eq!(status, 201, "{receipt:#}");
        let (acts, event) = replayed(&hub, &receipt).await;
        assert_eq!((acts, event.as_str()), (vec![("deliver".into(), "delivered".into())], "ContentHandover"));
        hub.stop().await;
    })
    .await;
}
