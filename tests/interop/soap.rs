//! SOAP with software nobody here wrote: zeep as a client of the twins, spyne as a server of the engine, and zeep's
//! WS-Security (libxmlsec) for the signatures of both directions.

#![allow(clippy::unwrap_used, reason = "helpers of tests are tests")]

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU8, Ordering};

use bytes::Bytes;
use connectors_contract::{Body, Channel, Consignment, Engine, Inquiry, Manifest, Outbound, Outcome};
use connectors_soap::SoapEngine;
use hub_signatures::signer::development_seal;
use openssl::asn1::Asn1Time;
use openssl::hash::MessageDigest;
use openssl::pkey::PKey;
use openssl::x509::extension::KeyUsage;
use openssl::x509::{X509, X509NameBuilder};
use sandbox::{Ran, Renns};
use serde_json::{Value, json};

const PARTS: [&str; 2] = ["zeep[xmlsec]==4.3.3", "spyne==2.14.0"];
const CODE: &str = "01980000-0000-7000-8000-00000000000a";

#[allow(clippy::disallowed_methods, reason = "a foreign client signs with the time of this machine")]
fn now() -> i64 {
    jiff::Timestamp::now().as_second()
}

/// The Python of an environment with the foreign parts, made once for this target folder; none where it cannot be made.
fn python() -> Option<PathBuf> {
    static MAKING: Mutex<()> = Mutex::new(());
    let _one_at_a_time = MAKING.lock().unwrap();
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("python-soap");
    let (python, ready) = (folder.join("bin/python"), folder.join("ready"));
    if ready.exists() {
        return Some(python);
    }
    let run = |program: &Path, arguments: &[&str]| {
        let output = Command::new(program).args(arguments).output().map_err(|error| error.to_string())?;
        let said = || String::from_utf8_lossy(&output.stderr).into_owned();
        if output.status.success() { Ok(()) } else { Err(said()) }
    };
    let made = run(Path::new("python3"), &["-m", "venv", "--clear", folder.to_str().unwrap()])
        .and_then(|()| run(&python, &[&["-m", "pip", "install", "--quiet"], PARTS.as_slice()].concat()));
    if let Err(why) = made {
        assert!(std::env::var("CI").as_deref() != Ok("true"), "{why}");
        eprintln!("skipped: zeep and spyne cannot be installed: {why}");
        return None;
    }
    std::fs::write(ready, "").unwrap();
    Some(python)
}

fn script(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("interop/soap").join(name)
}

