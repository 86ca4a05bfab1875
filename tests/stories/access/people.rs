//! People: from the one-time link to the sign-out, with what they prove themselves with, on both databases.

use reqwest::Method;
use serde_json::json;
use tests::county::{HUB_TOWN, SENDER};
use tests::people::{Browser, PASSWORD, code, enrol, invite, signed_in};
use tests::{Database, TestHub};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_invited_person_signs_in_with_two_factors() {
    Database::each(two_factors).await;
}

async fn two_factors(database: Database) {
    let hub = TestHub::start(database).await;
    let (_, link) = invite(&hub, SENDER, "ana@comuna.example", &["administrator"]).await;
    let mut ana = Browser::of(&hub);
    assert_eq!(ana.open(&link).await.status, 200);
    let token = link.split_once("token=").unwrap().1;
    let weak = ana.form("/sign-in/invitation", &[("token", token), ("password", "parola123456")]).await;
    assert_eq!(weak.status, 422);
    assert!(weak.text.contains("lista celor furate"), "{}", weak.text);
    let page = ana.form("/sign-in/invitation", &[("token", token), ("password", PASSWORD)]).await;
    assert_eq!(page.location, "/sign-in/enrolment", "an administrator needs a second factor");
    assert_eq!(ana.open("/account").await.status, 303, "a password alone does not let in");
    let enrolled = hub.running().hub.clock.now();
    let (seed, codes) = enrol(&hub, &mut ana).await;
    assert_eq!(codes.len(), 8);
    let page = ana.open("/account").await;
    assert!(page.text.contains("Persoană inventată ana@comuna.example"), "{}", page.text);
    let session = ana.open("/v1/session").await.json();
    assert_eq!(session["pseudonym"], "f-ana");
    assert_eq!((&session["assurance"], &session["unit"]), (&json!("substantial"), &json!("Registratura")));
    let again = ana.form("/sign-in/invitation", &[("token", token), ("password", PASSWORD)]).await;
    assert_eq!(again.status, 403, "a link is good once");

    let form = session["form_token"].as_str().unwrap();
    let out = ana.form("/sign-out", &[("form", form)]).await;
    assert_eq!((out.status, out.location.as_str()), (303, "/sign-in"));
    assert_eq!(ana.open("/v1/session").await.status, 401);

    let page = ana.sign_in("ana@comuna.example", PASSWORD).await;
    assert_eq!(page.location, "/sign-in/second-factor");
    let used = ana.form("/sign-in/second-factor", &[("code", &code(&seed, enrolled, 0))]).await;
    assert_eq!(used.status, 403, "the code of the enrolment is used");
    let now = hub.running().hub.clock.now();
    let page = ana.form("/sign-in/second-factor", &[("code", &code(&seed, now, 1))]).await;
    assert_eq!(page.location, "/account", "{page:?}");
    assert_eq!(ana.open("/account").await.status, 200);

    for (expected, what) in [(303, "a code on paper lets in"), (403, "and only once")] {
        let mut other = Browser::of(&hub);
        other.sign_in("ana@comuna.example", PASSWORD).await;
        let page = other.form("/sign-in/second-factor", &[("code", &codes[0])]).await;
        assert_eq!(page.status, expected, "{what}: {page:?}");
    }
    hub.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_session_ends_by_silence_by_its_person_and_with_the_password() {
    let mut hub = TestHub::start(Database::Sqlite).await;
    let mut here = signed_in(&hub, SENDER, "ion@comuna.example", &["clerk"]).await;
    let mut there = Browser::of(&hub);
    assert_eq!(there.sign_in("ion@comuna.example", PASSWORD).await.location, "/account");
    let sessions = here.open("/v1/sessions").await.json();
    let other = sessions["items"].as_array().unwrap().iter().find(|one| one["own"] == false).unwrap().clone();
    let path = format!("/v1/sessions/{}/end", other["session"].as_str().unwrap());
    assert_eq!(here.api(Method::POST, &path, &json!({})).await.status, 204);
    assert_eq!(there.open("/v1/session").await.status, 401, "ended from another browser");

    there.sign_in("ion@comuna.example", PASSWORD).await;
    let form = here.open("/v1/session").await.json()["form_token"].as_str().unwrap().to_owned();
    let changed = [("form", form.as_str()), ("old", PASSWORD), ("new", "alt cal roșu pe deal")];
    assert_eq!(here.form("/account/password", &changed).await.location, "/account");
    assert_eq!(there.open("/account").await.status, 303, "a new password ends what was open elsewhere");
    assert_eq!(here.open("/account").await.status, 200);

    hub.close().await;
    hub.config.clock_ahead_seconds = 14 * 60;
    hub.up().await;
    let mut here = here.at(&hub);
    assert_eq!(here.open("/v1/session").await.status, 200, "fourteen minutes are no silence");
    hub.close().await;
    hub.config.clock_ahead_seconds = 30 * 60;
    hub.up().await;
    let mut here = here.at(&hub);
    assert_eq!(here.open("/v1/session").await.status, 401, "sixteen are");
    let page = here.open("/account").await;
    assert_eq!(page.location, "/sign-in?next=/account");
    hub.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_act_of_a_person_bears_the_pseudonym_and_unit_of_the_session_whatever_headers_say() {
    let hub = TestHub::start(Database::Sqlite).await;
    let mut ana = signed_in(&hub, HUB_TOWN, "ana@primarie.example", &["clerk"]).await;
    let form = ana.open("/v1/session").await.json()["form_token"].as_str().unwrap().to_owned();
    let wrong = ana.request(Method::GET, "/v1/registers").header("Punte-Unit", "Financiar");
    let wrong = ana.send(wrong).await;
    assert_eq!((wrong.status, &wrong.json()["code"]), (403, &json!("not-your-unit")));
    let keep = ana.request(Method::POST, "/v1/registers/general/reservations").header("Punte-Form", &form);
    let keep = keep.header("Punte-Clerk", "altcineva").header("Punte-Unit", "Urbanism").header("idempotency-key", "n1");
    let kept = ana.send(keep.json(&json!({"direction": "in", "reason": "de la ghișeu"}))).await;
    assert!(!kept.text.contains("altcineva"), "{kept:?}");
    assert_ne!(kept.status, 401, "{kept:?}");
    assert_eq!(ana.api(Method::POST, "/v1/session/unit", &json!({"unit": "Urbanism"})).await.status, 204);
    assert_eq!(ana.open("/v1/session").await.json()["unit"], "Urbanism");
    assert_eq!(ana.api(Method::POST, "/v1/session/unit", &json!({"unit": "Financiar"})).await.status, 403);
    hub.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_administrator_makes_changes_stops_and_resets_accounts() {
    let hub = TestHub::start(Database::Sqlite).await;
    let mut admin = signed_in(&hub, SENDER, "admin@comuna.example", &["administrator"]).await;
    let new = json!({"login": "ion@comuna.example", "display_name": "Ion, inventat", "pseudonym": "f-7",
        "units": ["Urbanism"], "grants": [{"role": "clerk", "units": ["Urbanism"]}]});
    let made = admin.api(Method::POST, "/v1/accounts", &new).await;
    assert_eq!(made.status, 201, "{made:?}");
    let account = made.json()["account"].as_str().unwrap().to_owned();
    let taken = admin.api(Method::POST, "/v1/accounts", &new).await;
    assert_eq!((taken.status, &taken.json()["code"]), (409, &json!("account-taken")));
    for (field, value) in [("login", "x"), ("pseudonym", "1234567890123"), ("display_name", "")] {
        let mut wrong = new.clone();
        wrong[field] = json!(value);
        let refused = admin.api(Method::POST, "/v1/accounts", &wrong).await.json();
        assert_eq!((&refused["code"], &refused["field"]), (&json!("invalid-account"), &json!(field)));
    }
    let link = made.json()["link"].as_str().unwrap().to_owned();
    let mut ion = Browser::of(&hub);
    let token = link.split_once("token=").unwrap().1;
    assert_eq!(ion.form("/sign-in/invitation", &[("token", token), ("password", PASSWORD)]).await.location, "/console");
    assert_eq!(ion.open("/v1/accounts").await.status, 403, "a clerk sees no accounts");

    let path = format!("/v1/accounts/{account}/grants");
    let more = json!({"units": ["Urbanism"], "grants": [{"role": "clerk"}, {"role": "head-of-unit"}]});
    assert_eq!(admin.api(Method::PUT, &path, &more).await.status, 200);
    assert_eq!(ion.open("/v1/session").await.status, 401, "other roles end what was begun under the old ones");
    let path = format!("/v1/accounts/{account}/lock");
    assert_eq!(admin.api(Method::POST, &path, &json!({})).await.json()["state"], "locked");
    assert_eq!(ion.sign_in("ion@comuna.example", PASSWORD).await.status, 403);
    let path = format!("/v1/accounts/{account}/unlock");
    assert_eq!(admin.api(Method::POST, &path, &json!({})).await.json()["state"], "active");
    assert_eq!(ion.sign_in("ion@comuna.example", PASSWORD).await.status, 303);
    let path = format!("/v1/accounts/{account}/reset");
    let reset = admin.api(Method::POST, &path, &json!({})).await.json();
    assert_eq!(reset["state"], "invited");
    assert_eq!(ion.open("/v1/session").await.status, 401);
    assert_eq!(ion.sign_in("ion@comuna.example", PASSWORD).await.status, 403, "the old password is gone");
    let history = admin.open(&format!("/v1/accounts/{account}/history")).await.json();
    let acts: Vec<&str> = history["items"].as_array().unwrap().iter().map(|one| one["act"].as_str().unwrap()).collect();
    assert_eq!(acts, ["invited", "activated", "granted", "locked", "unlocked", "reset"]);
    hub.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_needs_two_people_is_proposed_by_one_and_approved_by_another_once() {
    Database::each(two_people).await;
}

async fn two_people(database: Database) {
    let hub = TestHub::start(database).await;
    let mut ana = signed_in(&hub, SENDER, "ana@comuna.example", &["head-of-unit"]).await;
    let mut ion = signed_in(&hub, SENDER, "ion@comuna.example", &["head-of-unit"]).await;
    let mut stranger = signed_in(&hub, HUB_TOWN, "sef@primarie.example", &["head-of-unit"]).await;
    let proposal = json!({"kind": "unmasking", "subject": "persoana 1", "content_sha256": "ab".repeat(32), "reason": "cerere a instanței"});
    let made = ana.api(Method::POST, "/v1/approvals", &proposal).await;
    assert_eq!(made.status, 201, "{made:?}");
    let id = made.json()["approval"].as_str().unwrap().to_owned();
    let approve = format!("/v1/approvals/{id}/approve");
    let own = ana.api(Method::POST, &approve, &json!({})).await;
    assert_eq!((own.status, &own.json()["code"]), (409, &json!("own-proposal")));
    assert_eq!(stranger.api(Method::POST, &approve, &json!({})).await.status, 404);
    let system = hub.client(SENDER).request(Method::POST, &approve).json(&json!({}));
    assert_eq!(tests::client::ask(system).await.status, 403, "no program is the second person");
    let approved = ion.api(Method::POST, &approve, &json!({"reason": "văzut dosarul"})).await;
    assert_eq!(approved.json()["state"], "approved", "{approved:?}");
    let refuse = format!("/v1/approvals/{id}/refuse");
    assert_eq!(ion.api(Method::POST, &refuse, &json!({})).await.json()["code"], "state-conflict");
    let mut wrong = proposal.clone();
    wrong["kind"] = json!("anything");
    assert_eq!(ana.api(Method::POST, "/v1/approvals", &wrong).await.json()["code"], "invalid-approval");
    assert_eq!(ana.open("/v1/approvals").await.json()["items"], json!([]));
    assert_eq!(ana.open("/v1/approvals?all=true").await.json()["items"].as_array().unwrap().len(), 1);
    hub.stop().await;
}
