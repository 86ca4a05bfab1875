//! What a recipient's program says about a package: a small JSON file under the package's name.
//!
//! `{"numar": "417"}` says that it is registered, `{"respins": "de ce", "cod": "…"}` that it is not wanted. Anything else
//! is no answer, because a file may be half written.

use connectors_contract::Inquiry;
use serde::Deserialize;

/// Most bytes of a confirmation.
pub(crate) const MOST_BYTES: usize = 64 * 1024;

#[derive(Deserialize)]
struct Confirmation {
    numar: Option<String>,
    respins: Option<String>,
    cod: Option<String>,
}

/// Reads a confirmation.
pub(crate) fn read(content: &[u8]) -> Inquiry {
    let unanswered = |reason: &str| Inquiry::Unanswered { reason: reason.to_owned(), retry_after: None };
    let text = content.strip_prefix(b"\xef\xbb\xbf").unwrap_or(content);
    let Ok(read) = serde_json::from_slice::<Confirmation>(text) else {
        return unanswered("confirmarea destinatarului nu este încă întreagă sau nu este JSON");
    };
    let short = |text: String| text.chars().take(500).collect::<String>();
    match (read.numar, read.respins) {
        (Some(number), None) => Inquiry::Present { receipt: Some(short(number)) },
        (None, Some(reason)) => {
            let code = read.cod.map_or_else(|| "respins".to_owned(), short);
            Inquiry::Refused { code, reason: short(reason) }
        }
        _ => unanswered("confirmarea destinatarului trebuie să aibă ori „numar”, ori „respins”"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_confirmation_is_a_number_a_refusal_or_nothing() {
        assert_eq!(read(br#"{"numar":"417"}"#), Inquiry::Present { receipt: Some("417".to_owned()) });
        assert_eq!(
            read(r#"{"respins":"alt județ"}"#.as_bytes()),
            Inquiry::Refused { code: "respins".to_owned(), reason: "alt județ".to_owned() }
        );
        for text in ["", "{\"numar\":\"4", "{}", r#"{"numar":"1","respins":"x"}"#, "[]"] {
            assert!(matches!(read(text.as_bytes()), Inquiry::Unanswered { .. }), "{text}");
        }
    }
}
