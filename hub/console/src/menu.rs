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

/// Pages that stand in no menu or ask for more than the page they hang under: path and permission.
const BESIDE: [(&str, &str); 3] = [
    ("/console/archived", "archive.documents.read"),
    ("/console/documents", "messages.read"),
    ("/console/reports/retention", "archive.selections.read"),
];

/// What one must be allowed for the page at an address to be of use; nothing where it hangs under no page of a menu.
#[must_use]
pub fn permission(address: &str) -> Option<&'static str> {
    let path = address.split(['?', '#']).next().unwrap_or_default();
    let entries = SECTIONS.iter().flat_map(|section| section.entries).map(|entry| (entry.path, entry.permission));
    let above = |page: &str| path.strip_prefix(page).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'));
    let pages = entries.chain(BESIDE).filter(|(page, _)| above(page));
    pages.max_by_key(|(page, _)| page.len()).map(|(_, permission)| permission)
}

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
