//! Every evidence the hub issues holds before programs that are not ours: libxml2 with the ETSI schema, and xmlsec1.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::collections::BTreeSet;
use std::path::Path;

use hub_flow::evidence::Event;
use serde_json::{Value, json};
use tests::county::{self, DIRECTORATE, HUB_TOWN, INBOX_TOWN, SENDER, WEBHOOK_TOWN};
use tests::documents::{inquiry_envelope, inquiry_parts, letter};
use tests::shared::{program, vectors};
use tests::{Database, TestHub};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_event_is_valid_by_the_schema_of_etsi_and_verifies_with_xmlsec1() {
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

    let all: BTreeSet<String> = Event::ALL.iter().map(|event| event.as_str().to_owned()).collect();
    assert_eq!(events, all, "an event has no evidence here");
    documents
}

fn schema_accepts(folder: &Path, count: usize) {
    let (Some(schema), Some(mut xmllint)) = (vectors("erds-schema/evidence-all.xsd"), program("xmllint")) else {
        return;
    };
    let files = (0..count).map(|index| folder.join(format!("{index:03}.xml")));
    let output = xmllint.args(["--noout", "--nonet", "--schema"]).arg(schema).args(files).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}

fn xmlsec1_accepts(folder: &Path, count: usize) {
    let Some(mut xmlsec1) = program("xmlsec1") else { return };
    xmlsec1.args(["--verify", "--id-attr:Id", "http://uri.etsi.org/01903/v1.3.2#:SignedProperties"]);
    xmlsec1.arg("--pubkey-cert-pem").arg(folder.join("seal.pem"));
    let files = (0..count).map(|index| folder.join(format!("{index:03}.xml")));
    let output = xmlsec1.args(files).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}
