//! Receiving: what waits at a system comes in through the same door, once, and its verdict is told until it is heard.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use bytes::Bytes;
use connectors_contract::{
    Arrival, Channel, Engine, Inbound, Manifest, ManifestError, Part, PartContent, Trouble, Verdict,
};
use hub_server::config::Config;
use hub_server::listen;
use openssl::sha::sha256;
use serde_json::{Value, json};
use tests::client::GLANCE;
use tests::county::{self, HUB_TOWN, SENDER, key};
use tests::documents::letter;
use tests::{Client, Database, TestHub};

/// Those who run the hub.
const OPERATOR: &str = "operator-hub";
const LOOKS: usize = 800;

/// A desk in a town hall on which papers lie until somebody says what became of them. It is the other side, and outlives
/// the hub.
#[derive(Default)]
struct Desk {
    papers: Mutex<Vec<Arrival>>,
    verdicts: Mutex<Vec<(String, Verdict)>>,
    /// It hears nothing that is told.
    deaf: AtomicBool,
    /// It hears, and never says so.
    silent: AtomicBool,
    away: AtomicBool,
    told: AtomicUsize,
    looking: AtomicUsize,
    most_looking: AtomicUsize,
}

struct DeskEngine(Arc<Desk>);
struct DeskInbound(Arc<Desk>);

impl Engine for DeskEngine {
    fn name(&self) -> &'static str {
        "desk"
    }

    fn inbound(&self, _manifest: &Manifest, _channel: Channel) -> Result<Arc<dyn Inbound>, ManifestError> {
        Ok(Arc::new(DeskInbound(Arc::clone(&self.0))))
    }
}

#[async_trait]
impl Inbound for DeskInbound {
    async fn poll(&self, most: usize) -> Result<Vec<Arrival>, Trouble> {
        let desk = &self.0;
        if desk.away.load(Ordering::SeqCst) {
            return Err(Trouble { reason: "biroul este închis".to_owned(), retry_after: None });
        }
        let looking = desk.looking.fetch_add(1, Ordering::SeqCst) + 1;
        desk.most_looking.fetch_max(looking, Ordering::SeqCst);
        tokio::task::yield_now().await;
        let papers = desk.papers.lock().unwrap().iter().take(most).cloned().collect();
        desk.looking.fetch_sub(1, Ordering::SeqCst);
        Ok(papers)
    }

    async fn acknowledge(&self, arrival: &str, verdict: &Verdict) -> Result<(), Trouble> {
        let desk = &self.0;
        desk.told.fetch_add(1, Ordering::SeqCst);
        if desk.deaf.load(Ordering::SeqCst) {
            return Err(Trouble { reason: "nimeni nu ascultă".to_owned(), retry_after: None });
        }
        desk.verdicts.lock().unwrap().push((arrival.to_owned(), verdict.clone()));
        desk.papers.lock().unwrap().retain(|paper| paper.id != arrival);
        if desk.silent.load(Ordering::SeqCst) {
            std::future::pending::<()>().await;
        }
        Ok(())
    }
}

impl Desk {
    fn put(&self, paper: Arrival) {
        self.papers.lock().unwrap().push(paper);
    }

    fn verdicts(&self) -> Vec<(String, Verdict)> {
        self.verdicts.lock().unwrap().clone()
    }

    async fn wait_for_verdicts(&self, count: usize) -> Vec<(String, Verdict)> {
        for _ in 0..LOOKS {
            let verdicts = self.verdicts();
            if verdicts.len() >= count {
                return verdicts;
            }
            tokio::time::sleep(GLANCE).await;
        }
        panic!("{count} verdicts do not come: {:?}", self.verdicts());
    }
}

fn part(name: &str, content_type: &str, content: &[u8]) -> Part {
    let content = Bytes::copy_from_slice(content);
    Part {
        name: name.to_owned(),
        content_type: content_type.to_owned(),
        size: content.len() as u64,
        sha256: sha256(&content),
        content: PartContent::Inline(content),
    }
}

/// A letter with its envelope, as the desk holds it.
fn paper(id: &str, recipient: &str, text: &str) -> Arrival {
    let letter = letter(&[recipient], text);
    Arrival {
        id: id.to_owned(),
        envelope: Some(letter["envelope"].to_string().into()),
        parts: vec![part("scrisoare.json", "application/json", letter["body"].to_string().as_bytes())],
        facts: BTreeMap::new(),
        unreadable: None,
    }
}

