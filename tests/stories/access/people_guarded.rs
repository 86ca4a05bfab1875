//! What attackers try at the sign-in of people, and do not get.

use reqwest::Method;
use serde_json::json;
use tests::county::{HUB_TOWN, SENDER};
use tests::people::{Browser, PASSWORD, invite, signed_in};
use tests::{Database, TestHub};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_session_that_somebody_planted_is_not_the_one_that_is_opened() {
    let hub = TestHub::start(Database::Sqlite).await;
    signed_in(&hub, SENDER, "ana@comuna.example", &["clerk"]).await;
    let planted = "A".repeat(43);
    let mut ana = Browser::of(&hub);
    ana.cookies.insert("punte".to_owned(), planted.clone());
    assert_eq!(ana.sign_in("ana@comuna.example", PASSWORD).await.status, 303);
    let first = ana.cookies["punte"].clone();
    assert_ne!(first, planted);
    let mut attacker = Browser::of(&hub);
    attacker.cookies.insert("punte".to_owned(), planted);
    assert_eq!(attacker.open("/v1/session").await.status, 401);
    // Signing in again gives another id, too, and signing out ends it on the server, not only in the browser.
    let mut again = Browser::of(&hub);
    again.cookies.insert("punte".to_owned(), first.clone());
    let form = again.open("/v1/session").await.json()["form_token"].as_str().unwrap().to_owned();
    again.form("/sign-out", &[("form", &form)]).await;
    again.cookies.insert("punte".to_owned(), first);
    assert_eq!(again.open("/v1/session").await.status, 401);
    hub.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn another_site_changes_nothing_with_the_cookies_of_a_person() {
    let hub = TestHub::start(Database::Sqlite).await;
    let mut admin = signed_in(&hub, SENDER, "admin@comuna.example", &["administrator"]).await;
    let form = admin.open("/v1/session").await.json()["form_token"].as_str().unwrap().to_owned();
    let new = json!({"login": "rau@comuna.example", "display_name": "Inventat", "pseudonym": "f-9"});
    let evil = [("origin", "https://evil.example"), ("sec-fetch-site", "cross-site")];
    let sibling = [("origin", "http://127.0.0.1:1"), ("sec-fetch-site", "same-site")];
    let silent = [("accept", "*/*"), ("accept-language", "ro")];
    for headers in [evil, sibling, silent] {
        for token in [None, Some(form.as_str())] {
            let mut request = admin.bare(Method::POST, "/v1/accounts").json(&new);
            for (name, value) in headers {
                request = request.header(name, value);
            }
            if let Some(token) = token {
                request = request.header("Punte-Form", token);
            }
            let page = admin.send(request).await;
            assert_eq!((page.status, &page.json()["code"]), (403, &json!("foreign-form")), "{headers:?}");
        }
    }
    let without = admin.request(Method::POST, "/v1/accounts").json(&new);
    assert_eq!(admin.send(without).await.json()["code"], "foreign-form", "the cookie alone is not enough");
    let mut other = signed_in(&hub, SENDER, "alt@comuna.example", &["administrator"]).await;
    let theirs = other.open("/v1/session").await.json()["form_token"].as_str().unwrap().to_owned();
    let foreign = admin.request(Method::POST, "/v1/accounts").header("Punte-Form", theirs).json(&new);
    assert_eq!(admin.send(foreign).await.json()["code"], "foreign-form", "the token of another session");
    let pages = [
        "/sign-out",
        "/account/password",
        "/account/unit",
        "/account/totp",
        "/account/sessions/end",
        "/account/factors/remove",
    ];
    for path in pages {
        let page = admin.form(path, &[("form", "x")]).await;
        assert_eq!(page.json()["code"], "foreign-form", "{path}");
    }
    // Nobody is signed in as somebody else by a form of another site either.
    let request = admin.bare(Method::POST, "/sign-in").header("origin", "https://evil.example");
    assert_eq!(admin.send(request.body("login=a&password=b")).await.json()["code"], "foreign-form");
    assert_eq!(admin.open("/v1/session").await.status, 200);
    hub.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nobody_is_sent_elsewhere_and_no_header_is_smuggled_in() {
    let hub = TestHub::start(Database::Sqlite).await;
    signed_in(&hub, SENDER, "ana@comuna.example", &["clerk"]).await;
    for next in
        ["https://evil.example", "//evil.example", "/\\evil.example", "/a\r\nSet-Cookie: punte=x", "/%09/evil.example"]
    {
        let mut ana = Browser::of(&hub);
        let fields = [("login", "ana@comuna.example"), ("password", PASSWORD), ("next", next)];
        let page = ana.form("/sign-in", &fields).await;
        assert_eq!((page.status, page.location.as_str()), (303, "/console"), "{next:?}");
        assert_eq!(page.headers.get_all("set-cookie").iter().count(), 2);
        let encoded: String = url::form_urlencoded::byte_serialize(next.as_bytes()).collect();
        assert_eq!(ana.open(&format!("/sign-in?next={encoded}")).await.location, "/console", "{next:?}");
    }
    let mut nobody = Browser::of(&hub);
    let page = nobody.open("/sign-in?next=/account%22%3E%3Cscript%3Ealert(1)%3C/script%3E").await;
    assert!(!page.text.contains("<script>alert"), "{}", page.text);
    let policy = page.headers["content-security-policy"].to_str().unwrap();
    assert!(policy.contains("default-src 'none'") && !policy.contains("unsafe"), "{policy}");
    assert!(!page.text.contains("onclick") && !page.text.contains("style="), "nothing inline");
    hub.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_stranger_cannot_tell_an_account_from_none_and_guessing_gets_slow_but_locks_nobody_out() {
    let mut hub = TestHub::start(Database::Sqlite).await;
    let (account, _) = invite(&hub, SENDER, "invitat@comuna.example", &["clerk"]).await;
    signed_in(&hub, SENDER, "ana@comuna.example", &["clerk"]).await;
    let mut stranger = Browser::of(&hub);
    let mut answers = Vec::new();
    for login in ["ana@comuna.example", "nimeni@comuna.example", "invitat@comuna.example"] {
        let page = stranger.sign_in(login, "nu este parola").await;
        answers.push((page.status, page.text, page.headers.get("set-cookie").cloned()));
    }
    assert_eq!(answers[0], answers[1]);
    assert_eq!(answers[0], answers[2], "{account:?}");
    assert_eq!(answers[0].0, 403);
    let mut tries = 1;
    let slow = loop {
        tries += 1;
        let page = stranger.sign_in("ana@comuna.example", "nu este parola").await;
        if page.text.contains("Prea multe încercări") {
            break page;
        }
        assert!(tries < 10, "guessing is never slowed down");
    };
    assert_eq!(slow.status, 403);
    let right = stranger.sign_in("ana@comuna.example", PASSWORD).await;
    assert!(right.text.contains("Prea multe încercări"), "a guess in the pause is not even looked at");
    hub.close().await;
    hub.config.clock_ahead_seconds = 20 * 60;
    hub.up().await;
    let mut ana = Browser::of(&hub);
    assert_eq!(ana.sign_in("ana@comuna.example", PASSWORD).await.status, 303, "after the pause the person comes in");
    hub.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn many_guesses_at_once_are_counted_one_by_one() {
    let hub = TestHub::start(Database::Sqlite).await;
    signed_in(&hub, SENDER, "ana@comuna.example", &["clerk"]).await;
    let guess = async || Browser::of(&hub).sign_in("ana@comuna.example", "nu este parola").await;
    let pages = futures_util::future::join_all((0..20).map(|_| guess())).await;
    let slowed = pages.iter().filter(|page| page.text.contains("Prea multe încercări")).count();
    assert!(slowed >= 13, "only {slowed} of 20 were slowed down");
    hub.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_second_factor_cannot_be_walked_around() {
    let hub = TestHub::start(Database::Sqlite).await;
    signed_in(&hub, SENDER, "admin@comuna.example", &["administrator"]).await;
    let mut thief = Browser::of(&hub);
    assert_eq!(thief.sign_in("admin@comuna.example", PASSWORD).await.location, "/sign-in/second-factor");
    let step = thief.cookies["punte-step"].clone();
    thief.cookies.insert("punte".to_owned(), step);
    assert_eq!(thief.open("/v1/session").await.status, 401, "what waits is no session");
    assert_eq!(thief.open("/account").await.status, 303);
    let page = thief.open("/sign-in/enrolment").await;
    assert_eq!(page.status, 403, "who has a second factor is not given another by a password");
    assert_eq!(thief.form("/sign-in/enrolment", &[("code", "000000")]).await.status, 403);
    let mut slowed = false;
    for guess in 0..12 {
        let page = thief.form("/sign-in/second-factor", &[("code", &format!("{guess:06}"))]).await;
        assert_eq!(page.status, 403);
        slowed |= page.text.contains("Prea multe încercări");
    }
    assert!(slowed, "codes can be guessed without end");
    let new = thief.api(Method::POST, "/v1/accounts", &json!({})).await;
    assert_eq!(new.status, 401);
    hub.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_administrator_manages_neither_another_institution_nor_the_hub_nor_itself() {
    let hub = TestHub::start(Database::Sqlite).await;
    let mut admin = signed_in(&hub, SENDER, "admin@comuna.example", &["administrator"]).await;
    let (victim, _) = invite(&hub, HUB_TOWN, "ion@primarie.example", &["clerk"]).await;
    let (operator, _) = invite(&hub, SENDER, "operator@hub.example", &["operator"]).await;
    let own = admin.open("/v1/session").await.json()["account"].as_str().unwrap().to_owned();
    assert_eq!(admin.open(&format!("/v1/accounts/{}", victim.id)).await.status, 404);
    assert!(!admin.open("/v1/accounts").await.text.contains("primarie.example"));
    let grants = json!({"units": [], "grants": [{"role": "administrator"}]});
    let acts = [("lock", json!({})), ("unlock", json!({})), ("retire", json!({})), ("reset", json!({}))];
    for (act, body) in &acts {
        let at = |account: &str| format!("/v1/accounts/{account}/{act}");
        let other = admin.api(Method::POST, &at(&victim.id.to_string()), body).await;
        assert_eq!(other.status, 404, "{act}");
        let hubs = admin.api(Method::POST, &at(&operator.id.to_string()), body).await;
        assert_eq!(hubs.json()["code"], "role-not-given", "{act} of who runs the hub");
        assert_eq!(admin.api(Method::POST, &at(&own), body).await.json()["code"], "own-account", "{act}");
    }
    let other = admin.api(Method::PUT, &format!("/v1/accounts/{}/grants", victim.id), &grants).await;
    assert_eq!(other.status, 404);
    assert_eq!(
        admin.api(Method::PUT, &format!("/v1/accounts/{own}/grants"), &grants).await.json()["code"],
        "own-account"
    );
    let mut new = json!({"login": "x@hub.example", "display_name": "Inventat", "pseudonym": "f-8", "grants": [{"role": "operator"}]});
    assert_eq!(admin.api(Method::POST, "/v1/accounts", &new).await.json()["code"], "role-not-given");
    // Fields that are not asked for are refused, not taken along.
    new["grants"] = json!([{"role": "clerk", "party": HUB_TOWN}]);
    assert_eq!(admin.api(Method::POST, "/v1/accounts", &new).await.json()["code"], "malformed-request");
    new["grants"] = json!([]);
    new["state"] = json!("active");
    assert_eq!(admin.api(Method::POST, "/v1/accounts", &new).await.json()["code"], "malformed-request");
    let key = hub.client(SENDER).request(Method::POST, "/v1/accounts").json(&json!({}));
    assert_eq!(tests::client::ask(key).await.status, 403, "no program makes accounts");
    hub.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn only_a_trusted_proxy_says_where_a_browser_stands() {
    // In both cases the browser writes what it wants; where the hub trusts the peer, a proxy of ours appended the truth.
    for (trusted, shown) in [("10.0.0.0/8", "127.0.0.1"), ("127.0.0.1/32", "198.51.100.7")] {
        let hub = TestHub::start_with(Database::Sqlite, |config| {
            config.door.trusted_proxies = vec![trusted.parse().unwrap()];
        })
        .await;
        let mut ana = signed_in(&hub, SENDER, "ana@comuna.example", &["clerk"]).await;
        let form = [("login", "ana@comuna.example"), ("password", PASSWORD), ("next", "/account")];
        let body: String = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(form).finish();
        let mut there = Browser::of(&hub);
        let request = there
            .request(Method::POST, "/sign-in")
            .header("content-type", "application/x-www-form-urlencoded")
            .header("x-forwarded-for", "203.0.113.66, 198.51.100.7");
        assert_eq!(there.send(request.body(body)).await.status, 303);
        let sessions = ana.open("/v1/sessions").await.json();
        let other = sessions["items"].as_array().unwrap().iter().find(|one| one["own"] == false).unwrap().clone();
        assert_eq!(other["address"], shown, "{trusted} is trusted: {sessions:#}");
        hub.stop().await;
    }
}
