//! What an entry says: the elements every register has (Instructions of the National Archives 217/1996, art. 9), the numbers of
//! both sides, what it is tied to, and its time.

use serde_json::Value;

use crate::asking::piece;
use crate::list::Tone;
use crate::moment::{day, moment};
use crate::visit::Visit;

use super::super::reading::{listed, text};
use super::super::words::{DIRECTIONS, RELATIONS, WAYS, left, word};
use super::Known;

/// The thirteen elements in their order, then the register's own fields.
pub fn elements(visit: &Visit, known: &Known) -> Vec<(&'static str, String)> {
    let (entry, parts) = (&known.entry, &known.entry["particulars"]);
    let named = text(&entry["correspondent"], "name");
    let named = if named.is_empty() { known.other.clone() } else { named };
    let out = text(entry, "direction") == "out";
    let theirs = &entry["counterpart_registration"];
    let either = |first: String, second: String| if first.is_empty() { second } else { first };
    let label = |ro: &'static str, en: &'static str| visit.language.of(ro, en);
    let mut facts = vec![
        (label("Număr de înregistrare", "Registration number"), text(entry, "shown")),
        (label("Data înregistrării", "Date of registration"), moment(&text(entry, "recorded_at"))),
        (
            label("Numărul dat de emitent", "Issuer's number"),
            either(text(parts, "external_number"), text(theirs, "number")),
        ),
        (
            label("Data dată de emitent", "Issuer's date"),
            day(&either(text(parts, "external_date"), text(theirs, "date"))),
        ),
        (label("File", "Pages"), text(parts, "pages")),
        (label("Anexe", "Annexes"), text(parts, "annexes")),
        (label("Emitent", "Issuer"), if out { visit.institution().to_owned() } else { named.clone() }),
        (label("Conținutul pe scurt", "Content in brief"), text(parts, "subject")),
        (label("Compartimentul", "Unit"), text(parts, "unit")),
        (label("Data expedierii", "Date of dispatch"), day(&text(parts, "dispatched_on"))),
        (label("Modul de rezolvare", "Way of resolution"), text(parts, "resolution")),
        (label("Destinatar", "Addressee"), if out { named } else { visit.institution().to_owned() }),
        (label("Indicativul dosarului", "Code of the dossier"), text(parts, "dossier_code")),
        (label("Sens", "Direction"), word(visit, &DIRECTIONS, &text(entry, "direction"))),
        (label("Calea", "Way"), word(visit, &WAYS, &text(parts, "way"))),
        (label("Sosit de fapt", "Truly arrived"), moment(&text(parts, "received_at"))),
        (label("La persoana", "With the clerk"), text(entry, "person")),
    ];
    // Elements of the law stand there even where nothing was written; the others only where something was.
    let mut place = 0;
    facts.retain(|(_, value)| {
        place += 1;
        place <= 13 || !value.is_empty()
    });
    facts
}

/// A registration of the same document at one of the sides.
pub struct Linked {
    /// Whose.
    pub who: String,
    /// The number, with its register and day.
    pub number: String,
    /// The page of the document.
    pub href: String,
}

/// The registrations of a document on both sides: where it came from, here, and where it went on to.
pub fn linked(visit: &Visit, known: &Known) -> Vec<Linked> {
    let entry = &known.entry;
    let mut all = Vec::new();
    let theirs = &entry["counterpart_registration"];
    if !theirs.is_null() {
        all.push(Linked { who: known.other.clone(), number: registration(visit, theirs), href: String::new() });
    }
    let own = format!("{} · {} · {}", text(entry, "shown"), text(&known.register, "title"), day(&text(entry, "date")));
    all.push(Linked { who: visit.institution().to_owned(), number: own, href: document(&text(entry, "message_id")) });
    let acts = |name: &'static str| listed(entry, "acts").filter(move |act| act["act"] == name);
    for redirected in acts("redirected") {
        let content = &redirected["content"];
        let registered =
            acts("redirection_registered").next().map(|act| registration(visit, &act["content"]["registration"]));
        let on_paper = text(content, "way") == "paper";
        let (ro, en) = if on_paper {
            ("a plecat pe hârtie", "it left on paper")
        } else {
            ("încă nu a fost înregistrat acolo", "not registered there yet")
        };
        let number = registered.unwrap_or_else(|| visit.say(ro, en).to_owned());
        all.push(Linked { who: known.competent.clone(), number, href: document(&text(content, "message_id")) });
    }
    if all.len() > 1 { all } else { Vec::new() }
}

