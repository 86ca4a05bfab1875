//! What an evidence attests, in JSON and in words.

use serde_json::{Value, json};

use crate::evidence::{Authentication, Disclosed, Evidence, Part, Party, Registration};

pub(super) fn of(file: &str, evidence: &Evidence) -> Value {
    let Disclosed { sender_registration, recipient_registration, transformation } = evidence.disclosed();
    let reason = |reason: &crate::evidence::Reason| {
        let mut words = vec![reason.code.clone()];
        words.extend(reason.details.iter().cloned());
        words
    };
    json!({
        "file": file,
        "id": evidence.identifier,
        "event": evidence.event.name(),
        "event_number": evidence.event.number(),
        "event_time": evidence.time.text,
        "issuer": evidence.issuer.name(),
        "policies": evidence.policies,
        "reasons": evidence.reasons.iter().map(reason).collect::<Vec<_>>(),
        "sender": party(&evidence.sender),
        "sender_delegate": evidence.sender_delegate.as_ref().map(party),
        "recipients": evidence.recipients.iter().map(party).collect::<Vec<_>>(),
        "recipient_delegates": evidence.recipient_delegates.iter().map(|delegate| {
            let mut value = party(&delegate.party);
            value["for_recipients"] = json!(delegate.recipients);
            value
        }).collect::<Vec<_>>(),
        "concerns_recipient": evidence.concerns,
        "message_id": evidence.message,
        "submission_time": evidence.submission_time.as_ref().map(|time| &time.text),
        "parts": parts(evidence),
        "external_service": evidence.external_service.as_ref().and_then(|service| service.name()),
        "external_system": evidence.external_system,
        "transaction_logs": evidence.transaction_log.len(),
        "extensions": evidence.extensions.iter().flat_map(|one| &one.names).collect::<Vec<_>>(),
        "sender_registration": sender_registration.as_ref().map(registration),
        "recipient_registration": recipient_registration.as_ref().map(registration),
        "transformation": transformation.map(|made| json!({
            "mapping": made.mapping,
            "version": made.version,
            "source": made.source.map(hex::encode),
            "target": made.target.map(hex::encode),
        })),
    })
}

fn party(party: &Party) -> Value {
    let assurance = party.assurance.as_ref();
    let (time, method) = match assurance.and_then(|assurance| assurance.authentication.as_ref()) {
        Some(Authentication::Method { time, method }) => (Some(&time.text), Some(method.as_str())),
        Some(Authentication::Token(_)) => (None, Some("token")),
        None => (None, None),
    };
    json!({
        "id": party.identifier.as_ref().map(|id| &id.value),
        "scheme": party.identifier.as_ref().map(|id| &id.scheme),
        "name": party.name(),
        "assurance": assurance.map(|assurance| json!({
            "level": assurance.level.uri,
            "authenticated_at": time,
            "method": method,
        })),
    })
}

fn parts(evidence: &Evidence) -> Vec<Value> {
    let part = |part: &Part| {
        json!({
            "name": part.identifier,
            "content_type": part.content_type,
            "digest_algorithm": part.digest.as_ref().map(|(uri, _)| uri),
            "digest": part.digest.as_ref().map(|(_, value)| hex::encode(value)),
        })
    };
    evidence.content.iter().flat_map(|content| &content.parts).map(part).collect()
}

fn registration(held: &Registration) -> Value {
    json!({"register": held.register, "number": held.number, "date": held.date})
}

/// The facts people look for, each on a line.
pub(super) fn in_words(evidence: &Evidence) -> String {
    let mut told = String::new();
    let mut line = |label: &str, value: &str| told += &format!("  {label:<22} {value}\n");
    let names = |party: &Party| {
        let id = party.identifier.as_ref().map_or("-", |id| &id.value);
        format!("{} ({id})", party.name().unwrap_or("-"))
    };
    line(
        "eveniment",
        &format!("{} {}: {}", evidence.event.number(), evidence.event.name(), evidence.event.in_romanian()),
    );
    line("la", &evidence.time.text);
    line("emis de", evidence.issuer.name().unwrap_or("-"));
    line("expeditor", &names(&evidence.sender));
    match evidence.concerned() {
        Some((position, recipient)) => line("despre destinatarul", &format!("{position}: {}", names(recipient))),
        None => evidence.recipients.iter().for_each(|recipient| line("destinatar", &names(recipient))),
    }
    for delegate in &evidence.recipient_delegates {
        line("împuternicit", &names(&delegate.party));
    }
    line("mesaj", evidence.message.as_deref().unwrap_or("-"));
    for reason in &evidence.reasons {
        line("motiv", &reason.details.join(", "));
    }
    let disclosed = evidence.disclosed();
    let number = |held: &Registration| format!("{} din {}", held.number, held.date);
    for (label, held) in
        [("nr. la expeditor", &disclosed.sender_registration), ("nr. la destinatar", &disclosed.recipient_registration)]
    {
        held.iter().for_each(|held| line(label, &number(held)));
    }
    for part in evidence.content.iter().flat_map(|content| &content.parts) {
        let digest = part.digest.as_ref().map_or("-".to_owned(), |(_, value)| hex::encode(value));
        line("conținut", &format!("{} {digest}", part.identifier));
    }
    told
}
