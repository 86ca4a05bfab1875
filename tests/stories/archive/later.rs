//! What comes after filing: renewed proofs of preservation, copies for keeping, findings of the vault, and finding a
//! document by what stands in it.

use bytes::Bytes;
use hub_vault::Source;
use serde_json::{Value, json};
use tests::archive::Desk;
use tests::county::{HUB_TOWN, SENDER};
use tests::documents::letter;
use tests::log::{authority, often, settled};
use tests::shared::program;
use tests::{Database, TestHub};

fn all(seen: &Value) -> Vec<Value> {
    seen["items"].as_array().cloned().unwrap_or_default()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_proof_of_preservation_that_comes_after_filing_is_added_beside_what_was_filed() {
    Database::each(|database| async move {
        let folder = tempfile::tempdir().unwrap();
        let (_tsa, settings) = authority(folder.path()).await;
        let mut hub = TestHub::start_with(database, |config| {
            often(config);
            config.time_stamping = Some(settings);
            // No batch is closed before the filing.
            config.preservation.interval_ms = 20.try_into().unwrap();
            config.preservation.max_age_hours = 1000.0;
        })
        .await;
        let desk = Desk::of(&hub, SENDER, "ana", "arhiva");
        desk.adopt().await;
        let (_, receipt) = hub.client(SENDER).post("/v1/messages", "1", &letter(&[HUB_TOWN], "x")).await;
        let message = receipt["message_id"].as_str().unwrap().to_owned();
        let delivery = hub.client(SENDER).wait_for_delivery(&message, HUB_TOWN, "consigned").await;
        let path = format!("/v1/inbox/{}/accept", delivery["id"].as_str().unwrap());
        hub.client(HUB_TOWN).post(&path, "accept", &json!({})).await;
        let dossier = desk.filed(&message).await;
        let path = format!("/v1/archive/dossiers/{}/documents", dossier["id"].as_str().unwrap());
        let before = all(&desk.get(&path).await.body);
        assert!(before.iter().all(|one| !one["name"].as_str().unwrap().ends_with(".ers")), "{before:#?}");
        settled(&hub).await;
        hub.close().await;
        hub.config.preservation.max_age_hours = 0.0;
        hub.up().await;
        let desk = Desk::of(&hub, SENDER, "ana", "arhiva");
        let proofs =
            |seen: &Value| all(seen).iter().filter(|one| one["name"].as_str().unwrap().ends_with(".ers")).count();
        let wanted = before.iter().filter(|one| one["role"] == "evidence").count();
        let seen = desk.wait_for(&path, |seen| proofs(seen) == wanted).await;
        let after = all(&seen);
        assert_eq!(after[..before.len()], before[..], "nothing that was filed changed");
        assert!(after[before.len()..].iter().all(|one| one["addition"].is_number()), "{after:#?}");
        let shown = desk.get(&format!("/v1/archive/dossiers/{}", dossier["id"].as_str().unwrap())).await.body;
        assert_eq!(shown["documents"], json!(after.len()), "{shown:#}");
        hub.stop().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_pdf_gets_a_copy_for_keeping_or_a_finding_and_is_found_by_what_stands_in_it() {
    let tools = ["gs", "soffice", "qpdf", "pdftotext"];
    if tools.into_iter().any(|tool| program(tool).is_none()) {
        return;
    }
    Database::each(|database| async move {
        let hub = TestHub::start_with(database, |config| config.vault.copies = true).await;
        let desk = Desk::of(&hub, SENDER, "ana", "arhiva");
        desk.adopt().await;
        let entry = desk.enter("e", &json!({"subject": "Scanată", "dossier_code": "I/A/3"})).await;
        let plain = written("Ciubotaru inventat");
        let mut signed = plain.clone();
        signed.extend_from_slice(b"% /ByteRange [0 1 2 3]\n");
        let files: &[(&str, &str, &[u8])] = &[
            ("simplu.pdf", "application/pdf", &plain),
            ("rupt.pdf", "application/pdf", &plain[..plain.len() / 2]),
            ("semnat.pdf", "application/pdf", &signed),
            ("text.bin", "application/octet-stream", b"gunoi"),
        ];
        assert_eq!(desk.upload(&entry, "u", files).await.status, 201);
        let dossier = desk.filed_entry(&entry).await;
        let path = format!("/v1/archive/dossiers/{}/documents", dossier["id"].as_str().unwrap());
        let copies = |seen: &Value| all(seen).iter().filter(|one| one["role"] == "copy").count();
        let seen = all(&desk.wait_for(&path, |seen| copies(seen) == 2).await);
        let originals: Vec<&Value> = seen.iter().filter(|one| one["role"] == "document").collect();
        for (one, (_, _, bytes)) in originals.iter().zip(files) {
            let path = format!("/v1/archive/documents/{}/content", one["id"].as_str().unwrap());
            assert_eq!(desk.bytes(&path).await, *bytes, "the original is as it came");
        }
        let event = async |one: &Value| {
            let path = format!("/v1/archive/documents/{}", one["id"].as_str().unwrap());
            let seen =
                desk.wait_for(&path, |seen| seen["conversions"].as_array().is_some_and(|all| !all.is_empty())).await;
            seen["conversions"][0].clone()
        };
        let [simple, broken, signed, rubbish] = [
            event(originals[0]).await,
            event(originals[1]).await,
            event(originals[2]).await,
            event(originals[3]).await,
        ];
        assert_eq!(
            (&simple["outcome"], &simple["source_sha256"]),
            (&json!("copied"), &originals[0]["sha256"]),
            "{simple:#}"
        );
        let copy = seen.iter().find(|one| one["id"] == simple["copy"]).unwrap();
        assert_eq!((&copy["sha256"], &copy["copy_of"]), (&simple["copy_sha256"], &originals[0]["id"]));
        let bytes = desk.bytes(&format!("/v1/archive/documents/{}/content", copy["id"].as_str().unwrap())).await;
        assert!(bytes.starts_with(b"%PDF-") && bytes.windows(11).any(|window| window == b"pdfaid:part"));
        assert_eq!((&broken["outcome"], &broken["reason"]), (&json!("failed"), &json!("damaged")), "{broken:#}");
        assert!(signed["told"].as_str().unwrap().contains("nu poartă semnătura"), "{signed:#}");
        assert_eq!((&rubbish["outcome"], &rubbish["reason"]), (&json!("kept"), &json!("unsupported")), "{rubbish:#}");
        let found = |seen: &Value| !all(seen).is_empty();
        let hits = desk.wait_for("/v1/search?q=ciubotaru&kind=document", found).await;
        assert!(hits.to_string().contains("simplu.pdf"), "{hits:#}");
        assert!(all(&Desk::of(&hub, HUB_TOWN, "dan", "arhiva").get("/v1/search?q=ciubotaru").await.body).is_empty());
        hub.stop().await;
    })
    .await;
}

/// A PDF with a line of text, every offset right.
fn written(line: &str) -> Vec<u8> {
    let content = format!("BT /F1 24 Tf 72 700 Td ({line}) Tj ET");
    let objects = [
        "<< /Type /Catalog /Pages 2 0 R >>".to_owned(),
        "<< /Type /Pages /Kids [3 0 R] /Count 1 >>".to_owned(),
        "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] /Contents 4 0 R /Resources << /Font << /F1 5 0 R >> >> >>".to_owned(),
        format!("<< /Length {} >>\nstream\n{content}\nendstream", content.len()),
        "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>".to_owned(),
    ];
    let mut text = "%PDF-1.4\n".to_owned();
    let mut places = Vec::new();
    for (object, number) in objects.iter().zip(1..) {
        places.push(text.len());
        text += &format!("{number} 0 obj\n{object}\nendobj\n");
    }
    let start = text.len();
    text += "xref\n0 6\n0000000000 65535 f \n";
    for place in places {
        text += &format!("{place:010} 00000 n \n");
    }
    text += &format!("trailer\n<< /Size 6 /Root 1 0 R >>\nstartxref\n{start}\n%%EOF\n");
    text.into_bytes()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_document_the_primary_lost_with_its_key_comes_back_and_one_that_is_lost_is_told_to_operators() {
    Database::each(|database| async move {
        let replica = tempfile::tempdir().unwrap();
        let mut hub = TestHub::start_with(database, |config| {
            config.vault.audit.pause_hours = 0.0;
            let place = replica.path().to_owned();
            config.vault.replica = Some(hub_server::config::StoreConfig::Folder(place));
        })
        .await;
        let bytes = Bytes::from_static(b"un act inventat");
        let address = hub.running().hub.vault.put(Source::Bytes(bytes.clone())).await.unwrap().address;
        let name = hub.running().hub.vault.name_of(&address);
        let vault = hub.config.data.join("vault");
        let lost = |root: &std::path::Path, kind: &str| root.join(kind).join(&name[..2]).join(&name);
        hub.stop_and_start(|| {
            std::fs::remove_file(lost(&vault, "keys")).unwrap();
            std::fs::remove_file(lost(&vault, "blobs")).unwrap();
        })
        .await;
        let mended = "select cast(count(*) as bigint) as number from vault_finding where mended_at is not null";
        for _ in 0..1200 {
            if hub.number(mended).await >= 2 || lost(&vault, "blobs").exists() && lost(&vault, "keys").exists() {
                break;
            }
            tokio::time::sleep(tests::client::GLANCE).await;
        }
        assert!(lost(&vault, "blobs").exists() && lost(&vault, "keys").exists(), "it came back from the replica");
        assert_eq!(hub.running().hub.vault.read_all(&address, 100).await.unwrap(), bytes);

        // Damaged in both: told to those who run the hub, and in the metrics.
        hub.stop_and_start(|| {
            for root in [vault.as_path(), replica.path()] {
                std::fs::write(lost(root, "blobs"), b"stricat").unwrap();
            }
        })
        .await;
        let open = "select cast(count(*) as bigint) as number from vault_finding where closed_at is null";
        hub.wait_for_number(open, 2).await;
        let metrics = String::from_utf8(hub.client(SENDER).bytes("/metrics").await).unwrap();
        assert!(metrics.contains("punte_vault_damaged{") && metrics.contains("flaw=\"damaged\""), "{metrics}");
        let (status, listed) = hub.client(SENDER).get("/v1/archive/findings").await;
        assert_eq!(status, 200, "{listed:#}");
        assert!(all(&listed).is_empty(), "another institution's documents are not told: {listed:#}");
        hub.stop().await;
    })
    .await;
}
