//! Who may give which role: nobody gives a permission that it may not give.
//!
//! An administrator of an institution gives every built-in role for people but the operator's, whether it holds them or not:
//! who decides that somebody registers documents need not register any. A role of the institution's own it gives only where
//! all its permissions are in those built-in roles. And what is given is never wider or longer than the right to give it.

use jiff::civil::Date;

use super::decision::{covers, out_of_time};
use super::{BuiltIn, Dimension, Grant, Held, Permission, PermissionSet, Principal};

/// Why a role is not given.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NotGiven {
    /// The giver has no `grants.manage` in force in the institution.
    NoRight,
    /// The role is that of who runs the hub, and the giver does not.
    OfTheHub,
    /// The role is one of programs.
    OfPrograms,
    /// No built-in role that the giver may give has these permissions.
    Permissions(Vec<Permission>),
    /// The giver may give only in some of it.
    Wider(Dimension),
    /// The giver may give only for some time.
    Longer,
}

/// The permissions an administrator of an institution may give: those of all built-in roles for people but the operator's.
#[must_use]
pub fn givable() -> PermissionSet {
    let roles = BuiltIn::ALL.into_iter().filter(|role| !matches!(role, BuiltIn::Operator | BuiltIn::PartnerSystem));
    roles.flat_map(|role| role.permissions().iter().collect::<Vec<_>>()).collect()
}

/// Whether somebody may give this today. Of a role that its institution withdrew the permissions are none.
///
/// # Errors
/// It may not, and why.
pub fn may_give(giver: &Principal, wanted: &Held, today: Date) -> Result<(), NotGiven> {
    let narrowed = giver.narrowed_to.is_none_or(|narrowed| narrowed.contains(Permission::GrantsManage));
    let gives = |one: &&Held| {
        one.grant.party == giver.party
            && one.permissions.contains(Permission::GrantsManage)
            && out_of_time(&one.grant, today).is_none()
    };
    let rights: Vec<&Grant> = giver.grants.iter().filter(gives).map(|one| &one.grant).collect();
    if !narrowed || rights.is_empty() || wanted.grant.party != giver.party {
        return Err(NotGiven::NoRight);
    }
    role(giver, wanted, today)?;
    // One right must hold all of it; what none holds is told by the first.
    let refusals: Vec<NotGiven> = rights.iter().map_while(|right| within(right, &wanted.grant).err()).collect();
    if refusals.len() < rights.len() { Ok(()) } else { Err(refusals[0].clone()) }
}

fn role(giver: &Principal, wanted: &Held, today: Date) -> Result<(), NotGiven> {
    let operator = |one: &Held| {
        one.grant.role == BuiltIn::Operator.as_str()
            && one.grant.party == giver.party
            && out_of_time(&one.grant, today).is_none()
    };
    match BuiltIn::parse(&wanted.grant.role) {
        Some(BuiltIn::PartnerSystem) => Err(NotGiven::OfPrograms),
        Some(BuiltIn::Operator) if !giver.grants.iter().any(operator) => Err(NotGiven::OfTheHub),
        Some(_) => Ok(()),
        None => {
            let beyond = beyond(&wanted.permissions);
            if beyond.is_empty() { Ok(()) } else { Err(NotGiven::Permissions(beyond)) }
        }
    }
}

/// The permissions of a set that an administrator may not give.
#[must_use]
pub fn beyond(permissions: &PermissionSet) -> Vec<Permission> {
    let givable = givable();
    permissions.iter().filter(|one| !givable.contains(*one)).collect()
}

/// Whether what is given stays inside the right to give it, in every dimension and in time.
fn within(right: &Grant, wanted: &Grant) -> Result<(), NotGiven> {
    for dimension in Dimension::ALL {
        let (mine, given) = (right.narrowed_to(dimension), wanted.narrowed_to(dimension));
        let inside = |place: &String| mine.iter().any(|one| covers(dimension, one, place));
        if !mine.is_empty() && (given.is_empty() || !given.iter().all(inside)) {
            return Err(NotGiven::Wider(dimension));
        }
    }
    // A right that has begun gives from now on, so only its last day bounds what is given.
    let ends = right.valid_to.is_none_or(|to| wanted.valid_to.is_some_and(|given| given <= to));
    if ends { Ok(()) } else { Err(NotGiven::Longer) }
}

#[cfg(test)]
mod tests;
