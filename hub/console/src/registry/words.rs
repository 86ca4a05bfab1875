//! The words of the registry: how entries stand, which way they went, what happened to them, and what time is left.

use jiff::civil::Date;

use crate::list::Tone;
use crate::moment::{days_between, today};
use crate::visit::Visit;

/// Code, Romanian, English, and how it stands.
type Words = (&'static str, &'static str, &'static str, Tone);

/// How an entry stands.
pub const STATUSES: [Words; 10] = [
    ("reserved", "rezervat", "reserved", Tone::Plain),
    ("registered", "înregistrat", "registered", Tone::Warn),
    ("assigned", "repartizat", "assigned", Tone::Plain),
    ("in_progress", "în lucru", "in progress", Tone::Plain),
    ("waiting_approval", "așteaptă aprobarea", "waits for approval", Tone::Warn),
    ("resolved", "soluționat", "resolved", Tone::Good),
    ("redirected", "redirecționat", "redirected", Tone::Good),
    ("rejected", "respins", "rejected", Tone::Good),
    ("filed", "clasat", "filed", Tone::Good),
    ("annulled", "anulat", "annulled", Tone::Bad),
];

/// Which way a document went.
pub const DIRECTIONS: [Words; 3] = [
    ("in", "intrare", "incoming", Tone::Plain),
    ("out", "ieșire", "outgoing", Tone::Plain),
    ("internal", "intern", "internal", Tone::Plain),
];

/// What happened to an entry.
pub const ACTS: [Words; 26] = [
    ("assigned", "Repartizat", "Assigned", Tone::Plain),
    ("taken_up", "Luat în lucru", "Taken up", Tone::Plain),
    ("part_completed", "Partea compartimentului a fost făcută", "The unit did its part", Tone::Plain),
    ("resolution_proposed", "Soluție propusă spre aprobare", "Resolution proposed", Tone::Warn),
    ("resolution_returned", "Soluție întoarsă în lucru", "Resolution returned", Tone::Warn),
    ("resolved", "Soluționat", "Resolved", Tone::Good),
    ("dispatched", "Expediat", "Dispatched", Tone::Good),
    ("filed", "Clasat", "Filed", Tone::Good),
    ("suspended", "Termen suspendat", "Term suspended", Tone::Warn),
    ("resumed", "Termen reluat", "Term resumed", Tone::Plain),
    ("extension_proposed", "Prelungire propusă", "Extension proposed", Tone::Warn),
    ("extended", "Termen prelungit", "Term extended", Tone::Plain),
    ("extension_refused", "Prelungire respinsă", "Extension refused", Tone::Plain),
    ("redirected", "Redirecționat la instituția competentă", "Redirected to the competent institution", Tone::Good),
    (
        "redirection_registered",
        "Înregistrat la instituția competentă",
        "Registered by the competent institution",
        Tone::Good,
    ),
    ("corrected", "Corectat", "Corrected", Tone::Plain),
    ("connected", "Conexat", "Connected", Tone::Plain),
    ("annulment_proposed", "Anulare propusă", "Annulment proposed", Tone::Warn),
    ("annulment_refused", "Anulare respinsă", "Annulment refused", Tone::Plain),
    ("annulled", "Anulat", "Annulled", Tone::Bad),
    ("content_added", "Conținut adăugat", "Content added", Tone::Plain),
    ("filled", "Număr completat", "Number filled", Tone::Plain),
    ("struck", "Număr barat la închiderea anului", "Number struck at the closing of the year", Tone::Plain),
    ("deadline_warned", "Termenul se apropie", "The term comes near", Tone::Warn),
    ("deadline_overdue", "Termenul a trecut", "The term has passed", Tone::Bad),
    ("deadline_escalated", "Întârzierea a fost spusă șefului", "The delay was told to the superior", Tone::Bad),
];

/// What happened to a dossier, a selection or a nomenclature.
pub const SHELF_ACTS: [Words; 23] = [
    ("opened", "Deschis", "Opened", Tone::Plain),
    ("filed", "Document clasat", "Document filed", Tone::Plain),
    ("added", "Document adăugat", "Document added", Tone::Plain),
    ("classified", "Indicativ dat de un funcționar", "Code given by a clerk", Tone::Plain),
    ("closed", "Închis", "Closed", Tone::Plain),
    ("rights", "Drepturi schimbate", "Rights changed", Tone::Plain),
    ("inventoried", "Inventariat", "Inventoried", Tone::Plain),
    ("handed_over", "Predat la arhivă", "Handed over to the archive", Tone::Good),
    ("missing", "Lipsă la predare", "Missing at the hand-over", Tone::Bad),
    ("held", "Reținut", "Held", Tone::Warn),
    ("released", "Reținere ridicată", "Hold lifted", Tone::Plain),
    ("proposed", "Propus", "Proposed", Tone::Plain),
    ("selected", "Selecționat", "Selected", Tone::Plain),
    ("confirmed", "Confirmat de Arhivele Naționale", "Confirmed by the National Archives", Tone::Good),
    ("kept", "Păstrat", "Kept", Tone::Good),
    ("destruction_asked", "Distrugere cerută", "Destruction asked for", Tone::Warn),
    ("destruction_approved", "Distrugere aprobată", "Destruction approved", Tone::Warn),
    ("destroying", "În curs de distrugere", "Being destroyed", Tone::Bad),
    ("destroyed", "Distrus", "Destroyed", Tone::Bad),
    ("imported", "Preluat", "Taken over", Tone::Plain),
    ("nomenclator", "Pus în vigoare", "Put in force", Tone::Plain),
    ("confirmation_proposed", "Confirmare propusă", "Confirmation proposed", Tone::Warn),
    ("confirmation_decided", "Confirmare hotărâtă", "Confirmation decided", Tone::Plain),
];

/// Which way a document came or left, where it is one of the usual ones.
pub const WAYS: [Words; 6] = [
    ("ghiseu", "la ghișeu", "at the counter", Tone::Plain),
    ("posta", "prin poștă", "by post", Tone::Plain),
    ("curier", "prin curier", "by courier", Tone::Plain),
    ("e-mail", "prin e-mail", "by e-mail", Tone::Plain),
    ("fax", "prin fax", "by fax", Tone::Plain),
    ("delegat", "prin delegat", "by messenger", Tone::Plain),
];

/// What a unit does with a document.
pub const LEGS: [Words; 4] = [
    ("waiting", "așteaptă", "waiting", Tone::Warn),
    ("in_progress", "în lucru", "in progress", Tone::Plain),
    ("done", "încheiat", "done", Tone::Good),
    ("taken_back", "dat mai departe", "given on", Tone::Plain),
];

/// How one entry belongs to another.
pub const RELATIONS: [Words; 4] = [
    ("answers", "răspunde la", "answers", Tone::Plain),
    ("connected_to", "conexat la", "connected to", Tone::Plain),
    ("duplicate_of", "repetă", "repeats", Tone::Plain),
    ("replaced_by", "înlocuit de", "replaced by", Tone::Plain),
];

/// The word for a code; the code itself where it is none of ours.
pub fn word(visit: &Visit, words: &[Words], code: &str) -> String {
    let known = words.iter().find(|(held, ..)| *held == code);
    known.map_or_else(|| code.replace('_', " "), |(_, ro, en, _)| visit.say(ro, en).to_owned())
}

/// How a code stands.
pub fn tone(words: &[Words], code: &str) -> Tone {
    words.iter().find(|(held, ..)| *held == code).map_or(Tone::Plain, |(.., tone)| *tone)
}

/// Codes and words, to choose one of.
pub fn choices(visit: &Visit, words: &[Words]) -> Vec<(String, String)> {
    words.iter().map(|(code, ro, en, _)| ((*code).to_owned(), visit.say(ro, en).to_owned())).collect()
}

/// What time is left until the last day of a term, in words, and how that stands.
pub fn left(visit: &Visit, due_on: &str, suspended: bool) -> (String, Tone) {
    if suspended {
        return (visit.say("termen suspendat", "term suspended").to_owned(), Tone::Warn);
    }
    let Ok(due) = due_on.parse::<Date>() else { return (String::new(), Tone::Plain) };
    let days = days_between(today(visit.desk.hub.now()), due);
    let (ro, en) = in_words(days);
    let tone = match days {
        ..0 => Tone::Bad,
        0..=5 => Tone::Warn,
        _ => Tone::Good,
    };
    (visit.say(&ro, &en).to_owned(), tone)
}

fn in_words(days: i32) -> (String, String) {
    let count = days.unsigned_abs();
    // Romanian says „20 de zile”, yet „119 zile”.
    let of = if count % 100 >= 20 || (count > 0 && count.is_multiple_of(100)) { "de " } else { "" };
    match days {
        0 => ("ultima zi este astăzi".to_owned(), "the last day is today".to_owned()),
        1 => ("a rămas o zi".to_owned(), "one day left".to_owned()),
        -1 => ("depășit cu o zi".to_owned(), "one day overdue".to_owned()),
        2.. => (format!("au rămas {count} {of}zile"), format!("{count} days left")),
        _ => (format!("depășit cu {count} {of}zile"), format!("{count} days overdue")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn time_left_is_said_as_people_say_it() {
        let ro = |days| in_words(days).0;
        assert_eq!(ro(0), "ultima zi este astăzi");
        assert_eq!(ro(1), "a rămas o zi");
        assert_eq!(ro(19), "au rămas 19 zile");
        assert_eq!(ro(20), "au rămas 20 de zile");
        assert_eq!(ro(119), "au rămas 119 zile");
        assert_eq!(ro(-1), "depășit cu o zi");
        assert_eq!(ro(-100), "depășit cu 100 de zile");
    }
}
