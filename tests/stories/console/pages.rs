//! The frame of the console: who comes in, what the menu shows, languages, lists that remember themselves, refusals as pages.

use tests::county::HUB_TOWN;
use tests::documents::letter;
use tests::people::{Browser, signed_in};
use tests::{Database, TestHub};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_is_not_signed_in_comes_back_to_the_page_after_signing_in() {
    let hub = TestHub::start(Database::Sqlite).await;
    let mut nobody = Browser::of(&hub);
    assert_eq!(nobody.open("/").await.location, "/console");
    let page = nobody.open("/console/inbox?state=refused").await;
    assert_eq!((page.status, page.location.as_str()), (303, "/sign-in?next=%2Fconsole%2Finbox%3Fstate%3Drefused"));
    assert_eq!(nobody.open("/console/no-such-page").await.status, 303, "a stranger learns no addresses");
    assert_eq!(nobody.open("/console/live?page=/console/inbox").await.status, 204, "nor anything else");
    hub.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_clerk_sees_what_came_in_filters_it_and_takes_it_along() {
    Database::each(|database| async move {
        let hub = TestHub::start(database).await;
        let mut ana = signed_in(&hub, HUB_TOWN, "ana@oras.example", &["clerk"]).await;
        let page = ana.open("/console/inbox").await;
        assert!(page.text.contains("Nu așteaptă nimic"), "{}", page.text);
        assert!(page.text.contains("href=\"/console/inbox\" aria-current=\"page\""), "{}", page.text);
        let sender = hub.client(tests::county::SENDER);
        let (status, sent) = sender.post("/v1/messages", "console-1", &letter(&[HUB_TOWN], "O scrisoare")).await;
        assert!(status.is_success(), "{sent}");
        let message = sent["message_id"].as_str().unwrap();
        sender.wait_for_delivery(message, HUB_TOWN, "consigned").await;
        let page = ana.open("/console/inbox?state=consigned").await;
        assert!(page.text.contains("class=\"badge warn\""), "{}", page.text);
        assert!(page.text.contains("<option value=\"consigned\" selected>"), "{}", page.text);
        assert!(page.text.contains("href=\"/console/inbox?state=consigned&#38;as=csv\""), "{}", page.text);
        let file = ana.open("/console/inbox?state=consigned&as=csv").await;
        assert!(file.text.starts_with("\u{feff}Număr;"), "{}", file.text);
        assert_eq!(file.text.lines().count(), 2);
        assert_eq!(file.headers["content-disposition"], "attachment; filename=\"documente-sosite.csv\"");
        let book = ana.open("/console/inbox?state=consigned&as=xlsx").await;
        assert!(book.headers["content-type"].to_str().unwrap().contains("spreadsheetml"));
        assert_eq!(ana.open("/console/inbox?as=exe").await.status, 404);
        hub.stop().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn refusals_are_pages_in_the_language_of_the_person() {
    let hub = TestHub::start(Database::Sqlite).await;
    let mut ion = signed_in(&hub, HUB_TOWN, "ion@oras.example", &["integrator"]).await;
    let page = ion.open("/console/inbox").await;
    assert_eq!(page.status, 403);
    assert!(
        page.text.contains("<html lang=\"ro\">") && page.text.contains("Lipsește permisiunea inbox.read"),
        "{}",
        page.text
    );
    assert!(!page.text.contains("href=\"/console/inbox\""), "what may not be opened is not in the menu");
    let page = ion.form("/console/language", &[("language", "en"), ("back", "/console/inbox")]).await;
    assert_eq!((page.status, page.location.as_str()), (303, "/console/inbox"));
    let page = ion.open("/console/inbox").await;
    assert!(
        page.text.contains("<html lang=\"en\">") && page.text.contains("The permission inbox.read"),
        "{}",
        page.text
    );
    let page = ion.form("/console/theme", &[("theme", "dark"), ("back", "//evil.example")]).await;
    assert_eq!(page.location, "/console");
    assert!(ion.open("/console/x").await.text.contains("data-theme=\"dark\""));
    let page = ion.open("/console/x").await;
    assert_eq!(page.status, 404);
    let policy = page.headers["content-security-policy"].to_str().unwrap();
    assert!(policy.contains("default-src 'none'") && !policy.contains("unsafe"), "{policy}");
    hub.stop().await;
}
