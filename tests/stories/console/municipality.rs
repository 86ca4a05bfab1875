//! A town hall pushes a file, sees a verdict on every row, corrects what was refused, and gives the citizen a code by which
//! to see where the document is. All institutions and persons are invented.

use std::collections::BTreeSet;
use std::io::Write as _;

use reqwest::Method;
use reqwest::multipart::{Form, Part};
use serde_json::{Value, json};
use tests::batches::{done, pushing};
use tests::client::{Answer, ask};
use tests::county::{HUB_TOWN, SENDER};
use tests::people::{Browser, Page, signed_in};
use tests::{Client, Database, TestHub};

const MESSAGES: &str = "select cast(count(*) as bigint) as number from message";

/// Three good rows and two bad ones: nobody has the id of the fourth, and the fifth has no text.
fn file() -> String {
    let headings = "Destinatar [@destinatar];Obiect [@obiect];Subiectul [subiect];Textul [text];Data [data]\r\n";
    let rows = [
        (HUB_TOWN, 1, "Text 1"),
        (HUB_TOWN, 2, "Text 2"),
        (HUB_TOWN, 3, "Text 3"),
        ("uat-nimeni", 4, "Text 4"),
        (HUB_TOWN, 5, ""),
    ];
    let rows = rows.map(|(to, number, text)| format!("{to};Taina {number};Adresa {number};{text};03.02.2026\r\n"));
    format!("{headings}# codul instituției;;;;\r\n{}", rows.concat())
}

async fn dropped(
    browser: &mut Browser,
    (page, to): (&str, &str),
    fields: &[(&str, &str)],
    file: impl Into<Vec<u8>>,
) -> Page {
    let shown = browser.open(page).await;
    let hidden = |name: &str| shown.between(&format!("name=\"{name}\" value=\""), "\"");
    // The first of the page belong to the way out; the form's own come after the heading.
    let own = shown.text.split("<main").nth(1).unwrap().to_owned();
    let own = Page { text: own, location: String::new(), status: 200, headers: shown.headers.clone() };
    let mut form = Form::new().text("form", hidden("form")).text("key", own.between("name=\"key\" value=\"", "\""));
    for (name, value) in fields {
        form = form.text((*name).to_owned(), (*value).to_owned());
    }
    let form = form.part("file", Part::bytes(file.into()).file_name("adrese.csv"));
    let request = browser.request(Method::POST, to).multipart(form);
    browser.send(request).await
}

async fn pushed(client: &Client, key: &str, form: &Value, file: impl Into<Vec<u8>>) -> Answer {
    let request = client.request(Method::POST, "/v1/batches").header("idempotency-key", key);
    ask(request.multipart(pushing(form, file))).await
}

