//! The log of evidence in stories: short waits, an authority that stamps, and an attacker with every right.

use std::sync::Arc;

use hub_flow::db::Db;
use hub_flow::log::audit::{Audit, HeldHead, Report};
use hub_server::config::{Config, TimeStamping};
use hub_signatures::certificate::Certificate;
use hub_signatures::log::key::VerifierKey;
use hub_signatures::trust::Trust;
use sandbox::{Running, StampRecord, Tsa};

use crate::county::{HUB_TOWN, SENDER};
use crate::documents::letter;
use crate::{Client, Database, TestHub};

/// Evidence that is not in the log.
pub const UNLOGGED: &str = "select cast(count(*) as bigint) as number from evidence e
     where not exists (select 1 from log_leaf l where l.evidence_sequence = e.sequence)";
/// Leaves that are under no head.
pub const UNHEADED: &str = "select cast((select count(*) from log_leaf)
     - (select coalesce(max(size), 0) from log_head) as bigint) as number";
/// Heads that no stamp covers.
pub const UNSTAMPED: &str = "select cast(count(*) as bigint) as number from log_head
     where size > (select coalesce(max(size), 0) from log_stamp)";
const JOBS: &str = "select cast(count(*) as bigint) as number from job where kind <> 'expire'";

/// Looks for new evidence far more often than in real life.
///
/// # Panics
/// Never.
pub fn often(config: &mut Config) {
    config.log.interval_ms = 20.try_into().expect("not zero");
}

/// Sends letters; answers the ids of their messages.
///
/// # Panics
/// One is not accepted.
pub async fn send(hub: &TestHub, count: usize) -> Vec<String> {
    let commune = hub.client(SENDER);
    let mut messages = Vec::new();
    for _ in 0..count {
        let key = crate::database::unique();
        let (status, receipt) = commune.post("/v1/messages", &key, &letter(&[HUB_TOWN], &key)).await;
        assert_eq!(status, 201, "{receipt:#}");
        messages.push(receipt["message_id"].as_str().expect("an id").to_owned());
    }
    messages
}

/// Waits until nothing is to be done and every evidence is under a head.
pub async fn settled(hub: &TestHub) {
    for waiting in [JOBS, UNLOGGED, UNHEADED] {
        hub.wait_for_number(waiting, 0).await;
    }
}

/// The key of the log, as it is shown to anybody.
///
/// # Panics
/// It is not shown.
pub async fn log_key(anybody: &Client) -> VerifierKey {
    let (status, log) = anybody.get("/v1/log").await;
    assert_eq!(status, 200, "{log:#}");
    VerifierKey::parse(log["key"].as_str().expect("a key")).expect("a verifier key")
}

/// Plays an authority; answers it with the configuration of a hub that believes it.
///
/// # Panics
/// It does not start.
pub async fn authority(folder: &std::path::Path) -> (Running<StampRecord>, TimeStamping) {
    authority_lasting(folder, 2_000 * 86_400).await
}

/// The same with a certificate that ends in so many seconds. Its root joins those that were played in the folder before.
///
/// # Panics
/// It does not start.
pub async fn authority_lasting(folder: &std::path::Path, seconds: i64) -> (Running<StampRecord>, TimeStamping) {
    let loopback = "127.0.0.1:0".parse().expect("an address");
    let clock: sandbox::Clock = Arc::new(crate::hub::unix_seconds);
    let (twin, root) = Tsa::start_lasting(loopback, clock, seconds).await.expect("an authority is played");
    let certificate = folder.join("tsa.pem");
    let roots = std::fs::read_to_string(&certificate).unwrap_or_default() + &root;
    std::fs::write(&certificate, roots).expect("written");
    let settings = TimeStamping {
        url: twin.url().parse().expect("an address"),
        roots: certificate,
        each: false,
        policy: Some("2.999.3161.1".to_owned()),
        user: None,
        password: None,
        token: None,
        every_seconds: 0.0,
        first_pause: 0.02,
        longest_pause: 0.05,
        halt_after_minutes: None,
        timeout: 2.0,
    };
    (twin, settings)
}

/// The trust in the played authority.
///
/// # Panics
/// Its certificate is not there.
#[must_use]
pub fn trust(settings: &TimeStamping) -> Trust {
    let pem = std::fs::read(&settings.roots).expect("the certificate is there");
    Trust::Anchors(Certificate::all_from_pem(&pem).expect("certificates"))
}

/// Audits the log of a hub that may be closed.
///
/// # Panics
/// The database does not answer.
pub async fn audit(config: &Config, keys: &[VerifierKey], held: &[String], trust: Trust) -> Report {
    audit_database(&config.database_url(), keys, held, trust).await
}

/// The same by the URL of the database.
///
/// # Panics
/// The database does not answer.
pub async fn audit_database(url: &str, keys: &[VerifierKey], held: &[String], trust: Trust) -> Report {
    let db = Db::open(url).await.expect("the database opens");
    let held = held.iter().enumerate();
    let held = held.map(|(number, note)| HeldHead { source: format!("held {number}"), note: note.clone() }).collect();
    Audit { db: &db, keys: keys.to_vec(), held, trust }.run(|_, _| ()).await.expect("the database answers")
}

/// Runs statements as somebody with every right on the database: no trigger stands in the way.
///
/// # Panics
/// A statement is wrong.
pub async fn attack(database: Database, config: &Config, statements: &str) {
    let url = config.database_url();
    match database {
        Database::Sqlite => {
            let path = url.strip_prefix("sqlite:").expect("a file");
            let connection = rusqlite::Connection::open(path).expect("the file opens");
            let mut triggers =
                connection.prepare("select name from sqlite_master where type = 'trigger'").expect("read");
            let names = triggers.query_map([], |row| row.get::<_, String>(0)).expect("read");
            for name in names.collect::<Result<Vec<_>, _>>().expect("read") {
                connection.execute_batch(&format!("drop trigger {name}")).expect("dropped");
            }
            connection.execute_batch("drop index if exists evidence_id").expect("dropped");
            connection.execute_batch(statements).unwrap_or_else(|error| panic!("{statements}: {error}"));
        }
        Database::Postgres => {
            let (client, connection) =
                tokio_postgres::connect(&url, tokio_postgres::NoTls).await.expect("the server answers");
            tokio::spawn(connection);
            let statements =
                format!("set session_replication_role = replica; drop index if exists evidence_id; {statements}");
            client.batch_execute(&statements).await.unwrap_or_else(|error| panic!("{statements}: {error:?}"));
        }
    }
}
