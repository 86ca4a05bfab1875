//! Kills in the middle of filing, export and destruction: a hub is brought to the moment before, its folder is copied for
//! every point, and the program is killed there, started again, and looked at.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitStatus};
use std::time::{Duration, Instant};

use rusqlite::{Connection, params};
use serde_json::json;
use tempfile::TempDir;
use tests::archive::Desk;
use tests::county::{HUB_TOWN, SENDER};
use tests::documents::letter;
use tests::process::{Program, punte, quiet_port};
use tests::shared::program;
use tests::{Database, TestHub};

use crate::sweep::{SYNCS, points};

const PATIENCE: Duration = Duration::from_secs(60);
/// A call that is not made within this is never made.
const MISSED: Duration = Duration::from_secs(15);
const GLANCE: Duration = Duration::from_millis(10);
/// Messages that are filed, and one entry of the counter.
const MESSAGES: usize = 3;
/// What a destruction has to do, in one statement for each thing that clerks would have done.
const SELECTED: &str = "
    insert into archive_selection (id, party, number, date, members, decisions, state, author, made_at, confirmation,
        asked_by, asked_at, approved_by, approved_at)
    select x'11111111111111111111111111111111', party, '1', '2039-01-15', '[]',
        json_array(json_object('dossier', lower(substr(hex(id),1,8)||'-'||substr(hex(id),9,4)||'-'||substr(hex(id),13,4)||'-'
            ||substr(hex(id),17,4)||'-'||substr(hex(id),21)), 'decision', 'destroy')),
        'destroying', 'ana', 1, '{\"number\":\"88\",\"date\":\"2039-02-01\",\"service\":\"x\"}', 'ana', 1, 'eva', 1
        from archive_dossier;
    update archive_dossier set state = 'selected', selection = x'11111111111111111111111111111111';";

/// A hub that waits, on the disk.
struct Prepared {
    hub: TestHub,
    directory: PathBuf,
}

/// A copy of it, for one kill.
struct Trial {
    folder: TempDir,
    address: String,
}

impl Prepared {
    /// Documents that nobody classified, and a hub that is closed.
    async fn unfiled() -> Self {
        let mut hub = TestHub::start(Database::Sqlite).await;
        let desk = Desk::of(&hub, SENDER, "ana", "arhiva");
        let table = "indicativ;denumire;termen\nI/A/3;Petiții;10 ani\n";
        let path = "/v1/archive/nomenclator?valid_from=2020-01-01&approval_number=3&approval_date=2019-12-01";
        assert_eq!(desk.text(path, "n", "text/csv", table).await.status, 201);
        for number in 0..MESSAGES {
            let sent = hub.client(SENDER).post("/v1/messages", &number.to_string(), &letter(&[HUB_TOWN], "x")).await;
            let message = sent.1["message_id"].as_str().expect("accepted").to_owned();
            let delivery = hub.client(SENDER).wait_for_delivery(&message, HUB_TOWN, "consigned").await;
            let path = format!("/v1/inbox/{}/accept", delivery["id"].as_str().expect("an id"));
            hub.client(HUB_TOWN).post(&path, "accept", &json!({})).await;
        }
        let entry = desk.enter("e", &json!({"subject": "Scanată"})).await;
        assert_eq!(desk.upload(&entry, "u", &[("scan.txt", "text/plain", b"scanat")]).await.status, 201);
        let wanted = i64::try_from(MESSAGES).expect("few") + 1;
        let sql = "select cast(count(*) as bigint) as number from archive_filing
                   where party = 'uat-113625' and state = 'unclassified'";
        hub.wait_for_number(sql, wanted).await;
        hub.close().await;
        let directory = hub.config.directory.clone().expect("a story has a directory");
        let this = Self { hub, directory };
        this.execute(
            "update archive_filing set state = 'waiting', code = 'I/A/3', due_at = 0 where party = 'uat-113625'",
        );
        this
    }

    /// The same, filed by a hub that nobody kills.
    async fn filed() -> Self {
        let mut this = Self::unfiled().await;
        this.hub.up().await;
        let waiting = "select cast(count(*) as bigint) as number from archive_filing
                       where party = 'uat-113625' and state <> 'filed'";
        this.hub.wait_for_number(waiting, 0).await;
        this.hub.close().await;
        this
    }

    fn execute(&self, statements: &str) {
        let connection = Connection::open(self.hub.folder().join("punte.db")).expect("the database is there");
        connection.execute_batch(statements).expect("executed");
        connection.query_row("pragma wal_checkpoint(truncate)", [], |_| Ok(())).expect("the log is moved");
    }

