//! Evidence with a time-stamp of its own, and with all that is needed to judge it when nobody answers any more: before
//! programs that are not ours.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use hub_server::config::Config;
use hub_signatures::xades;
use openssl::sha::sha256;
use sandbox::{Running, StampRecord, Tsa};
use serde_json::{Value, json};
use tests::client::ask;
use tests::county::{self, DIRECTORATE, HUB_TOWN, SENDER};
use tests::documents::{certificate, letter};
use tests::hub::unix_seconds;
use tests::issuer::{Issuer, SealOrder};
use tests::shared::{program, vectors};
use tests::verdicts::claim;
use tests::{Client, Database, TestHub};

const UNSTAMPED: &str = "select (select count(*) from evidence) - (select count(*) from evidence_time_stamp) as number";

async fn authority() -> (Running<StampRecord>, String) {
    Tsa::start(([127, 0, 0, 1], 0).into(), Arc::new(unix_seconds)).await.unwrap()
}

fn stamped_by(config: &mut Config, url: &str, root: &Path, each: bool) {
    let settings = format!("url = '{url}'\nroots = '{}'\neach = {each}", root.display());
    config.time_stamping = Some(toml::from_str(&settings).unwrap());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_form_of_an_evidence_holds_before_programs_that_are_not_ours() {
    for by_list in [true, false] {
        Database::each(async |database| forms_hold(database, by_list).await).await;
    }
}

/// The standing of the seal is told by a list or by a responder.
async fn forms_hold(database: Database, by_list: bool) {
    let (tsa, root) = authority().await;
    let issuer = Issuer::new(unix_seconds());
    issuer.say(&[2], &[]);
    issuer.write_list(86_400);
    let responder = issuer.respond();
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    std::fs::write(folder.join("tsa.pem"), &root).unwrap();
    let (key, pem) = (folder.join("seal.key"), folder.join("seal.pem"));
    issuer.put(SealOrder::usual(2), &key, &pem);
    let hub = TestHub::start_with(database, |config| {
        (config.seal.key, config.seal.certificate) = (Some(key), Some(pem));
        if by_list {
            config.seal.crl = Some(issuer.file("crl.pem").display().to_string());
        } else {
            config.seal.ocsp = Some(responder.url());
        }
        stamped_by(config, &tsa.url(), &folder.join("tsa.pem"), true);
    })
    .await;
    let commune = hub.client(SENDER);
    let (status, receipt) = commune.post("/v1/messages", "1", &letter(&[HUB_TOWN], "cu marcă temporală")).await;
    assert_eq!(status, 201, "{receipt:#}");
    let message = receipt["message_id"].as_str().unwrap();
    commune.wait_for_delivery(message, HUB_TOWN, "consigned").await;
    hub.wait_for_number(UNSTAMPED, 0).await;

    let mut files = Vec::new();
    for evidence in commune.chain(message).await {
        let path = format!("/v1/messages/{message}/evidence/{}", evidence["id"].as_str().unwrap());
        let [b, t, lt] = forms(&commune, &path).await;
        assert_eq!(evidence["sha256"], hex::encode(sha256(b.as_bytes())), "the digest is that of the sealed form");
        assert_eq!(commune.bytes(&path).await, t.as_bytes(), "without a wish, the time-stamp is given too");
        assert!(b.len() < t.len() && t.len() < lt.len());
        let value = if by_list { "<xades:EncapsulatedCRLValue>" } else { "<xades:EncapsulatedOCSPValue>" };
        assert!(lt.contains("<xades:CertificateValues>") && lt.contains(value), "{lt}");
        for (level, document) in [("b", &b), ("t", &t), ("lt", &lt)] {
            assert_eq!(xades::without_unsigned(document).unwrap(), b, "{level} is {b} with something added");
            let verdict = verdict(&hub, document).await;
            assert_eq!((&verdict["verified"], &verdict["recorded"]), (&json!(true), &json!(true)), "{verdict:#}");
            assert_eq!(claim(&verdict, "time-stamp")["at"].is_null(), level == "b", "{verdict:#}");
            assert_eq!(hub.verified(document)["verified"], true);
            files.push(folder.join(format!("{}-{level}.xml", evidence["id"].as_str().unwrap())));
            std::fs::write(files.last().unwrap(), document).unwrap();
        }
        openssl_accepts_the_stamp(folder, &t);
        openssl_accepts_the_values(folder, (&issuer.file("ca.pem"), by_list), &lt);
        assert!(xades::attach_time_stamp(&t, b"").is_err(), "one time-stamp is enough");
    }
    assert!(files.len() >= 6);
    schema_and_xmlsec1_accept(&folder.join("seal.pem"), &files);
    let answer =
        ask(commune.request(reqwest::Method::GET, &format!("/v1/messages/{message}/evidence/{message}?level=x"))).await;
    assert_eq!((answer.status, &answer.body["code"]), (400, &json!("malformed-request")));
    hub.stop().await;
    tsa.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_document_type_that_asks_for_time_stamps_gets_them_also_after_the_authority_was_silent() {
    Database::each(async |database| {
        let (tsa, root) = authority().await;
        tsa.faults.down(Duration::from_secs(3600)).await;
        let folder = tempfile::tempdir().unwrap();
        let roots = folder.path().join("tsa.pem");
        std::fs::write(&roots, root).unwrap();
        let hub = TestHub::start_with(database, |config| {
            stamped_by(config, &tsa.url(), &roots, false);
            county::change(config, |directory| {
                let agreement = "[[agreement]]\nid = 'certificate'\ndocument_types = ['certificat-incadrare-grad']\n\
                    purpose = 'incadrare-grad'\nlegal_basis = 'Legea nr. 448/2006'\nvalid_from = '2020-01-01'\n\
                    valid_to = '2030-12-31'\nsenders = { kind = 'uat', county = '252' }\n";
                format!("{directory}{agreement}recipients = {{ parties = ['{DIRECTORATE}'] }}\n")
            });
        })
        .await;
        let commune = hub.client(SENDER);
        let (status, receipt) = commune.post("/v1/messages", "letter", &letter(&[HUB_TOWN], "fără marcă")).await;
        assert_eq!(status, 201, "{receipt:#}");
        let letter = receipt["message_id"].as_str().unwrap().to_owned();
        let (status, receipt) = commune.post("/v1/messages", "certificate", &certificate(&[DIRECTORATE])).await;
        assert_eq!(status, 201, "no one waits for the authority: {receipt:#}");
        let message = receipt["message_id"].as_str().unwrap();
        commune.wait_for_delivery(message, DIRECTORATE, "consigned").await;
        let chain = commune.chain(message).await;
        let path = format!("/v1/messages/{message}/evidence/{}", chain[0]["id"].as_str().unwrap());
        let (status, problem) = commune.get(&format!("{path}?level=t")).await;
        assert_eq!((status.as_u16(), &problem["code"]), (404, &json!("not-found")), "{problem:#}");
        assert_eq!(commune.bytes(&path).await, chain[0]["document"].as_str().unwrap().as_bytes());
        tsa.faults.up().await;
        let stamped = "select cast(count(*) as bigint) as number from evidence_time_stamp";
        hub.wait_for_number(stamped, i64::try_from(chain.len()).unwrap()).await;
        assert_eq!(commune.get(&format!("{path}?level=t")).await.0, 200);
        commune.wait_for_delivery(&letter, HUB_TOWN, "consigned").await;
        let plain = commune.chain(&letter).await[0]["id"].as_str().unwrap().to_owned();
        assert_eq!(commune.get(&format!("/v1/messages/{letter}/evidence/{plain}?level=t")).await.0, 404);
        assert_eq!(hub.number(stamped).await, i64::try_from(chain.len()).unwrap(), "only what asks is stamped");
        hub.stop().await;
        tsa.stop().await;
    })
    .await;
}

async fn forms(client: &Client, path: &str) -> [String; 3] {
    let mut forms = ["b", "t", "lt"].map(str::to_owned);
    for form in &mut forms {
        *form = String::from_utf8(client.bytes(&format!("{path}?level={form}")).await).unwrap();
    }
    forms
}

async fn verdict(hub: &TestHub, document: &str) -> Value {
    let http = reqwest::Client::new();
    let answer = ask(http.post(format!("{}/v1/verify", hub.running().url())).body(document.to_owned())).await;
    assert_eq!(answer.status, 200, "{:#}", answer.body);
    answer.body
}

/// The text between two tags, of which the first may have attributes.
fn between<'a>(document: &'a str, start: &str, end: &str) -> &'a str {
    let at = document.find(start).unwrap() + start.len();
    &document[at..at + document[at..].find(end).unwrap()]
}

