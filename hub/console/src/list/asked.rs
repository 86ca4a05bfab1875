//! What an address asks of a list: its own memory.

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use std::convert::Infallible;

use crate::asking::piece;

/// Most pairs of an address that are read.
const MOST: usize = 40;

/// The query of a page: names and values, the empty ones left out.
#[derive(Debug, Clone, Default)]
pub struct Asked {
    path: String,
    pairs: Vec<(String, String)>,
}

impl Asked {
    /// The query of an address.
    #[must_use]
    pub fn of(path: &str, query: &str) -> Self {
        let pairs = url::form_urlencoded::parse(query.as_bytes()).take(MOST);
        let pairs = pairs.map(|(name, value)| (name.into_owned(), value.trim().to_owned()));
        // What was just done belongs to no address.
        let pairs = pairs.filter(|(name, value)| !value.is_empty() && name != "told").collect();
        Self { path: path.to_owned(), pairs }
    }

    /// A value; empty where it is not there.
    #[must_use]
    pub fn get(&self, name: &str) -> &str {
        self.pairs.iter().find(|(held, _)| held == name).map(|(_, value)| value.as_str()).unwrap_or_default()
    }

    /// A value that is there.
    #[must_use]
    pub fn some(&self, name: &str) -> Option<&str> {
        Some(self.get(name)).filter(|value| !value.is_empty())
    }

    /// The query the API is asked with: the named values under their own names, and what is added.
    #[must_use]
    pub fn query(&self, names: &[&str], added: &[(&str, &str)]) -> String {
        let held = names.iter().filter_map(|name| Some((*name, self.some(name)?)));
        written(held.chain(added.iter().copied()))
    }

    /// The address of the same page with another value; a new filter begins at the first part.
    #[must_use]
    pub fn with(&self, name: &str, value: &str) -> String {
        let held = self.pairs.iter().map(|(name, value)| (name.as_str(), value.as_str()));
        let held = held.filter(|(held, _)| *held != name && (*held != "after" || name == "as"));
        self.at(&written(held.chain([(name, value)])))
    }

    /// The address of the same page without a value.
    #[must_use]
    pub fn without(&self, name: &str) -> String {
        let held = self.pairs.iter().map(|(name, value)| (name.as_str(), value.as_str()));
        self.at(&written(held.filter(|(held, _)| *held != name && *held != "after")))
    }

    /// The page without any filter.
    #[must_use]
    pub fn bare(&self) -> &str {
        &self.path
    }

    fn at(&self, query: &str) -> String {
        if query.is_empty() { self.path.clone() } else { format!("{}?{query}", self.path) }
    }
}

fn written<'a>(pairs: impl Iterator<Item = (&'a str, &'a str)>) -> String {
    let pairs: Vec<String> = pairs.map(|(name, value)| format!("{}={}", piece(name), piece(value))).collect();
    pairs.join("&")
}

impl<S: Sync> FromRequestParts<S> for Asked {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        Ok(Self::of(parts.uri.path(), parts.uri.query().unwrap_or_default()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_remembers_itself_in_its_address() {
        let asked = Asked::of("/console/inbox", "q=Mun%C4%83+&state=open&after=12&told=sent&empty=");
        assert_eq!(asked.get("q"), "Mună");
        assert_eq!(asked.with("state", "closed"), "/console/inbox?q=Mun%C4%83&state=closed");
        assert_eq!(asked.with("after", "99"), "/console/inbox?q=Mun%C4%83&state=open&after=99");
        assert_eq!(asked.without("after"), "/console/inbox?q=Mun%C4%83&state=open");
        assert_eq!(asked.query(&["q", "kind"], &[("limit", "50")]), "q=Mun%C4%83&limit=50");
        assert_eq!(asked.bare(), "/console/inbox");
    }
}
