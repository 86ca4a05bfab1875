//! Files that town halls send as they have them, with a verdict on every row.

mod batches;
mod new;
mod batch;
mod files;

use axum::Router;
use axum::routing::{get, post};

use crate::Desk;
use crate::menu::{Entry, Section};

/// Their pages.
pub static SECTION: Section = Section {
    ro: "Trimiteri în grup",
    en: "Batches",
    home: "messages.send",
    entries: &[Entry {
        path: "/console/batches",
        ro: "Fișiere trimise",
        en: "Pushed files",
        permission: "messages.read",
    }],
    routes,
};

fn routes(pages: Router<Desk>) -> Router<Desk> {
    pages
        .route("/console/batches", get(batches::show).post(new::send))
        .route("/console/batches/new", get(new::show))
        .route("/console/batches/templates/{file}", get(files::template))
        .route("/console/batches/{id}", get(batch::show))
        .route("/console/batches/{id}/again", post(batch::again))
        .route("/console/batches/{id}/{file}", get(files::corrections))
}
