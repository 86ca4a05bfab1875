//! The client against a time-stamping authority that nobody here wrote: certomancer, in an environment of its own.
//!
//! It is installed by pip into a temporary folder, listens on loopback and is stopped by its process. Without Python or
//! the package the test says that it was skipped; on the build server both must be there.

#![allow(clippy::unwrap_used, reason = "helpers of tests are tests")]

use std::net::TcpListener;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use connectors_tsp::{Credentials, Imprint, Settings, Timeouts, Token, TspClient, TspError};
use hub_signatures::certificate::Certificate;
use hub_signatures::digest::DigestAlgorithm;
use hub_signatures::time_stamp::TimeStamp;
use hub_signatures::trust::{Trust, Trusted};

const PACKAGE: &str = "certomancer[web-api]==0.16.0";
const CONFIGURATION: &str = include_str!("certomancer.yml");
/// The policy it stamps under, whatever is asked for.
const POLICY: &str = "1.3.6.1.4.1.4146.2.3";
const DATA: &[u8] = b"head of the log";

/// The running authority.
struct Authority {
    process: Child,
    folder: tempfile::TempDir,
    port: u16,
}

impl Drop for Authority {
    fn drop(&mut self) {
        // It may have ended by itself; either way it is gone afterwards.
        let _ended = (self.process.kill(), self.process.wait());
    }
}

fn run(folder: &Path, program: &str, arguments: &str) -> Result<String, String> {
    let output = Command::new(program).current_dir(folder).args(arguments.split(' ')).output();
    let output = output.map_err(|error| format!("{program}: {error}"))?;
    let said = String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned();
    if output.status.success() { Ok(said) } else { Err(format!("{program} {arguments}: {said}")) }
}

impl Authority {
    /// The authority, ready to answer; none where it cannot be installed.
    async fn start() -> Option<Authority> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path();
        let pip = path.join("environment/bin/pip");
        let installed = run(path, "openssl", "version")
            .and_then(|_| run(path, "python3", "-m venv environment"))
            .and_then(|_| run(path, pip.to_str().unwrap(), &format!("install --quiet {PACKAGE}")));
        if let Err(why) = installed {
            assert!(std::env::var("CI").as_deref() != Ok("true"), "{why}");
            eprintln!("skipped: certomancer cannot be installed: {why}");
            return None;
        }
        std::fs::write(path.join("certomancer.yml"), CONFIGURATION).unwrap();
        std::fs::create_dir(path.join("keys")).unwrap();
        for key in ["root", "tsa"] {
            let made = "-algorithm RSA -pkeyopt rsa_keygen_bits:2048 -out keys";
            run(path, "openssl", &format!("genpkey {made}/{key}.key.pem")).unwrap();
        }
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let process = Command::new(path.join("environment/bin/certomancer"))
            .current_dir(path)
            .args(["animate", "--port", &port.to_string()])
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut authority = Authority { process, folder, port };
        authority.wait_until_ready().await;
        Some(authority)
    }

    /// Asks until it answers: a process that listens does not serve yet.
    async fn wait_until_ready(&mut self) {
        let http = reqwest::Client::builder().no_proxy().build().unwrap();
        for _ in 0..600 {
            assert!(self.process.try_wait().unwrap().is_none(), "certomancer ended before it served");
            let answer = http.get(self.url("certs/root/ca.crt")).send().await;
            if let Ok(answer) = answer.and_then(reqwest::Response::error_for_status) {
                std::fs::write(self.folder.path().join("root.crt"), answer.bytes().await.unwrap()).unwrap();
                run(self.folder.path(), "openssl", "x509 -in root.crt -out root.pem").unwrap();
                return;
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        panic!("certomancer does not serve within a minute");
    }

    fn url(&self, path: &str) -> String {
        format!("http://127.0.0.1:{}/hub/{path}", self.port)
    }

    fn client(&self, trust: Trust, policy: Option<&str>, shift: i64) -> TspClient {
        let settings = Settings {
            url: self.url("tsa/tsa").parse().unwrap(),
            credentials: Credentials::None,
            trust,
            policy: policy.map(str::to_owned),
            timeouts: Timeouts::default(),
        };
        let counter = AtomicU64::new(0x7F00_0000_0000_0001);
        let nonces = Arc::new(move || counter.fetch_add(1, Ordering::Relaxed).to_be_bytes());
        TspClient::new(settings, Arc::new(move || now() + shift), nonces).unwrap()
    }

    fn trust(&self) -> Trust {
        let root = std::fs::read(self.folder.path().join("root.pem")).unwrap();
        Trust::Anchors(Certificate::all_from_pem(&root).unwrap())
    }

    /// What the openssl program says about a token over a file with these bytes.
    fn judged(&self, token: &Token, data: &[u8]) -> Result<String, String> {
        std::fs::write(self.folder.path().join("token.der"), &token.der).unwrap();
        std::fs::write(self.folder.path().join("data"), data).unwrap();
        run(self.folder.path(), "openssl", "ts -verify -data data -token_in -in token.der -CAfile root.pem")
    }
}

/// The authority has a clock of its own, so that ours must be the same.
#[allow(clippy::disallowed_methods, reason = "the authority stamps the real time")]
fn now() -> i64 {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap();
    since.as_secs().try_into().unwrap()
}

#[tokio::test]
async fn a_foreign_authority_is_understood_and_its_tokens_hold_here_and_with_openssl() {
    let Some(authority) = Authority::start().await else { return };
    let client = authority.client(authority.trust(), None, 0);
    for algorithm in DigestAlgorithm::ALL {
        let token = client.stamp(Imprint::of(algorithm, DATA)).await.unwrap();
        assert_eq!((token.time_stamp.policy.as_str(), token.time_stamp.accuracy), (POLICY, None));
        assert!(matches!(&token.time_stamp.trusted, Trusted::Anchor(root) if root.contains("Test Root CA")));
        assert!(token.time_stamp.authority.subject().contains("CN=Test TSU"), "{:?}", token.time_stamp.authority);
        assert_eq!(TimeStamp::verify(&token.der, DATA, &authority.trust()).unwrap(), token.time_stamp);
        assert!(authority.judged(&token, DATA).unwrap().contains("Verification: OK"));
        // Both refuse it for other data.
        assert!(TimeStamp::verify(&token.der, b"other", &authority.trust()).is_err());
        assert!(authority.judged(&token, b"other").unwrap_err().contains("message imprint mismatch"));
    }
    let asked = authority.client(authority.trust(), Some(POLICY), 0);
    asked.stamp(Imprint::of(DigestAlgorithm::Sha256, DATA)).await.unwrap();
    // It ignores the policy that is asked for; we do not.
    let wrong = [
        (authority.client(authority.trust(), Some("1.2.3"), 0), "under the policy"),
        (authority.client(authority.trust(), None, -3_600), "clocks"),
        (authority.client(Trust::Anchors(Vec::new()), None, 0), "not trusted"),
    ];
    for (client, word) in wrong {
        let answer = client.stamp(Imprint::of(DigestAlgorithm::Sha256, DATA)).await;
        assert!(matches!(&answer, Err(TspError::WrongAnswer(said)) if said.contains(word)), "{word}: {answer:?}");
    }
}
