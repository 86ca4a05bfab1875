//! Many twins under one page: what is played where, what goes wrong next, what was asked.

#![allow(clippy::unwrap_used, reason = "helpers of tests are tests")]

use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;

use connectors_contract::SystemFolder;
use sandbox::{Esocial, FolderTwin, Played, Playground, RecordedRequest};
use serde_json::{Value, json};

const LOCAL: SocketAddr = SocketAddr::new(std::net::IpAddr::V4(std::net::Ipv4Addr::LOCALHOST), 0);

fn esocial_folder() -> SystemFolder {
    SystemFolder::read(&Path::new(env!("CARGO_MANIFEST_DIR")).join("../connectors/systems/esocial")).unwrap()
}

#[tokio::test]
async fn the_page_shows_every_twin_and_plans_its_faults() {
    let esocial = Esocial::start(LOCAL, Arc::new(|| 1_772_445_600)).await.unwrap();
    let url = esocial.url();
    let playground = Playground::open(LOCAL, vec![Played::new("esocial", "eSocial <județ>", esocial)]).await.unwrap();
    let (page, http) = (format!("http://{}", playground.address), reqwest::Client::new());

    let overview = http.get(&page).send().await.unwrap().text().await.unwrap();
    assert!(overview.contains("eSocial &lt;județ&gt;") && overview.contains(&url), "{overview}");

    let form = "fault=too-many-requests&times=1&delay_ms=5&retry_after_s=9&operation=inquire";
    let planned = http.post(format!("{page}/twins/esocial/plan"));
    let planned = planned.header("content-type", "application/x-www-form-urlencoded").body(form).send().await.unwrap();
    assert!(planned.text().await.unwrap().contains("1× TooManyRequests"));
    let answer =
        http.get(format!("{url}/api/v1/cazuri?cheie=x")).header("authorization", "Bearer secret").send().await.unwrap();
    assert_eq!((answer.status().as_u16(), answer.headers()["retry-after"].to_str().unwrap()), (429, "9"));

    let asked = http.get(format!("{page}/twins/esocial/requests")).send().await.unwrap();
    let asked: Vec<RecordedRequest> = asked.json().await.unwrap();
    assert_eq!((asked.len(), asked[0].status, asked[0].path.as_str()), (1, 429, "/api/v1/cazuri?cheie=x"));
    assert_eq!(asked[0].headers["authorization"], "Bearer …");
    assert!(asked[0].answer.as_ref().unwrap().contains("Prea multe cereri"));
    let own: Vec<RecordedRequest> =
        http.get(format!("{url}/_sandbox/requests")).send().await.unwrap().json().await.unwrap();
    assert_eq!(own, asked);

    let plan = json!([{ "fault": "server-error", "times": 2 }]);
    let left = http.put(format!("{page}/twins/esocial/faults")).json(&plan).send().await.unwrap();
    assert_eq!(left.json::<Value>().await.unwrap()[0]["times"], 2);
    assert_eq!(http.get(format!("{page}/twins/nimeni")).send().await.unwrap().status(), 404);
}

#[tokio::test]
async fn a_folder_alone_plays_its_system_and_knows_a_key_again() {
    let twin = FolderTwin::start(LOCAL, esocial_folder(), "jeton").await.unwrap();
    let (url, http) = (format!("{}/api/v1/cazuri", twin.url()), reqwest::Client::new());
    let send = |key: &'static str, body: &'static str, token: &'static str| {
        let request = http.post(&url).bearer_auth(token).header("idempotency-key", key);
        let answer = request.header("content-type", "application/json").body(body).send();
        async move {
            let answer = answer.await.unwrap();
            (answer.status().as_u16(), answer.json::<Value>().await.unwrap())
        }
    };
    assert_eq!(send("cheie-1", "{}", "alt").await.0, 401);
    let (status, first) = send("cheie-1", "{}", "jeton").await;
    assert_eq!((status, &first["numarCaz"]), (201, &json!("ESO-2026-000001")));
    assert_eq!(send("cheie-1", "{}", "jeton").await.1, first);
    assert_eq!(send("cheie-1", "{\"x\":1}", "jeton").await.0 / 100, 4);
    assert_eq!(send("cheie-2", "{}", "jeton").await.1["numarCaz"], "ESO-2026-000002");
    let asked = |key: &str| http.get(format!("{url}?cheie={key}")).bearer_auth("jeton").send();
    let present: Value = asked("cheie-2").await.unwrap().json().await.unwrap();
    assert_eq!(present["cazuri"][0]["numarCaz"], "ESO-2026-000002");
    assert_eq!(asked("cheie-3").await.unwrap().status(), 404);
    assert_eq!(twin.received().iter().map(|kept| kept.stored).collect::<Vec<_>>(), [1, 1]);
}
