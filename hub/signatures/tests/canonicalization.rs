//! Canonical XML against the shared vectors, against libxml2, and against our own writer.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod support;

use std::io::Write;
use std::process::{Command, Stdio};

use hub_signatures::c14n::{Algorithm, Apex, Method, canonicalize};
use hub_signatures::canonical::{CanonicalError, Writer};
use hub_signatures::tree::{Limits, Tree, TreeError};
use serde_json::Value;

#[test]
fn all_canonicalization_vectors_give_the_expected_bytes() {
    let Some(folder) = support::vectors("c14n") else { return };
    let cases: Value = serde_json::from_slice(&std::fs::read(folder.join("cases.json")).unwrap()).unwrap();
    let namespaces = &cases["namespaces_for_xpath"];
    let (mut right, mut refused) = (0, 0);
    for case in cases["cases"].as_array().unwrap() {
        let input = std::fs::read(folder.join(case["input"].as_str().unwrap())).unwrap();
        let tree = match Tree::parse(&input, &Limits::default()) {
            Err(TreeError::Doctype) if case["doctype"] == true || case["case"] == "14-dtd" => {
                refused += 1;
                continue;
            }
            parsed => parsed.unwrap(),
        };
        let method = Method {
            algorithm: Algorithm::from_uri(case["algorithm"].as_str().unwrap()).unwrap(),
            prefix_list: case["prefix_list"]
                .as_array()
                .map(|list| list.iter().map(|prefix| prefix.as_str().unwrap().to_owned()).collect())
                .unwrap_or_default(),
        };
        let apex = match case["subtree"].as_str() {
            None => Apex::Document,
            Some(path) => Apex::Element(select(&tree, path, namespaces)),
        };
        let expected = std::fs::read(folder.join(case["expected"].as_str().unwrap())).unwrap();
        let actual = canonicalize(&tree, apex, &[], &method);
        let (actual, expected) = (String::from_utf8(actual).unwrap(), String::from_utf8(expected).unwrap());
        assert_eq!(actual, expected, "{} {}", case["case"], case["mode"]);
        right += 1;
    }
    assert_eq!(right + refused, 125);
    assert_eq!(refused, 6, "every case of the document with a DOCTYPE is refused, and no other");
}

/// Understands the three shapes of XPath that the vectors use.
fn select(tree: &Tree<'_>, path: &str, namespaces: &Value) -> roxmltree::NodeId {
    let name = path.strip_prefix("//").unwrap();
    let found = tree.document().descendants().find(|node| {
        if let Some(local) = name.strip_prefix("*[local-name()=\"").and_then(|rest| rest.strip_suffix("\"]")) {
            node.is_element() && node.tag_name().name() == local
        } else if let Some((prefix, local)) = name.split_once(':') {
            node.has_tag_name((namespaces[prefix].as_str().unwrap(), local))
        } else {
            node.is_element() && node.tag_name().name() == name && node.tag_name().namespace().is_none()
        }
    });
    found.unwrap().id()
}

#[test]
fn what_the_writer_writes_is_its_own_canonical_form() {
    let body = support::body();
    let tree = Tree::parse(body.as_bytes(), &Limits::default()).unwrap();
    let canonical = canonicalize(&tree, Apex::Document, &[], &Method::EXCLUSIVE);
    assert_eq!(String::from_utf8(canonical).unwrap(), body);
}

#[test]
fn the_writer_declares_a_prefix_again_in_a_sibling_and_sorts_attributes() {
    static TABLE: &[(&str, &str)] = &[("a", "urn:z"), ("b", "urn:y")];
    let mut writer = Writer::with_namespaces(TABLE);
    writer.open("r", &[]);
    writer.open("a:x", &[("b:q", "1"), ("a:p", "2"), ("z", "3"), ("xml:lang", "ro")]).leaf("a:y", "").close();
    writer.leaf("a:x", "&").close();
    assert_eq!(
        writer.finish().unwrap(),
        concat!(
            r#"<r><a:x xmlns:a="urn:z" xmlns:b="urn:y" z="3" xml:lang="ro" b:q="1" a:p="2"><a:y></a:y></a:x>"#,
            r#"<a:x xmlns:a="urn:z">&amp;</a:x></r>"#
        )
    );
}

#[test]
fn the_writer_refuses_what_is_not_xml() {
    for character in ['\0', '\u{8}', '\u{1F}', '\u{FFFE}', '\u{FFFF}'] {
        let mut writer = Writer::with_namespaces(support::NAMESPACES);
        writer.leaf("a", &format!("x{character}y"));
        assert_eq!(writer.finish(), Err(CanonicalError::IllegalCharacter { name: "a", character }));
        let mut writer = Writer::with_namespaces(support::NAMESPACES);
        writer.leaf_with("a", &[("b", &format!("x{character}y"))], "");
        assert_eq!(writer.finish(), Err(CanonicalError::IllegalCharacter { name: "b", character }));
    }
    let written = |act: for<'w> fn(&'w mut Writer) -> &'w mut Writer| {
        let mut writer = Writer::with_namespaces(support::NAMESPACES);
        act(&mut writer);
        writer.finish()
    };
    assert_eq!(written(|w| w.leaf("a", "\u{FFFD}\u{10FFFF}\u{7F}")).unwrap(), "<a>\u{FFFD}\u{10FFFF}\u{7F}</a>");
    assert_eq!(written(|w| w.leaf("q:a", "")), Err(CanonicalError::UnknownPrefix("q:a")));
    assert_eq!(written(|w| w.open("a", &[])), Err(CanonicalError::Unbalanced));
    assert_eq!(written(|w| w.close()), Err(CanonicalError::Unbalanced));
    assert_eq!(written(|w| w.text("a")), Err(CanonicalError::Unbalanced));
    assert_eq!(written(|w| w.leaf("a", "").leaf("b", "")), Err(CanonicalError::Unbalanced));
    assert_eq!(written(|w| w.leaf_with("a", &[("b", ""), ("b", "")], "")), Err(CanonicalError::BadAttributes("a")));
}

