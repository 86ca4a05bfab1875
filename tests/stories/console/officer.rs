//! The compliance officer finds a receipt by the other side's number, understands it, verifies it, takes it to court, and
//! reads reports. All persons are invented.

use clap::Parser as _;
use hub_server::commands::{self, Arguments};
use reqwest::Method;
use reqwest::multipart::{Form, Part};
use serde_json::json;
use tests::county::{HUB_TOWN, INBOX_TOWN, SENDER};
use tests::documents::{inquiry_envelope, inquiry_parts, letter};
use tests::people::{Browser, Page, signed_in};
use tests::{Database, TestHub};

/// The invented person of the inquiry.
const PERSON: &str = "2580412259906";

/// A letter to the town whose own register gives the number; `taken` says whether it takes the letter.
async fn sent(hub: &TestHub, key: &str, number: Option<&str>) -> String {
    let (commune, town) = (hub.client(SENDER), hub.client(INBOX_TOWN));
    let (status, told) = commune.post("/v1/messages", key, &letter(&[INBOX_TOWN], key)).await;
    assert!(status.is_success(), "{told}");
    let message = told["message_id"].as_str().unwrap().to_owned();
    let waiting = commune.wait_for_delivery(&message, INBOX_TOWN, "consigned").await;
    if let Some(number) = number {
        let accept = json!({"registration": {"number": number, "date": "2026-11-23"}});
        let path = format!("/v1/inbox/{}/accept", waiting["id"].as_str().unwrap());
        let (status, told) = town.post(&path, key, &accept).await;
        assert!(status.is_success(), "{told}");
        commune.wait_for_delivery(&message, INBOX_TOWN, "handed_over").await;
    }
    message
}

/// A file verified at the page.
async fn verified(officer: &mut Browser, name: &str, file: Vec<u8>) -> Page {
    let page = officer.open("/console/receipts/verify").await;
    let token = page.between("name=\"form\" value=\"", "\"");
    let form = Form::new().text("form", token).part("file", Part::bytes(file).file_name(name.to_owned()));
    let request = officer.request(Method::POST, "/console/receipts/verify").multipart(form);
    officer.send(request).await
}

