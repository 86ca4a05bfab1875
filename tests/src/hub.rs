//! A whole hub with its neighbours, in the test's process, on loopback.

use std::sync::Arc;

use connectors_contract::Engine;
use hub_server::config::Config;
use hub_server::listen::{self, Running};
use hub_server::verdict::{self, Against};
use sandbox::{CaseRecord, Esocial, EventRecord, TownHall};
use serde_json::Value;
use tempfile::TempDir;

use crate::client::GLANCE;
use crate::county::{self, ESOCIAL_TOKEN, WEBHOOK_SECRET};
use crate::{Client, Database};

/// How long a story waits for a backlog before it fails.
const PATIENCE: std::time::Duration = std::time::Duration::from_secs(60);

/// A hub, the twin of eSocial, and the twin of a town hall's system.
pub struct TestHub {
    /// The twin of eSocial.
    pub esocial: sandbox::Running<CaseRecord>,
    /// The twin of a town hall with a webhook.
    pub town_hall: sandbox::Running<EventRecord>,
    /// The hub's configuration, for a restart on the same data.
    pub config: Config,
    hub: Option<Running>,
    folder: TempDir,
    engines: Engines,
}

/// Makes the engines of a test's own, at each start.
pub type Engines = Box<dyn Fn() -> Vec<Box<dyn Engine>> + Send + Sync>;

impl TestHub {
    /// Starts everything on a database.
    ///
    /// # Panics
    /// Something does not start.
    pub async fn start(database: Database) -> Self {
        Self::start_with(database, |_| ()).await
    }

    /// Starts everything with a configuration that the test changes.
    ///
    /// # Panics
    /// Something does not start.
    pub async fn start_with(database: Database, change: impl FnOnce(&mut Config)) -> Self {
        Self::start_among(database, Box::new(Vec::new), change).await
    }

    /// The same with engines of the test's own beside the program's.
    ///
    /// # Panics
    /// Something does not start.
    pub async fn start_among(database: Database, engines: Engines, change: impl FnOnce(&mut Config)) -> Self {
        let folder = crate::shared::own_folder();
        let clock: sandbox::Clock = Arc::new(unix_seconds);
        let loopback = "127.0.0.1:0".parse().expect("an address");
        let esocial = Esocial::start(loopback, Arc::clone(&clock)).await.expect("eSocial is played");
        let town_hall = TownHall::start(loopback, clock, WEBHOOK_SECRET).await.expect("a town hall is played");
        std::fs::write(folder.path().join("esocial"), ESOCIAL_TOKEN).expect("written");
        std::fs::write(folder.path().join("webhook"), WEBHOOK_SECRET).expect("written");
        let directory = folder.path().join("directory.toml");
        std::fs::write(&directory, county::directory(&esocial.url(), &town_hall.url(), folder.path()))
            .expect("written");
        let mut config = Config {
            data: folder.path().join("data"),
            database: Some(database.url(folder.path()).await),
            listen: "127.0.0.1:0".to_owned(),
            directory: Some(directory),
            ..Config::default()
        };
        // Stories that want copies say so: what is in a dossier is counted in the others.
        config.vault.copies = false;
        // The neighbours are played on this machine.
        config.outgoing.allow.push("127.0.0.0/8".parse().expect("a network"));
        config.retry.first_pause = 0.05;
        config.retry.longest_pause = 0.4;
        config.breaker.first_pause = 0.2;
        config.breaker.longest_pause = 0.4;
        change(&mut config);
        let hub = listen::start_with(&config, engines()).await.expect("the hub starts");
        Self { esocial, town_hall, config, hub: Some(hub), folder, engines }
    }

    /// The running hub.
    ///
    /// # Panics
    /// It was stopped.
    #[must_use]
    pub fn running(&self) -> &Running {
        self.hub.as_ref().expect("the hub runs")
    }

    /// The folder of everything this hub keeps.
    #[must_use]
    pub fn folder(&self) -> &std::path::Path {
        self.folder.path()
    }

    /// Stops the hub in order and leaves its data.
    pub async fn close(&mut self) {
        if let Some(hub) = self.hub.take() {
            hub.stop().await;
        }
    }

