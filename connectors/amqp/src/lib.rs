//! The AMQP engine: documents to and from queues of a broker (AMQP 0-9-1, RabbitMQ).
//!
//! A document is delivered when the broker confirmed that it keeps it, and an arrival leaves its queue only after the hub
//! committed. The client library's own recovery stays off: it was seen to hang; a broken line is thrown away and made anew,
//! and everything has a time limit. The library tells of returned messages whole, at its level WARN: whoever starts a log
//! keeps `lapin` at ERROR.

mod engine;
mod settings;
mod line;
mod publishing;
mod message;
mod outbound;
mod inbound;
mod arrival;
mod held;

pub use engine::AmqpEngine;
pub use publishing::{Published, outcome};
