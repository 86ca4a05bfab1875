//! One question about a company, answered by the open data, then the tax administration, then the trade register; and
//! signed certificates out of a folder.

use std::path::Path;
use std::sync::Arc;

use connectors_onrc::open_data::fetch_newest;
use connectors_onrc::snapshot::{Order, import};
use reqwest::Method;
use sandbox::{Anaf, AnafCall, AuditRecord, Onrc, Running};
use serde_json::{Value, json};
use tests::asking::questions;
use tests::client::{Answer, ask};
use tests::county::{self, HUB_TOWN, SENDER};
use tests::hub::unix_seconds;
use tests::{Client, Database, TestHub};

/// A firm that all three know; invented.
const FIRM: &str = "90000006";

struct Registers {
    hub: TestHub,
    anaf: Running<AnafCall>,
    onrc: Running<AuditRecord>,
}

/// A hub whose commune may ask all three registers, and whose town only the first.
async fn start(database: Database) -> Registers {
    let local = ([127, 0, 0, 1], 0).into();
    let anaf = Anaf::start(local, Arc::new(unix_seconds)).await.unwrap();
    let onrc = Onrc::start(local, Arc::new(unix_seconds), 50).await.unwrap();
    let root = fetch(&format!("{}/_sandbox/onrc/radacina.pem", onrc.url())).await;
    let hub = TestHub::start_with(database, |config| {
        let roots = config.data.with_file_name("onrc-roots.pem");
        std::fs::write(&roots, root).unwrap();
        let told = directory(&anaf.url(), &onrc.url(), &roots);
        county::change(config, |directory| {
            let sender = format!("id = '{SENDER}'\n");
            directory.replacen(&sender, &format!("{sender}cui = '4426581'\n"), 1) + &told
        });
    })
    .await;
    Registers { hub, anaf, onrc }
}

fn directory(anaf: &str, onrc: &str, roots: &Path) -> String {
    let agreement = |id: &str, callers: &str, operations: &str| {
        format!(
            "[[lookup_agreement]]\nid = '{id}'\ncallers = {{ parties = [{callers}] }}\noperations = [{operations}]\n\
             purposes = ['taxe']\nlegal_basis = 'Legea nr. 207/2015'\nvalid_from = '2020-01-01'\nvalid_to = '2030-12-31'\n"
        )
    };
    let channel =
        |system: &str, way: &str| format!("[[lookup_channel]]\nid = '{system}'\nsystem = '{system}'\n{way}\n");
    channel("onrc", "")
        + &channel("anaf-tva", &format!("address = '{anaf}'"))
        + &channel("recom", &format!("address = '{onrc}'"))
        + &channel("onrc-certificate", &format!("roots = 'file:{}'", roots.display()))
        + &agreement("onrc", &format!("'{SENDER}', '{HUB_TOWN}'"), "'onrc.*'")
        + &agreement("spate", &format!("'{SENDER}'"), "'anaf-tva.firma', 'recom.firma', 'onrc-certificate.certificat'")
}

async fn fetch(address: &str) -> String {
    let client = reqwest::Client::builder().no_proxy().build().unwrap();
    client.get(address).send().await.unwrap().text().await.unwrap()
}

impl Registers {
    /// Imports the newest open data into the hub's own folder.
    async fn import(&self) {
        let store = self.hub.config.data.join("onrc");
        let catalogue = self.onrc.url().parse().unwrap();
        let fetched = fetch_newest(&catalogue, &store.join("descarcat"), false, &mut |_, _, _| {}).await.unwrap();
        let order = Order {
            files: &fetched.folder,
            store: &store,
            snapshot: fetched.snapshot,
            imported_at: unix_seconds(),
            source: "de probă".to_owned(),
            persons: None,
            forced: false,
        };
        import(&order, &mut |_| {}).unwrap();
    }

    async fn stop(self) {
        self.hub.stop().await;
        self.anaf.stop().await;
        self.onrc.stop().await;
    }
}

