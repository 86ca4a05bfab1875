//! Documents made to mislead a verifier: each is refused, with a sentence that says why.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod support;

use hub_signatures::dsig::DsigError;
use hub_signatures::tree::{Limits, Tree, TreeError};
use hub_signatures::trust::Trust;
use hub_signatures::xades::{Verified, VerifyError, seal, verify};
use support::SIGNING_TIME;

fn sealed() -> String {
    seal(&support::body(), &support::development_signer(), SIGNING_TIME).unwrap()
}

fn check(xml: &str) -> Result<Verified, VerifyError> {
    verify(xml.as_bytes(), &Trust::IntegrityOnly, &Trust::IntegrityOnly)
}

/// The whole signature element of a sealed document.
fn signature_of(sealed: &str) -> &str {
    let end = "</ds:Signature>";
    &sealed[sealed.find("<ds:Signature ").unwrap()..sealed.find(end).unwrap() + end.len()]
}

fn replace_once(text: &str, from: &str, to: &str) -> String {
    assert_eq!(text.matches(from).count(), 1, "{from} stands once");
    text.replacen(from, to, 1)
}

#[test]
fn an_evidence_wrapped_in_a_forged_one_is_refused() {
    let original = sealed();
    let forged = support::body().replace("urn:uuid:1", "urn:uuid:forged");
    let end = "</erds:Evidence>";
    let around = |inside: &str, signature: &str| {
        let extension =
            format!("<erds:Extensions><erds:Extension>{inside}</erds:Extension></erds:Extensions>{signature}{end}");
        forged.replacen("Id=\"E\" ", "", 1).replace(end, &extension)
    };
    // The original, signature and all, inside a forged root.
    assert!(matches!(check(&around(&original, "")), Err(VerifyError::SignatureNotLast)));
    // The original inside, its signature moved to the forged root.
    let moved = around(&support::body(), signature_of(&original));
    assert!(matches!(check(&moved), Err(VerifyError::Signature(DsigError::DigestMismatch(_)))), "{:?}", check(&moved));
    // The original inside, its signature in both places; Ids repeat, and so do signatures.
    let both = around(&original, signature_of(&original));
    assert!(matches!(check(&both), Err(VerifyError::Document(TreeError::DuplicateId(_)))), "{:?}", check(&both));
    let renamed = signature_of(&original).replace("\"S\"", "\"S2\"").replace("\"R1\"", "\"R2\"");
    let renamed = renamed.replace("\"SP\"", "\"SP2\"").replace("#SP", "#SP2").replace("\"#S\"", "\"#S2\"");
    assert!(matches!(check(&around(&original, &renamed)), Err(VerifyError::SignatureCount(2))));
}

#[test]
fn a_signature_that_covers_only_a_nested_element_is_refused() {
    let original = replace_once(&sealed(), "Id=\"R1\" URI=\"\"", "Id=\"R1\" URI=\"#E\"");
    let answer = check(&original);
    assert!(matches!(answer, Err(VerifyError::Signature(DsigError::UnexpectedReference(_)))), "{answer:?}");
    for uri in ["#other", "#xpointer(/)", "https://example.org/x", "cid:part"] {
        let other = replace_once(&sealed(), "URI=\"#SP\"", &format!("URI=\"{uri}\""));
        let answer = check(&other);
        assert!(matches!(answer, Err(VerifyError::Signature(DsigError::UnexpectedReference(_)))), "{uri}: {answer:?}");
    }
}

