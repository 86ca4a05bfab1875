//! Bodies made to hurt whoever reads them.

use std::time::{Duration, Instant};

use connectors_contract::reading::body::{Body, read};
use connectors_contract::reading::xml::{XmlError, value};

use crate::{manifest, response};

#[test]
fn xml_made_to_hurt_is_refused_in_one_look() {
    let entities = r#"<!DOCTYPE a [<!ENTITY b "bb"><!ENTITY c "&b;&b;">]><a>&c;</a>"#.to_owned();
    let deep = "<a>".repeat(200_000);
    let closed = format!("{}{}", "<a>".repeat(65), "</a>".repeat(65));
    let attributes: String = (0..100_000).map(|number| format!(" a{number}=''")).collect();
    let namespaces: String = (0..100_000).map(|number| format!("<a xmlns:n{number}='u'/>")).collect();
    let elements = "<a/>".repeat(200_001);
    let started = Instant::now();
    assert_eq!(value(entities.as_bytes()), Err(XmlError::Doctype));
    for text in
        [deep, closed, format!("<a{attributes}/>"), format!("<r>{namespaces}</r>"), format!("<r>{elements}</r>")]
    {
        assert!(matches!(value(text.as_bytes()), Err(XmlError::TooMuch(_))), "{}", &text[..40]);
    }
    assert_eq!(value(b"<a>\xFF</a>"), Err(XmlError::NotUtf8));
    for text in
        ["", "<", "<a", "<a b='", "<a></b>", "<!-- ", "<![CDATA[", "<?xml", "</a>", "<a/><b/>", "x", "<a>&b;</a>"]
    {
        assert!(matches!(value(text.as_bytes()), Err(XmlError::NotWellFormed { .. })), "{text}");
    }
    assert!(started.elapsed() < Duration::from_secs(20));
}

#[test]
fn what_is_allowed_is_read_in_one_look_too() {
    let deepest = format!("{}{}", "<a>".repeat(64), "</a>".repeat(64));
    assert!(value(deepest.as_bytes()).is_ok());
    let wide = format!("<r>{}</r>", "<a b='1'>x</a>".repeat(150_000));
    assert_eq!(value(wide.as_bytes()).unwrap()["r"]["a"].as_array().unwrap().len(), 150_000);
}

#[test]
fn json_made_to_hurt_is_broken_and_not_believed() {
    let answers = manifest("[outcome]\ncontent_type = \"application/json\"\n").outcome;
    let deep = "[".repeat(1_000_000);
    for body in [deep.as_bytes(), b"{\"a\":\"\xFF\"}", b"{\"a\":1e99999}", b"\x00", b"{\"a\""] {
        let said = read(&answers, &response(200, "application/json", body));
        assert!(matches!(said, Body::Broken(_)), "{said:?}");
    }
}
