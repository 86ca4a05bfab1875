//! The administrator's pages: accounts by invitation, roles, approvals by two, stopped deliveries, the state of the hub.

use tests::county::{HUB_TOWN, SENDER};
use tests::people::{Browser, PASSWORD, signed_in};
use tests::{Database, TestHub};

/// The fields every form of a page carries.
fn carried(page: &tests::people::Page) -> (String, String) {
    let form = page.between("name=\"form\" value=\"", "\"");
    (form, page.between("name=\"key\" value=\"", "\""))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_administrator_invites_somebody_changes_their_roles_and_locks_them_out() {
    Database::each(|database| async move {
        let hub = TestHub::start(database).await;
        let mut admin = signed_in(&hub, SENDER, "admin@comuna.example", &["administrator"]).await;
        let page = admin.open("/console/accounts").await;
        assert!(page.text.contains("Invită o persoană") && page.text.contains("admin@comuna.example"), "{}", page.text);

        // A wrong pseudonym is told where it was typed, and nothing typed is lost.
        let page = admin.open("/console/accounts/new").await;
        let (form, key) = carried(&page);
        let wrong = [
            ("form", form.as_str()),
            ("key", &key),
            ("display_name", "Ioana Inventată"),
            ("login", "ioana@comuna.example"),
            ("pseudonym", "1850101221144"),
            ("role", "clerk"),
        ];
        let refused = admin.form("/console/accounts/new", &wrong).await;
        assert_eq!(refused.status, 422, "{}", refused.text);
        assert!(
            refused.text.contains("role=\"alert\"") && refused.text.contains("value=\"Ioana Inventată\""),
            "{}",
            refused.text
        );
        assert!(refused.text.contains("value=\"clerk\" checked"), "{}", refused.text);

        let right: Vec<_> =
            wrong.iter().map(|(name, value)| (*name, if *name == "pseudonym" { "f-ioana" } else { value })).collect();
        let made = admin.form("/console/accounts/new", &right).await;
        let link = made.between("<pre id=\"link\">", "<");
        let token = link.split_once("token=").unwrap().1.to_owned();
        let mut ioana = Browser::of(&hub);
        let entered = ioana.form("/sign-in/invitation", &[("token", &token), ("password", PASSWORD)]).await;
        assert_eq!(entered.location, "/console", "{entered:?}");
        assert_eq!(ioana.open("/console/inbox").await.status, 200);

        // Another role, and the old session is over.
        let address = made.between("href=\"/console/accounts/", "\"");
        let account = if address.len() == 36 {
            address
        } else {
            made.text.split("/console/accounts/").last().unwrap()[..36].to_owned()
        };
        let place = format!("/console/accounts/{account}");
        let page = admin.open(&place).await;
        let (form, key) = carried(&page);
        let granted = [("form", form.as_str()), ("key", &key), ("units", "Registratura"), ("role", "archivist")];
        let done = admin.form(&format!("{place}/grants"), &granted).await;
        assert_eq!(
            (done.status, done.location.as_str()),
            (303, format!("{place}?told=saved").as_str()),
            "{}",
            done.text
        );
        let page = admin.open(&format!("{place}?told=saved")).await;
        assert!(page.text.contains("Salvat.") && page.text.contains("value=\"archivist\" checked"), "{}", page.text);
        assert_eq!(ioana.open("/console/inbox").await.status, 303, "the session ended");

        // Locked, and known as such in the list.
        let (form, key) = carried(&page);
        let locked = admin.form(&format!("{place}/state"), &[("form", &form), ("key", &key), ("act", "lock")]).await;
        assert_eq!(locked.status, 303, "{}", locked.text);
        let page = admin.open("/console/accounts?state=locked").await;
        assert!(
            page.text.contains("Ioana Inventată") && !page.text.contains("<span class=\"code\">admin@comuna.example"),
            "{}",
            page.text
        );

        // Nobody of another institution sees any of it.
        let mut other = signed_in(&hub, HUB_TOWN, "admin@oras.example", &["administrator"]).await;
        assert_eq!(other.open(&place).await.status, 404);
        assert!(!other.open("/console/accounts").await.text.contains("Ioana"));
        hub.stop().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_form_without_the_token_of_the_session_changes_nothing() {
    let hub = TestHub::start(Database::Sqlite).await;
    let mut admin = signed_in(&hub, SENDER, "admin@comuna.example", &["administrator"]).await;
    let fields = [("display_name", "Rău Inventat"), ("login", "rau@comuna.example"), ("pseudonym", "f-rau")];
    let page = admin.form("/console/accounts/new", &fields).await;
    assert_eq!(page.status, 422);
    assert!(page.text.contains("/problems/foreign-form"), "{}", page.text);
    assert!(!admin.open("/console/accounts").await.text.contains("rau@comuna.example"));
    hub.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_state_of_the_hub_and_its_agreements_are_pages_in_both_languages() {
    let hub = TestHub::start(Database::Sqlite).await;
    let mut admin = signed_in(&hub, SENDER, "admin@comuna.example", &["administrator"]).await;
    let page = admin.open("/console/standing").await;
    assert!(page.text.contains("Hubul lucrează") && page.text.contains("Certificat valabil"), "{}", page.text);
    let page = admin.open("/console/agreements").await;
    assert!(page.text.contains("href=\"/console/agreements/anchete\""), "{}", page.text);
    let page = admin.open("/console/agreements/anchete").await;
    assert!(page.text.contains("Legea nr. 448/2006") && page.text.contains("în vigoare"), "{}", page.text);
    let pdf = admin.open("/console/agreements/anchete/conformity.pdf").await;
    assert_eq!(pdf.headers["content-type"], "application/pdf");
    assert_eq!(admin.open("/console/agreements/nothing").await.status, 404);
    admin.form("/console/language", &[("language", "en"), ("back", "/console")]).await;
    for (path, words) in [
        ("/console/standing", "The hub works"),
        ("/console/approvals", "Nothing waits"),
        ("/console/credentials", "Keys of systems"),
        ("/console/agreements/anchete", "Legal basis"),
    ] {
        let page = admin.open(path).await;
        assert!(page.status == 200 && page.text.contains(words), "{path}: {}", page.text);
    }
    hub.stop().await;
}
