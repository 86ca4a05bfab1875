//! Questions to registers on bad days: nobody answers, the caller goes away, the hub falls, quotas are used up.

use std::process::Command;
use std::time::Duration;

use reqwest::Method;
use serde_json::{Value, json};
use tests::asking::{CNP, FIRM, firm, get, person, put, questions, start, start_with, until};
use tests::county::{self, SENDER};
use tests::process::{Program, punte, quiet_port};
use tests::{Client, Database, TestHub};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_register_that_never_answers_is_given_up_within_bounds() {
    let (hub, register) = start_with(Database::Sqlite, |config| config.lookups.give_up_after = 0.6).await;
    let commune = hub.client(SENDER);
    let mut body = person();
    body["arguments"] = json!({"cui": FIRM});
    let asked = put(&commune, "certificat", &body).await;
    let own = format!("/v1/lookups/{}?user=f-1", asked.body["lookup_id"].as_str().unwrap());
    until("given up", async || get(&commune, &own).await.status == 503).await;
    let told = get(&commune, &own).await;
    assert_eq!(told.body["code"], "register-unavailable");
    assert!(told.body["detail"].as_str().unwrap().contains("nu a terminat răspunsul"), "{told:#?}");
    hub.stop().await;
    register.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_begun_ends_in_the_journal_though_the_caller_went_away() {
    for database in Database::all() {
        let (hub, register) = start(database).await;
        let commune = hub.client(SENDER);
        register.open(false);
        let gone = tokio::time::timeout(Duration::from_millis(300), put(&commune, "venituri", &person())).await;
        assert!(gone.is_err(), "the register keeps it waiting");
        until("the entry", async || questions(&commune).await.len() == 1).await;
        assert_eq!(questions(&commune).await[0]["result"], "underway");
        register.open(true);
        until("the end", async || questions(&commune).await[0]["result"] == "found").await;
        hub.stop().await;
        register.stop().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_in_the_journal_can_be_changed_or_deleted_and_a_subject_can_be_erased() {
    for database in Database::all() {
        let (hub, register) = start(database).await;
        put(&hub.client(SENDER), "venituri", &person()).await;
        let clear = "select cast(count(*) as bigint) as number from journal_subject where subject = '1800101221144'";
        assert_eq!(hub.number(clear).await, 1);
        for statement in [
            "update journal_entry set purpose = 'altul'",
            "delete from journal_entry",
            "update lookup_answer set result = 'absent'",
            "delete from lookup_answer",
            "update journal_subject set subject = 'altul'",
            "update lookup_content set value = '1'",
        ] {
            assert!(hub.execute(statement).await.is_err(), "{statement} was let through");
        }
        for statement in ["delete from journal_subject", "delete from lookup_content"] {
            hub.execute(statement).await.unwrap();
        }
        let entry = &questions(&hub.client(SENDER)).await[0];
        assert_eq!((&entry["result"], &entry["subject_hint"]), (&json!("found"), &json!("…144")));
        let own = format!("/v1/lookups/{}?user=f-1", entry["lookup_id"].as_str().unwrap());
        let told = get(&hub.client(SENDER), &own).await;
        assert_eq!((told.status, &told.body["erased"], &told.body["value"]), (200, &json!(true), &Value::Null));
        hub.stop().await;
        register.stop().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_quota_about_one_person_holds_the_question_before_the_register_and_says_so() {
    for database in Database::all() {
        let (hub, register) = start(database).await;
        let commune = hub.client(SENDER);
        for _ in 0..3 {
            assert_eq!(put(&commune, "venituri", &person()).await.status, 200);
        }
        let held = put(&commune, "venituri", &person()).await;
        assert_eq!((held.status, &held.body["code"]), (503, &json!("register-unavailable")), "{held:#?}");
        assert!(held.body["detail"].as_str().unwrap().contains("cota"), "{held:#?}");
        assert!(held.headers["retry-after"].to_str().unwrap().parse::<u64>().unwrap() > 10);
        assert_eq!(register.calls().len(), 3);
        let mut other = person();
        other["arguments"]["cnp"] = "5010101400010".into();
        assert_eq!(put(&commune, "venituri", &other).await.status, 200, "another person is another quota");
        assert_eq!(questions(&commune).await[1]["result"], "unavailable");
        hub.stop().await;
        register.stop().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_a_register_said_is_erased_when_its_time_is_over_and_the_journal_stays() {
    for database in Database::all() {
        let (mut hub, register) = start_with(database, |config| config.lookups.keep_days = 0.0).await;
        let first = put(&hub.client(SENDER), "firma", &firm(FIRM)).await;
        assert_eq!(first.status, 200, "{first:#?}");
        // It looks for what is due when it starts.
        hub.restart().await;
        let commune = hub.client(SENDER);
        let own = format!("/v1/lookups/{}", first.body["lookup_id"].as_str().unwrap());
        until("erased", async || get(&commune, &own).await.body["erased"] == true).await;
        assert_eq!(get(&commune, &own).await.body["value"], Value::Null);
        assert_eq!(questions(&commune).await[0]["result"], "found");
        let again = put(&commune, "firma", &firm(FIRM)).await;
        assert_eq!(again.body["from_copy"], false, "what is erased is given to nobody");
        hub.stop().await;
        register.stop().await;
    }
}

/// The program as a process of its own, on the data of a test hub that is down.
async fn serve(hub: &TestHub, address: &str) -> Program {
    let config = &hub.config;
    let text = format!(
        "data = '{}'\ndatabase = '{}'\nlisten = '{address}'\ndirectory = '{}'\nsystems = ['{}']\nlease_seconds = 2\n\
         [outgoing]\nallow = ['127.0.0.0/8']\n",
        config.data.display(),
        config.database_url(),
        config.directory.as_ref().unwrap().display(),
        config.systems[0].display(),
    );
    let file = hub.folder().join("punte.toml");
    std::fs::write(&file, text).unwrap();
    let mut command = Command::new(punte());
    command.arg("--config").arg(&file).arg("serve");
    let mut program = Program::start(command, &hub.folder().join("log"));
    let http = reqwest::Client::new();
    until("the program serves", async || {
        assert!(program.ended().is_none(), "{}", program.last_words());
        http.get(format!("http://{address}/health/live")).send().await.is_ok()
    })
    .await;
    program
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_hub_killed_between_question_and_answer_says_so_in_the_journal() {
    for database in Database::all() {
        let (mut hub, register) = start(database).await;
        hub.close().await;
        let address = format!("127.0.0.1:{}", quiet_port(u16::try_from(std::process::id() % 10_000).unwrap()));
        let mut program = serve(&hub, &address).await;
        let commune = Client::of(&format!("http://{address}"), SENDER);
        register.open(false);
        let killed = async {
            until("the register is asked", async || register.calls().len() == 1).await;
            program.kill();
        };
        let asked = commune.request(Method::POST, "/v1/lookups/registru/venituri").json(&person());
        let (asked, ()) = tokio::join!(asked.send(), killed);
        assert!(asked.is_err(), "it fell before it answered");
        register.open(true);
        let program = serve(&hub, &address).await;
        until("the end is known", async || questions(&commune).await[0]["result"] == "interrupted").await;
        let entries = questions(&commune).await;
        assert_eq!((entries.len(), register.calls().len()), (1, 1), "nobody asks again for who is gone");
        assert_eq!((&entries[0]["user"], &entries[0]["case_number"]), (&json!("f-0172"), &json!("VMG-12/2026")));
        let own = format!("/v1/lookups/{}?user=f-0172", entries[0]["lookup_id"].as_str().unwrap());
        let told = get(&commune, &own).await;
        assert_eq!((told.status, &told.body["code"]), (503, &json!("lookup-interrupted")), "{told:#?}");

        // The same program asks, as a clerk would.
        let output = Command::new(punte())
            .args(["ask", "registru", "venituri", &format!("cnp={CNP}"), "an=2025", "--purpose", "ajutor-social"])
            .args(["--legal-basis", "Legea nr. 416/2001", "--case", "VMG-13", "--user", "f-0173"])
            .env("PUNTE_URL", format!("http://{address}"))
            .env("PUNTE_KEY", county::key(SENDER))
            .output()
            .unwrap();
        assert!(output.status.success(), "{output:?}");
        let told: Value = serde_json::from_slice(&output.stdout).unwrap();
        assert_eq!(told["value"]["venit_brut"], 54321);
        let output = Command::new(punte())
            .args(["ask", "registru", "venituri", "cnp=1800101221143", "an=2025"])
            .env("PUNTE_URL", format!("http://{address}"))
            .env("PUNTE_KEY", county::key(SENDER))
            .output()
            .unwrap();
        assert_eq!(output.status.code(), Some(3));
        assert!(String::from_utf8_lossy(&output.stderr).contains("purpose.required"), "{output:?}");
        assert!(program.stop().await.success());
        hub.up().await;
        hub.stop().await;
        register.stop().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_channel_without_its_secret_is_told_without_saying_where_the_secret_should_be() {
    let (hub, register) = start_with(Database::Sqlite, |config| {
        county::change(config, |directory| directory.replace("registru-secret", "nicaieri-secret"));
    })
    .await;
    let answer = put(&hub.client(SENDER), "firma", &firm(FIRM)).await;
    assert_eq!((answer.status, &answer.body["code"]), (503, &json!("register-unavailable")), "{answer:#?}");
    assert!(!answer.body.to_string().contains("nicaieri"), "{answer:#?}");
    assert_eq!(register.calls().len(), 0);
    hub.stop().await;
    register.stop().await;
}
