//! The trade register's twin: every operation of the profile, its refusals, and its worst day.

#![allow(clippy::unwrap_used, reason = "helpers of tests are tests")]

use std::sync::Arc;

use reqwest::{Method, StatusCode};
use sandbox::{AuditRecord, Onrc, Running};
use serde_json::{Value, json};

const NOW: i64 = 1_788_300_000;

async fn twin() -> Running<AuditRecord> {
    Onrc::start("127.0.0.1:0".parse().unwrap(), Arc::new(|| NOW), 200).await.unwrap()
}

/// One client for all: making one reads every certificate of the machine. No line outlives its test.
fn client() -> reqwest::Client {
    static CLIENT: std::sync::OnceLock<reqwest::Client> = std::sync::OnceLock::new();
    CLIENT.get_or_init(|| reqwest::Client::builder().no_proxy().pool_max_idle_per_host(0).build().unwrap()).clone()
}

struct Said {
    status: u16,
    body: Value,
    retry_after: Option<String>,
}

async fn ask(
    twin: &Running<AuditRecord>,
    method: Method,
    path: &str,
    body: Option<Value>,
    more: &[(&str, &str)],
) -> Said {
    let mut request = client().request(method, format!("{}{path}", twin.url())).header("X-Correlation-Id", "cor-1");
    if !more.iter().any(|(name, _)| *name == "no-institution") {
        request = request.header("X-Institutie", "90000006");
    }
    for (name, value) in more.iter().filter(|(name, _)| *name != "no-institution") {
        request = request.header(*name, *value);
    }
    if let Some(body) = body {
        request = request.json(&body);
    }
    let answer = request.send().await.unwrap();
    let status = answer.status().as_u16();
    if path.starts_with("/recom/") {
        assert_eq!(answer.headers()["x-correlation-id"], "cor-1", "{path}");
    }
    let retry_after = answer.headers().get("retry-after").map(|value| value.to_str().unwrap().to_owned());
    let bytes = answer.bytes().await.unwrap();
    let body = serde_json::from_slice(&bytes).unwrap_or(Value::String(String::from_utf8_lossy(&bytes).into_owned()));
    Said { status, body, retry_after }
}

async fn get(twin: &Running<AuditRecord>, path: &str) -> (u16, Value) {
    let said = ask(twin, Method::GET, path, None, &[]).await;
    (said.status, said.body)
}

async fn behave(twin: &Running<AuditRecord>, behaviour: Value) {
    let said = ask(twin, Method::PUT, "/_sandbox/onrc", Some(behaviour), &[]).await;
    assert_eq!(said.status, 200, "{}", said.body);
}

#[tokio::test]
async fn one_firm_is_found_by_either_number_by_either_euid_and_by_cui() {
    let twin = twin().await;
    for question in [
        "cui=90000014",
        "nr_reg=J24/99901/2019",
        "nr_reg=J24%2F99901%2F2019",
        "nr_reg=J2019099901240",
        "euid=ROONRC.J24/99901/2019",
        "euid=ROONRC.J2019099901240",
        "denumire=ghilimele",
    ] {
        let (status, body) = get(&twin, &format!("/recom/v1/firme?{question}")).await;
        assert_eq!((status, body["total"].as_u64()), (200, Some(1)), "{question}: {body}");
        assert_eq!(body["firme"][0]["nr_reg"], "J2019099901240", "{question}");
    }
    for path in ["J2019099901240", "J24%2F99901%2F2019", "ROONRC.J2019099901240"] {
        let (status, record) = get(&twin, &format!("/recom/v1/firme/{path}")).await;
        assert_eq!((status, &record["stare"]["normalizata"]), (200, &json!("IN_FUNCTIUNE")), "{path}");
        assert_eq!(record["stare"]["coduri"].as_array().unwrap().len(), 2);
        assert_eq!(record["sursa"]["opozabil"], false);
    }
    assert_eq!(get(&twin, "/recom/v1/firme/J12%2F99902%2F2003").await.1["stare"]["bris"], "struck off the register");
    let (status, page) = get(&twin, "/recom/v1/firme?denumire=demo&judet=PRAHOVA&marime=5&pagina=2").await;
    assert_eq!((status, page["firme"].as_array().unwrap().len()), (200, 5));
}

