//! Peers that want to hurt: every one ends in one class, in bounded time and memory, and nobody else is called.

#![allow(clippy::unwrap_used, reason = "helpers of tests are tests")]

use std::future::Future;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use connectors_contract::{Answer, Engine, Manifest, Outcome, Question};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::time::{Instant, sleep};

mod support;
use support::{SECRET, channel, consignment, engine};

const TIMEOUT: Duration = Duration::from_millis(700);

const MANIFEST: &str = r#"
system = "told"
engine = "rest"
title = { ro = "a", en = "a" }
[endpoint]
timeout = "700ms"
auth = { kind = "bearer" }
[deliver]
receipt = "/id"
side_effect = "once"
[outcome]
content_type = "application/json"
[lookup.act]
title = { ro = "a", en = "a" }
discloses = ["a"]
"#;

type Attacking = Pin<Box<dyn Future<Output = std::io::Result<()>> + Send>>;

/// What one peer does to a connection after it read a request.
type Attack = fn(TcpStream) -> Attacking;

/// A peer that reads the request and then does this.
async fn peer(attack: Attack) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            tokio::spawn(async move {
                let (mut request, mut buffer) = (Vec::new(), [0; 4096]);
                while !request.windows(4).any(|window| window == b"\r\n\r\n") {
                    match stream.read(&mut buffer).await {
                        Ok(read @ 1..) => request.extend_from_slice(&buffer[..read]),
                        _ => return,
                    }
                }
                // The client ends most of these.
                let _ended = attack(stream).await;
            });
        }
    });
    address
}

const HEAD: &[u8] = b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n";

fn endless_body(mut stream: TcpStream) -> Attacking {
    Box::pin(async move {
        stream.write_all(HEAD).await?;
        stream.write_all(b"\r\n{\"id\":\"").await?;
        loop {
            stream.write_all(&[b'7'; 64 * 1024]).await?;
        }
    })
}

fn endless_headers(mut stream: TcpStream) -> Attacking {
    Box::pin(async move {
        stream.write_all(HEAD).await?;
        loop {
            stream.write_all(format!("x-a: {}\r\n", "b".repeat(8_000)).as_bytes()).await?;
        }
    })
}

fn many_headers(mut stream: TcpStream) -> Attacking {
    Box::pin(async move {
        let headers: String = (0..10_000).map(|number| format!("x-{number}: a\r\n")).collect();
        stream.write_all(HEAD).await?;
        stream.write_all(format!("{headers}content-length: 10\r\n\r\n{{\"id\":\"7\"}}").as_bytes()).await
    })
}

fn a_byte_at_a_time(mut stream: TcpStream) -> Attacking {
    Box::pin(async move {
        stream.write_all(HEAD).await?;
        stream.write_all(b"content-length: 10000\r\n\r\n").await?;
        loop {
            sleep(Duration::from_millis(100)).await;
            stream.write_all(b" ").await?;
        }
    })
}

fn headers_a_byte_at_a_time(mut stream: TcpStream) -> Attacking {
    Box::pin(async move {
        for byte in HEAD.iter().cycle() {
            sleep(Duration::from_millis(100)).await;
            stream.write_all(&[*byte]).await?;
        }
        Ok(())
    })
}

fn endless_interim_answers(mut stream: TcpStream) -> Attacking {
    Box::pin(async move {
        loop {
            sleep(Duration::from_millis(5)).await;
            stream.write_all(b"HTTP/1.1 103 Early Hints\r\n\r\n").await?;
        }
    })
}

fn gzip_bomb(mut stream: TcpStream) -> Attacking {
    Box::pin(async move {
        // Compression was not asked for, so nothing is unpacked: this is JSON that is none.
        let bomb = [&[0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3][..], &[0xff; 100_000]].concat();
        stream.write_all(HEAD).await?;
        stream
            .write_all(format!("content-encoding: gzip\r\ncontent-length: {}\r\n\r\n", bomb.len()).as_bytes())
            .await?;
        stream.write_all(&bomb).await
    })
}

fn invalid_utf8(mut stream: TcpStream) -> Attacking {
    Box::pin(async move {
        stream.write_all(HEAD).await?;
        stream.write_all(b"content-length: 9\r\n\r\n{\"id\":\"\xff").await
    })
}

fn deep_json(mut stream: TcpStream) -> Attacking {
    Box::pin(async move {
        stream.write_all(HEAD).await?;
        stream.write_all(format!("content-length: 900000\r\n\r\n{}", "[".repeat(900_000)).as_bytes()).await
    })
}

fn chunks_of_garbage(mut stream: TcpStream) -> Attacking {
    Box::pin(async move {
        stream.write_all(HEAD).await?;
        stream.write_all(b"transfer-encoding: chunked\r\n\r\nzz\r\n{\"id\":\"7\"}\r\n0\r\n\r\n").await
    })
}