/// The exit code of `punte verify` for a pack, with the certificates of the hub's seals and nothing else of it.
async fn punte_verifies(hub: &TestHub, pack: &[u8]) -> u8 {
    let seals = hub.client(SENDER).get("/v1/seals").await.1;
    let pem = seals["seals"][0]["pem"].as_str().unwrap();
    let (seal, file) = (hub.folder().join("seal.pem"), hub.folder().join("pack.asice"));
    std::fs::write(&seal, pem).unwrap();
    std::fs::write(&file, pack).unwrap();
    let words = ["punte", "verify", "--certificate", seal.to_str().unwrap(), file.to_str().unwrap()];
    commands::run(Arguments::parse_from(words)).await.unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_receipt_is_found_by_the_other_sides_number_read_verified_and_taken_to_court() {
    Database::each(|database| async move {
        let hub = TestHub::start(database).await;
        let message = sent(&hub, "officer-1", Some("OR-4417")).await;
        let mut officer = signed_in(&hub, SENDER, "dpo@comuna.example", &["compliance-officer"]).await;
        let page = officer.open("/console/receipts?number=OR-4417").await;
        assert_eq!(page.status, 200, "{}", page.text);
        assert!(page.text.contains(&format!("/console/receipts/{message}")), "{}", page.text);
        assert!(officer.open("/console/receipts?number=OR-9999").await.text.contains("Niciun document găsit"));

        let page = officer.open(&format!("/console/receipts/{message}")).await;
        assert!(page.text.contains("Comuna Șișești a trimis către Municipiul Orșova"), "{}", page.text);
        assert!(page.text.contains("înregistrat cu numărul OR-4417 / 23.11.2026"), "{}", page.text);
        assert!(page.text.contains("<ol class=\"timeline\">"));
        let page = officer.open(&format!("/console/receipts/{message}?verify=now")).await;
        assert!(page.text.contains("Documentul este neschimbat") || page.text.contains("documentul este neschimbat"));
        assert!(!page.text.contains("NU SE VERIFIC"), "{}", page.text);

        let evidence = hub.client(SENDER).chain(&message).await[0]["document"].as_str().unwrap().to_owned();
        let page = verified(&mut officer, "dovada.xml", evidence.clone().into_bytes()).await;
        assert!(page.status == 200 && !page.text.contains("NU SE VERIFIC"), "{}", page.text);
        let damaged = evidence.replace("Submission", "Submissiom");
        assert_ne!(damaged, evidence);
        let page = verified(&mut officer, "stricata.xml", damaged.into_bytes()).await;
        assert!(page.text.contains("NU SE VERIFIC") || page.status == 422, "{}", page.text);

        let pack = officer.request(Method::GET, &format!("/v1/messages/{message}/package")).send().await.unwrap();
        let pack = pack.bytes().await.unwrap();
        let page = verified(&mut officer, "pachet.asice", pack.to_vec()).await;
        assert!(page.text.contains("Pachetul este întreg") && !page.text.contains("NU SE VERIFIC"), "{}", page.text);

        assert_eq!(punte_verifies(&hub, &pack).await, 0, "the program verifies the pack by itself");

        let mut other = signed_in(&hub, HUB_TOWN, "dpo@oras.example", &["compliance-officer"]).await;
        assert_eq!(other.open(&format!("/console/receipts/{message}")).await.status, 404);
        assert!(other.open("/console/receipts?number=OR-4417").await.text.contains("Niciun document găsit"));
        officer.form("/console/language", &[("language", "en"), ("back", "/console/receipts")]).await;
        let page = officer.open(&format!("/console/receipts/{message}")).await;
        assert!(page.text.contains("Receipt of the document") && page.text.contains("sent to"), "{}", page.text);
        hub.stop().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_day_with_one_missing_document_is_told_so_on_page_and_in_files() {
    Database::each(|database| async move {
        let hub = TestHub::start(database).await;
        sent(&hub, "officer-1", Some("OR-1")).await;
        let missing = sent(&hub, "officer-2", None).await;
        let mut officer = signed_in(&hub, SENDER, "dpo@comuna.example", &["compliance-officer"]).await;
        let place = format!("/console/reports/reconciliation?institution={INBOX_TOWN}");
        let page = officer.open(&place).await;
        assert_eq!(page.status, 200, "{}", page.text);
        assert_eq!(page.text.matches("class=\"badge good\">la fel").count(), 1, "{}", page.text);
        assert_eq!(page.text.matches("class=\"badge bad\">lipsește la destinatar").count(), 1, "{}", page.text);
        assert!(page.text.contains(&missing) && page.text.contains("<svg class=\"chart\""), "{}", page.text);
        let file = officer.open(&format!("{place}&as=csv")).await;
        assert_eq!(file.text.lines().count(), 3, "{}", file.text);
        for name in ["deadlines", "undelivered"] {
            assert_eq!(officer.open(&format!("/console/reports/{name}")).await.status, 200);
            let paper = officer.open(&format!("/v1/reports/{name}.pdf")).await;
            assert_eq!(paper.headers["content-type"], "application/pdf");
        }
        let paper = officer.open(&format!("/v1/reports/reconciliation.pdf?institution={INBOX_TOWN}")).await;
        assert!(paper.text.starts_with("%PDF-"));
        for path in ["/console/reports", "/console/reports/retention", "/console/audit", "/console/journal"] {
            assert_eq!(officer.open(path).await.status, 200, "{path}");
        }
        let page = officer.open("/console/proofs?register=general").await;
        assert!(page.text.contains("Registrul nu are goluri"), "{}", page.text);
        assert!(!page.text.contains("NU SE VERIFIC"), "{}", page.text);
        hub.stop().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_person_is_looked_for_with_a_purpose_alone_and_the_search_is_in_the_journal() {
    Database::each(|database| async move {
        let hub = TestHub::start(database).await;
        let commune = hub.client(SENDER);
        let (status, told) = commune.send("inquiry", &inquiry_envelope(&[HUB_TOWN]), &inquiry_parts()).await;
        assert_eq!(status, 201, "{told:#}");
        let message = told["message_id"].as_str().unwrap();
        let mut officer = signed_in(&hub, SENDER, "dpo@comuna.example", &["compliance-officer"]).await;
        for (place, shown) in [("/console/receipts/person", message), ("/console/journal/person", HUB_TOWN)] {
            let page = officer.open(place).await;
            let token = page.between("name=\"form\" value=\"", "\"");
            let bare = [("form", token.as_str()), ("subject", PERSON), ("what", "search")];
            let page = officer.form(place, &bare).await;
            assert_eq!(page.status, 422, "{place}: {}", page.text);
            let why = [("purpose", "control"), ("legal_basis", "RGPD, art. 39"), ("case", "3/2026")];
            let page = officer.form(place, &[&bare[..], &why[..]].concat()).await;
            assert_eq!(page.status, 200, "{place}: {}", page.text);
            assert!(page.text.contains(shown), "{place}: {}", page.text);
        }
        let page = officer.open("/console/journal?operation=evidence.search").await;
        assert_eq!(page.text.matches("căutarea documentelor despre o persoană").count(), 2, "{}", page.text);
        hub.stop().await;
    })
    .await;
}