#[test]
fn signed_properties_moved_elsewhere_are_refused() {
    let original = sealed();
    let start = original.find("<xades:SignedProperties").unwrap();
    let end_tag = "</xades:SignedProperties>";
    let end = original.find(end_tag).unwrap() + end_tag.len();
    let properties = &original[start..end];
    let later = properties.replace("\"SP\"", "\"X\"").replace(SIGNING_TIME, "2027-01-01T00:00:00Z");
    // The signed ones still exist and have the right digest, but in a ds:Object of their own.
    let moved = replace_once(&original, properties, &later);
    let moved = replace_once(&moved, "</ds:Signature>", &format!("<ds:Object>{properties}</ds:Object></ds:Signature>"));
    let answer = check(&moved);
    assert!(matches!(answer, Err(VerifyError::Signature(DsigError::UnexpectedReference(_)))), "{answer:?}");
    // Both in one place.
    let doubled = replace_once(&original, properties, &format!("{properties}{later}"));
    assert!(matches!(check(&doubled), Err(VerifyError::Properties(_))), "{:?}", check(&doubled));
    // For another signature.
    let other = replace_once(&original, "Target=\"#S\"", "Target=\"#T\"");
    assert!(matches!(check(&other), Err(VerifyError::Properties(_))), "{:?}", check(&other));
}

#[test]
fn an_id_used_twice_is_refused() {
    let twice = replace_once(&sealed(), "<EventTime>", "<EventTime Id=\"SP\">");
    let answer = check(&twice);
    assert!(matches!(answer, Err(VerifyError::Document(TreeError::DuplicateId(_)))), "{answer:?}");
}

#[test]
fn none_or_two_signatures_are_refused() {
    assert!(matches!(check(&support::body()), Err(VerifyError::SignatureCount(0))));
    let original = sealed();
    let signature = signature_of(&original);
    let second = signature.replace(" Id=\"S\"", "").replace(" Id=\"R1\"", "").replace(" Id=\"SP\"", "");
    let two = replace_once(&original, signature, &format!("{second}{signature}"));
    assert!(matches!(check(&two), Err(VerifyError::SignatureCount(2))), "{:?}", check(&two));
    let after = replace_once(&original, "</erds:Evidence>", "<a></a></erds:Evidence>");
    assert!(matches!(check(&after), Err(VerifyError::SignatureNotLast)), "{:?}", check(&after));
}

#[test]
fn a_comment_inside_a_value_is_refused_and_one_between_elements_is_not() {
    for from in ["urn:uuid:1", "2026-11-22T10:15:30Z</EventTime>"] {
        let commented = replace_once(&sealed(), from, &format!("{}<!-- -->{}", &from[..3], &from[3..]));
        let answer = check(&commented);
        assert!(matches!(answer, Err(VerifyError::CommentInValue(_))), "{answer:?}");
    }
    let between = replace_once(&sealed(), "<EventTime>", "<!-- harmless --><EventTime>");
    assert_eq!(check(&between).unwrap().covered, support::body().as_bytes());
}

#[test]
fn an_unknown_transform_or_xpath_is_an_error_that_names_it() {
    const ENVELOPED: &str = "\"http://www.w3.org/2000/09/xmldsig#enveloped-signature\"></ds:Transform>";
    let with = |transform: &str| check(&replace_once(&sealed(), ENVELOPED, transform)).unwrap_err().to_string();
    let xslt = with("\"http://www.w3.org/TR/1999/REC-xslt-19991116\"></ds:Transform>");
    assert!(xslt.contains("REC-xslt-19991116"), "{xslt}");
    let comments = with("\"http://www.w3.org/2001/10/xml-exc-c14n#WithComments\"></ds:Transform>");
    assert!(comments.contains("WithComments"), "{comments}");
    let filter = |filter: &str, expression: &str, ds: &str| {
        with(&format!(
            "\"http://www.w3.org/2002/06/xmldsig-filter2\"><f:XPath xmlns:f=\"http://www.w3.org/2002/06/xmldsig-filter2\" \
             xmlns:ds=\"{ds}\" Filter=\"{filter}\">{expression}</f:XPath></ds:Transform>"
        ))
    };
    let ds = hub_signatures::DSIG_NAMESPACE;
    // The known filter is understood: only the digest notices that it was exchanged... which here is the same octets.
    for known in ["/descendant::ds:Signature", "//ds:Signature"] {
        assert!(filter("subtract", known, ds).contains("signature value is wrong"));
    }
    for (kind, expression, uri) in [
        ("subtract", "/descendant::*", ds),
        ("subtract", "//ds:signature", ds),
        ("intersect", "//ds:Signature", ds),
        ("union", "//ds:Signature", ds),
        ("subtract", "//ds:Signature", "urn:not-dsig"),
        ("subtract", "//ds:Signature | //EventTime", ds),
    ] {
        let message = filter(kind, expression, uri);
        assert!(message.contains(expression) && message.contains("not accepted"), "{message}");
    }
    // Canonicalization first would let later steps work on octets.
    let order = sealed().replace(ENVELOPED, "\"http://www.w3.org/2001/10/xml-exc-c14n#\"></ds:Transform>");
    assert!(matches!(check(&order), Err(VerifyError::Signature(DsigError::UnsupportedTransform(_)))));
}

