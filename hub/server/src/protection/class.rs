//! Which budget a request draws on.

use http::Method;

/// A class of requests with a budget of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Class {
    /// Documents sent, and dispatches of other services.
    Send,
    /// Everything else that changes something.
    Write,
    /// Everything that is only read.
    Read,
    /// Looks for what is new.
    Poll,
    /// Questions to registers.
    Lookup,
    /// Sign-in and tokens, by address.
    SignIn,
    /// Callers who are not known, by address.
    Open,
}

/// Paths at which secrets are tried: guessing is bounded by address.
const SIGN_IN: [&str; 4] = ["/oauth/token", "/oauth/introspect", "/oauth/revoke", "/sign-in"];
/// Lists that systems ask again and again.
const POLLED: [&str; 4] = ["/v1/inbox", "/v1/evidence", "/v1/deadlines/notices", "/v1/dead-letters"];

impl Class {
    /// Every class.
    pub const ALL: [Self; 7] =
        [Self::Send, Self::Write, Self::Read, Self::Poll, Self::Lookup, Self::SignIn, Self::Open];

    /// The word for metrics, headers and configuration.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Send => "send",
            Self::Write => "write",
            Self::Read => "read",
            Self::Poll => "poll",
            Self::Lookup => "lookup",
            Self::SignIn => "sign-in",
            Self::Open => "open",
        }
    }

    /// The class of a request of a known caller, or [`Class::SignIn`].
    #[must_use]
    pub fn of(method: &Method, path: &str) -> Self {
        let path = path.trim_end_matches('/');
        let below = |root: &str| path.strip_prefix(root).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'));
        let reads = matches!(*method, Method::GET | Method::HEAD | Method::OPTIONS);
        if !reads && SIGN_IN.iter().any(|root| below(root)) {
            return Self::SignIn;
        }
        match reads {
            true if POLLED.contains(&path) => Self::Poll,
            true => Self::Read,
            false if path == "/v1/messages" || below("/v1/relay") => Self::Send,
            false if below("/v1/lookups") => Self::Lookup,
            false => Self::Write,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_draws_on_the_budget_of_what_it_does() {
        let cases = [
            (Method::POST, "/v1/messages", Class::Send),
            (Method::POST, "/v1/messages/", Class::Send),
            (Method::POST, "/v1/relay/evidence", Class::Send),
            (Method::GET, "/v1/inbox", Class::Poll),
            (Method::GET, "/v1/inbox/0190", Class::Read),
            (Method::POST, "/v1/inbox/0190/accept", Class::Write),
            (Method::POST, "/v1/lookups/recom/firma", Class::Lookup),
            (Method::GET, "/v1/lookups", Class::Read),
            (Method::POST, "/oauth/token", Class::SignIn),
            (Method::GET, "/sign-in", Class::Read),
            (Method::DELETE, "/oauth/tokens", Class::Write),
        ];
        for (method, path, class) in cases {
            assert_eq!(Class::of(&method, path), class, "{method} {path}");
        }
    }
}
