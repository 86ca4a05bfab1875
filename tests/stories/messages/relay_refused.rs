//! What another delivery service may send and is refused, always with evidence; and what it may tell and is not believed.

use hub_flow::evidence::{Event, Reason};
use hub_flow::message::EvidenceId;
use reqwest::Method;
use reqwest::multipart::Form;
use serde_json::{Value, json};
use tests::county::{HUB_TOWN, SENDER};
use tests::dispatches::Handmade;
use tests::documents::letter;
use tests::hubs::{OTHER, Wire, chain, expected, pairs, sent, verify, wait_for_event};
use tests::judges::{schema_accepts, xmlsec1_accepts};
use tests::{Client, Hubs, TestHub};
use uuid::Uuid;

/// Posts a form as the partner; answers status and text.
async fn posted(hub: &TestHub, path: &str, form: Form) -> (u16, String) {
    let partner = Client::of(&hub.running().url(), OTHER);
    let response = partner.request(Method::POST, path).multipart(form).send().await.unwrap();
    (response.status().as_u16(), response.text().await.unwrap())
}

async fn told(hub: &TestHub, form: Form) -> (u16, Value) {
    let (status, text) = posted(hub, "/v1/relay/evidence", form).await;
    (status, serde_json::from_str(&text).unwrap_or_default())
}

