//! What an institution and those who run the hub may write into the directory: units that are there, places of the version in
//! force, tables with a verdict on each row, and files that are refused by row and field. All names here are invented.

use openssl::sha::sha256;
use reqwest::Method;
use serde_json::{Value, json};
use tests::client::{Answer, ask};
use tests::county::{self, HUB_TOWN, SENDER};
use tests::documents::letter;
use tests::{Client, Database, TestHub};

/// The system of those who run the hub.
const OPERATOR: &str = "operator";
/// A place that no version of the program has.
const NEW_PLACE: &str = "199992";

async fn start(database: Database) -> TestHub {
    TestHub::start_with(database, |config| {
        let hash = hex::encode(sha256(county::key(OPERATOR).as_bytes()));
        county::change(config, |directory| {
            directory
                + &format!(
                    "[[party]]\nid = '{OPERATOR}'\nname = 'Cei care administrează hubul'\nkind = 'operator'\n\
                     [[system]]\nid = 'system-{OPERATOR}'\nparty = '{OPERATOR}'\nkey_sha256 = '{hash}'\noperator = true\n"
                )
        });
    })
    .await
}

/// The program's own list with one place more, in the county of Alba.
fn siruta_with_new_place() -> String {
    let file = concat!(env!("CARGO_MANIFEST_DIR"), "/../schemas/code-lists/siruta/2025-01-01.csv");
    std::fs::read_to_string(file).unwrap() + &format!("{NEW_PLACE};Comuna Inventată;comuna;10;10\n")
}

async fn imported(operator: &Client, version: &str) -> u16 {
    let path = format!("/v1/nomenclatures/siruta?version={version}&source=INS&reason=comun%C4%83+nou%C4%83");
    let request = operator.request(Method::POST, &path).header("punte-clerk", "op-1");
    ask(request.body(siruta_with_new_place())).await.status
}

