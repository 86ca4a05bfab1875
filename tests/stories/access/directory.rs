//! Those who run the hub change the directory, by API and by file; every version stays, with who and why.

use openssl::sha::sha256;
use reqwest::Method;
use serde_json::{Value, json};
use tests::asking::until;
use tests::client::{Answer, ask};
use tests::county::{self, HUB_TOWN, SENDER};
use tests::{Client, Database, TestHub};

/// The system of those who run the hub.
const OPERATOR: &str = "operator";

/// A hub with a system of those who run it.
async fn start(database: Database) -> TestHub {
    TestHub::start_with(database, |config| {
        let hash = hex::encode(sha256(county::key(OPERATOR).as_bytes()));
        county::change(config, |directory| {
            directory
                + &format!(
                    "[[party]]\nid = '{OPERATOR}'\nname = 'Cei care administrează hubul'\nkind = 'operator'\n\
                     [[system]]\nid = 'system-{OPERATOR}'\nparty = '{OPERATOR}'\nkey_sha256 = '{hash}'\noperator = true\n"
                )
        });
    })
    .await
}

async fn call(client: &Client, method: Method, path: &str, version: Option<i64>, body: &Value) -> Answer {
    let request = client.request(method, path).header("punte-clerk", "op-1").json(body);
    let request = match version {
        Some(version) => request.header("if-match", format!("\"{version}\"")),
        None => request,
    };
    ask(request).await
}

fn rules(answer: &Answer) -> Vec<(String, String)> {
    let text = |one: &Value, name: &str| one[name].as_str().unwrap().to_owned();
    let found = answer.body["violations"].as_array().cloned().unwrap_or_default();
    found.iter().map(|one| (text(one, "pointer"), text(one, "rule"))).collect()
}

