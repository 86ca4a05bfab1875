//! What a status alone means.

use crate::manifest::Class;

/// The class of a status that no rule of a manifest decides.
#[must_use]
pub fn class_of_status(status: u16) -> Class {
    match status {
        200..=299 => Class::Delivered,
        // Moved: the document went nowhere until somebody corrects the address.
        301 | 307 | 308 => Class::Unavailable,
        // Our credentials, our slowness or our haste; the document was not looked at.
        401 | 407 | 408 | 425 | 429 | 503 => Class::Unavailable,
        400..=499 => Class::Refused,
        // A 500 after the case was made looks like one before, and a gateway does not know which it was.
        _ => Class::Unknown,
    }
}

/// A status in words for whoever waits for the answer.
#[must_use]
pub fn in_words(status: u16) -> String {
    let words = match status {
        400 => "cererea nu are forma așteptată",
        401 | 407 => "acreditările noastre nu sunt recunoscute",
        403 => "accesul nu este permis",
        404 | 410 => "la această adresă nu este nimic",
        405 => "metoda nu este permisă la această adresă",
        408 => "cererea a durat prea mult pentru server",
        409 => "este în conflict cu ce are deja sistemul",
        413 => "este prea mare pentru sistem",
        415 => "tipul conținutului nu este primit",
        422 => "conținutul nu este primit",
        425 | 429 => "prea multe cereri deodată; sistemul cere o pauză",
        500 => "eroare în sistemul lor",
        502 | 504 => "serverul din față nu a primit răspuns de la sistem",
        503 => "sistemul nu lucrează acum",
        _ => return format!("răspunsul {status}"),
    };
    format!("răspunsul {status}: {words}")
}