    /// Stops the hub in order and starts it again on the same data.
    ///
    /// # Panics
    /// It does not start again.
    pub async fn restart(&mut self) {
        self.close().await;
        self.up().await;
    }

    /// Starts a stopped hub again on the same data.
    ///
    /// # Panics
    /// It does not start again.
    pub async fn up(&mut self) {
        self.hub = Some(listen::start_with(&self.config, (self.engines)()).await.expect("the hub starts again"));
    }

    /// The same, with something done while the hub is down.
    ///
    /// # Panics
    /// It does not start again.
    pub async fn stop_and_start(&mut self, meanwhile: impl FnOnce()) {
        self.close().await;
        meanwhile();
        self.up().await;
    }

    /// The one number that a query answers as `number`.
    ///
    /// # Panics
    /// The database does not answer.
    pub async fn number(&self, sql: &'static str) -> i64 {
        let mut rows = self.running().hub.db.query(sql, vec![]).await.expect("the database answers");
        rows[0].take("number").expect("a number")
    }

    /// Waits until a query answers a number.
    ///
    /// # Panics
    /// It does not in time.
    pub async fn wait_for_number(&self, sql: &'static str, wanted: i64) {
        let begun = std::time::Instant::now();
        while self.number(sql).await != wanted {
            assert!(begun.elapsed() < PATIENCE, "{sql} does not become {wanted}");
            tokio::time::sleep(GLANCE).await;
        }
    }

    /// Runs statements on the database past the hub, as somebody with its password could.
    ///
    /// # Errors
    /// What the database said.
    ///
    /// # Panics
    /// The database cannot be opened.
    pub async fn execute(&self, statements: &str) -> Result<(), String> {
        let url = self.config.database_url();
        if let Some(path) = url.strip_prefix("sqlite:") {
            let connection = rusqlite::Connection::open(path).expect("the database is there");
            connection.busy_timeout(PATIENCE).expect("a time can be set");
            return connection.execute_batch(statements).map_err(|error| error.to_string());
        }
        let (client, connection) = tokio_postgres::connect(&url, tokio_postgres::NoTls).await.expect("it answers");
        tokio::spawn(connection);
        client.batch_execute(statements).await.map_err(|error| error.to_string())
    }

    /// Files in the blob store: whole ones, and uploads under way.
    ///
    /// # Panics
    /// The store cannot be read.
    #[must_use]
    pub fn blobs(&self) -> (usize, usize) {
        let mut counts = (0, 0);
        for folder in std::fs::read_dir(self.config.data.join("blobs")).expect("the blob store is there") {
            let path = folder.expect("an entry").path();
            let files = std::fs::read_dir(&path).expect("a folder of the blob store").count();
            if path.ends_with("incoming") { counts.1 += files } else { counts.0 += files }
        }
        counts
    }

    /// The system of a party at this hub's door.
    #[must_use]
    pub fn client(&self, party: &str) -> Client {
        Client::of(&self.running().url(), party)
    }

    /// The verdict on an evidence document against this hub's seal, the evidence itself under `evidence`.
    ///
    /// # Panics
    /// It does not verify.
    #[must_use]
    pub fn verified(&self, document: &str) -> Value {
        let seal = Against::Certificate(&self.running().seal_certificate);
        let at = self.running().hub.clock.now();
        let (_, verdict) = verdict::proven(document.as_bytes(), &seal, at).expect("the evidence verifies");
        let mut told = verdict.to_json();
        told["evidence"] = told["evidences"][0].take();
        told
    }

    /// Stops everything; nothing may be left undone.
    ///
    /// # Panics
    /// A job other than an inbox deadline is left.
    pub async fn stop(mut self) {
        let left = self.number("select cast(count(*) as bigint) as number from job where kind <> 'expire'").await;
        let hub = self.hub.take().expect("the hub runs");
        assert_eq!(left, 0, "jobs are left undone");
        hub.stop().await;
        self.esocial.stop().await;
        self.town_hall.stop().await;
    }
}

/// Now, in Unix seconds.
#[must_use]
#[allow(clippy::disallowed_methods, reason = "the twins live in real time")]
pub fn unix_seconds() -> i64 {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_secs()).unwrap_or_default()
}
