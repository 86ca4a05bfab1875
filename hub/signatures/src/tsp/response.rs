//! Checks a TimeStampResp against its request (RFC 3161, sections 2.4.2 and 2.2).

use super::Request;
use crate::der::{self, Reader};
use crate::instant;
use crate::time_stamp::{TimeStamp, TimeStampError};
use crate::trust::Trust;

const UTF8_STRING: u8 = 0x0C;
const BIT_STRING: u8 = 0x03;
/// Most characters of an authority's explanation that are repeated.
const LONGEST_TEXT: usize = 300;
/// Most seconds of claimed accuracy that widen the window: an authority that knows the hour only is not believed.
const MOST_ACCURACY: u32 = 60;

/// The span of time in which a fresh token must have been made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Window {
    /// The caller's own time, Unix seconds.
    pub now: i64,
    /// How many seconds the authority's clock may differ from it either way, beyond the accuracy it claims.
    pub tolerance: u32,
}

/// A token that is the answer to a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Token {
    /// DER of the CMS ContentInfo: what is to be kept.
    pub der: Vec<u8>,
    /// What it says.
    pub time_stamp: TimeStamp,
}

/// The status of a response that grants nothing (RFC 3161, section 2.4.2, PKIStatus).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Status {
    /// 2: the request was rejected.
    Rejection,
    /// 3: the answer is to be fetched later.
    Waiting,
    /// 4: a revocation of the authority is imminent.
    RevocationWarning,
    /// 5: the authority was revoked.
    RevocationNotification,
    /// A number the standard does not know.
    Unknown,
}

/// Why a request was rejected (RFC 3161, section 2.4.2, PKIFailureInfo).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Failure {
    /// Bit 0: the digest algorithm is not supported.
    BadAlgorithm,
    /// Bit 2: the transaction is not permitted or supported.
    BadRequest,
    /// Bit 5: the data has the wrong format.
    BadDataFormat,
    /// Bit 14: the authority has no time at the moment.
    TimeNotAvailable,
    /// Bit 15: the policy is not supported.
    UnacceptedPolicy,
    /// Bit 16: an extension is not supported.
    UnacceptedExtension,
    /// Bit 17: additional information is not available.
    AdditionalInformationNotAvailable,
    /// Bit 25: the authority failed.
    SystemFailure,
}

