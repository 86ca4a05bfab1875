//! Registers kept before the hub: taken row by row with a verdict, under their own numbers, or gone on with.

use clap::Parser as _;
use hub_flow::clock::Timestamp;
use hub_proofs::register_proof::verify;
use hub_proofs::{Outcome, Trusted};
use hub_server::commands::{self, Arguments};
use hub_signatures::certificate::Certificate;
use reqwest::Method;
use serde_json::{Value, json};
use tests::client::{Answer, GLANCE, ask};
use tests::county::{HUB_TOWN, SENDER, key};
use tests::hub::unix_seconds;
use tests::{Client, Database, TestHub};

/// A register of 2024 as an office exports it; all of it is invented.
const OLD: &str = "Nr. înreg.;Data;Expeditor;Obiect;Stare;Motiv;Raft\r\n\
    1;08.01.2024;Ion Exemplu (inventat);Cerere pentru ţăran;;;R1\r\n\
    2;09.01.2024;;Adeverință;anulat;înregistrată de două ori;\r\n\
    3 bis;10.01.2024;SC Inventată SRL;Factură;;;R2\r\n";

async fn import(client: &Client, (year, query): (i64, &str), file: impl Into<reqwest::Body>) -> Answer {
    let path = format!("/v1/registers/general/{year}/import{query}");
    ask(client.request(Method::POST, &path).header("Punte-Clerk", "functionar-07").body(file)).await
}

/// Looks until there are so many hits.
async fn found(client: &Client, query: &str, hits: usize) -> Vec<Value> {
    for _ in 0..1_200 {
        let (status, body) = client.get(&format!("/v1/search?{query}")).await;
        assert_eq!(status.as_u16(), 200, "{query}: {body}");
        let items = body["items"].as_array().unwrap();
        if items.len() == hits {
            return items.clone();
        }
        tokio::time::sleep(GLANCE).await;
    }
    panic!("{query} never has {hits} hits: {:#}", client.get(&format!("/v1/search?{query}")).await.1);
}

