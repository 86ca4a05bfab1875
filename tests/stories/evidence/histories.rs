//! No history that the standard forbids can be produced: neither by the checked course alone, nor by a hub whose
//! recipients do whatever they like in any order.

use futures_util::future::join_all;
use hub_flow::evidence::{Course, Event, Reason};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::strategy::ValueTree as _;
use proptest::test_runner::TestRunner;
use serde_json::json;
use tests::county::{self, HUB_TOWN, INBOX_TOWN, SENDER, WEBHOOK_TOWN};
use tests::documents::letter;
use tests::standard::broken;
use tests::{Client, Database, TestHub};

proptest! {
    #![proptest_config(ProptestConfig::with_cases(20_000))]

    #[test]
    fn a_course_never_lets_a_forbidden_history_happen(
        attempts in vec((0..Event::ALL.len(), any::<prop::sample::Index>()), 1..40)
    ) {
        let (mut course, mut history) = (Course::Taken, Vec::new());
        for (event, reason) in attempts {
            let event = Event::ALL[event];
            let reasons: Vec<Reason> = Reason::ALL.iter().copied().filter(|one| event.may_be_for(*one)).collect();
            if let Ok(next) = course.after(event, Some(reasons[reason.index(reasons.len())])) {
                course = next;
                history.push(event);
            }
            prop_assert_eq!(broken(&history), None, "{:?} leads to {:?}", history, course);
        }
    }
}

#[test]
fn the_sentences_of_the_standard_tell_forbidden_histories() {
    use Event as E;
    for forbidden in [
        vec![E::ContentAccessTracking],
        vec![E::ConsignmentAcceptance, E::ContentConsignment],
        vec![E::NotificationForAcceptance, E::ContentConsignment],
        vec![E::NotificationForAcceptance, E::ConsignmentRejection, E::ContentConsignment],
        vec![E::ContentConsignment, E::ContentHandover, E::ContentHandover],
        vec![E::ContentHandover, E::ContentConsignmentFailure],
        vec![E::RelayToNonERDS, E::ContentHandover],
        vec![E::RelayAcceptance, E::RelayFailure],
        vec![E::RelayRejection, E::ContentConsignment],
        vec![E::SubmissionAcceptance],
    ] {
        assert!(broken(&forbidden).is_some(), "{forbidden:?}");
    }
}

/// What a recipient may do with a document, sensible or not.
#[derive(Debug, Clone, Copy)]
enum Deed {
    Look,
    Open,
    Consent,
    Accept,
    Reject,
    Wait,
}

#[derive(Debug, Clone)]
struct Plan {
    asked: bool,
    recipient: &'static str,
    deeds: Vec<Deed>,
}

