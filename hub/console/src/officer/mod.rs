//! Proofs, journals and reports: what compliance officers find, understand, verify and export.

mod audit;
mod claims;
mod journal;
mod person;
mod proofs;
mod receipt;
mod receipts;
mod reports;
mod verify;

use axum::Router;
use axum::routing::get;

use crate::Desk;
use crate::menu::{Entry, Section};

const fn entry(path: &'static str, (ro, en): (&'static str, &'static str), permission: &'static str) -> Entry {
    Entry { path, ro, en, permission }
}

/// Their pages.
pub static SECTION: Section = Section {
    ro: "Conformitate",
    en: "Compliance",
    home: "journal.read",
    entries: &[
        entry("/console/receipts", ("Recipise și dovezi", "Receipts and evidence"), "evidence.read"),
        entry("/console/reports", ("Rapoarte", "Reports"), "reports.read"),
        entry("/console/proofs", ("Probe și jurnal public", "Proofs and public log"), "proofs.read"),
        entry("/console/journal", ("Jurnalul accesărilor", "Access journal"), "journal.read"),
        entry("/console/audit", ("Auditul actelor", "Audit of acts"), "audit.read"),
    ],
    routes,
};

fn routes(pages: Router<Desk>) -> Router<Desk> {
    pages
        .route("/console/receipts", get(receipts::show))
        .route("/console/receipts/person", get(person::ask).post(person::search))
        .route("/console/receipts/verify", get(verify::ask).post(verify::verify))
        .route("/console/receipts/{message}", get(receipt::show))
        .route("/console/proofs", get(proofs::show))
        .route("/console/journal", get(journal::show))
        .route("/console/journal/person", get(journal::ask).post(journal::search))
        .route("/console/audit", get(audit::show))
        .route("/console/reports", get(reports::home))
        .route("/console/reports/deadlines", get(reports::deadlines::show))
        .route("/console/reports/undelivered", get(reports::undelivered::show))
        .route("/console/reports/reconciliation", get(reports::reconciliation::show))
        .route("/console/reports/retention", get(reports::retention::show))
}
