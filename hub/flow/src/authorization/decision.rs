//! The decision: may this principal do this, here, today?

use jiff::civil::Date;

use super::{Dimension, Grant, Held, Permission, Principal, Scope};

/// What is asked of [`allows`].
#[derive(Debug, Clone, Copy)]
pub struct Asked<'a> {
    /// What is to be done.
    pub permission: Permission,
    /// Where.
    pub scope: Scope<'a>,
    /// On which day, in Romania.
    pub today: Date,
}

/// Yes, or no with the reason.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Decision {
    /// It may.
    Allowed,
    /// It may not.
    Refused(Refusal),
}

impl Decision {
    /// Whether it may.
    #[must_use]
    pub const fn is_allowed(&self) -> bool {
        matches!(self, Self::Allowed)
    }
}

/// Why not. The reason nearest to a yes is told: a grant that holds elsewhere says more than one that is over.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Refusal {
    /// No role held in the institution has the permission.
    NotGranted,
    /// The key or token it came with is narrowed to other operations.
    Credential,
    /// A role has it, but not on this day.
    NotInForce {
        /// First day in force.
        from: Option<Date>,
        /// Last day in force.
        to: Option<Date>,
    },
    /// A role has it, but only elsewhere; or it was not said where.
    Elsewhere {
        /// In which dimension.
        dimension: Dimension,
        /// What was asked for, where it was said.
        asked: Option<String>,
        /// Where it holds.
        holds_in: Vec<String>,
    },
}

/// Whether a principal may do this here today. A grant that is narrowed in a dimension the permission knows holds only where
/// the scope says a place it names.
#[must_use]
pub fn allows(principal: &Principal, asked: &Asked<'_>) -> Decision {
    decide(principal, asked, |grant| elsewhere(grant, asked))
}

/// Whether a principal may do this at least somewhere today: who decides by it asks [`allows`] again for every place.
#[must_use]
pub fn allows_somewhere(principal: &Principal, asked: &Asked<'_>) -> Decision {
    decide(principal, asked, |_| None)
}

fn decide(principal: &Principal, asked: &Asked<'_>, elsewhere: impl Fn(&Grant) -> Option<Refusal>) -> Decision {
    if principal.narrowed_to.is_some_and(|narrowed| !narrowed.contains(asked.permission)) {
        return Decision::Refused(Refusal::Credential);
    }
    let mut nearest = Refusal::NotGranted;
    let held = |one: &&Held| one.grant.party == principal.party && one.permissions.contains(asked.permission);
    for Held { grant, .. } in principal.grants.iter().filter(held) {
        let Some(refusal) = out_of_time(grant, asked.today).or_else(|| elsewhere(grant)) else {
            return Decision::Allowed;
        };
        nearest = nearest.max(refusal);
    }
    Decision::Refused(nearest)
}

pub(super) fn out_of_time(grant: &Grant, today: Date) -> Option<Refusal> {
    let begun = grant.valid_from.is_none_or(|from| from <= today);
    let over = grant.valid_to.is_some_and(|to| to < today);
    (!begun || over).then_some(Refusal::NotInForce { from: grant.valid_from, to: grant.valid_to })
}

fn elsewhere(grant: &Grant, asked: &Asked<'_>) -> Option<Refusal> {
    asked.permission.narrowed_by().iter().find_map(|dimension| {
        let places = grant.narrowed_to(*dimension);
        let here = asked.scope.of(*dimension);
        let holds =
            places.is_empty() || here.is_some_and(|here| places.iter().any(|one| covers(*dimension, one, here)));
        (!holds).then(|| Refusal::Elsewhere {
            dimension: *dimension,
            asked: here.map(str::to_owned),
            holds_in: places.to_vec(),
        })
    })
}

/// Groups of dossiers hold what is below them; all else is itself alone.
pub(super) fn covers(dimension: Dimension, named: &str, here: &str) -> bool {
    let below = |rest: &str| rest.is_empty() || rest.starts_with(['/', '.', '-', ' ']);
    match dimension {
        Dimension::DossierGroup => here.strip_prefix(named).is_some_and(below),
        _ => named == here,
    }
}

#[cfg(test)]
mod tests;
