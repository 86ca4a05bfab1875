//! Signatures made with the wrong key, the wrong algorithm or no algorithm at all: each is refused.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod support;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use hub_signatures::algorithm::SignatureAlgorithm;
use hub_signatures::certificate::Certificate;
use hub_signatures::dsig::DsigError;
use hub_signatures::signer::{FileSigner, Signer, SignerError};
use hub_signatures::trust::Trust;
use hub_signatures::xades::{Verified, VerifyError, seal, verify};
use openssl::hash::MessageDigest;
use openssl::pkey::PKey;
use support::SIGNING_TIME;

fn check(xml: &str) -> Result<Verified, VerifyError> {
    verify(xml.as_bytes(), &Trust::IntegrityOnly, &Trust::IntegrityOnly)
}

/// The text between two marks, marks left out.
fn between<'t>(text: &'t str, start: &str, end: &str) -> &'t str {
    let (_, after) = text.split_once(start).unwrap();
    after.split_once(end).unwrap().0
}

fn replace_once(text: &str, from: &str, to: &str) -> String {
    assert_eq!(text.matches(from).count(), 1, "{from} stands once");
    text.replacen(from, to, 1)
}

/// Signs with a key of its own in the name of somebody else.
struct Impostor {
    key: FileSigner,
    shown: Vec<Certificate>,
}

impl Signer for Impostor {
    fn algorithm(&self) -> SignatureAlgorithm {
        self.key.algorithm()
    }

    fn certificate_chain(&self) -> &[Certificate] {
        &self.shown
    }

    fn sign(&self, message: &[u8]) -> Result<Vec<u8>, SignerError> {
        self.key.sign(message)
    }
}

fn certificate_element(signer: &FileSigner) -> String {
    let der = STANDARD.encode(signer.certificate_chain()[0].der());
    format!("<ds:X509Certificate>{der}</ds:X509Certificate>")
}

#[test]
fn a_seal_in_the_name_of_somebody_else_is_refused_whatever_certificates_it_carries() {
    let (victim, key) = (support::development_signer(), support::development_signer());
    let (of_victim, of_impostor) = (certificate_element(&victim), certificate_element(&key));
    let impostor = Impostor { key, shown: victim.certificate_chain().to_vec() };
    let forged = seal(&support::body(), &impostor, SIGNING_TIME).unwrap();
    let table = [
        ("the victim's", of_victim.clone(), "value"),
        ("the impostor's", of_impostor.clone(), "other"),
        ("both", format!("{of_impostor}{of_victim}"), "value"),
        ("both, the other way round", format!("{of_victim}{of_impostor}"), "value"),
        ("none", String::new(), "none"),
    ];
    for (what, carried, expected) in table {
        let answer = check(&replace_once(&forged, &of_victim, &carried));
        let found = match &answer {
            Err(VerifyError::Signature(DsigError::WrongSignatureValue { .. })) => "value",
            Err(VerifyError::OtherCertificate { .. }) => "other",
            Err(VerifyError::NoCertificate) => "none",
            _ => "wrong",
        };
        assert_eq!(found, expected, "{what}: {answer:?}");
    }
    // An honest seal of the impostor holds, but only for the impostor.
    let honest = seal(&support::body(), &impostor.key, SIGNING_TIME).unwrap();
    let pinned = Trust::Pinned(Box::new(victim.certificate_chain()[0].clone()));
    assert!(matches!(verify(honest.as_bytes(), &pinned, &Trust::IntegrityOnly), Err(VerifyError::Trust(_))));
}

