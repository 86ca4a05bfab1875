//! The rules of the envelope: type, recipients, agreement, parts.

use std::collections::HashSet;

use schemas::validation::UnknownDocumentType;
use schemas::{DocumentType, Severity, Violation};

use crate::directory::{Cover, Places, Sending};
use crate::message::{BODY, Envelope, Registration, SEALED, Submission, is_printable};

use super::Rules;

/// A recipient list longer than this is a mistake, not a circular.
const MAX_RECIPIENTS: usize = 200;
/// Longest line a register column shows, in characters.
const MAX_LINE: usize = 500;

pub(super) fn check(rules: Rules<'_>, submission: &Submission, found: &mut Vec<Violation>) {
    texts(submission, found);
    territory(rules, submission, found);
    let document_type = document_type(rules, submission, found);
    parts(submission, document_type, found);
    recipients(rules, submission, found);
}

fn violation(pointer: impl Into<String>, rule: &str, ro: impl Into<String>, en: impl Into<String>) -> Violation {
    Violation {
        pointer: format!("/envelope{}", pointer.into()),
        rule: rule.to_owned(),
        ro: ro.into(),
        en: en.into(),
        example: None,
        severity: Severity::Error,
    }
}

fn texts(submission: &Submission, found: &mut Vec<Violation>) {
    for (pointer, text) in lines(&submission.envelope) {
        let name = &pointer[1..];
        if text.trim().is_empty() || text.chars().count() > MAX_LINE {
            found.push(violation(
                &pointer,
                "text.length",
                format!("Câmpul {name} trebuie să aibă între 1 și {MAX_LINE} de caractere"),
                format!("The field {name} must have 1 to {MAX_LINE} characters"),
            ));
        }
        // NUL cannot be kept by every database, and no XML can carry control characters.
        if !text.chars().all(is_printable) {
            found.push(violation(
                &pointer,
                "text.control",
                format!("Câmpul {name} conține caractere de control; scrieți-l pe un singur rând"),
                format!("The field {name} holds control characters; write it on one line"),
            ));
        }
    }
    for (pointer, registration) in registrations(&submission.envelope) {
        if registration.date.parse::<jiff::civil::Date>().is_err() {
            found.push(violation(
                format!("{pointer}/date"),
                "registration.form",
                "Data unui număr de înregistrare se scrie ca 2026-11-20",
                "The date of a registration is written as 2026-11-20",
            ));
        }
    }
}

/// Every line of the envelope with its pointer: they go into registers, evidence and headers.
fn lines(envelope: &Envelope) -> Vec<(String, &str)> {
    let mut lines: Vec<(String, &str)> = [
        ("/document_type", &envelope.document_type),
        ("/document_version", &envelope.document_version),
        ("/subject", &envelope.subject),
        ("/purpose", &envelope.purpose),
        ("/legal_basis", &envelope.legal_basis),
    ]
    .into_iter()
    .chain(envelope.territory.iter().map(|territory| ("/territory", territory)))
    .chain(envelope.on_behalf_of.iter().map(|party| ("/on_behalf_of", party)))
    .chain(envelope.origin.iter().map(|origin| ("/origin/system", &origin.system)))
    .chain(envelope.origin.iter().filter_map(|origin| Some(("/origin/sender", origin.sender.as_ref()?))))
    .map(|(pointer, text)| (pointer.to_owned(), text.as_str()))
    .collect();
    for (index, recipient) in envelope.recipients.iter().enumerate() {
        lines.push((format!("/recipients/{index}/party"), &recipient.party));
    }
    for (pointer, one) in registrations(envelope) {
        lines.push((format!("{pointer}/register"), &one.register));
        lines.push((format!("{pointer}/number"), &one.number));
    }
    for (index, part) in envelope.parts.iter().enumerate() {
        lines.push((format!("/parts/{index}/name"), &part.name));
        lines.push((format!("/parts/{index}/role"), &part.role));
        lines.push((format!("/parts/{index}/content_type"), &part.content_type));
    }
    lines
}

fn registrations(envelope: &Envelope) -> impl Iterator<Item = (String, &Registration)> {
    let own = envelope.sender_registration.iter().map(|one| ("/sender_registration".to_owned(), one));
    own.chain(envelope.references.iter().enumerate().map(|(index, one)| (format!("/references/{index}"), one)))
}

fn territory(rules: Rules<'_>, submission: &Submission, found: &mut Vec<Violation>) {
    let Some(code) = &submission.envelope.territory else { return };
    if !Places::on(rules.code_lists, rules.day).contains(code) {
        found.push(violation(
            "/territory",
            "code-list.siruta",
            "Codul SIRUTA al teritoriului nu este în nomenclator; folosiți codul unității administrativ-teritoriale",
            "The SIRUTA code of the territory is not in the list; use the code of the administrative unit",
        ));
    }
}

