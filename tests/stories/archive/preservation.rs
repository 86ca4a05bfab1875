//! Evidence that outlives certificates and algorithms: batches, their records, renewals, and what fails on the way.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use clap::Parser as _;
use hub_flow::db::{DbError, Tx, WriteVerb};
use hub_proofs::exhibits::{About, File};
use hub_proofs::{Exhibits, Kind, Status, Trusted, judge};
use hub_server::commands::{self, Arguments};
use hub_server::config::Config;
use hub_signatures::certificate::Certificate;
use hub_signatures::digest::DigestAlgorithm;
use hub_signatures::evidence_record::{EvidenceRecord, RefusedRecord};
use hub_signatures::trust::Trust;
use sandbox::{Fault, FaultKind};
use serde_json::{Value, json};
use tests::county::SENDER;
use tests::hub::unix_seconds;
use tests::log::{attack, authority, authority_lasting, often, send, settled, trust};
use tests::{Database, TestHub};

const DAY: i64 = 86_400;
const BATCHES: &str = "select cast(count(*) as bigint) as number from preservation_batch";
const STAMPS: &str = "select cast(count(*) as bigint) as number from preservation_stamp";
/// Evidences that are not in exactly one batch, and batches that say another number of evidences than they have.
const MISPLACED: &str = "select cast((select count(*) from evidence e where 1 <> (select count(*) from log_leaf l
      join preservation_batch b on l.position between b.first_leaf and b.last_leaf
      where l.evidence_sequence = e.sequence))
    + (select count(*) from preservation_batch b where b.leaves <>
        (select sum(c.evidences) from preservation_content c where c.batch = b.number)) as bigint) as number";
/// Evidences that are in no batch yet.
const WAITING: &str = "select cast((select count(*) from evidence)
    - (select coalesce(sum(leaves), 0) from preservation_batch) as bigint) as number";

/// A statement that the database is to refuse.
struct Attempt;

impl WriteVerb for Attempt {
    type Item = &'static str;
    type Output = ();
    const ORDER: u16 = 999;

    async fn run(&self, tx: &mut Tx<'_>, items: &[&'static str]) -> Result<Vec<()>, DbError> {
        for statement in items {
            tx.execute_each(statement, vec![vec![]]).await?;
        }
        Ok(vec![(); items.len()])
    }
}

fn soon(config: &mut Config) {
    often(config);
    config.preservation.interval_ms = 20.try_into().unwrap();
    config.preservation.max_age_hours = 0.0;
}

/// Every evidence of some messages with its record.
async fn records(hub: &TestHub, messages: &[String]) -> Vec<(Vec<u8>, Vec<u8>)> {
    let commune = hub.client(SENDER);
    let mut all = Vec::new();
    for message in messages {
        for evidence in commune.chain(message).await {
            let path = format!("/v1/messages/{message}/evidence/{}", evidence["id"].as_str().unwrap());
            let document = commune.bytes(&format!("{path}?level=b")).await;
            all.push((document, commune.bytes(&format!("{path}/record")).await));
        }
    }
    all
}

/// The lines of the board, and how many evidences need something.
async fn board(hub: &TestHub, days: u32) -> (Vec<Value>, i64) {
    let (status, board) = hub.client(SENDER).get(&format!("/v1/proofs/expiring?within_days={days}")).await;
    assert_eq!(status, 200, "{board:#}");
    (board["lines"].as_array().unwrap().clone(), board["weakening"].as_i64().unwrap())
}

/// Runs a command of the program on the data of a hub that is closed; answers its exit code.
async fn punte(config: &Config, words: &[&str]) -> u8 {
    let stamping = config.time_stamping.as_ref().unwrap();
    let text = format!(
        "data = '{}'\ndatabase = '{}'\n[time_stamping]\nurl = '{}'\nroots = '{}'\npolicy = '{}'\n",
        config.data.display(),
        config.database_url(),
        stamping.url,
        stamping.roots.display(),
        stamping.policy.as_deref().unwrap(),
    );
    let path = config.data.join("punte.toml");
    std::fs::write(&path, text).unwrap();
    let words = ["punte", "--config", path.to_str().unwrap()].into_iter().chain(words.iter().copied());
    commands::run(Arguments::parse_from(words)).await.unwrap()
}

