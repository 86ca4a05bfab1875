//! The content of a transmission: what RAN finds hours after it took the document (sheet E2).
//!
//! Looks at one document against the households there are. Never changes them.

use std::collections::BTreeSet;

use roxmltree::Node;

use super::codes::Problem;
use super::document::{Document, Intent};
use super::land;
use super::nomenclature::{place_at, row_at};
use super::register::{Household, Households};
use crate::cnp::is_cnp;
use crate::soap::child_text;

/// Everything wrong with the content.
pub(super) fn problems(document: &Document<'_, '_>, households: &Households) -> Vec<Problem> {
    let mut problems = Vec::new();
    let place = document.household.clone().map(|household| (document.uat, household));
    let known = place.as_ref().and_then(|place| households.get(place));
    if let Some(problem) = known.and_then(|known| standing(document, known)) {
        return vec![problem];
    }
    if document.intent != Intent::Replace {
        return problems;
    }
    let chapter = document.content;
    if !chapter.children().any(|child| child.is_element()) {
        problems.push(Problem::new("SAVE-CAP-26", &[&document.chapter]));
    }
    match document.chapter.as_str() {
        "CAP0_12" | "CAP0_34" => problems.extend(identification(document, households)),
        "CAP1" => problems.extend(members(document, known, households)),
        _ => {}
    }
    problems.extend(codes(document));
    if document.chapter == "CAP2a" {
        problems.extend(land::problems(chapter, document.reported));
    }
    problems
}

/// What the state of the household forbids.
fn standing(document: &Document<'_, '_>, known: &Household) -> Option<Problem> {
    if !known.active && document.intent != Intent::Reactivate {
        return Some(Problem::new("SAVE-CAP-50", &["REACTIVARE_GOSPODARIE"]));
    }
    let founding = document.chapter.starts_with("CAP0_");
    let others = known.chapters.iter().any(|chapter| !chapter.starts_with("CAP0_"));
    match document.intent {
        Intent::Cancel if founding && others => Some(Problem::new("SAVE-CAP-51", &[])),
        Intent::Replace if founding && document.chapter != known.founded_by => {
            Some(Problem::new("SAVE-CAP-49", &[&known.founded_by, "modificată", &document.chapter]))
        }
        _ => None,
    }
}

/// The chapters that found a household: its address, its holder.
fn identification(document: &Document<'_, '_>, households: &Households) -> Vec<Problem> {
    let mut problems = Vec::new();
    let date = document.reported;
    let Some(section) = document.content.children().find(Node::is_element) else { return problems };
    let kind = child_text(section, "tipDetinator").unwrap_or_default();
    if row_at("tip_detinator", &kind, None, date).is_none() {
        problems.push(Problem::new("SAVE-CAP-9", &["NomTipDetinator", "COD", &kind, &date.to_string()]));
    }
    if let Some(address) = section.children().find(|child| child.has_tag_name("adresaGospodarie")) {
        problems.extend(address_problems(document, address));
    }
    let holder = section.children().find(|child| matches!(child.tag_name().name(), "gospodar" | "persoanaJuridica"));
    let Some(holder) = holder else {
        problems.push(Problem::new("SAVE-CAP-53", &[]));
        return problems;
    };
    if holder.has_tag_name("gospodar") && child_text(holder, "initialaTata").is_none() {
        problems.push(Problem::new("SAVE-CAP-32", &[]));
    }
    let Some(identifier) = person(holder) else { return problems };
    if holder.has_tag_name("gospodar")
        && holder.children().any(|child| child.has_tag_name("cnp"))
        && !is_cnp(&identifier)
    {
        problems.push(Problem::new("SAVE-CAP-45", &[&identifier]));
    }
    let code = if holder.has_tag_name("gospodar") { "SAVE-CAP-71" } else { "SAVE-CAP-73" };
    let other = households.iter().find(|((uat, name), other)| {
        *uat == document.uat
            && Some(name) != document.household.as_ref()
            && other.holder.as_deref() == Some(&identifier)
    });
    if let Some(((uat, name), _)) = other {
        problems.push(Problem::new(code, &[&uat.to_string(), &identifier, name]));
    }
    problems
}

