//! The console as a browser without scripts meets it.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod pages;
mod clerk;
mod registry;
mod municipality;
mod officer;
mod integrator;
mod administrator;
mod shelf;
mod closing;
