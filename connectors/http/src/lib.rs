//! Calls over HTTP for every engine and adapter: clients by certificate, bodies on their way out, one watched call, and
//! what went wrong in words.
//!
//! It follows no redirect, retries nothing, asks for no compression, holds no large part in memory and lets no secret
//! into an error. It gives no answer a meaning: that is `connectors_contract::reading`.

mod clients;
mod identity;
mod judging;
mod credentials;
mod outgoing;
mod call;
mod trouble;

pub use call::{Bounds, Failure, call};
pub use clients::{ClientError, Clients, Connections};
pub use credentials::Credentials;
pub use outgoing::{Progress, Segment, stream};
pub use trouble::{Broken, broken};

/// The longest answer that is read where no document is expected.
pub const LONGEST_ANSWER: usize = 1024 * 1024;
