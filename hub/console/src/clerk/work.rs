//! `/console/work`: what waits for the person, in one look.

use serde_json::Value;

use crate::list::Tone;
use crate::page::{Answer, page};
use crate::visit::Visit;

use super::words::{DELIVERY, ENTRY, either, entry_page, text, title, word};

/// Words in Romanian and English.
type Both = (&'static str, &'static str);

/// A kind of work: its name in the answer, Romanian, English, and what it teaches when there is none.
const KINDS: [(&str, Both, Both); 6] = [
    ("to_take", ("De preluat", "To be taken"), ("Tot ce a sosit este preluat.", "Everything that came in is taken.")),
    (
        "overdue",
        ("Cu termen depășit", "Overdue"),
        ("Nicio lucrare nu are termenul depășit.", "No entry is past its last day."),
    ),
    (
        "near",
        ("Cu termen în șapte zile", "Due within seven days"),
        ("Nicio lucrare nu are termenul aproape.", "No entry is near its last day."),
    ),
    (
        "to_assign",
        ("De repartizat", "To be assigned"),
        ("Fiecare lucrare are un compartiment sau un om.", "Every entry has a unit or a person."),
    ),
    (
        "mine",
        ("Ale mele și ale compartimentului", "Mine and my unit's"),
        (
            "Lucrările repartizate dumneavoastră sau compartimentului apar aici.",
            "Entries assigned to you or your unit appear here.",
        ),
    ),
    (
        "answered",
        ("Rezolvate", "Answered"),
        ("Lucrările la care ați răspuns apar aici.", "Entries you answered appear here."),
    ),
];

/// A kind of work as it is shown.
struct Shown {
    name: &'static str,
    title: &'static str,
    none: &'static str,
    count: String,
    class: &'static str,
    rows: Vec<Line>,
    /// Where all of it is.
    all: Option<&'static str>,
}

/// A row.
struct Line {
    href: String,
    number: String,
    subject: String,
    about: String,
    due: String,
    state: String,
    tone: Tone,
}

#[derive(askama::Template)]
#[template(path = "clerk/work.html")]
struct Page<'a> {
    v: &'a Visit,
    kinds: Vec<Shown>,
}

fn line(visit: &Visit, one: &Value) -> Line {
    if let Some(message) = one["message_id"].as_str() {
        let (state, tone) = word(visit, &DELIVERY, text(one, "state"));
        let number = text(&one["recipient_registration"], "number");
        return Line {
            href: format!("/console/documents/{message}"),
            number: either(number, visit.say("fără număr încă", "no number yet")).to_owned(),
            subject: text(one, "subject").to_owned(),
            about: format!("{} · {}", either(text(one, "sender_name"), text(one, "sender")), title(visit, one)),
            due: text(one, "due_at").to_owned(),
            state,
            tone,
        };
    }
    let (state, tone) = word(visit, &ENTRY, text(one, "status"));
    let owner = [text(one, "unit"), text(one, "person")].into_iter().filter(|owner| !owner.is_empty());
    let other = either(text(one, "counterpart_name"), text(one, "counterpart"));
    let about = std::iter::once(other).filter(|other| !other.is_empty()).chain(owner).collect::<Vec<_>>().join(" · ");
    let number = |name: &str| one[name].as_i64().unwrap_or_default();
    Line {
        href: entry_page(text(one, "register"), number("year"), number("number")),
        number: text(one, "shown").to_owned(),
        subject: text(one, "subject").to_owned(),
        about,
        due: text(one, "due_on").to_owned(),
        state,
        tone,
    }
}

/// The page.
///
/// # Errors
/// The visitor may not see it, or the hub cannot answer.
pub async fn show(visit: Visit) -> Answer {
    let work = visit.get("/v1/work").value().await?;
    let shown = |(name, (ro, en), (none_ro, none_en)): (&'static str, Both, Both)| {
        let told = &work[name];
        let count = told["count"].as_u64().unwrap_or_default();
        let class = match name {
            "overdue" if count > 0 => "card bad",
            "near" | "to_take" if count > 0 => "card warn",
            _ => "card",
        };
        Shown {
            name,
            title: visit.language.of(ro, en),
            none: visit.language.of(none_ro, none_en),
            count: if told["more"] == true { format!("{count}+") } else { count.to_string() },
            class,
            rows: told["items"].as_array().into_iter().flatten().map(|one| line(&visit, one)).collect(),
            all: (name == "to_take").then_some("/console/inbox?state=consigned&sort=oldest"),
        }
    };
    let kinds = KINDS.into_iter().map(shown).collect();
    page(&Page { v: &visit, kinds })
}
