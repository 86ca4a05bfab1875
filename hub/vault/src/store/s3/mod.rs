//! An S3 bucket as a store: path-style addresses, signed by version 4, conditional puts, object lock.
//!
//! Written for what a vault needs, on the HTTP client and the cryptographic library the hub has already; it knows no
//! multipart upload, so that an object holds at most 5 GB.

mod calls;
mod sign;
mod xml;

use async_trait::async_trait;
use jiff::Timestamp;
use reqwest::{Method, StatusCode};
use secrecy::SecretString;
use std::sync::Arc;
use url::Url;

use super::{Body, Incoming, Lock, Object, Placed, Store, StoreError};
use crate::world::World;
use calls::Call;

/// Where a bucket is and who asks.
#[derive(Debug, Clone)]
pub struct S3Place {
    /// Address of the service, like `https://s3.example.ro`.
    pub endpoint: Url,
    /// The bucket.
    pub bucket: String,
    /// Its region; many services of one's own take `us-east-1`.
    pub region: String,
    /// What every object's name begins with; empty, or a path that ends with `/`.
    pub prefix: String,
    /// Id of the access key.
    pub access_key: String,
    /// The access key.
    pub secret_key: SecretString,
}

/// A store in an S3 bucket.
pub struct S3 {
    name: String,
    place: S3Place,
    client: reqwest::Client,
    world: Arc<dyn World>,
}

enum Put {
    Before,
    /// With its version, where the bucket keeps versions.
    Now {
        version: Option<String>,
    },
}

impl S3 {
    /// A store in the bucket; nothing is asked of it yet. The client brings its own timeouts.
    #[must_use]
    pub fn new(name: &str, place: S3Place, client: reqwest::Client, world: Arc<dyn World>) -> Self {
        Self { name: name.to_owned(), place, client, world }
    }

    /// Makes the bucket, with object lock, which cannot be switched on later.
    ///
    /// # Errors
    /// The service refuses, also where the bucket is there already.
    pub async fn make_bucket(&self) -> Result<(), StoreError> {
        let headers = vec![("x-amz-bucket-object-lock-enabled", "true".to_owned())];
        let response = self.send(&Call { headers, ..Call::on_bucket(Method::PUT) }, None).await?;
        if response.status().is_success() { Ok(()) } else { Err(self.error(response).await) }
    }

    fn unavailable(&self, cause: impl Into<String>) -> StoreError {
        StoreError::Unavailable { store: self.name.clone(), cause: cause.into() }
    }

    fn refused(&self, cause: impl Into<String>) -> StoreError {
        StoreError::Refused { store: self.name.clone(), cause: cause.into() }
    }

    async fn put_object(&self, key: &str, object: Incoming<'_>, if_absent: bool) -> Result<Put, StoreError> {
        let condition = if if_absent { vec![("if-none-match", "*".to_owned())] } else { Vec::new() };
        let call = Call { headers: condition, ..Call::on(Method::PUT, key) };
        let response = self.send(&call, Some(object)).await?;
        match response.status() {
            StatusCode::PRECONDITION_FAILED if if_absent => Ok(Put::Before),
            status if status.is_success() => {
                let version = response.headers().get("x-amz-version-id").and_then(|value| value.to_str().ok());
                Ok(Put::Now { version: version.map(str::to_owned) })
            }
            // Somebody puts the same object at this moment.
            StatusCode::CONFLICT => Err(self.unavailable("another put of the same object is under way")),
            _ => Err(self.error(response).await),
        }
    }

    /// Removes what was there before a version. What is locked stays; it is not what is read.
    async fn erase_before(&self, key: &str, newest: &str) -> Result<(), StoreError> {
        for version in self.versions(key).await?.into_iter().filter(|version| version != newest) {
            let query = vec![("versionId", version)];
            self.send(&Call { query, ..Call::on(Method::DELETE, key) }, None).await?;
        }
        Ok(())
    }

    /// Every version of an object, delete markers included.
    async fn versions(&self, key: &str) -> Result<Vec<String>, StoreError> {
        let prefix = self.place.prefix.clone() + key;
        let query = vec![("versions", String::new()), ("prefix", prefix.clone())];
        let response = self.send(&Call { query, ..Call::on_bucket(Method::GET) }, None).await?;
        let text = self.text(response).await?;
        xml::versions(&text, &prefix).ok_or_else(|| self.refused("its list of versions cannot be read"))
    }
}

#[async_trait]
impl Store for S3 {
    fn name(&self) -> &str {
        &self.name
    }

