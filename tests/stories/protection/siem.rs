//! Security events reach a real rsyslog over TLS, each at least once and in order, whoever restarts.

use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use hub_server::config::{SiemConfig, SiemFormat};
use reqwest::Method;
use serde_json::Value;
use tests::client::{GLANCE, ask};
use tests::county::HUB_TOWN;
use tests::operator::{OPERATOR, with_operator};
use tests::shared::program;
use tests::{Database, TestHub};

const PATIENCE: Duration = Duration::from_secs(60);

/// rsyslog on a port of its own, writing JSON lines.
struct Rsyslog {
    folder: tempfile::TempDir,
    port: u16,
    child: Option<Child>,
}

impl Rsyslog {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let reserved = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let port = reserved.local_addr().unwrap().port();
        drop(reserved);
        let at = folder.path();
        openssl(
            at,
            &[
                "req",
                "-x509",
                "-newkey",
                "ec",
                "-pkeyopt",
                "ec_paramgen_curve:prime256v1",
                "-nodes",
                "-days",
                "2",
                "-subj",
                "/CN=localhost",
                "-addext",
                "subjectAltName=DNS:localhost",
                "-keyout",
                "key.pem",
                "-out",
                "cert.pem",
            ],
        );
        let shown = at.display();
        let config = format!(
            r#"global(workDirectory="{shown}" defaultNetstreamDriver="ossl" defaultNetstreamDriverCAFile="{shown}/cert.pem"
                     defaultNetstreamDriverCertFile="{shown}/cert.pem" defaultNetstreamDriverKeyFile="{shown}/key.pem")
               module(load="imtcp" StreamDriver.Name="ossl" StreamDriver.Mode="1" StreamDriver.AuthMode="anon")
               template(name="line" type="list" option.jsonf="on") {{
                 property(outname="pri" name="pri" format="jsonf")
                 property(outname="host" name="hostname" format="jsonf")
                 property(outname="app" name="app-name" format="jsonf")
                 property(outname="id" name="msgid" format="jsonf")
                 property(outname="data" name="structured-data" format="jsonf")
                 property(outname="msg" name="msg" format="jsonf")
               }}
               ruleset(name="all") {{ action(type="omfile" file="{shown}/received" template="line") }}
               input(type="imtcp" address="127.0.0.1" port="{port}" ruleset="all")
            "#
        );
        std::fs::write(at.join("rsyslog.conf"), config).unwrap();
        Self { folder, port, child: None }
    }

    fn start(&mut self) {
        let at = self.folder.path();
        let mut command = Command::new("rsyslogd");
        command.args(["-n", "-f"]).arg(at.join("rsyslog.conf")).arg("-i").arg(at.join("pid"));
        let log = std::fs::OpenOptions::new().create(true).append(true).open(at.join("log")).unwrap();
        self.child = Some(command.stdout(Stdio::null()).stderr(log).spawn().unwrap());
        let begun = Instant::now();
        while std::net::TcpStream::connect(("127.0.0.1", self.port)).is_err() {
            let log = std::fs::read_to_string(at.join("log")).unwrap_or_default();
            assert!(begun.elapsed() < PATIENCE, "rsyslog does not listen: {log}");
            std::thread::sleep(GLANCE);
        }
    }

    fn stop(&mut self) {
        if let Some(mut child) = self.child.take() {
            Command::new("kill").arg(child.id().to_string()).status().unwrap();
            child.wait().unwrap();
        }
    }

    fn received(&self) -> Vec<Value> {
        let text = std::fs::read_to_string(self.folder.path().join("received")).unwrap_or_default();
        text.lines().map(|line| serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {line}"))).collect()
    }

    /// The numbers of acts, each once, in the order they first came.
    fn numbers(&self) -> Vec<i64> {
        let mut numbers = Vec::new();
        for one in self.received().iter().filter(|one| one["data"].as_str().unwrap().contains("source=\"audit\"")) {
            let data = one["data"].as_str().unwrap();
            let number = data.split("number=\"").nth(1).and_then(|rest| rest.split('"').next()).unwrap();
            let number: i64 = number.parse().unwrap();
            if !numbers.contains(&number) {
                numbers.push(number);
            }
        }
        numbers
    }

    async fn wait_for(&self, hub: &TestHub, last: i64) {
        let begun = Instant::now();
        while self.numbers().last() != Some(&last) {
            let confirmed = "select cast(coalesce(max(position), 0) as bigint) as number from siem_cursor";
            assert!(
                begun.elapsed() < PATIENCE,
                "received {:?}, wanted up to {last}, confirmed {}",
                self.numbers(),
                hub.number(confirmed).await
            );
            tokio::time::sleep(GLANCE).await;
        }
        assert_eq!(self.numbers(), (1..=last).collect::<Vec<_>>());
    }
}