fn id(answer: &Answer) -> String {
    answer.body["batch_id"].as_str().unwrap_or_else(|| panic!("{answer:#?}")).to_owned()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_officer_corrects_the_refused_rows_and_only_they_go_again() {
    Database::each(|database| async move {
        let hub = TestHub::start(database).await;
        let client = hub.client(SENDER);
        let mut ana = signed_in(&hub, SENDER, "ana@comuna.example", &["clerk"]).await;
        let page = ana.open("/console/batches").await;
        assert!(page.text.contains("Nu ați trimis încă niciun fișier"), "{}", page.text);
        let page = ana.open("/console/batches/new?type=document-generic").await;
        assert!(page.text.contains("Textul [text]") && page.text.contains("obligatoriu; text"), "{}", page.text);
        let template = ana.open("/console/batches/templates/document-generic.csv").await;
        assert!(
            template.text.contains("Destinatar [@destinatar];")
                && template.text.contains("# codul instituției din director"),
            "{}",
            template.text
        );
        let book = ana.open("/console/batches/templates/document-generic.xlsx").await;
        assert!(book.headers["content-type"].to_str().unwrap().contains("spreadsheetml"));

        let fields = [("document_type", "document-generic")];
        let page = dropped(&mut ana, ("/console/batches/new", "/console/batches"), &fields, file()).await;
        assert_eq!(page.status, 303, "{}", page.text);
        let batch = page.location.split(['/', '?']).nth(3).unwrap().to_owned();
        let told = done(&client, &batch).await;
        assert_eq!(told["counts"], json!({"waiting": 0, "sent": 3, "refused": 2, "already_sent": 0}));
        assert_eq!(hub.number(MESSAGES).await, 3);

        let at = format!("/console/batches/{batch}");
        let page = ana.open(&format!("{at}?state=refused")).await;
        for seen in
            ["5 din 5 rânduri au verdict", "Destinatar", "Textul", "value=\"5\"", "corrections.xlsx", "badge bad"]
        {
            assert!(page.text.contains(seen), "{seen} is not in {}", page.text);
        }
        assert!(!page.text.contains("Taina"), "verdicts show no cells: {}", page.text);
        let refused = ana.open(&format!("{at}/corrections.csv")).await;
        let lines: Vec<&str> = refused.text.lines().collect();
        assert_eq!((refused.status, lines.len()), (200, 3), "{}", refused.text);
        assert!(lines[1].starts_with("6;") && lines[2].starts_with("7;"), "{}", refused.text);
        let again = format!("{at}/again");
        let page = dropped(&mut ana, (&at, &again), &[], "nimic;altceva\r\n1;2\r\n").await;
        assert_eq!(page.status, 422);
        assert!(page.text.contains("id=\"refused\""), "{}", page.text);

        let corrected = refused.text.replace("uat-nimeni", HUB_TOWN).replace("Adresa 5;;", "Adresa 5;Text 5;");
        let page = dropped(&mut ana, (&at, &again), &[], corrected.clone()).await;
        assert_eq!(page.status, 303, "{}", page.text);
        let told = done(&client, &batch).await;
        assert_eq!(told["counts"], json!({"waiting": 0, "sent": 5, "refused": 0, "already_sent": 0}));
        assert_eq!(hub.number(MESSAGES).await, 5, "only the refused rows went again");
        let answer = ask(client.request(Method::POST, &format!("/v1/batches/{batch}/again")).body(corrected)).await;
        let taken: Vec<&str> =
            answer.body["rows"].as_array().unwrap().iter().map(|row| row["taken"].as_str().unwrap()).collect();
        assert_eq!(taken, ["already_sent", "already_sent"], "{answer:#?}");

        let english = ana.form("/console/language", &[("language", "en"), ("back", &at)]).await;
        assert!(ana.open(&english.location).await.text.contains("5 of 5 rows have a verdict"));
        let mut eva = signed_in(&hub, HUB_TOWN, "eva@oras.example", &["clerk"]).await;
        assert_eq!(eva.open(&at).await.status, 404, "another institution's push does not exist");
        assert_eq!(eva.open(&format!("{at}/corrections.csv")).await.status, 404);
        the_citizen_sees_where_it_is(&hub, &client, &batch).await;
        hub.stop().await;
    })
    .await;
}

async fn the_citizen_sees_where_it_is(hub: &TestHub, client: &Client, batch: &str) {
    let (_, rows) = client.get(&format!("/v1/batches/{batch}/rows?limit=1")).await;
    let row = &rows["rows"][0];
    assert_eq!((row["row"].as_i64(), rows["next"].as_i64()), (Some(3), Some(3)), "{rows:#}");
    let (code, message) = (row["tracking"].as_str().unwrap(), row["message_id"].as_str().unwrap());
    client.wait_for_delivery(message, HUB_TOWN, "consigned").await;
    let (_, seen) = client.get(&format!("/v1/messages/{message}")).await;
    assert_eq!(seen["tracking"]["code"], code, "the clerk sees the same code");

    let mut citizen = Browser::of(hub);
    let page = citizen.open("/track").await;
    assert!(page.status == 200 && page.text.contains("Codul de urmărire"), "{}", page.text);
    let typed = code.to_lowercase().replace('-', "+");
    let page = citizen.open(&format!("/track?code={typed}")).await;
    assert_eq!(page.status, 303);
    let page = citizen.open(&page.location).await;
    let seen = [
        "Orașul Baia de Aramă",
        "Comuna Șișești",
        "Compartiment de asistență socială",
        "așteaptă preluarea",
        "Termen legal",
        "Ce urmează",
    ];
    for shown in seen {
        assert!(page.text.contains(shown), "{shown} is not in {}", page.text);
    }
    for hidden in ["Taina", "Adresa 1", "ana@", message, SENDER, HUB_TOWN] {
        assert!(!page.text.contains(hidden), "{hidden} is in {}", page.text);
    }
    let page = citizen.open(&format!("/track/{code}?lang=en")).await;
    assert!(page.text.contains("<html lang=\"en\">") && page.text.contains("What comes next"), "{}", page.text);

    let last = if code.ends_with('0') { '1' } else { '0' };
    let wrong = format!("{}{last}", &code[..code.len() - 1]);
    assert_eq!(citizen.open(&format!("/track/{wrong}")).await.status, 404);
    let bodies = [wrong.as_str(), "0000-0000-0000-0000-00000", "x"].map(|code| format!("/v1/track/{code}"));
    let mut told = BTreeSet::new();
    for path in bodies {
        let answer = citizen.open(&path).await;
        assert_eq!(answer.status, 404);
        told.insert(answer.text);
    }
    assert_eq!(told.len(), 1, "a wrong code tells nothing: {told:#?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_hub_that_falls_between_taking_rows_and_noting_it_loses_and_doubles_none() {
    Database::each(|database| async move {
        let mut hub = TestHub::start(database).await;
        let embedded = hub.config.database_url().starts_with("sqlite:");
        // From here on documents are taken, and what became of their rows cannot be written.
        hub.execute(if embedded {
            "create trigger fallen before update on batch_row begin select raise(abort, 'the hub fell'); end;"
        } else {
            "create function fallen() returns trigger language plpgsql as $$ begin raise exception 'the hub fell'; end $$;
             create trigger fallen before update on batch_row for each row execute function fallen();"
        })
        .await
        .unwrap();
        let rows: String = (0..40).map(|number| format!("Subiect {number};Text {number}\r\n")).collect();
        let form = json!({"name": "mare.csv", "document_type": "document-generic", "recipients": [HUB_TOWN]});
        let file = format!("subiect;text\r\n{rows}Subiect 3;Text 3\r\n");
        let batch = id(&pushed(&hub.client(SENDER), "mare", &form, file.clone()).await);
        hub.wait_for_number(MESSAGES, 32).await;
        hub.close().await;
        hub.execute(if embedded { "drop trigger fallen" } else { "drop function fallen cascade" }).await.unwrap();
        hub.up().await;
        let client = hub.client(SENDER);
        let told = done(&client, &batch).await;
        assert_eq!(told["counts"], json!({"waiting": 0, "sent": 40, "refused": 0, "already_sent": 1}), "{told:#}");
        assert_eq!(hub.number(MESSAGES).await, 40);
        let (_, sent) = client.get(&format!("/v1/batches/{batch}/rows?state=sent")).await;
        let messages: BTreeSet<&str> =
            sent["rows"].as_array().unwrap().iter().map(|row| row["message_id"].as_str().unwrap()).collect();
        assert_eq!(messages.len(), 40);
        let (_, twice) = client.get(&format!("/v1/batches/{batch}/rows?state=already_sent")).await;
        assert!(messages.contains(twice["rows"][0]["message_id"].as_str().unwrap()), "{twice:#}");

        // The same file under the same key is the same push; under another it is told.
        let again = pushed(&client, "mare", &form, file.clone()).await;
        assert_eq!((again.status, id(&again)), (200, batch.clone()));
        let other = pushed(&client, "mare", &form, "subiect;text\r\na;b\r\n").await;
        assert_eq!((other.status, &other.body["code"]), (409, &json!("idempotency-conflict")));
        let other = pushed(&client, "alta", &form, file).await;
        assert_eq!(other.body["same_file_as"][0]["batch_id"], batch.as_str());
        done(&client, &id(&other)).await;
        wait_for_all(&hub).await;
        hub.stop().await;
    })
    .await;
}

/// Until every message has reached an inbox.
async fn wait_for_all(hub: &TestHub) {
    let left = "select cast(count(*) as bigint) as number from job where kind <> 'expire'";
    hub.wait_for_number(left, 0).await;
}

fn zipped(files: &[(&str, &[u8])]) -> Vec<u8> {
    let mut writer = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    for (name, content) in files {
        writer.start_file(*name, zip::write::SimpleFileOptions::default()).unwrap();
        writer.write_all(content).unwrap();
    }
    writer.finish().unwrap().into_inner()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn archives_and_papers_become_documents_and_bad_files_are_refused_whole() {
    let hub = TestHub::start(Database::Sqlite).await;
    let client = hub.client(SENDER);
    let form =
        json!({"name": "lot", "document_type": "document-generic", "recipients": [HUB_TOWN], "subject": "Hotărâre"});
    let table = "subiect;text;@fisiere;@numar;@data\r\nA;B;scan.pdf;77;02.02.2026\r\nC;D;lipsa.pdf;;\r\n";
    let archive = zipped(&[("lot.csv", table.as_bytes()), ("scan.pdf", b"%PDF-1.4 inventat")]);
    let batch = id(&pushed(&client, "arhiva", &form, archive).await);
    let told = done(&client, &batch).await;
    assert_eq!(told["counts"], json!({"waiting": 0, "sent": 1, "refused": 1, "already_sent": 0}), "{told:#}");
    let (_, rows) = client.get(&format!("/v1/batches/{batch}/rows")).await;
    assert_eq!(rows["rows"][0]["registration"]["number"], "77");
    assert_eq!(rows["rows"][1]["verdicts"][0]["column"], "@fisiere", "{rows:#}");
    let message = rows["rows"][0]["message_id"].as_str().unwrap();
    assert_eq!(client.bytes(&format!("/v1/messages/{message}/parts/scan.pdf")).await, b"%PDF-1.4 inventat");

    // The sender's own number tells a document from others in every file.
    let archive =
        zipped(&[("lot.csv", table.split("C;D").next().unwrap().as_bytes()), ("scan.pdf", b"%PDF-1.4 inventat")]);
    let told = done(&client, &id(&pushed(&client, "din-nou", &form, archive).await)).await;
    assert_eq!(told["counts"], json!({"waiting": 0, "sent": 0, "refused": 0, "already_sent": 1}), "{told:#}");
    let other = "subiect;text;@numar;@data\r\nA;altceva;77;02.02.2026\r\n";
    let batch = id(&pushed(&client, "alt-continut", &form, other).await);
    assert_eq!(done(&client, &batch).await["counts"]["refused"], 1);
    let (_, rows) = client.get(&format!("/v1/batches/{batch}/rows")).await;
    assert_eq!(rows["rows"][0]["verdicts"][0]["rule"], "batch.number-used", "{rows:#}");

    let entries =
        zipped(&[("a.json", br#"{"subiect": "A", "text": "B"}"#), ("b.json", b"{}"), ("c.pdf", b"%PDF-1.4 c")]);
    let told = done(&client, &id(&pushed(&client, "intrari", &form, entries).await)).await;
    assert_eq!(told["counts"], json!({"waiting": 0, "sent": 2, "refused": 1, "already_sent": 0}), "{told:#}");
    let told = done(&client, &id(&pushed(&client, "hartie", &form, "%PDF-1.4 inventat").await)).await;
    assert_eq!(told["counts"]["sent"], 1, "{told:#}");

    let wrong = [
        zipped(&[("../lot.csv", table.as_bytes())]),
        zipped(&[("x.exe", b"MZ")]),
        zipped(&[("a.csv", table.as_bytes()), ("b.csv", table.as_bytes())]),
        b"PK\x03\x04nimic".to_vec(),
        b"coloana;necunoscuta\r\n1;2\r\n".to_vec(),
        b"subiect;text\r\n".to_vec(),
    ];
    for (number, file) in wrong.into_iter().enumerate() {
        let told = done(&client, &id(&pushed(&client, &format!("gresit-{number}"), &form, file).await)).await;
        assert_eq!((&told["state"], told["counts"]["sent"].as_i64()), (&json!("refused"), Some(0)), "{told:#}");
        assert!(told["problem"]["ro"].as_str().is_some_and(|text| text.len() > 20), "{told:#}");
    }
    let unknown = json!({"name": "x", "document_type": "nu-exista"});
    assert_eq!(pushed(&client, "tip", &unknown, "a;b\r\n1;2").await.status, 422);
    assert_eq!(pushed(&client, "gol", &form, "").await.status, 400);
    wait_for_all(&hub).await;
    hub.stop().await;
}
