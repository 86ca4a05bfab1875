//! The feed of a party: every evidence it may see, once, in an order that never changes; and telling its system of the
//! evidence of what it sent.
//!
//! It may assume that the log has no gaps and only grows: the [`Feeder`] follows the leaves that are under a head, never
//! the sequence of evidence, and is on the way of no document. Each party numbers its own feed from 1 without gaps. The
//! number of the leaf would not do as a cursor: a recipient comes to see the evidence of a submission only once there is a
//! delivery to it, when the leaf is already behind, and the evidence of another service has no leaf at all.
//! Nothing here decides who may see what in another way than the chain of a message does (see [`feeder`]).

mod feeder;
mod model;
mod push;
mod push_store;
mod store;

pub use feeder::{Fed, Feeder};
pub use model::{Item, OtherIssuer, Source};
pub use push::{Pushed, Pusher};
pub use push_store::{Standing, standing};
pub use store::after;
