//! What a list may show: of narrowed grants, where each of them holds.
//!
//! Grants are never put together: one for a register and another one for a unit do not make one for both, nor for neither.

use super::decision::{covers, out_of_time};
use super::{Asked, Dimension, Grant, Principal};

/// Where a permission holds, as a list asks for it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Places {
    /// All of the institution.
    Everywhere,
    /// What is in any of these; nothing where there are none.
    Within(Vec<Within>),
}

impl Default for Places {
    /// Nowhere: who forgets to say where is shown nothing.
    fn default() -> Self {
        Self::Within(Vec::new())
    }
}

impl Places {
    /// The places of one dimension, for a list that filters by nothing else.
    #[must_use]
    pub fn among(&self, dimension: Dimension) -> Among {
        let Self::Within(within) = self else { return Among::default() };
        // Only this dimension was left open, so what holds in any grant is what holds in all of them together. A bar is
        // in the name of no place, so that a name with one names nothing.
        let named = within.iter().flat_map(|one| one.places(dimension)).filter(|place| !place.contains('|'));
        Among(format!("|{}|", named.map(String::as_str).collect::<Vec<_>>().join("||")))
    }
}

/// The places of one dimension a list may show: all, or some, or none. Written in one text between bars, as one SQL text
/// takes it on both databases: `($1 = '' or replace($1, '|' || place || '|', '') <> $1)`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Among(String);

impl Among {
    /// As the SQL takes it; empty where all are shown.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether what is in this place is shown.
    #[must_use]
    pub fn holds(&self, place: &str) -> bool {
        self.0.is_empty() || self.0.split('|').any(|one| !one.is_empty() && one == place)
    }
}

/// What one grant leaves open: in every dimension named here, one of its places.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Within(Vec<(Dimension, Vec<String>)>);

impl Within {
    /// The places in a dimension; none where the grant is not narrowed in it.
    #[must_use]
    pub fn places(&self, dimension: Dimension) -> &[String] {
        self.0.iter().find(|(one, _)| *one == dimension).map_or(&[], |(_, places)| places)
    }
}

/// Where a permission holds today. What the scope says is decided here; by the dimensions in `by` the list filters itself. A
/// grant that is narrowed in a dimension that is neither said nor filtered by holds for nothing in the list.
#[must_use]
pub fn places(principal: &Principal, asked: &Asked<'_>, by: &[Dimension]) -> Places {
    if principal.narrowed_to.is_some_and(|narrowed| !narrowed.contains(asked.permission)) {
        return Places::Within(Vec::new());
    }
    let held = principal.grants.iter().filter(|one| {
        one.grant.party == principal.party
            && one.permissions.contains(asked.permission)
            && out_of_time(&one.grant, asked.today).is_none()
    });
    let mut within = Vec::new();
    for one in held {
        match of_grant(&one.grant, asked, by) {
            Some(Within(narrowed)) if narrowed.is_empty() => return Places::Everywhere,
            Some(narrowed) => within.push(narrowed),
            None => {}
        }
    }
    Places::Within(within)
}

fn of_grant(grant: &Grant, asked: &Asked<'_>, by: &[Dimension]) -> Option<Within> {
    let mut narrowed = Vec::new();
    for dimension in asked.permission.narrowed_by().iter().copied() {
        let places = grant.narrowed_to(dimension);
        match asked.scope.of(dimension) {
            _ if places.is_empty() => {}
            Some(here) if places.iter().any(|one| covers(dimension, one, here)) => {}
            None if by.contains(&dimension) => narrowed.push((dimension, places.to_vec())),
            _ => return None,
        }
    }
    Some(Within(narrowed))
}

#[cfg(test)]
mod tests {
    use jiff::civil::{Date, date};

    use super::super::{Held, Permission, PermissionSet, Scope, Who};
    use super::*;

    const TODAY: Date = date(2026, 11, 22);
    const LIST: &[Dimension] = &[Dimension::Register, Dimension::DossierGroup];

