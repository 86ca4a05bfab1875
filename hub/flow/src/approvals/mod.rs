//! Approval by two: what one person proposes and another must approve before it is done, once.
//!
//! It keeps proposals and who decided; what is done, and that exactly the approved thing is done, is checked by who does it: it
//! gives the digest of what it is about to do to [`Spend`]. Nobody decides over the own proposal.

mod model;
mod store;

pub use model::{Approval, ApprovalId, ApprovalKind, ApprovalState, NotDecided, decide};
pub use store::{Decide, Decision, Propose, Spend, Spending, list, load};
