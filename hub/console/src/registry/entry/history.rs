//! What happened to an entry: its acts with their values, and its way from unit to unit.

use serde_json::Value;

use crate::moment::day;
use crate::visit::Visit;

use super::super::reading::{listed, text};
use super::super::words::{ACTS, LEGS, STATUSES, WAYS, tone, word};

/// An act.
pub struct Step {
    /// When.
    pub at: String,
    /// What.
    pub what: String,
    /// Its class in the style.
    pub class: &'static str,
    /// Who: clerk and unit.
    pub who: String,
    /// What was said.
    pub said: Vec<String>,
    /// Name, old and new value of what was corrected.
    pub changes: Vec<(String, String, String)>,
}

/// The acts, the newest first, and last the registration.
pub fn steps(visit: &Visit, entry: &Value) -> Vec<Step> {
    let mut steps: Vec<Step> = listed(entry, "acts").map(|act| step(visit, act)).collect();
    steps.reverse();
    let by = &entry["author"];
    let who = if by.is_null() { visit.say("hubul", "the hub").to_owned() } else { who(by) };
    steps.push(Step {
        at: text(entry, "recorded_at"),
        what: visit.say("Înregistrat", "Registered").to_owned(),
        class: "plain",
        who,
        said: Vec::new(),
        changes: Vec::new(),
    });
    steps
}

fn step(visit: &Visit, act: &Value) -> Step {
    let (code, content) = (text(act, "act"), &act["content"]);
    let changes = content["new"].as_object().into_iter().flatten();
    let plain = |value: &Value| {
        value.as_str().map_or_else(|| if value.is_null() { String::new() } else { value.to_string() }, str::to_owned)
    };
    Step {
        at: text(act, "at"),
        what: word(visit, &ACTS, &code),
        class: tone(&ACTS, &code).class(),
        who: who(&act["author"]),
        said: said(visit, content),
        changes: changes.map(|(name, new)| (name.clone(), plain(&content["old"][name]), plain(new))).collect(),
    }
}

fn who(author: &Value) -> String {
    let (clerk, unit) = (text(author, "clerk"), text(author, "unit"));
    if clerk.is_empty() || unit.is_empty() { format!("{clerk}{unit}") } else { format!("{clerk}, {unit}") }
}

/// What an act keeps, in words.
fn said(visit: &Visit, content: &Value) -> Vec<String> {
    let mut said = Vec::new();
    for one in listed(content, "units") {
        let person = text(one, "person");
        said.push(if person.is_empty() { text(one, "unit") } else { format!("{}, {person}", text(one, "unit")) });
    }
    if let Some(outcome) = content["outcome"].as_str() {
        said.push(word(visit, &STATUSES, outcome));
    }
    for (name, ro, en) in [
        ("note", "Rezoluție", "Note"),
        ("resolution", "Soluția", "Resolution"),
        ("reason", "Motivul", "Reason"),
        ("competent", "Instituția competentă", "Competent institution"),
        ("way", "Calea", "Way"),
        ("dossier_code", "Indicativ", "Code"),
    ] {
        if let Some(text) = content[name].as_str().filter(|text| !text.is_empty()) {
            let text = if name == "way" { word(visit, &WAYS, text) } else { text.to_owned() };
            said.push(format!("{}: {text}", visit.say(ro, en)));
        }
    }
    if let Some(on) = content["on"].as_str() {
        said.push(day(on));
    }
    let to = &content["to"];
    if to["number"].is_i64() {
        said.push(format!("{}/{} · {}", text(to, "number"), text(to, "year"), text(to, "register")));
    }
    let there = &content["registration"];
    if there["number"].is_string() {
        said.push(format!(
            "{}: {} · {}",
            visit.say("Numărul de acolo", "Number there"),
            text(there, "number"),
            day(&text(there, "date"))
        ));
    }
    said
}

/// What waits for a second clerk, in a sentence.
pub fn waits(visit: &Visit, entry: &Value) -> Option<String> {
    let (ro, en) = match entry["pending"].as_str()? {
        "resolution" => {
            ("Soluția așteaptă aprobarea altui funcționar", "The resolution waits for another clerk's approval")
        }
        "annulment" => {
            ("Anularea așteaptă aprobarea altui funcționar", "The annulment waits for another clerk's approval")
        }
        _ => (
            "Prelungirea termenului așteaptă aprobarea altui funcționar",
            "The extension waits for another clerk's approval",
        ),
    };
    let by = text(entry, "pending_by");
    Some(format!("{} ({} {by}).", visit.say(ro, en), visit.say("propusă de", "proposed by")))
}

/// A stay of a document with a unit.
pub struct Leg {
    /// The unit, and the clerk.
    pub who: String,
    /// Whether it answers for the whole.
    pub leads: bool,
    /// What it does with it.
    pub state: String,
    /// Its class in the style.
    pub class: &'static str,
    /// When it came.
    pub entered_at: String,
    /// When it left; empty while it is there.
    pub left_at: String,
}

/// The way from unit to unit, in order.
pub fn legs(visit: &Visit, deadline: Option<&Value>) -> Vec<Leg> {
    let Some(deadline) = deadline else { return Vec::new() };
    let leg = |one: &Value| {
        let (state, person) = (text(one, "state"), text(one, "person"));
        Leg {
            who: if person.is_empty() { text(one, "unit") } else { format!("{}, {person}", text(one, "unit")) },
            leads: one["leads"] == true,
            state: word(visit, &LEGS, &state),
            class: tone(&LEGS, &state).class(),
            entered_at: text(one, "entered_at"),
            left_at: text(one, "left_at"),
        }
    };
    listed(deadline, "path").map(leg).collect()
}
