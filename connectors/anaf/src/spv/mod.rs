//! SPV, the private space of taxpayers: what waits there, what can be asked for, the income certificate among it.
//!
//! The service stands behind an appliance that makes a session out of a certificate, asked for by renegotiating TLS in the
//! middle of a connection, and answers everything with 200. This adapter walks that road, keeps the session in memory as the
//! secret it is, and never takes a page for an answer. It may assume that the hub checked arguments, purpose and legal basis.

mod engine;
mod jar;
mod session;
mod page;
mod relaxed;
mod service;
mod lookup;
mod inbound;
mod moment;

pub use engine::SpvEngine;
