//! Calls with a token: renewed once when it is not recognised, because what was not let in was not read.

use std::sync::Arc;

use bytes::Bytes;
use reqwest::RequestBuilder;
use reqwest::header::CONTENT_TYPE;
use secrecy::{ExposeSecret as _, SecretString};
use url::Url;

use crate::Clock;
use crate::oauth::Chain;
use crate::shape::{Shape, shape};
use crate::trouble::{Trouble, trouble};
use crate::wire::{Reply, Wire};

/// One institution's access to the services.
#[derive(Clone)]
pub(crate) struct Api {
    pub(crate) clock: Clock,
    /// The tax code of the institution.
    pub(crate) cif: String,
    chain: Arc<Chain>,
    wire: Wire,
    base: Url,
}

impl Api {
    pub(crate) fn new(clock: Clock, cif: String, chain: Arc<Chain>, (wire, base): (Wire, Url)) -> Self {
        Self { clock, cif, chain, wire, base }
    }

    pub(crate) fn now(&self) -> i64 {
        (self.clock)()
    }

    /// Asks; what comes back is either to be read or a trouble.
    pub(crate) async fn ask(&self, path: &str, query: &[(&str, &str)]) -> Result<(Reply, Shape), Trouble> {
        let address = self.address(path, query);
        readable(self.authorised(|| self.wire.question(address.clone()), None).await?)
    }

    /// Files a document once; the reply comes along with what it is.
    pub(crate) async fn file(
        &self,
        path: &str,
        (query, media_type): (&[(&str, &str)], &str),
        document: Bytes,
    ) -> Result<Reply, Trouble> {
        let address = self.address(path, query);
        let request = || self.wire.posting(address.clone()).header(CONTENT_TYPE, media_type);
        self.authorised(request, Some(document)).await
    }

    async fn authorised(&self, request: impl Fn() -> RequestBuilder, body: Option<Bytes>) -> Result<Reply, Trouble> {
        let no_token = |error: crate::oauth::TokenError| Trouble::NotNow {
            reason: error.to_string(),
            retry_after: Some(error.retry_after()),
        };
        let token = self.chain.bearer().await.map_err(no_token)?;
        let reply = self.once(request(), &token, body.clone()).await?;
        if reply.status != 401 {
            return Ok(reply);
        }
        let token = self.chain.instead_of(&token).await.map_err(no_token)?;
        self.once(request(), &token, body).await
    }

    async fn once(&self, request: RequestBuilder, token: &SecretString, body: Option<Bytes>) -> Result<Reply, Trouble> {
        let request = request.bearer_auth(token.expose_secret());
        Ok(self.wire.call(request, body, self.now()).await?)
    }

    fn address(&self, path: &str, query: &[(&str, &str)]) -> Url {
        let mut address = self.base.clone();
        if let Ok(mut segments) = address.path_segments_mut() {
            segments.pop_if_empty().extend(path.split('/').filter(|segment| !segment.is_empty()));
        }
        if !query.is_empty() {
            address.query_pairs_mut().extend_pairs(query);
        }
        address
    }
}

/// A reply whose content is to be read.
pub(crate) fn readable(reply: Reply) -> Result<(Reply, Shape), Trouble> {
    let shape = shape(&reply.body, &reply.content_type);
    match trouble(&reply, &shape) {
        Some(trouble) => Err(trouble),
        None => Ok((reply, shape)),
    }
}