fn document_type<'a>(
    rules: Rules<'a>,
    submission: &Submission,
    found: &mut Vec<Violation>,
) -> Option<&'a DocumentType> {
    let envelope = &submission.envelope;
    match rules.catalogue.find(&envelope.document_type, &envelope.document_version) {
        Ok(document_type) => {
            if !document_type.purposes().contains(&envelope.purpose) {
                let known = document_type.purposes().join(", ");
                found.push(violation(
                    "/purpose",
                    "purpose.unknown",
                    format!("Scopul nu este permis pentru acest tip de document; scopuri permise: {known}"),
                    format!("The purpose is not allowed for this document type; allowed: {known}"),
                ));
            }
            if document_type.end_to_end() && !envelope.is_sealed() {
                found.push(sealing(format!("tipul de document {}", document_type.name()), "the document type"));
            }
            Some(document_type)
        }
        Err(error @ UnknownDocumentType::Type { .. }) => {
            found.push(violation(
                "/document_type",
                "document-type.unknown",
                "Tipul de document nu este în catalog; lista tipurilor este la /v1/document-types",
                error.to_string(),
            ));
            None
        }
        Err(error) => {
            found.push(violation(
                "/document_version",
                "document-type.version",
                "Tipul de document nu are această versiune; lista versiunilor este la /v1/document-types",
                error.to_string(),
            ));
            None
        }
    }
}

/// What must be sealed is not taken in the clear.
fn sealing(who_ro: String, who_en: &str) -> Violation {
    violation(
        "/parts",
        "encryption.required",
        format!(
            "Documentul trebuie cifrat pentru destinatari, o cere {who_ro}: cifrați fiecare parte cu cheile de la \
             /v1/parties/{{party}}/keys și trimiteți-o ca {SEALED}"
        ),
        format!(
            "The document must be sealed for its recipients, {who_en} asks for it: seal each part for the keys at \
             /v1/parties/{{party}}/keys and send it as {SEALED}"
        ),
    )
}

fn parts(submission: &Submission, document_type: Option<&DocumentType>, found: &mut Vec<Violation>) {
    let described = &submission.envelope.parts;
    let names: HashSet<&str> = described.iter().map(|part| part.name.as_str()).collect();
    if names.len() != described.len() {
        found.push(violation(
            "/parts",
            "part.name",
            "Două părți au același nume; dați fiecărei părți un nume propriu",
            "Two parts have the same name; give each part a name of its own",
        ));
    }
    for (index, part) in described.iter().enumerate() {
        // Recipients keep parts as files under these names.
        if part.name.contains(['/', '\\']) || [".", ".."].contains(&part.name.as_str()) || part.name.len() > 255 {
            found.push(violation(
                format!("/parts/{index}/name"),
                "part.name",
                "Numele unei părți este un nume de fișier, fără dosare, de cel mult 255 de octeți",
                "The name of a part is a file name, without folders, of at most 255 bytes",
            ));
        }
        let Some(payload) = submission.payloads.iter().find(|payload| payload.name == part.name) else {
            found.push(violation(
                format!("/parts/{index}"),
                "part.missing",
                format!("Partea {} este în plic, dar nu a fost trimisă", part.name),
                format!("The part {} is in the envelope but was not sent", part.name),
            ));
            continue;
        };
        let told = part.sha256.as_ref().map(|hash| hash.to_ascii_lowercase());
        if told.is_some_and(|hash| hash != hex::encode(payload.sha256)) {
            found.push(violation(
                format!("/parts/{index}/sha256"),
                "part.hash",
                format!("Conținutul părții {} nu are rezumatul SHA-256 din plic; trimiteți-o din nou", part.name),
                format!("The part {} does not have the SHA-256 given in the envelope; send it again", part.name),
            ));
        }
    }
    for payload in submission.payloads.iter().filter(|payload| !names.contains(payload.name.as_str())) {
        found.push(violation(
            "/parts",
            "part.unexpected",
            format!("Partea {} a fost trimisă, dar nu este în plic", payload.name),
            format!("The part {} was sent but is not in the envelope", payload.name),
        ));
    }
    if described.iter().filter(|part| part.role == BODY).count() != 1 {
        found.push(violation(
            "/parts",
            "part.body",
            "Plicul trebuie să aibă exact o parte cu rolul body",
            "The envelope must have exactly one part with the role body",
        ));
    }
    if let Some(document_type) = document_type {
        required_parts(submission, document_type, found);
    }
}

