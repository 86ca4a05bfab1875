//! The short way: what was just written goes straight on to a worker of this process, its job already claimed.
//!
//! It spares the queue's own claim and the reading back. It never carries more than workers take well within a lease,
//! and nothing depends on it: the job row is in the database, and comes due when its lease ends.

use std::sync::OnceLock;

use tokio::sync::mpsc;

/// The way from where a `T` is written to the workers.
#[derive(Debug)]
pub struct Onward<T>(OnceLock<mpsc::Sender<T>>);

/// A worker's promise to take one.
pub type Place<T> = mpsc::OwnedPermit<T>;

impl<T> Default for Onward<T> {
    fn default() -> Self {
        Self(OnceLock::new())
    }
}

impl<T> Onward<T> {
    /// Opens the way for this many waiting at once. Nothing when it is open already.
    #[must_use]
    pub fn open(&self, places: usize) -> Option<mpsc::Receiver<T>> {
        let (sender, receiver) = mpsc::channel(places.max(1));
        self.0.set(sender).ok().map(|()| receiver)
    }

    /// A place on the way, where the workers have one free now.
    #[must_use]
    pub fn place(&self) -> Option<Place<T>> {
        self.0.get()?.clone().try_reserve_owned().ok()
    }
}