    fn trial(&self) -> Trial {
        let folder = tempfile::tempdir().expect("a folder is made");
        let copied = Command::new("cp").arg("-a").arg(self.hub.folder().join(".")).arg(folder.path()).status();
        assert!(copied.expect("cp is part of every system").success());
        let address = format!("127.0.0.1:{}", quiet_port(4711));
        let text = format!(
            "data = '{0}/data'\ndatabase = 'sqlite:{0}/punte.db'\nlisten = '{address}'\ndirectory = '{1}'\n[vault]\ncopies = false\n",
            folder.path().display(),
            self.directory.display(),
        );
        fs::write(folder.path().join("trial.toml"), text).expect("written");
        Trial { folder, address }
    }
}

impl Trial {
    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// The program with words, killed as it enters one of these calls for the `nth` time where that is said.
    fn command(&self, words: &[&str], die: Option<(&str, u32)>) -> Command {
        let mut command = match die {
            None => Command::new(punte()),
            Some((calls, nth)) => {
                let mut strace = Command::new("strace");
                strace.args(["-D", "-f", "-qq", "-o", "/dev/null", "-e", &format!("trace={calls}")]);
                strace.args(["-e", &format!("inject={calls}:signal=KILL:when={nth}")]).arg(punte());
                strace
            }
        };
        command.arg("--config").arg(self.path("trial.toml")).args(words).env("PUNTE_LOG", "warn");
        command
    }

    fn launch(&self, die: Option<(&str, u32)>) -> Program {
        Program::start(self.command(&["serve"], die), &self.path("punte.log"))
    }

    fn number(&self, sql: &str) -> i64 {
        let connection = Connection::open(self.path("punte.db")).expect("the database is there");
        connection.busy_timeout(Duration::from_secs(10)).expect("set");
        connection.query_row(sql, params![], |row| row.get(0)).expect("one number")
    }

    /// Runs until a number is what it must become, and stops in order.
    async fn until(&self, sql: &str, wanted: i64) {
        let mut program = self.launch(None);
        let begun = Instant::now();
        while self.number(sql) != wanted {
            assert!(program.ended().is_none(), "the hub fell:\n{}", program.last_words());
            assert!(begun.elapsed() < PATIENCE, "{sql} does not become {wanted}:\n{}", program.last_words());
            tokio::time::sleep(GLANCE).await;
        }
        // It stops in order only once it is open.
        let http = reqwest::Client::builder().no_proxy().build().expect("a client is made");
        while http.get(format!("http://{}/health/live", self.address)).send().await.is_err() {
            assert!(begun.elapsed() < PATIENCE, "the hub does not open:\n{}", program.last_words());
            tokio::time::sleep(GLANCE).await;
        }
        let ended = program.stop().await;
        assert!(ended.success(), "the hub did not stop in order: {ended}");
    }

    fn run(&self, words: &[&str]) -> (ExitStatus, String) {
        let output = self.command(words, None).output().expect("the program starts");
        let told = String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr);
        (output.status, told)
    }

    /// Every object of the vault is whole, and every document that is not destroyed is one of them.
    fn vault_is_whole(&self, when: &str) {
        let (status, told) = self.run(&["archive", "audit"]);
        assert!(status.success(), "{when}: {told}");
    }
}

async fn dies(program: &mut Program) -> bool {
    let begun = Instant::now();
    while program.ended().is_none() {
        if begun.elapsed() > MISSED {
            program.kill();
            return false;
        }
        tokio::time::sleep(GLANCE).await;
    }
    true
}

const UNFILED: &str = "select count(*) from archive_filing where party = 'uat-113625' and state <> 'filed'";

/// Kills at commits of filing.
pub async fn filing() {
    if program("strace").is_none() {
        return;
    }
    let prepared = Prepared::unfiled().await;
    let mut killed = 0;
    for point in points(&[2, 4, 7, 11, 16, 23], 1..=60) {
        let trial = prepared.trial();
        killed += u32::from(dies(&mut trial.launch(Some((SYNCS, point)))).await);
        trial.until(UNFILED, 0).await;
        let when = format!("killed at sync {point}");
        let wanted = i64::try_from(MESSAGES).expect("few") + 1;
        let filed = "select count(*) from archive_act where act = 'filed'";
        assert_eq!(trial.number(filed), wanted, "{when}: filed once each");
        let content = "select count(*) from archive_document where role = 'document' and addition is null";
        assert_eq!(trial.number(content), wanted, "{when}: nothing lost, nothing doubled");
        let gaps = "select (select next_document - 1 from archive_office where party = 'uat-113625') - (select count(*) from archive_document)";
        assert_eq!(trial.number(gaps), 0, "{when}: identifiers have no gap");
        let sums = "select count(*) from archive_dossier o where o.documents <> (select count(*) from archive_document d where d.dossier = o.id)";
        assert_eq!(trial.number(sums), 0, "{when}");
        trial.vault_is_whole(&when);
        let out = trial.path("out");
        let words = [
            "archive",
            "export",
            "--purpose",
            "predare",
            "--legal-basis",
            "Legea nr. 16/1996",
            "--party",
            SENDER,
            "--without-packages",
            "--out",
            out.to_str().expect("UTF-8"),
        ];
        let (status, told) = trial.run(&words);
        assert!(status.success(), "{when}: every document can be read: {told}");
    }
    assert!(killed >= 3, "most points were not reached: {killed}");
}

