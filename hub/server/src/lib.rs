//! The program `punte`: doors and wiring around the road of `hub-flow`.

pub mod commands;
pub mod config;
pub mod assembly;
pub mod seal;
pub mod listen;
pub mod api;
pub mod pages;
pub mod papers;
pub mod registers;
pub mod worker;
pub mod receiving;
pub mod archiving;
pub mod log_keeping;
mod evidence_feeding;
mod searching;
mod examining;
pub mod preserving;
mod erasing;
mod watching;
pub mod proofs;
pub mod problems;
pub mod verdict;
pub mod telemetry;
