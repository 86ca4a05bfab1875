//! The whole of an institution's structure, and what it answers for a day.

use std::collections::BTreeMap;

use jiff::civil::Date;

use super::model::{Delegation, Post, Staff, Unit};

/// Most units from one to the top: a deeper tree is a ring.
const DEEPEST: usize = 12;

/// Why entries do not make a structure.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum StructureFault {
    /// An entry names another that is not there.
    #[error("the {kind} {id} names the {missing_kind} {missing}, which the structure does not have")]
    Dangling {
        /// Kind of the entry.
        kind: &'static str,
        /// Its id.
        id: String,
        /// Kind it names.
        missing_kind: &'static str,
        /// Id it names.
        missing: String,
    },
    /// Parents form a ring, or the tree is too deep.
    #[error("the unit {0} does not lead to the top of the structure in {DEEPEST} steps; correct its parent")]
    Ring(String),
    /// The last day comes before the first.
    #[error("the {kind} {id} ends before it begins; correct valid_from or valid_to")]
    Backwards {
        /// Kind of the entry.
        kind: &'static str,
        /// Its id.
        id: String,
    },
    /// One post is held by two persons on the same day.
    #[error("the post {post} is held twice on the same day, by {one} and {other}; end one holding first")]
    HeldTwice {
        /// The post.
        post: String,
        /// Id of one holding.
        one: String,
        /// Id of the other.
        other: String,
    },
    /// Somebody stands in for themselves.
    #[error("in the delegation {0} somebody stands in for themselves")]
    Itself(String),
}

/// The structure of one institution. Empty for those that defined none.
#[derive(Debug, Clone, Default)]
pub struct Structure {
    /// Units by id.
    pub units: BTreeMap<String, Unit>,
    /// Posts by id.
    pub posts: BTreeMap<String, Post>,
    /// Holdings of posts by id.
    pub staff: BTreeMap<String, Staff>,
    /// Delegations by id.
    pub delegations: BTreeMap<String, Delegation>,
}

impl Structure {
    /// Whether the institution defined its units: then what is not among them is no unit.
    #[must_use]
    pub fn is_defined(&self) -> bool {
        !self.units.is_empty()
    }

    /// Whether a unit may be named on a day. Where no structure is defined, any may.
    #[must_use]
    pub fn has_unit(&self, id: &str, day: Date) -> bool {
        !self.is_defined() || self.units.get(id).is_some_and(|unit| unit.validity().covers(day))
    }

    /// The unit and those above it, the nearest first.
    #[must_use]
    pub fn up_from(&self, id: &str) -> Vec<&Unit> {
        let first = self.units.get(id);
        let parent = |unit: &&Unit| unit.parent.as_ref().and_then(|parent| self.units.get(parent));
        std::iter::successors(first, parent).take(DEEPEST).collect()
    }

    /// The units in which a person holds a post on a day, without doubles.
    #[must_use]
    pub fn units_of(&self, person: &str, day: Date) -> Vec<&str> {
        let holdings = self.staff.values().filter(|one| one.person == person && one.validity().covers(day));
        let posts = holdings.filter_map(|one| self.posts.get(&one.post)).filter(|post| post.validity().covers(day));
        let mut units: Vec<&str> = posts.map(|post| post.unit.as_str()).collect();
        units.sort_unstable();
        units.dedup();
        units
    }

    /// Who acts for a person on a day: whoever stands in, and whoever stands in for that one; the person where nobody does.
    #[must_use]
    pub fn acting_for<'a>(&'a self, person: &'a str, day: Date) -> &'a str {
        let mut seen = vec![person];
        while let Some(next) = self.stand_in(seen[seen.len() - 1], day) {
            // Two who stand in for each other: the first of them is here after all.
            if seen.contains(&next) {
                return person;
            }
            seen.push(next);
        }
        seen[seen.len() - 1]
    }

    fn stand_in(&self, person: &str, day: Date) -> Option<&str> {
        let mut standing = self.delegations.values().filter(|one| one.of == person && one.validity().covers(day));
        standing.next().map(|one| one.by.as_str())
    }

