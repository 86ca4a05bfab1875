//! A year of documents: filed under a nomenclature, which is replaced; inventoried, handed over, selected, exported,
//! carried into an empty hub; and verified five years later, when every certificate has expired.

use std::fs;
use std::path::Path;
use std::process::Command;

use clap::Parser as _;
use hub_eark::Limits;
use hub_eark::source::ZipSource;
use hub_server::commands::{self, Arguments};
use hub_server::config::Config;
use openssl::sha::sha256;
use serde_json::{Value, json};
use tests::archive::{Desk, NOMENCLATOR};
use tests::county::{HUB_TOWN, SENDER};
use tests::documents::letter;
use tests::log::{UNSTAMPED, authority_lasting, often, settled};
use tests::shared::program;
use tests::{Database, TestHub, process};

/// Runs a command of the program on the data of a hub that is closed.
async fn run(config: &Config, words: &[&str]) -> u8 {
    fs::create_dir_all(&config.data).unwrap();
    let path = config.data.join("punte.toml");
    fs::write(&path, format!("data = '{}'\ndatabase = '{}'\n", config.data.display(), config.database_url())).unwrap();
    let words = ["punte", "--config", path.to_str().unwrap()].into_iter().chain(words.iter().copied());
    commands::run(Arguments::parse_from(words)).await.unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_year_of_documents_is_proven_five_years_later_in_another_hub() {
    Database::each(|database| async move {
        let folder = tempfile::tempdir().unwrap();
        let (_tsa, stamping) = authority_lasting(folder.path(), 700 * 86_400).await;
        let roots = stamping.roots.clone();
        let mut hub = TestHub::start_with(database, |config| {
            often(config);
            config.time_stamping = Some(stamping);
        })
        .await;
        let desk = Desk::of(&hub, SENDER, "ana", "arhiva");
        let archivist = Desk::of(&hub, SENDER, "eva", "arhiva");
        desk.adopt().await;
        // A dossier of papers from before, whose term is long over.
        let old = desk.done("/v1/archive/dossiers", "old", &json!({"code": "I/A/3", "year": 2010})).await;
        let message = petition(&hub, "1").await;
        let counter = desk.enter("e1", &json!({"subject": "Adusă la ghișeu", "way": "ghiseu", "dossier_code": "I/A/3"})).await;
        assert_eq!(desk.upload(&counter, "u1", &[("scan.txt", "text/plain", b"scanat")]).await.status, 201);
        let first = desk.filed(&message).await;
        assert_eq!(desk.filed_entry(&counter).await["id"], first["id"], "one dossier for both");

        // The nomenclature is replaced; what was opened keeps its term. Its confirmation comes later, by two clerks.
        let next = NOMENCLATOR.replace("10 ani", "30 de ani").replace("2020-01-01", "2021-01-01");
        let next = next.replace("[confirmation]\nnumber = \"1204\"\ndate = \"2019-12-20\"\nservice = \"Serviciul Județean Mehedinți al Arhivelor Naționale\"\n", "");
        assert_eq!(desk.text("/v1/archive/nomenclator", "n2", "application/toml", &next).await.body["version"], 2);
        confirmed(&desk, &archivist).await;
        let close = format!("/v1/archive/dossiers/{}/close", first["id"].as_str().unwrap());
        desk.done(&close, "close-first", &json!({})).await;
        let later = petition(&hub, "2").await;
        let second = desk.filed(&later).await;
        assert_eq!((&first["term"], &second["term"]), (&json!("10 ani"), &json!("30 de ani")));
        settled(&hub).await;
        hub.wait_for_number(UNSTAMPED, 0).await;
        let all = "select cast(count(*) as bigint) as number from archive_filing where state = 'waiting'";
        hub.wait_for_number(all, 0).await;

        // Inventory and hand-over; the old dossier is selected, confirmed and destroyed.
        let (mut shown, first) = (Vec::new(), first["id"].as_str().unwrap().to_owned());
        let wanted = json!({"year": second["year"], "permanent": false});
        let inventory = desk.done("/v1/archive/inventories", "inventory", &wanted).await;
        assert!(inventory["left_open"].to_string().contains("vol. 2"), "{inventory:#}");
        let minutes = json!({"number": "5", "date": "2026-01-10", "early_reason": "poveste de probă"});
        let path = format!("/v1/archive/inventories/{}/handover", inventory["id"].as_str().unwrap());
        assert_eq!(archivist.done(&path, "handover", &minutes).await["minutes"]["taken"], 1);
        desk.hand_over(&archivist, &old).await;
        let due = desk.get("/v1/archive/due").await.body;
        let ids: Vec<&Value> = due["items"].as_array().unwrap().iter().map(|one| &one["id"]).collect();
        assert_eq!(ids, [&old["id"]], "{due:#}");
        destroyed(&desk, &archivist, &old).await;

        for dossier in [first, second["id"].as_str().unwrap().to_owned()] {
            for document in desk.documents(&dossier).await {
                let path = format!("/v1/archive/documents/{}/content", document["id"].as_str().unwrap());
                assert_eq!(document["sha256"], hex::encode(sha256(&desk.bytes(&path).await)));
                shown.push(document);
            }
        }
        let entries = hub.client(SENDER).get("/v1/registers/general/entries").await.1;
        let (seal, key) = (hub.running().seal_certificate.clone(), hub.running().hub.log.verifier().to_string());
        hub.close().await;

        // Out: packages for an archive, and the whole institution.
        let out = folder.path().join("export");
        let export = ["archive", "export", "--purpose", "predare", "--legal-basis", "Legea nr. 16/1996", "--party", SENDER, "--out", out.to_str().unwrap()];
        assert_eq!(run(&hub.config, &export).await, 0);
        packages_hold(&out, &shown);

        // In: an empty hub on the other database answers the same.
        let other = Database::all().into_iter().find(|one| *one != database).unwrap_or(database);
        let mut new = TestHub::start_with(other, |config| {
            often(config);
            config.directory = None;
        })
        .await;
        new.close().await;
        let pem = folder.path().join("seal.pem");
        fs::write(&pem, &seal).unwrap();
        let import = ["archive", "import", "--certificate", pem.to_str().unwrap(), out.to_str().unwrap()];
        assert_eq!(run(&new.config, &import).await, 0);
        new.up().await;
        assert_eq!(new.client(SENDER).get("/v1/registers/general/entries").await.1, entries, "numbers are the same");
        let desk = Desk::of(&new, SENDER, "ana", "arhiva");
        for document in &shown {
            let path = format!("/v1/archive/documents/{}", document["id"].as_str().unwrap());
            let there = desk.get(&path).await.body;
            assert_eq!((&there["sha256"], &there["identifier"]), (&document["sha256"], &document["identifier"]));
            assert_eq!(document["sha256"], hex::encode(sha256(&desk.bytes(&format!("{path}/content")).await)));
        }
        new.stop().await;
        let keys = folder.path().join("key.txt");
        fs::write(&keys, key + "\n").unwrap();
        five_years_later(&out.join("evidence"), [&pem, &roots, &keys]);
    })
    .await;
}

/// A letter the town accepts; answers its message.
async fn petition(hub: &TestHub, key: &str) -> String {
    let (status, receipt) = hub.client(SENDER).post("/v1/messages", key, &letter(&[HUB_TOWN], key)).await;
    assert_eq!(status, 201, "{receipt:#}");
    let message = receipt["message_id"].as_str().unwrap().to_owned();
    let delivery = hub.client(SENDER).wait_for_delivery(&message, HUB_TOWN, "consigned").await;
    let path = format!("/v1/inbox/{}/accept", delivery["id"].as_str().unwrap());
    hub.client(HUB_TOWN).post(&path, "accept", &json!({})).await;
    message
}

/// The confirmation of version 2 is proposed, refused with a reason, proposed again and approved by another clerk.
async fn confirmed(desk: &Desk, other: &Desk) {
    let path = "/v1/archive/nomenclator/2/confirmation";
    let date = json!("2021-02-01");
    let wanted = json!({"confirmation": {"number": "77", "date": date, "service": "Serviciul Județean Mehedinți"}});
    desk.refused(path, "p0", &json!({}), "invalid-archive-request").await;
    desk.done(path, "p1", &wanted).await;
    desk.refused(path, "p2", &wanted, "state-conflict").await;
    let decision = format!("{path}/decision");
    desk.refused(&decision, "d0", &json!({"approved": true}), "second-clerk-needed").await;
    other.refused(&decision, "d1", &json!({"approved": false}), "invalid-archive-request").await;
    other.done(&decision, "d2", &json!({"approved": false, "reason": "numărul este greșit"})).await;
    let right = json!({"confirmation": {"number": "78", "date": date, "service": "Serviciul Județean Mehedinți"}});
    desk.done(path, "p3", &right).await;
    other.done(&decision, "d3", &json!({"approved": true})).await;
    let version = desk.get("/v1/archive/nomenclator/2").await.body;
    assert_eq!(version["confirmation"]["number"], "78", "{version:#}");
    let history = desk.get(path).await.body;
    let decisions: Vec<&Value> = history["items"].as_array().unwrap().iter().map(|one| &one["decision"]).collect();
    assert_eq!(decisions, [&json!("refused"), &json!("approved")], "{history:#}");
    assert_eq!(history["acts"].as_array().unwrap().len(), 4, "{history:#}");
}

async fn destroyed(desk: &Desk, other: &Desk, dossier: &Value) {
    let member = |name: &str, role: &str| json!({"name": name, "role": role});
    let members = [
        member("Inventata Maria", "president"),
        member("Inventatul Radu", "secretary"),
        member("Inventata Ioana", "member"),
    ];
    let decisions = json!([{"dossier": dossier["id"], "decision": "destroy"}]);
    let minutes = json!({"number": "1", "date": "2026-01-15", "members": members, "decisions": decisions});
    let selection = desk.done("/v1/archive/selections", "minutes", &minutes).await;
    let path = format!("/v1/archive/selections/{}", selection["id"].as_str().unwrap());
    let confirmation = json!({"number": "88", "date": "2026-01-20", "service": "Arhivele Naționale"});
    desk.done(&format!("{path}/confirmation"), "confirm", &confirmation).await;
    desk.done(&format!("{path}/destruction"), "ask", &json!({})).await;
    other.done(&format!("{path}/destruction"), "approve", &json!({})).await;
    desk.wait_for(&path, |seen| seen["state"] == "ended").await;
    let proof = desk.get(&format!("{path}/proof")).await.body;
    assert!(proof.as_str().unwrap().contains("dist:Destruction"), "{proof}");
    assert!(proof.as_str().unwrap().contains("SignatureTimeStamp"), "{proof}");
}

/// Every archived document is in a package, byte for byte.
fn packages_hold(out: &Path, shown: &[Value]) {
    let mut hashes = Vec::new();
    for package in fs::read_dir(out.join("dossiers")).unwrap() {
        let file = fs::File::open(package.unwrap().path()).unwrap();
        let read = hub_eark::read(&mut ZipSource::new(file), &Limits::default()).unwrap();
        hashes.extend(read.files.iter().map(|file| format!("{file:?}").to_lowercase()));
    }
    assert!(hashes.len() > shown.len());
    for one in shown {
        let name = one["name"].as_str().unwrap().to_lowercase();
        assert!(hashes.iter().any(|file| file.contains(&name)), "{name} is in no package: {hashes:#?}");
    }
}

/// When seal and authority have expired, the same packs prove the same, by the program as anybody runs it.
fn five_years_later(packs: &Path, [seal, roots, keys]: [&Path; 3]) {
    if program("faketime").is_none() {
        return;
    }
    let mut count = 0;
    for pack in fs::read_dir(packs).unwrap() {
        let path = pack.unwrap().path();
        let mut command = Command::new("faketime");
        command.arg("+5 years").arg(process::punte()).arg("verify").arg("--certificate").arg(seal);
        command.arg("--tsa-certificate").arg(roots).arg("--log-key").arg(keys);
        let verdict =
            command.args(["--require", "package,seal,log,head-time-stamp,chain"]).arg(&path).output().unwrap();
        let told = String::from_utf8_lossy(&verdict.stdout).into_owned() + &String::from_utf8_lossy(&verdict.stderr);
        assert_eq!(verdict.status.code(), Some(0), "{}: {told}", path.display());
        assert!(told.contains("a expirat la"), "the clock did not move: {told}");
        count += 1;
    }
    assert!(count >= 2, "{count} packs");
}
