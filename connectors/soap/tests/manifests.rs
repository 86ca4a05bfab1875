//! What a manifest may say in `[soap]`, and what is refused before anything is called, with the way out.

#![allow(clippy::unwrap_used, reason = "helpers of tests are tests")]

use connectors_contract::{Channel, Engine, Manifest};

mod support;
use support::engine;

const DELIVER: &str = "[deliver]\nbody = \"translated\"\nside_effect = \"once\"\n[soap.deliver]\nanswer = \"a\"\n";

fn error(text: &str, channel: Channel) -> String {
    let head = "system = \"x\"\nengine = \"soap\"\ntitle = { ro = \"a\", en = \"a\" }\n";
    match Manifest::parse(&format!("{head}{text}"), "x") {
        Err(error) => error.to_string(),
        Ok(manifest) if manifest.deliver.is_some() => match engine().outbound(&manifest, channel) {
            Err(error) => error.to_string(),
            Ok(_) => "no error".to_owned(),
        },
        Ok(manifest) => {
            engine().lookup(&manifest, channel).err().map_or("no error".to_owned(), |error| error.to_string())
        }
    }
}

fn channel() -> Channel {
    Channel {
        address: Some("http://127.0.0.1:9/".parse().unwrap()),
        secret: Some("user:parola".to_owned().into()),
        ..Channel::default()
    }
}

#[test]
fn what_cannot_be_spoken_is_said_before_anything_is_sent() {
    let with = |soap: &str| format!("[endpoint]\n[soap]\n{soap}\n{DELIVER}");
    let lookup = |rest: &str| {
        format!("[endpoint]\n[lookup.a]\ntitle = {{ ro = \"a\", en = \"a\" }}\ndiscloses = [\"a\"]\n{rest}\n")
    };
    let table = [
        (with(""), "no error"),
        (with("version = \"1.2\""), "no error"),
        (with("version = \"1.3\""), "x:"),
        (with("wsdl = \"a\""), "wsdl"),
        (with("security = { kind = \"kerberos\" }"), "x:"),
        (with("security = { kind = \"x509\" }"), "the identity"),
        (with("verify_answers = true"), "trust anchors"),
        (with("").replace("answer = \"a\"", "answer = \"a\"\naction = \"a\\\"b\""), "the action"),
        (with("").replace("answer = \"a\"", "answer = \"a\"\nbody = \"<a>\""), "not XML"),
        (with("").replace("answer = \"a\"", "answer = \"a\"\nbody = \"<a>{altceva}</a>\""), "{altceva}"),
        (with("").replace("answer = \"a\"", "body = \"<a/>\""), "answer"),
        (with("").replace("[soap.deliver]\nanswer = \"a\"", ""), "[soap.deliver]"),
        (format!("{}[outcome]\ncontent_type = \"text/xml\"\n", with("")), "content_type"),
        (with("").replace("[endpoint]", "[endpoint]\nauth = { kind = \"standard-webhooks\" }"), "standard-webhooks"),
        (lookup("arguments = { x = {} }\nrequest = \"<a>{x}</a>\""), "no error"),
        (lookup("arguments = { x = {} }\nrequest = \"<a>{y}</a>\""), "{y}"),
        (lookup("arguments = { x = {} }\nrequest = \"<a>{x}\""), "not XML"),
        (lookup("arguments = { x = {} }\nrequest = { a = \"{x}\" }"), "XML text"),
        (lookup(""), "without a request"),
    ];
    for (text, expected) in table {
        let said = error(&text, channel());
        assert!(said.contains(expected), "{text}\nsaid {said:?}, not {expected:?}");
        assert!(!said.contains("parola"), "{said}");
    }
    let no_user = Channel { secret: Some("parola".to_owned().into()), ..channel() };
    let said = error(&with("security = { kind = \"username-token\", password = \"text\" }"), no_user);
    assert!(said.contains("user:password") && !said.contains("parola\""), "{said}");
}