fn verified(record: &[u8], document: &[u8], trust: &Trust, at: i64) -> EvidenceRecord {
    let read = EvidenceRecord::from_der(record).unwrap();
    let proven = read.verify(&[document], trust, at).unwrap();
    assert!((proven.existed_at - unix_seconds()).abs() < 120);
    read
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_evidence_is_in_one_batch_and_its_record_proves_it_after_its_seal_has_ended() {
    Database::each(async |database| {
        let folder = tempfile::tempdir().unwrap();
        let (tsa, settings) = authority(folder.path()).await;
        let believed = trust(&settings);
        let hub = TestHub::start_with(database, |config| {
            soon(config);
            config.preservation.batch = 5.try_into().unwrap();
            config.time_stamping = Some(settings.clone());
        })
        .await;
        let messages = send(&hub, 6).await;
        settled(&hub).await;
        hub.wait_for_number(WAITING, 0).await;
        assert_eq!(hub.number(MISPLACED).await, 0);
        let evidences = hub.number("select cast(count(*) as bigint) as number from evidence").await;
        let batches = hub.number(BATCHES).await;
        assert!(evidences >= 12 && batches * 5 >= evidences, "{evidences} evidences in {batches} batches of five");

        let all = records(&hub, &messages).await;
        assert!(all.len() >= 12, "{}", all.len());
        for (document, record) in &all {
            verified(record, document, &believed, unix_seconds());
        }
        outlives_its_seal(&hub, folder.path(), &all[0]);
        let (document, record) = &all[0];
        refused_when_changed(record, document, &believed);
        let other =
            EvidenceRecord::from_der(&all[3].1).unwrap().verify(&[document.as_slice()], &believed, unix_seconds());
        assert!(matches!(other, Err(RefusedRecord::OtherObject { chain: 1 })), "{other:?}");
        let message = &messages[0];
        let first = &hub.client(SENDER).chain(message).await[0]["id"];
        let path = format!("/v1/messages/{message}/evidence/{}/record", first.as_str().unwrap());
        assert_eq!(hub.client("anybody").get(&path).await.0, 401, "a record is for the two sides");
        hub.stop().await;
        tsa.stop().await;
    })
    .await;
}

/// The seal of development ends after a year: without the record nothing shows that the evidence is older.
fn outlives_its_seal(hub: &TestHub, folder: &Path, (document, record): &(Vec<u8>, Vec<u8>)) {
    let later = unix_seconds() + 400 * DAY;
    let certificates = |pem: &[u8]| Some(Certificate::all_from_pem(pem).unwrap());
    let authorities = certificates(&std::fs::read(folder.join("tsa.pem")).unwrap());
    let trusted = Trusted { seals: certificates(&hub.running().seal_certificate), authorities, ..Trusted::default() };
    let evidences = || vec![File { name: "evidence.xml", bytes: document }];
    let validity = |exhibits: &Exhibits<'_>| {
        let verdict = judge(exhibits, &trusted, later);
        verdict.claims.iter().find(|claim| claim.kind == Kind::SealValidity).map(|claim| claim.status)
    };
    let alone = Exhibits { evidences: evidences(), ..Exhibits::default() };
    assert_eq!(validity(&alone), Some(Status::NotChecked));
    let file = File { name: "evidence.ers", bytes: record };
    let preserved =
        Exhibits { evidences: evidences(), records: vec![About { file, evidence: None }], ..Exhibits::default() };
    assert_eq!(validity(&preserved), Some(Status::Proven));
}

