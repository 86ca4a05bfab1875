//! The twin of ANAF as an integrator meets it: tokens, filings, lists, downloads, refusals and a bad day.

#![allow(clippy::unwrap_used, reason = "helpers of tests are tests")]

mod met;

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use openssl::hash::MessageDigest;
use openssl::pkey::PKey;
use openssl::sign::Verifier;
use openssl::x509::X509;
use reqwest::StatusCode;
use reqwest::multipart::{Form, Part};
use sandbox::AnafCall;
use serde_json::{Value, json};

use met::{Met, NOON, attribute, encoded, invoice, members};

#[tokio::test]
async fn a_code_is_good_once_for_a_minute_and_a_refresh_token_is_good_once() {
    let met = Met::anaf().await;
    let code = async || {
        let query = "response_type=code&client_id=demo-client&redirect_uri=https%3A%2F%2Flocalhost%3A9002%2Fcallback\
                     &token_content_type=jwt&state=a%20b";
        let sent = met.client.get(met.url(&format!("/anaf-oauth2/v1/authorize?{query}"))).send().await.unwrap();
        assert_eq!(sent.status(), StatusCode::FOUND);
        let location = sent.headers()["location"].to_str().unwrap().to_owned();
        let rest = location.strip_prefix("https://localhost:9002/callback?code=").unwrap();
        rest.strip_suffix("&state=a%20b").unwrap().to_owned()
    };
    let token = async |form: &[(&str, &str)]| {
        let request = met.client.post(met.url("/anaf-oauth2/v1/token")).basic_auth("demo-client", Some("demo-secret"));
        let answer = encoded(request, form).send().await.unwrap();
        (answer.status().as_u16(), answer.json::<Value>().await.unwrap())
    };
    let exchange = async |code: &str| {
        let address = ("redirect_uri", "https://localhost:9002/callback");
        token(&[("grant_type", "authorization_code"), ("code", code), address]).await
    };
    let first = code().await;
    let (status, pair) = exchange(&first).await;
    assert_eq!((status, &pair["expires_in"]), (200, &json!(7_776_000)));
    assert_eq!(exchange(&first).await, (400, json!({ "error": "invalid_grant" })));
    let late = code().await;
    met.pass(61);
    assert_eq!(exchange(&late).await, (400, json!({ "error": "invalid_grant" })));

    let refresh = pair["refresh_token"].as_str().unwrap();
    let (status, rotated) = token(&[("grant_type", "refresh_token"), ("refresh_token", refresh)]).await;
    assert_eq!(status, 200);
    assert_ne!(rotated["refresh_token"], pair["refresh_token"]);
    let again = token(&[("grant_type", "refresh_token"), ("refresh_token", refresh)]).await;
    assert_eq!(again, (400, json!({ "error": "invalid_grant" })));
    assert_eq!(token(&[("grant_type", "password")]).await, (400, json!({ "error": "invalid_request" })));
    let stranger = met.client.post(met.url("/anaf-oauth2/v1/token")).basic_auth("demo-client", Some("wrong"));
    let stranger = encoded(stranger, &[("grant_type", "refresh_token")]).send().await.unwrap();
    assert_eq!(stranger.json::<Value>().await.unwrap(), json!({ "error": "invalid_client" }));
    let revoked = met.client.post(met.url("/anaf-oauth2/v1/revoke")).send().await.unwrap();
    assert_eq!((revoked.status().as_u16(), &revoked.headers()["location"]), (302, &"/my.policy".parse().unwrap()));
}

