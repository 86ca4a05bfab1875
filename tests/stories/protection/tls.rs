//! The door speaks TLS: nothing old, nothing weak, client certificates that are judged, files that change without an outage.

use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::num::NonZeroU32;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use hub_server::config::ClientCertificates;
use reqwest::Method;
use serde_json::json;
use tests::client::GLANCE;
use tests::county::{SENDER, key};
use tests::hub::unix_seconds;
use tests::issuer::{Issuer, SealOrder};
use tests::machines::{KEYLESS, SecureHub, asked, posted, put, with_machines};
use tests::{Database, TestHub};

/// Offers a handshake made by hand; answers the first byte of the record and what follows its head.
fn offered(address: SocketAddr, version: [u8; 2], suites: &[u16], compressions: &[u8]) -> Option<(u8, Vec<u8>)> {
    let mut hello = version.to_vec();
    hello.extend([7; 32]);
    hello.push(0);
    hello.extend(u16::try_from(suites.len() * 2).unwrap().to_be_bytes());
    suites.iter().for_each(|suite| hello.extend(suite.to_be_bytes()));
    hello.push(u8::try_from(compressions.len()).unwrap());
    hello.extend(compressions);
    // Groups (X25519, P-256), uncompressed points, signatures (with SHA-1 among them), secure renegotiation.
    let extensions: &[&[u8]] = &[
        &[0, 10, 0, 6, 0, 4, 0, 29, 0, 23],
        &[0, 11, 0, 2, 1, 0],
        &[0, 13, 0, 14, 0, 12, 4, 3, 8, 4, 4, 1, 2, 3, 2, 1, 6, 1],
        &[255, 1, 0, 1, 0],
    ];
    let extensions = extensions.concat();
    hello.extend(u16::try_from(extensions.len()).unwrap().to_be_bytes());
    hello.extend(extensions);
    let length = u32::try_from(hello.len()).unwrap().to_be_bytes();
    let handshake = [&[1u8][..], &length[1..], &hello].concat();
    let mut record = vec![22, 3, 1];
    record.extend(u16::try_from(handshake.len()).unwrap().to_be_bytes());
    record.extend(handshake);
    let mut stream = TcpStream::connect(address).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
    stream.write_all(&record).unwrap();
    let mut head = [0; 5];
    stream.read_exact(&mut head).ok()?;
    let mut rest = vec![0; usize::from(u16::from_be_bytes([head[3], head[4]]))];
    stream.read_exact(&mut rest).ok()?;
    Some((head[0], rest))
}

const ALERT: u8 = 21;
const HANDSHAKE: u8 = 22;

