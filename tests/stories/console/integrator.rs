//! The integrator's pages: systems, a message with its views and what differs between them, a simulation that ends at the
//! agreement, a document that is tried out. All data are invented.

use serde_json::json;
use tests::county::{DIRECTORATE, HUB_TOWN, SENDER};
use tests::documents::{inquiry, inquiry_envelope, inquiry_parts};
use tests::people::{Browser, signed_in};
use tests::{Database, TestHub};

async fn delivered(hub: &TestHub) -> String {
    let sender = hub.client(SENDER);
    let (status, sent) = sender.send("exchange-1", &inquiry_envelope(&[DIRECTORATE]), &inquiry_parts()).await;
    assert!(status.is_success(), "{sent}");
    let message = sent["message_id"].as_str().unwrap().to_owned();
    sender.wait_for_delivery(&message, DIRECTORATE, "handed_over").await;
    message
}

async fn token(browser: &mut Browser) -> String {
    browser.open("/v1/session").await.json()["form_token"].as_str().unwrap().to_owned()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_integrator_follows_a_message_from_what_came_in_to_what_was_answered() {
    Database::each(|database| async move {
        let hub = TestHub::start(database).await;
        let message = delivered(&hub).await;
        let mut ion = signed_in(&hub, SENDER, "ion@comuna.example", &["integrator"]).await;
        let page = ion.open("/console/systems").await;
        assert!(
            page.text.contains("href=\"/console/systems/esocial\"") && page.text.contains("răspunde"),
            "{}",
            page.text
        );
        let page = ion.open("/console/systems/esocial").await;
        assert!(page.text.contains("Cote folosite") && page.text.contains("<progress"), "{}", page.text);
        assert!(!page.text.contains("Reia trimiterea"), "who may not resume is not asked to");

        let page = ion.open("/console/messages?system=esocial&state=handed_over").await;
        assert!(page.text.contains(&format!("/console/messages/{message}")), "{}", page.text);
        let page = ion.open(&format!("/console/messages?q={message}")).await;
        assert!(page.text.contains("predat") && page.text.contains("DGASPC Mehedinți"), "{}", page.text);
        assert!(ion.open("/console/messages?q=1").await.text.contains(&message), "by its register number");
        assert!(ion.open("/console/messages?state=failed").await.text.contains("Niciun mesaj"));

        let place = format!("/console/messages/{message}");
        let page = ion.open(&place).await;
        assert!(page.text.contains("Merge la SECPAH prin canalul esocial, după regula secpah"), "{}", page.text);
        assert!(page.text.contains("‹text›") && page.text.contains("ancheta.pdf"), "{}", page.text);
        let page = ion.open(&format!("{place}?view=sent")).await;
        assert!(page.text.contains("ancheta-sociala-adult-to-esocial"), "{}", page.text);
        let page = ion.open(&format!("{place}?view=diff&a=canonical&b=sent")).await;
        assert!(page.text.contains("<ins>+ ") && page.text.contains("<del>- "), "{}", page.text);
        let page = ion.open(&format!("{place}?view=answered")).await;
        assert!(page.text.contains("Încercări") && page.text.contains("badge good"), "{}", page.text);
        let page = ion.open(&format!("{place}?view=test")).await;
        assert!(page.text.contains("curl -sS") && page.text.contains("Subiect inventat"), "{}", page.text);
        for view in ["received", "canonical", "sent", "answered", "diff", "test"] {
            let page = ion.open(&format!("{place}?view={view}")).await;
            assert_eq!(page.status, 200);
            for secret in ["Inventata", "2580412259906", "Se gospodărește"] {
                assert!(!page.text.contains(secret), "{view} shows {secret} to who may not read messages");
            }
        }
        hub.stop().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn values_are_shown_to_who_may_read_messages_and_nothing_to_other_institutions() {
    let hub = TestHub::start(Database::Sqlite).await;
    let message = delivered(&hub).await;
    let place = format!("/console/messages/{message}?view=canonical");
    let mut ana = signed_in(&hub, SENDER, "ana@comuna.example", &["integrator", "clerk"]).await;
    let page = ana.open(&place).await;
    assert!(page.text.contains("2580412259906"), "{}", page.text);
    let test = ana.open(&format!("/console/messages/{message}?view=test")).await;
    assert!(!test.text.contains("2580412259906"), "a fixture holds no value of the message: {}", test.text);
    let mut stranger = signed_in(&hub, HUB_TOWN, "ion@oras.example", &["integrator"]).await;
    assert_eq!(stranger.open(&place).await.status, 404);
    assert!(!stranger.open(&format!("/console/messages?q={message}")).await.text.contains("DGASPC"));
    let mut clerk = signed_in(&hub, SENDER, "eva@comuna.example", &["clerk"]).await;
    assert_eq!(clerk.open(&place).await.status, 403);
    hub.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_simulation_tells_where_a_document_would_end_and_stores_nothing() {
    Database::each(|database| async move {
        let hub = TestHub::start(database).await;
        let mut ion = signed_in(&hub, SENDER, "ion@comuna.example", &["integrator"]).await;
        assert!(ion.open("/console/simulate").await.text.contains("Ce s-ar întâmpla dacă"));
        let form = token(&mut ion).await;
        let ask = |kind: &'static str| {
            let form = form.clone();
            vec![
                ("form", form),
                ("sender", SENDER.to_owned()),
                ("recipient", DIRECTORATE.to_owned()),
                ("document_type", kind.to_owned()),
                ("day", "2026-03-02".to_owned()),
            ]
        };
        let fields = ask("ancheta-sociala-adult");
        let fields: Vec<(&str, &str)> = fields.iter().map(|(name, value)| (*name, value.as_str())).collect();
        let page = ion.form("/console/simulate", &fields).await;
        assert!(page.text.contains("ar fi primit și livrat") && page.text.contains("SECPAH"), "{}", page.text);
        assert!(page.text.contains("ancheta-sociala-adult-to-esocial"), "{}", page.text);
        let fields = ask("certificat-incadrare-grad");
        let fields: Vec<(&str, &str)> = fields.iter().map(|(name, value)| (*name, value.as_str())).collect();
        let page = ion.form("/console/simulate", &fields).await;
        assert!(page.text.contains("ar fi refuzat la primire") && page.text.contains("niciun acord"), "{}", page.text);
        assert!(page.text.contains("href=\"/problems/no-agreement\""), "{}", page.text);
        assert!(ion.open("/console/messages").await.text.contains("Niciun mesaj"), "nothing is stored");

        let mut far = signed_in(&hub, HUB_TOWN, "ion@oras.example", &["integrator"]).await;
        let form = token(&mut far).await;
        let others = [
            ("form", form.as_str()),
            ("sender", SENDER),
            ("recipient", DIRECTORATE),
            ("document_type", "document-generic"),
        ];
        assert_eq!(far.form("/console/simulate", &others).await.status, 403, "of others nothing is told");
        hub.stop().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_wrong_with_a_document_that_is_tried_is_said_in_the_language_of_the_person() {
    let hub = TestHub::start(Database::Sqlite).await;
    let mut ion = signed_in(&hub, SENDER, "ion@comuna.example", &["integrator"]).await;
    let form = token(&mut ion).await;
    let mut wrong = inquiry();
    wrong["persoana"]["cnp"] = json!("123");
    let wrong = wrong.to_string();
    let fields = [("form", form.as_str()), ("document_type", "ancheta-sociala-adult"), ("body", wrong.as_str())];
    let page = ion.form("/console/playground/validate", &fields).await;
    assert!(page.text.contains("documentul ar fi refuzat") && page.text.contains("/persoana/cnp"), "{}", page.text);
    let broken = [("form", form.as_str()), ("document_type", "ancheta-sociala-adult"), ("body", "{\"a\": ")];
    let page = ion.form("/console/playground/validate", &broken).await;
    assert_eq!(page.status, 422);
    assert!(page.text.contains("Textul nu este JSON"), "{}", page.text);
    let golden = [("form", form.as_str()), ("mapping", "ancheta-sociala-adult-to-esocial minima")];
    let page = ion.form("/console/playground/map", &golden).await;
    assert!(page.text.contains("la fel ca exemplul"), "{}", page.text);
    let empty = [("form", form.as_str()), ("mapping", "ancheta-sociala-adult-to-esocial minima"), ("body", "{}")];
    let page = ion.form("/console/playground/map", &empty).await;
    assert!(page.text.contains("nu a ieșit nimic"), "{}", page.text);
    let page = ion.open("/console/reference?q=messages.trace").await;
    assert!(page.text.contains("/v1/messages/{id}/exchanges"), "{}", page.text);
    let link = page.between("href=\"/console/reference/", "\"");
    let page = ion.open(&format!("/console/reference/{link}")).await;
    assert!(page.text.contains("messages.trace") && page.text.contains("curl -sS"), "{}", page.text);
    assert!(ion.open("/console/twins").await.text.contains("punte sandbox"));
    ion.form("/console/language", &[("language", "en"), ("back", "/console/playground")]).await;
    let page = ion.form("/console/playground/validate", &fields).await;
    assert!(page.text.contains("the document would be refused"), "{}", page.text);
    hub.stop().await;
}
