//! What an integrator does from the command line: make a folder, try it, record it, find out why a system says no.

#![allow(clippy::unwrap_used, reason = "helpers of tests are tests")]

use std::io::{BufRead as _, BufReader};
use std::net::{SocketAddr, TcpListener};
use std::path::Path;
use std::process::{Command, Output, Stdio};
use std::sync::Arc;

use openssl::asn1::{Asn1Integer, Asn1Time};
use openssl::bn::BigNum;
use openssl::hash::MessageDigest;
use openssl::pkey::{PKey, Private};
use openssl::rsa::Rsa;
use openssl::ssl::{SslAcceptor, SslMethod};
use openssl::x509::{X509, X509NameBuilder};
use sandbox::Esocial;

const LOCAL: SocketAddr = SocketAddr::new(std::net::IpAddr::V4(std::net::Ipv4Addr::LOCALHOST), 0);

/// The second it is; certificates end by it.
#[allow(clippy::disallowed_methods, reason = "a server's certificate is judged by the time of this machine")]
fn now() -> i64 {
    jiff::Timestamp::now().as_second()
}

fn punte(folder: &Path, arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_punte")).current_dir(folder).args(arguments).output().unwrap()
}

fn said(output: &Output) -> String {
    String::from_utf8_lossy(&[&output.stdout[..], &output.stderr[..]].concat()).into_owned()
}

#[test]
fn a_new_folder_passes_at_once_and_a_mistake_in_it_is_named_with_its_place() {
    let place = own_folder();
    let made = punte(place.path(), &["connector", "new", "portal-taxe", "--title", "Portalul de taxe"]);
    assert_eq!(made.status.code(), Some(0), "{}", said(&made));
    let tried = punte(place.path(), &["connector", "test", "systems/portal-taxe"]);
    assert_eq!(tried.status.code(), Some(0), "{}", said(&tried));
    assert!(said(&tried).contains("20 bine, 0 greșit"), "{}", said(&tried));
    assert!(said(&punte(place.path(), &["connector", "new", "portal-taxe"])).contains("există deja"));
    assert!(said(&punte(place.path(), &["connector", "new", "Portal Taxe"])).contains("litere mici"));

    let manifest = place.path().join("systems/portal-taxe/manifest.toml");
    let text = std::fs::read_to_string(&manifest).unwrap();
    for (from, to, expected) in [
        ("receipt = \"/numar\"", "recipt = \"/numar\"", "unknown field `recipt`"),
        ("side_effect = \"queryable\"", "side_effect = \"never\"", "`once`, `queryable`, `repeatable`"),
        ("kind = \"bearer\"", "kind = \"oauth\"", "there is no auth kind \"oauth\""),
        ("status = \"2xx\"", "status = \"2zz\"", "write 404, 4xx, 200-299 or 400,422"),
        ("engine = \"rest\"", "engine = \"fax\"", "motorul fax"),
    ] {
        assert!(text.contains(from), "{from}");
        std::fs::write(&manifest, text.replacen(from, to, 1)).unwrap();
        let tried = punte(place.path(), &["connector", "test", "systems/portal-taxe"]);
        assert_eq!(tried.status.code(), Some(3), "{to}");
        let told = said(&tried);
        assert!(told.contains(expected), "{to}: {told}");
        assert!(to.contains("fax") || told.contains("manifest.toml:"), "{to}: {told}");
    }
}

/// Runs a blocking piece of work beside the twins of this runtime.
async fn beside<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> T {
    tokio::task::spawn_blocking(work).await.unwrap()
}

