//! The console in the program: its pages behind the door, and the API before them.
//!
//! Pages are asked by browsers at the door, and ask the API themselves, inside the process, with the session the browser bears:
//! the same routes, rights, journal and lock-down as everybody's. Only the budgets are not drawn on twice.

use std::sync::Arc;

use async_trait::async_trait;
use axum::body::Body;
use axum::extract::Request;
use axum::http::{Response, StatusCode, header};
use axum::response::IntoResponse as _;
use axum::{Extension, Router};
use hub_console::Desk;
use hyper::service::Service as _;
use hyper_util::service::TowerToHyperService;
use jiff::Timestamp;
use tokio::sync::watch;

use crate::api::App;
use crate::api::door::Door;
use crate::api::problem::Problem;
use crate::problems;

const PAGES: &str =
    "what a page shows, the API gives to the session of who looks; who has none is sent to the sign-in page";

const TRACKING: &str =
    "whoever has a tracking code may know where the document is; it names institutions and no person";

/// The pages.
#[must_use]
pub fn routes(door: Door) -> Door {
    door.public_get("/", "it leads to the console", home)
        .public_get("/console", PAGES, page)
        .public_get("/console/{*page}", PAGES, page)
        .public_post("/console/{*page}", PAGES, page)
        .carrying("application/x-www-form-urlencoded")
        .carrying("multipart/form-data")
        .public_get("/track", TRACKING, page)
        .public_get("/track/{code}", TRACKING, page)
}

/// Leads to the console.
pub async fn home() -> Response<Body> {
    (StatusCode::SEE_OTHER, [(header::LOCATION, "/console")]).into_response()
}

/// The pages as the door finds them.
#[derive(Clone)]
struct Pages(Router);

/// A page of the console.
pub async fn page(request: Request) -> Response<Body> {
    match request.extensions().get::<Pages>().cloned() {
        Some(Pages(pages)) => asked(pages, request).await,
        // The API itself shows no pages.
        None => Problem::of(&problems::NOT_FOUND).into_response(),
    }
}

/// Asks a router without a socket. Nothing of what the door knew of the connection goes along.
async fn asked(router: Router, request: Request) -> Response<Body> {
    let (parts, body) = request.into_parts();
    let mut request = Request::new(body);
    *request.method_mut() = parts.method;
    *request.uri_mut() = parts.uri;
    *request.headers_mut() = parts.headers;
    match TowerToHyperService::new(router).call(request).await {
        Ok(response) => response,
    }
}

/// The hub as pages know it.
struct InProcess {
    api: Router,
    app: App,
    stopped: watch::Receiver<bool>,
}

#[async_trait]
impl hub_console::Hub for InProcess {
    async fn call(&self, request: Request) -> Response<Body> {
        asked(self.api.clone(), request).await
    }

    fn now(&self) -> Timestamp {
        Timestamp::from_microsecond(self.app.hub.clock.now().0).unwrap_or_default()
    }

    fn fresh(&self) -> String {
        self.app.hub.ids.uuid(self.app.hub.clock.now()).to_string()
    }

    async fn until_stopped(&self) {
        // A sender that is gone has stopped too.
        let _ = self.stopped.clone().wait_for(|stopped| *stopped).await;
    }
}

/// Puts the console before the routes of the API.
pub fn before(api: Router<App>, app: &App) -> Router<App> {
    let inside = InProcess { api: api.clone().with_state(app.clone()), app: app.clone(), stopped: app.stopped.clone() };
    let service = app.sign_in.service.as_str().into();
    let pages = hub_console::router(Desk { hub: Arc::new(inside), service });
    api.layer(Extension(Pages(pages)))
}