    fn grant(registers: &[&str], units: &[&str], groups: &[&str]) -> Grant {
        let texts = |all: &[&str]| all.iter().map(|one| (*one).to_owned()).collect();
        Grant {
            registers: texts(registers),
            units: texts(units),
            dossier_groups: texts(groups),
            ..Grant::of("clerk", "primaria")
        }
    }

    fn holding(grants: Vec<Grant>) -> Principal {
        let who = Who::Person { account: "7".to_owned(), pseudonym: "F7".to_owned(), unit: None };
        let grants = grants.into_iter().filter_map(Held::built_in).collect();
        Principal { who, party: "primaria".to_owned(), grants, narrowed_to: None }
    }

    /// Registers and dossier groups of each grant that counts; none: everywhere.
    fn told(places: Places) -> Option<Vec<String>> {
        let Places::Within(within) = places else { return None };
        let told = |one: &Within| {
            let of = |dimension| one.places(dimension).join(",");
            format!("{} {}", of(Dimension::Register), of(Dimension::DossierGroup))
        };
        Some(within.iter().map(told).collect())
    }

    #[test]
    fn every_grant_is_a_place_of_its_own_and_one_that_is_not_narrowed_is_all() {
        let over = Grant { valid_to: Some(date(2026, 11, 21)), ..grant(&[], &[], &[]) };
        let foreign = Grant { party: "alta-primarie".to_owned(), ..grant(&[], &[], &[]) };
        let table: [(Vec<Grant>, Option<Vec<&str>>); 8] = [
            (vec![], Some(vec![])),
            (vec![grant(&[], &[], &[])], None),
            (vec![grant(&["petitii"], &[], &[]), grant(&[], &[], &["II"])], Some(vec!["petitii ", " II"])),
            (vec![grant(&["petitii"], &[], &["II"])], Some(vec!["petitii II"])),
            (vec![grant(&["petitii"], &[], &[]), grant(&[], &[], &[])], None),
            (vec![grant(&["petitii"], &["urbanism"], &[])], Some(vec!["petitii "])),
            (vec![grant(&[], &["arhiva"], &[])], Some(vec![])),
            (vec![over, foreign], Some(vec![])),
        ];
        for (number, (grants, expected)) in table.into_iter().enumerate() {
            let scope = Scope { unit: Some("urbanism"), ..Scope::default() };
            let asked = Asked { permission: Permission::SearchRead, scope, today: TODAY };
            let expected = expected.map(|all| all.into_iter().map(str::to_owned).collect());
            assert_eq!(told(places(&holding(grants), &asked, LIST)), expected, "line {number}");
        }
    }

    #[test]
    fn a_list_of_one_dimension_shows_what_any_grant_names_and_nothing_where_none_does() {
        let asked = Asked { permission: Permission::SearchRead, scope: Scope::default(), today: TODAY };
        let among = |grants| places(&holding(grants), &asked, &[Dimension::Register]).among(Dimension::Register);
        assert!(among(vec![grant(&[], &[], &[])]).holds("general"));
        let two = among(vec![grant(&["petitii"], &[], &[]), grant(&["urbanism", "a|general"], &[], &[])]);
        assert!(two.holds("petitii") && two.holds("urbanism") && !two.holds("general") && !two.holds(""));
        let none = among(vec![]);
        assert!(!none.holds("petitii") && !none.holds("") && !none.as_str().is_empty());
    }

    #[test]
    fn what_is_neither_said_nor_filtered_by_holds_for_nothing() {
        let asked = Asked { permission: Permission::SearchRead, scope: Scope::default(), today: TODAY };
        let narrowed = holding(vec![grant(&[], &["urbanism"], &[])]);
        assert_eq!(told(places(&narrowed, &asked, LIST)), Some(vec![]), "nobody said for which unit");
        let groups = holding(vec![grant(&[], &[], &["II"])]);
        assert_eq!(told(places(&groups, &asked, &[Dimension::Register])), Some(vec![]));
        let token = Principal { narrowed_to: Some(PermissionSet::NONE), ..holding(vec![grant(&[], &[], &[])]) };
        assert_eq!(told(places(&token, &asked, LIST)), Some(vec![]));
    }
}
