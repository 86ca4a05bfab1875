//! The registry's pages: the register book, an entry from hand to hand, a petition that goes on to the competent institution,
//! the counter, terms.

use std::num::NonZeroU32;

use hub_server::config::Config;
use tests::clerks::{COUNCIL, council};
use tests::county::{self, HUB_TOWN, SENDER};
use tests::documents::letter;
use tests::people::{Browser, Page, signed_in};
use tests::{Database, TestHub};

fn quick(config: &mut Config) {
    config.deadlines.interval_ms = NonZeroU32::new(50).unwrap();
    county::change(config, council);
}

/// Sends a petition to the county council, and waits until it is registered there.
async fn petition(hub: &TestHub, key: &str) {
    let sender = hub.client(SENDER);
    let text = "Vă rog să reparați podul din sat (petiție inventată).";
    let (status, receipt) = sender.post("/v1/messages", key, &letter(&[COUNCIL], text)).await;
    assert_eq!(status, 201, "{receipt:#}");
    let message = receipt["message_id"].as_str().unwrap();
    sender.wait_for_delivery(message, COUNCIL, "consigned").await;
}

/// Somebody who said why registers are opened.
async fn at_work(hub: &TestHub, party: &str, login: &str, role: &str) -> Browser {
    let mut browser = signed_in(hub, party, login, &[role]).await;
    let page = browser.open("/console/registers/general").await;
    assert!(page.text.contains("name=\"legal_basis\""), "registers open only for a reason: {}", page.text);
    let form = page.between("name=\"form\" value=\"", "\"");
    let back = "/console/registers/general";
    let why = [
        ("form", form.as_str()),
        ("back", back),
        ("purpose", "registratură"),
        ("legal_basis", "Ordinul 217/1996, art. 9"),
    ];
    let said = browser.form("/console/why", &why).await;
    assert_eq!((said.status, said.location.as_str()), (303, back), "{}", said.text);
    browser
}

fn this_year(hub: &TestHub) -> i16 {
    hub.running().hub.clock.now().romanian_date().year()
}

/// Sends the form of an act as it stands on the entry's page.
async fn act(browser: &mut Browser, place: &str, act: &str, fields: &[(&str, &str)]) -> Page {
    let page = browser.open(place).await;
    assert_eq!(page.status, 200, "{}", page.text);
    let form = page.between("name=\"form\" value=\"", "\"");
    let mut all = vec![("form", form.as_str())];
    let acts =
        page.text.split_once("name=\"acts\" value=\"").and_then(|(_, rest)| rest.split_once('"')).map(|(acts, _)| acts);
    all.extend(acts.map(|acts| ("acts", acts)));
    all.extend_from_slice(fields);
    browser.form(&format!("{place}/{act}"), &all).await
}

