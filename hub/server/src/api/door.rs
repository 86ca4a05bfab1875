//! The only way a route comes into the program: with the permission its handler names, or said to be open to all.
//!
//! A handler whose first argument is not [`May`] does not compile here:
//!
//! ```compile_fail
//! use hub_server::api::App;
//! use hub_server::api::door::Door;
//!
//! async fn forgot(axum::extract::State(_): axum::extract::State<App>) -> &'static str {
//!     "everybody's letters"
//! }
//!
//! let door = Door::default().get("/v1/letters", forgot);
//! ```
//!
//! With the permission it does:
//!
//! ```
//! use hub_flow::authorization::{Permission, to};
//! use hub_server::api::App;
//! use hub_server::api::door::{Access, Door};
//! use hub_server::api::may::May;
//!
//! async fn letters(may: May<to::MessagesRead>, axum::extract::State(_): axum::extract::State<App>) -> String {
//!     may.party.clone()
//! }
//!
//! let door = Door::default().get("/v1/letters", letters);
//! assert_eq!(door.routes()[0].access, Access::With(Permission::MessagesRead));
//! ```

use axum::Router;
use axum::handler::Handler;
use axum::routing::{MethodFilter, on};
use hub_flow::authorization::Permission;
use serde::de::DeserializeOwned;

use super::App;
use super::arguments::{Arguments, Guarded};
use super::openapi::answered::Answered;
use super::openapi::{Operation, shape};

/// Who may come in by a route.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Access {
    /// Who has this permission.
    With(Permission),
    /// Everybody, for this reason.
    Everybody(&'static str),
}

/// A route as it is known of it.
#[derive(Debug, Clone)]
pub struct Route {
    /// `GET`, `POST` …
    pub method: &'static str,
    /// The path, with its parameters in braces.
    pub path: &'static str,
    /// Who may come in.
    pub access: Access,
    /// Where the handler is in the code: `registers::annul::propose`.
    pub handler: &'static str,
    /// What the handler takes.
    pub operation: Operation,
}

/// The routes, as they run and as data.
#[derive(Default)]
pub struct Door {
    router: Router<App>,
    routes: Vec<Route>,
}

macro_rules! verbs {
    ($($verb:ident $public:ident $filter:ident $text:literal;)*) => {
        $(
            #[doc = concat!("Adds a `", $text, "` that asks for a permission.")]
            #[must_use]
            pub fn $verb<H, T>(self, path: &'static str, handler: H) -> Self
            where
                H: Handler<T, App> + Answered<T>,
                T: Guarded + 'static,
            {
                self.add((MethodFilter::$filter, $text), path, Access::With(T::PERMISSION), handler)
            }

            #[doc = concat!("Adds a `", $text, "` that is open to all, and says why.")]
            #[must_use]
            pub fn $public<H, T>(self, path: &'static str, why: &'static str, handler: H) -> Self
            where
                H: Handler<T, App> + Answered<T>,
                T: Arguments + 'static,
            {
                self.add((MethodFilter::$filter, $text), path, Access::Everybody(why), handler)
            }
        )*
    };
}

impl Door {
    verbs! {
        get public_get GET "GET";
        post public_post POST "POST";
        put public_put PUT "PUT";
        patch public_patch PATCH "PATCH";
        delete public_delete DELETE "DELETE";
    }

    fn add<H, T>(
        mut self,
        (filter, method): (MethodFilter, &'static str),
        path: &'static str,
        access: Access,
        handler: H,
    ) -> Self
    where
        H: Handler<T, App> + Answered<T>,
        T: Arguments + 'static,
    {
        let name = std::any::type_name::<H>();
        let handler_name = name.strip_prefix("hub_server::").unwrap_or(name);
        let handler_name = handler_name.strip_prefix("api::").unwrap_or(handler_name);
        let mut operation = Operation::default();
        T::describe(&mut operation);
        H::describe_answer(&mut operation);
        // A handler that hands its request on reads no body of a GET: such a body has no meaning (RFC 9110, 9.3.1).
        operation.body &= method != "GET";
        self.routes.push(Route { method, path, access, handler: handler_name, operation });
        self.router = self.router.route(path, on(filter, handler));
        self
    }

    /// Says what the body of the route just added is read as, for the description of the API.
    #[must_use]
    pub fn taking<T: DeserializeOwned>(mut self) -> Self {
        if let Some(route) = self.routes.last_mut() {
            route.operation.sent.push(("application/json", shape::schema::<T>()));
        }
        self
    }

    /// The same, without the fields that the path or the caller say.
    #[must_use]
    pub fn taking_but<T: DeserializeOwned>(mut self, known: &[&str]) -> Self {
        if let Some(route) = self.routes.last_mut() {
            route.operation.sent.push(("application/json", shape::without(shape::schema::<T>(), known)));
        }
        self
    }

    /// Says that the body of the route just added may be of this media type.
    #[must_use]
    pub fn carrying(mut self, media_type: &'static str) -> Self {
        if let Some(route) = self.routes.last_mut() {
            route.operation.sent.push((media_type, serde_json::json!({})));
        }
        self
    }

    /// Says that the route just added wants an `Idempotency-Key`, for the description of the API.
    #[must_use]
    pub fn keyed(mut self) -> Self {
        if let Some(route) = self.routes.last_mut() {
            route.operation.headers.push(("Idempotency-Key", true));
        }
        self
    }

    /// The routes of a folder, with its own.
    #[must_use]
    pub fn with(self, routes: fn(Self) -> Self) -> Self {
        routes(self)
    }

    /// What is known of the routes, in the order they were added.
    #[must_use]
    pub fn routes(&self) -> &[Route] {
        &self.routes
    }

    /// The routes as they run.
    pub fn into_router(self) -> Router<App> {
        self.router
    }
}