#[test]
fn old_algorithms_are_refused_by_name() {
    let sha1 = sealed().replace("http://www.w3.org/2001/04/xmlenc#sha256", "http://www.w3.org/2000/09/xmldsig#sha1");
    assert!(check(&sha1).unwrap_err().to_string().contains("xmldsig#sha1"));
    let rsa = sealed().replace("2001/04/xmldsig-more#ecdsa-sha256", "2000/09/xmldsig#rsa-sha1");
    assert!(check(&rsa).unwrap_err().to_string().contains("rsa-sha1"));
    let wrong_kind = sealed().replace("ecdsa-sha256", "rsa-sha256");
    assert!(matches!(check(&wrong_kind), Err(VerifyError::Signature(DsigError::WrongSignatureValue { .. }))));
    let hmac = sealed().replace("ecdsa-sha256", "hmac-sha256");
    assert!(check(&hmac).unwrap_err().to_string().contains("hmac-sha256"));
}

#[test]
fn another_certificate_in_key_info_is_refused() {
    let original = sealed();
    let other = sealed();
    let certificate = |xml: &str| {
        let start = xml.find("<ds:X509Certificate>").unwrap();
        xml[start..xml.find("</ds:X509Data>").unwrap()].to_owned()
    };
    let swapped = replace_once(&original, &certificate(&original), &certificate(&other));
    assert!(matches!(check(&swapped), Err(VerifyError::Signature(DsigError::WrongSignatureValue { .. }))));
    let none = replace_once(&original, &certificate(&original), "");
    assert!(matches!(check(&none), Err(VerifyError::NoCertificate)));
    // Order in KeyInfo is free: the signed digest names the right one.
    let both = format!("{}{}", certificate(&other), certificate(&original));
    let verified = check(&replace_once(&original, &certificate(&original), &both)).unwrap();
    assert_eq!(verified.certificate.subject(), "CN=Primăria Exemplu, O=Primăria Exemplu, C=RO");
}

#[test]
fn doctypes_and_entities_are_refused() {
    let sealed = sealed();
    for doctype in [
        "<!DOCTYPE erds:Evidence>",
        "<!DOCTYPE a [<!ENTITY e \"x\">]>",
        "<!DOCTYPE a SYSTEM \"file:///etc/passwd\">",
        "<?xml version=\"1.0\"?><!-- --><!DOCTYPE a [<!ATTLIST a Id CDATA \"SP\">]>",
    ] {
        let answer = check(&format!("{doctype}{sealed}"));
        assert!(matches!(answer, Err(VerifyError::Document(TreeError::Doctype))), "{doctype}: {answer:?}");
    }
    let entity = replace_once(&sealed, "urn:uuid:1", "&e;");
    assert!(matches!(check(&entity), Err(VerifyError::Document(TreeError::NotWellFormed(_)))));
}

#[test]
fn other_encodings_and_versions_are_refused() {
    let sealed = sealed();
    let latin = check(&format!("<?xml version=\"1.0\" encoding='ISO-8859-2'?>{sealed}"));
    assert!(matches!(latin, Err(VerifyError::Document(TreeError::Encoding(_)))), "{latin:?}");
    let next = check(&format!("<?xml version = \"1.1\"?>{sealed}"));
    assert!(matches!(next, Err(VerifyError::Document(TreeError::Version(_)))), "{next:?}");
    let utf16: Vec<u8> = sealed.encode_utf16().flat_map(u16::to_le_bytes).collect();
    assert!(verify(&utf16, &Trust::IntegrityOnly, &Trust::IntegrityOnly).is_err());
    assert!(check(&format!("\u{FEFF}<?xml version=\"1.0\" encoding=\"utf-8\"?>\n{sealed}")).is_ok());
}

