//! Clerks of a town hall keep their registers: numbers, kept numbers, corrections, annulments, connections, duplicates.

use hub_proofs::register::{Linked, act_link, canonical, entry_digest, series_start, verify};
use reqwest::Method;
use serde_json::{Value, json};
use tests::client::{Answer, ask};
use tests::county::{DIRECTORATE, HUB_TOWN, SENDER, change};
use tests::documents::{inquiry_envelope, inquiry_parts, letter};
use tests::{Client, Database, TestHub};

/// A clerk of the town hall, in a unit. The pseudonyms are invented.
struct Desk {
    client: Client,
    clerk: &'static str,
    unit: &'static str,
}

impl Desk {
    fn of(hub: &TestHub, clerk: &'static str, unit: &'static str) -> Self {
        Self { client: hub.client(HUB_TOWN), clerk, unit }
    }

    async fn call(&self, method: Method, path: &str, key: &str, body: &Value) -> Answer {
        let request = self.client.request(method, &format!("/v1/registers{path}")).json(body);
        let request = request.header("punte-clerk", self.clerk).header("punte-unit", self.unit);
        ask(request.header("idempotency-key", key)).await
    }

    async fn post(&self, path: &str, key: &str, body: Value) -> (u16, Value) {
        let answer = self.call(Method::POST, path, key, &body).await;
        (answer.status, answer.body)
    }

    async fn get(&self, path: &str) -> Value {
        let request = self.client.request(Method::GET, &format!("/v1/registers{path}"));
        let answer = ask(request.header("punte-clerk", self.clerk).header("punte-unit", self.unit)).await;
        assert_eq!(answer.status, 200, "{path}: {:#}", answer.body);
        answer.body
    }
}

fn petition(subject: &str) -> Value {
    json!({
        "subject": subject, "way": "ghiseu", "pages": 2, "annexes": 1,
        "correspondent": {"name": "Ion Inventatu", "address": {"localitate": "Baia de Aramă"}},
    })
}