fn probe(address: SocketAddr, rsa: bool) {
    let good: &[u16] = if rsa { &[0xC02F, 0xC030, 0xCCA8] } else { &[0xC02B, 0xC02C, 0xCCA9] };
    for suite in good {
        // ServerHello: type, length, version, random, session (empty), suite, compression.
        let (kind, hello) = offered(address, [3, 3], &[*suite], &[1, 0]).unwrap();
        assert_eq!((kind, hello[0]), (HANDSHAKE, 2), "{suite:04x} is spoken");
        assert_eq!(hello[4..6], [3, 3]);
        let after = 39 + usize::from(hello[38]);
        assert_eq!(hello[after..after + 3], [suite.to_be_bytes()[0], suite.to_be_bytes()[1], 0], "not compressed");
    }
    for version in [[3, 0], [3, 1], [3, 2]] {
        let all: Vec<u16> = good.iter().copied().chain([0xC009, 0xC013, 0x002F, 0x000A]).collect();
        let (kind, alert) = offered(address, version, &all, &[0]).unwrap();
        // SSL 3.0 is not even compiled in; of the others the alert says that it is the version.
        assert_eq!(
            (kind, alert[1]),
            (ALERT, if version == [3, 0] { 40 } else { 70 }),
            "version {version:?} is refused"
        );
    }
    let weak: &[(&str, &[u16])] = &[
        ("no encryption", &[0x0000, 0x0001, 0x0002, 0x003B, 0xC006, 0xC010]),
        ("export", &[0x0003, 0x0006, 0x0008, 0x0014, 0x0017]),
        ("RC4", &[0x0004, 0x0005, 0xC007, 0xC011]),
        ("DES and 3DES", &[0x0009, 0x000A, 0x0016, 0xC008, 0xC012]),
        ("nobody proves who he is", &[0x0018, 0x001B, 0x0034, 0x006D, 0x00A6, 0xC017, 0xC018, 0xC019]),
        ("CBC", &[0xC009, 0xC00A, 0xC013, 0xC014, 0xC023, 0xC024, 0xC027, 0xC028, 0x0067, 0x006B]),
        ("no forward secrecy", &[0x002F, 0x0035, 0x003C, 0x003D, 0x009C, 0x009D, 0xC02D, 0xC031]),
        ("CCM with short tags", &[0xC0A0, 0xC0AE, 0xC0AF]),
        ("shared secrets", &[0x00A8, 0x00A9, 0xCCAB, 0xD001]),
    ];
    for (what, suites) in weak {
        for suite in *suites {
            let (kind, alert) = offered(address, [3, 3], &[*suite], &[0]).unwrap();
            assert_eq!((kind, alert[1]), (ALERT, 40), "{what}: {suite:04x} is refused");
        }
    }
}

