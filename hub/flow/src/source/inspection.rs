//! The look at what a source brought, before anything of it is taken.
//!
//! Who looks (a scanner for malware) is outside this crate; what it finds refuses the arrival with evidence, like any
//! other broken rule. It decides nothing itself and never changes an arrival.

use async_trait::async_trait;
use schemas::Violation;

use crate::message::Submission;

/// A look is required and was not possible: nothing is taken, and the source is asked again later.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct NotInspected(pub String);

/// Somebody who looks at arrivals.
#[async_trait]
pub trait Inspect: Send + Sync {
    /// What is found in a submission: errors refuse it, warnings go with it.
    ///
    /// # Errors
    /// [`NotInspected`] where nothing may be taken without a look, in words for whoever runs the hub.
    async fn inspect(&self, submission: &Submission) -> Result<Vec<Violation>, NotInspected>;
}
