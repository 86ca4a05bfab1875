//! Stage 6: attempts, the retry schedule, inquiry after a lost answer, the inbox, and the end of every delivery.
//!
//! A delivery always has a state, a reason and a next act. Nothing here calls a target while a transaction is open:
//! load, decide (pure, [`retry`]), do, record.

mod model;
pub mod retry;
mod connectors;
mod store;

pub use connectors::{Connectors, UnknownChannel};
pub use model::{Act, AttemptRecord, Delivery, DeliveryState};
pub use store::{
    Change, attempts, change, complete, course, insert, load, of_message, of_messages, set_registrations, standing,
    translation, translations, waiting, waiting_for_systems,
};