#[tokio::test]
async fn what_cannot_be_asked_is_refused_in_the_words_of_the_profile() {
    let twin = twin().await;
    for (path, status, code) in [
        ("/recom/v1/firme?cui=90000007", 400, "RECOM-400"),
        ("/recom/v1/firme?nr_reg=J2012000750529", 400, "RECOM-400"),
        ("/recom/v1/firme?denumire=de", 400, "RECOM-400"),
        ("/recom/v1/firme", 400, "RECOM-400"),
        ("/recom/v1/firme?cui=90000006&denumire=demo", 400, "RECOM-400"),
        ("/recom/v1/firme/J2002000372404", 404, "RECOM-404"),
        ("/recom/v1/firme/prost", 400, "RECOM-400"),
        ("/recom/v1/firme/J29%2F99001%2F1993", 409, "RECOM-409"),
        ("/recom/v1/firme/J2025900001003/altceva", 404, "RECOM-404"),
        ("/recom/v1/firme/J2025900001003/administratori", 403, "RECOM-403"),
        ("/recom/v1/firme/J2025900001003/asociati", 403, "RECOM-403"),
        ("/recom/v1/nomenclatoare/altul", 404, "RECOM-404"),
        ("/recom/v1/certificate/CC-9", 404, "RECOM-404"),
        ("/recom/v1/evenimente?dupa=x", 400, "RECOM-400"),
    ] {
        let (got, body) = get(&twin, path).await;
        assert_eq!((got, &body["cod"]), (status, &json!(code)), "{path}: {body}");
        assert_eq!(body["correlation_id"], "cor-1", "{path}");
    }
    // Nothing found is an empty list and not an error.
    let (status, body) = get(&twin, "/recom/v1/firme?nr_reg=J2002000372404").await;
    assert_eq!((status, body["total"].as_u64()), (200, Some(0)));
    let said = ask(&twin, Method::GET, "/recom/v1/capabilitati", None, &[("no-institution", "")]).await;
    assert_eq!((said.status, &said.body["cod"]), (401, &json!("RECOM-401")));
}

#[tokio::test]
async fn persons_are_told_of_only_for_a_purpose_and_every_question_is_written_down() {
    let twin = twin().await;
    let why = [("X-Scop", "verificare-mandat"), ("X-Temei-Legal", "Legea 265/2022"), ("X-Dosar", "12/2026")];
    for (part, expected) in [("administratori", "administrator"), ("asociati", "asociat")] {
        let path = format!("/recom/v1/firme/J2025900001003/{part}");
        let said = ask(&twin, Method::GET, &path, None, &why).await;
        assert_eq!((said.status, &said.body["elemente"][0]["calitate"]), (200, &json!(expected)));
        let masked = said.body["elemente"][0]["identificator"]["valoare_mascata"].as_str().unwrap();
        assert!(masked.starts_with("*********"), "{masked}");
    }
    assert_eq!(get(&twin, "/recom/v1/firme/J2025900001003/administratori").await.0, 403);
    let audit = twin.received();
    assert_eq!(audit.len(), 3);
    assert_eq!(audit[0].scop.as_deref(), Some("verificare-mandat"));
    assert_eq!((audit[2].status, audit[2].scop.as_deref()), (403, None));
    behave(&twin, json!({ "without": ["asociati", "istoric"] })).await;
    let said = ask(&twin, Method::GET, "/recom/v1/firme/J2025900001003/asociati", None, &why).await;
    assert_eq!((said.status, &said.body["cod"]), (501, &json!("RECOM-CAP")));
}

#[tokio::test]
async fn parts_lists_and_capabilities_are_there() {
    let twin = twin().await;
    for part in ["caen", "puncte-lucru", "mentiuni", "istoric"] {
        let (status, body) = get(&twin, &format!("/recom/v1/firme/J24%2F99901%2F2019/{part}")).await;
        assert_eq!((status, body["parte"].as_str()), (200, Some(part)), "{body}");
    }
    let (_, mentions) = get(&twin, "/recom/v1/firme/J24%2F99901%2F2019/mentiuni").await;
    assert_eq!(mentions["elemente"][0]["denumire"], "sediu expirat");
    for list in ["stari", "forme", "caen", "judete"] {
        let (status, body) = get(&twin, &format!("/recom/v1/nomenclatoare/{list}")).await;
        assert!(status == 200 && body["pozitii"].as_array().is_some_and(|rows| rows.len() >= 3), "{list}");
    }
    let (_, capabilities) = get(&twin, "/recom/v1/capabilitati").await;
    assert_eq!(capabilities["profil"], "RECOM-IH/1");
}

async fn order(twin: &Running<AuditRecord>, key: &str, number: &str, kind: &str) -> Said {
    let body = json!({ "nr_reg": number, "tip": kind, "scop": "achiziție publică", "limba": "ro" });
    ask(twin, Method::POST, "/recom/v1/certificate", Some(body), &[("Idempotency-Key", key)]).await
}

