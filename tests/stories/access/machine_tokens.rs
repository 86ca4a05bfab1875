//! Tokens and assertions: taken as they must be, and refused in every way others were fooled.

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use openssl::hash::MessageDigest;
use openssl::pkey::PKey;
use openssl::sign::Signer;
use reqwest::Method;
use serde_json::{Value, json};
use tests::county::{INBOX_TOWN, SENDER, key};
use tests::hub::unix_seconds;
use tests::machines::{
    ClientKey, KEYLESS, asked, claims, form_of, posted, rotate_token_keys, with_assertion, with_machines,
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

    async fn issued(&self, party: &str, wanted: Value) -> Value {
        let url = format!("{}/v1/credentials", self.url);
        let (status, body) = asked(&self.client, (Method::POST, &url), Some(&key(party)), Some(&wanted)).await;
        assert_eq!(status, 201, "{body:#}");
        body
    }

    async fn client_key(&self, key: &ClientKey) -> Value {
        let material = json!({"public_key": key.jwk});
        self.issued(SENDER, json!({"system": KEYLESS, "kind": "client_key", "label": "x", "material": material})).await
    }

    async fn token(&self, form: &[(&str, String)]) -> (u16, Value) {
        posted(&self.client, &format!("{}/oauth/token", self.url), form).await
    }

    async fn get(&self, path: &str, bearer: &str) -> (u16, Value) {
        asked(&self.client, (Method::GET, &format!("{}{path}", self.url)), Some(bearer), None).await
    }
}

fn by_secret(system: &str, secret: &str, scope: Option<&str>) -> Vec<(&'static str, String)> {
    let mut form = vec![
        ("grant_type", "client_credentials".to_owned()),
        ("client_id", system.to_owned()),
        ("client_secret", secret.to_owned()),
    ];
    form.extend(scope.map(|scope| ("scope", scope.to_owned())));
    form
}

