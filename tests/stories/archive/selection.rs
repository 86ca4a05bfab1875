//! Twelve years later: what is due is held, released, selected, confirmed and destroyed; the evidence stays.

use hub_flow::archive::selection::{NotShown, shown};
use hub_signatures::xades;
use openssl::sha::sha256;
use serde_json::{Value, json};
use tests::archive::{Desk, still_verifies, years_pass};
use tests::county::{HUB_TOWN, SENDER};
use tests::documents::{inquiry_envelope, inquiry_parts, letter};
use tests::{Database, TestHub};

const KEPT_COPIES: &str = "select cast(count(*) as bigint) as number from payload where content is not null";

fn commission(decisions: &[(&Value, &str)]) -> Value {
    let member = |name: &str, role: &str| json!({"name": name, "role": role});
    json!({
        "number": "1", "date": "2039-01-15",
        "members": [member("Inventata Maria", "president"), member("Inventatul Radu", "secretary"), member("Inventata Ioana", "member")],
        "decisions": decisions.iter().map(|(dossier, decision)| json!({"dossier": dossier["id"], "decision": decision})).collect::<Vec<_>>(),
    })
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_petition_lives_in_its_dossier_until_two_institutions_destroy_it_and_its_evidence_outlives_it() {
    Database::each(life).await;
}

async fn life(database: Database) {
    let mut hub = TestHub::start(database).await;
    let mut parts = inquiry_parts();
    parts[2].1 = b"%PDF-1.4 invented, long ".repeat(8_000);
    let (status, receipt) = hub.client(SENDER).send("1", &inquiry_envelope(&[HUB_TOWN]), &parts).await;
    assert_eq!(status, 201, "{receipt:#}");
    let message = receipt["message_id"].as_str().unwrap().to_owned();
    let delivery = hub.client(SENDER).wait_for_delivery(&message, HUB_TOWN, "consigned").await;
    let path = format!("/v1/inbox/{}/accept", delivery["id"].as_str().unwrap());
    hub.client(HUB_TOWN).post(&path, "accept", &json!({})).await;
    assert_eq!(hub.blobs().0, 1, "a large annex lies in the blob store");
    let mut dossiers = Vec::new();
    for (party, clerk, archivist) in [(SENDER, "ana", "eva"), (HUB_TOWN, "dan", "olga")] {
        let (desk, archivist) = (Desk::of(&hub, party, clerk, "arhiva"), Desk::of(&hub, party, archivist, "arhiva"));
        desk.adopt().await;
        let dossier = desk.filed(&message).await;
        let handed = desk.hand_over(&archivist, &dossier).await;
        assert_eq!(handed["minutes"]["taken"], 1, "{handed:#}");
        let id = dossier["id"].as_str().unwrap();
        let dossier = desk.get(&format!("/v1/archive/dossiers/{id}")).await.body;
        assert_eq!(dossier["state"], "handed_over");
        assert_eq!(desk.get("/v1/archive/due").await.body["items"], json!([]), "nothing is due yet");
        desk.refused("/v1/archive/selections", "early", &commission(&[(&dossier, "destroy")]), "term-not-over").await;
        dossiers.push(dossier);
    }
    let chain = hub.client(SENDER).chain(&message).await;

    years_pass(&mut hub, 12).await;
    let gone = destroyed(&hub, SENDER, ["ana", "eva"], &dossiers[0]).await;
    // The other institution still has it, and so has the hub.
    assert_eq!((hub.blobs().0, gone), (1, true));
    let theirs = Desk::of(&hub, HUB_TOWN, "dan", "arhiva");
    let document = first_document(&theirs, &dossiers[1]).await;
    assert_eq!(theirs.get(&format!("/v1/archive/documents/{document}/content")).await.status, 200);

    destroyed(&hub, HUB_TOWN, ["dan", "olga"], &dossiers[1]).await;
    assert_eq!((hub.blobs().0, hub.number(KEPT_COPIES).await), (0, 0), "the bytes are gone everywhere");
    let answer = theirs.get(&format!("/v1/archive/documents/{document}/content")).await;
    assert_eq!((answer.status, &answer.body["code"]), (410, &json!("content-erased")));
    let (status, problem) = hub.client(SENDER).get(&format!("/v1/messages/{message}/parts/anexa.pdf")).await;
    assert_eq!((status.as_u16(), &problem["code"]), (410, &json!("content-erased")));
    // What proves it happened is there, and so is the register.
    let (_, after) = hub.client(SENDER).get(&format!("/v1/messages/{message}/evidence")).await;
    assert_eq!(after["evidence"].as_array().unwrap().len(), chain.len());
    for evidence in &chain {
        still_verifies(&hub, evidence["document"].as_str().unwrap()).await;
    }
    let entries = "select cast(count(*) as bigint) as number from register_entry";
    assert_eq!(hub.number(entries).await, 2);
    hub.stop().await;
}

async fn first_document(desk: &Desk, dossier: &Value) -> String {
    let filed = desk.documents(dossier["id"].as_str().unwrap()).await;
    let first = filed.iter().find(|one| one["role"] == "document").unwrap();
    first["id"].as_str().unwrap().to_owned()
}

/// Everything that must happen until an institution's dossier is destroyed, with what is refused on the way.
async fn destroyed(hub: &TestHub, party: &str, clerks: [&'static str; 2], dossier: &Value) -> bool {
    let [first, second] = clerks.map(|clerk| Desk::of(hub, party, clerk, "arhiva"));
    let due = first.get("/v1/archive/due").await.body;
    assert_eq!(due["items"][0]["id"], dossier["id"], "{due:#}");
    let hold = json!({"code": "I/A/3", "reason": "proces la judecătorie", "basis": "adresa instanței"});
    let hold = first.done("/v1/archive/holds", "hold", &hold).await;
    let minutes = commission(&[(dossier, "destroy")]);
    let held = first.refused("/v1/archive/selections", "s1", &minutes, "on-hold").await;
    assert_eq!((&held["hold"], &held["reason"]), (&hold["id"], &json!("proces la judecătorie")));
    let release = format!("/v1/archive/holds/{}/release", hold["id"].as_str().unwrap());
    first.done(&release, "release", &json!({"reason": "hotărâre definitivă"})).await;
    let selection = first.done("/v1/archive/selections", "s2", &minutes).await;
    let path = format!("/v1/archive/selections/{}", selection["id"].as_str().unwrap());
    first.refused(&format!("{path}/destruction"), "d0", &json!({}), "state-conflict").await;
    let confirmation =
        json!({"number": "88", "date": "2039-02-01", "service": "Serviciul Județean Mehedinți al Arhivelor Naționale"});
    first.done(&format!("{path}/confirmation"), "confirm", &confirmation).await;
    first.done(&format!("{path}/destruction"), "d1", &json!({})).await;
    first.refused(&format!("{path}/destruction"), "d2", &json!({}), "second-clerk-needed").await;
    // A hold that comes between the two words stops it.
    let late = json!({"dossier": dossier["id"], "reason": "cerere a parchetului", "basis": "adresă"});
    let late = first.done("/v1/archive/holds", "late", &late).await;
    second.refused(&format!("{path}/destruction"), "d3", &json!({}), "on-hold").await;
    let release = format!("/v1/archive/holds/{}/release", late["id"].as_str().unwrap());
    first.done(&release, "release-late", &json!({"reason": "retrasă"})).await;
    second.done(&format!("{path}/destruction"), "d4", &json!({})).await;
    first.wait_for(&path, |seen| seen["state"] == "ended").await;
    let proof = first.bytes(&format!("{path}/proof")).await;
    let examined = xades::examine(&proof).expect("the proof is sealed");
    let covered = String::from_utf8_lossy(&proof);
    assert_eq!(first.get(&path).await.body["proof_sha256"], hex::encode(sha256(&proof)));
    assert_eq!(first.get(&format!("{path}/proof/lists/2")).await.status, 404, "one list holds it all");
    let filed = first.documents(dossier["id"].as_str().unwrap()).await;
    assert!(examined.certificate.not_after() > 0);
    let list = String::from_utf8(first.bytes(&format!("{path}/proof/lists/1")).await).unwrap();
    let changed = list.replacen("erasedAt=\"20", "erasedAt=\"19", 1);
    for one in &filed {
        // The proof and one list show it, to whoever has nothing else; a changed list shows nothing.
        let named = one["identifier"].as_str().unwrap();
        assert!(shown(&covered, &list, named).is_ok(), "{one:#}\n{list}");
        assert_eq!(shown(&covered, &list, one["sha256"].as_str().unwrap()), shown(&covered, &list, named));
        assert_eq!(shown(&covered, &changed, named), Err(NotShown::NotOfTheProof));
        assert!(one["erased_at"].is_string(), "{one:#}");
    }
    let dossier = first.get(&format!("/v1/archive/dossiers/{}", dossier["id"].as_str().unwrap())).await.body;
    assert_eq!(dossier["state"], "destroyed");
    let inventory = dossier["inventory"].as_str().unwrap();
    let papers = [
        format!("/v1/archive/inventories/{inventory}/paper"),
        format!("/v1/archive/inventories/{inventory}/minutes"),
        format!("{path}/minutes"),
        format!("{path}/proof.pdf"),
    ];
    for paper in papers {
        let bytes = first.bytes(&paper).await;
        assert!(bytes.starts_with(b"%PDF-1.7"), "{paper}: {}", String::from_utf8_lossy(&bytes[..bytes.len().min(400)]));
    }
    true
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_destruction_that_is_interrupted_is_finished_and_is_not_told_before() {
    Database::each(interrupted).await;
}

async fn interrupted(database: Database) {
    let mut hub = TestHub::start(database).await;
    let (ana, eva) = (Desk::of(&hub, SENDER, "ana", "arhiva"), Desk::of(&hub, SENDER, "eva", "arhiva"));
    ana.adopt().await;
    let mut last = String::new();
    for number in 0..12 {
        let sent = letter(&[HUB_TOWN], &format!("petiția {number}"));
        let (_, receipt) = hub.client(SENDER).post("/v1/messages", &format!("p{number}"), &sent).await;
        last = receipt["message_id"].as_str().unwrap().to_owned();
        let delivery = hub.client(SENDER).wait_for_delivery(&last, HUB_TOWN, "consigned").await;
        let path = format!("/v1/inbox/{}/accept", delivery["id"].as_str().unwrap());
        hub.client(HUB_TOWN).post(&path, "accept", &json!({})).await;
    }
    hub.wait_for_number(
        "select cast(count(*) as bigint) as number from archive_filing where state = 'filed' and party = 'uat-113625'",
        12,
    )
    .await;
    let dossier = ana.filed(&last).await;
    assert!(dossier["documents"].as_i64().unwrap() > 64, "more than one step: {dossier:#}");
    ana.hand_over(&eva, &dossier).await;
    years_pass(&mut hub, 12).await;
    let (ana, eva) = (Desk::of(&hub, SENDER, "ana", "arhiva"), Desk::of(&hub, SENDER, "eva", "arhiva"));
    let selection = ana.done("/v1/archive/selections", "s", &commission(&[(&dossier, "destroy")])).await;
    let path = format!("/v1/archive/selections/{}", selection["id"].as_str().unwrap());
    ana.done(&format!("{path}/confirmation"), "c", &json!({"number": "1", "date": "2039-02-01", "service": "ANR"}))
        .await;
    ana.done(&format!("{path}/destruction"), "d1", &json!({})).await;
    eva.done(&format!("{path}/destruction"), "d2", &json!({})).await;
    // Stopped at once, and again and again while it erases: bytes go first, rows follow, the end comes last.
    for _ in 0..3 {
        hub.restart().await;
        let desk = Desk::of(&hub, SENDER, "ana", "arhiva");
        let seen = desk.get(&path).await.body;
        let left =
            hub.number("select cast(count(*) as bigint) as number from archive_document where erased_at is null").await;
        assert!(left == 0 || seen["state"] == "destroying", "{left} left: {seen:#}");
        assert_eq!(seen["proof_sha256"].is_string(), seen["state"] == "ended", "{seen:#}");
    }
    let desk = Desk::of(&hub, SENDER, "ana", "arhiva");
    desk.wait_for(&path, |seen| seen["state"] == "ended").await;
    let told = "select cast(count(*) as bigint) as number from archive_act where act = 'destroyed'";
    assert_eq!(hub.number(told).await, 2, "the selection and its dossier, once each");
    hub.stop().await;
}
