//! Why there is no token, by what is to be done about it.

use std::time::Duration;

use hub_signatures::tsp::{Failure, RequestError, ResponseError, Status};

/// Why there is no token.
#[derive(Debug, Clone, thiserror::Error)]
pub enum TspError {
    /// Nobody answered, or the authority cannot serve now: another one, or later, may help.
    #[error("the time-stamping authority is not available: {reason}")]
    Unavailable {
        /// Why.
        reason: String,
        /// When to come again, as the authority says.
        retry_after: Option<Duration>,
    },
    /// The authority understood and does not grant it: the same request will be refused again.
    #[error("the time-stamping authority refused: {0}")]
    Refused(String),
    /// What came back is not the token that was asked for. It is never used.
    #[error("the time-stamping authority gave a wrong answer: {0}")]
    WrongAnswer(String),
}

/// Why there is no client.
#[derive(Debug, thiserror::Error)]
pub enum ClientError {
    /// The TLS library cannot be used.
    #[error("building the HTTP client: {0}")]
    Http(#[from] reqwest::Error),
    /// The address is not one of the web.
    #[error("the address of a time-stamping authority starts with http:// or https://, not {0}://")]
    Address(String),
    /// The policy is not an object identifier.
    #[error(transparent)]
    Policy(#[from] RequestError),
    /// The credentials do not fit a header.
    #[error("the credentials of the time-stamping authority hold a line break or a letter outside ASCII")]
    Credentials,
}

impl TspError {
    pub(crate) fn unavailable(reason: impl Into<String>) -> TspError {
        TspError::Unavailable { reason: reason.into(), retry_after: None }
    }
}

impl From<ResponseError> for TspError {
    fn from(error: ResponseError) -> TspError {
        match &error {
            ResponseError::NotGranted { status, failures, .. } if is_temporary(*status, failures) => {
                TspError::unavailable(error.to_string())
            }
            ResponseError::NotGranted { .. } => TspError::Refused(error.to_string()),
            _ => TspError::WrongAnswer(error.to_string()),
        }
    }
}

/// Whether a rejection is about the authority's own state and not about the request.
fn is_temporary(status: Status, failures: &[Failure]) -> bool {
    status == Status::Waiting
        || failures.iter().any(|failure| matches!(failure, Failure::TimeNotAvailable | Failure::SystemFailure))
}