fn document(message: &str) -> String {
    if message.is_empty() { String::new() } else { format!("/console/documents/{}", piece(message)) }
}

fn registration(visit: &Visit, value: &Value) -> String {
    let mut told = text(value, "number");
    let register = text(value, "register");
    if !register.is_empty() {
        told.push_str(&format!(" · {} {register}", visit.say("registrul", "register")));
    }
    let on = text(value, "date");
    if on.is_empty() { told } else { format!("{told} · {}", day(&on)) }
}

/// Another entry of the institution.
pub struct Tied {
    /// How it belongs to this one, in words.
    pub how: String,
    /// Its number.
    pub number: String,
    /// Its page.
    pub href: String,
}

/// What the entry is tied to, and what is tied to it.
pub fn ties(visit: &Visit, entry: &Value) -> Vec<Tied> {
    let tied = |one: &Value, how: String| Tied {
        how,
        number: format!("{}/{} · {}", text(one, "number"), text(one, "year"), text(one, "register")),
        href: format!(
            "/console/registers/{}/{}/{}",
            piece(&text(one, "register")),
            text(one, "year"),
            text(one, "number")
        ),
    };
    let from = listed(entry, "ties").map(|one| tied(one, word(visit, &RELATIONS, &text(one, "relation"))));
    let to = listed(entry, "tied").map(|one| tied(one, back(visit, &text(one, "relation"))));
    from.chain(to).collect()
}

fn back(visit: &Visit, relation: &str) -> String {
    let (ro, en) = match relation {
        "answers" => ("răspunsul este", "is answered by"),
        "connected_to" => ("are conexat", "has connected"),
        "duplicate_of" => ("repetat de", "repeated by"),
        _ => ("înlocuiește", "replaces"),
    };
    visit.say(ro, en).to_owned()
}

/// The term of an entry.
pub struct Time {
    /// The last day.
    pub due_on: String,
    /// What is left, in words.
    pub left: String,
    /// How that stands.
    pub tone: Tone,
    /// The rule and its basis.
    pub rule: String,
    /// When it stood, and how far it was lengthened.
    pub changes: Vec<String>,
}

/// The term; without one, why there is none.
pub fn time(visit: &Visit, deadline: Option<&Value>) -> Option<Time> {
    let deadline = deadline?;
    let due_on = text(deadline, "due_on");
    let (left, tone) = left(visit, &due_on, deadline["suspended"] == true);
    let title = text(&deadline["rule"], "title");
    let basis = text(deadline, "basis");
    let rule = if title.is_empty() { basis } else { format!("{title} · {basis}") };
    let mut changes = Vec::new();
    for one in listed(&deadline["term"], "suspensions") {
        let until = text(one, "until");
        let from = day(&text(one, "from"));
        changes.push(if until.is_empty() {
            format!("{} {from}", visit.say("suspendat din", "suspended since"))
        } else {
            format!(
                "{} {from} {} {}",
                visit.say("suspendat din", "suspended from"),
                visit.say("până la", "to"),
                day(&until)
            )
        });
    }
    for one in listed(&deadline["term"], "added") {
        let unit = match text(one, "unit").as_str() {
            "working-days" => visit.say("zile lucrătoare", "working days"),
            "months" => visit.say("luni", "months"),
            _ => visit.say("zile", "days"),
        };
        changes.push(format!("{} {} {unit}", visit.say("prelungit cu", "lengthened by"), text(one, "count")));
    }
    Some(Time { due_on, left, tone, rule, changes })
}