fn a_chunk_longer_than_memory(mut stream: TcpStream) -> Attacking {
    Box::pin(async move {
        stream.write_all(HEAD).await?;
        stream.write_all(b"transfer-encoding: chunked\r\n\r\nfffffffffffffff\r\n{\"id\":\"7\"}").await?;
        sleep(Duration::from_secs(60)).await;
        Ok(())
    })
}

fn two_lengths(mut stream: TcpStream) -> Attacking {
    Box::pin(async move {
        stream.write_all(HEAD).await?;
        stream.write_all(b"content-length: 10\r\ncontent-length: 4\r\n\r\n{\"id\":\"7\"}").await
    })
}

fn no_http_at_all(mut stream: TcpStream) -> Attacking {
    Box::pin(async move { stream.write_all(&[0x15; 5_000]).await })
}

const ATTACKS: [(&str, Attack); 13] = [
    ("endless body", endless_body),
    ("endless headers", endless_headers),
    ("many headers", many_headers),
    ("a byte at a time", a_byte_at_a_time),
    ("headers a byte at a time", headers_a_byte_at_a_time),
    ("endless interim answers", endless_interim_answers),
    ("gzip bomb", gzip_bomb),
    ("invalid UTF-8", invalid_utf8),
    ("deep JSON", deep_json),
    ("chunks of garbage", chunks_of_garbage),
    ("a chunk longer than memory", a_chunk_longer_than_memory),
    ("two lengths", two_lengths),
    ("no HTTP at all", no_http_at_all),
];

/// The most memory of this process so far, in KiB.
fn memory_peak() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    line.and_then(|line| line.trim().trim_end_matches(" kB").trim().parse().ok()).unwrap_or(0)
}

#[tokio::test]
async fn a_document_sent_to_a_hostile_peer_is_unknown_in_bounded_time_and_memory() {
    let manifest = Manifest::parse(MANIFEST, "told").unwrap();
    let engine = engine();
    let before = memory_peak();
    for (name, attack) in ATTACKS {
        let connector = engine.outbound(&manifest, channel(peer(attack).await, SECRET)).unwrap();
        let started = Instant::now();
        let outcome = connector.deliver(&consignment("key-00000001")).await.outcome;
        assert!(matches!(outcome, Outcome::Unknown { .. }), "{name}: {outcome:?}");
        assert!(started.elapsed() < TIMEOUT * 2 + Duration::from_secs(3), "{name}: {:?}", started.elapsed());
    }
    let grown = memory_peak() - before;
    assert!(grown < 64 * 1024, "{grown} KiB more");
}

#[tokio::test]
async fn a_question_to_a_hostile_peer_is_unavailable_in_bounded_time() {
    let manifest = Manifest::parse(MANIFEST, "told").unwrap();
    let engine = engine();
    let question = Question { operation: "act".to_owned(), arguments: Default::default(), facts: Default::default() };
    for (name, attack) in ATTACKS {
        let lookup = engine.lookup(&manifest, channel(peer(attack).await, SECRET)).unwrap();
        let started = Instant::now();
        let answer = lookup.ask(&question).await.answer;
        assert!(matches!(answer, Answer::Unavailable { .. }), "{name}: {answer:?}");
        assert!(started.elapsed() < TIMEOUT * 2 + Duration::from_secs(3), "{name}: {:?}", started.elapsed());
    }
}

#[tokio::test]
async fn no_redirect_of_any_kind_is_followed_to_another_host() {
    let visited = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&visited);
    let elsewhere = support::answering(move |_| {
        counted.fetch_add(1, Ordering::Relaxed);
        b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 10\r\n\r\n{\"id\":\"7\"}".to_vec()
    })
    .await;
    let manifest = Manifest::parse(MANIFEST, "told").unwrap();
    let engine = engine();
    let question = Question { operation: "act".to_owned(), arguments: Default::default(), facts: Default::default() };
    for status in ["301 Moved", "302 Found", "303 See Other", "307 Temporary", "308 Permanent"] {
        let address = support::answering(move |_| {
            let refresh = format!("refresh: 0;url=http://{elsewhere}/\r\nalt-svc: h2=\"{elsewhere}\"\r\n");
            format!("HTTP/1.1 {status}\r\nlocation: http://{elsewhere}/\r\n{refresh}content-length: 0\r\n\r\n")
                .into_bytes()
        })
        .await;
        let outcome = engine.outbound(&manifest, channel(address, SECRET)).unwrap();
        let outcome = outcome.deliver(&consignment("key-00000001")).await.outcome;
        assert!(matches!(outcome, Outcome::Unavailable { .. } | Outcome::Unknown { .. }), "{status}: {outcome:?}");
        let answer = engine.lookup(&manifest, channel(address, SECRET)).unwrap().ask(&question).await.answer;
        assert!(matches!(answer, Answer::Unavailable { .. }), "{status}: {answer:?}");
    }
    assert_eq!(visited.load(Ordering::Relaxed), 0);
}
