//! Where unmodified clients of ANAF run. They know only ANAF's own hosts: a network of their own without a way out, where
//! those names are this machine and the twin answers at port 443 with a certificate of a CA made for the test. That needs
//! root; without it the tests say aloud that they did not run.

#![allow(dead_code, reason = "each test takes what it needs")]

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::{Mutex, PoisonError};

use openssl::asn1::Asn1Time;
use openssl::bn::BigNum;
use openssl::hash::MessageDigest;
use openssl::pkey::{PKey, Private};
use openssl::rsa::Rsa;
use openssl::x509::extension::{
    AuthorityKeyIdentifier, BasicConstraints, ExtendedKeyUsage, KeyUsage, SubjectAlternativeName, SubjectKeyIdentifier,
};
use openssl::x509::{X509, X509Builder, X509NameBuilder};
use serde_json::Value;

const HOSTS: [&str; 6] = [
    "api.anaf.ro",
    "logincert.anaf.ro",
    "webservicesp.anaf.ro",
    "webserviceapl.anaf.ro",
    "webserviced.anaf.ro",
    "www.anaf.ro",
];

/// One installation at a time: tests may run beside one another.
static INSTALLING: Mutex<()> = Mutex::new(());

/// The folder of `efactura-sdk` (npm, MIT).
pub fn efactura_sdk() -> Option<PathBuf> {
    installed("efactura-sdk-3.0.8", |folder| {
        std::fs::write(folder.join("package.json"), "{ \"private\": true }")?;
        run(Command::new("npm")
            .current_dir(folder)
            .args(["install", "--ignore-scripts", "--no-audit", "--no-fund"])
            .args(["--loglevel=error", "efactura-sdk@3.0.8", "decompress@4.2.1"]))
    })
}

/// The folder of `anafpy` (PyPI); its Python is `environment/bin/python`.
pub fn anafpy() -> Option<PathBuf> {
    let Some(python) = recent_python() else {
        skip("anafpy needs Python 3.12 or newer with venv");
        return None;
    };
    installed("anafpy-0.13.3", |folder| {
        run(Command::new(&python).current_dir(folder).args(["-m", "venv", "environment"]))?;
        let pip = folder.join("environment/bin/pip");
        run(Command::new(pip).args(["install", "--quiet", "--disable-pip-version-check", "anafpy==0.13.3"]))
    })
}

/// Says aloud that something was not tried.
pub fn skip(why: &str) {
    eprintln!("SKIPPED: {why}");
}

/// A folder with a package in it, kept between runs; an installation that was broken off is done again.
pub fn installed(name: &str, install: impl FnOnce(&Path) -> std::io::Result<()>) -> Option<PathBuf> {
    let _alone = INSTALLING.lock().unwrap_or_else(PoisonError::into_inner);
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    if folder.join("complete").exists() {
        return Some(folder);
    }
    let done = match std::fs::remove_dir_all(&folder) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(error),
        _ => std::fs::create_dir_all(&folder).and_then(|()| install(&folder)),
    };
    match done.and_then(|()| std::fs::write(folder.join("complete"), "")) {
        Ok(()) => Some(folder),
        Err(why) => {
            assert!(std::env::var("CI").is_err(), "{name} cannot be installed: {why}");
            skip(&format!("{name} cannot be installed: {why}"));
            None
        }
    }
}

pub fn run(command: &mut Command) -> std::io::Result<()> {
    let output = command.stdin(Stdio::null()).output()?;
    if output.status.success() {
        return Ok(());
    }
    Err(std::io::Error::other(String::from_utf8_lossy(&output.stderr).into_owned()))
}

/// A Python new enough for anafpy: on the path, or where pyenv keeps them.
pub fn recent_python() -> Option<PathBuf> {
    let mut candidates: Vec<PathBuf> =
        ["python3", "python3.14", "python3.13", "python3.12"].map(PathBuf::from).to_vec();
    let home = std::env::var_os("PYENV_ROOT").map(PathBuf::from);
    let home = home.or_else(|| std::env::var_os("HOME").map(|home| Path::new(&home).join(".pyenv")));
    let versions = home.and_then(|home| std::fs::read_dir(home.join("versions")).ok());
    let versions = versions.into_iter().flatten().flatten();
    candidates.extend(versions.map(|version| version.path().join("bin/python")));
    let new_enough = "import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 12))";
    candidates.into_iter().find(|python| run(Command::new(python).args(["-c", new_enough])).is_ok())
}

/// A network of its own in which ANAF's names are the twin.
pub struct Network {
    /// Its name.
    pub name: String,
    /// A folder with `ca.pem`, `chain.pem` and `key.pem` of the test.
    pub folder: tempfile::TempDir,
    twin: Option<Child>,
}

impl Network {
    /// Opens it and starts the twin; nothing, said aloud, where this is not allowed.
    pub fn open(kind: &str) -> Option<Self> {
        let is_root = Command::new("id").arg("-u").output().is_ok_and(|output| output.stdout == b"0\n");
        let name = format!("anaf{kind}{}", std::process::id());
        let made = if is_root {
            run(Command::new("ip").args(["netns", "add", &name]))
        } else {
            Err(std::io::Error::other("not root"))
        };
        if let Err(why) = made {
            skip(&format!("a network of its own cannot be made: {why}"));
            return None;
        }
        let mut network = Self { name, folder: tempfile::tempdir().expect("a temporary folder"), twin: None };
        network.furnish().expect("the network is furnished");
        Some(network)
    }