fn commune() -> Value {
    json!({"id": "uat-nou", "name": "Comuna Ștefănești (inventată)", "kind": "uat", "siruta": "109773", "cui": "18547290"})
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_institution_is_made_changed_and_withdrawn_and_every_version_says_who_and_why() {
    Database::each(|database| async move {
        let hub = start(database).await;
        let operator = hub.client(OPERATOR);
        let body = json!({"entry": commune(), "reason": "Hotărârea nr. 7/2026"});
        let made = call(&operator, Method::POST, "/v1/directory/parties", None, &body).await;
        assert_eq!((made.status, &made.headers["etag"].to_str().unwrap()), (201, &"\"1\""), "{made:#?}");
        let again = call(&operator, Method::POST, "/v1/directory/parties", None, &body).await;
        assert_eq!((again.status, &again.body["code"]), (409, &json!("already-exists")));

        // Found by a piece of its name without diacritics, and by what it is.
        for query in ["q=stefanesti", "cui=18547290", "kind=uat&siruta=109773&q=Stef", "county=252&q=STEFANESTI"] {
            let (status, found) = hub.client(SENDER).get(&format!("/v1/directory/parties?{query}")).await;
            assert_eq!((status.as_u16(), &found["items"][0]["id"]), (200, &json!("uat-nou")), "{query}: {found:#}");
        }

        // A change needs the version that was read.
        let path = "/v1/directory/parties/uat-nou";
        let mut entry = commune();
        entry["contact"] = json!("registratura@exemplu.ro");
        let body = json!({"entry": entry, "reason": "adresă nouă"});
        let unnamed = call(&operator, Method::PUT, path, None, &body).await;
        assert_eq!((unnamed.status, &unnamed.body["code"]), (428, &json!("version-needed")));
        let changed = call(&operator, Method::PUT, path, Some(1), &body).await;
        assert_eq!((changed.status, &changed.body["version"]), (200, &json!(2)), "{changed:#?}");
        let stale = call(&operator, Method::PUT, path, Some(1), &body).await;
        assert_eq!(
            (stale.status, &stale.body["code"], &stale.body["version"]),
            (412, &json!("version-changed"), &json!(2))
        );

        let body = json!({"reason": "s-a unit cu alta"});
        let gone = call(&operator, Method::POST, &format!("{path}/withdraw"), Some(2), &body).await;
        assert_eq!((gone.status, &gone.body["state"]), (200, &json!("withdrawn")), "{gone:#?}");
        let (_, none) = hub.client(SENDER).get("/v1/directory/parties?q=stefanesti").await;
        assert_eq!(none["items"], json!([]));
        let (_, history) = operator.get(&format!("{path}/history")).await;
        let told: Vec<_> = history["versions"]
            .as_array()
            .unwrap()
            .iter()
            .map(|one| (&one["version"], &one["by"], &one["clerk"], &one["reason"]))
            .collect();
        let (by, clerk) = (json!(OPERATOR), json!("op-1"));
        assert_eq!(
            told,
            [
                (&json!(3), &by, &clerk, &json!("s-a unit cu alta")),
                (&json!(2), &by, &clerk, &json!("adresă nouă")),
                (&json!(1), &by, &clerk, &json!("Hotărârea nr. 7/2026")),
            ]
        );
        hub.stop().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_wrong_with_an_entry_is_named_by_field_and_rule() {
    let hub = start(Database::all().remove(0)).await;
    let operator = hub.client(OPERATOR);
    let post = async |kind: &str, entry: Value| {
        call(
            &operator,
            Method::POST,
            &format!("/v1/directory/{kind}"),
            None,
            &json!({"entry": entry, "reason": "probă"}),
        )
        .await
    };
    for (kind, entry, rule) in [
        ("parties", json!({"id": "x", "name": "X", "kind": "uat", "cui": "18547291"}), ("/cui", "format.cui")),
        ("parties", json!({"id": "x", "name": "X", "kind": "uat", "siruta": "1"}), ("/siruta", "code-list.siruta")),
        ("parties", json!({"id": "x y", "name": "X", "kind": "uat"}), ("/id", "id")),
        ("parties", json!({"id": "x", "kind": "uat"}), ("/name", "shape")),
        ("parties", json!({"id": "x", "name": "X", "kind": "uat", "mistyped": 1}), ("/mistyped", "shape")),
        ("systems", json!({"id": "s", "party": SENDER, "key_sha256": "cheia"}), ("/key_sha256", "sha256")),
        (
            "channels",
            json!({"id": "c", "party": SENDER, "system": "inbox", "secret": "parola"}),
            ("/secret", "secret.reference"),
        ),
        (
            "channels",
            json!({"id": "c", "party": SENDER, "system": "inbox", "address": "nicăieri"}),
            ("/address", "address"),
        ),
        (
            "competences",
            json!({"id": "r", "party": SENDER, "unit": "U", "channel": "uat-113625-inbox", "territory": ["9"],
                   "valid_from": "2026-02-01", "valid_to": "2026-01-01"}),
            ("/valid_to", "days"),
        ),
        (
            "competences",
            json!({"id": "r", "party": SENDER, "unit": "U", "channel": "uat-113625-inbox", "document_types": ["nu-este"]}),
            ("/document_types/0", "document-type"),
        ),
    ] {
        let answer = post(kind, entry).await;
        assert_eq!((answer.status, &answer.body["code"]), (422, &json!("invalid-directory-entry")), "{answer:#?}");
        assert_eq!(rules(&answer)[0], (rule.0.to_owned(), rule.1.to_owned()), "{:#}", answer.body);
    }
    // What leads nowhere is refused too, and so is taking away what others name.
    let nowhere = post("channels", json!({"id": "c", "party": "nimeni", "system": "inbox"})).await;
    assert_eq!(nowhere.status, 422, "{nowhere:#?}");
    let body = json!({"reason": "probă"});
    let named =
        call(&operator, Method::POST, &format!("/v1/directory/parties/{SENDER}/withdraw"), Some(1), &body).await;
    assert_eq!(named.status, 422, "{named:#?}");
    // Without the right, nothing.
    let body = json!({"entry": commune(), "reason": "probă"});
    let other = call(&hub.client(SENDER), Method::POST, "/v1/directory/parties", None, &body).await;
    assert_eq!((other.status, &other.body["code"]), (403, &json!("forbidden")), "{other:#?}");
    hub.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_institution_sees_its_own_systems_alone_and_nobody_sees_a_key() {
    let hub = start(Database::all().remove(0)).await;
    let (_, own) = hub.client(SENDER).get("/v1/directory/systems").await;
    let ids: Vec<_> = own["items"].as_array().unwrap().iter().map(|one| one["id"].clone()).collect();
    assert_eq!(ids, [json!(format!("system-{SENDER}"))]);
    let (status, _) = hub.client(SENDER).get(&format!("/v1/directory/systems/system-{HUB_TOWN}")).await;
    assert_eq!(status, 404);
    let (_, all) = hub.client(OPERATOR).get("/v1/directory/systems").await;
    assert!(all["items"].as_array().unwrap().len() > 5 && !all.to_string().contains("key_sha256"), "{all:#}");
    let (_, secrets) = hub.client(SENDER).get("/v1/directory/channels").await;
    assert!(!secrets.to_string().contains("only-for-tests"));
    // Page by page, nothing twice and nothing left out.
    let (mut after, mut seen) = (String::new(), Vec::new());
    loop {
        let (_, page) = hub.client(SENDER).get(&format!("/v1/directory/parties?limit=2&after={after}")).await;
        seen.extend(page["items"].as_array().unwrap().iter().map(|one| one["id"].as_str().unwrap().to_owned()));
        let Some(next) = page["next"].as_str() else { break };
        after = next.to_owned();
    }
    let (_, whole) = hub.client(SENDER).get("/v1/directory/parties?limit=1000").await;
    let whole: Vec<_> =
        whole["items"].as_array().unwrap().iter().map(|one| one["id"].as_str().unwrap().to_owned()).collect();
    assert_eq!(seen, whole);
    hub.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_file_is_tried_first_and_then_withdraws_what_it_no_longer_has() {
    Database::each(|database| async move {
        let hub = start(database).await;
        let operator = hub.client(OPERATOR);
        let import = async |query: &str, text: String| {
            let path = format!("/v1/directory/import?reason=fi%C8%99ier+nou&{query}");
            ask(operator.request(Method::POST, &path).header("punte-clerk", "op-1").body(text)).await
        };
        let made = json!({"entry": {"id": "prin-api", "party": SENDER, "system": "inbox"}, "reason": "probă"});
        assert_eq!(call(&operator, Method::POST, "/v1/directory/channels", None, &made).await.status, 201);
        let channels = "id;party;system\r\nuat-113625-inbox;uat-113625;inbox\r\nnou;uat-109924;inbox\r\n";

        // A row that is wrong says so by line and field, and nothing at all is taken.
        let wrong = import("format=csv&kind=channels", format!("{channels};uat-109924;inbox\r\n")).await;
        assert_eq!((wrong.status, &wrong.body["taken"]), (200, &json!(false)), "{wrong:#?}");
        assert_eq!(
            (&wrong.body["rows"][0]["line"], &wrong.body["rows"][0]["verdict_ro"]),
            (&json!(4), &json!("greșit"))
        );

        // A dry run names what would be withdrawn, and why the directory would then not hang together.
        let dry = import("format=csv&kind=channels&withdraw_missing=true&dry_run=true", channels.to_owned()).await;
        assert_eq!((&dry.body["taken"], &dry.body["counts"]["kept"]), (&json!(false), &json!(1)), "{dry:#?}");
        assert!(dry.body["fault"].as_str().unwrap().contains("names the channel"), "{dry:#?}");
        let tried = import("format=csv&kind=channels&withdraw_missing=true", channels.to_owned()).await;
        assert_eq!(tried.body["taken"], false, "{tried:#?}");

        // The same with everything rules of competence lead to.
        let (_, all) = operator.get("/v1/directory/export?format=csv&kind=channels").await;
        let kept: String = all
            .as_str()
            .unwrap()
            .lines()
            .filter(|line| !line.starts_with("uat-far-inbox"))
            .map(|line| format!("{line}\r\n"))
            .collect();
        let taken = import("format=csv&kind=channels&withdraw_missing=true", kept).await;
        assert_eq!((&taken.body["taken"], &taken.body["counts"]["withdrawn"]), (&json!(true), &json!(1)), "{taken:#?}");
        let (status, gone) = operator.get("/v1/directory/channels/uat-far-inbox").await;
        assert_eq!((status.as_u16(), &gone["state"]), (200, &json!("withdrawn")));

        // What is exported is what is imported: nothing changes.
        let toml = String::from_utf8(operator.bytes("/v1/directory/export").await).unwrap();
        let same = import("withdraw_missing=true", toml).await;
        assert_eq!(
            (&same.body["taken"], &same.body["changed"], &same.body["fault"]),
            (&json!(true), &json!(0), &Value::Null),
            "{same:#?}"
        );
        hub.stop().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_another_node_wrote_is_seen_without_a_restart() {
    let Some(database) = Database::all().into_iter().nth(1) else { return };
    let hub = start(database).await;
    let mut config = hub.config.clone();
    config.data = hub.folder().join("data-of-another-node");
    config.directory = None;
    let other = hub_server::listen::start(&config).await.unwrap();
    let operator = Client::of(&other.url(), OPERATOR);
    let body = json!({"entry": commune(), "reason": "de la alt nod"});
    assert_eq!(call(&operator, Method::POST, "/v1/directory/parties", None, &body).await.status, 201);
    until("the first node sees it", async || hub.client(SENDER).get("/v1/directory/parties/uat-nou").await.0 == 200)
        .await;
    other.stop().await;
    hub.stop().await;
}
