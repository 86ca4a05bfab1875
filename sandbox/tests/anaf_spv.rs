//! The private space of the twin of ANAF: its log-in, its three calls, its words.

#![allow(clippy::unwrap_used, reason = "helpers of tests are tests")]

use std::sync::Arc;

use reqwest::redirect::Policy;
use reqwest::{Client, Response};
use sandbox::{Anaf, AnafCall, Running};
use serde_json::{Value, json};

/// 22 November 2026, noon in Bucharest.
const NOON: i64 = 1_795_341_600;
const LIST: &str = "/SPVWS2/rest/listaMesaje?zile=50";

struct World {
    twin: Running<AnafCall>,
    client: Client,
}

async fn world() -> World {
    let twin = Anaf::start(([127, 0, 0, 1], 0).into(), Arc::new(|| NOON)).await.unwrap();
    World { twin, client: Client::builder().no_proxy().redirect(Policy::none()).build().unwrap() }
}

impl World {
    async fn get(&self, path: &str, cookie: &str) -> Response {
        self.client.get(format!("{}{path}", self.twin.url())).header("cookie", cookie).send().await.unwrap()
    }

    async fn json(&self, path: &str, cookie: &str) -> Value {
        self.get(path, cookie).await.json().await.unwrap()
    }

    async fn set(&self, settings: Value) {
        let url = format!("{}/_sandbox/spv", self.twin.url());
        assert_eq!(self.client.put(url).json(&settings).send().await.unwrap().status(), 200, "{settings}");
    }

    /// Walks from the wall to the service; returns the cookie.
    async fn log_in(&self) -> String {
        let wall = self.get(LIST, "").await;
        assert_eq!((wall.status().as_u16(), location(&wall)), (302, "/my.policy".to_owned()));
        assert_eq!(wall.headers().get_all("set-cookie").iter().count(), 3);
        let first = session(&wall);
        let policy = self.get("/my.policy", &first).await;
        let hop = location(&policy);
        assert!(hop.starts_with("/my.policy_nonce?nonce="), "{hop}");
        let passed = self.get(&hop, &first).await;
        assert_eq!(location(&passed), LIST, "back to where the visitor wanted to go");
        let second = session(&passed);
        assert_ne!(first, second);
        second
    }
}

fn location(answer: &Response) -> String {
    answer.headers()["location"].to_str().unwrap().to_owned()
}

fn session(answer: &Response) -> String {
    let cookies = answer.headers().get_all("set-cookie").iter().map(|value| value.to_str().unwrap());
    cookies
        .filter_map(|cookie| cookie.split(';').next())
        .find(|pair| pair.starts_with("MRHSession="))
        .unwrap()
        .to_owned()
}

#[tokio::test]
async fn a_session_begins_with_a_certificate_and_ends_with_a_page() {
    let world = world().await;
    let cookie = world.log_in().await;
    let list = world.json(LIST, &cookie).await;
    assert_eq!(list["titlu"], "Lista Mesaje disponibile din ultimele 50 zile");
    assert_eq!((&list["cnp"], &list["serial"]), (&json!("1111111111118"), &json!("1234AA456")));
    assert_eq!(list["cui"], "8000000000,12345674,1111111111118,1800101221144");

    let url = format!("{}/_sandbox/spv/end-sessions", world.twin.url());
    world.client.post(url).send().await.unwrap();
    assert_eq!(location(&world.get(LIST, &cookie).await), "/my.policy");

    world.set(json!({ "certificate": "refused" })).await;
    let first = session(&world.get(LIST, "").await);
    let refused = world.get("/my.policy", &first).await;
    assert_eq!(location(&refused), "/vdesk/hangup.php3");
    let page = world.get("/vdesk/hangup.php3", &first).await;
    assert_eq!(page.status(), 200);
    assert!(page.text().await.unwrap().contains("Pagina logout"));
}

#[tokio::test]
async fn the_line_in_front_says_whose_certificate_it_was() {
    let world = world().await;
    world.set(json!({ "certificate": "from-line" })).await;
    let first = session(&world.get(LIST, "").await);
    assert_eq!(location(&world.get("/my.policy", &first).await), "/vdesk/hangup.php3");
    let url = format!("{}/my.policy", world.twin.url());
    let shown =
        world.client.get(url).header("cookie", &first).header("x-client-certificate", "0AB1").send().await.unwrap();
    let passed = world.get(&location(&shown), &first).await;
    assert_eq!(world.json(LIST, &session(&passed)).await["serial"], "0AB1");
}

#[tokio::test]
async fn a_session_is_checked_again_and_a_logout_page_comes_with_200() {
    let world = world().await;
    let cookie = world.log_in().await;
    world.set(json!({ "revalidate": 1, "logout_pages": 1 })).await;
    assert!(world.get(LIST, &cookie).await.text().await.unwrap().contains("Pagina logout"));
    let hop = world.get(LIST, &cookie).await;
    assert!(location(&hop).starts_with("/my.policy_nonce?nonce="));
    let renewed = session(&world.get(&location(&hop), &cookie).await);
    assert_eq!(world.get(LIST, &renewed).await.status(), 200);
    assert_eq!(world.get(LIST, &cookie).await.status(), 302, "the old cookie is worth nothing");
}

