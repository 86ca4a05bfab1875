//! The client against the twin of an authority: good tokens are handed out, every fault ends in its class.

#![allow(clippy::unwrap_used, reason = "helpers of tests are tests")]

use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use connectors_tsp::{ClientError, Credentials, Imprint, Settings, Timeouts, TspClient, TspError};
use hub_signatures::certificate::Certificate;
use hub_signatures::digest::DigestAlgorithm;
use hub_signatures::time_stamp::TimeStamp;
use hub_signatures::trust::{Trust, Trusted};
use sandbox::{Fault, FaultKind, Running, StampRecord, Tsa};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

/// 2 March 2026, 10:00:00 UTC.
const NOW: i64 = 1_772_445_600;
const DATA: &[u8] = b"head of the log";

fn settings(url: &str, root_pem: &str) -> Settings {
    let timeouts = Timeouts { total: Duration::from_millis(2_000), ..Timeouts::default() };
    let trust = match root_pem {
        "" => Trust::Anchors(Vec::new()),
        pem => Trust::Anchors(Certificate::all_from_pem(pem.as_bytes()).unwrap()),
    };
    Settings { url: url.parse().unwrap(), credentials: Credentials::None, trust, policy: None, timeouts }
}

fn client_at(settings: Settings, now: i64) -> TspClient {
    let counter = AtomicU64::new(0xFF00_0000_0000_0001);
    let nonces = Arc::new(move || counter.fetch_add(1, Ordering::Relaxed).to_be_bytes());
    TspClient::new(settings, Arc::new(move || now), nonces).unwrap()
}

async fn twin() -> (Running<StampRecord>, String) {
    Tsa::start(([127, 0, 0, 1], 0).into(), Arc::new(|| NOW)).await.unwrap()
}

fn imprint() -> Imprint {
    Imprint::of(DigestAlgorithm::Sha256, DATA)
}

#[tokio::test]
async fn a_token_is_handed_out_and_proves_the_time_of_the_clock() {
    let (twin, root) = twin().await;
    let client = client_at(settings(&twin.url(), &root), NOW);
    for (number, algorithm) in (1..).zip(DigestAlgorithm::ALL) {
        let token = client.stamp(Imprint::of(algorithm, DATA)).await.unwrap();
        assert_eq!((token.time_stamp.time, token.time_stamp.accuracy), (NOW, Some(1)));
        assert_eq!(
            (token.time_stamp.serial, token.time_stamp.policy.as_str()),
            (format!("{number:02x}"), "2.999.3161.1")
        );
        assert!(matches!(token.time_stamp.trusted, Trusted::Anchor(root) if root.contains("Autoritate de test")));
        TimeStamp::verify(&token.der, DATA, &Trust::IntegrityOnly).unwrap();
    }
    let received = twin.received();
    assert_eq!(received.len(), 3);
    assert_eq!((received[2].serial, received[2].digest.len(), received[2].time), (Some(3), 128, NOW));
}

