//! WS-Security with certificates: what we sign, signature wrapping on what we are sent, and certificates in TLS.

#![allow(clippy::unwrap_used, reason = "helpers of tests are tests")]

use std::io::{Read, Write};
use std::net::TcpListener;
use std::sync::{Arc, Mutex};

use connectors_contract::{Answer, Channel, Engine, Manifest};
use hub_signatures::certificate::Certificate;
use hub_signatures::dsig::{Expectation, Signature, Target, TransformKind};
use hub_signatures::signer::development_seal;
use hub_signatures::tree::{Limits, Tree};
use hub_signatures::{DSIG_NAMESPACE, WSU_NAMESPACE};
use openssl::pkey::PKey;
use openssl::ssl::{SslAcceptor, SslMethod, SslVerifyMode};
use openssl::x509::X509;
use sandbox::Renns;

mod support;
use support::{NOW, answering, channel, http, lookup, question, systems_folder};

/// The folder's manifest with something else in its table `[soap]`.
fn with(soap: &str) -> Manifest {
    let text = std::fs::read_to_string(systems_folder().join("renns/manifest.toml")).unwrap();
    let from = "security = { kind = \"username-token\", password = \"text\" }";
    assert!(text.contains(from));
    Manifest::parse(&text.replace(from, soap), "renns").unwrap()
}

/// An identity of nobody: key and certificate.
fn identity() -> (String, String) {
    let (key, certificate) = development_seal("Primăria de test", NOW - 60, 30, 11).unwrap();
    (String::from_utf8(key).unwrap(), String::from_utf8(certificate).unwrap())
}

const ROAD: &str = "<getRoadWSResponse xmlns=\"http://ancpi.ro/renns/soap/road\"><roadWS><name>TEILOR</name></roadWS></getRoadWSResponse>";

#[tokio::test]
async fn body_and_timestamp_go_out_signed() {
    for version in ["1.1", "1.2"] {
        let seen = Arc::new(Mutex::new(String::new()));
        let kept = Arc::clone(&seen);
        let (namespace, content_type) = match version {
            "1.1" => ("http://schemas.xmlsoap.org/soap/envelope/", "text/xml"),
            _ => ("http://www.w3.org/2003/05/soap-envelope", "application/soap+xml"),
        };
        let answer = format!("<s:Envelope xmlns:s=\"{namespace}\"><s:Body>{ROAD}</s:Body></s:Envelope>");
        let address = answering(move |request| {
            kept.lock().unwrap().clone_from(&request.to_owned());
            http("200 OK", content_type, &answer)
        });
        let address = address.await;
        let (key, certificate) = identity();
        let channel = Channel {
            identity: Some(format!("{certificate}{key}").into()),
            ..channel(&format!("http://{address}/"), "")
        };
        let manifest = with(&format!("version = \"{version}\"\nsecurity = {{ kind = \"x509\" }}"));
        let found = lookup(&manifest, channel).ask(&question("drum", &[("judet", "Țara <&> \r ăîș")])).await.answer;
        assert!(matches!(found, Answer::Found { .. }), "{found:?}");

        let request = seen.lock().unwrap().clone();
        let (head, envelope) = request.split_once("\r\n\r\n").unwrap();
        assert!(head.contains(content_type), "{head}");
        let tree = Tree::parse(envelope.as_bytes(), &Limits::default()).unwrap();
        let signature =
            tree.root().descendants().find(|node| node.has_tag_name((DSIG_NAMESPACE, "Signature"))).unwrap();
        let body = tree.root().children().find(|node| node.has_tag_name((namespace, "Body"))).unwrap();
        let time = tree.root().descendants().find(|node| node.has_tag_name((WSU_NAMESPACE, "Timestamp"))).unwrap();
        let certificate = Certificate::all_from_pem(certificate.as_bytes()).unwrap().remove(0);
        let covered = Signature::read(&tree, signature).unwrap().verify(
            &Expectation {
                targets: &[Target::Element(body.id()), Target::Element(time.id())],
                signature_algorithms: &hub_signatures::algorithm::SignatureAlgorithm::ALL,
                digest_algorithms: &[hub_signatures::digest::DigestAlgorithm::Sha256],
                transforms: &TransformKind::ALL,
            },
            &certificate,
        );
        assert!(String::from_utf8(covered.unwrap().remove(0).bytes).unwrap().contains("Țara &lt;&amp;&gt; &#xD; ăîș"));
    }
}

