//! A clerk's day in the console: what waits, what came in, taking it, answering it, and forms that lose nothing.
//! All persons are invented.

use serde_json::{Value, json};
use tests::client::ask;
use tests::county::{HUB_TOWN, INBOX_TOWN, SENDER, WEBHOOK_TOWN};
use tests::documents::letter;
use tests::people::{Browser, Page, signed_in};
use tests::{Database, TestHub};

/// What every form of a page carries.
fn token(page: &Page) -> String {
    page.between("name=\"form\" value=\"", "\"")
}

fn key(page: &Page) -> String {
    page.between("name=\"key\" value=\"", "\"")
}

/// Sends the form of a page with these fields.
async fn fill(who: &mut Browser, page: &Page, path: &str, fields: &[(&str, &str)]) -> Page {
    let (token, key) = (token(page), key(page));
    let mut all = vec![("form", token.as_str()), ("key", key.as_str())];
    all.extend_from_slice(fields);
    who.form(path, &all).await
}

/// Has a letter with a PDF sent to the town; answers the message.
async fn letter_with_annex(hub: &TestHub, subject: &str, consent: bool) -> String {
    let mut envelope = letter(&[HUB_TOWN], subject)["envelope"].clone();
    envelope["subject"] = subject.into();
    envelope["parts"] = json!([
        {"name": "scrisoare.json", "role": "body", "content_type": "application/json"},
        {"name": "anexă.pdf", "role": "anexa", "content_type": "application/pdf"},
    ]);
    if consent {
        envelope["consignment"] = "consent".into();
    }
    let parts = [
        (
            "scrisoare.json".to_owned(),
            json!({"subiect": subject, "text": "Vă rugăm <b>răspundeți</b>."}).to_string().into_bytes(),
        ),
        ("anexă.pdf".to_owned(), b"%PDF-1.4 invented\n".to_vec()),
    ];
    let sender = hub.client(WEBHOOK_TOWN);
    let (status, receipt) = sender.send("letter", &envelope, &parts).await;
    assert_eq!(status, 201, "{receipt:#}");
    let message = receipt["message_id"].as_str().unwrap().to_owned();
    let state = if consent { "announced" } else { "consigned" };
    sender.wait_for_delivery(&message, HUB_TOWN, state).await;
    message
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_clerk_finds_opens_takes_and_answers_what_came_in() {
    Database::each(|database| async move {
        let hub = TestHub::start(database).await;
        let message = letter_with_annex(&hub, "Întrebare despre un dosar", false).await;
        let mut ana = signed_in(&hub, HUB_TOWN, "ana@oras.example", &["clerk"]).await;

        assert_eq!(ana.open("/console").await.location, "/console/work", "work is the first page");
        let page = ana.open("/console/work").await;
        assert!(
            page.text.contains("<b>1</b>De preluat") && page.text.contains("Întrebare despre un dosar"),
            "{}",
            page.text
        );

        let page = ana.open("/console/inbox?sender=severin").await;
        assert!(page.text.contains("Municipiul Drobeta-Turnu Severin"), "{}", page.text);
        assert!(page.text.contains(&format!("class=\"opens\" href=\"/console/documents/{message}\"")), "{}", page.text);
        for nothing in
            ["sender=sisesti", "q=altceva", "document_type=factura-electronica", "state=refused", "to=2020-01-01"]
        {
            let page = ana.open(&format!("/console/inbox?{nothing}")).await;
            assert!(page.text.contains("Nimic nu se potrivește"), "{nothing}: {}", page.text);
        }
        assert!(ana.open("/console/inbox?q=intrebare").await.text.contains("Întrebare despre un dosar"));

        read_it(&mut ana, &message).await;
        take_it(&mut ana, &message).await;
        answer_it(&hub, &mut ana, &message).await;

        let mut far = signed_in(&hub, "uat-far", "far@comuna.example", &["clerk"]).await;
        for path in ["", "/parts/scrisoare.json"] {
            let page = far.open(&format!("/console/documents/{message}{path}")).await;
            assert_eq!(page.status, 404, "another institution's document is not there");
            assert!(!page.text.contains("Întrebare"), "{}", page.text);
        }
        assert!(!far.open("/console/sent").await.text.contains("Întrebare"));
        hub.stop().await;
    })
    .await;
}

/// The page of the document says what it is, shows what is in it as facts and in a frame, and never as a page.
async fn read_it(ana: &mut Browser, message: &str) {
    let page = ana.open(&format!("/console/documents/{message}")).await;
    assert_eq!(page.status, 200, "{}", page.text);
    for part in [
        "Document de tip „Document generic”, trimis de Municipiul Drobeta-Turnu Severin la ",
        "Orașul Baia de Aramă: așteaptă preluarea.",
        "<dt>Subiectul</dt>",
        "Vă rugăm &#60;b&#62;răspundeți",
        "<iframe class=\"viewer\" src=\"/console/documents/",
        "Documentul a fost preluat pentru livrare",
        "recipisa PDF",
        "Preia documentul",
    ] {
        assert!(page.text.contains(part), "{part} is not in {}", page.text);
    }
    let pdf = ana.open(&format!("/console/documents/{message}/parts/anex%C4%83.pdf")).await;
    assert_eq!((pdf.status, pdf.headers["content-type"].to_str().unwrap()), (200, "application/pdf"));
    assert!(pdf.headers["content-disposition"].to_str().unwrap().starts_with("inline"));
    assert!(pdf.headers["content-security-policy"].to_str().unwrap().contains("frame-ancestors 'self'"));
    let body = ana.open(&format!("/console/documents/{message}/parts/scrisoare.json")).await;
    assert_eq!(body.headers["content-type"], "application/octet-stream", "what is no picture is downloaded");
    assert!(body.headers["content-disposition"].to_str().unwrap().starts_with("attachment"));
}

async fn take_it(ana: &mut Browser, message: &str) {
    let page = ana.open(&format!("/console/documents/{message}")).await;
    let delivery = page.between("name=\"delivery\" value=\"", "\"");
    let path = format!("/console/documents/{message}");
    let refused = fill(ana, &page, &format!("{path}/reject"), &[("delivery", &delivery), ("reason", "x")]).await;
    assert_eq!(refused.status, 422, "{}", refused.text);
    assert!(
        refused.text.contains("între 3 și 500 de caractere") && refused.text.contains("value=\"x\""),
        "{}",
        refused.text
    );
    let taken = fill(ana, &page, &format!("{path}/accept"), &[("delivery", &delivery)]).await;
    assert_eq!((taken.status, taken.location), (303, format!("{path}?told=taken")));
    let page = ana.open(&format!("{path}?told=taken")).await;
    for part in [
        "Documentul este preluat",
        "Documentul a fost predat destinatarului",
        "Răspunde",
        "/console/registers/general/",
    ] {
        assert!(page.text.contains(part), "{part} is not in {}", page.text);
    }
    assert!(!page.text.contains("Preia documentul"), "what is taken is not taken again");
}

async fn answer_it(hub: &TestHub, ana: &mut Browser, message: &str) {
    let page = ana.open(&format!("/console/new?reply={message}")).await;
    assert!(page.text.contains("value=\"Răspuns: Întrebare despre un dosar\""), "{}", page.text);
    assert!(page.text.contains(&format!("<option value=\"{WEBHOOK_TOWN}\" selected>")), "{}", page.text);
    let reference = page.between("name=\"reference\" value=\"", "\"").replace("&#34;", "\"");
    let field = |text: &'static str| {
        vec![
            ("type", "document-generic"),
            ("reply", message),
            ("/envelope/recipients/0/party", WEBHOOK_TOWN),
            ("/envelope/subject", "Răspunsul nostru"),
            ("/envelope/purpose", "corespondenta"),
            ("/envelope/legal_basis", "OG nr. 27/2002"),
            ("/body/subiect", "Răspunsul nostru"),
            ("/body/text", text),
            ("/body/data", "2026-13-77"),
        ]
    };
    let mut bad = field("");
    bad.push(("reference", &reference));
    let refused = fill(ana, &page, "/console/new", &bad).await;
    assert_eq!(refused.status, 422, "{}", refused.text);
    for part in
        ["id=\"f-body-text-wrong\"", "id=\"f-body-data-wrong\"", "aria-invalid=\"true\"", "value=\"Răspunsul nostru\""]
    {
        assert!(refused.text.contains(part), "{part} is not in {}", refused.text);
    }
    let mut good = field("Dosarul este complet.\r\nCu stimă.");
    good.retain(|(name, _)| *name != "/body/data");
    good.push(("reference", &reference));
    let sent = fill(ana, &refused, "/console/new", &good).await;
    assert_eq!(sent.status, 303, "{}", sent.text);
    assert!(sent.location.ends_with("?told=sent"), "{}", sent.location);
    let place = sent.location.trim_end_matches("?told=sent").to_owned();
    let answer = place.rsplit('/').next().unwrap().to_owned();
    hub.client(HUB_TOWN).wait_for_delivery(&answer, WEBHOOK_TOWN, "handed_over").await;
    let page = ana.open(&sent.location).await;
    for part in ["are număr de înregistrare", "răspunde la", "Întrebare despre un dosar", "Dosarul este complet."] {
        assert!(page.text.contains(part), "{part} is not in {}", page.text);
    }
    let page = ana.open("/console/sent?recipient=severin&state=handed_over").await;
    assert!(page.text.contains(&place) && page.text.contains("preluat"), "{}", page.text);
    let file = ana.open("/console/sent?as=csv").await;
    assert_eq!(file.text.lines().count(), 2, "{}", file.text);
    ana.form("/console/language", &[("language", "en"), ("back", "/console/work")]).await;
    let page = ana.open(&place).await;
    assert!(page.text.contains("The document was handed over to the recipient"), "{}", page.text);
    assert!(
        page.text.contains("A document of type &#34;Generic document&#34;, sent by Orașul Baia de Aramă"),
        "{}",
        page.text
    );
    for (path, words) in [
        ("/console/work", "Due within seven days"),
        ("/console/inbox", "To be accepted"),
        ("/console/sent", "Sent documents"),
        ("/console/new", "Generic document"),
        ("/console/search", "Purpose of the search"),
    ] {
        let page = ana.open(path).await;
        assert!(page.status == 200 && page.text.contains(words), "{path}: {}", page.text);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_asks_for_consent_is_opened_only_after_it_and_can_be_rejected() {
    let hub = TestHub::start(Database::Sqlite).await;
    let message = letter_with_annex(&hub, "Numai cu acord", true).await;
    let mut ana = signed_in(&hub, HUB_TOWN, "ana@oras.example", &["clerk"]).await;
    let place = format!("/console/documents/{message}");
    let page = ana.open(&place).await;
    assert!(page.text.contains("Accept primirea") && !page.text.contains("<dt>Subiectul</dt>"), "{}", page.text);
    assert_eq!(ana.open(&format!("{place}/parts/scrisoare.json")).await.status, 409, "nothing is shown before");
    let delivery = page.between("name=\"delivery\" value=\"", "\"");
    let page = fill(&mut ana, &page, &format!("{place}/consent"), &[("delivery", &delivery)]).await;
    assert_eq!(page.location, format!("{place}?told=consented"), "{}", page.text);
    let page = ana.open(&place).await;
    assert!(page.text.contains("<dt>Subiectul</dt>"), "{}", page.text);
    let reason = [("delivery", delivery.as_str()), ("reason", "Nu este de competența noastră")];
    let page = fill(&mut ana, &page, &format!("{place}/reject"), &reason).await;
    assert_eq!(page.location, format!("{place}?told=rejected"), "{}", page.text);
    let page = ana.open(&place).await;
    assert!(
        page.text.contains("Nu este de competența noastră") && !page.text.contains("Preia documentul"),
        "{}",
        page.text
    );
    hub.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_form_made_of_a_schema_grows_rows_checks_itself_and_keeps_what_was_typed() {
    let hub = TestHub::start(Database::Sqlite).await;
    let mut ana = signed_in(&hub, HUB_TOWN, "ana@oras.example", &["clerk"]).await;
    let page = ana.open("/console/new").await;
    assert!(page.text.contains("/console/new?type=ancheta-sociala-adult"), "{}", page.text);
    assert!(!page.text.contains("factura-electronica"), "what no agreement allows is not offered");
    let page = ana.open("/console/new?type=ancheta-sociala-adult").await;
    for part in [
        "<legend>Persoana evaluată</legend>",
        "name=\"/body/persoana/cnp\"",
        "CNP, 13 cifre",
        "<option value=\"initiala\">",
        "<option value=\"ajutor-partial\">",
        "name=\"/body/antet/data\" value=\"\" type=\"date\"",
        "name=\"add\" value=\"/body/persoana/copii\"",
        "name=\"file:original\"",
    ] {
        assert!(page.text.contains(part), "{part} is not in {}", page.text);
    }
    let typed = [
        ("type", "ancheta-sociala-adult"),
        ("/envelope/recipients/0/party", WEBHOOK_TOWN),
        ("/envelope/subject", "Ancheta \"nouă\""),
        ("/envelope/purpose", "evaluare-handicap"),
        ("/envelope/legal_basis", "HG nr. 430/2008"),
        ("/body/persoana/nume", "Inventata"),
        ("/body/persoana/cnp", "1234567890123"),
        ("rows:/body/persoana/copii", "1"),
        ("/body/persoana/copii/0/nume", "Copil inventat"),
    ];
    let mut more = typed.to_vec();
    more.push(("add", "/body/persoana/copii"));
    let grown = fill(&mut ana, &page, "/console/new", &more).await;
    assert_eq!(grown.status, 200, "{}", grown.text);
    for part in ["name=\"/body/persoana/copii/1/nume\"", "value=\"Copil inventat\"", "value=\"Ancheta &#34;nouă&#34;\""]
    {
        assert!(grown.text.contains(part), "{part} is not in {}", grown.text);
    }
    let told = fill(&mut ana, &grown, "/console/new/check", &typed).await;
    assert!(told.status == 200 && told.text.contains("href=\"#f-body-persoana-cnp\""), "{}", told.text);
    assert!(!told.text.contains("<html"), "{}", told.text);
    assert!(ana.open("/console/sent").await.text.contains("Niciun document trimis"), "a check keeps nothing");
    let refused = fill(&mut ana, &grown, "/console/new", &typed).await;
    assert_eq!(refused.status, 422);
    for part in
        ["id=\"f-body-persoana-cnp-wrong\"", "value=\"1234567890123\"", "value=\"Copil inventat\"", "href=\"#f-body-"]
    {
        assert!(refused.text.contains(part), "{part} is not in {}", refused.text);
    }
    hub.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_file_that_was_chosen_is_still_there_after_a_refusal() {
    let hub = TestHub::start(Database::Sqlite).await;
    let mut ana = signed_in(&hub, HUB_TOWN, "ana@oras.example", &["clerk"]).await;
    let page = ana.open("/console/new?type=document-generic").await;
    let form = |page: &Page, text: &str, file: bool| {
        let mut fields = vec![
            ("form".to_owned(), token(page)),
            ("key".to_owned(), key(page)),
            ("type".to_owned(), "document-generic".to_owned()),
            ("/envelope/recipients/0/party".to_owned(), WEBHOOK_TOWN.to_owned()),
            ("/envelope/subject".to_owned(), "Cu anexă".to_owned()),
            ("/envelope/purpose".to_owned(), "corespondenta".to_owned()),
            ("/envelope/legal_basis".to_owned(), "OG nr. 27/2002".to_owned()),
            ("/body/subiect".to_owned(), "Cu anexă".to_owned()),
            ("/body/text".to_owned(), text.to_owned()),
        ];
        if !file {
            fields.push(("kept".to_owned(), page.between("name=\"kept\" value=\"", "\"")));
        }
        let mut body = String::new();
        for (name, value) in fields {
            body += &format!("--B\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n");
        }
        if file {
            body += "--B\r\nContent-Disposition: form-data; name=\"file:anexa\"; filename=\"C:\\acte\\notă.pdf\"\r\n\
                     Content-Type: application/pdf\r\n\r\n%PDF-1.4 invented\r\n";
        }
        body + "--B--\r\n"
    };
    let sent = async |ana: &mut Browser, body: String| {
        let request = ana.request(reqwest::Method::POST, "/console/new");
        ana.send(request.header("content-type", "multipart/form-data; boundary=B").body(body)).await
    };
    let refused = sent(&mut ana, form(&page, "", true)).await;
    assert_eq!(refused.status, 422, "{}", refused.text);
    assert!(refused.text.contains("Păstrate din completarea dinainte: notă.pdf"), "{}", refused.text);
    let taken = sent(&mut ana, form(&refused, "Textul", false)).await;
    assert_eq!(taken.status, 303, "{}", taken.text);
    let place = taken.location.split('?').next().unwrap().to_owned();
    hub.client(HUB_TOWN).wait_for_delivery(place.rsplit('/').next().unwrap(), WEBHOOK_TOWN, "handed_over").await;
    let file = ana.open(&format!("{place}/parts/not%C4%83.pdf")).await;
    assert_eq!((file.status, file.text.as_str()), (200, "%PDF-1.4 invented"));
    hub.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn lists_of_the_api_go_on_by_key_in_both_orders_and_stay_within_the_institution() {
    Database::each(|database| async move {
        let hub = TestHub::start(database).await;
        let sender = hub.client(SENDER);
        let mut sent = Vec::new();
        for number in 1..=5 {
            let (status, receipt) =
                sender.post("/v1/messages", &format!("list-{number}"), &letter(&[HUB_TOWN, INBOX_TOWN], "Lista")).await;
            assert_eq!(status, 201, "{receipt:#}");
            let message = receipt["message_id"].as_str().unwrap().to_owned();
            sender.wait_for_delivery(&message, HUB_TOWN, "consigned").await;
            sender.wait_for_delivery(&message, INBOX_TOWN, "consigned").await;
            sent.push(message);
        }
        let town = hub.client(HUB_TOWN);
        let ids = |answer: &Value| -> Vec<String> {
            answer["items"]
                .as_array()
                .unwrap()
                .iter()
                .map(|one| one["message_id"].as_str().unwrap().to_owned())
                .collect()
        };
        for (client, path) in [(&sender, "/v1/messages?state=consigned"), (&town, "/v1/inbox?state=all")] {
            let newest: Vec<String> = sent.iter().rev().cloned().collect();
            for (order, key, wanted) in [("newest", "before", &newest), ("oldest", "after", &sent)] {
                let (mut seen, mut at) = (Vec::new(), String::new());
                loop {
                    let (status, page) = client.get(&format!("{path}&order={order}&limit=2{at}")).await;
                    assert_eq!(status, 200, "{page:#}");
                    seen.extend(ids(&page));
                    let Some(next) = page["next"].as_str() else { break };
                    at = format!("&{key}={next}");
                }
                assert_eq!(&seen, wanted, "{path} {order}");
            }
        }
        let (_, inbox) = town.get("/v1/inbox?limit=1").await;
        let row = &inbox["items"][0];
        assert_eq!(row["sender_name"], "Comuna Șișești", "{inbox:#}");
        assert_eq!((&row["document_type"], &row["entry"]["register"]), (&json!("document-generic"), &json!("general")));
        assert!(row["entry"]["due_on"].is_string() && row["sender_registration"]["number"].is_string(), "{inbox:#}");
        let (_, messages) = sender.get("/v1/messages?recipient=orsova&limit=1").await;
        let to = messages["items"][0]["recipients"].as_array().unwrap();
        assert_eq!(to.iter().map(|one| one["state"].as_str().unwrap()).collect::<Vec<_>>(), ["consigned", "consigned"]);
        let (_, none) = hub.client("uat-far").get("/v1/messages").await;
        assert_eq!(none["items"], json!([]));
        for wrong in ["/v1/messages?state=oriunde", "/v1/messages?before=x", "/v1/inbox?order=x"] {
            let (status, problem) = town.get(wrong).await;
            assert_eq!((status.as_u16(), &problem["code"]), (400, &json!("malformed-request")), "{wrong}");
        }
        let (_, work) = town.get("/v1/work").await;
        assert_eq!((&work["to_take"]["count"], &work["to_take"]["more"]), (&json!(5), &json!(false)), "{work:#}");
        assert_eq!(work["to_take"]["items"][0]["message_id"], json!(sent[0]), "the oldest waits first");
        assert_eq!(work["to_assign"]["count"], 5, "{work:#}");
        let wish =
            ask(sender.request(reqwest::Method::POST, "/v1/messages/check").json(&letter(&["uat-none"], "x"))).await;
        assert_eq!((wish.status, &wish.body["acceptable"]), (200, &json!(false)), "{wish:?}");
        assert_eq!(wish.body["violations"][0]["rule"], "recipient.unknown");
        let fine =
            ask(sender.request(reqwest::Method::POST, "/v1/messages/check").json(&letter(&[HUB_TOWN], "x"))).await;
        assert_eq!((fine.status, &fine.body["acceptable"]), (200, &json!(true)), "{fine:?}");
        let (_, after) = sender.get("/v1/messages").await;
        assert_eq!(ids(&after).len(), 5, "a check leaves nothing");
        let (_, possible) = sender.get("/v1/messages/possible?document_type=document-generic").await;
        let recipients = possible["items"][0]["recipients"].as_array().unwrap();
        assert!(recipients.iter().any(|one| one["party"] == HUB_TOWN) && recipients.len() == 5, "{possible:#}");
        hub.stop().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_search_says_why_and_leads_to_what_it_found() {
    let hub = TestHub::start(Database::Sqlite).await;
    letter_with_annex(&hub, "Scara blocului", false).await;
    let mut ana = signed_in(&hub, HUB_TOWN, "ana@oras.example", &["clerk"]).await;
    let page = ana.open("/console/search?q=scara").await;
    assert!(page.text.contains("value=\"scara\"") && !page.text.contains("Scara blocului"), "{}", page.text);
    let page = ana.form("/console/search", &[("q", "scara"), ("purpose", ""), ("basis", "")]).await;
    assert_eq!(page.status, 422, "{}", page.text);
    let fields = [("q", "scara"), ("purpose", "registratură"), ("basis", "Ordinul 217/1996")];
    let mut page = ana.form("/console/search", &fields).await;
    // The index follows the registers.
    while !page.text.contains("Scara blocului") {
        assert_eq!(page.status, 200, "{}", page.text);
        tokio::task::yield_now().await;
        page = ana.form("/console/search", &fields).await;
    }
    assert!(page.text.contains("href=\"/console/registers/general/"), "{}", page.text);
    hub.stop().await;
}
