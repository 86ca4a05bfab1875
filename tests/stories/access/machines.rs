//! Machines and their keys: issued once, narrowed, rotated without one failed call, taken back everywhere.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::time::{Duration, Instant};

use hub_server::config::{ClientCertificates, Config};
use hub_server::listen;
use reqwest::Method;
use serde_json::{Value, json};
use tests::client::GLANCE;
use tests::county::{INBOX_TOWN, SENDER, key};
use tests::issuer::SealOrder;
use tests::machines::{
    ClientKey, KEYLESS, OPERATOR, SecureHub, asked, posted, rotate_token_keys, with_assertion, with_machines,
};
use tests::{Database, TestHub};

struct Door {
    client: reqwest::Client,
    url: String,
}

impl Door {
    fn of(hub: &TestHub) -> Self {
        Self { client: reqwest::Client::new(), url: hub.running().url() }
    }

    async fn get(&self, path: &str, bearer: &str) -> (u16, Value) {
        asked(&self.client, (Method::GET, &format!("{}{path}", self.url)), Some(bearer), None).await
    }

    async fn post(&self, path: &str, bearer: &str, body: Value) -> (u16, Value) {
        asked(&self.client, (Method::POST, &format!("{}{path}", self.url)), Some(bearer), Some(&body)).await
    }

    /// Issues a credential of the keyless system; answers it.
    async fn issued(&self, kind: &str, further: Value) -> Value {
        let mut wanted = json!({"system": KEYLESS, "kind": kind, "label": "Registratura electronică"});
        wanted.as_object_mut().unwrap().extend(further.as_object().unwrap().clone());
        let (status, body) = self.post("/v1/credentials", &key(SENDER), wanted).await;
        assert_eq!(status, 201, "{body:#}");
        body
    }
}

