//! What stands between the network and the handlers: connections, sizes, times, budgets, headers of answers.
//!
//! It may assume nothing about who calls. It never decides what somebody may do: that is authorization; and it never
//! loses what was accepted, because it refuses before a handler begins, or closes a connection whose request did not end.

pub mod connections;
pub mod stream;
pub mod layers;
pub mod body;
pub mod class;
pub mod address;
pub mod budgets;
pub mod admission;
pub mod patience;
pub mod gate;
pub mod headers;
pub mod json;
pub mod secrets;
pub mod malware;

pub use gate::{Gate, admit};