/// The token stamps the canonical `ds:SignatureValue`, which is its own canonical form.
fn openssl_accepts_the_stamp(folder: &Path, document: &str) {
    let token = BASE64.decode(between(document, "<xades:EncapsulatedTimeStamp>", "<")).unwrap();
    std::fs::write(folder.join("token.der"), token).unwrap();
    let value = between(document, "<ds:SignatureValue", "</ds:SignatureValue>");
    std::fs::write(folder.join("value.xml"), format!("<ds:SignatureValue{value}</ds:SignatureValue>")).unwrap();
    openssl(folder, "ts -verify -data value.xml -token_in -in token.der -CAfile tsa.pem", "Verification: OK");
}

fn openssl_accepts_the_values(folder: &Path, (issuer, by_list): (&Path, bool), document: &str) {
    let issuer = issuer.display();
    if by_list {
        let list = BASE64.decode(between(document, "<xades:EncapsulatedCRLValue>", "<")).unwrap();
        std::fs::write(folder.join("list.der"), list).unwrap();
        openssl(folder, &format!("crl -inform DER -in list.der -noout -CAfile {issuer}"), "verify OK");
    } else {
        let response = BASE64.decode(between(document, "<xades:EncapsulatedOCSPValue>", "<")).unwrap();
        std::fs::write(folder.join("response.der"), response).unwrap();
        let asked = format!("-issuer {issuer} -cert seal.pem");
        openssl(folder, &format!("ocsp -respin response.der -CAfile {issuer} {asked}"), "seal.pem: good");
    }
    // The certificates in the document lead from the seal to its issuer, and the authority's to its root.
    for (number, value) in document.split("<xades:EncapsulatedX509Certificate>").skip(1).enumerate() {
        let der = BASE64.decode(value.split('<').next().unwrap()).unwrap();
        std::fs::write(folder.join(format!("value-{number}.der")), der).unwrap();
        openssl(folder, &format!("x509 -inform DER -in value-{number}.der -noout -subject"), "subject=");
    }
    assert!(document.matches("<xades:EncapsulatedX509Certificate>").count() >= 4);
}

fn openssl(folder: &Path, arguments: &str, expected: &str) {
    let output = std::process::Command::new("openssl").current_dir(folder).args(arguments.split(' ')).output().unwrap();
    let said = String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned();
    assert!(output.status.success() && said.contains(expected), "{arguments}: {said}");
}

fn schema_and_xmlsec1_accept(seal: &Path, files: &[std::path::PathBuf]) {
    if let (Some(schema), Some(mut xmllint)) = (vectors("erds-schema/evidence-all.xsd"), program("xmllint")) {
        let output = xmllint.args(["--noout", "--nonet", "--schema"]).arg(schema).args(files).output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    }
    if let Some(mut xmlsec1) = program("xmlsec1") {
        xmlsec1.args(["--verify", "--id-attr:Id", "http://uri.etsi.org/01903/v1.3.2#:SignedProperties"]);
        let output = xmlsec1.arg("--pubkey-cert-pem").arg(seal).args(files).output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    }
}
