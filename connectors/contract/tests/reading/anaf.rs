//! ANAF answers XML with 200 and JSON with 400, errors included (contract sheet, 3.2): a table says what each means.

use std::time::Duration;

use connectors_contract::reading::{inquiry, outcome};
use connectors_contract::{Inquiry, Outcome};

use crate::{NOW, manifest, recorded, response};

const UPLOAD: &str = r#"
[deliver]
side_effect = "queryable"
receipt = "/header/@index_incarcare"

[inquire]
path = "/stareMesaj"
receipt = "/header/@id_descarcare"
present = [{ body_pointer = "/header/@stare", equals = "ok" }]
refused = [
    { body_pointer = "/header/@stare", equals = "nok" },
    { body_pointer = "/header/@stare", starts_with = "XML cu erori" },
]
absent = [{ body_pointer = "/header/Errors/@errorMessage", starts_with = "Nu exista factura cu id_incarcare" }]

[outcome]
reads = ["xml", "json"]
code = ["/header/@ExecutionStatus", "/error"]
reason = ["/header/Errors/@errorMessage", "/message"]
rules = [
    { body_pointer = "/header/Errors/@errorMessage", contains = "in cursul zilei", class = "unavailable", retry = "tomorrow" },
    { body_pointer = "/header/Errors/@errorMessage", starts_with = "A aparut o eroare tehnica", class = "unknown" },
    { body_pointer = "/header/@ExecutionStatus", equals = "1", class = "refused" },
]
"#;

#[test]
fn every_documented_answer_to_an_upload_has_the_class_a_table_gives_it() {
    let manifest = manifest(UPLOAD);
    let table = [
        ("upload-ok.xml", 200, "delivered 5001234567"),
        ("upload-eroare-standard.xml", 200, "refused 1 Valorile acceptate"),
        ("upload-eroare-prea-mare.xml", 200, "refused 1 Marime fisier"),
        ("upload-eroare-cif-nenumeric.xml", 200, "refused 1 CIF introdus= 123a"),
        ("upload-eroare-fara-drepturi.xml", 200, "refused 1 Nu exista niciun CIF"),
        ("upload-eroare-xsd.xml", 200, "refused 1 Fisierul transmis nu este valid"),
        ("upload-eroare-multipla.xml", 200, "refused 1 Valorile acceptate"),
        ("upload-eroare-tehnica.xml", 200, "unknown răspunsul 200: A aparut o eroare tehnica"),
        ("upload-eroare-rasp-limita.xml", 200, "unavailable 43200 răspunsul 200: S-au incarcat deja 1000"),
        ("upload-400-parametri.json", 400, "refused Bad Request Parametrii standard si cif"),
        ("waf-blocat.html", 200, "unknown răspunsul 200: a răspuns o pagină"),
    ];
    for (file, status, expected) in table {
        let Some(body) = recorded(file) else { return };
        // The media type is wrong on purpose: it is not what tells.
        let response = response(status, "text/plain", body);
        let said = match outcome(&manifest, manifest.deliver.as_ref().unwrap(), &response, NOW) {
            Outcome::Delivered { receipt } => format!("delivered {}", receipt.unwrap()),
            Outcome::Refused { code, reason } => format!("refused {code} {reason}"),
            Outcome::Unavailable { reason, retry_after } => {
                format!("unavailable {} {reason}", retry_after.unwrap_or(Duration::ZERO).as_secs())
            }
            Outcome::Unknown { reason } => format!("unknown {reason}"),
            other => panic!("{file}: {other:?}"),
        };
        assert!(said.starts_with(expected), "{file}: {said}");
    }
}

#[test]
fn every_documented_answer_to_the_question_about_a_state_means_what_a_table_says() {
    let manifest = manifest(UPLOAD);
    let table = [
        ("stare-ok.xml", 200, "present 3001503294"),
        ("stare-nok.xml", 200, "refused"),
        ("stare-xml-cu-erori.xml", 200, "refused"),
        ("stare-in-prelucrare.xml", 200, "unanswered 0 răspunsul 200: răspunsul nu este unul"),
        ("stare-eroare-inexistent.xml", 200, "absent"),
        ("stare-eroare-fara-drept.xml", 200, "unanswered 0 răspunsul 200: Nu aveti dreptul"),
        ("stare-eroare-limita.xml", 200, "unanswered 43200 răspunsul 200: S-au facut deja 20"),
        ("stare-400.json", 400, "unanswered 0 răspunsul 400: cererea nu are forma așteptată: Parametrul id_incarcare"),
        ("waf-blocat.html", 200, "unanswered 0 răspunsul 200: a răspuns o pagină"),
    ];
    for (file, status, expected) in table {
        let Some(body) = recorded(file) else { return };
        let said = match inquiry(&manifest, &response(status, "text/html", body), NOW) {
            Inquiry::Present { receipt } => format!("present {}", receipt.unwrap()),
            Inquiry::Absent => "absent".to_owned(),
            Inquiry::Refused { .. } => "refused".to_owned(),
            Inquiry::Unanswered { reason, retry_after } => {
                format!("unanswered {} {reason}", retry_after.unwrap_or(Duration::ZERO).as_secs())
            }
        };
        assert!(said.starts_with(expected), "{file}: {said}");
    }
}

#[test]
fn a_waiting_time_of_the_answer_counts_before_that_of_the_rule() {
    let manifest = manifest(UPLOAD);
    let body = r#"<header><Errors errorMessage="S-au facut deja 9 in cursul zilei"/></header>"#;
    let mut response = response(200, "application/xml", body);
    response.retry_after = Some("7".to_owned());
    let outcome = outcome(&manifest, manifest.deliver.as_ref().unwrap(), &response, NOW);
    let Outcome::Unavailable { retry_after, .. } = outcome else { panic!("{outcome:?}") };
    assert_eq!(retry_after, Some(Duration::from_secs(7)));
}