#[tokio::test]
async fn a_token_is_a_jwt_with_rs512_and_dies_when_it_expires() {
    let met = Met::anaf().await;
    let parts: Vec<&str> = met.token.split('.').collect();
    let read = |part: &str| serde_json::from_slice::<Value>(&URL_SAFE_NO_PAD.decode(part).unwrap()).unwrap();
    assert_eq!(read(parts[0])["alg"], "RS512");
    let claims = read(parts[1]);
    assert_eq!((&claims["exp"], &claims["iss"]), (&json!(NOON + 7_776_000), &json!("https://logincert.anaf.ro")));
    let key = met.client.get(met.url("/_sandbox/anaf/jwt.pem")).send().await.unwrap().bytes().await.unwrap();
    let key = PKey::public_key_from_pem(&key).unwrap();
    let signed = format!("{}.{}", parts[0], parts[1]);
    let signature = URL_SAFE_NO_PAD.decode(parts[2]).unwrap();
    let mut verifier = Verifier::new(MessageDigest::sha512(), &key).unwrap();
    assert!(verifier.verify_oneshot(&signature, signed.as_bytes()).unwrap());

    assert_eq!(met.get("/TestOauth/jaxrs/hello?name=Punte").await, (StatusCode::OK, "Hello, Punte!".to_owned()));
    met.pass(7_776_000);
    assert_eq!(met.get("/TestOauth/jaxrs/hello?name=Punte").await.0, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn an_invoice_is_filed_processed_listed_late_and_downloaded_under_a_seal() {
    let met = Met::anaf().await;
    let xml = invoice("A-1");
    let index = met.upload(&xml).await;
    assert!(met.status(&index).await.contains("stare=\"in prelucrare\""));
    let done = met.status(&index).await;
    assert!(done.contains("stare=\"ok\""), "{done}");
    let simple = "/test/FCTEL/rest/listaMesajeFactura?zile=1&cif=RO90000006";
    assert!(met.get(simple).await.1.contains("Nu exista mesaje in ultimele 1 zile"), "the lists lag behind the status");
    met.pass(61);
    let listed: Value = serde_json::from_str(&met.get(simple).await.1).unwrap();
    let entry = &listed["mesaje"][0];
    assert_eq!(entry["id"], json!(attribute(&done, "id_descarcare")));
    assert_eq!((&entry["tip"], &entry["data_creare"]), (&json!("FACTURA TRIMISA"), &json!("202601151000")));
    let buyers: Value =
        serde_json::from_str(&met.get("/test/FCTEL/rest/listaMesajeFactura?zile=1&cif=90000014&filtru=P").await.1)
            .unwrap();
    assert_eq!(buyers["mesaje"][0]["tip"], "FACTURA PRIMITA");

    let id = entry["id"].as_str().unwrap();
    let url = met.url(&format!("/test/FCTEL/rest/descarcare?id={id}"));
    let zip = met.client.get(url).bearer_auth(&met.token).send().await.unwrap().bytes().await.unwrap();
    let members = members(&zip);
    let names: Vec<&str> = members.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(names, [format!("{index}.xml"), format!("semnatura_{index}.xml")]);
    assert_eq!(members[0].1, xml.as_bytes());
    seal_is_real(&met, &members[1].1).await;

    let form = |document: Vec<u8>| {
        Form::new().part("file", Part::bytes(document)).part("signature", Part::bytes(members[1].1.clone()))
    };
    let judged = async |document: Vec<u8>| {
        let request = met.client.post(met.url("/api/validate/signature")).multipart(form(document));
        request.send().await.unwrap().json::<Value>().await.unwrap()["msg"].as_str().unwrap().to_owned()
    };
    assert!(judged(members[0].1.clone()).await.contains("au fost validate cu succes"));
    assert!(judged(b"<other/>".to_vec()).await.contains("NU au putut fi validate cu succes"));
}

/// The signature verifies with the ministry's certificate, checked without the twin's own code.
async fn seal_is_real(met: &Met, signature: &[u8]) {
    let pem = met.client.get(met.url("/_sandbox/anaf/ministry.pem")).send().await.unwrap().bytes().await.unwrap();
    let key = X509::from_pem(&pem).unwrap().public_key().unwrap();
    let text = std::str::from_utf8(signature).unwrap();
    let part = |from: &str, to: &str| text.split_once(from).unwrap().1.split_once(to).unwrap().0;
    let info = format!(
        "<SignedInfo xmlns=\"http://www.w3.org/2000/09/xmldsig#\">{}</SignedInfo>",
        part("<SignedInfo>", "</SignedInfo>")
    );
    let value = STANDARD.decode(part("<SignatureValue>", "</SignatureValue>")).unwrap();
    let mut verifier = Verifier::new(MessageDigest::sha256(), &key).unwrap();
    assert!(verifier.verify_oneshot(&value, info.as_bytes()).unwrap());
}

#[tokio::test]
async fn an_invoice_sent_twice_is_nok_and_its_archive_names_the_first() {
    let met = Met::anaf().await;
    met.set(json!({ "polls": 0 })).await;
    let first = met.upload(&invoice("A-1")).await;
    let second = met.upload(&invoice("A-1")).await;
    assert_ne!(first, second);
    let status = met.status(&second).await;
    assert!(status.contains("stare=\"nok\""), "{status}");
    let id = attribute(&status, "id_descarcare");
    let url = met.url(&format!("/test/FCTEL/rest/descarcare?id={id}"));
    let zip = met.client.get(url).bearer_auth(&met.token).send().await.unwrap().bytes().await.unwrap();
    let errors = String::from_utf8(members(&zip)[0].1.clone()).unwrap();
    let words = format!("Factura a mai fost transmisa anterior cu index={first} si data incarcare=2026-01-15");
    assert!(errors.contains(&words) && errors.contains("mesajEroriFactuta"), "{errors}");
}

#[tokio::test]
async fn what_is_refused_is_refused_with_two_hundred_in_the_words_of_the_operation() {
    let met = Met::anaf().await;
    let up = |query: &str| format!("/test/FCTEL/rest/upload?{query}");
    let bad_root = "<Invoice1/>";
    let table = [
        (up("standard=UBX&cif=90000006"), "Valorile acceptate pentru parametrul standard sunt UBL, CN, CII sau RASP"),
        (up("standard=UBL&cif=123a"), "CIF introdus= 123a nu este un numar"),
        (up("standard=UBL&cif=1234"), "Nu aveti drept in SPV pentru CIF=1234"),
        (
            up("standard=UBL&cif=90000006&extern=NU"),
            "Daca parametrul extern trebuie completat, valoarea acceptata este DA",
        ),
        (
            up("standard=UBL&cif=90000006&executare=DA"),
            "CIF introdus= 90000006 nu este inregistrat in Registrul RO e-Factura executari silite",
        ),
        (up("standard=UBL&cif=90000006"), "cvc-elt.1.a: Cannot find the declaration of element 'Invoice1'."),
    ];
    for (path, words) in table {
        let (status, answer) = met.post(&path, bad_root).await;
        assert_eq!(status, StatusCode::OK);
        assert!(answer.contains(words) && answer.contains("ExecutionStatus=\"1\""), "{words}: {answer}");
    }
    let many = "/test/FCTEL/rest/upload?standard=UBL&cif=90000006";
    assert!(met.post(many, vec![b' '; 10 * 1024 * 1024 + 1]).await.1.contains("mai mare de 10 MB."));
    let missing = met.post("/test/FCTEL/rest/upload", "<a/>").await;
    assert_eq!(missing.0, StatusCode::BAD_REQUEST);
    assert!(missing.1.contains("\"message\":\"Parametrii standard si cif sunt obligatorii\""), "{}", missing.1);
    let empty = met.post(many, "").await;
    assert!(empty.1.contains("Trebuie sa aveti atasat in request un fisier de tip xml"), "{}", empty.1);
    assert_eq!(met.get("/test/rest/stareMesaj?id_incarcare=1").await.0, StatusCode::FORBIDDEN);
    assert_eq!(met.post("/test/FCTEL/rest/validare/FACT1", "<a/>").await.0, StatusCode::NOT_FOUND);
    for (question, words) in [
        ("stareMesaj?id_incarcare=aaa", "Id_incarcare introdus= aaa nu este un numar intreg"),
        ("stareMesaj?id_incarcare=15000", "Nu exista factura cu id_incarcare= 15000"),
        ("stareMesaj", "Parametrul id_incarcare este obligatoriu"),
        ("descarcare?id=123a", "Id descarcare introdus= 123a nu este un numar intreg"),
        ("descarcare?id=21", "Pentru id=21 nu exista inregistrata nici o factura"),
        ("listaMesajeFactura?zile=61&cif=90000006", "Numarul de zile trebuie sa fie intre 1 si 60"),
        ("listaMesajeFactura?zile=aaa&cif=90000006", "Numarul de zile introdus= aaa nu este un numar intreg"),
        ("listaMesajeFactura?zile=1&cif=90000006&filtru=X", "Valorile acceptate pentru parametrul filtru"),
        ("listaMesajeFactura?cif=1", "Parametrii zile si cif sunt obligatorii"),
    ] {
        let answer = met.get(&format!("/test/FCTEL/rest/{question}")).await.1;
        assert!(answer.contains(words), "{question}: {answer}");
    }
}

#[tokio::test]
async fn a_paged_list_minds_the_clock_of_anaf_and_a_simple_list_ends_at_five_hundred() {
    let met = Met::anaf().await;
    let seed = json!({ "seller": "90000006", "buyer": "90000014", "count": 501, "age_s": 5_000 });
    let seeded = met.client.post(met.url("/_sandbox/anaf/invoices")).json(&seed).send().await.unwrap();
    assert_eq!(seeded.status(), StatusCode::CREATED);
    let simple = met.get("/test/FCTEL/rest/listaMesajeFactura?zile=1&cif=90000014").await.1;
    assert!(simple.contains("Folositi endpoint-ul cu paginatie."), "{simple}");
    let paged = async |start: i64, end: i64, page: u32| {
        let query = format!("startTime={}&endTime={}&cif=90000014&pagina={page}", start * 1_000, end * 1_000);
        met.get(&format!("/test/FCTEL/rest/listaMesajePaginatieFactura?{query}")).await.1
    };
    let second: Value = serde_json::from_str(&paged(NOON - 6_000, NOON, 2).await).unwrap();
    let counts =
        ["numar_inregistrari_in_pagina", "numar_total_inregistrari", "numar_total_pagini"].map(|name| &second[name]);
    assert_eq!(counts, [&json!(1), &json!(501), &json!(2)]);
    assert!(
        paged(NOON - 6_000, NOON, 3)
            .await
            .contains("Pagina solicitata 3 este mai mare decat numarul toatal de pagini 2")
    );
    let ahead = paged(NOON - 6_000, NOON + 1, 1).await;
    let words = "endTime = 15-01-2026 10:00:01 nu poate in viitor fata de momentul requestului = 15-01-2026 10:00:00";
    assert!(ahead.contains(words), "{ahead}");
    assert!(paged(NOON - 61 * 86_400, NOON, 1).await.contains("nu poate fi mai vechi de 60 de zile"));
    assert!(paged(NOON, NOON - 1, 1).await.contains("nu poate fi <= startTime = 15-01-2026 10:00:00"));
    assert!(paged(NOON - 10, NOON - 9, 1).await.contains("Nu exista mesaje in intervalul selectat"));
}

#[tokio::test]
async fn quotas_are_counted_per_day_of_bucharest_and_per_minute() {
    let met = Met::anaf().await;
    met.set(json!({ "polls": 0, "quotas": { "status": 2, "download": 1, "per_minute": 9 } })).await;
    let index = met.upload(&invoice("A-1")).await;
    let id = attribute(&met.status(&index).await, "id_descarcare");
    met.status(&index).await;
    assert!(met.status(&index).await.contains("S-au facut deja 2 descarcari de mesaj in cursul zilei"));
    let download = format!("/test/FCTEL/rest/descarcare?id={id}");
    let url = met.url(&download);
    let first = met.client.get(&url).bearer_auth(&met.token).send().await.unwrap().bytes().await.unwrap();
    assert!(first.starts_with(b"PK"));
    assert!(met.get(&download).await.1.contains("S-au facut deja 1 descarcari de mesaj in cursul zilei"));
    met.pass(14 * 3_600);
    assert!(met.status(&index).await.contains("stare=\"ok\""), "the next day begins at midnight in Bucharest");
    met.pass(61 * 86_400);
    assert!(met.get(&download).await.1.contains("a trecut perioada de 60 de zile"));
    for _ in 0..9 {
        met.status(&index).await;
    }
    assert_eq!(met.get(&download).await.0, StatusCode::TOO_MANY_REQUESTS);
}

#[tokio::test]
async fn validation_and_pages_are_there_without_a_token_but_only_in_production() {
    let met = Met::anaf().await;
    let post = async |path: &str, body: String| {
        let answer = met.client.post(met.url(path)).body(body).send().await.unwrap();
        answer.bytes().await.unwrap()
    };
    let valid: Value = serde_json::from_slice(&post("/prod/FCTEL/rest/validare/FACT1", invoice("A-1")).await).unwrap();
    assert_eq!(valid["stare"], "ok");
    let wrong = invoice("A-1").replace("121.00", "122.00").replace("RO-MM", "Maramures");
    let invalid: Value = serde_json::from_slice(&post("/prod/FCTEL/rest/validare/FACT1", wrong).await).unwrap();
    let messages = invalid["Messages"].to_string();
    for rule in ["[BR-CO-15]", "[BR-RO-110]", "[BR-RO-111]"] {
        assert!(messages.contains(rule), "{messages}");
    }
    assert!(post("/prod/FCTEL/rest/transformare/FACT1", invoice("A-1")).await.starts_with(b"%PDF-1.4"));
    let trapped = invoice("A-1").replace("Baia Mare", "Str. 1 ;CP 430122");
    let page = post("/prod/FCTEL/rest/validare/FACT1", trapped).await;
    assert!(String::from_utf8_lossy(&page).contains("Your support ID is"));
}

#[tokio::test]
async fn every_sample_invoice_is_judged_as_it_is_known_to_be() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/data/efactura/ubl");
    if !folder.is_dir() {
        assert!(std::env::var("CI").is_err(), "the samples are missing: {}", folder.display());
        eprintln!("SKIPPED: the sample invoices are not here: {}", folder.display());
        return;
    }
    let met = Met::anaf().await;
    let table: [(&str, &str, &[&str]); 12] = [
        ("factura-b2g.xml", "FACT1", &[]),
        ("factura-cote-mixte-reducere.xml", "FACT1", &[]),
        ("factura-neplatitor-tva.xml", "FACT1", &[]),
        ("factura-eur-tva-ron.xml", "FACT1", &[]),
        ("factura-b2c-anonim.xml", "FACT1", &[]),
        ("factura-intracomunitara-extern.xml", "FACT1", &[]),
        ("nota-creditare.xml", "FCN", &[]),
        ("anaf-exemplu-factura.xml", "FACT1", &["[BR-RO-001]"]),
        ("anaf-exemplu-nota-creditare.xml", "FCN", &["[BR-RO-001]"]),
        ("invalid-root.xml", "FACT1", &["cvc-elt.1.a: Cannot find the declaration of element 'Invoice1'."]),
        ("invalid-suma-tva.xml", "FACT1", &["[BR-CO-14]", "[BR-CO-15]"]),
        ("invalid-judet.xml", "FACT1", &["[BR-RO-110]"]),
    ];
    for (file, standard, expected) in table {
        let xml = std::fs::read(folder.join(file)).unwrap();
        let answer = met.post(&format!("/prod/FCTEL/rest/validare/{standard}"), xml).await.1;
        let judged: Value = serde_json::from_str(&answer).unwrap_or_else(|_| panic!("{file}: {answer}"));
        assert_eq!(judged["stare"], if expected.is_empty() { "ok" } else { "nok" }, "{file}: {answer}");
        for words in expected {
            assert!(answer.contains(words), "{file}: {words} in {answer}");
        }
    }
}

#[tokio::test]
async fn a_buyer_answers_an_invoice_and_its_seller_is_told() {
    let met = Met::anaf().await;
    met.set(json!({ "polls": 0, "lag_s": 0, "quotas": { "rasp": 1 } })).await;
    let index = met.upload(&invoice("A-1")).await;
    let answer =
        format!("<header xmlns=\"mfp:anaf:dgti:spv:reqMesaj:v1\" index_incarcare=\"{index}\" message=\"Nu.\"/>");
    let path = "/test/FCTEL/rest/upload?standard=RASP&cif=90000014";
    assert!(met.post(path, answer.clone()).await.1.contains("ExecutionStatus=\"0\""));
    let told = met.get("/test/FCTEL/rest/listaMesajeFactura?zile=1&cif=90000006&filtru=R").await.1;
    assert!(told.contains("MESAJ CUMPARATOR PRIMIT"), "{told}");
    let quota = met.post(path, answer).await.1;
    assert!(quota.contains("S-au incarcat deja 1 de mesaje de tip RASP pentru cui=90000014"), "{quota}");
}

#[tokio::test]
async fn a_transport_gets_a_code_at_once_and_its_status_later() {
    let met = Met::anaf().await;
    let xml = "<eTransport xmlns=\"mfp:anaf:dgti:eTransport:declaratie:v2\" codDeclarant=\"90000006\" refDeclarant=\"R1\">\
               <notificare codTipOperatiune=\"30\"><bunuriTransportate/><partenerComercial codTara=\"RO\" cod=\"90000014\" \
               denumire=\"UAT COMUNA DEMO\"/><dateTransport nrVehicul=\"MM01TST\" codTaraOrgTransport=\"RO\" \
               codOrgTransport=\"90000006\" denumireOrgTransport=\"DEMO SRL\" dataTransport=\"2026-01-16\"/></notificare>\
               </eTransport>";
    let path = "/test/ETRANSPORT/ws/v1/upload/ETRANSP/90000006/2";
    let taken: Value = serde_json::from_str(&met.post(path, xml).await.1).unwrap();
    assert_eq!((&taken["ExecutionStatus"], &taken["ref_declarant"]), (&json!(0), &json!("R1")));
    let index = taken["index_incarcare"].as_u64().unwrap();
    let status = async || met.get(&format!("/test/ETRANSPORT/ws/v1/stareMesaj/{index}")).await.1;
    assert!(status().await.contains("in prelucrare"));
    assert!(status().await.contains("\"stare\":\"ok\""));
    let list = async || met.get("/test/ETRANSPORT/ws/v1/lista/1/90000006").await.1;
    assert!(list().await.contains("Nu exista mesaje in ultimele 1 zile"));
    met.pass(60);
    let listed: Value = serde_json::from_str(&list().await).unwrap();
    assert_eq!(
        (&listed["mesaje"][0]["uit"], &listed["mesaje"][0]["data_creare"]),
        (&taken["UIT"], &json!("20260115100000"))
    );
    let info: Value = serde_json::from_str(&met.get("/test/ETRANSPORT/ws/v1/info?cui_op=90000006").await.1).unwrap();
    assert_eq!(info[0]["uit"], taken["UIT"]);
    assert_eq!(
        met.get("/test/ETRANSPORT/ws/v1/info?cui_op=90000014").await.1,
        "{\"error\":\"Nu exista informatii pentru aceasta solicitare\"}"
    );
    let wrong: Value = serde_json::from_str(&met.post(path, "<eTransport/>").await.1).unwrap();
    assert_eq!(wrong["ExecutionStatus"], 1);
    assert_eq!(met.get("/test/ETRANSPORT/ws/v1/descarcare/1").await.0, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn a_bad_day_is_played_operation_by_operation() {
    let met = Met::anaf().await;
    let index = met.upload(&invoice("A-1")).await;
    let plan = json!([
        { "operation": "stareMesaj", "fault": "refusal" },
        { "operation": "stareMesaj", "fault": "quota" },
        { "operation": "stareMesaj", "fault": "block-page" },
        { "operation": "stareMesaj", "fault": "logout-page" },
        { "operation": "stareMesaj", "fault": "too-many-requests", "retry_after_s": 7 },
        { "operation": "stareMesaj", "fault": "unauthorized" },
        { "operation": "stareMesaj", "fault": "no-content" },
        { "operation": "stareMesaj", "fault": "server-error" },
        { "operation": "upload", "fault": "server-error-after-storing" },
    ]);
    let planned = met.client.put(met.url("/_sandbox/anaf/faults")).json(&plan).send().await.unwrap();
    assert_eq!(planned.status(), StatusCode::OK);
    let question = format!("/test/FCTEL/rest/stareMesaj?id_incarcare={index}");
    for (status, words) in [
        (200, "A aparut o eroare tehnica. Cod: 001"),
        (200, "S-au facut deja 100 descarcari de mesaj in cursul zilei"),
        (200, "Request Rejected"),
        (200, "Pagina logout"),
        (429, ""),
        (401, "Unauthorized"),
        (204, ""),
        (500, "Internal Server Error"),
    ] {
        let (answered, text) = met.get(&question).await;
        assert!(answered == status && text.contains(words), "{answered} {text}");
    }
    assert_eq!(met.post("/test/FCTEL/rest/upload?standard=UBL&cif=90000006", invoice("A-2")).await.0, 500);
    let held = met.client.get(met.url("/_sandbox/anaf/invoices")).send().await.unwrap().json::<Value>().await.unwrap();
    assert_eq!(held.as_array().unwrap().len(), 2, "it was taken although the answer was an error");
    let calls: Vec<AnafCall> =
        met.client.get(met.url("/_sandbox/anaf/calls")).send().await.unwrap().json().await.unwrap();
    assert_eq!(calls, met.twin.received());
    assert_eq!((calls[0].operation.as_str(), calls[0].status, calls.len()), ("upload", 200, 10));
}
