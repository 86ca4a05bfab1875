//! Every evidence the hub issues holds before programs that are not ours: libxml2 with the ETSI schema, and xmlsec1.

use std::collections::BTreeSet;
use std::sync::Arc;

use hub_flow::clock::Timestamp;
use hub_flow::evidence::{
    Deadline, Event, Issuer, NewEvidence, PartFacts, PartyFacts, Reason, Reasoned, Seal, Subject, Terms,
    Transformation, sealed,
};
use hub_flow::message::{Authentication, DeliveryId, EvidenceId, MessageId, Origin, Registration};
use hub_signatures::signer::{FileSigner, development_seal};
use serde_json::{Value, json};
use tests::county::{self, DIRECTORATE, HUB_TOWN, INBOX_TOWN, SENDER, WEBHOOK_TOWN};
use tests::documents::{inquiry_envelope, inquiry_parts, letter};
use tests::judges::{schema_accepts, xmlsec1_accepts};
use tests::{Database, TestHub};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_the_door_issues_is_valid_by_the_schema_of_etsi_and_verifies_with_xmlsec1() {
    for database in Database::all() {
        let hub = TestHub::start_with(database, |config| {
            county::change(config, |directory| {
                // A commune whose name needs every kind of escaping, and a target no mapping leads to.
                let directory = directory.replace("Comuna Șișești", "Comuna \"Șișești\" <&> țară 😀");
                directory.replace(
                    "unit = 'Compartiment de asistență socială'\nchannel = 'uat-109924-inbox'",
                    "unit = 'Compartiment de asistență socială'\nchannel = 'esocial'",
                )
            });
        })
        .await;
        let documents = every_event(&hub).await;
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("seal.pem"), &hub.running().seal_certificate).unwrap();
        for (index, document) in documents.iter().enumerate() {
            std::fs::write(folder.path().join(format!("{index:03}.xml")), document).unwrap();
            assert_eq!(hub.verified(document)["verified"], true);
        }
        schema_accepts(folder.path(), documents.len());
        xmlsec1_accepts(folder.path(), documents.len());
        hub.stop().await;
    }
}

/// Plays until each event was issued at least once; answers all sealed documents.
async fn every_event(hub: &TestHub) -> Vec<String> {
    let commune = hub.client(SENDER);
    let mut documents = Vec::new();
    let mut events = BTreeSet::new();
    let mut note = |chain: &[Value]| {
        for evidence in chain {
            events.insert(evidence["event"].as_str().unwrap().to_owned());
            documents.push(evidence["document"].as_str().unwrap().to_owned());
        }
    };

    // Handed over with a translation, by webhook and from an inbox; refused from an inbox; no unit; no mapping.
    let recipients = [DIRECTORATE, WEBHOOK_TOWN, INBOX_TOWN, "uat-far"];
    let mut envelope = inquiry_envelope(&recipients);
    envelope["sender_registration"] =
        json!({"register": "de <ieșire>", "number": "88/\"A\" & B", "date": "2026-01-20"});
    let (status, receipt) = commune.send("every-event", &envelope, &inquiry_parts()).await;
    assert_eq!(status, 201, "{receipt:#}");
    let message = receipt["message_id"].as_str().unwrap();
    let waiting = commune.wait_for_delivery(message, INBOX_TOWN, "consigned").await;
    let path = format!("/v1/inbox/{}/reject", waiting["id"].as_str().unwrap());
    let (status, _) = hub.client(INBOX_TOWN).post(&path, "r", &json!({"reason": "nu & <nu> \u{2028} este"})).await;
    assert_eq!(status, 200);
    commune.wait_for(message, |seen| seen["state"] == "completed").await;
    note(&commune.chain(message).await);

    let (_, receipt) = commune.post("/v1/messages", "letter", &letter(&[HUB_TOWN, INBOX_TOWN], "fără mapare")).await;
    let message = receipt["message_id"].as_str().unwrap();
    commune.wait_for(message, |seen| seen["deliveries"].as_array().is_some_and(|all| all.len() == 2)).await;
    note(&commune.chain(message).await);

    // Refused at the door, with as little as a submission can have.
    let nothing = json!({
        "envelope": {
            "recipients": [{"party": ""}], "document_type": "", "document_version": "", "subject": "", "purpose": "", "legal_basis": "",
            "sender_registration": {"number": "\u{1}<", "date": "ieri"}, "parts": []
        },
        "body": null,
        "parts": [{"name": "a\u{0}<b>&\"c\"", "content_base64": "AA=="}]
    });
    let mut without_parts = nothing.clone();
    without_parts["parts"] = json!([]);
    let unknown = letter(&["uat-\u{7}"], "");
    for (key, wrong) in
        [("odd", nothing), ("empty", without_parts), ("unknown", unknown), ("nobody", letter(&[SENDER], "x"))]
    {
        let (status, problem) = commune.post("/v1/messages", key, &wrong).await;
        assert_eq!(status, 422, "{problem:#}");
        note(&commune.chain(problem["message_id"].as_str().unwrap()).await);
    }

    let played = [
        Event::SubmissionAcceptance,
        Event::SubmissionRejection,
        Event::ContentConsignment,
        Event::ContentConsignmentFailure,
        Event::ContentHandover,
        Event::ContentHandoverFailure,
    ];
    assert_eq!(events, played.map(|event| event.as_str().to_owned()).into(), "an event has no evidence here");
    documents
}