#[test]
fn a_bare_key_or_the_way_to_one_is_no_certificate() {
    let signer = support::development_signer();
    let sealed = seal(&support::body(), &signer, SIGNING_TIME).unwrap();
    let data = format!("<ds:X509Data>{}</ds:X509Data>", certificate_element(&signer));
    let curve = "<x:NamedCurve xmlns:x=\"http://www.w3.org/2009/xmldsig11#\" URI=\"urn:oid:1.2.840.10045.3.1.7\"/>";
    for instead in [
        "<ds:KeyName>Primăria Exemplu</ds:KeyName>".to_owned(),
        format!(
            "<ds:KeyValue><x:ECKeyValue xmlns:x=\"http://www.w3.org/2009/xmldsig11#\">{curve}</x:ECKeyValue></ds:KeyValue>"
        ),
        "<ds:RetrievalMethod URI=\"http://example.org/key\" Type=\"http://www.w3.org/2000/09/xmldsig#X509Data\"/>"
            .to_owned(),
        "<ds:RetrievalMethod URI=\"#E\"/>".to_owned(),
        "<x:KeyInfoReference xmlns:x=\"http://www.w3.org/2009/xmldsig11#\" URI=\"#E\"/>".to_owned(),
        data.replace("ds:X509Data", "ds:PGPData"),
        data.replace("<ds:X509Data>", "<ds:X509Data xmlns:ds=\"urn:x\">"),
        format!("<ds:KeyInfo>{data}</ds:KeyInfo>"),
    ] {
        let answer = check(&replace_once(&sealed, &data, &instead));
        assert!(matches!(answer, Err(VerifyError::NoCertificate)), "{instead}: {answer:?}");
    }
    // A wrong key beside the certificate is not looked at.
    let beside = format!("<ds:KeyName>alt nume</ds:KeyName><ds:RetrievalMethod URI=\"http://example.org/key\"/>{data}");
    assert!(check(&replace_once(&sealed, &data, &beside)).is_ok());
    // Eleven certificates are more than any chain has.
    let many = format!("<ds:X509Data>{}</ds:X509Data>", certificate_element(&signer).repeat(11));
    assert!(matches!(
        check(&replace_once(&sealed, &data, &many)),
        Err(VerifyError::Signature(DsigError::Structure(_)))
    ));
}

#[test]
fn a_message_code_made_with_the_public_key_is_no_signature() {
    let (_, key, certificate) = &support::every_kind_of_seal()[2];
    let signer = FileSigner::from_pem(key, certificate).unwrap();
    let sealed = seal(&support::body(), &signer, SIGNING_TIME).unwrap();
    let public = signer.certificate_chain()[0].public_key();
    let secrets = [public.public_key_to_der().unwrap(), public.public_key_to_pem().unwrap(), vec![0]];
    for algorithm in
        ["http://www.w3.org/2001/04/xmldsig-more#hmac-sha256", "http://www.w3.org/2000/09/xmldsig#hmac-sha1"]
    {
        for secret in &secrets {
            let named = sealed.replacen("http://www.w3.org/2001/04/xmldsig-more#rsa-sha256", algorithm, 1);
            let info =
                format!("<ds:SignedInfo{}</ds:SignedInfo>", between(&named, "<ds:SignedInfo", "</ds:SignedInfo>"));
            let secret = PKey::hmac(secret).unwrap();
            let mut code = openssl::sign::Signer::new(MessageDigest::sha256(), &secret).unwrap();
            let code = STANDARD.encode(code.sign_oneshot_to_vec(info.as_bytes()).unwrap());
            let value = between(&named, "<ds:SignatureValue xmlns:ds=\"http://www.w3.org/2000/09/xmldsig#\">", "</ds:")
                .to_owned();
            let answer = check(&replace_once(&named, &value, &code));
            let refused = matches!(&answer, Err(VerifyError::Signature(DsigError::UnsupportedSignatureAlgorithm(uri))) if uri == algorithm);
            assert!(refused, "{answer:?}");
        }
    }
    // A code cut to one byte, or a parameter that asks for it.
    let truncated = replace_once(
        &sealed,
        "rsa-sha256\"></ds:SignatureMethod>",
        "rsa-sha256\"><ds:HMACOutputLength>8</ds:HMACOutputLength></ds:SignatureMethod>",
    );
    assert!(matches!(check(&truncated), Err(VerifyError::Signature(DsigError::Structure(_)))));
}

