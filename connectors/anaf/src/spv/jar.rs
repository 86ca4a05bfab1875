//! The cookies of a session: a bearer secret, kept in memory, never shown.

use std::collections::BTreeMap;

use reqwest::header::{COOKIE, HeaderMap, HeaderValue, SET_COOKIE};
use secrecy::{ExposeSecret, SecretString};

/// The most cookies, and the longest one, in bytes.
const MOST: usize = 40;
const LONGEST: usize = 4_096;

/// The cookies of one host. Has no Debug on purpose.
#[derive(Default)]
pub(super) struct Jar(BTreeMap<String, SecretString>);

impl Jar {
    /// The cookies somebody else was given: `MRHSession=…; LastMRH_Session=…`.
    pub(super) fn of(text: &str) -> Self {
        let mut jar = Self::default();
        text.split(';').for_each(|pair| jar.put(pair));
        jar
    }

    /// Takes what an answer sets; an empty value forgets.
    pub(super) fn take(&mut self, headers: &HeaderMap) {
        for value in headers.get_all(SET_COOKIE).iter().filter_map(|value| value.to_str().ok()) {
            self.put(value.split(';').next().unwrap_or_default());
        }
    }

    fn put(&mut self, pair: &str) {
        let Some((name, value)) = pair.trim().split_once('=') else { return };
        let fits = !name.is_empty() && pair.len() <= LONGEST && (self.0.len() < MOST || self.0.contains_key(name));
        if value.is_empty() || value == "deleted" {
            self.0.remove(name);
        } else if fits {
            self.0.insert(name.to_owned(), SecretString::from(value));
        }
    }

    /// Whether there is a session that may be worth something.
    pub(super) fn is_empty(&self) -> bool {
        !self.0.contains_key("MRHSession")
    }

    /// Forgets everything.
    pub(super) fn clear(&mut self) {
        self.0.clear();
    }

    /// The header that carries them, marked as secret; none where there are none.
    pub(super) fn header(&self) -> Option<(reqwest::header::HeaderName, HeaderValue)> {
        let pairs: Vec<String> =
            self.0.iter().map(|(name, value)| format!("{name}={}", value.expose_secret())).collect();
        let mut value = HeaderValue::try_from(pairs.join("; ")).ok().filter(|value| !value.is_empty())?;
        value.set_sensitive(true);
        Some((COOKIE, value))
    }

    /// A text without any of the values in it.
    pub(super) fn hide(&self, text: String) -> String {
        let secrets = self.0.values().map(ExposeSecret::expose_secret).filter(|secret| secret.len() >= 8);
        secrets.fold(text, |text, secret| text.replace(secret, "[secret]"))
    }
}

#[cfg(test)]
mod tests {
    use super::Jar;
    use reqwest::header::{HeaderMap, HeaderValue, SET_COOKIE};

    #[test]
    fn cookies_are_kept_renewed_forgotten_and_hidden() {
        let mut jar = Jar::of("MRHSession=aaaaaaaaaa; F5_ST=1z");
        let mut headers = HeaderMap::new();
        for cookie in ["MRHSession=bbbbbbbbbb; path=/; secure", "F5_ST=; Max-Age=0", "broken"] {
            headers.append(SET_COOKIE, HeaderValue::from_static(cookie));
        }
        jar.take(&headers);
        let (_, value) = jar.header().unwrap();
        assert!(value.is_sensitive());
        assert_eq!(value, "MRHSession=bbbbbbbbbb");
        assert_eq!(jar.hide("at bbbbbbbbbb".to_owned()), "at [secret]");
        jar.clear();
        assert!(jar.is_empty() && jar.header().is_none());
    }
}
