//! Invented documents to send. No person in them exists.

use serde_json::{Value, json};

/// A social inquiry of an invented person.
#[must_use]
pub fn inquiry() -> Value {
    json!({
        "antet": {
            "primaria": "Comuna Șișești", "numar": "88", "data": "2026-01-20", "data_evaluarii": "2026-01-19",
            "tip_evaluare": "initiala"
        },
        "persoana": {"nume": "Inventata", "prenume": "Elena", "cnp": "2580412259906"},
        "adresa": {"uat_siruta": "113625", "localitate_siruta": "113634", "judet_siruta": "252"},
        "autonomie": {
            "igiena": "independent", "imbracare": "independent", "hranire": "independent", "mobilizare": "independent"
        },
        "senzorial_mental": {
            "memorie": "fara", "vedere": "fara", "comunicare": "fara", "orientare": "fara", "comportament": "fara"
        },
        "locuire": {"tip": "casa", "locuieste_singur": true},
        "concluzii": {
            "concluzii": "Se gospodărește singură.", "recomandari": "Se recomandă evaluarea complexă.",
            "asistent_social": "Ionescu Ana"
        }
    })
}

/// The envelope of an inquiry with its signed PDF and one annex.
#[must_use]
pub fn inquiry_envelope(recipients: &[&str]) -> Value {
    json!({
        "recipients": recipients.iter().map(|party| json!({"party": party})).collect::<Vec<_>>(),
        "document_type": "ancheta-sociala-adult",
        "document_version": "1.0",
        "subject": "Anchetă socială pentru evaluare complexă",
        "purpose": "evaluare-handicap",
        "legal_basis": "HG nr. 430/2008, anexa 6",
        "parts": [
            {"name": "ancheta.json", "role": "body", "content_type": "application/json"},
            {"name": "ancheta.pdf", "role": "original", "content_type": "application/pdf"},
            {"name": "anexa.pdf", "role": "anexa", "content_type": "application/pdf"}
        ]
    })
}

/// The parts of an inquiry, in the order of its envelope.
#[must_use]
pub fn inquiry_parts() -> Vec<(String, Vec<u8>)> {
    vec![
        ("ancheta.json".to_owned(), serde_json::to_vec_pretty(&inquiry()).expect("an inquiry is plain data")),
        ("ancheta.pdf".to_owned(), b"%PDF-1.4 invented, signed\n".to_vec()),
        ("anexa.pdf".to_owned(), b"%PDF-1.4 invented, annex\n".to_vec()),
    ]
}

/// A small letter in the JSON form, told apart by its text.
#[must_use]
pub fn letter(recipients: &[&str], text: &str) -> Value {
    json!({
        "envelope": {
            "recipients": recipients.iter().map(|party| json!({"party": party})).collect::<Vec<_>>(),
            "document_type": "document-generic",
            "document_version": "1.0",
            "subject": "Solicitare de informații",
            "purpose": "corespondenta",
            "legal_basis": "OG nr. 27/2002",
            "parts": [{"name": "scrisoare.json", "role": "body", "content_type": "application/json"}]
        },
        "body": {"subiect": "Solicitare de informații", "text": text}
    })
}

/// A request for complex assessment out of the catalogue's samples, with the parts its type requires.
///
/// # Panics
/// The sample is not there.
#[must_use]
pub fn request_for_assessment(recipients: &[&str]) -> (Value, Vec<(String, Vec<u8>)>) {
    let sample = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../schemas/catalogue/cerere-evaluare-complexa-adult/1.0/samples/valid/prima-evaluare.json"
    );
    let part = |name: &str, role: &str| json!({"name": name, "role": role, "content_type": "application/pdf"});
    let mut envelope = inquiry_envelope(recipients);
    envelope["document_type"] = "cerere-evaluare-complexa-adult".into();
    envelope["parts"] = json!([
        {"name": "cerere.json", "role": "body", "content_type": "application/json"},
        part("ci.pdf", "act-identitate"),
        part("raport.pdf", "raport-medic-specialist"),
    ]);
    let parts = vec![
        ("cerere.json".to_owned(), std::fs::read(sample).expect("the sample is there")),
        ("ci.pdf".to_owned(), b"%PDF-1.4 invented, identity card\n".to_vec()),
        ("raport.pdf".to_owned(), b"%PDF-1.4 invented, report\n".to_vec()),
    ];
    (envelope, parts)
}

/// A certificate of degree out of the catalogue's samples, in the JSON form, with its signed original.
///
/// # Panics
/// The sample is not there.
#[must_use]
pub fn certificate(recipients: &[&str]) -> Value {
    let sample = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../schemas/catalogue/certificat-incadrare-grad/1.0/samples/valid/permanent.json"
    );
    let body: Value = serde_json::from_slice(&std::fs::read(sample).expect("the sample is there")).expect("JSON");
    json!({
        "envelope": {
            "recipients": recipients.iter().map(|party| json!({"party": party})).collect::<Vec<_>>(),
            "document_type": "certificat-incadrare-grad",
            "document_version": "1.0",
            "subject": "Certificat de încadrare în grad",
            "purpose": "incadrare-grad",
            "legal_basis": "Legea nr. 448/2006",
            "parts": [
                {"name": "certificat.json", "role": "body", "content_type": "application/json"},
                {"name": "certificat.pdf", "role": "certificat-semnat", "content_type": "application/pdf"}
            ]
        },
        "body": body,
        "parts": [{"name": "certificat.pdf", "content_base64": "JVBERi0xLjQgaW52ZW50ZWQK"}]
    })
}
