//! The time-stamp client: asks an authority for RFC 3161 tokens over HTTP and hands out only those that hold.
//!
//! It may assume that clock and nonces are given. It asks once, never retries, follows no redirect, reads no more than
//! 64 KiB and lets no secret into an error. Every road out of it ends in a token or in one of three classes: nobody could
//! answer, somebody refused, or the answer is wrong.

mod settings;
mod client;
mod exchange;
mod error;

pub use client::TspClient;
pub use error::{ClientError, TspError};
pub use settings::{Clock, Credentials, Nonces, Settings, Timeouts};

pub use hub_signatures::tsp::{Imprint, Token};