/// Kills at syncs of a destruction.
pub async fn destruction() {
    if program("strace").is_none() {
        return;
    }
    let prepared = Prepared::filed().await;
    prepared.execute(SELECTED);
    let mut killed = 0;
    for point in points(&[1, 3, 6, 10, 15, 21, 28], 1..=80) {
        let trial = prepared.trial();
        killed += u32::from(dies(&mut trial.launch(Some((SYNCS, point)))).await);
        let when = format!("killed at sync {point}");
        let early = "select count(*) from archive_dossier o join archive_selection s on s.id = o.selection
                     where (o.state = 'destroyed') <> (s.state = 'ended') or (s.proof is null) <> (s.state <> 'ended')";
        assert_eq!(trial.number(early), 0, "{when}: nothing is told to be destroyed before all of it is");
        trial.until("select count(*) from archive_selection where state = 'ended'", 1).await;
        assert_eq!(trial.number("select count(*) from archive_document where erased_at is null"), 0, "{when}");
        assert_eq!(trial.number("select count(*) from archive_act where act = 'destroyed'"), 2, "{when}: told once");
        let lists = trial.number("select count(*) from archive_destruction_list");
        let left = objects(&trial.path("data/vault"));
        assert_eq!((lists, left), (1, 2), "{when}: no byte is left but the list of what was destroyed, and its key");
        trial.vault_is_whole(&when);
    }
    assert!(killed >= 3, "most points were not reached: {killed}");
}

/// Files of a vault, keys and documents.
fn objects(vault: &Path) -> usize {
    let mut count = 0;
    for kind in ["blobs", "keys"] {
        let Ok(folders) = fs::read_dir(vault.join(kind)) else { continue };
        for folder in folders.flatten() {
            count += fs::read_dir(folder.path()).map_or(0, Iterator::count);
        }
    }
    count
}

/// Kills an export as it writes; the next one is whole, and what was cut off counts for nothing.
pub async fn export() {
    if program("strace").is_none() {
        return;
    }
    let prepared = Prepared::filed().await;
    let trial = prepared.trial();
    let mut killed = 0;
    for point in points(&[1, 5, 20, 60, 120], (1..=400).step_by(7)) {
        let out = trial.path(&format!("cut-{point}"));
        let words = [
            "archive",
            "export",
            "--purpose",
            "predare",
            "--legal-basis",
            "Legea nr. 16/1996",
            "--party",
            SENDER,
            "--out",
            out.to_str().expect("UTF-8"),
        ];
        let status = trial.command(&words, Some(("write,fsync,rename", point))).output().expect("strace starts").status;
        if status.success() {
            continue;
        }
        killed += 1;
        assert!(!out.join("manifest.asice").exists(), "killed at {point}: it says that it is whole");
        let empty = trial.path(&format!("empty-{point}"));
        let words = ["archive", "import", "--data", empty.to_str().expect("UTF-8"), out.to_str().expect("UTF-8")];
        let (status, told) = trial.run(&words);
        assert!(!status.success(), "killed at {point}: half an export was taken: {told}");
    }
    assert!(killed >= 2, "most points were not reached: {killed}");
    let out = trial.path("whole");
    let words = [
        "archive",
        "export",
        "--purpose",
        "predare",
        "--legal-basis",
        "Legea nr. 16/1996",
        "--party",
        SENDER,
        "--out",
        out.to_str().expect("UTF-8"),
    ];
    let (status, told) = trial.run(&words);
    assert!(status.success(), "{told}");
    let sums = Command::new("sha256sum").current_dir(&out).args(["--quiet", "-c", "SHA256SUMS"]).status();
    assert!(sums.expect("sha256sum is part of every system").success());
    trial.vault_is_whole("after the exports");
}
