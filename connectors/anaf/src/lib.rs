//! Adapters for the services of the tax administration that a manifest alone cannot describe: SPV, RO e-Factura and
//! RO e-Transport.
//!
//! They are adapters because the rules have an `if`: refusals come with 200 in a format per operation, tokens rotate and
//! must survive, uploads have no key of ours, and what became of a lost one is read from lists that lag. They send once,
//! never retry by themselves, follow no redirect, and let no token into an error.

mod manifest;
pub mod spv;
mod bucharest;
mod store;
mod wire;
mod shape;
mod words;
mod trouble;
mod oauth;
mod api;
mod archive;
mod remembered;
mod settings;
mod efactura;
mod etransport;

pub use efactura::EfacturaEngine;
pub use etransport::EtransportEngine;
pub use oauth::OAuth;
pub use store::{CursorStore, FileStore, TokenStore};
pub use wire::Reply;

/// What the answers of the services mean, pure: for tests and for whoever wants to look at a recorded answer.
pub mod classify {
    pub use crate::efactura::classify::{filed, processed};
    pub use crate::etransport::classify::declared;
}

/// The time in seconds since 1970, given by whoever builds the engines.
pub type Clock = std::sync::Arc<dyn Fn() -> i64 + Send + Sync>;
