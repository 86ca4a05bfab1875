//! A post office of real servers: exim takes mails, dovecot shows them, both with a certificate of a CA made here.

#![allow(dead_code, clippy::unwrap_used, reason = "shared by several test programs; a test that cannot go on fails")]

use std::collections::BTreeMap;
use std::io::Read as _;
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use connectors_contract::{Body, Channel, Consignment, Engine as _, Inbound, Manifest, Outbound, Part, PartContent};
use connectors_drop::sha256;
use connectors_mail::MailEngine;
use serde_json::json;

pub const NOW: i64 = 1_795_000_000;
pub const SCAN: &[u8] = b"%PDF-1.7 o scanare inventata";
pub const PASSWORD: &str = "parola-inventata";
/// The key a town hall proves its packages with.
pub const KEY: &str = "cheia inventata a primariei";

/// What the server does that every installation decides.
#[derive(Clone, Copy)]
pub struct Choice {
    pub tls: bool,
}

pub struct PostOffice {
    pub folder: tempfile::TempDir,
    pub smtp: u16,
    pub smtps: u16,
    pub imap: u16,
    pub imaps: u16,
    pub roots: String,
    children: Vec<Child>,
}

impl PostOffice {
    /// None, told aloud, where the servers cannot be started: they change to their own users, which only root may.
    pub fn open(choice: Choice) -> Option<Self> {
        let root = Command::new("id").arg("-u").output().unwrap().stdout == b"0\n";
        let installed = ["/usr/sbin/exim4", "/usr/sbin/dovecot"].iter().all(|path| Path::new(path).exists());
        if !(root && installed) {
            assert!(
                std::env::var("CI").as_deref() != Ok("true"),
                "exim4 and dovecot are needed, and the right to start them"
            );
            eprintln!("SKIPPED: exim4 and dovecot are needed, and the right to start them");
            return None;
        }
        let folder = tempfile::tempdir().unwrap();
        let at = folder.path().to_owned();
        for name in ["spool", "log", "home", "run"] {
            std::fs::create_dir(at.join(name)).unwrap();
        }
        let _passable = Command::new("chmod").args(["755"]).arg(&at).status();
        run(Command::new("chown").args(["Debian-exim:Debian-exim"]).args([
            at.join("spool"),
            at.join("log"),
            at.join("home"),
        ]));
        let roots = certificates(&at);
        let [smtp, smtps, imap, imaps] = ports();
        std::fs::write(at.join("exim.conf"), exim(&at, smtp, smtps, choice)).unwrap();
        std::fs::write(at.join("dovecot.conf"), dovecot(&at, imap, imaps)).unwrap();
        let log = |name: &str| Stdio::from(std::fs::File::create(at.join(name)).unwrap());
        let mut exim = Command::new("/usr/sbin/exim4");
        exim.arg("-C").arg(at.join("exim.conf")).args(["-bdf", "-q1m"]);
        exim.stdout(log("exim.out")).stderr(log("exim.err"));
        let mut dovecot = Command::new("/usr/sbin/dovecot");
        dovecot.args(["-F", "-c"]).arg(at.join("dovecot.conf"));
        dovecot.stdout(log("dovecot.out")).stderr(log("dovecot.err"));
        let children = vec![exim.spawn().unwrap(), dovecot.spawn().unwrap()];
        let office = Self { folder, smtp, smtps, imap, imaps, roots, children };
        office.wait(smtp, b"220");
        office.wait(imap, b"* O");
        Some(office)
    }

    fn wait(&self, port: u16, banner: &[u8; 3]) {
        for _ in 0..1000 {
            if let Ok(mut stream) = TcpStream::connect(("127.0.0.1", port)) {
                let mut read = [0; 3];
                if stream.read_exact(&mut read).is_ok() && &read == banner {
                    return;
                }
            }
            std::thread::sleep(Duration::from_millis(10));
        }
        panic!("a server did not start:\n{}", self.logs());
    }

    pub fn logs(&self) -> String {
        let mut text = String::new();
        for name in ["exim.err", "dovecot.err", "dovecot.log", "log/mainlog", "log/rejectlog", "log/paniclog"] {
            let read = std::fs::read_to_string(self.folder.path().join(name)).unwrap_or_default();
            text.push_str(&format!("--- {name}\n{read}"));
        }
        text
    }

    pub fn channel(&self, address: &str) -> Channel {
        Channel {
            address: Some(url::Url::parse(address).unwrap()),
            secret: Some(PASSWORD.into()),
            identity: None,
            roots: Some(self.roots.clone()),
            ..Channel::default()
        }
    }

    /// A channel to somebody's box at the town hall, over STARTTLS or another port that leads there.
    pub fn to(&self, port: u16, local: &str) -> Channel {
        self.channel(&format!("smtp://punte%40hub.test@localhost:{port}/{local}@primaria.test"))
    }

    pub fn outbound(&self, channel: Channel) -> Arc<dyn Outbound> {
        engine().outbound(&manifest(OUT), channel).unwrap()
    }

    pub fn inbound(&self, secret: &str) -> Arc<dyn Inbound> {
        self.inbound_by(self.imap, secret)
    }

