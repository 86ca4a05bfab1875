//! `/console/systems`: whether the systems answer, what is left of their quotas, and a person's word that one works again.

use async_trait::async_trait;
use axum::extract::Path;
use serde::Deserialize;

use crate::asking::piece;
use crate::fault::Fault;
use crate::form::Filled;
use crate::list::{self, Asked, Cell, Column, Empty, List, Part, Row, Tone, column, count};
use crate::page::{Answer, done, page};
use crate::visit::Visit;

#[derive(Deserialize)]
struct All {
    systems: Vec<System>,
}

#[derive(Deserialize)]
struct System {
    system: String,
    title: Option<String>,
    title_en: Option<String>,
    places: Vec<Place>,
    dead_letters: i64,
    sources: Vec<Source>,
}

#[derive(Deserialize)]
struct Place {
    state: String,
    address: Option<String>,
    since: Option<String>,
    failures: i64,
    reason: Option<String>,
    next_trial_at: Option<String>,
    quotas: Option<Vec<Quota>>,
}

#[derive(Deserialize)]
struct Quota {
    operation: Option<String>,
    scope: String,
    rate: String,
    left: Option<f64>,
}

#[derive(Deserialize)]
struct Source {
    source: String,
    party: String,
    poll_seconds: i64,
    last_poll_at: Option<String>,
    next_poll_at: Option<String>,
    failing: bool,
    last_error: Option<String>,
    waiting_acknowledgements: i64,
}

/// State of a breaker, Romanian, English, and how it stands; the worst is last.
const STATES: [(&str, &str, &str, Tone); 3] = [
    ("closed", "răspunde", "answers", Tone::Good),
    ("half_open", "este încercat cu o singură cerere", "is tried with a single request", Tone::Warn),
    ("open", "nu răspunde; livrările așteaptă", "does not answer; deliveries wait", Tone::Bad),
];

fn words(visit: &Visit, state: &str) -> (String, Tone) {
    let known = STATES.iter().find(|(held, ..)| *held == state);
    known.map_or((state.to_owned(), Tone::Plain), |(_, ro, en, tone)| (visit.say(ro, en).to_owned(), *tone))
}

impl System {
    fn name(&self, visit: &Visit) -> String {
        let title = visit.language.of(
            self.title.as_deref().unwrap_or_default(),
            self.title_en.as_deref().or(self.title.as_deref()).unwrap_or_default(),
        );
        if title.is_empty() { self.system.clone() } else { title.to_owned() }
    }

    /// The state of its worst place.
    fn state(&self) -> &str {
        let rank = |state: &str| STATES.iter().position(|(held, ..)| *held == state);
        self.places.iter().map(|place| place.state.as_str()).max_by_key(|state| rank(state)).unwrap_or("closed")
    }

    fn last_error(&self) -> &str {
        let failing = self.places.iter().filter(|place| place.failures > 0);
        let of_places = failing.filter_map(|place| place.reason.as_deref());
        of_places
            .chain(self.sources.iter().filter_map(|source| source.last_error.as_deref()))
            .next()
            .unwrap_or_default()
    }
}

impl Place {
    fn words(&self, visit: &Visit) -> String {
        words(visit, &self.state).0
    }

    fn tone(&self, visit: &Visit) -> &'static str {
        words(visit, &self.state).1.class()
    }

    /// The quotas over all calls, which can be used up.
    fn calls(&self) -> impl Iterator<Item = &Quota> {
        self.quotas.iter().flatten().filter(|quota| quota.scope == "calls")
    }

    /// Those that hold for each message or subject.
    fn others(&self) -> impl Iterator<Item = &Quota> {
        self.quotas.iter().flatten().filter(|quota| quota.scope != "calls")
    }
}

impl Quota {
    fn most(&self) -> i64 {
        self.rate.split('/').next().and_then(|count| count.parse().ok()).unwrap_or(0)
    }

    fn used(&self) -> i64 {
        // A fraction of a call that is left is none.
        #[expect(clippy::cast_possible_truncation, reason = "no quota is larger than an i64")]
        let left = self.left.unwrap_or(0.0).floor() as i64;
        (self.most() - left).clamp(0, self.most())
    }

    fn per(&self, visit: &Visit) -> String {
        let (count, window) = self.rate.split_once('/').unwrap_or((&self.rate, ""));
        let window = match window {
            "s" => visit.say("secundă", "second"),
            "min" => visit.say("minut", "minute"),
            "h" => visit.say("oră", "hour"),
            "day" => visit.say("zi", "day"),
            other => other,
        };
        format!("{count} / {window}")
    }

