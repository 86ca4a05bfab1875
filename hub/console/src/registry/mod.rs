//! Registers, entries, deadlines and dossiers: the books a clerk keeps.

mod words;
mod purpose;
mod reading;
mod registers;
mod book;
mod offer;
mod entry;
mod outgoing;
mod closing;
mod import;
mod new;
mod deadlines;
mod shelf;

use axum::Router;
use axum::routing::{get, post};

use crate::Desk;
use crate::menu::{Entry, Section};

/// Their pages.
pub static SECTION: Section = Section {
    ro: "Registratură și arhivă",
    en: "Registry and archive",
    home: "archive.selections.destroy",
    entries: &[
        Entry { path: "/console/registers", ro: "Registre", en: "Registers", permission: "registers.read" },
        Entry { path: "/console/deadlines", ro: "Termene", en: "Deadlines", permission: "deadlines.read" },
        Entry {
            path: "/console/filings",
            ro: "De clasat la dosar",
            en: "To be filed",
            permission: "archive.filings.read",
        },
        Entry { path: "/console/dossiers", ro: "Dosare", en: "Dossiers", permission: "archive.dossiers.read" },
        Entry {
            path: "/console/inventories",
            ro: "Inventare",
            en: "Inventories",
            permission: "archive.inventories.read",
        },
        Entry {
            path: "/console/selections",
            ro: "Selecționare",
            en: "Selection",
            permission: "archive.selections.read",
        },
        Entry { path: "/console/holds", ro: "Rețineri", en: "Holds", permission: "archive.holds.read" },
        Entry {
            path: "/console/nomenclator",
            ro: "Nomenclator arhivistic",
            en: "Archival nomenclature",
            permission: "archive.nomenclator.read",
        },
        Entry {
            path: "/console/registers/general/import",
            ro: "Preluarea registrelor vechi",
            en: "Take over old registers",
            permission: "registers.import",
        },
    ],
    routes,
};

fn routes(pages: Router<Desk>) -> Router<Desk> {
    books(archive(pages)).route("/console/why", post(purpose::say))
}

fn archive(pages: Router<Desk>) -> Router<Desk> {
    use shelf::{dossiers, filings, holds, inventories, nomenclator, selections};
    pages
        .route("/console/dossiers", get(dossiers::show))
        .route("/console/dossiers/{dossier}", get(dossiers::one))
        .route("/console/dossiers/{dossier}/close", post(dossiers::close))
        .route("/console/dossiers/{dossier}/rights", post(dossiers::rights))
        .route("/console/nomenclator", get(nomenclator::show))
        .route("/console/nomenclator/new", get(nomenclator::fill).post(nomenclator::import))
        .route("/console/nomenclator/{version}", get(nomenclator::one))
        .route("/console/nomenclator/{version}/confirmation", post(nomenclator::propose))
        .route("/console/nomenclator/{version}/decision", post(nomenclator::decide))
        .route("/console/archived/{document}", get(dossiers::archived))
        .route("/console/archived/{document}/content", get(dossiers::content))
        .route("/console/archived/{document}/sheet.xml", get(dossiers::sheet))
        .route("/console/filings", get(filings::show))
        .route("/console/filings/{filing}", get(filings::one))
        .route("/console/filings/{filing}/classify", post(filings::classify))
        .route("/console/holds", get(holds::show))
        .route("/console/holds/new", get(holds::fill).post(holds::place))
        .route("/console/holds/{hold}", get(holds::one))
        .route("/console/holds/{hold}/release", post(holds::release))
        .route("/console/inventories", get(inventories::show))
        .route("/console/inventories/new", get(inventories::fill).post(inventories::make))
        .route("/console/inventories/{inventory}", get(inventories::one))
        .route("/console/inventories/{inventory}/handover", post(inventories::hand_over))
        .route("/console/inventories/{inventory}/{paper}", get(inventories::paper))
        .route("/console/selections", get(selections::show))
        .route("/console/selections/new", get(selections::fill).post(selections::propose))
        .route("/console/selections/{selection}", get(selections::one))
        .route("/console/selections/{selection}/confirmation", post(selections::confirm))
        .route("/console/selections/{selection}/destruction", post(selections::destroy))
        .route("/console/selections/{selection}/{paper}", get(selections::paper))
}

fn books(pages: Router<Desk>) -> Router<Desk> {
    pages
        .route("/console/registers", get(registers::show))
        .route("/console/registers/{register}", get(book::show))
        .route("/console/registers/{register}/new", get(new::fill).post(new::enter))
        .route("/console/deadlines", get(deadlines::show))
        .route("/console/deadlines/notices/{notice}", post(deadlines::read))
        .route("/console/registers/{register}/import", get(import::show).post(import::take))
        .route("/console/registers/{register}/import/{template}", get(import::template))
        .route("/console/registers/{register}/{year}/closing", get(closing::show))
        .route("/console/registers/{register}/{year}/closing/{act}", get(closing::file).post(closing::act))
        .route("/console/registers/{register}/{year}/file", get(outgoing::ask).post(outgoing::pass))
        .route("/console/registers/{register}/{year}/{number}", get(entry::show))
        .route("/console/registers/{register}/{year}/{number}/content", post(entry::add))
        .route("/console/registers/{register}/{year}/{number}/content/{position}", get(entry::bytes))
        .route("/console/registers/{register}/{year}/{number}/{act}", post(entry::record))
}
