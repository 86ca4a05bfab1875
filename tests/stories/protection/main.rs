//! What guards the doors: TLS, limits, malware, hostile input, the export to a SIEM, and lock-down.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod limits;
mod tls;
mod http2;
mod hostile_input;
mod malware;
mod siem;
mod lock_down;
