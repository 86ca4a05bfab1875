//! What happens on the network: refusals, redirects, endless answers, and what an error may show.

#![allow(clippy::unwrap_used, reason = "helpers of tests are tests")]

use std::net::SocketAddr;
use std::time::Duration;

use connectors_contract::{Channel, Engine, Inquiry, Outcome};

mod support;
use support::{NOW, SECRET, answering, connector, consignment, engine, told};

fn json(status: &str, headers: &str, body: &str) -> Vec<u8> {
    format!(
        "HTTP/1.1 {status}\r\ncontent-type: application/json\r\n{headers}content-length: {}\r\n\r\n{body}",
        body.len()
    )
    .into_bytes()
}

async fn outcome_of(answer: impl Fn(&str) -> Vec<u8> + Send + 'static) -> Outcome {
    let address = answering(answer).await;
    let manifest = told("[outcome]\nreason = [\"/mesaj\"]\ncode = [\"/cod\"]\n");
    connector(&manifest, address, SECRET).deliver(&consignment("key-00000001")).await.outcome
}

#[tokio::test]
async fn a_refused_connection_and_an_unknown_name_are_unavailable() {
    let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = free.local_addr().unwrap().port();
    drop(free);
    for host in [format!("127.0.0.1:{port}"), "nobody.invalid".to_owned()] {
        let channel = Channel {
            address: Some(format!("http://{host}/").parse().unwrap()),
            secret: Some(SECRET.to_owned().into()),
            ..Channel::default()
        };
        let attempt = engine().outbound(&told(""), channel).unwrap().deliver(&consignment("key-00000001")).await;
        assert!(matches!(attempt.outcome, Outcome::Unavailable { retry_after: None, .. }), "{:?}", attempt.outcome);
        assert_eq!(attempt.exchange.status, None);
    }
}

#[tokio::test]
async fn a_connection_nobody_answers_is_unknown_once_the_document_went_out() {
    let silent = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let mut manifest = told("");
    manifest.endpoint.timeout = Duration::from_millis(100);
    let connector = connector(&manifest, silent.local_addr().unwrap(), SECRET);
    let attempt = connector.deliver(&consignment("key-00000001")).await;
    assert!(matches!(attempt.outcome, Outcome::Unknown { .. }), "{:?}", attempt.outcome);
    assert!(attempt.exchange.sent_sha256.is_some() && attempt.exchange.took >= Duration::from_millis(100));
}

#[tokio::test]
async fn an_answer_that_stops_in_the_middle_or_never_ends_is_unknown() {
    let cut = outcome_of(|_| {
        b"HTTP/1.1 201 Created\r\ncontent-type: application/json\r\ncontent-length: 90\r\n\r\n{\"id\"".to_vec()
    });
    assert!(matches!(cut.await, Outcome::Unknown { .. }));
    let huge = outcome_of(|_| json("201 Created", "", &format!("{{\"id\":\"{}\"}}", "7".repeat(2 * 1024 * 1024))));
    let Outcome::Unknown { reason } = huge.await else { panic!("an endless answer was read") };
    assert!(reason.contains("mai lung de 1048576 de octeți"), "{reason}");
}

#[tokio::test]
async fn a_redirect_is_not_followed() {
    let elsewhere = answering(|_| json("201 Created", "", "{\"id\":\"1\"}")).await;
    let outcome =
        outcome_of(move |_| json("307 Temporary Redirect", &format!("location: http://{elsewhere}/\r\n"), "")).await;
    assert!(matches!(outcome, Outcome::Unavailable { .. }), "{outcome:?}");
}

#[tokio::test]
async fn a_date_to_come_again_is_counted_from_the_given_clock() {
    assert_eq!(NOW, 1_772_445_600);
    let outcome =
        outcome_of(|_| json("503 Service Unavailable", "retry-after: Mon, 02 Mar 2026 10:01:40 GMT\r\n", "{}")).await;
    let Outcome::Unavailable { retry_after, .. } = outcome else { panic!("{outcome:?}") };
    assert_eq!(retry_after, Some(Duration::from_secs(100)));
}

#[tokio::test]
async fn a_secret_the_target_sends_back_is_not_in_the_outcome() {
    for (status, place) in
        [("400 Bad Request", "mesaj"), ("400 Bad Request", "cod"), ("500 Oops", "mesaj"), ("201 Made", "id")]
    {
        let outcome = outcome_of(move |request| {
            let token = request.lines().find_map(|line| line.strip_prefix("authorization: ")).unwrap().trim();
            assert_eq!(token, format!("Bearer {SECRET}"));
            json(status, "", &format!("{{\"{place}\":\"unknown token {token}\"}}"))
        });
        let outcome = format!("{:?}", outcome.await);
        assert!(!outcome.contains(SECRET) && outcome.contains("[secret]"), "{outcome}");
    }
}

