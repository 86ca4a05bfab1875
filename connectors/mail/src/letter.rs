//! What a person reads in a mail from the hub.

use std::fmt::Write as _;

use connectors_contract::Consignment;

/// The subject of a delivery.
pub(crate) fn subject(consignment: &Consignment) -> String {
    let fact = |name: &str| consignment.facts.get(name).map(String::as_str);
    let about = fact("subject").or_else(|| fact("document_type")).unwrap_or("document");
    match fact("sender_name").or_else(|| fact("sender")) {
        Some(sender) => format!("{sender}: {about}"),
        None => about.to_owned(),
    }
}

/// The text of a delivery; `file` is the name of its package.
pub(crate) fn text(consignment: &Consignment, file: &str) -> String {
    let mut text = "Bună ziua,\n\nAți primit un document prin hubul Punte. El este în fișierul atașat.\n\n".to_owned();
    let rows = [
        ("De la", "sender_name"),
        ("Expeditor", "sender"),
        ("Obiect", "subject"),
        ("Tip de document", "document_type"),
        ("Numărul expeditorului", "sender_number"),
        ("Data expeditorului", "sender_date"),
        ("Către", "recipient"),
        ("Compartiment", "recipient_unit"),
        ("Transmis la", "submitted_at"),
        ("Identificatorul documentului", "message_id"),
        ("Identificatorul livrării", "delivery_id"),
    ];
    for (label, name) in rows {
        if let Some(value) = consignment.facts.get(name) {
            let shown: String = value.chars().filter(|letter| !letter.is_control()).take(500).collect();
            let _ = writeln!(text, "{label}: {shown}");
        }
    }
    let _ = writeln!(text, "\nFișierul atașat, {file}, este o arhivă ZIP:");
    text.push_str("- manifest.json spune ce conține, cu amprenta SHA-256 a fiecărui fișier;\n");
    for part in &consignment.parts {
        let shown: String = part.name.chars().filter(|letter| !letter.is_control()).take(200).collect();
        let _ = writeln!(text, "- {shown} ({} octeți)", part.size);
    }
    text.push_str(
        "\nDacă primiți același pachet de două ori, este același document: are același nume de fișier.\n\
         Mesajul este trimis automat; predarea prin e-mail nu ține loc de confirmare de primire.\n",
    );
    text
}