async fn put(client: &Client, operation: &str, arguments: Value) -> Answer {
    let body = json!({ "arguments": arguments, "user": "f-0172", "case_number": "T-7/2026", "max_age": 0 });
    ask(client.request(Method::POST, &format!("/v1/lookups/{operation}")).json(&body)).await
}

/// Who was asked, and what came of it.
fn asked(answer: &Answer) -> Vec<(&str, &str)> {
    let asked = answer.body["value"]["intrebat"].as_array().map(Vec::as_slice).unwrap_or_default();
    asked.iter().map(|one| (one["adaptor"].as_str().unwrap(), one["rezultat"].as_str().unwrap())).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_company_is_looked_for_in_the_open_data_then_at_anaf_then_in_the_register() {
    for database in Database::all() {
        let registers = start(database).await;
        let commune = registers.hub.client(SENDER);

        // Nothing is imported yet: the tax administration has it, the register need not be asked.
        let first = put(&commune, "onrc/firma", json!({ "cui": FIRM })).await;
        assert_eq!((first.status, &first.body["answer"]), (200, &json!("found")), "{first:#?}");
        assert_eq!(asked(&first), [("onrc-snapshot", "indisponibil"), ("onrc-anaf", "găsit")]);
        assert_eq!(first.body["value"]["provenienta"]["denumire"]["adaptor"], "onrc-anaf");
        assert!(registers.onrc.received().is_empty());

        // Imported, the open data answers alone.
        registers.import().await;
        let calls = registers.anaf.received().len();
        let second = put(&commune, "onrc/firma", json!({ "cui": FIRM })).await;
        assert_eq!(asked(&second), [("onrc-snapshot", "găsit")], "{second:#?}");
        assert_eq!(registers.anaf.received().len(), calls);

        // All of them, each field with where it is from and of what day; the register is asked by the number learned.
        let whole = put(&commune, "onrc/firma", json!({ "cui": FIRM, "complet": "da" })).await;
        let all = [("onrc-snapshot", "găsit"), ("onrc-anaf", "găsit"), ("recom", "găsit")];
        assert_eq!(asked(&whole), all, "{whole:#?}");
        let value = &whole.body["value"];
        assert_eq!(value["provenienta"]["capital"]["adaptor"], "recom", "only the register has it: {value:#}");
        for (field, from) in value["provenienta"].as_object().unwrap() {
            assert!(from["adaptor"].is_string() && from["la"].is_string(), "{field}: {from}");
        }
        let told = registers.onrc.received();
        assert_eq!((told.len(), told[0].institutie.as_deref()), (1, Some("4426581")));
        assert_eq!((told[0].scop.as_deref(), told[0].dosar.as_deref()), (Some("taxe"), Some("T-7/2026")));

        // The journal says which were asked, each by its own entry under the first question.
        let entries = questions(&commune).await;
        let of = |system: &str| entries.iter().filter(|entry| entry["system"] == system).count();
        assert_eq!((of("onrc"), of("anaf-tva"), of("recom")), (3, 2, 1), "{entries:#?}");
        let register = entries.iter().find(|entry| entry["system"] == "recom").unwrap();
        assert_eq!((&register["batch"], &register["result"]), (&whole.body["lookup_id"], &json!("found")));
        assert_eq!(register["agreement"]["id"], "spate");
        registers.stop().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_register_behind_is_asked_only_with_an_agreement_of_its_own_and_when_it_can_be() {
    for database in Database::all() {
        let registers = start(database).await;
        registers.import().await;

        // The town may ask the open data and nobody behind it, and is told so.
        let town = registers.hub.client(HUB_TOWN);
        let alone = put(&town, "onrc/firma", json!({ "cui": FIRM, "complet": "da" })).await;
        let none = [("onrc-snapshot", "găsit"), ("onrc-anaf", "neîntrebat"), ("recom", "neîntrebat")];
        assert_eq!(asked(&alone), none, "{alone:#?}");
        assert!(alone.body["value"]["intrebat"][1]["motiv"].as_str().unwrap().contains("acord"), "{alone:#?}");
        assert!(registers.anaf.received().is_empty() && registers.onrc.received().is_empty());
        assert_eq!(questions(&town).await.len(), 1);

        // ANAF is down for long: after five silences it is left alone, while the others go on answering.
        registers.anaf.faults.down(std::time::Duration::from_secs(3600)).await;
        let commune = registers.hub.client(SENDER);
        for _ in 0..7 {
            let answer = put(&commune, "onrc/firma", json!({ "cui": FIRM, "complet": "da" })).await;
            let some = [("onrc-snapshot", "găsit"), ("onrc-anaf", "indisponibil"), ("recom", "găsit")];
            assert_eq!(asked(&answer), some, "{answer:#?}");
        }
        let open = "select cast(count(*) as bigint) as number from breaker where system = 'onrc'";
        assert_eq!(registers.hub.number(open).await, 0, "the silence of another is not counted here");
        let own = "select cast(count(*) as bigint) as number from breaker where system = 'anaf-tva'";
        assert_eq!(registers.hub.number(own).await, 1);
        // Nobody has it, and one that may have it does not answer: that is not absence.
        let unknown = put(&commune, "onrc/firma", json!({ "cui": "90000103" })).await;
        assert_eq!((unknown.status, &unknown.body["code"]), (503, &json!("register-unavailable")), "{unknown:#?}");
        registers.stop().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_certificate_laid_into_the_folder_answers_only_while_its_signature_holds() {
    for database in Database::all() {
        let registers = start(database).await;
        let commune = registers.hub.client(SENDER);
        let folder = registers.hub.config.data.join("onrc-certificate");
        std::fs::create_dir_all(&folder).unwrap();
        let nothing = put(&commune, "onrc-certificate/certificat", json!({ "cui": FIRM })).await;
        assert_eq!((nothing.status, &nothing.body["answer"]), (200, &json!("absent")), "{nothing:#?}");

        std::fs::write(folder.join("schimbat.pdf"), registers.certificate("updated").await).unwrap();
        let refused = put(&commune, "onrc-certificate/certificat", json!({ "cui": FIRM })).await;
        assert_eq!((refused.status, &refused.body["code"]), (422, &json!("register-refused")), "{refused:#?}");
        assert!(refused.body.to_string().contains("schimbat.pdf"), "{refused:#?}");

        let good = registers.certificate("none").await;
        std::fs::write(folder.join("bun.pdf"), &good).unwrap();
        let found = put(&commune, "onrc-certificate/certificat", json!({ "cui": FIRM })).await;
        assert_eq!(found.body["value"]["sursa"]["opozabil"], true, "{found:#?}");
        assert_eq!(found.body["value"]["document"]["fisier"], "bun.pdf");
        let document = found.body["document"]["href"].as_str().unwrap();
        assert_eq!(commune.bytes(&format!("{document}?user=f-0172")).await, good, "byte for byte");
        registers.stop().await;
    }
}

impl Registers {
    /// A certificate about the firm, with a flaw or without.
    async fn certificate(&self, flaw: &str) -> Vec<u8> {
        let client = reqwest::Client::builder().no_proxy().build().unwrap();
        let behaviour = json!({ "certificate_s": 0, "flaw": flaw });
        client.put(format!("{}/_sandbox/onrc", self.onrc.url())).json(&behaviour).send().await.unwrap();
        let order = client.post(format!("{}/recom/v1/certificate", self.onrc.url())).header("X-Institutie", "4426581");
        let order = order.header("Idempotency-Key", flaw);
        let order = order.json(&json!({ "nr_reg": "J2025900001003", "tip": "DE_BAZA", "scop": "taxe" }));
        let ordered: Value = order.send().await.unwrap().json().await.unwrap();
        let id = ordered["id_cerere"].as_str().unwrap();
        let document = client.get(format!("{}/recom/v1/certificate/{id}/document", self.onrc.url()));
        let document = document.header("X-Institutie", "4426581").send().await.unwrap();
        assert_eq!(document.status(), 200);
        document.bytes().await.unwrap().to_vec()
    }
}
