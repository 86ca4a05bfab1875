//! The end of a year, an old register by its file, and a search that goes on and leaves as a file.

use reqwest::Method;
use reqwest::multipart::{Form, Part};
use serde_json::json;
use tests::archive::{Desk, years_pass};
use tests::county::{HUB_TOWN, SENDER};
use tests::people::{Browser, PASSWORD, Page, signed_in};
use tests::{Database, TestHub};

use crate::shelf::posted;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_year_is_drawn_up_by_one_approved_by_another_and_its_act_downloaded() {
    Database::each(closed_by_two).await;
}

async fn closed_by_two(database: Database) {
    let mut hub = TestHub::start(database).await;
    let desk = Desk::of(&hub, HUB_TOWN, "sistem", "Registratura");
    for number in 1..=3 {
        let paper = json!({"direction": "in", "subject": format!("Cerere inventată {number}"),
            "correspondent": {"kind": "person", "name": format!("Persoana Inventată {number}")}});
        desk.enter(&format!("c{number}"), &paper).await;
    }
    let year = hub.running().hub.clock.now().romanian_date().year();
    let mut ana = signed_in(&hub, HUB_TOWN, "ana@oras.example", &["clerk"]).await;
    signed_in(&hub, HUB_TOWN, "dan@oras.example", &["head-of-unit"]).await;
    let place = format!("/console/registers/general/{year}/closing");
    let page = ana.open(&place).await;
    for words in ["Ultimul număr", "<dd>3</dd>", "Întocmește închiderea"] {
        assert!(page.text.contains(words), "{words}: {}", page.text);
    }
    let early = posted(&mut ana, &place, &format!("{place}/propose"), &[]).await;
    assert!(early.status == 422 && early.text.contains("nu s-a încheiat"), "{}", early.text);

    years_pass(&mut hub, 1).await;
    let mut ana = Browser::of(&hub);
    ana.sign_in("ana@oras.example", PASSWORD).await;
    let mut dan = Browser::of(&hub);
    dan.sign_in("dan@oras.example", PASSWORD).await;
    let done = posted(&mut ana, &place, &format!("{place}/propose"), &[]).await;
    assert_eq!(
        (done.status, done.location.as_str()),
        (303, format!("{place}?told=closing-proposed").as_str()),
        "{}",
        done.text
    );
    let page = ana.open(&done.location).await;
    assert!(page.text.contains("așteaptă aprobarea") && page.text.contains("f-ana"), "{}", page.text);
    assert!(!page.text.contains("act-approve"), "who may not approve is not offered it: {}", page.text);
    // Taken back and drawn up again by the head, who then does not approve it.
    assert_eq!(posted(&mut ana, &place, &format!("{place}/withdraw"), &[]).await.status, 303);
    assert_eq!(posted(&mut dan, &place, &format!("{place}/propose"), &[]).await.status, 303);
    let own = posted(&mut dan, &place, &format!("{place}/approve"), &[]).await;
    assert!(own.status == 422 && own.text.contains("alt funcționar"), "{}", own.text);
    assert_eq!(posted(&mut dan, &place, &format!("{place}/withdraw"), &[]).await.status, 303);
    assert_eq!(posted(&mut ana, &place, &format!("{place}/propose"), &[]).await.status, 303);
    let done = posted(&mut dan, &place, &format!("{place}/approve"), &[]).await;
    assert_eq!(
        (done.status, done.location.as_str()),
        (303, format!("{place}?told=year-closed").as_str()),
        "{}",
        done.text
    );
    let page = dan.open(&place).await;
    for words in ["închis", "f-ana", "f-dan", "act.pdf"] {
        assert!(page.text.contains(words), "{words}: {}", page.text);
    }
    assert_eq!(dan.open(&format!("{place}/act.pdf")).await.headers["content-type"], "application/pdf");
    assert!(dan.open(&format!("{place}/act.xml")).await.text.contains("Signature"));
    assert_eq!(dan.open(&format!("{place}/act.exe")).await.status, 404);
    dan.form("/console/language", &[("language", "en"), ("back", "/console")]).await;
    assert!(dan.open(&place).await.text.contains("Closing of the year"));
    assert_eq!(dan.open(&format!("/console/registers/nu-este/{year}/closing")).await.status, 404);
    hub.stop().await;
}

/// A register of 2024, two rows good and one wrong; all of it is invented.
const OLD: &str =
    "Nr;Data;Obiect\n1;08.01.2024;Cerere inventată\n2;31.02.2024;zi care nu există\n3;01.03.2024;Adeverință\n";