async fn in_directory(operator: &Client, id: &str) -> Answer {
    let entry = json!({"id": id, "name": "Comuna Inventată", "kind": "uat", "siruta": NEW_PLACE});
    let body = json!({"entry": entry, "reason": "Legea nr. 1/2026 (inventată)"});
    ask(operator.request(Method::POST, "/v1/directory/parties").header("punte-clerk", "op-1").json(&body)).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn places_are_those_of_the_imported_version_that_is_in_force_on_the_day() {
    Database::each(|database| async move {
        let mut hub = start(database).await;
        let sent = async |hub: &TestHub, key: &str| {
            let mut body = letter(&[HUB_TOWN], "Text de probă.");
            body["envelope"]["territory"] = json!(NEW_PLACE);
            hub.client(SENDER).post("/v1/messages", key, &body).await
        };
        // Nobody knows the place; a version of a later day does not change that.
        let refused = in_directory(&hub.client(OPERATOR), "uat-inventat").await;
        assert_eq!(refused.body["violations"][0]["rule"], "code-list.siruta", "{refused:#?}");
        assert_eq!(imported(&hub.client(OPERATOR), "2199-01-01").await, 201);
        let (status, told) = sent(&hub, "teritoriu-1").await;
        assert_eq!((status.as_u16(), &told["violations"][0]["rule"]), (422, &json!("code-list.siruta")), "{told:#}");
        assert_eq!(in_directory(&hub.client(OPERATOR), "uat-inventat").await.status, 422);

        // One in force does, at once and after a restart.
        assert_eq!(imported(&hub.client(OPERATOR), "2026-01-01").await, 201);
        let (status, told) = sent(&hub, "teritoriu-2").await;
        assert_eq!(status, 201, "{told:#}");
        hub.restart().await;
        let made = in_directory(&hub.client(OPERATOR), "uat-inventat").await;
        assert_eq!(made.status, 201, "{made:#?}");
        hub.stop().await;
    })
    .await;
}

/// Units of the town by a table, once the rule of the file that names another unit is out of force.
async fn with_units(hub: &TestHub, table: &str) -> Answer {
    let withdraw = "/v1/directory/competences/baia/withdraw";
    let operator = hub.client(OPERATOR);
    let request = operator.request(Method::POST, withdraw).header("punte-clerk", "op-1").header("if-match", "\"1\"");
    let withdrawn = ask(request.json(&json!({"reason": "structură nouă"}))).await;
    assert_eq!(withdrawn.status, 200, "{withdrawn:#?}");
    table_of(&hub.client(HUB_TOWN), "kind=units", table).await
}

async fn table_of(client: &Client, query: &str, table: &str) -> Answer {
    let path = format!("/v1/structure/import?reason=organigram%C4%83&{query}");
    ask(client.request(Method::POST, &path).header("punte-clerk", "f-01").body(table.to_owned())).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_structure_comes_in_as_tables_and_goes_out_as_it_came() {
    Database::each(|database| async move {
        let hub = start(database).await;
        let town = hub.client(HUB_TOWN);
        let units = "id;name;kind;parent;valid_from\r\ndas;Asistență socială;direction;;2020-01-01\r\nrelatii;Relații;office;das;\r\n";
        // A row that is none is told by line, in Romanian, and nothing is taken.
        let wrong = with_units(&hub, &format!("{units}x;X;minister;;\r\n")).await;
        assert_eq!((wrong.status, &wrong.body["taken"]), (200, &json!(false)), "{wrong:#?}");
        let row = &wrong.body["rows"][0];
        assert_eq!((&row["line"], &row["id"], &row["verdict_ro"]), (&json!(4), &json!("x"), &json!("greșit")), "{row:#}");
        assert_eq!(town.get("/v1/structure/units").await.1["items"], json!([]));
        // A dry run only tells; then all of it is taken.
        let dry = table_of(&town, "kind=units&dry_run=true", units).await;
        assert_eq!((&dry.body["taken"], &dry.body["counts"]["new"]), (&json!(false), &json!(2)), "{dry:#?}");
        let taken = table_of(&town, "kind=units", units).await;
        assert_eq!((&taken.body["taken"], &taken.body["changed"]), (&json!(true), &json!(2)), "{taken:#?}");
        assert_eq!((&taken.body["rows"][1]["id"], &taken.body["rows"][1]["line"]), (&json!("relatii"), &json!(3)));
        for (kind, table) in [
            ("posts", "id;title;unit\r\nsef;Șef serviciu;das\r\n"),
            ("staff", "id;person;name;post\r\ns1;f-07;Ana Inventata;sef\r\n"),
        ] {
            let taken = table_of(&town, &format!("kind={kind}"), table).await;
            assert_eq!(taken.body["taken"], true, "{taken:#?}");
        }
        // A pseudonym that is a CNP is refused by name.
        let cnp = table_of(&town, "kind=staff", "id;person;name;post\r\ns2;1800101221144;Ion Inventatu;sef\r\n").await;
        assert_eq!((&cnp.body["taken"], &cnp.body["rows"][0]["verdict_ro"]), (&json!(false), &json!("greșit")), "{cnp:#?}");
        assert_eq!(cnp.body["rows"][0]["findings"][0]["rule"], "pseudonym", "{cnp:#?}");
        // What goes out is what came in: taken again, it changes nothing.
        for kind in ["units", "posts", "staff"] {
            let out = String::from_utf8(town.bytes(&format!("/v1/structure/export?kind={kind}")).await).unwrap();
            let again = table_of(&town, &format!("kind={kind}"), &out).await;
            assert_eq!((&again.body["taken"], &again.body["changed"]), (&json!(true), &json!(0)), "{out} {again:#?}");
        }
        let (_, others) = hub.client(SENDER).get("/v1/structure/export?kind=units").await;
        assert_eq!(others, Value::from("id\r\n"));
        hub.stop().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_unit_that_the_structure_does_not_have_today_does_nothing() {
    Database::each(|database| async move {
        let hub = start(database).await;
        let town = hub.client(HUB_TOWN);
        let entered = async |key: &str, unit: &str| {
            let draft = json!({"direction": "in", "subject": "Cerere", "correspondent": {"name": "Ana Inventata"}});
            let request = town.request(Method::POST, "/v1/registers/general/entries").header("idempotency-key", key);
            ask(request.header("punte-clerk", "f-01").header("punte-unit", unit).json(&draft)).await
        };
        // Where no structure is defined, units are called as the institution likes.
        assert_eq!(entered("unit-1", "oricare").await.status, 201);
        let units = "id;name;kind;valid_from;valid_to\r\nregistratura;Registratură;office;;\r\nvechi;Birou desființat;office;2020-01-01;2020-12-31\r\n";
        let taken = with_units(&hub, units).await;
        assert_eq!(taken.body["taken"], true, "{taken:#?}");
        assert_eq!(entered("unit-2", "registratura").await.status, 201);
        let unknown = entered("unit-3", "oricare").await;
        assert_eq!((unknown.status, &unknown.body["code"]), (422, &json!("unknown-unit")), "{unknown:#?}");
        assert_eq!((&unknown.body["field"], &unknown.body["unit"]), (&json!("Punte-Unit"), &json!("oricare")));
        let closed = entered("unit-4", "vechi").await;
        assert_eq!((closed.status, &closed.body["code"]), (422, &json!("unknown-unit")), "{closed:#?}");
        assert!(closed.body["detail"].as_str().unwrap().contains("până la 2020-12-31"), "{closed:#?}");
        hub.stop().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_rule_of_competence_sends_nothing_before_its_first_day() {
    Database::each(|database| async move {
        let hub = start(database).await;
        let town = hub.client(HUB_TOWN);
        let units = "id;name;kind;parent;valid_from;valid_to\r\nviitor;Birou viitor;office;;2199-01-01;\r\ndas;Asistență socială;office;;;\r\n";
        assert_eq!(with_units(&hub, units).await.body["taken"], true);
        let rules = "id;unit;channel;valid_from;valid_to\r\n\
            dinainte;das;uat-109924-inbox;2199-01-01;\r\n\
            unitate-viitoare;viitor;uat-109924-inbox;;\r\n";
        let taken = table_of(&town, "kind=competences", rules).await;
        assert_eq!(taken.body["taken"], true, "{taken:#?}");
        let client = hub.client(SENDER);
        let routed = async |key: &str| {
            let (status, receipt) = client.post("/v1/messages", key, &letter(&[HUB_TOWN], "Text de probă.")).await;
            assert_eq!(status, 201, "{receipt:#}");
            let id = receipt["message_id"].as_str().unwrap().to_owned();
            let seen = client.wait_for(&id, |seen| seen["deliveries"].as_array().is_some_and(|list| !list.is_empty())).await;
            seen["deliveries"][0].clone()
        };
        let none = routed("zile-1").await;
        assert_ne!(none["state"], "consigned", "neither a rule nor a unit of later days takes it: {none:#}");
        let rules = "id;unit;channel;valid_from;valid_to\r\ndin-zi;das;uat-109924-inbox;2026-01-01;2199-01-01\r\n";
        assert_eq!(table_of(&town, "kind=competences", rules).await.body["taken"], true);
        let some = routed("zile-2").await;
        assert_eq!((&some["route"]["unit"], &some["state"]), (&json!("das"), &json!("consigned")), "{some:#}");
        hub.stop().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_file_with_a_wrong_field_does_not_start_a_hub_and_names_row_and_field() {
    Database::each(|database| async move {
        let mut hub = start(database).await;
        hub.close().await;
        let path = hub.config.directory.clone().unwrap();
        let right = std::fs::read_to_string(&path).unwrap();
        let line = right.lines().count() + 1;
        let wrong = "[[party]]\nid = 'uat-gresit'\nname = 'Comuna Greșită (inventată)'\nkind = 'uat'\ncui = '18547291'\nsiruta = '1'\n";
        std::fs::write(&path, format!("{}\n{wrong}", right.trim_end())).unwrap();
        let error = hub_server::listen::start(&hub.config).await.err().map(|error| format!("{error:#}")).unwrap();
        let row = error.lines().find(|line| line.contains("/cui")).unwrap_or_else(|| panic!("{error}"));
        assert!(row.contains(&format!("line {line}, party uat-gresit, /cui: ")), "{error}");
        assert!(error.contains("party uat-gresit, /siruta: "), "{error}");
        std::fs::write(&path, right).unwrap();
        hub.up().await;
        hub.stop().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn persons_come_in_as_a_table_that_holds_no_cnp_and_go_out_so() {
    Database::each(|database| async move {
        let hub = start(database).await;
        let town = hub.client(HUB_TOWN);
        let import = async |query: &str, table: &str| {
            let path = format!("/v1/persons/import?reason=preluare&{query}");
            ask(town.request(Method::POST, &path).header("punte-clerk", "f-01").body(table.to_owned())).await
        };
        let table = "kind;name;address;siruta;cui\r\nlegal;Firma Inventată SRL;Str. Inventată 1;109924;18547290\r\nnatural;Ana Inventata;;;\r\n";
        // A column of personal numbers is refused whole; a number in another column by its row; nothing of it is told back.
        let columns = import("", "kind;name;cnp\r\nnatural;Ana Inventata;1800101221144\r\n").await;
        assert_eq!((columns.status, &columns.body["violations"][0]["rule"]), (422, &json!("columns")), "{columns:#?}");
        let hidden = import("", &format!("{table}natural;Ion Inventatu 1800101221144;;;\r\nom;X Y;;;\r\n")).await;
        let told = |row: usize| (hidden.body["rows"][row]["line"].clone(), hidden.body["rows"][row]["verdict_ro"].clone());
        assert_eq!((hidden.status, &hidden.body["taken"]), (200, &json!(false)), "{hidden:#?}");
        assert_eq!((told(2), told(3)), ((json!(4), json!("greșit")), (json!(5), json!("greșit"))), "{hidden:#?}");
        assert!(!hidden.body.to_string().contains("1800101221144"), "{hidden:#?}");
        assert_eq!(import("dry_run=true", table).await.body["counts"]["new"], 2);
        assert_eq!(town.get("/v1/persons").await.1["items"], json!([]));
        let taken = import("", table).await;
        assert_eq!((&taken.body["taken"], &taken.body["counts"]["new"]), (&json!(true), &json!(2)), "{taken:#?}");
        // The firm is known by its CUI, and its record is named.
        let firm = "kind;name;cui\r\nlegal;Firma Inventată SRL;18547290\r\n";
        let again = import("", firm).await;
        assert_eq!(
            (&again.body["rows"][0]["verdict_ro"], &again.body["rows"][0]["id"]),
            (&json!("există deja"), &taken.body["rows"][0]["id"]),
            "{again:#?}"
        );
        // It goes out with a purpose alone, without a personal number.
        assert_eq!(town.get("/v1/persons/export").await.1["code"], "purpose-needed");
        let out = String::from_utf8(town.exported("/v1/persons/export").await).unwrap();
        assert!(out.contains("18547290") && out.contains("Ana Inventata"), "{out}");
        assert_eq!(out.lines().count(), 3, "{out}");
        hub.stop().await;
    })
    .await;
}
