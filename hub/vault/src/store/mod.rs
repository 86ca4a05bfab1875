//! Where encrypted objects lie: a folder or an S3 bucket.

mod folder;
mod s3;

use std::path::Path;

use async_trait::async_trait;
use bytes::Bytes;
use futures_util::stream::{self, StreamExt as _, TryStreamExt as _};
use jiff::Timestamp;
use tokio::io::AsyncReadExt as _;

pub use folder::Folder;
pub use s3::{S3, S3Place};

/// Why a store did not do what was asked. A variant is a decision of the caller.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The store does not answer, or is full: ask again later.
    #[error("the store {store} does not answer: {cause}")]
    Unavailable {
        /// Its name.
        store: String,
        /// What happened.
        cause: String,
    },
    /// The store refuses; asking again does not help.
    #[error("the store {store} refuses: {cause}")]
    Refused {
        /// Its name.
        store: String,
        /// What it said.
        cause: String,
    },
    /// The object is under a lock.
    #[error("the store {store} holds the object")]
    Held {
        /// Its name.
        store: String,
        /// Until when and why.
        lock: Lock,
    },
}

/// What keeps an object from being erased.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Lock {
    /// It may not be erased before.
    pub until: Option<Timestamp>,
    /// It may not be erased as long as somebody holds it for a proceeding.
    pub legal_hold: bool,
}

impl Lock {
    /// Whether it holds now.
    #[must_use]
    pub fn holds(&self, now: Timestamp) -> bool {
        self.legal_hold || self.until.is_some_and(|until| until > now)
    }
}

/// An object on its way into a store.
#[derive(Clone, Copy)]
pub enum Incoming<'a> {
    /// A small one.
    Bytes(&'a [u8]),
    /// A synced file.
    File {
        /// Where it lies.
        path: &'a Path,
        /// Its length.
        size: u64,
        /// SHA-256 of its (encrypted) bytes.
        sha256: [u8; 32],
    },
}

/// What became of an object that was put.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Placed {
    /// It is durable now.
    Now,
    /// There was one of the name before; it stayed as it was.
    Before,
}

/// An object being read.
pub struct Object {
    /// Its whole length.
    pub size: u64,
    pub(crate) body: Body,
}

pub(crate) enum Body {
    File(tokio::fs::File),
    Response { response: reqwest::Response, left: Bytes },
}

impl Object {
    /// The next bytes: `count`, or fewer at the end.
    pub(crate) async fn take(&mut self, count: usize) -> std::io::Result<Vec<u8>> {
        let mut taken = Vec::with_capacity(count);
        match &mut self.body {
            Body::File(file) => {
                file.take(count as u64).read_to_end(&mut taken).await?;
            }
            Body::Response { response, left } => {
                while taken.len() < count {
                    if left.is_empty() {
                        match response.chunk().await.map_err(std::io::Error::other)? {
                            Some(chunk) => *left = chunk,
                            None => break,
                        }
                    }
                    let some = left.split_to(left.len().min(count - taken.len()));
                    taken.extend_from_slice(&some);
                }
            }
        }
        Ok(taken)
    }
}

/// Objects erased at once where a store has no quicker way.
const ABREAST: usize = 32;

/// A place of objects. Names are paths of lower-case words; they reveal nothing.
#[async_trait]
pub trait Store: Send + Sync {
    /// What people call it in findings.
    fn name(&self) -> &str;

    /// Puts an object that must not be there yet. Durable when answered.
    async fn put(&self, key: &str, object: Incoming<'_>) -> Result<Placed, StoreError>;

    /// Puts an object over a damaged one. Durable when answered.
    async fn replace(&self, key: &str, object: Incoming<'_>) -> Result<(), StoreError>;

    /// Reads an object from a byte on; nothing where there is none.
    async fn read(&self, key: &str, from: u64) -> Result<Option<Object>, StoreError>;

    /// Whether there is such an object.
    async fn has(&self, key: &str) -> Result<bool, StoreError>;

    /// Up to `limit` names below a prefix, in their order, after one of them.
    async fn list(&self, prefix: &str, after: &str, limit: usize) -> Result<Vec<String>, StoreError>;

    /// What keeps the object.
    async fn lock_of(&self, key: &str) -> Result<Lock, StoreError>;

    /// The locks of many objects, in order.
    async fn locks_of(&self, keys: &[String]) -> Result<Vec<Lock>, StoreError> {
        let asked = keys.iter().map(|key| self.lock_of(key));
        stream::iter(asked.collect::<Vec<_>>()).buffered(ABREAST).try_collect().await
    }

    /// Keeps the object; a lock that stands is never shortened.
    async fn lock(&self, key: &str, lock: &Lock) -> Result<(), StoreError>;

    /// Removes the bytes of an object, with every version the store keeps. Nothing happens where there is none.
    ///
    /// # Errors
    /// [`StoreError::Held`] where a lock keeps it.
    async fn erase(&self, key: &str) -> Result<(), StoreError>;

    /// Erases many objects like [`Store::erase`]; answers each in order. What is answered with success is durably gone.
    async fn erase_all(&self, keys: &[String]) -> Vec<Result<(), StoreError>> {
        let asked = keys.iter().map(|key| self.erase(key));
        stream::iter(asked.collect::<Vec<_>>()).buffered(ABREAST).collect().await
    }
}
