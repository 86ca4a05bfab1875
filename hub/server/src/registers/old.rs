//! Rows of a register kept before the hub, as people read them: marked, so that nobody takes them for numbers of the hub.

use hub_flow::extract::Span;
use hub_flow::old_registers::{OldEntry, Part};
use hub_register_files::{Direction, Record, State};
use jiff::civil::Date;
use serde_json::Value;

/// What stands beside every such row.
pub const IMPORTED: &str = "preluat din registrul vechi";

/// The part of the old register that a span names.
#[must_use]
pub fn part(span: &Span) -> Part {
    let whole = Part::whole(&span.party, &span.register, span.year);
    let since = (span.since.0 > i64::MIN).then_some(span.since);
    let until = (span.until.0 < i64::MAX).then_some(span.until);
    // A number that is none, as "bis" alone, stands before 1.
    let from = if span.from <= 1 { 0 } else { span.from };
    Part { numbers: (from, span.to), ..whole }.between(since, until)
}

/// The row as files and paper show it.
#[must_use]
pub fn record(old: &OldEntry) -> Record {
    let text = |name: &str| old.record[name].as_str().map(str::to_owned);
    let day = |name: &str| old.record[name].as_str().and_then(|day| day.parse::<Date>().ok());
    let count = |name: &str| old.record[name].as_u64().and_then(|count| u32::try_from(count).ok());
    let word = |name: &str| old.record[name].as_str().unwrap_or_default();
    Record {
        number: old.number.clone(),
        date: old.registered_on.parse().unwrap_or_default(),
        direction: match word("direction") {
            "out" => Direction::Out,
            "internal" => Direction::Internal,
            _ => Direction::In,
        },
        issuer_number: text("issuer_number"),
        issuer_date: day("issuer_date"),
        pages: count("pages"),
        annexes: count("annexes"),
        issuer: text("issuer"),
        subject: word("subject").to_owned(),
        unit: text("unit"),
        sent: day("sent"),
        resolution: text("resolution"),
        addressee: text("addressee"),
        connected: text("connected"),
        file_code: text("file_code"),
        state: match word("state") {
            "reserved" => State::Reserved,
            "annulled" => State::Annulled,
            "struck" => State::Struck,
            _ => State::Used,
        },
        reason: Some(text("reason").map_or_else(|| IMPORTED.to_owned(), |reason| format!("{IMPORTED}; {reason}"))),
        others: Vec::new(),
    }
}

/// The row as lists of the API show it.
#[must_use]
pub fn told(old: OldEntry) -> Value {
    let mut told = old.record;
    told["imported"] = true.into();
    told
}
