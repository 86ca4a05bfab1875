//! What stands before the handlers: budgets, lines, bounds of time and size, headers. With real sockets.

use hub_server::config::{Budget, Config, PartyRate};
use reqwest::Method;
use serde_json::json;
use tests::client::ask;
use tests::county::{self, HUB_TOWN, INBOX_TOWN, SENDER, WEBHOOK_TOWN, key};
use tests::documents::letter;
use tests::{Database, TestHub};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

fn budget(requests: u32) -> Budget {
    Budget { requests: requests.try_into().unwrap(), seconds: 3_600.try_into().unwrap() }
}

async fn connect(hub: &TestHub) -> TcpStream {
    TcpStream::connect(hub.running().address).await.unwrap()
}

/// Sends bytes and reads all that comes until the hub closes.
async fn said(hub: &TestHub, bytes: &[u8]) -> String {
    let mut stream = connect(hub).await;
    // The hub may close before it has taken everything.
    let _ = stream.write_all(bytes).await;
    rest(&mut stream).await
}

async fn rest(stream: &mut TcpStream) -> String {
    let mut answer = Vec::new();
    let _ = stream.read_to_end(&mut answer).await;
    String::from_utf8_lossy(&answer).into_owned()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_party_over_its_budget_is_told_when_to_come_again_and_another_is_served() {
    let hub = TestHub::start_with(Database::Sqlite, |config| {
        config.rate.poll = budget(3);
        let own = PartyRate { poll: Some(budget(1)), ..PartyRate::default() };
        config.rate.party.insert(INBOX_TOWN.to_owned(), own);
    })
    .await;
    let look = |party| ask(hub.client(party).request(Method::GET, "/v1/inbox"));
    for left in [2, 1, 0] {
        let answer = look(HUB_TOWN).await;
        assert_eq!(answer.status, 200);
        assert_eq!(answer.headers["ratelimit-policy"], "\"poll\";q=3;w=3600");
        assert!(answer.headers["ratelimit"].to_str().unwrap().starts_with(&format!("\"poll\";r={left};t=")));
    }
    let refused = look(HUB_TOWN).await;
    assert_eq!((refused.status, &refused.body["code"]), (429, &json!("too-many-requests")), "{refused:?}");
    let wait: u32 = refused.headers["retry-after"].to_str().unwrap().parse().unwrap();
    assert!((1..=1_200).contains(&wait), "{wait}");
    assert!(refused.headers["ratelimit"].to_str().unwrap().starts_with("\"poll\";r=0;t="));
    // What it sends has a budget of its own, and so have others, by their own measure.
    assert_eq!(ask(hub.client(HUB_TOWN).request(Method::GET, "/v1/registers")).await.status, 200);
    assert_eq!(look(SENDER).await.status, 200);
    let statuses = [look(INBOX_TOWN).await.status, look(INBOX_TOWN).await.status];
    assert_eq!(statuses, [200, 429]);
    let metrics = ask(hub.client(SENDER).request(Method::GET, "/metrics")).await.body;
    let metrics = metrics.as_str().unwrap().to_owned();
    assert!(metrics.contains("punte_refused_total{class=\"poll\",why=\"budget\"} 2"), "{metrics}");
    hub.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn strangers_are_counted_by_address_and_those_with_keys_are_not() {
    let hub = TestHub::start_with(Database::Sqlite, |config| {
        config.rate.open = budget(4);
        config.rate.sign_in = budget(2);
    })
    .await;
    let url = hub.running().url();
    let bare = reqwest::Client::new();
    for _ in 0..2 {
        assert_eq!(ask(bare.get(format!("{url}/v1/log"))).await.status, 200);
    }
    let wrong = || ask(bare.get(format!("{url}/v1/inbox")).bearer_auth("guessed"));
    assert_eq!([wrong().await.status, wrong().await.status, wrong().await.status], [401, 401, 429]);
    assert_eq!(ask(bare.get(format!("{url}/v1/log"))).await.status, 429);
    assert_eq!(hub.client(SENDER).get("/v1/inbox").await.0, 200, "a key that is right is not a stranger's");
    let guess = || ask(bare.post(format!("{url}/oauth/token")).bearer_auth(key(SENDER)).body("x"));
    let statuses = [guess().await.status, guess().await.status, guess().await.status];
    assert_eq!(statuses[2], 429, "{statuses:?}");
    hub.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_asks_too_much_at_once_waits_or_is_refused_and_nothing_sent_is_lost() {
    Database::each(|database| async move {
        let hub = TestHub::start_with(database, |config| {
            config.rate.concurrent = 1;
            config.rate.waiting = 1;
        })
        .await;
        let sender = hub.client(SENDER);
        let sending = (0..24).map(|number| {
            let sender = sender.clone();
            async move {
                let document = letter(&[HUB_TOWN], "Multe deodată");
                sender.post("/v1/messages", &format!("crowd-{number}"), &document).await
            }
        });
        let answers = futures_util::future::join_all(sending).await;
        assert!(answers.iter().all(|(status, _)| [201, 429].contains(&status.as_u16())), "{answers:?}");
        assert!(answers.iter().any(|(status, _)| *status == 201));
        // The same keys again, one after the other: each document is there once.
        for number in 0..24 {
            let document = letter(&[HUB_TOWN], "Multe deodată");
            let (status, body) = sender.post("/v1/messages", &format!("crowd-{number}"), &document).await;
            assert!([200, 201].contains(&status.as_u16()), "{body:#}");
        }
        hub.wait_for_number("select cast(count(*) as bigint) as number from message", 24).await;
        hub.wait_for_number("select cast(count(*) as bigint) as number from job where kind <> 'expire'", 0).await;
        hub.stop().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn headers_that_never_end_and_headers_without_measure_are_cut_off() {
    let hub = TestHub::start_with(Database::Sqlite, |config| {
        config.door.header_seconds = 1;
        config.door.headers = 20;
        config.door.header_bytes = 8_192;
    })
    .await;
    let slow = said(&hub, b"GET /health/live HTTP/1.1\r\nHost: localhost\r\nX-Slow: ").await;
    assert!(slow.is_empty() || slow.starts_with("HTTP/1.1 408"), "{slow}");
    let many = "X-More: 1\r\n".repeat(40);
    let answer = said(&hub, format!("GET / HTTP/1.1\r\nHost: localhost\r\n{many}\r\n").as_bytes()).await;
    assert!(answer.starts_with("HTTP/1.1 431"), "{answer}");
    let large = "a".repeat(20_000);
    let answer = said(&hub, format!("GET / HTTP/1.1\r\nHost: localhost\r\nX-Large: {large}\r\n\r\n").as_bytes()).await;
    assert!(answer.starts_with("HTTP/1.1 431"), "{answer}");
    // A connection that asks nothing is not kept.
    let idle = said(&hub, b"GET /health/live HTTP/1.1\r\nHost: localhost\r\n\r\n").await;
    assert!(idle.starts_with("HTTP/1.1 200"), "{idle}");
    hub.stop().await;
}

fn submission(length: usize) -> String {
    format!(
        "POST /v1/messages HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {}\r\nIdempotency-Key: slow\r\n\
         Content-Type: application/json\r\nContent-Length: {length}\r\n\r\n",
        key(SENDER)
    )
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_body_that_stops_or_creeps_is_given_up_and_leaves_nothing() {
    let hub = TestHub::start_with(Database::Sqlite, |config| {
        config.door.idle_seconds = 1;
        config.door.slowest_upload = 10_000;
    })
    .await;
    let silent = said(&hub, format!("{}{{\"envelope\":", submission(5_000)).as_bytes()).await;
    assert!(silent.starts_with("HTTP/1.1 408") && silent.contains("request-timeout"), "{silent}");
    assert!(silent.to_ascii_lowercase().contains("connection: close"), "{silent}");
    let mut creeping = connect(&hub).await;
    creeping.write_all(submission(1_000_000).as_bytes()).await.unwrap();
    let (mut read, mut write) = creeping.split();
    // A byte now and then, never silent for long: until the hub ends it.
    let feed = async {
        while write.write_all(b" ").await.is_ok() {
            tokio::time::sleep(std::time::Duration::from_millis(100)).await;
        }
    };
    let mut answer = [0; 12];
    tokio::select! {
        () = feed => panic!("the hub closed without a word"),
        read = read.read_exact(&mut answer) => { read.unwrap(); }
    }
    assert_eq!(&answer, b"HTTP/1.1 408");
    assert_eq!(hub.number("select cast(count(*) as bigint) as number from message").await, 0);
    assert_eq!(hub.blobs().1, 0, "no upload is left under way");
    hub.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_address_holds_only_so_many_connections() {
    let hub = TestHub::start_with(Database::Sqlite, |config| config.door.connections_per_address = 2).await;
    let ask = "GET /health/live HTTP/1.1\r\nHost: localhost\r\n\r\n";
    let mut held = Vec::new();
    for _ in 0..2 {
        let mut stream = connect(&hub).await;
        stream.write_all(ask.as_bytes()).await.unwrap();
        let mut first = [0; 12];
        stream.read_exact(&mut first).await.unwrap();
        assert_eq!(&first, b"HTTP/1.1 200");
        held.push(stream);
    }
    assert_eq!(said(&hub, ask.as_bytes()).await, "", "the third is closed without a word");
    drop(held);
    // As soon as the hub saw the others end, there is room again.
    while !said(&hub, ask.replace("\r\n\r\n", "\r\nConnection: close\r\n\r\n").as_bytes())
        .await
        .starts_with("HTTP/1.1 200")
    {
        tokio::task::yield_now().await;
    }
    hub.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_packed_or_does_not_name_this_hub_is_refused() {
    let hub = TestHub::start_with(Database::Sqlite, |config| config.door.hosts = vec!["127.0.0.1".to_owned()]).await;
    let sender = hub.client(SENDER);
    let packed = sender.request(Method::POST, "/v1/messages").header("content-encoding", "gzip").body("\x1f");
    let packed = ask(packed).await;
    assert_eq!((packed.status, &packed.body["code"]), (415, &json!("unsupported-encoding")));
    for host in ["Host: evil.example\r\n", "Host: 127.0.0.1\r\nHost: evil.example\r\n", "", "Host: a@127.0.0.1\r\n"] {
        let answer = said(&hub, format!("GET /v1/log HTTP/1.1\r\n{host}Connection: close\r\n\r\n").as_bytes()).await;
        assert!(answer.starts_with("HTTP/1.1 400") && !answer.contains("evil"), "{host:?}: {answer}");
    }
    let answer = said(&hub, b"GET /v1/log HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n").await;
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    hub.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_answer_tells_browsers_to_trust_and_keep_nothing() {
    let hub = TestHub::start(Database::Sqlite).await;
    for path in ["/v1/log", "/verify", "/v1/inbox", "/no/such/thing", "/health/live", "/problems/not-found"] {
        let answer = ask(hub.client(SENDER).request(Method::GET, path).header("origin", "https://evil.example")).await;
        let header = |name: &str| answer.headers.get(name).map_or("", |value| value.to_str().unwrap()).to_owned();
        let policy = header("content-security-policy");
        assert!(
            policy.starts_with("default-src 'none'") && policy.contains("frame-ancestors 'none'"),
            "{path}: {policy}"
        );
        assert!(!policy.contains("unsafe"), "{path}: {policy}");
        assert_eq!(header("x-content-type-options"), "nosniff", "{path}");
        assert_eq!(header("referrer-policy"), "no-referrer", "{path}");
        assert!(header("permissions-policy").contains("camera=()"), "{path}");
        assert_eq!(header("strict-transport-security"), "", "{path}: over plain HTTP it means nothing");
        assert_eq!((header("server"), header("access-control-allow-origin")), (String::new(), String::new()), "{path}");
        assert!(!header("cache-control").is_empty(), "{path}");
    }
    hub.stop().await;
    let over_tls = |config: &mut Config| config.public_url = Some("https://punte.example".to_owned());
    let hub = TestHub::start_with(Database::Sqlite, over_tls).await;
    let answer = ask(hub.client(SENDER).request(Method::GET, "/v1/inbox")).await;
    assert!(answer.headers["strict-transport-security"].to_str().unwrap().starts_with("max-age=31536000"));
    assert_eq!(answer.headers["cache-control"], "no-store");
    hub.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_address_inside_the_hubs_own_network_is_not_called_however_it_is_spelled() {
    for spelled in ["127.0.0.1", "localhost", "[::ffff:127.0.0.1]", "2130706433"] {
        let hub = TestHub::start_with(Database::Sqlite, |config| {
            config.outgoing.allow.clear();
            county::change(config, |directory| directory.replace("http://127.0.0.1", &format!("http://{spelled}")));
        })
        .await;
        let sender = hub.client(SENDER);
        let (status, receipt) = sender.post("/v1/messages", "inside", &letter(&[WEBHOOK_TOWN], "text")).await;
        assert_eq!(status, 201, "{receipt:#}");
        let message = receipt["message_id"].as_str().unwrap();
        let seen = sender.wait_for(message, |seen| seen["deliveries"][0]["reason"].is_string()).await;
        let reason = seen["deliveries"][0]["reason"].as_str().unwrap();
        assert!(reason.contains("rețea internă") && !reason.contains("127.0.0.1"), "{spelled}: {reason}");
        assert!(hub.town_hall.received().is_empty(), "{spelled} was called");
        let mut hub = hub;
        hub.close().await;
    }
}