fn plans() -> impl Strategy<Value = Plan> {
    let deed = prop_oneof![
        Just(Deed::Look),
        Just(Deed::Open),
        Just(Deed::Consent),
        Just(Deed::Accept),
        Just(Deed::Reject),
        Just(Deed::Wait),
    ];
    let recipient = prop_oneof![Just(HUB_TOWN), Just(INBOX_TOWN), Just(WEBHOOK_TOWN)];
    (any::<bool>(), recipient, vec(deed, 0..8)).prop_map(|(asked, recipient, deeds)| Plan { asked, recipient, deeds })
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whatever_recipients_do_no_forbidden_history_is_produced() {
    let mut runner = TestRunner::default();
    for database in Database::all() {
        // One town is told over a channel that works, one over a channel that never does, one goes outside.
        let hub = TestHub::start_with(database, |config| {
            config.retry.give_up_after = 0.5;
            county::change(config, told);
        })
        .await;
        let plans: Vec<Plan> = (0..40).map(|_| plans().new_tree(&mut runner).unwrap().current()).collect();
        let played = plans.iter().enumerate().map(|(number, plan)| play(&hub, number, plan));
        let mut produced = 0;
        for (plan, history) in plans.iter().zip(join_all(played).await) {
            assert_eq!(broken(&history), None, "{plan:?} produced {history:?}");
            produced += history.len();
        }
        assert!(produced > plans.len(), "the hub produced hardly anything");
        hub.wait_for_number("select cast(count(*) as bigint) as number from job where kind <> 'expire'", 0).await;
        hub.stop().await;
    }
}

fn told(directory: String) -> String {
    let webhook = directory.split("id = 'webhook'").nth(1).unwrap();
    let quoted = |after: &str| webhook.split(after).nth(1).unwrap().split('\'').next().unwrap().to_owned();
    let (address, secret) = (quoted("address = '"), quoted("secret = '"));
    let channel = |id: &str, party: &str, address: &str| {
        format!(
            "[[channel]]\nid = '{id}'\nparty = '{party}'\nsystem = 'notice'\naddress = '{address}'\nsecret = '{secret}'\n"
        )
    };
    let channels = channel("heard", HUB_TOWN, &address) + &channel("deaf", INBOX_TOWN, "http://127.0.0.1:9");
    let mut directory = directory.clone();
    for (party, line) in
        [(HUB_TOWN, "notify = 'heard'"), (INBOX_TOWN, "notify = 'deaf'"), (WEBHOOK_TOWN, "external = true")]
    {
        let entry = format!("[[party]]\nid = '{party}'\n");
        directory = directory.replace(&entry, &format!("{entry}{line}\n"));
    }
    directory + &channels
}

/// Sends one document, lets its recipient do what the plan says, and reads the history of the delivery.
async fn play(hub: &TestHub, number: usize, plan: &Plan) -> Vec<Event> {
    let (commune, recipient) = (hub.client(SENDER), hub.client(plan.recipient));
    let mut document = letter(&[plan.recipient], &format!("istoria {number}"));
    if plan.asked {
        document["envelope"]["consignment"] = "consent".into();
    }
    let (status, receipt) = commune.post("/v1/messages", &format!("history-{number}"), &document).await;
    assert_eq!(status, 201, "{receipt:#}");
    let message = receipt["message_id"].as_str().unwrap();
    let seen = commune.wait_for(message, |seen| seen["deliveries"][0]["id"].is_string()).await;
    let delivery = seen["deliveries"][0]["id"].as_str().unwrap();
    for deed in &plan.deeds {
        act(&commune, &recipient, (message, delivery), *deed).await;
    }
    settled(&commune, message).await;
    let chain = commune.chain(message).await;
    let about = chain.iter().filter(|one| one["delivery_id"] == delivery);
    about.map(|one| Event::parse(one["event"].as_str().unwrap()).unwrap()).collect()
}

async fn act(commune: &Client, recipient: &Client, (message, delivery): (&str, &str), deed: Deed) {
    let inbox = |verb: &str| format!("/v1/inbox/{delivery}{verb}");
    // Whether the hub agrees is its business; what it attests is looked at afterwards.
    match deed {
        Deed::Look => drop(recipient.get(&inbox("")).await),
        Deed::Open => drop(recipient.bytes(&format!("/v1/messages/{message}/parts/scrisoare.json")).await),
        Deed::Consent => drop(recipient.post(&inbox("/consent"), "c", &json!({})).await),
        Deed::Accept => {
            let number = json!({"registration": {"number": "7", "date": "2026-11-22"}});
            let (status, _) = recipient.post(&inbox("/accept"), "a", &number).await;
            if status == 422 {
                recipient.post(&inbox("/accept"), "a", &json!({})).await;
            }
        }
        Deed::Reject => drop(recipient.post(&inbox("/reject"), "r", &json!({"reason": "nu e al nostru"})).await),
        Deed::Wait => settled(commune, message).await,
    }
}

/// Waits until nothing more happens by itself.
async fn settled(commune: &Client, message: &str) {
    let moving = ["pending", "waiting", "unknown"];
    commune.wait_for(message, |seen| !moving.iter().any(|state| seen["deliveries"][0]["state"] == *state)).await;
}
