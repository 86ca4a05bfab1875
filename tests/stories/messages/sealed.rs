//! Documents sealed from end to end: the hub carries, proves and cannot read; a foreign implementation opens and seals them.

use std::path::{Path, PathBuf};

use hub_flow::encryption::{PrivateKey, PublicKey, Sealed, open, seal};
use openssl::sha::sha256;
use reqwest::Method;
use serde_json::{Value, json};
use tests::client::{Answer, ask, form};
use tests::county::{self, HUB_TOWN, INBOX_TOWN, SENDER};
use tests::documents::letter;
use tests::{Client, Database, TestHub};

const LATER: &str = "2028-01-31T00:00:00Z";
const SECRET: &str = "Conținut pe care hubul nu îl poate citi";

async fn registered(client: &Client, party: &str, key: &PrivateKey) -> Answer {
    let path = format!("/v1/parties/{party}/keys");
    let asked =
        ask(client.request(Method::POST, &format!("{path}/challenge")).json(&json!({"jwk": key.public.jwk()}))).await;
    assert_eq!(asked.status, 200, "{asked:?}");
    let answer = open(&Sealed::read(&asked.body["challenge"]).unwrap(), key).unwrap();
    let body = json!({
        "jwk": key.public.jwk(), "valid_to": LATER, "until": asked.body["until"], "answer": String::from_utf8(answer).unwrap(),
    });
    ask(client.request(Method::PUT, &format!("{path}/{}", key.public.kid())).json(&body)).await
}

async fn keys(client: &Client, party: &str) -> Vec<PublicKey> {
    let (status, set) = client.get(&format!("/v1/parties/{party}/keys")).await;
    assert_eq!(status, 200, "{set:#}");
    assert_eq!(set["attestation"].as_str().unwrap().split('.').count(), 3);
    set["keys"].as_array().unwrap().iter().map(|jwk| PublicKey::read(jwk).unwrap()).collect()
}

/// Envelope and parts of a letter whose body is this.
fn sealed_letter(recipients: &[&str], body: &Value) -> (Value, Vec<(String, Vec<u8>)>) {
    let mut envelope = letter(recipients, "x")["envelope"].clone();
    envelope["subject"] = "Document cifrat".into();
    envelope["parts"] = json!([{"name": "corp.json", "role": "body", "content_type": "application/jose+json"}]);
    (envelope, vec![("corp.json".to_owned(), body.to_string().into_bytes())])
}

async fn submit(client: &Client, key: &str, (envelope, parts): &(Value, Vec<(String, Vec<u8>)>)) -> Answer {
    let request = client.request(Method::POST, "/v1/messages").header("idempotency-key", key);
    ask(request.multipart(form(envelope, parts))).await
}

