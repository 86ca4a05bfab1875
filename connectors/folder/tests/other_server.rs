//! The same folder behind an SFTP server of another author, with a password instead of a key.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod support;

use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};

use connectors_contract::{Channel, Engine as _, Outcome};
use connectors_drop::outgoing_name;
use support::{Ground, MANIFEST, SCAN, accepted, consignment, manifest, package};

const PACKAGE: &str = "asyncssh==2.24.1";
const PASSWORD: &str = "parola-inventata";
const SERVER: &str = r#"
import asyncio, asyncssh, sys

class Server(asyncssh.SSHServer):
    def begin_auth(self, username):
        return True
    def password_auth_supported(self):
        return True
    def validate_password(self, username, password):
        return (username, password) == ("punte", sys.argv[2])

async def main():
    key = asyncssh.generate_private_key("ecdsa-sha2-nistp256")
    files = lambda channel: asyncssh.SFTPServer(channel, chroot=sys.argv[1])
    server = await asyncssh.listen("127.0.0.1", 0, server_host_keys=[key], server_factory=Server, sftp_factory=files)
    print(server.sockets[0].getsockname()[1], key.export_public_key().decode().strip(), flush=True)
    await asyncio.Event().wait()

asyncio.run(main())
"#;

struct Asyncssh {
    child: Child,
    port: u16,
    host_key: String,
    _environment: tempfile::TempDir,
}

impl Asyncssh {
    /// None, told aloud, where it cannot be installed.
    fn start(root: &Path) -> Option<Self> {
        let environment = tempfile::tempdir().unwrap();
        let run = |program: &str, arguments: &[&str]| {
            let output = Command::new(program).current_dir(environment.path()).args(arguments).output();
            output.is_ok_and(|output| output.status.success())
        };
        let pip = environment.path().join("venv/bin/pip");
        let installed =
            run("python3", &["-m", "venv", "venv"]) && run(pip.to_str().unwrap(), &["install", "--quiet", PACKAGE]);
        if !installed {
            assert!(std::env::var("CI").as_deref() != Ok("true"), "{PACKAGE} cannot be installed");
            eprintln!("SKIPPED: {PACKAGE} cannot be installed");
            return None;
        }
        std::fs::write(environment.path().join("server.py"), SERVER).unwrap();
        let mut child = Command::new(environment.path().join("venv/bin/python"))
            .arg(environment.path().join("server.py"))
            .arg(root)
            .arg(PASSWORD)
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let (port, host_key) = line.trim().split_once(' ').expect("the server tells its port and key");
        Some(Self { child, port: port.parse().unwrap(), host_key: host_key.to_owned(), _environment: environment })
    }
}

impl Drop for Asyncssh {
    fn drop(&mut self) {
        let _ended = (self.child.kill(), self.child.wait());
    }
}

#[tokio::test]
async fn packages_go_and_come_by_password_through_a_server_of_another_author() {
    let ground = Ground::local();
    let Some(server) = Asyncssh::start(&ground.root) else { return };
    let channel = |password: &str| Channel {
        address: Some(format!("sftp://punte@127.0.0.1:{}/", server.port).parse().unwrap()),
        secret: Some(password.into()),
        identity: None,
        roots: Some(server.host_key.clone()),
        ..Channel::default()
    };
    let engine = ground.engine("hub1");
    let sent = consignment("cheie", SCAN);
    let wrong = engine.outbound(&manifest(MANIFEST), channel("alta")).unwrap().deliver(&sent).await.outcome;
    assert!(
        matches!(&wrong, Outcome::Unavailable { reason, .. } if reason.contains("nu ne-a recunoscut")),
        "{wrong:?}"
    );
    let outbound = engine.outbound(&manifest(MANIFEST), channel(PASSWORD)).unwrap();
    for _ in 0..2 {
        let outcome = outbound.deliver(&sent).await.outcome;
        assert!(matches!(outcome, Outcome::Delivered { .. }), "{outcome:?}");
    }
    assert_eq!(ground.names("out"), [outgoing_name("cheie")]);
    ground.put("in/a.zip", &package("a"));
    ground.put("in/a.zip.ok", b"");
    let inbound = engine.inbound(&manifest(MANIFEST), channel(PASSWORD)).unwrap();
    let arrivals = inbound.poll(10).await.unwrap();
    assert_eq!((arrivals.len(), &arrivals[0].unreadable), (1, &None));
    for _ in 0..2 {
        inbound.acknowledge(&arrivals[0].id, &accepted()).await.unwrap();
    }
    assert_eq!((ground.names("done").len(), ground.names("verdicts").len()), (1, 3));
}
