//! What can be proved offline about registered delivery: bytes in, verdict out.
//!
//! [`judge`] looks at evidences and everything that speaks about them; [`package`] writes and verifies the court pack that
//! holds them together. It may assume that the caller gives trust and the time of the check. It never reads a clock, a
//! file, a database or the network, and it says what it could not check.

pub mod event;
pub mod evidence;
pub mod rules;
pub mod claim;
pub mod trusted;
pub mod exhibits;
pub mod judge;
pub mod verdict;
pub mod package;
pub mod register;
pub mod register_proof;
pub mod input;
mod revocation;
mod romanian;

pub use claim::{Claim, Kind, Status, Words};
pub use exhibits::Exhibits;
pub use judge::judge;
pub use package::{Pack, verify_package};
pub use trusted::{Period, Trusted};
pub use verdict::{Outcome, Verdict};
