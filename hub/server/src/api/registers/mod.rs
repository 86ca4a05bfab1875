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
pub mod content;
pub mod correspondents;
pub mod closing;
pub mod outgoing;
pub mod import;

use super::App;
use crate::api::door::Door;
use crate::registers::Source;

/// Registers, entries and correspondents.
#[must_use]
pub fn routes(door: Door) -> Door {
    door.get("/v1/registers/{register}/{year}/closing", closing::show)
        .post("/v1/registers/{register}/{year}/closing", closing::propose)
        .taking::<closing::Wish>()
        .post("/v1/registers/{register}/{year}/closing/approve", closing::approve)
        .post("/v1/registers/{register}/{year}/closing/withdraw", closing::withdraw)
        .get("/v1/registers/{register}/{year}/proof", outgoing::proof)
        .get("/v1/registers/{register}/{year}/import", import::show)
        .post("/v1/registers/{register}/{year}/import", import::take)
        .carrying("text/csv")
        .carrying("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet")
        .get("/v1/registers/{register}/{year}/print.pdf", outgoing::print)
        .get("/v1/registers/{register}/{year}/entries.csv", outgoing::csv)
        .get("/v1/registers/{register}/{year}/entries.xlsx", outgoing::xlsx)
        .get("/v1/registers", defined::list)
        .get("/v1/registers/{register}", defined::show)
        .put("/v1/registers/{register}", define::define)
        .taking_but::<hub_flow::directory::Register>(&["party", "id"])
        .get("/v1/registers/{register}/entries", list::list)
        .post("/v1/registers/{register}/entries", enter::enter)
        .keyed()
        .taking::<draft::Draft>()
        .post("/v1/registers/{register}/reservations", keep::reserve)
        .taking::<keep::Keeping>()
        .keyed()
        .post("/v1/registers/{register}/allocations", keep::allocate)
        .taking::<keep::Keeping>()
        .keyed()
        .post("/v1/registers/{register}/fillings", fill::fill_all)
        .taking::<fill::Fillings>()
        .get("/v1/registers/{register}/{year}/{number}/content", content::list)
        .post("/v1/registers/{register}/{year}/{number}/content", content::keep)
        .carrying("multipart/form-data")
        .carrying("*/*")
        .get("/v1/registers/{register}/{year}/{number}/content/{position}", content::bytes)
        .get("/v1/registers/{register}/{year}/{number}", show::show)
        .post("/v1/registers/{register}/{year}/{number}/fill", fill::fill)
        .taking::<draft::Draft>()
        .post("/v1/registers/{register}/{year}/{number}/correct", correct::correct)
        .taking::<correct::Correction>()
        .post("/v1/registers/{register}/{year}/{number}/connect", connect::connect)
        .taking::<connect::Connecting>()
        .post("/v1/registers/{register}/{year}/{number}/annul", annul::propose)
        .taking::<annul::Annulling>()
        .post("/v1/registers/{register}/{year}/{number}/approve-annulment", annul::approve)
        .post("/v1/registers/{register}/{year}/{number}/refuse-annulment", annul::refuse)
        .taking::<annul::Answer>()
        .get("/v1/correspondents", correspondents::list)
        .post("/v1/correspondents/{id}/anonymise", correspondents::anonymise)
}

/// What extracts of this hub are made from.
pub(crate) fn source(app: &App) -> Source {
    Source {
        db: app.hub.db.clone(),
        directory: app.hub.directory(),
        service: app.hub.seal.issuer.name.clone(),
        now: app.hub.clock.now(),
    }
}
