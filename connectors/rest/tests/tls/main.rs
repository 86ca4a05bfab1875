//! TLS with certificates of a channel: who is believed, who is not, and whose side a failure is.

#![allow(clippy::unwrap_used, reason = "helpers of tests are tests")]

use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use connectors_contract::{Answer, Channel, Engine, Manifest, Outcome, Question};
use openssl::ssl::{Ssl, SslAcceptor, SslMethod, SslVerifyMode, SslVersion};
use openssl::x509::store::X509StoreBuilder;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio_openssl::SslStream;

#[path = "../support/mod.rs"]
mod support;
mod authority;

use authority::Pair;
use support::{SECRET, consignment, engine, told};

const ANSWER: &[u8] =
    b"HTTP/1.1 201 Created\r\ncontent-type: application/json\r\ncontent-length: 10\r\n\r\n{\"id\":\"7\"}";

/// A server that asks for a client certificate of `clients`, if there is such an authority.
struct Server {
    address: SocketAddr,
    handshakes: Arc<AtomicUsize>,
}

impl Server {
    async fn start(pair: &Pair, clients: Option<&Pair>, version: SslVersion) -> Self {
        let mut acceptor = SslAcceptor::mozilla_intermediate_v5(SslMethod::tls_server()).unwrap();
        acceptor.set_private_key(&pair.key).unwrap();
        acceptor.set_certificate(&pair.certificate).unwrap();
        acceptor.set_max_proto_version(Some(version)).unwrap();
        if let Some(clients) = clients {
            let mut store = X509StoreBuilder::new().unwrap();
            store.add_cert(clients.certificate.clone()).unwrap();
            acceptor.set_verify_cert_store(store.build()).unwrap();
            acceptor.set_verify(SslVerifyMode::PEER | SslVerifyMode::FAIL_IF_NO_PEER_CERT);
            acceptor.set_session_id_context(b"proba").unwrap();
        }
        let (acceptor, handshakes) = (acceptor.build(), Arc::new(AtomicUsize::new(0)));
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let (address, counted) = (listener.local_addr().unwrap(), Arc::clone(&handshakes));
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let mut stream = SslStream::new(Ssl::new(acceptor.context()).unwrap(), stream).unwrap();
                if Pin::new(&mut stream).accept().await.is_ok() {
                    counted.fetch_add(1, Ordering::Relaxed);
                    tokio::spawn(serve(stream));
                } else {
                    tokio::spawn(leave(stream));
                }
            }
        });
        Self { address, handshakes }
    }

    fn channel(&self, roots: Option<&Pair>, identity: Option<&Pair>) -> Channel {
        Channel {
            address: Some(format!("https://localhost:{}/", self.address.port()).parse().unwrap()),
            secret: Some(SECRET.to_owned().into()),
            identity: identity.map(|pair| pair.identity().into()),
            roots: roots.map(Pair::pem),
            ..Channel::default()
        }
    }
}

/// Closes a refused connection so that the alert arrives: what the client still sends is read and thrown away.
async fn leave(mut stream: SslStream<TcpStream>) {
    let mut buffer = [0; 4096];
    let _closed = stream.get_mut().shutdown().await;
    while let Ok(1..) = stream.get_mut().read(&mut buffer).await {}
}

/// Answers every request of a connection.
async fn serve(mut stream: SslStream<TcpStream>) {
    let (mut request, mut buffer) = (Vec::new(), [0; 4096]);
    while let Ok(read @ 1..) = stream.read(&mut buffer).await {
        request.extend_from_slice(&buffer[..read]);
        let text = String::from_utf8_lossy(&request);
        let Some((head, body)) = text.split_once("\r\n\r\n") else { continue };
        let length = head.lines().find_map(|line| line.strip_prefix("content-length: ")?.parse().ok()).unwrap_or(0);
        if body.len() >= length {
            request.clear();
            let _sent = stream.write_all(ANSWER).await;
        }
    }
}

async fn delivered(channel: Channel) -> Outcome {
    engine().outbound(&told(""), channel).unwrap().deliver(&consignment("key-00000001")).await.outcome
}

