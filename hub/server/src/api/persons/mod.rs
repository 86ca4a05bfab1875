//! `/v1/persons`: natural and legal persons of the caller's institution, with masked identifiers.
//!
//! An identifier comes in bodies, never in an address, is in no answer but that of `unmask`, and in no log. Seeing one in the
//! clear asks for purpose and legal basis, and is written down before it is shown.

mod draft;
mod read;
mod write;
mod unmask;
mod validate;
mod files;

use super::door::Door;

/// The routes of persons.
#[must_use]
pub fn routes(door: Door) -> Door {
    door.get("/v1/persons", read::list)
        .post("/v1/persons", write::create)
        .taking::<write::New>()
        .get("/v1/persons/export", files::export)
        .post("/v1/persons/import", files::import)
        .carrying("text/csv")
        .post("/v1/persons/search", read::find)
        .taking::<draft::Told>()
        .get("/v1/persons/{id}", read::show)
        .put("/v1/persons/{id}", write::change)
        .taking::<write::Changed>()
        .get("/v1/persons/{id}/history", read::history)
        .post("/v1/persons/{id}/merge", write::merge)
        .taking::<write::Merge>()
        .post("/v1/persons/{id}/unmask", unmask::unmask)
        .taking::<unmask::Asked>()
        .get("/v1/persons/{id}/unmaskings", unmask::list)
        .post("/v1/persons/{id}/validate", validate::validate)
        .taking::<validate::Wanted>()
        .get("/v1/persons/{id}/validations", validate::list)
}
