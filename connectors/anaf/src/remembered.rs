//! A bounded memory: what was seen lately, so that it is not asked again.

use std::collections::{HashMap, VecDeque};
use std::hash::Hash;
use std::sync::{Mutex, PoisonError};

/// Remembers so many values, the newest.
pub(crate) struct Remembered<K, V> {
    most: usize,
    inner: Mutex<(HashMap<K, V>, VecDeque<K>)>,
}

impl<K: Hash + Eq + Clone, V: Clone> Remembered<K, V> {
    pub(crate) fn new(most: usize) -> Self {
        Self { most, inner: Mutex::default() }
    }

    pub(crate) fn get(&self, key: &K) -> Option<V> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner).0.get(key).cloned()
    }

    /// Remembers a value, or tells the one that was remembered first.
    pub(crate) fn first(&self, key: K, value: V) -> V {
        let mut inner = self.inner.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = inner.0.get(&key) {
            return known.clone();
        }
        if inner.1.len() >= self.most {
            let oldest = inner.1.pop_front();
            oldest.and_then(|oldest| inner.0.remove(&oldest));
        }
        inner.1.push_back(key.clone());
        inner.0.insert(key, value.clone());
        value
    }

    pub(crate) fn forget(&self, key: &K) {
        let mut inner = self.inner.lock().unwrap_or_else(PoisonError::into_inner);
        inner.0.remove(key);
        inner.1.retain(|one| one != key);
    }
}
