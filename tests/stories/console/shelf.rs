//! The archive's pages, as an archivist opens them: what waits to be filed, a dossier and what is in it, a hold, an inventory with
//! its hand-over, a selection with its papers; what is refused on the way, and what another institution sees: nothing.

use serde_json::Value;
use tests::archive::{Desk, years_pass};
use tests::county::{HUB_TOWN, SENDER};
use tests::documents::letter;
use tests::people::{Browser, PASSWORD, Page, signed_in};
use tests::{Database, TestHub};

/// Sends a form with the token and the key of the page it stands on.
pub async fn posted(browser: &mut Browser, page: &str, to: &str, fields: &[(&str, &str)]) -> Page {
    let shown = browser.open(page).await;
    assert_eq!(shown.status, 200, "{}", shown.text);
    let form = shown.between("name=\"form\" value=\"", "\"");
    let key = shown.between("name=\"key\" value=\"", "\"");
    let mut all = vec![("form", form.as_str()), ("key", key.as_str())];
    all.extend_from_slice(fields);
    browser.form(to, &all).await
}

/// Says why archived documents are opened, where a page asks.
async fn reasoned(browser: &mut Browser, place: &str) -> Page {
    let page = browser.open(place).await;
    if !page.text.contains("name=\"legal_basis\"") {
        return page;
    }
    let form = page.between("name=\"form\" value=\"", "\"");
    let why = [("form", form.as_str()), ("back", place), ("purpose", "arhivă"), ("legal_basis", "Legea nr. 16/1996")];
    let said = browser.form("/console/why", &why).await;
    assert_eq!((said.status, said.location.as_str()), (303, place), "{}", said.text);
    browser.open(place).await
}

fn has(page: &Page, words: &[&str]) {
    assert_eq!(page.status, 200, "{}", page.text);
    for words in words {
        assert!(page.text.contains(words), "{words}: {}", page.text);
    }
}

fn refused(page: &Page, words: &[&str]) {
    assert!(page.status == 422 && page.text.contains("role=\"alert\""), "{}", page.text);
    for words in words {
        assert!(page.text.contains(words), "{words}: {}", page.text);
    }
}

async fn consigned(hub: &TestHub, key: &str) -> String {
    let sender = hub.client(SENDER);
    let (status, receipt) = sender.post("/v1/messages", key, &letter(&[HUB_TOWN], "petiție inventată")).await;
    assert_eq!(status, 201, "{receipt:#}");
    let message = receipt["message_id"].as_str().unwrap().to_owned();
    let delivery = sender.wait_for_delivery(&message, HUB_TOWN, "consigned").await;
    let path = format!("/v1/inbox/{}/accept", delivery["id"].as_str().unwrap());
    hub.client(HUB_TOWN).post(&path, "accept", &serde_json::json!({})).await;
    message
}

