//! A clerk looks into an application for social aid: the employer at ANAF's register, the incomes at PatrimVen, and, with
//! the applicant's mandate, the income certificate out of SPV. Three systems of one institution, asked through the hub.

use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use openssl::asn1::Asn1Time;
use openssl::ec::{EcGroup, EcKey};
use openssl::hash::MessageDigest;
use openssl::nid::Nid;
use openssl::pkey::PKey;
use openssl::x509::{X509, X509NameBuilder};
use reqwest::Method;
use sandbox::{Anaf, AnafCall, Running};
use serde_json::{Value, json};
use tests::client::{Answer, ask};
use tests::county::{self, SENDER};
use tests::{Client, Database, TestHub};

const PATIENCE: Duration = Duration::from_secs(60);
const GLANCE: Duration = Duration::from_millis(50);
/// Invented: check digits are right, nobody has them.
const APPLICANT: &str = "1800101221144";
const CLERK: &str = "1111111111118";
const EMPLOYER: &str = "90000006";

async fn start(database: Database) -> (TestHub, Running<AnafCall>) {
    let twin = Anaf::start(([127, 0, 0, 1], 0).into(), Arc::new(tests::hub::unix_seconds)).await.unwrap();
    let hub = TestHub::start_with(database, |config| {
        let folder = config.directory.as_ref().unwrap().parent().unwrap().to_owned();
        let told = directory(&twin.url(), &folder);
        county::change(config, |directory| directory + &told);
        config.lookups.first_pause = 0.1;
    })
    .await;
    (hub, twin)
}

/// The commune may ask ANAF three ways, for social aid alone.
fn directory(address: &str, folder: &Path) -> String {
    let identity = folder.join("spv.pem");
    std::fs::write(&identity, certificate()).unwrap();
    let channel = |system: &str, path: &str, more: &str| {
        format!("[[lookup_channel]]\nid = '{system}'\nsystem = '{system}'\naddress = '{address}{path}'\n{more}\n")
    };
    let operations = "'anaf-tva.firma', 'patrimven.contributii', 'anaf-spv.adeverinta-venit'";
    channel("anaf-tva", "", "")
        + &channel("patrimven", "", "")
        + &channel("anaf-spv", "/SPVWS2/rest/", &format!("identity = 'file:{}'", identity.display()))
        + &format!(
            "[[lookup_agreement]]\nid = 'ajutor'\ncallers = {{ parties = ['{SENDER}'] }}\noperations = [{operations}]\n\
             purposes = ['ajutor-social']\nlegal_basis = 'Legea nr. 196/2016'\nvalid_from = '2020-01-01'\n\
             valid_to = '2035-12-31'\n"
        )
}

/// The clerk's certificate and its key, made for the test.
fn certificate() -> String {
    let key = EcKey::generate(&EcGroup::from_curve_name(Nid::X9_62_PRIME256V1).unwrap()).unwrap();
    let key = PKey::from_ec_key(key).unwrap();
    let mut name = X509NameBuilder::new().unwrap();
    name.append_entry_by_text("CN", "Functionar inventat").unwrap();
    let name = name.build();
    let mut certificate = X509::builder().unwrap();
    certificate.set_subject_name(&name).unwrap();
    certificate.set_issuer_name(&name).unwrap();
    certificate.set_pubkey(&key).unwrap();
    certificate.set_not_before(&Asn1Time::days_from_now(0).unwrap()).unwrap();
    certificate.set_not_after(&Asn1Time::days_from_now(30).unwrap()).unwrap();
    certificate.sign(&key, MessageDigest::sha256()).unwrap();
    let pem = [certificate.build().to_pem().unwrap(), key.private_key_to_pem_pkcs8().unwrap()].concat();
    String::from_utf8(pem).unwrap()
}

async fn put(client: &Client, operation: &str, arguments: Value) -> Answer {
    let body = json!({
        "arguments": arguments, "purpose": "ajutor-social", "legal_basis": "Legea nr. 196/2016, art. 11",
        "case_number": "VMI-17/2026", "user": "f-0172",
    });
    ask(client.request(Method::POST, &format!("/v1/lookups/{operation}")).json(&body)).await
}

async fn get(client: &Client, path: &str) -> Answer {
    ask(client.request(Method::GET, path)).await
}

