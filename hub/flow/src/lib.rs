//! The road of a message: from a sender's door to every recipient, with sealed evidence of each event.
//!
//! No HTTP, no engines, no files but the blob store's. Read [`flow`] first; it is the order of everything on one page.

pub mod flow;
pub mod hub;
pub mod standing;
pub mod message;
pub mod submission;
pub mod validation;
pub mod registration;
pub mod deadline;
pub mod assignment;
pub mod closing;
pub mod extract;
pub mod old_registers;
pub mod routing;
pub mod transformation;
pub mod delivery;
pub mod evidence;
pub mod relay;
pub mod source;
pub mod search;
pub mod examination;
pub mod seal;
pub mod archive;
pub mod log;
pub mod feed;
pub mod preservation;
pub mod calls;
pub mod quota;
pub mod breaker;
pub mod dead_letters;
pub mod lookup;
pub mod authorization;
pub mod directory;
pub mod queue;
pub mod blobs;
pub mod clock;
pub mod db;
