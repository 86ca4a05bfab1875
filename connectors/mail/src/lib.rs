//! The mail engine: drop packages as attachments, out over SMTP and in over IMAP, with TLS or not at all.
//!
//! Mail proves little: a `250` after the message means that one server took it into its queue. The engine says exactly
//! that, with the queue's own number as receipt, and a directory that delivers by mail names its party `external`, so that
//! the hub attests a hand-over to a service outside registered delivery (event F.1) and nothing more. What comes in is
//! believed only with a proof: a key of the sender over the package, or a DKIM verdict of the hub's own mail server.
//!
//! Both conversations are written here, over one bounded line: the libraries of the field read lines without a bound, keep
//! what a server sent before TLS began, do not tell at which word a connection broke, or write passwords into traces.
//! Reading what a mail is made of is left to `mailparse`. The engine answers only the address its channel names, never
//! answers a machine, and never deletes a mail: it moves it.

mod settings;
mod address;
mod line;
mod smtp;
mod compose;
mod letter;
mod outbound;
mod imap;
mod reading;
mod proof;
mod sorting;
mod inbound;
mod engine;

pub use engine::{Clock, MailEngine};
pub use proof::package_proof;