fn message(number: u128) -> Uuid {
    Uuid::from_u128(number)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_recipient_the_other_hub_does_not_know_comes_back_as_a_failure_with_the_same_reason() {
    for (here, there) in pairs() {
        let hubs = Hubs::start(here, there).await;
        let commune = hubs.sender.client(SENDER);
        let message = sent(&commune, "nobody", &letter(&["departe-nimeni", HUB_TOWN], "cui?")).await;
        let failed = commune.wait_for_delivery(&message, "departe-nimeni", "failed").await;
        assert!(failed["reason"].as_str().unwrap().starts_with("RB21"), "{failed:#}");
        wait_for_event(&commune, &message, "RelayFailure").await;
        let verdicts = verify(&hubs, &commune, &message).await;
        let of = |event: &str| verdicts.iter().find(|one| one["event"] == event).unwrap();
        assert_eq!(of("RelayRejection")["reasons"][0][1], "RB21");
        assert_eq!(of("RelayFailure")["reasons"][0][1], "RB21");
        let failure = wait_for_event(&commune, &message, "RelayFailure").await;
        let xml = failure["document"].as_str().unwrap();
        assert!(xml.contains("RelayEvidenceRefersTo>1<"), "which of two recipients it is about");
        assert_eq!(hubs.other.number("select cast(count(*) as bigint) as number from message").await, 0);
        hubs.stop().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_part_that_was_changed_on_the_way_is_refused() {
    for (here, there) in pairs() {
        let hubs = Hubs::start(here, there).await;
        let commune = hubs.sender.client(SENDER);
        hubs.line.set(Wire::Changes("de schimbat".into(), "fost schimbat".into()));
        let message = sent(&commune, "changed", &letter(&["departe-hub"], "de schimbat")).await;
        commune.wait_for_delivery(&message, "departe-hub", "failed").await;
        let both = [("SubmissionAcceptance", "A"), ("RelayRejection", "B"), ("RelayFailure", "A")];
        assert_eq!(chain(&commune, &message).await, expected(&both));
        let verdicts = verify(&hubs, &commune, &message).await;
        assert_eq!(verdicts[1]["reasons"][0][1], "RB02");
        assert_eq!(verdicts[2]["reasons"][0][1], "RB02");
        hubs.stop().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_seal_that_is_not_the_partners_is_refused_and_leaves_only_the_refusal() {
    for (here, there) in pairs() {
        let hubs = Hubs::start(here, there).await;
        let commune = hubs.sender.client(SENDER);
        // From now on the other hub believes another certificate.
        let certificate = hubs.data("Hub A").join("seal-development.pem");
        let seal = std::fs::read(&certificate).unwrap();
        std::fs::write(&certificate, std::fs::read(hubs.data("Hub B").join("seal-development.pem")).unwrap()).unwrap();
        let message = sent(&commune, "forged", &letter(&["departe-hub"], "cu alt sigiliu")).await;
        commune.wait_for_delivery(&message, "departe-hub", "failed").await;
        std::fs::write(&certificate, seal).unwrap();
        let verdicts = verify(&hubs, &commune, &message).await;
        assert_eq!(verdicts[1]["reasons"][0][1], "RB05");
        assert_eq!(verdicts[2]["reasons"][0][1], "RB05");
        for left in [
            "select cast(count(*) as bigint) as number from message",
            "select cast(count(*) as bigint) as number from payload",
            "select cast(count(*) as bigint) as number from received_evidence",
            "select cast(count(*) as bigint) as number from register_entry",
        ] {
            assert_eq!(hubs.other.number(left).await, 0, "{left}");
        }
        hubs.stop().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_dispatch_that_breaks_a_rule_is_refused_with_the_reason_of_that_rule() {
    for (here, there) in pairs() {
        let hubs = Hubs::start(here, there).await;
        let now = hubs.other.running().hub.clock.now();
        let good = Handmade::to(hubs.seal("Hub A"), HUB_TOWN, message(1));
        let asked = |before: &'static str, element: &str| Handmade {
            asked: vec![(before, element.to_owned())],
            ..good.clone()
        };
        let with = |pointer: &str, value: Value| {
            let mut letter = good.clone();
            letter.envelope[pointer] = value;
            letter
        };
        let level = "<RequiredAssuranceLevel><AssuranceLevel>http://eidas.europa.eu/LoA/high</AssuranceLevel></RequiredAssuranceLevel>";
        let policy = "<ApplicablePolicy><PolicyID>urn:other:policy</PolicyID></ApplicablePolicy>";
        let wrong: Vec<(&str, Handmade, &str)> = vec![
            ("another body than its type", Handmade { body: json!({"text": 7}), ..good.clone() }, "RB02"),
            ("an unknown type", with("document_type", "nimic".into()), "RB02"),
            ("no agreement", with("purpose", "evaluare-handicap".into()), "RB06"),
            (
                "another number than in the evidence",
                with("sender_registration", json!({"number": "6", "date": "2026-11-20"})),
                "RB04",
            ),
            ("evidence of another message", Handmade { evidence_of: message(2), ..good.clone() }, "RB04"),
            ("the seal of another service", Handmade { seal: hubs.seal("Hub B"), ..good.clone() }, "RB05"),
            ("nobody here", Handmade { recipient: "uat-nobody".to_owned(), ..good.clone() }, "RB21"),
            ("a service, not a recipient", Handmade { recipient: OTHER.to_owned(), ..good.clone() }, "RB21"),
            ("expired", asked("<SenderId", "<ExpirationTime>2026-01-01T00:00:00Z</ExpirationTime>"), "RB06"),
            (
                "not yet",
                asked("<SenderId", "<ScheduledDeliveryTime>2999-01-01T00:00:00Z</ScheduledDeliveryTime>"),
                "RB06",
            ),
            ("too sure", asked("<RequestedConsignmentMode", level), "RB06"),
            ("another policy", asked("<RequestedConsignmentMode", policy), "RB06"),
        ];
        for (what, letter, reason) in wrong {
            let (status, evidence) = posted(&hubs.other, "/v1/relay", letter.form(now)).await;
            assert_eq!(status, 422, "{what}: {evidence}");
            let verdict = hubs.other.verified(&evidence)["evidence"].clone();
            assert_eq!(verdict["event"], "RelayRejection", "{what}");
            let codes: Vec<_> = verdict["reasons"].as_array().unwrap().iter().map(|one| one[1].clone()).collect();
            assert!(codes.contains(&json!(reason)), "{what}: {verdict:#}");
        }
        assert_eq!(hubs.other.number("select cast(count(*) as bigint) as number from message").await, 0);
        // What can be kept is kept: a far end, a known assurance, our own policy.
        let kept = Handmade {
            asked: vec![
                ("<SenderId", "<ExpirationTime>2999-01-01T00:00:00Z</ExpirationTime>".to_owned()),
                ("<RequestedConsignmentMode", level.replace("high", "low")),
                ("<RequestedConsignmentMode", policy.replace("urn:other:policy", "urn:punte:policy:delivery:1")),
            ],
            ..good.clone()
        };
        hubs.back.set(Wire::Answers(200, String::new()));
        let (status, evidence) = posted(&hubs.other, "/v1/relay", kept.form(now)).await;
        assert_eq!(status, 201, "{evidence}");
        let (status, again) = posted(&hubs.other, "/v1/relay", kept.form(now)).await;
        assert_eq!((status, &again), (200, &evidence), "the first answer again");
        let mut other = good.clone();
        other.body["text"] = "altul".into();
        let (status, _) = posted(&hubs.other, "/v1/relay", other.form(now)).await;
        assert_eq!(status, 409, "one identifier, one message");
        hubs.other
            .wait_for_number("select cast(count(*) as bigint) as number from job where kind <> 'expire'", 0)
            .await;
        hubs.stop().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_the_partner_tells_is_believed_only_of_its_own_message_and_in_one_version() {
    for (here, there) in pairs() {
        let hubs = Hubs::start(here, there).await;
        let commune = hubs.sender.client(SENDER);
        let first = sent(&commune, "first", &letter(&["departe-hub"], "prima")).await;
        wait_for_event(&commune, &first, "ContentConsignment").await;
        let second = sent(&commune, "second", &letter(&["departe-hub"], "a doua")).await;
        wait_for_event(&commune, &second, "ContentConsignment").await;
        let now = hubs.sender.running().hub.clock.now();
        let of = |id: &str, text: &str| {
            let mut letter = Handmade::to(hubs.seal("Hub B"), HUB_TOWN, id.parse().unwrap());
            letter.body = tests::documents::letter(&[], text)["body"].clone();
            letter
        };
        let (one, two) = (of(&first, "prima"), of(&second, "a doua"));
        let consigned = (Event::ContentConsignment, Reason::MessageConsignedToRecipient);
        let id = EvidenceId(message(77));

        // Evidence of the second letter under the metadata of the first.
        let (status, problem) = told(&hubs.sender, one.receipt(two.evidence(consigned, id, now), now)).await;
        assert_eq!((status, &problem["code"]), (422, &json!("unverified")), "{problem:#}");
        // Of nobody's letter, and in the name of a service that is not the partner.
        let stranger = of("01a00000-0000-7000-8000-000000000001", "prima");
        let (status, _) = told(&hubs.sender, stranger.receipt(stranger.evidence(consigned, id, now), now)).await;
        assert_eq!(status, 404);
        let ours = Handmade { seal: hubs.seal("Hub A"), ..one.clone() };
        let (status, _) = told(&hubs.sender, one.receipt(ours.evidence(consigned, id, now), now)).await;
        assert_eq!(status, 422);
        assert_eq!(chain(&commune, &first).await.len(), 3, "nothing of it was kept");

        // One id, two documents: both are kept, and the second counts for nothing.
        let seen = (Event::ContentAccessTracking, Reason::ConsignmentOther);
        let document = one.evidence(seen, id, now);
        let (status, answer) = told(&hubs.sender, one.receipt(document.clone(), now)).await;
        assert_eq!((status, &answer["evidence"][0]["again"]), (200, &json!(false)), "{answer:#}");
        let (status, answer) = told(&hubs.sender, one.receipt(document, now)).await;
        assert_eq!((status, &answer["evidence"][0]["again"]), (200, &json!(true)));
        let handed = (Event::ContentHandover, Reason::MessageHandedOver);
        let (status, _) = told(&hubs.sender, one.receipt(one.evidence(handed, id, now), now)).await;
        assert_eq!(status, 409);
        let kept = commune.chain(&first).await;
        let standings: Vec<_> = kept.iter().map(|one| one["received"]["standing"].clone()).collect();
        assert_eq!(
            standings,
            [Value::Null, json!("counted"), json!("counted"), json!("counted"), json!("contradiction")]
        );
        commune.wait_for_delivery(&first, "departe-hub", "relayed").await;

        // Who is no service may neither relay nor tell; a service may not submit.
        let (status, _) = commune.post("/v1/relay", "k", &json!({})).await;
        assert_eq!(status, 403);
        let (status, _) = commune.post("/v1/relay/evidence", "k", &json!({})).await;
        assert_eq!(status, 403);
        let partner = Client::of(&hubs.sender.running().url(), OTHER);
        let (status, _) = partner.post("/v1/messages", "k", &letter(&[HUB_TOWN], "direct")).await;
        assert_eq!(status, 403);
        hubs.stop().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn all_that_goes_between_hubs_is_valid_by_the_schema_of_etsi_and_verifies_with_xmlsec1() {
    let (here, there) = pairs()[0];
    let hubs = Hubs::start(here, there).await;
    let commune = hubs.sender.client(SENDER);
    let taken = sent(&commune, "taken", &letter(&["departe-hub"], "luată")).await;
    wait_for_event(&commune, &taken, "ContentConsignment").await;
    let refused = sent(&commune, "refused", &letter(&["departe-nimeni", "departe-hub"], "respinsă")).await;
    wait_for_event(&commune, &refused, "RelayFailure").await;
    wait_for_event(&commune, &refused, "ContentConsignment").await;
    let folders = [tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap()];
    let mut counts = [0, 0];
    let mut write = |hub: usize, document: &str| {
        std::fs::write(folders[hub].path().join(format!("{:03}.xml", counts[hub])), document).unwrap();
        counts[hub] += 1;
    };
    for message in [&taken, &refused] {
        for one in commune.chain(message).await {
            write(usize::from(one["issuer"] == "Hub B"), one["document"].as_str().unwrap());
        }
    }
    for (hub, line) in [&hubs.line, &hubs.back].into_iter().enumerate() {
        for carried in line.carried() {
            let body = String::from_utf8_lossy(&carried.body).into_owned();
            let metadata = body.split("\r\n\r\n").nth(1).unwrap().split("\r\n--").next().unwrap();
            assert!(metadata.starts_with("<erds:RelayMetadata"), "{metadata}");
            write(hub, metadata);
        }
    }
    for (hub, name) in ["Hub A", "Hub B"].into_iter().enumerate() {
        std::fs::copy(hubs.data(name).join("seal-development.pem"), folders[hub].path().join("seal.pem")).unwrap();
        assert!(counts[hub] > 4);
        schema_accepts(folders[hub].path(), counts[hub]);
        xmlsec1_accepts(folders[hub].path(), counts[hub]);
    }
    hubs.stop().await;
}
