//! The menu: a section for each kind of people, with the pages they may open.

use axum::Router;

use crate::Desk;
use crate::visit::Visit;
use crate::{administrator, clerk, integrator, municipality, officer, registry};

/// A page in the menu.
pub struct Entry {
    /// Its path.
    pub path: &'static str,
    /// Its name in Romanian.
    pub ro: &'static str,
    /// In English.
    pub en: &'static str,
    /// What one must be allowed for it to be of use.
    pub permission: &'static str,
}

/// Pages of one kind of people.
pub struct Section {
    /// Romanian.
    pub ro: &'static str,
    /// English.
    pub en: &'static str,
    /// What those may do whose first page is here.
    pub home: &'static str,
    /// Those that stand in the menu.
    pub entries: &'static [Entry],
    /// All pages of the section.
    pub routes: fn(Router<Desk>) -> Router<Desk>,
}

/// The sections, in the order of the menu.
pub static SECTIONS: &[&Section] = &[
    &clerk::SECTION,
    &registry::SECTION,
    &municipality::SECTION,
    &officer::SECTION,
    &integrator::SECTION,
    &administrator::SECTION,
];

/// A section as a person sees it.
pub struct Shown {
    /// Its name.
    pub name: &'static str,
    /// Path, name, and whether it is the page one is on.
    pub entries: Vec<(&'static str, &'static str, bool)>,
}

/// The menu of a visitor: what may not be opened is not shown, and a section without pages neither.
#[must_use]
pub fn of(visit: &Visit) -> Vec<Shown> {
    let longest = SECTIONS
        .iter()
        .flat_map(|section| section.entries)
        .filter(|entry| visit.path == entry.path || visit.path.starts_with(&format!("{}/", entry.path)))
        .map(|entry| entry.path.len())
        .max();
    let shown = |section: &&Section| {
        let entries = section.entries.iter().filter(|entry| visit.may(entry.permission));
        let here = |entry: &Entry| Some(entry.path.len()) == longest && visit.path.starts_with(entry.path);
        let entries: Vec<_> = entries.map(|entry| (entry.path, visit.say(entry.ro, entry.en), here(entry))).collect();
        Shown { name: visit.say(section.ro, section.en), entries }
    };
    // What somebody comes for stands first.
    let home = SECTIONS.iter().position(|section| visit.may(section.home)).unwrap_or_default();
    let ordered = SECTIONS[home..=home].iter().chain(&SECTIONS[..home]).chain(&SECTIONS[home + 1..]);
    ordered.map(shown).filter(|section| !section.entries.is_empty()).collect()
}