#[tokio::test]
async fn a_secret_is_in_no_debug_output_and_in_no_error() {
    let local = SocketAddr::from(([127, 0, 0, 1], 9));
    let mut channel = support::channel(local, SECRET);
    channel.address = Some(format!("https://a.invalid/hooks/{SECRET}?token={SECRET}").parse().unwrap());
    assert!(!format!("{channel:?}").contains(SECRET));
    let attempt = engine().outbound(&told(""), channel).unwrap().deliver(&consignment("key-00000001")).await;
    assert!(!format!("{attempt:?}").contains(SECRET), "{attempt:?}");

    let bad = format!("{SECRET}\nsecond line");
    let error = engine().outbound(&told(""), support::channel(local, &bad)).err().unwrap();
    assert!(!format!("{error} {error:?}").contains(SECRET), "{error}");
}

#[tokio::test]
async fn what_a_channel_lacks_is_said_with_the_way_out() {
    let webhook = support::manifest("webhook");
    let esocial = support::manifest("esocial");
    let (empty, local) = (Channel::default(), SocketAddr::from(([127, 0, 0, 1], 9)));
    let error = |manifest, channel: Channel| engine().outbound(manifest, channel).err().unwrap().to_string();
    assert!(error(&webhook, empty.clone()).contains("give the channel one"));
    assert!(error(&esocial, empty.clone()).contains("ESOCIAL_URL"));
    let no_secret = Channel { secret: None, ..support::channel(local, "") };
    assert!(error(&esocial, no_secret).contains("store it in the channel"));
    assert!(error(&webhook, support::channel(local, "whsec_short")).contains("24 to 64 bytes"));
    let password = Channel { address: Some("https://a:b@c.invalid".parse().unwrap()), ..empty };
    assert!(error(&webhook, password).contains("move it to the channel's secret"));
}

#[tokio::test]
async fn a_document_without_a_needed_fact_is_not_sent() {
    let address = answering(|_| json("201 Created", "", "{\"id\":\"1\"}")).await;
    let mut manifest = told("headers = { \"X-Subiect\" = \"{subject}\" }\n");
    let attempt = connector(&manifest, address, SECRET).deliver(&consignment("key-00000001")).await;
    let Outcome::Refused { code, reason } = attempt.outcome else { panic!("{:?}", attempt.outcome) };
    assert_eq!(code, "connector.unsendable");
    assert!(reason.contains("subject"), "{reason}");
    manifest.deliver = told("headers = { \"X-Subiect\" = \"{subject?}\" }\n").deliver;
    let attempt = connector(&manifest, address, SECRET).deliver(&consignment("key-00000001")).await;
    assert!(matches!(attempt.outcome, Outcome::Delivered { .. }));
}

#[tokio::test]
async fn a_system_that_cannot_be_asked_gives_no_answer() {
    let address = SocketAddr::from(([127, 0, 0, 1], 9));
    let answer = connector(&told(""), address, SECRET).inquire(&consignment("key-00000001")).await;
    assert!(matches!(answer, Inquiry::Unanswered { .. }), "{answer:?}");
}

#[tokio::test]
async fn facts_cannot_break_out_of_a_path_or_a_header() {
    let address = answering(|request| {
        let lines: Vec<_> = request.lines().collect();
        assert_eq!(lines[0], "POST /cazuri/a%2F..%2Fb%3Fc%0D%0A HTTP/1.1");
        assert!(!request.contains("transfer-encoding"), "the length is known: {request}");
        assert!(lines.contains(&"x-nume: Prim%C4%83ria%0D%0AX-Evil: 1"), "{request}");
        json("201 Created", "", "{\"id\":\"1\"}")
    })
    .await;
    let manifest = told("path = \"/cazuri/{subject}\"\nheaders = { \"X-Nume\" = \"{sender_name}\" }\n");
    let mut document = consignment("key-00000001");
    document.facts.insert("subject".to_owned(), "a/../b?c\r\n".to_owned());
    document.facts.insert("sender_name".to_owned(), "Primăria\r\nX-Evil: 1".to_owned());
    let attempt = connector(&manifest, address, SECRET).deliver(&document).await;
    assert!(matches!(attempt.outcome, Outcome::Delivered { .. }), "{:?}", attempt.outcome);
}