    pub fn inbound_by(&self, imap: u16, secret: &str) -> Arc<dyn Inbound> {
        let text = OUT.replace(
            "[endpoint]",
            &format!("[endpoint]\nbase_url = \"smtp://punte%40hub.test@localhost:{}\"", self.smtp),
        );
        let address = format!("imap://hub@localhost:{imap}/INBOX?from=registratura@primaria.test");
        let channel = Channel { secret: Some(secret.into()), ..self.channel(&address) };
        engine().inbound(&manifest(&text), channel).unwrap()
    }

    /// The mails in a box, by their mailbox folder: `""` for the box itself, `.Processed` …
    pub fn mails(&self, user: &str, mailbox: &str) -> Vec<Vec<u8>> {
        let folder = self.folder.path().join("home").join(user).join(mailbox);
        let mut mails = BTreeMap::new();
        for place in ["new", "cur"] {
            for entry in std::fs::read_dir(folder.join(place)).into_iter().flatten() {
                let path = entry.unwrap().path();
                mails.insert(path.clone(), std::fs::read(path).unwrap());
            }
        }
        mails.into_values().collect()
    }

    /// Waits until so many mails are in a box.
    pub async fn arrived(&self, user: &str, count: usize) -> Vec<Vec<u8>> {
        for _ in 0..500 {
            let mails = self.mails(user, "");
            if mails.len() >= count {
                return mails;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        panic!("{count} mails did not arrive:\n{}", self.logs());
    }

    /// Puts a mail into exim's hands as any other server would, for the hub or for the town hall.
    pub async fn post(&self, to: &str, mail: &str) {
        let before = self.mails("hub", "").len();
        let mut child = Command::new("/usr/sbin/exim4")
            .arg("-C")
            .arg(self.folder.path().join("exim.conf"))
            .args(["-odf", "-oi", "-f", "<>", to])
            .stdin(Stdio::piped())
            .spawn()
            .unwrap();
        std::io::Write::write_all(child.stdin.as_mut().unwrap(), mail.as_bytes()).unwrap();
        assert!(child.wait().unwrap().success(), "{}", self.logs());
        if to.starts_with("hub@") {
            self.arrived("hub", before + 1).await;
        }
    }
}

impl Drop for PostOffice {
    fn drop(&mut self) {
        for child in &mut self.children {
            // TERM, so that what they started ends with them.
            let _told = Command::new("kill").arg(child.id().to_string()).status();
            let _ended = child.wait();
        }
    }
}

pub const OUT: &str = r#"
system = "primarie-posta"
engine = "mail"
[title]
ro = "Poștă"
en = "Mail"
[endpoint]
timeout = "3s"
[deliver]
side_effect = "once"
receipt_required = false
[mail]
most_mebibytes = 2
"#;

pub fn engine() -> MailEngine {
    MailEngine::new(Arc::new(|| NOW))
}

pub fn manifest(text: &str) -> Manifest {
    Manifest::parse(text, "manifest.toml").unwrap()
}

fn run(command: &mut Command) {
    let output = command.output().unwrap();
    assert!(output.status.success(), "{command:?}: {}", String::from_utf8_lossy(&output.stderr));
}

/// A CA and a certificate for this machine.
fn certificates(at: &Path) -> String {
    let path = |name: &str| at.join(name);
    let openssl = || Command::new("openssl");
    run(openssl()
        .args([
            "req",
            "-x509",
            "-newkey",
            "rsa:2048",
            "-nodes",
            "-days",
            "2",
            "-subj",
            "/CN=Autoritate inventata",
            "-keyout",
        ])
        .arg(path("ca.key"))
        .arg("-out")
        .arg(path("ca.pem"))
        .args(["-addext", "keyUsage=critical,keyCertSign,cRLSign"]));
    run(openssl()
        .args(["req", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=localhost", "-keyout"])
        .arg(path("key.pem"))
        .arg("-out")
        .arg(path("server.csr")));
    std::fs::write(path("ext"), "subjectAltName=DNS:localhost\n").unwrap();
    run(openssl()
        .args(["x509", "-req", "-days", "2", "-CAcreateserial", "-in"])
        .arg(path("server.csr"))
        .arg("-CA")
        .arg(path("ca.pem"))
        .arg("-CAkey")
        .arg(path("ca.key"))
        .arg("-extfile")
        .arg(path("ext"))
        .arg("-out")
        .arg(path("cert.pem")));
    run(Command::new("chmod").arg("644").arg(path("key.pem")));
    std::fs::read_to_string(path("ca.pem")).unwrap()
}

fn ports<const N: usize>() -> [u16; N] {
    let held: Vec<TcpListener> = (0..N).map(|_| TcpListener::bind("127.0.0.1:0").unwrap()).collect();
    std::array::from_fn(|index| held[index].local_addr().unwrap().port())
}

fn exim(at: &Path, smtp: u16, smtps: u16, choice: Choice) -> String {
    let (at, tls) = (at.display(), if choice.tls { "*" } else { "" });
    format!(
        "primary_hostname = mx.hub.test\nspool_directory = {at}/spool\nlog_file_path = {at}/log/%slog\n\
         pid_file_path = {at}/spool/exim.pid\nlocal_interfaces = 127.0.0.1\ndaemon_smtp_ports = {smtp} : {smtps}\n\
         tls_on_connect_ports = {smtps}\ntls_certificate = {at}/cert.pem\ntls_privatekey = {at}/key.pem\n\
         tls_advertise_hosts = {tls}\nkeep_environment =\nmessage_size_limit = 20M\nsmtp_accept_max = 200\n\
         smtp_accept_reserve = 0\nqueue_run_max = 5\ntrusted_users = root\nacl_smtp_rcpt = rcpt\nacl_smtp_data = content\n\
         begin acl\nrcpt:\n  defer local_parts = gri\n    message = 451 4.7.1 Greylisted, try again later\n\
         \x20 deny local_parts = nimeni\n    message = 550 5.1.1 no such user here\n\
         \x20 deny !authenticated = *\n    !hosts = :\n    message = 550 relaying is not for strangers\n  accept\n\
         content:\n  deny condition = ${{if match{{$h_Subject:}}{{interzis}}}}\n    message = 554 5.7.1 content is not wanted\n  accept\n\
         begin routers\nhub:\n  driver = accept\n  domains = hub.test\n  transport = hub\n\
         primaria:\n  driver = accept\n  transport = primaria\n\
         begin transports\nhub:\n  driver = appendfile\n  maildir_format\n  directory = {at}/home/hub\n  create_directory\n\
         \x20 user = Debian-exim\n  group = Debian-exim\n  envelope_to_add\n\
         primaria:\n  driver = appendfile\n  maildir_format\n  directory = {at}/home/primaria\n  create_directory\n\
         \x20 user = Debian-exim\n  group = Debian-exim\n\
         begin authenticators\nplain:\n  driver = plaintext\n  public_name = PLAIN\n\
         \x20 server_advertise_condition = ${{if def:tls_in_cipher}}\n  server_prompts = :\n\
         \x20 server_condition = ${{if and{{{{eq{{$auth2}}{{punte@hub.test}}}}{{eq{{$auth3}}{{{PASSWORD}}}}}}}}}\n  server_set_id = $auth2\n"
    )
}

fn dovecot(at: &Path, imap: u16, imaps: u16) -> String {
    let at: PathBuf = at.to_owned();
    let at = at.display();
    format!(
        "protocols = imap\nlisten = 127.0.0.1\nbase_dir = {at}/run\nlog_path = {at}/dovecot.log\nssl = required\n\
         ssl_cert = <{at}/cert.pem\nssl_key = <{at}/key.pem\nmail_location = maildir:{at}/home/%n\n\
         first_valid_uid = 1\nmail_max_userip_connections = 200\nauth_failure_delay = 0\n\
         passdb {{\n  driver = static\n  args = password={PASSWORD}\n}}\n\
         userdb {{\n  driver = static\n  args = uid=Debian-exim gid=Debian-exim home={at}/home/%n\n}}\n\
         service imap-login {{\n  inet_listener imap {{\n    port = {imap}\n  }}\n  inet_listener imaps {{\n    port = {imaps}\n    ssl = yes\n  }}\n}}\n"
    )
}

/// A package a town hall makes; `about` makes it another document.
pub fn package(about: &str) -> Vec<u8> {
    let letter = format!(r#"{{"subiect":"{about}"}}"#);
    let envelope = json!({
        "recipients": [{ "party": "dgaspc-mehedinti" }],
        "document_type": "document-generic", "document_version": "1.0",
        "subject": about, "purpose": "corespondenta", "legal_basis": "OG nr. 27/2002",
        "parts": [{
            "name": "scrisoare.json", "role": "body", "content_type": "application/json",
            "sha256": hex::encode(sha256(letter.as_bytes())),
        }],
    });
    let envelope = serde_json::to_vec(&envelope).unwrap();
    hub_signatures::asice::zip::write(&[("manifest.json", &envelope), ("scrisoare.json", letter.as_bytes())]).unwrap()
}

pub fn consignment(key: &str, scan: &[u8]) -> Consignment {
    let facts = [
        ("sender", "dgaspc-mehedinti"),
        ("sender_name", "DGASPC Mehedinți"),
        ("recipient", "uat-110296"),
        ("sender_number", "4521"),
        ("subject", "Anchetă socială pentru evaluare complexă"),
    ];
    Consignment {
        idempotency_key: key.to_owned(),
        facts: facts.map(|(name, value)| (name.to_owned(), value.to_owned())).into(),
        body: Body { content_type: "application/json".to_owned(), content: Bytes::from_static(b"{\"subiect\":\"x\"}") },
        parts: vec![Part {
            name: "scanare.pdf".to_owned(),
            content_type: "application/pdf".to_owned(),
            size: scan.len() as u64,
            sha256: sha256(scan),
            content: PartContent::Inline(Bytes::copy_from_slice(scan)),
        }],
        evidence: vec![],
    }
}