/// Why the document certainly did not get there.
async fn unavailable(channel: Channel) -> String {
    match delivered(channel).await {
        Outcome::Unavailable { reason, .. } => reason,
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn a_server_that_knows_us_by_a_certificate_takes_documents_and_questions() {
    let (theirs, ours) = (Pair::authority("Autoritatea lor"), Pair::authority("Autoritatea noastră"));
    let client = ours.issue("hub.exemplu.invalid", false);
    for version in [SslVersion::TLS1_2, SslVersion::TLS1_3] {
        let server = Server::start(&theirs.issue("localhost", false), Some(&ours), version).await;
        let channel = server.channel(Some(&theirs), Some(&client));
        assert_eq!(delivered(channel.clone()).await, Outcome::Delivered { receipt: Some("7".to_owned()) });
        let manifest = Manifest::parse(
            "system = \"told\"\nengine = \"rest\"\ntitle = { ro = \"a\", en = \"a\" }\n[endpoint]\n[outcome]\nreads = [\"json\"]\n\
             [lookup.act]\ntitle = { ro = \"a\", en = \"a\" }\ndiscloses = [\"a\"]\n",
            "told",
        );
        let lookup = engine().lookup(&manifest.unwrap(), channel).unwrap();
        let question =
            Question { operation: "act".to_owned(), arguments: Default::default(), facts: Default::default() };
        assert!(matches!(lookup.ask(&question).await.answer, Answer::Found { .. }));
    }
}

#[tokio::test]
async fn whose_side_a_refused_certificate_is_and_what_to_do_is_said() {
    let (theirs, ours) = (Pair::authority("Autoritatea lor"), Pair::authority("Autoritatea noastră"));
    let (stranger, client) = (Pair::authority("Alta"), ours.issue("hub.exemplu.invalid", false));
    let expired_client = ours.issue("hub.exemplu.invalid", true);
    let unknown_client = stranger.issue("hub.exemplu.invalid", false);
    for version in [SslVersion::TLS1_2, SslVersion::TLS1_3] {
        let good = Server::start(&theirs.issue("localhost", false), Some(&ours), version).await;
        let wrong_name = Server::start(&theirs.issue("alt-nume.invalid", false), Some(&ours), version).await;
        let expired = Server::start(&theirs.issue("localhost", true), Some(&ours), version).await;
        let table = [
            (good.channel(None, Some(&client)), "partea lor", "autoritate cunoscută"),
            (good.channel(Some(&stranger), Some(&client)), "partea lor", "autoritate cunoscută"),
            (wrong_name.channel(Some(&theirs), Some(&client)), "partea lor", "alt nume"),
            (expired.channel(Some(&theirs), Some(&client)), "partea lor", "a expirat"),
            (good.channel(Some(&theirs), None), "partea noastră", "certificat"),
            (good.channel(Some(&theirs), Some(&expired_client)), "partea noastră", "a expirat"),
            (good.channel(Some(&theirs), Some(&unknown_client)), "partea noastră", "autoritatea care a emis"),
        ];
        for (channel, side, what) in table {
            let reason = unavailable(channel).await;
            assert!(
                reason.starts_with("TLS, ") && reason.contains(side) && reason.contains(what),
                "{version:?}: {reason}"
            );
        }
    }
}

#[tokio::test]
async fn an_address_without_tls_is_told_from_one_with() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let plain = listener.local_addr().unwrap();
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let _sent = stream.write_all(b"HTTP/1.1 400 Bad Request\r\n\r\n").await;
            let _read = stream.read(&mut [0; 4096]).await;
        }
    });
    let channel = Channel {
        address: Some(format!("https://localhost:{}/", plain.port()).parse().unwrap()),
        ..support::channel(plain, SECRET)
    };
    let reason = unavailable(channel).await;
    assert!(reason.contains("nu răspunde un server TLS"), "{reason}");
}

#[tokio::test]
async fn channels_with_the_same_certificates_share_their_connections_and_others_do_not() {
    let (theirs, ours) = (Pair::authority("Autoritatea lor"), Pair::authority("Autoritatea noastră"));
    let server = Server::start(&theirs.issue("localhost", false), Some(&ours), SslVersion::TLS1_3).await;
    let engine = engine();
    let manifest = told("idempotency_header = \"Key\"\n").clone();
    let mut manifest = manifest;
    manifest.deliver.as_mut().unwrap().side_effect = connectors_contract::SideEffect::Repeatable;
    let (one, other) = (ours.issue("unu.invalid", false), ours.issue("doi.invalid", false));
    for (client, handshakes) in [(&one, 1), (&one, 1), (&other, 2), (&one, 2)] {
        let connector = engine.outbound(&manifest, server.channel(Some(&theirs), Some(client))).unwrap();
        let outcome = connector.deliver(&consignment("key-00000001")).await.outcome;
        assert!(matches!(outcome, Outcome::Delivered { .. }), "{outcome:?}");
        assert_eq!(server.handshakes.load(Ordering::Relaxed), handshakes);
    }
}

#[test]
fn certificates_that_cannot_be_used_are_told_when_the_connector_is_made() {
    let ours = Pair::authority("Autoritatea noastră");
    let (one, other) = (ours.issue("unu.invalid", false), ours.issue("doi.invalid", false));
    let password =
        one.key.private_key_to_pem_pkcs8_passphrase(openssl::symm::Cipher::aes_256_cbc(), b"parola").unwrap();
    let encrypted = one.pem() + &String::from_utf8(password).unwrap();
    let key_alone = one.identity().replace(&one.pem(), "");
    let mixed = other.pem() + &key_alone;
    let table = [
        (Some(one.pem()), None, "unencrypted PEM"),
        (Some(encrypted), None, "unencrypted PEM"),
        (Some(key_alone), None, "certificate chain and key"),
        (Some(mixed), None, "must be the one of the key"),
        (None, Some("nimic".to_owned()), "one or more certificates"),
        (None, Some(String::new()), "one or more certificates"),
    ];
    for (identity, roots, way_out) in table {
        let channel = Channel {
            identity: identity.map(Into::into),
            roots,
            ..support::channel(SocketAddr::from(([127, 0, 0, 1], 9)), SECRET)
        };
        let error = engine().outbound(&told(""), channel).err().unwrap().to_string();
        assert!(error.contains(way_out) && !error.contains("PRIVATE"), "{error}");
    }
}
