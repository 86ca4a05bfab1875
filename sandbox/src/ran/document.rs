//! The form of a transmitted document: root `DOCUMENT_RAN` with header and body, one chapter in it (sheet E2).
//!
//! What is wrong here is refused at once; nothing about the content is decided.

use jiff::civil::{Date, date};
use roxmltree::Node;

use super::codes::Problem;
use crate::soap::child_text;

/// The chapters with the time they report about. The element of `CAP2a` is `capitol_2a`.
const CHAPTERS: [(&str, Reporting); 27] = [
    ("CAP0_12", Reporting::Standing),
    ("CAP0_34", Reporting::Standing),
    ("CAP1", Reporting::Standing),
    ("CAP2a", Reporting::Yearly),
    ("CAP2b", Reporting::Standing),
    ("CAP3", Reporting::Yearly),
    ("CAP4a", Reporting::Yearly),
    ("CAP4a1", Reporting::Yearly),
    ("CAP4b1", Reporting::Yearly),
    ("CAP4b2", Reporting::Yearly),
    ("CAP4c", Reporting::Yearly),
    ("CAP5a", Reporting::Yearly),
    ("CAP5b", Reporting::Yearly),
    ("CAP5c", Reporting::Yearly),
    ("CAP5d", Reporting::Yearly),
    ("CAP6", Reporting::Yearly),
    ("CAP7", Reporting::HalfYearly),
    ("CAP8", Reporting::HalfYearly),
    ("CAP9", Reporting::Yearly),
    ("CAP10a", Reporting::Yearly),
    ("CAP10b", Reporting::Yearly),
    ("CAP11", Reporting::Yearly),
    ("CAP12", Reporting::Standing),
    ("CAP13", Reporting::Standing),
    ("CAP14", Reporting::Standing),
    ("CAP15a", Reporting::Standing),
    ("CAP16", Reporting::Standing),
];

/// The time a chapter is about.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Reporting {
    Standing,
    Yearly,
    HalfYearly,
}

/// What the sender wants done (`indicativ`).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Intent {
    /// `ADAUGA_SI_INLOCUIESTE`.
    Replace,
    /// `ANULEAZA`.
    Cancel,
    /// `DEZACTIVARE_GOSPODARIE`.
    Deactivate,
    /// `REACTIVARE_GOSPODARIE`.
    Reactivate,
}

/// A document whose form is right.
pub(super) struct Document<'doc, 'input> {
    pub(super) code: String,
    pub(super) intent: Intent,
    pub(super) uat: u32,
    /// None for the yearly summary of a whole UAT.
    pub(super) household: Option<String>,
    pub(super) chapter: String,
    pub(super) year: Option<i16>,
    /// The date code lists are looked up at.
    pub(super) reported: Date,
    pub(super) content: Node<'doc, 'input>,
}

impl<'doc, 'input> Document<'doc, 'input> {
    /// Reads the form. `today` is the reporting date of what has no year.
    pub(super) fn read(parsed: &'doc roxmltree::Document<'input>, today: Date) -> Result<Self, Problem> {
        let root = parsed.root_element();
        if !root.has_tag_name("DOCUMENT_RAN") {
            return Err(structure("elementul rădăcină nu este DOCUMENT_RAN"));
        }
        let (header, body) = (only(root, "HEADER")?, only(root, "BODY")?);
        let code = only(header, "codXml")?.attribute("value").unwrap_or_default().to_ascii_lowercase();
        if !is_guid(&code) {
            return Err(structure("codXml nu este un GUID"));
        }
        let exported = child_text(header, "dataExport").unwrap_or_default();
        if exported.get(..10).is_none_or(|day| day.parse::<Date>().is_err()) {
            return Err(structure("dataExport nu este o dată"));
        }
        let said = child_text(header, "indicativ").unwrap_or_default();
        let intent = match said.as_str() {
            "ADAUGA_SI_INLOCUIESTE" => Intent::Replace,
            "ANULEAZA" => Intent::Cancel,
            "DEZACTIVARE_GOSPODARIE" => Intent::Deactivate,
            "REACTIVARE_GOSPODARIE" => Intent::Reactivate,
            _ => return Err(structure("indicativ nu este unul dintre cele patru")),
        };
        let uat = child_text(header, "sirutaUAT").and_then(|siruta| siruta.parse().ok());
        let uat = uat.ok_or_else(|| structure("sirutaUAT nu este un cod SIRUTA"))?;
        let unit = only_element(body)?;
        let household = match unit.tag_name().name() {
            "gospodarie" => {
                let identifier = unit.attribute("identificator").unwrap_or_default().trim();
                if identifier.is_empty() {
                    return Err(structure("gospodarie nu are identificator"));
                }
                if identifier.chars().count() > 30 {
                    let length = identifier.chars().count().to_string();
                    return Err(Problem::new("SAVE-CAP-80", &["identificator", &length, "30"]));
                }
                Some(identifier.to_owned())
            }
            "anRaportareCentralizator" => None,
            other => return Err(structure(&format!("{other} nu poate sta în BODY"))),
        };
        let (year, content) = within_year(unit, household.is_none())?;
        let chapter = chapter(content, intent, &said, year)?;
        let reported = year.map_or(today, |year| date(year, 12, 31).min(today));
        Ok(Self { code, intent, uat, household, chapter, year, reported, content })
    }

