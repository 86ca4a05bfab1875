//! Somebody with every right on the database rewrites history: the audit finds every way that was thought of.

use clap::Parser as _;
use hub_flow::log::audit::{Finding, Report};
use hub_flow::standing::Halt;
use hub_server::commands::{self, Arguments};
use hub_signatures::log::checkpoint::Checkpoint;
use hub_signatures::log::key::{KeyUse, SigningKey, VerifierKey};
use hub_signatures::trust::Trust;
use tests::county::{HUB_TOWN, SENDER};
use tests::documents::letter;
use tests::log::{UNSTAMPED, attack, audit, authority, log_key, often, send, settled, trust};
use tests::{Database, TestHub};

/// The tables that an attack may change, as they were.
const SAVED: [&str; 5] = ["evidence", "log_leaf", "log_node", "log_head", "log_stamp"];

/// A closed hub with 40 evidences in its log, what was kept outside, and whom its stamps must come from.
struct Scene {
    hub: TestHub,
    database: Database,
    keys: Vec<VerifierKey>,
    held: Vec<String>,
    trust: Trust,
}

impl Scene {
    async fn build(database: Database, folder: &std::path::Path) -> Self {
        let (tsa, settings) = authority(folder).await;
        let trust = trust(&settings);
        let mut hub = TestHub::start_with(database, |config| {
            often(config);
            config.time_stamping = Some(settings);
        })
        .await;
        for count in [9, 11] {
            send(&hub, count).await;
            settled(&hub).await;
            hub.wait_for_number(UNSTAMPED, 0).await;
        }
        let keys = vec![log_key(&hub.client("anybody")).await];
        let held = vec![String::from_utf8(hub.client("anybody").bytes("/v1/log/checkpoint").await).unwrap()];
        hub.close().await;
        tsa.stop().await;
        hub.config.time_stamping = None;
        let save: String =
            SAVED.iter().map(|table| format!("create table saved_{table} as select * from {table};")).collect();
        let scene = Self { hub, database, keys, held, trust };
        scene.attack(&save).await;
        scene
    }

    async fn attack(&self, statements: &str) {
        attack(self.database, &self.hub.config, statements).await;
    }

    async fn restore(&self) {
        let overriding = if self.database == Database::Postgres { "overriding system value" } else { "" };
        for table in SAVED {
            let overriding = if table == "evidence" { overriding } else { "" };
            let columns = match table {
                "evidence" => "sequence, id, message_id, delivery_id, event, event_time, document, sha256",
                "log_leaf" => "position, evidence_sequence, salt, hash",
                "log_node" => "level, position, hash",
                "log_head" => "size, root, made_at, checkpoint",
                _ => "size, token, authority, stamped_at, recorded_at",
            };
            self.attack(&format!(
                "delete from {table}; insert into {table} ({columns}) {overriding} select {columns} from saved_{table}"
            ))
            .await;
        }
    }

    async fn audit(&self) -> Report {
        audit(&self.hub.config, &self.keys, &self.held, self.trust.clone()).await
    }

    /// Attacks, audits, and puts everything back.
    async fn found(&self, attack: &str) -> Vec<Finding> {
        self.attack(attack).await;
        let report = self.audit().await;
        self.restore().await;
        assert!(!report.findings.is_empty(), "nothing is found after: {attack}");
        report.findings
    }
}

