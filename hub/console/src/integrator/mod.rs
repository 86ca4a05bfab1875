//! Systems, channels and messages as integrators look at them.

mod systems;
mod messages;
mod message;
mod copied;
mod diff;
mod simulate;
mod playground;
mod twins;
mod reference;

use axum::Router;
use axum::routing::{get, post};

use crate::Desk;
use crate::menu::{Entry, Section};

/// Their pages.
pub static SECTION: Section = Section {
    ro: "Integrare",
    en: "Integration",
    home: "playground.use",
    entries: &[
        Entry { path: "/console/systems", ro: "Sisteme", en: "Systems", permission: "systems.read" },
        Entry { path: "/console/messages", ro: "Mesaje", en: "Messages", permission: "messages.trace" },
        Entry { path: "/console/simulate", ro: "Simulare", en: "Simulation", permission: "routing.simulate" },
        Entry { path: "/console/playground", ro: "Teren de probă", en: "Playground", permission: "playground.use" },
        Entry { path: "/console/twins", ro: "Sisteme jucate", en: "Twins", permission: "systems.read" },
        Entry { path: "/console/reference", ro: "Referința API", en: "API reference", permission: "systems.read" },
    ],
    routes,
};

fn routes(pages: Router<Desk>) -> Router<Desk> {
    pages
        .route("/console/systems", get(systems::list))
        .route("/console/systems/{system}", get(systems::show))
        .route("/console/systems/{system}/resume", post(systems::resume))
        .route("/console/messages", get(messages::list))
        .route("/console/messages/{message}", get(message::show))
        .route("/console/simulate", get(simulate::ask).post(simulate::run))
        .route("/console/playground", get(playground::ask))
        .route("/console/playground/validate", post(playground::validate))
        .route("/console/playground/map", post(playground::map))
        .route("/console/twins", get(twins::show))
        .route("/console/reference", get(reference::list))
        .route("/console/reference/{operation}", get(reference::show))
}
