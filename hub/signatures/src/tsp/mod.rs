//! The time-stamp protocol of RFC 3161: builds requests and checks what came back. Talking to anybody is the caller's.
//!
//! It may assume that nonce and time are given. It never takes a token whose imprint, nonce, policy or time is not the
//! one that was asked for; the token's own signature and authority are checked by [`crate::time_stamp`].

mod request;
mod response;

pub use request::{Imprint, Request, RequestError};
pub use response::{Failure, ResponseError, Status, Token, Window};

/// Media type of a request (RFC 3161, section 3.4).
pub const QUERY_TYPE: &str = "application/timestamp-query";
/// Media type of a response (RFC 3161, section 3.4).
pub const REPLY_TYPE: &str = "application/timestamp-reply";