/// What the twin shows at one of its control pages.
async fn shown(twin: &Running<AnafCall>, page: &str) -> Value {
    let client = reqwest::Client::builder().no_proxy().build().unwrap();
    client.get(format!("{}/_sandbox/{page}", twin.url())).send().await.unwrap().json().await.unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_clerk_sees_the_employer_the_incomes_and_the_certificate_of_an_applicant() {
    for database in Database::all() {
        let (mut hub, twin) = start(database).await;
        let commune = hub.client(SENDER);
        let firm = put(&commune, "anaf-tva/firma", json!({ "cui": EMPLOYER })).await;
        assert_eq!((firm.status, &firm.body["answer"]), (200, &json!("found")), "{firm:#?}");
        assert_eq!(firm.body["value"]["date_generale"]["nrRegCom"], "J29/750/2012");
        assert!(firm.body["as_of"].is_string());

        let person = json!({ "cnp": "1630615123457", "an_inceput": 2025, "an_sfarsit": 2025, "functionar": CLERK });
        let incomes = put(&commune, "patrimven/contributii", person).await;
        assert_eq!(incomes.status, 200, "{incomes:#?}");
        assert_eq!(incomes.body["value"].as_array().unwrap().len(), 12);
        let log = shown(&twin, "patrimven").await;
        assert_eq!(log["log"][0]["temei_legal"], "Legea nr. 196/2016, art. 11", "the register sees why");
        assert_eq!(log["log"][0]["numar_dosar"], "VMI-17/2026");

        let wanted = json!({ "cnp": APPLICANT, "an": 2025, "motiv": "Ajutor social" });
        let asked = put(&commune, "anaf-spv/adeverinta-venit", wanted).await;
        assert_eq!((asked.status, &asked.body["answer"]), (202, &json!("pending")), "{asked:#?}");
        // The certificate comes although the hub fell in between.
        hub.restart().await;
        let commune = hub.client(SENDER);
        let own = format!("{}?user=f-0172", asked.headers["location"].to_str().unwrap());
        let begun = Instant::now();
        let told = loop {
            let told = get(&commune, &own).await;
            if told.status != 202 {
                break told;
            }
            assert!(begun.elapsed() < PATIENCE, "the certificate does not come");
            tokio::time::sleep(GLANCE).await;
        };
        assert_eq!((told.status, &told.body["value"]["tip"]), (200, &json!("ADEVERINTA VENIT")), "{told:#?}");
        let href = told.body["document"]["href"].as_str().unwrap();
        let paper = commune.bytes(&format!("{href}?user=f-0172")).await;
        assert!(paper.starts_with(b"%PDF") && String::from_utf8_lossy(&paper).contains("(Motivul: Ajutor social) Tj"));
        let requests =
            twin.received().iter().filter(|call| call.operation == "spv-cerere" && call.status == 200).count();
        assert_eq!(requests, 1, "SPV was asked for one certificate");

        let journal = get(&commune, "/v1/journal?act=access&limit=500").await;
        let entries = journal.body["entries"].as_array().unwrap();
        assert!(entries.iter().all(|entry| entry["purpose"] == "ajutor-social"), "{journal:#?}");
        hub.stop().await;
        twin.stop().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_person_without_a_mandate_and_a_session_that_is_refused_are_told_as_they_are() {
    let (hub, twin) = start(Database::Sqlite).await;
    let commune = hub.client(SENDER);
    let stranger = json!({ "cnp": "1630615123457", "an": 2025, "motiv": "Ajutor social" });
    let refused = put(&commune, "anaf-spv/adeverinta-venit", stranger).await;
    assert_eq!((refused.status, &refused.body["register"]["code"]), (422, &json!("spv.fara-drept")), "{refused:#?}");
    let other = json!({ "cnp": APPLICANT, "an": 2025, "motiv": "altele" });
    let spelled = put(&commune, "anaf-spv/adeverinta-venit", other).await;
    assert_eq!((spelled.status, &spelled.body["code"]), (422, &json!("invalid-question")), "{spelled:#?}");
    let client = reqwest::Client::builder().no_proxy().build().unwrap();
    let spv = format!("{}/_sandbox/spv", twin.url());
    client.put(&spv).json(&json!({ "certificate": "refused" })).send().await.unwrap();
    client.post(format!("{spv}/end-sessions")).send().await.unwrap();
    tokio::time::sleep(Duration::from_millis(1_100)).await;
    let wanted = json!({ "cnp": APPLICANT, "an": 2025, "motiv": "Ajutor social" });
    let closed = put(&commune, "anaf-spv/adeverinta-venit", wanted).await;
    assert_eq!((closed.status, &closed.body["code"]), (503, &json!("register-unavailable")), "{closed:#?}");
    hub.stop().await;
    twin.stop().await;
}