async fn sent(browser: &mut Browser, mode: &str, file: Option<&str>, kept: Option<&str>) -> Page {
    let to = "/console/registers/general/import";
    let page = browser.open(to).await;
    assert_eq!(page.status, 200, "{}", page.text);
    let mut form = Form::new()
        .text("form", page.between("name=\"form\" value=\"", "\""))
        .text("key", page.between("name=\"key\" value=\"", "\""))
        .text("year", "2024")
        .text("mode", mode.to_owned());
    if let Some(file) = file {
        form = form.part("file", Part::bytes(file.as_bytes().to_vec()).file_name("registru-2024.csv"));
    }
    if let Some(kept) = kept {
        form = form.text("kept", kept.to_owned()).text("name", "registru-2024.csv");
    }
    let request = browser.request(Method::POST, to).multipart(form);
    browser.send(request).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_old_register_is_checked_before_its_good_rows_are_taken() {
    let hub = TestHub::start(Database::Sqlite).await;
    let rows = "select cast(count(*) as bigint) as number from register_old_entry";
    let mut ion = signed_in(&hub, SENDER, "ion@comuna.example", &["administrator"]).await;
    assert!(ion.open("/console/registers/general/import/template.csv").await.text.contains("Nr"));
    let missing = sent(&mut ion, "dry", None, None).await;
    assert!(missing.status == 422 && missing.text.contains("Lipsește fișierul"), "{}", missing.text);
    let dry = sent(&mut ion, "dry", Some(OLD), None).await;
    assert_eq!(dry.status, 200, "{}", dry.text);
    for words in ["nu este o dată care există", "Data înregistrării", "zz.ll.aaaa", "Nimic nu a fost preluat acum"]
    {
        assert!(dry.text.contains(words), "{words}: {}", dry.text);
    }
    assert_eq!(hub.number(rows).await, 0);
    let kept = dry.between("name=\"kept\" value=\"", "\"");
    let all = sent(&mut ion, "all-or-nothing", None, Some(&kept)).await;
    assert!(all.status == 422 && all.text.contains("role=\"alert\"") && all.text.contains("greșit"), "{}", all.text);
    assert_eq!(hub.number(rows).await, 0);
    let good = sent(&mut ion, "good-rows", None, Some(&kept)).await;
    assert!(good.status == 200 && good.text.contains("Rândurile preluate sunt în registru"), "{}", good.text);
    assert_eq!(hub.number(rows).await, 2);
    let mut ana = signed_in(&hub, SENDER, "ana@comuna.example", &["clerk"]).await;
    assert_eq!(ana.open("/console/registers/general/import").await.status, 403);
    // A clerk finds the old row beside the new ones, and comes to it in the book of its year.
    let desk = Desk::of(&hub, SENDER, "sistem", "Registratura");
    let found = |seen: &serde_json::Value| seen["items"].as_array().is_some_and(|items| items.len() == 1);
    desk.wait_for("/v1/search?q=adeverinta", found).await;
    let asked = [("q", "adeverinta"), ("purpose", "registratură"), ("basis", "Ordinul 217/1996")];
    let hits = ana.form("/console/search", &asked).await;
    assert!(hits.text.contains("registru vechi"), "{}", hits.text);
    let place = "/console/registers/general?year=2024&#38;words=Adeverin%C8%9B%C4%83";
    assert!(hits.text.contains(place), "{}", hits.text);
    let place = place.replace("&#38;", "&");
    let token = ana.open(&place).await.between("name=\"form\" value=\"", "\"");
    let why = [
        ("form", token.as_str()),
        ("back", "/console/registers"),
        ("purpose", "registratură"),
        ("legal_basis", "Ordinul 217/1996, art. 9"),
    ];
    assert_eq!(ana.form("/console/why", &why).await.status, 303);
    let book = ana.open(&place).await;
    assert!(book.text.contains("Adeverință") && book.text.contains("din registrul vechi"), "{}", book.text);
    hub.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_search_goes_on_page_by_page_and_leaves_as_a_file_with_its_reason() {
    let hub = TestHub::start(Database::Sqlite).await;
    let desk = Desk::of(&hub, HUB_TOWN, "sistem", "Registratura");
    for number in 1..=53 {
        let paper = json!({"direction": "in", "subject": format!("Salcie inventată {number}"),
            "correspondent": {"kind": "person", "name": format!("Persoana Inventată {number}")}});
        desk.enter(&format!("s{number}"), &paper).await;
    }
    let found = |seen: &serde_json::Value| seen["items"].as_array().is_some_and(|items| items.len() >= 3);
    desk.wait_for("/v1/search?q=salcie&before=4&limit=50", found).await;
    desk.wait_for("/v1/search?q=salcie&limit=50", |seen| seen["next"].as_i64() == Some(3) || seen["next"].is_number())
        .await;
    let mut ana = signed_in(&hub, HUB_TOWN, "ana@oras.example", &["clerk"]).await;
    let asked = [("q", "salcie"), ("direction", "in"), ("purpose", "registratură"), ("basis", "Ordinul 217/1996")];
    let page = ana.form("/console/search", &asked).await;
    assert_eq!(page.text.matches("class=\"opens code\"").count(), 50, "{}", page.text);
    assert!(page.text.contains("Înregistrări") && page.text.contains("value=\"salcie\""), "{}", page.text);
    let before = page.between("name=\"before\" value=\"", "\"");
    let mut further = asked.to_vec();
    further.push(("before", &before));
    let page = ana.form("/console/search", &further).await;
    assert_eq!(page.text.matches("class=\"opens code\"").count(), 3, "{}", page.text);
    assert!(page.text.contains("La început") && !page.text.contains("Mai departe"), "{}", page.text);
    let mut file = further.clone();
    file.push(("as", "csv"));
    let file = ana.form("/console/search", &file).await;
    assert_eq!(file.text.lines().count(), 54, "all hits and their headings: {}", file.text);
    assert!(file.headers["content-disposition"].to_str().unwrap().contains("cautare.csv"));
    let journal = "select cast(count(*) as bigint) as number from access_entry where operation = 'search.csv'";
    assert_eq!(hub.number(journal).await, 1);
    // Without a reason nothing leaves.
    let bare = ana.form("/console/search", &[("q", "salcie"), ("as", "xlsx")]).await;
    assert!(bare.status == 422 && bare.text.contains("role=\"alert\""), "{}", bare.text);
    let none = ana.form("/console/search", &[("q", "nuexistă"), ("purpose", "x"), ("basis", "y")]).await;
    assert!(none.text.contains("Nimic nu se potrivește"), "{}", none.text);
    hub.stop().await;
}
