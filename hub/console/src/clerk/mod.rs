//! The daily work of clerks: what waits for them, what came in, what they send.

mod words;
mod work;
mod inbox;
mod sent;
mod structured;
mod timeline;
mod document;
mod acts;
mod part;
mod schema;
mod filled;
mod sending;
mod recipients;
mod check;
mod new;
mod search;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::routing::{get, post};

use crate::Desk;
use crate::form::LARGEST_FILE;
use crate::menu::{Entry, Section};

/// Their pages.
pub static SECTION: Section = Section {
    ro: "Lucrul meu",
    en: "My work",
    home: "inbox.settle",
    entries: &[
        Entry { path: "/console/work", ro: "Lucrul meu", en: "My work", permission: "deadlines.read" },
        Entry { path: "/console/inbox", ro: "Documente sosite", en: "Inbox", permission: "inbox.read" },
        Entry { path: "/console/sent", ro: "Documente trimise", en: "Sent documents", permission: "messages.read" },
        Entry { path: "/console/new", ro: "Document nou", en: "New document", permission: "messages.send" },
        Entry { path: "/console/search", ro: "Căutare", en: "Search", permission: "search.read" },
    ],
    routes,
};

fn routes(pages: Router<Desk>) -> Router<Desk> {
    // Forms with files are as large as a file may be.
    let written = Router::new()
        .route("/console/new", get(new::show).post(new::send))
        .layer(DefaultBodyLimit::max(LARGEST_FILE + 1024 * 1024));
    pages
        .route("/console/work", get(work::show))
        .route("/console/inbox", get(inbox::show))
        .route("/console/sent", get(sent::show))
        .route("/console/documents/{message}", get(document::show))
        .route("/console/documents/{message}/consent", post(acts::consent))
        .route("/console/documents/{message}/accept", post(acts::accept))
        .route("/console/documents/{message}/reject", post(acts::reject))
        .route("/console/documents/{message}/parts/{name}", get(part::pass))
        .merge(written)
        .route("/console/new/check", post(check::check))
        .route("/console/search", get(search::show).post(search::find))
}
