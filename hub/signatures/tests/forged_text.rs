//! Documents that two programs could read in two ways: by Ids, transforms, prefixes, encodings or look-alike letters.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod support;

use hub_signatures::dsig::DsigError;
use hub_signatures::tree::{Limits, Tree, TreeError};
use hub_signatures::trust::Trust;
use hub_signatures::xades::{Verified, VerifyError, seal, verify};
use support::SIGNING_TIME;

const PROPERTIES_END: &str = "</xades:SignedProperties>";

fn sealed() -> String {
    seal(&support::body(), &support::development_signer(), SIGNING_TIME).unwrap()
}

fn check(xml: &str) -> Result<Verified, VerifyError> {
    verify(xml.as_bytes(), &Trust::IntegrityOnly, &Trust::IntegrityOnly)
}

fn replace_once(text: &str, from: &str, to: &str) -> String {
    assert_eq!(text.matches(from).count(), 1, "{from} stands once");
    text.replacen(from, to, 1)
}

#[test]
fn an_evidence_hidden_in_the_signature_of_a_forged_one_is_refused() {
    let original = sealed();
    let forged = original.replace("urn:uuid:1", "urn:uuid:forged");
    let hide = |document: &str, hidden: &str| {
        replace_once(document, "</ds:Signature>", &format!("<ds:Object>{hidden}</ds:Object></ds:Signature>"))
    };
    let body = support::body();
    let answer = check(&hide(&forged.replacen("Id=\"E\" ", "", 1), &body));
    assert!(matches!(answer, Err(VerifyError::Signature(DsigError::DigestMismatch(_)))), "{answer:?}");
    // With the reference pointed at the hidden one, which has the right digest.
    let pointed = hide(&forged.replacen("Id=\"E\" ", "", 1), &body).replacen("URI=\"\"", "URI=\"#E\"", 1);
    assert!(matches!(check(&pointed), Err(VerifyError::Signature(DsigError::UnexpectedReference(uri))) if uri == "#E"));
    // Both under one Id.
    assert!(
        matches!(check(&hide(&forged, &body)), Err(VerifyError::Document(TreeError::DuplicateId(id))) if id == "E")
    );
    // The whole sealed original in the signature of the forged one.
    let nested = hide(&forged.replacen("Id=\"E\" ", "", 1), &original);
    assert!(check(&nested).is_err(), "{:?}", check(&nested));
    // Whatever an honest seal carries in an object of its own is never handed out as sealed.
    let harmless = hide(&original, "<a>nobody signed this</a>");
    assert_eq!(check(&harmless).unwrap().covered, body.as_bytes());
}

#[test]
fn ids_in_other_spellings_are_never_followed() {
    let original = sealed();
    for spelling in ["id=", "ID=", "iD=", "xml:id=", "xades:Id=", "AssertionID="] {
        // The one that is looked for is only there in another spelling.
        let other = replace_once(&original, "Id=\"SP\"", &format!("{spelling}\"SP\""));
        let answer = check(&other);
        assert!(
            matches!(answer, Err(VerifyError::Signature(DsigError::UnexpectedReference(_)))),
            "{spelling}: {answer:?}"
        );
        // A second one beside the right one changes nothing: the right one is covered.
        let beside = format!("<ds:Object><a xmlns:xades=\"urn:x\" {spelling}\"SP\">x</a></ds:Object></ds:Signature>");
        let beside = replace_once(&original, "</ds:Signature>", &beside);
        let verified = check(&beside).unwrap();
        assert_eq!((verified.covered, verified.signing_time.as_str()), (support::body().into_bytes(), SIGNING_TIME));
    }
    // The attribute of WS-Security is an Id to many programs, so it repeats one.
    let wsu = format!(
        "<ds:Object><a xmlns:w=\"{}\" w:Id=\"SP\">x</a></ds:Object></ds:Signature>",
        hub_signatures::WSU_NAMESPACE
    );
    let answer = check(&replace_once(&original, "</ds:Signature>", &wsu));
    assert!(matches!(answer, Err(VerifyError::Document(TreeError::DuplicateId(_)))), "{answer:?}");
}