#[test]
fn each_of_the_22_events_with_each_of_its_reasons_is_valid_and_sealed() {
    let (key, certificate) = development_seal("Serviciu de probă", 1_767_225_600, 365, 7).unwrap();
    let issuer = Issuer {
        name: "Serviciu de probă".to_owned(),
        cui: Some("4426581".to_owned()),
        policy: "urn:test:policy:evidence:1".to_owned(),
        delivery_policy: "urn:test:policy:delivery:7".to_owned(),
    };
    let seal = Seal::new(Arc::new(FileSigner::from_pem(&key, &certificate).unwrap()), issuer);
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("seal.pem"), &certificate).unwrap();
    let mut count = 0;
    for event in Event::ALL {
        let fitting = Reason::ALL.iter().filter(|reason| event.may_be_for(**reason));
        let mut reasons: Vec<_> = fitting.map(|reason| vec![Reasoned::from(*reason)]).collect();
        assert!(!reasons.is_empty(), "{event:?} has no reason of its family");
        if !event.is_negative() {
            reasons.push(Vec::new());
        }
        for reasons in reasons {
            for rich in [false, true] {
                let evidence = sealed(&facts_of(event, reasons.clone(), rich), &seal).unwrap();
                carries_what_table_13_says(event, &evidence.document);
                std::fs::write(folder.path().join(format!("{count:03}.xml")), evidence.document).unwrap();
                count += 1;
            }
        }
    }
    schema_accepts(folder.path(), count);
    xmlsec1_accepts(folder.path(), count);
}

/// The facts of one event: all that there can be, or no more than there must be.
fn facts_of(event: Event, reasons: Vec<Reasoned>, rich: bool) -> NewEvidence {
    let party = |id: &str| PartyFacts {
        id: id.to_owned(),
        scheme: None,
        name: rich.then(|| format!("Instituția „{id}” & <fiii>")),
        cui: rich.then(|| "4426581".to_owned()),
    };
    let known = |delegate: Option<&str>| Authentication {
        method: "urn:punte:authentication:api-key".to_owned(),
        assurance: "substantial".to_owned(),
        delegate: delegate.map(str::to_owned),
    };
    let at = Timestamp(1_774_000_000_000_000);
    let subject = Subject {
        message: MessageId(uuid::Uuid::from_u128(1)),
        sender: party("uat-1"),
        sender_delegate: rich.then(|| party("adi-1")),
        identifier: None,
        authentication: Some(known(rich.then_some("adi-1"))),
        authenticated_at: None,
        origin: rich.then(|| Origin { system: "poșta".to_owned(), sender: Some("Asociația Inventată".to_owned()) }),
        recipients: vec![party("uat-2"), party("uat-3")],
        submitted_at: at,
        parts: vec![PartFacts {
            name: "adresa.pdf".to_owned(),
            content_type: "application/pdf".to_owned(),
            sha256: [7; 32],
        }],
        terms: Terms {
            give_up_after_seconds: 172_800,
            inbox_days: 30,
            deadline: rich.then(|| Deadline {
                class: "calendar-days".to_owned(),
                days: 30,
                basis: "OG nr. 27/2002, art. 8".to_owned(),
                counted: Arc::default(),
            }),
        },
    };
    let number = |number: &str| Registration {
        register: "general".to_owned(),
        number: number.to_owned(),
        date: "2026-03-20".to_owned(),
    };
    let id = EvidenceId(uuid::Uuid::from_u128(2));
    let mut evidence = NewEvidence::new(id, (event, reasons), at, Arc::new(subject));
    evidence.delivery = event.concerns_one_recipient().then(|| (DeliveryId(uuid::Uuid::from_u128(3)), 2));
    evidence.external_service = Some(party("hub-2"));
    evidence.external_system = Some("e-mail".to_owned());
    if rich {
        evidence.recipient_delegate = Some(party("adi-2"));
        evidence.recipient_authentication = Some(known(Some("adi-2")));
        evidence.transaction_log = vec!["receipt 250 2.0.0 <Ok> & queued".to_owned()];
        evidence.sender_registration = Some(number("88/A"));
        evidence.recipient_registration = Some(number("4512"));
        evidence.transformation = Some(Transformation {
            mapping: "a-to-b".to_owned(),
            version: "1.0".to_owned(),
            source_sha256: [1; 32],
            target_sha256: [2; 32],
        });
    }
    evidence
}