fn told(page: &Page, place: &str, code: &str) {
    let expected = (303, format!("{place}?told={code}"));
    assert_eq!((page.status, page.location.clone()), expected, "{}", page.text);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_entry_goes_from_the_book_through_hands_to_its_end() {
    Database::each(from_the_book).await;
}

async fn from_the_book(database: Database) {
    let hub = TestHub::start_with(database, quick).await;
    let year = this_year(&hub);
    petition(&hub, "podul").await;
    let mut ana = at_work(&hub, COUNCIL, "ana@cj.example", "clerk").await;
    let mut dan = at_work(&hub, COUNCIL, "dan@cj.example", "head-of-unit").await;

    let page = ana.open("/console/registers").await;
    assert!(page.text.contains("Registrul petițiilor") && page.text.contains("deschis"), "{}", page.text);
    assert!(page.text.contains(&format!("href=\"/console/registers/petitii?year={year}\"")), "{}", page.text);
    let page = ana.open(&format!("/console/registers/petitii?year={year}")).await;
    let place = format!("/console/registers/petitii/{year}/1");
    assert!(page.text.contains(&format!("P-001/{year}")) && page.text.contains(&place), "{}", page.text);
    assert!(page.text.contains("au rămas"), "{}", page.text);
    assert!(
        ana.open(&format!("/console/registers/petitii?year={year}&status=filed"))
            .await
            .text
            .contains("Nimic cu aceste filtre")
    );
    let file = ana.open(&format!("/console/registers/petitii?year={year}&as=csv")).await;
    assert_eq!(file.text.lines().count(), 2, "{}", file.text);

    let page = ana.open(&place).await;
    for words in ["Conținutul pe scurt", "Termenul", "Ultima zi", "Deschide documentul", "Ia în lucru"] {
        assert!(page.text.contains(words), "{words}: {}", page.text);
    }
    assert!(!page.text.contains("id=\"act-assignment\""), "who may not assign is not offered it");
    // Asked for all the same, it is refused on the page, with the reason and what was typed.
    let refused = act(&mut ana, &place, "assignment", &[("unit", "Urbanism")]).await;
    assert_eq!(refused.status, 422, "{}", refused.text);
    assert!(refused.text.contains("role=\"alert\"") && refused.text.contains("acts.assign"), "{}", refused.text);

    let done = act(&mut dan, &place, "assignment", &[("unit", "Urbanism"), ("note", "urgent, vă rog")]).await;
    told(&done, &place, "assigned");
    let page = dan.open(&done.location).await;
    for words in ["Lucrarea a fost repartizată.", "conduce lucrarea", "urgent, vă rog", "f-dan"] {
        assert!(page.text.contains(words), "{words}: {}", page.text);
    }
    // Another unit has it: whoever is not of it does not take it up.
    let refused = act(&mut ana, &place, "work", &[]).await;
    assert!(refused.status == 422 && refused.text.contains("Documentul este la: Urbanism"), "{}", refused.text);
    told(&act(&mut dan, &place, "assignment", &[("unit", "Registratura")]).await, &place, "assigned");
    told(&act(&mut ana, &place, "work", &[]).await, &place, "recorded");
    let solution =
        [("outcome", "resolved"), ("resolution", "Podul va fi reparat\r\npână în primăvară"), ("for_approval", "yes")];
    told(&act(&mut ana, &place, "resolution", &solution).await, &place, "recorded");
    let page = ana.open(&place).await;
    assert!(page.text.contains("așteaptă aprobarea") && !page.text.contains("id=\"act-approval\""), "{}", page.text);
    let refused = act(&mut dan, &place, "approval", &[("decision", "no")]).await;
    assert!(refused.status == 422 && refused.text.contains("O respingere are un motiv"), "{}", refused.text);
    told(&act(&mut dan, &place, "approval", &[("decision", "yes")]).await, &place, "recorded");
    let today = hub.running().hub.clock.now().romanian_date().to_string();
    told(&act(&mut ana, &place, "dispatch", &[("on", today.as_str()), ("way", "punte")]).await, &place, "recorded");
    told(&act(&mut ana, &place, "filing", &[]).await, &place, "recorded");
    let page = ana.open(&place).await;
    for words in ["clasat", "Podul va fi reparat până în primăvară", "Expediat", "f-ana"] {
        assert!(page.text.contains(words), "{words}: {}", page.text);
    }

    // To another institution it does not exist.
    let mut other = at_work(&hub, SENDER, "alt@comuna.example", "clerk").await;
    assert_eq!(other.open(&place).await.status, 404);
    assert_eq!(other.open("/console/registers/petitii").await.status, 404);
    assert_eq!(other.form(&format!("{place}/work"), &[]).await.status, 404);
    hub.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_petition_goes_on_in_one_act_and_both_registrations_are_linked() {
    Database::each(goes_on).await;
}

async fn goes_on(database: Database) {
    let hub = TestHub::start_with(database, quick).await;
    let year = this_year(&hub);
    petition(&hub, "podul").await;
    let mut ana = at_work(&hub, COUNCIL, "ana@cj.example", "clerk").await;
    let place = format!("/console/registers/petitii/{year}/1");
    let page = ana.open(&format!("{place}?institution=Baia")).await;
    assert!(page.text.contains(&format!("<option value=\"{HUB_TOWN}\"")), "{}", page.text);
    let wanted = [("competent", HUB_TOWN), ("reason", "podul este pe un drum al orașului")];
    let done = act(&mut ana, &place, "redirection", &wanted).await;
    told(&done, &place, "redirected");
    let linked = "select cast(count(*) as bigint) as number from register_act where act = 'redirection_registered'";
    hub.wait_for_number(linked, 1).await;
    let page = ana.open(&place).await;
    let both = page.between("id=\"linked\"", "</section>");
    assert_eq!(both.matches(&format!("P-001/{year}")).count(), 2, "{both}");
    assert!(both.contains("Orașul Baia de Aramă") && both.contains("/console/documents/"), "{both}");
    // Gone is gone: another act is refused with the state it is in.
    let refused = act(&mut ana, &place, "redirection", &[("competent", "uat-far"), ("reason", "din nou")]).await;
    assert!(refused.status == 422 && refused.text.contains("/problems/"), "{}", refused.text);

    let mut town = at_work(&hub, HUB_TOWN, "ion@oras.example", "clerk").await;
    let page = town.open(&place).await;
    let both = page.between("id=\"linked\"", "</section>");
    assert!(both.contains("Consiliul Județean Mehedinți") && both.contains(&format!("P-001/{year}")), "{both}");
    town.form("/console/language", &[("language", "en"), ("back", "/console")]).await;
    let page = town.open(&place).await;
    for words in ["The same document, at each institution", "days left", "Take up", "What happened"] {
        assert!(page.text.contains(words), "{words}: {}", page.text);
    }
    let page = town.open("/console/deadlines?view=all").await;
    assert!(page.text.contains("Time left") && page.text.contains("nobody yet"), "{}", page.text);
    for view in ["near", "overdue", "orphans", "notices"] {
        let page = town.open(&format!("/console/deadlines?view={view}")).await;
        assert!(page.status == 200 && page.text.contains("aria-current=\"page\""), "{view}: {}", page.text);
    }
    hub.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_comes_to_the_counter_is_registered_once_and_corrected_in_the_open() {
    let hub = TestHub::start(Database::Sqlite).await;
    let year = this_year(&hub);
    let mut ana = at_work(&hub, HUB_TOWN, "ana@oras.example", "clerk").await;
    let mut dan = at_work(&hub, HUB_TOWN, "dan@oras.example", "head-of-unit").await;
    let page = ana.open("/console/registers/general/new").await;
    let form = page.between("name=\"form\" value=\"", "\"");
    let filled = |key: &str| {
        let fields = [
            ("form", form.as_str()),
            ("key", key),
            ("direction", "in"),
            ("way", "ghiseu"),
            ("subject", "Cerere pentru un drum"),
            ("kind", "person"),
            ("name", "Ion Inventatu"),
            ("external_number", "17"),
            ("external_date", "2026-01-05"),
            ("pages", "2"),
        ];
        fields.map(|(name, value)| (name.to_owned(), value.to_owned())).to_vec()
    };
    let fields = filled("ghiseu-cheia-1");
    let borrowed: Vec<(&str, &str)> = fields.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    let made = ana.form("/console/registers/general/new", &borrowed).await;
    let place = format!("/console/registers/general/{year}/1");
    told(&made, &place, "registered");
    // The same paper again is warned of, with the number it has, and nothing typed is lost.
    let fields = filled("ghiseu-cheia-2");
    let mut borrowed: Vec<(&str, &str)> = fields.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    let warned = ana.form("/console/registers/general/new", &borrowed).await;
    assert_eq!(warned.status, 422, "{}", warned.text);
    assert!(warned.text.contains("Pare înregistrat deja") && warned.text.contains(&place), "{}", warned.text);
    assert!(warned.text.contains("value=\"Ion Inventatu\""), "{}", warned.text);
    let same = warned.between("name=\"duplicate_of\" value=\"", "\"");
    borrowed.push(("duplicate_of", &same));
    let again = ana.form("/console/registers/general/new", &borrowed).await;
    told(&again, &format!("/console/registers/general/{year}/2"), "registered");

    let corrected = [
        ("subject", "Cerere pentru un drum"),
        ("external_number", "71"),
        ("external_date", "2026-01-05"),
        ("pages", "2"),
        ("way", "ghiseu"),
        ("reason", "cifre inversate"),
    ];
    told(&act(&mut ana, &place, "correct", &corrected).await, &place, "recorded");
    let page = ana.open(&place).await;
    assert!(
        page.text.contains("<del>17</del> <ins>71</ins>") && page.text.contains("cifre inversate"),
        "{}",
        page.text
    );
    assert!(page.text.contains("repetat de"), "{}", page.text);

    told(
        &act(&mut ana, &place, "annul", &[("reason", "înregistrat de două ori"), ("number", "2")]).await,
        &place,
        "proposed",
    );
    let page = ana.open(&place).await;
    assert!(
        page.text.contains("Anularea așteaptă aprobarea") && !page.text.contains("id=\"act-annulment-decision\""),
        "{}",
        page.text
    );
    told(&act(&mut dan, &place, "annulment-decision", &[("decision", "yes")]).await, &place, "recorded");
    assert!(dan.open(&place).await.text.contains("anulat"));

    // The register leaves only with a purpose and a basis.
    let file = format!("/console/registers/general/{year}/file");
    let page = ana.open(&file).await;
    let form = page.between("name=\"form\" value=\"", "\"");
    let refused =
        ana.form(&file, &[("form", &form), ("file", "entries.csv"), ("purpose", ""), ("legal_basis", "")]).await;
    assert!(refused.status == 422 && refused.text.contains("role=\"alert\""), "{}", refused.text);
    let why = [
        ("form", form.as_str()),
        ("file", "entries.csv"),
        ("purpose", "control anual"),
        ("legal_basis", "Legea nr. 16/1996"),
    ];
    let file = ana.form(&file, &why).await;
    assert!(file.status == 200 && file.text.contains("Cerere pentru un drum"), "{}", file.text);
    hub.stop().await;
}
