//! Questions to registers through the real door: who may ask, what is journaled, what is given again.

use futures_util::future::join_all;
use reqwest::Method;
use serde_json::{Value, json};
use tests::Database;
use tests::asking::{CNP, FIRM, firm, get, journal, person, put, questions, start, until};
use tests::client::ask;
use tests::county::{HUB_TOWN, INBOX_TOWN, SENDER};
use tests::register::{NO_FIRM, REQUEST, SECRET_FIRM};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_firm_is_asked_once_and_given_again_with_its_age_until_a_fresher_answer_is_wanted() {
    for database in Database::all() {
        let (hub, register) = start(database).await;
        let commune = hub.client(SENDER);
        let first = put(&commune, "firma", &firm(&format!("RO{FIRM}"))).await;
        assert_eq!(first.status, 200, "{first:#?}");
        let told = &first.body;
        assert_eq!(told["answer"], "found");
        assert_eq!(told["value"]["denumire"], "FIRMA INVENTATĂ SRL");
        assert_eq!(told["source"]["system"], "registru");
        assert_eq!(told["source"]["title"]["ro"], "Registrul de probă");
        assert_eq!(told["source"]["operation"], "firma");
        assert_eq!(told["source"]["address"], "127.0.0.1");
        assert_eq!((&told["from_copy"], &told["stale"]), (&json!(false), &json!(false)));
        assert_eq!(told["as_of"], register.calls()[0].body[0]["data"], "of the day the register says");
        assert!(told["age_seconds"].as_u64().unwrap() < 5);

        // Another institution asks the same: its own entry, the same answer, the register is left alone.
        let second = put(&hub.client(HUB_TOWN), "firma", &firm(FIRM)).await;
        assert_eq!(second.body["value"], told["value"], "{second:#?}");
        assert_eq!((&second.body["from_copy"], &second.body["copied_from"]), (&json!(true), &told["lookup_id"]));
        assert_eq!(second.body["answered_at"], told["answered_at"]);
        assert_ne!(second.body["journal_id"], told["journal_id"]);
        assert_eq!(register.calls().len(), 1);

        let mut fresher = firm(FIRM);
        fresher["max_age"] = 0.into();
        let third = put(&commune, "firma", &fresher).await;
        assert_eq!(third.body["from_copy"], false, "{third:#?}");
        assert_eq!(register.calls().len(), 2);

        // It is there again under its id, for who asked and for nobody else.
        let own = format!("/v1/lookups/{}", told["lookup_id"].as_str().unwrap());
        let again = get(&commune, &own).await;
        assert_eq!((again.status, &again.body["value"]), (200, &told["value"]));
        assert_eq!(get(&hub.client(HUB_TOWN), &own).await.status, 404);
        assert_eq!(get(&commune, "/v1/lookups/none").await.status, 404);

        let entries = questions(&commune).await;
        assert_eq!(entries.len(), 2);
        let entry = &entries[1];
        assert_eq!(entry["journal_id"], told["journal_id"]);
        assert_eq!((&entry["result"], &entry["user"]), (&json!("found"), &json!("f-0172")));
        // What the caller left to its agreement is the agreement's.
        assert_eq!((&entry["purpose"], &entry["legal_basis"]), (&json!("taxe"), &json!("Legea nr. 416/2001")));
        assert_eq!(entry["agreement"], json!({"id": "firme", "version": 1}));
        assert_eq!(entry["discloses"], json!(["identificare firmă"]));
        assert_eq!(entry["subject_hint"], "…006");
        let town = questions(&hub.client(HUB_TOWN)).await;
        assert_eq!((town.len(), &town[0]["from_copy"]), (1, &json!(true)));
        hub.stop().await;
        register.stop().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn fifty_who_ask_the_same_at_once_make_one_call_and_fifty_entries() {
    for database in Database::all() {
        let (hub, register) = start(database).await;
        let commune = hub.client(SENDER);
        register.open(false);
        let (body, registered) = (firm(FIRM), hub.client(SENDER));
        let asking = join_all((0..50).map(|_| put(&commune, "firma", &body)));
        let release = async {
            until("fifty entries", async || questions(&registered).await.len() == 50).await;
            register.open(true);
        };
        let (answers, ()) = tokio::join!(asking, release);
        assert!(answers.iter().all(|answer| answer.status == 200 && answer.body["answer"] == "found"), "{answers:#?}");
        assert_eq!(register.calls().len(), 1);
        let entries = questions(&commune).await;
        assert_eq!(entries.len(), 50);
        assert!(entries.iter().all(|entry| entry["result"] == "found"));
        assert_eq!(entries.iter().filter(|entry| entry["from_copy"] == false).count(), 1, "one asked for all");
        hub.stop().await;
        register.stop().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn about_a_person_every_question_goes_to_the_register_with_who_and_why_and_reading_is_journaled() {
    for database in Database::all() {
        let (hub, register) = start(database).await;
        let commune = hub.client(SENDER);
        let first = put(&commune, "venituri", &person()).await;
        assert_eq!((first.status, &first.body["value"]["venit_brut"]), (200, &json!(54321)), "{first:#?}");
        let second = put(&commune, "venituri", &person()).await;
        assert_eq!(second.body["from_copy"], false, "never from an earlier answer");
        let calls = register.calls();
        assert_eq!(calls.len(), 2);
        let header = |name: &str| String::from_utf8(calls[0].headers[name].as_bytes().to_vec()).unwrap();
        assert_eq!(header("x-utilizator"), "f-0172");
        assert_eq!(header("x-scop"), "ajutor-social");
        assert_eq!(header("x-temei"), "Legea nr. 416/2001, art. 8");
        assert_eq!(header("x-corelare"), first.body["lookup_id"].as_str().unwrap());
        assert_eq!(calls[0].body, json!({"cnp": CNP, "an": 2025}));

        // Reading it again says who reads, and is in the journal.
        let own = format!("/v1/lookups/{}", first.body["lookup_id"].as_str().unwrap());
        let nobody = get(&commune, &own).await;
        assert_eq!((nobody.status, &nobody.body["violations"][0]["rule"]), (422, &json!("user.required")));
        let again = get(&commune, &format!("{own}?user=f-9001")).await;
        assert_eq!((again.status, &again.body["value"]), (200, &first.body["value"]));
        let entries = journal(&commune, "?user=f-9001").await;
        assert_eq!(entries.len(), 1, "{entries:#?}");
        assert_eq!((&entries[0]["again"], &entries[0]["lookup_id"]), (&json!(true), &first.body["lookup_id"]));
        assert_eq!(entries[0]["case_number"], "VMG-12/2026");

        // Nothing the institution reads of its journal names the person.
        let all = journal(&commune, "?limit=500").await;
        assert!(!serde_json::to_string(&all).unwrap().contains(CNP), "{all:#?}");
        hub.stop().await;
        register.stop().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_journal_is_searched_by_person_and_by_all_it_says_and_the_search_is_in_it() {
    for database in Database::all() {
        let (hub, register) = start(database).await;
        let commune = hub.client(SENDER);
        put(&commune, "venituri", &person()).await;
        put(&commune, "firma", &firm(FIRM)).await;
        put(&commune, "firma", &firm(NO_FIRM)).await;
        for (query, count) in [
            ("?operation=venituri", 1),
            ("?system=registru&operation=firma", 2),
            ("?result=absent", 1),
            ("?purpose=ajutor-social&act=access", 1),
            ("?case_number=VMG-12%2F2026", 1),
            ("?user=f-0172&act=access", 3),
            ("?user=nobody1", 0),
            ("?act=access&to=2026-01-01T00:00:00Z", 0),
            ("?act=access&from=2026-01-01T00:00:00Z", 3),
            ("?act=access&limit=2", 2),
        ] {
            assert_eq!(journal(&commune, query).await.len(), count, "{query}");
        }
        let page = get(&commune, "/v1/journal?act=access&limit=2").await;
        let next = page.body["next"].as_str().unwrap();
        assert_eq!(journal(&commune, &format!("?act=access&before={next}")).await.len(), 1);
        for wrong in ["?result=x", "?act=x", "?from=x", "?before=x", "?limit=x", "?colour=x"] {
            assert_eq!(get(&commune, &format!("/v1/journal{wrong}")).await.status, 400, "{wrong}");
        }
        assert_eq!(journal(&hub.client(HUB_TOWN), "?act=access").await, Vec::<Value>::new(), "only its own");

        let mut search = json!({"subject": CNP});
        let answer = ask(commune.request(Method::POST, "/v1/journal/search").json(&search)).await;
        assert_eq!((answer.status, answer.body["violations"].as_array().map(Vec::len)), (422, Some(4)), "{answer:#?}");
        for (name, value) in [
            ("purpose", "cerere art. 15"),
            ("legal_basis", "RGPD art. 15"),
            ("case_number", "GDPR-3"),
            ("user", "dpo-1"),
        ] {
            search[name] = value.into();
        }
        let answer = ask(commune.request(Method::POST, "/v1/journal/search").json(&search)).await;
        let entries = answer.body["entries"].as_array().unwrap();
        let acts: Vec<&Value> = entries.iter().map(|entry| &entry["act"]).collect();
        assert_eq!(acts, [&json!("search"), &json!("access")], "the search itself is about the person, too");
        assert_eq!(entries[1]["operation"], "venituri");
        assert_eq!(entries[0]["user"], "dpo-1");
        hub.stop().await;
        register.stop().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_bad_question_is_told_what_is_wrong_and_no_register_hears_of_it() {
    let (hub, register) = start(Database::Sqlite).await;
    let (commune, town, stranger) = (hub.client(SENDER), hub.client(HUB_TOWN), hub.client(INBOX_TOWN));
    let but = |changes: Value| {
        let mut body = person();
        for (name, value) in changes.as_object().unwrap() {
            body[name] = value.clone();
        }
        body
    };
    let without = |name: &str| {
        let mut body = person();
        body.as_object_mut().unwrap().remove(name);
        body
    };
    let many = json!({"questions": vec![json!({"cui": FIRM}); 101]});
    let cases = [
        (&commune, "altceva", firm(FIRM), 404, "unknown-lookup", "registru/firma"),
        (&commune, "firma", json!({"arguments": {"cui": "90000007"}}), 422, "invalid-question", "cui.check-digit"),
        (&commune, "firma", json!({"arguments": {}}), 422, "invalid-question", "argument.required"),
        (
            &commune,
            "firma",
            json!({"arguments": {"cui": FIRM, "cnp": CNP}}),
            422,
            "invalid-question",
            "argument.unknown",
        ),
        (&commune, "firma", json!({"arguments": {"cui": [FIRM]}}), 422, "invalid-question", "argument.kind"),
        (
            &commune,
            "firma",
            json!({"arguments": {"cui": FIRM, "fel": "x"}}),
            422,
            "invalid-question",
            "argument.one-of",
        ),
        (&commune, "firma", json!({"arguments": {"cui": FIRM, "data": "x"}}), 422, "invalid-question", "argument.date"),
        (
            &commune,
            "firma",
            json!({"arguments": {"cui": FIRM}, "user": "Ion Pop"}),
            422,
            "invalid-question",
            "user.pseudonym",
        ),
        (&commune, "firma", json!({"arguments": {"cui": FIRM}, "scop": "x"}), 400, "malformed-request", "scop"),
        (&commune, "firma", json!({"arguments": {"cui": FIRM}, "max_age": CNP}), 400, "malformed-request", "rândul 1"),
        (&commune, "firma", json!([]), 400, "malformed-request", "lookups.md"),
        (&commune, "venituri", without("purpose"), 422, "invalid-question", "purpose.required"),
        (&commune, "venituri", without("legal_basis"), 422, "invalid-question", "legal-basis.required"),
        (&commune, "venituri", without("case_number"), 422, "invalid-question", "case-number.required"),
        (&commune, "venituri", without("user"), 422, "invalid-question", "user.required"),
        (
            &commune,
            "venituri",
            but(json!({"arguments": {"cnp": "1800101221143", "an": 2025}})),
            422,
            "invalid-question",
            "cnp.check-digit",
        ),
        (&commune, "venituri", but(json!({"purpose": "curiozitate"})), 403, "no-lookup-agreement", "ajutor-social"),
        (
            &commune,
            "venituri",
            but(json!({"legal_basis": "Legea nr. 4/2001"})),
            403,
            "no-lookup-agreement",
            "Legea nr. 416/2001",
        ),
        (&town, "venituri", person(), 403, "no-lookup-agreement", "persoane-vechi"),
        (&stranger, "firma", firm(FIRM), 403, "no-lookup-agreement", "registru.firma"),
        (&commune, "firma/batch", json!({"questions": []}), 422, "invalid-question", "questions.count"),
        (&commune, "firma/batch", many, 422, "invalid-question", "questions.count"),
    ];
    for (client, operation, body, status, code, told) in cases {
        let answer = put(client, operation, &body).await;
        let text = answer.body.to_string();
        assert_eq!((answer.status, &answer.body["code"]), (status, &json!(code)), "{operation} {text}");
        assert!(text.contains(told), "{told} is not in {text}");
        assert!(!text.contains(CNP), "an error repeats personal data: {text}");
        assert!(answer.body["detail"].is_string() && answer.body["detail_en"].is_string(), "{text}");
    }
    assert_eq!(register.calls().len(), 0);
    // Who tried without a right is in the journal; what had no form is not.
    for (client, count) in [(&commune, 2), (&town, 1), (&stranger, 1)] {
        let entries = questions(client).await;
        assert_eq!(entries.len(), count, "{entries:#?}");
        assert!(entries.iter().all(|entry| entry["result"] == "denied" && entry["agreement"].is_null()));
    }
    let denied = questions(&town).await[0]["lookup_id"].as_str().unwrap().to_owned();
    assert_eq!(get(&town, &format!("/v1/lookups/{denied}?user=f-1")).await.status, 403);
    hub.stop().await;
    register.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_caller_sees_what_it_may_ask_and_what_it_must_give() {
    let (hub, register) = start(Database::Sqlite).await;
    let seen = get(&hub.client(SENDER), "/v1/lookups").await.body;
    let lookups = seen["lookups"].as_array().unwrap();
    let find = |name: &str| lookups.iter().find(|one| one["system"] == "registru" && one["operation"] == name).unwrap();
    let firm = find("firma");
    assert_eq!(firm["arguments"]["cui"]["format"], "cui");
    assert_eq!(firm["arguments"]["data"]["required"], false, "it has a default");
    assert_eq!(firm["arguments"]["fel"]["one_of"], json!(["scurt", "lung"]));
    assert_eq!((&firm["fresh_for_seconds"], &firm["personal"]), (&json!(3600), &json!(false)));
    assert_eq!(firm["agreements"][0]["purposes"], json!(["taxe", "ajutor-social"]));
    assert_eq!(find("venituri")["allowed"], true);
    assert!(find("certificat")["arguments"].get("request").is_none(), "the register's own number is nobody's to give");
    let seen = get(&hub.client(HUB_TOWN), "/v1/lookups").await.body;
    let lookups = seen["lookups"].as_array().unwrap();
    let venituri = lookups.iter().find(|one| one["operation"] == "venituri").unwrap();
    assert_eq!((&venituri["allowed"], &venituri["agreements"]), (&json!(false), &json!([])), "its agreement is over");
    hub.stop().await;
    register.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_register_that_is_down_or_refuses_is_told_as_it_is_and_an_old_answer_only_at_wish() {
    for database in Database::all() {
        let (hub, register) = start(database).await;
        let commune = hub.client(SENDER);
        let refused = put(&commune, "firma", &firm(SECRET_FIRM)).await;
        assert_eq!((refused.status, &refused.body["code"]), (422, &json!("register-refused")), "{refused:#?}");
        assert_eq!(refused.body["register"], json!({"code": "F-12", "reason": "firma este sub secret de serviciu"}));

        let first = put(&commune, "firma", &firm(FIRM)).await;
        register.down(true);
        let mut fresher = firm(FIRM);
        fresher["max_age"] = 0.into();
        let down = put(&commune, "firma", &fresher).await;
        assert_eq!((down.status, &down.body["code"]), (503, &json!("register-unavailable")), "{down:#?}");
        let pause: u64 = down.headers["retry-after"].to_str().unwrap().parse().unwrap();
        assert!((1..=7).contains(&pause), "{pause}");
        assert!(down.body["journal_id"].is_string());
        fresher["allow_stale"] = true.into();
        let old = put(&commune, "firma", &fresher).await;
        assert_eq!((old.status, &old.body["stale"], &old.body["from_copy"]), (200, &json!(true), &json!(true)));
        assert_eq!(old.body["copied_from"], first.body["lookup_id"], "{old:#?}");
        assert!(old.body["warning"].as_str().unwrap().contains("mai vechi"));
        let mut person = person();
        person["allow_stale"] = true.into();
        assert_eq!(put(&commune, "venituri", &person).await.status, 503, "about a person never");
        let results: Vec<Value> = questions(&commune).await.iter().map(|entry| entry["result"].clone()).collect();
        assert_eq!(results, ["unavailable", "found", "unavailable", "found", "refused"]);
        register.down(false);
        assert_eq!(put(&commune, "venituri", &person).await.status, 200);
        hub.stop().await;
        register.stop().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_batch_is_one_request_with_a_verdict_and_an_entry_for_each_row() {
    for database in Database::all() {
        let (hub, register) = start(database).await;
        let commune = hub.client(SENDER);
        let copied = put(&commune, "firma", &firm("18547290")).await;
        let rows = [FIRM, NO_FIRM, "90000007", "18547290", FIRM, "12345674"];
        let body = json!({"questions": rows.map(|cui| json!({"cui": cui})), "purpose": "taxe", "user": "f-1"});
        let answer = put(&commune, "firma/batch", &body).await;
        assert_eq!(answer.status, 200, "{answer:#?}");
        let told = answer.body["rows"].as_array().unwrap();
        let answers: Vec<&Value> = told.iter().map(|row| &row["answer"]).collect();
        assert_eq!(answers, ["found", "absent", "invalid", "found", "found", "found"], "{told:#?}");
        for (index, row) in told.iter().enumerate() {
            assert_eq!(row["index"], index);
            if row["answer"] == "found" {
                assert_eq!(row["value"]["cui"].to_string(), rows[index], "each row has its own answer");
            }
        }
        assert_eq!(told[2]["problem"]["violations"][0]["rule"], "cui.check-digit");
        assert_eq!(told[3]["copied_from"], copied.body["lookup_id"]);
        assert_eq!(told[4]["copied_from"], told[0]["lookup_id"], "the same question twice is asked once");
        let calls = register.calls();
        assert_eq!(calls.len(), 2, "one alone and one for the batch");
        assert_eq!(calls[1].body.as_array().unwrap().len(), 3);
        let entries = questions(&commune).await;
        assert_eq!(entries.len(), 6);
        let batches: Vec<&Value> =
            entries.iter().filter(|entry| !entry["batch"].is_null()).map(|entry| &entry["batch"]).collect();
        assert!(batches.len() == 5 && batches.iter().all(|batch| *batch == batches[0]));
        hub.stop().await;
        register.stop().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_certificate_the_register_works_on_is_asked_for_again_and_fetched_by_its_id() {
    for database in Database::all() {
        let (mut hub, register) = start(database).await;
        let mut body = person();
        body["arguments"] = json!({"cui": FIRM});
        let asked = put(&hub.client(SENDER), "certificat", &body).await;
        assert_eq!((asked.status, &asked.body["answer"]), (202, &json!("pending")), "{asked:#?}");
        assert!(asked.headers.contains_key("retry-after"));
        let own = asked.headers["location"].to_str().unwrap().to_owned();
        assert_eq!(own, format!("/v1/lookups/{}", asked.body["lookup_id"].as_str().unwrap()));
        assert_eq!(questions(&hub.client(SENDER)).await[0]["result"], "waiting");
        // It outlives the process.
        hub.restart().await;
        let commune = hub.client(SENDER);
        until("asked again", async || register.calls().len() >= 3).await;
        assert_eq!(get(&commune, &own).await.status, 202);
        assert!(register.calls()[1..].iter().all(|call| call.body["cerere"] == REQUEST), "with the register's number");
        assert!(register.calls()[0].body.get("cerere").is_none());

        let document: Vec<u8> = [b"%PDF-1.7 invented ".to_vec(), vec![b'x'; 100_000]].concat();
        register.certificate(Some(document.clone()));
        let fetch = format!("{own}?user=f-0172");
        until("the answer", async || get(&commune, &fetch).await.status == 200).await;
        let told = get(&commune, &fetch).await.body;
        assert_eq!(told["value"]["numar"], "C-1", "{told:#}");
        assert_eq!(told["document"]["size"], document.len());
        assert_eq!(told["document"]["sha256"], hex::encode(openssl::sha::sha256(&document)));
        let href = told["document"]["href"].as_str().unwrap();
        assert_eq!(get(&commune, href).await.status, 422, "who takes it must be said");
        assert_eq!(commune.bytes(&format!("{href}?user=f-0172")).await, document, "byte for byte");
        let exports = journal(&commune, "?act=export").await;
        assert_eq!((exports.len(), &exports[0]["lookup_id"]), (1, &asked.body["lookup_id"]));
        hub.stop().await;
        register.stop().await;
    }
}