fn text(value: &Value) -> String {
    value.as_str().unwrap().to_owned()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_client_proves_who_it_is_in_every_way_and_gets_no_more_than_it_asks_for() {
    for database in Database::all() {
        let hub = TestHub::start_with(database, with_machines).await;
        let door = Door::of(&hub);
        let wanted = json!({"system": KEYLESS, "kind": "client_secret", "label": "x", "operations": ["registers.read", "inbox.read"]});
        let secret = text(&door.issued(SENDER, wanted).await["secret"]);

        // client_secret_post, narrowed further.
        let (status, token) = door.token(&by_secret(KEYLESS, &secret, Some("registers.read"))).await;
        assert_eq!((status, &token["scope"], &token["token_type"]), (200, &json!("registers.read"), &json!("Bearer")));
        let narrow = text(&token["access_token"]);
        assert_eq!(door.get("/v1/registers", &narrow).await.0, 200);
        let (status, body) = door.get("/v1/inbox", &narrow).await;
        assert_eq!((status, &body["permission"]), (403, &json!("inbox.read")));
        for beyond in ["messages.send", "registers.read messages.send", "hub.keys", "everything"] {
            let (status, body) = door.token(&by_secret(KEYLESS, &secret, Some(beyond))).await;
            assert_eq!((status, &body["error"]), (400, &json!("invalid_scope")), "{beyond}");
        }

        // client_secret_basic, right and wrong.
        let basic = async |id: &str, secret: &str| {
            let header = format!("Basic {}", STANDARD.encode(format!("{id}:{secret}")));
            let request = door.client.post(format!("{}/oauth/token", door.url)).header("authorization", header);
            tests::client::ask(form_of(request, &[("grant_type", "client_credentials".to_owned())])).await
        };
        let answer = basic(KEYLESS, &secret).await;
        assert_eq!(
            (answer.status, &answer.body["scope"]),
            (200, &json!("inbox.read registers.read")),
            "{:#}",
            answer.body
        );
        assert_eq!(answer.headers["cache-control"], "no-store");
        let answer = basic("system-uat-110063", &secret).await;
        assert_eq!((answer.status, &answer.body["error"]), (401, &json!("invalid_client")));
        assert!(answer.headers["www-authenticate"].to_str().unwrap().starts_with("Basic"));

        // private_key_jwt with every algorithm there is.
        for algorithm in ["ES256", "EdDSA", "PS256", "RS256"] {
            let own = ClientKey::new(algorithm, &format!("cheia-{algorithm}"));
            door.client_key(&own).await;
            let assertion = own.assertion(KEYLESS, &format!("{}/oauth/token", door.url), algorithm);
            let (status, token) = door.token(&with_assertion(&assertion)).await;
            assert_eq!(status, 200, "{algorithm}: {token:#}");
            assert_eq!(door.get("/v1/inbox", &text(&token["access_token"])).await.0, 200);
            let (status, again) = door.token(&with_assertion(&assertion)).await;
            assert_eq!((status, &again["error"]), (401, &json!("invalid_client")), "used once: {again:#}");
        }

        // What is wrong with the request itself.
        let two_ways = [by_secret(KEYLESS, &secret, None), with_assertion("a.b.c")[1..].to_vec()].concat();
        let twice = [by_secret(KEYLESS, &secret, None), by_secret(KEYLESS, &secret, None)].concat();
        for (form, error) in [
            (two_ways, "invalid_request"),
            (twice, "invalid_request"),
            (vec![], "invalid_request"),
            (vec![("grant_type", "password".to_owned())], "unsupported_grant_type"),
            (vec![("grant_type", "client_credentials".to_owned())], "invalid_client"),
        ] {
            let (_, body) = door.token(&form).await;
            assert_eq!(body["error"], error, "{form:?}");
        }

        // Introspection and revocation: for the own institution alone.
        let other = json!({"system": format!("system-{INBOX_TOWN}"), "kind": "client_secret", "label": "x"});
        let other = text(&door.issued(INBOX_TOWN, other).await["secret"]);
        let at = async |path: &str, who: (&str, &str)| {
            let mut form = by_secret(who.0, who.1, None);
            form.push(("token", narrow.clone()));
            posted(&door.client, &format!("{}{path}", door.url), &form).await
        };
        let stranger = (format!("system-{INBOX_TOWN}"), other);
        let stranger = (stranger.0.as_str(), stranger.1.as_str());
        assert_eq!(at("/oauth/introspect", stranger).await, (200, json!({"active": false})));
        assert_eq!(at("/oauth/revoke", stranger).await.0, 200);
        let (_, told) = at("/oauth/introspect", (KEYLESS, &secret)).await;
        assert_eq!((&told["active"], &told["scope"]), (&json!(true), &json!("registers.read")), "{told:#}");
        assert_eq!(at("/oauth/revoke", (KEYLESS, &secret)).await.0, 200);
        assert_eq!(door.get("/v1/registers", &narrow).await.0, 401);
        assert_eq!(at("/oauth/introspect", (KEYLESS, &secret)).await, (200, json!({"active": false})));
        hub.stop().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_token_ends_with_its_time_its_credential_and_its_key() {
    for database in Database::all() {
        let mut hub = TestHub::start_with(database, |config| {
            with_machines(config);
            // A restart takes another port: what is issued must be from the same hub.
            config.public_url = Some("https://hub.test".to_owned());
        })
        .await;
        let door = Door::of(&hub);
        let made = door.issued(SENDER, json!({"system": KEYLESS, "kind": "client_secret", "label": "x"})).await;
        let form = by_secret(KEYLESS, &text(&made["secret"]), None);
        let first = text(&door.token(&form).await.1["access_token"]);
        assert_eq!(door.get("/v1/registers", &first).await.0, 200);
        let kid = |token: &str| {
            let header = URL_SAFE_NO_PAD.decode(token.split('.').next().unwrap()).unwrap();
            serde_json::from_slice::<Value>(&header).unwrap()["kid"].clone()
        };
        assert_eq!(rotate_token_keys(&hub, &door.client, &json!({})).await.0, 201);

        // A minute later the new key signs, and what the old one signed counts on.
        hub.config.clock_ahead_seconds = 61;
        hub.restart().await;
        let door = Door::of(&hub);
        let second = text(&door.token(&form).await.1["access_token"]);
        assert_ne!(kid(&first), kid(&second));
        for token in [&first, &second] {
            assert_eq!(door.get("/v1/registers", token).await.0, 200);
        }
        hub.config.clock_ahead_seconds = 601;
        hub.restart().await;
        let door = Door::of(&hub);
        let (status, body) = door.get("/v1/registers", &first).await;
        assert_eq!(status, 401);
        assert!(text(&body["detail"]).contains("expirat"), "{body:#}");

        // A key that leaked is withdrawn: nothing it signed counts.
        let third = text(&door.token(&form).await.1["access_token"]);
        assert_eq!(door.get("/v1/registers", &third).await.0, 200);
        let withdraw = json!({"withdraw": true});
        assert_eq!(rotate_token_keys(&hub, &door.client, &withdraw).await.0, 201);
        assert_eq!(door.get("/v1/registers", &third).await.0, 401);
        let fourth = text(&door.token(&form).await.1["access_token"]);
        assert_eq!(door.get("/v1/registers", &fourth).await.0, 200);

        // What it was given for is taken back: so is the token.
        let revoke = format!("{}/v1/credentials/{}/revoke", door.url, text(&made["id"]));
        let reason = json!({"reason": "contract încetat"});
        assert_eq!(asked(&door.client, (Method::POST, &revoke), Some(&key(SENDER)), Some(&reason)).await.0, 200);
        assert_eq!(door.get("/v1/registers", &fourth).await.0, 401);
        assert_eq!(door.token(&form).await.0, 401);
        hub.stop().await;
    }
}

/// Header and claims of a token under way to be changed.
fn parts(token: &str) -> (Value, Value) {
    let part = |at: usize| {
        let bytes = URL_SAFE_NO_PAD.decode(token.split('.').nth(at).unwrap()).unwrap();
        serde_json::from_slice::<Value>(&bytes).unwrap()
    };
    (part(0), part(1))
}

fn with(mut object: Value, name: &str, value: Value) -> String {
    object[name] = value;
    object.to_string()
}

fn without(mut object: Value, name: &str) -> String {
    object.as_object_mut().unwrap().remove(name);
    object.to_string()
}

/// HMAC-SHA256 under bytes everybody has.
fn hmac(header: &str, claims: &str, secret: &[u8]) -> String {
    let signed = format!("{}.{}", URL_SAFE_NO_PAD.encode(header), URL_SAFE_NO_PAD.encode(claims));
    let secret = PKey::hmac(secret).unwrap();
    let mut signer = Signer::new(MessageDigest::sha256(), &secret).unwrap();
    let mac = signer.sign_oneshot_to_vec(signed.as_bytes()).unwrap();
    format!("{signed}.{}", URL_SAFE_NO_PAD.encode(mac))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_confused_access_token_opens_the_door() {
    let hub = TestHub::start_with(Database::Sqlite, with_machines).await;
    let door = Door::of(&hub);
    let made = door.issued(SENDER, json!({"system": KEYLESS, "kind": "client_secret", "label": "x"})).await;
    let secret = text(&made["secret"]);
    let good = text(&door.token(&by_secret(KEYLESS, &secret, None)).await.1["access_token"]);
    assert_eq!(door.get("/v1/registers", &good).await.0, 200);
    let (header, claims) = parts(&good);
    let (_, keys) = door.get("/oauth/jwks.json", &good).await;
    let jwk = keys["keys"][0].clone();
    let foreign = ClientKey::new("ES256", "străin");
    let (same_header, same_claims) = (header.to_string(), claims.to_string());
    let encoded = |text: &str| URL_SAFE_NO_PAD.encode(text);
    let signature = good.rsplit('.').next().unwrap();
    let mut wrong: Vec<(&str, String)> = vec![
        (
            "nobody signed",
            format!("{}.{}.", encoded(&with(header.clone(), "alg", json!("none"))), encoded(&same_claims)),
        ),
        (
            "None in other letters",
            format!("{}.{}.", encoded(&with(header.clone(), "alg", json!("NoNe"))), encoded(&same_claims)),
        ),
        ("the signature is taken away", format!("{}.", good.rsplit_once('.').unwrap().0)),
        (
            "HMAC under the public key",
            hmac(&with(header.clone(), "alg", json!("HS256")), &same_claims, jwk.to_string().as_bytes()),
        ),
        (
            "HMAC under its coordinate",
            hmac(&with(header.clone(), "alg", json!("HS256")), &same_claims, jwk["x"].as_str().unwrap().as_bytes()),
        ),
        ("HMAC said to be ES256", hmac(&same_header, &same_claims, jwk.to_string().as_bytes())),
        ("another key", foreign.sign(&same_header, &same_claims)),
        ("another key that comes along", foreign.sign(&with(header.clone(), "jwk", foreign.jwk.clone()), &same_claims)),
        (
            "a key from an address",
            foreign.sign(&with(header.clone(), "jku", json!("http://127.0.0.1:1/k")), &same_claims),
        ),
        (
            "a certificate from an address",
            foreign.sign(&with(header.clone(), "x5u", json!("http://127.0.0.1:1/k")), &same_claims),
        ),
        ("a certificate that comes along", foreign.sign(&with(header.clone(), "x5c", json!(["AA"])), &same_claims)),
        (
            "a kid that is a path",
            foreign.sign(&with(header.clone(), "kid", json!("../../../../dev/null")), &same_claims),
        ),
        ("a kid that is SQL", foreign.sign(&with(header.clone(), "kid", json!("' or '1'='1")), &same_claims)),
        ("a kid that is no text", foreign.sign(&with(header.clone(), "kid", json!(["a"])), &same_claims)),
        ("no kid", foreign.sign(&without(header.clone(), "kid"), &same_claims)),
        ("something critical", foreign.sign(&with(header.clone(), "crit", json!(["exp"])), &same_claims)),
        (
            "other claims under the old signature",
            format!(
                "{}.{}.{signature}",
                encoded(&same_header),
                encoded(&with(claims.clone(), "sub", json!("system-operator")))
            ),
        ),
        ("a signature of zeros", format!("{}.{}", good.rsplit_once('.').unwrap().0, URL_SAFE_NO_PAD.encode([0; 64]))),
        ("a signature in DER", {
            let raw = URL_SAFE_NO_PAD.decode(signature).unwrap();
            let half = |bytes: &[u8]| openssl::bn::BigNum::from_slice(bytes).unwrap();
            let der = openssl::ecdsa::EcdsaSig::from_private_components(half(&raw[..32]), half(&raw[32..])).unwrap();
            format!("{}.{}", good.rsplit_once('.').unwrap().0, URL_SAFE_NO_PAD.encode(der.to_der().unwrap()))
        }),
        ("padding", format!("{good}=")),
        (
            "a claim that occurs twice",
            foreign.sign(&same_header, &format!("{{\"sub\":\"{KEYLESS}\",{}", &same_claims[1..])),
        ),
        ("huge", format!("{}.{}.{signature}", encoded(&same_header), "A".repeat(20_000))),
        ("deep", foreign.sign(&same_header, &"[".repeat(3000))),
        ("no JSON", format!("{}.{}.{signature}", encoded("x"), encoded("y"))),
        ("points alone", "..".to_owned()),
    ];
    // An assertion is no access token, whoever signed it.
    let own = ClientKey::new("ES256", "cheia");
    door.client_key(&own).await;
    wrong.push(("an assertion", own.assertion(KEYLESS, &door.url, "x-1")));
    wrong.push(("an assertion said to be an access token", own.sign(&same_header, &same_claims)));
    for (what, token) in &wrong {
        let (status, body) = door.get("/v1/registers", token).await;
        assert_eq!((status, &body["code"]), (401, &json!("unauthenticated")), "{what}: {body:#}");
    }
    assert_eq!(door.get("/v1/registers", &good).await.0, 200, "the right one counts still");
    hub.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_confused_assertion_gets_a_token() {
    let hub = TestHub::start_with(Database::Sqlite, with_machines).await;
    let door = Door::of(&hub);
    let (own, rsa) = (ClientKey::new("ES256", "cheia"), ClientKey::new("RS256", "rsa"));
    door.client_key(&own).await;
    door.client_key(&rsa).await;
    let header = json!({"alg": "ES256", "typ": "JWT", "kid": "cheia"});
    let plain = header.to_string();
    let mut count = 0;
    let mut fresh = || {
        count += 1;
        claims(KEYLESS, &door.url, &format!("unic-{count}"))
    };
    let now = unix_seconds();
    let pss = ClientKey { algorithm: "PS256", key: rsa.key.clone(), jwk: rsa.jwk.clone() };
    let wrong = vec![
        ("aud of another", own.sign(&plain, &with(fresh(), "aud", json!("https://altul.test")))),
        ("aud of two", own.sign(&plain, &with(fresh(), "aud", json!([door.url, "https://altul.test"])))),
        ("no aud", own.sign(&plain, &without(fresh(), "aud"))),
        ("aud with more behind it", own.sign(&plain, &with(fresh(), "aud", json!(format!("{}.altul.test", door.url))))),
        ("iss of another", own.sign(&plain, &with(fresh(), "iss", json!("system-operator")))),
        ("sub of another", own.sign(&plain, &with(fresh(), "sub", json!("system-operator")))),
        ("of another altogether", own.sign(&plain, &claims("system-operator", &door.url, "operator-1").to_string())),
        ("expired", own.sign(&plain, &with(fresh(), "exp", json!(now - 1)))),
        ("no exp", own.sign(&plain, &without(fresh(), "exp"))),
        ("exp as text", own.sign(&plain, &with(fresh(), "exp", json!(format!("{}", now + 60))))),
        ("exp in a year", own.sign(&plain, &with(fresh(), "exp", json!(now + 31_000_000)))),
        ("exp beyond all numbers", own.sign(&plain, &with(fresh(), "exp", json!(1e300)))),
        ("not yet", own.sign(&plain, &with(fresh(), "nbf", json!(now + 120)))),
        ("issued in the future", own.sign(&plain, &with(fresh(), "iat", json!(now + 120)))),
        ("no jti", own.sign(&plain, &without(fresh(), "jti"))),
        ("an empty jti", own.sign(&plain, &with(fresh(), "jti", json!("")))),
        ("an access token by its typ", own.sign(&with(header.clone(), "typ", json!("at+jwt")), &fresh().to_string())),
        ("another key's kid", own.sign(&with(header.clone(), "kid", json!("rsa")), &fresh().to_string())),
        ("a kid nobody has", own.sign(&with(header.clone(), "kid", json!("../cheia")), &fresh().to_string())),
        (
            "RSA-PSS with a key for PKCS #1",
            pss.sign(&json!({"alg": "PS256", "kid": "rsa"}).to_string(), &fresh().to_string()),
        ),
        (
            "HMAC under the public key",
            hmac(&with(header.clone(), "alg", json!("HS256")), &fresh().to_string(), own.jwk.to_string().as_bytes()),
        ),
        (
            "HMAC under the PEM",
            hmac(
                &with(header.clone(), "alg", json!("HS256")),
                &fresh().to_string(),
                &own.key.public_key_to_pem().unwrap(),
            ),
        ),
        ("nobody signed", {
            let none = with(header.clone(), "alg", json!("none"));
            format!("{}.{}.", URL_SAFE_NO_PAD.encode(none), URL_SAFE_NO_PAD.encode(fresh().to_string()))
        }),
        (
            "a claim that occurs twice",
            own.sign(&plain, &format!("{{\"sub\":\"system-operator\",{}", &fresh().to_string()[1..])),
        ),
        ("an alg that occurs twice", own.sign(&format!("{{\"alg\":\"none\",{}", &plain[1..]), &fresh().to_string())),
    ];
    for (what, assertion) in &wrong {
        let (status, body) = door.token(&with_assertion(assertion)).await;
        assert_eq!((status, &body["error"]), (401, &json!("invalid_client")), "{what}: {body:#}");
        // OAuth's words are plain: no character that a header could not carry.
        assert!(text(&body["error_description"]).bytes().all(|byte| (b' '..=b'~').contains(&byte)));
    }
    // The right one, once, also when it is brought twice at the same time.
    let right = own.sign(&plain, &fresh().to_string());
    let form = with_assertion(&right);
    let (one, other) = tokio::join!(door.token(&form), door.token(&form));
    let mut statuses = [one.0, other.0];
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 401]);
    hub.stop().await;
}
