//! The registers of an institution: one file per verb.

pub mod list;
pub mod closing;
pub mod outgoing;

use super::App;
use crate::registers::Source;

/// What extracts of this hub are made from.
pub(crate) fn source(app: &App) -> Source {
    Source {
        db: app.hub.db.clone(),
        directory: app.hub.directory(),
        service: app.hub.seal.issuer.name.clone(),
        now: app.hub.clock.now(),
    }
}
