//! A twin of ANAF, and a line in front of it that renegotiates TLS like the appliance does: a real web server.

#![allow(dead_code, reason = "each test takes what it needs")]

use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::time::Duration;

use connectors_contract::{Channel, Manifest};
use openssl::asn1::Asn1Time;
use openssl::bn::BigNum;
use openssl::ec::{EcGroup, EcKey};
use openssl::hash::MessageDigest;
use openssl::nid::Nid;
use openssl::pkey::{PKey, Private};
use openssl::x509::extension::{BasicConstraints, SubjectAlternativeName};
use openssl::x509::{X509, X509NameBuilder};
use sandbox::{Anaf, AnafCall, Running};
use serde_json::{Value, json};
use tempfile::TempDir;

/// 22 November 2026, noon in Bucharest.
pub const NOON: i64 = 1_795_341_600;
/// The web server of Debian, outside the path of ordinary users.
const SERVER: &str = "/usr/sbin/apache2";
/// The path of the service.
pub const SERVICE: &str = "/SPVWS2/rest/";

/// The twin over a plain line.
pub async fn twin() -> Running<AnafCall> {
    Anaf::start(([127, 0, 0, 1], 0).into(), Arc::new(|| NOON)).await.unwrap()
}

/// Sets the twin's switches.
pub async fn set(twin: &Running<AnafCall>, settings: Value) {
    put(&format!("{}/_sandbox/spv", twin.url()), settings).await;
}

pub async fn put(url: &str, body: Value) {
    let answer = reqwest::Client::builder().no_proxy().build().unwrap().put(url).json(&body).send().await.unwrap();
    assert_eq!(answer.status(), 200, "{body}: {}", answer.text().await.unwrap_or_default());
}

/// What the twin's control page shows.
pub async fn state(twin: &Running<AnafCall>) -> Value {
    let url = format!("{}/_sandbox/spv", twin.url());
    reqwest::Client::builder().no_proxy().build().unwrap().get(url).send().await.unwrap().json().await.unwrap()
}

/// The manifest of the system, with a shorter patience.
pub fn manifest(patience: Duration) -> Manifest {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../systems/anaf-spv/manifest.toml");
    let mut manifest = Manifest::parse(&std::fs::read_to_string(&path).unwrap(), "anaf-spv/manifest.toml").unwrap();
    manifest.endpoint.timeout = patience;
    manifest
}

/// A channel with an invented certificate, over a plain line.
pub fn channel(twin: &Running<AnafCall>) -> Channel {
    let identity = Some(Certificates::new().client.into());
    Channel { address: Some(format!("{}{SERVICE}", twin.url()).parse().unwrap()), identity, ..Channel::default() }
}

/// An authority of its own, a server's certificate and a clerk's.
pub struct Certificates {
    pub root: String,
    pub server: String,
    pub client: String,
}

impl Certificates {
    pub fn new() -> Self {
        let authority = key();
        let root = issue("Autoritate inventată", (&authority, None), 1);
        let one = |name: &str, serial| {
            let key = key();
            let certificate = issue(name, (&key, Some((&authority, &root))), serial);
            let key = String::from_utf8(key.private_key_to_pem_pkcs8().unwrap()).unwrap();
            String::from_utf8(certificate.to_pem().unwrap()).unwrap() + &key
        };
        let (server, client) = (one("localhost", 2), one("Funcționar inventat", 0x0AB1));
        Self { root: String::from_utf8(root.to_pem().unwrap()).unwrap(), server, client }
    }
}

fn key() -> PKey<Private> {
    PKey::from_ec_key(EcKey::generate(&EcGroup::from_curve_name(Nid::X9_62_PRIME256V1).unwrap()).unwrap()).unwrap()
}

type Issuer<'a> = Option<(&'a PKey<Private>, &'a X509)>;

