//! "Copy as test": a message as a curl command and a fixture, in which no value of the message stands.

use serde_json::{Value, json};

/// The fixture: the envelope as it was, with an invented subject, and the body with the values its schema invents.
pub(super) fn fixture(exchanges: &Value) -> String {
    let received = &exchanges["received"];
    let parts = received["parts"].as_array().into_iter().flatten();
    let parts =
        parts.map(|part| json!({"name": part["name"], "role": part["role"], "content_type": part["content_type"]}));
    let mut envelope = json!({
        "recipients": received["recipients"],
        "document_type": exchanges["document_type"],
        "document_version": exchanges["document_version"],
        "subject": "Subiect inventat",
        "purpose": received["purpose"],
        "legal_basis": received["legal_basis"],
        "parts": parts.collect::<Vec<_>>(),
    });
    if !received["territory"].is_null() {
        envelope["territory"] = received["territory"].clone();
    }
    format!("{:#}", json!({"envelope": envelope, "body": exchanges["fixture"]}))
}

/// The command that sends the fixture. A message with files beside its body goes as a form of parts.
pub(super) fn command(exchanges: &Value) -> String {
    let parts: Vec<&Value> = exchanges["received"]["parts"].as_array().into_iter().flatten().collect();
    let head = "curl -sS -X POST \"$PUNTE/v1/messages\" \\\n  -H \"Authorization: Bearer $CHEIE\" \\\n  -H \"Idempotency-Key: $(uuidgen)\" \\\n";
    if parts.len() < 2 {
        return format!("{head}  -H \"Content-Type: application/json\" \\\n  --data @fixture.json");
    }
    let mut lines = vec!["  -F \"envelope=<plic.json\"".to_owned()];
    lines.extend(parts.iter().enumerate().map(|(at, part)| {
        // A name came from outside: it goes into a command only as what it may be.
        let name: String = part["name"].as_str().unwrap_or_default().chars().map(plain).collect();
        let file = if at == 0 { "corp.json".to_owned() } else { format!("fisier-{at}") };
        format!("  -F \"{name}=@{file};filename={name}\"")
    }));
    format!("{head}{}\n# plic.json: envelope din exemplu; corp.json: body din exemplu", lines.join(" \\\n"))
}

const fn plain(sign: char) -> char {
    if sign.is_ascii_alphanumeric() || matches!(sign, '.' | '-' | '_') { sign } else { '_' }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_command_holds_nothing_a_name_could_smuggle_in() {
        let part = |name: &str| json!({"name": name, "role": "body", "content_type": "application/json"});
        let told = json!({"received": {"parts": [part("a.json"), part("b\";$(reboot)")]}});
        let command = command(&told);
        assert!(command.contains("-F \"b____reboot_=@fisier-1;filename=b____reboot_\""), "{command}");
    }

    #[test]
    fn a_fixture_holds_the_invented_body_and_subject() {
        let told =
            json!({"subject": "Ana", "document_type": "t", "fixture": {"nume": "Popescu"}, "received": {"parts": []}});
        let fixture = fixture(&told);
        assert!(fixture.contains("Popescu") && fixture.contains("Subiect inventat") && !fixture.contains("Ana"));
    }
}
