//! What registers refuse, and to whom: closed years, duplicates of messages, rights of units, unknown rules and codes.

use reqwest::Method;
use serde_json::{Value, json};
use tests::archive::Desk;
use tests::clerks::{COUNCIL, Clerk, council};
use tests::client::{Answer, ask};
use tests::county::{self, HUB_TOWN, SENDER};
use tests::documents::{inquiry, inquiry_envelope, inquiry_parts, letter};
use tests::{Database, TestHub};

const ENTRIES: &str = "/v1/registers/general/entries";

fn this_year(hub: &TestHub) -> i16 {
    hub.running().hub.clock.now().romanian_date().year()
}

fn code(answer: &Answer) -> (u16, &str) {
    (answer.status, answer.body["code"].as_str().unwrap_or_default())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_message_that_would_be_numbered_in_a_closed_year_waits_for_the_new_one_and_is_not_lost() {
    Database::each(|database| async move {
        let hub = TestHub::start(database).await;
        let sender = hub.client(SENDER);
        // The recipient's year is closed under a message on its way: nothing of it is lost, and it is numbered later.
        hub.execute(&format!("insert into register_series (party, register, year, next, closed_at) values ('{HUB_TOWN}', 'general', {}, 1, 1)", this_year(&hub))).await.unwrap();
        let (status, receipt) = sender.post("/v1/messages", "first", &letter(&[HUB_TOWN], "Prima (inventată)")).await;
        assert_eq!(status, 201, "{receipt:#}");
        let message = receipt["message_id"].as_str().unwrap().to_owned();
        let (_, listed) = hub.client(HUB_TOWN).get(ENTRIES).await;
        assert_eq!(listed["entries"], json!([]));
        hub.execute("update register_series set closed_at = null").await.unwrap();
        let delivery = sender.wait_for_delivery(&message, HUB_TOWN, "consigned").await;
        assert_eq!(delivery["recipient_registration"]["number"], "1");

        // The sender's year is closed: its message is refused with the way out, and taken under the same key later.
        hub.execute(&format!("update register_series set closed_at = 1 where party = '{SENDER}'")).await.unwrap();
        let late = letter(&[HUB_TOWN], "A doua (inventată)");
        let request = sender.request(Method::POST, "/v1/messages").header("idempotency-key", "second").json(&late);
        let answer = ask(request).await;
        assert_eq!(code(&answer), (503, "register-closed"), "{:#}", answer.body);
        assert!(answer.headers.contains_key("retry-after"));
        hub.execute("update register_series set closed_at = null").await.unwrap();
        let (status, receipt) = sender.post("/v1/messages", "second", &late).await;
        assert_eq!((status.as_u16(), &receipt["sender_registration"]["number"]), (201, &json!("2")), "{receipt:#}");
        sender.wait_for_delivery(receipt["message_id"].as_str().unwrap(), HUB_TOWN, "consigned").await;

        // One who was asked first gets its number with the consent: that waits as well.
        let mut asked = letter(&[HUB_TOWN], "A treia (inventată)");
        asked["envelope"]["consignment"] = json!("consent");
        let (_, receipt) = sender.post("/v1/messages", "third", &asked).await;
        let message = receipt["message_id"].as_str().unwrap().to_owned();
        let delivery = sender.wait_for_delivery(&message, HUB_TOWN, "announced").await;
        hub.execute(&format!("update register_series set closed_at = 1 where party = '{HUB_TOWN}'")).await.unwrap();
        let consent = format!("/v1/inbox/{}/consent", delivery["id"].as_str().unwrap());
        let town = hub.client(HUB_TOWN);
        let answer = ask(town.request(Method::POST, &consent).json(&json!({}))).await;
        assert_eq!(code(&answer), (503, "register-closed"), "{:#}", answer.body);
        hub.execute("update register_series set closed_at = null").await.unwrap();
        assert_eq!(ask(town.request(Method::POST, &consent).json(&json!({}))).await.status, 200);
        let (_, listed) = town.get(ENTRIES).await;
        assert_eq!(listed["entries"].as_array().unwrap().len(), 3, "{listed:#}");
        hub.stop().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_paper_that_came_as_a_message_before_is_told_with_its_number_also_when_it_is_to_fill_a_kept_one() {
    Database::each(|database| async move {
        let hub = TestHub::start(database).await;
        let year = this_year(&hub);
        let parts = inquiry_parts();
        let mut envelope = inquiry_envelope(&[HUB_TOWN]);
        envelope["sender_registration"] = json!({"register": "general", "number": "88", "date": "2026-01-20"});
        let (status, receipt) = hub.client(SENDER).send("one", &envelope, &parts).await;
        assert_eq!(status, 201, "{receipt:#} {}", inquiry());
        let message = receipt["message_id"].as_str().unwrap();
        hub.client(SENDER).wait_for_delivery(message, HUB_TOWN, "consigned").await;

        let desk = Clerk::of(&hub, HUB_TOWN, ("f-17", "registratura"));
        // The same letter on paper: the sender's number and date, and the sender as the clerk writes it.
        let paper = json!({
            "subject": "Anchetă socială, pe hârtie", "external_number": "88", "external_date": "2026-01-20",
            "correspondent": {"kind": "institution", "name": "COMUNA SISESTI"},
        });
        let answer = desk.post(ENTRIES, "a", paper.clone()).await;
        assert_eq!(code(&answer), (409, "possible-duplicate"), "{:#}", answer.body);
        assert_eq!(
            (&answer.body["earlier"][0]["number"], &answer.body["earlier"][0]["same"]),
            (&json!(1), &json!("external_number"))
        );
        let mut other = paper.clone();
        other["correspondent"]["name"] = json!("Alt emitent inventat");
        assert_eq!(desk.post(ENTRIES, "b", other).await.status, 201);
        // The same file: a part of the message.
        let digest = hex::encode(openssl::sha::sha256(&parts[1].1));
        let scan = json!({"subject": "Scan", "content_sha256": digest});
        let answer = desk.post(ENTRIES, "c", scan.clone()).await;
        assert_eq!(code(&answer), (409, "possible-duplicate"), "{:#}", answer.body);
        assert_eq!(answer.body["earlier"][0]["same"], "content");

        // A kept number gets the same warning, alone and in a block, and stays kept.
        desk.post("/v1/registers/general/reservations", "d", json!({"unit": "registratura", "count": 3})).await;
        let fill = format!("/v1/registers/general/{year}/3/fill");
        let answer = desk.post(&fill, "-", paper.clone()).await;
        assert_eq!(code(&answer), (409, "possible-duplicate"), "{:#}", answer.body);
        let place = |number: i64, document: &Value| {
            let mut place = document.clone();
            place["year"] = json!(year);
            place["number"] = json!(number);
            place
        };
        let block = json!({"entries": [place(3, &scan), place(4, &json!({"subject": "Altceva"}))]});
        let answer = desk.post("/v1/registers/general/fillings", "-", block).await;
        assert_eq!(answer.body["results"][0]["problem"]["code"], "possible-duplicate", "{:#}", answer.body);
        assert_eq!(answer.body["results"][1]["status"], "assigned", "{:#}", answer.body);
        let kept = desk.get(&format!("/v1/registers/general/{year}/3")).await;
        assert_eq!(kept["status"], "reserved");
        // On purpose it is filled; and what filled it is known from then on.
        let mut again = paper.clone();
        again["duplicate_of"] = json!({"year": year, "number": 1});
        assert_eq!(desk.post(&fill, "-", again).await.status, 200);
        let letter = json!({
            "subject": "Adresă", "external_number": "9/B", "external_date": "2026-02-02",
            "correspondent": {"kind": "institution", "name": "Prefectura Inventată"},
        });
        assert_eq!(desk.post(&format!("/v1/registers/general/{year}/5/fill"), "-", letter.clone()).await.status, 200);
        let answer = desk.post(ENTRIES, "e", letter).await;
        assert_eq!((code(&answer), &answer.body["earlier"][0]["number"]), ((409, "possible-duplicate"), &json!(5)));
        hub.stop().await;
    })
    .await;
}

fn definition(units: &Value, rule: &str) -> Value {
    json!({"title": "Registrul dispozițiilor", "units": units, "deadline_rule": rule})
}

async fn put(clerk: &Clerk, register: &str, definition: &Value) -> Answer {
    clerk.put(&format!("/v1/registers/{register}"), definition).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_unit_sees_its_registers_and_their_people_alone_and_only_one_that_approves_changes_definitions() {
    Database::each(|database| async move {
        let hub = TestHub::start(database).await;
        let head = Clerk::of(&hub, HUB_TOWN, ("sec-1", "secretar"));
        let works = Clerk::of(&hub, HUB_TOWN, ("d-7", "drumuri"));
        let units = json!([
            {"unit": "secretar", "may": ["see", "register", "annul", "approve"]},
            {"unit": "registratura", "may": ["see"]},
        ]);
        // No rights are written yet: whoever comes first writes them.
        let first = put(&works, "dispozitii", &definition(&units, "petition")).await;
        assert_eq!(first.status, 201, "{:#}", first.body);
        for register in ["dispozitii", "alt-registru"] {
            let refused = put(&works, register, &definition(&json!([]), "petition")).await;
            assert_eq!(code(&refused), (403, "forbidden"), "{:#}", refused.body);
            assert!(refused.body["detail"].as_str().unwrap().contains("secretar"), "{:#}", refused.body);
        }
        assert_eq!(put(&head, "dispozitii", &definition(&units, "default")).await.status, 200);
        assert_eq!(put(&head, "alt-registru", &definition(&json!([]), "petition")).await.status, 201);
        // A rule that there is not is refused when it is written, not found out when a term is missing.
        let unknown = put(&head, "dispozitii", &definition(&units, "petitionn")).await;
        assert_eq!((code(&unknown), &unknown.body["field"]), ((422, "invalid-register"), &json!("deadline_rule")));
        assert!(unknown.body["detail"].as_str().unwrap().contains("petition-misdirected"), "{:#}", unknown.body);

        let ids = async |clerk: &Clerk| {
            let listed = clerk.get("/v1/registers").await;
            let ids = listed["registers"].as_array().unwrap().iter().map(|one| one["id"].as_str().unwrap().to_owned());
            ids.collect::<Vec<_>>()
        };
        assert_eq!(ids(&head).await, ["general", "alt-registru", "dispozitii"]);
        assert_eq!(ids(&works).await, ["general", "alt-registru"]);
        let hidden = works.request(Method::GET, "/v1/registers/dispozitii").await;
        assert_eq!(code(&hidden), (403, "forbidden"));

        let brought = |name: &str| json!({"subject": "Document", "correspondent": {"name": name}});
        let in_secret = head.post("/v1/registers/dispozitii/entries", "a", brought("Ana Inventata")).await;
        assert_eq!(in_secret.status, 201, "{:#}", in_secret.body);
        head.post(ENTRIES, "b", brought("Ion Inventatu")).await;
        let names = async |clerk: &Clerk| {
            let listed = clerk.get("/v1/correspondents?name=inventat").await;
            let names = listed["items"].as_array().unwrap().iter().map(|one| one["name"].as_str().unwrap().to_owned());
            names.collect::<Vec<_>>()
        };
        assert_eq!(names(&head).await, ["Ana Inventata", "Ion Inventatu"]);
        assert_eq!(names(&works).await, ["Ion Inventatu"]);
        let id = in_secret.body["correspondent"]["id"].as_str().unwrap().to_owned();
        let refused = works.post(&format!("/v1/correspondents/{id}/anonymise"), "-", json!({})).await;
        assert_eq!(code(&refused), (404, "not-found"), "whom one does not see one cannot make unrecognisable");
        assert_eq!(head.post(&format!("/v1/correspondents/{id}/anonymise"), "-", json!({})).await.status, 200);
        hub.stop().await;
    })
    .await;
}

#[tokio::test]
async fn a_directory_whose_register_names_an_unknown_rule_does_not_start_a_hub() {
    let started = std::panic::AssertUnwindSafe(TestHub::start_with(Database::Sqlite, |config| {
        county::change(config, |toml| {
            format!(
                "{toml}[[register]]\nparty = '{HUB_TOWN}'\nid = 'petitii'\ntitle = 'Petiții'\ndeadline_rule = 'petitie'\n"
            )
        });
    }));
    let failed = tokio::spawn(async move { started.0.await.stop().await }).await.expect_err("the hub does not start");
    let told = failed.into_panic();
    let told = told.downcast_ref::<String>().cloned().unwrap_or_default();
    assert!(told.contains("petitie") && told.contains("petition"), "{told}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_dossier_code_that_is_none_is_refused_wherever_it_is_written() {
    Database::each(|database| async move {
        let hub = TestHub::start(database).await;
        let year = this_year(&hub);
        let desk = Clerk::of(&hub, HUB_TOWN, ("arh-1", "arhiva"));
        Desk::of(&hub, HUB_TOWN, "arh-1", "arhiva").adopt().await;
        desk.post(ENTRIES, "a", json!({"subject": "Una"})).await;
        desk.post("/v1/registers/general/reservations", "b", json!({"unit": "arhiva"})).await;
        let wrong = "IX/Z/99";
        let correction = json!({"changes": {"dossier_code": wrong}, "reason": "indicativ"});
        let steps = [
            (format!("/v1/registers/general/{year}/1/correct"), correction),
            (format!("/v1/registers/general/{year}/1/filing"), json!({"reason": "clasat", "dossier_code": wrong})),
            (format!("/v1/registers/general/{year}/2/fill"), json!({"subject": "Două", "dossier_code": wrong})),
            (ENTRIES.to_owned(), json!({"subject": "Trei", "dossier_code": wrong})),
        ];
        for (path, body) in steps {
            let answer = desk.post(&path, "c", body).await;
            assert_eq!(code(&answer), (422, "unknown-dossier-code"), "{path}: {:#}", answer.body);
        }
        // An old register's row is refused alone, with what to do.
        let file = format!("Nr.;Data;Conținut;Indicativ dosar\n1;02.01.{year};Bună;\n2;03.01.{year};Greșită;{wrong}\n");
        let import =
            hub.client(HUB_TOWN).request(Method::POST, &format!("/v1/registers/general/{year}/import?mode=good-rows"));
        let answer = ask(import.header("Punte-Clerk", "arh-1").body(file)).await;
        assert_eq!(
            answer.body["counts"],
            json!({"taken": 1, "again": 0, "refused": 1, "waiting": 0}),
            "{:#}",
            answer.body
        );
        let error = &answer.body["rows"][1]["errors"][0];
        assert!(error["message"].as_str().unwrap().contains(wrong), "{error:#}");
        hub.stop().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_petition_brought_to_the_counter_goes_on_as_a_message_where_it_was_scanned_and_by_paper_where_not() {
    Database::each(|database| async move {
        let hub = TestHub::start_with(database, |config| county::change(config, council)).await;
        let year = this_year(&hub);
        let today = hub.running().hub.clock.now().romanian_date();
        let desk = Clerk::of(&hub, COUNCIL, ("cj-1", "registratura"));
        for (key, subject) in [("a", "Podul din sat"), ("b", "Gardul"), ("c", "Drumul")] {
            let brought = json!({"subject": subject, "correspondent": {"name": "Ion Inventatu"}});
            assert_eq!(desk.post("/v1/registers/petitii/entries", key, brought).await.status, 201);
        }
        let told = json!({"on": today, "how": "la ghișeu"});
        let to = |competent: &str| json!({"competent": competent, "reason": "drum al orașului", "told": told});
        let mut scanned = to(HUB_TOWN);
        scanned["documents"] =
            json!([{"name": "cerere.pdf", "content_type": "application/pdf", "base64": "JVBERi0xLjQgaW52ZW50YXQ="}]);
        let mut untold = scanned.clone();
        untold["told"] = Value::Null;
        let answer = desk.act(&format!("petitii/{year}/1"), "redirection", untold).await;
        assert_eq!((code(&answer), &answer.body["field"]), ((422, "not-redirected"), &json!("told")));

        let sent = desk.act(&format!("petitii/{year}/1"), "redirection", scanned.clone()).await;
        assert_eq!((sent.status, &sent.body["way"]), (200, &json!("message")), "{:#}", sent.body);
        let message = sent.body["message_id"].as_str().unwrap().to_owned();
        let delivery = hub.client(COUNCIL).wait_for_delivery(&message, HUB_TOWN, "consigned").await;
        assert_eq!(delivery["recipient_registration"]["number"], format!("P-001/{year}"));
        let again = desk.act(&format!("petitii/{year}/1"), "redirection", scanned).await;
        assert_eq!((&again.body["again"], &again.body["message_id"]), (&json!(true), &json!(message)));
        let town = Clerk::of(&hub, HUB_TOWN, ("f-1", "registratura"));
        let theirs = town.get(&format!("/v1/registers/petitii/{year}/1")).await;
        assert_eq!(theirs["counterpart_registration"]["number"], format!("P-001/{year}"), "{theirs:#}");

        // Nothing scanned, or an institution outside the hub: by paper, and said so.
        for (number, competent) in [(2, HUB_TOWN), (3, "Primăria Comunei Inventate")] {
            let sent = desk.act(&format!("petitii/{year}/{number}"), "redirection", to(competent)).await;
            assert_eq!((sent.status, &sent.body["way"]), (200, &json!("paper")), "{:#}", sent.body);
            assert_eq!(sent.body["message_id"], Value::Null);
            let entry = desk.get(&format!("/v1/registers/petitii/{year}/{number}")).await;
            assert_eq!(entry["status"], "redirected", "{entry:#}");
            assert_eq!(entry["acts"][0]["content"]["competent"], competent);
            assert_eq!(entry["acts"][0]["content"]["told"]["how"], "la ghișeu");
            assert!(entry["particulars"]["resolution"].as_str().unwrap().contains(competent));
        }
        assert_eq!(desk.get("/v1/deadlines").await["deadlines"], json!([]), "no term runs here any more");
        assert_eq!(desk.get("/v1/orphans").await["orphans"], json!([]));
        hub.stop().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_old_register_is_printed_exported_and_found_beside_the_hub_s_numbers_and_never_as_one_of_them() {
    Database::each(|database| async move {
        let hub = TestHub::start(database).await;
        let year = this_year(&hub);
        let desk = Clerk::of(&hub, HUB_TOWN, ("f-1", "registratura"));
        let client = hub.client(HUB_TOWN);
        let file = format!(
            "Nr.;Data;Emitent;Conținut\n7;02.01.{year};Școala Inventată;Cerere de la școală\n12 bis;03.02.{year};;Notă\n"
        );
        let import = client.request(Method::POST, &format!("/v1/registers/general/{year}/import"));
        let taken = ask(import.header("Punte-Clerk", "f-1").body(file)).await;
        assert_eq!(taken.body["counts"]["taken"], 2, "{:#}", taken.body);
        desk.post(ENTRIES, "a", json!({"subject": "Întâia în hub"})).await;

        let csv = String::from_utf8(client.exported(&format!("/v1/registers/general/{year}/entries.csv")).await).unwrap();
        let lines: Vec<&str> = csv.lines().skip(1).collect();
        assert_eq!(lines.len(), 3, "{csv}");
        assert!(lines[0].starts_with("7;") && lines[0].ends_with(";preluat din registrul vechi"), "{csv}");
        assert!(lines[1].starts_with("12 bis;"), "{csv}");
        assert!(lines[2].starts_with("1;") && !lines[2].contains("preluat"), "{csv}");
        let part = format!("/v1/registers/general/{year}/entries.csv?since={year}-02-01&until={year}-02-28");
        assert_eq!(String::from_utf8(client.exported(&part).await).unwrap().lines().count(), 2);
        assert!(client.exported(&format!("/v1/registers/general/{year}/entries.xlsx")).await.starts_with(b"PK"));
        assert!(client.exported(&format!("/v1/registers/general/{year}/print.pdf")).await.starts_with(b"%PDF-"));

        let found = async |wanted: &str| {
            let listed = client.get(&format!("{ENTRIES}?{wanted}")).await.1;
            let numbers = |name: &str| {
                let rows = listed[name].as_array().unwrap().iter();
                rows.map(|one| one["number"].to_string().replace('"', "")).collect::<Vec<_>>().join(",")
            };
            assert!(listed["imported"].as_array().unwrap().iter().all(|one| one["imported"] == true), "{listed:#}");
            (numbers("entries"), numbers("imported"))
        };
        let is = |entries: &str, imported: &str| (entries.to_owned(), imported.to_owned());
        assert_eq!(found("").await, is("1", "7,12 bis"));
        assert_eq!(found("words=scoala").await, is("", "7"));
        assert_eq!(found("counterpart=inventata").await, is("", "7"));
        assert_eq!(found(&format!("until={year}-02-03")).await, is("", "7,12 bis"));
        assert_eq!(found(&format!("since={}", hub.running().hub.clock.now().romanian_date())).await, is("1", ""));
        assert_eq!(found("status=registered").await, is("1", ""));
        assert_eq!(client.get(&format!("{ENTRIES}?since=ieri")).await.1["field"], "since");

        // The proof knows the hub's numbers alone, and the hub verifies it.
        let proof = client.bytes(&format!("/v1/registers/general/{year}/proof")).await;
        let verified = ask(client.request(Method::POST, "/v1/verify").body(proof.clone())).await;
        assert_eq!(verified.status, 200, "{:#}", verified.body);
        assert!(verified.body.to_string().contains("gapless"), "{:#}", verified.body);
        let lie = String::from_utf8(proof).unwrap().replacen("\"number\":1,", "\"number\":2,", 1);
        let refused = ask(client.request(Method::POST, "/v1/verify").body(lie)).await;
        assert_eq!(code(&refused), (422, "unverified"), "{:#}", refused.body);

        // More rows than a volume holds: several volumes, said so; none that is not there.
        hub.execute(
            "with recursive n(i) as (select 100 union all select i + 1 from n where i < 20097)
             insert into register_old_entry (party, register, year, number, ordinal, registered_on, record, searched,
             content_sha256, import_id) select o.party, o.register, o.year, cast(n.i as text), n.i, o.registered_on,
             o.record, o.searched, o.content_sha256, o.import_id from register_old_entry o, n where o.number = '7'",
        )
        .await
        .unwrap();
        let print = format!("/v1/registers/general/{year}/print.pdf");
        let volume = |number: usize| {
            let request = client.request(Method::GET, &format!("{print}?volume={number}"));
            request.header("Punte-Purpose", "control intern").header("Punte-Legal-Basis", "OSGG 600/2018")
        };
        let second = volume(2).send().await.unwrap();
        assert_eq!((second.status().as_u16(), &second.headers()["punte-volumes"]), (200, &"2".parse().unwrap()));
        let name = second.headers()["content-disposition"].to_str().unwrap().to_owned();
        assert!(name.contains("vol-2.pdf"), "{name}");
        assert!(second.bytes().await.unwrap().starts_with(b"%PDF-"));
        let third = ask(volume(3)).await;
        assert_eq!((code(&third), &third.body["volumes"]), ((404, "not-found"), &json!(2)));
        hub.stop().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_data_folder_says_whose_it_is() {
    use hub_server::config::Service;
    let hub = TestHub::start_with(Database::Sqlite, |config| config.service.name = "Hub inventat".to_owned()).await;
    assert_eq!(Service::default().or_of(&hub.config.data).name, "Hub inventat");
    let configured = Service { name: "Altul".to_owned(), ..Service::default() };
    assert_eq!(configured.or_of(&hub.config.data).name, "Altul", "a configuration has the word");
    hub.stop().await;
}