fn issue(name: &str, (key, issuer): (&PKey<Private>, Issuer<'_>), serial: u32) -> X509 {
    let mut subject = X509NameBuilder::new().unwrap();
    subject.append_entry_by_text("CN", name).unwrap();
    let subject = subject.build();
    let mut certificate = X509::builder().unwrap();
    certificate.set_version(2).unwrap();
    certificate.set_serial_number(&BigNum::from_u32(serial).unwrap().to_asn1_integer().unwrap()).unwrap();
    certificate.set_subject_name(&subject).unwrap();
    certificate.set_issuer_name(issuer.map_or(&subject, |(_, root)| root.subject_name())).unwrap();
    certificate.set_pubkey(key).unwrap();
    certificate.set_not_before(&Asn1Time::days_from_now(0).unwrap()).unwrap();
    certificate.set_not_after(&Asn1Time::days_from_now(30).unwrap()).unwrap();
    if issuer.is_none() {
        certificate.append_extension(BasicConstraints::new().critical().ca().build().unwrap()).unwrap();
    } else {
        let mut names = SubjectAlternativeName::new();
        let names = names.dns("localhost").ip("127.0.0.1").build(&certificate.x509v3_context(None, None)).unwrap();
        certificate.append_extension(names).unwrap();
    }
    certificate.sign(issuer.map_or(key, |(key, _)| key), MessageDigest::sha256()).unwrap();
    certificate.build()
}

/// A web server in front of the twin: TLS 1.2, and the certificate is asked for in the middle of a connection.
pub struct Front {
    pub address: String,
    pub certificates: Certificates,
    server: Child,
    folder: TempDir,
}

impl Front {
    /// Starts it; none where there is no web server, which CI does not allow.
    pub async fn start(twin: &Running<AnafCall>) -> Option<Self> {
        if Command::new(SERVER).arg("-v").stdout(Stdio::null()).status().is_err() {
            assert!(std::env::var_os("CI").is_none(), "apache2 is needed here");
            println!("SKIPPED: apache2 is not installed, so nothing renegotiates");
            return None;
        }
        let (folder, certificates) = (tempfile::tempdir().unwrap(), Certificates::new());
        for (name, text) in [("root.pem", &certificates.root), ("server.pem", &certificates.server)] {
            std::fs::write(folder.path().join(name), text).unwrap();
        }
        let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let settings = include_str!("front.conf")
            .replace("{folder}", &folder.path().display().to_string())
            .replace("{port}", &port.to_string())
            .replace("{twin}", &twin.url());
        let path = folder.path().join("front.conf");
        std::fs::write(&path, settings).unwrap();
        let log = std::fs::File::create(folder.path().join("start.log")).unwrap();
        let server = Command::new(SERVER).arg("-DFOREGROUND").arg("-f").arg(&path).stderr(log).spawn().unwrap();
        let mut front = Self { address: format!("https://localhost:{port}"), certificates, server, folder };
        front.wait(port).await;
        Some(front)
    }

    async fn wait(&mut self, port: u16) {
        for _ in 0..400 {
            if tokio::net::TcpStream::connect(("127.0.0.1", port)).await.is_ok() {
                return;
            }
            assert!(self.server.try_wait().unwrap().is_none(), "it ended: {}", self.log());
            tokio::time::sleep(Duration::from_millis(25)).await;
        }
        panic!("it does not listen: {}", self.log());
    }

    /// What it wrote about itself.
    pub fn log(&self) -> String {
        ["start.log", "error.log", "access.log"]
            .map(|name| std::fs::read_to_string(self.folder.path().join(name)).unwrap_or_default())
            .concat()
    }

    /// A channel with the clerk's certificate.
    pub fn channel(&self) -> Channel {
        Channel {
            address: Some(format!("{}{SERVICE}", self.address).parse().unwrap()),
            identity: Some(self.certificates.client.clone().into()),
            roots: Some(self.certificates.root.clone()),
            ..Channel::default()
        }
    }
}

impl Drop for Front {
    fn drop(&mut self) {
        // By its own process id; its workers end with it.
        let _asked = Command::new("kill").arg("-TERM").arg(self.server.id().to_string()).status();
        let _ended = self.server.wait();
    }
}

/// A fault of the twin at one operation.
pub fn fault(kind: &str, operation: &str) -> Value {
    json!([{ "fault": kind, "operation": operation }])
}
