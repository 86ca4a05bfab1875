//! What ANAF means by what it says: the texts are its only codes, misspellings included.

use crate::bucharest;

/// What a text means.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Meaning {
    /// A daily quota is used up.
    Quota,
    /// There is nothing in that window: an answer, not an error.
    Nothing,
    /// Something broke on their side.
    Technical,
    /// The end of the window is ahead of their clock, which the text may tell.
    Future(Option<i64>),
    /// The start of the window is older than 60 days.
    TooOld,
    /// A message is older than the 60 days it may be downloaded.
    Expired,
    /// The simple list is too long.
    TooMany,
    /// The page asked for is behind the last one.
    NoSuchPage,
    /// The certificate has no right for that.
    Rights,
    /// It does not exist.
    Missing,
    /// The invoice was filed before, under this index.
    Duplicate(String),
    /// Anything else: a refusal.
    Other,
}

/// Reads a text.
pub(crate) fn meaning(text: &str) -> Meaning {
    let text = text.trim();
    let starts = |one: &str| text.starts_with(one);
    if starts("S-au facut deja") || starts("S-au incarcat deja") {
        Meaning::Quota
    } else if starts("Nu exista mesaje in") || starts("Nu exista informatii pentru aceasta solicitare") {
        Meaning::Nothing
    } else if text.contains("eroare tehnica") {
        Meaning::Technical
    } else if text.contains("in viitor fata de momentul requestului") {
        Meaning::Future(text.rsplit_once("requestului =").and_then(|(_, time)| bucharest::written(time)))
    } else if text.contains("mai vechi de 60 de zile") {
        Meaning::TooOld
    } else if text.contains("perioada de 60 de zile") {
        Meaning::Expired
    } else if starts("Lista de mesaje este mai mare") {
        Meaning::TooMany
    } else if starts("Pagina solicitata") {
        Meaning::NoSuchPage
    } else if starts("Nu aveti drept") || starts("Nu exista niciun CIF") {
        Meaning::Rights
    } else if starts("Nu exista factura cu")
        || starts("Nu exista notificare")
        || text.contains("nu exista inregistrata")
    {
        Meaning::Missing
    } else if let Some(index) = duplicate(text) {
        Meaning::Duplicate(index)
    } else {
        Meaning::Other
    }
}

fn duplicate(text: &str) -> Option<String> {
    let (_, rest) = text.split_once("a mai fost transmisa anterior cu index=")?;
    let index: String = rest.chars().take_while(char::is_ascii_digit).collect();
    (!index.is_empty()).then_some(index)
}

/// A short code for a refusal, for statistics and searches.
pub(crate) fn code(service: &str, text: &str) -> String {
    let kind = match text {
        text if text.contains("SAXParseException") => "xsd",
        text if text.starts_with("Valorile acceptate pentru parametrul standard") => "standard",
        text if text.starts_with("Marime fisier") => "marime",
        text if text.starts_with("CIF introdus=") && text.contains("executari silite") => "executari",
        text if text.starts_with("CIF introdus=") => "cif",
        text if text.starts_with("Daca parametrul") => "parametri",
        text if meaning(text) == Meaning::Rights => "drepturi",
        _ => "respins",
    };
    format!("{service}.{kind}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_of_text_is_understood() {
        let ahead =
            "endTime = 15-01-2026 15:15:28 nu poate in viitor fata de momentul requestului = 15-01-2026 15:15:27";
        let table = [
            ("S-au facut deja 10 descarcari de mesaj in cursul zilei", Meaning::Quota),
            ("S-au incarcat deja 1000 de mesaje de tip RASP pentru cui=1234 in cursul zilei", Meaning::Quota),
            ("Nu exista mesaje in intervalul selectat", Meaning::Nothing),
            (ahead, Meaning::Future(Some(1_768_482_927))),
            ("endTime = x nu poate in viitor fata de momentul requestului", Meaning::Future(None)),
            ("Nu exista niciun CIF petru care sa aveti drept", Meaning::Rights),
            ("Nu aveti dreptul de inteorgare pentru id_incarcare= 18", Meaning::Rights),
            ("Pentru id=21 nu exista inregistrata nici o factura", Meaning::Missing),
            (
                "Factura a mai fost transmisa anterior cu index=5001 si data incarcare=2026-01-15",
                Meaning::Duplicate("5001".to_owned()),
            ),
            ("Daca parametrul extern trebuie completat, valoarea acceptata este DA", Meaning::Other),
        ];
        for (text, expected) in table {
            assert_eq!(meaning(text), expected, "{text}");
        }
    }
}