#[test]
fn generated_trees_have_the_canonical_form_that_libxml2_gives() {
    if support::program("xmllint").is_none() {
        return;
    }
    let mut random = Random(20_261_122);
    for round in 0..150 {
        let xml = generate(&mut random);
        let tree = Tree::parse(xml.as_bytes(), &Limits::default()).unwrap_or_else(|error| panic!("{error}: {xml}"));
        for (flag, algorithm) in
            [("--exc-c14n", Algorithm::ExclusiveWithComments), ("--c14n", Algorithm::InclusiveWithComments)]
        {
            let ours = canonicalize(&tree, Apex::Document, &[], &Method::of(algorithm));
            let theirs = xmllint(flag, &xml);
            assert_eq!(String::from_utf8(ours).unwrap(), theirs, "round {round}, {flag}: {xml}");
        }
    }
}

fn xmllint(flag: &str, xml: &str) -> String {
    let mut child = Command::new("xmllint")
        .args([flag, "-"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(xml.as_bytes()).unwrap();
    String::from_utf8(child.wait_with_output().unwrap().stdout).unwrap()
}

/// A small generator of numbers, so that a failing round can be repeated.
struct Random(u64);

impl Random {
    fn below(&mut self, limit: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 % limit as u64) as usize
    }

    fn pick<'s>(&mut self, from: &[&'s str]) -> &'s str {
        from[self.below(from.len())]
    }
}

// Namespace names stay plain ASCII: libxml2 2.9 writes `&` in them unescaped and gives up on other letters.
fn generate(random: &mut Random) -> String {
    let mut xml = String::new();
    if random.below(2) == 0 {
        xml.push_str("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
    }
    if random.below(3) == 0 {
        xml.push_str("<!-- before\r\nroot --><?pi  some \r\n data?>");
    }
    element(random, &mut xml, 0, &mut vec![("p", "urn:1"), ("q", "urn:2")], true);
    if random.below(3) == 0 {
        xml.push_str("\n<?after?><!--x-->\n");
    }
    xml
}

fn element<'s>(random: &mut Random, xml: &mut String, depth: usize, scope: &mut Vec<(&'s str, &'s str)>, root: bool) {
    let mark = scope.len();
    let mut declarations = String::new();
    let mut declare = |prefix: &str, uri: &str| match prefix {
        "" => declarations.push_str(&format!(" xmlns='{uri}'")),
        _ => declarations.push_str(&format!(" xmlns:{prefix} = \"{uri}\"")),
    };
    if root {
        declare("p", "urn:1");
        declare("q", "urn:2");
    }
    for prefix in ["", "p", "q", "ș"] {
        if random.below(4) == 0 && !(root && (prefix == "p" || prefix == "q")) {
            let uri = random.pick(&["urn:1", "urn:2", "urn:3", "urn:4"]);
            let uri = if prefix.is_empty() && random.below(2) == 0 { "" } else { uri };
            declare(prefix, uri);
            scope.push((prefix, uri));
        }
    }
    let prefixes: Vec<&str> = scope.iter().map(|(prefix, _)| *prefix).filter(|prefix| !prefix.is_empty()).collect();
    let qualify = |random: &mut Random, local: &str| match random.below(2) {
        0 => local.to_owned(),
        _ => format!("{}:{local}", prefixes[random.below(prefixes.len())]),
    };
    let name = qualify(random, "e");
    xml.push_str(&format!("<{name}{declarations}"));
    for local in ["a", "b", "ă"] {
        if random.below(3) == 0 {
            let value =
                random.pick(&["", "x", "&quot;&lt;&gt;&amp;'", "t\ta\nb\r\nc\rd", "&#9;&#10;&#13;&#32;", "ț😀"]);
            xml.push_str(&format!(" {}=\"{value}\"", qualify(random, local)));
        }
    }
    if random.below(5) == 0 {
        xml.push_str(" xml:lang='ro'");
    }
    if random.below(6) == 0 {
        xml.push_str(" />");
    } else {
        xml.push('>');
        for _ in 0..random.below(4) {
            match random.below(7) {
                0..=2 if depth < 4 => element(random, xml, depth + 1, scope, false),
                3 => xml.push_str("<!-- a\r\ncomment --><?pi?>"),
                4 => xml.push_str("<![CDATA[<a>&]]>"),
                5 => xml.push_str("a &lt; &#13; \r\n b\r &#x1F600; \" ' &gt;"),
                _ => xml.push_str("text ă"),
            }
        }
        xml.push_str(&format!("</{name}>"));
    }
    scope.truncate(mark);
}
