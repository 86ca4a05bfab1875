//! Lock-down: each cause is brought about for real, and the hub stops, says why, and is let go on deliberately.

use std::sync::Arc;
use std::time::Duration;

use hub_flow::standing::Halt;
use hub_server::config::Config;
use hub_signatures::algorithm::SignatureAlgorithm;
use hub_signatures::certificate::Certificate;
use hub_signatures::signer::{Signer, SignerError};
use openssl::ec::{EcGroup, EcKey};
use openssl::ecdsa::EcdsaSig;
use openssl::nid::Nid;
use openssl::sha::sha256;
use reqwest::Method;
use serde_json::{Value, json};
use tests::client::{Answer, GLANCE, ask};
use tests::county::{HUB_TOWN, SENDER};
use tests::documents::letter;
use tests::operator::{OPERATOR, with_operator};
use tests::{Database, TestHub};

const PATIENCE: Duration = Duration::from_secs(60);

fn watchful(config: &mut Config) {
    with_operator(config);
    config.lock_down.interval_ms = 50.try_into().unwrap();
    config.lock_down.integrity_seconds = 1.try_into().unwrap();
    config.lock_down.audit_grace_seconds = 0;
}

async fn standing(hub: &TestHub) -> Value {
    hub.client(SENDER).get("/v1/standing").await.1
}

async fn wait_for(hub: &TestHub, state: &str) -> Value {
    let begun = std::time::Instant::now();
    loop {
        let seen = standing(hub).await;
        if seen["state"] == state {
            return seen;
        }
        assert!(begun.elapsed() < PATIENCE, "the hub does not become {state}: {seen:#}");
        tokio::time::sleep(GLANCE).await;
    }
}

async fn send(hub: &TestHub, number: usize) -> (u16, Value) {
    let document = letter(&[HUB_TOWN], &format!("scrisoarea {number}"));
    let (status, answer) = hub.client(SENDER).post("/v1/messages", &format!("letter-{number}"), &document).await;
    (status.as_u16(), answer)
}

async fn lift(hub: &TestHub, by: &str, cause: Halt, although_it_stands: bool) -> Answer {
    let body = json!({"cause": cause.as_str(), "reason": "verificat la fața locului", "override": although_it_stands});
    let request = hub.client(OPERATOR).request(Method::POST, "/v1/standing/lift").header("punte-clerk", by);
    ask(request.json(&body)).await
}

async fn kinds(hub: &TestHub) -> Vec<String> {
    let (_, page) = hub.client(OPERATOR).get("/v1/audit?limit=100").await;
    let kinds = page["events"].as_array().unwrap().iter().rev().map(|one| one["kind"].as_str().unwrap().to_owned());
    kinds.filter(|kind| kind.starts_with("lock-down.")).collect()
}

