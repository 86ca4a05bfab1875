//! What a sender gets wrong: told where and how to put it right, and nothing of it stays but a sealed rejection.

use serde_json::{Value, json};
use tests::client::{Answer, ask, form};
use tests::county::{DIRECTORATE, HUB_TOWN, SENDER};
use tests::documents::{inquiry, inquiry_envelope, inquiry_parts, letter, request_for_assessment};
use tests::{Client, Database, TestHub};

type Parts = Vec<(String, Vec<u8>)>;

/// One mistake: what it is, how it is made, and what the sender is told.
struct Mistake {
    what: &'static str,
    make: fn(&mut Value, &mut Parts),
    code: &'static str,
    /// Rule and pointer of violations that must be among those told.
    told: &'static [(&'static str, &'static str)],
}

const MISTAKES: &[Mistake] = &[
    Mistake {
        what: "a part is in the envelope but was not sent",
        make: |_, parts| drop(parts.remove(1)),
        code: "parts-mismatch",
        told: &[("part.missing", "/envelope/parts/1")],
    },
    Mistake {
        what: "a part was sent but is not in the envelope",
        make: |_, parts| parts.push(("in-plus.pdf".to_owned(), b"%PDF-1.4 more".to_vec())),
        code: "parts-mismatch",
        told: &[("part.unexpected", "/envelope/parts")],
    },
    Mistake {
        what: "a part does not have the hash it should, and is too large for the database",
        make: |envelope, parts| {
            envelope["parts"][2]["sha256"] = "00".repeat(32).into();
            parts[2].1 = vec![b'x'; 200_000];
        },
        code: "hash-mismatch",
        told: &[("part.hash", "/envelope/parts/2/sha256")],
    },
    Mistake {
        what: "the recipient is not in the directory",
        make: |envelope, _| envelope["recipients"][0]["party"] = "uat-000000".into(),
        code: "unknown-recipient",
        told: &[("recipient.unknown", "/envelope/recipients/0/party")],
    },
    Mistake {
        what: "the document type is not in the catalogue",
        make: |envelope, _| envelope["document_type"] = "ancheta-spatiala".into(),
        code: "unknown-document-type",
        told: &[("document-type.unknown", "/envelope/document_type")],
    },
    Mistake {
        what: "the version is not in the catalogue",
        make: |envelope, _| envelope["document_version"] = "9.0".into(),
        code: "unknown-document-version",
        told: &[("document-type.version", "/envelope/document_version")],
    },
    Mistake {
        what: "no agreement names the recipient",
        make: |envelope, _| envelope["recipients"][0]["party"] = SENDER.into(),
        code: "no-agreement",
        told: &[("agreement.none", "/envelope/recipients/0/party")],
    },
    Mistake {
        what: "the agreement is over",
        make: |envelope, parts| (*envelope, *parts) = request_for_assessment(&[DIRECTORATE]),
        code: "agreement-expired",
        told: &[("agreement.expired", "/envelope/recipients/0/party")],
    },
    Mistake {
        what: "the control digit of the CNP fails",
        make: |_, parts| change_body(parts, |body| body["persoana"]["cnp"] = WRONG_CNP.into()),
        code: "invalid-content",
        told: &[("format.cnp", "/body/persoana/cnp")],
    },
    Mistake {
        what: "a SIRUTA code is not in the list",
        make: |envelope, parts| {
            envelope["territory"] = "999999".into();
            change_body(parts, |body| body["adresa"]["uat_siruta"] = "999999".into());
        },
        code: "invalid-content",
        told: &[("code-list.siruta", "/envelope/territory"), ("code-list.siruta", "/body/adresa/uat_siruta")],
    },
    Mistake {
        what: "many rules of the type are broken, and all are told at once",
        make: |_, parts| {
            change_body(parts, |body| {
                body["antet"]["data"] = "20 ianuarie".into();
                body["antet"]["tip_evaluare"] = "oarecare".into();
                body["autonomie"]["igiena"] = 7.into();
                body["persoana"].as_object_mut().unwrap().remove("nume");
                body["persoana"]["poreclă"] = "nu e în schemă".into();
            });
        },
        code: "invalid-content",
        told: &[
            ("format.date", "/body/antet/data"),
            ("code-list.tip-evaluare", "/body/antet/tip_evaluare"),
            ("enum", "/body/autonomie/igiena"),
            ("required", "/body/persoana/nume"),
            ("additional-properties", "/body/persoana/poreclă"),
        ],
    },
    Mistake {
        what: "the document type has no part with this role",
        make: |envelope, _| envelope["parts"][1]["role"] = "roman".into(),
        code: "parts-mismatch",
        told: &[("part.role", "/envelope/parts/1/role")],
    },
    Mistake {
        what: "the media type is not accepted",
        make: |envelope, _| envelope["parts"][2]["content_type"] = "application/x-msdownload".into(),
        code: "parts-mismatch",
        told: &[("part.media-type", "/envelope/parts/2/content_type")],
    },
    Mistake {
        what: "the subject holds control characters",
        make: |envelope, _| envelope["subject"] = "Anchetă\u{0}socială\n".into(),
        code: "invalid-content",
        told: &[("text.control", "/envelope/subject")],
    },
    Mistake {
        what: "names hold characters that no evidence can carry",
        make: |envelope, parts| {
            envelope["recipients"] = json!([{"party": "uat-\u{1}"}]);
            envelope["parts"][2]["name"] = "anexă\u{7}.pdf".into();
            envelope["parts"][2]["content_type"] = "application/\u{b}".into();
            envelope["parts"][1]["role"] = "origi\u{0}nal".into();
            envelope["document_type"] = "ancheta\u{0}".into();
            envelope["territory"] = "\u{0}".into();
            envelope["sender_registration"] = json!({"register": "\u{1}", "number": "1\u{2}", "date": "\u{3}"});
            envelope["references"] = json!([{"register": "general", "number": "7\u{0}", "date": "2026-01-20"}]);
            parts.pop();
        },
        code: "unknown-document-type",
        told: &[
            ("text.control", "/envelope/recipients/0/party"),
            ("text.control", "/envelope/parts/2/name"),
            ("text.control", "/envelope/parts/2/content_type"),
            ("text.control", "/envelope/sender_registration/number"),
            ("registration.form", "/envelope/sender_registration/date"),
            ("text.control", "/envelope/references/0/number"),
        ],
    },
];