/// EN 319 522-2, table 13, for what is not the same in every event.
fn carries_what_table_13_says(event: Event, document: &str) {
    let has = |element: &str| document.contains(&format!("<{element}>")) || document.contains(&format!("<{element} "));
    let (letter, number) = event.number().split_once('.').unwrap();
    let about_one = ["C", "D", "E"].contains(&letter);
    assert_eq!(has("EvidenceRefersToRecipient"), about_one, "I09 in {event:?}");
    assert!(!has("erds:RecipientsDelegateDetails") || about_one, "I07, I08 in {event:?}");
    assert_eq!(has("erds:ExternalERDSDetails"), letter == "B", "M05 in {event:?}");
    assert_eq!(has("ForwardedToExternalSystem"), letter == "F", "M04 in {event:?}");
    let from_outside = (letter, number) == ("F", "3");
    let sender = document.split("<erds:SenderDetails>").nth(1).unwrap().split("</erds:SenderDetails>").next().unwrap();
    let delegate = has("erds:SenderDelegateDetails");
    assert!(!(delegate && from_outside), "I03, I04 in F.3");
    let assured = sender.contains("AssuranceLevelsDetails") || delegate;
    assert_eq!(assured, !from_outside, "I10, I11 in {event:?}");
    let recipients = document
        .split("<erds:RecipientDetails>")
        .skip(1)
        .map(|part| part.split("<erds:SubmissionTime>").next().unwrap());
    let assured = recipients.into_iter().any(|recipient| recipient.contains("AssuranceLevelsDetails"));
    let may = [("C", "3"), ("C", "4"), ("D", "3"), ("E", "1")].contains(&(letter, number));
    assert!(may || !assured, "I12, I13 in {event:?}");
    assert!(has("erds:EventReasons") || !event.is_negative(), "G04 in {event:?}");
    for every in [
        "erds:EvidenceIssuerPolicyID",
        "erds:EvidenceIssuerDetails",
        "erds:MessageIdentifier",
        "erds:UserContentInfo",
        "erds:SubmissionTime",
        "ds:Signature",
    ] {
        assert!(has(every), "{every} in {event:?}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn anybody_may_ask_the_hub_whether_an_evidence_is_its_own() {
    let hub = TestHub::start_with(Database::all().remove(0), |_| {}).await;
    let (status, receipt) = hub.client(SENDER).send("ask", &inquiry_envelope(&[DIRECTORATE]), &inquiry_parts()).await;
    assert_eq!(status, 201, "{receipt:#}");
    let document = receipt["evidence"]["document"].as_str().unwrap().to_owned();
    let ask = async |body: String| {
        let answer = reqwest::Client::new().post(format!("{}/v1/verify", hub.running().url())).body(body).send().await;
        let answer = answer.unwrap();
        let status = answer.status().as_u16();
        (status, serde_json::from_str::<Value>(&answer.text().await.unwrap()).unwrap())
    };
    let (status, verdict) = ask(document.clone()).await;
    assert_eq!((status, &verdict["verified"]), (200, &json!(true)), "{verdict:#}");
    assert_eq!(verdict["evidences"][0]["message_id"], receipt["message_id"]);
    let (status, problem) = ask(document.replacen(SENDER, "uat-999999", 1)).await;
    assert_eq!((status, &problem["verdict"]["verdict"]), (422, &json!("failed")), "{problem:#}");
    assert_eq!(problem["verdict"]["claims"][0]["claim"], "integrity");
    let (status, problem) = ask("PK\u{3}\u{4} nothing".to_owned()).await;
    assert_eq!((status, &problem["code"]), (422, &json!("unverified")), "{problem:#}");
}