fn refused_when_changed(record: &[u8], document: &[u8], believed: &Trust) {
    let read = EvidenceRecord::from_der(record).unwrap();
    let mut changed = document.to_vec();
    let at = changed.len() / 2;
    changed[at] ^= 1;
    let refused = read.verify(&[changed.as_slice()], believed, unix_seconds());
    assert!(matches!(refused, Err(RefusedRecord::OtherObject { .. })), "{refused:?}");
    for at in [record.len() / 3, record.len() / 2, record.len() - 20] {
        let mut changed = record.to_vec();
        changed[at] ^= 1;
        let accepted = EvidenceRecord::from_der(&changed)
            .is_ok_and(|changed| changed.verify(&[document], believed, unix_seconds()).is_ok());
        assert!(!accepted, "the record is accepted with byte {at} changed");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn batches_wait_for_an_authority_that_is_away_and_nothing_else_waits() {
    Database::each(async |database| {
        let folder = tempfile::tempdir().unwrap();
        let (tsa, settings) = authority(folder.path()).await;
        tsa.faults.down(Duration::from_secs(600)).await;
        let believed = trust(&settings);
        let hub = TestHub::start_with(database, |config| {
            soon(config);
            config.time_stamping = Some(settings);
        })
        .await;
        let messages = send(&hub, 2).await;
        settled(&hub).await;
        let commune = hub.client(SENDER);
        let begun = std::time::Instant::now();
        let ready = loop {
            let (status, ready) = commune.get("/health/ready").await;
            assert_eq!(status, 200, "documents are accepted: {ready:#}");
            if ready["preservation"]["state"] == "behind" {
                break ready;
            }
            assert!(begun.elapsed().as_secs() < 30, "nobody says that evidence is not preserved: {ready:#}");
            tokio::time::sleep(Duration::from_millis(20)).await;
        };
        assert!(ready["preservation"]["waiting"].as_u64().unwrap() > 0, "{ready:#}");
        assert!(ready["preservation"]["trouble"].is_string(), "{ready:#}");
        let evidence = commune.chain(&messages[0]).await[0]["id"].as_str().unwrap().to_owned();
        let path = format!("/v1/messages/{}/evidence/{evidence}/record", messages[0]);
        let (status, problem) = commune.get(&path).await;
        assert_eq!((status.as_u16(), problem["code"].as_str()), (404, Some("not-found")), "{problem:#}");
        assert!(problem.to_string().contains("authority does not answer"), "{problem:#}");

        let later = send(&hub, 1).await;
        // The first answers are lost on their way: what was stamped and not kept is asked for again, and is one batch.
        (0..3).for_each(|_| tsa.faults.plan(Fault::once(FaultKind::CutConnectionAfterStoring)));
        tsa.faults.up().await;
        settled(&hub).await;
        hub.wait_for_number(WAITING, 0).await;
        assert_eq!(hub.number(MISPLACED).await, 0);
        assert_eq!(hub.number(STAMPS).await, hub.number(BATCHES).await, "one stamp each");
        for (document, record) in records(&hub, &[messages, later].concat()).await {
            verified(&record, &document, &believed, unix_seconds());
        }
        let (_, ready) = commune.get("/health/ready").await;
        assert_eq!(ready["preservation"]["state"], "ok", "{ready:#}");
        hub.stop().await;
        tsa.stop().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_hub_that_falls_between_stamp_and_store_asks_again_and_has_one_batch() {
    Database::each(async |database| {
        let folder = tempfile::tempdir().unwrap();
        let (tsa, settings) = authority(folder.path()).await;
        let believed = trust(&settings);
        let mut hub = TestHub::start_with(database, often).await;
        let messages = send(&hub, 2).await;
        settled(&hub).await;
        // The authority stamps at once and its answer comes later than the hub lives.
        for _ in 0..4 {
            tsa.faults.plan(Fault { delay_ms: 5_000, ..Fault::once(FaultKind::AcceptAfterClientTimeout) });
        }
        hub.config.time_stamping = Some(settings);
        soon(&mut hub.config);
        hub.restart().await;
        let begun = std::time::Instant::now();
        while tsa.received().len() < 2 {
            assert!(begun.elapsed().as_secs() < 30, "the authority is not asked");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        hub.close().await;
        hub.up().await;
        hub.wait_for_number(WAITING, 0).await;
        assert_eq!((hub.number(BATCHES).await, hub.number(STAMPS).await, hub.number(MISPLACED).await), (1, 1, 0));
        for (document, record) in records(&hub, &messages).await {
            verified(&record, &document, &believed, unix_seconds());
        }
        hub.stop().await;
        tsa.stop().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_stamp_that_ends_soon_is_renewed_and_a_tree_is_renewed_to_a_stronger_algorithm() {
    Database::each(async |database| {
        let folder = tempfile::tempdir().unwrap();
        let (old, settings) = authority_lasting(folder.path(), 30 * DAY).await;
        let mut hub = TestHub::start_with(database, |config| {
            soon(config);
            config.preservation.batch = 4.try_into().unwrap();
            config.time_stamping = Some(settings);
        })
        .await;
        let messages = send(&hub, 3).await;
        settled(&hub).await;
        hub.wait_for_number(WAITING, 0).await;
        let batches = hub.number(BATCHES).await;
        // The authority was asked once whether it can renew, and could not: its certificate ends no later.
        tokio::time::sleep(Duration::from_millis(300)).await;
        assert_eq!(hub.number(STAMPS).await, batches, "a stamp that proves no longer is not kept");
        let (lines, weakening) = board(&hub, 90).await;
        assert_eq!(
            weakening,
            hub.number("select cast(count(*) as bigint) as number from evidence").await,
            "{lines:#?}"
        );
        let batch = |line: &&Value| line["group"] == "batch";
        assert_eq!(lines.iter().filter(batch).count() as i64, batches, "{lines:#?}");
        assert!(lines.iter().filter(batch).all(|line| line["advice"] == "renew-time-stamp"), "{lines:#?}");
        assert!(lines.iter().filter(batch).all(|line| line["needed_until"] == "permanent"), "{lines:#?}");
        let (lines, _) = board(&hub, 400).await;
        let seal = lines.iter().find(|line| line["group"] == "seal").unwrap();
        assert_eq!((&seal["cause"], &seal["advice"]), (&json!("seal-ends"), &json!("nothing")));
        let metrics = String::from_utf8(hub.client("anybody").bytes("/metrics").await).unwrap();
        assert!(metrics.contains(&format!("punte_proofs_weakening {weakening}\n")), "{metrics}");
        let later = unix_seconds() + 100 * DAY;
        let (document, record) = records(&hub, &messages).await.remove(0);
        let roots = || Certificate::all_from_pem(&std::fs::read(folder.path().join("tsa.pem")).unwrap()).unwrap();
        let refused =
            EvidenceRecord::from_der(&record).unwrap().verify(&[document.as_slice()], &Trust::Anchors(roots()), later);
        assert!(matches!(refused, Err(RefusedRecord::TooLate { position: 1, .. })), "{refused:?}");

        let (new, settings) = authority(folder.path()).await;
        hub.config.time_stamping = Some(settings);
        hub.restart().await;
        hub.wait_for_number(STAMPS, 2 * batches).await;
        let (lines, weakening) = board(&hub, 90).await;
        assert!(weakening == 0 && !lines.iter().any(|line| line["group"] == "batch"), "{lines:#?}");
        let (lines, _) = board(&hub, 36_500).await;
        let aging = lines.iter().filter(|line| line["cause"] == "algorithm-ages:sha256");
        assert_eq!(aging.filter(|line| line["advice"] == "renew-hash-tree").count() as i64, batches, "{lines:#?}");
        let believed = Trust::Anchors(roots());
        for (document, record) in records(&hub, &messages).await {
            let record = verified(&record, &document, &believed, later);
            assert_eq!(record.chains().iter().map(Vec::len).collect::<Vec<_>>(), [2]);
        }

        hub.close().await;
        assert_eq!(punte(&hub.config, &["preserve", "--renew-hash", "sha384"]).await, 0);
        assert_eq!(
            punte(&hub.config, &["preserve", "--renew-hash", "sha384"]).await,
            0,
            "there is nothing left to renew"
        );
        assert_eq!(punte(&hub.config, &["proofs", "--within-days", "36500"]).await, 0);
        hub.up().await;
        assert_eq!(hub.number(STAMPS).await, 3 * batches);
        let (lines, _) = board(&hub, 36_500).await;
        assert!(!lines.iter().any(|line| line["cause"] == "algorithm-ages:sha256"), "{lines:#?}");

        hub.config.preservation.algorithm = "sha512".to_owned();
        hub.restart().await;
        hub.wait_for_number(STAMPS, 4 * batches).await;
        let young = send(&hub, 1).await;
        settled(&hub).await;
        hub.wait_for_number(WAITING, 0).await;
        for (document, record) in records(&hub, &messages).await {
            let read = verified(&record, &document, &believed, later);
            assert_eq!(read.algorithm(), DigestAlgorithm::Sha512);
            assert_eq!(read.chains().iter().map(Vec::len).collect::<Vec<_>>(), [2, 1, 1]);
            refused_when_changed(&record, &document, &believed);
        }
        for (document, record) in records(&hub, &young).await {
            let read = verified(&record, &document, &believed, later);
            assert_eq!((read.algorithm(), read.chains().len()), (DigestAlgorithm::Sha512, 1));
        }
        assert_eq!(hub.number(MISPLACED).await, 0);
        // A weaker algorithm in the configuration renews nothing.
        let stamps = hub.number(STAMPS).await;
        hub.config.preservation.algorithm = "sha256".to_owned();
        hub.restart().await;
        tokio::time::sleep(Duration::from_millis(200)).await;
        assert_eq!(hub.number(STAMPS).await, stamps);
        hub.stop().await;
        old.stop().await;
        new.stop().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_batch_that_was_changed_is_told_and_not_renewed_and_the_others_are() {
    Database::each(async |database| {
        let folder = tempfile::tempdir().unwrap();
        let (tsa, settings) = authority(folder.path()).await;
        let mut hub = TestHub::start_with(database, |config| {
            soon(config);
            config.preservation.batch = 2.try_into().unwrap();
            config.time_stamping = Some(settings);
        })
        .await;
        let messages = send(&hub, 3).await;
        settled(&hub).await;
        hub.wait_for_number(WAITING, 0).await;
        let batches = hub.number(BATCHES).await;
        hub.close().await;
        let lie = "update evidence set document = document || ' ' where sequence =
            (select min(sequence) from evidence)";
        attack(database, &hub.config, lie).await;
        hub.config.preservation.algorithm = "sha384".to_owned();
        hub.up().await;
        hub.wait_for_number(STAMPS, 2 * batches - 1).await;
        let commune = hub.client(SENDER);
        let (_, ready) = commune.get("/health/ready").await;
        assert!(ready["preservation"]["trouble"].as_str().unwrap().contains("batch 0"), "{ready:#}");
        assert_eq!(
            hub.number("select cast(count(*) as bigint) as number from preservation_stamp where batch = 0").await,
            1
        );
        drop(messages);
        hub.stop().await;
        tsa.stop().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn batches_and_stamps_are_appended_and_never_changed() {
    Database::each(async |database| {
        let folder = tempfile::tempdir().unwrap();
        let (tsa, settings) = authority(folder.path()).await;
        let hub = TestHub::start_with(database, |config| {
            soon(config);
            config.time_stamping = Some(settings);
        })
        .await;
        send(&hub, 1).await;
        settled(&hub).await;
        hub.wait_for_number(WAITING, 0).await;
        for statement in [
            "update preservation_batch set leaves = leaves",
            "delete from preservation_batch",
            "update preservation_stamp set token = token",
            "delete from preservation_stamp",
            "update preservation_content set evidences = 0",
            "delete from preservation_content",
        ] {
            let refused = Arc::new(Attempt);
            hub.running().hub.db.write(&refused, statement).await.unwrap_err();
        }
        hub.stop().await;
        tsa.stop().await;
    })
    .await;
}
