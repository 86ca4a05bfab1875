//! Facts as phrases: what the page and the narrative say in the same way.

use crate::event::Event;
use crate::facts::{Days, Deadline, Document, LogPlace, Party, Reason, Registration, Seal};
use crate::reason;
use crate::words::{Labels, Language, Words, fill};

/// A party: name, id, fiscal code, delegate.
pub fn party(labels: &Labels, party: &Party) -> String {
    let mut said = vec![party.name.clone().unwrap_or_else(|| party.id.clone())];
    if party.name.is_some() && !party.id.is_empty() {
        said.push(party.id.clone());
    }
    said.extend(party.fiscal_code.as_deref().map(|code| fill(&labels.fiscal_code, &[code])));
    said.extend(party.delegate.as_deref().map(|name| fill(&labels.delegate, &[name])));
    said.join(" · ")
}

/// A reason: its sentence, or the evidence's own text for a code no table has; then the code and what the other side said.
pub fn reason(words: &Words, event: Event, given: &Reason) -> String {
    let known = reason::code(&given.code, event);
    let sentence = known.and_then(|code| words.reason(code)).or(given.text.as_deref());
    let code = known.unwrap_or(&given.code);
    let mut said = match sentence {
        Some(sentence) => format!("{sentence} ({code})"),
        None => code.to_owned(),
    };
    if !given.details.is_empty() {
        said.push_str(": ");
        said.push_str(&given.details.join("; "));
    }
    said
}

/// A document type: title, version.
pub fn document(labels: &Labels, language: Language, document: &Document) -> String {
    let title = match language {
        Language::English => document.title_en.as_deref().unwrap_or(&document.title),
        Language::Romanian => &document.title,
    };
    let version = document.version.as_deref().map(|version| fill(&labels.document_version, &[version]));
    [Some(title.to_owned()), version].into_iter().flatten().collect::<Vec<_>>().join(", ")
}

/// Where and when a number was given: register and date.
pub fn register(registration: &Registration) -> String {
    [registration.register.clone(), registration.date.clone()].into_iter().flatten().collect::<Vec<_>>().join(" · ")
}

/// A register entry on one line.
pub fn registration(entry: &Registration) -> String {
    let place = register(entry);
    if place.is_empty() { entry.number.clone() } else { format!("{} ({place})", entry.number) }
}

/// A term: how long, from what, until when, by which act.
pub fn deadline(labels: &Labels, deadline: &Deadline) -> String {
    let (one, many) = match deadline.class {
        Days::Calendar => (&labels.calendar_day, &labels.calendar_days),
        Days::Working => (&labels.working_day, &labels.working_days),
    };
    let length = deadline.days.map(|days| count(labels, one, many, u64::from(days)));
    let mut said = length.unwrap_or_else(|| labels.days_open.clone());
    if let Some(from) = &deadline.from {
        said = format!("{said} {}", fill(&labels.counted_from, &[from]));
    }
    if let Some(date) = &deadline.date {
        said = format!("{said}, {}", fill(&labels.until, &[date]));
    }
    match &deadline.basis {
        Some(basis) => format!("{said} ({basis})"),
        None => said,
    }
}

/// The seal: subject, issuer, serial number.
pub fn seal(labels: &Labels, seal: &Seal) -> String {
    let mut said = vec![seal.subject.clone()];
    if seal.development {
        said[0] = format!("{} {}", seal.subject, labels.development_short);
    }
    said.extend(seal.issuer.as_deref().map(|issuer| fill(&labels.seal_issuer, &[issuer])));
    said.extend(seal.serial.as_deref().map(|serial| fill(&labels.seal_serial, &[serial])));
    said.join(", ")
}

/// The place in the log, or that there is none yet.
pub fn log(labels: &Labels, place: Option<&LogPlace>) -> String {
    let Some(place) = place else { return labels.no_log.clone() };
    let mut said = fill(&labels.log_place, &[&place.origin, &place.index.to_string()]);
    said.push_str("; ");
    match place.head_size {
        Some(size) => said.push_str(&fill(&labels.log_head, &[&size.to_string()])),
        None => said.push_str(&labels.log_no_head),
    }
    if let Some(stamp) = &place.head_stamp {
        said.push_str(", ");
        said.push_str(&fill(&labels.log_stamp, &[&stamp.time.utc, &stamp.authority]));
    }
    said
}

/// So many of something: one has its own sentence; Romanian says „20 de” and „100 de”, but „19” and „101”.
pub fn count(labels: &Labels, one: &str, many: &str, number: u64) -> String {
    let bare = number == 0 || (1..20).contains(&(number % 100));
    match number {
        1 => one.to_owned(),
        _ if bare => fill(many, &[&number.to_string()]),
        _ => fill(many, &[&format!("{number}{}", labels.of)]),
    }
}

/// A size people can read: bytes below a thousand, then kB, MB, GB of a thousand, one decimal.
pub fn size(labels: &Labels, bytes: u64) -> String {
    let units = [
        ("PB", 1_000_000_000_000_000),
        ("TB", 1_000_000_000_000),
        ("GB", 1_000_000_000),
        ("MB", 1_000_000),
        ("kB", 1_000),
    ];
    let Some((unit, one)) = units.into_iter().find(|(_, one)| bytes >= *one) else { return format!("{bytes} B") };
    let tenths = bytes / (one / 10);
    format!("{}{}{} {unit}", tenths / 10, labels.decimal_mark, tenths % 10)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reason_no_table_has_is_shown_as_it_came() {
        let words = Language::Romanian.words();
        let own = Reason {
            code: "https://exemplu.ro/motive/7".to_owned(),
            text: Some("Dosar lipsă".to_owned()),
            details: vec![],
        };
        assert_eq!(reason(words, Event::ContentHandoverFailure, &own), "Dosar lipsă (https://exemplu.ro/motive/7)");
        let bare = Reason { code: "RX77".to_owned(), ..Reason::default() };
        assert_eq!(reason(words, Event::ContentHandoverFailure, &bare), "RX77");
        let known = Reason {
            code: "RE04".to_owned(),
            text: Some("other words".to_owned()),
            details: vec!["48 de ore".to_owned()],
        };
        assert_eq!(
            reason(words, Event::ContentHandoverFailure, &known),
            "Mesajul nu a fost predat în termen (RE04): 48 de ore"
        );
    }

    #[test]
    fn romanian_counts_as_people_count() {
        let labels = &Language::Romanian.words().labels;
        let cases = [
            (1, "un"),
            (2, "2 x"),
            (19, "19 x"),
            (20, "20 de x"),
            (100, "100 de x"),
            (101, "101 x"),
            (120, "120 de x"),
        ];
        for (number, said) in cases {
            assert_eq!(count(labels, "un", "{} x", number), said);
        }
    }

    #[test]
    fn sizes_are_read_by_people() {
        let labels = &Language::Romanian.words().labels;
        let cases = [
            (0, "0 B"),
            (999, "999 B"),
            (1_000, "1,0 kB"),
            (245_678, "245,6 kB"),
            (20_971_520, "20,9 MB"),
            (3_000_000_000, "3,0 GB"),
        ];
        for (bytes, shown) in cases {
            assert_eq!(size(labels, bytes), shown);
        }
    }
}
