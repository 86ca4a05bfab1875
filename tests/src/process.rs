//! The real program as a process of its own, so that it can be killed as nothing inside a process can be.

use std::collections::BTreeSet;
use std::fs::{File, OpenOptions};
use std::net::TcpListener;
use std::os::fd::AsRawFd as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::{Mutex, OnceLock};
use std::time::{Duration, Instant};

use cargo_metadata::Message;

/// How long a program may take to end when it is asked to.
const PATIENCE: Duration = Duration::from_secs(30);
const GLANCE: Duration = Duration::from_millis(5);
/// Ports below those the kernel gives to outgoing connections: while the program is down, nobody takes its port.
const QUIET_PORTS: std::ops::Range<u16> = 20_000..32_000;

/// The program `punte` as this tree builds it: the profile is that of the test itself.
///
/// # Panics
/// It does not build; cargo has said why.
pub fn punte() -> PathBuf {
    static BUILT: OnceLock<File> = OnceLock::new();
    let file = BUILT.get_or_init(|| File::open(build()).expect("the program can be read"));
    // The open file, not its name: whoever builds meanwhile does not change the program under test.
    format!("/proc/{}/fd/{}", std::process::id(), file.as_raw_fd()).into()
}

fn build() -> PathBuf {
    let test = std::env::current_exe().expect("a test knows where it lies");
    let folder = test.parent().and_then(Path::parent).and_then(Path::file_name).and_then(|name| name.to_str());
    let profile = folder.filter(|folder| *folder != "debug").unwrap_or("dev");
    // The whole workspace decides the features of the packages, as it did for the test: nothing is built twice.
    let output = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| env!("CARGO").into()))
        .current_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/.."))
        .args(["build", "--workspace", "--bin", "punte", "--locked", "--profile", profile])
        .arg("--message-format=json-render-diagnostics")
        .stderr(Stdio::inherit())
        .output()
        .expect("cargo starts");
    let built = Message::parse_stream(&output.stdout[..]).flatten().find_map(|message| match message {
        Message::CompilerArtifact(artifact) if artifact.target.name == "punte" => artifact.executable,
        _ => None,
    });
    assert!(output.status.success(), "punte does not build: {}", output.status);
    built.expect("cargo names the program it built").into()
}

/// A loopback port that is free now and stays so: no outgoing connection is given it, and nobody else in this process, also
/// while the program that has it is down. The search begins at `start`.
///
/// # Panics
/// All are taken.
#[must_use]
pub fn quiet_port(start: u16) -> u16 {
    static GIVEN: Mutex<BTreeSet<u16>> = Mutex::new(BTreeSet::new());
    let mut given = GIVEN.lock().expect("nobody panics while a port is looked for");
    let count = QUIET_PORTS.end - QUIET_PORTS.start;
    let free = |port: &u16| !given.contains(port) && TcpListener::bind(("127.0.0.1", *port)).is_ok();
    let mut ports = (0..count).map(|step| QUIET_PORTS.start + (start % count + step) % count);
    let port = ports.find(free).expect("a port is free");
    given.insert(port);
    port
}

/// A running program. Dropped, it is killed.
pub struct Program {
    child: Child,
    log: PathBuf,
}

impl Program {
    /// Starts a command, its words going to the end of a file.
    ///
    /// # Panics
    /// It cannot be started.
    #[must_use]
    pub fn start(mut command: Command, log: &Path) -> Self {
        let file: File = OpenOptions::new().create(true).append(true).open(log).expect("the log is written");
        let again = file.try_clone().expect("a file has more than one handle");
        let child = command.stdin(Stdio::null()).stdout(file).stderr(again).spawn().expect("the program starts");
        Self { child, log: log.to_owned() }
    }

    /// Whether it has ended, and how.
    ///
    /// # Panics
    /// The system does not say.
    pub fn ended(&mut self) -> Option<ExitStatus> {
        self.child.try_wait().expect("the system knows its children")
    }

    /// Kills it with SIGKILL and returns when it is gone.
    ///
    /// # Panics
    /// The system does not let it.
    pub fn kill(&mut self) {
        self.child.kill().expect("a child can be killed");
        self.child.wait().expect("the system knows its children");
    }

    /// Asks it to stop with SIGTERM, and answers how it ended.
    ///
    /// # Panics
    /// It does not end.
    pub async fn stop(mut self) -> ExitStatus {
        let id = self.child.id().to_string();
        let asked = Command::new("kill").args(["-TERM", &id]).status().expect("kill is part of every system");
        assert!(asked.success(), "the program cannot be asked to stop");
        let begun = Instant::now();
        loop {
            if let Some(status) = self.ended() {
                return status;
            }
            assert!(begun.elapsed() < PATIENCE, "the program does not stop; its last words:\n{}", self.last_words());
            tokio::time::sleep(GLANCE).await;
        }
    }

    /// The end of what it said.
    #[must_use]
    pub fn last_words(&self) -> String {
        let said = std::fs::read_to_string(&self.log).unwrap_or_default();
        let lines: Vec<&str> = said.lines().collect();
        lines[lines.len().saturating_sub(20)..].join("\n")
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        // It may have ended long ago, which is as good.
        let _ended = self.child.kill();
        let _reaped = self.child.wait();
    }
}