/// Why a response is not the time-stamp that was asked for.
#[derive(Debug, Clone, thiserror::Error)]
pub enum ResponseError {
    /// The bytes are not a TimeStampResp.
    #[error("the answer is not a readable RFC 3161 response: {0}")]
    Unreadable(&'static str),
    /// The authority granted nothing.
    #[error("the time-stamping authority did not grant the request: {}", in_words(*.status, .failures, .text))]
    NotGranted {
        /// What it answered.
        status: Status,
        /// Why, by the standard's reasons.
        failures: Vec<Failure>,
        /// Why, in its own words; may be empty.
        text: String,
    },
    /// The token is wrong, was made for other data, or its authority is not believed.
    #[error(transparent)]
    TimeStamp(#[from] TimeStampError),
    /// The token carries another nonce, or none: it may be an old one.
    #[error("the time-stamp does not carry the number of this request, so it may have been made for another one")]
    Nonce,
    /// The token was made under another policy.
    #[error("the time-stamp was made under the policy {given}, but {asked} was asked for")]
    Policy {
        /// The policy of the request.
        asked: String,
        /// The policy of the token.
        given: String,
    },
    /// The token's time is not the present.
    #[error("the time-stamp says {stamped}, but it was made around {now}: one of the two clocks is wrong")]
    Time {
        /// `genTime`, `xs:dateTime`.
        stamped: String,
        /// The caller's time, `xs:dateTime`.
        now: String,
    },
}

impl Request {
    /// Checks the response to this request and returns its token: status, imprint, token and authority, nonce, policy,
    /// time.
    ///
    /// # Errors
    /// A [`ResponseError`] that tells the first check that did not hold.
    pub fn check(&self, response: &[u8], trust: &Trust, window: Window) -> Result<Token, ResponseError> {
        let der = granted_token(response)?;
        let time_stamp = TimeStamp::verify_imprint(&der, self.imprint.algorithm(), self.imprint.digest(), trust)?;
        if time_stamp.nonce.as_ref() != Some(&self.nonce) {
            return Err(ResponseError::Nonce);
        }
        if let Some(asked) = self.policy.as_ref().filter(|asked| **asked != time_stamp.policy) {
            return Err(ResponseError::Policy { asked: asked.clone(), given: time_stamp.policy });
        }
        let allowed = u64::from(window.tolerance) + u64::from(time_stamp.accuracy.unwrap_or(0).min(MOST_ACCURACY));
        if window.now.abs_diff(time_stamp.time) > allowed {
            let (stamped, now) = (instant::to_date_time(time_stamp.time), instant::to_date_time(window.now));
            return Err(ResponseError::Time { stamped, now });
        }
        Ok(Token { der, time_stamp })
    }
}

/// The token of a response that grants one.
fn granted_token(response: &[u8]) -> Result<Vec<u8>, ResponseError> {
    let unreadable = |why| move || ResponseError::Unreadable(why);
    let mut outer = Reader::new(response);
    let mut answer = outer.sequence().ok_or_else(unreadable("it is not DER"))?;
    if !outer.is_empty() {
        return Err(ResponseError::Unreadable("something follows it"));
    }
    let status = answer.sequence().ok_or_else(unreadable("it has no status"))?;
    let (status, failures, text) = read_status(status).ok_or_else(unreadable("its status is malformed"))?;
    if let Some(status) = status {
        return Err(ResponseError::NotGranted { status, failures, text });
    }
    let token = answer.value(der::SEQUENCE).ok_or_else(unreadable("it grants the request, but holds no token"))?;
    if !answer.is_empty() {
        return Err(ResponseError::Unreadable("something follows its token"));
    }
    // The reader knows one form of a length only, so writing the value again gives the same bytes.
    Ok(der::value(der::SEQUENCE, token))
}

/// PKIStatusInfo: the status unless it is 0 (granted) or 1 (granted with modifications), the failures, the explanation.
fn read_status(mut info: Reader<'_>) -> Option<(Option<Status>, Vec<Failure>, String)> {
    let status = match info.value(der::INTEGER)? {
        [0 | 1] => None,
        [2] => Some(Status::Rejection),
        [3] => Some(Status::Waiting),
        [4] => Some(Status::RevocationWarning),
        [5] => Some(Status::RevocationNotification),
        _ => Some(Status::Unknown),
    };
    let mut texts = Vec::new();
    if info.tag() == Some(der::SEQUENCE) {
        let mut strings = info.sequence()?;
        while !strings.is_empty() {
            texts.push(String::from_utf8_lossy(strings.value(UTF8_STRING)?).into_owned());
        }
    }
    let failures = match info.tag() {
        Some(BIT_STRING) => read_failures(info.value(BIT_STRING)?.get(1..)?),
        _ => Vec::new(),
    };
    let printable = |c: char| if c.is_control() { ' ' } else { c };
    let text = texts.join("; ").chars().map(printable).take(LONGEST_TEXT).collect();
    info.is_empty().then_some((status, failures, text))
}

/// The failures whose bits are set; bits nobody defined are left out.
fn read_failures(bits: &[u8]) -> Vec<Failure> {
    let is_set = |bit: usize| bits.get(bit / 8).is_some_and(|byte| byte >> (7 - bit % 8) & 1 == 1);
    Failure::ALL.into_iter().filter(|(bit, _, _)| is_set(*bit)).map(|(_, failure, _)| failure).collect()
}

impl Failure {
    /// Bit, failure, words.
    const ALL: [(usize, Failure, &'static str); 8] = [
        (0, Failure::BadAlgorithm, "the digest algorithm is not supported"),
        (2, Failure::BadRequest, "the request is not permitted or not supported"),
        (5, Failure::BadDataFormat, "the request has the wrong format"),
        (14, Failure::TimeNotAvailable, "the authority has no time at the moment"),
        (15, Failure::UnacceptedPolicy, "the policy is not supported"),
        (16, Failure::UnacceptedExtension, "an extension is not supported"),
        (17, Failure::AdditionalInformationNotAvailable, "additional information is not available"),
        (25, Failure::SystemFailure, "the authority failed"),
    ];
}

impl std::fmt::Display for Failure {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let known = Failure::ALL.iter().find(|(_, failure, _)| failure == self);
        formatter.write_str(known.map_or("", |(_, _, words)| words))
    }
}

impl std::fmt::Display for Status {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str(match self {
            Status::Rejection => "rejected",
            Status::Waiting => "asked to wait",
            Status::RevocationWarning => "warned of a revocation",
            Status::RevocationNotification => "told of a revocation",
            Status::Unknown => "answered with an unknown status",
        })
    }
}

fn in_words(status: Status, failures: &[Failure], text: &str) -> String {
    let mut words = status.to_string();
    for failure in failures {
        words.push_str(&format!(", {failure}"));
    }
    if !text.is_empty() {
        words.push_str(&format!(" ({text})"));
    }
    words
}