const WRONG_CNP: &str = "2580412259907";

fn change_body(parts: &mut Parts, change: impl FnOnce(&mut Value)) {
    let mut body = inquiry();
    change(&mut body);
    parts[0].1 = body.to_string().into_bytes();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_refused_submission_leaves_only_its_sealed_rejection() {
    Database::each(async |database| {
        let hub = TestHub::start(database).await;
        let commune = hub.client(SENDER);
        for (mistake, number) in MISTAKES.iter().zip(1..) {
            let (mut envelope, mut parts) = (inquiry_envelope(&[HUB_TOWN]), inquiry_parts());
            (mistake.make)(&mut envelope, &mut parts);
            let request = commune.request(reqwest::Method::POST, "/v1/messages").header("idempotency-key", "mistake");
            let answer = ask(request.multipart(form(&envelope, &parts))).await;
            told(mistake, &answer);
            rejected(&hub, mistake, &answer.body).await;
            assert_eq!(evidence_and_rejections(&hub).await, (number, number), "{}", mistake.what);
            nothing_kept(&hub, mistake.what).await;
        }
        // The key and the number are still free: the corrected document takes both.
        let (status, receipt) = commune.send("mistake", &inquiry_envelope(&[HUB_TOWN]), &inquiry_parts()).await;
        assert_eq!(status, 201, "{receipt:#}");
        assert_eq!(receipt["sender_registration"]["number"], "1");
        commune.wait_for_delivery(receipt["message_id"].as_str().unwrap(), HUB_TOWN, "consigned").await;
        hub.stop().await;
    })
    .await;
}

fn told(mistake: &Mistake, answer: &Answer) {
    let (what, body) = (mistake.what, &answer.body);
    assert_eq!(answer.status, 422, "{what}: {body:#}");
    problem(answer, mistake.code);
    for violation in body["violations"].as_array().expect(what) {
        for member in ["pointer", "rule", "ro", "en"] {
            assert!(violation[member].as_str().is_some_and(|text| !text.is_empty()), "{what}: {violation:#}");
        }
    }
    for (rule, pointer) in mistake.told {
        let found =
            body["violations"].as_array().unwrap().iter().any(|one| one["rule"] == *rule && one["pointer"] == *pointer);
        assert!(found, "{what}: {rule} at {pointer} is not among {:#}", body["violations"]);
    }
    if mistake.code == "unknown-document-type" {
        assert!(body["violations"].to_string().contains("known types: adresa-inaintare"), "{:#}", body["violations"]);
    }
    assert!(!body.to_string().contains(WRONG_CNP), "{what}: personal data are not quoted");
}

/// A problem document by RFC 9457 with everything an integrator needs, Romanian first.
fn problem(answer: &Answer, code: &str) {
    assert_eq!(answer.headers["content-type"], "application/problem+json", "{code}");
    assert_eq!(answer.body["code"], code, "{:#}", answer.body);
    assert_eq!(answer.body["type"], format!("/problems/{code}"));
    assert_eq!(answer.body["status"], answer.status);
    for member in ["title", "title_en", "detail", "detail_en"] {
        assert!(answer.body[member].as_str().is_some_and(|text| !text.is_empty()), "{code} has no {member}");
    }
}

async fn rejected(hub: &TestHub, mistake: &Mistake, problem: &Value) {
    let document = problem["evidence"]["document"].as_str().expect("sealed evidence");
    let verdict = hub.verified(document);
    assert_eq!(verdict["evidence"]["event"], "SubmissionRejection", "{}", mistake.what);
    let id = problem["message_id"].as_str().expect("an id");
    assert_eq!(verdict["evidence"]["message_id"], id);
    assert!(verdict["evidence"]["reasons"].to_string().contains(mistake.told[0].0), "{verdict:#}");

    let commune = hub.client(SENDER);
    assert_eq!(commune.chain(id).await[0]["document"], document);
    let href = problem["evidence"]["href"].as_str().expect("a link");
    assert_eq!(commune.bytes(href).await, document.as_bytes());
    for stranger in [HUB_TOWN, DIRECTORATE] {
        for path in [format!("/v1/messages/{id}/evidence"), href.to_owned()] {
            assert_eq!(hub.client(stranger).get(&path).await.0, 404, "{stranger} learns of {}", mistake.what);
        }
    }
    assert_eq!(commune.get(&format!("/v1/messages/{id}")).await.0, 404, "there is no message");
}

async fn evidence_and_rejections(hub: &TestHub) -> (i64, i64) {
    let evidence = hub.number("select cast(count(*) as bigint) as number from evidence").await;
    (evidence, hub.number("select cast(count(*) as bigint) as number from rejection").await)
}

async fn nothing_kept(hub: &TestHub, what: &str) {
    let tables = [
        "select cast(count(*) as bigint) as number from message",
        "select cast(count(*) as bigint) as number from payload",
        "select cast(count(*) as bigint) as number from register_entry",
        "select cast(count(*) as bigint) as number from register_series",
        "select cast(count(*) as bigint) as number from delivery",
        "select cast(count(*) as bigint) as number from job",
    ];
    for sql in tables {
        assert_eq!(hub.number(sql).await, 0, "{what}: {sql}");
    }
    assert_eq!(hub.blobs(), (0, 0), "{what}: payloads are left in the blob store");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_cannot_be_read_is_refused_with_the_place_and_nothing_is_kept() {
    Database::each(async |database| {
        let hub = TestHub::start_with(database, |config| {
            config.limits.part_bytes = 100_000;
            config.limits.json_bytes = 20_000;
        })
        .await;
        let commune = hub.client(SENDER);
        let part = |name: &str, content: &str| {
            format!("--x\r\ncontent-disposition: form-data; name=\"{name}\"\r\n\r\n{content}\r\n")
        };
        let envelope = inquiry_envelope(&[HUB_TOWN]);
        let mut misspelt = envelope.clone();
        misspelt["recipents"] = json!([]);
        let to_town = envelope["recipients"].to_string();
        let body = inquiry().to_string();
        let forms = [
            ("no boundary", "multipart/form-data", part("envelope", "{}"), 400, "malformed-request", ""),
            ("not a form", FORM, "nothing of the kind".to_owned(), 400, "malformed-request", ""),
            ("cut off", FORM, part("envelope", &envelope.to_string()), 400, "malformed-request", ""),
            (
                "envelope not first",
                FORM,
                part("ancheta.json", &body) + &part("envelope", "{}") + "--x--",
                400,
                "malformed-request",
                "„envelope”",
            ),
            (
                "unknown field",
                FORM,
                part("envelope", &misspelt.to_string()) + "--x--",
                400,
                "malformed-request",
                "recipents",
            ),
            (
                "nobody",
                FORM,
                part("envelope", &envelope.to_string().replace(&to_town, "[]")) + "--x--",
                400,
                "malformed-request",
                "recipients",
            ),
            (
                "wrong envelope",
                FORM,
                part("envelope", "{\n  \"recipients\": [,]\n}") + "--x--",
                400,
                "malformed-request",
                "linia 2, coloana 18",
            ),
            (
                "wrong body",
                FORM,
                part("envelope", &envelope.to_string()) + &part("ancheta.json", "{\"a\":\n1,}") + "--x--",
                400,
                "malformed-request",
                "linia 2, coloana 3",
            ),
            (
                "large part",
                FORM,
                part("envelope", &envelope.to_string())
                    + &part("ancheta.pdf", &"x".repeat(90_000))
                    + &part("anexa.pdf", &"x".repeat(100_001))
                    + "--x--",
                413,
                "payload-too-large",
                "100000",
            ),
            (
                "wrong JSON",
                "application/json",
                "{\"envelope\":\n {\"recipients\": 1}}".to_owned(),
                400,
                "malformed-request",
                "linia 2",
            ),
            ("wrong base64", "application/json", wrong_base64().to_string(), 400, "malformed-request", "base64"),
            (
                "large JSON",
                "application/json",
                letter(&[HUB_TOWN], &"x".repeat(20_000)).to_string(),
                413,
                "payload-too-large",
                "20000",
            ),
            ("XML", "application/xml", "<a/>".to_owned(), 415, "unsupported-media-type", "application/json"),
        ];
        for (what, media_type, body, status, code, says) in forms {
            let answer = commune.submit("unreadable", media_type, body).await;
            assert_eq!(answer.status, status, "{what}: {:#}", answer.body);
            problem(&answer, code);
            assert!(answer.body["detail"].as_str().unwrap().contains(says), "{what}: {:#}", answer.body);
            nothing_kept(&hub, what).await;
        }
        assert_eq!(evidence_and_rejections(&hub).await, (0, 0), "what cannot be read is no submission");
        hub.stop().await;
    })
    .await;
}

const FORM: &str = "multipart/form-data; boundary=x";

fn wrong_base64() -> Value {
    let mut letter = letter(&[HUB_TOWN], "text");
    letter["parts"] = json!([{"name": "anexa.pdf", "content_base64": "nu e base64"}]);
    letter
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nobody_sends_without_a_key_of_their_own_nor_without_a_key_of_the_document() {
    Database::each(async |database| {
        let hub = TestHub::start(database).await;
        let text = letter(&[HUB_TOWN], "text").to_string();
        let stranger = Client::of(&hub.running().url(), "nobody");
        let answer = stranger.submit("key", "application/json", text.clone()).await;
        assert_eq!((answer.status, &answer.headers["www-authenticate"]), (401, &"Bearer".parse().unwrap()));
        problem(&answer, "unauthenticated");

        let commune = hub.client(SENDER);
        let long = "k".repeat(129);
        for key in [None, Some(""), Some("   "), Some("two words"), Some("cheie-ș"), Some(long.as_str())] {
            let mut request = commune.request(reqwest::Method::POST, "/v1/messages");
            if let Some(key) = key {
                request = request
                    .header("idempotency-key", reqwest::header::HeaderValue::from_bytes(key.as_bytes()).unwrap());
            }
            let answer = ask(request.header("content-type", "application/json").body(text.clone())).await;
            assert_eq!(answer.status, 400, "{key:?}");
            problem(&answer, "idempotency-key");
        }
        nothing_kept(&hub, "no key").await;
        hub.stop().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn letters_with_cedilla_are_registered_with_comma_below_and_kept_as_they_came() {
    Database::each(async |database| {
        let hub = TestHub::start(database).await;
        let commune = hub.client(SENDER);
        let (mut envelope, mut parts) = (inquiry_envelope(&[HUB_TOWN]), inquiry_parts());
        envelope["subject"] = "Anchetă socială Şişeşti, Ţânţăreni".into();
        change_body(&mut parts, |body| body["persoana"]["nume"] = "Ţiganu".into());
        let (status, receipt) = commune.send("cedilla", &envelope, &parts).await;
        assert_eq!(status, 201, "{receipt:#}");
        let message = receipt["message_id"].as_str().unwrap();
        commune.wait_for_delivery(message, HUB_TOWN, "consigned").await;
        for party in [SENDER, HUB_TOWN] {
            let (_, register) = hub.client(party).get("/v1/registers/general/entries").await;
            assert_eq!(register["entries"][0]["subject"], "Anchetă socială Șișești, Țânțăreni", "{party}");
        }
        assert_eq!(commune.bytes(&format!("/v1/messages/{message}/parts/ancheta.json")).await, parts[0].1);
        assert_eq!(commune.get(&format!("/v1/messages/{message}")).await.1["subject"], envelope["subject"]);
        hub.stop().await;
    })
    .await;
}
