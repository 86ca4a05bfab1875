//! What outlives a kill: the neighbours in this process, the data on the disk, the port, and the configuration.

use std::collections::HashMap;
use std::path::PathBuf;
use std::process::Command;
use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use rusqlite::OpenFlags;
use sandbox::{CaseRecord, Esocial, EventRecord, Running, TownHall};
use tempfile::TempDir;
use tests::county::{self, DIRECTORATE, ESOCIAL_TOKEN, HUB_TOWN, SENDER, WEBHOOK_SECRET, WEBHOOK_TOWN};
use tests::process::{Program, punte, quiet_port};
use tests::{Client, Database};

use crate::random::Random;

/// A hub that does not open within this is broken.
const PATIENCE: Duration = Duration::from_secs(30);
const GLANCE: Duration = Duration::from_millis(5);

/// Everything around the program.
pub struct World {
    pub esocial: Running<CaseRecord>,
    pub town_hall: Running<EventRecord>,
    pub database: Database,
    pub database_url: String,
    pub url: String,
    clients: HashMap<&'static str, Client>,
    pub http: reqwest::Client,
    program: PathBuf,
    config: PathBuf,
    folder: TempDir,
}

impl World {
    pub async fn build(database: Database, random: &mut Random) -> Self {
        let folder = tests::shared::own_folder();
        let path = folder.path();
        let clock: sandbox::Clock = Arc::new(unix_seconds);
        let loopback = "127.0.0.1:0".parse().expect("an address");
        let esocial = Esocial::start(loopback, Arc::clone(&clock)).await.expect("eSocial is played");
        let town_hall = TownHall::start(loopback, clock, WEBHOOK_SECRET).await.expect("a town hall is played");
        let directory = path.join("directory.toml");
        let documents = [
            (path.join("esocial"), ESOCIAL_TOKEN.to_owned()),
            (path.join("webhook"), WEBHOOK_SECRET.to_owned()),
            (directory.clone(), county::directory(&esocial.url(), &town_hall.url(), path)),
        ];
        for (file, text) in documents {
            std::fs::write(file, text).expect("written");
        }
        let address = address(random);
        let database_url = database.url(&path.join("data")).await;
        let config = path.join("punte.toml");
        let text = format!(
            "data = '{}'\ndatabase = '{database_url}'\nlisten = '{address}'\ndirectory = '{}'\nlease_seconds = 2\n\
             [retry]\nfirst_pause = 0.02\nlongest_pause = 0.2\n[outgoing]\nallow = ['127.0.0.0/8']\n",
            path.join("data").display(),
            directory.display(),
        );
        std::fs::write(&config, text).expect("written");
        let url = format!("http://{address}");
        // Made once: a client reads the certificates of the whole system.
        let parties = [SENDER, DIRECTORATE, HUB_TOWN, WEBHOOK_TOWN];
        let clients = parties.into_iter().map(|party| (party, Client::of(&url, party))).collect();
        Self {
            esocial,
            town_hall,
            database,
            database_url,
            url,
            clients,
            http: http(),
            program: punte(),
            config,
            folder,
        }
    }

    /// The hub's data folder.
    pub fn data(&self) -> PathBuf {
        self.folder.path().join("data")
    }

    /// The embedded database, opened beside the hub's own connections.
    pub fn sqlite(&self) -> rusqlite::Connection {
        let there = OpenFlags::SQLITE_OPEN_READ_WRITE;
        rusqlite::Connection::open_with_flags(self.data().join("punte.db"), there).expect("the database is there")
    }

    /// Starts the program and does not wait.
    pub fn launch(&self) -> Program {
        Program::start(self.serve(Command::new(&self.program)), &self.log())
    }

    /// Starts the program so that it is killed as it enters one of the system calls for the `nth` time in one thread,
    /// about one of these files of its data folder where any are named.
    pub fn launch_to_die_at(&self, calls: &str, files: &[&str], nth: u32) -> Program {
        let mut strace = Command::new("strace");
        // -D: the program is this process's own child, as it is without strace.
        strace.args(["-D", "-f", "-qq", "-o", "/dev/null", "-e", &format!("trace={calls}")]);
        for file in files {
            strace.arg("-P").arg(self.data().join(file));
        }
        strace.args(["-e", &format!("inject={calls}:signal=KILL:when={nth}")]).arg(&self.program);
        Program::start(self.serve(strace), &self.log())
    }

    /// Starts the program and waits until it is open.
    pub async fn start(&self) -> Program {
        let mut program = self.launch();
        assert!(self.opens(&mut program).await, "the hub does not start; its last words:\n{}", program.last_words());
        program
    }

    /// A second node on the same database and the same folder, at a port of its own; it is not started yet.
    pub fn beside(&self, random: &mut Random) -> Beside {
        let address = address(random);
        let text = std::fs::read_to_string(&self.config).expect("the configuration is there");
        let own = text.replace(self.url.trim_start_matches("http://"), &address);
        let config = self.folder.path().join("beside.toml");
        std::fs::write(&config, own).expect("written");
        Beside { url: format!("http://{address}"), config }
    }

    /// Waits until the program is open; false when it ends before.
    pub async fn opens(&self, program: &mut Program) -> bool {
        self.opens_at(&self.url, program).await
    }

    async fn opens_at(&self, url: &str, program: &mut Program) -> bool {
        let begun = Instant::now();
        while program.ended().is_none() {
            let ready = self.http.get(format!("{url}/health/ready")).send().await;
            if ready.is_ok_and(|answer| answer.status().is_success()) {
                return true;
            }
            assert!(begun.elapsed() < PATIENCE, "the hub does not open; its last words:\n{}", program.last_words());
            tokio::time::sleep(GLANCE).await;
        }
        false
    }

    /// The system of a party at the door, for a hub that answers.
    pub fn client(&self, party: &str) -> &Client {
        &self.clients[party]
    }

    /// Leaves everything on the disk for whoever looks into a failure.
    pub fn keep(self) -> PathBuf {
        self.folder.keep()
    }

    fn serve(&self, mut command: Command) -> Command {
        command.arg("serve").arg("--config").arg(&self.config).env("PUNTE_LOG", "warn");
        command
    }

    fn log(&self) -> PathBuf {
        self.folder.path().join("punte.log")
    }
}

/// A second node of a world.
pub struct Beside {
    pub url: String,
    config: PathBuf,
}

impl Beside {
    /// Starts it and waits until it is open.
    pub async fn start(&self, world: &World) -> Program {
        let mut command = Command::new(&world.program);
        command.arg("serve").arg("--config").arg(&self.config).env("PUNTE_LOG", "warn");
        let mut program = Program::start(command, &world.folder.path().join("beside.log"));
        let open = world.opens_at(&self.url, &mut program).await;
        assert!(open, "the second node does not start; its last words:\n{}", program.last_words());
        program
    }
}

fn address(random: &mut Random) -> String {
    format!("127.0.0.1:{}", quiet_port(u16::try_from(random.below(1 << 16)).expect("16 bits")))
}

/// A client that takes nobody's word for the way to loopback.
fn http() -> reqwest::Client {
    reqwest::Client::builder().no_proxy().timeout(Duration::from_secs(20)).build().expect("a client is made")
}

#[allow(clippy::disallowed_methods, reason = "the neighbours live in real time")]
pub fn unix_seconds() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_secs()).unwrap_or_default()
}
