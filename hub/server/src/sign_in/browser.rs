//! What a browser sends and is sent: cookies, where it comes from, and where it may be sent next.

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue, header};
use hub_flow::identity::Token;

use crate::accepting::Peer;
use crate::api::App;
use crate::api::arguments::Argument;
use crate::api::problem::Problem;
use crate::problems;

use super::Place;

/// Longest name of a browser that is kept, in characters.
const LONGEST_AGENT: usize = 120;

/// The cookies of the hub.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cookie {
    /// A session.
    Session,
    /// A sign-in under way.
    Step,
}

impl Cookie {
    /// Its name. With the prefix a browser takes it only from this very host, over TLS (RFC 6265bis, section 4.1.3.2).
    #[must_use]
    pub const fn name(self, place: &Place) -> &'static str {
        match (self, place.secure) {
            (Self::Session, true) => "__Host-punte",
            (Self::Session, false) => "punte",
            (Self::Step, true) => "__Host-punte-step",
            (Self::Step, false) => "punte-step",
        }
    }

    /// What the browser holds, where it holds something of ours. Two of one name are none: somebody may have planted one.
    #[must_use]
    pub fn read(self, place: &Place, headers: &HeaderMap) -> Option<Token> {
        let name = self.name(place);
        let texts = headers.get_all(header::COOKIE).iter().filter_map(|value| value.to_str().ok());
        let pairs = texts.flat_map(|text| text.split(';')).filter_map(|pair| pair.trim().split_once('='));
        let mut values = pairs.filter(|(one, _)| *one == name).map(|(_, value)| value);
        match (values.next(), values.next()) {
            (Some(value), None) => Token::parse(value),
            _ => None,
        }
    }

    /// The header that gives it, for so many seconds.
    #[must_use]
    pub fn give(self, place: &Place, token: &Token, seconds: u64) -> HeaderValue {
        self.header(place, &token.to_text(), seconds)
    }

    /// The header that takes it away.
    #[must_use]
    pub fn take(self, place: &Place) -> HeaderValue {
        self.header(place, "", 0)
    }

    fn header(self, place: &Place, value: &str, seconds: u64) -> HeaderValue {
        let secure = if place.secure { "; Secure" } else { "" };
        let name = self.name(place);
        let text = format!("{name}={value}; Path=/; Max-Age={seconds}; HttpOnly; SameSite=Lax{secure}");
        HeaderValue::from_str(&text).expect("names, base64url and numbers are ASCII")
    }
}

/// Whether a request that changes something comes from a page of ours.
///
/// Browsers say so in `Sec-Fetch-Site`, older ones in `Origin`; who says neither is no browser of this decade, and is refused.
///
/// # Errors
/// It does not: a problem 403.
pub fn from_our_page(place: &Place, headers: &HeaderMap) -> Result<(), Problem> {
    let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    let site = text("sec-fetch-site").map(|site| site == "same-origin");
    let origin = text("origin").map(|origin| origin == place.origin);
    // Both must agree where both are told.
    let ours = [site, origin].into_iter().flatten().reduce(|one, other| one && other);
    if ours == Some(true) { Ok(()) } else { Err(foreign()) }
}

/// The refusal of what another site sent.
#[must_use]
pub fn foreign() -> Problem {
    Problem::of(&problems::FOREIGN_FORM).detail(
        "Cererea nu vine din paginile acestui hub sau nu are jetonul sesiunii (antetul Punte-Form); deschideți pagina din nou și repetați",
        "The request does not come from the pages of this hub, or lacks the token of the session (header Punte-Form); open the page again and repeat",
    )
}

/// Where a browser may be sent after sign-in: a path of the hub and nothing else.
#[must_use]
pub fn next(wanted: Option<&str>) -> &str {
    const HOME: &str = "/console";
    let Some(path) = wanted else { return HOME };
    let plain = path.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"/-._~?=&%".contains(&byte));
    // `//host`, `/\host` and `/%2fhost` are addresses elsewhere in the eyes of some browser or proxy.
    let ours = path.len() <= 512 && path.starts_with('/') && !path[1..].starts_with(['/', '%', '.']);
    if plain && ours && !path.contains("//") { path } else { HOME }
}

/// Who is at the other end, as far as a connection tells.
#[derive(Debug, Clone)]
pub struct Visitor {
    /// Its address.
    pub address: String,
    /// As the browser calls itself, cut short.
    pub agent: String,
}

impl Argument for Visitor {}

impl FromRequestParts<App> for Visitor {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Problem> {
        let peer = parts.extensions.get::<Peer>().map(Peer::ip);
        let address = peer.map(|peer| app.proxies.client(peer, &parts.headers).to_canonical().to_string());
        let agent = parts.headers.get(header::USER_AGENT).and_then(|value| value.to_str().ok()).unwrap_or_default();
        let agent = agent.chars().filter(|sign| !sign.is_control()).take(LONGEST_AGENT).collect();
        Ok(Self { address: address.unwrap_or_else(|| "necunoscută".to_owned()), agent })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn place(secure: bool) -> Place {
        Place { origin: "https://hub.example".into(), host: "hub.example".into(), secure }
    }

    #[test]
    fn nobody_is_sent_elsewhere_after_sign_in() {
        for ours in ["/account", "/v1/journal?limit=3", "/registru/2026/1"] {
            assert_eq!(next(Some(ours)), ours);
        }
        let elsewhere = [
            "https://evil.example",
            "//evil.example",
            "/\\evil.example",
            "/%2f/evil.example",
            "/%5cevil.example",
            "/..//evil.example",
            "javascript:alert(1)",
            "/account\r\nSet-Cookie: punte=x",
            "/a//evil.example",
            "",
            "account",
        ];
        for wanted in elsewhere {
            assert_eq!(next(Some(wanted)), "/console", "{wanted}");
        }
    }

    #[test]
    fn only_pages_of_the_hub_may_change_something() {
        let told = |pairs: &[(&'static str, &'static str)]| {
            let pairs = pairs.iter().map(|(name, value)| (name.parse().unwrap(), HeaderValue::from_static(value)));
            from_our_page(&place(true), &pairs.collect::<HeaderMap>()).is_ok()
        };
        assert!(told(&[("sec-fetch-site", "same-origin")]));
        assert!(told(&[("origin", "https://hub.example")]));
        for wrong in [
            &[][..],
            &[("sec-fetch-site", "same-site")],
            &[("sec-fetch-site", "none")],
            &[("origin", "null")],
            &[("origin", "https://hub.example.evil")],
            &[("origin", "http://hub.example")],
            &[("sec-fetch-site", "same-origin"), ("origin", "https://evil.example")],
        ] {
            assert!(!told(wrong), "{wrong:?}");
        }
    }

    #[test]
    fn cookies_are_for_this_host_alone_and_no_script_reads_them() {
        let token = Token::of([1; 16], [2; 16]);
        let given = Cookie::Session.give(&place(true), &token, 60);
        let given = given.to_str().unwrap();
        assert!(given.starts_with("__Host-punte=") && given.ends_with("; HttpOnly; SameSite=Lax; Secure"), "{given}");
        assert!(given.contains("; Path=/;") && !given.contains("Domain"));
        let held = |text: &str| {
            let headers = HeaderMap::from_iter([(header::COOKIE, text.parse().unwrap())]);
            Cookie::Session.read(&place(false), &headers)
        };
        assert!(held(&format!("a=b; punte={}", token.to_text())).is_some());
        assert!(held(&format!("punte={0}; punte={0}", token.to_text())).is_none(), "a planted one");
        assert!(held("punte=x").is_none());
    }
}