/// What an attack does, and what must be among the findings.
type Attack = (&'static str, fn(&Finding) -> bool);

const ATTACKS: [Attack; 16] = [
    ("delete from evidence where sequence = (select max(sequence) from evidence)", |found| {
        matches!(found, Finding::EvidenceGone { index: 39, .. })
    }),
    (
        "delete from evidence where sequence = (select max(sequence) from evidence);
         delete from log_leaf where position = 39",
        |found| matches!(found, Finding::HeadBeyond { size: 40, leaves: 39 }),
    ),
    // The tail with all its heads and stamps: only a head held elsewhere tells.
    (
        "delete from log_head where size > 30; delete from log_stamp where size > 30;
         delete from evidence where sequence in (select evidence_sequence from log_leaf where position >=
             (select max(size) from log_head));
         delete from log_leaf where position >= (select max(size) from log_head);
         delete from log_node where (position + 1) * 16 > (select max(size) from log_head)",
        |found| matches!(found, Finding::HeldBeyond { size: 40, .. }),
    ),
    (
        "delete from evidence where sequence = (select evidence_sequence from log_leaf where position = 7);
         delete from log_leaf where position = 7",
        |found| matches!(found, Finding::LeafGone { index: 7 }),
    ),
    (
        "update evidence set document = (select s.document from saved_evidence s where s.sequence = 11 - evidence.sequence),
             sha256 = (select s.sha256 from saved_evidence s where s.sequence = 11 - evidence.sequence)
         where sequence in (5, 6)",
        |found| matches!(found, Finding::LeafOther { sequence: 5, .. }),
    ),
    // Leaves swapped with all that belongs to them: each fits its evidence, but not the root.
    (
        "update log_leaf set position = position + 1000 where position in (20, 21);
         update log_leaf set position = 1041 - position where position > 1000",
        |found| matches!(found, Finding::HeadOther { size: 40 }),
    ),
    ("update evidence set document = replace(document, 'Evidence', 'Evidenca') where sequence = 3", |found| {
        matches!(found, Finding::EvidenceChanged { sequence: 3, .. })
    }),
    (
        "update evidence set sha256 = (select s.sha256 from saved_evidence s where s.sequence = 4),
             document = (select s.document from saved_evidence s where s.sequence = 4) where sequence = 3",
        |found| matches!(found, Finding::LeafOther { sequence: 3, .. }),
    ),
    ("update log_leaf set salt = hash where position = 5", |found| matches!(found, Finding::LeafOther { index: 5, .. })),
    ("update log_leaf set hash = salt where position = 5", |found| matches!(found, Finding::HeadOther { size: 40 })),
    ("update log_node set hash = (select root from log_head where size = 40) where position = 1", |found| {
        matches!(found, Finding::NodeOther { level: 4, index: 1 })
    }),
    ("insert into log_node (level, position, hash) select 4, 2, hash from log_node where position = 0", |found| {
        matches!(found, Finding::NodeOther { level: 4, index: 2 })
    }),
    ("update log_head set root = (select hash from log_leaf where position = 0) where size = 40", |found| {
        matches!(found, Finding::HeadUnreadable { size: 40, .. })
    }),
    ("update log_stamp set token = (select s.token from saved_log_stamp s where s.size < 40 order by size limit 1) where size = 40", |found| {
        matches!(found, Finding::StampWrong { size: 40, .. })
    }),
    ("update log_stamp set stamped_at = stamped_at - 60000000 where size = 40", |found| {
        matches!(found, Finding::StampWrong { size: 40, .. })
    }),
    ("delete from log_head where size = (select min(size) from log_stamp)", |found| {
        matches!(found, Finding::StampWrong { .. })
    }),
];

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_rewriting_of_history_is_found() {
    Database::each(async |database| {
        let folder = tempfile::tempdir().unwrap();
        let mut scene = Scene::build(database, folder.path()).await;
        let clean = scene.audit().await;
        assert!(clean.is_clean() && clean.leaves == 40 && clean.held == 1 && clean.stamps >= 2, "{clean:#?}");
        for (attack, wanted) in ATTACKS {
            let found = scene.found(attack).await;
            assert!(found.iter().any(wanted), "{database:?}: after {attack}: {found:#?}");
        }
        let overriding = if database == Database::Postgres { "overriding system value" } else { "" };
        let inserted = format!(
            "insert into evidence (sequence, id, message_id, delivery_id, event, event_time, document, sha256) {overriding}
             select -5, id, message_id, delivery_id, event, event_time, document, sha256 from evidence where sequence = 3"
        );
        let found = scene.found(&inserted).await;
        assert!(found.contains(&Finding::Unlogged { sequence: -5 }), "{found:#?}");
        let clean = scene.audit().await;
        assert!(clean.is_clean(), "{clean:#?}");

        let forged = forged_head(&scene, 40);
        scene.held.push(forged);
        let report = scene.audit().await;
        assert!(report.findings.iter().any(|found| matches!(found, Finding::HeldOther { size: 40, .. })), "{report:#?}");
        scene.held.pop();

        let twice = "alter table log_head rename to single_head; create table log_head as select * from single_head;
             insert into log_head select * from single_head where size = 40";
        scene.attack(twice).await;
        let report = scene.audit().await;
        assert!(report.findings.contains(&Finding::HeadTwice { size: 40 }), "{report:#?}");
    })
    .await;
}

/// A second head of a size, signed with the real key of the log.
fn forged_head(scene: &Scene, size: u64) -> String {
    let pem = std::fs::read(scene.hub.config.data.join("log.key")).unwrap();
    let key = SigningKey::from_pem(scene.keys[0].name(), KeyUse::Log, &pem).unwrap();
    Checkpoint::new(scene.keys[0].name(), size, [7; 32]).sign(&key).unwrap().to_string()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_log_rebuilt_with_its_own_key_is_caught_by_a_held_head_and_by_its_stamps() {
    Database::each(async |database| {
        let folder = tempfile::tempdir().unwrap();
        let mut scene = Scene::build(database, folder.path()).await;
        let config = written(&scene);
        let held = folder.path().join("held.txt");
        std::fs::write(&held, &scene.held[0]).unwrap();
        let held = held.to_str().unwrap();
        assert_eq!(verify(&["--config", &config, "--head", held]).await, 0);

        // The hub's own keeper makes the new history: every signature in it is real.
        scene
            .attack(
                "delete from evidence where sequence = 12; delete from log_leaf; delete from log_node;
             delete from log_head; update log_keeper set watermark = 0",
            )
            .await;
        scene.hub.restart().await;
        settled(&scene.hub).await;
        send(&scene.hub, 3).await;
        settled(&scene.hub).await;
        scene.hub.close().await;
        let report = scene.audit().await;
        let stamps = report.findings.iter().filter(|found| matches!(found, Finding::StampWrong { .. })).count();
        assert!(stamps >= 1, "{report:#?}");
        assert!(
            report.findings.iter().any(|found| matches!(found, Finding::HeldOther { size: 40, .. })),
            "{report:#?}"
        );
        assert_eq!(verify(&["--config", &config]).await, 3, "the stamps alone convict it");
        scene.attack("delete from log_stamp").await;
        assert_eq!(verify(&["--config", &config]).await, 0, "alone with its own key, a log can be made anew");
        assert_eq!(verify(&["--config", &config, "--head", held]).await, 3, "not where somebody holds a head");
        assert_eq!(verify(&["--config", &config, "--head", held, "--json"]).await, 3);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_hub_does_not_build_on_a_log_that_was_tampered_with() {
    Database::each(async |database| {
        let folder = tempfile::tempdir().unwrap();
        let mut scene = Scene::build(database, folder.path()).await;
        scene.attack("update log_leaf set hash = salt where position = 39").await;
        scene.hub.restart().await;
        let begun = std::time::Instant::now();
        let causes = loop {
            let (_, ready) = scene.hub.client("anybody").get("/health/ready").await;
            if ready["causes"].as_array().is_some_and(|causes| !causes.is_empty()) {
                break ready["causes"].clone();
            }
            assert!(begun.elapsed().as_secs() < 30, "nobody says that the log is not kept: {ready:#}");
            tokio::time::sleep(std::time::Duration::from_millis(20)).await;
        };
        assert_eq!(causes, serde_json::json!([Halt::LogInconsistent.as_str()]));
        let (status, refused) = scene.hub.client(SENDER).post("/v1/messages", "1", &letter(&[HUB_TOWN], "1")).await;
        assert_eq!((status.as_u16(), refused["code"].as_str()), (503, Some("locked-down")));
        assert_eq!(scene.hub.number("select max(size) as number from log_head").await, 40);
    })
    .await;
}

/// A configuration file for the command line.
fn written(scene: &Scene) -> String {
    let path = scene.hub.folder().join("punte.toml");
    let (data, database) = (scene.hub.config.data.display(), scene.hub.config.database_url());
    std::fs::write(&path, format!("data = '{data}'\ndatabase = '{database}'\n")).unwrap();
    path.to_str().unwrap().to_owned()
}

async fn verify(arguments: &[&str]) -> u8 {
    let arguments = [&["punte", "verify", "--log"], arguments].concat();
    commands::run(Arguments::try_parse_from(arguments).unwrap()).await.unwrap()
}
