//! Time and randomness, given to the vault and never taken by it.

use jiff::Timestamp;

/// What the vault needs of the world.
pub trait World: Send + Sync {
    /// The time now; signatures of S3 calls and ends of locks are measured by it.
    fn now(&self) -> Timestamp;

    /// Fills the bytes from the randomness of the system, fit for keys.
    fn fill(&self, bytes: &mut [u8]);
}