fn verdicts(answer: &Value) -> Vec<String> {
    answer["rows"].as_array().unwrap().iter().map(|row| row["verdict"].as_str().unwrap().to_owned()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn an_old_register_is_taken_once_under_its_own_numbers_and_never_passes_for_the_hubs() {
    Database::each(|database| async move {
        let hub = TestHub::start(database).await;
        let client = hub.client(SENDER);
        let taken = import(&client, (2024, ""), OLD).await;
        assert_eq!(taken.status, 200, "{:#}", taken.body);
        assert_eq!(verdicts(&taken.body), ["taken", "taken", "taken"]);
        assert_eq!(taken.body["other_columns"], json!(["Raft"]));
        let again = import(&client, (2024, ""), OLD).await;
        assert_eq!(verdicts(&again.body), ["again", "again", "again"]);

        let (_, rows) = client.get("/v1/registers/general/2024/import").await;
        let numbers: Vec<&str> =
            rows["old_entries"].as_array().unwrap().iter().map(|row| row["number"].as_str().unwrap()).collect();
        assert_eq!(numbers, ["1", "2", "3 bis"]);
        assert_eq!(rows["old_entries"][0]["subject"], "Cerere pentru țăran");
        assert_eq!(rows["old_entries"][2]["others"], json!([{"column": "Raft", "text": "R2"}]));
        // They are found where every entry is, by subject, either side and number, once, and by nobody else.
        let found = found(&client, "q=cerere+taran&year=2024&register=general", 1).await;
        assert_eq!(
            (&found[0]["kind"], &found[0]["shown"], &found[0]["counterpart"], &found[0]["recorded_at"]),
            (&json!("old_entry"), &json!("1"), &json!("Ion Exemplu (inventat)"), &json!("2024-01-08"))
        );
        assert_eq!(self::found(&client, "q=inventata+srl&from=2024-01-10&to=2024-01-10", 1).await[0]["shown"], "3 bis");
        self::found(&client, "kind=old_entry", 3).await;
        self::found(&client, "kind=entry&year=2023", 0).await;
        self::found(&client, "q=taran&register=petitii", 0).await;
        self::found(&hub.client(HUB_TOWN), "kind=old_entry", 0).await;
        assert_eq!(hub.number("select count(*) as number from search_imported").await, 0);
        // The hub numbered none of them: there is nothing to list and nothing to prove.
        assert_eq!(hub.number("select count(*) as number from register_entry where year = 2024").await, 0);
        let (status, _) = client.get("/v1/registers/general/2024/proof").await;
        assert_eq!(status.as_u16(), 404);
        hub.stop().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn wrong_rows_are_named_and_the_good_ones_are_taken_only_where_that_was_asked() {
    Database::each(|database| async move {
        let hub = TestHub::start(database).await;
        let client = hub.client(SENDER);
        let file = "Nr;Data;Obiect\n1;31.02.2024;zi care nu există\n2;01.03.2024;bun\n2;02.03.2024;iar 2\n3;01.03.2023;alt an\n";
        let refused = import(&client, (2024, "?mode=all-or-nothing"), file).await;
        assert_eq!((refused.status, &refused.body["code"]), (422, &json!("register-file")), "{:#}", refused.body);
        assert_eq!(verdicts(&refused.body), ["refused", "waiting", "refused", "refused"]);
        let error = &refused.body["rows"][0]["errors"][0];
        assert_eq!(error["column"], "Data înregistrării");
        assert_eq!(error["message"], "„31.02.2024” nu este o dată care există");
        assert!(error["way_out"].as_str().unwrap().contains("zz.ll.aaaa"));
        assert_eq!(hub.number("select count(*) as number from register_old_entry").await, 0);
        let good = import(&client, (2024, "?mode=good-rows"), file).await;
        assert_eq!(verdicts(&good.body), ["refused", "taken", "refused", "refused"]);
        // The same number with other content: the first stays.
        let other = import(&client, (2024, "?mode=good-rows"), "Nr;Data;Obiect\n2;01.03.2024;altul\n").await;
        assert_eq!(verdicts(&other.body), ["refused"]);
        assert!(other.body["rows"][0]["errors"][0]["message"].as_str().unwrap().contains("alt conținut"));
        assert_eq!(hub.number("select count(*) as number from register_old_entry").await, 1);
        let picture = import(&client, (2024, ""), vec![0_u8, 1, 2]).await;
        assert_eq!(picture.body["code"], "register-file");
        let mode = import(&client, (2024, "?mode=some"), OLD).await;
        assert_eq!((mode.status, &mode.body["field"]), (400, &json!("mode")));
        for format in ["csv", "xlsx"] {
            let template = client.bytes(&format!("/v1/registers/general/2024/import?format={format}")).await;
            let empty = import(&client, (2024, ""), template).await;
            assert!(empty.body["detail"].as_str().unwrap().contains("niciun rând"), "{:#}", empty.body);
        }
        hub.stop().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_register_whole_from_1_is_gone_on_with_in_an_empty_series_of_this_year() {
    Database::each(|database| async move {
        let hub = TestHub::start(database).await;
        let client = hub.client(SENDER);
        let year = i64::from(Timestamp(unix_seconds() * 1_000_000).romanian_date().year());
        let file = format!(
            "Nr;Data;Emitent;Obiect;Stare;Motiv\n1;05.01.{year};Ion Exemplu (inventat);Cerere;;\n\
             2;05.01.{year};;;neutilizat;\n3;06.01.{year};Ion Exemplu (inventat);Adresă;anulat;greșită\n"
        );
        let gap = file.replace("\n2;", "\n4;");
        let gap = import(&client, (year, "?continuation=true"), gap).await;
        assert_eq!((gap.status, &gap.body["field"]), (422, &json!("continuation")), "{:#}", gap.body);
        let past = import(&client, (2024, "?continuation=true"), OLD).await;
        assert_eq!(past.body["field"], "continuation");
        let taken = import(&client, (year, "?continuation=true"), file.clone()).await;
        assert_eq!(verdicts(&taken.body), ["taken", "taken", "taken"], "{:#}", taken.body);
        let again = import(&client, (year, "?continuation=true"), file.clone()).await;
        assert_eq!(verdicts(&again.body), ["again", "again", "again"], "{:#}", again.body);
        let other = import(&client, (year, "?continuation=true"), file.replace("Cerere", "Altceva")).await;
        assert_eq!(other.body["field"], "continuation");

        assert_eq!(hub.number("select count(*) as number from register_entry").await, 3);
        assert_eq!(hub.number("select next as number from register_series").await, 4);
        let csv = client.exported(&format!("/v1/registers/general/{year}/entries.csv")).await;
        let csv = String::from_utf8(csv).unwrap();
        let line = |number: &str| csv.lines().find(|line| line.starts_with(number)).unwrap().to_owned();
        assert!(line("1;").contains("Ion Exemplu (inventat)"), "{csv}");
        assert!(line("2;").ends_with(";neutilizat;neutilizat") && line("3;").ends_with(";anulat;greșită"), "{csv}");
        let proof = client.bytes(&format!("/v1/registers/general/{year}/proof")).await;
        let seals = Certificate::all_from_pem(&hub.running().seal_certificate).unwrap();
        let trusted = Trusted { seals: Some(seals), ..Trusted::default() };
        let verdict = verify(&proof, &trusted, unix_seconds()).unwrap();
        assert_ne!(verdict.outcome(), Outcome::Failed, "{}", verdict.in_words());
        hub.stop().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_old_register_is_imported_from_the_command_line() {
    let hub = TestHub::start(Database::Sqlite).await;
    let file = hub.folder().join("registru.csv");
    let (url, key) = (hub.running().url(), key(SENDER));
    let punte = async |more: &[&str]| {
        let file = file.to_str().unwrap();
        let asked =
            ["punte", "register", "import", file, "--url", &url, "--key", &key, "--year", "2024", "--clerk", "f-07"];
        commands::run(Arguments::try_parse_from(asked.iter().chain(more)).unwrap()).await.unwrap()
    };
    std::fs::write(&file, format!("{OLD}4;32.01.2024;;x;;;\r\n")).unwrap();
    assert_eq!(punte(&[]).await, commands::NO);
    assert_eq!(punte(&["--good-rows"]).await, 0);
    assert_eq!(hub.number("select count(*) as number from register_old_entry").await, 3);
    hub.stop().await;
}