    fn furnish(&mut self) -> std::io::Result<()> {
        run(Command::new("ip").args(["netns", "exec", &self.name, "ip", "link", "set", "lo", "up"]))?;
        let own = Path::new("/etc/netns").join(&self.name);
        std::fs::create_dir_all(&own)?;
        std::fs::write(own.join("hosts"), format!("127.0.0.1 localhost {}\n", HOSTS.join(" ")))?;
        let (root, leaf, key) = certificates();
        let file = |name: &str| self.folder.path().join(name);
        std::fs::write(file("ca.pem"), root.to_pem()?)?;
        std::fs::write(file("chain.pem"), leaf.to_pem()?)?;
        std::fs::write(file("key.pem"), key.private_key_to_pem_pkcs8()?)?;
        let mut command = self.inside(env!("CARGO_BIN_EXE_anaf-twin"));
        command.arg("127.0.0.1:443").arg(file("chain.pem")).arg(file("key.pem"));
        let twin = self.twin.insert(command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn()?);
        let mut said = String::new();
        BufReader::new(twin.stdout.take().expect("its output is ours")).read_line(&mut said)?;
        assert!(said.starts_with("ready"), "the twin does not listen: {said}");
        Ok(())
    }

    /// A program inside of it.
    pub fn inside(&self, program: &str) -> Command {
        let mut command = Command::new("ip");
        command.args(["netns", "exec", &self.name, program]);
        command
    }

    /// Runs a client that trusts the test's CA by that variable, and reads the line of JSON it ends with.
    pub fn run(&self, client: &mut Command, trust: &str) -> Value {
        let mut command = self.inside(client.get_program().to_str().expect("a path is text"));
        command.args(client.get_args()).env(trust, self.folder.path().join("ca.pem"));
        for proxy in ["http_proxy", "https_proxy", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "all_proxy"] {
            command.env_remove(proxy);
        }
        let output = command.stdin(Stdio::null()).output().expect("the client starts");
        let (said, complained) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
        assert!(output.status.success(), "{said}\n{complained}");
        let last = said.lines().last().unwrap_or_default();
        serde_json::from_str(last).unwrap_or_else(|_| panic!("the client did not end with JSON: {said}"))
    }
}

impl Drop for Network {
    fn drop(&mut self) {
        if let Some(mut twin) = self.twin.take() {
            // Its input ends, and so does it.
            drop(twin.stdin.take());
            let _ended = twin.wait();
        }
        let _gone = run(Command::new("ip").args(["netns", "del", &self.name]));
        let _gone = std::fs::remove_dir_all(Path::new("/etc/netns").join(&self.name));
    }
}

/// A CA, a certificate it issued for ANAF's names, and the key of the latter.
fn certificates() -> (X509, X509, PKey<Private>) {
    let key = || PKey::from_rsa(Rsa::generate(2048).expect("a key")).expect("an RSA key is a key");
    let (root_key, leaf_key) = (key(), key());
    let root = certificate("CA de proba", &root_key, None).expect("a certificate of a CA");
    let leaf = certificate("api.anaf.ro", &leaf_key, Some((&root, &root_key))).expect("a certificate");
    (root, leaf, leaf_key)
}

fn certificate(
    name: &str,
    key: &PKey<Private>,
    issuer: Option<(&X509, &PKey<Private>)>,
) -> Result<X509, openssl::error::ErrorStack> {
    let mut subject = X509NameBuilder::new()?;
    subject.append_entry_by_text("CN", name)?;
    let subject = subject.build();
    let mut builder = X509Builder::new()?;
    builder.set_version(2)?;
    let serial = if issuer.is_some() { 2 } else { 1 };
    builder.set_serial_number(BigNum::from_u32(serial)?.to_asn1_integer()?.as_ref())?;
    builder.set_subject_name(&subject)?;
    builder.set_issuer_name(issuer.map_or(&*subject, |(root, _)| root.subject_name()))?;
    builder.set_not_before(Asn1Time::days_from_now(0)?.as_ref())?;
    builder.set_not_after(Asn1Time::days_from_now(30)?.as_ref())?;
    builder.set_pubkey(key)?;
    let subject_key = SubjectKeyIdentifier::new().build(&builder.x509v3_context(None, None))?;
    builder.append_extension(subject_key)?;
    if let Some((root, _)) = issuer {
        let issuer_key = AuthorityKeyIdentifier::new().keyid(true).build(&builder.x509v3_context(Some(root), None))?;
        builder.append_extension(issuer_key)?;
        let mut names = SubjectAlternativeName::new();
        HOSTS.iter().for_each(|host| {
            names.dns(host);
        });
        let names = names.build(&builder.x509v3_context(Some(root), None))?;
        builder.append_extension(names)?;
        builder.append_extension(ExtendedKeyUsage::new().server_auth().build()?)?;
    } else {
        builder.append_extension(BasicConstraints::new().critical().ca().build()?)?;
        builder.append_extension(KeyUsage::new().critical().key_cert_sign().crl_sign().build()?)?;
    }
    builder.sign(issuer.map_or(key, |(_, key)| key), MessageDigest::sha256())?;
    Ok(builder.build())
}