#[test]
fn absent_empty_and_exotic_transforms_are_refused() {
    let original = sealed();
    let start = original.find("<ds:Transforms>").unwrap();
    let end = original.find("</ds:Transforms>").unwrap() + "</ds:Transforms>".len();
    let of_document = &original[start..end];
    let with = |transforms: &str| check(&original.replacen(of_document, transforms, 1));
    // The standard lets the signature digest itself then, which nothing can.
    for none in ["", "<ds:Transforms></ds:Transforms>", "<ds:Transforms/>"] {
        let answer = with(none);
        assert!(matches!(answer, Err(VerifyError::Signature(DsigError::DigestMismatch(_)))), "{none}: {answer:?}");
    }
    let xpath =
        "<ds:XPath xmlns:ds=\"http://www.w3.org/2000/09/xmldsig#\">not(ancestor-or-self::ds:Signature)</ds:XPath>";
    for (uri, inside) in [
        ("http://www.w3.org/TR/1999/REC-xpath-19991116", xpath),
        ("http://www.w3.org/2000/09/xmldsig#base64", ""),
        (
            "http://www.w3.org/TR/1999/REC-xslt-19991116",
            "<xsl:stylesheet xmlns:xsl=\"http://www.w3.org/1999/XSL/Transform\"/>",
        ),
        ("http://www.w3.org/2002/07/decrypt#XML", ""),
        ("http://www.w3.org/2006/12/xml-c14n11", ""),
        ("http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-soap-message-security-1.0#STR-Transform", ""),
        ("http://www.w3.org/2000/09/xmldsig#enveloped-signature ", ""),
        ("", ""),
    ] {
        let answer =
            with(&format!("<ds:Transforms><ds:Transform Algorithm=\"{uri}\">{inside}</ds:Transform></ds:Transforms>"));
        let refused =
            matches!(&answer, Err(VerifyError::Signature(DsigError::UnsupportedTransform(told))) if told == uri);
        assert!(refused, "{uri}: {answer:?}");
    }
    let twice = of_document.replace("</ds:Transforms>", "").repeat(2).replace("<ds:Transforms>", "");
    assert!(matches!(
        with(&format!("<ds:Transforms>{twice}</ds:Transforms>")),
        Err(VerifyError::Signature(DsigError::UnsupportedTransform(_)))
    ));
    let foreign = "<ds:Transforms><x:Transform xmlns:x=\"urn:x\" Algorithm=\"http://www.w3.org/2001/10/xml-exc-c14n#\"/></ds:Transforms>";
    assert!(matches!(with(foreign), Err(VerifyError::Signature(DsigError::Structure(_)))));
    let two_lists = format!("{of_document}{of_document}");
    assert!(matches!(with(&two_lists), Err(VerifyError::Signature(DsigError::NotExactlyOne("Transforms")))));
}