#[tokio::test]
async fn a_signed_answer_that_was_touched_or_wrapped_is_not_believed() {
    let twin = Renns::start(([127, 0, 0, 1], 0).into(), Arc::new(|| NOW)).await.unwrap();
    let client = reqwest::Client::builder().no_proxy().build().unwrap();
    let put = client.put(format!("{}/_sandbox/renns", twin.url())).header("content-type", "application/json");
    put.body("{\"sign_answers\": true}").send().await.unwrap();
    let certificate = client.get(format!("{}/_sandbox/renns/certificate.pem", twin.url()));
    let certificate = certificate.send().await.unwrap().text().await.unwrap();
    let wsse = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-secext-1.0.xsd";
    let asked = format!(
        "<s:Envelope xmlns:s=\"http://schemas.xmlsoap.org/soap/envelope/\"><s:Header><w:Security xmlns:w=\"{wsse}\"><w:UsernameToken>\
         <w:Username>institutie</w:Username><w:Password>parola-institutie</w:Password></w:UsernameToken></w:Security></s:Header>\
         <s:Body><getRoadWSRequest xmlns=\"http://ancpi.ro/renns/soap/road\"><county>MEHEDINȚI</county><name>TEILOR</name></getRoadWSRequest>\
         </s:Body></s:Envelope>"
    );
    let post =
        client.post(format!("{}/renns-public/soapws/", twin.url())).header("content-type", "text/xml").body(asked);
    let signed = post.send().await.unwrap().text().await.unwrap();
    let (start, end) = (signed.find("<soap:Body").unwrap(), signed.find("</soap:Envelope>").unwrap());
    let body = signed[start..end].to_owned();
    let forged = body.replace("TEILOR", "FALSILOR");
    let without_id = forged.replace(" wsu:Id=\"corp\"", "");
    let header_end = "</soap:Header>";
    let with_header = |block: &str, body: &str| {
        signed[..start].replace(header_end, &format!("{block}{header_end}")) + body + "</soap:Envelope>"
    };
    let hidden = format!("<x:Wrapper xmlns:x=\"urn:x\">{body}</x:Wrapper>");
    let after_expiry = signed.clone();
    let variants = [
        ("as it came", signed.clone(), true),
        ("a letter changed", signed.replace("TEILOR", "TEIL0R"), false),
        ("the signed body hidden in the header", with_header(&hidden, &without_id), false),
        ("both bodies with one id", with_header(&hidden, &forged), false),
        ("two bodies", format!("{}{forged}{body}</soap:Envelope>", &signed[..start]), false),
        ("no security", format!("<soap:Envelope xmlns:soap=\"http://schemas.xmlsoap.org/soap/envelope/\">{body}</soap:Envelope>"), false),
        ("a reference to nothing", signed.replace("URI=\"#corp\"", "URI=\"#altul\""), false),
        ("a reference to the document", signed.replace("URI=\"#corp\"", "URI=\"\""), false),
        ("a weaker algorithm", signed.replace("http://www.w3.org/2001/04/xmldsig-more#rsa-sha256", "http://www.w3.org/2000/09/xmldsig#rsa-sha1"), false),
        ("a comment inside", signed.replace("TEILOR", "TEI<!-- x -->LOR"), true),
        ("a DOCTYPE", format!("<!DOCTYPE a []>{after_expiry}"), false),
        ("an unsigned fault", "<soap:Envelope xmlns:soap=\"http://schemas.xmlsoap.org/soap/envelope/\"><soap:Body><soap:Fault><faultcode>soap:Client</faultcode></soap:Fault></soap:Body></soap:Envelope>".to_owned(), false),
    ];
    let verified = with("verify_answers = true");
    let key_info = |inside: &str| {
        let (open, close) =
            (signed.find("<wsse:SecurityTokenReference>").unwrap(), signed.find("</ds:KeyInfo>").unwrap());
        format!(
            "{}<wsse:SecurityTokenReference>{inside}</wsse:SecurityTokenReference>{}",
            &signed[..open],
            &signed[close..]
        )
    };
    let der = X509::from_pem(certificate.as_bytes()).unwrap().to_der().unwrap();
    let inside = openssl::base64::encode_block(&der);
    let variants = variants.into_iter().chain([
        (
            "a certificate named by its key",
            key_info("<wsse:KeyIdentifier ValueType=\"x#ThumbprintSHA1\">AAAA</wsse:KeyIdentifier>"),
            true,
        ),
        (
            "a certificate inside the signature",
            key_info(&format!("<ds:X509Data><ds:X509Certificate>{inside}</ds:X509Certificate></ds:X509Data>")),
            true,
        ),
        ("a token that is not there", key_info("<wsse:Reference URI=\"#altul\"/>"), false),
        ("a token that is something else", key_info("<wsse:Reference URI=\"#corp\"/>"), false),
    ]);
    for (what, envelope, believed) in variants {
        assert!(what == "as it came" || envelope != signed, "{what} changes nothing");
        let address = answering(move |_| http("200 OK", "text/xml", &envelope)).await;
        let channel = Channel { roots: Some(certificate.clone()), ..channel(&format!("http://{address}/"), "") };
        let answer = lookup(&verified, channel).ask(&question("drum", &[("judet", "MEHEDINȚI")])).await.answer;
        match answer {
            Answer::Found { value, .. } if believed => assert_eq!(value["name"], "TEILOR", "{what}"),
            Answer::Unavailable { reason, .. } if !believed => {
                assert!(reason.contains("semnătura"), "{what}: {reason}")
            }
            other => panic!("{what}: {other:?}"),
        }
    }
}

