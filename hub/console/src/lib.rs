//! The console: what people do with the hub, as pages.
//!
//! ```text
//! browser ─► page ─► the hub's own API, in the same process, with the visitor's own session ─► page
//! ```
//!
//! A page reads and changes nothing by itself: all of it goes through [`Hub`], which is the API behind its door. So nobody
//! sees or does here what the API would not let them, whatever is journaled there is journaled here, and what pages can do,
//! programs can. It may assume that the hub in front of it bounds requests. It never talks to anything but the hub, keeps
//! nothing, and runs no script that is not its own.
//!
//! A page is a file in the folder of the people it is for, a template, and two lines: its route and its place in the menu.

pub mod hub;
pub mod visit;
pub mod asking;
pub mod fault;
pub mod page;
pub mod menu;
pub mod form;
pub mod list;
pub mod moment;
pub mod chart;
pub mod told;
pub mod live;
mod assets;
mod home;
mod preferences;
mod tracking;
mod clerk;
mod registry;
mod municipality;
mod integrator;
mod officer;
mod administrator;

use std::sync::Arc;

use axum::Router;
use axum::middleware;
use axum::routing::{get, post};

pub use hub::Hub;

/// What every page may use.
#[derive(Clone)]
pub struct Desk {
    /// The hub.
    pub hub: Arc<dyn Hub>,
    /// Name of the service.
    pub service: Arc<str>,
}

/// The pages. Routes begin with `/console`; who has no session is sent to `/sign-in`. `/track` is for everybody.
pub fn router(desk: Desk) -> Router {
    let pages = Router::new()
        .route("/console", get(home::show))
        .route("/console/language", post(preferences::language))
        .route("/console/theme", post(preferences::theme))
        .route("/console/unit", post(preferences::unit));
    let pages = menu::SECTIONS.iter().fold(pages, |pages, section| (section.routes)(pages));
    let alive =
        pages.clone().layer(middleware::from_fn_with_state(desk.clone(), visit::enter)).with_state(desk.clone());
    pages
        .fallback(page::missing)
        .layer(middleware::from_fn_with_state(desk.clone(), visit::enter))
        .route("/console/live", get(live::follow))
        .layer(axum::Extension(live::Pages(alive)))
        .route("/console/assets/{name}", get(assets::asset))
        .route("/track", get(tracking::ask))
        .route("/track/{code}", get(tracking::show))
        .with_state(desk)
}