fn rules(answer: &Answer) -> Vec<&str> {
    answer.body["violations"].as_array().unwrap().iter().map(|one| one["rule"].as_str().unwrap()).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_sealed_letter_is_carried_and_proven_and_read_by_its_recipient_alone() {
    Database::each(|database| async move {
        let hub = TestHub::start_with(database, |config| {
            county::change(config, |directory| {
                directory.replace("id = 'corespondenta'\n", "id = 'corespondenta'\nend_to_end = true\n")
            });
        })
        .await;
        let (sender, town) = (hub.client(SENDER), hub.client(INBOX_TOWN));
        let (old, new, stranger) =
            (PrivateKey::generate().unwrap(), PrivateKey::generate().unwrap(), PrivateKey::generate().unwrap());
        assert_eq!(registered(&town, INBOX_TOWN, &old).await.status, 201);
        assert_eq!(registered(&town, INBOX_TOWN, &new).await.status, 201, "a second one is in force beside the first");
        assert_eq!(keys(&sender, INBOX_TOWN).await.len(), 2);

        // In the clear it is refused, and so is what is sealed for somebody else, or is no JWE at all.
        let (status, body) = sender.post("/v1/messages", "clear", &letter(&[INBOX_TOWN], "text")).await;
        assert_eq!((status.as_u16(), &body["code"]), (422, &json!("encryption-required")), "{body:#}");
        let elsewhere = seal(SECRET.as_bytes(), std::slice::from_ref(&stranger.public)).unwrap();
        let refused = submit(&sender, "elsewhere", &sealed_letter(&[INBOX_TOWN], &elsewhere)).await;
        assert_eq!((refused.status, rules(&refused)), (422, vec!["encryption.recipient"]), "{refused:?}");
        let refused = submit(&sender, "no-jwe", &sealed_letter(&[INBOX_TOWN], &json!({"text": "x"}))).await;
        assert_eq!((refused.status, rules(&refused)), (422, vec!["encryption.form"]), "{refused:?}");

        let sealed = seal(SECRET.as_bytes(), &keys(&sender, INBOX_TOWN).await).unwrap();
        let document = sealed_letter(&[INBOX_TOWN], &sealed);
        let taken = submit(&sender, "sealed", &document).await;
        assert_eq!(taken.status, 201, "{taken:?}");
        let message = taken.body["message_id"].as_str().unwrap();
        let seen = sender.wait_for(message, |seen| seen["deliveries"][0]["route"]["end_to_end"].is_string()).await;
        assert!(seen["deliveries"][0]["route"]["end_to_end"].as_str().unwrap().contains("nici validat"), "{seen:#}");

        // What came out is what went in; either key opens it, and the evidence binds the sealed bytes.
        let carried = town.bytes(&format!("/v1/messages/{message}/parts/corp.json")).await;
        assert_eq!(carried, document.1[0].1);
        let carried_sealed = Sealed::read(&serde_json::from_slice(&carried).unwrap()).unwrap();
        for key in [&old, &new] {
            assert_eq!(open(&carried_sealed, key).unwrap(), SECRET.as_bytes());
        }
        assert!(open(&carried_sealed, &stranger).is_err());
        let evidence = taken.body["evidence"]["id"].as_str().or(taken.body["evidence_id"].as_str());
        let chain = sender.chain(message).await;
        let id = evidence.or(chain[0]["id"].as_str()).unwrap().to_owned();
        let xml = sender.bytes(&format!("/v1/messages/{message}/evidence/{id}")).await;
        let digest = base64::Engine::encode(&base64::engine::general_purpose::STANDARD, sha256(&carried));
        let xml = String::from_utf8(xml).unwrap();
        assert!(xml.contains(&digest) || xml.contains(&hex::encode(sha256(&carried))), "{xml}");

        // A key that was taken back is not sealed for any more.
        let path = format!("/v1/parties/{INBOX_TOWN}/keys/{}", old.public.kid());
        assert_eq!(ask(town.request(Method::DELETE, &path)).await.status, 204);
        assert_eq!(keys(&sender, INBOX_TOWN).await.len(), 1);
        let late = seal(SECRET.as_bytes(), std::slice::from_ref(&old.public)).unwrap();
        let refused = submit(&sender, "late", &sealed_letter(&[INBOX_TOWN], &late)).await;
        assert_eq!(rules(&refused), ["encryption.recipient"]);
        let again = registered(&town, INBOX_TOWN, &old).await;
        assert_eq!((again.status, &again.body["code"]), (422, &json!("invalid-key")));
        let mut hub = hub;
        hub.close().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_key_is_registered_by_its_holder_and_for_its_party_alone() {
    let hub = TestHub::start(Database::Sqlite).await;
    let (sender, town) = (hub.client(SENDER), hub.client(INBOX_TOWN));
    let (key, other) = (PrivateKey::generate().unwrap(), PrivateKey::generate().unwrap());
    let path = format!("/v1/parties/{INBOX_TOWN}/keys");
    let foreign =
        ask(sender.request(Method::POST, &format!("{path}/challenge")).json(&json!({"jwk": key.public.jwk()}))).await;
    assert_eq!(foreign.status, 404, "{foreign:?}");
    let asked =
        ask(town.request(Method::POST, &format!("{path}/challenge")).json(&json!({"jwk": key.public.jwk()}))).await;
    let answer = open(&Sealed::read(&asked.body["challenge"]).unwrap(), &key).unwrap();
    let answer = String::from_utf8(answer).unwrap();
    let put = |jwk: Value, kid: &str, answer: &str, until: Value, valid_to: &str| {
        let body = json!({"jwk": jwk, "valid_to": valid_to, "until": until, "answer": answer});
        ask(town.request(Method::PUT, &format!("{path}/{kid}")).json(&body))
    };
    let until = asked.body["until"].clone();
    let kid = key.public.kid();
    let jwk = || key.public.jwk().clone();
    let wrong = [
        put(jwk(), kid, "guessed", until.clone(), LATER).await,
        put(other.public.jwk().clone(), other.public.kid(), &answer, until.clone(), LATER).await,
        put(jwk(), other.public.kid(), &answer, until.clone(), LATER).await,
        put(jwk(), kid, &answer, json!("2029-01-01T00:00:00Z"), LATER).await,
        put(jwk(), kid, &answer, until.clone(), "2020-01-01T00:00:00Z").await,
        put(jwk(), kid, &answer, until.clone(), "2099-01-01T00:00:00Z").await,
    ];
    for one in wrong {
        assert_eq!((one.status, &one.body["code"]), (422, &json!("invalid-key")), "{one:?}");
    }
    assert!(keys(&sender, INBOX_TOWN).await.is_empty());
    assert_eq!(put(jwk(), kid, &answer, until, LATER).await.status, 201);
    let mut private = key.public.jwk().clone();
    private["d"] = "AAAA".into();
    let shown = ask(town.request(Method::POST, &format!("{path}/challenge")).json(&json!({"jwk": private}))).await;
    assert_eq!(shown.status, 422);
    assert_eq!(sender.get(&format!("/v1/parties/{HUB_TOWN}/keys")).await.1["keys"], json!([]));
    assert_eq!(sender.get("/v1/parties/nobody/keys").await.0, 404);
    hub.stop().await;
}

/// jwcrypto from PyPI in an environment of its own.
fn foreign() -> Option<PathBuf> {
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("jwcrypto");
    let python = folder.join("bin/python3");
    let run = |program: &Path, arguments: &[&str]| {
        std::process::Command::new(program).args(arguments).output().is_ok_and(|output| output.status.success())
    };
    let there = python.exists() && run(&python, &["-c", "import jwcrypto"]);
    let made = there
        || run(Path::new("python3"), &["-m", "venv", "--clear", folder.to_str().unwrap()])
            && run(&python, &["-m", "pip", "install", "--quiet", "jwcrypto==1.6.1"]);
    if !made {
        tests::shared::skip("jwcrypto cannot be installed");
    }
    made.then_some(python)
}

#[test]
fn a_foreign_implementation_opens_what_we_seal_and_we_open_what_it_seals() {
    let Some(python) = foreign() else { return };
    let folder = tests::shared::own_folder();
    let rsa = openssl::rsa::Rsa::generate(3_072).unwrap().private_key_to_pem().unwrap();
    let pairs = [PrivateKey::generate().unwrap(), PrivateKey::from_pem(&rsa).unwrap()];
    let both: Vec<PublicKey> = pairs.iter().map(|pair| pair.public.clone()).collect();
    let ours = seal(SECRET.as_bytes(), &both).unwrap();
    std::fs::write(folder.path().join("ours.json"), ours.to_string()).unwrap();
    let script = r#"
import json, sys
from jwcrypto import jwk, jwe
pem, public, ours, out = sys.argv[1:]
private = jwk.JWK.from_pem(open(pem, 'rb').read())
public = json.load(open(public))
assert jwk.JWK(**public).thumbprint() == public['kid']
token = jwe.JWE()
token.deserialize(open(ours).read(), private)
sys.stdout.write(token.payload.decode())
made = jwe.JWE(token.payload, protected=json.dumps({'enc': 'A256GCM'}))
made.add_recipient(jwk.JWK(**public), header=json.dumps({'alg': public['alg'], 'kid': public['kid']}))
open(out, 'w').write(made.serialize())
"#;
    for (number, pair) in pairs.iter().enumerate() {
        let file = |name: &str| folder.path().join(format!("{number}-{name}"));
        std::fs::write(file("key.pem"), pair.to_pem().unwrap()).unwrap();
        std::fs::write(file("key.json"), pair.public.jwk().to_string()).unwrap();
        let mut command = std::process::Command::new(&python);
        command.args(["-c", script]).args([file("key.pem"), file("key.json")]);
        let output = command.arg(folder.path().join("ours.json")).arg(file("theirs.json")).output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        assert_eq!(output.stdout, SECRET.as_bytes());
        let theirs: Value = serde_json::from_slice(&std::fs::read(file("theirs.json")).unwrap()).unwrap();
        assert_eq!(open(&Sealed::read(&theirs).unwrap(), pair).unwrap(), SECRET.as_bytes());
    }
}