#[tokio::test]
async fn the_tokens_of_the_twin_are_right_in_the_eyes_of_openssl() {
    if Command::new("openssl").arg("version").output().is_err() {
        assert!(std::env::var("CI").as_deref() != Ok("true"), "the program openssl is not installed");
        eprintln!("skipped: the program openssl is not installed");
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let openssl = |arguments: &str| {
        let output = Command::new("openssl").current_dir(folder.path()).args(arguments.split(' ')).output().unwrap();
        (output.status.success(), String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned())
    };
    let (twin, root) = twin().await;
    std::fs::write(folder.path().join("root.pem"), &root).unwrap();
    std::fs::write(folder.path().join("data"), DATA).unwrap();
    let token = client_at(settings(&twin.url(), &root), NOW).stamp(imprint()).await.unwrap();
    std::fs::write(folder.path().join("token.der"), token.der).unwrap();
    let verify = format!("ts -verify -attime {NOW} -data data -token_in -in token.der -CAfile root.pem");
    let (verified, said) = openssl(&verify);
    assert!(verified && said.contains("Verification: OK"), "{said}");
    // Its own request, its own reading of the answer.
    let (asked, said) = openssl("ts -query -data data -sha512 -cert -tspolicy 2.999.3161.2 -out query.tsq");
    assert!(asked, "{said}");
    let query = std::fs::read(folder.path().join("query.tsq")).unwrap();
    let post = reqwest::Client::builder().no_proxy().build().unwrap().post(twin.url());
    let answer = post.header("content-type", "application/timestamp-query").body(query).send().await.unwrap();
    std::fs::write(folder.path().join("reply.tsr"), answer.bytes().await.unwrap()).unwrap();
    let (verified, said) =
        openssl(&format!("ts -verify -attime {NOW} -queryfile query.tsq -in reply.tsr -CAfile root.pem"));
    assert!(verified && said.contains("Verification: OK"), "{said}");
    let (_, said) = openssl("ts -reply -in reply.tsr -text");
    for expected in ["Status: Granted.", "Policy OID: 2.999.3161.2", "Time stamp: Mar  2 10:00:00 2026 GMT"] {
        assert!(said.contains(expected), "{said}");
    }
}

#[tokio::test]
async fn every_fault_of_an_authority_ends_in_its_class() {
    let (twin, root) = twin().await;
    let client = client_at(settings(&twin.url(), &root), NOW);
    let late = Fault::once(FaultKind::SlowThenAccept).after(Duration::from_secs(30));
    let table = [
        (late, "unavailable", "no whole answer within 2000 ms"),
        (Fault::once(FaultKind::TooManyRequests), "unavailable", "429"),
        (Fault::once(FaultKind::ServerError), "unavailable", "500"),
        (Fault::once(FaultKind::CutConnection), "unavailable", "connection"),
        (Fault::once(FaultKind::CutConnectionAfterStoring), "unavailable", "connection"),
        (Fault::once(FaultKind::Rejection), "unavailable", "no time at the moment"),
        (Fault::once(FaultKind::HtmlPage), "wrong", "text/html"),
        (Fault::once(FaultKind::OkWithErrorBody), "wrong", "application/json"),
        (Fault::once(FaultKind::WrongNonce), "wrong", "another one"),
        (Fault::once(FaultKind::WrongPolicy), "good", ""),
        (Fault::once(FaultKind::WrongImprint), "wrong", "other data"),
        (Fault::once(FaultKind::ExpiredCertificate), "wrong", "expired"),
        (Fault::once(FaultKind::AcceptAfterClientTimeout).after(Duration::from_millis(10)), "good", ""),
    ];
    for (fault, expected, word) in table {
        twin.faults.plan(fault.clone());
        let (class, said) = class(client.stamp(imprint()).await);
        assert!(class == expected && said.contains(word), "{:?}: {class}, {said}", fault.fault);
        assert_eq!(client.stamp(imprint()).await.unwrap().time_stamp.time, NOW, "the next one is good again");
    }
    twin.faults.plan(Fault { retry_after_s: 7, ..Fault::once(FaultKind::TooManyRequests) });
    let answer = client.stamp(imprint()).await;
    assert!(
        matches!(answer, Err(TspError::Unavailable { retry_after: Some(wait), .. }) if wait == Duration::from_secs(7))
    );
    twin.faults.down(Duration::from_secs(60)).await;
    let (down, said) = class(client.stamp(imprint()).await);
    assert!(down == "unavailable" && said.contains("connect"), "{said}");
    let fresh = client_at(settings(&twin.url(), &root), NOW);
    let (down, said) = class(fresh.stamp(imprint()).await);
    assert!(down == "unavailable" && said.contains("cannot connect"), "{said}");
    twin.faults.up().await;
    client.stamp(imprint()).await.unwrap();
}

#[tokio::test]
async fn faults_and_the_root_certificate_are_there_over_http_too() {
    let (twin, root) = twin().await;
    let http = reqwest::Client::builder().no_proxy().build().unwrap();
    let told = http.get(format!("{}/_sandbox/root.pem", twin.url())).send().await.unwrap().text().await.unwrap();
    assert_eq!(told, root);
    let plan = http.put(format!("{}/_sandbox/faults", twin.url())).header("content-type", "application/json");
    let answer = plan.body(r#"[{"fault":"expired-certificate"},{"fault":"rejection"}]"#).send().await.unwrap();
    assert!(answer.status().is_success());
    let client = client_at(settings(&twin.url(), &root), NOW);
    for expected in ["wrong", "unavailable", "good"] {
        assert_eq!(class(client.stamp(imprint()).await).0, expected);
    }
    let stamps = http.get(format!("{}/_sandbox/stamps", twin.url())).send().await.unwrap().text().await.unwrap();
    assert_eq!(stamps.matches("\"serial\":").count(), twin.received().len());
    let text = http.post(twin.url()).header("content-type", "text/plain").body("x").send().await.unwrap();
    assert_eq!(text.status(), 415);
}

fn class(answer: Result<connectors_tsp::Token, TspError>) -> (&'static str, String) {
    match answer {
        Ok(_) => ("good", String::new()),
        Err(error @ TspError::Unavailable { .. }) => ("unavailable", error.to_string()),
        Err(error @ TspError::Refused(_)) => ("refused", error.to_string()),
        Err(error @ TspError::WrongAnswer(_)) => ("wrong", error.to_string()),
    }
}

#[tokio::test]
async fn a_policy_is_asked_for_and_insisted_on() {
    let (twin, root) = twin().await;
    let with = |policy: &str| Settings { policy: Some(policy.to_owned()), ..settings(&twin.url(), &root) };
    let second = client_at(with("2.999.3161.2"), NOW);
    assert_eq!(second.stamp(imprint()).await.unwrap().time_stamp.policy, "2.999.3161.2");
    twin.faults.plan(Fault::once(FaultKind::WrongPolicy));
    let (wrong, said) = class(second.stamp(imprint()).await);
    assert!(wrong == "wrong" && said.contains("under the policy 2.999.3161.99"), "{said}");
    let (refused, said) = class(client_at(with("1.2.3"), NOW).stamp(imprint()).await);
    assert!(refused == "refused" && said.contains("the policy is not supported (Politica cerută"), "{said}");
    assert_eq!(twin.received().last().unwrap().serial, None);
    let nonsense = TspClient::new(with("politica"), Arc::new(|| NOW), Arc::new(|| [1; 8]));
    assert!(matches!(nonsense, Err(ClientError::Policy(_))));
}

#[tokio::test]
async fn strangers_and_wrong_clocks_are_wrong_answers() {
    let (twin, root) = twin().await;
    let (stranger, _) = class(client_at(settings(&twin.url(), ""), NOW).stamp(imprint()).await);
    assert_eq!(stranger, "wrong");
    for (shift, expected) in [(0, "good"), (61, "good"), (-61, "good"), (62, "wrong"), (-3_600, "wrong")] {
        let (found, said) = class(client_at(settings(&twin.url(), &root), NOW + shift).stamp(imprint()).await);
        assert!(found == expected && (found == "good" || said.contains("clocks")), "{shift}: {said}");
    }
}

/// A server that answers every connection with these bytes; what it was asked goes to the second.
async fn answering(answer: Vec<u8>) -> (String, tokio::sync::mpsc::UnboundedReceiver<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/tsa?key=hidden", listener.local_addr().unwrap());
    let (asked, receiver) = tokio::sync::mpsc::unbounded_channel();
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let mut buffer = vec![0; 8_192];
            let read = stream.read(&mut buffer).await.unwrap_or(0);
            asked.send(String::from_utf8_lossy(&buffer[..read]).into_owned()).unwrap();
            // A client that stopped reading is part of some tests.
            let _sent = stream.write_all(&answer).await;
        }
    });
    (url, receiver)
}