#[tokio::test]
async fn what_passes_through_the_recorder_becomes_scrubbed_exchanges() {
    let place = own_folder();
    let esocial = Esocial::start(LOCAL, Arc::new(|| 1_772_445_600)).await.unwrap();
    let folder = place.path().join("esocial");
    std::fs::create_dir(&folder).unwrap();
    let systems = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../connectors/systems");
    std::fs::copy(systems.join("esocial/manifest.toml"), folder.join("manifest.toml")).unwrap();
    let mut recorder = Command::new(env!("CARGO_BIN_EXE_punte"))
        .current_dir(place.path())
        .args(["connector", "record", "esocial", "--to", &esocial.url(), "--listen", "127.0.0.1:0"])
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(recorder.stdout.take().unwrap()).lines();
    let first = lines.next().unwrap().unwrap();
    let address = first.split("http://").nth(1).unwrap().split(' ').next().unwrap().to_owned();

    let url = format!("http://{address}/api/v1/cazuri");
    let http = reqwest::Client::new();
    let absent = http.get(format!("{url}?cheie=lipsa-0001")).send().await.unwrap();
    assert_eq!(absent.status(), 404);
    let wrong = http.post(&url).header("idempotency-key", "cheie-0001").header("content-type", "application/json");
    assert_eq!(wrong.body(r#"{"persoana":{"cnp":"5010101400010"}}"#).send().await.unwrap().status(), 400);
    assert_eq!(http.get(format!("http://{address}/altceva")).send().await.unwrap().status(), 404);
    let told = beside(move || {
        let lines: Vec<String> = (0..3).map(|_| lines.next().unwrap().unwrap()).collect();
        lines.join("\n")
    })
    .await;
    recorder.kill().unwrap();
    recorder.wait().unwrap();
    assert!(told.contains("nicio operație a manifestului"), "{told}");
    let read = |name: &str| std::fs::read_to_string(folder.join("exchanges").join(name)).unwrap();
    assert!(read("inquire-absent-404.json").contains("\"class\": \"absent\""));
    let refused = read("deliver-refused-400.json");
    assert!(refused.contains("ES-110") && !refused.contains("5010101400010"), "{refused}");
    let tried = punte(place.path(), &["connector", "test", "esocial"]);
    assert!(said(&tried).contains("schimbul inquire-absent-404 înseamnă ce spune"), "{}", said(&tried));
}

#[tokio::test]
async fn the_doctor_says_which_side_is_to_act() {
    let place = own_folder();
    let folder = place.path().to_owned();
    // {"alg":"RS512","kid":"anaf_2023_2024"} . {"iss":"https://logincert.anaf.ro","exp":1000000000}
    let token = "eyJhbGciOiJSUzUxMiIsImtpZCI6ImFuYWZfMjAyM18yMDI0In0.eyJpc3MiOiJodHRwczovL2xvZ2luY2VydC5hbmFmLnJvIiwiZXhwIjoxMDAwMDAwMDAwfQ.c2ln";
    std::fs::write(folder.join("token"), token).unwrap();
    std::fs::write(folder.join("opaque"), "jeton-demo").unwrap();
    let esocial = Esocial::start(LOCAL, Arc::new(now)).await.unwrap();
    let doctor = |address: String, secret: &'static str| {
        let folder = folder.clone();
        beside(move || punte(&folder, &["doctor", "--system", "esocial", "--address", &address, "--secret", secret]))
    };
    let well = doctor(esocial.url(), "file:opaque").await;
    let told = said(&well);
    assert!(told.contains("sistemul ne recunoaște") && told.contains("jeton opac"), "{told}");
    assert_eq!(well.status.code(), Some(0), "{told}");

    let expired = doctor(esocial.url(), "file:token").await;
    let told = said(&expired);
    assert!(
        told.contains("cheia anaf_2023_2024") && told.contains("pretinde iss = https://logincert.anaf.ro"),
        "{told}"
    );
    assert!(told.contains("jetonul a expirat la") && told.contains("partea noastră"), "{told}");
    assert!(!told.contains("eyJ"), "a token is never shown: {told}");
    assert_eq!(expired.status.code(), Some(3));

    let closed = TcpListener::bind(LOCAL).unwrap().local_addr().unwrap();
    let told = said(&doctor(format!("http://{closed}"), "file:opaque").await);
    assert!(told.contains("nu se poate ajunge la sistem") && told.contains("drumul dintre noi"), "{told}");

    let told = said(&doctor(format!("https://localhost:{}", expired_server()), "file:opaque").await);
    assert!(told.contains("CN=") || told.contains("certificatul lor: gazda-veche"), "{told}");
    assert!(told.contains("a expirat") && told.contains("partea lor"), "{told}");
    let told = said(&doctor(esocial.url(), "file:nowhere").await);
    assert!(told.contains("nu este nimic la file:nowhere"), "{told}");
}

#[test]
fn the_doctor_compares_key_and_certificate() {
    let place = own_folder();
    let (certificate, _) = certificate(30);
    let other = PKey::from_rsa(Rsa::generate(2048).unwrap()).unwrap();
    let pem = [certificate.to_pem().unwrap(), other.private_key_to_pem_pkcs8().unwrap()].concat();
    std::fs::write(place.path().join("identity.pem"), pem).unwrap();
    std::fs::write(place.path().join("secret"), "x").unwrap();
    let arguments = ["doctor", "--system", "esocial", "--address", "http://127.0.0.1:1", "--secret", "file:secret"];
    let told = said(&punte(place.path(), &[&arguments[..], &["--identity", "file:identity.pem"]].concat()));
    assert!(told.contains("cheia nu este a certificatului"), "{told}");
}

/// A TLS server whose certificate ended yesterday; it serves until the test ends.
fn expired_server() -> u16 {
    let (certificate, key) = certificate(-1);
    let mut acceptor = SslAcceptor::mozilla_intermediate_v5(SslMethod::tls_server()).unwrap();
    acceptor.set_certificate(&certificate).unwrap();
    acceptor.set_private_key(&key).unwrap();
    let (acceptor, listener) = (acceptor.build(), TcpListener::bind(LOCAL).unwrap());
    let port = listener.local_addr().unwrap().port();
    std::thread::spawn(move || {
        for line in listener.incoming().flatten() {
            // Whoever looks at the certificate and leaves is what is wanted.
            let _shaken = acceptor.accept(line);
        }
    });
    port
}

fn certificate(days: i64) -> (X509, PKey<Private>) {
    let key = PKey::from_rsa(Rsa::generate(2048).unwrap()).unwrap();
    let mut name = X509NameBuilder::new().unwrap();
    name.append_entry_by_text("CN", "gazda-veche").unwrap();
    let name = name.build();
    let at = |days: i64| Asn1Time::from_unix(now() + days * 86_400).unwrap();
    let mut builder = X509::builder().unwrap();
    builder.set_version(2).unwrap();
    builder.set_serial_number(&Asn1Integer::from_bn(&BigNum::from_u32(7).unwrap()).unwrap()).unwrap();
    builder.set_subject_name(&name).unwrap();
    builder.set_issuer_name(&name).unwrap();
    builder.set_not_before(&at(-60)).unwrap();
    builder.set_not_after(&at(days)).unwrap();
    builder.set_pubkey(&key).unwrap();
    builder.sign(&key, MessageDigest::sha256()).unwrap();
    (builder.build(), key)
}

/// A folder that nobody else may look into: secrets lie in it.
fn own_folder() -> tempfile::TempDir {
    let closed = std::os::unix::fs::PermissionsExt::from_mode(0o700);
    tempfile::Builder::new().permissions(closed).tempdir().unwrap()
}
