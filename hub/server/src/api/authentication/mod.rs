//! How a caller is known: the kinds of credentials, each tried in its turn.
//!
//! A new kind is a [`Resolver`] in a file of its own and one line in [`RESOLVERS`]. A request is resolved once: what was found
//! goes along with it.

mod directory_key;
mod issued_key;
mod access_token;
mod client_certificate;
mod system;
mod session;
pub use session::not_yours;

use std::sync::Arc;

use async_trait::async_trait;
use axum::http::request::Parts;

use crate::problems;
use crate::protection;

use super::App;
use super::caller::Caller;
use super::problem::Problem;

pub use client_certificate::shown;

/// A kind of credential.
#[async_trait]
pub trait Resolver: Send + Sync {
    /// How a caller makes itself known by it, in Romanian and in English: what an answer 401 says.
    fn way(&self) -> (&'static str, &'static str);

    /// Who bears a credential of this kind; `None` where the request bears none, or one that may be of another kind.
    ///
    /// # Errors
    /// It bears one of this kind that is not valid (any more): a problem 401 that says so, and no further kind is tried.
    async fn resolve(&self, parts: &Parts, app: &App) -> Result<Option<Caller>, Problem>;
}

/// The kinds, in the order they are tried: those that need no database first.
pub static RESOLVERS: &[&dyn Resolver] = &[
    &directory_key::DirectoryKey,
    &issued_key::IssuedKey,
    &access_token::AccessToken,
    &client_certificate::CertificateOfClient,
    &session::SessionCookie,
];

/// What is known of a request.
#[derive(Clone)]
struct Known(Arc<Caller>);

/// Who makes a request.
///
/// # Errors
/// A problem 401 that says how to make oneself known.
pub async fn known(parts: &mut Parts, app: &App) -> Result<Arc<Caller>, Problem> {
    if let Some(Known(caller)) = parts.extensions.get() {
        return Ok(Arc::clone(caller));
    }
    for resolver in RESOLVERS {
        if let Some(caller) = resolver.resolve(parts, app).await? {
            // Whoever it is draws on its own budget from here on.
            protection::admit(parts, &caller.party).await?;
            let caller = Arc::new(caller);
            parts.extensions.insert(Known(Arc::clone(&caller)));
            return Ok(caller);
        }
    }
    let (ro, en): (Vec<_>, Vec<_>) = RESOLVERS.iter().map(|resolver| resolver.way()).unzip();
    Err(Problem::of(&problems::UNAUTHENTICATED).detail(ro.join("; sau "), en.join("; or ")))
}

/// The token after `Authorization: Bearer`, where the request bears one.
#[must_use]
pub fn bearer(parts: &Parts) -> Option<&str> {
    let header = parts.headers.get(axum::http::header::AUTHORIZATION)?.to_str().ok()?;
    let (scheme, token) = header.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then_some(token.trim()).filter(|token| !token.is_empty())
}