    async fn put(&self, key: &str, object: Incoming<'_>) -> Result<Placed, StoreError> {
        Ok(match self.put_object(key, object, true).await? {
            Put::Before => Placed::Before,
            Put::Now { .. } => Placed::Now,
        })
    }

    async fn replace(&self, key: &str, object: Incoming<'_>) -> Result<(), StoreError> {
        match self.put_object(key, object, false).await? {
            Put::Now { version: Some(version) } => self.erase_before(key, &version).await,
            Put::Now { version: None } | Put::Before => Ok(()),
        }
    }

    async fn read(&self, key: &str, from: u64) -> Result<Option<Object>, StoreError> {
        let headers = if from == 0 { Vec::new() } else { vec![("range", format!("bytes={from}-"))] };
        let response = self.send(&Call { headers, ..Call::on(Method::GET, key) }, None).await?;
        match response.status() {
            StatusCode::NOT_FOUND => Ok(None),
            // It is shorter than what is asked for.
            StatusCode::RANGE_NOT_SATISFIABLE => Err(self.refused("the object ends before")),
            status if status.is_success() => {
                let length = response.content_length().ok_or_else(|| self.unavailable("an object without a length"))?;
                let body = Body::Response { response, left: bytes::Bytes::new() };
                Ok(Some(Object { size: from + length, body }))
            }
            _ => Err(self.error(response).await),
        }
    }

    async fn has(&self, key: &str) -> Result<bool, StoreError> {
        let response = self.send(&Call::on(Method::HEAD, key), None).await?;
        match response.status() {
            StatusCode::NOT_FOUND => Ok(false),
            status if status.is_success() => Ok(true),
            _ => Err(self.error(response).await),
        }
    }

    async fn list(&self, prefix: &str, after: &str, limit: usize) -> Result<Vec<String>, StoreError> {
        let ours = |key: &str| self.place.prefix.clone() + key;
        let mut query = vec![("list-type", "2".to_owned()), ("prefix", ours(prefix))];
        query.push(("max-keys", limit.min(1000).to_string()));
        if !after.is_empty() {
            query.push(("start-after", ours(after)));
        }
        let response = self.send(&Call { query, ..Call::on_bucket(Method::GET) }, None).await?;
        let text = self.text(response).await?;
        let keys = xml::keys(&text).ok_or_else(|| self.refused("its list of objects cannot be read"))?;
        let short = |key: String| key.strip_prefix(&self.place.prefix).map(str::to_owned);
        Ok(keys.into_iter().filter_map(short).collect())
    }

    async fn lock_of(&self, key: &str) -> Result<Lock, StoreError> {
        let response = self.send(&Call::on(Method::HEAD, key), None).await?;
        match response.status() {
            StatusCode::NOT_FOUND => return Ok(Lock::default()),
            status if status.is_success() => {}
            _ => return Err(self.error(response).await),
        }
        let header = |name: &str| response.headers().get(name).and_then(|value| value.to_str().ok());
        let until = header("x-amz-object-lock-retain-until-date").and_then(|text| text.parse::<Timestamp>().ok());
        let legal_hold = header("x-amz-object-lock-legal-hold").is_some_and(|text| text.eq_ignore_ascii_case("on"));
        Ok(Lock { until, legal_hold })
    }

    async fn lock(&self, key: &str, lock: &Lock) -> Result<(), StoreError> {
        let stands = self.lock_of(key).await?;
        if let Some(until) = lock.until.filter(|until| Some(*until) > stands.until) {
            self.set(key, "retention", xml::retention(until)).await?;
        }
        if lock.legal_hold != stands.legal_hold {
            self.set(key, "legal-hold", xml::legal_hold(lock.legal_hold)).await?;
        }
        Ok(())
    }

    async fn erase(&self, key: &str) -> Result<(), StoreError> {
        let lock = self.lock_of(key).await?;
        if lock.holds(self.world.now()) {
            return Err(StoreError::Held { store: self.name.clone(), lock });
        }
        // Without its version, a bucket with object lock would only hide the object.
        for version in self.versions(key).await? {
            let query = vec![("versionId", version)];
            let response = self.send(&Call { query, ..Call::on(Method::DELETE, key) }, None).await?;
            match response.status() {
                StatusCode::NOT_FOUND => {}
                status if status.is_success() => {}
                // A lock on an older version, which is not told of the newest.
                StatusCode::FORBIDDEN => {
                    return Err(StoreError::Held { store: self.name.clone(), lock: Lock::default() });
                }
                _ => return Err(self.error(response).await),
            }
        }
        Ok(())
    }
}
