//! Words for where things stand, as clerks say them.

use serde_json::Value;

use crate::list::Tone;
use crate::visit::Visit;

/// State of a delivery: code, Romanian, English, and how it stands.
pub(super) const DELIVERY: [(&str, &str, &str, Tone); 13] = [
    ("announced", "așteaptă acceptarea", "waiting for acceptance", Tone::Warn),
    ("consigned", "așteaptă preluarea", "waiting to be taken", Tone::Warn),
    ("handed_over", "preluat", "taken", Tone::Good),
    ("refused", "respins", "refused", Tone::Bad),
    ("expired", "neridicat în termen", "not taken in time", Tone::Bad),
    ("pending", "pe drum", "on its way", Tone::Plain),
    ("waiting", "se reîncearcă livrarea", "delivery is tried again", Tone::Warn),
    ("unknown", "se verifică livrarea", "delivery is being checked", Tone::Warn),
    ("relayed", "la serviciul destinatarului", "with the recipient's service", Tone::Plain),
    ("failed", "nelivrat în termen", "not delivered in time", Tone::Bad),
    ("not_consigned", "nu a putut fi pus la dispoziție", "could not be made available", Tone::Bad),
    ("left", "transmis în afara serviciului", "left the service", Tone::Plain),
    ("silent", "serviciul destinatarului nu a răspuns", "the recipient's service did not answer", Tone::Bad),
];

/// Where an entry of a register stands.
pub(super) const ENTRY: [(&str, &str, &str, Tone); 9] = [
    ("reserved", "număr rezervat", "number kept", Tone::Plain),
    ("registered", "înregistrat, nerepartizat", "registered, not assigned", Tone::Warn),
    ("assigned", "repartizat", "assigned", Tone::Plain),
    ("in_progress", "în lucru", "in progress", Tone::Plain),
    ("waiting_approval", "așteaptă aprobarea", "waiting for approval", Tone::Warn),
    ("resolved", "rezolvat", "answered", Tone::Good),
    ("rejected", "respins", "rejected", Tone::Bad),
    ("filed", "clasat la dosar", "filed", Tone::Good),
    ("annulled", "anulat", "annulled", Tone::Bad),
];

/// The words of a code; the code itself where it is none of these.
pub(super) fn word(visit: &Visit, table: &[(&str, &str, &str, Tone)], code: &str) -> (String, Tone) {
    let known = table.iter().find(|(held, ..)| *held == code);
    known.map_or((code.to_owned(), Tone::Plain), |(_, ro, en, tone)| (visit.say(ro, en).to_owned(), *tone))
}

/// The states as options of a filter.
pub(super) fn options(visit: &Visit, table: &[(&str, &str, &str, Tone)]) -> Vec<(String, String)> {
    table.iter().map(|(code, ro, en, _)| ((*code).to_owned(), visit.say(ro, en).to_owned())).collect()
}

/// A text of an answer; empty where it is not there.
pub(super) fn text<'a>(value: &'a Value, name: &str) -> &'a str {
    value[name].as_str().unwrap_or_default()
}

/// The title of a document type in the visitor's language; its name where it has none.
pub(super) fn title(visit: &Visit, value: &Value) -> String {
    let (ro, en) = (text(value, "title"), text(value, "title_en"));
    let title = visit.say(ro, if en.is_empty() { ro } else { en });
    if title.is_empty() { text(value, "document_type").to_owned() } else { title.to_owned() }
}

/// The first of two texts that says something.
pub(super) fn either<'a>(first: &'a str, second: &'a str) -> &'a str {
    if first.is_empty() { second } else { first }
}

/// The page of an entry.
pub(super) fn entry_page(register: &str, year: i64, number: i64) -> String {
    format!("/console/registers/{}/{year}/{number}", crate::asking::piece(register))
}

/// The options of a filter by document type.
///
/// # Errors
/// The hub cannot answer.
pub(super) async fn types(visit: &Visit) -> Result<Vec<(String, String)>, crate::fault::Fault> {
    let told = visit.get("/v1/document-types").value().await?;
    let types = told["document_types"].as_array().cloned().unwrap_or_default();
    let mut options: Vec<_> =
        types.iter().map(|one| (text(one, "document_type").to_owned(), title(visit, one))).collect();
    options.sort_by(|one, other| one.1.cmp(&other.1));
    options.dedup_by(|one, other| one.0 == other.0);
    Ok(options)
}
