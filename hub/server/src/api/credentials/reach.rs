//! Whose credentials a caller may look after, and how far what it gives may go.

use hub_flow::authorization::{Permission, PermissionSet, Who, grants_of_system};
use hub_flow::credentials::{Credential, find};
use hub_flow::directory::System;
use hub_flow::message::CredentialId;

use crate::api::App;
use crate::api::caller::Caller;
use crate::api::problem::Problem;
use crate::problems;

/// A system of the caller's institution; any system, for those who run the hub.
pub(super) fn system(app: &App, caller: &Caller, id: &str) -> Result<System, Problem> {
    let directory = app.hub.directory();
    let own = directory.system(id).filter(|system| caller.operator || system.party == caller.party);
    own.cloned().ok_or_else(|| {
        super::body::wrong(
            format!("Sistemul {id} nu este în director ca sistem al instituției dumneavoastră"),
            format!("The system {id} is not in the directory as one of your institution"),
        )
    })
}

/// A credential the caller may look after.
pub(super) async fn credential(app: &App, caller: &Caller, id: &str) -> Result<Credential, Problem> {
    let id: CredentialId = id.parse().map_err(|_| Problem::of(&problems::NOT_FOUND))?;
    let found = find(&app.hub.db, id).await?.filter(|one| caller.operator || one.made.party == caller.party);
    found.ok_or_else(|| Problem::of(&problems::NOT_FOUND))
}

/// Refuses what goes further than the caller itself: a program never gives more than it holds, and nobody but those who run
/// the hub gives what lets run it.
pub(super) fn check(caller: &Caller, system: &System, operations: Option<PermissionSet>) -> Result<(), Problem> {
    let grants = grants_of_system(&system.party, system.operations.as_deref(), system.operator);
    let given = |one: &Permission| {
        grants.iter().any(|held| held.permissions.contains(*one)) && operations.is_none_or(|set| set.contains(*one))
    };
    let holds = |one: &Permission| match &caller.principal.who {
        Who::System { .. } => caller.principal.holds(*one),
        Who::Person { .. } => caller.operator || !one.is_of_the_hub(),
    };
    // Of another institution those who run the hub may give whatever its systems hold.
    let foreign = caller.operator && caller.party != system.party;
    let beyond = Permission::ALL.iter().find(|one| given(one) && !holds(one) && !foreign);
    match beyond {
        None => Ok(()),
        Some(permission) => Err(Problem::of(&problems::FORBIDDEN)
            .detail(
                format!("Nu puteți da {permission}, pe care nu o aveți; numiți în operations doar ce aveți"),
                format!("You cannot give {permission}, which you do not hold; name in operations only what you hold"),
            )
            .with("permission", permission.as_str())),
    }
}