/// One TLS connection that asks for the certificate of whoever comes; tells the name in it.
fn tls_server(own: &(String, String), theirs: &str) -> (u16, std::thread::JoinHandle<Vec<Option<String>>>) {
    let mut acceptor = SslAcceptor::mozilla_intermediate_v5(SslMethod::tls_server()).unwrap();
    acceptor.set_private_key(&PKey::private_key_from_pem(own.0.as_bytes()).unwrap()).unwrap();
    acceptor.set_certificate(&X509::from_pem(own.1.as_bytes()).unwrap()).unwrap();
    acceptor.cert_store_mut().add_cert(X509::from_pem(theirs.as_bytes()).unwrap()).unwrap();
    acceptor.set_verify(SslVerifyMode::PEER | SslVerifyMode::FAIL_IF_NO_PEER_CERT);
    // The seals of these tests are of a fixed time, which is not today's.
    acceptor.set_verify_callback(SslVerifyMode::PEER | SslVerifyMode::FAIL_IF_NO_PEER_CERT, |_, _| true);
    let (acceptor, listener) = (acceptor.build(), TcpListener::bind("127.0.0.1:0").unwrap());
    let port = listener.local_addr().unwrap().port();
    let server = std::thread::spawn(move || {
        let mut names = Vec::new();
        for _ in 0..2 {
            let (stream, _) = listener.accept().unwrap();
            let Ok(mut stream) = acceptor.accept(stream) else {
                names.push(None);
                continue;
            };
            let mut buffer = [0; 65_536];
            let _read = stream.read(&mut buffer);
            let envelope = format!(
                "<s:Envelope xmlns:s=\"http://schemas.xmlsoap.org/soap/envelope/\"><s:Body>{ROAD}</s:Body></s:Envelope>"
            );
            let _sent = stream.write_all(&http("200 OK", "text/xml", &envelope));
            names.push(stream.ssl().peer_certificate().map(|certificate| format!("{:?}", certificate.subject_name())));
        }
        names
    });
    (port, server)
}

#[tokio::test]
async fn a_channel_shows_its_certificate_in_tls_and_believes_its_own_anchors() {
    let (server_key, server_certificate) = tls_certificate();
    let (key, certificate) = identity();
    let (port, server) = tls_server(&(server_key, server_certificate.clone()), &certificate);
    let manifest = with("");
    let address = format!("https://localhost:{port}/");
    let known = Channel {
        identity: Some(format!("{key}{certificate}").into()),
        roots: Some(server_certificate),
        ..channel(&address, "")
    };
    let asked = question("drum", &[("judet", "MEHEDINȚI")]);
    let stranger = Channel { roots: None, ..known.clone() };
    let unbelieved = lookup(&manifest, stranger).ask(&asked).await.answer;
    assert!(matches!(unbelieved, Answer::Unavailable { .. }), "{unbelieved:?}");
    let found = lookup(&manifest, known).ask(&asked).await.answer;
    assert!(matches!(found, Answer::Found { .. }), "{found:?}");
    let names = server.join().unwrap();
    assert!(names[1].as_ref().is_some_and(|name| name.contains("Prim")), "{names:?}");
    let broken = Channel { identity: Some("nu e PEM".to_owned().into()), ..channel(&address, "") };
    let error = support::engine().lookup(&manifest, broken).err().unwrap().to_string();
    assert!(error.contains("identity") && !error.contains("nu e PEM"), "{error}");
}

/// A certificate for `localhost` that is valid today, and its key.
fn tls_certificate() -> (String, String) {
    use openssl::asn1::Asn1Time;
    use openssl::bn::BigNum;
    use openssl::hash::MessageDigest;
    use openssl::x509::X509NameBuilder;
    use openssl::x509::extension::{BasicConstraints, KeyUsage, SubjectAlternativeName};
    let key = PKey::from_rsa(openssl::rsa::Rsa::generate(2_048).unwrap()).unwrap();
    let mut name = X509NameBuilder::new().unwrap();
    name.append_entry_by_text("CN", "localhost").unwrap();
    let name = name.build();
    let mut builder = X509::builder().unwrap();
    builder.set_version(2).unwrap();
    builder.set_serial_number(&BigNum::from_u32(5).unwrap().to_asn1_integer().unwrap()).unwrap();
    builder.set_subject_name(&name).unwrap();
    builder.set_issuer_name(&name).unwrap();
    builder.set_not_before(&Asn1Time::days_from_now(0).unwrap()).unwrap();
    builder.set_not_after(&Asn1Time::days_from_now(2).unwrap()).unwrap();
    builder.set_pubkey(&key).unwrap();
    builder.append_extension(BasicConstraints::new().critical().ca().build().unwrap()).unwrap();
    builder.append_extension(KeyUsage::new().critical().digital_signature().key_cert_sign().build().unwrap()).unwrap();
    let names = SubjectAlternativeName::new().dns("localhost").build(&builder.x509v3_context(None, None)).unwrap();
    builder.append_extension(names).unwrap();
    builder.sign(&key, MessageDigest::sha256()).unwrap();
    let pem = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    (pem(key.private_key_to_pem_pkcs8().unwrap()), pem(builder.build().to_pem().unwrap()))
}
