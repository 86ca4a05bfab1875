//! What a provider tells of itself: its endpoints, algorithms and keys (OpenID Connect discovery 1.0).

use std::sync::Arc;

use hub_flow::clock::Timestamp;
use serde::Deserialize;
use tokio::sync::Mutex;
use url::Url;

use crate::api::App;

use super::jws::{Jwk, Keys};
use super::{NotBelieved, Provider};

/// How long it is believed, in microseconds: an hour.
const BELIEVED: i64 = 3_600_000_000;
/// Keys are not asked for again before, in microseconds: nobody makes the hub ask for keys that are not there.
const PATIENCE: i64 = 30_000_000;
/// Largest answer, in bytes.
const LARGEST: usize = 256 * 1024;

/// What is known of a provider.
pub(super) type Known = Mutex<Option<(Timestamp, Arc<Metadata>, Timestamp, Arc<Keys>)>>;

/// Its metadata, as much of it as is used.
#[derive(Debug, Deserialize)]
pub(super) struct Metadata {
    pub issuer: String,
    pub authorization_endpoint: Url,
    pub token_endpoint: Url,
    pub jwks_uri: Url,
    pub userinfo_endpoint: Option<Url>,
    pub end_session_endpoint: Option<Url>,
    #[serde(default)]
    pub id_token_signing_alg_values_supported: Vec<String>,
    #[serde(default)]
    pub token_endpoint_auth_methods_supported: Option<Vec<String>>,
}

#[derive(Deserialize)]
struct KeySet {
    keys: Vec<serde_json::Value>,
}

impl Provider {
    /// What it tells of itself.
    pub(super) async fn metadata(&self, app: &App) -> Result<Arc<Metadata>, NotBelieved> {
        let now = app.hub.clock.now();
        let mut known = self.known.lock().await;
        if let Some((read_at, metadata, ..)) = &*known
            && now.0 - read_at.0 < BELIEVED
        {
            return Ok(Arc::clone(metadata));
        }
        let issuer = self.settings.issuer.as_str();
        let address = format!("{}/.well-known/openid-configuration", issuer.trim_end_matches('/'));
        let metadata: Metadata = self.get(&address).await?;
        if metadata.issuer.trim_end_matches('/') != issuer.trim_end_matches('/') {
            return Err(self.silent("it calls itself otherwise"));
        }
        let metadata = Arc::new(metadata);
        let keys = Arc::new(self.keys_at(&metadata).await?);
        *known = Some((now, Arc::clone(&metadata), now, keys));
        Ok(metadata)
    }

    /// Its keys; asked for again where none has this id, for keys are replaced.
    pub(super) async fn keys(&self, app: &App, id: Option<&str>) -> Result<Arc<Keys>, NotBelieved> {
        self.metadata(app).await?;
        let now = app.hub.clock.now();
        let mut known = self.known.lock().await;
        let Some((_, metadata, keys_at, keys)) = &mut *known else { return Err(self.silent("it was forgotten")) };
        if id.is_some_and(|id| !keys.has(id)) && now.0 - keys_at.0 >= PATIENCE {
            *keys = Arc::new(self.keys_at(metadata).await?);
            *keys_at = now;
        }
        Ok(Arc::clone(keys))
    }

    async fn keys_at(&self, metadata: &Metadata) -> Result<Keys, NotBelieved> {
        let set: KeySet = self.get(metadata.jwks_uri.as_str()).await?;
        // A key of a kind that is not known here is of no use, and no reason to refuse the others.
        let keys = set.keys.into_iter().filter_map(|key| serde_json::from_value::<Jwk>(key).ok());
        Ok(Keys::of(keys.take(64)))
    }

    async fn get<T: serde::de::DeserializeOwned>(&self, address: &str) -> Result<T, NotBelieved> {
        let response = self.http.get(address).send().await.map_err(|error| self.silent(error))?;
        self.read(response).await
    }

    /// Reads an answer in JSON, never more than is sane.
    pub(super) async fn read<T: serde::de::DeserializeOwned>(
        &self,
        mut response: reqwest::Response,
    ) -> Result<T, NotBelieved> {
        let status = response.status();
        if !status.is_success() {
            return Err(self.silent(format!("status {status}")));
        }
        let mut body = Vec::new();
        while let Some(piece) = response.chunk().await.map_err(|error| self.silent(error))? {
            body.extend_from_slice(&piece);
            if body.len() > LARGEST {
                return Err(self.silent("the answer does not end"));
            }
        }
        serde_json::from_slice(&body).map_err(|error| self.silent(error))
    }
}