    fn of(&self, visit: &Visit) -> String {
        let each = match self.scope.as_str() {
            "message" => visit.say("pentru fiecare mesaj", "for each message"),
            "subject" => visit.say("pentru fiecare persoană", "for each subject"),
            _ => visit.say("toate apelurile", "all calls"),
        };
        self.operation.as_ref().map_or(each.to_owned(), |operation| format!("{operation}, {each}"))
    }
}

struct Systems;

#[async_trait]
impl List for Systems {
    fn title(&self, visit: &Visit) -> String {
        visit.say("Sisteme", "Systems").to_owned()
    }

    fn lead(&self, visit: &Visit) -> String {
        let (ro, en) = (
            "Sistemele la care hubul trimite sau pe care le întreabă: dacă răspund, ce așteaptă și ce nu a mers.",
            "The systems the hub sends to or asks: whether they answer, what waits and what went wrong.",
        );
        visit.say(ro, en).to_owned()
    }

    fn columns(&self) -> Vec<Column> {
        vec![
            column("Sistem", "System"),
            column("Stare", "State"),
            count("Locuri", "Places"),
            count("Surse", "Sources"),
            count("Livrări care așteaptă o persoană", "Deliveries that wait for a person"),
            column("Ultima eroare", "Last error"),
        ]
    }

    fn file(&self) -> &'static str {
        "sisteme"
    }

    fn empty(&self, visit: &Visit, _: bool) -> Empty {
        let (ro, en) = (
            "Un sistem apare aici când un canal sau o sursă din director îl numește.",
            "A system appears here when a channel or a source of the directory names it.",
        );
        Empty {
            title: visit.say("Niciun sistem legat", "No system is connected").to_owned(),
            how: visit.say(ro, en).to_owned(),
            act: None,
        }
    }

    fn live(&self) -> bool {
        true
    }

    async fn part(&self, visit: &Visit, _: &Asked, _: Option<&str>, _: usize) -> Result<Part, Fault> {
        let all: All = visit.get("/v1/systems").read().await?;
        let row = |system: &System| {
            let (text, tone) = words(visit, system.state());
            let size = |length: usize| Cell::Count(i64::try_from(length).unwrap_or(i64::MAX));
            let cells = vec![
                Cell::Two(system.name(visit), system.system.clone()),
                Cell::Badge(text, tone),
                size(system.places.len()),
                size(system.sources.len()),
                Cell::Count(system.dead_letters),
                Cell::text(system.last_error()),
            ];
            Row::to(format!("/console/systems/{}", piece(&system.system)), cells)
        };
        Ok(Part { rows: all.systems.iter().map(row).collect(), next: None })
    }
}

/// The list.
///
/// # Errors
/// The visitor may not see it, or the hub cannot answer.
pub async fn list(visit: Visit, asked: Asked) -> Answer {
    list::show(&visit, &asked, &Systems).await
}

#[derive(askama::Template)]
#[template(path = "integrator/system.html")]
struct Page<'a> {
    v: &'a Visit,
    system: &'a System,
    fault: Option<&'a Fault>,
}

impl Page<'_> {
    fn path(&self) -> String {
        piece(&self.system.system)
    }
}

/// One system.
///
/// # Errors
/// There is none, or the visitor may not see it.
pub async fn show(visit: Visit, Path(name): Path<String>) -> Answer {
    let system = find(&visit, &name).await?;
    page(&Page { v: &visit, system: &system, fault: None })
}

async fn find(visit: &Visit, name: &str) -> Result<System, Fault> {
    let all: All = visit.get("/v1/systems").read().await?;
    all.systems.into_iter().find(|system| system.system == name).ok_or_else(Fault::missing)
}

/// Says that a system works again.
///
/// # Errors
/// There is none.
pub async fn resume(visit: Visit, Path(name): Path<String>, filled: Filled) -> Answer {
    let asked = visit.post(format!("/v1/systems/{}/resume", piece(&name))).form(filled.token()).key(filled.key());
    match asked.words("punte-purpose", filled.get("reason")).value().await {
        Ok(_) => Ok(done(&format!("/console/systems/{}", piece(&name)), "resumed")),
        Err(fault) => {
            let system = find(&visit, &name).await?;
            Ok(crate::page::page_with(fault.status, &Page { v: &visit, system: &system, fault: Some(&fault) }))
        }
    }
}