/// The year now, as the hub under test has it.
async fn year(desk: &Desk) -> i64 {
    desk.get("/general/entries").await["year"].as_i64().unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_document_brought_to_the_counter_gets_the_next_number_and_keeps_its_thirteen_elements() {
    Database::each(|database| async move {
        let hub = TestHub::start(database).await;
        let desk = Desk::of(&hub, "f-17", "registratura");
        let document = json!({
            "direction": "in", "subject": "Cerere pentru ajutor de încălzire", "way": "posta",
            "correspondent": {"kind": "institution", "name": "Școala Gimnazială Inventată", "identifier_kind": "cui", "identifier": "4567890"},
            "external_number": "512/B", "external_date": "2026-03-01", "received_at": "2026-03-02T08:05:00+02:00",
            "pages": 3, "annexes": 2, "unit": "asistenta-sociala", "dossier_code": "II/A/4",
        });
        let (status, entry) = desk.post("/general/entries", "a", document.clone()).await;
        assert_eq!(status, 201, "{entry:#}");
        assert_eq!((&entry["number"], &entry["shown"], &entry["kind"]), (&json!(1), &json!("1"), &json!("document")));
        assert_eq!((&entry["direction"], &entry["status"]), (&json!("in"), &json!("assigned")));
        let particulars = &entry["particulars"];
        assert_eq!(particulars["received_at"], "2026-03-02T06:05:00.000Z", "the true time stands apart");
        assert_ne!(entry["recorded_at"], particulars["received_at"]);
        for name in ["subject", "way", "external_number", "external_date", "pages", "annexes", "unit", "dossier_code"] {
            assert_eq!(particulars[name], document[name], "{name}");
        }
        assert_eq!(entry["correspondent"]["name"], "Școala Gimnazială Inventată");
        assert_eq!(entry["author"], "f-17");

        // The same request, asked again, has the same number; another under its key is refused.
        let (status, again) = desk.post("/general/entries", "a", document.clone()).await;
        assert_eq!((status, &again["number"]), (200, &json!(1)));
        let (status, conflict) = desk.post("/general/entries", "a", petition("Altceva")).await;
        assert_eq!((status, &conflict["code"]), (409, &json!("idempotency-conflict")));

        let (status, internal) = desk.post("/general/entries", "b", json!({"direction": "internal", "subject": "Referat"})).await;
        assert_eq!((status, &internal["number"]), (201, &json!(2)));
        let (status, problem) = desk.post("/general/entries", "c", json!({"pages": 1})).await;
        assert_eq!((status, &problem["code"]), (422, &json!("invalid-entry")));
        assert_eq!(problem["violations"][0]["pointer"], "/subject");
        let (_, third) = desk.post("/general/entries", "d", petition("Al treilea")).await;
        assert_eq!(third["number"], 3, "what was refused took no number");
        hub.stop().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_seems_registered_already_is_told_with_its_number_and_registered_again_only_on_purpose() {
    Database::each(|database| async move {
        let hub = TestHub::start(database).await;
        let desk = Desk::of(&hub, "f-17", "registratura");
        let letter = |name: &str, subject: &str| {
            json!({"subject": subject, "external_number": "77 / 2026", "external_date": "2026-03-01",
                   "correspondent": {"kind": "institution", "name": name}})
        };
        let (status, first) = desk.post("/general/entries", "a", letter("Prefectura Inventată", "Adresă")).await;
        assert_eq!(status, 201, "{first:#}");
        let (status, warning) =
            desk.post("/general/entries", "b", letter("PREFECTURA INVENTATA", "Adresa, din nou")).await;
        assert_eq!((status, &warning["code"]), (409, &json!("possible-duplicate")), "{warning:#}");
        assert_eq!(
            (&warning["earlier"][0]["number"], &warning["earlier"][0]["same"]),
            (&json!(1), &json!("external_number"))
        );
        let (status, _) = desk.post("/general/entries", "c", letter("Alt emitent inventat", "Adresă")).await;
        assert_eq!(status, 201, "another issuer's letter may have the same number and date");

        let mut again = letter("Prefectura Inventată", "Adresă");
        again["duplicate_of"] = json!({"year": first["year"], "number": 1});
        let (status, twice) = desk.post("/general/entries", "b", again).await;
        assert_eq!((status, &twice["number"]), (201, &json!(3)), "the key that was refused is free; {twice:#}");
        assert_eq!(twice["ties"][0]["relation"], "duplicate_of");

        let scan = json!({"subject": "Scan", "content_sha256": "ab".repeat(32)});
        assert_eq!(desk.post("/general/entries", "e", scan.clone()).await.0, 201);
        let (status, warning) = desk.post("/general/entries", "f", scan.clone()).await;
        assert_eq!((status, &warning["earlier"][0]["same"]), (409, &json!("content")));
        let mut outgoing = scan;
        outgoing["direction"] = json!("out");
        assert_eq!(
            desk.post("/general/entries", "g", outgoing).await.0,
            201,
            "what goes out is no duplicate of what came"
        );
        hub.stop().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_annulled_number_stays_with_reason_author_and_another_clerk_who_approved_it() {
    Database::each(|database| async move {
        let hub = TestHub::start(database).await;
        let (clerk, head) = (Desk::of(&hub, "f-17", "registratura"), Desk::of(&hub, "sef-2", "registratura"));
        clerk.post("/general/entries", "a", petition("Greșită")).await;
        clerk.post("/general/entries", "b", petition("Corectă")).await;
        let year = year(&clerk).await;
        let wrong = format!("/general/{year}/1");
        let (status, problem) = clerk.post(&format!("{wrong}/approve-annulment"), "-", json!({})).await;
        assert_eq!((status, &problem["code"]), (409, &json!("state-conflict")), "nothing was proposed");
        let (status, problem) = clerk.post(&format!("{wrong}/annul"), "-", json!({"reason": "x"})).await;
        assert_eq!((status, &problem["field"]), (422, &json!("/reason")));
        let reason = json!({"reason": "Înregistrată de două ori", "replaced_by": {"year": year, "number": 2}});
        let (status, proposed) = clerk.post(&format!("{wrong}/annul"), "-", reason).await;
        assert_eq!(
            (status, &proposed["pending"], &proposed["status"]),
            (200, &json!("annulment"), &json!("registered"))
        );
        let (status, problem) = clerk.post(&format!("{wrong}/approve-annulment"), "-", json!({})).await;
        assert_eq!((status, &problem["code"]), (409, &json!("second-clerk-needed")));
        let (status, annulled) = head.post(&format!("{wrong}/approve-annulment"), "-", json!({})).await;
        assert_eq!((status, &annulled["status"]), (200, &json!("annulled")), "{annulled:#}");
        assert_eq!(
            annulled["ties"][0],
            json!({"relation": "replaced_by", "register": "general", "year": year, "number": 2})
        );
        let authors: Vec<&Value> =
            annulled["acts"].as_array().unwrap().iter().map(|act| &act["author"]["clerk"]).collect();
        assert_eq!(authors, [&json!("f-17"), &json!("sef-2")]);
        assert_eq!(annulled["acts"][0]["content"]["reason"], "Înregistrată de două ori");

        let (status, problem) =
            clerk.post(&format!("{wrong}/correct"), "-", json!({"changes": {"pages": 9}, "reason": "pagini"})).await;
        assert_eq!((status, &problem["code"]), (409, &json!("state-conflict")), "an annulled entry stays as it is");
        let (_, next) = clerk.post("/general/entries", "c", petition("Următoarea")).await;
        assert_eq!(next["number"], 3, "an annulled number is not given again");
        assert!(hub.execute("delete from register_entry").await.is_err(), "the database refuses deletion");
        assert!(hub.execute("update register_act set act = 'x'").await.is_err(), "and changes of acts");
        hub.stop().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_correction_is_a_new_version_and_the_chain_shows_every_one() {
    Database::each(|database| async move {
        let hub = TestHub::start(database).await;
        let desk = Desk::of(&hub, "f-17", "registratura");
        for key in ["a", "b", "c"] {
            desk.post("/general/entries", key, petition(key)).await;
        }
        let year = year(&desk).await;
        let place = format!("/general/{year}/2");
        let before = desk.get(&place).await;
        let correction =
            json!({"changes": {"subject": "Petiție privind drumul", "annexes": null}, "reason": "Scris greșit"});
        let (status, corrected) = desk.post(&format!("{place}/correct"), "-", correction.clone()).await;
        assert_eq!(status, 200, "{corrected:#}");
        assert_eq!(corrected["particulars"]["subject"], "Petiție privind drumul");
        assert_eq!(corrected["first_recorded"]["subject"], "b");
        assert_eq!(corrected["acts"][0]["content"]["old"], json!({"annexes": 1, "subject": "b"}));
        assert_eq!((&corrected["number"], &corrected["recorded_at"]), (&before["number"], &before["recorded_at"]));
        let mut late = correction;
        late["acts"] = json!(0);
        late["changes"]["pages"] = json!(8);
        let (status, problem) = desk.post(&format!("{place}/correct"), "-", late).await;
        assert_eq!((status, &problem["acts"]), (409, &json!(1)), "somebody changed it meanwhile");
        let (status, problem) =
            desk.post(&format!("{place}/correct"), "-", json!({"changes": {"number": 7}, "reason": "număr"})).await;
        assert_eq!((status, &problem["code"]), (422, &json!("invalid-entry")), "a number never changes");

        // Everything a stranger needs to recompute the chain.
        let mut linked = Vec::new();
        for number in 1..=3_u64 {
            let entry = desk.get(&format!("/general/{year}/{number}")).await;
            let salt: [u8; 16] = hex::decode(entry["digest_of"]["salt"].as_str().unwrap()).unwrap().try_into().unwrap();
            let document = entry["digest_of"]["document"].as_str().unwrap();
            assert_eq!(canonical(&serde_json::from_str(document).unwrap()), document);
            let link: [u8; 32] = hex::decode(entry["link"].as_str().unwrap()).unwrap().try_into().unwrap();
            linked.push(Linked { number, digest: entry_digest(&salt, document), link });
        }
        let newest = verify(series_start(HUB_TOWN, "general", year), 1, &linked).unwrap();
        let registers = desk.get("").await;
        assert_eq!(registers["registers"][0]["years"][0]["link"], hex::encode(newest));
        assert_ne!(act_link(&linked[1].digest, &[0; 16], "{}"), linked[1].digest);
        hub.stop().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn numbers_kept_for_a_unit_are_filled_later_and_keep_the_day_they_were_given() {
    Database::each(|database| async move {
        let hub = TestHub::start(database).await;
        let desk = Desk::of(&hub, "f-17", "registratura");
        let (status, kept) = desk.post("/general/reservations", "r", json!({"unit": "urbanism"})).await;
        assert_eq!((status, &kept["numbers"]), (201, &json!([{"number": 1, "shown": "1"}])), "{kept:#}");
        let (status, block) = desk.post("/general/allocations", "b", json!({"unit": "sat-marasesti", "count": 5})).await;
        assert_eq!((status, block["numbers"].as_array().unwrap().len()), (201, 5));
        let (status, again) = desk.post("/general/allocations", "b", json!({"unit": "sat-marasesti", "count": 5})).await;
        assert_eq!((status, &again["numbers"]), (200, &block["numbers"]), "the same block again");
        let (_, next) = desk.post("/general/entries", "n", petition("După bloc")).await;
        assert_eq!(next["number"], 7);

        let year = year(&desk).await;
        let place = format!("/general/{year}/1");
        let before = desk.get(&place).await;
        assert_eq!((&before["status"], &before["particulars"]["unit"]), (&json!("reserved"), &json!("urbanism")));
        let (status, filled) = desk.post(&format!("{place}/fill"), "-", json!({"direction": "out", "subject": "Certificat de urbanism"})).await;
        assert_eq!((status, &filled["status"], &filled["particulars"]["unit"]), (200, &json!("assigned"), &json!("urbanism")));
        assert_eq!(filled["recorded_at"], before["recorded_at"]);
        let (status, problem) = desk.post(&format!("{place}/fill"), "-", petition("Iar")).await;
        assert_eq!((status, &problem["code"]), (409, &json!("state-conflict")), "a number is filled once");

        // The village without a line sends what it wrote down, with the true times.
        let written = |number: i64, subject: &str| {
            let mut draft = petition(subject);
            draft["year"] = json!(year);
            draft["number"] = json!(number);
            draft["received_at"] = json!("2026-03-02T10:00:00+02:00");
            draft
        };
        let entries = json!({"entries": [written(2, "Prima"), written(3, "A doua"), written(7, "Nu e din bloc"), written(4, "")]});
        let (status, results) = desk.post("/general/fillings", "-", entries).await;
        assert_eq!(status, 200, "{results:#}");
        let codes: Vec<&Value> = results["results"].as_array().unwrap().iter().map(|one| &one["problem"]["code"]).collect();
        assert_eq!(codes, [&Value::Null, &Value::Null, &json!("state-conflict"), &json!("invalid-entry")]);
        let filled = desk.get(&format!("/general/{year}/3")).await;
        assert_eq!((&filled["direction"], &filled["particulars"]["received_at"]), (&json!("in"), &json!("2026-03-02T08:00:00.000Z")));
        let listed = desk.get("/general/entries?status=reserved").await;
        let left: Vec<&Value> = listed["entries"].as_array().unwrap().iter().map(|one| &one["number"]).collect();
        assert_eq!(left, [&json!(4), &json!(5), &json!(6)], "what is still to be filled or annulled");
        hub.stop().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_register_of_ones_own_numbers_in_its_form_asks_for_its_fields_and_lets_only_its_units_in() {
    Database::each(|database| async move {
        let hub = TestHub::start(database).await;
        let desk = Desk::of(&hub, "f-17", "registratura");
        let definition = json!({
            "title": "Registrul petițiilor", "number_format": "P-{number:05}/{year}", "legal_basis": "OG 27/2002",
            "fields": [{"name": "fel", "title": "Felul petiției", "kind": "choice", "required": true, "choices": ["cerere", "reclamatie"]}],
            "units": [{"unit": "registratura", "may": ["see", "register", "annul"]}, {"unit": "secretar", "may": ["see", "approve"]}],
        });
        let mut broken = definition.clone();
        broken["number_format"] = json!("P-{year}");
        let answer = desk.call(Method::PUT, "/petitii", "-", &broken).await;
        assert_eq!((answer.status, &answer.body["code"]), (422, &json!("invalid-register")));
        let answer = desk.call(Method::PUT, "/petitii", "-", &definition).await;
        assert_eq!((answer.status, &answer.body["definition_version"]), (201, &json!(1)), "{:#}", answer.body);

        let (status, problem) = desk.post("/petitii/entries", "a", petition("Gropi")).await;
        assert_eq!((status, &problem["violations"][0]["pointer"]), (422, &json!("/fields/fel")));
        let mut good = petition("Gropi pe strada Morii");
        good["fields"] = json!({"fel": "reclamatie"});
        let (status, entry) = desk.post("/petitii/entries", "a", good.clone()).await;
        let year = entry["year"].as_i64().unwrap();
        assert_eq!((status, &entry["shown"]), (201, &json!(format!("P-00001/{year}"))));

        let stranger = Desk::of(&hub, "f-30", "urbanism");
        let (status, problem) = stranger.post("/petitii/entries", "b", good.clone()).await;
        assert_eq!((status, &problem["code"], &problem["field"]), (403, &json!("forbidden"), &json!("Punte-Unit")));
        assert!(problem["detail"].as_str().unwrap().contains("registratura"), "it says who may: {problem:#}");
        let (status, _) = desk.post(&format!("/petitii/{year}/1/annul"), "-", json!({"reason": "greșită"})).await;
        assert_eq!(status, 200);
        let (status, _) = Desk::of(&hub, "f-18", "registratura").post(&format!("/petitii/{year}/1/approve-annulment"), "-", json!({})).await;
        assert_eq!(status, 403, "the registry may propose, the secretary approves");
        let (status, _) = Desk::of(&hub, "sec-1", "secretar").post(&format!("/petitii/{year}/1/approve-annulment"), "-", json!({})).await;
        assert_eq!(status, 200);

        // A register whose numbers run on, and a definition that changes.
        let dispositions = json!({"title": "Dispozițiile primarului", "numbering": "continuing", "number_format": "D {number}"});
        let head = Desk::of(&hub, "sec-1", "secretar");
        assert_eq!(desk.call(Method::PUT, "/dispozitii", "-", &dispositions).await.status, 403, "the secretary defines");
        assert_eq!(head.call(Method::PUT, "/dispozitii", "-", &dispositions).await.status, 201);
        for number in 1..=2 {
            let (_, entry) = desk.post("/dispozitii/entries", &format!("d{number}"), json!({"direction": "internal", "subject": "Dispoziție"})).await;
            assert_eq!(entry["shown"], format!("D {number}"), "{entry:#}");
        }
        let mut changed = definition;
        changed["number_format"] = json!("PET {number}/{year}");
        let answer = head.call(Method::PUT, "/petitii", "-", &changed).await;
        assert_eq!((answer.status, &answer.body["definition_version"]), (200, &json!(2)));
        let (_, second) = desk.post("/petitii/entries", "c", good).await;
        assert_eq!(second["shown"], format!("PET 2/{year}"));
        let listed = desk.get("/petitii/entries").await;
        assert_eq!(listed["entries"][0]["shown"], format!("P-00001/{year}"), "a number keeps the form it was shown in");

        let registers = desk.get("").await;
        let told: Vec<(&str, i64)> = registers["registers"].as_array().unwrap().iter()
            .map(|one| (one["id"].as_str().unwrap(), one["years"][0]["last"].as_i64().unwrap_or_default())).collect();
        assert_eq!(told, [("general", 0), ("dispozitii", 2), ("petitii", 2)]);
        let absent = desk.call(Method::POST, "/neexistent/entries", "x", &petition("x")).await;
        assert_eq!(absent.status, 404);
        hub.stop().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_matter_is_followed_from_its_first_number_and_a_person_can_be_forgotten_while_it_stays() {
    Database::each(|database| async move {
        let hub = TestHub::start(database).await;
        let desk = Desk::of(&hub, "f-17", "registratura");
        let (_, first) = desk.post("/general/entries", "a", petition("Cerere de locuință")).await;
        let year = first["year"].as_i64().unwrap();
        let mut second = petition("Completare la cererea de locuință");
        second["connected_to"] = json!([{"year": year, "number": 1}]);
        desk.post("/general/entries", "b", second).await;
        desk.post("/general/entries", "c", petition("A doua completare")).await;
        let (status, third) =
            desk.post(&format!("/general/{year}/3/connect"), "-", json!({"to": {"year": year, "number": 2}})).await;
        assert_eq!(
            (status, &third["ties"][0]["number"]),
            (200, &json!(1)),
            "it goes to the first of the matter: {third:#}"
        );
        let reply = json!({"direction": "out", "subject": "Răspuns", "answers": {"year": year, "number": 1}});
        let (_, reply) = desk.post("/general/entries", "d", reply).await;
        assert_eq!((&reply["number"], &reply["ties"][0]["relation"]), (&json!(4), &json!("answers")));
        let (status, problem) = desk
            .post(
                "/general/entries",
                "e",
                json!({"direction": "out", "subject": "R", "answers": {"year": year, "number": 99}}),
            )
            .await;
        assert_eq!((status, &problem["field"]), (422, &json!("/answers")));
        let matter = desk.get(&format!("/general/{year}/1")).await;
        let tied: Vec<(&str, i64)> = matter["tied"]
            .as_array()
            .unwrap()
            .iter()
            .map(|tie| (tie["relation"].as_str().unwrap(), tie["number"].as_i64().unwrap()))
            .collect();
        assert_eq!(tied, [("connected_to", 2), ("connected_to", 3), ("answers", 4)]);

        let numbers = |listed: &Value| {
            listed["entries"].as_array().unwrap().iter().map(|one| one["number"].as_i64().unwrap()).collect::<Vec<_>>()
        };
        assert_eq!(numbers(&desk.get("/general/entries?words=LOCUINTA").await), [1, 2]);
        assert_eq!(numbers(&desk.get("/general/entries?counterpart=inventatu").await), [1, 2, 3]);
        assert_eq!(numbers(&desk.get("/general/entries?from=2&limit=2").await), [2, 3]);

        // One person, one row; forgotten once, gone from all.
        let id = first["correspondent"]["id"].as_str().unwrap().to_owned();
        assert_eq!(third["correspondent"]["id"], id.as_str());
        let request = desk.client.request(Method::POST, &format!("/v1/correspondents/{id}/anonymise"));
        let gone = ask(request.header("punte-clerk", "dpo-1")).await;
        assert_eq!((gone.status, &gone.body["name"]), (200, &Value::Null));
        let matter = desk.get(&format!("/general/{year}/1")).await;
        assert!(!matter.to_string().contains("Inventatu"), "{matter:#}");
        assert_eq!(matter["particulars"]["subject"], "Cerere de locuință");
        assert!(numbers(&desk.get("/general/entries?counterpart=inventatu").await).is_empty());
        hub.stop().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn messages_are_registered_where_their_type_belongs_on_both_sides() {
    Database::each(|database| async move {
        let hub = TestHub::start_with(database, |config| {
            change(config, |toml| {
                let register = |party: &str, id: &str, format: &str| {
                    format!("[[register]]\nparty = '{party}'\nid = '{id}'\ntitle = 'Anchete sociale'\nnumber_format = '{format}'\ndocument_types = ['ancheta-sociala-adult']\n")
                };
                toml + &register(SENDER, "anchete", "AS-{number:04}") + &register(DIRECTORATE, "evaluari", "{number}/EV/{year}")
            });
        })
        .await;
        let commune = hub.client(SENDER);
        let (status, receipt) = commune.send("inquiry", &inquiry_envelope(&[DIRECTORATE]), &inquiry_parts()).await;
        assert_eq!(status, 201, "{receipt:#}");
        assert_eq!((&receipt["sender_registration"]["register"], &receipt["sender_registration"]["number"]), (&json!("anchete"), &json!("AS-0001")));
        let message = receipt["message_id"].as_str().unwrap();
        let there = commune.wait_for_delivery(message, DIRECTORATE, "handed_over").await;
        assert_eq!(there["recipient_registration"]["register"], "evaluari");
        assert!(there["recipient_registration"]["number"].as_str().unwrap().starts_with("1/EV/"));
        let (_, listed) = hub.client(DIRECTORATE).get("/v1/registers/evaluari/entries").await;
        assert_eq!(listed["entries"][0]["counterpart_registration"]["number"], "AS-0001");
        let (_, general) = hub.client(DIRECTORATE).get("/v1/registers/general/entries").await;
        assert_eq!(general["entries"], json!([]));
        hub.stop().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_reply_over_the_hub_is_tied_to_what_it_answers_in_both_registers() {
    Database::each(|database| async move {
        let hub = TestHub::start(database).await;
        let commune = hub.client(SENDER);
        // A number of its own first, so that the two sides' numbers differ.
        let body = json!({"subject": "Altă hârtie"});
        assert_eq!(hub.client(HUB_TOWN).post("/v1/registers/general/entries", "x", &body).await.0, 201);
        let (status, first) = commune.post("/v1/messages", "first", &letter(&[HUB_TOWN], "Întrebare")).await;
        assert_eq!(status, 201, "{first:#}");
        commune.wait_for_delivery(first["message_id"].as_str().unwrap(), HUB_TOWN, "consigned").await;
        let mut second = letter(&[HUB_TOWN], "Revenire la întrebare");
        second["envelope"]["references"] = json!([first["sender_registration"]]);
        let (status, second) = commune.post("/v1/messages", "second", &second).await;
        assert_eq!(status, 201, "{second:#}");
        commune.wait_for_delivery(second["message_id"].as_str().unwrap(), HUB_TOWN, "consigned").await;
        let desk = Desk::of(&hub, "f-17", "registratura");
        let year = year(&desk).await;
        let tie = |number: i64| json!([{"relation": "answers", "register": "general", "year": year, "number": number}]);
        let (_, sent) = commune.get(&format!("/v1/registers/general/{year}/2")).await;
        assert_eq!(sent["ties"], tie(1), "{sent:#}");
        assert_eq!(desk.get(&format!("/general/{year}/3")).await["ties"], tie(2), "by the number it has here");
        hub.stop().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_closed_year_gives_no_number_and_says_when_to_come_back() {
    Database::each(|database| async move {
        let hub = TestHub::start(database).await;
        let desk = Desk::of(&hub, "f-17", "registratura");
        desk.post("/general/entries", "a", petition("Ultima")).await;
        hub.execute("update register_series set closed_at = 1").await.unwrap();
        let answer = desk.call(Method::POST, "/general/entries", "b", &petition("Prea târziu")).await;
        assert_eq!((answer.status, &answer.body["code"]), (503, &json!("register-closed")));
        assert!(answer.headers.contains_key("retry-after"));
        assert_eq!(desk.get("/general/entries").await["entries"].as_array().unwrap().len(), 1);
        hub.execute("update register_series set closed_at = null").await.unwrap();
        let (status, entry) = desk.post("/general/entries", "b", petition("Prea târziu")).await;
        assert_eq!((status, &entry["number"]), (201, &json!(2)), "the same key succeeds then");
        hub.stop().await;
    })
    .await;
}

#[tokio::test]
async fn headers_and_addresses_that_are_none_are_refused_in_words() {
    let hub = TestHub::start(Database::Sqlite).await;
    let desk = Desk::of(&hub, "f-17", "registratura");
    desk.post("/general/entries", "a", petition("Una")).await;
    let year = year(&desk).await;
    let cnp = desk.client.request(Method::GET, "/v1/registers/general/entries").header("punte-clerk", "1960229123450");
    let answer = ask(cnp).await;
    assert_eq!((answer.status, &answer.body["field"]), (400, &json!("Punte-Clerk")), "a CNP is no pseudonym");
    let nobody = desk.client.request(Method::POST, &format!("/v1/registers/general/{year}/1/annul"));
    let answer = ask(nobody.json(&json!({"reason": "fără autor"}))).await;
    assert_eq!((answer.status, &answer.body["code"]), (400, &json!("clerk-needed")));
    let (status, problem) = desk.client.get("/v1/registers/general/2026/P-1").await;
    assert_eq!((status.as_u16(), &problem["code"]), (404, &json!("not-found")));
    let (status, problem) = desk.client.get("/v1/registers/general/2026/77").await;
    assert_eq!((status.as_u16(), &problem["code"]), (404, &json!("not-found")));
    hub.stop().await;
}