fn id(value: &Value) -> &str {
    value["id"].as_str().unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_archivist_goes_from_a_document_to_its_dossier_and_to_the_end_of_its_term() {
    Database::each(to_the_end).await;
}

async fn to_the_end(database: Database) {
    let mut hub = TestHub::start(database).await;
    let desk = Desk::of(&hub, SENDER, "sistem", "Registratura");
    let message = consigned(&hub, "inainte").await;
    let mut eva = signed_in(&hub, SENDER, "eva@comuna.example", &["archivist"]).await;
    has(&eva.open("/console/nomenclator").await, &["Niciun nomenclator", "Versiune nouă"]);
    has(&eva.open("/console/dossiers").await, &["Niciun dosar", "indicativ"]);
    let answer = desk.text("/v1/archive/nomenclator", "n", "application/toml", &nomenclature()).await;
    assert_eq!(answer.status, 201, "{answer:#?}");
    let dossier = desk.filed(&message).await;
    nomenclature_is_read(&mut eva).await;
    let place = format!("/console/dossiers/{}", id(&dossier));
    has(&eva.open("/console/dossiers").await, &["I/A/3", &place]);
    has(&eva.open("/console/filings?state=filed").await, &["clasat"]);
    dossier_is_read(&mut eva, &place).await;

    // Of another institution's archive nothing is there.
    let mut other = signed_in(&hub, HUB_TOWN, "alt@oras.example", &["archivist"]).await;
    assert_eq!(other.open(&place).await.status, 404);
    assert_eq!(other.open("/console/nomenclator/1").await.status, 404);

    let inventory = handed_over(&hub, &mut eva, &place, &dossier).await;
    assert_eq!(other.open(&inventory).await.status, 404);
    years_pass(&mut hub, 12).await;
    let mut eva = Browser::of(&hub);
    eva.sign_in("eva@comuna.example", PASSWORD).await;
    let mut ioana = signed_in(&hub, SENDER, "ioana@comuna.example", &["compliance-officer"]).await;
    selected(&hub, &mut eva, &mut ioana, &dossier).await;
    eva.form("/console/language", &[("language", "en"), ("back", "/console")]).await;
    has(&eva.open("/console/selections").await, &["Selection", "confirmed"]);
    has(&eva.open(&place).await, &["What happened", "Opened", "Handed over to the archive"]);
    has(&eva.open("/console/nomenclator/1").await, &["Nomenclature, version", "Seen by units", "not confirmed"]);
    hub.stop().await;
}

/// An invented nomenclature whose archive is kept by the unit of the clerks of these stories.
fn nomenclature() -> String {
    let confirmed = tests::archive::NOMENCLATOR.replace("archive_unit = \"arhiva\"", "archive_unit = \"Registratura\"");
    let (before, rest) = confirmed.split_once("[confirmation]").unwrap();
    let (_, after) = rest.split_once("[[group]]").unwrap();
    format!("{before}[[group]]{after}")
}

async fn nomenclature_is_read(eva: &mut Browser) {
    has(&eva.open("/console/nomenclator").await, &["neconfirmat", "17 / ", "href=\"/console/nomenclator/1\""]);
    let page = "/console/nomenclator/1";
    has(&eva.open(page).await, &["Petiții și răspunsuri", "10 ani", "spas", "Propune confirmarea"]);
    let letter = [("number", "1204"), ("date", "2019-12-20"), ("service", "Serviciul Județean Mehedinți")];
    let done = posted(eva, page, "/console/nomenclator/1/confirmation", &letter).await;
    assert_eq!(done.status, 303, "{}", done.text);
    // Who proposed it does not decide on it.
    let own = posted(eva, page, "/console/nomenclator/1/decision", &[("decision", "yes")]).await;
    refused(&own, &["Hotărăște asupra datelor propuse"]);
    // A table that says no approval puts nothing into force.
    let new =
        posted(eva, "/console/nomenclator/new", "/console/nomenclator/new", &[("valid_from", "2027-01-01")]).await;
    refused(&new, &["value=\"2027-01-01\""]);
}

async fn dossier_is_read(eva: &mut Browser, place: &str) {
    let page = eva.open(place).await;
    has(&page, &["Termen de păstrare", "/console/archived/", "Închide dosarul", "Schimbă cine îl vede"]);
    let document = format!("/console/archived/{}", page.between("href=\"/console/archived/", "\""));
    let page = reasoned(eva, &document).await;
    has(&page, &["Proprietarul", "Identificatorul unic", "Termenul de păstrare", "SHA-256", "Descarcă"]);
    let sheet = eva.open(&format!("{document}/sheet.xml")).await;
    assert!(sheet.status == 200 && sheet.text.contains('<'), "{}", sheet.text);
    assert_eq!(eva.open(&format!("{document}/content")).await.status, 200);
    assert_eq!(eva.open("/console/archived/019af000-0000-7000-8000-000000000000").await.status, 404);
    let rights = posted(eva, place, &format!("{place}/rights"), &[("units", "Registratura")]).await;
    assert_eq!(rights.status, 303, "{}", rights.text);
    has(&eva.open(place).await, &["Îl văd compartimentele", "value=\"Registratura\""]);
}

/// Closes the dossier, inventories it and hands it over; answers the page of the inventory.
async fn handed_over(hub: &TestHub, eva: &mut Browser, place: &str, dossier: &Value) -> String {
    assert_eq!(posted(eva, place, &format!("{place}/close"), &[]).await.status, 303);
    has(&eva.open(place).await, &["închis"]);
    let year = dossier["year"].to_string();
    let new = "/console/inventories/new";
    let none = posted(eva, new, new, &[("year", "1999"), ("permanent", "no")]).await;
    refused(&none, &["value=\"1999\""]);
    let made = posted(eva, new, new, &[("year", &year), ("permanent", "no")]).await;
    assert_eq!(made.status, 303, "{}", made.text);
    let page = eva.open("/console/inventories").await;
    let inventory = page.text.split("href=\"/console/inventories/").skip(1).filter_map(|rest| rest.split('"').next());
    let inventory = inventory.into_iter().find(|id| id.len() == 36).expect("the inventory is listed").to_owned();
    let inventory = format!("/console/inventories/{inventory}");
    has(&eva.open(&inventory).await, &["I/A/3", "de predat", "Predă la arhivă"]);
    let minutes = [("number", "5"), ("date", "2028-02-01"), ("missing", ""), ("early_reason", "poveste de probă")];
    // Who made the inventory does not hand it over alone.
    let own = posted(eva, &inventory, &format!("{inventory}/handover"), &minutes).await;
    refused(&own, &["al doilea funcționar"]);
    let mut dana = signed_in(hub, SENDER, "dana@comuna.example", &["archivist"]).await;
    let done = posted(&mut dana, &inventory, &format!("{inventory}/handover"), &minutes).await;
    assert_eq!(done.status, 303, "{}", done.text);
    has(&eva.open(&inventory).await, &["predat la", "/minutes"]);
    let paper = eva.open(&format!("{inventory}/minutes")).await;
    assert_eq!(paper.headers["content-type"], "application/pdf");
    inventory
}

/// What is due is held, released and selected; its destruction is asked by one and not done by the same.
async fn selected(hub: &TestHub, eva: &mut Browser, ioana: &mut Browser, dossier: &Value) {
    has(&eva.open("/console/selections?view=due").await, &["I/A/3", "predat la arhivă"]);
    let new = "/console/holds/new";
    let wrong = posted(eva, new, new, &[("reason", ""), ("basis", "")]).await;
    refused(&wrong, &["Motivul"]);
    let hold = [("code", "I/A/3"), ("reason", "proces la judecătorie"), ("basis", "adresa instanței")];
    assert_eq!(posted(eva, new, new, &hold).await.status, 303);
    let page = eva.open("/console/holds").await;
    has(&page, &["proces la judecătorie", "reținut"]);
    let holds = page.text.split("href=\"/console/holds/").skip(1).filter_map(|rest| rest.split('"').next());
    let hold = format!("/console/holds/{}", holds.into_iter().find(|id| id.len() == 36).expect("the hold is listed"));
    let decision = format!("decision-{}", id(dossier));
    let minutes = [
        ("number", "1"),
        ("date", "2039-01-15"),
        ("president", "Inventata Maria"),
        ("secretary", "Inventatul Radu"),
        ("member", "Inventata Ioana"),
        (decision.as_str(), "destroy"),
    ];
    let new = "/console/selections/new";
    let held = posted(eva, new, new, &minutes).await;
    refused(&held, &["proces la judecătorie", "value=\"Inventata Maria\""]);
    assert!(!eva.open(&hold).await.text.contains("Ridică reținerea"), "an archivist releases no hold");
    let released = posted(ioana, &hold, &format!("{hold}/release"), &[("reason", "hotărâre definitivă")]).await;
    assert_eq!(released.status, 303, "{}", released.text);
    has(&ioana.open("/console/holds?all=true").await, &["ridicată"]);
    let written = posted(eva, new, new, &minutes).await;
    assert_eq!(written.status, 303, "{}", written.text);
    let desk = Desk::of(hub, SENDER, "sistem", "Registratura");
    let found = desk.get("/v1/archive/selections").await.body;
    let page = format!("/console/selections/{}", id(&found["items"][0]));
    has(&eva.open(&page).await, &["așteaptă Arhivele Naționale", "se distruge", "Inventata Maria"]);
    let paper = eva.open(&format!("{page}/minutes")).await;
    assert_eq!(paper.headers["content-type"], "application/pdf");
    let letter = [("number", "88"), ("date", "2039-02-01"), ("service", "Serviciul Județean Mehedinți")];
    let confirmed = posted(ioana, &page, &format!("{page}/confirmation"), &letter).await;
    assert_eq!(confirmed.status, 303, "{}", confirmed.text);
    has(&eva.open(&page).await, &["Cere distrugerea definitivă", "nimeni nu îl mai poate aduce înapoi"]);
    assert_eq!(posted(eva, &page, &format!("{page}/destruction"), &[]).await.status, 303);
    // The same person does not approve what it asked for.
    refused(&posted(eva, &page, &format!("{page}/destruction"), &[]).await, &["Aprobă distrugerea definitivă"]);
    assert_eq!(eva.open(&format!("{page}/proof.pdf")).await.status, 409);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_no_rule_knew_is_filed_by_hand_under_a_code_that_exists() {
    let hub = TestHub::start(Database::Sqlite).await;
    let desk = Desk::of(&hub, SENDER, "sistem", "Registratura");
    let known = nomenclature();
    let without = known.split("[[rule]]").next().unwrap();
    let answer = desk.text("/v1/archive/nomenclator", "n", "application/toml", without).await;
    assert_eq!(answer.status, 201, "{answer:#?}");
    consigned(&hub, "fara-regula").await;
    let waits = desk
        .wait_for("/v1/archive/filings?state=unclassified", |seen| {
            seen["items"].as_array().is_some_and(|all| !all.is_empty())
        })
        .await;
    let place = format!("/console/filings/{}", id(&waits["items"][0]));
    let mut eva = signed_in(&hub, SENDER, "eva@comuna.example", &["archivist"]).await;
    has(&eva.open("/console/filings").await, &["de clasificat", &place]);
    has(&eva.open(&place).await, &["De ce așteaptă", "Clasează"]);
    let wrong = posted(&mut eva, &place, &format!("{place}/classify"), &[("code", "I/A/33")]).await;
    refused(&wrong, &["I/A/3", "value=\"I/A/33\""]);
    let mut other = signed_in(&hub, HUB_TOWN, "alt@oras.example", &["archivist"]).await;
    assert_eq!(other.open(&place).await.status, 404);
    let done = posted(&mut eva, &place, &format!("{place}/classify"), &[("code", "I/A/3")]).await;
    assert_eq!(done.status, 303, "{}", done.text);
    hub.stop().await;
}
