//! The REST engine: delivers documents over HTTP the way a manifest says.
//!
//! It sends once, never retries, follows no redirect, holds no large part in memory and lets no secret into an error.
//! Every road out of it ends in one of the four classes of the contract; where it cannot be sure, it says so.

mod engine;
mod connector;
mod request;
mod envelope;
mod multipart;
mod lookup;
mod asking;
mod tree;
mod inbound;
mod receive;
mod arrival;

pub use connectors_contract::reading::{Response, inquiry, outcome};
pub use connectors_http::ClientError;
pub use engine::{Clock, RestEngine};