fn address_problems(document: &Document<'_, '_>, address: Node<'_, '_>) -> Vec<Problem> {
    let mut problems = Vec::new();
    let siruta = |name: &str| child_text(address, name).and_then(|text| text.parse::<u32>().ok()).unwrap_or_default();
    let (county, uat, locality) = (siruta("sirutaJudet"), siruta("sirutaUAT"), siruta("sirutaLocalitate"));
    if uat != document.uat {
        problems.push(Problem::new("SAVE-CAP-27", &[&uat.to_string(), &document.uat.to_string()]));
        return problems;
    }
    let (date, day) = (document.reported, document.reported.to_string());
    let found = |siruta| place_at(siruta, date);
    match found(uat) {
        None => problems.push(Problem::new("SAVE-CAP-9", &["NomUat", "COD_SIRUTA", &uat.to_string(), &day])),
        Some(place) if place.parent != Some(county) => {
            problems.push(Problem::new("SAVE-CAP-2", &[&uat.to_string(), &county.to_string()]));
        }
        Some(_) => {}
    }
    match found(locality) {
        None => {
            problems.push(Problem::new("SAVE-CAP-9", &["NomLocalitate", "COD_SIRUTA", &locality.to_string(), &day]))
        }
        Some(place) if place.parent != Some(uat) => {
            problems.push(Problem::new("SAVE-CAP-3", &[&place.siruta.to_string(), &uat.to_string()]));
        }
        Some(_) => {}
    }
    problems
}

/// CAP1: nobody is a member of two households of a UAT, and the head is the holder.
fn members(document: &Document<'_, '_>, known: Option<&Household>, households: &Households) -> Vec<Problem> {
    let mut problems = Vec::new();
    let people: Vec<_> = member_nodes(document.content).collect();
    if !people.iter().any(|person| child_text(*person, "codLegaturaRudenie").as_deref() == Some("1")) {
        problems.push(Problem::new("SAVE-CAP-53", &[]));
    }
    for node in people {
        let Some(identifier) = person(node) else { continue };
        if !is_cnp(&identifier) {
            problems.push(Problem::new("SAVE-CAP-45", &[&identifier]));
            continue;
        }
        let head = child_text(node, "codLegaturaRudenie").as_deref() == Some("1");
        let holder = known.and_then(|known| known.holder.as_deref());
        if head && holder.is_some_and(|holder| holder != identifier) {
            problems.push(Problem::new("SAVE-CAP-52", &[holder.unwrap_or_default(), &identifier]));
        }
        let other = households.iter().find(|((uat, name), other)| {
            *uat == document.uat && Some(name) != document.household.as_ref() && other.members.contains(&identifier)
        });
        if let Some(((uat, name), _)) = other {
            problems.push(Problem::new("SAVE-CAP-72", &[&uat.to_string(), &identifier, name]));
        }
    }
    problems
}

/// Every row of a coded section is in its list at the reporting date, and there once.
fn codes(document: &Document<'_, '_>) -> Vec<Problem> {
    let mut problems = Vec::new();
    let mut seen = BTreeSet::new();
    for section in document.content.descendants().filter(|node| node.has_attribute("codNomenclator")) {
        let list = section.tag_name().name();
        if !matches!(list, "categorie_teren" | "categorie_animale") {
            continue;
        }
        let code = section.attribute("codNomenclator").unwrap_or_default();
        let row_code = section.attribute("codRand").unwrap_or_default();
        if row_code.len() > 4 {
            problems.push(Problem::new("SAVE-CAP-82", &[row_code, "4"]));
        } else if row_at(list, code, Some(row_code), document.reported).is_none() {
            problems.push(Problem::new("SAVE-CAP-48", &[list, row_code, code, &document.reported.to_string()]));
        } else if !seen.insert((list, row_code)) {
            problems.push(Problem::new("SAVE-CAP-4", &[list, "codRand", row_code]));
        }
    }
    problems
}

/// The members of CAP1.
pub(super) fn member_nodes<'doc, 'input>(chapter: Node<'doc, 'input>) -> impl Iterator<Item = Node<'doc, 'input>> {
    chapter.descendants().filter(|node| node.has_tag_name("membru_gospodarie"))
}

/// The holder or a member, by CNP, NIF or CUI.
pub(super) fn person(node: Node<'_, '_>) -> Option<String> {
    let number = node.children().find(|child| matches!(child.tag_name().name(), "cnp" | "nif" | "cui"))?;
    number.attribute("value").map(str::to_owned).filter(|value| !value.is_empty())
}