#[test]
fn no_algorithm_and_unknown_ones_are_refused_by_name() {
    let sealed = seal(&support::body(), &support::development_signer(), SIGNING_TIME).unwrap();
    let method = "<ds:SignatureMethod Algorithm=\"http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha256\">";
    for uri in [
        "",
        "none",
        "http://www.w3.org/2001/04/xmldsig-more#none",
        "http://www.w3.org/2001/04/xmldsig-more#ECDSA-SHA256",
        " http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha256",
        "http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha1",
        "http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha224",
        "http://www.w3.org/2001/04/xmldsig-more#rsa-md5",
        "http://www.w3.org/2000/09/xmldsig#dsa-sha1",
        "http://www.w3.org/2007/05/xmldsig-more#sha256-rsa-MGF1",
    ] {
        let answer = check(&replace_once(&sealed, method, &format!("<ds:SignatureMethod Algorithm=\"{uri}\">")));
        let refused = matches!(&answer, Err(VerifyError::Signature(DsigError::UnsupportedSignatureAlgorithm(told))) if told == uri);
        assert!(refused, "{uri:?}: {answer:?}");
    }
    let missing = check(&replace_once(&sealed, method, "<ds:SignatureMethod>"));
    assert!(matches!(missing, Err(VerifyError::Signature(DsigError::Structure(_)))), "{missing:?}");
    for uri in ["", "none", "http://www.w3.org/2001/04/xmldsig-more#md5", "http://www.w3.org/2001/04/xmlenc#SHA256"] {
        let digest = "</ds:Transforms><ds:DigestMethod Algorithm=\"http://www.w3.org/2001/04/xmlenc#sha256\">";
        let answer =
            check(&sealed.replacen(digest, &digest.replace("http://www.w3.org/2001/04/xmlenc#sha256", uri), 1));
        assert!(matches!(answer, Err(VerifyError::Signature(DsigError::UnsupportedDigestAlgorithm(_)))), "{uri}");
    }
    for uri in ["", "http://www.w3.org/2006/12/xml-c14n11", "http://www.w3.org/2001/10/xml-exc-c14n#WithComments"] {
        let method = "<ds:CanonicalizationMethod Algorithm=\"http://www.w3.org/2001/10/xml-exc-c14n#\">";
        let answer = check(&replace_once(&sealed, method, &format!("<ds:CanonicalizationMethod Algorithm=\"{uri}\">")));
        let refused =
            matches!(&answer, Err(VerifyError::Signature(DsigError::UnsupportedCanonicalization(told))) if told == uri);
        assert!(refused, "{uri:?}: {answer:?}");
    }
}

#[test]
fn signature_values_at_the_borders_of_arithmetic_are_refused() {
    let sealed = seal(&support::body(), &support::development_signer(), SIGNING_TIME).unwrap();
    let value =
        between(&sealed, "<ds:SignatureValue xmlns:ds=\"http://www.w3.org/2000/09/xmldsig#\">", "</ds:").to_owned();
    let good = STANDARD.decode(&value).unwrap();
    // The order of P-256 (FIPS 186-4, D.1.2.3).
    let order =
        openssl::bn::BigNum::from_hex_str("ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551").unwrap();
    let order = order.to_vec();
    let zero = [0; 32];
    for (what, bytes) in [
        ("nothing and nothing", [zero, zero].concat()),
        ("nothing for r", [&zero, &good[32..]].concat()),
        ("nothing for s", [&good[..32], &zero].concat()),
        ("the order for r", [&order, &good[32..]].concat()),
        ("the order for s", [&good[..32], &order].concat()),
        ("all ones", vec![0xFF; 64]),
        ("one byte more", [&[0], &good[..]].concat()),
        ("one byte less", good[1..].to_vec()),
        ("one byte", vec![0]),
        ("the form of certificates", [&[0x30, 0x44, 2, 32], &good[..32], &[2, 32], &good[32..]].concat()),
        ("twice", good.repeat(2)),
    ] {
        let answer = check(&replace_once(&sealed, &value, &STANDARD.encode(&bytes)));
        assert!(
            matches!(answer, Err(VerifyError::Signature(DsigError::WrongSignatureValue { .. }))),
            "{what}: {answer:?}"
        );
    }
    for text in ["", "   ", "====", "AAAA*", "AAA", &format!("{value}<!-- -->="), "<a></a>"] {
        let answer = check(&replace_once(&sealed, &value, text));
        let refused = matches!(answer, Err(VerifyError::Signature(DsigError::NotBase64("SignatureValue"))));
        assert!(refused || matches!(answer, Err(VerifyError::CommentInValue(_))), "{text:?}: {answer:?}");
    }
}
