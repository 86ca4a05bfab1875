//! The answer to a package: what a clerk reads, what a program reads, and the sealed receipt.
//!
//! The same verdict makes the same bytes, so an answer that is given twice is one answer.

use std::fmt::Write as _;

use bytes::Bytes;
use connectors_contract::Verdict;
use serde_json::{Value, json};

/// Most rows of a refusal that are written out for people; the JSON has them all.
const ROWS: usize = 200;

/// An answer, ready to be put into a folder or a mail.
#[derive(Debug, Clone)]
pub struct DropAnswer {
    /// Whether the package was taken.
    pub accepted: bool,
    /// One line, for a subject.
    pub title: String,
    /// For people, in Romanian.
    pub text: String,
    /// For programs.
    pub json: Bytes,
    /// The sealed evidence, XML, byte for byte.
    pub receipt: Option<Bytes>,
}

/// The answer to the package that came under `name` with this `sha256` (hexadecimal).
#[must_use]
pub fn answer(name: &str, sha256: &str, verdict: &Verdict) -> DropAnswer {
    match verdict {
        Verdict::Accepted { message_id, number, receipt, again } => {
            let title = match number {
                Some(number) => format!("PRIMIT cu numărul {number}: {name}"),
                None => format!("PRIMIT: {name}"),
            };
            let mut text = format!("{title}\n\nDocumentul este păstrat, înregistrat și va fi livrat destinatarilor.\n");
            if *again {
                text.push_str("Fusese deja primit: numărul și recipisa sunt cele de prima dată, nu s-a făcut o a doua înregistrare.\n");
            }
            if let Some(number) = number {
                let _ = writeln!(text, "Număr de înregistrare: {number}");
            }
            let _ = writeln!(text, "Identificatorul în hub: {message_id}");
            let _ = writeln!(text, "Amprenta SHA-256 a pachetului: {sha256}");
            text.push_str("Recipisa sigilată (fișierul .recipisa.xml) face dovada primirii; păstrați-o.\n");
            let json = json!({
                "verdict": "accepted", "file": name, "sha256": sha256,
                "message_id": message_id, "number": number, "again": again,
            });
            DropAnswer { accepted: true, title, text, json: pretty(&json), receipt: Some(receipt.clone()) }
        }
        Verdict::Refused { reason, problem, receipt } => {
            let title = format!("RESPINS: {name}");
            let mut text = format!("{title}\n\nNimic din document nu a fost preluat.\nMotivul: {reason}\n");
            rows(problem, &mut text);
            let _ =
                writeln!(text, "\nCorectați și trimiteți pachetul din nou.\nAmprenta SHA-256 a pachetului: {sha256}");
            let json = json!({
                "verdict": "refused", "file": name, "sha256": sha256, "reason": reason, "problem": problem,
            });
            DropAnswer { accepted: false, title, text, json: pretty(&json), receipt: receipt.clone() }
        }
    }
}

/// Row by row: where, what, and an example of what is right.
fn rows(problem: &Value, text: &mut String) {
    let violations = problem.get("violations").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    let word = |violation: &Value, name: &str| violation.get(name).and_then(Value::as_str).map(one_line);
    for (index, violation) in violations.iter().take(ROWS).enumerate() {
        let place = word(violation, "pointer").filter(|place| !place.is_empty()).unwrap_or_else(|| "/".to_owned());
        let said = word(violation, "ro").or_else(|| word(violation, "rule")).unwrap_or_default();
        let _ = write!(text, "{:>4}. {place}: {said}", index + 1);
        match word(violation, "example") {
            Some(example) => {
                let _ = writeln!(text, " (exemplu: {example})");
            }
            None => text.push('\n'),
        }
    }
    if violations.len() > ROWS {
        let _ = writeln!(text, "      … și încă {}; toate sunt în fișierul .json", violations.len() - ROWS);
    }
}

fn one_line(text: &str) -> String {
    text.chars().map(|letter| if letter.is_control() { ' ' } else { letter }).take(500).collect()
}

fn pretty(value: &Value) -> Bytes {
    let mut bytes = serde_json::to_vec_pretty(value).expect("a JSON value is always JSON");
    bytes.push(b'\n');
    bytes.into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refusal_is_told_row_by_row_with_an_example() {
        let problem = json!({ "violations": [
            { "pointer": "/body/persoana/cnp", "rule": "format.cnp", "ro": "CNP greșit", "example": "1900101400081" },
            { "pointer": "", "rule": "alta.regula" },
        ] });
        let verdict =
            Verdict::Refused { reason: "documentul nu respectă regulile".to_owned(), problem, receipt: None };
        let answer = answer("a.zip", "00", &verdict);
        assert!(!answer.accepted);
        assert!(
            answer.text.contains("   1. /body/persoana/cnp: CNP greșit (exemplu: 1900101400081)\n"),
            "{}",
            answer.text
        );
        assert!(answer.text.contains("   2. /: alta.regula\n"), "{}", answer.text);
    }

    #[test]
    fn an_acceptance_carries_the_number_and_the_sealed_receipt() {
        let receipt = Bytes::from_static(b"<sigiliu/>");
        let verdict = Verdict::Accepted {
            message_id: "0198".to_owned(),
            number: Some("417/2026".to_owned()),
            receipt: receipt.clone(),
            again: true,
        };
        let answer = answer("a.zip", "00", &verdict);
        assert_eq!(answer.title, "PRIMIT cu numărul 417/2026: a.zip");
        assert!(answer.text.contains("de prima dată"), "{}", answer.text);
        assert_eq!(answer.receipt, Some(receipt));
        let read: Value = serde_json::from_slice(&answer.json).unwrap();
        assert_eq!((read["number"].as_str(), read["verdict"].as_str()), (Some("417/2026"), Some("accepted")));
    }
}
