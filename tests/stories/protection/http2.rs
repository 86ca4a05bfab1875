//! HTTP/2 by hand: who opens streams without end, sends headers without measure or takes back at once what it asked for
//! is refused or put out, and everybody else is served meanwhile (RFC 9113, section 10.5; CVE-2023-44487, CVE-2024-27316).

use std::io::{ErrorKind, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

use hub_server::config::ClientCertificates;
use openssl::ssl::{SslConnector, SslMethod, SslStream, SslVerifyMode};
use tests::Database;
use tests::county::{SENDER, key};
use tests::issuer::SealOrder;
use tests::machines::SecureHub;

const HEADERS: u8 = 1;
const RST_STREAM: u8 = 3;
const SETTINGS: u8 = 4;
const GOAWAY: u8 = 7;
const CONTINUATION: u8 = 9;
const END_STREAM: u8 = 1;
const END_HEADERS: u8 = 4;
const REFUSED_STREAM: u32 = 7;
const ENHANCE_YOUR_CALM: u32 = 11;
const CANCEL: u32 = 8;

/// A frame as it came.
#[derive(Debug)]
struct Frame {
    kind: u8,
    stream: u32,
    payload: Vec<u8>,
}

impl Frame {
    /// The code of a frame that ends a stream or the connection.
    fn code(&self) -> Option<u32> {
        let at = match self.kind {
            RST_STREAM => 0,
            GOAWAY => 4,
            _ => return None,
        };
        Some(u32::from_be_bytes(self.payload[at..at + 4].try_into().unwrap()))
    }
}

/// A connection that speaks HTTP/2 as it likes.
struct Line(SslStream<TcpStream>);

impl Line {
    fn open(address: SocketAddr) -> Self {
        let mut builder = SslConnector::builder(SslMethod::tls_client()).unwrap();
        builder.set_verify(SslVerifyMode::NONE);
        builder.set_alpn_protos(b"\x02h2").unwrap();
        let tcp = TcpStream::connect(address).unwrap();
        tcp.set_read_timeout(Some(Duration::from_secs(30))).unwrap();
        tcp.set_write_timeout(Some(Duration::from_secs(30))).unwrap();
        let mut line = Self(builder.build().connect("localhost", tcp).unwrap());
        line.0.write_all(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n").unwrap();
        assert!(line.send(SETTINGS, 0, 0, &[]));
        line
    }

    /// Whether it could be sent: who was put out cannot.
    fn send(&mut self, kind: u8, flags: u8, stream: u32, payload: &[u8]) -> bool {
        let length = u32::try_from(payload.len()).unwrap().to_be_bytes();
        let head = [&length[1..], &[kind, flags], &stream.to_be_bytes()].concat();
        self.0.write_all(&[&head, payload].concat()).is_ok()
    }

    /// The next frame; none once the connection has ended.
    fn next(&mut self) -> Option<Frame> {
        let mut head = [0; 9];
        self.filled(&mut head)?;
        let mut payload = vec![0; u32::from_be_bytes([0, head[0], head[1], head[2]]) as usize];
        self.filled(&mut payload)?;
        Some(Frame { kind: head[3], stream: u32::from_be_bytes(head[5..9].try_into().unwrap()), payload })
    }

    fn filled(&mut self, buffer: &mut [u8]) -> Option<()> {
        match self.0.read_exact(buffer) {
            Ok(()) => Some(()),
            Err(error) => {
                assert!(
                    !matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut),
                    "the hub neither answers nor ends the connection"
                );
                None
            }
        }
    }
}

/// Fields without compression, with names that may be indexed (RFC 7541, section 6.2.2).
fn literal(name: &str, value: &str) -> Vec<u8> {
    let short = |text: &str| u8::try_from(text.len()).ok().filter(|length| *length < 127).expect("a short text");
    [&[0, short(name)], name.as_bytes(), &[short(value)], value.as_bytes()].concat()
}

fn request(method: &str, path: &str, more: &[(&str, &str)]) -> Vec<u8> {
    let pseudo = [(":method", method), (":scheme", "https"), (":authority", "localhost"), (":path", path)];
    pseudo.iter().chain(more).flat_map(|(name, value)| literal(name, value)).collect()
}

async fn served(hub: &SecureHub) {
    let answer = hub.client(None).get(hub.at("/health/live")).send().await.unwrap();
    assert_eq!((answer.status().as_u16(), answer.version()), (200, reqwest::Version::HTTP_2));
}

async fn hub() -> SecureHub {
    SecureHub::start(Database::Sqlite, ClientCertificates::Off, SealOrder::usual(2)).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn streams_beyond_what_the_hub_allows_are_refused_one_by_one() {
    let hub = hub().await;
    let address = hub.hub.running().address;
    let held = tokio::task::spawn_blocking(move || {
        let mut line = Line::open(address);
        let settings = line.next().unwrap();
        assert_eq!(settings.kind, SETTINGS);
        let told = |id: u16| {
            let mut all = settings.payload.chunks(6);
            let one = all.find(|one| one[..2] == id.to_be_bytes()).expect("it is told");
            u32::from_be_bytes(one[2..6].try_into().unwrap())
        };
        let (streams, list) = (told(3), told(6));
        assert!((1..=256).contains(&streams), "{streams} streams at once");
        assert!((1..=64 * 1024).contains(&list), "{list} bytes of headers");
        // Documents whose bodies never come: each keeps its stream.
        let bearer = format!("Bearer {}", key(SENDER));
        let begun = request(
            "POST",
            "/v1/messages",
            &[("authorization", &bearer), ("content-type", "application/json"), ("idempotency-key", "nothing-comes")],
        );
        for number in 0..streams + 20 {
            assert!(line.send(HEADERS, END_HEADERS, 2 * number + 1, &begun));
        }
        let mut refused = 0;
        while refused < 20 {
            let frame = line.next().expect("the connection goes on");
            assert_ne!(frame.kind, GOAWAY, "{frame:?}");
            if frame.code() == Some(REFUSED_STREAM) {
                assert!(frame.stream > 2 * streams, "{frame:?}");
                refused += 1;
            }
        }
        line
    });
    let held = held.await.unwrap();
    served(&hub).await;
    drop(held);
    hub.hub.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn headers_without_measure_are_refused_and_those_without_end_put_the_client_out() {
    let hub = hub().await;
    let address = hub.hub.running().address;
    let attacks = tokio::task::spawn_blocking(move || {
        let filler = literal("x-umplutura", &"a".repeat(120));
        let block = filler.repeat(16 * 1024 / filler.len());
        // Larger than the list may be, in three frames: refused, and nothing else is harmed.
        let mut line = Line::open(address);
        assert!(line.send(HEADERS, END_STREAM, 1, &request("GET", "/health/live", &[])));
        for last in [0, 0, END_HEADERS] {
            assert!(line.send(CONTINUATION, last, 1, &block));
        }
        let answered = std::iter::from_fn(|| line.next()).find(|one| one.stream == 1 || one.kind == GOAWAY).unwrap();
        if answered.kind == HEADERS {
            // `:status 431` is no entry of the static table: its digits stand in the block, plain or in Huffman code.
            assert!(!answered.payload.contains(&0x88), "it is not 200: {answered:?}");
            assert!(line.send(HEADERS, END_STREAM | END_HEADERS, 3, &request("GET", "/health/live", &[])));
            let next = std::iter::from_fn(|| line.next()).find(|one| one.stream == 3 && one.kind == HEADERS).unwrap();
            assert!(next.payload.contains(&0x88), "the next request is served: {next:?}");
        } else {
            assert!(answered.code().is_some_and(|code| code != 0), "{answered:?}");
        }
        // Without end: put out long before it is tired.
        let mut line = Line::open(address);
        assert!(line.send(HEADERS, END_STREAM, 1, &request("GET", "/health/live", &[])));
        let sent = (0..20_000).take_while(|_| line.send(CONTINUATION, 0, 1, &block)).count();
        assert!(sent < 20_000, "320 MB of headers were read");
    });
    served(&hub).await;
    attacks.await.unwrap();
    served(&hub).await;
    hub.hub.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_takes_back_at_once_what_it_asks_for_is_put_out_and_others_are_served_meanwhile() {
    let hub = hub().await;
    let address = hub.hub.running().address;
    let attack = tokio::task::spawn_blocking(move || {
        let mut line = Line::open(address);
        let begun = request("GET", "/health/live", &[]);
        let pair = |number: u32| {
            let stream = 2 * number + 1;
            let head =
                |length: u8, kind: u8, flags: u8| [&[0, 0, length, kind, flags][..], &stream.to_be_bytes()].concat();
            let asked = head(u8::try_from(begun.len()).unwrap(), HEADERS, END_STREAM | END_HEADERS);
            [&asked, &begun[..], &head(4, RST_STREAM, 0), &CANCEL.to_be_bytes()].concat()
        };
        let sent = (0..100_000).take_while(|number| line.0.write_all(&pair(*number)).is_ok()).count();
        let frames: Vec<Frame> = std::iter::from_fn(|| line.next()).collect();
        let code = frames.iter().find(|one| one.kind == GOAWAY).and_then(Frame::code);
        (sent, code)
    });
    served(&hub).await;
    let (sent, code) = attack.await.unwrap();
    assert!(sent < 100_000, "a hundred thousand were taken");
    // Where the end comes while the client still writes, its word may be lost with the connection.
    assert!(code.is_none_or(|code| code == ENHANCE_YOUR_CALM), "{code:?}");
    served(&hub).await;
    hub.hub.stop().await;
}
