//! The client of one authority.

use std::time::Duration;

use hub_signatures::trust::Trust;
use hub_signatures::tsp::{Imprint, QUERY_TYPE, REPLY_TYPE, Request, Token, Window};
use reqwest::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE, HeaderMap, HeaderValue};
use secrecy::{ExposeSecret, SecretString};
use url::Url;

use crate::error::{ClientError, TspError};
use crate::exchange::exchange;
use crate::settings::{Clock, Credentials, Nonces, Settings, Timeouts};

/// Asks one authority for tokens. Has no Debug on purpose: it holds the credentials.
pub struct TspClient {
    http: reqwest::Client,
    url: Url,
    user: Option<(String, SecretString)>,
    trust: Trust,
    policy: Option<String>,
    timeouts: Timeouts,
    clock: Clock,
    nonces: Nonces,
}

impl TspClient {
    /// A client of the authority that the settings describe.
    ///
    /// # Errors
    /// When address, policy or credentials cannot be used, or the TLS library cannot.
    pub fn new(settings: Settings, clock: Clock, nonces: Nonces) -> Result<TspClient, ClientError> {
        let Settings { url, credentials, trust, policy, timeouts } = settings;
        if !matches!(url.scheme(), "http" | "https") {
            return Err(ClientError::Address(url.scheme().to_owned()));
        }
        // A policy that cannot be asked for is told now and not at the first stamp.
        Request::new(Imprint::from([0; 32]), &[1], policy.as_deref())?;
        let mut headers = HeaderMap::new();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static(QUERY_TYPE));
        headers.insert(ACCEPT, HeaderValue::from_static(REPLY_TYPE));
        let mut user = None;
        match credentials {
            Credentials::None => {}
            Credentials::Basic { user: name, password } => user = Some((name, password)),
            Credentials::Bearer(token) => {
                let value = HeaderValue::from_str(&format!("Bearer {}", token.expose_secret()));
                let mut value = value.map_err(|_| ClientError::Credentials)?;
                value.set_sensitive(true);
                headers.insert(AUTHORIZATION, value);
            }
        }
        let http = reqwest::Client::builder()
            .default_headers(headers)
            .redirect(reqwest::redirect::Policy::none())
            .retry(reqwest::retry::never())
            .no_proxy()
            .connect_timeout(timeouts.connect)
            // An authority that closes idle connections sooner makes a stamp fail that a fresh connection would not.
            .pool_idle_timeout(Duration::from_secs(5))
            .user_agent(concat!("punte/", env!("CARGO_PKG_VERSION")))
            .build()?;
        Ok(TspClient { http, url, user, trust, policy, timeouts, clock, nonces })
    }

    /// Asks for a token over `imprint`, and checks it: status, imprint, token and authority, nonce, policy, and the time
    /// against our own.
    ///
    /// # Errors
    /// A [`TspError`] of one of its three classes.
    pub async fn stamp(&self, imprint: Imprint) -> Result<Token, TspError> {
        let query = Request::new(imprint, &(self.nonces)(), self.policy.as_deref());
        // The policy was tried when the client was built, so that this is about the nonce.
        let query = query.map_err(|error| TspError::unavailable(error.to_string()))?;
        let mut request = self.http.post(self.url.clone()).body(query.der().to_vec());
        if let Some((user, password)) = &self.user {
            request = request.basic_auth(user, Some(password.expose_secret()));
        }
        let answer = exchange(request, self.timeouts.total).await?;
        let window = Window { now: (self.clock)(), tolerance: self.timeouts.clock_tolerance };
        Ok(query.check(&answer, &self.trust, window)?)
    }
}