    /// Whether it is one of the two chapters that found a household.
    pub(super) fn founds(&self) -> bool {
        self.household.is_some() && self.chapter.starts_with("CAP0_") && self.intent == Intent::Replace
    }
}

/// The year around the chapter, and the chapter itself.
fn within_year<'doc, 'input>(
    unit: Node<'doc, 'input>,
    summary: bool,
) -> Result<(Option<i16>, Node<'doc, 'input>), Problem> {
    let inner = if summary { unit } else { only_element(unit)? };
    if !matches!(inner.tag_name().name(), "anRaportare" | "anRaportareCentralizator") {
        return Ok((None, inner));
    }
    let said = inner.attribute("an").ok_or_else(|| Problem::new("SAVE-CAP-78", &[]))?;
    let year = said.parse().ok().filter(|year| (1990..=2200).contains(year));
    Ok((Some(year.ok_or_else(|| Problem::new("SAVE-CAP-79", &[]))?), only_element(inner)?))
}

/// The code of the chapter, once element, code and intent agree.
fn chapter(content: Node<'_, '_>, intent: Intent, said: &str, year: Option<i16>) -> Result<String, Problem> {
    let name = content.tag_name().name();
    let code = content.attribute("codCapitol").ok_or_else(|| structure(&format!("{name} nu are codCapitol")))?;
    let wanted = match intent {
        Intent::Replace => name.strip_prefix("capitol_").map(|rest| format!("CAP{rest}")),
        Intent::Cancel if name == "anulareCapitol" => Some(code.to_owned()),
        Intent::Deactivate if name == "dezactivare" => Some(code.to_owned()),
        Intent::Reactivate if name == "reactivare" => Some(code.to_owned()),
        _ => None,
    };
    let wanted = wanted.ok_or_else(|| Problem::new("SAVE-CAP-28", &[said]))?;
    if wanted != code {
        return Err(Problem::new("SAVE-CAP-5", &[code, &wanted]));
    }
    if matches!(intent, Intent::Deactivate | Intent::Reactivate) && !matches!(code, "CAP0_12" | "CAP0_34") {
        return Err(Problem::new("SAVE-CAP-29", &[name]));
    }
    let plain = code.trim_end_matches("_cent");
    let known = CHAPTERS.iter().find(|(known, _)| *known == plain);
    let (_, reporting) = known.ok_or_else(|| structure(&format!("nu există capitolul {code}")))?;
    let half = content.attribute("semestru");
    match reporting {
        Reporting::Standing => {}
        _ if year.is_none() && intent == Intent::Cancel => return Err(Problem::new("SAVE-CAP-57", &[code])),
        _ if year.is_none() => return Err(Problem::new("SAVE-CAP-78", &[])),
        Reporting::Yearly => {}
        Reporting::HalfYearly if intent == Intent::Cancel && half.is_none() => {
            return Err(Problem::new("SAVE-CAP-58", &[code]));
        }
        Reporting::HalfYearly if !matches!(half, Some("1" | "2")) => {
            return Err(structure(&format!("{code} are nevoie de semestru 1 sau 2")));
        }
        Reporting::HalfYearly => {}
    }
    Ok(code.to_owned())
}

/// What the schema would say.
pub(super) fn structure(what: &str) -> Problem {
    Problem::new("STR-VLD-ERROR-1", &[what])
}

fn only<'doc, 'input>(parent: Node<'doc, 'input>, name: &str) -> Result<Node<'doc, 'input>, Problem> {
    let mut found = parent.children().filter(|child| child.has_tag_name(name));
    match (found.next(), found.next()) {
        (Some(child), None) => Ok(child),
        _ => Err(structure(&format!("{} trebuie să aibă un singur {name}", parent.tag_name().name()))),
    }
}

fn only_element<'doc, 'input>(parent: Node<'doc, 'input>) -> Result<Node<'doc, 'input>, Problem> {
    let mut found = parent.children().filter(Node::is_element);
    match (found.next(), found.next()) {
        (Some(child), None) => Ok(child),
        _ => Err(structure(&format!("{} trebuie să aibă un singur element", parent.tag_name().name()))),
    }
}

fn is_guid(text: &str) -> bool {
    let groups: Vec<_> = text.split('-').collect();
    let lengths = groups.iter().map(|group| group.len()).eq([8, 4, 4, 4, 12]);
    lengths && groups.iter().all(|group| group.bytes().all(|byte| byte.is_ascii_hexdigit()))
}