#[tokio::test]
async fn a_certificate_is_registered_worked_on_and_issued_within_twenty_minutes() {
    let twin = twin().await;
    behave(&twin, json!({ "certificate_s": 99_999 })).await;
    let first = order(&twin, "cheie-1", "J2025900001003", "DE_BAZA").await;
    assert_eq!((first.status, &first.body["stare"]), (202, &json!("INREGISTRAT")));
    let again = order(&twin, "cheie-1", "J2025900001003", "DE_BAZA").await;
    assert_eq!(again.body["id_cerere"], first.body["id_cerere"], "the same key is the same certificate");
    assert_eq!(order(&twin, "cheie-1", "J2025900001003", "INSOLVENTA").await.status, 409);
    let state = async |ahead: i64| {
        behave(&twin, json!({ "ahead_s": ahead })).await;
        get(&twin, "/recom/v1/certificate/CC-1").await.1["stare"].as_str().unwrap().to_owned()
    };
    assert_eq!(state(599).await, "INREGISTRAT");
    assert_eq!(get(&twin, "/recom/v1/certificate/CC-1/document").await.0, 404);
    assert_eq!(state(601).await, "IN_LUCRU");
    assert_eq!(state(1_200).await, "EMIS");
    let (status, pdf) = get(&twin, "/recom/v1/certificate/CC-1/document").await;
    let pdf = pdf.as_str().unwrap();
    assert!(status == 200 && pdf.starts_with("%PDF-1.7") && pdf.contains("(Denumire: DEMO MESTEACANUL SRL)"));
    behave(&twin, json!({ "certificate_s": 0 })).await;
    order(&twin, "cheie-2", "J12/99902/2003", "DE_BAZA").await;
    let struck_off = get(&twin, "/recom/v1/certificate/CC-2/document").await.1;
    let struck_off = struck_off.as_str().unwrap();
    assert!(struck_off.contains("(Motivul radierii: ") && !struck_off.contains("(Capital subscris: "));
    for (number, kind, status) in
        [("J2025900001003", "PERSOANA", 403), ("J2025900001003", "ALTUL", 400), ("J2002000372404", "DE_BAZA", 404)]
    {
        assert_eq!(order(&twin, "cheie-3", number, kind).await.status, status, "{kind}");
    }
}

#[tokio::test]
async fn an_unpaid_certificate_waits_expires_or_is_paid_and_one_may_be_rejected() {
    let twin = twin().await;
    behave(&twin, json!({ "payment": true, "certificate_s": 0 })).await;
    assert_eq!(order(&twin, "a-1", "J2025900001003", "DE_BAZA").await.body["stare"], "ASTEAPTA_PLATA");
    order(&twin, "a-2", "J2025900001003", "INSOLVENTA").await;
    assert_eq!(get(&twin, "/recom/v1/certificate/CC-1/document").await.0, 402);
    assert_eq!(ask(&twin, Method::POST, "/_sandbox/onrc/plateste/CC-1", None, &[]).await.status, 200);
    assert_eq!(get(&twin, "/recom/v1/certificate/CC-1").await.1["stare"], "EMIS");
    behave(&twin, json!({ "ahead_s": 86_400, "reject": true, "certificate_s": 0 })).await;
    assert_eq!(get(&twin, "/recom/v1/certificate/CC-2").await.1["cod"], "RECOM-410");
    assert_eq!(ask(&twin, Method::POST, "/_sandbox/onrc/plateste/CC-2", None, &[]).await.status, 404);
    let rejected = order(&twin, "a-3", "J2025900001003", "DE_BAZA").await.body;
    assert_eq!(rejected["stare"], "RESPINS");
    assert!(rejected["motiv"].as_str().is_some());
}

#[tokio::test]
async fn maintenance_quota_and_time_outs_come_as_they_are_asked_for() {
    let twin = twin().await;
    let path = "/recom/v1/firme?cui=90000006";
    behave(&twin, json!({ "maintenance_until": NOW + 120 })).await;
    let closed = ask(&twin, Method::GET, path, None, &[]).await;
    assert_eq!((closed.status, closed.retry_after.as_deref()), (503, Some("120")));
    assert!(closed.body["detalii"]["pana_la"].as_str().unwrap().starts_with("2026-"));
    behave(&twin, json!({ "quota": 2 })).await;
    let mut statuses = Vec::new();
    for _ in 0..3 {
        statuses.push(ask(&twin, Method::GET, path, None, &[]).await.status);
    }
    assert_eq!(statuses, [200, 200, 429]);
    behave(&twin, json!({ "timeouts_percent": 5 })).await;
    let mut lost = 0;
    for _ in 0..100 {
        lost += u32::from(get(&twin, path).await.0 == 504);
    }
    assert_eq!(lost, 5);
}