fn required_parts(submission: &Submission, document_type: &DocumentType, found: &mut Vec<Violation>) {
    let rules = document_type.parts();
    let described = &submission.envelope.parts;
    for role in rules.required_roles.iter().filter(|role| !described.iter().any(|part| part.role == **role)) {
        found.push(violation(
            "/parts",
            "part.required",
            format!("Acest tip de document cere o parte cu rolul {role}"),
            format!("This document type requires a part with the role {role}"),
        ));
    }
    let roles = || rules.required_roles.iter().chain(&rules.optional_roles);
    for (index, part) in described.iter().enumerate() {
        if part.role != BODY && !roles().any(|role| *role == part.role) {
            let known = roles().map(String::as_str).collect::<Vec<_>>().join(", ");
            found.push(violation(
                format!("/parts/{index}/role"),
                "part.role",
                format!("Acest tip de document nu are o parte cu acest rol; roluri: {known}"),
                format!("This document type has no part with this role; roles: {known}"),
            ));
        }
    }
    if described.len() > rules.max_parts as usize {
        found.push(violation(
            "/parts",
            "part.count",
            format!("Acest tip de document primește cel mult {} părți", rules.max_parts),
            format!("This document type takes at most {} parts", rules.max_parts),
        ));
    }
    let sealed = submission.envelope.is_sealed();
    for (index, part) in described.iter().enumerate().filter(|(_, part)| part.role != BODY) {
        // All of it or nothing: a part in the clear would tell what the others hide.
        if sealed && part.content_type != SEALED {
            found.push(violation(
                format!("/parts/{index}/content_type"),
                "encryption.part",
                format!("Corpul este cifrat, dar această parte nu; cifrați-o și trimiteți-o ca {SEALED}"),
                format!("The body is sealed and this part is not; seal it and send it as {SEALED}"),
            ));
        }
        if !sealed && !rules.media_types.contains(&part.content_type) {
            let known = rules.media_types.join(", ");
            found.push(violation(
                format!("/parts/{index}/content_type"),
                "part.media-type",
                format!("Tipul de fișier nu este primit; tipuri primite: {known}"),
                format!("The media type is not accepted; accepted: {known}"),
            ));
        }
    }
    for payload in submission.payloads.iter().filter(|payload| payload.size > rules.max_part_bytes) {
        found.push(violation(
            "/parts",
            "part.size",
            format!("Partea {} depășește {} octeți", payload.name, rules.max_part_bytes),
            format!("The part {} is larger than {} bytes", payload.name, rules.max_part_bytes),
        ));
    }
}

fn recipients(rules: Rules<'_>, submission: &Submission, found: &mut Vec<Violation>) {
    let envelope = &submission.envelope;
    if envelope.recipients.len() > MAX_RECIPIENTS {
        found.push(violation(
            "/recipients",
            "recipient.count",
            format!("Plicul poate avea cel mult {MAX_RECIPIENTS} de destinatari"),
            format!("The envelope may have at most {MAX_RECIPIENTS} recipients"),
        ));
    }
    let Some(sender) = rules.directory.party(&submission.sender) else { return };
    let mut seen = HashSet::new();
    for (index, recipient) in envelope.recipients.iter().enumerate() {
        let pointer = format!("/recipients/{index}/party");
        if !seen.insert(&recipient.party) {
            found.push(violation(
                &pointer,
                "recipient.twice",
                "Același destinatar apare de două ori; păstrați-l o singură dată",
                "The same recipient appears twice; keep it once",
            ));
        }
        let Some(party) = rules.directory.party(&recipient.party) else {
            found.push(violation(
                &pointer,
                "recipient.unknown",
                "Destinatarul nu este în directorul hubului; căutați-l la /v1/directory",
                "The recipient is not in the hub's directory; look it up at /v1/directory",
            ));
            continue;
        };
        let sending = Sending {
            sender,
            recipient: party,
            document_type: &envelope.document_type,
            purpose: &envelope.purpose,
            day: rules.day,
        };
        match rules.directory.cover(sending, rules.code_lists) {
            Cover::Covered { agreement, .. } => {
                if rules.directory.is_end_to_end(&agreement) && !envelope.is_sealed() {
                    found.push(sealing(format!("acordul {agreement}"), "the agreement"));
                }
            }
            Cover::Expired { agreement, valid_to } => found.push(violation(
                &pointer,
                "agreement.expired",
                format!("Acordul {agreement} nu este în vigoare (ultima zi: {valid_to}); cereți prelungirea lui"),
                format!("The agreement {agreement} is not in force (last day: {valid_to}); ask for its extension"),
            )),
            Cover::None => found.push(violation(
                &pointer,
                "agreement.none",
                "Niciun acord nu permite acest tip de document, pentru acest scop, către acest destinatar",
                "No agreement allows this document type, for this purpose, to this recipient",
            )),
        }
    }
}