/// Manifests of the two systems, and the directory's entries for the sources.
fn receiving(config: &mut Config, sources: &str) {
    let folder = config.data.parent().unwrap().join("systems");
    for engine in ["desk", "folder"] {
        let system = folder.join(engine);
        std::fs::create_dir_all(&system).unwrap();
        let own = if engine == "folder" { "[folder]\nsettle = 0\n" } else { "" };
        let manifest = format!(
            "system = \"{engine}\"\nengine = \"{engine}\"\n[title]\nro = \"Birou\"\nen = \"Desk\"\n\
             [endpoint]\ntimeout = \"3s\"\n{own}"
        );
        std::fs::write(system.join("manifest.toml"), manifest).unwrap();
    }
    config.systems.push(folder);
    let hash = hex::encode(sha256(key(OPERATOR).as_bytes()));
    county::change(config, |directory| {
        directory
            + &format!(
                "[[party]]\nid = '{OPERATOR}'\nname = 'Operatorul hubului'\nkind = 'operator'\n\
                 [[system]]\nid = 'system-operator'\nparty = '{OPERATOR}'\nkey_sha256 = '{hash}'\noperator = true\n"
            )
            + sources
    });
}

fn desk_source() -> String {
    format!("[[source]]\nid = 'birou'\nparty = '{SENDER}'\nsystem = 'desk'\npoll_seconds = 1\n")
}

async fn hub(database: Database, desk: &Arc<Desk>, sources: &str) -> TestHub {
    let desk = Arc::clone(desk);
    let engines = move || -> Vec<Box<dyn Engine>> { vec![Box::new(DeskEngine(Arc::clone(&desk)))] };
    TestHub::start_among(database, Box::new(engines), |config| receiving(config, sources)).await
}

/// The source of `GET /v1/systems`, as those who run the hub see it.
async fn source(client: &Client, system: &str) -> Value {
    let (status, systems) = client.get("/v1/systems").await;
    assert_eq!(status, 200, "{systems:#}");
    let all = systems["systems"].as_array().unwrap();
    all.iter().find(|one| one["system"] == system).unwrap()["sources"][0].clone()
}

async fn wait_for_source(hub: &TestHub, condition: impl Fn(&Value) -> bool) -> Value {
    for _ in 0..LOOKS {
        let source = source(&hub.client(OPERATOR), "desk").await;
        if condition(&source) {
            return source;
        }
        tokio::time::sleep(GLANCE).await;
    }
    panic!("the source does not become so: {:#}", source(&hub.client(OPERATOR), "desk").await);
}