#[test]
fn oversized_documents_are_refused_before_they_cost_anything() {
    let parse = |xml: String| Tree::parse(xml.as_bytes(), &Limits::default()).unwrap_err();
    let deep = format!("{}{}", "<a>".repeat(1_000_000), "</a>".repeat(1_000_000));
    assert_eq!(parse(deep), TreeError::TooDeep(128));
    assert_eq!(parse("<a>".repeat(1_000_000)), TreeError::TooDeep(128));
    let many: String = (0..100_000).map(|number| format!(" a{number}=''")).collect();
    assert_eq!(parse(format!("<a{many}/>")), TreeError::TooManyAttributes(256));
    assert_eq!(parse(format!("<a>{}</a>", "<b/>".repeat(300_000))), TreeError::TooManyElements(200_000));
    assert_eq!(parse(format!("<a>{}</a>", "<b xmlns:c ='u'/>".repeat(20_000))), TreeError::TooManyNamespaces(10_000));
    let scopes: String = (0..65).map(|number| format!("<a xmlns:n{number}='urn:n'>")).collect();
    assert_eq!(parse(scopes), TreeError::TooManyNamespacesInScope(64));
    assert_eq!(parse(format!("<a {}=''/>", "b".repeat(70_000))), TreeError::NameTooLong(1_024));
    assert!(matches!(parse(" ".repeat(17 * 1024 * 1024)), TreeError::TooLarge { .. }));
    // Mark-up inside comments, CDATA and attribute values does not count.
    let quiet = format!("<a b='{0}'><!--{0}--><![CDATA[{0}]]><?p {0}?></a>", "&gt;/".repeat(1000));
    assert!(Tree::parse(quiet.as_bytes(), &Limits::default()).is_ok());
}

#[test]
fn a_hundred_references_are_refused() {
    let original = sealed();
    let end_tag = "</ds:Reference>";
    let start = original.find("<ds:Reference ").unwrap();
    let reference = &original[start..start + original[start..].find(end_tag).unwrap() + end_tag.len()];
    let copies = format!("{reference}{}", reference.replace(" Id=\"R1\"", "").repeat(99));
    let answer = check(&replace_once(&original, reference, &copies));
    assert!(matches!(answer, Err(VerifyError::Signature(DsigError::TooManyReferences(101)))), "{answer:?}");
    let three =
        check(&replace_once(&original, reference, &format!("{reference}{}", reference.replace(" Id=\"R1\"", ""))));
    assert!(matches!(three, Err(VerifyError::Signature(DsigError::UnexpectedReference(_)))), "{three:?}");
}

#[test]
fn broken_documents_give_errors_and_never_panics() {
    let original = sealed();
    for end in (0..original.len()).filter(|end| original.is_char_boundary(*end)).step_by(7) {
        assert!(check(&original[..end]).is_err());
    }
    for (at, _) in original.char_indices().step_by(5) {
        for inserted in ["<", ">", "\"", "&", "=", "\0", "<!--", "]]>", "</a>", "<?", "\u{FFFE}", "<![CDATA["] {
            let mut copy = original.clone();
            copy.insert_str(at, inserted);
            let _ = check(&copy);
        }
    }
}

#[test]
fn refusals_are_sentences_without_a_full_stop() {
    let original = sealed();
    for xml in [
        "",
        "<a/>",
        "<!DOCTYPE a><a/>",
        &replace_once(&original, "urn:uuid:1", "urn:uuid:2"),
        &replace_once(&original, "URI=\"#SP\"", "URI=\"#E\""),
        &original.replace("ecdsa-sha256", "ecdsa-sha512"),
    ] {
        let message = check(xml).unwrap_err().to_string();
        assert!(message.contains(' ') && !message.ends_with('.') && !message.contains('\n'), "{message}");
    }
}
