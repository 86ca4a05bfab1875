//! What was just done, told on the page that follows: a closed list, so that no address can put words into a page.

use crate::visit::Language;

/// Code, Romanian, English.
const ALL: &[(&str, &str, &str)] = &[
    ("saved", "Salvat.", "Saved."),
    (
        "sent",
        "Documentul a fost primit și are număr de înregistrare.",
        "The document was taken and has a register number.",
    ),
    (
        "taken",
        "Documentul este preluat; expeditorul primește dovada.",
        "The document is taken; the sender gets the evidence.",
    ),
    (
        "consented",
        "Ați acceptat primirea; documentul se poate deschide.",
        "You accepted to receive it; the document can be opened.",
    ),
    (
        "rejected",
        "Documentul este respins; expeditorul primește motivul.",
        "The document is rejected; the sender gets the reason.",
    ),
    (
        "batch",
        "Fișierul a fost primit; rândurile se trimit acum, unul câte unul.",
        "The file was taken; its rows are sent now, one by one.",
    ),
    (
        "batch-again",
        "Fișierul a fost primit. Atenție: același fișier a mai fost trimis; rândurile fără număr propriu pleacă încă o dată.",
        "The file was taken. Mind: the same file was pushed before; rows without a number of their own go once more.",
    ),
    (
        "corrected",
        "Rândurile corectate se trimit din nou; celelalte rămân cum sunt.",
        "The corrected rows are sent again; the others stay as they are.",
    ),
    ("registered", "Înregistrat.", "Registered."),
    ("resumed", "Sistemul este reluat; ce aștepta se trimite acum.", "The system is resumed; what waited is sent now."),
    ("recorded", "Actul a fost înscris la înregistrare.", "The act was recorded with the entry."),
    ("assigned", "Lucrarea a fost repartizată.", "The work was assigned."),
    (
        "redirected",
        "Documentul a plecat la instituția competentă, iar expeditorul este înștiințat.",
        "The document went to the competent institution, and its sender is told.",
    ),
    ("proposed", "Propunerea așteaptă aprobarea altui funcționar.", "The proposal waits for another clerk's approval."),
    (
        "closing-proposed",
        "Închiderea este întocmită; așteaptă aprobarea altui funcționar.",
        "The closing is drawn up; it waits for another clerk's approval.",
    ),
    (
        "year-closed",
        "Anul este închis; actul sigilat se poate descărca.",
        "The year is closed; the sealed act can be downloaded.",
    ),
    ("unit", "Lucrați acum pentru alt compartiment.", "You work for another unit now."),
];

/// The words of a code; none where it is not one of ours.
#[must_use]
pub fn words(code: &str, language: Language) -> Option<&'static str> {
    ALL.iter().find(|(held, _, _)| *held == code).map(|(_, ro, en)| language.of(ro, en))
}