#[test]
fn prefixes_and_namespaces_cannot_be_exchanged() {
    let original = sealed();
    let table = [
        // The root's prefix means something else.
        ("xmlns:erds=\"http://uri.etsi.org/19522/v1#\"", "xmlns:erds=\"http://uri.etsi.org/19522/v2#\""),
        ("xmlns:erds=\"http://uri.etsi.org/19522/v1#\"", "xmlns:erds=\"http://uri.etsi.org/19522/v1\""),
        ("xmlns:erds=\"http://uri.etsi.org/19522/v1#\"", "xmlns:erds=\"http://uri.etsi.org/19522/%76%31#\""),
        // A prefix bound anew further down.
        ("<EventTime>", "<EventTime xmlns=\"http://uri.etsi.org/19522/v1#\">"),
        ("<erds:EvidenceIdentifier>", "<erds:EvidenceIdentifier xmlns:erds=\"urn:x\">"),
        // The signature is no signature any more, or one of another vocabulary.
        (
            "<ds:Signature xmlns:ds=\"http://www.w3.org/2000/09/xmldsig#\"",
            "<ds:Signature xmlns:ds=\"http://www.w3.org/2000/09/xmldsig\"",
        ),
        ("<ds:SignedInfo xmlns:ds=\"http://www.w3.org/2000/09/xmldsig#\">", "<ds:SignedInfo xmlns:ds=\"urn:x\">"),
        (
            "<xades:SignedProperties xmlns:xades=\"http://uri.etsi.org/01903/v1.3.2#\"",
            "<xades:SignedProperties xmlns:xades=\"http://uri.etsi.org/01903/v1.1.1#\"",
        ),
    ];
    for (from, to) in table {
        let answer = check(&replace_once(&original, from, to));
        assert!(answer.is_err(), "{to}: {answer:?}");
    }
    // The same names with other prefixes are another document to a signature.
    let renamed = original.replace("erds:", "e:").replace("xmlns:erds=", "xmlns:e=");
    assert!(matches!(check(&renamed), Err(VerifyError::Signature(DsigError::DigestMismatch(_)))));
    // Two attributes that differ in their prefix only are one attribute twice.
    let twice =
        replace_once(&original, "<EventTime>", "<EventTime xmlns:a=\"urn:x\" xmlns:b=\"urn:x\" a:c=\"\" b:c=\"\">");
    assert!(matches!(check(&twice), Err(VerifyError::Document(TreeError::NotWellFormed(_)))), "{:?}", check(&twice));
    for reserved in
        ["xmlns:xml=\"urn:x\"", "xmlns:xmlns=\"urn:x\"", "xmlns:a=\"\"", "xmlns:a=\"http://www.w3.org/2000/xmlns/\""]
    {
        let answer = check(&replace_once(&original, "<EventTime>", &format!("<EventTime {reserved}>")));
        assert!(matches!(answer, Err(VerifyError::Document(TreeError::NotWellFormed(_)))), "{reserved}: {answer:?}");
    }
}

#[test]
fn look_alike_letters_are_other_letters() {
    let original = sealed();
    for (from, to) in [
        // Composed and decomposed, comma below and cedilla, Cyrillic, full width, ligature, invisible.
        ("Ștefan", "S\u{326}tefan"),
        ("Ștefan", "Ştefan"),
        ("țară", "ţară"),
        ("Ștefan", "Ștеfan"),
        ("urn:uuid:1", "urn:uuid:１"),
        ("urn:uuid:1", "urn:uuid:1\u{200B}"),
        ("urn:uuid:1", "\u{FEFF}urn:uuid:1"),
        ("urn:uuid:1", "urn:uuid:1\u{202E}"),
        ("urn:uuid:1", "urn:uuid:1 "),
        ("MessageAccepted", "MеssageAccepted"),
    ] {
        let answer = check(&original.replacen(from, to, 1));
        assert!(matches!(answer, Err(VerifyError::Signature(DsigError::DigestMismatch(_)))), "{to}: {answer:?}");
    }
}