#[tokio::test]
async fn answers_are_bounded_and_statuses_have_their_class() {
    let reply = "content-type: application/timestamp-reply\r\nconnection: close\r\n";
    let long = vec![b'0'; 70_000];
    let table: [(String, &[u8], &str, &str); 10] = [
        (format!("200 OK\r\n{reply}content-length: 70000\r\n"), &long, "wrong", "longer than 65536 bytes"),
        (format!("200 OK\r\n{reply}"), &long, "wrong", "longer than 65536 bytes"),
        (format!("200 OK\r\n{reply}content-length: 5\r\n"), b"<html", "wrong", "not a readable RFC 3161"),
        (format!("200 OK\r\n{reply}content-length: 0\r\n"), b"", "wrong", "not a readable RFC 3161"),
        (format!("200 OK\r\n{reply}content-length: 900\r\n"), b"0", "unavailable", "the connection broke"),
        (format!("204 No Content\r\n{reply}"), b"", "wrong", "204"),
        (format!("302 Found\r\nlocation: /elsewhere\r\n{reply}content-length: 0\r\n"), b"", "unavailable", "302"),
        (format!("401 Unauthorized\r\n{reply}content-length: 0\r\n"), b"", "refused", "401"),
        (format!("404 Not Found\r\n{reply}content-length: 0\r\n"), b"", "refused", "404"),
        (format!("503 Service Unavailable\r\n{reply}content-length: 0\r\n"), b"", "unavailable", "503"),
    ];
    for (head, body, expected, word) in table {
        let answer = [format!("HTTP/1.1 {head}\r\n").as_bytes(), body].concat();
        let (url, _asked) = answering(answer).await;
        let (found, said) = class(client_at(settings(&url, ""), NOW).stamp(imprint()).await);
        assert!(found == expected && said.contains(word), "{head}: {found}, {said}");
        assert!(!said.contains("hidden"), "an error shows the address: {said}");
    }
}

#[tokio::test]
async fn credentials_and_media_types_are_sent() {
    let credentials = [
        (
            Credentials::Basic { user: "primaria".to_owned(), password: "parola".to_owned().into() },
            "basic chjpbwfyawe6cgfyb2xh",
        ),
        (Credentials::Bearer("jeton".to_owned().into()), "bearer jeton"),
    ];
    for (credentials, expected) in credentials {
        let (url, mut asked) = answering(b"HTTP/1.1 403 Forbidden\r\ncontent-length: 0\r\n\r\n".to_vec()).await;
        let (found, said) =
            class(client_at(Settings { credentials, ..settings(&url, "") }, NOW).stamp(imprint()).await);
        assert!(found == "refused" && !said.contains("parola") && !said.contains("jeton"), "{said}");
        let head = asked.recv().await.unwrap().to_lowercase();
        assert!(head.contains(&format!("authorization: {expected}")), "{head}");
        assert!(head.contains("content-type: application/timestamp-query\r\n"), "{head}");
        assert!(head.contains("accept: application/timestamp-reply\r\n"), "{head}");
    }
    let broken = Settings { credentials: Credentials::Bearer("a\nb".to_owned().into()), ..settings("http://a/", "") };
    assert!(matches!(TspClient::new(broken, Arc::new(|| 0), Arc::new(|| [1; 8])), Err(ClientError::Credentials)));
    let file = settings("file:///etc/passwd", "");
    assert!(matches!(TspClient::new(file, Arc::new(|| 0), Arc::new(|| [1; 8])), Err(ClientError::Address(_))));
}
