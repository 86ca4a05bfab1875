//! The registers of an institution: one file per verb.

mod draft;
mod refusals;
pub mod place;
pub mod defined;
pub mod define;
pub mod list;
pub mod show;
pub mod enter;
pub mod keep;
pub mod fill;
pub mod correct;
pub mod connect;
pub mod annul;
pub mod correspondents;
pub mod closing;
pub mod outgoing;
pub mod import;

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