async fn text(url: String) -> String {
    let client = reqwest::Client::builder().no_proxy().build().unwrap();
    client.get(url).send().await.unwrap().text().await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn zeep_transmits_and_looks_up_at_the_twins() {
    let Some(python) = python() else { return };
    let (local, clock): (_, sandbox::Clock) = (([127, 0, 0, 1], 0).into(), Arc::new(now));
    let ran = Ran::start(local, Arc::clone(&clock)).await.unwrap();
    let renns = Renns::start(local, clock).await.unwrap();
    let folder = tempfile::tempdir().unwrap();
    let document = founding();
    let (_, stranger) = development_seal("Altcineva", now() - 60, 30, 7).unwrap();
    let certificate = text(format!("{}/_sandbox/renns/certificate.pem", renns.url())).await;
    let files =
        [("document.xml", document.as_bytes()), ("renns.pem", certificate.as_bytes()), ("stranger.pem", &stranger)];
    files.iter().for_each(|(name, content)| std::fs::write(folder.path().join(name), content).unwrap());
    let file = |name: &str| folder.path().join(name);
    let output = tokio::process::Command::new(python)
        .arg(script("clients.py"))
        .arg(format!("{}/ran-core/TransmitereDateExternService", ran.url()))
        .arg(format!("{}/renns-public/soapws/", renns.url()))
        .args([file("renns.pem"), file("stranger.pem"), file("document.xml")])
        .arg(CODE)
        .output()
        .await
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let said: Value = serde_json::from_slice(&output.stdout).unwrap();

    assert!(said["schema"].as_str().unwrap().contains("DOCUMENT_RAN"));
    assert_eq!(said["taken"], true);
    assert_eq!(said["status"]["signed"], false);
    assert_eq!(said["again"]["code"], "SAVE-CAP-0", "{said}");
    assert_eq!(said["other"]["code"], "SAVE-CAP-6", "{said}");
    assert_eq!(said["stranger"]["code"], "WS-AUTH-2", "{said}");
    let teilor = json!([["TEILOR", "102", "2017-02-20"]]);
    assert_eq!((&said["text"], &said["digest"]), (&teilor, &teilor));
    assert!(said["wrong"]["code"].as_str().unwrap().ends_with("FailedAuthentication"), "{said}");
    assert_eq!(said["signed"], json!([["Stradă TRAIAN", "1000000002", ["Stradă 1 MAI (INVENTATĂ) 3"]]]));
    assert_eq!(said["believed"], false);
    assert_eq!((ran.received().len(), ran.received()[0].stored), (1, 1));
}

/// A household of the town of Strehaia; the person is invented.
fn founding() -> String {
    format!(
        "<DOCUMENT_RAN><HEADER><codXml value=\"{CODE}\"/><dataExport>2026-03-02T11:00:00</dataExport>\
         <indicativ>ADAUGA_SI_INLOCUIESTE</indicativ><sirutaUAT>110116</sirutaUAT></HEADER><BODY>\
         <gospodarie identificator=\"G-1\"><capitol_0_12 codCapitol=\"CAP0_12\"><date_identificare_gospodarie_PF>\
         <adresaGospodarie><sirutaJudet>252</sirutaJudet><sirutaUAT>110116</sirutaUAT><sirutaLocalitate>110125</sirutaLocalitate>\
         </adresaGospodarie><tipDetinator>1</tipDetinator><gospodar><nume>Exemplescu</nume><prenume>Ion</prenume>\
         <initialaTata>M</initialaTata><cnp value=\"1900101400081\"/></gospodar></date_identificare_gospodarie_PF>\
         </capitol_0_12></gospodarie></BODY></DOCUMENT_RAN>"
    )
}

/// The service made with spyne, stopped when dropped.
struct Spyne {
    process: Child,
    port: u16,
    /// Key and certificate of the hub, and the certificate of the service.
    identity: String,
    roots: String,
    _folder: tempfile::TempDir,
}

impl Drop for Spyne {
    fn drop(&mut self) {
        // It may have ended by itself; either way it is gone afterwards.
        let _ended = (self.process.kill(), self.process.wait());
    }
}

impl Spyne {
    fn start() -> Option<Self> {
        let python = python()?;
        let folder = tempfile::tempdir().unwrap();
        let (hub_key, hub_certificate) = development_seal("Hub de test", now() - 60, 30, 7).unwrap();
        let (key, certificate) = rsa_seal();
        let file = |name: &str, content: &[u8]| {
            let path = folder.path().join(name);
            std::fs::write(&path, content).unwrap();
            path
        };
        let mut process = Command::new(python)
            .arg(script("server.py"))
            .args([file("hub.pem", &hub_certificate), file("key.pem", &key), file("own.pem", &certificate)])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut port = String::new();
        BufReader::new(process.stdout.as_mut().unwrap()).read_line(&mut port).unwrap();
        let pem = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
        let identity = pem(hub_certificate) + &pem(hub_key);
        Some(Self { process, port: port.trim().parse().unwrap(), identity, roots: pem(certificate), _folder: folder })
    }

    fn connector(&self, path: &str, soap: &str) -> Arc<dyn Outbound> {
        let text = format!(
            "system = \"registratura\"\nengine = \"soap\"\ntitle = {{ ro = \"a\", en = \"a\" }}\n\
             [endpoint]\ntimeout = \"20s\"\n[deliver]\nbody = \"translated\"\nside_effect = \"queryable\"\n\
             receipt = \"/inregistreazaResponse/inregistreazaResult\"\n\
             [inquire]\npath = \"\"\nreceipt = \"/cautaResponse/cautaResult\"\n\
             present = [{{ status = \"200\", body_pointer = \"/cautaResponse/cautaResult\" }}]\n\
             absent = [{{ status = \"200\", body_pointer = \"/cautaResponse/cautaResult\", exists = false }}]\n\
             [outcome]\ncode = [\"/Fault/code\"]\nreason = [\"/Fault/reason\"]\n\
             [soap]\n{soap}\n\
             [soap.deliver]\nanswer = \"inregistreazaResponse\"\naction = \"inregistreaza\"\nbody = '''\n\
             <r:inregistreaza xmlns:r=\"urn:test:registratura\">\n<r:cheie>{{idempotency_key}}</r:cheie>\n\
             <r:continut>{{subject?}}</r:continut>\n</r:inregistreaza>'''\n\
             [soap.inquire]\nanswer = \"cautaResponse\"\naction = \"cauta\"\n\
             body = '<r:cauta xmlns:r=\"urn:test:registratura\"><r:cheie>{{idempotency_key}}</r:cheie></r:cauta>'\n"
        );
        let manifest = Manifest::parse(&text, "registratura").unwrap();
        let channel = Channel {
            address: Some(format!("http://127.0.0.1:{}/{path}", self.port).parse().unwrap()),
            secret: Some("hub:pârola<&>".to_owned().into()),
            identity: Some(self.identity.clone().into()),
            roots: Some(self.roots.clone()),
            ..Channel::default()
        };
        let next = AtomicU8::new(0);
        let engine = SoapEngine::new(Arc::new(now), Arc::new(move || [next.fetch_add(1, Ordering::Relaxed); 16]));
        engine.unwrap().outbound(&manifest, channel).unwrap()
    }
}

/// An RSA key and its certificate: zeep's signer is told RSA.
fn rsa_seal() -> (Vec<u8>, Vec<u8>) {
    let key = PKey::from_rsa(openssl::rsa::Rsa::generate(2_048).unwrap()).unwrap();
    let mut name = X509NameBuilder::new().unwrap();
    name.append_entry_by_text("CN", "Registratura de test").unwrap();
    let name = name.build();
    let mut builder = X509::builder().unwrap();
    builder.set_version(2).unwrap();
    builder.set_subject_name(&name).unwrap();
    builder.set_issuer_name(&name).unwrap();
    builder.set_not_before(&Asn1Time::from_unix(now() - 60).unwrap()).unwrap();
    builder.set_not_after(&Asn1Time::days_from_now(2).unwrap()).unwrap();
    builder.set_pubkey(&key).unwrap();
    builder
        .append_extension(KeyUsage::new().critical().digital_signature().non_repudiation().build().unwrap())
        .unwrap();
    builder.sign(&key, MessageDigest::sha256()).unwrap();
    (key.private_key_to_pem_pkcs8().unwrap(), builder.build().to_pem().unwrap())
}

fn consignment(key: &str, content: Option<&str>) -> Consignment {
    let facts: BTreeMap<_, _> = content.map(|content| ("subject".to_owned(), content.to_owned())).into_iter().collect();
    let body = Body { content_type: "application/xml".to_owned(), content: Bytes::from_static(b"<a/>") };
    Consignment { idempotency_key: key.to_owned(), facts, body, parts: Vec::new(), evidence: Vec::new() }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_engine_delivers_to_spyne_in_every_way_it_speaks() {
    let Some(spyne) = Spyne::start() else { return };
    let ways = [
        ("vechi", "version = \"1.1\""),
        ("nou", "version = \"1.2\""),
        ("cont", "security = { kind = \"username-token\", password = \"digest\" }"),
        ("semnat", "security = { kind = \"x509\" }\nverify_answers = true"),
    ];
    for (position, (path, soap)) in ways.into_iter().enumerate() {
        let connector = spyne.connector(path, soap);
        let key = format!("cheia-{path}");
        let document = consignment(&key, Some("Țara <ăîș> & \"ghilimele\""));
        assert_eq!(connector.inquire(&document).await, Inquiry::Absent, "{path}");
        let delivered = connector.deliver(&document).await.outcome;
        let receipt = Some(format!("R-{}", position + 1));
        assert_eq!(delivered, Outcome::Delivered { receipt: receipt.clone() }, "{path}");
        assert_eq!(connector.inquire(&document).await, Inquiry::Present { receipt }, "{path}");
        let refused = connector.deliver(&consignment("fara-continut", None)).await.outcome;
        assert!(
            matches!(&refused, Outcome::Refused { reason, .. } if reason.contains("Conținutul lipsește")),
            "{path}: {refused:?}"
        );
        let falls = connector.deliver(&consignment("cade", Some("cade"))).await.outcome;
        assert!(matches!(&falls, Outcome::Unknown { reason } if reason.contains("nu merge acum")), "{path}: {falls:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_unsigned_answer_of_spyne_is_not_believed_where_a_signed_one_is_wanted() {
    let Some(spyne) = Spyne::start() else { return };
    let connector = spyne.connector("vechi", "verify_answers = true");
    let outcome = connector.deliver(&consignment("cheia", Some("x"))).await.outcome;
    assert!(matches!(&outcome, Outcome::Unknown { reason } if reason.contains("semnătura")), "{outcome:?}");
}