    /// Checks that the entries hang together.
    ///
    /// # Errors
    /// The first fault, in order of kind and id.
    pub fn check(&self) -> Result<(), StructureFault> {
        let backwards = |kind, id: &String| StructureFault::Backwards { kind, id: id.clone() };
        let dangling = |kind, id: &str, missing_kind, missing: &str| StructureFault::Dangling {
            kind,
            id: id.to_owned(),
            missing_kind,
            missing: missing.to_owned(),
        };
        for unit in self.units.values() {
            if let Some(parent) = unit.parent.as_ref().filter(|parent| !self.units.contains_key(*parent)) {
                return Err(dangling("unit", &unit.id, "unit", parent));
            }
            if self.up_from(&unit.id).last().is_none_or(|top| top.parent.is_some()) {
                return Err(StructureFault::Ring(unit.id.clone()));
            }
            unit.validity().is_ordered().then_some(()).ok_or_else(|| backwards("unit", &unit.id))?;
        }
        for post in self.posts.values() {
            if !self.units.contains_key(&post.unit) {
                return Err(dangling("post", &post.id, "unit", &post.unit));
            }
            post.validity().is_ordered().then_some(()).ok_or_else(|| backwards("post", &post.id))?;
        }
        for holding in self.staff.values() {
            if !self.posts.contains_key(&holding.post) {
                return Err(dangling("staff", &holding.id, "post", &holding.post));
            }
            holding.validity().is_ordered().then_some(()).ok_or_else(|| backwards("staff", &holding.id))?;
        }
        self.check_holdings()?;
        for one in self.delegations.values() {
            one.validity().is_ordered().then_some(()).ok_or_else(|| backwards("delegation", &one.id))?;
            if one.of == one.by {
                return Err(StructureFault::Itself(one.id.clone()));
            }
        }
        Ok(())
    }

    fn check_holdings(&self) -> Result<(), StructureFault> {
        let mut by_post: BTreeMap<&str, Vec<&Staff>> = BTreeMap::new();
        for holding in self.staff.values() {
            let others = by_post.entry(&holding.post).or_default();
            if let Some(other) = others.iter().find(|other| other.validity().meets(holding.validity())) {
                let (post, one, other) = (holding.post.clone(), other.id.clone(), holding.id.clone());
                return Err(StructureFault::HeldTwice { post, one, other });
            }
            others.push(holding);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::super::UnitKind;
    use super::*;

    fn unit(id: &str, parent: Option<&str>) -> Unit {
        Unit {
            party: "p".to_owned(),
            id: id.to_owned(),
            name: id.to_owned(),
            kind: UnitKind::Service,
            parent: parent.map(str::to_owned),
            valid_from: None,
            valid_to: None,
        }
    }

    fn delegation(id: &str, (of, by): (&str, &str), (from, to): (&str, &str)) -> Delegation {
        Delegation {
            party: "p".to_owned(),
            id: id.to_owned(),
            of: of.to_owned(),
            by: by.to_owned(),
            basis: "Dispoziția nr. 1/2026".to_owned(),
            valid_from: from.parse().expect("a day"),
            valid_to: to.parse().expect("a day"),
        }
    }

    fn of(units: Vec<Unit>, delegations: Vec<Delegation>) -> Structure {
        Structure {
            units: units.into_iter().map(|unit| (unit.id.clone(), unit)).collect(),
            delegations: delegations.into_iter().map(|one| (one.id.clone(), one)).collect(),
            ..Structure::default()
        }
    }

    #[test]
    fn parents_that_form_a_ring_are_refused() {
        let ring = of(vec![unit("a", Some("b")), unit("b", Some("a"))], vec![]);
        assert_eq!(ring.check(), Err(StructureFault::Ring("a".to_owned())));
        let tree = of(vec![unit("a", None), unit("b", Some("a"))], vec![]);
        assert_eq!(tree.check(), Ok(()));
        let names: Vec<_> = tree.up_from("b").iter().map(|unit| unit.id.as_str()).collect();
        assert_eq!(names, ["b", "a"]);
    }

    #[test]
    fn who_stands_in_is_followed_for_the_days_it_holds() {
        let week = ("2026-07-01", "2026-07-07");
        let structure = of(
            vec![],
            vec![delegation("1", ("f-1", "f-2"), week), delegation("2", ("f-2", "f-3"), ("2026-07-05", "2026-07-06"))],
        );
        for (day, acting) in
            [("2026-06-30", "f-1"), ("2026-07-01", "f-2"), ("2026-07-05", "f-3"), ("2026-07-08", "f-1")]
        {
            assert_eq!(structure.acting_for("f-1", day.parse().expect("a day")), acting, "{day}");
        }
    }

    #[test]
    fn two_who_stand_in_for_each_other_do_not_turn_in_a_ring() {
        let week = ("2026-07-01", "2026-07-07");
        let structure = of(vec![], vec![delegation("1", ("f-1", "f-2"), week), delegation("2", ("f-2", "f-1"), week)]);
        assert_eq!(structure.acting_for("f-1", "2026-07-02".parse().expect("a day")), "f-1");
    }
}
