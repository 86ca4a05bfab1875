//! `/v1/nomenclatures`: SIRUTA, streets, kinds of institutions, legal forms and the code lists of documents, in versions.

mod lists;
mod entries;
mod import;

use super::door::Door;

/// The routes of nomenclatures.
#[must_use]
pub fn routes(door: Door) -> Door {
    door.get("/v1/nomenclatures", lists::lists)
        .get("/v1/nomenclatures/{list}", lists::versions)
        .post("/v1/nomenclatures/{list}", import::import)
        .carrying("text/csv")
        .get("/v1/nomenclatures/{list}/diff", entries::diff)
        .get("/v1/nomenclatures/{list}/{version}", entries::entries)
        .get("/v1/nomenclatures/{list}/{version}/{code}", entries::entry)
}
