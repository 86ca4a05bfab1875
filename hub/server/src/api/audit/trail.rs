//! What a request tells of itself beside its body: the clerk, the reasons, and the mark by which it is found again.
//!
//! It is no authentication and never refuses: whoever needs a reason says so itself.

use std::convert::Infallible;

use axum::extract::FromRequestParts;
use axum::http::HeaderMap;
use axum::http::request::Parts;
use hub_flow::audit::{AuditEvent, Kind, Principal};
use hub_flow::authorization::Who;
use hub_flow::hub::Hub;
use hub_flow::message::is_printable;

use crate::api::caller::Caller;

/// Longest text of a header that is taken, in characters.
const LONGEST: usize = 300;
/// Longest mark, in characters.
const LONGEST_MARK: usize = 128;

/// What a request tells of itself.
#[derive(Debug, Clone, Default)]
pub struct Trail {
    /// `Punte-Clerk`: the pseudonym of the clerk a system acts for.
    pub clerk: Option<String>,
    /// `Punte-Purpose`.
    pub purpose: Option<String>,
    /// `Punte-Legal-Basis`.
    pub legal_basis: Option<String>,
    /// `Punte-Case`.
    pub case_number: Option<String>,
    /// `X-Request-Id`, or the trace of `traceparent` (W3C Trace Context).
    pub correlation: Option<String>,
}

impl Trail {
    /// Reads the headers.
    #[must_use]
    pub fn of(headers: &HeaderMap) -> Self {
        let trace =
            text(headers, "traceparent", LONGEST_MARK).and_then(|value| value.split('-').nth(1).map(str::to_owned));
        Self {
            clerk: text(headers, "punte-clerk", LONGEST_MARK),
            purpose: text(headers, "punte-purpose", LONGEST),
            legal_basis: text(headers, "punte-legal-basis", LONGEST),
            case_number: text(headers, "punte-case", LONGEST),
            correlation: text(headers, "x-request-id", LONGEST_MARK).or(trace),
        }
    }

    /// An act of the caller at this moment.
    #[must_use]
    pub fn act(&self, hub: &Hub, caller: &Caller, kind: Kind) -> AuditEvent {
        let mut event = AuditEvent::new(kind, hub.clock.now(), &caller.party, self.principal(caller));
        event.correlation.clone_from(&self.correlation);
        event
    }

    /// Who acts: a person with an account, the clerk a system names, or the system.
    #[must_use]
    pub fn principal(&self, caller: &Caller) -> Principal {
        match (&caller.principal.who, &self.clerk) {
            (Who::Person { pseudonym, .. }, _) => Principal::person(pseudonym),
            (Who::System { .. }, Some(clerk)) => Principal::person(clerk),
            (Who::System { id, .. }, None) => Principal::system(id),
        }
    }
}

/// A header's text, UTF-8 as clerks write it; none where it is empty, too long or not printable.
fn text(headers: &HeaderMap, name: &str, longest: usize) -> Option<String> {
    let value = std::str::from_utf8(headers.get(name)?.as_bytes()).ok()?.trim();
    let fits = !value.is_empty() && value.chars().count() <= longest && value.chars().all(is_printable);
    fits.then(|| value.to_owned())
}

impl<S: Send + Sync> FromRequestParts<S> for Trail {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        Ok(Self::of(&parts.headers))
    }
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;

    use super::*;

    #[test]
    fn reasons_are_read_with_diacritics_and_never_over_two_lines() {
        let mut headers = HeaderMap::new();
        headers.insert("punte-purpose", HeaderValue::from_bytes("anchetă socială".as_bytes()).unwrap());
        headers.insert("punte-case", HeaderValue::from_bytes(b"12\t3").unwrap());
        headers
            .insert("traceparent", HeaderValue::from_static("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"));
        let trail = Trail::of(&headers);
        assert_eq!(trail.purpose.as_deref(), Some("anchetă socială"));
        assert_eq!(trail.case_number, None);
        assert_eq!(trail.correlation.as_deref(), Some("0af7651916cd43dd8448eb211c80319c"));
    }
}
