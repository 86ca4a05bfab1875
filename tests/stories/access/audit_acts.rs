//! What people, administrators and machines do is in the audit with who, on what and why; what is dangerous is done by two; and
//! whoever rewrites a whole chain is found out by the heads of the evidence log.

use std::collections::BTreeSet;

use hub_flow::audit::{self, Kind};
use hub_flow::clock::Timestamp;
use hub_flow::db::Db;
use hub_flow::ledger::Link;
use hub_flow::log::audit::Finding;
use hub_signatures::trust::Trust;
use reqwest::Method;
use serde_json::{Value, json};
use tests::client::ask;
use tests::county::SENDER;
use tests::log::{attack, log_key, often, send, settled};
use tests::machines::{KEYLESS, OPERATOR, with_machines};
use tests::people::{Browser, approved_by_two, signed_in};
use tests::{Database, TestHub};

/// Invented: born in 1980 in no county.
const CNP: &str = "1800101221144";

async fn events(hub: &TestHub, party: &str, query: &str) -> Vec<Value> {
    let (status, page) = hub.client(party).get(&format!("/v1/audit?limit=500&{query}")).await;
    assert_eq!(status, 200, "{page:#}");
    page["events"].as_array().unwrap().clone()
}

fn kinds(events: &[Value]) -> BTreeSet<&str> {
    events.iter().map(|event| event["kind"].as_str().unwrap()).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_becomes_of_an_account_and_of_its_sessions_is_told_without_a_name() {
    Database::each(accounts).await;
}

async fn accounts(database: Database) {
    let hub = TestHub::start(database).await;
    let mut admin = signed_in(&hub, SENDER, "admin@comuna.example", &["administrator"]).await;
    let mut ion = signed_in(&hub, SENDER, "ion@comuna.example", &["clerk"]).await;
    let list = admin.open("/v1/accounts").await.json();
    let ion_id = list["items"].as_array().unwrap().iter().find(|one| one["login"] == "ion@comuna.example").unwrap();
    let ion_id = ion_id["account"].as_str().unwrap().to_owned();
    let mut stranger = Browser::of(&hub);
    stranger.sign_in("ion@comuna.example", "nu-este-parola-lui").await;
    stranger.sign_in("nimeni@comuna.example", "nici-asta-nu").await;
    assert_eq!(ion.api(Method::POST, "/v1/session/end", &json!({})).await.status, 204);
    let grants = json!({"units": ["Urbanism"], "grants": [{"role": "clerk"}, {"role": "head-of-unit"}]});
    let path = format!("/v1/accounts/{ion_id}");
    assert_eq!(admin.api(Method::PUT, &format!("{path}/grants"), &grants).await.status, 200);
    for act in ["lock", "unlock", "reset", "retire"] {
        let done = admin.api(Method::POST, &format!("{path}/{act}"), &json!({})).await;
        assert_eq!(done.status, 200, "{act}: {done:?}");
    }

    let own = events(&hub, SENDER, "").await;
    for kind in [
        "account.invited",
        "account.activated",
        "account.locked",
        "account.unlocked",
        "account.reset",
        "account.retired",
        "grants.changed",
        "password.set",
        "second-factor.enrolled",
        "recovery-codes.made",
        "sign-in.done",
        "sign-in.failed",
        "session.signed-out",
    ] {
        assert!(kinds(&own).contains(kind), "{kind} is not among {:?}", kinds(&own));
    }
    let granted = own.iter().find(|one| one["kind"] == "grants.changed").unwrap();
    assert_eq!((&granted["subject"], &granted["principal"]["kind"]), (&json!(ion_id), &json!("person")), "{granted:#}");
    assert_ne!(granted["principal"]["id"], json!(ion_id), "told by pseudonym, and it is the administrator's");
    let failed = own.iter().find(|one| one["kind"] == "sign-in.failed").unwrap();
    assert_eq!((&failed["outcome"], &failed["subject"]), (&json!("refused"), &json!(ion_id)), "{failed:#}");
    // The name that nobody has is told to those who run the hub, and not as it was typed.
    let all = audit::after(&hub.running().hub.db, 0, 1000).await.unwrap();
    let failed = all.iter().filter(|one| one.event.kind == Kind::SignInFailed);
    assert_eq!(failed.clone().filter(|one| one.event.subject.is_none()).count(), 1);
    for one in &all {
        let text = format!("{:?}", one.event);
        for secret in ["@comuna.example", "nu-este-parola-lui", "Persoană inventată"] {
            assert!(!text.contains(secret), "{text}");
        }
    }
    assert_eq!(audit::broken(&hub.running().hub.db).await.unwrap(), None);
    hub.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn keys_of_machines_and_of_the_hub_are_told_and_the_hubs_are_rotated_by_two() {
    Database::each(machines).await;
}

async fn machines(database: Database) {
    let hub = TestHub::start_with(database, with_machines).await;
    let post = async |party: &str, path: &str, approval: Option<&str>, body: Value| {
        let mut request = hub.client(party).request(Method::POST, path).header("x-request-id", "r-9");
        if let Some(approval) = approval {
            request = request.header("punte-approval", approval);
        }
        ask(request.json(&body)).await
    };
    let made = post(SENDER, "/v1/credentials", None, json!({"system": KEYLESS, "kind": "api_key", "label": "x"})).await;
    assert_eq!(made.status, 201, "{made:?}");
    let (id, secret) = (made.body["id"].as_str().unwrap(), made.body["secret"].as_str().unwrap());
    let next = post(SENDER, &format!("/v1/credentials/{id}/rotate"), None, json!({})).await;
    assert_eq!(next.status, 201, "{next:?}");
    let reason = json!({"reason": "contract încetat"});
    for _ in 0..2 {
        assert_eq!(post(SENDER, &format!("/v1/credentials/{id}/revoke"), None, reason.clone()).await.status, 200);
    }
    let own = events(&hub, SENDER, "correlation=r-9").await;
    let told: Vec<&str> = own.iter().map(|one| one["kind"].as_str().unwrap()).collect();
    assert_eq!(told, ["credential.revoked", "credential.rotated", "credential.issued"], "taken back once: {own:#?}");
    assert_eq!((&own[0]["subject"], &own[0]["reason"]), (&json!(id), &json!("contract încetat")));
    assert!(!json!(own).to_string().contains(secret));

    // The hub's own keys: proposed by one, approved by another, done once.
    let rotate = "/v1/token-keys/rotate";
    let refused = post(OPERATOR, rotate, None, json!({})).await;
    assert_eq!((refused.status, &refused.body["code"]), (409, &json!("approval-needed")), "{refused:?}");
    let approval = approved_by_two(&hub, &hub.client(OPERATOR), (OPERATOR, &refused.body["proposal"])).await;
    let other = post(OPERATOR, rotate, Some(&approval), json!({"withdraw": true})).await;
    assert_eq!(other.status, 409, "approved was a rotation without withdrawal: {other:?}");
    assert_eq!(post(OPERATOR, rotate, Some(&approval), json!({})).await.status, 201);
    assert_eq!(post(OPERATOR, rotate, Some(&approval), json!({})).await.status, 409, "once");
    let own = events(&hub, OPERATOR, "").await;
    let wanted = ["approval.proposed", "approval.given", "approval.used", "token-key.made"];
    assert!(wanted.iter().all(|kind| kinds(&own).contains(kind)), "{:?}", kinds(&own));
    let given = own.iter().find(|one| one["kind"] == "approval.given").unwrap();
    let used = own.iter().find(|one| one["kind"] == "approval.used").unwrap();
    assert_eq!((&given["principal"]["kind"], &used["principal"]["kind"]), (&json!("person"), &json!("system")));
    assert_eq!((&given["subject"], &used["subject"]), (&json!(approval), &json!(approval)));
    hub.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_cnp_is_shown_to_two_and_the_journal_knows_about_whom() {
    Database::each(unmasking).await;
}

async fn unmasking(database: Database) {
    let hub = TestHub::start(database).await;
    let person = json!({"person": {"kind": "natural", "name": "Ștefan Inventatu"},
        "identities": [{"scheme": "cnp", "value": CNP}], "reason": "cerere nr. 5"});
    let request = hub.client(SENDER).request(Method::POST, "/v1/persons").header("punte-clerk", "f-1");
    let made = ask(request.json(&person)).await;
    assert_eq!(made.status, 201, "{made:?}");
    let path = format!("/v1/persons/{}/unmask", made.body["id"].as_str().unwrap());
    let mut ana = signed_in(&hub, SENDER, "ana@comuna.example", &["compliance-officer"]).await;
    let mut ion = signed_in(&hub, SENDER, "ion@comuna.example", &["compliance-officer"]).await;

    let without = ana.api(Method::POST, &path, &json!({"scheme": "cnp"})).await;
    assert_eq!(without.status, 422, "purpose and basis are asked for: {without:?}");
    let wanted =
        json!({"scheme": "cnp", "purpose": "cerere a instanței", "legal_basis": "Legea nr. 134/2010, art. 298"});
    let refused = ana.api(Method::POST, &path, &wanted).await;
    assert_eq!((refused.status, &refused.json()["code"]), (409, &json!("approval-needed")), "{refused:?}");
    assert!(!refused.text.contains(CNP));
    let mut proposal = refused.json()["proposal"].clone();
    proposal["reason"] = json!("dosarul 12/2026");
    let id = ana.api(Method::POST, "/v1/approvals", &proposal).await.json()["approval"].as_str().unwrap().to_owned();
    let approve = format!("/v1/approvals/{id}/approve");
    assert_eq!(ana.api(Method::POST, &approve, &json!({})).await.json()["code"], "own-proposal");
    assert_eq!(ion.api(Method::POST, &approve, &json!({})).await.json()["state"], "approved");

    let form = ana.open("/v1/session").await.json()["form_token"].as_str().unwrap().to_owned();
    let request = ana.request(Method::POST, &path).header("Punte-Form", &form).header("punte-approval", &id);
    let shown = ana.send(request.json(&wanted)).await;
    assert_eq!((shown.status, &shown.json()["values"]), (200, &json!([CNP])), "{shown:?}");
    let request = ana.request(Method::POST, &path).header("Punte-Form", &form).header("punte-approval", &id);
    assert_eq!(ana.send(request.json(&wanted)).await.status, 409, "an approval is good once");

    let search = json!({"subject": CNP, "purpose": "control", "legal_basis": "RGPD art. 30",
        "case_number": "12/2026", "user": "f-1"});
    let (status, found) = {
        let answer = ask(hub.client(SENDER).request(Method::POST, "/v1/journal/search").json(&search)).await;
        (answer.status, answer.body)
    };
    assert_eq!(status, 200, "{found:#}");
    let seen = found["entries"].as_array().unwrap().iter().find(|one| one["operation"] == "person.unmask");
    let seen = seen.unwrap_or_else(|| panic!("the journal does not know about whom: {found:#}"));
    assert_eq!((&seen["act"], &seen["purpose"]), (&json!("access"), &json!("cerere a instanței")));
    let own = events(&hub, SENDER, "").await;
    for kind in ["person.kept", "person.unmasked", "approval.proposed", "approval.given", "approval.used"] {
        assert!(kinds(&own).contains(kind), "{kind} is not among {:?}", kinds(&own));
    }
    assert!(!json!(own).to_string().contains(CNP));
    hub.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_whole_audit_that_was_rewritten_is_found_by_a_head_of_the_evidence_log() {
    Database::each(rewritten).await;
}

async fn rewritten(database: Database) {
    let mut hub = TestHub::start_with(database, often).await;
    for number in 0..3 {
        let event = audit::AuditEvent::of_hub(Kind::SystemResumed, Timestamp(number), "f-12").on("esocial");
        hub.running().hub.record(vec![event]).await.unwrap();
    }
    send(&hub, 3).await;
    settled(&hub).await;
    let keys = vec![log_key(&hub.client("anybody")).await];
    let head = String::from_utf8(hub.client("anybody").bytes("/v1/log/checkpoint").await).unwrap();
    hub.close().await;
    let held = kept_heads(&hub, head).await;
    let clean = tests::log::audit(&hub.config, &keys, &held, Trust::IntegrityOnly).await;
    assert!(clean.is_clean() && clean.ledgers > 0, "{clean:?}");

    // With every right on the database, the whole chain is made anew, each hash right.
    let url = hub.config.database_url();
    let db = Db::open(&url).await.unwrap();
    let acts = audit::after(&db, 0, 1000).await.unwrap();
    let literal = |hash: &[u8; 32]| match database {
        Database::Sqlite => format!("x'{}'", hex::encode(hash)),
        Database::Postgres => format!("'\\x{}'::bytea", hex::encode(hash)),
    };
    let (mut previous, mut statements) = ([0; 32], String::new());
    for mut act in acts {
        if act.event.kind == Kind::SystemResumed {
            act.event.principal.id = "f-13".to_owned();
        }
        let link = Link::after(&previous, act.number, &act.event.digest());
        previous = link.hash;
        statements += &format!(
            "update audit_event set principal = '{}', hash = {} where number = {};",
            act.event.principal.id,
            literal(&link.hash),
            act.number
        );
    }
    statements += &format!("update ledger_head set head = {} where ledger = 'audit';", literal(&previous));
    drop(db);
    attack(database, &hub.config, &statements).await;
    let db = Db::open(&url).await.unwrap();
    assert_eq!(audit::broken(&db).await.unwrap(), None, "the chain alone shows nothing");
    drop(db);
    let report = tests::log::audit(&hub.config, &keys, &held, Trust::IntegrityOnly).await;
    let other = |one: &Finding| matches!(one, Finding::LedgerOther { source, ledger: "audit", .. } if source.is_some());
    assert!(report.findings.iter().any(other), "{report:?}");
    let own = |one: &Finding| matches!(one, Finding::LedgerOther { source: None, ledger: "audit", .. });
    assert!(report.findings.iter().any(own), "{report:?}");
}

/// Heads as somebody keeps them outside: those of the database before it is attacked, and the one that was fetched.
async fn kept_heads(hub: &TestHub, head: String) -> Vec<String> {
    let db = Db::open(&hub.config.database_url()).await.unwrap();
    let stored = hub_flow::log::heads_after(&db, 0, 100).await.unwrap();
    stored.into_iter().map(|one| one.checkpoint).chain([head]).collect()
}