#[tokio::test]
async fn a_change_in_the_register_is_seen_at_once_in_it_as_an_event_and_only_later_in_the_open_data() {
    let twin = twin().await;
    let body =
        json!({ "nr_reg": ["J2025900001003"], "evenimente": ["RADIERE"], "adresa_notificare": "https://a.example" });
    let said = ask(&twin, Method::POST, "/recom/v1/abonamente", Some(body), &[]).await;
    assert_eq!((said.status, &said.body["cursor"]), (201, &json!("0")));
    let change = json!({ "eveniment": "RADIERE", "nr_reg": "J2025900001003" });
    assert_eq!(ask(&twin, Method::POST, "/_sandbox/onrc/evenimente", Some(change), &[]).await.status, 200);
    ask(&twin, Method::POST, "/_sandbox/onrc/evenimente", Some(json!({ "eveniment": "INMATRICULARE" })), &[]).await;
    let (_, events) = get(&twin, "/recom/v1/evenimente?dupa=0").await;
    assert_eq!(events["evenimente"][0]["eveniment"], "RADIERE");
    assert_eq!((&events["cursor"], events["evenimente"].as_array().unwrap().len()), (&json!("2"), 2));
    assert_eq!(get(&twin, "/recom/v1/evenimente?dupa=2").await.1["evenimente"], json!([]));
    let fresh = events["evenimente"][1]["nr_reg"].as_str().unwrap();
    assert_eq!(get(&twin, &format!("/recom/v1/firme/{fresh}")).await.0, 200);
    assert_eq!(get(&twin, "/recom/v1/firme/J2025900001003").await.1["stare"]["normalizata"], "RADIATA");
    let day = &get(&twin, "/api/3/action/package_search").await.1["result"]["results"][0]["name"];
    let file = format!("/dataset/{}/od_firme.csv", day.as_str().unwrap());
    let before = get(&twin, &file).await.1;
    assert!(!before.as_str().unwrap().contains(fresh));
    ask(&twin, Method::POST, "/_sandbox/onrc/instantaneu", None, &[]).await;
    assert!(get(&twin, &file).await.1.as_str().unwrap().contains(fresh));
    assert_eq!(ask(&twin, Method::DELETE, "/recom/v1/abonamente/AB-1", None, &[]).await.status, 204);
    assert_eq!(ask(&twin, Method::DELETE, "/recom/v1/abonamente/AB-1", None, &[]).await.status, 404);
}

#[tokio::test]
async fn the_catalogue_announces_files_and_the_file_server_knows_ranges() {
    let twin = twin().await;
    let (_, found) = get(&twin, "/api/3/action/package_search?rows=100").await;
    let name = found["result"]["results"][0]["name"].as_str().unwrap();
    assert_eq!(name, "firme-02-09-2026");
    let (_, package) = get(&twin, &format!("/api/3/action/package_show?id={name}")).await;
    assert_eq!(package["result"]["resources"].as_array().unwrap().len(), 6);
    assert_eq!(get(&twin, "/api/3/action/package_show?id=altul").await.0, 404);
    let client = client();
    let address = format!("{}/dataset/{name}/od_firme.csv", twin.url());
    let whole = client.get(&address).send().await.unwrap().bytes().await.unwrap();
    assert!(whole.starts_with("\u{feff}DENUMIRE^CUI^".as_bytes()));
    let part = client.get(&address).header("Range", "bytes=100-").send().await.unwrap();
    assert_eq!(part.status(), StatusCode::PARTIAL_CONTENT);
    assert_eq!(
        part.headers()["content-range"].to_str().unwrap(),
        format!("bytes 100-{}/{}", whole.len() - 1, whole.len())
    );
    assert_eq!(part.bytes().await.unwrap(), whole.slice(100..));
    let beyond = client.get(&address).header("Range", "bytes=99999999-").send().await.unwrap();
    assert_eq!(beyond.status(), StatusCode::RANGE_NOT_SATISFIABLE);
    behave(&twin, json!({ "cut_files_after": 500 })).await;
    let cut = client.get(&address).send().await.unwrap().bytes().await;
    assert!(cut.is_err(), "the line was cut");
}