impl Drop for Rsyslog {
    fn drop(&mut self) {
        self.stop();
    }
}

fn openssl(at: &Path, arguments: &[&str]) {
    let made = Command::new("openssl").args(arguments).current_dir(at).output().unwrap();
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
}

async fn acts(hub: &TestHub, count: usize) {
    for _ in 0..count {
        let request = hub.client(OPERATOR).request(Method::POST, "/v1/systems/esocial/resume");
        let answer = ask(request.header("punte-purpose", "răspunde; a=b|c ăîșț")).await;
        assert_eq!(answer.status, 200, "{:#}", answer.body);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_receiver_that_restarts_misses_nothing_and_neither_does_a_hub() {
    if program("rsyslogd").is_none() || program("openssl").is_none() {
        return;
    }
    Database::each(async |database| {
        let mut rsyslog = Rsyslog::new();
        rsyslog.start();
        let siem = SiemConfig {
            receiver: format!("localhost:{}", rsyslog.port),
            ca: Some(rsyslog.folder.path().join("cert.pem")),
            certificate: None,
            key: None,
            format: SiemFormat::Cef,
            access: true,
            interval_ms: 50.try_into().unwrap(),
        };
        let mut hub = TestHub::start_with(database, |config| {
            with_operator(config);
            config.siem = Some(siem);
        })
        .await;
        // The first act of a hub is that it took its directory over.
        acts(&hub, 2).await;
        rsyslog.wait_for(&hub, 3).await;
        let first = rsyslog.received().into_iter().find(|one| one["id"] == "system.resumed").unwrap();
        assert_eq!(
            (&first["pri"], &first["app"], &first["id"]),
            (&"109".into(), &"punte".into(), &"system.resumed".into())
        );
        let message = first["msg"].as_str().unwrap();
        assert!(
            message.contains("CEF:0|Punte|punte|") && message.contains("reason=răspunde; a\\=b|c ăîșț"),
            "{message}"
        );
        // The receiver is away while things happen.
        rsyslog.stop();
        acts(&hub, 5).await;
        rsyslog.start();
        rsyslog.wait_for(&hub, 8).await;
        // And the hub is stopped while the receiver is away.
        rsyslog.stop();
        acts(&hub, 4).await;
        hub.close().await;
        rsyslog.start();
        hub.up().await;
        rsyslog.wait_for(&hub, 12).await;
        // An access to personal data is told without anybody's data.
        let (status, _) = hub.client(HUB_TOWN).get("/v1/search?q=2580412259906").await;
        assert_eq!(status, 200);
        let begun = Instant::now();
        let access = loop {
            let found = rsyslog.received().into_iter().find(|one| one["id"] == "search");
            if let Some(found) = found {
                break found;
            }
            assert!(begun.elapsed() < PATIENCE, "the access is not told");
            tokio::time::sleep(GLANCE).await;
        };
        let message = access["msg"].as_str().unwrap();
        assert!(message.contains("fname=search") && !message.contains("258041"), "{message}");
        hub.close().await;
    })
    .await;
}
