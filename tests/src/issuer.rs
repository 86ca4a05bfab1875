//! A certification authority for tests: issues seals, writes revocation lists, answers OCSP by the openssl program.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU16, Ordering};
use std::time::{Duration, Instant};

use openssl::asn1::{Asn1Integer, Asn1Time};
use openssl::bn::BigNum;
use openssl::ec::{EcGroup, EcKey};
use openssl::hash::MessageDigest;
use openssl::nid::Nid;
use openssl::pkey::{PKey, Private};
use openssl::rsa::Rsa;
use openssl::x509::extension::{BasicConstraints, ExtendedKeyUsage, KeyUsage, SubjectAlternativeName};
use openssl::x509::{X509, X509Builder, X509Extension, X509Name, X509NameBuilder};
use tempfile::TempDir;

use crate::process::quiet_port;

const CONFIGURATION: &str = "[ca]\ndefault_ca=d\n[d]\ndatabase=index.txt\ncrlnumber=crlnumber\ncertificate=ca.pem\n\
    private_key=ca.key\ndefault_md=sha256\ndefault_crl_days=1\n";
const PATIENCE: Duration = Duration::from_secs(10);

/// An issuer of seals.
pub struct Issuer {
    folder: TempDir,
    key: PKey<Private>,
    certificate: X509,
    now: i64,
}

/// A seal to be issued.
#[derive(Debug, Clone, Copy)]
pub struct SealOrder {
    /// Its serial number, under 256.
    pub serial: u8,
    /// Valid from so many seconds after now.
    pub from: i64,
    /// Valid until so many seconds after now.
    pub until: i64,
    /// An RSA key in place of one on P-256.
    pub rsa: bool,
}

impl SealOrder {
    /// A seal valid from yesterday for a year.
    #[must_use]
    pub fn usual(serial: u8) -> Self {
        Self { serial, from: -86_400, until: 365 * 86_400, rsa: false }
    }
}

impl Issuer {
    /// An issuer around a moment in Unix seconds.
    ///
    /// # Panics
    /// The keys cannot be made.
    #[must_use]
    pub fn new(now: i64) -> Self {
        let folder = tempfile::tempdir().expect("a folder is made");
        let key = key(false);
        let name = name("Emitent de test");
        let mut builder = certificate(&key, (&name, &name), 1, (now - 9 * 86_400, now + 3650 * 86_400));
        builder.append_extension(BasicConstraints::new().critical().ca().build().expect("built")).expect("appended");
        let usage = KeyUsage::new().critical().key_cert_sign().crl_sign().digital_signature().build();
        builder.append_extension(usage.expect("built")).expect("appended");
        builder.sign(&key, MessageDigest::sha256()).expect("signed");
        let issuer = Self { folder, key, certificate: builder.build(), now };
        issuer.write("ca.pem", &issuer.certificate.to_pem().expect("PEM"));
        issuer.write("ca.key", &issuer.key.private_key_to_pem_pkcs8().expect("PEM"));
        issuer.write("ca.cnf", CONFIGURATION.as_bytes());
        issuer.write("crlnumber", b"01\n");
        issuer.write("index.txt", b"");
        issuer
    }

    fn write(&self, name: &str, content: &[u8]) {
        std::fs::write(self.folder.path().join(name), content).expect("written");
    }

