//! An institution keeps its structure, its agreements and its persons, which no other institution sees; and nomenclatures are
//! served in versions. All persons here are invented.

use std::sync::Arc;

use hub_flow::persons::{PersonId, sealed};
use openssl::sha::sha256;
use reqwest::Method;
use sandbox::Anaf;
use serde_json::{Value, json};
use tests::client::{Answer, ask};
use tests::county::{self, DIRECTORATE, HUB_TOWN, SENDER};
use tests::documents::letter;
use tests::hub::unix_seconds;
use tests::{Database, TestHub};

/// The system of those who run the hub.
const OPERATOR: &str = "operator";
/// An invented CNP with a right control digit.
const CNP: &str = "1800101221144";

fn with_operator(directory: String) -> String {
    let hash = hex::encode(sha256(county::key(OPERATOR).as_bytes()));
    directory
        + &format!(
            "[[party]]\nid = '{OPERATOR}'\nname = 'Cei care administrează hubul'\nkind = 'operator'\n\
             [[system]]\nid = 'system-{OPERATOR}'\nparty = '{OPERATOR}'\nkey_sha256 = '{hash}'\noperator = true\n"
        )
}

async fn start(database: Database) -> TestHub {
    TestHub::start_with(database, |config| county::change(config, with_operator)).await
}

/// A clerk of an institution at its door.
struct Desk<'h>(&'h TestHub, &'static str, &'static str);

impl Desk<'_> {
    async fn call(&self, method: Method, path: &str, version: Option<i64>, body: Value) -> Answer {
        let Self(hub, party, clerk) = self;
        let request = hub.client(party).request(method, path).header("punte-clerk", *clerk).json(&body);
        ask(match version {
            Some(version) => request.header("if-match", format!("\"{version}\"")),
            None => request,
        })
        .await
    }

    async fn post(&self, path: &str, body: Value) -> Answer {
        self.call(Method::POST, path, None, body).await
    }

    async fn get(&self, path: &str) -> Answer {
        ask(self.0.client(self.1).request(Method::GET, path)).await
    }
}