fn text(value: &Value) -> String {
    value.as_str().unwrap().to_owned()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_key_is_shown_once_and_opens_only_what_it_names() {
    for database in Database::all() {
        let hub = TestHub::start_with(database, with_machines).await;
        let door = Door::of(&hub);
        let made = door.issued("api_key", json!({"operations": ["registers.read"], "expires_in_days": 30})).await;
        let secret = text(&made["secret"]);
        assert!(secret.starts_with("pk_") && secret.len() == 3 + 32 + 1 + 49, "{secret}");

        let (status, body) = door.get("/v1/registers", &secret).await;
        assert_eq!(status, 200, "{body:#}");
        let (status, body) = door.get("/v1/inbox", &secret).await;
        assert_eq!((status, &body["permission"]), (403, &json!("inbox.read")), "{body:#}");

        let (_, list) = door.get("/v1/credentials", &key(SENDER)).await;
        assert!(!list.to_string().contains(&secret), "it is shown once");
        assert_eq!(list["items"][0]["operations"], json!(["registers.read"]));
        let begun = Instant::now();
        loop {
            let (_, list) = door.get("/v1/credentials", &key(SENDER)).await;
            if list["items"][0]["last_used_at"].is_string() {
                break;
            }
            assert!(begun.elapsed() < Duration::from_secs(30), "its use is not written down: {list:#}");
            tokio::time::sleep(GLANCE).await;
        }

        // A mistyped one is refused by its checksum, one that nobody issued by its absence.
        let last = if secret.ends_with('0') { "1" } else { "0" };
        let mistyped = format!("{}{last}", &secret[..secret.len() - 1]);
        let (status, body) = door.get("/v1/registers", &mistyped).await;
        assert_eq!(status, 401);
        assert!(text(&body["detail"]).contains("suma de control"), "{body:#}");

        // Another institution neither sees nor touches it.
        let (_, list) = door.get("/v1/credentials?all=true", &key(INBOX_TOWN)).await;
        assert_eq!(list["items"], json!([]));
        for act in ["rotate", "revoke"] {
            let path = format!("/v1/credentials/{}/{act}", text(&made["id"]));
            let (status, _) = door.post(&path, &key(INBOX_TOWN), json!({"reason": "a altcuiva"})).await;
            let expected = if act == "revoke" { 404 } else { 400 };
            assert_eq!(status, expected, "{act}");
        }
        hub.stop().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_program_gives_nobody_more_than_it_holds() {
    let hub = TestHub::start_with(Database::Sqlite, with_machines).await;
    let door = Door::of(&hub);
    let narrow = door.issued("api_key", json!({"operations": ["credentials.manage", "registers.read"]})).await;
    let narrow = text(&narrow["secret"]);
    let wanted =
        |operations: Value| json!({"system": KEYLESS, "kind": "api_key", "label": "x", "operations": operations});
    for beyond in [Value::Null, json!(["inbox.read"]), json!(["registers.read", "inbox.settle"])] {
        let (status, body) = door.post("/v1/credentials", &narrow, wanted(beyond.clone())).await;
        assert_eq!(status, 403, "{beyond}: {body:#}");
    }
    let (status, body) = door.post("/v1/credentials", &narrow, wanted(json!(["registers.read"]))).await;
    assert_eq!(status, 201, "{body:#}");
    // A key of all its system may do is not rotated by who may do less: the successor would do more than its maker.
    let wide = door.issued("api_key", json!({})).await;
    let (status, _) = door.post(&format!("/v1/credentials/{}/rotate", text(&wide["id"])), &narrow, json!({})).await;
    assert_eq!(status, 403);
    for (wrong, why) in [
        (json!({"system": "system-operator", "kind": "api_key", "label": "x"}), "a system of others"),
        (json!({"system": KEYLESS, "kind": "password", "label": "x"}), "no kind"),
        (json!({"system": KEYLESS, "kind": "api_key", "label": "x", "operations": ["all"]}), "no permission"),
        (json!({"system": KEYLESS, "kind": "api_key", "label": "x", "operations": []}), "nothing"),
        (json!({"system": KEYLESS, "kind": "api_key", "label": "", "operations": null}), "no label"),
        (json!({"system": KEYLESS, "kind": "api_key", "label": "x", "expires_in_days": 10_000}), "too long"),
        (json!({"system": KEYLESS, "kind": "certificate", "label": "x"}), "no certificate"),
        (
            json!({"system": KEYLESS, "kind": "client_key", "label": "x", "material": {"public_key": {"kty": "oct", "k": "AA"}}}),
            "a shared secret",
        ),
    ] {
        let (status, body) = door.post("/v1/credentials", &key(SENDER), wrong).await;
        assert_eq!((status, &body["code"]), (422, &json!("invalid-credential")), "{why}: {body:#}");
    }
    let (status, _) = door.post("/v1/token-keys/rotate", &key(SENDER), json!({})).await;
    assert_eq!(status, 403, "keys of the hub are not an institution's");
    hub.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_key_ends_with_its_time_and_a_rotated_one_with_the_overlap() {
    for database in Database::all() {
        let mut hub = TestHub::start_with(database, with_machines).await;
        let door = Door::of(&hub);
        let old = door.issued("api_key", json!({"expires_in_days": 100})).await;
        let path = format!("/v1/credentials/{}/rotate", text(&old["id"]));
        let (status, new) = door.post(&path, &key(SENDER), json!({"overlap_seconds": 86_400})).await;
        assert_eq!((status, &new["replaces"]), (201, &old["id"]), "{new:#}");
        let (old, new) = (text(&old["secret"]), text(&new["secret"]));
        for one in [&old, &new] {
            assert_eq!(door.get("/v1/registers", one).await.0, 200, "both count");
        }
        hub.config.clock_ahead_seconds = 86_400 + 3600;
        hub.restart().await;
        let door = Door::of(&hub);
        let (status, body) = door.get("/v1/registers", &old).await;
        assert_eq!(status, 401);
        assert!(text(&body["detail"]).contains("expirat"), "{body:#}");
        assert_eq!(door.get("/v1/registers", &new).await.0, 200);
        let (status, _) = door.post(&path, &key(SENDER), json!({})).await;
        assert_eq!(status, 409, "what is over has no successor");
        hub.config.clock_ahead_seconds = 400 * 86_400;
        hub.restart().await;
        assert_eq!(Door::of(&hub).get("/v1/registers", &new).await.0, 401);
        hub.stop().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_taken_back_at_one_node_is_refused_at_the_other() {
    if !Database::all().contains(&Database::Postgres) {
        return;
    }
    let hub = TestHub::start_with(Database::Postgres, with_machines).await;
    let folder = tempfile::tempdir().unwrap();
    let second = Config { data: folder.path().to_owned(), listen: "127.0.0.1:0".to_owned(), ..hub.config.clone() };
    let second = listen::start(&second).await.unwrap();
    let here = Door::of(&hub);
    let there = Door { client: reqwest::Client::new(), url: second.url() };
    let made = here.issued("api_key", json!({})).await;
    let secret = text(&made["secret"]);
    assert_eq!(here.get("/v1/registers", &secret).await.0, 200);
    let wait_for = async |wanted: u16| {
        let begun = Instant::now();
        while there.get("/v1/registers", &secret).await.0 != wanted {
            assert!(begun.elapsed() < Duration::from_secs(10), "the other node does not come to know");
            tokio::time::sleep(GLANCE).await;
        }
    };
    wait_for(200).await;
    let path = format!("/v1/credentials/{}/revoke", text(&made["id"]));
    assert_eq!(here.post(&path, &key(SENDER), json!({"reason": "s-a scurs"})).await.0, 200);
    assert_eq!(here.get("/v1/registers", &secret).await.0, 401, "at once where it was taken back");
    wait_for(401).await;
    second.stop().await;
    hub.stop().await;
}

/// Calls on and on with whatever is in the hand; counts what failed.
struct Working {
    stop: Arc<AtomicBool>,
    calls: Arc<AtomicU32>,
    task: tokio::task::JoinHandle<Vec<String>>,
}

type Hand = Arc<std::sync::Mutex<(reqwest::Client, Option<String>)>>;

impl Working {
    fn start(url: &str, hand: &Hand) -> Self {
        let (stop, calls) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicU32::new(0)));
        let (url, hand) = (format!("{url}/v1/registers"), Arc::clone(hand));
        let (stopped, counted) = (Arc::clone(&stop), Arc::clone(&calls));
        let task = tokio::spawn(async move {
            let mut failed = Vec::new();
            while !stopped.load(Ordering::SeqCst) {
                let (client, bearer) = hand.lock().unwrap().clone();
                let mut request = client.get(&url);
                if let Some(bearer) = bearer {
                    request = request.bearer_auth(bearer);
                }
                match request.send().await {
                    Ok(answer) if answer.status() == 200 => {}
                    Ok(answer) => {
                        failed.push(format!("{} {}", answer.status(), answer.text().await.unwrap_or_default()))
                    }
                    Err(error) => failed.push(format!("{error:?}")),
                }
                counted.fetch_add(1, Ordering::SeqCst);
            }
            failed
        });
        Self { stop, calls, task }
    }

    /// Waits until some more calls were made.
    async fn goes_on(&self) {
        let (before, begun) = (self.calls.load(Ordering::SeqCst), Instant::now());
        while self.calls.load(Ordering::SeqCst) < before + 5 {
            assert!(begun.elapsed() < Duration::from_secs(60), "no calls are made");
            tokio::time::sleep(GLANCE).await;
        }
    }

    async fn end(self) {
        self.goes_on().await;
        self.stop.store(true, Ordering::SeqCst);
        let failed = self.task.await.unwrap();
        assert!(failed.is_empty(), "calls failed: {failed:#?}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_client_works_through_every_rotation_without_one_failed_call() {
    for database in Database::all() {
        let secure = SecureHub::start(database, ClientCertificates::Optional, SealOrder::usual(2)).await;
        let url = secure.hub.running().url();
        let door = Door { client: secure.client(None), url: url.clone() };
        let token_url = format!("{url}/oauth/token");
        let bearer = |secret: &Value| (door.client.clone(), Some(text(secret)));

        // An API key.
        let key_one = door.issued("api_key", json!({})).await;
        let hand: Hand = Arc::new(std::sync::Mutex::new(bearer(&key_one["secret"])));
        let working = Working::start(&url, &hand);
        let rotated = async |made: &Value, body: Value| {
            let path = format!("/v1/credentials/{}/rotate", text(&made["id"]));
            let (status, new) = door.post(&path, &key(SENDER), body).await;
            assert_eq!(status, 201, "{new:#}");
            new
        };
        let revoked = async |made: &Value| {
            let path = format!("/v1/credentials/{}/revoke", text(&made["id"]));
            assert_eq!(door.post(&path, &key(SENDER), json!({"reason": "rotație încheiată"})).await.0, 200);
        };
        let key_two = rotated(&key_one, json!({"overlap_seconds": 3600})).await;
        working.goes_on().await;
        *hand.lock().unwrap() = bearer(&key_two["secret"]);
        working.goes_on().await;
        revoked(&key_one).await;
        working.goes_on().await;

        // A client secret, and tokens for it.
        let token = async |form: Vec<(&str, String)>| {
            let (status, answer) = posted(&door.client, &token_url, &form).await;
            assert_eq!(status, 200, "{answer:#}");
            answer["access_token"].clone()
        };
        let with_secret = |made: &Value| {
            vec![
                ("grant_type", "client_credentials".to_owned()),
                ("client_id", KEYLESS.to_owned()),
                ("client_secret", text(&made["secret"])),
            ]
        };
        let secret_one = door.issued("client_secret", json!({})).await;
        *hand.lock().unwrap() = bearer(&token(with_secret(&secret_one)).await);
        working.goes_on().await;
        let secret_two = rotated(&secret_one, json!({"overlap_seconds": 0})).await;
        // The old secret is over at once; the token that was given for it counts on.
        assert_eq!(posted(&door.client, &token_url, &with_secret(&secret_one)).await.0, 401);
        working.goes_on().await;
        *hand.lock().unwrap() = bearer(&token(with_secret(&secret_two)).await);
        working.goes_on().await;

        // A client key.
        let (one, two) = (ClientKey::new("ES256", "anul-1"), ClientKey::new("EdDSA", "anul-2"));
        let key_of = |key: &ClientKey| json!({"material": {"public_key": key.jwk}});
        let client_key = door.issued("client_key", key_of(&one)).await;
        *hand.lock().unwrap() = bearer(&token(with_assertion(&one.assertion(KEYLESS, &url, "a-1"))).await);
        let successor = rotated(&client_key, key_of(&two)).await;
        assert_eq!(successor["replaces"], client_key["id"]);
        token(with_assertion(&one.assertion(KEYLESS, &url, "a-2"))).await;
        *hand.lock().unwrap() = bearer(&token(with_assertion(&two.assertion(KEYLESS, &url, "a-3"))).await);
        revoked(&client_key).await;
        working.goes_on().await;

        // The key that signs tokens.
        let operator = key(OPERATOR);
        let (status, next) = rotate_token_keys(&secure.hub, &door.client, &json!({})).await;
        assert_eq!((status, &next["signs"]), (201, &json!(false)), "{next:#}");
        working.goes_on().await;
        let (_, keys) = door.get("/oauth/jwks.json", &operator).await;
        assert_eq!(keys["keys"].as_array().unwrap().len(), 2, "the next one is known before it signs: {keys:#}");

        // A client certificate: the successor is registered before it is shown.
        let (old, new) = (secure.issuer.tls(SealOrder::usual(3), false), secure.issuer.tls(SealOrder::usual(4), false));
        let pem = |identity: &(Vec<u8>, Vec<u8>)| json!({"material": {"certificate": String::from_utf8(identity.1.clone()).unwrap()}});
        let certificate = door.issued("certificate", pem(&old)).await;
        *hand.lock().unwrap() = (secure.client(Some(&old)), None);
        working.goes_on().await;
        rotated(&certificate, pem(&new)).await;
        working.goes_on().await;
        *hand.lock().unwrap() = (secure.client(Some(&new)), None);
        working.goes_on().await;
        revoked(&certificate).await;
        working.end().await;

        // Through it all nothing that was over counts.
        for over in [&key_one] {
            assert_eq!(door.get("/v1/registers", &text(&over["secret"])).await.0, 401);
        }
        secure.hub.stop().await;
    }
}
