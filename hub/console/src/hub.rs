//! The hub as pages know it: its API, a clock, and ids for what is sent once.

use async_trait::async_trait;
use axum::body::Body;
use axum::http::{Request, Response};
use jiff::Timestamp;

/// The hub.
#[async_trait]
pub trait Hub: Send + Sync {
    /// Answers a request as the door does, with all its rules.
    async fn call(&self, request: Request<Body>) -> Response<Body>;

    /// The present moment.
    fn now(&self) -> Timestamp;

    /// A text nobody had before, for a form that may be sent twice and counts once.
    fn fresh(&self) -> String;

    /// Ends when the hub stops.
    async fn until_stopped(&self);
}
