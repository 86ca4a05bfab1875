//! A system that was recognised, as a caller.

use std::sync::Arc;

use hub_flow::authorization::{PermissionSet, Principal, Who, grants_of_system};
use hub_flow::clock::Timestamp;
use hub_flow::credentials::{Held, Use};
use hub_flow::directory::System;
use hub_flow::message::Authentication;

use crate::api::App;
use crate::api::caller::Caller;
use crate::api::problem::Problem;
use crate::problems;

/// The caller a system is: how it was known (last word of the method's name), and what its credential is narrowed to.
pub(super) fn caller(system: &System, (how, narrowed_to): (&str, Option<PermissionSet>), now: Timestamp) -> Caller {
    let principal = Principal {
        who: Who::System { id: system.id.clone() },
        party: system.party.clone(),
        grants: grants_of_system(&system.party, system.operations.as_deref(), system.operator),
        narrowed_to,
    };
    let authentication = Authentication {
        method: format!("urn:punte:authentication:{how}"),
        assurance: system.assurance.clone(),
        delegate: None,
    };
    Caller::of(principal, authentication, now)
}

/// The caller a credential in force is of. The directory has the last word: a system that left it, or speaks for another
/// institution now, is not let in.
pub(super) fn of_credential(
    app: &App,
    held: &Arc<Held>,
    (how, narrowed_to): (&str, Option<PermissionSet>),
    now: Timestamp,
) -> Result<Caller, Problem> {
    let made = &held.credential.made;
    let directory = app.hub.directory();
    let system = directory.system(&made.system).filter(|system| system.party == made.party);
    let system = system.ok_or_else(|| {
        refused("Sistemul acestei chei nu mai este în director", "The system of this credential left the directory")
    })?;
    if held.first_use_in_an_hour(now) {
        let (hub, id) = (Arc::clone(&app.hub), made.id);
        tokio::spawn(async move {
            if let Err(error) = hub.db.write(&Arc::new(Use), (id, now)).await {
                tracing::warn!(%error, "the use of a credential was not written down");
            }
        });
    }
    Ok(caller(system, (how, narrowed_to), now))
}

/// A 401 that says why.
pub(super) fn refused(ro: impl Into<String>, en: impl Into<String>) -> Problem {
    Problem::of(&problems::UNAUTHENTICATED).detail(ro, en)
}