#[test]
fn texts_in_another_encoding_or_with_characters_xml_has_not_are_refused() {
    let original = sealed();
    let refused = |bytes: &[u8]| {
        let answer = verify(bytes, &Trust::IntegrityOnly, &Trust::IntegrityOnly);
        matches!(
            answer,
            Err(VerifyError::Document(TreeError::NotUtf8 | TreeError::NotWellFormed(_) | TreeError::Encoding(_)))
        )
    };
    let utf16 = |order: fn(u16) -> [u8; 2]| -> Vec<u8> {
        [0xFEFF].into_iter().chain(original.encode_utf16()).flat_map(order).collect()
    };
    assert!(refused(&utf16(u16::to_le_bytes)) && refused(&utf16(u16::to_be_bytes)));
    assert!(refused(&original.chars().flat_map(|c| u32::from(c).to_be_bytes()).collect::<Vec<u8>>()));
    for encoding in ["UTF-7", "UTF-16", "utf8", "windows-1250", "x-user-defined", ""] {
        assert!(refused(format!("<?xml version=\"1.0\" encoding=\"{encoding}\"?>{original}").as_bytes()), "{encoding}");
    }
    let raw = |from: &str, to: &[u8]| {
        let (before, after) = original.split_once(from).unwrap();
        [before.as_bytes(), to, after.as_bytes()].concat()
    };
    // An overlong form of "1", half of a surrogate pair, a byte of another alphabet, a number beyond Unicode.
    for bytes in [&b"\xC0\xB1"[..], b"\xED\xA0\x80", b"\xAA", b"\xF4\x90\x80\x80", b"\0", b"\x1B", b"\xEF\xBF\xBE"] {
        assert!(refused(&raw("urn:uuid:1", bytes)), "{bytes:?}");
    }
    for reference in [
        "&#0;",
        "&#x1B;",
        "&#xFFFE;",
        "&#xD800;",
        "&#x110000;",
        "&#99999999999999999999;",
        "&nbsp;",
        "&#;",
        "&#x;",
        "&",
    ] {
        assert!(refused(&raw("urn:uuid:1", reference.as_bytes())), "{reference}");
    }
    // Two byte order marks: the second is a character before the root.
    assert!(refused(format!("\u{FEFF}\u{FEFF}{original}").as_bytes()));
}

#[test]
fn processing_instructions_that_others_would_not_read_are_refused() {
    let parse = |xml: &str| Tree::parse(xml.as_bytes(), &Limits::default()).map(|_| ());
    for xml in [
        "<?xml!version=\"1.0\"?><a/>",
        "<?xml?><a/>",
        "<a><?xml version=\"1.0\"?></a>",
        "<a><?XML x?></a>",
        "<a/><?xml version=\"1.0\"?>",
        "<a><?b!c?></a>",
        "<a><?b\"c?></a>",
        "<a><? b?></a>",
        "<?xml version=\"1.0\"?><?xml version=\"1.0\"?><a/>",
        " <?xml version=\"1.0\"?><a/>",
    ] {
        assert!(parse(xml).is_err(), "{xml}");
    }
    for xml in
        ["<a><?b?></a>", "<a><?b c?></a>", "<?b\tc?><a/>", "<?xml-stylesheet href='a'?><a/>", "<a><?xmlb c?></a>"]
    {
        parse(xml).unwrap();
    }
}

#[test]
fn properties_that_are_doubled_or_lost_are_refused() {
    let original = sealed();
    let certificate_start = original.find("<xades:SigningCertificateV2>").unwrap();
    let end = "</xades:SigningCertificateV2>";
    let certificate = &original[certificate_start..original.find(end).unwrap() + end.len()];
    let time = format!("<xades:SigningTime>{SIGNING_TIME}</xades:SigningTime>");
    for (from, to) in [
        (certificate, String::new()),
        (certificate, certificate.repeat(2)),
        (certificate, certificate.replace("V2>", ">")),
        (&time[..], String::new()),
        (&time[..], time.repeat(2)),
        (&time[..], "<xades:SigningTime>2026-11-22</xades:SigningTime>".to_owned()),
        (PROPERTIES_END, format!("{PROPERTIES_END}<xades:SignedProperties/>")),
        ("Target=\"#S\"", "Target=\"#E\"".to_owned()),
        ("Target=\"#S\"", "Target=\"S\"".to_owned()),
        ("Target=\"#S\"", String::new()),
    ] {
        let answer = check(&original.replacen(from, &to, 1));
        assert!(matches!(answer, Err(VerifyError::Properties(_))), "{to}: {answer:?}");
    }
    // The qualifying properties are looked for in an object of the signature, nowhere else.
    let outside = original
        .replace("<ds:Object><xades:Q", "<ds:Manifest><xades:Q")
        .replace("Properties></ds:Object>", "Properties></ds:Manifest>");
    assert!(matches!(check(&outside), Err(VerifyError::Properties(_))));
}