    /// A file of the issuer.
    #[must_use]
    pub fn file(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Key and chain (PEM) of a seal, its issuer's certificate included.
    ///
    /// # Panics
    /// It cannot be made.
    #[must_use]
    pub fn seal(&self, order: SealOrder) -> (Vec<u8>, Vec<u8>) {
        let usage = KeyUsage::new().critical().digital_signature().non_repudiation().build().expect("built");
        self.issue(order, vec![usage])
    }

    /// Key and chain (PEM) of one end of TLS: a server on loopback, or a client.
    ///
    /// # Panics
    /// They cannot be made.
    #[must_use]
    pub fn tls(&self, order: SealOrder, server: bool) -> (Vec<u8>, Vec<u8>) {
        let usage = KeyUsage::new().critical().digital_signature().build().expect("built");
        let mut purpose = ExtendedKeyUsage::new();
        let purpose = if server { purpose.server_auth() } else { purpose.client_auth() }.build().expect("built");
        let mut extensions = vec![usage, purpose];
        if server {
            let context = X509Builder::new().expect("a builder");
            let mut names = SubjectAlternativeName::new();
            let names = names.ip("127.0.0.1").dns("localhost").build(&context.x509v3_context(None, None));
            extensions.push(names.expect("built"));
        }
        self.issue(order, extensions)
    }

    fn issue(&self, order: SealOrder, extensions: Vec<X509Extension>) -> (Vec<u8>, Vec<u8>) {
        let key = key(order.rsa);
        let subject = name(&format!("Sigiliu {}", order.serial));
        let validity = (self.now + order.from, self.now + order.until);
        let mut builder = certificate(&key, (&subject, self.certificate.subject_name()), order.serial, validity);
        for extension in extensions {
            builder.append_extension(extension).expect("appended");
        }
        builder.sign(&self.key, MessageDigest::sha256()).expect("signed");
        let mut chain = builder.build().to_pem().expect("PEM");
        chain.extend(self.certificate.to_pem().expect("PEM"));
        (key.private_key_to_pem_pkcs8().expect("PEM"), chain)
    }

    /// Writes key and chain of a seal where a hub looks for them.
    ///
    /// # Panics
    /// They cannot be written.
    pub fn put(&self, order: SealOrder, key: &Path, certificate: &Path) -> Vec<u8> {
        let (key_pem, chain) = self.seal(order);
        std::fs::write(key, key_pem).expect("written");
        std::fs::write(certificate, &chain).expect("written");
        chain
    }

    /// What the issuer knows: these serial numbers are good, and these revoked an hour ago.
    pub fn say(&self, good: &[u8], revoked: &[u8]) {
        let moment = |seconds: i64| utc_time(self.now + seconds);
        let (until, since) = (moment(30 * 86_400), moment(-3600));
        let good = good.iter().map(|serial| format!("V\t{until}\t\t{serial:02X}\tunknown\t/CN=x{serial}\n"));
        let revoked =
            revoked.iter().map(|serial| format!("R\t{until}\t{since}\t{serial:02X}\tunknown\t/CN=x{serial}\n"));
        self.write("index.txt", good.chain(revoked).collect::<String>().as_bytes());
    }

    /// Writes the revocation list as `crl.pem`, which promises a newer one in so many seconds.
    ///
    /// # Panics
    /// The openssl program refuses.
    pub fn write_list(&self, seconds: u32) {
        self.openssl(&format!("ca -config ca.cnf -gencrl -crlsec {seconds} -out crl.pem"));
    }

    /// Writes a signed word on a serial number as `ocsp.der`, as a server staples it; good or revoked as was said before.
    ///
    /// # Panics
    /// The openssl program refuses.
    pub fn staple(&self, serial: u8) {
        self.openssl(&format!("ocsp -issuer ca.pem -serial {serial} -no_nonce -reqout ocsp.req"));
        self.openssl(
            "ocsp -index index.txt -rsigner ca.pem -rkey ca.key -CA ca.pem -ndays 7 -reqin ocsp.req -respout ocsp.der",
        );
    }

    fn openssl(&self, arguments: &str) {
        let output = Command::new("openssl").current_dir(self.folder.path()).args(arguments.split(' ')).output();
        let output = output.expect("openssl is installed");
        assert!(output.status.success(), "{arguments}: {}", String::from_utf8_lossy(&output.stderr));
    }

    /// Answers OCSP on loopback until the answer is dropped.
    ///
    /// # Panics
    /// The responder does not start.
    #[must_use]
    pub fn respond(&self) -> Responder {
        // Two issuers of one process look for a port at the same time: each begins elsewhere.
        static NEXT: AtomicU16 = AtomicU16::new(0);
        let own = u16::try_from(std::process::id() % 10_000).unwrap_or_default();
        let port = quiet_port(own + NEXT.fetch_add(50, Ordering::Relaxed));
        let arguments =
            format!("ocsp -index index.txt -port {port} -rsigner ca.pem -rkey ca.key -CA ca.pem -nmin 10 -ignore_err");
        let log = self.file("ocsp.log");
        let file = File::create(&log).expect("written");
        let mut command = Command::new("openssl");
        command.current_dir(self.folder.path()).args(arguments.split(' ')).stdin(Stdio::null());
        let child = command.stderr(file.try_clone().expect("a second handle")).stdout(file).spawn();
        let responder = Responder { child: child.expect("openssl starts"), port };
        let begun = Instant::now();
        // It serves one connection at a time and waits long for its first word, so that it is not tried but listened to.
        while !std::fs::read_to_string(&log).is_ok_and(|said| said.contains("waiting for OCSP client")) {
            assert!(begun.elapsed() < PATIENCE, "the responder does not open its port");
            std::thread::sleep(Duration::from_millis(20));
        }
        responder
    }
}

/// A running OCSP responder.
pub struct Responder {
    child: Child,
    port: u16,
}

impl Responder {
    /// Where it answers.
    #[must_use]
    pub fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }
}

impl Drop for Responder {
    fn drop(&mut self) {
        let _ended = self.child.kill();
        let _reaped = self.child.wait();
    }
}

fn key(rsa: bool) -> PKey<Private> {
    if rsa {
        return PKey::from_rsa(Rsa::generate(2048).expect("a key")).expect("a key");
    }
    let group = EcGroup::from_curve_name(Nid::X9_62_PRIME256V1).expect("a curve");
    PKey::from_ec_key(EcKey::generate(&group).expect("a key")).expect("a key")
}

fn name(common: &str) -> X509Name {
    let mut name = X509NameBuilder::new().expect("a name");
    for (part, value) in [(Nid::COUNTRYNAME, "RO"), (Nid::ORGANIZATIONNAME, "Punte teste"), (Nid::COMMONNAME, common)] {
        name.append_entry_by_nid(part, value).expect("a part of a name");
    }
    name.build()
}

/// A certificate without extensions and not yet signed.
fn certificate(
    key: &PKey<Private>,
    names: (&X509Name, &openssl::x509::X509NameRef),
    serial: u8,
    validity: (i64, i64),
) -> X509Builder {
    let mut builder = X509Builder::new().expect("a certificate");
    let time = |seconds: i64| Asn1Time::from_unix(seconds).expect("a time");
    let serial = Asn1Integer::from_bn(&BigNum::from_u32(serial.into()).expect("a number")).expect("a number");
    builder.set_version(2).expect("version 3");
    builder.set_serial_number(&serial).expect("a serial number");
    builder.set_subject_name(names.0).expect("a subject");
    builder.set_issuer_name(names.1).expect("an issuer");
    builder.set_not_before(&time(validity.0)).expect("a time");
    builder.set_not_after(&time(validity.1)).expect("a time");
    builder.set_pubkey(key).expect("a key");
    builder
}

/// `YYMMDDhhmmssZ`, as the index of the openssl program has it.
fn utc_time(seconds: i64) -> String {
    let text = hub_flow::clock::Timestamp(seconds * 1_000_000).to_utc();
    let digits: String = text.chars().filter(char::is_ascii_digit).take(14).collect();
    format!("{}Z", &digits[2..])
}