const MESSAGES: &str = "select cast(count(*) as bigint) as number from message";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_waits_at_a_source_is_registered_receipted_and_answered_and_what_breaks_rules_is_refused_with_reasons() {
    Database::each(async |database| {
        let desk = Arc::new(Desk::default());
        desk.put(paper("bun", HUB_TOWN, "o scrisoare"));
        desk.put(paper("fara-acord", OPERATOR, "fără acord"));
        desk.put(Arrival { unreadable: Some("arhiva este stricată".to_owned()), ..paper("stricat", HUB_TOWN, "x") });
        desk.put(Arrival { envelope: Some(Bytes::from_static(b"{")), ..paper("plic-gresit", HUB_TOWN, "x") });
        desk.put(Arrival { envelope: None, ..paper("fara-plic", HUB_TOWN, "x") });
        let hub = hub(database, &desk, &desk_source()).await;
        let verdicts: BTreeMap<_, _> = desk.wait_for_verdicts(5).await.into_iter().collect();
        let Verdict::Accepted { message_id, number, receipt, again } = &verdicts["bun"] else { panic!("{verdicts:?}") };
        assert_eq!((number.as_deref(), again), (Some("1"), &false));
        let verdict = hub.verified(std::str::from_utf8(receipt).unwrap());
        assert_eq!(verdict["evidence"]["event"], "SubmissionAcceptance");
        let (_, message) = hub.client(SENDER).get(&format!("/v1/messages/{message_id}")).await;
        assert_eq!(message["subject"], "Solicitare de informații", "{message:#}");
        hub.client(SENDER).wait_for_delivery(message_id, HUB_TOWN, "consigned").await;

        let Verdict::Refused { reason, problem, receipt } = &verdicts["fara-acord"] else { panic!("{verdicts:?}") };
        assert!(reason.starts_with("Niciun acord nu permite această transmitere: "), "{reason}");
        assert_eq!(problem["code"], "no-agreement");
        assert!(problem["violations"][0]["ro"].is_string(), "{problem:#}");
        let rejection = hub.verified(std::str::from_utf8(receipt.as_ref().unwrap()).unwrap());
        assert_eq!(rejection["evidence"]["event"], "SubmissionRejection");
        for (id, words) in
            [("stricat", "arhiva este stricată"), ("plic-gresit", "linia 1"), ("fara-plic", "nu are plic")]
        {
            let Verdict::Refused { reason, .. } = &verdicts[id] else { panic!("{verdicts:?}") };
            assert!(reason.contains(words), "{reason}");
        }
        assert_eq!(hub.number(MESSAGES).await, 1);
        let source = wait_for_source(&hub, |source| source["last_poll_at"].is_string()).await;
        assert_eq!((&source["waiting_acknowledgements"], &source["last_error"]), (&json!(0), &Value::Null));
        hub.stop().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_refused_and_is_brought_again_after_it_was_put_right_is_taken() {
    Database::each(async |database| {
        let desk = Arc::new(Desk::default());
        desk.put(Arrival { unreadable: Some("arhiva este stricată".to_owned()), ..paper("dosar-7", HUB_TOWN, "x") });
        let hub = hub(database, &desk, &desk_source()).await;
        let verdicts = desk.wait_for_verdicts(1).await;
        assert!(matches!(&verdicts[0].1, Verdict::Refused { .. }), "{verdicts:?}");
        wait_for_source(&hub, |source| source["waiting_acknowledgements"] == 0).await;
        desk.put(paper("dosar-7", HUB_TOWN, "îndreptat"));
        let verdicts = desk.wait_for_verdicts(2).await;
        let Verdict::Accepted { message_id, again, .. } = &verdicts[1].1 else { panic!("{verdicts:?}") };
        assert!(!again);
        // What was accepted stays so, however often it is brought.
        wait_for_source(&hub, |source| source["waiting_acknowledgements"] == 0).await;
        desk.put(paper("dosar-7", HUB_TOWN, "îndreptat"));
        let verdicts = desk.wait_for_verdicts(3).await;
        let Verdict::Accepted { message_id: known, again, .. } = &verdicts[2].1 else { panic!("{verdicts:?}") };
        assert_eq!((known, again), (message_id, &true));
        assert_eq!(hub.number(MESSAGES).await, 1);
        hub.stop().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_comes_without_an_envelope_gets_the_one_its_source_says() {
    Database::each(async |database| {
        let desk = Arc::new(Desk::default());
        let facts = [("from", "SC Inventat SRL"), ("subject", "Cerere de informații publice")];
        desk.put(Arrival {
            envelope: None,
            parts: vec![part("cerere.pdf", "application/pdf", b"%PDF-1.7 inventat")],
            facts: facts.map(|(name, value)| (name.to_owned(), value.to_owned())).into(),
            ..paper("scrisoare", HUB_TOWN, "")
        });
        let wrapping = format!(
            "wrapping = {{ recipient = '{HUB_TOWN}', document_type = 'document-generic', subject = '{{subject}}', \
             purpose = 'corespondenta', legal_basis = 'OG nr. 27/2002', part_role = 'original', origin = 'e-mail', \
             body = {{ subiect = '{{subject}}', text = 'De la {{from}}', referinta = '{{number?}}' }} }}\n"
        );
        let hub = hub(database, &desk, &(desk_source() + &wrapping)).await;
        let verdicts = desk.wait_for_verdicts(1).await;
        let Verdict::Accepted { message_id, .. } = &verdicts[0].1 else { panic!("{verdicts:?}") };
        let (_, message) = hub.client(SENDER).get(&format!("/v1/messages/{message_id}")).await;
        assert_eq!(message["subject"], "Cerere de informații publice", "{message:#}");
        let body = hub.client(SENDER).bytes(&format!("/v1/messages/{message_id}/parts/continut.json")).await;
        let body: Value = serde_json::from_slice(&body).unwrap();
        assert_eq!(body, json!({"subiect": "Cerere de informații publice", "text": "De la SC Inventat SRL"}));
        let events: Vec<_> = hub.client(SENDER).chain(message_id).await;
        assert!(events.iter().any(|one| one["event"] == "ReceivedFromNonERDS"), "it came from outside");
        hub.stop().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_verdict_is_told_until_it_is_heard_whatever_falls_meanwhile_and_nothing_is_doubled() {
    Database::each(async |database| {
        let desk = Arc::new(Desk::default());
        desk.deaf.store(true, Ordering::SeqCst);
        desk.put(paper("unu", HUB_TOWN, "prima"));
        let mut hub = hub(database, &desk, &desk_source()).await;
        let owed = wait_for_source(&hub, |source| source["acknowledgement_error"].is_string()).await;
        assert_eq!(owed["acknowledgement_error"], "nimeni nu ascultă", "{owed:#}");
        assert_eq!(owed["waiting_acknowledgements"], 1, "{owed:#}");
        hub.restart().await;
        let before = desk.told.load(Ordering::SeqCst);
        wait_for_source(&hub, |_| desk.told.load(Ordering::SeqCst) > before).await;
        desk.deaf.store(false, Ordering::SeqCst);
        desk.wait_for_verdicts(1).await;
        wait_for_source(&hub, |source| source["waiting_acknowledgements"] == 0).await;

        // The system hears, and the hub falls before it knows.
        desk.silent.store(true, Ordering::SeqCst);
        desk.put(paper("doi", HUB_TOWN, "a doua"));
        desk.wait_for_verdicts(2).await;
        hub.close().await;
        desk.silent.store(false, Ordering::SeqCst);
        hub.up().await;
        let verdicts = desk.wait_for_verdicts(3).await;
        let ids: Vec<_> = verdicts.iter().map(|(id, _)| id.as_str()).collect();
        assert_eq!(ids, ["unu", "doi", "doi"]);
        let messages = verdicts[1..].iter().map(|(_, verdict)| match verdict {
            Verdict::Accepted { message_id, receipt, .. } => (message_id.clone(), receipt.clone()),
            refused => panic!("{refused:?}"),
        });
        let messages: Vec<_> = messages.collect();
        assert_eq!(messages[0], messages[1], "the same message with the same receipt");
        wait_for_source(&hub, |source| source["waiting_acknowledgements"] == 0).await;
        assert_eq!(hub.number(MESSAGES).await, 2);
        hub.stop().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_hub_that_fell_between_its_commit_and_its_verdict_knows_what_it_has() {
    Database::each(async |database| {
        let desk = Arc::new(Desk::default());
        desk.away.store(true, Ordering::SeqCst);
        let hub = hub(database, &desk, &desk_source()).await;
        // What the door committed under the key of this arrival, before the hub fell.
        let paper = paper("trei", HUB_TOWN, "a treia");
        let PartContent::Inline(body) = &paper.parts[0].content else { panic!("it is small") };
        let envelope: Value = serde_json::from_slice(paper.envelope.as_ref().unwrap()).unwrap();
        let key = format!("source-{}", hex::encode(sha256(b"birou\ntrei")));
        let parts = [("scrisoare.json".to_owned(), body.to_vec())];
        let (status, receipt) = hub.client(SENDER).send(&key, &envelope, &parts).await;
        assert_eq!(status, 201, "{receipt:#}");
        desk.put(paper.clone());
        wait_for_source(&hub, |source| source["last_error"] == "biroul este închis").await;
        desk.away.store(false, Ordering::SeqCst);
        let verdicts = desk.wait_for_verdicts(1).await;
        let Verdict::Accepted { message_id, again, .. } = &verdicts[0].1 else { panic!("{verdicts:?}") };
        assert_eq!((message_id, again), (&receipt["message_id"].as_str().unwrap().to_owned(), &true));
        assert_eq!(hub.number(MESSAGES).await, 1);
        hub.stop().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_node_polls_a_source_at_a_time_and_another_goes_on_when_it_is_gone() {
    if !Database::all().contains(&Database::Postgres) {
        return;
    }
    let desk = Arc::new(Desk::default());
    for number in 0..100 {
        desk.put(paper(&format!("hartie-{number}"), HUB_TOWN, &format!("scrisoarea {number}")));
    }
    let mut hub = hub(Database::Postgres, &desk, &desk_source()).await;
    // A node of the same hub: the same seal, the same key of the log.
    let engine: Box<dyn Engine> = Box::new(DeskEngine(Arc::clone(&desk)));
    let other = listen::start_with(&hub.config, vec![engine]).await.unwrap();
    desk.wait_for_verdicts(100).await;
    assert_eq!(desk.most_looking.load(Ordering::SeqCst), 1, "two nodes looked at once");
    hub.close().await;
    desk.put(paper("la-celalalt", HUB_TOWN, "după"));
    let verdicts = desk.wait_for_verdicts(101).await;
    let once: std::collections::BTreeSet<_> = verdicts.iter().map(|(id, _)| id).collect();
    assert_eq!((once.len(), verdicts.len()), (101, 101));
    other.stop().await;
    hub.up().await;
    assert_eq!(hub.number(MESSAGES).await, 101);
    hub.stop().await;
}

/// A town hall that scans into a folder: what it put down is done, and its receipt lies beside it, whatever falls.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_folder_is_emptied_into_the_hub_and_gets_its_receipts_also_after_a_fall() {
    Database::each(async |database| {
        let ground = tempfile::tempdir().unwrap();
        for folder in ["in", "out"] {
            std::fs::create_dir(ground.path().join(folder)).unwrap();
        }
        let address = url::Url::from_directory_path(ground.path()).unwrap();
        let source = format!(
            "[[source]]\nid = 'dosar'\nparty = '{SENDER}'\nsystem = 'folder'\naddress = '{address}'\npoll_seconds = 1\n"
        );
        let mut hub = TestHub::start_with(database, |config| {
            receiving(config, &source);
            config.outgoing.folders.push(ground.path().to_owned());
        })
        .await;
        let put = |name: &str| {
            let mut letter = letter(&[HUB_TOWN], name);
            let body = letter["body"].to_string();
            letter["envelope"]["parts"][0]["sha256"] = hex::encode(sha256(body.as_bytes())).into();
            let envelope = letter["envelope"].to_string();
            let entries = [("manifest.json", envelope.as_bytes()), ("scrisoare.json", body.as_bytes())];
            let package = hub_signatures::asice::zip::write(&entries).unwrap();
            let file = ground.path().join("in").join(name);
            std::fs::write(file.with_extension("growing"), package).unwrap();
            std::fs::rename(file.with_extension("growing"), &file).unwrap();
            std::fs::write(ground.path().join("in").join(format!("{name}.ok")), "").unwrap();
        };
        let receipts = || -> Vec<String> {
            let read = std::fs::read_dir(ground.path().join("verdicts")).into_iter().flatten();
            let files = read.map(|file| file.unwrap().path());
            let sealed = files.filter(|file| file.to_string_lossy().ends_with(".recipisa.xml"));
            sealed.map(|file| std::fs::read_to_string(file).unwrap()).collect()
        };
        let wait_for = async |count: usize| {
            for _ in 0..LOOKS {
                if receipts().len() >= count {
                    return receipts();
                }
                tokio::time::sleep(GLANCE).await;
            }
            let all = std::fs::read_dir(ground.path().join("verdicts")).into_iter().flatten();
            let told = all.map(|file| std::fs::read_to_string(file.unwrap().path()).unwrap_or_default());
            panic!("{count} receipts do not come: {:#?}", told.collect::<Vec<_>>());
        };
        put("una.zip");
        for receipt in wait_for(1).await {
            assert_eq!(hub.verified(&receipt)["evidence"]["event"], "SubmissionAcceptance");
        }
        hub.close().await;
        put("doua.zip");
        hub.up().await;
        wait_for(2).await;
        assert_eq!(hub.number(MESSAGES).await, 2);
        hub.stop().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_folder_that_the_operator_did_not_name_is_neither_read_nor_written() {
    let (ground, named) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    std::fs::create_dir(ground.path().join("in")).unwrap();
    // A link below a folder that was named leads out of it all the same.
    std::os::unix::fs::symlink(ground.path(), named.path().join("legatura")).unwrap();
    let direct = url::Url::from_directory_path(ground.path()).unwrap();
    let linked = url::Url::from_directory_path(named.path().join("legatura")).unwrap();
    let source = |id: &str, address: &url::Url| {
        format!(
            "[[source]]\nid = '{id}'\nparty = '{SENDER}'\nsystem = 'folder'\naddress = '{address}'\npoll_seconds = 1\n"
        )
    };
    let both = source("direct", &direct) + &source("legat", &linked);
    let hub = TestHub::start_with(Database::Sqlite, |config| {
        receiving(config, &both);
        config.outgoing.folders.push(named.path().to_owned());
    })
    .await;
    let refused = "select cast(count(*) as bigint) as number from source_state where error like '%[outgoing] folders%'";
    hub.wait_for_number(refused, 2).await;
    let there: Vec<_> = ground.path().read_dir().unwrap().map(|one| one.unwrap().file_name()).collect();
    assert_eq!(there, ["in"], "nothing was made there");
    hub.stop().await;
}