fn rule(answer: &Answer) -> (&str, &str) {
    let first = &answer.body["violations"][0];
    (first["pointer"].as_str().unwrap_or_default(), first["rule"].as_str().unwrap_or_default())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn documents_go_to_the_units_that_are_there_on_the_day() {
    Database::each(|database| async move {
        let hub = start(database).await;
        let desk = Desk(&hub, HUB_TOWN, "f-01");
        let entry = |entry: Value| json!({"entry": entry, "reason": "Dispoziția nr. 12/2026"});
        // The rule of the file names a unit that a structure would have to have.
        let (day, over) = ("2020-01-01", "2020-12-31");
        let without = desk.post("/v1/structure/units", entry(json!({"id": "das", "name": "Asistență socială", "kind": "service"}))).await;
        assert_eq!(without.status, 422, "{without:#?}");
        assert!(without.body["detail_en"].as_str().unwrap().contains("names the unit"), "{without:#?}");
        let moved = json!({"id": "baia", "unit": "das", "channel": "uat-109924-inbox"});
        let (operator, rule_path) = (Desk(&hub, OPERATOR, "op-1"), "/v1/directory/competences/baia");
        let withdrawn = operator.call(Method::POST, &format!("{rule_path}/withdraw"), Some(1), json!({"reason": "structură nouă"})).await;
        assert_eq!(withdrawn.status, 200, "{withdrawn:#?}");
        for (kind, made) in [
            ("units", json!({"id": "das", "name": "Direcția de asistență socială", "kind": "direction"})),
            ("units", json!({"id": "relatii", "name": "Relații cu publicul", "kind": "office", "parent": "das"})),
            ("units", json!({"id": "vechi", "name": "Birou desființat", "kind": "office", "valid_from": day, "valid_to": over})),
            ("posts", json!({"id": "sef", "title": "șef serviciu", "unit": "das"})),
            ("staff", json!({"id": "s1", "person": "f-07", "name": "Ana Inventata", "post": "sef"})),
            ("delegations", json!({"id": "d1", "of": "f-07", "by": "f-08", "basis": "Dispoziția nr. 3", "valid_from": "2026-07-01", "valid_to": "2026-07-10"})),
            ("competences", moved),
        ] {
            let answer = desk.post(&format!("/v1/structure/{kind}"), entry(made)).await;
            assert_eq!(answer.status, 201, "{answer:#?}");
        }
        // Wrong ones are named.
        for (kind, made, said) in [
            ("units", json!({"id": "x", "name": "X", "kind": "office", "parent": "nicăieri"}), "names the unit"),
            ("staff", json!({"id": "s2", "person": "f-09", "name": "Ion Inventatu", "post": "sef"}), "held twice"),
            ("delegations", json!({"id": "d2", "of": "f-1", "by": "f-1", "basis": "x y", "valid_from": "2026-07-01", "valid_to": "2026-07-02"}), "themselves"),
        ] {
            let answer = desk.post(&format!("/v1/structure/{kind}"), entry(made)).await;
            assert_eq!(answer.status, 422, "{answer:#?}");
            assert!(answer.body["detail_en"].as_str().unwrap().contains(said), "{answer:#?}");
        }
        // The tree of today and of a day long ago; who stands in.
        let tree = desk.get("/v1/structure").await.body;
        assert_eq!((&tree["units"][0]["id"], &tree["units"][0]["units"][0]["id"]), (&json!("das"), &json!("relatii")), "{tree:#}");
        assert_eq!(tree["units"][0]["posts"][0]["held_by"]["name"], "Ana Inventata");
        let before = desk.get("/v1/structure?at=2020-06-01").await.body;
        assert!(before["units"].as_array().unwrap().iter().any(|unit| unit["id"] == "vechi"), "{before:#}");
        for (at, acting) in [("2026-07-05", "f-08"), ("2026-07-11", "f-07")] {
            assert_eq!(desk.get(&format!("/v1/structure/acting/f-07?at={at}")).await.body["acting"], acting);
        }
        // What is sent goes to the unit; a rule whose days are over sends nothing anywhere.
        let client = hub.client(SENDER);
        let routed = async |key: &str| {
            let (status, receipt) = client.post("/v1/messages", key, &letter(&[HUB_TOWN], "Text de probă.")).await;
            assert_eq!(status, 201, "{receipt:#}");
            let id = receipt["message_id"].as_str().unwrap().to_owned();
            client.wait_for(&id, |seen| seen["deliveries"].as_array().is_some_and(|list| !list.is_empty())).await["deliveries"][0].clone()
        };
        let first = routed("structura-1").await;
        assert_eq!((&first["route"]["unit"], &first["state"]), (&json!("das"), &json!("consigned")), "{first:#}");
        let ended = json!({"id": "baia", "unit": "das", "channel": "uat-109924-inbox", "valid_to": over});
        let path = "/v1/structure/competences/baia";
        let version = desk.get(path).await.body["version"].as_i64();
        let changed = desk.call(Method::PUT, path, version, entry(ended)).await;
        assert_eq!(changed.status, 200, "{changed:#?}");
        let second = routed("structura-2").await;
        assert_ne!(second["state"], "consigned", "{second:#}");
        // Assignments name units of the structure alone; others see nothing of it.
        let other = Desk(&hub, SENDER, "f-99");
        assert_eq!(other.get("/v1/structure").await.body["units"], json!([]));
        assert_eq!(other.get("/v1/structure/units/das").await.status, 404);
        assert_eq!(other.get("/v1/structure/units/das/history").await.status, 404);
        assert_eq!(other.get("/v1/directory/competences/baia").await.status, 404);
        hub.stop().await;
    })
    .await;
}

fn agreement() -> Value {
    json!({
        "id": "protocol-nou", "senders": {"parties": [SENDER]}, "recipients": {"parties": [DIRECTORATE]},
        "document_types": ["certificat-incadrare-grad"], "purpose": "evaluare-handicap", "legal_basis": "Legea nr. 448/2006, art. 85",
        "valid_from": "2020-01-01", "valid_to": "2099-12-31",
    })
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_agreement_is_proposed_by_one_approved_by_another_and_told_on_one_page() {
    Database::each(|database| async move {
        let hub = start(database).await;
        let (one, other) = (Desk(&hub, OPERATOR, "op-1"), Desk(&hub, OPERATOR, "op-2"));
        let body = |entry: Value| json!({"entry": entry, "reason": "protocol între instituții"});
        let mut cheat = agreement();
        cheat["state"] = json!("signed");
        let made = one.post("/v1/agreements", body(cheat)).await;
        assert_eq!((made.status, &made.body["standing"]), (201, &json!("draft")), "{made:#?}");
        let approve = async |desk: &Desk<'_>, version| {
            desk.call(
                Method::POST,
                "/v1/agreements/protocol-nou/approve",
                Some(version),
                json!({"reason": "verificat"}),
            )
            .await
        };
        assert_eq!(approve(&one, 1).await.body["code"], "second-clerk-needed");
        let incomplete = approve(&other, 1).await;
        assert_eq!((incomplete.status, rule(&incomplete)), (422, ("/controller", "required")), "{incomplete:#?}");
        let mut whole = agreement();
        for (name, value) in [
            ("controller", json!("fiecare instituție pentru datele sale")),
            ("data_categories", json!(["date de identificare", "date privind sănătatea"])),
            ("retention", json!("10 ani, după nomenclatorul arhivistic")),
            ("sla", json!("livrare în 15 minute, zile lucrătoare")),
            ("number", json!("123/2026")),
            ("contact", json!("interoperabilitate@exemplu.ro")),
        ] {
            whole[name] = value;
        }
        let revised = one.call(Method::PUT, "/v1/agreements/protocol-nou", Some(1), body(whole.clone())).await;
        assert_eq!((revised.status, &revised.body["version"]), (200, &json!(2)), "{revised:#?}");
        assert_eq!(approve(&other, 1).await.status, 412, "what is approved was read");
        let signed = approve(&other, 2).await;
        assert_eq!((signed.status, &signed.body["standing"]), (200, &json!("in_force")), "{signed:#?}");
        let changed = one.call(Method::PUT, "/v1/agreements/protocol-nou", Some(3), body(whole)).await;
        assert_eq!(changed.body["code"], "state-conflict");

        // The institutions it names see it and its page; others do not.
        let page = Desk(&hub, SENDER, "f-1").get("/v1/agreements/protocol-nou/conformity").await.body;
        assert_eq!(page["legal"]["legal_basis"], "Legea nr. 448/2006, art. 85", "{page:#}");
        assert_eq!((page["principles"].as_array().unwrap().len(), &page["absent"]), (12, &json!([])));
        assert_eq!(page["organisational"]["recipients"][0]["name"], "DGASPC Mehedinți");
        let pdf = hub.client(SENDER).bytes("/v1/agreements/protocol-nou/conformity.pdf").await;
        assert!(pdf.starts_with(b"%PDF-"), "{}", String::from_utf8_lossy(&pdf[..pdf.len().min(300)]));
        assert_eq!(Desk(&hub, HUB_TOWN, "f-1").get("/v1/agreements/protocol-nou").await.status, 404);
        // Those about to end, and the end.
        let soon = one.get("/v1/agreements/expiring?days=90").await.body;
        assert_eq!(soon["items"], json!([]), "{soon:#}");
        let all = one.get("/v1/agreements/expiring?days=3650").await.body;
        assert_eq!(all["items"].as_array().unwrap().len(), 2, "{all:#}");
        let ended =
            one.call(Method::POST, "/v1/agreements/protocol-nou/end", Some(3), json!({"reason": "înlocuit"})).await;
        assert_eq!((ended.status, &ended.body["standing"]), (200, &json!("ended")), "{ended:#?}");
        let history = one.get("/v1/agreements/protocol-nou/history").await.body;
        assert_eq!(history["versions"].as_array().unwrap().len(), 4, "{history:#}");
        // A system of an institution may read agreements, and not change them.
        assert_eq!(Desk(&hub, SENDER, "f-1").post("/v1/agreements", body(agreement())).await.status, 403);
        hub.stop().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn without_an_agreement_in_force_nothing_is_sent() {
    let hub = start(Database::all().remove(0)).await;
    let (one, client) = (Desk(&hub, OPERATOR, "op-1"), hub.client(SENDER));
    let letter = letter(&[HUB_TOWN], "Text de probă.");
    let (status, _) = client.post("/v1/messages", "acord-1", &letter).await;
    assert_eq!(status, 201);
    let ended = one.call(Method::POST, "/v1/agreements/corespondenta/end", Some(1), json!({"reason": "probă"})).await;
    assert_eq!(ended.status, 200, "{ended:#?}");
    let (status, refused) = client.post("/v1/messages", "acord-2", &letter).await;
    assert_eq!((status.as_u16(), refused["code"].as_str().unwrap()), (422, "agreement-expired"), "{refused:#}");
    hub.stop().await;
}

fn person(name: &str, identities: Value) -> Value {
    json!({"person": {"kind": "natural", "name": name}, "identities": identities, "reason": "cerere nr. 5"})
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_person_is_found_by_its_cnp_which_nobody_can_read_in_the_database() {
    Database::each(|database| async move {
        let hub = start(database).await;
        let (desk, other) = (Desk(&hub, SENDER, "f-1"), Desk(&hub, HUB_TOWN, "f-1"));
        let cnp = json!({"scheme": "cnp", "value": CNP});
        let made = desk.post("/v1/persons", person("Ștefan Inventatu", json!([cnp]))).await;
        assert_eq!(
            (made.status, &made.body["identities"]),
            (201, &json!([{"scheme": "cnp", "hint": "…144"}])),
            "{made:#?}"
        );
        let id = made.body["id"].as_str().unwrap().to_owned();
        // Twice the same identifier is told; without any, a person can be kept all the same.
        let twice = desk.post("/v1/persons", person("Stefan Inventatu", json!([cnp]))).await;
        assert_eq!(
            (twice.status, &twice.body["code"], &twice.body["person"]),
            (409, &json!("duplicate-person"), &json!(id))
        );
        let nameless = desk.post("/v1/persons", person("Nou-născut Inventat", json!([]))).await;
        assert_eq!(nameless.status, 201, "{nameless:#?}");
        let found = desk.post("/v1/persons/search", cnp.clone()).await;
        assert_eq!((found.status, &found.body["id"]), (200, &json!(id)), "{found:#?}");
        assert_eq!(desk.get("/v1/persons?q=stefan").await.body["items"][0]["id"], json!(id));

        // Another institution does not see it, and may know the same person.
        assert_eq!(other.get(&format!("/v1/persons/{id}")).await.status, 404);
        assert_eq!(other.get(&format!("/v1/persons/{id}/history")).await.status, 404);
        assert_eq!(other.post("/v1/persons/search", cnp.clone()).await.status, 404);
        assert_eq!(other.get("/v1/persons").await.body["items"], json!([]));
        let theirs = other.post("/v1/persons", person("Ștefan Inventatu", json!([cnp]))).await;
        assert_eq!(theirs.status, 201, "{theirs:#?}");

        // A program does not see a CNP in the clear; the key that is outside the database opens it.
        let asked = json!({"scheme": "cnp", "purpose": "verificare", "legal_basis": "Legea nr. 292/2011"});
        let unmask = desk.post(&format!("/v1/persons/{id}/unmask"), asked).await;
        assert_eq!((unmask.status, &unmask.body["code"]), (403, &json!("forbidden")), "{unmask:#?}");
        let key = &hub.running().hub.person_keys;
        let kept = sealed(&hub.running().hub.db, SENDER, PersonId(id.parse().unwrap())).await.unwrap();
        assert_eq!(key.open(SENDER, &kept[0]).as_deref(), Some(CNP));
        assert_eq!(key.open(HUB_TOWN, &kept[0]), None);
        if hub.running().hub.db.is_embedded() {
            for file in ["punte.db", "punte.db-wal"] {
                let bytes = std::fs::read(hub.folder().join(file)).unwrap_or_default();
                assert!(!bytes.windows(CNP.len()).any(|window| window == CNP.as_bytes()), "{file} holds a CNP");
            }
        }

        // Changed with a second identifier; merged with a record that proved to be the same person.
        let body = json!({"person": {"kind": "natural", "name": "Ștefan Inventatu", "siruta": "113625"},
            "add_identities": [{"scheme": "passport", "value": "RO-051234567"}], "reason": "pașaport nou"});
        let path = format!("/v1/persons/{id}");
        assert_eq!(desk.call(Method::PUT, &path, None, body.clone()).await.status, 428);
        let changed = desk.call(Method::PUT, &path, Some(1), body.clone()).await;
        assert_eq!((changed.status, &changed.body["version"]), (200, &json!(2)), "{changed:#?}");
        assert_eq!(desk.call(Method::PUT, &path, Some(1), body).await.status, 412);
        let second = nameless.body["id"].as_str().unwrap();
        let merge = json!({"into": second, "into_version": 1, "reason": "aceeași persoană"});
        let merged = desk.call(Method::POST, &format!("{path}/merge"), Some(2), merge.clone()).await;
        assert_eq!((merged.status, merged.body["identities"].as_array().map(Vec::len)), (200, Some(2)), "{merged:#?}");
        let found = desk.post("/v1/persons/search", cnp).await;
        assert_eq!(found.body["id"], json!(second), "{found:#?}");
        let again = desk.call(Method::POST, &format!("{path}/merge"), Some(3), merge).await;
        assert_eq!((again.status, &again.body["merged_into"]), (409, &json!(second)), "{again:#?}");
        let history = desk.get(&format!("{path}/history")).await.body;
        let acts: Vec<_> = history["versions"]
            .as_array()
            .unwrap()
            .iter()
            .map(|one| (one["act"].as_str().unwrap(), one["clerk"].as_str().unwrap()))
            .collect();
        assert_eq!(acts, [("merged", "f-1"), ("changed", "f-1"), ("created", "f-1")]);
        assert!(!history.to_string().contains(CNP));
        hub.stop().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_wrong_about_a_person_is_named_without_its_identifier() {
    let hub = start(Database::all().remove(0)).await;
    let desk = Desk(&hub, SENDER, "f-1");
    let wrong = "1800101221145";
    for (identity, expected) in [
        (json!({"scheme": "cnp", "value": wrong}), ("/identities/0/value", "format.cnp")),
        (json!({"scheme": "cui", "value": "18547290"}), ("/identities/0/value", "scheme")),
        (json!({"scheme": "passport", "value": "051234567"}), ("/identities/0/value", "format.passport")),
    ] {
        let answer = desk.post("/v1/persons", person("Ion Inventatu", json!([identity]))).await;
        assert_eq!((answer.status, rule(&answer)), (422, expected), "{answer:#?}");
        assert!(!answer.body.to_string().contains(wrong));
    }
    let nobody = desk
        .post("/v1/persons", json!({"person": {"kind": "natural", "name": "X"}, "reason": "nu", "cnp": wrong}))
        .await;
    assert_eq!((nobody.status, nobody.body.to_string().contains(wrong)), (400, false), "{nobody:#?}");
    hub.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_firm_is_validated_at_the_tax_administration_and_the_answer_is_kept() {
    let anaf = Anaf::start(([127, 0, 0, 1], 0).into(), Arc::new(unix_seconds)).await.unwrap();
    let hub = TestHub::start_with(Database::all().remove(0), |config| {
        let told = format!(
            "[[lookup_channel]]\nid = 'anaf-tva'\nsystem = 'anaf-tva'\naddress = '{}'\n\
             [[lookup_agreement]]\nid = 'firme'\ncallers = {{ parties = ['{SENDER}'] }}\noperations = ['anaf-tva.firma']\n\
             purposes = ['taxe']\nlegal_basis = 'Legea nr. 207/2015'\nvalid_from = '2020-01-01'\nvalid_to = '2099-12-31'\n",
            anaf.url()
        );
        county::change(config, |directory| directory + &told);
    })
    .await;
    let desk = Desk(&hub, SENDER, "f-1");
    let firm = |name: &str, cui: &str| json!({"person": {"kind": "legal", "name": name, "legal_form": "SRL"}, "identities": [{"scheme": "cui", "value": cui}], "reason": "contract"});
    let made = desk.post("/v1/persons", firm("Firma de probă SRL", "90000006")).await;
    assert_eq!(made.status, 201, "{made:#?}");
    let path = format!("/v1/persons/{}", made.body["id"].as_str().unwrap());
    let asked = json!({"source": "anaf-tva.firma", "purpose": "taxe", "legal_basis": "Legea nr. 207/2015", "case_number": "T-7/2026", "reason": "verificare"});
    let told = desk.post(&format!("{path}/validate"), asked.clone()).await;
    assert_eq!((told.status, &told.body["verdict"]), (200, &json!("different")), "{told:#?}");
    // Under the name ANAF knows it by, it is confirmed.
    let name = told.body["said"]["name"].as_str().unwrap().to_owned();
    let body =
        json!({"person": {"kind": "legal", "name": name, "legal_form": "SRL"}, "reason": "denumirea de la ANAF"});
    assert_eq!(desk.call(Method::PUT, &path, Some(1), body).await.status, 200);
    let told = desk.post(&format!("{path}/validate"), asked).await;
    assert_eq!((told.status, &told.body["verdict"]), (200, &json!("confirmed")), "{told:#?}");
    let kept = desk.get(&format!("{path}/validations")).await.body;
    let verdicts: Vec<_> =
        kept["items"].as_array().unwrap().iter().map(|one| one["verdict"].as_str().unwrap()).collect();
    assert_eq!(verdicts, ["confirmed", "different"], "{kept:#}");
    // Without an agreement nothing is asked.
    let barred = Desk(&hub, HUB_TOWN, "f-1");
    let made = barred.post("/v1/persons", firm("Firma de probă SRL", "90000006")).await;
    let path = format!("/v1/persons/{}/validate", made.body["id"].as_str().unwrap());
    let refused = barred.post(&path, json!({"source": "anaf-tva.firma", "reason": "verificare"})).await;
    assert_eq!((refused.status, &refused.body["code"]), (403, &json!("no-lookup-agreement")), "{refused:#?}");
    hub.stop().await;
    anaf.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nomenclatures_are_served_in_versions_that_can_be_compared() {
    let file = concat!(env!("CARGO_MANIFEST_DIR"), "/../../shared/data/siruta.csv");
    let Ok(siruta) = std::fs::read_to_string(file) else {
        eprintln!("SKIPPED: the public file of SIRUTA is not at {file}");
        return;
    };
    let siruta = &siruta;
    Database::each(|database| async move {
        let hub = start(database).await;
        let desk = Desk(&hub, OPERATOR, "op-1");
        let import = async |query: &str, body: String| {
            let path = format!("/v1/nomenclatures/{query}&source=INS&reason=versiune+nou%C4%83");
            ask(hub.client(OPERATOR).request(Method::POST, &path).header("punte-clerk", "op-1").body(body)).await
        };
        let made = import("siruta?version=2025-12-24", siruta.clone()).await;
        assert_eq!((made.status, &made.body["rows"]), (201, &json!(16_978)), "{:#}", made.body["complaints"][0]);
        assert_eq!(
            made.body["complaints"].as_array().unwrap().len(),
            77,
            "official codes whose check digit does not match"
        );
        assert_eq!(import("siruta?version=2025-12-24", siruta.clone()).await.status, 200, "the same again");
        let renamed = siruta.replacen("BĂRĂBANȚ", "BĂRĂBANȚUL NOU", 1);
        assert_eq!(import("siruta?version=2025-12-24", renamed.clone()).await.status, 409);
        assert_eq!(import("siruta?version=2026-06-01", renamed).await.status, 201);
        let diff = desk.get("/v1/nomenclatures/siruta/diff?from=2025-12-24&to=latest").await.body;
        assert_eq!((&diff["changed"], &diff["added"], &diff["removed"]), (&json!(1), &json!(0), &json!(0)), "{diff:#}");
        assert_eq!(diff["differences"][0]["after"]["ro"], "BĂRĂBANȚUL NOU");
        // The version of a day; before the first import it is the program's own.
        for (at, version) in [("2025-12-25", "2025-12-24"), ("2026-07-01", "2026-06-01"), ("2025-06-01", "2025-01-01")]
        {
            let seen = desk.get(&format!("/v1/nomenclatures/siruta/at={at}?q=barabant")).await.body;
            assert_eq!((&seen["version"], &seen["items"][0]["code"]), (&json!(version), &json!("1035")), "{seen:#}");
        }
        let commune = desk.get("/v1/nomenclatures/siruta/latest/113625").await;
        assert_eq!(commune.body["entry"]["kind"], "comuna", "{commune:#?}");

        // Streets belong to places of SIRUTA; wrong rows are told by line, and nothing is kept.
        let wrong = import(
            "strazi?version=2026-01-01",
            "code;ro;parent\ns-1;Strada Inventată;113625\ns-2;;113625\ns-3;Nicăieri;9\n".to_owned(),
        )
        .await;
        let lines: Vec<_> = wrong.body["report"]["complaints"]
            .as_array()
            .unwrap()
            .iter()
            .map(|one| one["line"].as_i64().unwrap())
            .collect();
        assert_eq!((wrong.status, lines), (422, vec![3, 4]), "{wrong:#?}");
        assert_eq!(
            import("strazi?version=2026-01-01", "code;ro;parent\ns-1;Strada Inventată;113625\n".to_owned())
                .await
                .status,
            201
        );
        let street = desk.get("/v1/nomenclatures/strazi/latest?parent=113625&q=INVENTATA").await.body;
        assert_eq!(street["items"][0]["code"], "s-1", "{street:#}");
        // Lists of the program come through the same door; an institution reads and does not write.
        let town = Desk(&hub, HUB_TOWN, "f-1");
        assert_eq!(town.get("/v1/nomenclatures/tip-institutie/latest/dgaspc").await.status, 200);
        assert_eq!(town.get("/v1/nomenclatures/nu-este").await.status, 404);
        assert_eq!(
            town.post("/v1/nomenclatures/strazi?version=2027-01-01&source=INS&reason=abc", json!({})).await.status,
            403
        );
        hub.stop().await;
    })
    .await;
}