/// Writes stop, reading goes on, people stay out, and everybody is told why.
async fn locked(hub: &TestHub, cause: Halt) {
    let seen = wait_for(hub, "locked-down").await;
    assert_eq!(seen["causes"][0]["cause"], cause.as_str(), "{seen:#}");
    assert_eq!((&seen["people_may_sign_in"], &seen["writes"]), (&json!(false), &json!("refused")));
    let (status, refused) = send(hub, 900).await;
    assert_eq!((status, &refused["code"], &refused["cause"]), (503, &json!("locked-down"), &json!(cause.as_str())));
    assert_eq!(hub.client(SENDER).get("/v1/registers").await.0, 200, "reading goes on");
    let (ready, health) = hub.client(SENDER).get("/health/ready").await;
    assert_eq!((ready.as_u16(), &health["causes"][0]), (503, &json!(cause.as_str())));
    let metrics = String::from_utf8(hub.client(SENDER).bytes("/metrics").await).unwrap();
    assert!(metrics.contains(&format!("punte_halted{{cause=\"{}\"}} 1", cause.as_str())), "{metrics}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_log_that_was_tampered_with_stops_the_hub_until_somebody_has_looked() {
    Database::each(async |database| {
        let mut hub = TestHub::start_with(database, watchful).await;
        assert_eq!(send(&hub, 1).await.0, 201);
        hub.wait_for_number("select cast(count(*) as bigint) as number from log_head where size > 0", 1).await;
        assert_eq!(standing(&hub).await["state"], "open");
        let (off, on) = match database {
            Database::Sqlite => ("drop trigger log_leaf_only_erasure;", ""),
            Database::Postgres => {
                ("alter table log_leaf disable trigger user;", "alter table log_leaf enable trigger user;")
            }
        };
        let swap = match database {
            Database::Sqlite => "update log_leaf set hash = zeroblob(32) where position = 0;",
            Database::Postgres => "update log_leaf set hash = decode(repeat('00', 32), 'hex') where position = 0;",
        };
        hub.execute("create table kept as select position, hash from log_leaf").await.unwrap();
        hub.execute(&format!("{off} {swap} {on}")).await.unwrap();
        locked(&hub, Halt::LogInconsistent).await;
        // A restart does not make it forget.
        hub.restart().await;
        locked(&hub, Halt::LogInconsistent).await;
        let refused = lift(&hub, "admin-1", Halt::LogInconsistent, false).await;
        assert_eq!((refused.status, &refused.body["code"]), (409, &json!("unlock-refused")), "{:#}", refused.body);
        let back = "update log_leaf set hash = (select k.hash from kept k where k.position = log_leaf.position);";
        hub.execute(&format!("{} {back} {on}", if on.is_empty() { "" } else { off })).await.unwrap();
        // Put right, it is still for somebody to say so.
        assert_eq!(standing(&hub).await["state"], "locked-down");
        let lifted = lift(&hub, "admin-1", Halt::LogInconsistent, false).await;
        assert_eq!((lifted.status, &lifted.body["state"]), (200, &json!("lifted")), "{:#}", lifted.body);
        assert_eq!(send(&hub, 2).await.0, 201);
        assert_eq!(kinds(&hub).await, ["lock-down.began", "lock-down.unlock-refused", "lock-down.lifted"]);
        hub.close().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_administrators_may_go_on_although_the_clock_is_off() {
    Database::each(async |database| {
        let mut hub = TestHub::start_with(database, |config| {
            watchful(config);
            config.clock_ahead_seconds = 86_400;
        })
        .await;
        assert_eq!(send(&hub, 1).await.0, 201);
        assert_eq!(standing(&hub).await["state"], "open", "what is ahead on purpose is no fault");
        // The machine's clock was put back by a day.
        hub.config.clock_ahead_seconds = 0;
        hub.restart().await;
        locked(&hub, Halt::ClockOff).await;
        let wrong = lift(&hub, "admin-1", Halt::SealExpired, true).await;
        assert_eq!((wrong.status, &wrong.body["field"]), (400, &json!("cause")));
        let refused = lift(&hub, "admin-1", Halt::ClockOff, false).await;
        assert_eq!(refused.status, 409);
        assert!(refused.body["found"].as_str().unwrap().contains("behind the newest evidence"), "{:#}", refused.body);
        let proposed = lift(&hub, "admin-1", Halt::ClockOff, true).await;
        assert_eq!((proposed.status, &proposed.body["state"]), (202, &json!("proposed")), "{:#}", proposed.body);
        let same = lift(&hub, "admin-1", Halt::ClockOff, true).await;
        assert_eq!((same.status, &same.body["code"]), (409, &json!("second-clerk-needed")));
        assert_eq!(standing(&hub).await["state"], "locked-down");
        let agreed = lift(&hub, "admin-2", Halt::ClockOff, true).await;
        assert_eq!((agreed.status, &agreed.body["state"]), (200, &json!("overridden")), "{:#}", agreed.body);
        let open = standing(&hub).await;
        assert_eq!((&open["state"], &open["causes"][0]["overridden"]), (&json!("open"), &json!(true)), "{open:#}");
        assert_eq!(send(&hub, 2).await.0, 201);
        hub.restart().await;
        wait_for(&hub, "open").await;
        // The clock is right again: the cause ends by itself, and what was decided with it.
        hub.config.clock_ahead_seconds = 86_400;
        hub.restart().await;
        let begun = std::time::Instant::now();
        while standing(&hub).await["causes"] != json!([]) {
            assert!(begun.elapsed() < PATIENCE);
            tokio::time::sleep(GLANCE).await;
        }
        assert!(kinds(&hub).await.contains(&"lock-down.ended".to_owned()));
        hub.close().await;
    })
    .await;
}

/// A seal whose key is not the one of its certificate.
struct Mismatched(Vec<Certificate>);

impl Signer for Mismatched {
    fn algorithm(&self) -> SignatureAlgorithm {
        SignatureAlgorithm::EcdsaSha256
    }

    fn certificate_chain(&self) -> &[Certificate] {
        &self.0
    }

    fn sign(&self, message: &[u8]) -> Result<Vec<u8>, SignerError> {
        let group = EcGroup::from_curve_name(Nid::X9_62_PRIME256V1).unwrap();
        let other = EcKey::generate(&group).unwrap();
        let signature = EcdsaSig::sign(&sha256(message), &other).unwrap();
        Ok([signature.r().to_vec_padded(32).unwrap(), signature.s().to_vec_padded(32).unwrap()].concat())
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_seal_whose_key_is_anothers_stops_the_hub() {
    Database::each(async |database| {
        let mut hub = TestHub::start_with(database, watchful).await;
        let right = hub.running().hub.seal.signer();
        let chain = right.certificate_chain().to_vec();
        hub.running().hub.seal.replace(Arc::new(Mismatched(chain)));
        locked(&hub, Halt::SealMismatch).await;
        hub.running().hub.seal.replace(Arc::clone(&right));
        assert_eq!(lift(&hub, "admin-1", Halt::SealMismatch, false).await.status, 200);
        assert_eq!(send(&hub, 1).await.0, 201);
        hub.close().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_audit_that_cannot_be_written_stops_the_hub_and_it_goes_on_by_itself() {
    Database::each(async |database| {
        let mut hub = TestHub::start_with(database, watchful).await;
        assert_eq!(send(&hub, 1).await.0, 201);
        wait_for(&hub, "open").await;
        let url = hub.config.database_url();
        // SQLite: somebody holds the file. PostgreSQL: the table may only be read.
        let held = match database {
            Database::Sqlite => {
                let other = rusqlite::Connection::open(url.strip_prefix("sqlite:").unwrap()).unwrap();
                other.busy_timeout(PATIENCE).unwrap();
                other.execute_batch("begin immediate").unwrap();
                Some(other)
            }
            Database::Postgres => {
                let refuse = "create trigger read_only before update on audit_pulse
                              for each row execute function refuse_change()";
                hub.execute(refuse).await.unwrap();
                None
            }
        };
        locked(&hub, Halt::AuditUnwritable).await;
        match held {
            Some(other) => other.execute_batch("rollback").unwrap(),
            None => hub.execute("drop trigger read_only on audit_pulse").await.unwrap(),
        }
        wait_for(&hub, "open").await;
        assert_eq!(send(&hub, 2).await.0, 201);
        hub.close().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_damaged_page_of_the_database_stops_the_hub() {
    let mut hub = TestHub::start_with(Database::Sqlite, watchful).await;
    for number in 0..40 {
        assert_eq!(send(&hub, number).await.0, 201);
    }
    let path = hub.config.database_url().strip_prefix("sqlite:").unwrap().to_owned();
    let damage = || {
        use std::io::{Seek as _, SeekFrom, Write as _};
        let connection = rusqlite::Connection::open(&path).unwrap();
        connection.query_row("pragma wal_checkpoint(truncate)", [], |_| Ok(())).unwrap();
        let root: i64 = connection
            .query_row("select rootpage from sqlite_schema where name = 'evidence'", [], |row| row.get(0))
            .unwrap();
        let size: i64 = connection.query_row("pragma page_size", [], |row| row.get(0)).unwrap();
        drop(connection);
        let mut file = std::fs::OpenOptions::new().write(true).open(&path).unwrap();
        // The middle of the root page of the evidence: the cells that lead to its rows.
        file.seek(SeekFrom::Start(u64::try_from((root - 1) * size).unwrap())).unwrap();
        file.write_all(&[5, 0, 0, 0, 40, 0, 9]).unwrap();
        file.sync_all().unwrap();
    };
    hub.close().await;
    damage();
    match hub_server::listen::start(&hub.config).await {
        // What is needed at the start cannot be read: there is no hub at all, and it says why.
        Err(error) => assert!(format!("{error:#}").contains("malformed"), "{error:#}"),
        Ok(running) => {
            let begun = std::time::Instant::now();
            while !running.hub.standing.stands(Halt::DatabaseDamaged) {
                assert!(begun.elapsed() < PATIENCE, "the damage is not seen");
                tokio::time::sleep(GLANCE).await;
            }
            assert!(!running.hub.standing.people_may_sign_in());
            running.stop().await;
        }
    }
}