#[tokio::test]
async fn messages_are_listed_in_both_forms_of_time_and_with_their_blanks() {
    let world = world().await;
    let cookie = world.log_in().await;
    let list = world.json(LIST, &cookie).await;
    let messages = list["mesaje"].as_array().unwrap();
    assert_eq!(messages.len(), 4, "one is older than fifty days");
    assert_eq!(messages[0]["data_creare"], "19.11.2026 12:00:00");
    assert_eq!(messages[0]["id_solicitare"], Value::Null);
    assert_eq!(messages[1]["tip"], "DECLARATIE ");
    world.set(json!({ "dates": "compact" })).await;
    assert_eq!(world.json(LIST, &cookie).await["mesaje"][0]["data_creare"], "19112026120000");
    let table = [
        ("zile=2", "Nu exista mesaje in ultimele 2 zile"),
        ("zile=61", "Numarul de zile trebuie sa fie intre 1 si 60"),
        ("zile=aaa", "Numarul de zile introdus= aaa nu este un numar intreg"),
        ("zile=5&cif=90000006", "Nu aveti drept in SPV pentru CIF=90000006"),
    ];
    for (query, words) in table {
        let answer = world.json(&format!("/SPVWS2/rest/listaMesaje?{query}"), &cookie).await;
        assert_eq!(answer, json!({ "eroare": words, "titlu": "Lista Mesaje" }), "identity is absent");
    }
    let of_one = world.json(&format!("{LIST}&cif=12345674"), &cookie).await;
    assert_eq!(of_one["mesaje"].as_array().unwrap().len(), 2);
}

#[tokio::test]
async fn a_request_is_answered_later_with_its_number_and_a_pdf() {
    let world = world().await;
    let cookie = world.log_in().await;
    let asked = "/SPVWS2/rest/cerere?tip=Adeverinte%20Venit&cui=1800101221144&an=2025&motiv=Ajutor%20social";
    let receipt = world.json(asked, &cookie).await;
    assert_eq!(receipt["titlu"], "Transmitere cerere tip Adeverinte Venit");
    assert_eq!(receipt["parametri"], "an=2025, cui=1800101221144, motiv=Ajutor social");
    let number = receipt["id_solicitare"].as_u64().unwrap();
    let answered = |list: &Value| {
        let messages = list["mesaje"].as_array().unwrap().clone();
        let number = number.to_string();
        messages.into_iter().find(|message| message["id_solicitare"].as_str() == Some(number.as_str()))
    };
    assert_eq!(answered(&world.json(LIST, &cookie).await), None);
    let message = answered(&world.json(LIST, &cookie).await).unwrap();
    assert_eq!((&message["tip"], &message["cif"]), (&json!("ADEVERINTA VENIT"), &json!("1800101221144")));
    let path = format!("/SPVWS2/rest/descarcare?id={}", message["id"].as_str().unwrap());
    let pdf = world.get(&path, &cookie).await;
    assert_eq!(pdf.headers()["content-type"], "application/pdf");
    let pdf = String::from_utf8(pdf.bytes().await.unwrap().to_vec()).unwrap();
    assert!(pdf.starts_with("%PDF-1.4") && pdf.contains("(Motivul: Ajutor social) Tj"));
    let other = world.json("/SPVWS2/rest/descarcare?id=100000999", &cookie).await;
    let words = "Nu aveti dreptul sa descarcati acest mesaj";
    assert_eq!(other, json!({ "eroare": words, "titlu": "Descarcare mesaj 100000999" }));
}

#[tokio::test]
async fn a_refused_request_has_its_words_and_a_taken_one_may_be_relaxed_json() {
    let world = world().await;
    let cookie = world.log_in().await;
    let refused = world.json("/SPVWS2/rest/cerere?tip=D101&cui=8000000001&an=2025", &cookie).await;
    assert_eq!(refused, json!({ "eroare": "CUI-ul introdus= 8000000001 nu este corect. ", "titlu": "Cerere" }));
    world.set(json!({ "relaxed": true, "answers": false })).await;
    let relaxed = world.get("/SPVWS2/rest/cerere?tip=D101&cui=8000000000&an=2025", &cookie).await.text().await.unwrap();
    let expected = "{ id_solicitare: 260149, parametri: \"an=2025, cui=8000000000\", serial: \"1234AA456\", \
                    cnp: 1111111111118, titlu: \"Transmitere cerere tip D101\" }";
    assert_eq!(relaxed, expected);
    for _ in 0..3 {
        assert!(!world.get(LIST, &cookie).await.text().await.unwrap().contains("260149"), "it is never answered");
    }
}