/// Runs the openssl program as a client; answers all it prints.
fn s_client(address: SocketAddr, arguments: &[&str], typed: &str) -> String {
    let mut command = Command::new("openssl");
    command.args(["s_client", "-connect", &address.to_string()]).args(arguments);
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let mut stdin = child.stdin.take().unwrap();
    let typed = typed.to_owned();
    std::thread::spawn(move || {
        let _ = stdin.write_all(typed.as_bytes());
        // The end of what is typed ends the client; what was typed must have its answer before.
        std::thread::sleep(Duration::from_secs(2));
    });
    let output = child.wait_with_output().unwrap();
    String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_old_and_nothing_weak_is_spoken_at_the_door() {
    for rsa in [false, true] {
        let order = SealOrder { rsa, ..SealOrder::usual(2) };
        let hub = SecureHub::start(Database::Sqlite, ClientCertificates::Off, order).await;
        let address = hub.hub.running().address;
        let roots = hub.issuer.file("ca.pem");
        let roots = roots.to_str().unwrap().to_owned();
        tokio::task::spawn_blocking(move || {
            probe(address, rsa);
            let told = s_client(address, &["-tls1_3", "-CAfile", &roots, "-alpn", "h2,http/1.1"], "");
            assert!(told.contains("Verify return code: 0 (ok)") && told.contains("TLSv1.3"), "{told}");
            assert!(told.contains("ALPN protocol: h2"), "{told}");
            let told = s_client(address, &["-tls1_2", "-CAfile", &roots, "-alpn", "http/1.1"], "R\n");
            assert!(told.contains("Secure Renegotiation IS supported"), "{told}");
            assert!(told.contains("Compression: NONE"), "{told}");
            assert!(told.contains("no renegotiation"), "{told}");
            let told = s_client(address, &["-CAfile", &roots, "-alpn", "gopher"], "");
            assert!(told.contains("no application protocol"), "{told}");
            let sha1 = ["-tls1_2", "-cipher", "DEFAULT@SECLEVEL=0", "-sigalgs", "RSA+SHA1:ECDSA+SHA1"];
            let told = s_client(address, &sha1, "");
            assert!(told.contains("Cipher is (NONE)") && told.contains("alert"), "{told}");
        })
        .await
        .unwrap();
        let answer = hub.client(None).get(hub.at("/health/live")).send().await.unwrap();
        assert_eq!(answer.status(), 200);
        assert_eq!(answer.headers()["strict-transport-security"], "max-age=31536000");
        assert_eq!(answer.version(), reqwest::Version::HTTP_2);
        let old = reqwest::Client::new().get(format!("http://{address}/health/live")).send().await;
        assert!(old.is_err(), "plain HTTP gets no answer at a door that speaks TLS");
        hub.hub.stop().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_silent_client_holds_nobody_up() {
    let issuer = Issuer::new(unix_seconds());
    let (to_key, to_chain) = (issuer.file("door.key"), issuer.file("door.pem"));
    put(issuer.tls(SealOrder::usual(2), true), &to_key, &to_chain);
    let hub = TestHub::start_with(Database::Sqlite, |config| {
        config.tls = Some(hub_server::config::TlsConfig {
            certificate: to_chain,
            key: to_key,
            handshake_seconds: NonZeroU32::new(1).unwrap(),
            handshakes: NonZeroU32::new(8).unwrap(),
            ..hub_server::config::TlsConfig::minimal()
        });
    })
    .await;
    let address = hub.running().address;
    // Two from one address may be under way: these are, and say nothing.
    let mut silent: Vec<TcpStream> = (0..2).map(|_| TcpStream::connect(address).unwrap()).collect();
    tokio::task::spawn_blocking(move || {
        for stream in &mut silent {
            stream.set_read_timeout(Some(Duration::from_secs(30))).unwrap();
            assert_eq!(stream.read(&mut [0; 1]).unwrap_or(0), 0, "it was sent away");
        }
    })
    .await
    .unwrap();
    let root = reqwest::Certificate::from_pem(&std::fs::read(issuer.file("ca.pem")).unwrap()).unwrap();
    let client = reqwest::Client::builder().add_root_certificate(root).build().unwrap();
    let answer = client.get(format!("{}/health/live", hub.running().url())).send().await.unwrap();
    assert_eq!(answer.status(), 200, "there is room again");
    hub.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_certificate_stands_for_a_system_as_long_as_it_is_believed() {
    for database in Database::all() {
        let hub = SecureHub::start(database, ClientCertificates::Optional, SealOrder::usual(2)).await;
        let (own, foreign) = (hub.issuer.tls(SealOrder::usual(3), false), Issuer::new(unix_seconds()));
        let foreign = foreign.tls(SealOrder::usual(3), false);
        let expired = SealOrder { from: -86_400 * 3, until: -86_400, ..SealOrder::usual(4) };
        let expired = hub.issuer.tls(expired, false);
        let server_alone = hub.issuer.tls(SealOrder::usual(5), true);
        let plain = hub.client(None);
        let systems = hub.at("/v1/credentials");
        let get = (Method::GET, systems.as_str());

        // Without registration the certificate is nobody's.
        let (status, body) = asked(&hub.client(Some(&own)), get.clone(), None, None).await;
        assert_eq!(status, 401, "{body:#}");
        let pem = String::from_utf8(own.1.clone()).unwrap();
        let wanted =
            json!({"system": KEYLESS, "kind": "certificate", "label": "mTLS", "material": {"certificate": pem}});
        let (status, body) = asked(&plain, (Method::POST, systems.as_str()), Some(&key(SENDER)), Some(&wanted)).await;
        assert_eq!(status, 201, "{body:#}");
        let id = body["id"].as_str().unwrap().to_owned();
        let (status, body) = asked(&hub.client(Some(&own)), get.clone(), None, None).await;
        assert_eq!(status, 200, "{body:#}");
        assert_eq!(body["items"][0]["system"], KEYLESS);

        for (what, identity) in [("foreign", &foreign), ("expired", &expired), ("a server's", &server_alone)] {
            let refused = hub.client(Some(identity)).get(&systems).send().await;
            assert!(refused.is_err(), "{what} certificate is refused in the handshake: {refused:?}");
        }

        // Revoked by its authority: new connections are refused, and the open one is no longer believed.
        let open = hub.client(Some(&own));
        assert_eq!(asked(&open, get.clone(), None, None).await.0, 200);
        hub.issuer.say(&[2], &[3]);
        hub.issuer.write_list(86_400);
        let begun = Instant::now();
        while asked(&open, get.clone(), None, None).await.0 != 401 {
            assert!(begun.elapsed() < Duration::from_secs(60), "the new list is not read");
            renewed();
            tokio::time::sleep(GLANCE).await;
        }
        assert!(hub.client(Some(&own)).get(&systems).send().await.is_err(), "refused in the handshake");

        // Taken back at the hub.
        let (status, _) = asked(
            &plain,
            (Method::POST, &hub.at(&format!("/v1/credentials/{id}/revoke"))),
            Some(&key(SENDER)),
            Some(&json!({"reason": "cheia s-a pierdut"})),
        )
        .await;
        assert_eq!(status, 200);
        hub.hub.stop().await;
    }
}

/// Asks this process to read its files again, as an administrator does.
fn renewed() {
    let told = Command::new("kill").args(["-HUP", &std::process::id().to_string()]).status().unwrap();
    assert!(told.success());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nobody_comes_in_without_a_certificate_where_it_is_required() {
    let hub = SecureHub::start(Database::Sqlite, ClientCertificates::Required, SealOrder::usual(2)).await;
    assert!(hub.client(None).get(hub.at("/health/live")).send().await.is_err());
    let own = hub.issuer.tls(SealOrder::usual(3), false);
    let answer = hub.client(Some(&own)).get(hub.at("/health/live")).send().await.unwrap();
    assert_eq!(answer.status(), 200);
    hub.hub.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_certificate_of_the_door_changes_without_one_failed_call() {
    let hub = SecureHub::start(Database::Sqlite, ClientCertificates::Off, SealOrder::usual(2)).await;
    let address = hub.hub.running().address;
    let serial = move || {
        let told = s_client(address, &["-showcerts"], "");
        told.lines().find(|line| line.contains(" 0 s:")).unwrap_or_default().to_owned()
    };
    let open = hub.client(None);
    let live = hub.at("/health/live");
    assert_eq!(open.get(&live).send().await.unwrap().status(), 200);
    let before = tokio::task::spawn_blocking(serial).await.unwrap();
    assert!(before.contains("Sigiliu 2"), "{before}");

    // Half a change is no change: the key of another certificate is refused, and the old one stays.
    let new = hub.issuer.tls(SealOrder::usual(6), true);
    std::fs::write(&hub.tls.key, &new.0).unwrap();
    renewed();
    assert_eq!(hub.client(None).get(&live).send().await.unwrap().status(), 200);
    std::fs::write(&hub.tls.certificate, &new.1).unwrap();
    renewed();
    let begun = Instant::now();
    while !tokio::task::spawn_blocking(serial).await.unwrap().contains("Sigiliu 6") {
        assert!(begun.elapsed() < Duration::from_secs(90), "the new certificate is not shown");
        assert_eq!(open.get(&live).send().await.unwrap().status(), 200, "the old connection lives on");
        assert_eq!(hub.client(None).get(&live).send().await.unwrap().status(), 200, "new ones are made");
    }
    assert_eq!(open.get(&live).send().await.unwrap().status(), 200);
    hub.hub.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_token_asked_for_with_a_certificate_opens_only_with_it() {
    let hub = SecureHub::start(Database::Sqlite, ClientCertificates::Optional, SealOrder::usual(2)).await;
    let (own, other) = (hub.issuer.tls(SealOrder::usual(3), false), hub.issuer.tls(SealOrder::usual(4), false));
    let systems = hub.at("/v1/credentials");
    let wanted = json!({"system": KEYLESS, "kind": "client_secret", "label": "legat"});
    let issued = asked(&hub.client(None), (Method::POST, &systems), Some(&key(SENDER)), Some(&wanted)).await;
    assert_eq!(issued.0, 201, "{:#}", issued.1);
    let form = [
        ("grant_type", "client_credentials".to_owned()),
        ("client_id", KEYLESS.to_owned()),
        ("client_secret", issued.1["secret"].as_str().unwrap().to_owned()),
    ];
    let (status, token) = posted(&hub.client(Some(&own)), &hub.at("/oauth/token"), &form).await;
    assert_eq!(status, 200, "{token:#}");
    let token = token["access_token"].as_str().unwrap().to_owned();
    let call = async |identity: Option<&(Vec<u8>, Vec<u8>)>| {
        asked(&hub.client(identity), (Method::GET, &systems), Some(&token), None).await
    };
    assert_eq!(call(Some(&own)).await.0, 200);
    for (what, identity) in [("without", None), ("with another", Some(&other))] {
        let (status, body) = call(identity).await;
        assert_eq!(status, 401, "{what}: {body:#}");
        assert!(body["detail"].as_str().unwrap().contains("legat"), "{what}: {body:#}");
    }
    // The certificate alone, once it is registered, gets a token too (RFC 8705, section 2.1).
    let alone = [("grant_type", "client_credentials".to_owned()), ("client_id", KEYLESS.to_owned())];
    assert_eq!(posted(&hub.client(Some(&own)), &hub.at("/oauth/token"), &alone).await.0, 401);
    let pem = String::from_utf8(own.1.clone()).unwrap();
    let material = json!({"certificate": pem, "bind_public_key": true});
    let wanted = json!({"system": KEYLESS, "kind": "certificate", "label": "legat", "material": material});
    let issued = asked(&hub.client(None), (Method::POST, &systems), Some(&key(SENDER)), Some(&wanted)).await;
    assert_eq!(issued.0, 201, "{:#}", issued.1);
    assert_eq!(posted(&hub.client(Some(&own)), &hub.at("/oauth/token"), &alone).await.0, 200);
    assert_eq!(posted(&hub.client(Some(&other)), &hub.at("/oauth/token"), &alone).await.0, 401);
    hub.hub.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_proxy_is_believed_from_its_own_address_alone_and_only_that_the_client_has_the_key() {
    let issuer = Issuer::new(unix_seconds());
    issuer.say(&[3], &[4]);
    issuer.write_list(86_400);
    let own = issuer.tls(SealOrder::usual(3), false);
    let revoked = issuer.tls(SealOrder::usual(4), false);
    let foreign = Issuer::new(unix_seconds()).tls(SealOrder::usual(3), false);
    let header = |identity: &(Vec<u8>, Vec<u8>)| {
        let der = openssl::x509::X509::from_pem(&identity.1).unwrap().to_der().unwrap();
        format!(":{}:", base64::Engine::encode(&base64::engine::general_purpose::STANDARD, der))
    };
    for (trusted, believed) in [("127.0.0.1/32", true), ("10.0.0.0/8", false)] {
        let hub = TestHub::start_with(Database::Sqlite, |config| {
            with_machines(config);
            config.door.trusted_proxies = vec![trusted.parse().unwrap()];
            config.proxy.client_roots = Some(issuer.file("ca.pem"));
            config.proxy.revocation = vec![issuer.file("crl.pem")];
        })
        .await;
        let (client, url) = (reqwest::Client::new(), format!("{}/v1/credentials", hub.running().url()));
        for identity in [&own, &revoked, &foreign] {
            let pem = String::from_utf8(identity.1.clone()).unwrap();
            let wanted =
                json!({"system": KEYLESS, "kind": "certificate", "label": "x", "material": {"certificate": pem}});
            assert_eq!(asked(&client, (Method::POST, &url), Some(&key(SENDER)), Some(&wanted)).await.0, 201);
        }
        let told = async |headers: &[String]| {
            let mut request = client.get(&url);
            for header in headers {
                request = request.header("client-cert", header);
            }
            tests::client::ask(request).await.status
        };
        assert_eq!(told(&[header(&own)]).await, if believed { 200 } else { 401 }, "from {trusted}");
        assert_eq!(told(&[header(&own)]).await, if believed { 200 } else { 401 }, "and again, by memory");
        for (what, headers) in [
            ("revoked", vec![header(&revoked)]),
            ("of another authority", vec![header(&foreign)]),
            ("twice", vec![header(&own), header(&own)]),
            ("without colons", vec![header(&own).replace(':', "")]),
            ("no Base64", vec![":***:".to_owned()]),
            ("no certificate", vec![":AAAA:".to_owned()]),
            ("empty", vec![String::new()]),
        ] {
            assert_eq!(told(&headers).await, 401, "{what}, from {trusted}");
        }
        hub.stop().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_word_of_the_authority_is_stapled_to_the_certificate_and_a_new_one_needs_no_restart() {
    let issuer = Issuer::new(unix_seconds());
    let (to_key, to_chain) = (issuer.file("door.key"), issuer.file("door.pem"));
    put(issuer.tls(SealOrder::usual(2), true), &to_key, &to_chain);
    issuer.say(&[2], &[]);
    issuer.staple(2);
    let stapled = Some(issuer.file("ocsp.der"));
    for ocsp in [stapled, None] {
        let told = ocsp.is_some();
        let hub = TestHub::start_with(Database::Sqlite, |config| {
            config.tls = Some(hub_server::config::TlsConfig {
                certificate: to_chain.clone(),
                key: to_key.clone(),
                ocsp,
                ..hub_server::config::TlsConfig::minimal()
            });
        })
        .await;
        let (address, roots) = (hub.running().address, issuer.file("ca.pem"));
        let status = async || {
            let roots = roots.to_str().unwrap().to_owned();
            let asked = move || s_client(address, &["-status", "-CAfile", &roots], "");
            tokio::task::spawn_blocking(asked).await.unwrap()
        };
        let said = status().await;
        if !told {
            assert!(said.contains("OCSP response: no response sent"), "{said}");
            hub.stop().await;
            continue;
        }
        assert!(said.contains("OCSP Response Status: successful") && said.contains("Cert Status: good"), "{said}");
        // The authority says something else, and the file is replaced.
        issuer.say(&[], &[2]);
        issuer.staple(2);
        renewed();
        let begun = Instant::now();
        while !status().await.contains("Cert Status: revoked") {
            assert!(begun.elapsed() < Duration::from_secs(90), "the new word is not stapled");
        }
        // What is no answer of an authority is not stapled: the last good file stays.
        std::fs::write(issuer.file("ocsp.der"), "no answer").unwrap();
        renewed();
        assert!(status().await.contains("Cert Status: revoked"));
        hub.stop().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn those_who_watch_the_hub_have_an_address_of_their_own_with_nothing_else_at_it() {
    let own = tests::process::quiet_port(6_300);
    let hub = SecureHub::start_with(ClientCertificates::Required, SealOrder::usual(2), |config| {
        config.operations_listen = Some(format!("127.0.0.1:{own}"));
    })
    .await;
    assert!(hub.client(None).get(hub.at("/health/live")).send().await.is_err(), "the door asks for a certificate");
    let client = reqwest::Client::new();
    let at = async |path: &str| client.get(format!("http://127.0.0.1:{own}{path}")).send().await.unwrap();
    assert_eq!(at("/health/live").await.text().await.unwrap(), "ok\n");
    assert_eq!(at("/health/ready").await.status(), 200);
    assert!(at("/metrics").await.text().await.unwrap().contains("punte"), "metrics are told here");
    for elsewhere in ["/v1/messages", "/v1/credentials", "/sign-in", "/oauth/token", "/verify", "/"] {
        assert_eq!(at(elsewhere).await.status(), 404, "{elsewhere} is at the door alone");
    }
    hub.hub.stop().await;
}
